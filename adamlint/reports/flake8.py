"""One line a finding, as the readers of flake8's output expect it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adamlint.findings import Finding
from adamlint.reports import About


def location(finding: Finding) -> str:
    """``path:line:column``; in a notebook ``path:cell 3:line:column``, the cells counted from 1."""
    place = finding.place
    cell = "" if place.cell is None else f"cell {place.cell + 1}:"
    return f"{finding.path}:{cell}{place.line}:{place.column}"


def render_one(finding: Finding) -> str:
    """The line of one finding."""
    return f"{location(finding)}: {finding.code} {finding.message}"


def render(findings: Sequence[Finding], about: About) -> Iterator[str]:
    """The report, line by line."""
    for finding in findings:
        yield render_one(finding)
