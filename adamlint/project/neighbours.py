"""What a name imported from another file of the same project stands for: found on disk by its import when first asked.

Only what can be said without that file comes back: a name of the outside world (re-exported Keras), or a stand-in for what a class
or a builder of it makes (`tensorflow.keras.Model` for a subclass of it, or for a function that returns one). Imports and base classes
are followed in outlines; a file is parsed in full only for a name that it computes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import libcst as cst

from adamlint.names.canonical import canonical, in_keras, star_names
from adamlint.program.environment import VARIABLE, Event, outside_event
from adamlint.program.handed import given_on
from adamlint.program.module import Module
from adamlint.project.admitted import admitted, may_choose
from adamlint.project.locations import Locations, is_package
from adamlint.project.opened import Disk, Opened
from adamlint.project.outline import Outline
from adamlint.project.standins import MOST, decay, plain, restores
from adamlint.target import Target
from adamlint.values.kept import Kept
from adamlint.values.kinds import optimizer_class
from adamlint.values.value import (
    UNKNOWN,
    Abroad,
    Builder,
    Const,
    Display,
    Elsewhere,
    Given,
    Handed,
    Local,
    Ref,
    Result,
    Table,
    Value,
)

_PENALTY = "regulariz"


class View:
    """The look-up for the names that one file imports; ``used`` tells whether the project answered for any."""

    def __init__(self, neighbours: Neighbours, here: str) -> None:
        self._neighbours, self._here = neighbours, here
        self._known: dict[str, tuple[Value, ...] | None] = {}
        self._followed = False

    @property
    def used(self) -> bool:
        """Whether another file was asked, on which findings depend then."""
        return self._followed or any(found is not None for found in self._known.values())

    def __call__(self, dotted: str) -> tuple[Value, ...] | None:
        """Return what a name stands for; None for what is not of the project."""
        if dotted not in self._known:
            self._known[dotted] = self._neighbours.resolve(dotted, self._here)
        return self._known[dotted]

    @property
    def brings_old_keras(self) -> bool:
        """Whether the project has a Keras of its own, of before 2.5: there `keras/optimizers.py` was a module, and nothing was measured."""
        return self.has("keras", "optimizers.py")

    def has(self, package: str, module: str) -> bool:
        """Whether the project has a package of this name of its own, with this file in it."""
        return self._neighbours.locations.holds(package, module, self._here)

    def member(self, owner: Abroad, name: str) -> tuple[Value, ...]:
        """Return what a class of another file has for an attribute; nothing where it defines none of this name."""
        return self._neighbours.member(owner.path, owner.name, name)

    def kept(self, owner: Abroad, name: str) -> Kept | None:
        """Return of which parameter of its constructor a class of another file keeps an attribute; None for others."""
        return self._neighbours.kept(owner.path, owner.name, name)

    def getter(self, owner: Abroad, name: str) -> str | None:
        """Return the attribute that a property of a class of another file gives as it is; "" for no property, None for no such name."""
        return self._neighbours.getter(owner.path, owner.name, name)

    def penalty(self, owner: Abroad) -> str:
        """Return where a class of another file gives a weight of its instances an L2 penalty, in words; "" for nowhere."""
        return self._neighbours.penalty(owner.path, owner.name)

    def keeps_optimizer(self, owner: Abroad) -> bool:
        """Return whether a class of another file defines a `compile` that may not hand the optimizer on."""
        return self._neighbours.keeps_optimizer(owner.path, owner.name)

    def handed(self, function: Builder, given: Given) -> tuple[Handed, ...]:
        """Return those of the HANDED names that a function of another file is given which it gives to a Keras for an optimizer."""
        self._followed = True
        return self._neighbours.handed(function, given)

    def importing(self, modules: Sequence[str]) -> Event | None:
        """Return what an import of these modules does first; None for nothing, or where they are not of the project."""
        found = [path for module in modules for path in self._neighbours.locations.run_by(module, self._here)]
        self._followed |= bool(found)
        event = self._neighbours.first(found)
        own = is_package(self._here) and any(path.startswith(os.path.dirname(self._here) + os.sep) for path in found)
        return replace(event, sure=False) if event is not None and own and not event.loads else event  # it is told in that file

    def admitted(self, target: Target) -> Target:
        """Return the part of a target in which the package of this file imports it, by the tests of its `__init__`."""
        folder, name = os.path.split(self._here)
        init = os.path.join(folder, "__init__.py")
        self._followed |= self._neighbours.locations.exists(init)  # which may begin to choose this file
        package = self._neighbours.choosing(init, name.removesuffix(".py"))
        dotted = f"{os.path.basename(folder)}.{name.removesuffix('.py')}"
        return admitted(dotted, package, target) if package is not None else target

    def before(self) -> Event | None:
        """Return what the files do first that are surely imported before this one: those of its packages, and conftest.py."""
        self._followed = True
        return self._neighbours.first(self._neighbours.locations.before(self._here))


class Neighbours:
    """The files of a project, seen from any of them; ``top`` is where the search for absolute imports ends."""

    def __init__(self, disk: Disk, top: str) -> None:
        self._disk, self._top, self.locations = disk, top, Locations(disk, top)
        self._files = Opened(disk, self.seen_from)
        self._exports: dict[tuple[str, str], tuple[Value, ...]] = {}
        self._penalized: dict[tuple[str, str], str] = {}
        self._keeping: dict[tuple[str, str], bool] = {}
        self._handed: dict[tuple[Builder, Given], tuple[Handed, ...]] = {}
        self._handing: set[tuple[Builder, Given]] = set()
        self._asking: set[tuple[str, str]] = set()
        self._within: set[Value] = set()  # of what is being told
        self._events: dict[str, Event | None] = {}

    def seen_from(self, path: str) -> View:
        """Return the look-up for the names that the file at ``path`` imports."""
        return View(self, os.path.abspath(path))

    def resolve(self, dotted: str, here: str) -> tuple[Value, ...] | None:
        """Return what a dotted name, relative ones with their dots, stands for in the file ``here``."""
        for path, rest in reversed(list(self.locations.along(dotted, here))):
            if path != here and (rest or not self._hides(path, dotted.rpartition(".")[2])):
                return self._exported(path, rest)
        return None

    def choosing(self, package: str, name: str) -> Module | None:
        """Return the `__init__` of a package, parsed, if it may import a file of it in a branch."""
        there = name != "__init__" and self._disk.exists(package) and may_choose(name, self._disk.read(package))
        return self._files.module(package) if there else None

    def _hides(self, module: str, name: str) -> bool:
        """Tell whether a package binds the name of its ``module`` to something in it: `from .VAE import VAE`."""
        package = os.path.join(os.path.dirname(module), "__init__.py")
        bound = self._files.outline(package).imported.get(name, "") if self._disk.exists(package) else ""
        return bound.split(".")[-2:] == [name, name]

    # What importing does ---------------------------------------------------------------------------

    def first(self, paths: Iterable[str]) -> Event | None:
        """Return what the first of these files does that does anything."""
        return next((event for path in paths if (event := self._event(path)) is not None), None)

    def _event(self, path: str) -> Event | None:
        if path not in self._events:
            self._events[path] = None  # what a cycle sees: it runs already
            self._events[path] = self._first_event(path)
        return self._events[path]

    def _first_event(self, path: str) -> Event | None:
        data, name = self._disk.read(path), self._named_here(path)
        line, sure = self._write(path, data)
        chooses = b"KERAS_BACKEND" in data
        for module, at in self._files.outline(path).runs:
            if line is not None and line < at:
                break
            own = self.first(self.locations.run_by(module, path))
            outside = outside_event(module, chooses)
            if own or outside:
                return own or Event(outside.loads if outside else True, f"{name}:{at}")
        return Event(False, f"{name}:{line}", sure) if line is not None else None

    def _write(self, path: str, data: bytes) -> tuple[int | None, bool]:
        """Return the first line that switches the variable on, and whether it surely runs when the file is imported."""
        module = self._files.module(path) if VARIABLE.encode() in data else None
        if module is None:
            return None, False
        environment = module.environment
        means = [write.node for write in environment.writes() if not write.by_putenv and environment.means_on(write)]
        lines = [(_line(module, node), environment.is_plain(node)) for node in means]
        return min(lines, default=(None, False))

    # What a file exports ---------------------------------------------------------------------------

    def _exported(self, path: str, names: list[str]) -> tuple[Value, ...] | None:
        if len(names) != 1:
            return (UNKNOWN,) if names else None
        key = (path, names[0])
        return self._once(key, lambda: self._values(*key))

    def member(self, path: str, cls: str, name: str) -> tuple[Value, ...]:
        """Return what a class of a file has for an attribute; nothing where it defines none of this name."""
        body = self._files.body(path, cls, name)
        if name in body.constants:
            return (plain(body.constants[name]),)
        if name not in body.others:
            return ()
        if not body.others[name]:
            return (self._idle(path, f"{cls}.{name}", body.compiling),)
        return self._once((path, f"{cls}.{name}"), lambda: self._held(path, cls, name))

    def kept(self, path: str, cls: str, name: str) -> Kept | None:
        """Return of which parameter of its constructor a class of a file keeps an attribute; None for others."""
        return self._files.body(path, cls, name).kept.get(name)

    def getter(self, path: str, cls: str, name: str) -> str | None:
        """Return the attribute that a property of a class of a file gives as it is; "" for no property, None for no such name."""
        body = self._files.body(path, cls, name)
        return body.getters.get(name, "") if name in body.constants or name in body.others else None

    def _idle(self, path: str, name: str, compiling: frozenset[str]) -> Value:
        """Return what stands for a function that gives nothing that rules ask for."""
        return Builder((UNKNOWN,), path, name) if name.rpartition(".")[2] in compiling else UNKNOWN

    def keeps_optimizer(self, path: str, cls: str) -> bool:
        """Return whether a class of a file defines a `compile` that may not hand the optimizer on."""
        if (path, cls) not in self._keeping:
            own = "compile" in self._files.body(path, cls, "compile").others
            owner = self._owner(path, cls) if own else None
            self._keeping[path, cls] = own and (owner is None or owner[0].compiles.keeps_optimizer(owner[1]))
        return self._keeping[path, cls]

    def _held(self, path: str, cls: str, name: str) -> Iterator[Value]:
        if (owner := self._owner(path, cls)) is not None:
            module = owner[0]
            yield from [self._stand_in(value, module, path) for value in module.kinds.values.attribute(Result(owner[1]), name)]

    def _owner(self, path: str, cls: str) -> tuple[Module, Value] | None:
        """Return a file parsed and a class of it."""
        module = self._files.module(path)
        bound = module.flow.scopes.bindings(module.tree.module, cls) if module is not None else ()
        found = [value for binding in bound for value in module.bound(binding)] if module is not None else []
        return (module, found[0]) if module is not None and len(found) == 1 else None

    def handed(self, function: Builder, given: Given) -> tuple[Handed, ...]:
        """Return those of the HANDED names that a function of a file is given which it gives to a Keras for an optimizer."""
        key = (Builder((), function.path, function.name), given)
        if key in self._handing:
            return ()
        if key not in self._handed:
            self._handing.add(key)
            found = tuple(dict.fromkeys(self._given_on(function.path, function.name, given)))
            self._handing.discard(key)
            if self._handing:  # what was found on a way round may be less than all
                return found
            self._handed[key] = found
        return self._handed[key]

    def _given_on(self, path: str, name: str, given: Given) -> Iterator[Handed]:
        if (module := self._files.module(path)) is not None:
            yield from given_on(name, given, module, lambda node: self._place(path, module, node))

    def penalty(self, path: str, cls: str) -> str:
        """Return where a class of a file gives a weight of its instances an L2 penalty, in words; "" for nowhere."""
        if (path, cls) not in self._penalized:
            self._penalized[path, cls] = ""  # what a cycle sees
            named = _PENALTY.encode() in self._disk.read(path)
            owner = self._owner(path, cls) if named else None
            self._penalized[path, cls] = self._penalty(Result(owner[1]), owner[0], path) if owner is not None else ""
        return self._penalized[path, cls]

    def _penalty(self, value: Value, module: Module, path: str) -> str:
        found = next(iter(module.models.penalties_of(value)), "") if _PENALTY in module.tree.text else ""
        return found if isinstance(found, str) else self._place(path, module, found)

    def _once(self, key: tuple[str, str], find: Callable[[], Iterator[Value]]) -> tuple[Value, ...]:
        """Return what is found once for a key; nothing is known of what is asked for on the way to itself."""
        if key in self._asking:
            return (UNKNOWN,)
        if key not in self._exports:
            self._asking.add(key)
            found = tuple(dict.fromkeys(find())) or (UNKNOWN,)
            self._asking.discard(key)
            if self._asking:  # what was found on a way round may be less than all
                return found
            self._exports[key] = found
        return self._exports[key]

    def _values(self, path: str, name: str) -> Iterator[Value]:
        outline = self._files.outline(path)
        if name in outline.imported:
            yield from self._named(outline.imported[name], path)
        elif name in outline.classes:
            yield self._class(path, name, outline)
        elif name in outline.constants:
            yield plain(outline.constants[name])
        elif name in outline.others:
            yield from (self._idle(path, name, outline.compiling),) if name in outline.idle else self._computed(path, name)
        else:
            for star in outline.stars:
                dotted = f"{star}{'' if star.endswith('.') else '.'}{name}"
                yield from (Ref(canonical(dotted)),) if name in star_names(star) else self.resolve(dotted, path) or ()

    def _computed(self, path: str, name: str) -> Iterator[Value]:
        module = self._files.module(path)
        if module is not None:
            for binding in module.flow.scopes.bindings(module.tree.module, name):
                yield from (self._stand_in(value, module, path) for value in module.bound(binding))

    def _stand_in(self, value: Value, module: Module, path: str) -> Value:
        """Return what can be said of a value without the file that it is of; of what holds or gives itself, nothing within."""
        if value in self._within:
            return UNKNOWN
        self._within.add(value)
        found = self._said_of(value, module, path)
        self._within.discard(value)
        return found

    def _said_of(self, value: Value, module: Module, path: str) -> Value:
        if isinstance(value, Local) and isinstance(value.node, cst.ClassDef):
            if (name := value.node.name.value) in (there := self._files.outline(path)).classes:
                return self._class(path, name, there)
            bases = [known for base in module.kinds.ancestry(value) if isinstance(base, Ref) and (known := _as_base(base)) is not None]
            return bases[0] if bases else UNKNOWN
        if isinstance(value, Local):
            gives = tuple(dict.fromkeys(self._stand_in(made, module, path) for made in module.kinds.values.returned(value.node)))
            asked_for = any(isinstance(made, Result) for made in gives) or _compiles(value.node, module)
            return Builder(gives, path, module.kinds.values.classes.full_name(value.node)) if asked_for else UNKNOWN
        if isinstance(value, Result):
            return self._made(value, module, path)
        if isinstance(value, Const):
            return plain(value.value)
        entries = module.entries(value.node) if isinstance(value, Display) else None
        if entries is not None and len(entries) <= MOST:
            return Table(tuple((key, tuple(self._stand_in(v, module, path) for v in module.values(n))) for key, n in entries.items()))
        return value if isinstance(value, (Ref, Builder, Abroad, Table)) else UNKNOWN

    def _made(self, value: Result, module: Module, path: str) -> Value:
        """Return what stands for an object: a model or an optimizer with what matters of it, else what made it."""
        package, cls = module.kinds.model(value), optimizer_class(value.callee)
        if value.call is None or (package is None and cls is None):
            callee = self._stand_in(value.callee, module, path)
            there = value.elsewhere
            if value.call is not None and isinstance(callee, Ref) and ".layers." in callee.name:
                there = Elsewhere(self._place(path, module, value.call), self._penalty(value, module, path))
            return Result(callee, None, there) if isinstance(callee, (Ref, Abroad)) else UNKNOWN
        there = Elsewhere(self._place(path, module, value.call), fresh=module.tree.enclosing(value.call, cst.FunctionDef) is not None)
        if cls is not None:
            return Result(Ref(cls.path), None, replace(there, decay=decay(cls, value.call, module)))
        there = replace(there, penalty=self._penalty(value, module, path), restored=restores(value, module))
        callee = self._stand_in(value.callee, module, path)
        return Result(callee if isinstance(callee, Abroad) else Ref(f"{package}.Model"), None, there)

    def _place(self, path: str, module: Module, node: cst.CSTNode) -> str:
        return f"{self._named_here(path)}:{_line(module, node)}"

    def _named_here(self, path: str) -> str:
        return os.path.relpath(path, self._top).replace(os.sep, "/")

    def _named(self, dotted: str, path: str) -> tuple[Value, ...]:
        """Return what a dotted name stands for in a file: something of the project, else itself."""
        name = canonical(dotted)
        found = self.resolve(dotted, path) if name == dotted and not in_keras(name) else None
        return found or (Ref(name),)

    def _class(self, path: str, name: str, there: Outline) -> Abroad:
        bases = tuple(value for base in there.classes[name] for value in self._base(path, base))
        return Abroad(path, name, bases, name in there.constructing)

    def _base(self, path: str, base: str) -> Iterator[Value]:
        root, _, rest = base.partition(".")
        if base == "object":
            yield Ref("builtins.object")
            return
        for value in self._exported(path, [root]) or ():
            name = f"{value.name}.{rest}".rstrip(".") if isinstance(value, Ref) else ""
            yield from self._named(name, path) if name and rest else (value,)


def _line(module: Module, node: cst.CSTNode) -> int:
    return module.tree.text.count("\n", 0, module.tree.span(node)[0]) + 1


def _compiles(function: cst.CSTNode, module: Module) -> bool:
    """Tell whether a `compile` is called within a function."""
    return any(module.tree.is_in(call, function) for call in module.trainings.calls("compile"))


def _as_base(base: Ref) -> Ref | None:
    """Return what stands for the subclasses of a class of Keras; None for other classes."""
    split = in_keras(base.name)
    if split is not None and split[1].rpartition(".")[2] in ("Model", "Sequential", "Functional"):
        return Ref(f"{split[0]}.Model")
    return base if split is not None and ".callbacks." in base.name else None
