"""The classes of a tree: whose method a function is, what its methods assign to attributes of the instance."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from adamlint.names.bindings import Kind
from adamlint.names.flow import Flow
from adamlint.text.tree import Tree, dotted_name

_NOT_FOLLOWED = cst.Ellipsis()


class Classes:
    """The classes of one tree."""

    def __init__(self, tree: Tree, flow: Flow) -> None:
        self.tree, self.flow = tree, flow

    def owner(self, function: cst.CSTNode) -> cst.ClassDef | None:
        """Return the class that ``function`` is a method of."""
        scope = self.flow.scopes.of(function)
        return scope if isinstance(scope, cst.ClassDef) else None

    def full_name(self, function: cst.CSTNode) -> str:
        """Return the name by which other files reach a function or method, `Trainer.build`; "" for a lambda, or one in a function."""
        owner, scope = self.owner(function), self.flow.scopes.of(function)
        if not isinstance(function, cst.FunctionDef) or not isinstance(scope, (cst.Module, cst.ClassDef)):
            return ""
        return function.name.value if owner is None else f"{owner.name.value}.{function.name.value}"

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
            for target, value in _given(assign):
                if isinstance(target, cst.Attribute) and (owner := self.holder(target)):
                    found.setdefault((owner, target.attr.value), []).append(value)
        paired = {target for assign in self.tree.nodes(cst.Assign) for target, _ in _given(assign)}
        for attribute in self.tree.nodes(cst.Attribute):
            if attribute not in paired and self.is_bound_otherwise(attribute) and (owner := self.holder(attribute)):
                found.setdefault((owner, attribute.attr.value), []).append(_NOT_FOLLOWED)
        return found

    def is_bound_otherwise(self, target: cst.Attribute | cst.Subscript) -> bool:
        """Tell whether an attribute, or an item, is given a value that is not followed: `+=`, a part of something, a loop, `with … as`."""
        node: cst.CSTNode = target
        above = self.tree.parent(node)
        while isinstance(above, (cst.Element, cst.StarredElement, cst.Tuple, cst.List)):
            node, above = above, self.tree.parent(above)
        if isinstance(above, cst.AssignTarget):
            return node is not target
        return isinstance(above, cst.AsName) or (isinstance(above, (cst.AugAssign, cst.For, cst.CompFor)) and node is above.target)

    def is_open(self, owner: cst.ClassDef, name: str) -> bool:
        """Tell whether an attribute may get another value than a class gives it: as a field, by the constructor, or from outside."""
        return (owner, name) in self._annotations or name in self.set_outside or self._sets_any

    @cached_property
    def set_outside(self) -> set[str]:
        """The attributes that are assigned to other objects than the instance of a method."""
        set_on = (node for node in self.tree.nodes(cst.Attribute) if isinstance(self.tree.parent(node), (cst.AssignTarget, cst.AugAssign)))
        return {node.attr.value for node in set_on if self.holder(node) is None}

    @cached_property
    def _sets_any(self) -> bool:
        """Whether `setattr` is called with names that are not written there."""
        calls = [call for call in self.tree.nodes(cst.Call) if dotted_name(call.func) == "setattr" and len(call.args) > 1]
        return any(not isinstance(call.args[1].value, cst.SimpleString) for call in calls)

    def descendants(self, owner: cst.ClassDef) -> list[cst.ClassDef]:
        """Return the classes of the file that are, or may be, built on a class."""
        found = [owner]
        for cls in found:
            found += [heir for heir in self._heirs.get(cls.name.value, ()) if heir not in found]
        return found[1:]

    @cached_property
    def _heirs(self) -> dict[str, list[cst.ClassDef]]:
        """The classes by the last names of their bases."""
        found: dict[str, list[cst.ClassDef]] = {}
        for heir in self.tree.nodes(cst.ClassDef):
            for base in heir.bases:
                found.setdefault(dotted_name(base.value).rpartition(".")[2], []).append(heir)
        return found

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


def _given(assign: cst.Assign | cst.AnnAssign) -> Iterator[tuple[cst.BaseExpression, cst.BaseExpression]]:
    """Yield the targets of an assignment with their values: `self.units, self.optimizer = units, optimizer` gives each its own."""
    for target in [t.target for t in assign.targets] if isinstance(assign, cst.Assign) else [assign.target]:
        value = assign.value
        if isinstance(target, (cst.Tuple, cst.List)) and isinstance(value, (cst.Tuple, cst.List)):
            parts = [*target.elements, *value.elements]
            if len(target.elements) == len(value.elements) and not any(isinstance(part, cst.StarredElement) for part in parts):
                yield from ((one.value, other.value) for one, other in zip(target.elements, value.elements, strict=True))
        elif value is not None:
            yield target, value


def decorators(node: cst.FunctionDef | cst.ClassDef) -> set[str]:
    """Return the last names of the decorators of a definition: ``property`` of ``@functools.property``."""
    called = [d.decorator.func if isinstance(d.decorator, cst.Call) else d.decorator for d in node.decorators]
    return {dotted_name(decorator).rpartition(".")[2] for decorator in called}
