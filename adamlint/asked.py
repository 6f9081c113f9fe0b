"""What tests come to for one constant that a name, an attribute or an item may hold: comparisons, `isinstance`, `match` and their like."""

from __future__ import annotations

import libcst as cst

from adamlint.bindings import Binding, Kind
from adamlint.displays import Displays, Evaluate
from adamlint.flow import Flow
from adamlint.names import in_keras
from adamlint.strings import PLAIN
from adamlint.tree import access_path, dotted_name, root_name
from adamlint.values import UNKNOWN, Const, Display, Ref, Result, Value

_TYPES: dict[str, type] = {
    f"builtins.{kind.__name__}": kind for kind in (str, bytes, int, float, bool, dict, list, tuple, set, type)
}
_EQUAL = (cst.Equal, cst.Is, cst.In)
_UNEQUAL = (cst.NotEqual, cst.IsNot, cst.NotIn)
_TELLING = (cst.Comparison, cst.BooleanOperation, cst.UnaryOperation)
_ARGUMENTS = 2  # of `isinstance(name, str)`


class Asked:
    """A constant that a name, by a binding of it, an attribute or an item may hold; ``of`` evaluates an expression."""

    def __init__(self, flow: Flow, displays: Displays, of: Evaluate, constant: Const, path: str, binding: Binding | None) -> None:
        self.flow, self.displays, self._of = flow, displays, of
        self.constant, self.path, self.binding = constant, path, binding
        # `optimizer = args.optimizer`: what is asked of the one holds for the other.
        self.source = access_path(binding.value) if binding is not None and binding.kind is Kind.ASSIGN and not binding.path else ""

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
        if isinstance(test, cst.Call) and test.args:
            return self._called(test)
        if self._is_it(test):
            return bool(self.constant.value)
        flag = given_to(test, self.flow)
        return self.holds(flag) if flag is not None else None

    def is_key(self, looked_up: cst.Subscript) -> bool:
        """Tell whether the constant is a key of the dict that it is looked up in, as it is written."""
        index = looked_up.slice[0].slice if len(looked_up.slice) == 1 else None
        return isinstance(index, cst.Index) and self._is_in(index.value, looked_up.value)

    def _is_in(self, key: cst.BaseExpression, owner: cst.BaseExpression) -> bool:
        text = self._changed(key)
        owners = self._of(owner) if text is not None else ()
        keys = [[known for known, _ in self.displays.entries(one)] if isinstance(one, Display) else [] for one in owners]
        return text is not None and bool(keys) and all(text.value in known for known in keys)

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
        if self._is_it(node):
            return self.constant
        made = given_to(node, self.flow)
        return self._changed(made) if made is not None else None

    def _constants(self, node: cst.BaseExpression, within: bool) -> list[object]:
        """Return the one constant that an expression is, or those within it; none where there may be something else."""
        values = self._of(node)
        if len(values) == 1 and within:
            parts = self.displays.elements(values[0])
            values = tuple(value for part in parts for value in (self._of(part) if isinstance(part, cst.CSTNode) else (UNKNOWN,)))
        elif len(values) != 1:
            return []
        constants = [known for value in values for known in self._known(value)]
        return constants if len(constants) == len(values) else []

    def _known(self, value: Value) -> list[object]:
        """Return the constant that a value is, or the type that it stands for: `str`, `type("")`."""
        if isinstance(value, Result) and value.callee == Ref("builtins.type") and value.call is not None and len(value.call.args) == 1:
            return [type(known) for known in self._constants(value.call.args[0].value, within=False)]
        if isinstance(value, Ref):
            return [_TYPES[value.name]] if value.name in _TYPES else []
        return [value.value] if isinstance(value, Const) else []

    def _called(self, call: cst.Call) -> bool | None:
        """Return what a function says of it: `isinstance`, `callable`, `hasattr`, the `startswith` of a text, and a dict by `get`."""
        if isinstance(call.func, cst.Attribute) and call.func.attr.value == "startswith" and len(call.args) == 1:
            texts = self._texts(call.func.value, call.args[0].value)
            return texts[0].startswith(texts[1]) if texts is not None else None
        if isinstance(call.func, cst.Attribute) and call.func.attr.value == "get" and self._is_in(call.args[0].value, call.func.value):
            return True  # an optimizer, or what makes one
        function = dotted_name(call.func).rpartition(".")[2] if self._is_it(call.args[0].value) else ""
        if function in ("callable", "isclass") and len(call.args) == 1:
            return isinstance(self.constant.value, type)
        if function == "hasattr" and len(call.args) == 2:
            names = self._constants(call.args[1].value, within=False)
            return hasattr(self.constant.value, str(names[0])) if names and not isinstance(self.constant.value, type) else None
        return self._is_instance(call.args[1].value) if function == "isinstance" and len(call.args) == 2 else None

    def _is_instance(self, kinds: cst.BaseExpression) -> bool | None:
        """Neither a constant nor a class is an instance of a class of Keras."""
        named = [self._of(part) for part in ([e.value for e in kinds.elements] if isinstance(kinds, cst.Tuple) else [kinds])]
        names = [values[0].name for values in named if len(values) == 1 and isinstance(values[0], Ref)]
        known = len(names) == len(named) and all(name in _TYPES or in_keras(name) for name in names)
        return isinstance(self.constant.value, tuple(_TYPES[name] for name in names if name in _TYPES)) if known else None

    def _is_it(self, node: cst.BaseExpression) -> bool:
        named = access_path(node)
        if named == self.path:
            return self.binding is None or self.binding in self.flow.reaching(self.path, node)
        root, given = root_name(self.source), self.binding.value if self.binding is not None else None
        return named == self.source != "" and given is not None and self.flow.reaching(root, given) == self.flow.reaching(root, node)


def given_to(node: cst.BaseExpression, flow: Flow) -> cst.BaseExpression | None:
    """Return what a name was given that tells of another one: `name = optimizer.lower()`, `known = optimizer in NAMES`."""
    bindings = flow.reaching(node.value, node) if isinstance(node, cst.Name) else []
    value = bindings[0].value if len(bindings) == 1 and bindings[0].kind is Kind.ASSIGN and not bindings[0].path else None
    short = isinstance(value, _TELLING) or (isinstance(value, cst.Call) and len(value.args) <= _ARGUMENTS)
    if value is None or not short or flow.tree.order(node) < flow.tree.extent(value)[1]:  # `name = name.lower()` in a loop
        return None
    return value
