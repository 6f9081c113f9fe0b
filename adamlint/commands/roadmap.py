"""A plan as text, JSON or Markdown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adamlint import __version__
from adamlint.commands.table import aligned
from adamlint.findings import Finding
from adamlint.reports.json_lines import as_dict

Steps = Mapping[str, Sequence[Finding]]


def render(style: str, way: Sequence[str], steps: Steps) -> Iterator[str]:
    """The plan in the style "text", "json" or "markdown", line by line."""
    return {"text": _text, "json": _json, "markdown": _markdown}[style](way, steps)


def _text(way: Sequence[str], steps: Steps) -> Iterator[str]:
    yield f"From TensorFlow {way[0]} to {way[-1]}: {_total(steps)}"
    for release, found in steps.items():
        if not found:
            yield f"{release}: nothing changes"
            continue
        yield f"{release}: {_summary(found)}"
        rows = [(code, name, f"{count} in {files}, {fixes}") for code, name, count, files, fixes in _rules(found)]
        yield from (f"  {line}" for line in aligned(rows))
        yield from (f"    {_place(finding)}: {finding.code} {finding.message}" for finding in found)


def _markdown(way: Sequence[str], steps: Steps) -> Iterator[str]:
    yield f"# From TensorFlow {way[0]} to {way[-1]}"
    yield ""
    yield f"{_total(steps)}."
    for release, found in steps.items():
        yield ""
        if not found:
            yield f"**{release}**: nothing changes"
            continue
        yield f"## {release}: {_summary(found)}"
        yield ""
        yield "| rule | findings | files | fixes |"
        yield "|---|---|---|---|"
        yield from (f"| {code} {name} | {count} | {files} | {fixes} |" for code, name, count, files, fixes in _rules(found))
        yield ""
        yield from (f"- `{_place(finding)}` {finding.code}: {_escaped(finding.message)}" for finding in found)


def _json(way: Sequence[str], steps: Steps) -> Iterator[str]:
    found = [_step(*step) for step in steps.items()]
    yield json.dumps({"version": __version__, "from": way[0], "to": way[-1], "steps": found}, indent=2)


def _step(release: str, found: Sequence[Finding]) -> dict[str, Any]:
    fixes = Counter(_fix(finding) for finding in found)
    return {
        "release": release,
        "rules": dict(sorted(Counter(finding.code for finding in found).items())),
        "files": sorted({finding.path for finding in found}),
        "fixes": {kind: fixes[kind] for kind in ("safe", "unsafe", "none")},
        "findings": [as_dict(finding) for finding in found],
    }


def _rules(found: Sequence[Finding]) -> Iterator[tuple[str, str, str, str, str]]:
    """Code, name, how many findings, in how many files, and how they can be fixed, of each rule."""
    for code, name in sorted({(finding.code, finding.name) for finding in found}):
        own = [finding for finding in found if finding.code == code]
        yield code, name, str(len(own)), _counted(len({finding.path for finding in own}), "file"), _fixes(own)


def _summary(found: Sequence[Finding]) -> str:
    files = len({finding.path for finding in found})
    return f"{_counted(len(found), 'finding')} in {_counted(files, 'file')}, {_fixes(found)}"


def _fixes(found: Sequence[Finding]) -> str:
    """How many have a fix, in words."""
    kinds = Counter(_fix(finding) for finding in found)
    words = {"safe": "fixable", "unsafe": "fixable with --unsafe-fixes", "none": "by hand"}
    return ", ".join(f"{kinds[kind]} {word}" for kind, word in words.items() if kinds[kind])


def _fix(finding: Finding) -> str:
    return "none" if finding.fix is None else finding.fix.safety.value


def _total(steps: Steps) -> str:
    busy = [release for release, found in steps.items() if found]
    if not busy:
        return "nothing changes"
    return f"{_counted(sum(map(len, steps.values())), 'finding')}, at {', '.join(busy)}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _place(finding: Finding) -> str:
    cell = "" if finding.place.cell is None else f"cell {finding.place.cell + 1}:"
    return f"{finding.path}:{cell}{finding.place.line}:{finding.place.column}"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")
