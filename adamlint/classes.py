"""The classes of a tree: whose method a function is, what its methods assign to attributes of the instance."""

from __future__ import annotations

from functools import cached_property

import libcst as cst

from adamlint.bindings import Kind
from adamlint.flow import Flow
from adamlint.tree import Tree, dotted_name

_NOT_FOLLOWED = cst.Ellipsis()


class Classes:
    """The classes of one tree."""

    def __init__(self, tree: Tree, flow: Flow) -> None:
        self.tree, self.flow = tree, flow

    def owner(self, function: cst.CSTNode) -> cst.ClassDef | None:
        """Return the class that ``function`` is a method of."""
        scope = self.flow.scopes.of(function)
        return scope if isinstance(scope, cst.ClassDef) else None

    def instance(self, parameter: cst.CSTNode) -> cst.ClassDef | None:
        """Return the class whose instance a parameter is: the first one of a method."""
        owner = self._first_of(parameter)
        function = self.tree.enclosing(parameter, cst.FunctionDef)
        return owner if function is not None and not {"staticmethod", "classmethod"} & decorators(function) else None

    def itself(self, parameter: cst.CSTNode) -> cst.ClassDef | None:
        """Return the class that a parameter is: the first one of a class method."""
        owner = self._first_of(parameter)
        function = self.tree.enclosing(parameter, cst.FunctionDef)
        return owner if function is not None and "classmethod" in decorators(function) else None

    def _first_of(self, parameter: cst.CSTNode) -> cst.ClassDef | None:
        function = self.tree.enclosing(parameter, cst.FunctionDef)
        if function is None:
            return None
        params = (*function.params.posonly_params, *function.params.params)
        return self.owner(function) if params and params[0] is parameter else None

    def around(self, node: cst.CSTNode) -> cst.ClassDef | None:
        """Return the class of the method that a place is in."""
        return next((owner for above in self.tree.ancestors(node) if (owner := self.owner(above)) is not None), None)

    def assigned(self, owner: cst.ClassDef, name: str) -> list[cst.BaseExpression]:
        """Return what the methods of a class assign to an attribute of the instance."""
        return self._assigned.get((owner, name), [])

    @cached_property
    def _assigned(self) -> dict[tuple[cst.ClassDef, str], list[cst.BaseExpression]]:
        found: dict[tuple[cst.ClassDef, str], list[cst.BaseExpression]] = {}
        assigns: list[cst.Assign | cst.AnnAssign] = [*self.tree.nodes(cst.Assign), *self.tree.nodes(cst.AnnAssign)]
        for assign in assigns:
            for target in [t.target for t in assign.targets] if isinstance(assign, cst.Assign) else [assign.target]:
                if isinstance(target, cst.Attribute) and assign.value is not None and (owner := self.holder(target)):
                    found.setdefault((owner, target.attr.value), []).append(assign.value)
        for attribute in self.tree.nodes(cst.Attribute):
            if self._is_bound_otherwise(attribute) and (owner := self.holder(attribute)):
                found.setdefault((owner, attribute.attr.value), []).append(_NOT_FOLLOWED)
        return found

    def _is_bound_otherwise(self, attribute: cst.Attribute) -> bool:
        """Tell whether an attribute is given a value that is not followed: `+=`, a part of something, a loop, `with … as`."""
        node: cst.CSTNode = attribute
        above = self.tree.parent(node)
        while isinstance(above, (cst.Element, cst.StarredElement, cst.Tuple, cst.List)):
            node, above = above, self.tree.parent(above)
        if isinstance(above, cst.AssignTarget):
            return node is not attribute
        return isinstance(above, cst.AsName) or (isinstance(above, (cst.AugAssign, cst.For, cst.CompFor)) and node is above.target)

    def annotation(self, owner: cst.ClassDef, name: str) -> cst.Annotation | None:
        """Return the annotation of an attribute, in the body of a class or where a method assigns it."""
        return self._annotations.get((owner, name))

    @cached_property
    def _annotations(self) -> dict[tuple[cst.ClassDef, str], cst.Annotation]:
        found: dict[tuple[cst.ClassDef, str], cst.Annotation] = {}
        for node in self.tree.nodes(cst.AnnAssign):
            scope = self.flow.scopes.of(node)
            owner = self.holder(node.target) if isinstance(node.target, cst.Attribute) else scope
            name = node.target.attr if isinstance(node.target, cst.Attribute) else node.target
            if isinstance(owner, cst.ClassDef) and isinstance(name, cst.Name):
                found.setdefault((owner, name.value), node.annotation)
        return found

    def holder(self, target: cst.Attribute) -> cst.ClassDef | None:
        """Return the class on whose instance, or on which itself, a method speaks of an attribute."""
        if isinstance(target.value, cst.Name):
            for binding in self.flow.reaching(target.value.value, target):
                if binding.kind is Kind.PARAMETER and (owner := self._first_of(binding.node)) is not None:
                    return owner
        return None


def decorators(node: cst.FunctionDef | cst.ClassDef) -> set[str]:
    """Return the last names of the decorators of a definition: ``property`` of ``@functools.property``."""
    called = [d.decorator.func if isinstance(d.decorator, cst.Call) else d.decorator for d in node.decorators]
    return {dotted_name(decorator).rpartition(".")[2] for decorator in called}
