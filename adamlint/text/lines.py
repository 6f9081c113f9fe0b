"""The lines of a text as Python counts them: str.splitlines also splits at form feeds and the like."""

from __future__ import annotations

import re

NEWLINE = re.compile(r"\r\n|\r|\n")


def starts(text: str) -> list[int]:
    """Return the offsets at which the lines of a text begin."""
    return [0, *(newline.end() for newline in NEWLINE.finditer(text))]


def offset(text: str, line: int, column: int) -> int:
    """Return the offset of a line, from 1, and a column, from 0, or the nearest that the text has."""
    begins = starts(text)
    return min(begins[min(line, len(begins)) - 1] + max(column, 0), len(text))
