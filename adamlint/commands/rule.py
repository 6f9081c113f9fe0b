"""``adamlint rule``: explain one rule, or list all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from adamlint.config import ConfigError, did_you_mean
from adamlint.findings import Effect, Finding
from adamlint.rule import CODES
from adamlint.rules import load

if TYPE_CHECKING:
    from adamlint.rule import Rule

_ENGINE = {
    "ADM900": "A file, or a cell of a notebook, that mentions what adamlint looks for cannot be parsed.",
    "ADM901": "A file cannot be read or decoded.",
    "ADM902": "A `# noqa: ADM…` or `# adamlint: ignore` comment, of rules that are on, hides nothing.",
    "ADM903": "A fix was not made: its result would not parse, or would change more than its edit.",
}


@click.command()
@click.argument("rule", required=False, metavar="[CODE|NAME]")
def rule(rule: str | None) -> None:
    """Explain one rule, or list all codes and names."""
    for line in _listed() if rule is None else _explained(_code(rule)):
        click.echo(line)


def _code(asked: str) -> str:
    """The code of a rule that is asked for by its code or name.  Raises ConfigError."""
    by_name = {name: code for code, name in CODES.items()}
    code = by_name.get(asked.lower(), asked.upper())
    if code not in CODES:
        raise ConfigError(f'unknown rule "{asked}"{did_you_mean(asked, [*CODES, *by_name])}')
    return code


def _listed() -> Iterator[str]:
    summaries = _ENGINE | {rule.code: rule.summary for rule in load(CODES)}
    width = max(map(len, CODES.values()))
    for code, name in CODES.items():
        yield f"{code}  {name:{width}}  {summaries[code]}"


def _explained(code: str) -> Iterator[str]:
    yield f"{code} {CODES[code]}"
    yield ""
    if code in _ENGINE:
        yield _ENGINE[code]
    else:
        yield from _documented(load([code])[0])


def _documented(rule: Rule) -> Iterator[str]:
    """The documentation of a rule, and what its first bad example is at the default target."""
    from adamlint.target import DEFAULT  # it brings in packaging, which a mere check need not wait for

    yield rule.doc
    for found in _first_findings(rule):
        yield ""
        yield f"The bad example, for TensorFlow {DEFAULT}: {found.effect.value}: {found.message}"
        yield f"Fix: {found.fix.safety.value}: {found.fix.title}" if found.fix else "Fix: none"


def _first_findings(rule: Rule) -> Sequence[Finding]:
    from adamlint.engine import Settings, lint
    from adamlint.project.verdicts import judge
    from adamlint.target import Target
    from adamlint.text.source import read

    settings, name = Settings(Target.parse(None), report=Effect.IMPLICIT), "bad.py"
    bad = next(iter(rule.examples("Bad")), "")
    report = lint(read(name, bad.encode()), [rule], settings)
    findings = [*report.findings, *judge([rule], {name: report.sightings}, {name: report.findings})]
    return [found for found in findings if found.code == rule.code][:1]
