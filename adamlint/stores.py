"""What an attribute, or an item by a literal key, was given on the way to a use of it: `self.optimizer = …`, `cfg["optimizer"] = …`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from adamlint.bindings import Binding, Kind, stores
from adamlint.calls import Calls
from adamlint.flow import Flow
from adamlint.tree import Tree, access_path, root_name


class Stores:
    """The assignments to attributes and items of one tree, those by `update` and `setattr` included."""

    def __init__(self, tree: Tree, flow: Flow, calls: Calls) -> None:
        self.tree, self.flow, self.calls = tree, flow, calls

    def reaching(self, use: cst.BaseExpression) -> list[Binding]:
        """Return what gave an attribute or an item its value; none where it may hold what it held before its function began."""
        path = access_path(use)
        return self.at(path, use) if path in self._paths else []

    def at(self, path: str, use: cst.CSTNode) -> list[Binding]:
        """Return what gave a path its value by the time that control is at a use."""
        scope = self.flow.scopes.of(use)
        given = self._found.get((scope, path), [])
        if not given:
            return []
        anew = [binding for binding in self.flow.scopes.bindings(scope, root_name(path)) if binding.kind is not Kind.PARAMETER]
        anew += [binding for owner in _owners(path) for binding in self._found.get((scope, owner), ())]
        found = self.flow.surely(sorted((*given, *anew), key=lambda binding: self.tree.order(binding.node)), use)
        return found if all(binding in given for binding in found) else []

    @cached_property
    def _paths(self) -> frozenset[str]:
        return frozenset(path for _, path in self._found)

    @cached_property
    def _found(self) -> dict[tuple[cst.CSTNode, str], list[Binding]]:
        """What is stored in each scope, by the path."""
        found: dict[tuple[cst.CSTNode, str], list[Binding]] = {}
        for store in (*stores(self.tree), *self._updates(), *self._set()):
            found.setdefault((self.flow.scopes.of(store.node), store.name), []).append(store)
        return found

    def _updates(self) -> Iterator[Binding]:
        """`cfg.update(optimizer=…)`, `cfg.update({"optimizer": …})`."""
        for call in self.calls.methods("update"):
            owner = access_path(call.func.value) if isinstance(call.func, cst.Attribute) else ""
            for arg in call.args if owner else ():
                if arg.keyword is not None:
                    yield Binding(f"{owner}[{arg.keyword.value!r}]", Kind.ASSIGN, arg, arg.value)
                for entry in arg.value.elements if isinstance(arg.value, cst.Dict) and arg.keyword is None else ():
                    if isinstance(entry, cst.DictElement) and isinstance(entry.key, cst.SimpleString):
                        yield Binding(f"{owner}[{entry.key.evaluated_value!r}]", Kind.ASSIGN, entry, entry.value)

    def _set(self) -> Iterator[Binding]:
        """`setattr(cfg, "optimizer", …)`."""
        for call in self.calls.named("setattr"):
            values = [arg.value for arg in call.args]
            if len(values) == 3 and isinstance(values[1], cst.SimpleString) and (owner := access_path(values[0])):
                yield Binding(f"{owner}.{values[1].evaluated_value!s}", Kind.ASSIGN, call, values[2])


def _owners(path: str) -> Iterator[str]:
    """Yield the paths of what a path leads through, but for the name that it begins with."""
    for end in (at for at, letter in enumerate(path) if letter in ".["):
        yield path[:end]
