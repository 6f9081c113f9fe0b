"""Where what an expression stands for is written: the import, assignment or entry of a dict that gives it, or the call itself."""

from __future__ import annotations

from itertools import chain

import libcst as cst

from adamlint.names.bindings import Binding, Kind
from adamlint.names.flow import Flow
from adamlint.text.tree import Tree
from adamlint.values.evaluate import Values
from adamlint.values.value import Const, Display, Value

_ANY = object()  # a key that is not known
_HANDING_ON = (cst.Arg, cst.IfExp, cst.BooleanOperation, cst.Dict, cst.DictElement, cst.Subscript)


class Places:
    """Finds in one tree the places at which to report, or to change, what stands elsewhere by name."""

    def __init__(self, tree: Tree, flow: Flow, values: Values) -> None:
        self.tree, self.flow, self.values = tree, flow, values

    def written(self, node: cst.BaseExpression) -> cst.CSTNode:
        """Return where a name, or an item, gets its dotted path: the import, assignment or entry that gives it, else the node itself."""
        entries = self._entries(node)
        if len(entries) == 1 and entries[0] is not node:
            return self.written(entries[0])
        bindings = self.flow.reaching(node.value, node) if isinstance(node, cst.Name) else []
        if len(bindings) == 1 and bindings[0].kind is Kind.IMPORT:
            return bindings[0].node
        value = bindings[0].value if len(bindings) == 1 else None
        return value if isinstance(value, cst.Attribute) else node

    def stands_in(self, node: cst.CSTNode, call: cst.Call) -> bool:
        """Tell whether a place is written inside of a call, so that what stands there is made anew each time it runs.

        What stands for a constant of another file is no such place.
        """
        if node in self.values.borrowing or isinstance(node, (cst.Name, cst.Attribute)):
            return False
        above = self.tree.parent(node)
        while above is not None and above is not call and self._hands_on(above):
            above = self.tree.parent(above)
        return above is call

    def _hands_on(self, node: cst.CSTNode) -> bool:
        """Tell whether what stands within an expression may be its value as it is; what a function is given, it may look at or keep."""
        if isinstance(node, cst.Call):
            named = self.values.names(node.func) in (("builtins.dict",), ("builtins.getattr",))
            return named or (isinstance(node.func, cst.Attribute) and node.func.attr.value in ("get", "pop"))
        return isinstance(node, _HANDING_ON)

    def giving(self, node: cst.BaseExpression) -> list[tuple[cst.CSTNode, tuple[Value, ...]]]:
        """Return the places that give a name its alternatives, each with its own, where several bindings or branches do."""
        if isinstance(node, cst.Attribute):
            found = self.giving(node.value)
            return [(at, tuple(chain.from_iterable(self.values.attribute(v, node.attr.value) for v in given))) for at, given in found]
        if len(entries := self._entries(node)) > 1:
            return [(self.written(entry), self.values.of(entry)) for entry in entries]
        if isinstance(node, cst.Subscript):
            return [(at, tuple(chain.from_iterable(self.values.items(v, node) for v in given))) for at, given in self.giving(node.value)]
        bindings = self.flow.reaching(node.value, node) if isinstance(node, cst.Name) else []
        places = [place for binding in bindings for place in self._places(binding)]
        return places if len(places) > 1 else []

    def _entries(self, node: cst.BaseExpression) -> list[cst.BaseExpression]:
        """Return what a dict of this file has for the key of an item, or all of it where the key is not known."""
        owners = self.values.of(node.value) if isinstance(node, cst.Subscript) and len(node.slice) == 1 else ()
        index = node.slice[0].slice if isinstance(node, cst.Subscript) and owners else None
        if len(owners) != 1 or not isinstance(owners[0], Display) or not isinstance(index, cst.Index):
            return []
        keys = [key.value if isinstance(key, Const) else _ANY for key in self.values.of(index.value)]
        return [value for key, value in self.values.displays.entries(owners[0]) if _ANY in keys or key in keys]

    def _places(self, binding: Binding) -> list[tuple[cst.CSTNode, tuple[Value, ...]]]:
        if binding.kind is Kind.ASSIGN and binding.value is not None and not binding.path:
            return [(branch, self.values.of(branch)) for branch in _branches(binding.value)]
        return [(binding.node, tuple(self.values.bound(binding)))]


def _branches(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    """Return the expressions of which a conditional one takes its value."""
    return [*_branches(node.body), *_branches(node.orelse)] if isinstance(node, cst.IfExp) else [node]
