"""The change of a file as a unified diff: that of a Python file in its own bytes, for ``git apply`` and ``patch -p1``.

A notebook is shown cell by cell, in the words of its user and not in JSON; ``git apply --exclude '*.ipynb:*'`` passes it over.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

_LINE = re.compile(rb"[^\n]*\n|[^\n]+")  # the only line end that the readers of diffs know


def unified(path: str, old: bytes, new: bytes) -> bytes:
    """The diff from ``old`` to ``new``, which can be read if they are notebooks; empty when they are the same."""
    from adamlint.text.source import is_notebook

    return b"".join(_cells(_shown(path), old, new) if is_notebook(path) else _lines(_shown(path), old, new))


def _cells(name: str, old: bytes, new: bytes) -> Iterator[bytes]:
    from adamlint.text.source import parse_notebook

    after = {cell.index: cell.source for cell in parse_notebook(new).cells}
    for cell in parse_notebook(old).cells:
        yield from _lines(f"{name}:cell {cell.index + 1}", _ended(cell.source), _ended(after.get(cell.index, "")))


def _ended(source: str) -> bytes:
    """A cell with a newline at its end, which few have."""
    return (source if source.endswith("\n") else f"{source}\n").encode(errors="backslashreplace")


def _lines(name: str, old: bytes, new: bytes) -> Iterator[bytes]:
    from difflib import diff_bytes, unified_diff

    end = "\t" if " " in name else ""  # without it, some readers of diffs take the first word for the name
    before, after = (os.fsencode(f"{side}/{name}{end}") for side in "ab")
    for line in diff_bytes(unified_diff, _LINE.findall(old), _LINE.findall(new), before, after):
        yield line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"


def _shown(path: str) -> str:
    """The path as git writes it: from the current folder where it is below it, with slashes."""
    relative = os.path.relpath(path)
    outside = relative.split(os.sep)[0] == os.pardir
    return (os.path.abspath(path) if outside else relative).replace(os.sep, "/").lstrip("/")
