"""Each finding with its source line, a caret below the place, and its fix as a small diff."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from adamlint.findings import Edit, Finding, Fix, Safety
from adamlint.reports import About
from adamlint.reports.flake8 import location
from adamlint.text.lines import NEWLINE
from adamlint.text.source import Program, Refused

_BOLD, _RED, _GREEN, _YELLOW, _CYAN = "1", "31", "32", "33", "36"


def render(findings: Sequence[Finding], about: About) -> Iterator[str]:
    """The report, line by line."""
    path, program = None, None
    for finding in findings:
        if finding.path != path:
            path, program = finding.path, about.program(finding.path)
        code = _painted(finding.code, _RED, about.color)
        yield f"{_painted(location(finding), _BOLD, about.color)}: {code} {finding.message}"
        if program is not None:
            yield from _snippet(finding, program, about.color)
            if finding.fix is not None:
                yield from _diff(finding.fix, program, about.color)
        yield ""


def _snippet(finding: Finding, program: Program, color: bool) -> Iterator[str]:
    """The source line with a caret under each column of the place, as far as it is on that line."""
    place = finding.place
    lines = _lines(program, place.cell)
    if not 0 < place.line <= len(lines):
        return
    line = lines[place.line - 1]
    start = place.column - 1
    end = place.end_column - 1 if place.end_line == place.line else len(line)
    margin = " " * len(str(place.line))
    carets = "^" * max(1, sum(map(_width, line[start:end])))
    yield f"{margin} |"
    yield f"{place.line} | {_printable(line)}".rstrip()
    yield f"{margin} | {_blank(line[:start])}{_painted(carets, _YELLOW, color)}"


def _diff(fix: Fix, program: Program, color: bool) -> Iterator[str]:
    """The title of the fix and the lines that it takes away and adds."""
    safe = fix.safety is Safety.SAFE
    yield _painted(f"{'Fix' if safe else 'Unsafe fix'}: {_printable(fix.title)}", _CYAN, color)
    try:
        after = program.rewrite(fix.edits)
    except Refused:
        return
    for cell in _cells(fix.edits):
        yield from _changes(_lines(program, cell), _lines(after, cell), color)


def _cells(edits: Sequence[Edit]) -> list[int | None]:
    return list(dict.fromkeys(edit.place.cell for edit in edits))


def _changes(before: Sequence[str], after: Sequence[str], color: bool) -> Iterator[str]:
    from difflib import unified_diff

    for line in list(unified_diff(before, after, n=0, lineterm=""))[2:]:
        if not line.startswith("@@"):
            yield _painted(f"  {line[0]} {_printable(line[1:])}".rstrip(), _GREEN if line[0] == "+" else _RED, color)


def _lines(program: Program, cell: int | None) -> list[str]:
    """What the user sees in a cell, or in the whole of a Python file."""
    return [line for piece in program.pieces if piece.cell == cell for line in NEWLINE.split(piece.source)]


def _printable(text: str) -> str:
    """Text that cannot steer a terminal."""
    return "".join(char if char == "\t" or char.isprintable() else "\ufffd" for char in text)


def _blank(text: str) -> str:
    """White space as wide as ``text`` on a terminal."""
    return "".join("\t" if char == "\t" else " " * _width(char) for char in text)


def _width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _painted(text: str, code: str, color: bool) -> str:
    return f"\033[{code}m{text}\033[0m" if color else text
