"""The calls of a tree by the name of what they call, where names are used, and what a method is called on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

import libcst as cst

from adamlint.text.tree import Tree


class Calls:
    """The calls of one tree."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    def named(self, name: str) -> Sequence[cst.Call]:
        """Return the calls of a function or method of this name."""
        return self._by_name.get(name, ())

    def methods(self, name: str) -> list[cst.Call]:
        """Return the calls of a method of this name, whatever its object."""
        return [call for call in self.named(name) if object_of(call, name) is not None]

    @cached_property
    def _by_name(self) -> dict[str, list[cst.Call]]:
        found: dict[str, list[cst.Call]] = {}
        for call in self.tree.nodes(cst.Call):
            name = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
            if isinstance(name, cst.Name):
                found.setdefault(name.value, []).append(call)
        return found

    def mentions(self, name: str) -> int:
        """Return how often an attribute of this name is spoken of."""
        return self._attributes[name]

    @cached_property
    def _attributes(self) -> Counter[str]:
        return Counter(node.attr.value for node in self.tree.nodes(cst.Attribute))

    def uses(self, name: str) -> Sequence[cst.Name]:
        """Return where a name stands as one, neither as an attribute nor as a keyword."""
        return self._uses.get(name, ())

    @cached_property
    def _uses(self) -> dict[str, list[cst.Name]]:
        found: dict[str, list[cst.Name]] = {}
        for node in self.tree.nodes(cst.Name):
            above = self.tree.parent(node)
            label = above.attr if isinstance(above, cst.Attribute) else above.keyword if isinstance(above, cst.Arg) else None
            if label is not node:
                found.setdefault(node.value, []).append(node)
        return found


def object_of(call: cst.Call, method: str) -> cst.BaseExpression | None:
    """Return the object of a call of a method of this name; None for any other call."""
    func = call.func
    return func.value if isinstance(func, cst.Attribute) and func.attr.value == method else None
