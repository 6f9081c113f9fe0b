"""Who may keep the optimizer that `model.compile(…)` is given: a class of the project that defines a `compile` of its own.

Only what is handed on to the `compile` of Keras as it was given is sure to end up there.
"""

from __future__ import annotations

import libcst as cst

from adamlint.names.bindings import Kind
from adamlint.names.flow import Flow
from adamlint.program.arguments import Arguments
from adamlint.text.tree import Tree
from adamlint.values.calls import object_of
from adamlint.values.kinds import Kinds
from adamlint.values.value import Abroad, Local, Result, Value


class Compiles:
    """The `compile` methods that the classes of one file define."""

    def __init__(self, tree: Tree, flow: Flow, kinds: Kinds, arguments: Arguments) -> None:
        self.tree, self.flow, self.kinds, self.values, self.arguments = tree, flow, kinds, kinds.values, arguments

    def is_own(self, model: cst.BaseExpression, call: cst.Call) -> bool:
        """Tell whether a call is of a `compile` of the project, which may do with the optimizer what it likes."""
        made = [value.callee for value in self.values.of(model) if isinstance(value, Result)]
        classes = [cls for own in made for cls in (*(() if self.kinds.is_super(model) else (own,)), *self.kinds.ancestry(own))]
        named = self.arguments.get(call, "optimizer") is not None
        if any(not self._passes_on(function, named) for cls in classes for function in self._compiles(cls)):
            return True  # what it gives to that of Keras by name is looked at there
        outside = self.values.outside
        return outside is not None and any(isinstance(cls, Abroad) and outside.keeps_optimizer(cls) for cls in classes)

    def keeps_optimizer(self, cls: Value) -> bool:
        """Tell whether a class defines a `compile` that may not hand the optimizer to that of Keras as it is."""
        return not all(self._passes_on(function) or self._hands_over(function) for function in self._compiles(cls))

    def _compiles(self, cls: Value) -> list[cst.CSTNode]:
        bound = self.flow.scopes.bindings(cls.node, "compile") if isinstance(cls, Local) else ()
        return [binding.node for binding in bound]

    def _passes_on(self, function: cst.CSTNode, named: bool = False) -> bool:
        """Tell whether a `compile` takes the optimizer among what it does not name; ``named``: it is given by keyword."""
        params = function.params if isinstance(function, cst.FunctionDef) else None
        names = {param.name.value for param in (*params.params[1:], *params.kwonly_params)} if params is not None else set()
        passes = params is not None and isinstance(params.star_kwarg, cst.Param) and "optimizer" not in names
        return passes and (named or not names)

    def _hands_over(self, function: cst.CSTNode) -> bool:
        """Tell whether a `compile` takes the optimizer first, and gives it to that of Keras as it is."""
        params = function.params.params[1:2] if isinstance(function, cst.FunctionDef) else ()
        inside = [call for call in self.tree.nodes(cst.Call) if self.flow.scopes.of(call) is function]
        above = [call for call in inside if (model := object_of(call, "compile")) is not None and self.kinds.is_super(model)]
        handed = [self.arguments.get(call, "optimizer", 0) for call in above]
        first = [param.name.value for param in params] == ["optimizer"]
        return first and bool(handed) and all(arg is not None and self._is_parameter(arg.value, "optimizer") for arg in handed)

    def _is_parameter(self, node: cst.BaseExpression, name: str) -> bool:
        bindings = self.flow.reaching(name, node) if isinstance(node, cst.Name) and node.value == name else []
        return bool(bindings) and all(binding.kind is Kind.PARAMETER for binding in bindings)
