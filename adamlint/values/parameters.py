"""What the calls of a file hand to the parameters of its own functions and methods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from adamlint.text.tree import Tree, dotted_name
from adamlint.values.classes import decorators
from adamlint.values.value import Display, Local
from adamlint.values.wrappers import Wrappers

if TYPE_CHECKING:
    from adamlint.values.evaluate import Values

class Parameters:
    """The parameters of one tree."""

    def __init__(self, tree: Tree, values: Values) -> None:
        self.tree, self.values = tree, values
        self.wrappers = Wrappers(values)

    def given(self, parameter: cst.Param) -> tuple[list[cst.BaseExpression], bool]:
        """Return what calls give to a parameter, and whether these are all that there are in the file."""
        function = self.tree.enclosing(parameter, cst.FunctionDef)
        position = _position(parameter, function) if function is not None else None
        if function is None or position is None:
            return [], False
        if (fixture := self._fixture(parameter.name.value, function)) is not None:
            return fixture, True
        calls, whole = self._calls(function)
        bound = self.values.classes.owner(function) is not None and "staticmethod" not in decorators(function)
        given: list[cst.BaseExpression] = []
        for call in calls:
            shift = bound and not self._is_of_class(call, function)
            found, certain = self.argument(call, parameter.name.value, position - shift)
            given += found
            whole = whole and certain
        given += self.wrappers.given(function, parameter.name.value)
        return given, whole and bool(calls) and not function.decorators

    def may_be_default(self, parameter: cst.CSTNode) -> bool:
        """Tell whether a call may leave a parameter at its default: one here does, or others than those here may call the function."""
        function = self.tree.enclosing(parameter, cst.FunctionDef)
        position = _position(parameter, function) if isinstance(parameter, cst.Param) and function is not None else None
        if not isinstance(parameter, cst.Param) or function is None or position is None or function.decorators:
            return True
        name, owner = function.name.value, self.values.classes.owner(function)
        nested = isinstance(self.values.flow.scopes.of(function), cst.FunctionDef)
        calls, whole = self._calls(function) if nested or (name.startswith("_") and not name.endswith("__")) else ([], False)
        shift = 1 if owner is not None else 0
        given = [bool(self.argument(call, parameter.name.value, position - shift)[0]) for call in calls]
        return not whole or not given or not all(given)

    def made_with(self, parameter: cst.CSTNode, call: cst.Call) -> list[cst.BaseExpression] | None:
        """Return what a call of a class gives to a parameter of its constructor, or the default; None where that is not certain."""
        function = self.tree.enclosing(parameter, cst.FunctionDef) if isinstance(parameter, cst.Param) else None
        position = _position(parameter, function) if isinstance(parameter, cst.Param) and function is not None else None
        if not isinstance(parameter, cst.Param) or function is None or function.name.value != "__init__" or position is None:
            return None
        given, certain = self.argument(call, parameter.name.value, position - 1)
        return given or ([parameter.default] if certain and parameter.default is not None else None)

    def field(self, owner: cst.ClassDef, name: str, call: cst.Call) -> list[cst.BaseExpression]:
        """Return what a call gives to a field of a class without a constructor, as a dataclass is."""
        scopes = self.values.flow.scopes
        annotated = [node.target for node in self.tree.nodes(cst.AnnAssign) if scopes.of(node) is owner]
        fields = [target.value for target in annotated if isinstance(target, cst.Name)]
        if name not in fields or scopes.bindings(owner, "__init__"):
            return []
        is_tuple = any(dotted_name(base.value).endswith("NamedTuple") for base in owner.bases)
        in_order = is_tuple or decorators(owner) & {"dataclass", "define", "frozen"}
        return self.argument(call, name, fields.index(name) if in_order else None)[0]

    def _is_of_class(self, call: cst.Call, method: cst.FunctionDef) -> bool:
        """Tell whether a method is called on its class, so that the object is the first argument: `Net.train(net, …)`."""
        owner = call.func.value if isinstance(call.func, cst.Attribute) and "classmethod" not in decorators(method) else None
        return owner is not None and any(isinstance(value, Local) for value in self.values.of(owner))

    def _fixture(self, name: str, function: cst.FunctionDef) -> list[cst.BaseExpression] | None:
        """Return what the pytest fixture of a name gives to a test, or to another fixture."""
        if not function.name.value.startswith("test") and "fixture" not in decorators(function):
            return None
        for binding in self.values.flow.scopes.bindings(self.tree.module, name):
            if isinstance(binding.node, cst.FunctionDef) and "fixture" in decorators(binding.node):
                scopes = self.values.flow.scopes
                yields = [node.value for node in self.tree.nodes(cst.Yield) if scopes.of(node) is binding.node]
                given = [*(node.value for node in scopes.returns(binding.node)), *yields]
                return [node for node in given if isinstance(node, cst.BaseExpression)]
        return None

    def _calls(self, function: cst.FunctionDef) -> tuple[list[cst.Call], bool]:
        """Return the calls of a function, and whether it is used in no other way."""
        owner, name = self.values.classes.owner(function), function.name.value
        if owner is None or name == "__init__":
            definition = function if owner is None else owner
            uses = [use for use in self.values.calls.uses(definition.name.value) if use is not definition.name]
            calls = [call for use in uses if isinstance(call := self.tree.parent(use), cst.Call) and call.func is use]
            others = [use for use in uses if self.tree.parent(use) not in calls and self.tree.enclosing(use, cst.Annotation) is None]
            return calls, not others
        calls = [call for call in self.values.calls.methods(name) if Local(function) in self.values.of(call.func)]
        return calls, len(calls) == self.values.calls.mentions(name)

    def argument(self, call: cst.Call, name: str, position: int | None) -> tuple[list[cst.BaseExpression], bool]:
        """Return what a call gives to a parameter, by name or at a position, and whether that is certain."""
        found, moved = list[cst.BaseExpression](), False
        for index, arg in enumerate(call.args):
            if arg.star == "**":
                found += self._spread(arg.value, name)
            elif arg.keyword is not None:
                found += [arg.value] if arg.keyword.value == name else []
            elif arg.star:
                moved = True
            elif index == position and not moved:
                found.append(arg.value)
        return found, bool(found) or not any(arg.star for arg in call.args)

    def _spread(self, node: cst.BaseExpression, name: str) -> Iterator[cst.BaseExpression]:
        for value in self.values.of(node):
            if isinstance(value, Display):
                yield from (given for key, given in self.values.displays.entries(value) if key == name)


def _position(parameter: cst.Param, function: cst.FunctionDef) -> int | None:
    """Return the index of a parameter, or one that no argument has where it is only given by name; None for `*` and `**`."""
    params = [*function.params.posonly_params, *function.params.params]
    if any(param is parameter for param in function.params.kwonly_params):
        return 1 << 20
    return next((index for index, param in enumerate(params) if param is parameter), None)
