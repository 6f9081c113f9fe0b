"""Constants that a name cannot hold where it is used: a test has sent them another way, or given the name something else instead.

`if optimizer == "adam": optimizer = Adam(…)`, `if isinstance(optimizer, str): …`, and what stands in the other branch of these.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import libcst as cst

from adamlint.bindings import Binding
from adamlint.displays import Displays
from adamlint.flow import Flow
from adamlint.names import in_keras
from adamlint.strings import PLAIN
from adamlint.tree import Tree, dotted_name, walk
from adamlint.values import UNKNOWN, Const, Ref, Value

_TYPES: dict[str, type] = {
    f"builtins.{kind.__name__}": kind for kind in (str, bytes, int, float, bool, dict, list, tuple, set, type)
}
_EQUAL = (cst.Equal, cst.Is, cst.In)
_UNEQUAL = (cst.NotEqual, cst.IsNot, cst.NotIn)

Test = cst.If | cst.IfExp


class SortedOut:
    """The tests of one tree; ``of`` evaluates an expression."""

    def __init__(self, tree: Tree, flow: Flow, displays: Displays, of: Callable[[cst.CSTNode], tuple[Value, ...]]) -> None:
        self.tree, self.flow, self.displays, self._of = tree, flow, displays, of

    def is_gone(self, constant: Const, use: cst.Name | cst.Attribute, binding: Binding | None = None) -> bool:
        """Tell whether what a constant is given to, a name by a binding, holds something else where it is used, if it is used at all.

        A class stands as the constant ``type``.
        """
        tests = self._tests.get(dotted_name(use), ())
        scope = self.flow.scopes.of(use) if tests else None
        here = (test for test in tests if self.flow.scopes.of(test) is scope)
        return any(self._sends_away(test, use, _Asked(self, constant, dotted_name(use), binding)) for test in here)

    @cached_property
    def _tests(self) -> dict[str, list[Test]]:
        """The statements and expressions that ask something of a name, by that."""
        found: dict[str, list[Test]] = {}
        tests: list[Test] = [*self.tree.nodes(cst.If), *self.tree.nodes(cst.IfExp)]
        for test in tests:
            for name in {dotted_name(node) for node in walk(test.test)} - {""}:
                found.setdefault(name, []).append(test)
        return found

    def _sends_away(self, test: Test, use: cst.CSTNode, asked: _Asked) -> bool:
        if self._is_in(use, test):
            unwanted = not self._is_in(use, test.body)
            return not self._is_in(use, test.test) and asked.holds(test.test) is unwanted
        block = self.tree.parent(test)
        before = isinstance(block, (cst.Module, cst.IndentedBlock)) and self._is_in(use, block)
        return before and isinstance(test, cst.If) and self.tree.order(test) < self.tree.order(use) and self._is_taken(test, asked)

    def _is_in(self, node: cst.CSTNode, region: cst.CSTNode) -> bool:
        start, end = self.tree.extent(region)
        return start <= self.tree.order(node) < end

    def _is_taken(self, test: cst.If, asked: _Asked) -> bool:
        """Tell whether the branch that a constant goes through leaves, or gives the name another value."""
        holds, other = asked.holds(test.test), test.orelse
        if holds is False and isinstance(other, cst.If):
            return self._is_taken(other, asked)
        branch = test.body if holds else other.body if holds is False and other is not None else None
        return branch is not None and self._replaces(branch, asked)

    def _replaces(self, branch: cst.BaseSuite, asked: _Asked) -> bool:
        if asked.binding is not None:
            return not self.flow.passes(asked.name, branch)
        lines = [part for line in branch.body for part in (line.body if isinstance(line, cst.SimpleStatementLine) else (line,))]
        set_here = {dotted_name(target.target) for line in lines if isinstance(line, cst.Assign) for target in line.targets}
        return asked.name in set_here or not self.flow.blocks.falls_through(branch)


class _Asked:
    """What tests come to for a constant that a name, or an attribute, may hold."""

    def __init__(self, tests: SortedOut, constant: Const, name: str, binding: Binding | None) -> None:
        self.flow, self.displays, self._of = tests.flow, tests.displays, tests._of
        self.constant, self.name, self.binding = constant, name, binding

    def holds(self, test: cst.BaseExpression) -> bool | None:
        """Return what a test is; None where that is not known."""
        if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
            inner = self.holds(test.expression)
            return None if inner is None else not inner
        if isinstance(test, cst.BooleanOperation):
            decisive = isinstance(test.operator, cst.Or)
            sides = {self.holds(test.left), self.holds(test.right)}
            return decisive if decisive in sides else None if None in sides else not decisive
        if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
            return self._compared(test.left, test.comparisons[0])
        if isinstance(test, cst.Call) and test.args and self._is_it(test.args[0].value):
            return self._is_instance(test)
        return bool(self.constant.value) if self._is_it(test) else None

    def _compared(self, left: cst.BaseExpression, right: cst.ComparisonTarget) -> bool | None:
        value, operator = self._changed(left), right.operator
        wanted = self._constants(right.comparator, isinstance(operator, (cst.In, cst.NotIn))) if value is not None else []
        if value is None or not wanted or not isinstance(operator, (*_EQUAL, *_UNEQUAL)):
            return None
        return (value.value in wanted) is isinstance(operator, _EQUAL)

    def _changed(self, node: cst.BaseExpression) -> Const | None:
        """Return the constant, or what `name.lower()` or `type(name)` makes of it; None for an expression of something else."""
        if isinstance(node, cst.Call) and dotted_name(node.func) == "type" and len(node.args) == 1:
            return Const(type(self.constant.value), node) if self._is_it(node.args[0].value) else None
        func = node.func if isinstance(node, cst.Call) and not node.args else None
        if isinstance(func, cst.Attribute) and func.attr.value in PLAIN and isinstance(self.constant.value, str):
            return Const(getattr(self.constant.value, func.attr.value)(), node) if self._is_it(func.value) else None
        return self.constant if self._is_it(node) else None

    def _constants(self, node: cst.BaseExpression, within: bool) -> list[object]:
        """Return the one constant that an expression is, or those within it; none where there may be something else."""
        values = self._of(node)
        if len(values) == 1 and within:
            parts = self.displays.elements(values[0])
            values = tuple(value for part in parts for value in (self._of(part) if isinstance(part, cst.CSTNode) else (UNKNOWN,)))
        elif len(values) != 1:
            return []
        known = (Const(_TYPES[v.name], node) if isinstance(v, Ref) and v.name in _TYPES else v for v in values)
        constants = [value.value for value in known if isinstance(value, Const)]
        return constants if len(constants) == len(values) else []

    def _is_instance(self, call: cst.Call) -> bool | None:
        """Neither a constant nor a class is an instance of a class of Keras."""
        asked = dotted_name(call.func).rpartition(".")[2]
        if asked in ("callable", "isclass") and len(call.args) == 1:
            return isinstance(self.constant.value, type)
        if asked != "isinstance" or len(call.args) != 2:
            return None
        kinds = call.args[1].value
        named = [self._of(part) for part in ([e.value for e in kinds.elements] if isinstance(kinds, cst.Tuple) else [kinds])]
        names = [values[0].name for values in named if len(values) == 1 and isinstance(values[0], Ref)]
        known = len(names) == len(named) and all(name in _TYPES or in_keras(name) for name in names)
        return isinstance(self.constant.value, tuple(_TYPES[name] for name in names if name in _TYPES)) if known else None

    def _is_it(self, node: cst.BaseExpression) -> bool:
        named = dotted_name(node) == self.name
        return named and (self.binding is None or self.binding in self.flow.reaching(self.name, node))
