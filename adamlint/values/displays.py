"""What the list and dict literals of a tree hold: their entries, those of dicts spread into them, and what is put in later by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import libcst as cst

from adamlint.values.afterwards import Afterwards
from adamlint.values.value import Const, Display, Part, Series, Value

Entry = tuple[object, cst.BaseExpression]
Evaluate = Callable[[cst.CSTNode], tuple[Value, ...]]


class Displays:
    """The literals of one tree; ``of`` evaluates an expression."""

    def __init__(self, afterwards: Afterwards, of: Evaluate) -> None:
        self.afterwards, self._of = afterwards, of

    def elements(self, value: Value) -> list[Part]:
        """Return the elements of a list, tuple, set or series, and the keys of a dict."""
        if isinstance(value, Series):
            return list(value.parts)
        if not isinstance(value, Display):
            return []
        if isinstance(value.node, cst.Dict):
            return [element.key for element in value.node.elements if isinstance(element, cst.DictElement)]
        if isinstance(value.node, (cst.List, cst.Tuple, cst.Set)):
            written: list[Part] = [e.value if isinstance(e, cst.Element) else None for e in value.node.elements]
            return self._left(value.node, written + list(self.afterwards.added.get(value.node, ())))
        return []

    def _left(self, node: cst.CSTNode, written: list[Part]) -> list[Part]:
        """Return the elements of a list without those that are taken out of it; what is popped could be any of them."""
        if node in self.afterwards.taken or node in self.afterwards.converted:
            return [None]
        discarded = [value for element in self.afterwards.discarded.get(node, ()) for value in self._of(element)]
        gone = [value.value for value in discarded if isinstance(value, Const)]
        return [part for part in written if not (gone and isinstance(part, cst.CSTNode) and self._is_among(part, gone))]

    def _is_among(self, node: cst.CSTNode, constants: list[object]) -> bool:
        return any(isinstance(value, Const) and value.value in constants for value in self._of(node))

    def entries(self, display: Display) -> list[Entry]:
        """Return the constant keys of a dict display or `dict(...)` call with the expressions of their values."""
        return [(key, value) for key, value in self._entries(display, frozenset()) if not self.loses(display, key)]

    def is_known(self, display: Display) -> bool:
        """Tell whether all keys are seen that a dict display or `dict(...)` call is written with."""
        return isinstance(display.node, (cst.Dict, cst.Call)) and self._is_known(display.node, frozenset())

    def is_whole(self, display: Display) -> bool:
        """Tell whether all keys of a dict are seen, those that it may be given after it was written, too."""
        return self.is_known(display) and self.afterwards.is_seen(display.node)

    def is_steady(self, display: Display) -> bool:
        """Tell whether a list or dict stays as it is written, but for what is seen."""
        if isinstance(display.node, (cst.Dict, cst.Call)):
            return self.is_whole(display)
        return self.afterwards.is_seen(display.node) and not self.put(display)

    def is_ordered(self, value: Value) -> bool:
        """Tell whether the place of an element in what is written is its place in the object."""
        if isinstance(value, Series):
            return not value.shuffled
        elements = value.node.elements if isinstance(value, Display) and isinstance(value.node, (cst.List, cst.Tuple)) else ()
        return isinstance(value, Display) and not isinstance(value.node, cst.Set) and all(isinstance(e, cst.Element) for e in elements)

    def put(self, display: Display) -> list[tuple[cst.BaseExpression, cst.BaseExpression]]:
        """Return the keys and the values that are put into a dict after it was written, by `d[key] = value`."""
        return self.afterwards.put.get(display.node, [])

    def loses(self, display: Display, key: object) -> bool:
        """Tell whether a key may be taken out of a dict after it was written."""
        taken = self.afterwards.taken.get(display.node, ())
        return any(node is None or self._is_among(node, [key]) for node in taken)

    def is_converted(self, display: Display, key: Value) -> bool:
        """Tell whether an item of a dict or list may not be what is written there, but what is made of that afterwards."""
        keys = [value for node in self.afterwards.converted.get(display.node, ()) for value in self._of(node)]
        return any(not isinstance(known, Const) or not isinstance(key, Const) or known.value == key.value for known in keys)

    def may_lose(self, display: Display, key: object) -> bool:
        """Tell whether a key may be taken out of a dict by any name: by that of an argument, or of a copy."""
        removals = self.afterwards.removals
        asked = (owner for owner, taken in removals if taken is None or self._is_among(taken, [key]))
        return any(display in self._of(owner) for owner in asked)

    def _entries(self, display: Display, seen: frozenset[cst.CSTNode]) -> Iterator[Entry]:
        for key, value in self.put(display):
            yield from ((known.value, value) for known in self._of(key) if isinstance(known, Const))
        found: list[Entry] = []
        later: set[object] = set()  # keys that surely get another value behind it: the last one counts
        for part in reversed(list(self._parts(display.node, seen | {display.node}))):
            found += reversed([(key, value) for key, value in part if key not in later])
            later |= {key for key, _ in part} if len(part) == 1 else set()
        yield from reversed(found)

    def _parts(self, node: cst.CSTNode, seen: frozenset[cst.CSTNode]) -> Iterator[list[Entry]]:
        """Yield the entries of each element of a dict, or argument of `dict(...)`; one whose key is not certain has several."""
        for element in node.elements if isinstance(node, cst.Dict) else ():
            if isinstance(element, cst.DictElement):
                yield [(known.value, element.value) for known in self._of(element.key) if isinstance(known, Const)]
            else:
                yield list(self._spread(element.value, seen))
        for arg in node.args if isinstance(node, cst.Call) else ():
            yield [(arg.keyword.value, arg.value)] if arg.keyword is not None else list(self._spread(arg.value, seen))

    def _spread(self, node: cst.BaseExpression, seen: frozenset[cst.CSTNode]) -> Iterator[Entry]:
        for value in self._of(node):
            if isinstance(value, Display) and value.node not in seen:
                yield from self._entries(value, seen)

    def _is_known(self, node: cst.Dict | cst.Call, seen: frozenset[cst.CSTNode]) -> bool:
        if isinstance(node, cst.Call):
            spread = [arg.value for arg in node.args if arg.keyword is None]
            keys: list[cst.BaseExpression] = []
        else:
            spread = [element.value for element in node.elements if isinstance(element, cst.StarredDictElement)]
            keys = [element.key for element in node.elements if isinstance(element, cst.DictElement)]
        keys += [key for key, _ in self.afterwards.put.get(node, ())]
        inner = [value for part in spread for value in self._of(part)]
        return all(isinstance(value, Const) for key in keys for value in self._of(key)) and all(
            isinstance(value, Display)
            and isinstance(value.node, (cst.Dict, cst.Call))
            and value.node not in seen
            and self.afterwards.is_seen(value.node)
            and self._is_known(value.node, seen | {node})
            for value in inner
        )
