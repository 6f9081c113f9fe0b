"""What the calls of a program are given: by name, by position, and in the dicts that are spread into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import libcst as cst

from adamlint.names.bindings import Kind
from adamlint.names.flow import Flow
from adamlint.program.edits import Keyword
from adamlint.text.tree import Tree
from adamlint.values.evaluate import Values
from adamlint.values.kinds import OptimizerClass
from adamlint.values.value import Display, Table
from adamlint.values.wrappers import SCIKERAS


class Arguments:
    """The arguments of the calls of one tree; ``classes`` tells which optimizers a call constructs."""

    def __init__(self, tree: Tree, flow: Flow, values: Values, classes: Callable[[cst.Call], Sequence[OptimizerClass]]) -> None:
        self._tree, self._flow, self._values, self._classes = tree, flow, values, classes

    def prepares(self, call: cst.Call) -> bool:
        """Tell whether a call is of `functools.partial`, behind whose first argument those of the class stand."""
        return self._values.names(call.func) == ("functools.partial",) and bool(call.args)

    def first(self, call: cst.Call, name: str) -> cst.Arg | None:
        """Return the first argument of a constructor, given by this name or by position; of `partial`, the one behind the class."""
        return self.get(call, name, 1 if self.prepares(call) else 0)

    def get(self, call: cst.Call, name: str, position: int | None = None) -> cst.Arg | None:
        """Return the argument given by this keyword or, without stars before it, at this position."""
        for index, arg in enumerate(call.args):
            if arg.keyword is not None and arg.keyword.value == name:
                return arg
            if arg.star and position is not None and index <= position:
                position = None
            elif index == position and arg.keyword is None:
                return arg
        return None

    def keywords(self, call: cst.Call) -> Iterator[Keyword]:
        """Yield the keyword arguments of a call, those of spread dict literals included."""
        for arg in call.args:
            if arg.keyword is not None:
                yield Keyword(arg.keyword.value, arg.value, arg, arg.keyword, True)
            elif arg.star == "**":
                yield from self._spread(arg.value)
                for table in self._values.of(arg.value):
                    names = [key for key, _ in table.entries if isinstance(key, str)] if isinstance(table, Table) else []
                    yield from (Keyword(name, arg.value, arg, arg, False) for name in names)

    def _spread(self, node: cst.BaseExpression) -> Iterator[Keyword]:
        """Yield what a dict brings in: what it is written with, with the values that it was surely given since, and what only these are."""
        stored = self._values.stores.items(node)
        seen: set[str] = set()
        for display in self._literals(node):
            for keyword in self._entries(display, self._only_here(node, display), ()):
                if not self._values.displays.may_lose(display, keyword.name):
                    seen.add(keyword.name)
                    anew = [store.value for store in stored.get(keyword.name, ()) if store.value is not None]
                    yield from (replace(keyword, value=value, movable=False) for value in anew)
                    yield from () if keyword.name in stored else (keyword,)
        for name in [name for name in stored if name not in seen]:
            yield from (Keyword(name, store.value, store.node, store.node, False) for store in stored[name] if store.value is not None)

    def routed(self, call: cst.Call) -> Iterator[Keyword]:
        """Yield the arguments of a wrapper of scikeras, and each value that a search tries in their place."""
        names = self._values.names(call.func)
        if not names or not set(names) <= set(SCIKERAS):
            return
        yield from (Keyword(arg.keyword.value, arg.value, arg, arg.keyword, False) for arg in call.args if arg.keyword is not None)
        wrappers = self._values.parameters.wrappers
        for keyword in (keyword for grid in wrappers.grids(call) for keyword in self._entries(grid, False, ())):
            yield from (replace(keyword, value=value) for value in wrappers.choices(keyword.value))

    def _literals(self, node: cst.BaseExpression) -> list[Display]:
        return [value for value in self._values.of(node) if isinstance(value, Display)]

    def _entries(self, display: Display, movable: bool, inside: tuple[Display, ...]) -> Iterator[Keyword]:
        """Yield the keyword arguments that a dict brings in, those put in later and of those spread into it, too."""
        for name, value in self._values.displays.put(display):
            yield from (Keyword(key, value, name, name, False) for key, _ in self._values.strings(name))
        for entry in display.node.elements if isinstance(display.node, cst.Dict) else ():
            if isinstance(entry, cst.DictElement):
                literal = isinstance(entry.key, cst.SimpleString)
                for key, written in self._values.strings(entry.key):  # a name of it is told, and guarded, where it is written
                    yield Keyword(key, entry.value, entry if literal else written, entry.key, movable and literal)
        for arg in display.node.args if isinstance(display.node, cst.Call) else ():
            if arg.keyword is not None:
                yield Keyword(arg.keyword.value, arg.value, arg, arg.keyword, movable)
        for other in (other for part in _spread_into(display.node) for other in self._literals(part) if other not in inside):
            yield from self._entries(other, False, (*inside, display))

    def has_unknown_spread(self, call: cst.Call) -> bool:
        """Tell whether a `*` or `**` may bring in arguments that are not seen."""
        for arg in call.args:
            found = self._values.of(arg.value) if arg.star == "**" else ()
            known = arg.star == "**" and all(isinstance(value, Display) and self._values.displays.is_whole(value) for value in found)
            if arg.star and not known:
                return True
        return False

    def _only_here(self, use: cst.BaseExpression, display: Display) -> bool:
        """Tell whether a dict literal is written in the call, or in a variable that is only ever spread into optimizers."""
        if use is display.node:
            return True
        if not isinstance(use, cst.Name):
            return False
        scope = self._flow.scopes.of(use)
        bindings = self._flow.scopes.bindings(scope, use.value)
        uses = [n for n in self._tree.nodes(cst.Name) if n.value == use.value and n is not bindings[0].node] if bindings else []
        spread = all(other is use or self._spread_into_optimizer(other) for other in uses)
        return len(bindings) == 1 and bindings[0].kind is Kind.ASSIGN and spread

    def _spread_into_optimizer(self, use: cst.Name) -> bool:
        arg = self._tree.parent(use)
        call = self._tree.parent(arg) if isinstance(arg, cst.Arg) and arg.star == "**" else None
        return isinstance(call, cst.Call) and bool(self._classes(call))


def _spread_into(node: cst.CSTNode) -> list[cst.BaseExpression]:
    """Return the dicts that are spread into a dict literal or a `dict(...)` call."""
    if isinstance(node, cst.Call):
        return [arg.value for arg in node.args if arg.keyword is None]
    return [e.value for e in node.elements if isinstance(e, cst.StarredDictElement)] if isinstance(node, cst.Dict) else []
