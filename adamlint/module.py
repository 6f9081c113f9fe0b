"""One program as rules see it: its tree, what its expressions may be, and the edits that rewrite it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from adamlint.atlas import Cell, DefaultRate, look_up, releases
from adamlint.flow import Flow, Kind, dotted_name
from adamlint.guards import Guards
from adamlint.kinds import Kinds, OptimizerClass, optimizer_class
from adamlint.names import canonical, in_keras
from adamlint.rule import Change
from adamlint.tree import Tree
from adamlint.values import Const, Display, Partial, Ref, Result, Value, Values


@dataclass(frozen=True)
class Keyword:
    """A keyword argument of a call, written there or as a key of a dict literal that is spread into it."""

    name: str
    value: cst.BaseExpression
    node: cst.CSTNode  # the argument, or the entry of the dict
    label: cst.CSTNode  # what to rename: the keyword, or the key
    movable: bool  # False where the dict is used elsewhere too, so that nothing may be rewritten


class Module:
    """What a check is handed: look-ups on one parsed program. Raises what Tree raises."""

    def __init__(self, text: str) -> None:
        self.tree = Tree(text)
        self.flow = Flow(self.tree)
        self._values = Values(self.tree, self.flow)
        self.kinds = Kinds(self._values)
        self.guards = Guards(self.tree, self.flow, self._values, self.kinds)

    # What something is ----------------------------------------------------------------------------

    def values(self, node: cst.CSTNode) -> tuple[Value, ...]:
        """Return the alternatives for the value of an expression."""
        return self._values.of(node)

    def names(self, node: cst.CSTNode) -> tuple[str, ...]:
        """Return the canonical dotted names that an expression may stand for."""
        return self._values.names(node)

    def strings(self, node: cst.CSTNode) -> list[tuple[str, cst.CSTNode]]:
        """Return the string constants among the alternatives, with the place where each is written."""
        return [(v.value, v.node) for v in self.values(node) if isinstance(v, Const) and isinstance(v.value, str)]

    def model_package(self, node: cst.CSTNode) -> str | None:
        """Return the Keras package of ``node`` if it is a Keras model in every alternative."""
        return self.kinds.every(node, self.kinds.model)

    def optimizer_path(self, node: cst.CSTNode) -> str | None:
        """Return the class path by which to ask the atlas, if ``node`` is a Keras optimizer in every alternative."""
        return self.kinds.every(node, self.kinds.optimizer_path)

    def optimizer_classes(self, call: cst.Call) -> list[OptimizerClass]:
        """Return the optimizer classes that ``call`` may construct; none if it may be something else as well.

        A `functools.partial(Adam, …)` counts as the construction that it prepares.
        """
        prepared = self.names(call.func) == ("functools.partial",) and call.args
        node = call.args[0].value if prepared else call.func
        values = [v for v in self.values(node) if not (isinstance(v, Const) and v.value is None)]
        found = [None if isinstance(value, Partial) else optimizer_class(value) for value in values]
        return [cls for cls in found if cls is not None] if None not in found else []

    def constructed(self, node: cst.CSTNode) -> Iterator[tuple[OptimizerClass, cst.Call]]:
        """Yield the constructor calls whose result ``node`` may be."""
        for value in self.values(node):
            cls = optimizer_class(value.callee) if isinstance(value, Result) else None
            if cls is not None and isinstance(value, Result) and value.call is not None:
                yield cls, value.call

    def given_optimizer(self, call: cst.Call) -> tuple[str | None, cst.BaseExpression | None]:
        """Return the package and the optimizer of `model.compile(…)` on a Keras model, or of `optimizers.get(…)`."""
        if isinstance(call.func, cst.Attribute) and call.func.attr.value == "compile":
            package = self.model_package(call.func.value)
            keyword = "optimizer"
        else:
            found = {split[0] for name in self.names(call.func) if (split := in_keras(name)) and split[1] == "optimizers.get"}
            package = found.pop() if len(found) == 1 else None
            keyword = "identifier"
        if package is None:
            return None, None
        spread = next((k.value for k in self.keywords(call) if k.name == keyword), None)
        first = self.argument(call, keyword, 0)
        return package, spread if spread is not None else first.value if first is not None else None

    def written(self, node: cst.BaseExpression) -> cst.CSTNode:
        """Return where a name gets its dotted path: the import or the assignment that binds it, else the node itself."""
        bindings = self.flow.reaching(node.value, node) if isinstance(node, cst.Name) else []
        if len(bindings) == 1 and bindings[0].kind is Kind.IMPORT:
            return bindings[0].node
        value = bindings[0].value if len(bindings) == 1 else None
        return value if isinstance(value, cst.Attribute) else node

    def default_rate(self, path: str) -> str | None:
        """Return the learning rate of a class made without one, as code, if it is the same on every measured release."""
        cells = [Cell(release, "linux", "eager") for release in releases()]
        known = {fact.message for cell in cells if (fact := look_up(DefaultRate(path), cell)) is not None}
        return next(iter(known - {None})) if len(known - {None}) == 1 else None

    # Calls ----------------------------------------------------------------------------------------

    def argument(self, call: cst.Call, name: str, position: int | None = None) -> cst.Arg | None:
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

    def _spread(self, node: cst.BaseExpression) -> Iterator[Keyword]:
        for value in self.values(node):
            if not isinstance(value, Display):
                continue
            movable = self._only_here(node, value)
            for entry in value.node.elements if isinstance(value.node, cst.Dict) else ():
                if isinstance(entry, cst.DictElement):
                    for key, _ in self.strings(entry.key):
                        yield Keyword(key, entry.value, entry, entry.key, movable and isinstance(entry.key, cst.SimpleString))
            for arg in value.node.args if isinstance(value.node, cst.Call) else ():
                if arg.keyword is not None:
                    yield Keyword(arg.keyword.value, arg.value, arg, arg.keyword, movable)

    def has_unknown_spread(self, call: cst.Call) -> bool:
        """Tell whether a `*` or `**` may bring in arguments that are not seen."""
        for arg in call.args:
            known = arg.star == "**" and all(isinstance(v, Display) and self._all_keys(v) for v in self.values(arg.value))
            if arg.star and not known:
                return True
        return False

    def _all_keys(self, display: Display) -> bool:
        if isinstance(display.node, cst.Call):
            return all(arg.keyword is not None for arg in display.node.args)
        return isinstance(display.node, cst.Dict) and len(self._values.entries(display)) == len(display.node.elements)

    def _only_here(self, use: cst.BaseExpression, display: Display) -> bool:
        """Tell whether a dict literal is written in the call, or in a variable that nothing else reads."""
        if use is display.node:
            return True
        if not isinstance(use, cst.Name):
            return False
        scope = self.flow.scope(use)
        bindings = self.flow.bindings(scope, use.value)
        uses = [n for n in self.tree.nodes(cst.Name) if n.value == use.value and n is not bindings[0].node] if bindings else []
        return len(bindings) == 1 and bindings[0].kind is Kind.ASSIGN and uses == [use]

    # Edits ----------------------------------------------------------------------------------------

    def replace(self, node: cst.CSTNode, text: str) -> Change:
        """Replace the code of ``node``; parentheses around it stay."""
        return Change(*self.tree.span(node), text)

    def append(self, node: cst.CSTNode, text: str) -> Change:
        """Write ``text`` right behind ``node`` and the parentheses around it."""
        end = self.tree.outer_span(node)[1] if isinstance(node, cst.BaseExpression) else self.tree.span(node)[1]
        return Change(end, end, text)

    def drop(self, call: cst.Call, arg: cst.Arg) -> Change:
        """Delete one argument of a call with the comma that belongs to it."""
        args = list(call.args)
        index = args.index(arg)
        start, end = self.tree.span(arg)
        if index > 0:  # from the end of the argument before, so that its comma and the space go
            before = self.tree.span(args[index - 1])[1]
            return Change(before, end, "")
        if len(args) > 1:
            return Change(start, self.tree.span(args[1])[0], "")
        trailing = arg.comma
        if isinstance(trailing, cst.Comma):
            end = self.tree.span(trailing)[1]
        return Change(start, end, "")

    def add_keyword(self, call: cst.Call, text: str) -> Change:
        """Write one more keyword argument: behind the last plain one, before any `**`."""
        if not call.args:
            end = self.tree.span(call)[1] - 1  # before the closing parenthesis
            return Change(end, end, text)
        last = call.args[-1]
        if last.star == "**":
            start = self.tree.span(last)[0]
            return Change(start, start, f"{text}, ")
        end = self.tree.span(last)[1]
        return Change(end, end, f", {text}")

    @cached_property
    def _imports(self) -> list[tuple[str, str]]:
        """Names bound once, by a top-level import, with what they stand for."""
        found = []
        for binding in self.flow.bound_in(self.tree.module):
            alone = len(self.flow.bindings(self.tree.module, binding.name)) == 1
            if binding.kind is Kind.IMPORT and alone:
                found.append((binding.name, canonical(binding.dotted)))
        return found

    def spell(self, path: str, at: cst.CSTNode) -> str | None:
        """Return how the file can write a dotted path at a place with the imports it has; None if it can't."""
        best: tuple[int, str] | None = None
        for name, stands_for in self._imports:
            if path != stands_for and not path.startswith(stands_for + "."):
                continue
            reaching = self.flow.reaching(name, at)
            if [self._values.bound(b) for b in reaching] and all(b.kind is Kind.IMPORT for b in reaching):
                spelled = name + path[len(stands_for) :]
                if best is None or len(stands_for) > best[0]:
                    best = (len(stands_for), spelled)
        return best[1] if best else None

    def reach(self, path: str, at: cst.CSTNode) -> tuple[str, tuple[Change, ...]] | None:
        """Return how to write a dotted path at a place, with the import that it needs; None if neither can be had."""
        spelled = self.spell(path, at)
        if spelled is not None:
            return spelled, ()
        module, _, name = path.rpartition(".")
        anchor = self._import_anchor(path.partition(".")[0])
        if anchor is None or self.flow.bindings(self.tree.module, name) or self.flow.reaching(name, at):
            return None
        end = self.tree.span(anchor)[1]
        return name, (Change(end, end, f"\nfrom {module} import {name}"),)

    def _import_anchor(self, root: str) -> cst.CSTNode | None:
        """Return the last top-level `import` line of a package, behind which another one fits."""
        lines = [line for line in self.tree.module.body if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1]
        found = [line.body[0] for line in lines if root in _imported_roots(line.body[0])]
        return found[-1] if found else None

    def without_part(self, node: cst.CSTNode, part: str) -> Change | None:
        """Delete one part of a dotted path where it is written: an attribute chain, or the module of a from-import."""
        if isinstance(node, cst.ImportAlias):
            origin = self.tree.parent(node)
            if not isinstance(origin, cst.ImportFrom) or isinstance(origin.names, cst.ImportStar) or len(origin.names) > 1:
                return None
            chain: cst.CSTNode | None = origin.module
        else:
            chain = node
        while isinstance(chain, cst.Attribute):
            if chain.attr.value == part:
                return Change(self.tree.span(chain.value)[1], self.tree.span(chain)[1], "")
            chain = chain.value
        return None

    def is_ref(self, node: cst.CSTNode, name: str) -> bool:
        """Tell whether an expression can stand for this canonical name."""
        return any(isinstance(value, Ref) and value.name == name for value in self.values(node))


def _imported_roots(statement: cst.BaseSmallStatement) -> set[str]:
    if isinstance(statement, cst.Import):
        return {dotted_name(alias.name).partition(".")[0] for alias in statement.names}
    if isinstance(statement, cst.ImportFrom) and not statement.relative:
        return {dotted_name(statement.module).partition(".")[0]}
    return set()
