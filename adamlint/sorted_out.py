"""Constants that a name cannot hold where it is used: a test has sent them another way, or given the name something else instead.

`if optimizer == "adam": optimizer = Adam(…)`, `match optimizer: case "adam": …`, `assert not isinstance(optimizer, str)`, and what stands
in the other branch of these.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import libcst as cst

from adamlint.bindings import Binding, Kind
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

Test = cst.If | cst.IfExp | cst.Match | cst.Assert


class SortedOut:
    """The tests of one tree; ``of`` evaluates an expression."""

    def __init__(self, tree: Tree, flow: Flow, displays: Displays, of: Callable[[cst.CSTNode], tuple[Value, ...]]) -> None:
        self.tree, self.flow, self.displays, self._of = tree, flow, displays, of

    def is_gone(self, constant: Const, use: cst.Name | cst.Attribute, binding: Binding | None = None) -> bool:
        """Tell whether what a constant is given to, a name by a binding, holds something else where it is used, if it is used at all.

        A class stands as the constant ``type``.
        """
        asked = _Asked(self, constant, dotted_name(use), binding)
        tests = [test for name in dict.fromkeys((asked.name, asked.source)) for test in self._tests.get(name, ())]
        scope = self.flow.scopes.of(use) if tests else None
        here = (test for test in tests if self.flow.scopes.of(test) is scope)
        return any(self._sends_away(test, use, asked) for test in here)

    @cached_property
    def _tests(self) -> dict[str, list[Test]]:
        """The statements and expressions that ask something of a name, by that."""
        found: dict[str, list[Test]] = {}
        nodes = self.tree.nodes
        tests: list[Test] = [*nodes(cst.If), *nodes(cst.IfExp), *nodes(cst.Match), *nodes(cst.Assert)]
        for test in tests:
            for name in {dotted_name(node) for node in walk(test.subject if isinstance(test, cst.Match) else test.test)} - {""}:
                found.setdefault(name, []).append(test)
        return found

    def _sends_away(self, test: Test, use: cst.CSTNode, asked: _Asked) -> bool:
        if self._is_in(use, test):
            return self._is_past(test, use, asked)
        line = self.tree.parent(test) if isinstance(test, cst.Assert) else test
        block = self.tree.parent(line) if line is not None else None
        before = isinstance(block, (cst.Module, cst.IndentedBlock)) and self._is_in(use, block)
        return before and self.tree.order(test) < self.tree.order(use) and self._is_taken(test, asked)

    def _is_past(self, test: Test, use: cst.CSTNode, asked: _Asked) -> bool:
        """Tell whether a constant goes another way through a test than the use that is within it."""
        if isinstance(test, cst.Match):
            chosen = asked.chosen(test)
            return chosen is not None and not self._is_in(use, test.subject) and not self._is_in(use, chosen)
        if isinstance(test, cst.Assert) or self._is_in(use, test.test):
            return False
        return asked.holds(test.test) is not self._is_in(use, test.body) and asked.holds(test.test) is not None

    def _is_in(self, node: cst.CSTNode, region: cst.CSTNode) -> bool:
        start, end = self.tree.extent(region)
        return start <= self.tree.order(node) < end

    def _is_taken(self, test: Test, asked: _Asked) -> bool:
        """Tell whether the branch that a constant goes through leaves, or gives the name another value."""
        if isinstance(test, cst.Match):
            chosen = asked.chosen(test)
            return chosen is not None and self._replaces(chosen.body, asked)
        if not isinstance(test, cst.If):
            return isinstance(test, cst.Assert) and asked.holds(test.test) is False
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
        # `optimizer = args.optimizer`: what is asked of the one holds for the other.
        self.source = dotted_name(binding.value) if binding is not None and binding.kind is Kind.ASSIGN and not binding.path else ""

    def chosen(self, match: cst.Match) -> cst.MatchCase | None:
        """Return the case that the constant goes to; None where that is not known, or none."""
        subject = self._changed(match.subject)
        for case in match.cases if subject is not None else ():
            fits = self._fits(subject, case.pattern) if subject is not None else None
            if fits is not False:
                return case if fits and case.guard is None else None
        return None

    def _fits(self, subject: Const, pattern: cst.MatchPattern) -> bool | None:
        """Tell whether a constant is what a case is for; None where that is not known."""
        if isinstance(pattern, cst.MatchAs):
            return True if pattern.pattern is None else self._fits(subject, pattern.pattern)
        if isinstance(pattern, cst.MatchOr):
            sides = {self._fits(subject, element.pattern) for element in pattern.patterns}
            return True if True in sides else None if None in sides else False
        if isinstance(pattern, cst.MatchSingleton):
            return subject.value is {"None": None, "True": True, "False": False}[pattern.value.value]
        values = self._constants(pattern.value, within=False) if isinstance(pattern, cst.MatchValue) else []
        return subject.value == values[0] if values else None

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
        func = test.func if isinstance(test, cst.Call) and len(test.args) == 1 else None
        if isinstance(test, cst.Call) and isinstance(func, cst.Attribute) and func.attr.value == "startswith":
            texts = self._texts(func.value, test.args[0].value)
            return texts[0].startswith(texts[1]) if texts is not None else None
        return bool(self.constant.value) if self._is_it(test) else None

    def _compared(self, left: cst.BaseExpression, right: cst.ComparisonTarget) -> bool | None:
        value, operator = self._changed(left), right.operator
        within = isinstance(operator, (cst.In, cst.NotIn))
        if value is None and within:
            texts = self._texts(right.comparator, left)
            return (texts[1] in texts[0]) is isinstance(operator, cst.In) if texts is not None else None
        wanted = self._constants(right.comparator, within) if value is not None else []
        if value is None or not wanted or not isinstance(operator, (*_EQUAL, *_UNEQUAL)):
            return None
        return (value.value in wanted) is isinstance(operator, _EQUAL)

    def _texts(self, whole: cst.BaseExpression, part: cst.BaseExpression) -> tuple[str, str] | None:
        """Return what a text is, or is made into, and another that is looked for in it; None where either is not known."""
        text, parts = self._changed(whole), self._constants(part, within=False)
        known = [value for value in (text.value if text is not None else None, *parts) if isinstance(value, str)]
        return (known[0], known[1]) if len(known) == 2 else None

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
        named = dotted_name(node)
        if named == self.name:
            return self.binding is None or self.binding in self.flow.reaching(self.name, node)
        root, given = self.source.partition(".")[0], self.binding.value if self.binding is not None else None
        return named == self.source != "" and given is not None and self.flow.reaching(root, given) == self.flow.reaching(root, node)
