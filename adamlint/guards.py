"""The target that is left inside a guard: version tests, hasattr, early returns and handlers, each evaluated by the atlas.

A test is evaluated once for each cell of the target by Python's own rules (so that `"2.9" < "2.11"` on strings is what it is),
and narrows only where the answer is certain.
"""

from __future__ import annotations

import builtins
import operator
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import libcst as cst
from packaging.version import InvalidVersion, Version

from adamlint.atlas import Cell, Construct, Fact, Import, Outcome, keras_version, look_up
from adamlint.atlas import Member as MemberSubject
from adamlint.bindings import Kind
from adamlint.evaluate import Values
from adamlint.flow import Flow
from adamlint.kinds import Kinds
from adamlint.names import canonical
from adamlint.target import Target
from adamlint.tree import Tree, dotted_name
from adamlint.values import Const, Member, Ref

_PARSERS = ("packaging.version.parse", "packaging.version.Version", "pkg_resources.parse_version", "LooseVersion", "StrictVersion")
_COMPARISONS: dict[type[cst.CSTNode], Callable[[Any, Any], bool]] = {
    cst.LessThan: operator.lt, cst.LessThanEqual: operator.le, cst.GreaterThan: operator.gt, cst.GreaterThanEqual: operator.ge,
    cst.Equal: operator.eq, cst.NotEqual: operator.ne, cst.In: lambda a, b: a in b, cst.NotIn: lambda a, b: a not in b,
}  # fmt: skip
_ASKING = re.compile(r"(keras|tf|tensorflow)_?v?\d|version", re.IGNORECASE)  # IS_KERAS_3_PLUS, keras_3(), TF2
_PATCHES = ("0", "99")  # a minor release stands for all of its patches: a test that tells them apart is not certain


class _UnsureError(Exception):
    """The value of an expression is not certain in a cell."""


class Guards:
    """Answers for one file in which cells a place is reached, and which errors are handled there."""

    def __init__(self, tree: Tree, flow: Flow, values: Values, kinds: Kinds) -> None:
        self.tree, self.flow, self.values, self.kinds = tree, flow, values, kinds
        self._answers: dict[tuple[cst.CSTNode, Cell], bool | None] = {}
        self._tests: dict[cst.CSTNode, list[cst.If | cst.Assert]] = {}

    def left(self, node: cst.CSTNode, target: Target) -> Target:
        """Return the part of ``target`` in which control can reach ``node``."""
        child = node
        for above in self.tree.ancestors(node):
            target = self._narrow(above, child, target)
            child = above
        return target

    def _narrow(self, above: cst.CSTNode, child: cst.CSTNode, target: Target) -> Target:
        if isinstance(above, cst.While) and child is above.body:
            return self._keep(above.test, True, target)
        if isinstance(above, (cst.If, cst.IfExp)) and child is not above.test:
            if self._asks_in_vain(above.test, target):
                return target.where(lambda cell: False)
            return self._keep(above.test, child is above.body, target)
        if isinstance(above, cst.Try) and isinstance(child, cst.ExceptHandler):
            return target.where(lambda cell: not self._imports(above.body, cell))
        if isinstance(above, cst.BooleanOperation) and child is above.right:
            return self._keep(above.left, isinstance(above.operator, cst.And), target)
        if isinstance(above, (cst.Module, cst.IndentedBlock)):
            for sibling in self._tests_in(above):
                if self.tree.order(sibling) >= self.tree.order(child):
                    break
                target = self._after(sibling, target) if isinstance(sibling, cst.If) else self._keep(sibling.test, True, target)
        if isinstance(above, (cst.FunctionDef, cst.ClassDef)):
            for decorator in above.decorators:
                target = self._skipped(decorator.decorator, target)
        return target

    def _tests_in(self, block: cst.Module | cst.IndentedBlock) -> list[cst.If | cst.Assert]:
        """Return the statements of a block that may end it for a part of the target, in order."""
        if block not in self._tests:
            parts = [p for line in block.body for p in (line.body if isinstance(line, cst.SimpleStatementLine) else (line,))]
            self._tests[block] = [part for part in parts if isinstance(part, (cst.If, cst.Assert))]
        return self._tests[block]

    def _asks_in_vain(self, test: cst.BaseExpression, target: Target) -> bool:
        """Tell whether a test asks for the release by a flag or a function from elsewhere: its author knows it, we do not."""
        if isinstance(test, cst.UnaryOperation):
            return self._asks_in_vain(test.expression, target)
        asked = test.func if isinstance(test, cst.Call) else test
        handed = test.args if isinstance(test, cst.Call) else ()
        names = [name for arg in handed for name in self.values.names(arg.value)]
        asks = bool(_ASKING.search(dotted_name(asked))) or any(_is_version(name) for name in names)
        return asks and all(self.truth(test, cell) is None for cell in target.cells)

    def _imports(self, body: cst.BaseSuite, cell: Cell) -> bool:
        """Tell whether a block only reaches for names that are there in a cell, so that no handler of it runs."""
        lines = [line for line in body.body if isinstance(line, cst.SimpleStatementLine)]
        reached = [self._reached(statement) for line in lines for statement in line.body]
        if len(lines) < len(body.body) or not all(reached):
            return False
        facts = [look_up(Import(path), cell) for paths in reached for path in paths]
        return all(fact is not None and fact.outcome is not Outcome.RAISES for fact in facts)

    def _reached(self, statement: cst.BaseSmallStatement) -> list[str]:
        """Return the dotted names that an import, or an assignment of such a name or of its call, reaches for."""
        if isinstance(statement, cst.Import):
            return [canonical(dotted_name(alias.name)) for alias in statement.names]
        if isinstance(statement, cst.ImportFrom) and not statement.relative and not isinstance(statement.names, cst.ImportStar):
            return [canonical(f"{dotted_name(statement.module)}.{dotted_name(alias.name)}") for alias in statement.names]
        if isinstance(statement, cst.Assign):
            value = statement.value.func if isinstance(statement.value, cst.Call) else statement.value
            return list(self.values.names(value)) if isinstance(value, cst.Attribute) else []
        return []

    def _after(self, test: cst.If, target: Target) -> Target:
        """Drop the cells in which an earlier ``if`` has left for good."""
        if not self.flow.blocks.falls_through(test.body):
            target = self._keep(test.test, False, target)
        if isinstance(test.orelse, cst.Else) and not self.flow.blocks.falls_through(test.orelse.body):
            target = self._keep(test.test, True, target)
        return target

    def _skipped(self, decorator: cst.BaseExpression, target: Target) -> Target:
        """Drop the cells in which ``@pytest.mark.skipif(test)`` or ``@unittest.skipIf`` passes a test over."""
        if isinstance(decorator, cst.Call) and decorator.args and isinstance(decorator.func, cst.Attribute):
            name = decorator.func.attr.value.lower()
            if name in ("skipif", "skipunless"):
                return self._keep(decorator.args[0].value, name == "skipunless", target)
        return target

    def _keep(self, test: cst.BaseExpression, wanted: bool, target: Target) -> Target:
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
            return bool(_Evaluation(self, cell, patch).value(test))
        except (_UnsureError, TypeError, ValueError, IndexError, InvalidVersion, RecursionError):
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
            if isinstance(above, cst.With) and child is above.body and any(self._expects(i.item, error) for i in above.items):
                return True
            child = above
        return False

    def _expects(self, item: cst.BaseExpression, error: str) -> bool:
        if not isinstance(item, cst.Call) or not item.args:
            return False
        name = item.func.attr.value if isinstance(item.func, cst.Attribute) else getattr(item.func, "value", "")
        expecting = ("suppress", "raises", "assertRaises", "assertRaisesRegex")
        return name in expecting and any(self._catches(arg.value, error) for arg in item.args)

    def _catches(self, caught: cst.BaseExpression | None, error: str) -> bool:
        if caught is None:
            return True
        if isinstance(caught, cst.Tuple):
            return any(self._catches(element.value, error) for element in caught.elements)
        return any(_is_subclass(error, name.rpartition(".")[2]) for name in self.values.names(caught))


def _is_version(name: str) -> bool:
    return name in ("tensorflow.__version__", "tensorflow.version.VERSION", "tensorflow.keras.__version__", "keras.__version__")


def _there(owner: str, name: str, cell: Cell) -> Fact | None:
    """Return whether a name can be had from a module; of a namespace without a row of its own, by the Adam in it."""
    fact = look_up(Import(f"{owner}.{name}"), cell)
    inside = look_up(Construct(f"{owner}.{name}.Adam"), cell) if fact is None else None
    if inside is None or (inside.outcome is Outcome.RAISES and f"no attribute '{name}'" not in (inside.message or "")):
        return fact
    return inside


@lru_cache
def _is_subclass(error: str, caught: str) -> bool:
    raised, handler = getattr(builtins, error, None), getattr(builtins, caught, None)
    return isinstance(raised, type) and isinstance(handler, type) and issubclass(raised, handler)


class _Evaluation:
    """The value of an expression in one cell at one patch release; raises _UnsureError."""

    def __init__(self, guards: Guards, cell: Cell, patch: str) -> None:
        self.guards, self.cell, self.patch = guards, cell, patch
        self.depth = 0

    def value(self, node: cst.BaseExpression) -> Any:
        self.depth += 1
        if self.depth > 200:
            raise _UnsureError
        if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
            return not self.value(node.expression)
        if isinstance(node, cst.BooleanOperation):
            return self._boolean(node)
        if isinstance(node, cst.Comparison):
            return self._comparison(node)
        if isinstance(node, cst.Subscript):
            return self._subscript(node)
        if isinstance(node, (cst.Tuple, cst.List)):
            items = [self.value(element.value) for element in node.elements]
            return tuple(items) if isinstance(node, cst.Tuple) else items
        if isinstance(node, cst.Call):
            return self._call(node)
        if isinstance(node, (cst.ListComp, cst.GeneratorExp)):
            return self._comprehension(node)
        if isinstance(node, cst.Attribute) and node.attr.value in ("release", "major", "minor", "base_version"):
            version = self.value(node.value)
            if isinstance(version, Version):
                return getattr(version, node.attr.value)
            raise _UnsureError
        return self._leaf(node)

    def _boolean(self, node: cst.BooleanOperation) -> bool:
        decisive = isinstance(node.operator, cst.Or)
        unsure = False
        for side in (node.left, node.right):
            try:
                if bool(self.value(side)) is decisive:
                    return decisive
            except (_UnsureError, TypeError, ValueError, IndexError, InvalidVersion):
                unsure = True
        if unsure:
            raise _UnsureError
        return not decisive

    def _comparison(self, node: cst.Comparison) -> bool:
        left = self.value(node.left)
        for part in node.comparisons:
            compare = _COMPARISONS.get(type(part.operator))
            right = self.value(part.comparator)
            if compare is None:
                raise _UnsureError
            if isinstance(left, Version) is not isinstance(right, Version):  # LooseVersion compares with a string
                left, right = Version(str(left)), Version(str(right))
            if not compare(left, right):
                return False
            left = right
        return True

    def _subscript(self, node: cst.Subscript) -> Any:
        base, index = self.value(node.value), node.slice[0].slice
        if isinstance(index, cst.Index):
            return base[self.value(index.value)]
        if not isinstance(index, cst.Slice):
            raise _UnsureError
        bounds = [None if bound is None else self.value(bound) for bound in (index.lower, index.upper, index.step)]
        return base[slice(*bounds)]

    def _comprehension(self, node: cst.ListComp | cst.GeneratorExp) -> list[Any]:
        """`[int(part) for part in version.split(".")]`, the one comprehension that version tests use."""
        if isinstance(node.elt, cst.Call) and self.guards.values.names(node.elt.func) == ("builtins.int",):
            return [int(item) for item in self.value(node.for_in.iter)]
        raise _UnsureError

    def _call(self, node: cst.Call) -> Any:
        arguments = [arg.value for arg in node.args]
        names = self.guards.values.names(node.func)
        name = names[0] if len(names) == 1 else ""
        if name == "builtins.hasattr" and len(arguments) == 2:
            return self._hasattr(*arguments)
        if name in ("keras.version", "tensorflow.keras.version") or (name == "importlib.metadata.version" and len(arguments) == 1):
            asked = self.value(arguments[0]) if arguments else "keras"
            version = self._version(f"{asked}.__version__")
            if version is None:
                raise _UnsureError
            return version
        if name.endswith(_PARSERS) and arguments:
            return Version(str(self.value(arguments[0])))
        if name in ("builtins.int", "builtins.float", "builtins.str", "builtins.tuple", "builtins.list", "builtins.bool") and arguments:
            return getattr(builtins, name.rpartition(".")[2])(self.value(arguments[0]))
        if name == "builtins.map" and len(arguments) == 2 and self.guards.values.names(arguments[0]) == ("builtins.int",):
            return [int(item) for item in self.value(arguments[1])]
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in ("split", "startswith", "replace", "strip", "join"):
            text = self.value(node.func.value)
            if isinstance(text, str):
                return getattr(text, node.func.attr.value)(*(self.value(argument) for argument in arguments))
        return self._local_call(node)

    def _local_call(self, node: cst.Call) -> Any:
        """A function of this file that does nothing but return a test."""
        bindings = self.guards.flow.reaching(node.func.value, node.func) if isinstance(node.func, cst.Name) else []
        function = bindings[0].node if len(bindings) == 1 else None
        if isinstance(function, cst.FunctionDef) and not node.args:
            returns = self.guards.flow.scopes.returns(function)
            if len(returns) == 1 and returns[0].value is not None:
                return self.value(returns[0].value)
        raise _UnsureError

    def _hasattr(self, owner: cst.BaseExpression, attribute: cst.BaseExpression) -> bool:
        name = self.value(attribute)
        facts = set()
        for value in self.guards.values.of(owner):
            if isinstance(value, Const) and value.value is None:
                continue
            path = self.guards.kinds.optimizer_path(value)
            if path is not None:
                if not all(isinstance(found, Member) for found in self.guards.values.attribute(value, name)):
                    raise _UnsureError  # a class of this file gives it
                for asked in self.guards.kinds.member_paths(value) or [path]:
                    facts.add(look_up(MemberSubject(asked, name, "get"), self.cell))
            elif isinstance(value, Ref):
                facts.add(_there(value.name, name, self.cell))
            else:
                raise _UnsureError
        if None in facts or not facts:
            raise _UnsureError
        answers = {fact.outcome is not Outcome.RAISES for fact in facts if fact is not None}
        if len(answers) > 1:
            raise _UnsureError
        return answers.pop()

    def _leaf(self, node: cst.BaseExpression) -> Any:
        values = self.guards.values.of(node)
        if len(values) == 1 and isinstance(values[0], Const):
            return values[0].value
        if len(values) == 1 and isinstance(values[0], Ref):
            version = self._version(values[0].name)
            if version is not None:
                return version
        bindings = self.guards.flow.reaching(node.value, node) if isinstance(node, cst.Name) else []
        if len(bindings) == 1 and bindings[0].kind is Kind.ASSIGN and bindings[0].value is not None:
            return self._unpacked(bindings[0].value, bindings[0].path)
        raise _UnsureError

    def _unpacked(self, node: cst.BaseExpression, path: tuple[int, ...]) -> Any:
        """`major, minor = version.split(".")[:2]`: one of the values on the right."""
        if path and isinstance(node, (cst.Tuple, cst.List)):
            return self._unpacked(node.elements[path[0]].value, path[1:])
        value = self.value(node)
        for index in path:
            value = value[index]
        return value

    def _version(self, name: str) -> str | None:
        if name in ("tensorflow.__version__", "tensorflow.version.VERSION"):
            return f"{self.cell.tensorflow}.{self.patch}"
        if name in ("tensorflow.keras.__version__", "keras.__version__"):
            known = keras_version(self.cell)
            return f"{'.'.join(known.split('.')[:2])}.{self.patch}" if known else None
        return None
