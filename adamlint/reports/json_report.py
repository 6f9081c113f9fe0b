"""All findings as one JSON object, with the version of adamlint and the target."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from adamlint import __version__
from adamlint.findings import Finding
from adamlint.reports import About
from adamlint.reports.json_lines import as_dict
from adamlint.target import Target


def render(findings: Sequence[Finding], about: About) -> Iterator[str]:
    """The report, line by line."""
    report = {
        "version": __version__,
        "target": _target(about.target()),
        "findings": [as_dict(finding) for finding in findings],
    }
    yield json.dumps(report, indent=2)


def _target(target: Target) -> dict[str, Any]:
    return {
        "tensorflow": list(target.releases),
        "platforms": sorted({cell.platform for cell in target.cells}),
        "modes": sorted({cell.mode for cell in target.cells}),
    }
