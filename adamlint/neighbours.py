"""What a name imported from another file of the same project stands for: found on disk by its import when first asked.

Only what can be said without that file comes back: a name of the outside world (re-exported Keras), or a stand-in for what a class
or a builder of it makes (`tensorflow.keras.Model` for a subclass of it, or for a function that returns one). Imports and base classes
are followed in outlines; a file is parsed in full only for a name that it computes.
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
from adamlint.names import canonical, in_keras, star_names
from adamlint.outline import Outline, outline
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
        self._outlines: dict[str, Outline] = {}
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
        if (path, names[0]) in self._asking:
            return (UNKNOWN,)
        self._asking.add((path, names[0]))
        found = tuple(dict.fromkeys(self._values(path, names[0])))
        self._asking.discard((path, names[0]))
        return found or (UNKNOWN,)

    def _values(self, path: str, name: str) -> Iterator[Value]:
        outline = self._outline(path)
        if name in outline.imported:
            yield from self._named(outline.imported[name], path)
        elif name in outline.classes:
            yield self._class(path, outline.classes[name])
        elif name in outline.others:
            yield from self._computed(path, name)
        else:
            for star in outline.stars:
                dotted = f"{star}{'' if star.endswith('.') else '.'}{name}"
                yield from (Ref(canonical(dotted)),) if name in star_names(star) else self.resolve(dotted, path) or ()

    def _computed(self, path: str, name: str) -> Iterator[Value]:
        module = self._module(path)
        if module is not None:
            for binding in module.flow.scopes.bindings(module.tree.module, name):
                yield from (_stand_in(value, module.kinds) for value in module.bound(binding))

    def _named(self, dotted: str, path: str) -> tuple[Value, ...]:
        """Return what a dotted name stands for in a file: something of the project, else itself."""
        name = canonical(dotted)
        found = self.resolve(dotted, path) if name == dotted and not in_keras(name) else None
        return found or (Ref(name),)
    def _class(self, path: str, bases: tuple[str, ...]) -> Value:
        """Return what a class stands for by its bases: a model of Keras, or a callback."""
        for base in bases:
            root, _, rest = base.partition(".")
            for value in self._exported(path, [root]) or ():
                name = f"{value.name}.{rest}".rstrip(".") if isinstance(value, Ref) else ""
                for known in self._named(name, path) if name and rest else (value,):
                    if isinstance(known, Ref) and (stand_in := _as_base(known)) is not None:
                        return stand_in
        return UNKNOWN

    def _outline(self, path: str) -> Outline:
        """Return what a file imports and defines; nothing where that can be nothing of Keras, as a look at its bytes tells."""
        if path not in self._outlines:
            self._outlines[path] = outline(self._disk.read(path))
        return self._outlines[path]

    def _module(self, path: str) -> Module | None:
        """Return a file parsed; None where nothing in it can be of Keras, as a look at its bytes tells."""
        if path not in self._modules:
            data = self._disk.read(path)
            self._modules[path] = None
            if _KERAS.search(data) and len(self._modules) < _MOST:
                with suppress(cst.ParserSyntaxError, Unreadable, RecursionError):
                    self._modules[path] = Module(read(path, data).text, outside=self.seen_from(path))
        return self._modules[path]


def _as_base(base: Ref) -> Ref | None:
    """Return what stands for the subclasses of a class of Keras; None for other classes."""
    split = in_keras(base.name)
    if split is not None and split[1].rpartition(".")[2] in ("Model", "Sequential", "Functional"):
        return Ref(f"{split[0]}.Model")
    return base if split is not None and ".callbacks." in base.name else None


def _stand_in(value: Value, kinds: Kinds) -> Value:
    """Return what can be said of a value without the file that it is of."""
    if isinstance(value, Ref):
        return value
    if isinstance(value, Local):
        if isinstance(value.node, cst.ClassDef):
            bases = [known for base in kinds.ancestry(value) if isinstance(base, Ref) and (known := _as_base(base)) is not None]
            return bases[0] if bases else UNKNOWN
        made = {kinds.model(result) for result in kinds.values.returned(value.node)}
        package = made.pop() if len(made) == 1 else None
        return Ref(f"{package}.Model") if package else UNKNOWN
    if isinstance(value, Result):
        callee = _stand_in(value.callee, kinds)
        return Result(callee) if isinstance(callee, Ref) else UNKNOWN
    return UNKNOWN
