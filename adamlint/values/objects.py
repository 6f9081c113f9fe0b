"""What the attributes of objects hold: what their classes define, their constructors leave there, and the calls that make them give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from adamlint.values.classes import decorators
from adamlint.values.kept import Kept
from adamlint.values.value import UNKNOWN, Abroad, Const, Local, Result, Value

if TYPE_CHECKING:
    from adamlint.values.evaluate import Values


class Objects:
    """The classes and instances of one tree."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self._asked: set[tuple[Local, str]] = set()  # attributes behind properties that are being looked for

    def held(self, owner: Local | Abroad, name: str, made: Result | None = None) -> tuple[Value, ...]:
        """Return what a class, or the instance ``made`` of it, has for an attribute."""
        if isinstance(owner, Abroad):
            if made is not None and (kept := tuple(self._kept(made, name))):
                return kept
            own = self.values.outside.member(owner, name) if self.values.outside else ()
            if name in self.values.classes.set_outside and any(isinstance(value, Const) for value in own):
                return (*own, UNKNOWN)
            return own or tuple(value for base in owner.bases if isinstance(base, Abroad) for value in self.held(base, name))
        if not isinstance(owner.node, cst.ClassDef):
            return ()
        found = self.given(owner.node, name, made)
        if made is not None and (made.call is not None or made.callee != owner):  # not asked for in a method of the class itself
            found = [value for value in found if not self._is_replaced(value, owner.node, name)]
        if not found:
            for base in self.values.bases(owner.node):
                if isinstance(base, (Local, Abroad)):
                    found += self._behind(owner, base, name, made) or self.held(base, name, made)
        if any(isinstance(value, Const) for value in found) and self.values.classes.is_open(owner.node, name):
            found.append(UNKNOWN)
        return self.values.promised(found, self.values.classes.annotation(owner.node, name))

    def _kept(self, owner: Result, name: str) -> Iterator[Value]:
        """Yield what the constructor of a class of another file was given for an attribute; nothing where that is the default."""
        kept = self._keeping(owner.callee, name) if isinstance(owner.callee, Abroad) else None
        if kept is None or owner.call is None:
            return
        plain = [arg for arg in owner.call.args if arg.keyword is None]
        given, certain = self.values.parameters.argument(owner.call, kept.parameter, kept.position)
        unseen = plain and not given and kept.position is None
        if not kept.parameter or not certain or name in self.values.classes.set_outside or unseen:
            yield UNKNOWN
        else:
            yield from self.values.each(given)

    def _keeping(self, owner: Abroad, name: str) -> Kept | None:
        """Return of which parameter a class keeps an attribute, or the base that does; of none where another constructor calls that one."""
        own = self.values.outside.kept(owner, name) if self.values.outside is not None else None
        found = (kept for base in owner.bases if isinstance(base, Abroad) and (kept := self._keeping(base, name)) is not None)
        inherited = next(found, None) if own is None else None
        return own or (Kept("") if inherited is not None and owner.constructs else inherited)

    def _behind(self, owner: Local, base: Local | Abroad, name: str, made: Result | None) -> tuple[Value, ...]:
        """Return what an instance has for the attribute that a property of a base in another file gives; nothing where there is none."""
        given = self._getter(base, name) if isinstance(base, Abroad) and made is not None else ""
        if not given or (owner, given) in self._asked:  # properties may lead in a circle
            return ()
        self._asked.add((owner, given))
        found = self.held(owner, given, made)
        self._asked.discard((owner, given))
        return found

    def _getter(self, owner: Abroad, name: str) -> str:
        """Return the attribute that a property of a class, or of the nearest base that has one, gives as it is; "" for none."""
        own = self.values.outside.getter(owner, name) if self.values.outside is not None else ""
        bases = (base for base in owner.bases if isinstance(base, Abroad)) if own is None else ()
        return own or next((given for base in bases if (given := self._getter(base, name))), "")

    def _is_replaced(self, value: Value, owner: cst.ClassDef, name: str) -> bool:
        return isinstance(value, Const) and self.values.sorted_out.is_replaced(value, owner, name)

    def given(self, owner: cst.ClassDef, name: str, made: Result | None) -> list[Value]:
        """Return what a class itself, and its methods, give to an attribute."""
        bindings = self.values.flow.scopes.bindings(owner, name)
        properties = [binding.node for binding in bindings if _is_property(binding.node)]
        if properties:
            return [value for function in properties for value in self.values.returned(function)]
        lost = set(self.values.stores.lost(owner, name)) if made is not None else set()
        call = made.call if made is not None and made.callee == Local(owner) else None
        assigned = [node for node in self.values.classes.assigned(owner, name) if node not in lost]
        found = [value for node in assigned for value in self._made_with(node, call)]
        for binding in bindings:
            given = self.values.parameters.field(owner, name, call) if call is not None else []
            found += [] if binding.node in lost else self.values.each(given) if given else self.values.bound(binding)
        return found

    def _made_with(self, node: cst.BaseExpression, call: cst.Call | None) -> Iterator[Value]:
        """Yield what a constructor assigns in the object that a call makes: of its parameters, what this call gives them."""
        bindings = self.values.flow.reaching(node.value, node) if isinstance(node, cst.Name) and call is not None else []
        given = self.values.parameters.made_with(bindings[0].node, call) if len(bindings) == 1 and call is not None else None
        yield from self.values.of(node) if given is None else self.values.each(given)


def _is_property(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.FunctionDef) and bool(decorators(node) & {"property", "cached_property"})
