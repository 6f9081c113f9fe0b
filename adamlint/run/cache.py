"""What is known of files since the run before, so that unchanged ones are not read again.

One JSON file in ``.adamlint_cache``. It can come from anywhere, so that nothing in it is executed, and whatever is wrong
with it makes it empty.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from adamlint import __version__
from adamlint.findings import Effect, Finding, Place
from adamlint.needles import Project

if TYPE_CHECKING:
    from adamlint.metadata.notebook import Install
    from adamlint.project.verdicts import Told
    from adamlint.rule import Sighting

_FOLDER = ".adamlint_cache"
_SETTLED = 2_000_000_000  # ns: a file can change twice within the resolution of its clock


@dataclass(frozen=True)
class Stamp:
    """What changes when a file does."""

    mtime: int
    size: int


@dataclass(frozen=True)
class Entry:
    """What one file told; ``findings`` is None where they were not asked for.

    They and the sightings count for ``under`` and ``target``, and where ``files`` is not "", for that state of all files.
    """

    matters: bool = False  # whether it has a word of a rule
    project: Project = field(default_factory=Project)
    under: Project = field(default_factory=Project)
    findings: tuple[Finding, ...] | None = None
    hidden: Counter[Effect] = field(default_factory=Counter)
    sightings: Told = field(default_factory=dict)
    target: str = ""  # the key of an Aim
    files: str = ""
    named: bool = False  # whether it names a Keras at all
    installs: tuple[Install, ...] = ()  # of a notebook: what says its target


class Cache:
    """The entries of the files of a project, for one set of settings."""

    def __init__(self, root: str, settings: object) -> None:
        """Load what is known; ``settings`` are all that findings depend on besides the files, told apart by their repr."""
        self._path = os.path.join(root, _FOLDER, "files.json")
        self._key = sha256(repr((__version__, _newest_source(), settings)).encode()).hexdigest()
        self._entries: dict[str, object] = self._load()
        self._changed = False

    def get(self, path: str, stamp: Stamp) -> Entry | None:
        """What is known of a file that has not changed."""
        try:
            return _entry(path, stamp, self._entries[os.path.abspath(path)])
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def put(self, path: str, stamp: Stamp, entry: Entry) -> None:
        """Remember a file, unless it has changed just now."""
        if time.time_ns() - stamp.mtime > _SETTLED:
            self._entries[os.path.abspath(path)] = _plain(stamp, entry)
            self._changed = True

    def save(self) -> None:
        """Write what is known; where that is not possible, the next run reads all files again."""
        if not self._changed:
            return
        import json

        folder = os.path.dirname(self._path)
        temporary = f"{self._path}.{os.getpid()}"
        try:
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, ".gitignore"), "w", encoding="utf-8") as file:
                file.write("*\n")
            with open(temporary, "w", encoding="utf-8") as file:
                json.dump({"key": self._key, "files": self._entries}, file)
            os.replace(temporary, self._path)
        except OSError:
            return

    def _load(self) -> dict[str, object]:
        if not os.path.isfile(self._path):
            return {}
        import json

        try:
            with open(self._path, encoding="utf-8") as file:
                stored = json.load(file)
            return dict(stored["files"]) if stored["key"] == self._key else {}
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return {}


def _plain(stamp: Stamp, entry: Entry) -> object:
    head = [stamp.mtime, stamp.size, entry.matters, entry.named, astuple(entry.project), entry.installs]
    if not entry.target:
        return head
    from adamlint.reports.json_lines import as_dict

    findings = None if entry.findings is None else [as_dict(finding) for finding in entry.findings]
    sightings = {code: [_listed(sighting) for sighting in seen] for code, seen in entry.sightings.items()}
    return [*head, astuple(entry.under), findings, entry.hidden, sightings, entry.target, entry.files]


def _listed(sighting: Sighting) -> object:
    return [sighting.form, sorted(sighting.cells), [astuple(place) for place in sighting.places]]


def _entry(path: str, stamp: Stamp, stored: Any) -> Entry | None:
    """The entry of its stored form.  Raises TypeError, KeyError or ValueError for anything else."""
    mtime, size, matters, named, project, installs, *rest = stored
    if Stamp(mtime, size) != stamp:
        return None
    entry = Entry(bool(matters), Project(*project), named=bool(named), installs=_installs(installs))
    if not rest:
        return entry
    from adamlint.reports.json_lines import from_dict

    under, findings, hidden, sightings, target, files = rest
    found = None if findings is None else tuple(from_dict({**finding, "path": path}) for finding in findings)
    counts = Counter({Effect(effect): int(count) for effect, count in hidden.items()})
    seen = {str(code): tuple(_sighting(*each) for each in listed) for code, listed in sightings.items()}
    return replace(entry, under=Project(*under), findings=found, hidden=counts, sightings=seen, target=str(target), files=str(files))


def _sighting(form: str, cells: Any, places: Any) -> Sighting:
    from adamlint.atlas import Cell
    from adamlint.rule import Sighting

    return Sighting(str(form), frozenset(Cell(*cell) for cell in cells), tuple(Place(*place) for place in places))


def _installs(stored: Any) -> tuple[Install, ...]:
    if not stored:
        return ()
    from adamlint.metadata.notebook import Install

    return tuple(Install(int(cell), int(line), str(command)) for cell, line, command in stored)


def _newest_source() -> int:
    """When adamlint itself was changed last: its version says too little while it is being worked on."""
    return max(entry.stat().st_mtime_ns for entry in _sources(os.path.dirname(os.path.dirname(__file__))))


def _sources(folder: str) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _sources(entry.path)
            elif not entry.name.endswith(".pyc"):
                yield entry
