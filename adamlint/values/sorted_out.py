"""Constants that a name cannot hold where it is used: a test has sent them another way, or given the name something else instead.

`if optimizer == "adam": optimizer = Adam(…)`, `match optimizer: case "adam": …`, `assert not isinstance(optimizer, str)`, and what stands
in the other branch of these; and `except KeyError:` behind a look-up that finds them. What is said of a name holds for an attribute, and
for an item by a literal key.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from adamlint.names.bindings import Binding, Kind
from adamlint.names.flow import Flow
from adamlint.text.tree import Tree, access_path, walk
from adamlint.values.asked import Asked, given_to
from adamlint.values.displays import Displays, Evaluate
from adamlint.values.value import Const

Test = cst.If | cst.IfExp | cst.Match | cst.Assert | cst.While | cst.Try | cst.BooleanOperation | cst.CompIf


class SortedOut:
    """The tests of one tree; ``of`` evaluates an expression."""

    def __init__(self, tree: Tree, flow: Flow, displays: Displays, of: Evaluate) -> None:
        self.tree, self.flow, self.displays, self._of = tree, flow, displays, of

    def is_gone(self, constant: Const, use: cst.BaseExpression, binding: Binding | None = None) -> bool:
        """Tell whether what a constant is given to, a name by a binding, holds something else where it is used, if it is used at all.

        A class stands as the constant ``type``.
        """
        asked = Asked(self.flow, self.displays, self._of, constant, access_path(use), binding)
        tests = [test for path in dict.fromkeys((asked.path, asked.source)) for test in self._tests.get(path, ())]
        scope = self.flow.scopes.of(use) if tests else None
        here = [test for test in tests if self.flow.scopes.of(test) is scope]
        elsewhere = (test for test in tests if test not in here)
        return any(self._sends_away(test, use, asked) for test in here) or any(self._is_done(test, use, asked) for test in elsewhere)

    def is_replaced(self, constant: Const, cls: cst.ClassDef, name: str) -> bool:
        """Tell whether a method of a class puts something else in place of a constant that an attribute of its objects holds."""
        asked = Asked(self.flow, self.displays, self._of, constant, f"self.{name}", None)
        methods = [one.node for one in self.flow.scopes.bound_in(cls)]
        return any(self._gives_anew(test, asked) for test in self._tests.get(asked.path, ()) if self.flow.scopes.of(test) in methods)

    @cached_property
    def _tests(self) -> dict[str, list[Test]]:
        """The statements and expressions that ask something of a name, by that."""
        found: dict[str, list[Test]] = {}
        nodes = self.tree.nodes
        tests: list[Test] = [*nodes(cst.If), *nodes(cst.IfExp), *nodes(cst.Match), *nodes(cst.Assert), *nodes(cst.While), *nodes(cst.Try)]
        tests += [*nodes(cst.BooleanOperation), *nodes(cst.CompIf)]
        for test in tests:
            for path in {path for part in _asking(test) for path in self._paths(part)} - {""}:
                found.setdefault(path, []).append(test)
        return found

    def _paths(self, part: cst.CSTNode, depth: int = 2) -> Iterator[str]:
        """Yield the access paths in a test, and in what the names in it were given."""
        for node in walk(part):
            yield access_path(node)
            told = given_to(node, self.flow) if depth and isinstance(node, cst.Name) else None
            yield from self._paths(told, depth - 1) if told is not None else ()

    def _is_done(self, test: Test, use: cst.BaseExpression, asked: Asked) -> bool:
        """Tell whether a constant is gone by a test outside of the function of its use: around it, or in another method."""
        at, function = self.flow.scopes.of(test), self.flow.scopes.of(use)
        if asked.binding is not None:
            bound = self.flow.scopes.of(asked.binding.node) if asked.binding.kind is not Kind.PARAMETER else None
            around = at is bound or (isinstance(at, cst.FunctionDef) and self.tree.is_in(asked.binding.node, at.params))
            return around and self.tree.parent(test) in (at, getattr(at, "body", None)) and self._is_taken(test, asked)
        cls = self.flow.scopes.of(function) if isinstance(function, cst.FunctionDef) else None
        return isinstance(cls, cst.ClassDef) and self.flow.scopes.of(at) is cls and self._gives_anew(test, asked)

    def _gives_anew(self, test: Test, asked: Asked) -> bool:
        branch = self._branch(test, asked)
        return branch is not None and self._sets(branch, asked)

    def _sends_away(self, test: Test, use: cst.CSTNode, asked: Asked) -> bool:
        if self.tree.is_in(use, test):
            return self._is_past(test, use, asked)
        if isinstance(test, cst.CompIf):
            return asked.holds(test.test) is False
        if asked.binding is not None and self.tree.is_in(asked.binding.node, test) and not isinstance(test, cst.While):
            return False  # it comes of what has been asked
        line = self.tree.parent(test) if isinstance(test, cst.Assert) else test
        block = self.tree.parent(line) if line is not None else None
        before = isinstance(block, (cst.Module, cst.IndentedBlock)) and self.tree.is_in(use, block)
        return before and self.tree.order(test) < self.tree.order(use) and self._is_taken(test, asked)

    def _is_past(self, test: Test, use: cst.CSTNode, asked: Asked) -> bool:
        """Tell whether a constant goes another way through a test than the use that is within it."""
        if isinstance(test, cst.Match):
            chosen = asked.chosen(test)
            return chosen is not None and not self.tree.is_in(use, test.subject) and not self.tree.is_in(use, chosen)
        if isinstance(test, cst.Try):
            failed = any(self.tree.is_in(use, handler.body) for handler in test.handlers)
            return failed and any(asked.is_key(node) for part in _asking(test) for node in walk(part) if isinstance(node, cst.Subscript))
        if isinstance(test, cst.BooleanOperation):
            return self.tree.is_in(use, test.right) and asked.holds(test.left) is isinstance(test.operator, cst.Or)
        if isinstance(test, (cst.Assert, cst.CompIf)) or self.tree.is_in(use, test.test):
            return False
        return asked.holds(test.test) is not self.tree.is_in(use, test.body) and asked.holds(test.test) is not None

    def _is_taken(self, test: Test, asked: Asked) -> bool:
        """Tell whether the branch that a constant goes through leaves, or gives the name another value."""
        if isinstance(test, cst.While):
            return asked.holds(test.test) is True and not self._is_broken(test)
        if isinstance(test, cst.Assert):
            return asked.holds(test.test) is False
        branch = self._branch(test, asked)
        return branch is not None and self._replaces(branch, asked)

    def _branch(self, test: Test, asked: Asked) -> cst.BaseSuite | None:
        """Return the branch that a constant goes through; None where that is not known, or there is none."""
        if isinstance(test, cst.Match):
            chosen = asked.chosen(test)
            return chosen.body if chosen is not None else None
        if not isinstance(test, cst.If):
            return None
        holds, other = asked.holds(test.test), test.orelse
        if holds is False and isinstance(other, cst.If):
            return self._branch(other, asked)
        return test.body if holds else other.body if holds is False and other is not None else None

    def _is_broken(self, loop: cst.While) -> bool:
        """Tell whether a loop may end while its test holds."""
        return any(self.tree.enclosing(leaving, cst.While, cst.For) is loop for leaving in self.tree.nodes(cst.Break))

    def _replaces(self, branch: cst.BaseSuite, asked: Asked) -> bool:
        if asked.binding is not None:
            return not self.flow.passes(asked.path, branch)
        return self._sets(branch, asked) or not self.flow.blocks.falls_through(branch)

    def _sets(self, branch: cst.BaseSuite, asked: Asked) -> bool:
        lines = [part for line in branch.body for part in (line.body if isinstance(line, cst.SimpleStatementLine) else (line,))]
        return asked.path in {access_path(target.target) for line in lines if isinstance(line, cst.Assign) for target in line.targets}


def _asking(test: Test) -> Iterator[cst.CSTNode]:
    """Yield where a test asks: its condition, or the lines in which a look-up may fail."""
    if isinstance(test, cst.Try):
        yield from (line for line in test.body.body if isinstance(line, cst.SimpleStatementLine))
    elif isinstance(test, cst.BooleanOperation):
        yield test.left
    else:
        yield test.subject if isinstance(test, cst.Match) else test.test
