"""The target that is left inside a guard: version tests, hasattr, early returns and handlers, each evaluated by the atlas.

A test is evaluated once for each cell of the target (conditions.py), and narrows only where the answer is certain.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache

import libcst as cst

from adamlint.atlas import Cell, Fact, Import, Outcome, Subject, look_up, releases
from adamlint.names.bindings import Binding, Kind
from adamlint.names.canonical import canonical
from adamlint.names.flow import Flow
from adamlint.program.conditions import FAILURES, Condition, is_version
from adamlint.target import Target
from adamlint.text.tree import Tree, dotted_name
from adamlint.values.evaluate import Values
from adamlint.values.kinds import Kinds
from adamlint.values.value import Const

# IS_KERAS_3_PLUS, keras_3(), TF2, tf_version, is_tensorflow_later_than("2.5"), python_keras_is_deprecated()
_ASKING = re.compile(
    r"(keras|tf|tensorflow)_?(v?\d|\w*(version|later|newer|older|earlier|at_?least|deprecated))", re.IGNORECASE
)
_VERSION = re.compile(r"[<>=!~ ]*\d+(\.\d+)+\w*")  # what a function is given that compares versions
_PATCHES = ("0", "99")  # a minor release stands for all of its patches: a test that tells them apart is not certain
_PARTS = (cst.Arg, cst.Element, cst.ComparisonTarget, cst.CompFor, cst.SubscriptElement, cst.Index)
_SIGNATURES = frozenset({"inspect.signature", "inspect.getfullargspec", "inspect.getargspec"})  # what a class takes depends on the release
_TESTS = ("raises", "assertRaises", "assertRaisesRegex")
_GOES_ON = ("suppress", *_TESTS)
_FLAGS = 4  # flags that are made of flags

_Keep = Callable[[cst.BaseExpression, bool, Target], Target]


class Guards:
    """Answers for one file in which cells a place is reached, and which errors are handled there."""

    def __init__(self, tree: Tree, flow: Flow, values: Values, kinds: Kinds) -> None:
        self.tree, self.flow, self.values, self.kinds = tree, flow, values, kinds
        self._answers: dict[tuple[cst.CSTNode, Cell], bool | None] = {}
        self._tests: dict[cst.CSTNode, list[cst.If | cst.Assert]] = {}

    def left(self, node: cst.CSTNode, target: Target, trusting: bool = True, required: bool = True) -> Target:
        """Return the part of ``target`` in which control can reach ``node``.

        A test that asks for the release in a way that has no answer here leaves nothing of it, unless it is not trusted to be right.
        What the file requires of the release before it goes on (`if …: raise` at its top) counts only with ``required``.
        """
        keep = self._keep if trusting else self._where
        child = node
        for above in self.tree.ancestors(node):
            if required or not isinstance(above, cst.Module):
                target = self._narrow(above, child, target, keep)
            child = above
        return target

    def sorts_out(self, node: cst.CSTNode, subject: Subject) -> bool:
        """Tell whether a branch keeps ``node`` from some of the releases where ``subject`` works: its author told them apart."""
        facts = {cell: look_up(subject, cell) for cell in Target.of(releases(), ["linux"])}
        works = Target(frozenset(cell for cell, fact in facts.items() if fact is not None and fact.outcome is not Outcome.RAISES))
        child = node
        for above in self.tree.ancestors(node):
            branch = (above.test, above.body) if isinstance(above, (cst.If, cst.IfExp)) and child is not above.test else None
            if branch is not None and self._where(branch[0], child is branch[1], works) != works:
                return True
            child = above
        return False

    def _narrow(self, above: cst.CSTNode, child: cst.CSTNode, target: Target, keep: _Keep) -> Target:
        if isinstance(above, cst.While) and child is above.body:
            return keep(above.test, True, target)
        if isinstance(above, cst.If) and child is above.body and dotted_name(above.test).endswith("TYPE_CHECKING"):
            return target.where(lambda cell: False)  # only type checkers read it
        if isinstance(above, (cst.If, cst.IfExp)) and child is not above.test:
            return keep(above.test, child is above.body, target)
        if isinstance(above, cst.Match) and child is not above.subject and self._asks(above.subject, _FLAGS):
            return target.where(lambda cell: False)  # patterns are not computed: they are taken to be right
        if isinstance(above, cst.Try) and isinstance(child, cst.ExceptHandler):
            return target.where(lambda cell: not self._imports(above.body, cell))
        if isinstance(above, cst.Try) and child is above.orelse:
            return target.where(lambda cell: not self._fails(above.body.body, cell))
        if isinstance(above, cst.BooleanOperation) and child is above.right:
            return keep(above.left, isinstance(above.operator, cst.And), target)
        if isinstance(above, (cst.Module, cst.IndentedBlock)):
            return self._behind(above, child, target, keep)
        if isinstance(above, (cst.FunctionDef, cst.ClassDef)):
            for mark in self._marks(above):
                target = self._skipped(mark, target, keep)
        return target

    def _behind(self, block: cst.Module | cst.IndentedBlock, child: cst.CSTNode, target: Target, keep: _Keep) -> Target:
        """Return what is left of the target behind the statements of a block before ``child``."""
        order = self.tree.order(child)
        for sibling in self._tests_in(block):
            if self.tree.order(sibling) >= order:
                break
            target = self._after(sibling, target, keep) if isinstance(sibling, cst.If) else self._where(sibling.test, True, target)
        tried = self.tree.parent(block)
        if isinstance(tried, cst.Try) and block is tried.body:
            before = [line for line in block.body if self.tree.order(line) < order]
            target = target.where(lambda cell: not self._fails(before, cell))
        return target

    def _tests_in(self, block: cst.Module | cst.IndentedBlock) -> list[cst.If | cst.Assert]:
        """Return the statements of a block that may end it for a part of the target, in order."""
        if block not in self._tests:
            parts = [p for line in block.body for p in (line.body if isinstance(line, cst.SimpleStatementLine) else (line,))]
            self._tests[block] = [part for part in parts if isinstance(part, (cst.If, cst.Assert))]
        return self._tests[block]

    def runs(self, node: cst.CSTNode, cell: Cell) -> bool | None:
        """Tell whether control gets to ``node`` in a cell once its function or file runs; None where that depends on something else."""
        if not self.left(node, Target(frozenset({cell}))):
            return False
        child = node
        for above in self.tree.ancestors(node):
            if isinstance(above, (cst.FunctionDef, cst.ClassDef)):
                break
            unsure = isinstance(above, cst.If) and child is not above.test and self.truth(above.test, cell) is None
            if unsure or isinstance(above, (cst.Try, cst.For, cst.While, cst.Match)):
                return None
            child = above
        return True

    def _asks_in_vain(self, test: cst.BaseExpression, target: Target) -> bool:
        """Tell whether a test asks for the release in a way that has no answer here: its author knows it, we do not."""
        return self._asks(test, _FLAGS) and all(self.truth(test, cell) is None for cell in target.cells)

    def _asks(self, node: cst.CSTNode, flags: int) -> bool:
        """Tell whether an expression asks for the release: by a name that says so, a version, or what Keras has."""
        if isinstance(node, (cst.Name, cst.Attribute)):
            if any(map(is_version, self.values.names(node))):
                return True
            bindings = self.flow.reaching(node.value, node) if isinstance(node, cst.Name) else []
            told = any(b.kind is Kind.PARAMETER for b in bindings)  # by the caller, whatever its name
            if isinstance(node, cst.Attribute) and self._asks(node.value, flags):
                return True
            return not told and bool(_ASKING.search(dotted_name(node)) or (flags > 0 and self._are_flags(bindings, flags - 1)))
        if isinstance(node, cst.Call) and dotted_name(node.func) == "hasattr" and len(node.args) == 2:
            return any(map(_of_tensorflow, self.values.names(node.args[0].value))) or self._asks_for_private(*node.args)
        if isinstance(node, cst.Call) and node.args and set(self.values.names(node.func)) & _SIGNATURES:
            return any(map(_of_tensorflow, self.values.names(node.args[0].value)))
        if isinstance(node, cst.Call) and self._compares_version(node):
            return True
        return any(self._asks(part, flags) for part in node.children if isinstance(part, (cst.BaseExpression, *_PARTS)))

    def _compares_version(self, call: cst.Call) -> bool:
        """Tell whether a function is given a version, and what it returns is not compared: it is the answer."""
        given = [arg.value.evaluated_value for arg in call.args if isinstance(arg.value, cst.SimpleString)]
        compared = isinstance(self.tree.parent(call), (cst.Comparison, cst.ComparisonTarget))
        return not compared and any(isinstance(text, str) and _VERSION.fullmatch(text) for text in given)

    def _asks_for_private(self, owner: cst.Arg, attribute: cst.Arg) -> bool:
        """Tell whether a private member of an optimizer is asked for: it is there on some releases only, known to us or not."""
        names = [value.value for value in self.values.of(attribute.value) if isinstance(value, Const)]
        private = any(isinstance(name, str) and name.startswith("_") for name in names)
        return private and any(self.kinds.optimizer_path(value) is not None for value in self.values.of(owner.value))

    def _are_flags(self, bindings: Sequence[Binding], flags: int) -> bool:
        """Tell whether one of them gives what a test for the release comes to, or stands where an import was tried."""
        tries = [above for b in bindings if b.kind is Kind.ASSIGN for above in self.tree.ancestors(b.node) if isinstance(above, cst.Try)]
        imported = [path for tried in tries for paths in self._each_reached(tried.body.body) for path in paths or ()]
        assigned = [b.value for b in bindings if b.kind is Kind.ASSIGN and b.value is not None]
        return any(map(_of_tensorflow, imported)) or any(self._asks(value, flags) for value in assigned)

    def _imports(self, body: cst.BaseSuite, cell: Cell) -> bool:
        """Tell whether a block only reaches for names that are there in a cell, so that no handler of it runs."""
        facts = list(self._facts(body.body, cell))
        return None not in facts and all(fact.outcome is not Outcome.RAISES for fact in facts if fact is not None)

    def _fails(self, statements: Sequence[cst.BaseStatement | cst.BaseSmallStatement], cell: Cell) -> bool:
        """Tell whether one of the statements reaches for what is not there in a cell."""
        return any(fact is not None and fact.outcome is Outcome.RAISES for fact in self._facts(statements, cell))

    def _facts(self, statements: Sequence[cst.BaseStatement | cst.BaseSmallStatement], cell: Cell) -> Iterator[Fact | None]:
        """Yield what the atlas knows of each name that is reached for; None for it and for whatever else is done."""
        for paths in self._each_reached(statements):
            yield from (None,) if paths is None else (look_up(Import(path), cell) for path in paths)

    def _each_reached(self, statements: Sequence[cst.BaseStatement | cst.BaseSmallStatement]) -> Iterator[list[str] | None]:
        for statement in statements:
            if isinstance(statement, cst.SimpleStatementLine):
                yield from map(self._reached, statement.body)
            else:
                yield None

    def _reached(self, statement: cst.BaseSmallStatement) -> list[str] | None:
        """Return the dotted names that an import, or an assignment of such a name or of its call, reaches for; None for all else."""
        if isinstance(statement, cst.Import):
            return [canonical(dotted_name(alias.name)) for alias in statement.names]
        if isinstance(statement, cst.ImportFrom) and not statement.relative and not isinstance(statement.names, cst.ImportStar):
            return [canonical(f"{dotted_name(statement.module)}.{dotted_name(alias.name)}") for alias in statement.names]
        if isinstance(statement, cst.Assign):
            value = statement.value.func if isinstance(statement.value, cst.Call) else statement.value
            if isinstance(value, cst.Attribute):
                return list(self.values.names(value)) or None
            return [] if all(isinstance(known, Const) for known in self.values.of(value)) else None
        return [] if isinstance(statement, cst.Pass) else None

    def _after(self, test: cst.If, target: Target, keep: _Keep) -> Target:
        """Drop the cells in which an earlier ``if`` has left for good."""
        if not self.flow.blocks.falls_through(test.body):
            target = keep(test.test, False, target)
        if isinstance(test.orelse, cst.Else) and not self.flow.blocks.falls_through(test.orelse.body):
            target = keep(test.test, True, target)
        return target

    def _marks(self, tests: cst.FunctionDef | cst.ClassDef) -> Iterator[cst.BaseExpression]:
        """Yield the decorators, and what the file marks all its tests with; a name is what it was given."""
        marks = [decorator.decorator for decorator in tests.decorators]
        marks += [b.value for b in self.flow.scopes.bindings(self.tree.module, "pytestmark") if b.value is not None]
        for mark in marks:
            given = self.flow.reaching(mark.value, mark) if isinstance(mark, cst.Name) else []
            named = given[0].value if len(given) == 1 and given[0].value is not None else mark
            yield from [element.value for element in named.elements] if isinstance(named, (cst.List, cst.Tuple)) else [named]

    def _skipped(self, mark: cst.BaseExpression, target: Target, keep: _Keep) -> Target:
        """Drop the cells in which ``pytest.mark.skipif(test)`` or ``unittest.skipIf`` passes a test over."""
        if isinstance(mark, cst.Call) and mark.args and isinstance(mark.func, cst.Attribute):
            name = mark.func.attr.value.lower()
            if name in ("skipif", "skipunless"):
                return keep(mark.args[0].value, name == "skipunless", target)
        return target

    def _keep(self, test: cst.BaseExpression, wanted: bool, target: Target) -> Target:
        if self._asks_in_vain(test, target):
            return target.where(lambda cell: False)
        return self._where(test, wanted, target)

    def _where(self, test: cst.BaseExpression, wanted: bool, target: Target) -> Target:
        return target.where(lambda cell: self.truth(test, cell) is not (not wanted))

    def truth(self, test: cst.BaseExpression, cell: Cell) -> bool | None:
        """Return what ``test`` is in a cell; None where that is not certain."""
        if (test, cell) not in self._answers:
            self._answers[test, cell] = None
            answers = {self._truth(test, cell, patch) for patch in _PATCHES}
            self._answers[test, cell] = answers.pop() if len(answers) == 1 else None
        return self._answers[test, cell]

    def _truth(self, test: cst.BaseExpression, cell: Cell, patch: str) -> bool | None:
        try:
            return bool(Condition(self.kinds, self.runs, cell, patch).value(test))
        except FAILURES:
            return None

    def handles(self, node: cst.CSTNode, error: str) -> bool:
        """Tell whether an exception of this name, raised at ``node``, is caught and gone around, or expected by a test."""
        child = node
        for above in self.tree.ancestors(node):
            if isinstance(above, (cst.FunctionDef, cst.Lambda)):
                return False  # it is raised where the function is called
            if isinstance(above, cst.Try) and child is above.body:
                for handler in above.handlers:
                    if self._catches(handler.type, error) and self.flow.blocks.falls_through(handler.body):
                        return True
            if isinstance(above, cst.With) and child is above.body and any(self._expects(i.item, error, _GOES_ON) for i in above.items):
                return True
            child = above
        return False

    def is_tested(self, node: cst.CSTNode, errors: Iterable[str]) -> bool:
        """Tell whether a test wants one of these exceptions at ``node``: its author knows what is raised there, on some releases."""
        blocks = [above for above in self.tree.ancestors(node) if isinstance(above, cst.With)]
        return any(self._expects(item.item, error, _TESTS) for above in blocks for item in above.items for error in errors)

    def _expects(self, item: cst.BaseExpression, error: str, expecting: Collection[str]) -> bool:
        if not isinstance(item, cst.Call) or not item.args:
            return False
        name = item.func.attr.value if isinstance(item.func, cst.Attribute) else getattr(item.func, "value", "")
        return name in expecting and any(self._catches(arg.value, error) for arg in item.args)

    def _catches(self, caught: cst.BaseExpression | None, error: str) -> bool:
        if caught is None:
            return True
        if isinstance(caught, cst.Tuple):
            return any(self._catches(element.value, error) for element in caught.elements)
        return any(_is_subclass(error, name.rpartition(".")[2]) for name in self.values.names(caught))


def _of_tensorflow(name: str) -> bool:
    return name.partition(".")[0] in ("tensorflow", "keras", "tf_keras")


@lru_cache
def _is_subclass(error: str, caught: str) -> bool:
    raised, handler = getattr(builtins, error, None), getattr(builtins, caught, None)
    return isinstance(raised, type) and isinstance(handler, type) and issubclass(raised, handler)
