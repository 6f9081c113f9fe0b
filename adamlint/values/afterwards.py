"""What is done with the list and dict literals of a tree after they were written: what is put in and taken out, and whether that is all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from adamlint.names.bindings import Kind
from adamlint.names.flow import Flow
from adamlint.text.tree import Tree, dotted_name, walk
from adamlint.values.calls import Calls
from adamlint.values.classes import Classes

_GROWS = ("append", "extend", "insert", "add")
_LEAVES_KEYS = ("get", "items", "keys", "values", "copy", "pop")  # what `pop` takes out is known by `taken`
_PASSES_ON = (cst.IfExp, cst.BooleanOperation)

Item = tuple[cst.BaseExpression, cst.BaseExpression]


class Afterwards:
    """Follows the literals of one tree by the names, and the attributes of `self`, that they are bound to."""

    def __init__(self, tree: Tree, flow: Flow, classes: Classes, calls: Calls) -> None:
        self.tree, self.flow, self.classes, self.calls = tree, flow, classes, calls

    @cached_property
    def put(self) -> dict[cst.CSTNode, list[Item]]:
        """The keys and the values that `d[key] = value`, `setdefault` and `update({key: value})` put into a dict."""
        found: dict[cst.CSTNode, list[Item]] = {}
        for assign in self.tree.nodes(cst.Assign):
            for target in assign.targets:
                for display, key in self._items(target.target):
                    found.setdefault(display, []).append((key, assign.value))
        for call in (*self.calls.methods("setdefault"), *self.calls.methods("update")):
            for display in self._named(call.func.value) if isinstance(call.func, cst.Attribute) and call.args else ():
                found.setdefault(display, []).extend(_filled(call))
        return found

    @cached_property
    def taken(self) -> dict[cst.CSTNode, list[cst.BaseExpression | None]]:
        """The keys that `del d[key]` and `d.pop(key)` take out of a dict, or a list; None for any."""
        found: dict[cst.CSTNode, list[cst.BaseExpression | None]] = {}
        for owner, key in self.removals:
            for display in self._named(owner):
                found.setdefault(display, []).append(key)
        return found

    @cached_property
    def removals(self) -> list[tuple[cst.BaseExpression, cst.BaseExpression | None]]:
        """Whatever keys are taken out of, as it is written there, each with the key; None for any."""
        deleted = [node.target for node in self.tree.nodes(cst.Del)]
        parts = [e.value for target in deleted for e in (target.elements if isinstance(target, cst.Tuple) else ())]
        found = [item for node in (*deleted, *parts) if (item := _item(node)) is not None]
        popped = [(call.func, call.args[0].value if call.args else None) for call in self.calls.methods("pop")]
        emptied = [(call.func, None) for method in ("clear", "popitem") for call in self.calls.methods(method)]
        return [*found, *((func.value, key) for func, key in (*popped, *emptied) if isinstance(func, cst.Attribute))]

    @cached_property
    def discarded(self) -> dict[cst.CSTNode, list[cst.BaseExpression]]:
        """The elements that `name.remove(value)` and `name.discard(value)` take out of a list or a set."""
        found: dict[cst.CSTNode, list[cst.BaseExpression]] = {}
        for call in (*self.calls.methods("remove"), *self.calls.methods("discard")):
            for display in self._named(call.func.value) if isinstance(call.func, cst.Attribute) and call.args else ():
                found.setdefault(display, []).append(call.args[0].value)
        return found

    @cached_property
    def added(self) -> dict[cst.CSTNode, list[cst.BaseExpression]]:
        """What `name.append(value)` and its like add to a list."""
        found: dict[cst.CSTNode, list[cst.BaseExpression]] = {}
        for method in _GROWS:
            for call in self.calls.methods(method):
                for display in self._named(call.func.value) if isinstance(call.func, cst.Attribute) and call.args else ():
                    found.setdefault(display, []).extend(_given(call, method))
        return found

    @cached_property
    def converted(self) -> dict[cst.CSTNode, list[cst.BaseExpression]]:
        """The keys of a dict or list whose items get what is made of them: `opts[key] = build(opts[key])`, in a loop over them or not."""
        assigned = [(target.target, assign.value) for assign in self.tree.nodes(cst.Assign) for target in assign.targets]
        items = [(target, *item, value) for target, value in assigned if (item := _item(target)) is not None]
        found: dict[cst.CSTNode, list[cst.BaseExpression]] = {}
        for target, owner, key, value in items:
            if any(self._is_of(part, target, owner) for part in walk(value)):
                for display in self._named(owner):
                    found.setdefault(display, []).append(key)
        return found

    def _is_of(self, part: cst.CSTNode, target: cst.BaseExpression, owner: cst.BaseExpression) -> bool:
        """Tell whether an expression is an item, as it is written there, or what a loop over its home gives."""
        if isinstance(part, cst.Subscript):
            return part.deep_equals(target)
        found = self.flow.reaching(part.value, part) if isinstance(part, cst.Name) else []
        looped = [binding.value for binding in found if binding.kind is Kind.ITERATE and binding.value is not None]
        return any(other.deep_equals(owner) for value in looped for other in walk(value))

    def is_seen(self, node: cst.CSTNode) -> bool:
        """Tell whether nothing changes a list or dict but ``put``, as far as it has names."""
        above = self.tree.parent(node)
        if isinstance(above, (cst.Assign, cst.AnnAssign)):
            targets = [t.target for t in above.targets] if isinstance(above, cst.Assign) else [above.target]
            return all(self._leaves_keys(use, node) for target in targets for use in self._uses(target, node))
        if isinstance(above, (cst.Subscript, cst.Attribute, cst.StarredDictElement)):
            return True  # it has no name
        if isinstance(above, cst.DictElement):
            return self._is_left_within(self.tree.parent(above), node)
        if isinstance(above, _PASSES_ON):
            return self.is_seen(above)
        return isinstance(above, cst.Arg) and (above.star == "**" or self._is_of_dict(above))

    def _is_left_within(self, outer: cst.CSTNode | None, node: cst.CSTNode) -> bool:
        """Tell whether a dict is left as it is by all that is done with the items of the dict that it is written in."""
        above = self.tree.parent(outer) if outer is not None else None
        if isinstance(above, cst.Subscript):
            return self._leaves_keys(above, node)
        if outer is None or not isinstance(above, (cst.Assign, cst.AnnAssign)):
            return False
        targets = [t.target for t in above.targets] if isinstance(above, cst.Assign) else [above.target]
        around = [self.tree.parent(use) for target in targets for use in self._uses(target, outer)]
        items = [item for item in around if isinstance(item, cst.Subscript)]
        read = sum(isinstance(other, (cst.AssignTarget, cst.AnnAssign)) for other in around)
        return len(items) + read == len(around) and all(self._leaves_keys(item, node) for item in items)

    def changes(self, name: str) -> bool:
        """Tell whether an item of what a name stands for is set, put in or taken out here."""
        for use in self.calls.uses(name):
            above = self.tree.parent(use)
            if isinstance(above, cst.Subscript) and isinstance(self.tree.parent(above), (cst.AssignTarget, cst.AugAssign, cst.Del)):
                return True
            if isinstance(above, cst.Attribute) and above.attr.value in (*_GROWS, "pop", "update", "setdefault"):
                return True
        return False

    def _is_of_dict(self, arg: cst.Arg) -> bool:
        call = self.tree.parent(arg)
        return isinstance(call, cst.Call) and dotted_name(call.func) == "dict"

    def _uses(self, target: cst.BaseExpression, node: cst.CSTNode) -> Iterator[cst.BaseExpression]:
        """Yield where a literal is spoken of by what it was bound to."""
        if isinstance(target, cst.Name):
            for use in self.calls.uses(target.value):
                if any(binding.value is node for binding in self.flow.reaching(use.value, use)):
                    yield use
        of_class = isinstance(target, cst.Name) and isinstance(self.flow.scopes.of(target), cst.ClassDef)
        name = target.attr if isinstance(target, cst.Attribute) else target if of_class else None
        if isinstance(name, cst.Name):
            yield from (use for use in self.tree.nodes(cst.Attribute) if use.attr.value == name.value)

    def _leaves_keys(self, use: cst.BaseExpression, node: cst.CSTNode) -> bool:
        """Tell whether nothing comes into a list or dict by this use of it, but what ``put`` knows."""
        above = self.tree.parent(use)
        if isinstance(above, cst.Arg):
            return above.star == "**" or self._is_of_dict(above)
        if isinstance(above, cst.Attribute):
            return above.attr.value in _LEAVES_KEYS
        if isinstance(above, cst.Subscript):
            return self._is_known(above, node)
        read = (cst.StarredDictElement, cst.AssignTarget, cst.AnnAssign, cst.ComparisonTarget, cst.If)
        return isinstance(above, read)

    def _is_known(self, item: cst.Subscript, node: cst.CSTNode) -> bool:
        """Tell whether an item of a literal is only read, or given a value that ``put`` knows."""
        outer = self.tree.parent(item)
        if isinstance(outer, cst.AssignTarget):
            return node in self._named(item.value)
        return not (self.classes.is_bound_otherwise(item) or (isinstance(outer, cst.AnnAssign) and item is outer.target))

    def _items(self, node: cst.BaseExpression) -> Iterator[tuple[cst.CSTNode, cst.BaseExpression]]:
        """Yield the literals of which `name[key]` is an item, with the key."""
        if (item := _item(node)) is not None:
            yield from ((display, item[1]) for display in self._named(item[0]))

    def _named(self, node: cst.BaseExpression) -> Iterator[cst.CSTNode]:
        """Yield the literals that a name, or an attribute of `self`, is bound to, without following it further."""
        values: list[cst.BaseExpression | None] = []
        if isinstance(node, cst.Name):
            bound = self.flow.reaching(node.value, node)
            values += [binding.value for binding in bound if binding.kind is Kind.ASSIGN and not binding.path]
        elif isinstance(node, cst.Attribute) and (owner := self.classes.holder(node)) is not None:
            values += self.classes.assigned(owner, node.attr.value)
        yield from (value for value in values if isinstance(value, (cst.Dict, cst.List, cst.Set, cst.Call)))


def _item(node: cst.BaseExpression) -> Item | None:
    """Return what `d[key]` is an item of, and the key."""
    index = node.slice[0].slice if isinstance(node, cst.Subscript) and len(node.slice) == 1 else None
    return (node.value, index.value) if isinstance(node, cst.Subscript) and isinstance(index, cst.Index) else None


def _filled(call: cst.Call) -> Iterator[Item]:
    """Yield what `setdefault(key, value)`, `update({key: value})` or `update(key=value)` puts into a dict."""
    plain = [arg.value for arg in call.args if arg.keyword is None and not arg.star]
    if len(plain) == 2:
        yield plain[0], plain[1]
    for other in plain[:1]:
        yield from ((e.key, e.value) for e in other.elements if isinstance(e, cst.DictElement)) if isinstance(other, cst.Dict) else ()
    yield from ((arg.keyword, arg.value) for arg in call.args if arg.keyword is not None)


def _given(call: cst.Call, method: str) -> list[cst.BaseExpression]:
    last = call.args[-1].value
    if method != "extend":
        return [last]
    return [e.value for e in last.elements if isinstance(e, cst.Element)] if isinstance(last, (cst.List, cst.Tuple)) else []
