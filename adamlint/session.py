"""A run over files: read, search, check, write; what fails for one file is told and stops none of the others."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from adamlint.cache import Cache, Entry, Stamp
from adamlint.check import Check, Checked, Source, lost, unreadable
from adamlint.config import Config
from adamlint.disk import project_root
from adamlint.findings import Effect, Finding
from adamlint.needles import Project, is_named, may_matter, scan_project
from adamlint.reports.diff import unified
from adamlint.targets import Aim, Targets
from adamlint.write import NotWritten, write

if TYPE_CHECKING:
    from adamlint.engine import Settings
    from adamlint.metadata.notebook import Install
    from adamlint.notebook import Notebook

_ENOUGH = 150_000  # bytes to parse, from which on a second process pays off


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
    def mended(self) -> int:
        """How many fixes were applied."""
        return sum(file.mended for file in self.checked)


@dataclass(frozen=True)
class _Look:
    """What the first pass tells of one file, by a byte search or from the cache."""

    path: str
    entry: Entry = field(default_factory=Entry)
    stamp: Stamp | None = None  # None: not to be cached
    source: Source | None = None  # of a file that matters, if it was read
    failed: Checked | None = None

    def known(self, project: Project, aim: Aim | None) -> Checked | None:
        """What is known about the file without parsing it, in a run with these hints and this target."""
        if self.failed or not self.entry.matters:
            return self.failed or Checked(self.path)
        if self.entry.findings is None or self.entry.under != project or aim is None or self.entry.target != aim.key:
            return None
        return Checked(self.path, self.entry.findings, self.entry.hidden)


def run(files: Sequence[str], config: Config, options: Options, targets: Targets | None = None) -> Result:
    """Check the files, and fix and write them if ``options`` say so."""
    targets = targets or Targets(config)
    memory = None if options.rewrites or options.way or not options.cache else Cache(project_root(os.curdir), _depends_on(config))
    looks = [_look(path, config, memory) for path in files]
    project = reduce(or_, (look.entry.project for look in looks), Project())
    aims = {look.path: targets.of(look.path, look.entry.installs) for look in looks if look.entry.matters}
    known = {look.path: look.known(project, aims.get(look.path)) for look in looks}
    again = [_read(look, config) for look in looks if known[look.path] is None]
    known |= {look.path: look.failed for look in again if look.failed}
    sources = [_aimed(look.source, aims[look.path]) for look in again if look.source]
    fresh = {file.path: file for file in _checked(sources, config, project, options)} if sources else {}
    if memory is not None and (fresh or memory.holds_something):
        _remember(memory, looks, fresh, project, aims)
    checked = [known[path] or fresh.get(path) or Checked(path) for path in files]
    return replace(_finished(checked, sources, config, project, options), aims=tuple(dict.fromkeys(aims.values())))


def check_text(source: Source, config: Config, options: Options) -> Result:
    """Check, and fix if ``options`` say so, what did not come from a file; nothing is written."""
    source = replace(source, notebook=_notebook(source.path, source.data))
    entry = _searched(source)
    if not entry.matters:
        return Result(1, (Checked(source.path),))
    aim = Targets(config).of(source.path, entry.installs)
    checked = list(_checked([_aimed(source, aim)], config, entry.project, options))
    diff = _diff(source, checked[0]) if options.diff else b""
    return Result(1, tuple(checked), _crashes(checked), diff, (aim,))


def _aimed(source: Source, aim: Aim) -> Source:
    """A file with the target of its project."""
    return replace(source, target=aim.target, codes=aim.codes(source.codes))


def _look(path: str, config: Config, memory: Cache | None) -> _Look:
    """Take from the cache what is known of a file, else read and search it."""
    stamp = _stamp(path) if memory else None
    entry = memory.get(path, stamp) if memory and stamp else None
    return _Look(path, entry, stamp) if entry else replace(_read(_Look(path), config), stamp=stamp)


def _read(look: _Look, config: Config) -> _Look:
    """Read a file that has not been read."""
    if look.source:
        return look
    codes = config.codes_for(look.path)
    try:
        with open(look.path, "rb", buffering=0) as file:
            data = file.readall()
    except OSError as error:
        return replace(look, failed=unreadable(look.path, error.strerror or str(error), codes))
    if not is_named(data):
        return replace(look, entry=Entry())
    source = Source(look.path, data, codes, _notebook(look.path, data))
    entry = _searched(source)
    return replace(look, entry=entry, source=source if entry.matters else None)


def _searched(source: Source) -> Entry:
    """What a byte search tells of a file; of a notebook it searches the code, since outputs hold words, too."""
    notebook = source.notebook
    code = source.data if notebook is None else notebook.code.encode(errors="replace")
    if not may_matter(code, source.codes):
        return Entry(False, scan_project(code))
    return Entry(True, scan_project(code), installs=_installs(notebook) if notebook and b" install " in code else ())


def _notebook(path: str, data: bytes) -> Notebook | None:
    """The notebook in a file; None for Python, and for what cannot be read."""
    if not path.lower().endswith(".ipynb"):
        return None
    from adamlint.source import Unreadable, parse_notebook

    try:
        return parse_notebook(data)
    except Unreadable:
        return None


def _installs(notebook: Notebook) -> tuple[Install, ...]:
    from adamlint.metadata.notebook import installs

    return installs(notebook)


def _stamp(path: str) -> Stamp | None:
    try:
        now = os.stat(path)
    except OSError:
        return None
    return Stamp(now.st_mtime_ns, now.st_size)


def _settings(config: Config, project: Project) -> Settings:
    from adamlint.engine import Settings

    auto = config.mode in (None, "auto")
    return Settings(config.target, config.report, config.always, project, auto_mode=auto, own=config.codes)


def _checked(sources: Sequence[Source], config: Config, project: Project, options: Options) -> Iterator[Checked]:
    """What becomes of each source, in any order."""
    from adamlint import rules, workers

    rules.load(config.codes)  # before worker processes are forked, which then need not do it each
    largest_first = sorted(sources, key=lambda source: -len(source.data))
    enough = sum(len(source.data) for source in sources) >= _ENOUGH
    jobs = options.jobs or (workers.cores() if enough else 1)
    check = Check(_settings(config, project), options.rewrites, options.unsafe, options.way, project_root(os.curdir))
    return workers.run(check, largest_first, jobs, lost)


def _finished(
    checked: Sequence[Checked],
    sources: Sequence[Source],
    config: Config,
    project: Project,
    options: Options,
) -> Result:
    """The result of a run, once what was fixed is written or shown."""
    by_path = {source.path: source for source in sources}
    changed = [file for file in checked if file.new is not None]
    if options.diff:
        diff = b"".join(_diff(by_path[file.path], file) for file in changed)
        return Result(len(checked), tuple(checked), _crashes(checked), diff)
    refused: dict[str, str] = {}
    for file in changed:
        try:
            write(file.path, by_path[file.path].data, file.new or b"")
        except NotWritten as error:
            refused[file.path] = str(error)
    if refused:
        still = _checked([by_path[path] for path in refused], config, project, replace(options, fix=False))
        left = {file.path: file for file in still}
        checked = [left.get(file.path, file) for file in checked]
    return Result(len(checked), tuple(checked), (*_crashes(checked), *refused.values()))


def _crashes(checked: Sequence[Checked]) -> tuple[str, ...]:
    return tuple(f"internal error in {file.path}: {file.crash}: please report" for file in checked if file.crash)


def _diff(source: Source, checked: Checked) -> bytes:
    return b"" if checked.new is None else unified(source.path, source.data, checked.new)


def _depends_on(config: Config) -> object:
    """All settings on which findings depend, as a value whose repr is the same in every process."""
    per_file = [(patterns.base, patterns.lines, sorted(codes)) for patterns, codes in config.per_file_ignores]
    target = (config.tensorflow, config.platforms, config.mode)  # what metadata say is kept with each file
    return sys.version_info[:2], sorted(config.codes), sorted(config.always), config.report, target, per_file


def _remember(
    memory: Cache,
    looks: Sequence[_Look],
    fresh: Mapping[str, Checked],
    project: Project,
    aims: Mapping[str, Aim],
) -> None:
    """Put into the cache what it did not know."""
    for look in looks:
        file = fresh.get(look.path)
        if look.stamp is None or look.failed or (file and (file.crash or not file.alone)):
            continue  # what depends on other files is asked anew
        if file:
            target = aims[look.path].key
            entry = replace(look.entry, under=project, findings=file.findings, hidden=file.hidden, target=target)
            memory.put(look.path, look.stamp, entry)
        elif not look.entry.matters:
            memory.put(look.path, look.stamp, look.entry)
    memory.save()
