"""What tests come to for one constant that a name, an attribute or an item may hold: it is computed with the constant in its place.

Nothing of the program is run: only what such tests are written with is computed, of constants, by Python's own rules.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import libcst as cst

from adamlint.names.bindings import Binding, Kind
from adamlint.names.canonical import in_keras
from adamlint.names.flow import Flow
from adamlint.text.tree import access_path, root_name
from adamlint.values.displays import Displays, Evaluate
from adamlint.values.strings import PLAIN
from adamlint.values.value import Const, Display, Local, Ref, Series, is_repeated

COMPARISONS: Mapping[type[cst.CSTNode], Callable[[Any, Any], bool]] = {
    cst.LessThan: operator.lt, cst.LessThanEqual: operator.le, cst.GreaterThan: operator.gt, cst.GreaterThanEqual: operator.ge,
    cst.Equal: operator.eq, cst.NotEqual: operator.ne, cst.In: lambda a, b: a in b, cst.NotIn: lambda a, b: a not in b,
    cst.Is: operator.eq, cst.IsNot: operator.ne,  # of strings, equal is meant
}  # fmt: skip
_TYPES: Mapping[str, type] = {
    **{f"builtins.{kind.__name__}": kind for kind in (str, bytes, int, float, bool, dict, list, tuple, set, type)},
    **dict.fromkeys(("builtins.basestring", "builtins.unicode", "six.string_types", "six.text_type"), str),
}
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "builtins.len": len, "builtins.callable": callable, "inspect.isclass": lambda value: isinstance(value, type),
    "builtins.hasattr": lambda value, name: hasattr(_told(value), name),
}  # fmt: skip
_METHODS = frozenset({*PLAIN, "startswith", "endswith", "isalpha", "islower", "isupper", "removesuffix", "removeprefix", "split"})
_TELLING = (cst.Comparison, cst.BooleanOperation, cst.UnaryOperation)
_LONGEST = 200  # elements: no list of names to choose from has as many
_ARGUMENTS = 2  # of `isinstance(name, str)`


class UnsureError(Exception):
    """The value of an expression is not certain."""


class _Found:
    """What a dict has for a key: it is there, and no more is known of it."""

    def __eq__(self, other: object) -> bool:
        return False if other is None else _unsure()

    __hash__ = object.__hash__


_FAILURES = (UnsureError, TypeError, ValueError, IndexError, AttributeError, KeyError, RecursionError)


class _AtLeast(list[Any]):
    """The keys that are seen of a dict that may have others."""

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or _unsure()


def _unsure() -> Any:
    raise UnsureError


def _told(value: Any) -> Any:
    """Return a value, unless it is a class, of which no more is known."""
    return value if value is not type else _unsure()


class Asked:
    """A constant that a name, by a binding of it, an attribute or an item may hold; ``of`` evaluates an expression."""

    def __init__(self, flow: Flow, displays: Displays, of: Evaluate, constant: Const, path: str, binding: Binding | None) -> None:
        self.flow, self.displays, self._of = flow, displays, of
        self.constant, self.path, self.binding = constant, path, binding
        self._held: dict[cst.BaseExpression, bool | None] = {}
        # `optimizer = args.optimizer`: what is asked of the one holds for the other.
        self.source = access_path(binding.value) if binding is not None and binding.kind is Kind.ASSIGN and not binding.path else ""

    def holds(self, test: cst.BaseExpression) -> bool | None:
        """Return what a test is; None where that is not known. One side of `and`, or `or`, can decide though the other is not known."""
        if test not in self._held:
            self._held[test] = None  # what a cycle sees
            self._held[test] = self._holds(test)
        return self._held[test]

    def _holds(self, test: cst.BaseExpression) -> bool | None:
        told = given_to(test, self.flow) if not self._is_it(test) else None
        if told is not None:
            return self.holds(told)
        if isinstance(test, cst.BooleanOperation):
            decisive = isinstance(test.operator, cst.Or)
            sides = {self.holds(test.left), self.holds(test.right)}
            return decisive if decisive in sides else None if None in sides else not decisive
        if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
            inner = self.holds(test.expression)
            return None if inner is None else not inner
        with suppress(*_FAILURES):
            return bool(self._value(test))
        return None

    def chosen(self, match: cst.Match) -> cst.MatchCase | None:
        """Return the case that the constant goes to; None where that is not known, or none."""
        with suppress(*_FAILURES):
            subject = self._value(match.subject)
            case = next((case for case in match.cases if self._fits(subject, case.pattern)), None)
            return case if case is not None and case.guard is None else None
        return None

    def is_key(self, looked_up: cst.Subscript) -> bool:
        """Tell whether the constant is a key of the dict that it is looked up in, as it is written."""
        index = looked_up.slice[0].slice if len(looked_up.slice) == 1 else None
        with suppress(*_FAILURES):
            return isinstance(index, cst.Index) and self._is_in(self._value(index.value), looked_up.value)
        return False

    def _fits(self, subject: Any, pattern: cst.MatchPattern) -> bool:
        """Tell whether a value is what a case is for."""
        if isinstance(pattern, cst.MatchAs):
            return pattern.pattern is None or self._fits(subject, pattern.pattern)
        if isinstance(pattern, cst.MatchOr):
            return any(self._fits(subject, element.pattern) for element in pattern.patterns)
        if isinstance(pattern, cst.MatchSingleton):
            return subject is {"None": None, "True": True, "False": False}[pattern.value.value]
        return bool(subject == self._value(pattern.value)) if isinstance(pattern, cst.MatchValue) else _unsure()

    # Expressions ----------------------------------------------------------------------------------

    def _value(self, node: cst.BaseExpression) -> Any:
        """Return what an expression is. Raises one of _FAILURES where that is not certain."""
        if self._is_it(node):
            return self.constant.value
        compute = _BY_TYPE.get(type(node))
        return compute(self, node) if compute is not None else self._known(node)

    def _name(self, node: cst.Name) -> Any:
        told = given_to(node, self.flow)
        return self._value(told) if told is not None else self._known(node)

    def _not(self, node: cst.UnaryOperation) -> Any:
        return not self._value(node.expression) if isinstance(node.operator, cst.Not) else self._known(node)

    def _either(self, node: cst.BooleanOperation) -> Any:
        left = self._value(node.left)
        return left if bool(left) is isinstance(node.operator, cst.Or) else self._value(node.right)

    def _comparison(self, node: cst.Comparison) -> bool:
        left = self._value(node.left)
        for part in node.comparisons:
            right = self._value(part.comparator)
            if not COMPARISONS[type(part.operator)](left, right):
                return False
            left = right
        return True

    def _choice(self, node: cst.IfExp) -> Any:
        return self._value(node.body if self._value(node.test) else node.orelse)

    def _subscript(self, node: cst.Subscript) -> Any:
        """A part of a text: `name[:4]`."""
        index = node.slice[0].slice if len(node.slice) == 1 else None
        whole = self._value(node.value)
        if not isinstance(whole, str) or not isinstance(index, (cst.Index, cst.Slice)):
            raise UnsureError
        if isinstance(index, cst.Index):
            return whole[self._value(index.value)]
        return whole[slice(*(None if bound is None else self._value(bound) for bound in (index.lower, index.upper, index.step)))]

    def _attribute(self, node: cst.Attribute) -> Any:
        """The class of a value, or the name of that."""
        if node.attr.value not in ("__class__", "__name__"):
            return self._known(node)
        return getattr(_told(self._value(node.value)), node.attr.value)

    def _call(self, node: cst.Call) -> Any:
        arguments = [arg.value for arg in node.args if arg.keyword is None and not arg.star]
        names = [value.name for value in self._of(node.func) if isinstance(value, Ref)]
        if len(arguments) != len(node.args):
            raise UnsureError
        if names[:1] == ["builtins.type"] and len(arguments) == 1:
            return type(self._value(arguments[0]))
        if names[:1] in (["builtins.isinstance"], ["builtins.issubclass"]):
            value = self._value(arguments[0])
            return issubclass(type(value) if names[0] == "builtins.isinstance" else _told(value), self._kinds(arguments[1]))
        if len(names) == 1 and names[0] in _FUNCTIONS:
            return _FUNCTIONS[names[0]](*map(self._value, arguments))
        method = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
        if isinstance(node.func, cst.Attribute) and method in _METHODS:
            return getattr(self._text(node.func.value), method)(*map(self._value, arguments))
        if isinstance(node.func, cst.Attribute) and method == "get" and self._is_in(self._value(arguments[0]), node.func.value):
            return _Found()
        return self._known(node)

    def _text(self, node: cst.BaseExpression) -> str:
        text = self._value(node)
        return text if isinstance(text, str) else _unsure()

    # What is known ----------------------------------------------------------------------------------

    def _known(self, node: cst.BaseExpression) -> Any:
        """Return the one constant or type that an expression is, or the elements of a list of such."""
        (value,) = self._of(node)
        if isinstance(value, Ref):
            return _TYPES[value.name]
        if isinstance(value, Const):
            return value.value
        parts = self.displays.elements(value) if isinstance(value, (Display, Series)) and not is_repeated(value) else []
        if len(parts) > _LONGEST:
            raise UnsureError
        found = [self._value(part) if isinstance(part, cst.BaseExpression) else _unsure() for part in parts]
        is_dict = isinstance(value, Display) and isinstance(value.node, (cst.Dict, cst.Call)) and not self.displays.is_whole(value)
        return _AtLeast(found) if is_dict else found or _unsure()

    def _kinds(self, node: cst.BaseExpression) -> tuple[type, ...]:
        """Return the types that something is asked to be of; neither a constant nor a class is an instance of a class of Keras."""
        found: list[type] = []
        for part in [element.value for element in node.elements] if isinstance(node, cst.Tuple) else [node]:
            (value,) = self._of(part)
            of_keras = isinstance(value, Local) or (isinstance(value, Ref) and in_keras(value.name) is not None)
            found += [] if of_keras else [_TYPES[value.name]] if isinstance(value, Ref) else _unsure()
        return tuple(found)

    def _is_in(self, key: Any, owner: cst.BaseExpression) -> bool:
        owners = self._of(owner)
        keys = [[known for known, _ in self.displays.entries(one)] if isinstance(one, Display) else [] for one in owners]
        return bool(keys) and all(key in known for known in keys)

    def _is_it(self, node: cst.BaseExpression) -> bool:
        named = access_path(node)
        if named == self.path:
            return self.binding is None or self.binding in self.flow.reaching(self.path, node)
        root, given = root_name(self.source), self.binding.value if self.binding is not None else None
        return named == self.source != "" and given is not None and self.flow.reaching(root, given) == self.flow.reaching(root, node)


_BY_TYPE: Mapping[type[cst.CSTNode], Callable[[Asked, Any], Any]] = {
    cst.Name: Asked._name,
    cst.UnaryOperation: Asked._not,
    cst.BooleanOperation: Asked._either,
    cst.Comparison: Asked._comparison,
    cst.IfExp: Asked._choice,
    cst.Subscript: Asked._subscript,
    cst.Attribute: Asked._attribute,
    cst.Call: Asked._call,
}


def given_to(node: cst.BaseExpression, flow: Flow) -> cst.BaseExpression | None:
    """Return what a name was given that tells of another one: `name = optimizer.lower()`, `known = optimizer in NAMES`."""
    bindings = flow.reaching(node.value, node) if isinstance(node, cst.Name) else []
    value = bindings[0].value if len(bindings) == 1 and bindings[0].kind is Kind.ASSIGN and not bindings[0].path else None
    short = isinstance(value, _TELLING) or (isinstance(value, cst.Call) and len(value.args) <= _ARGUMENTS)
    if value is None or not short or flow.tree.order(node) < flow.tree.extent(value)[1]:  # `name = name.lower()` in a loop
        return None
    return value
