"""A notebook's JSON to its code cells and back, byte for byte but for the cells that change.

The JSON is parsed once, part by part, to know where the source of each cell stands.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

_Part = tuple[Any, int, int]  # a value, where it starts and where it ends
_Parser = Callable[[str, int], tuple[Any, int]]

# Numbers are never looked at, and Python limits the digits of an int, not of a float.
_SCAN: _Parser = vars(json.JSONDecoder(parse_int=float))["scan_once"]  # raises StopIteration where no value is
_SPACE = re.compile(r"[ \t\n\r]*")
_COMMA = re.compile(r"[ \t\n\r]*,[ \t\n\r]*")
_KEY = re.compile(r'[ \t\n\r]*("[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*")[ \t\n\r]*:[ \t\n\r]*')
_NEXT_KEY = re.compile(f"[ \\t\\n\\r]*,{_KEY.pattern}")
_ESCAPE = re.compile(r"\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|\\u\w{4}|\\.")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")

IGNORE = "adamlint-ignore"  # the tag of cells in which nothing is to be told


@dataclass(frozen=True)
class CodeCell:
    """A code cell: its index among all cells from 0, and the span of its JSON source in the document.

    The tag ``adamlint-ignore`` (``metadata.tags``) hides what is found in it.
    """

    index: int
    source: str
    start: int
    end: int
    is_hidden: bool = False


@dataclass(frozen=True)
class Notebook:
    """The document of an ``.ipynb`` file and its Python code cells; none for a kernel of another language."""

    document: str
    has_bom: bool
    cells: tuple[CodeCell, ...]

    @property
    def code(self) -> str:
        """All that the user wrote for the kernel, whether or not it parses."""
        return "\n".join(cell.source for cell in self.cells)

    def encode(self, sources: Mapping[int | None, str]) -> bytes:
        """The bytes of the file, the sources of cells replaced where they differ."""
        parts, at = [], 0
        for cell in self.cells:
            source = sources.get(cell.index, cell.source)
            if source != cell.source:
                parts += [self.document[at : cell.start], self._literal(cell, source)]
                at = cell.end
        text = "".join([*parts, self.document[at:]])
        return (BOM_UTF8 if self.has_bom else b"") + text.encode()

    def _literal(self, cell: CodeCell, source: str) -> str:
        """JSON for the source in the style of the old one: a string or a list of lines, white space, escapes."""
        old = self.document[cell.start : cell.end]
        spelling = {json.loads(f'"{escape}"'): escape for escape in _ESCAPE.findall(old)}
        if not old.startswith("["):
            return self._string(source, spelling)
        parts, _ = _array(old, 0, _SCAN)
        known = {value: old[start:end] for value, start, end in parts}
        values = [value for value, _, _ in parts]
        if "".join(values) != cell.source:  # lines without their newlines
            known, values = {}, _LINE.findall(cell.source)
        lines = _split(source, values)
        spelled = (known.get(line) or self._string(line, spelling) for line in lines)
        between = self._between(cell, parts, _common(lines[:-1], values), len(lines) - len(parts))
        inner = "".join(chain.from_iterable(zip(spelled, between, strict=False)))
        return old[: parts[0][1]] + inner + old[parts[-1][2] :]

    def _between(self, cell: CodeCell, parts: list[_Part], at: int, growth: int) -> list[str]:
        """What stands behind each line of a list: what did, but for the lines that come or go at ``at``."""
        old = self.document[cell.start : cell.end]
        commas = [old[before[2] : after[1]] for before, after in pairwise(parts)]
        usual = commas[0] if commas else self._comma(cell, old[1 : parts[0][1]])
        return [*commas[:at], *[usual] * growth, *commas[at - min(growth, 0) :], ""]

    def _comma(self, cell: CodeCell, opening: str) -> str:
        """What stands between two lines of a list that had one only."""
        if "\n" in opening:
            return "," + opening
        return ", " if self.document[cell.start - 1] == " " else ","

    def _string(self, text: str, spelling: Mapping[str, str]) -> str:
        ascii_only = self.document.isascii()
        return '"' + "".join(spelling.get(char) or _spelled(char, ascii_only) for char in text) + '"'


def parse(document: str, has_bom: bool = False) -> Notebook:
    """The code cells of a notebook of nbformat 3 or 4. Raises json.JSONDecodeError and RecursionError."""
    try:
        members, end = _object(document, _skip(document, 0), {"cells": _cells, "worksheets": _worksheets})
    except StopIteration as error:
        raise json.JSONDecodeError("Expecting value", document, error.value) from None
    if _skip(document, end) != len(document):
        raise json.JSONDecodeError("Extra data", document, end)
    top = {key: value for key, (value, _, _) in members.items()}
    raw = top.get("cells") or top.get("worksheets") or []
    cells = [cell for index, members in enumerate(raw) if (cell := _code_cell(index, members)) is not None]
    return Notebook(document, has_bom, tuple(cells) if _is_python(top.get("metadata")) else ())


def _code_cell(index: int, members: Mapping[str, _Part]) -> CodeCell | None:
    if _value(members, "cell_type") != "code":
        return None
    metadata = members["metadata"][0] if "metadata" in members else None
    if "python" not in (_value(members, "language") or _language(metadata)).lower():
        return None
    source, start, end = members.get("source") or members.get("input") or ("", 0, 0)
    if isinstance(source, list) and set(map(type, source)) <= {str}:
        # nbformat 3 had lists of lines without their newlines, too.
        bare = "source" not in members and source and not source[0].endswith(("\n", "\r"))
        source = ("\n" if bare else "").join(source)
    return CodeCell(index, source, start, end, _is_hidden(metadata)) if isinstance(source, str) and source else None


def _language(metadata: Any) -> str:
    """The language of a code cell by its metadata, as VS Code writes it for one that is not the kernel's."""
    editor = metadata.get("vscode") if isinstance(metadata, dict) else None
    language = editor.get("languageId") if isinstance(editor, dict) else None
    return language if isinstance(language, str) and language else "python"


def _is_hidden(metadata: Any) -> bool:
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return isinstance(tags, list) and IGNORE in tags


def _is_python(metadata: Any) -> bool:
    """Whether the kernel is Python, as it is if the metadata do not say."""
    for key, name in (("language_info", "name"), ("kernelspec", "language")):
        info = metadata.get(key) if isinstance(metadata, dict) else None
        language = info.get(name) if isinstance(info, dict) else None
        if isinstance(language, str) and language:
            return "python" in language.lower()
    return True


def _value(members: Mapping[str, _Part], key: str) -> str | None:
    value = members[key][0] if key in members else None
    return value if isinstance(value, str) else None


def _worksheets(document: str, at: int) -> tuple[list[Any], int]:
    sheets, end = _array(document, at, _worksheet)
    return [cell for cells, _, _ in sheets for cell in cells], end


def _worksheet(document: str, at: int) -> tuple[list[Any], int]:
    members, end = _object(document, at, {"cells": _cells})
    return members["cells"][0] if "cells" in members else [], end


def _cells(document: str, at: int) -> tuple[list[Any], int]:
    parts, end = _array(document, at, _cell)
    return [members for members, _, _ in parts], end


def _cell(document: str, at: int) -> tuple[dict[str, _Part], int]:
    """The members of a cell without its outputs, which may be large."""
    members, end = _object(document, at, {})
    members.pop("outputs", None)
    return members, end


def _object(document: str, at: int, parsers: Mapping[str, _Parser]) -> tuple[dict[str, _Part], int]:
    """The members of the object at ``at``, the last of each key as in Python's json, and where it ends.

    Any other value has none.
    """
    if not document.startswith("{", at):
        return {}, _SCAN(document, at)[1]
    members: dict[str, _Part] = {}
    end = at + 1
    name = _KEY.match(document, end)
    while name is not None:
        key = json.loads(name[1]) if "\\" in name[1] else name[1][1:-1]
        start = name.end()
        value, end = parsers.get(key, _SCAN)(document, start)
        members[key] = (value, start, end)
        name = _NEXT_KEY.match(document, end)
    end = _skip(document, end)
    if document.startswith("}", end):
        return members, end + 1
    is_name = not members or document.startswith(",", end)
    raise json.JSONDecodeError("Expecting a property name and ':'" if is_name else "Expecting ',' delimiter", document, end)


def _array(document: str, at: int, parse: _Parser) -> tuple[list[_Part], int]:
    """The elements of the array at ``at``, and where it ends. Any other value has none."""
    if not document.startswith("[", at):
        return [], _SCAN(document, at)[1]
    parts = []
    at = _skip(document, at + 1)
    while not document.startswith("]", at):
        value, end = parse(document, at)
        parts.append((value, at, end))
        at = _next(document, end)
    return parts, at + 1


def _next(document: str, at: int) -> int:
    """Where the next element of an array stands after the one that ended at ``at``, or the closing bracket."""
    comma = _COMMA.match(document, at)
    end = comma.end() if comma else _skip(document, at)
    if document.startswith("]", end) is (comma is None):
        return end
    raise json.JSONDecodeError("Expecting ',' delimiter", document, end)


def _skip(document: str, at: int) -> int:
    return _SPACE.match(document, at).end()  # type: ignore[union-attr]  # matches anything


def _split(source: str, old: list[str]) -> list[str]:
    """A source as a list of strings, cut as the old one was: at newlines, or else at the old places."""
    was = "".join(old)
    last = old[-1:] if not old[-1] else []  # text that ends in a newline, split at newlines
    if old == _LINE.findall(was) + last:
        return _LINE.findall(source) + last
    if old == was.splitlines(keepends=True):
        return source.splitlines(keepends=True)
    cuts, at, growth = [0], 0, len(source) - len(was)
    head = _common(was, source)
    tail = min(_common(was[::-1], source[::-1]), len(was) - head, len(source) - head)
    for part in old[:-1]:
        at += len(part)
        cuts += [at] if at <= head else [at + growth] if at >= len(was) - tail else []
    return [source[start:end] for start, end in zip(cuts, [*cuts[1:], len(source)], strict=True)]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many characters two strings, or lines two lists, have in common at the start."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _spelled(char: str, ascii_only: bool) -> str:
    return json.dumps(char, ensure_ascii=ascii_only or "\ud800" <= char <= "\udfff")[1:-1]
