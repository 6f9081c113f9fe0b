"""Findings as text: one file a format, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from adamlint.findings import Finding

if TYPE_CHECKING:
    from adamlint.target import Target
    from adamlint.text.source import Program

# The name of each format and the module whose ``render`` writes it.
FORMATS = {
    "flake8": "adamlint.reports.flake8",
    "full": "adamlint.reports.full",
    "json": "adamlint.reports.json_report",
    "json-lines": "adamlint.reports.json_lines",
}


@dataclass(frozen=True)
class About:
    """What a report may tell beside the findings."""

    target: Callable[[], Target]
    program: Callable[[str], Program | None]  # of a path; None when it cannot be read any more
    color: bool = False


def render(name: str, findings: Sequence[Finding], about: About) -> Iterator[str]:
    """The findings in the format ``name``, one of FORMATS, line by line and without newlines at the ends."""
    lines: Iterator[str] = import_module(FORMATS[name]).render(findings, about)
    return lines
