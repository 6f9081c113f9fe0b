"""The files of a run, the projects that they are of, and what these must run on."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from adamlint.config import Config
from adamlint.findings import Finding
from adamlint.needles import Project
from adamlint.project.verdicts import Told, has_forms, judge
from adamlint.rule import PROJECT
from adamlint.run.cache import Entry
from adamlint.run.check import Check, Checked, Source, lost
from adamlint.run.reading import Look, Under
from adamlint.run.targets import Aim, Targets

if TYPE_CHECKING:
    from adamlint.engine import Settings

_ENOUGH = 150_000  # bytes to parse, from which on a second process pays off
_GROUPS = 16  # for each process: so few that neighbours are together, so many that no process is the last one for long
_NEEDING_LEGACY = "ADM112"


@dataclass(frozen=True)
class Options:
    """How a run goes about it, whatever the configuration."""

    fix: bool = False
    unsafe: bool = False
    diff: bool = False  # show what --fix would change, and change nothing
    jobs: int | None = None  # None: as many as there are processors
    cache: bool = True
    way: tuple[str, ...] = ()  # plan along these releases of the target, instead of checking

    @property
    def rewrites(self) -> bool:
        """Whether fixes are applied, be it only to show them."""
        return self.fix or self.diff


class Batch:
    """The files of a run, what their projects are, and the targets of these."""

    def __init__(self, config: Config, options: Options, targets: Targets, states: Mapping[str, Under]) -> None:
        self.config, self.options = config, options
        self._targets, self._states = targets, states

    def under(self, one: Look) -> Under:
        """What the files of a file's project tell together."""
        return self._states[one.root]

    def aim(self, one: Look) -> Aim | None:
        """The target of a file that matters."""
        return self._targets.of(one.path, one.entry.installs) if one.entry.matters else None

    def source(self, one: Look) -> Source:
        """A file that matters, with what its project says."""
        aim = self.aim(one)
        if aim is None:
            raise ValueError(f"{one.path} does not matter")
        return Source(one.path, aim.codes(one.codes), one.size, one.given, aim.target, one.root, self.under(one).hints)

    def checked(self, sources: Sequence[Source], options: Options | None = None) -> Iterator[Checked]:
        """What becomes of each source, in any order."""
        if not sources:
            return
        from adamlint import rules
        from adamlint.run import workers

        options = options or self.options
        rules.load(self.config.codes)  # before worker processes are forked, which then need not do it each
        enough = sum(source.size for source in sources) >= _ENOUGH
        jobs = options.jobs or (workers.cores() if enough else 1)
        check = Check(_settings(self.config), options.rewrites, options.unsafe, options.way)
        yield from workers.run(check, _groups(sources, jobs * _GROUPS), jobs, lost)

    def gathered(self, around: Sequence[Look], checked: Sequence[Checked]) -> dict[str, Checked]:
        """What the files that are not checked tell to the rules about their project, as far as the cache does not know.

        They are asked for the rules to which a file that was checked has something to tell.
        """
        codes = {code for file in checked for code in file.sightings if file.sightings[code]}
        sources = [source for one in around if one.entry.matters and codes for source in self._asking(one, codes)]
        plain = replace(self.options, fix=False, diff=False)
        return {file.path: replace(file, whole=False) for file in self.checked(sources, plain)}

    def _asking(self, one: Look, codes: Set[str]) -> Iterator[Source]:
        wanted = self._asked_around(self.under(one).hints) & one.codes & codes
        if not wanted <= self._remembered(one).keys():
            source = self.source(one)
            yield replace(source, codes=source.codes & wanted)

    def _remembered(self, one: Look) -> Told:
        """What the cache has of a file's mentions, by the rules that it was asked for."""
        return one.entry.sightings if one.is_current(self.under(one), self.aim(one)) else {}

    def entry(self, one: Look, file: Checked, aim: Aim) -> Entry:
        """What is to be remembered of a file that was checked, or asked about its project."""
        under = self.under(one)
        entry = replace(one.entry, under=under.hints, sightings=file.sightings, target=aim.key, files="" if file.alone else under.files)
        return replace(entry, findings=file.findings, hidden=file.hidden) if file.whole else replace(entry, findings=None)

    def _asked_around(self, hints: Project) -> frozenset[str]:
        """The rules for which files that are not checked count; not those whose finding would only be counted as not shown."""
        shown = {code for code, effect in PROJECT.items() if effect.rank <= self.config.report.rank or code in self.config.always}
        return frozenset() if self.options.way else frozenset(shown if hints.legacy else shown - {_NEEDING_LEGACY})

    def judged(self, checked: Sequence[Checked], looks: Sequence[Look], gathered: Mapping[str, Checked]) -> tuple[Checked, ...]:
        """Add what is said about the projects of the files that were checked; ``looks`` are all of their files."""
        groups: dict[str, list[Look]] = {}
        for one in looks:
            groups.setdefault(one.root, []).append(one)
        there = {file.path: file for file in checked}
        found = [finding for root, group in groups.items() for finding in self._judged(root, group, there, gathered)]
        return tuple(self._added(file, [f for f in found if f.path == file.path]) for file in checked)

    def _judged(
        self, root: str, looks: Sequence[Look], checked: Mapping[str, Checked], gathered: Mapping[str, Checked]
    ) -> Iterator[Finding]:
        names = {_inside(root, one.path): one for one in looks}
        known = {name: checked.get(one.path) or gathered.get(one.path) for name, one in names.items()}
        told = {name: file.sightings if file else self._remembered(names[name]) for name, file in known.items()}
        codes = [code for code in PROJECT if has_forms(told.values(), code)]
        if codes:
            from adamlint import rules

            reported = {name: checked[one.path].findings for name, one in names.items() if one.path in checked}
            for finding in judge(rules.load(codes), told, reported):
                yield replace(finding, path=names[finding.path].path)

    def _added(self, file: Checked, findings: Sequence[Finding]) -> Checked:
        """Add findings to a file; those whose effect is not shown are counted."""
        shown = [f for f in findings if f.effect.rank <= self.config.report.rank or f.code in self.config.always]
        hidden = Counter(f.effect for f in findings if f not in shown)
        return replace(file, findings=(*file.findings, *shown), hidden=file.hidden + hidden) if findings else file


def _groups(sources: Sequence[Source], number: int) -> list[list[Source]]:
    """Put files that are beside each other, and import from the same others, into about so many groups; the largest first."""
    most = sum(source.size for source in sources) / number
    groups: list[list[Source]] = []
    room = 0.0
    for source in sorted(sources, key=lambda source: os.path.split(source.path)):
        if room <= 0:
            groups.append([])
            room = most
        groups[-1].append(source)
        room -= source.size
    return sorted(groups, key=lambda group: -sum(source.size for source in group))


def _settings(config: Config) -> Settings:
    from adamlint.engine import Settings

    auto = config.mode in (None, "auto")
    settings = Settings(config.target, config.report, config.always, auto_mode=auto, own=config.codes)
    return replace(settings, form=config.form, safe=config.safe, unsafe=config.unsafe)


def _inside(root: str, path: str) -> str:
    """Return a path from the root of its project on, the same on every system."""
    return os.path.relpath(os.path.abspath(path), root).replace(os.sep, "/")
