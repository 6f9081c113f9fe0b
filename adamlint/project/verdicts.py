"""What is said of the files of a project together, from what each of them told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from adamlint.findings import Finding, Place
from adamlint.rule import ProjectRule, Rule, Sighting, Sightings

# What one file told, by the codes of project rules.
Told = Mapping[str, tuple[Sighting, ...]]


def has_forms(told: Iterable[Told], code: str) -> bool:
    """Tell whether there are two forms of what a rule compares: else it need not be imported."""
    return len({sighting.form for each in told for sighting in each.get(code, ())}) > 1


def judge(rules: Sequence[Rule], told: Mapping[str, Told], checked: Mapping[str, Sequence[Finding]]) -> list[Finding]:
    """Return the findings about a project.

    ``told`` and ``checked`` are by path from the root of the project on: all of its files, and those that findings may stand in,
    with what is reported there already. The paths of the findings are such, too.
    """
    return [found for rule in rules if isinstance(rule, ProjectRule) for found in _judged(rule, _of(rule, told), checked)]


def _of(rule: ProjectRule, told: Mapping[str, Told]) -> Sightings:
    return {path: each[rule.code] for path, each in sorted(told.items()) if each.get(rule.code)}


def _judged(rule: ProjectRule, sightings: Sightings, checked: Mapping[str, Sequence[Finding]]) -> Iterator[Finding]:
    verdict = rule.judged(sightings)
    for path, place in verdict.at if verdict is not None else ():
        if verdict is not None and path in checked and not _is_taken(rule, place, checked[path]):
            yield Finding(path, place, rule.code, rule.name, verdict.message, rule.effect)
            return


def _is_taken(rule: ProjectRule, place: Place, reported: Sequence[Finding]) -> bool:
    return any(finding.place == place and finding.code in rule.instead for finding in reported)
