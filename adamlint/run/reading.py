"""What the first pass tells of files, from the cache or by a byte search: whether they matter, and what their project is."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import reduce
from hashlib import sha256
from operator import or_
from typing import TYPE_CHECKING

from adamlint.config import Config
from adamlint.disk import Roots
from adamlint.needles import Project, is_named, may_matter, scan_project
from adamlint.run.cache import Cache, Entry, Stamp
from adamlint.run.check import Checked, content, not_opened
from adamlint.run.discovery import find
from adamlint.run.targets import Aim

if TYPE_CHECKING:
    from adamlint.metadata.notebook import Install
    from adamlint.text.notebook import Notebook

_FOLDERS = 5_000  # of a project that are looked into for the files that were not named


@dataclass(frozen=True)
class Look:
    """One file; ``entry`` is what its own bytes tell."""

    path: str
    root: str = ""  # of its project
    entry: Entry = field(default_factory=Entry)
    stamp: Stamp | None = None  # None: not to be cached
    codes: frozenset[str] = frozenset()  # the rules that are on in it
    size: int = 0  # in bytes
    given: bytes | None = None  # what stands for its content
    failed: Checked | None = None

    def is_current(self, under: Under, aim: Aim | None) -> bool:
        """Tell whether what is remembered of the file, beside its own bytes, still holds."""
        there = aim is not None and self.entry.target == aim.key and self.entry.under == under.hints
        return there and self.entry.files in ("", under.files)

    def known(self, under: Under, aim: Aim | None) -> Checked | None:
        """What is known about the file without parsing it, in a project with these files and for this target."""
        if self.failed or not self.entry.matters:
            return self.failed or Checked(self.path)
        if self.entry.findings is None or not self.is_current(under, aim):
            return None
        return Checked(self.path, self.entry.findings, self.entry.hidden, sightings=self.entry.sightings)


@dataclass(frozen=True)
class Under:
    """What findings in one file depend on in the others of its project."""

    hints: Project = field(default_factory=Project)
    files: str = ""  # tells apart the states of all files; "" where nothing is remembered
    setters: frozenset[bytes] = frozenset()  # modules that name the variable, by which an import may set it


def look(path: str, config: Config, memory: Cache | None, root: str) -> Look:
    """Take from the cache what is known of a file, else read and search it; its content is not kept."""
    codes = config.codes_for(path)
    stamp = _stamp(path) if memory else None
    entry = memory.get(path, stamp) if memory and stamp else None
    if entry and stamp:
        return Look(path, root, entry, stamp, codes, stamp.size)
    try:
        data = content(path)
    except OSError as error:
        return Look(path, root, stamp=stamp, failed=not_opened(path, error, codes))
    return Look(path, root, searched(path, data, codes), stamp, codes, len(data))


def look_around(looks: Sequence[Look], config: Config, memory: Cache | None, roots: Roots) -> list[Look]:
    """Look at the other files of the projects that the files are of, if any of these names a Keras."""
    named = {os.path.realpath(one.path) for one in looks}
    found = []
    for root in dict.fromkeys(one.root for one in looks if one.entry.named):
        paths = find((os.path.relpath(root) if root.startswith(os.getcwd()) else root,), config, _FOLDERS).files
        others = [path for path in paths if os.path.realpath(path) not in named and roots.of(path) == root]
        found += [look(path, config, memory, root) for path in others]
    return found


def states(looks: Sequence[Look]) -> dict[str, Under]:
    """Return what the files of each project tell together, by its root."""
    groups: dict[str, list[Look]] = {}
    for one in looks:
        groups.setdefault(one.root, []).append(one)
    return {root: _under(group) for root, group in groups.items()}


def _under(looks: Sequence[Look]) -> Under:
    hints = reduce(or_, (one.entry.project for one in looks), Project())
    return Under(hints, _state(looks), frozenset(_module(one.path) for one in looks if one.entry.project.variable))


def _module(path: str) -> bytes:
    """Return the name by which others import a file."""
    folder, name = os.path.split(os.path.abspath(path))
    stem = os.path.splitext(name)[0]
    return (os.path.basename(folder) if stem == "__init__" else stem).encode(errors="replace")


def look_for_setters(one: Look, under: Under) -> Look:
    """Look again at a file that has no word of a rule: an import of it may set the variable, after TensorFlow's (ADM401)."""
    if one.entry.matters or not one.entry.named or not under.setters or "ADM401" not in one.codes:
        return one
    imports = re.compile(rb"\b(?:from|import)\b[^\n]*\b(?:%b)\b" % b"|".join(re.escape(name) for name in sorted(under.setters)))
    with suppress(OSError):  # it was read before
        if imports.search(content(one.path) if one.given is None else one.given):
            return replace(one, entry=replace(one.entry, matters=True), codes=frozenset({"ADM401"}))
    return one


def _state(looks: Sequence[Look]) -> str:
    stamps = sorted((os.path.abspath(one.path), one.stamp) for one in looks if one.stamp is not None)
    return sha256(repr(stamps).encode(errors="replace")).hexdigest() if stamps else ""


def searched(path: str, data: bytes, codes: frozenset[str]) -> Entry:
    """What a byte search tells of a file; of a notebook it searches the code, since outputs hold words, too."""
    if not is_named(data):
        return Entry()
    parsed = _notebook(path, data)
    code = data if parsed is None else parsed.code.encode(errors="replace")
    if not may_matter(code, codes):
        return Entry(False, scan_project(code), named=True)
    return Entry(True, scan_project(code), named=True, installs=_installs(parsed) if parsed and b" install " in code else ())


def _notebook(path: str, data: bytes) -> Notebook | None:
    """The notebook in a file; None for Python, and for what cannot be read."""
    if not path.lower().endswith(".ipynb"):
        return None
    from adamlint.text.source import Unreadable, parse_notebook

    try:
        return parse_notebook(data)
    except Unreadable:
        return None


def _installs(parsed: Notebook) -> tuple[Install, ...]:
    from adamlint.metadata.notebook import installs

    return installs(parsed)


def _stamp(path: str) -> Stamp | None:
    try:
        now = os.stat(path)
    except OSError:
        return None
    return Stamp(now.st_mtime_ns, now.st_size)
