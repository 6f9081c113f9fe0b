"""What the list and dict literals of a tree hold: their entries, those of dicts spread into them, and what is put in later by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

import libcst as cst

from adamlint.bindings import Kind
from adamlint.flow import Flow
from adamlint.tree import Tree
from adamlint.values import Const, Display, Part, Series, Value

Entry = tuple[object, cst.BaseExpression]
Evaluate = Callable[[cst.CSTNode], tuple[Value, ...]]
_GROWS = ("append", "extend", "insert", "add")


class Displays:
    """The literals of one tree; ``of`` evaluates an expression."""

    def __init__(self, tree: Tree, flow: Flow, of: Evaluate) -> None:
        self.tree, self.flow, self._of = tree, flow, of

    def elements(self, value: Value) -> list[Part]:
        """Return the elements of a list, tuple, set or series, and the keys of a dict."""
        if isinstance(value, Series):
            return list(value.parts)
        if not isinstance(value, Display):
            return []
        if isinstance(value.node, cst.Dict):
            return [element.key for element in value.node.elements if isinstance(element, cst.DictElement)]
        if isinstance(value.node, (cst.List, cst.Tuple, cst.Set)):
            written: list[Part] = [element.value for element in value.node.elements if isinstance(element, cst.Element)]
            return written + list(self._added.get(value.node, ()))
        return []

    def entries(self, display: Display) -> list[Entry]:
        """Return the constant keys of a dict display or `dict(...)` call with the expressions of their values."""
        return list(self._entries(display, frozenset()))

    def is_known(self, display: Display) -> bool:
        """Tell whether all keys of a dict display or `dict(...)` call are seen."""
        return isinstance(display.node, (cst.Dict, cst.Call)) and self._is_known(display.node, frozenset())

    def put(self, display: Display) -> list[tuple[cst.BaseExpression, cst.BaseExpression]]:
        """Return the keys and the values that are put into a dict after it was written, by `d[key] = value`."""
        return self._put.get(display.node, [])

    def _entries(self, display: Display, seen: frozenset[cst.CSTNode]) -> Iterator[Entry]:
        for key, value in self.put(display):
            yield from ((known.value, value) for known in self._of(key) if isinstance(known, Const))
        for element in display.node.elements if isinstance(display.node, cst.Dict) else ():
            if isinstance(element, cst.DictElement):
                yield from ((known.value, element.value) for known in self._of(element.key) if isinstance(known, Const))
            else:
                yield from self._spread(element.value, seen | {display.node})
        for arg in display.node.args if isinstance(display.node, cst.Call) else ():
            if arg.keyword is not None:
                yield arg.keyword.value, arg.value
            else:
                yield from self._spread(arg.value, seen | {display.node})

    def _spread(self, node: cst.BaseExpression, seen: frozenset[cst.CSTNode]) -> Iterator[Entry]:
        for value in self._of(node):
            if isinstance(value, Display) and value.node not in seen:
                yield from self._entries(value, seen)

    def _is_known(self, node: cst.Dict | cst.Call, seen: frozenset[cst.CSTNode]) -> bool:
        if isinstance(node, cst.Call):
            spread = [arg.value for arg in node.args if arg.keyword is None]
            keys: list[cst.BaseExpression] = []
        else:
            spread = [element.value for element in node.elements if isinstance(element, cst.StarredDictElement)]
            keys = [element.key for element in node.elements if isinstance(element, cst.DictElement)]
        keys += [key for key, _ in self._put.get(node, ())]
        inner = [value for part in spread for value in self._of(part)]
        return all(isinstance(value, Const) for key in keys for value in self._of(key)) and all(
            isinstance(value, Display)
            and isinstance(value.node, (cst.Dict, cst.Call))
            and value.node not in seen
            and self._is_known(value.node, seen | {node})
            for value in inner
        )

    # Put in later ---------------------------------------------------------------------------------

    @cached_property
    def _put(self) -> dict[cst.CSTNode, list[tuple[cst.BaseExpression, cst.BaseExpression]]]:
        """What `name[key] = value` puts into the dict that a name is bound to."""
        found: dict[cst.CSTNode, list[tuple[cst.BaseExpression, cst.BaseExpression]]] = {}
        for assign in self.tree.nodes(cst.Assign):
            for target in assign.targets:
                subscript = target.target
                index = subscript.slice[0].slice if isinstance(subscript, cst.Subscript) and len(subscript.slice) == 1 else None
                if isinstance(subscript, cst.Subscript) and isinstance(index, cst.Index):
                    for display in self._named(subscript.value):
                        found.setdefault(display, []).append((index.value, assign.value))
        return found

    @cached_property
    def _added(self) -> dict[cst.CSTNode, list[cst.BaseExpression]]:
        """What `name.append(value)` and its like add to the list that a name is bound to."""
        found: dict[cst.CSTNode, list[cst.BaseExpression]] = {}
        for call in self.tree.nodes(cst.Call):
            if isinstance(call.func, cst.Attribute) and call.func.attr.value in _GROWS and call.args:
                for display in self._named(call.func.value):
                    found.setdefault(display, []).extend(self._given(call, call.func.attr.value))
        return found

    def _given(self, call: cst.Call, method: str) -> list[cst.BaseExpression]:
        last = call.args[-1].value
        if method != "extend":
            return [last]
        return [e.value for e in last.elements if isinstance(e, cst.Element)] if isinstance(last, (cst.List, cst.Tuple)) else []

    def _named(self, node: cst.BaseExpression) -> Iterator[cst.CSTNode]:
        """Yield the literals that a name is bound to, without following it further."""
        for binding in self.flow.reaching(node.value, node) if isinstance(node, cst.Name) else ():
            if binding.kind is Kind.ASSIGN and not binding.path and isinstance(binding.value, (cst.Dict, cst.List, cst.Set, cst.Call)):
                yield binding.value
