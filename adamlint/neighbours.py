"""What a name imported from another file of the same project stands for: found on disk by its import, and parsed when first asked.

Only what can be said without that file comes back: a name of the outside world (re-exported Keras), or a stand-in for what a class
or a builder of it makes (`tensorflow.keras.Model` for a subclass of it, or for a function that returns one).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Protocol

import libcst as cst

from adamlint.kinds import Kinds
from adamlint.module import Module
from adamlint.names import star_names
from adamlint.source import Unreadable, read
from adamlint.values import UNKNOWN, Local, Ref, Result, Value

_KERAS = re.compile(rb"keras|tensorflow")
_MOST = 400  # files that one process parses for their exports; beyond that nothing more is asked


class Disk(Protocol):
    """Where the other files are; the one place of this module that reaches outside."""

    def exists(self, path: str) -> bool:
        """Tell whether there is a file or folder."""

    def read(self, path: str) -> bytes:
        """Return the bytes of a file; none where it cannot be read."""


class View:
    """The look-up for the names that one file imports; ``used`` tells whether the project answered for any."""

    def __init__(self, neighbours: Neighbours, here: str) -> None:
        self._neighbours, self._here = neighbours, here
        self._known: dict[str, tuple[Value, ...] | None] = {}

    @property
    def used(self) -> bool:
        """Whether another file was asked, on which findings depend then."""
        return any(found is not None for found in self._known.values())

    def __call__(self, dotted: str) -> tuple[Value, ...] | None:
        """Return what a name stands for; None for what is not of the project."""
        if dotted not in self._known:
            self._known[dotted] = self._neighbours.resolve(dotted, self._here)
        return self._known[dotted]


class Neighbours:
    """The files of a project, seen from any of them; ``top`` is where the search for absolute imports ends."""

    def __init__(self, disk: Disk, top: str) -> None:
        self._disk, self._top = disk, top
        self._modules: dict[str, Module | None] = {}
        self._homes: dict[tuple[str, str], str | None] = {}
        self._asking: set[tuple[str, str]] = set()

    def seen_from(self, path: str) -> View:
        """Return the look-up for the names that the file at ``path`` imports."""
        return View(self, os.path.abspath(path))

    def resolve(self, dotted: str, here: str) -> tuple[Value, ...] | None:
        """Return what a dotted name, relative ones with their dots, stands for in the file ``here``."""
        name = dotted.lstrip(".")
        level, parts = len(dotted) - len(name), name.split(".")
        base = self._home(os.path.dirname(here), parts[0]) if not level else self._up(here, level)
        for size in range(len(parts), 0, -1) if base else ():
            found = self._file(os.path.join(base or "", *parts[:size]))
            if found and found != here:
                return self._exported(found, parts[size:])
        return None

    @staticmethod
    def _up(here: str, level: int) -> str:
        for _ in range(level):
            here = os.path.dirname(here)
        return here

    def _home(self, folder: str, root: str) -> str | None:
        """Return the folder, here or above, that holds the module or package ``root``."""
        if (folder, root) not in self._homes:
            bases = (folder, os.path.join(folder, "src"))
            home = next((base for base in bases if self._file(os.path.join(base, root))), None)
            if home is None and folder != self._top and folder.startswith(self._top):
                home = self._home(os.path.dirname(folder), root)
            self._homes[folder, root] = home
        return self._homes[folder, root]

    def _file(self, stem: str) -> str | None:
        paths = (f"{stem}.py", os.path.join(stem, "__init__.py"))
        return next((path for path in paths if self._disk.exists(path)), None)

    def _exported(self, path: str, names: list[str]) -> tuple[Value, ...] | None:
        if len(names) != 1:
            return (UNKNOWN,) if names else None
        module, name = self._module(path, names[0]), names[0]
        if module is None or (path, name) in self._asking:
            return (UNKNOWN,)
        self._asking.add((path, name))
        found = tuple(dict.fromkeys(_stand_in(value, module.kinds) for value in self._values(module, path, name)))
        self._asking.discard((path, name))
        return found or (UNKNOWN,)

    def _values(self, module: Module, path: str, name: str) -> Iterator[Value]:
        bindings = module.flow.scopes.bindings(module.tree.module, name)
        for binding in bindings:
            yield from module.bound(binding)
        if not bindings:
            for _, star in module.flow.scopes.stars:
                if name in star_names(star):
                    yield Ref(f"{star}.{name}")
                else:
                    yield from self.resolve(f"{star}{'' if star.endswith('.') else '.'}{name}", path) or ()

    def _module(self, path: str, name: str) -> Module | None:
        """Return a file parsed; None where ``name`` in it can be nothing of Keras, as a look at its bytes tells."""
        if path not in self._modules:
            data = self._disk.read(path)
            if not _may_be_of_keras(data, name.encode()):
                return None
            self._modules[path] = None
            if len(self._modules) < _MOST:
                with suppress(cst.ParserSyntaxError, Unreadable, RecursionError):
                    self._modules[path] = Module(read(path, data).text, outside=self.seen_from(path))
        return self._modules[path]


def _may_be_of_keras(data: bytes, name: bytes) -> bool:
    """Tell whether a file mentions Keras beside a name, imports it, or defines a class of that name on top of another."""
    if name not in data and b"import *" not in data:
        return False
    word = re.escape(name)
    return bool(_KERAS.search(data) or re.search(rb"\bimport\b[^\n]*(?:\b%b\b|\(|\*)|\bclass\s+%b\s*\(" % (word, word), data))


def _stand_in(value: Value, kinds: Kinds) -> Value:
    """Return what can be said of a value without the file that it is of."""
    if isinstance(value, Ref):
        return value
    if isinstance(value, Local):
        if isinstance(value.node, cst.ClassDef):
            return _class(value, kinds)
        made = {kinds.model(result) for result in kinds.values.returned(value.node)}
        package = made.pop() if len(made) == 1 else None
        return Ref(f"{package}.Model") if package else UNKNOWN
    if isinstance(value, Result):
        callee = _stand_in(value.callee, kinds)
        return Result(callee) if isinstance(callee, Ref) else UNKNOWN
    return UNKNOWN


def _class(value: Local, kinds: Kinds) -> Value:
    if (package := kinds.model(Result(value))) is not None:
        return Ref(f"{package}.Model")
    known = [base for base in kinds.ancestry(value) if isinstance(base, Ref) and ".callbacks." in base.name]
    return known[0] if known else UNKNOWN
