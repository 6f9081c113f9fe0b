"""The calls of a tree by the name of what they call, and what they hand to the parameters of its functions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import libcst as cst

from adamlint.flow import Flow
from adamlint.tree import Tree, dotted_name


class Calls:
    """The calls of one tree."""

    def __init__(self, tree: Tree, flow: Flow) -> None:
        self.tree, self.flow = tree, flow

    def named(self, name: str) -> Sequence[cst.Call]:
        """Return the calls of a function or method of this name."""
        return self._by_name.get(name, ())

    @cached_property
    def _by_name(self) -> dict[str, list[cst.Call]]:
        found: dict[str, list[cst.Call]] = {}
        for call in self.tree.nodes(cst.Call):
            found.setdefault(dotted_name(call.func).rpartition(".")[2], []).append(call)
        return found

    def passed(self, parameter: cst.CSTNode) -> list[cst.BaseExpression] | None:
        """Return what calls give to a parameter of a plain function of the module that is only ever called; None where not all is seen."""
        function = self.tree.enclosing(parameter, cst.FunctionDef)
        if function is None or function.decorators or not isinstance(self.flow.scopes.of(function), cst.Module):
            return None
        uses = [name for name in self.uses(function.name.value) if name is not function.name]
        calls = [call for name in uses if isinstance(call := self.tree.parent(name), cst.Call) and call.func is name]
        if len(calls) < len(uses) or any(arg.star for call in calls for arg in call.args):
            return None
        given = [_given(call, parameter, function) for call in calls]
        return [node for node in given if node is not None]

    def uses(self, name: str) -> Sequence[cst.Name]:
        """Return where a name stands as one, neither as an attribute nor as a keyword."""
        return self._uses.get(name, ())

    @cached_property
    def _uses(self) -> dict[str, list[cst.Name]]:
        found: dict[str, list[cst.Name]] = {}
        for node in self.tree.nodes(cst.Name):
            above = self.tree.parent(node)
            label = above.attr if isinstance(above, cst.Attribute) else above.keyword if isinstance(above, cst.Arg) else None
            if label is not node:
                found.setdefault(node.value, []).append(node)
        return found


def _given(call: cst.Call, parameter: cst.CSTNode, function: cst.FunctionDef) -> cst.BaseExpression | None:
    """Return the argument that a call without stars gives to a parameter."""
    named = {arg.keyword.value: arg.value for arg in call.args if arg.keyword is not None}
    if isinstance(parameter, cst.Param) and parameter.name.value in named:
        return named[parameter.name.value]
    params = [*function.params.posonly_params, *function.params.params]
    plain = [arg.value for arg in call.args if arg.keyword is None]
    at = next((index for index, param in enumerate(params) if param is parameter), len(plain))
    return plain[at] if at < len(plain) else None
