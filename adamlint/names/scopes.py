"""The scopes of a tree, and which of its bindings belongs to which: Python's own rules for `global`, classes and comprehensions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import libcst as cst

from adamlint.names.bindings import Binding, Kind, bindings, stars
from adamlint.text.tree import Tree

SCOPES = (cst.Module, cst.FunctionDef, cst.Lambda, cst.ClassDef, cst.BaseComp)
# Below any other node, the scope is that of the node itself. By type: isinstance of LibCST's abstract classes is slow.
_NOT_PLAIN = frozenset({
    cst.Module, cst.FunctionDef, cst.Lambda, cst.ClassDef, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp,
    cst.Param, cst.Parameters,
})  # fmt: skip


class Scopes:
    """The scopes of one tree; ``stars`` are the scope and the module of each `from module import *`."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._scopes: dict[cst.CSTNode, cst.CSTNode] = {}
        self._bindings: dict[cst.CSTNode, dict[str, list[Binding]]] = defaultdict(lambda: defaultdict(list))
        self._elsewhere: dict[tuple[cst.CSTNode, str], str] = {}  # global and nonlocal
        self._returns: dict[cst.CSTNode, list[cst.Return]] | None = None
        self._collect()
        self.stars = [(self.of(node), module) for node, module in stars(tree)]

    def of(self, node: cst.CSTNode) -> cst.CSTNode:
        """Return the scope in which the code at ``node`` is evaluated."""
        if node not in self._scopes:
            above = self.tree.parent(node)
            plain = above is not None and type(above) not in _NOT_PLAIN
            self._scopes[node] = self.of(above) if above is not None and plain else self._of(node)
        return self._scopes[node]

    def _of(self, node: cst.CSTNode) -> cst.CSTNode:
        child, deferred = node, False
        for above in self.tree.ancestors(node):
            if isinstance(above, cst.Param):
                deferred = child is above.default or child is above.annotation
            elif isinstance(above, SCOPES) and _is_inside(above, child, deferred):
                return above
            child = above
        return self.tree.module

    def outer(self, scope: cst.CSTNode) -> cst.CSTNode | None:
        """Return the scope in which names that ``scope`` does not bind are looked up; classes are passed over."""
        above = self.of(scope) if scope is not self.tree.module else None
        while isinstance(above, cst.ClassDef):
            above = self.of(above)
        return above

    def bindings(self, scope: cst.CSTNode, name: str) -> Sequence[Binding]:
        """Return all bindings of ``name`` that belong to ``scope``, in the order of the program."""
        return self._bindings[scope].get(name, ()) if scope in self._bindings else ()

    def bound_in(self, scope: cst.CSTNode) -> Iterator[Binding]:
        """Yield every binding that belongs to ``scope``."""
        for found in self._bindings[scope].values() if scope in self._bindings else ():
            yield from found

    def declared(self, scope: cst.CSTNode, name: str) -> cst.CSTNode | None:
        """Return the scope that ``name`` belongs to by a `global` or `nonlocal` in ``scope``; None without one."""
        where = self._elsewhere.get((scope, name))
        if where == "module":
            return self.tree.module
        return self.outer(scope) or scope if where else None

    def returns(self, function: cst.CSTNode) -> Sequence[cst.Return]:
        """Return the `return` statements of a function, not those of functions in it."""
        if self._returns is None:
            self._returns = defaultdict(list)
            for statement in self.tree.nodes(cst.Return):
                self._returns[self.of(statement)].append(statement)
        return self._returns.get(function, ())

    def _collect(self) -> None:
        declarations: list[cst.Global | cst.Nonlocal] = [*self.tree.nodes(cst.Global), *self.tree.nodes(cst.Nonlocal)]
        for node in declarations:
            for item in node.names:
                self._elsewhere[self.of(node), item.name.value] = "module" if isinstance(node, cst.Global) else "outer"
        for binding in bindings(self.tree):
            home = self._home(binding)
            self._bindings[self.declared(home, binding.name) or home][binding.name].append(binding)
        for names in self._bindings.values():
            for found in names.values():
                found.sort(key=lambda b: self.tree.order(b.node))

    def _home(self, binding: Binding) -> cst.CSTNode:
        """Return the scope that a binding is written in; a walrus reaches out of comprehensions."""
        if binding.kind is Kind.PARAMETER:
            return next(a for a in self.tree.ancestors(binding.node) if isinstance(a, (cst.FunctionDef, cst.Lambda)))
        scope = self.of(binding.node)
        parent = self.tree.parent(binding.node)
        while isinstance(scope, cst.BaseComp) and isinstance(parent, cst.NamedExpr):
            scope = self.of(scope)
        return scope


def _is_inside(scope: cst.CSTNode, child: cst.CSTNode, deferred: bool) -> bool:
    if isinstance(scope, (cst.FunctionDef, cst.Lambda)):  # defaults and annotations belong to the scope outside
        return child is scope.body or (child is scope.params and not deferred)
    if isinstance(scope, cst.ClassDef):
        return child is scope.body
    return True
