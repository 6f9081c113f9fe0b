"""What an expression comes to on one release: by Python's own rules, with the atlas for what is installed there.

Nothing of the program is run: only what version tests are written with is computed, and a function of the file that does
nothing but tell. Strings go by letters, so that `"2.12" >= "2.4"` is False and meant as True: where the two differ nothing is certain.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import libcst as cst
from packaging.version import InvalidVersion, Version

from adamlint.atlas import Cell, Construct, Fact, Import, Outcome, keras_version, look_up
from adamlint.atlas import Member as MemberSubject
from adamlint.names.bindings import Binding, Kind
from adamlint.values.asked import COMPARISONS, UnsureError
from adamlint.values.kinds import Kinds
from adamlint.values.value import Const, Local, Member, Ref, Result, Value

_PARSERS = ("packaging.version.parse", "packaging.version.Version", "pkg_resources.parse_version", "LooseVersion", "StrictVersion")
_DISTRIBUTIONS = ("tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tensorflow-macos", "keras")
_COMPARISONS: Mapping[type[cst.CSTNode], Callable[[Any, Any], bool]] = {**COMPARISONS, cst.Is: operator.is_, cst.IsNot: operator.is_not}
_BUILTINS: Mapping[str, Callable[..., Any]] = {
    f"builtins.{function.__name__}": function for function in (int, float, str, tuple, list, bool, any, all, len)
}
_OF_STRINGS = frozenset({
    "split", "rsplit", "partition", "rpartition", "startswith", "endswith", "replace", "strip", "lstrip", "rstrip", "join", "removeprefix",
    "removesuffix", "lower",
})  # fmt: skip
_OF_VERSIONS: Mapping[str, Callable[[Any], Any]] = {
    "major": lambda version: version.major,
    "minor": lambda version: version.minor,
    "release": lambda version: version.release,
    "base_version": lambda version: version.base_version,
    "version": lambda known: known.version if isinstance(known, _Distribution) else list(known.release),  # of a LooseVersion
}
_STEPS, _LONGEST = 1000, 200  # of parts to compute, and of a text: no version test needs as many, whatever is made to look like one
_HARMLESS = (cst.Pass, cst.Expr, cst.Import, cst.ImportFrom, cst.Assign, cst.AnnAssign)  # assignments are found by the flow


@dataclass(frozen=True)
class _Distribution:
    version: str


class _Present:
    """Something that is there, of which no more is known."""

    def __eq__(self, other: object) -> bool:
        if other is not self:
            raise UnsureError
        return True

    __hash__ = object.__hash__


FAILURES = (UnsureError, TypeError, ValueError, IndexError, AttributeError, InvalidVersion, RecursionError)

_UNSURE, _PRESENT = object(), _Present()


class Condition:
    """Computes expressions in one cell at one patch release; what it cannot tell raises one of FAILURES.

    ``runs`` tells of a place whether control gets there in a cell, None where that is not certain.
    """

    def __init__(self, kinds: Kinds, runs: Callable[[cst.CSTNode, Cell], bool | None], cell: Cell, patch: str) -> None:
        self.kinds, self.values, self.flow = kinds, kinds.values, kinds.values.flow
        self.runs, self.cell, self.patch = runs, cell, patch
        self._left = _STEPS
        self._given: dict[cst.CSTNode, Any] = {}  # of parameters, and of the targets of comprehensions
        self._bindings: dict[cst.CSTNode, Any] = {}  # what a binding gives: _UNSURE where that failed, or is being asked for

    def value(self, node: cst.BaseExpression) -> Any:
        """Return the value of an expression."""
        self._left -= 1
        if self._left <= 0:
            raise UnsureError
        compute = _BY_TYPE.get(type(node))
        return compute(self, node) if compute else self._leaf(node)

    # Expressions ----------------------------------------------------------------------------------

    def _not(self, node: cst.UnaryOperation) -> Any:
        return not self.value(node.expression) if isinstance(node.operator, cst.Not) else self._leaf(node)

    def _either(self, node: cst.BooleanOperation) -> bool:
        """One side can decide though the other is not known."""
        decisive = isinstance(node.operator, cst.Or)
        sides = []
        for side in (node.left, node.right):
            with suppress(*FAILURES):
                sides.append(bool(self.value(side)))
            if decisive in sides:
                return decisive
        if len(sides) < 2:
            raise UnsureError
        return not decisive

    def _comparison(self, node: cst.Comparison) -> bool:
        left = self.value(node.left)
        for part in node.comparisons:
            right = self.value(part.comparator)
            if isinstance(left, Version) is not isinstance(right, Version):  # LooseVersion compares with a string
                left, right = Version(str(left)), Version(str(right))
            compare = _COMPARISONS[type(part.operator)]
            holds = compare(left, right)
            if isinstance(left, str) and isinstance(right, str) and _is_order(part) and holds is not compare(Version(left), Version(right)):
                raise UnsureError
            if not holds:
                return False
            left = right
        return True

    def _choice(self, node: cst.IfExp) -> Any:
        return self.value(node.body if self.value(node.test) else node.orelse)

    def _walrus(self, node: cst.NamedExpr) -> Any:
        return self.value(node.value)

    def _items(self, node: cst.Tuple | cst.List) -> Any:
        items = [self.value(element.value) for element in node.elements]
        return tuple(items) if isinstance(node, cst.Tuple) else items

    def _subscript(self, node: cst.Subscript) -> Any:
        base, index = self.value(node.value), node.slice[0].slice
        if isinstance(index, cst.Index):
            return base[self.value(index.value)]
        if not isinstance(index, cst.Slice):
            raise UnsureError
        bounds = [None if bound is None else self.value(bound) for bound in (index.lower, index.upper, index.step)]
        return base[slice(*bounds)]

    def _comprehension(self, node: cst.ListComp | cst.GeneratorExp) -> list[Any]:
        """`[int(part) for part in version.split(".")]`."""
        if node.for_in.ifs or node.for_in.inner_for_in or not isinstance(node.for_in.target, cst.Name):
            raise UnsureError
        found = []
        for item in self.value(node.for_in.iter):
            self._given[node.for_in.target] = item
            found.append(self.value(node.elt))
        return found

    # Calls ----------------------------------------------------------------------------------------

    def _call(self, node: cst.Call) -> Any:
        arguments = [arg.value for arg in node.args]
        names = self.values.names(node.func)
        name = names[0] if len(names) == 1 else ""
        if name == "builtins.hasattr" and len(arguments) == 2:
            return self._hasattr(*arguments)
        if name == "builtins.getattr" and len(arguments) == 3:
            return _PRESENT if self._hasattr(*arguments[:2]) else self.value(arguments[2])
        if name in ("keras.version", "tensorflow.keras.version"):
            return self._certain(f"{name.rpartition('.')[0]}.__version__")
        if name == "importlib.metadata.version" and len(arguments) == 1:
            return self._installed(str(self.value(arguments[0])))
        if name == "pkg_resources.get_distribution" and len(arguments) == 1:
            return _Distribution(self._installed(str(self.value(arguments[0]))))
        if name.endswith(_PARSERS) and arguments:
            return Version(str(self.value(arguments[0])))
        if name in _BUILTINS:
            return _BUILTINS[name](*map(self.value, arguments))
        if name == "builtins.map" and len(arguments) == 2:
            (function,) = self.values.names(arguments[0])
            return [_BUILTINS[function](item) for item in self.value(arguments[1])] if function in _BUILTINS else self._unsure()
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in _OF_STRINGS:
            text = self.value(node.func.value)
            is_short = isinstance(text, str) and len(text) <= _LONGEST
            return getattr(text, node.func.attr.value)(*map(self.value, arguments)) if is_short else self._unsure()
        return self._local_call(node)

    def _unsure(self) -> Any:
        raise UnsureError

    def _installed(self, distribution: str) -> str:
        if distribution not in _DISTRIBUTIONS:
            raise UnsureError
        return self._certain(f"{distribution.partition('-')[0]}.__version__")

    def _local_call(self, node: cst.Call) -> Any:
        """A function of this file that does nothing but tell."""
        (called,) = self.values.of(node.func)
        function = called.node if isinstance(called, Local) else None
        if isinstance(function, cst.Lambda):
            return self.value(function.body)
        if not isinstance(function, cst.FunctionDef) or any(arg.star for arg in node.args):
            raise UnsureError
        named = {param.name.value: param for param in (*function.params.params, *function.params.kwonly_params)}
        given = zip(function.params.params, [arg.value for arg in node.args if arg.keyword is None], strict=False)
        values: dict[cst.CSTNode, Any] = {param: self.value(value) for param, value in given}
        values |= {named[arg.keyword.value]: self.value(arg.value) for arg in node.args if arg.keyword and arg.keyword.value in named}
        for param in named.values():
            if param not in values and param.default is not None:
                values[param] = self.value(param.default)
        self._given.update(values)
        return next(self._returned(function.body.body), None)

    def _returned(self, statements: Sequence[cst.BaseStatement | cst.BaseSmallStatement]) -> Iterator[Any]:
        """Yield what a block returns, if it does; raise UnsureError where it does anything else."""
        for statement in statements:
            if isinstance(statement, cst.SimpleStatementLine):
                yield from self._returned(statement.body)
            elif isinstance(statement, cst.Return):
                yield self.value(statement.value) if statement.value is not None else None
            elif isinstance(statement, cst.If):
                taken = statement.body if self.value(statement.test) else statement.orelse
                taken = taken.body if isinstance(taken, cst.Else) else taken
                yield from self._returned([taken] if isinstance(taken, cst.If) else taken.body if taken else ())
            elif not isinstance(statement, _HARMLESS):
                raise UnsureError

    # Leaves ---------------------------------------------------------------------------------------

    def _attribute(self, node: cst.Attribute) -> Any:
        """A part of a version, or a flag that a class of this file has."""
        name, owners = node.attr.value, self.values.of(node.value)
        classes = [owner.callee if isinstance(owner, Result) else owner for owner in owners]
        if len(classes) == 1 and isinstance(classes[0], Local) and isinstance(classes[0].node, cst.ClassDef):
            return self._flag(classes[0].node, name)
        if name in _OF_VERSIONS and not any(isinstance(owner, Ref) for owner in owners):
            return _OF_VERSIONS[name](self.value(node.value))
        return self._leaf(node)

    def _flag(self, owner: cst.ClassDef, name: str) -> Any:
        """Return what a class or one method of it gives to an attribute, where only one of them does."""
        assigned, own = self.values.classes.assigned(owner, name), self.flow.scopes.bindings(owner, name)
        if not assigned:
            return self._in_force(own)
        return self.value(assigned[0]) if len(assigned) == 1 and not own else self._unsure()

    def _leaf(self, node: cst.BaseExpression) -> Any:
        bindings = self.flow.reaching(node.value, node) if isinstance(node, cst.Name) else []
        if len(bindings) == 1 and bindings[0].node in self._given:
            return self._given[bindings[0].node]
        values = self.values.of(node)
        if len(values) == 1 and isinstance(values[0], Const):
            return values[0].value
        if len(values) == 1 and isinstance(values[0], Ref):
            return self._certain(values[0].name)
        return self._in_force(bindings)

    def _in_force(self, bindings: Sequence[Binding]) -> Any:
        """Return what the last of the bindings that runs in the cell gives; all that may be the last have to agree."""
        found: list[Any] = []
        for binding in sorted(bindings, key=lambda binding: self.values.tree.order(binding.node), reverse=True):
            runs = self.runs(binding.node, self.cell)
            if runs is not False:
                found.append(self._bound(binding))
            if runs:
                break
        if not found or any(value != found[0] for value in found):
            raise UnsureError
        return found[0]

    def _bound(self, binding: Binding) -> Any:
        """Return what a binding gives, asked once: `found = found or other` in a loop leads back to itself, each time by two ways."""
        known = self._bindings.get(binding.node, _UNSURE if binding.kind is not Kind.ASSIGN else None)
        if known is _UNSURE or binding.value is None:
            raise UnsureError
        if known is None or self._given:  # what a function gives depends on what it is given
            self._bindings[binding.node] = _UNSURE
            known = self._bindings[binding.node] = self._unpacked(binding.value, binding.path)
        return known

    def _unpacked(self, node: cst.BaseExpression, path: tuple[int, ...]) -> Any:
        """`major, minor = version.split(".")[:2]`: one of the values on the right."""
        if path and isinstance(node, (cst.Tuple, cst.List)):
            return self._unpacked(node.elements[path[0]].value, path[1:])
        value = self.value(node)
        for index in path:
            value = value[index]
        return value

    # The atlas ------------------------------------------------------------------------------------

    def _certain(self, name: str) -> str:
        """Return the version of that name."""
        if name in ("tensorflow.__version__", "tensorflow.version.VERSION"):
            return f"{self.cell.tensorflow}.{self.patch}"
        known = keras_version(self.cell) if name in ("tensorflow.keras.__version__", "keras.__version__") else None
        if known is None:
            raise UnsureError
        return f"{'.'.join(known.split('.')[:2])}.{self.patch}"

    def _hasattr(self, owner: cst.BaseExpression, attribute: cst.BaseExpression) -> bool:
        name = self.value(attribute)
        if name == "version" and self.values.names(owner) in (("keras",), ("tensorflow.keras",)):  # Keras 2 has no such function
            return Version(self._certain("keras.__version__")).major >= 3
        values = [value for value in self.values.of(owner) if not (isinstance(value, Const) and value.value is None)]
        facts = {fact for value in values for fact in self._has(value, name)}
        answers = {fact.outcome is not Outcome.RAISES for fact in facts if fact is not None}
        if None in facts or len(answers) != 1:
            raise UnsureError
        return answers.pop()

    def _has(self, value: Value, name: str) -> list[Fact | None]:
        path = self.kinds.optimizer_path(value)
        if path is not None:
            if not all(isinstance(found, Member) for found in self.values.attribute(value, name)):
                raise UnsureError  # a class of this file gives it
            return [look_up(MemberSubject(asked, name, "get"), self.cell) for asked in self.kinds.member_paths(value) or [path]]
        return [_there(value.name, name, self.cell)] if isinstance(value, Ref) else [None]


def _is_order(part: cst.ComparisonTarget) -> bool:
    return isinstance(part.operator, (cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual))


def is_version(name: str) -> bool:
    """Tell whether a dotted name is a version that the atlas knows."""
    return name in ("tensorflow.__version__", "tensorflow.version.VERSION", "tensorflow.keras.__version__", "keras.__version__")


def _there(owner: str, name: str, cell: Cell) -> Fact | None:
    """Return whether a name can be had from a module; of a namespace without a row of its own, by the Adam in it."""
    fact = look_up(Import(f"{owner}.{name}"), cell)
    inside = look_up(Construct(f"{owner}.{name}.Adam"), cell) if fact is None else None
    if inside is None or (inside.outcome is Outcome.RAISES and f"no attribute '{name}'" not in (inside.message or "")):
        return fact
    return inside


_BY_TYPE: Mapping[type[cst.CSTNode], Callable[[Condition, Any], Any]] = {
    cst.UnaryOperation: Condition._not,
    cst.BooleanOperation: Condition._either,
    cst.Comparison: Condition._comparison,
    cst.IfExp: Condition._choice,
    cst.NamedExpr: Condition._walrus,
    cst.Tuple: Condition._items,
    cst.List: Condition._items,
    cst.Subscript: Condition._subscript,
    cst.ListComp: Condition._comprehension,
    cst.GeneratorExp: Condition._comprehension,
    cst.Call: Condition._call,
    cst.Attribute: Condition._attribute,
}
