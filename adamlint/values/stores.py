"""What an attribute, or an item by a literal key, was given on the way to a use of it: `self.optimizer = …`, `cfg["optimizer"] = …`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from adamlint.names.bindings import Binding, Kind, stores
from adamlint.names.flow import Flow, Search
from adamlint.text.tree import Tree, access_path, root_name, walk
from adamlint.values.calls import Calls
from adamlint.values.touched import touches

_CONSTRUCTORS = ("__init__", "__post_init__")


class Stores:
    """The assignments to attributes and items of one tree, those by `update` and `setattr` included."""

    def __init__(self, tree: Tree, flow: Flow, calls: Calls) -> None:
        self.tree, self.flow, self.calls = tree, flow, calls
        self._searches: dict[tuple[cst.CSTNode, str], tuple[Search, frozenset[Binding]]] = {}

    def reaching(self, use: cst.BaseExpression) -> list[Binding]:
        """Return what gave an attribute or an item its value; none where it may hold what it held before its function began."""
        path = access_path(use)
        return self.at(path, use) if path in self._paths else []

    def at(self, path: str, use: cst.CSTNode) -> list[Binding]:
        """Return what gave a path its value by the time that control is at a use."""
        key = self.flow.scopes.of(use), path
        if key not in self._found or key in self._perhaps:
            return []
        if key not in self._searches:
            self._searches[key] = self._search(*key)
        search, other = self._searches[key]
        found, passes = search.before(use)
        return found if not passes and other.isdisjoint(found) else []

    def _search(self, scope: cst.CSTNode, path: str) -> tuple[Search, frozenset[Binding]]:
        """Return the search for what gives a path its value, and what of that says nothing of the value.

        Something that the path leads through is given anew, or an object, whose attributes are looked for in its class then, is touched.
        """
        anew = [binding for binding in self.flow.scopes.bindings(scope, root_name(path)) if binding.kind is not Kind.PARAMETER]
        anew += [binding for owner in _owners(path) for binding in self._found.get((scope, owner), ())]
        touched = [touch for owner in (root_name(path), *_owners(path)) for touch in self._touched.get((scope, owner), ())]
        every = sorted((*self._found[scope, path], *anew, *touched), key=lambda binding: self.tree.order(binding.node))
        return self.flow.among(every, scope), frozenset([*anew, *(touched if not path.endswith("]") else ())])

    def items(self, owner: cst.BaseExpression) -> dict[str, list[Binding]]:
        """Return what gave the items of a dict, by their keys, where they surely were given anew before a use of it."""
        path, scope = access_path(owner), self.flow.scopes.of(owner)
        keys = [key for key in self._items.get((scope, path), ()) if path]
        return {key: given for key in keys if (given := self.at(f"{path}[{key!r}]", owner))}

    @cached_property
    def _items(self) -> dict[tuple[cst.CSTNode, str], list[str]]:
        """The keys that are stored in each scope, by the path of the dict."""
        found: dict[tuple[cst.CSTNode, str], list[str]] = {}
        for scope, path in self._found:
            owner, _, key = path.rpartition("[")
            if owner and path.endswith("']"):
                found.setdefault((scope, owner), []).append(key[1:-2])
        return found

    def is_remade(self, constant: cst.CSTNode, use: cst.BaseExpression) -> bool:
        """Tell whether another method of a class gives an attribute what it makes of it: `self.optimizer = resolve(self.optimizer)`.

        A constant that is written there, as what it falls back on, stays.
        """
        path, method = access_path(use), self.flow.scopes.of(use)
        cls = self.flow.scopes.of(method) if path in self._paths and isinstance(method, cst.FunctionDef) else None
        methods = [one.node for one in self.flow.scopes.bound_in(cls) if one.node is not method] if isinstance(cls, cst.ClassDef) else []
        made = [store.value for other in methods for store in self._found.get((other, path), ()) if store.value is not None]
        of_it = [value for value in made if any(access_path(part) == path for part in walk(value))]
        return any(constant not in walk(value) for value in of_it)

    def lost(self, owner: cst.ClassDef, name: str) -> Iterator[cst.CSTNode]:
        """Yield what an object no longer has for an attribute when it is made: the values, or bindings of the class, that gave it."""
        own = self.flow.scopes.bindings(owner, name)
        made = (binding.node for method in _CONSTRUCTORS for binding in self.flow.scopes.bindings(owner, method))
        for function in made:
            if isinstance(function, cst.FunctionDef) and function.params.params and not self.flow.scopes.returns(function):
                given = self._found.get((function, f"{function.params.params[0].name.value}.{name}"), [])
                found, passes = self.flow.at_end(given, function) if given else ([], True)
                yield from (store.value for store in given if store not in found and store.value is not None)
                yield from () if passes else (binding.node for binding in own)

    @staticmethod
    def _is_self(node: cst.BaseExpression, method: cst.CSTNode) -> bool:
        params = method.params.params if isinstance(method, cst.FunctionDef) else ()
        return isinstance(node, cst.Name) and [param.name.value for param in params[:1]] == [node.value]

    @cached_property
    def _paths(self) -> frozenset[str]:
        return frozenset(path for _, path in self._found)

    @cached_property
    def _found(self) -> dict[tuple[cst.CSTNode, str], list[Binding]]:
        """What is surely stored in each scope, by the path."""
        found = dict(self._written)
        for store, passes in self._called:
            if not passes:
                key = (self.flow.scopes.of(store.node), store.name)
                found[key] = [*found.get(key, ()), store]
        return found

    @cached_property
    def _perhaps(self) -> set[tuple[cst.CSTNode, str]]:
        """The scopes in which a function is called that gives something to a path on some of its ways, with the path."""
        return {(self.flow.scopes.of(store.node), store.name) for store, passes in self._called if passes}

    @cached_property
    def _touched(self) -> dict[tuple[cst.CSTNode, str], list[Binding]]:
        """What may change something at a path in a way that is not seen, by the scope and the path."""
        found: dict[tuple[cst.CSTNode, str], list[Binding]] = {}
        for touch in touches(self.tree, self.calls):
            found.setdefault((self.flow.scopes.of(touch.node), touch.name), []).append(touch)
        return found

    @cached_property
    def _written(self) -> dict[tuple[cst.CSTNode, str], list[Binding]]:
        found: dict[tuple[cst.CSTNode, str], list[Binding]] = {}
        for store in (*stores(self.tree), *self._updates(), *self._set(), *self._popped()):
            found.setdefault((self.flow.scopes.of(store.node), store.name), []).append(store)
        return found

    @cached_property
    def _called(self) -> list[tuple[Binding, bool]]:
        """What calls store by what they call, each with whether there is a way past it."""
        return [store for (scope, path), given in self._written.items() for store in self._by_calls(scope, path, given)]

    def _by_calls(self, function: cst.CSTNode, path: str, given: list[Binding]) -> Iterator[tuple[Binding, bool]]:
        """Yield what the calls of a function store that gives something to a part of a parameter: `setup(cfg)`, `self.setup()`."""
        root = root_name(path)
        params = [param.name.value for param in function.params.params] if isinstance(function, cst.FunctionDef) else []
        if not isinstance(function, cst.FunctionDef) or root not in params:
            return
        found, passes = self.flow.at_end(given, function)
        for call in self.calls.named(function.name.value):
            owner = access_path(self._handed(call, function, params.index(root), root))
            for store in found if owner else ():
                made = Binding(owner + path.removeprefix(root), Kind.ASSIGN, call, store.value, store.path)
                yield made, passes or bool(self.flow.scopes.returns(function))

    def _handed(self, call: cst.Call, function: cst.FunctionDef, position: int, name: str) -> cst.BaseExpression | None:
        """Return what a call gives to a parameter of a function, its object for the first one of a method."""
        cls, caller = self.flow.scopes.of(function), self.flow.scopes.of(call)
        if isinstance(cls, cst.ClassDef):
            itself = isinstance(call.func, cst.Attribute) and self.flow.scopes.of(caller) is cls and position == 0
            return call.func.value if isinstance(call.func, cst.Attribute) and itself and self._is_self(call.func.value, caller) else None
        bindings = self.flow.reaching(call.func.value, call.func) if isinstance(call.func, cst.Name) else []
        if [binding.node for binding in bindings] != [function] or any(arg.star for arg in call.args):
            return None
        named = [arg.value for arg in call.args if arg.keyword is not None and arg.keyword.value == name]
        plain = [arg.value for arg in call.args if arg.keyword is None]
        return named[0] if named else plain[position] if position < len(plain) else None

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

    def _popped(self) -> Iterator[Binding]:
        """`cfg.pop("optimizer")`: it is gone."""
        for call in self.calls.methods("pop"):
            owner = access_path(call.func.value) if isinstance(call.func, cst.Attribute) else ""
            if owner and call.args and isinstance(call.args[0].value, cst.SimpleString):
                yield Binding(f"{owner}[{call.args[0].value.evaluated_value!r}]", Kind.DELETE, call)

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
