"""A run over files: read, search, check, write; what fails for one file is told and stops none of the others."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from adamlint.config import Config
from adamlint.disk import Roots, project_root
from adamlint.findings import Effect, Finding
from adamlint.reports.diff import unified
from adamlint.run.batch import Batch
from adamlint.run.batch import Options as Options
from adamlint.run.cache import Cache
from adamlint.run.check import Checked, Source
from adamlint.run.reading import Look, look, look_around, look_for_setters, searched, states
from adamlint.run.targets import Aim, Targets
from adamlint.run.write import NotWritten, write

_NAMELESS = "-"  # what is read from stdin, and is not said to be a file


@dataclass(frozen=True)
class Result:
    """What became of all files; ``errors`` are lines about those that were not checked or not written."""

    files: int
    checked: tuple[Checked, ...]
    errors: tuple[str, ...] = ()
    diff: bytes = b""
    aims: tuple[Aim, ...] = ()  # of the files that may have findings, in the order of these

    @property
    def notes(self) -> tuple[str, ...]:
        """Lines about the metadata that say the target."""
        return tuple(dict.fromkeys(note for aim in self.aims for note in aim.notes))

    @property
    def findings(self) -> list[Finding]:
        """What is to be shown, in order."""
        return sorted((finding for file in self.checked for finding in file.findings), key=lambda found: found.sort_key)

    @property
    def hidden(self) -> Counter[Effect]:
        """How many findings of each effect are not to be shown."""
        return sum((file.hidden for file in self.checked), Counter[Effect]())

    @property
    def mended(self) -> list[Finding]:
        """What fixes were applied for, in order."""
        return sorted((finding for file in self.checked for finding in file.mended), key=lambda found: found.sort_key)


def run(files: Sequence[str], config: Config, options: Options, targets: Targets | None = None) -> Result:
    """Check the files, and fix and write them if ``options`` say so."""
    memory = None if options.rewrites or options.way or not options.cache else Cache(project_root(os.curdir), _depends_on(config))
    roots = Roots()
    looks = [look(path, config, memory, roots.of(path)) for path in files]
    around = look_around(looks, config, memory, roots)
    batch = Batch(config, options, targets or Targets(config), states([*looks, *around]))
    looks = [look_for_setters(one, batch.under(one)) for one in looks]
    known = {one.path: one.known(batch.under(one), batch.aim(one)) for one in looks}
    sources = [batch.source(one) for one in looks if known[one.path] is None]
    fresh = {file.path: file for file in batch.checked(sources)}
    checked = [known[path] or fresh[path] for path in files]
    told = batch.gathered(around, checked)
    if memory is not None:
        _remember(memory, looks, fresh, batch)
        _remember(memory, around, told, batch)
        memory.save()
    result = _finished(checked, sources, batch)
    aims = (batch.aim(one) for one in looks)
    judged = batch.judged(result.checked, [*looks, *around], told)
    return replace(result, checked=judged, aims=tuple(dict.fromkeys(aim for aim in aims if aim)))


def check_text(path: str, data: bytes, config: Config, options: Options) -> Result:
    """Check, and fix if ``options`` say so, what did not come from a file; nothing is written."""
    roots, codes = Roots(), config.codes_for(path)
    one = Look(path, roots.of(path), searched(path, data, codes), codes=codes, size=len(data), given=data)
    around = look_around([one], config, None, roots) if path != _NAMELESS else []
    batch = Batch(config, options, Targets(config), states([one, *around]))
    one = look_for_setters(one, batch.under(one))
    if not one.entry.matters:
        return Result(1, (Checked(path),))
    checked = list(batch.checked([batch.source(one)]))
    diff = _diff(checked[0]) if options.diff else b""
    judged = batch.judged(checked, [one, *around], batch.gathered(around, checked))
    return Result(1, judged, _crashes(checked), diff, tuple(aim for aim in (batch.aim(one),) if aim))


def _finished(checked: Sequence[Checked], sources: Sequence[Source], batch: Batch) -> Result:
    """The result of a run, once what was fixed is written or shown."""
    changed = [file for file in checked if file.new is not None]
    if batch.options.diff:
        diff = b"".join(_diff(file) for file in changed)
        return Result(len(checked), tuple(checked), _crashes(checked), diff)
    refused: dict[str, str] = {}
    for file in changed:
        try:
            write(file.path, file.old or b"", file.new or b"")
        except NotWritten as error:
            refused[file.path] = str(error)
    if refused:
        still = batch.checked([source for source in sources if source.path in refused], replace(batch.options, fix=False))
        left = {file.path: file for file in still}
        checked = [left.get(file.path, file) for file in checked]
    return Result(len(checked), tuple(checked), (*_crashes(checked), *refused.values()))


def _crashes(checked: Sequence[Checked]) -> tuple[str, ...]:
    return tuple(f"internal error in {file.path}: {file.crash}: please report" for file in checked if file.crash)


def _diff(file: Checked) -> bytes:
    return b"" if file.old is None or file.new is None else unified(file.path, file.old, file.new)


def _depends_on(config: Config) -> object:
    """All settings on which findings depend, as a value whose repr is the same in every process."""
    per_file = [(patterns.base, patterns.lines, sorted(codes)) for patterns, codes in config.per_file_ignores]
    target = (config.tensorflow, config.platforms, config.mode)  # what metadata say is kept with each file
    fixes = config.form, sorted(config.safe), sorted(config.unsafe)
    return sys.version_info[:2], sorted(config.codes), sorted(config.always), config.report, target, per_file, fixes


def _remember(memory: Cache, looks: Sequence[Look], fresh: Mapping[str, Checked], batch: Batch) -> None:
    """Put into the cache what it did not know; of files that were only asked about their project, no findings are known."""
    for one in looks:
        file, aim = fresh.get(one.path), batch.aim(one)
        if one.stamp is None or one.failed or (file and (file.crash or not file.lasting)):
            continue
        if file and aim:
            memory.put(one.path, one.stamp, batch.entry(one, file, aim))
        elif not one.entry.matters:
            memory.put(one.path, one.stamp, one.entry)
