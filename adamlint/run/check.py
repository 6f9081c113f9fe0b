"""What is done with one file: the work of a worker process, which reads it and writes nothing."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from adamlint.findings import Effect, Finding, Place
from adamlint.rule import CODES

if TYPE_CHECKING:
    from adamlint.engine import Settings
    from adamlint.needles import Project
    from adamlint.project.importers import Importers
    from adamlint.project.neighbours import Neighbours
    from adamlint.project.verdicts import Told
    from adamlint.target import Target

_PROJECTS = 4  # whose other files are kept at a time
_DEPTH, _STACK = 50_000, 512 << 20  # calls, and bytes that are enough for them


@dataclass(frozen=True)
class Source:
    """A file that may hold something to report, and the rules that are on in it."""

    path: str
    codes: frozenset[str]
    size: int = 0  # in bytes
    given: bytes | None = None  # what stands for its content, which is not read then
    target: Target | None = None  # that of the file's project, if it is not that of the settings
    root: str = "."  # the folder of the file's project, up to which absolute imports are looked for
    project: Project | None = None  # what the files of that project tell together, if it is not in the settings

    def read(self) -> bytes:
        """Return its content, which the process that started this one does not hold for all files.  Raises OSError."""
        return content(self.path) if self.given is None else self.given


@dataclass(frozen=True)
class Checked:
    """What became of one file."""

    path: str
    findings: tuple[Finding, ...] = ()
    hidden: Counter[Effect] = field(default_factory=Counter)
    mended: tuple[Finding, ...] = ()  # what its fixes were applied for
    old: bytes | None = None  # what was in the file, if that is to change
    new: bytes | None = None  # what the file becomes; None: what it was
    crash: str = ""  # what went wrong in adamlint itself
    left_out: str = ""  # why it was not read, if it is too much to read
    alone: bool = True  # whether its own bytes were enough to say so
    lasting: bool = True  # whether the same is true as long as the file has the same content
    whole: bool = True  # whether all rules ran that are on, not only those that ask about its project
    sightings: Told = field(default_factory=dict)  # for the rules about the project
    steps: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)  # of a plan: what begins or changes at each release


@dataclass(frozen=True)
class Check:
    """Lint a source, or fix it."""

    settings: Settings
    fix: bool = False
    unsafe: bool = False
    way: tuple[str, ...] = ()  # the releases of a plan
    projects: dict[str, Neighbours] = field(default_factory=dict, compare=False)  # by their roots, as far as they were asked

    def __call__(self, source: Source) -> Checked:
        """The findings of a file, and its new content when fixes are applied.  Never raises for what is in it."""
        from adamlint.text.budget import Excess
        from adamlint.text.source import Unreadable

        try:
            return _deeply(self._check, source)
        except OSError as error:
            return not_opened(source.path, error, source.codes)
        except Unreadable as error:
            return unreadable(source.path, str(error), source.codes)
        except Excess as excess:
            return Checked(source.path, left_out=str(excess), alone=False)
        except RecursionError:
            return unreadable(source.path, "it is nested too deeply", source.codes)
        except Exception as error:
            return Checked(source.path, crash=f"{type(error).__name__}: {error}".partition("\n")[0])

    def _check(self, source: Source) -> Checked:
        from adamlint import engine, fixing
        from adamlint.rules import load
        from adamlint.text.source import read

        rules = load(source.codes)
        target, project = source.target or self.settings.target, source.project or self.settings.project
        data = source.read()
        program = read(source.path, data)
        outside = self._project(source.root).seen_from(source.path)
        part = outside.admitted(target)
        settings = replace(self.settings, target=part, admitted=part != target, project=project, own=self.settings.own & source.codes)
        if outside.brings_old_keras:
            return Checked(source.path, alone=False)
        if self.way:
            steps = engine.plan(program, rules, settings, self.way, outside)
            broken = () if steps else engine.lint(program, (), settings).findings
            return Checked(source.path, broken, steps=steps)
        if not self.fix:
            report = engine.lint(program, rules, settings, outside)
            return Checked(source.path, report.findings, report.hidden, alone=not outside.used, sightings=report.sightings)
        fixed = fixing.fix(program, rules, settings, self.unsafe, outside, _importers(source.path))
        report, new = fixed.report, fixed.program.encode() if fixed.applied else data
        file = Checked(source.path, report.findings, report.hidden, fixed.mended, sightings=report.sightings)
        return file if new == data else replace(file, old=data, new=new)

    def _project(self, root: str) -> Neighbours:
        """The other files of a project: read once a process, whichever files ask for them."""
        from adamlint.disk import Files
        from adamlint.project.neighbours import Neighbours

        if root not in self.projects and len(self.projects) >= _PROJECTS:
            self.projects.clear()
        return self.projects.setdefault(root, Neighbours(Files(), root))


def _importers(path: str) -> Importers:
    """The files of the project that may import from one of them."""
    from adamlint.disk import Files
    from adamlint.project.importers import Importers

    return Importers(Files(), path)


def _deeply(work: Callable[[Source], Checked], source: Source) -> Checked:
    """Do the work, and where Python's stack is too small for it (a sum of 900 terms), once more with a larger one."""
    with suppress(RecursionError):
        return work(source)
    from concurrent.futures import ThreadPoolExecutor

    usual_limit, usual_size = sys.getrecursionlimit(), threading.stack_size(_STACK)
    sys.setrecursionlimit(_DEPTH)
    try:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(work, source).result()
    finally:
        threading.stack_size(usual_size)
        sys.setrecursionlimit(usual_limit)


def content(path: str) -> bytes:
    """Return what is in a file.  Raises OSError."""
    with open(path, "rb", buffering=0) as file:
        return file.readall()


def not_opened(path: str, error: OSError, codes: frozenset[str]) -> Checked:
    """ADM901 for a file that the system does not give out, which may be otherwise at any time."""
    return replace(unreadable(path, error.strerror or str(error), codes), lasting=False)


def unreadable(path: str, why: str, codes: frozenset[str]) -> Checked:
    """ADM901 for a file that cannot be read or decoded."""
    finding = Finding(path, Place(None, 1, 1, 1, 1), "ADM901", CODES["ADM901"], f"cannot be read: {why}", Effect.BREAKS)
    return Checked(path, (finding,) if "ADM901" in codes else ())


def lost(source: Source) -> Checked:
    """A file that took the worker process down with it."""
    return Checked(source.path, crash="the process that checked it died")
