"""One JSON object a finding and line; ``as_dict`` is what it holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from adamlint.findings import Edit, Effect, Finding, Fix, Place, Safety
from adamlint.reports import About


def render(findings: Sequence[Finding], about: About) -> Iterator[str]:
    """The report, line by line."""
    for finding in findings:
        yield json.dumps(as_dict(finding))


def as_dict(finding: Finding) -> dict[str, Any]:
    """A finding as JSON: lines and columns from 1, the end exclusive; ``cell`` from 0, null outside of notebooks."""
    return {
        "path": finding.path,
        **_place(finding.place),
        "code": finding.code,
        "name": finding.name,
        "message": finding.message,
        "effect": finding.effect.value,
        "fix": None if finding.fix is None else _fix(finding.fix),
    }


def from_dict(data: dict[str, Any]) -> Finding:
    """The finding that ``as_dict`` was given.  Raises KeyError, TypeError or ValueError for anything else."""
    fix = data["fix"]
    edits = () if fix is None else tuple(Edit(_read_place(edit), edit["text"]) for edit in fix["edits"])
    return Finding(
        data["path"],
        _read_place(data),
        data["code"],
        data["name"],
        data["message"],
        Effect(data["effect"]),
        None if fix is None else Fix(Safety(fix["safety"]), fix["title"], edits),
    )


def _place(place: Place) -> dict[str, Any]:
    return {
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "cell": place.cell,
    }


def _read_place(data: dict[str, Any]) -> Place:
    return Place(data["cell"], data["line"], data["column"], data["end_line"], data["end_column"])


def _fix(fix: Fix) -> dict[str, Any]:
    edits = [{**_place(edit.place), "text": edit.text} for edit in fix.edits]
    return {"safety": fix.safety.value, "title": fix.title, "edits": edits}
