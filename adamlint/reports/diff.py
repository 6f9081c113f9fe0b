"""The change of a file as a unified diff that ``git apply`` and ``patch -p1`` take, in the file's own bytes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

_LINE = re.compile(rb"[^\n]*\n|[^\n]+")  # the only line end that the readers of diffs know


def unified(path: str, old: bytes, new: bytes) -> bytes:
    """The diff from ``old`` to ``new``; empty when they are the same."""
    return b"".join(_lines(_shown(path), _LINE.findall(old), _LINE.findall(new)))


def _lines(name: str, old: list[bytes], new: list[bytes]) -> Iterator[bytes]:
    from difflib import diff_bytes, unified_diff

    end = "\t" if " " in name else ""  # without it, some readers of diffs take the first word for the name
    before, after = (os.fsencode(f"{side}/{name}{end}") for side in "ab")
    for line in diff_bytes(unified_diff, old, new, before, after):
        yield line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"


def _shown(path: str) -> str:
    """The path as git writes it: from the current folder where it is below it, with slashes."""
    relative = os.path.relpath(path)
    outside = relative.split(os.sep)[0] == os.pardir
    return (os.path.abspath(path) if outside else relative).replace(os.sep, "/").lstrip("/")
