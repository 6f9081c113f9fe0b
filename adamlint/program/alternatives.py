"""In which part of a target an expression is which of its alternatives: what the guards leave of the bindings that give it.

`if …: import tf_keras as keras`, else `keras = tf.keras`: what is measured of `tf.keras` says nothing where the other one is bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from adamlint.atlas import Subject
from adamlint.names.bindings import Binding, Kind
from adamlint.program.guards import Guards
from adamlint.target import Target
from adamlint.values.kinds import Kinds, optimizer_class
from adamlint.values.value import Display, Local, Result, Value

_DEPTH = 8  # names and calls on the way to a binding


class Alternatives:
    """Answers for one file."""

    def __init__(self, guards: Guards, kinds: Kinds) -> None:
        self.guards, self.kinds = guards, kinds
        self.tree, self.flow, self.values = guards.tree, guards.flow, guards.values
        self._known: dict[tuple[cst.CSTNode, Value, Target], Target] = {}
        self._sure: dict[tuple[cst.CSTNode, Target], Target] = {}

    def left(self, subject: Subject, place: cst.CSTNode, target: Target) -> Target:
        """Return the part of a target in which what is used at a place may be what the atlas is asked about."""
        named = {getattr(subject, name, "") for name in ("path", "package")} - {""}
        asked = [node for node in _asked(place) if len(self.values.of(node)) > 1]
        found = [self.where(node, value, target) for node in asked for value in self.values.of(node) if named & self._names(value)]
        return _union(found) if found else target

    def where(self, node: cst.CSTNode, value: Value, target: Target, depth: int = _DEPTH) -> Target:
        """Return the part of a target in which an expression may be one of its alternatives."""
        key = node, value, target
        if depth and key not in self._known:
            self._known[key] = target  # what a cycle sees
            self._known[key] = self._where(*key, depth)
        return self._known.get(key, target)

    def _where(self, node: cst.CSTNode, value: Value, target: Target, depth: int) -> Target:
        if isinstance(value, Result) and value.call is not None:
            target = self.where(value.call.func, value.callee, target, depth - 1)
        parts = list(self._parts(node, value, target, depth - 1)) if len(self.values.of(node)) > 1 else []
        return _union(parts) if parts else target

    def _parts(self, node: cst.CSTNode, value: Value, target: Target, depth: int) -> Iterator[Target]:
        if isinstance(node, cst.Name):
            bindings = self.flow.reaching(node.value, node)
            for binding in bindings:
                if value in tuple(self.values.bound(binding)):
                    there = self._in_force(binding, bindings, target)
                    plain = binding.kind is Kind.ASSIGN and binding.value is not None and not binding.path
                    yield self.where(binding.value, value, there, depth) if plain and binding.value is not None else there
        elif sources := [source for source in self._sources(node) if value in self.values.of(source)]:
            yield from (self.where(source, value, self.guards.left(source, target), depth) for source in sources)
        elif isinstance(node, cst.Attribute):
            owners = (owner for owner in self.values.of(node.value) if value in tuple(self.values.attribute(owner, node.attr.value)))
            yield from (self.where(node.value, owner, target, depth) for owner in owners)
        elif isinstance(node, cst.IfExp):
            branches = (branch for branch in (node.body, node.orelse) if value in self.values.of(branch))
            yield from (self.where(branch, value, self.guards.left(branch, target), depth) for branch in branches)

    def _sources(self, node: cst.CSTNode) -> Iterator[cst.BaseExpression]:
        """Yield what methods assign to an attribute, what a function returns, and what a dict is written with."""
        if isinstance(node, cst.Attribute):
            made = [owner.callee if isinstance(owner, Result) else owner for owner in self.values.of(node.value)]
            classes = [cls.node for cls in made if isinstance(cls, Local) and isinstance(cls.node, cst.ClassDef)]
            yield from (source for cls in classes for source in self.values.classes.assigned(cls, node.attr.value))
        elif isinstance(node, cst.Call):
            called = [callee.node for callee in self.values.of(node.func) if isinstance(callee, Local)]
            returns = (leaving.value for function in called for leaving in self.flow.scopes.returns(function))
            yield from (value for value in returns if value is not None)
        elif isinstance(node, cst.Subscript):
            owners = (owner for owner in self.values.of(node.value) if isinstance(owner, Display))
            yield from (value for owner in owners for _, value in self.values.displays.entries(owner))

    def _in_force(self, binding: Binding, others: Sequence[Binding], target: Target) -> Target:
        """Return where a binding is reached, and none that surely runs after it."""
        later = [other for other in others if self.tree.order(other.node) > self.tree.order(binding.node)]
        left = self.guards.left(binding.node, target)
        for other in later if left else ():
            left -= self._runs(other.node, target)
        return left

    def _runs(self, node: cst.CSTNode, target: Target) -> Target:
        """Return where a statement surely runs."""
        if (node, target) not in self._sure:
            self._sure[node, target] = target.where(lambda cell: self.guards.runs(node, cell) is True)
        return self._sure[node, target]

    def _names(self, value: Value) -> set[str]:
        """Return the paths, and the package, by which the atlas is asked about a value."""
        cls = optimizer_class(value)
        paths = {cls.path, cls.asked} if cls is not None else {*self.kinds.member_paths(value)}
        return {*paths, self.kinds.optimizer_path(value) or "", self.kinds.model(value) or ""} - {""}


def _asked(place: cst.CSTNode) -> list[cst.BaseExpression]:
    """Return what a call, or the use of a member, may be about: its function, its object, or what it is given."""
    if isinstance(place, cst.Call):
        return [place.func, *_asked(place.func), *(arg.value for arg in place.args)]
    return [place.value] if isinstance(place, cst.Attribute) else []


def _union(parts: Sequence[Target]) -> Target:
    whole = parts[0]
    for part in parts[1:]:
        whole = whole | part
    return whole
