"""What a model holds: the regularizers of its layers, found backwards from the expression that gives the model."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from adamlint.names.bindings import Kind
from adamlint.names.canonical import in_keras
from adamlint.names.flow import Flow
from adamlint.program.origins import Origins
from adamlint.text.tree import Tree, walk
from adamlint.values.evaluate import Values
from adamlint.values.value import Abroad, Const, Display, Local, Ref, Result, Value

_GROWS = ("add", "append", "extend", "insert")  # methods that put layers into a Sequential, or into a list of layers
_L2 = ("l2", "L2")
_BOTH = ("l1_l2", "L1L2")


class Models:
    """Looks into the models of one file."""

    def __init__(self, tree: Tree, flow: Flow, values: Values, origins: Origins) -> None:
        self.tree, self.flow, self.values, self.origins = tree, flow, values, origins

    def penalties(self, model: cst.BaseExpression) -> list[cst.CSTNode | str]:
        """Return the arguments that give a weight of ``model`` an L2 penalty; none unless every alternative has one.

        Those in other files of the project are places in words.
        """
        found: list[cst.CSTNode | str] = []
        for value in self.values.of(model):
            if isinstance(value, Const) and value.value is None:
                continue
            held = self.penalties_of(value)
            if not held:
                return []
            found += held
        here = {part for part in found if isinstance(part, cst.CSTNode)}
        return [*sorted(here, key=self.tree.order), *(part for part in found if isinstance(part, str))]

    def penalties_of(self, value: Value) -> list[cst.CSTNode | str]:
        """Return the arguments that give a weight of a model, or of a layer, an L2 penalty; those of other files as places in words."""
        parts = list(self._parts(_roots(value)))
        called = (made for part in parts if isinstance(part, cst.Call) for made in self.values.of(part))
        elsewhere = [there for made in (value, *called) if (there := self._elsewhere(made))]
        return [*(part for part in parts if self._penalizes(part)), *elsewhere]

    def _elsewhere(self, value: Value) -> str:
        if not isinstance(value, Result):
            return ""
        told = value.elsewhere.penalty if value.elsewhere is not None else ""
        if told or not isinstance(value.callee, Abroad) or self.values.outside is None:
            return told
        return self.values.outside.penalty(value.callee)

    def made_of(self, origin: cst.CSTNode) -> set[cst.CSTNode]:
        """Return the calls that a model is put together by, as far as they are written beside it, not inside of functions."""
        return {part for part in self._parts([origin], bodies=False) if isinstance(part, cst.Call)}

    def is_zero(self, node: cst.BaseExpression) -> bool:
        """Tell whether an expression may be 0 or None."""
        return any(isinstance(value, Const) and not value.value for value in self.values.of(node))

    # What flows into a model ----------------------------------------------------------------------

    def _parts(self, roots: list[cst.CSTNode], bodies: bool = True) -> Iterator[cst.CSTNode]:
        """Yield all nodes of the expressions that the roots are computed from, as far as they are in this file."""
        seen: set[cst.CSTNode] = set()
        stack = list(roots)
        while stack:
            root = stack.pop()
            if root not in seen:
                seen.add(root)
                for part in walk(root):
                    yield part
                    stack += self._sources(part, bodies)

    def _sources(self, part: cst.CSTNode, bodies: bool) -> Iterator[cst.CSTNode]:
        yield from self._grown.get(part, ())
        if isinstance(part, (cst.Name, cst.Attribute)) and (items := self._item(part)) is not None:
            yield from items
        elif isinstance(part, cst.Name) and self._is_use(part):
            bindings = self.flow.reaching(part.value, part)
            yield from (b.value for b in bindings if b.value is not None and b.kind is not Kind.PARAMETER and (bodies or not b.path))
            if not bodies and any(b.path for b in bindings):  # one of several that a function returns
                yield from (root for value in self.values.of(part) for root in _roots(value))
        elif isinstance(part, cst.Attribute) and not bodies:
            origin = self.origins.of(part)
            yield from (origin,) if origin is not None else ()
        elif isinstance(part, cst.Attribute):
            for value in self.values.of(part):
                yield from _roots(value)
        elif isinstance(part, cst.Call) and bodies:
            for callee in self.values.of(part.func):
                if isinstance(callee, Local):
                    yield from self._body(callee)

    def _item(self, owner: cst.Name | cst.Attribute) -> list[cst.CSTNode] | None:
        """Return the value of the one item that is taken of a dict by its key; None for any other use of it."""
        key = self._key(owner)
        keys = self.values.of(key) if key is not None else ()
        dicts = [value for value in self.values.of(owner) if isinstance(value, Display) and isinstance(value.node, (cst.Dict, cst.Call))]
        if not dicts or not keys or not all(isinstance(known, Const) for known in keys):
            return None
        wanted = {known.value for known in keys if isinstance(known, Const)}
        return [value for one in dicts for name, value in self.values.displays.entries(one) if name in wanted]

    def _key(self, owner: cst.Name | cst.Attribute) -> cst.BaseExpression | None:
        """Return the key by which an item is taken: `settings["units"]`, `settings.get("units")`."""
        taken = self.tree.parent(owner)
        if isinstance(taken, cst.Subscript) and taken.value is owner and len(taken.slice) == 1:
            index = taken.slice[0].slice
            return index.value if isinstance(index, cst.Index) else None
        call = self.tree.parent(taken) if isinstance(taken, cst.Attribute) and taken.attr.value == "get" else None
        return call.args[0].value if isinstance(call, cst.Call) and call.func is taken and call.args else None

    def _body(self, callee: Local) -> Iterator[cst.CSTNode]:
        """Yield what a call runs: the returned expressions of a function, all of a class."""
        if not isinstance(callee.node, cst.FunctionDef):
            yield callee.node
            return
        yield from (r.value for r in self.tree.nodes(cst.Return) if r.value is not None and self.flow.scopes.of(r) is callee.node)

    def _is_use(self, name: cst.Name) -> bool:
        parent = self.tree.parent(name)
        if isinstance(parent, cst.Attribute):
            return name is parent.value
        return not (isinstance(parent, cst.Arg) and name is parent.keyword)

    @cached_property
    def _grown(self) -> dict[cst.CSTNode, list[cst.CSTNode]]:
        """What is added later to a model, by the call that made it, or to a list, by its display."""
        grown: dict[cst.CSTNode, list[cst.CSTNode]] = {}
        for call in self.tree.nodes(cst.Call):
            if isinstance(call.func, cst.Attribute) and call.func.attr.value in _GROWS:
                for owner in self.values.of(call.func.value):
                    for root in _roots(owner):
                        grown.setdefault(root, []).extend(arg.value for arg in call.args)
        return grown

    # Regularizers ---------------------------------------------------------------------------------

    def _penalizes(self, part: cst.CSTNode) -> bool:
        """Tell whether an argument, or an entry of a dict of arguments, regularizes weights by L2."""
        if isinstance(part, cst.Arg) and part.keyword is not None:
            names = [part.keyword.value]
        elif isinstance(part, cst.DictElement):
            names = [str(value.value) for value in self.values.of(part.key) if isinstance(value, Const)]
        else:
            return False
        fits = any(name.endswith("_regularizer") and name != "activity_regularizer" for name in names)
        if not fits or self.is_zero(part.value):  # `None if adamw else l2(…)` goes with the choice of the optimizer
            return False
        return any(self._is_l2(value) for value in self.values.of(part.value))

    def _is_l2(self, value: Value) -> bool:
        if isinstance(value, Const):
            return value.value in (*_L2, "l1_l2")
        split = in_keras(value.callee.name) if isinstance(value, Result) and isinstance(value.callee, Ref) else None
        if split is None or not isinstance(value, Result) or value.call is None or "regularizers" not in split[1]:
            return False
        name = split[1].rpartition(".")[2]
        if name not in (*_L2, *_BOTH):
            return False
        position = 1 if name in _BOTH else 0
        given = [a.value for i, a in enumerate(value.call.args) if (a.keyword.value if a.keyword else i) in ("l2", "l", position)]
        return not self.is_zero(given[0]) if given else name in _L2


def _roots(value: Value) -> list[cst.CSTNode]:
    """Return the code that makes a value: the constructor call and the class of this file, or the display."""
    if isinstance(value, Display):
        return [value.node]
    if not isinstance(value, Result):
        return []
    made: list[cst.CSTNode] = [value.call] if value.call is not None else []
    return [*made, value.callee.node] if isinstance(value.callee, Local) else made
