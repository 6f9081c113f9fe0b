"""Which bindings of a name reach a use of it: the last one on a straight line, the union over branches.

Reads the structure of the blocks backwards from the use; no control-flow graph is built. Loops and handlers are
over-approximated: whatever their body may bind counts beside what stood before.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

import libcst as cst

from adamlint.names.bindings import Binding, Kind
from adamlint.names.blocks import BLOCKS, Block, Blocks, beside
from adamlint.names.scopes import SCOPES, Scopes
from adamlint.text.tree import Tree, dotted_name

Reach = tuple[list[Binding], bool]  # bindings that may be in force, and whether an earlier one may be too


class Flow:
    """Answers for the names of one tree."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.scopes = Scopes(tree)
        self.blocks = Blocks(tree)
        self._searches: dict[tuple[cst.CSTNode, str], Search] = {}

    def reaching(self, name: str, use: cst.CSTNode) -> list[Binding]:
        """Return the bindings of ``name`` that may be in force at ``use``; none where it is a builtin or unknown."""
        scope: cst.CSTNode | None = self.scopes.of(use)
        declared = self.scopes.declared(scope, name) if scope is not None else None
        if declared is not None:
            return list(self.scopes.bindings(declared, name))
        found, passes = self._local(name, use, scope)
        while passes and scope is not None:
            scope = self.scopes.outer(scope)
            if scope is not None and self.scopes.bindings(scope, name):
                # The enclosing function or module has run to an unknown point: any of its bindings may be in force.
                found += self._search(scope, name).any
                break
        return found

    def among(self, bindings: Sequence[Binding], scope: cst.CSTNode) -> Search:
        """Return the search for some bindings in a scope, of whatever they bind; they are to be in order."""
        return Search(self.tree, self.blocks, scope, bindings)

    def at_end(self, bindings: Sequence[Binding], function: cst.FunctionDef) -> Reach:
        """Return those of some bindings in a function that may be in force when it ends, and whether one from before it may."""
        return self.among(bindings, function).exits(function.body)

    def passes(self, name: str, region: cst.CSTNode) -> bool:
        """Tell whether a binding of ``name`` from before a region may be in force behind it."""
        return self._search(self.scopes.of(region), name).passes(region)

    def _local(self, name: str, use: cst.CSTNode, scope: cst.CSTNode | None) -> Reach:
        known = self.scopes.bindings(scope, name) if scope is not None else ()
        if not known or scope is None:
            return [], True
        if isinstance(scope, (cst.BaseComp, cst.Lambda)):
            return list(known), False
        found, passes = self._search(scope, name).before(use)
        if passes and isinstance(scope, cst.FunctionDef):
            found += [b for b in known if b.kind is Kind.PARAMETER]
            passes = False
        return [b for b in found if b.kind is not Kind.DELETE], passes

    def _search(self, scope: cst.CSTNode, name: str) -> Search:
        key = (scope, name)
        if key not in self._searches:
            self._searches[key] = Search(self.tree, self.blocks, scope, self.scopes.bindings(scope, name))
        return self._searches[key]


class Search:
    """Looks backwards for the bindings of one name in one scope.

    The nodes that hold such a binding are marked, and in each block their positions, so that all others are passed over at once.
    """

    def __init__(self, tree: Tree, blocks: Blocks, scope: cst.CSTNode, bindings: Sequence[Binding]) -> None:
        self.tree, self.blocks, self.scope, self.bindings = tree, blocks, scope, bindings
        self.any = _distinct(bindings)
        self._orders = [tree.order(binding.node) for binding in bindings]
        self._marks: set[cst.CSTNode] = set()
        self._positions: dict[cst.CSTNode, list[int]] = {}
        for binding in bindings:
            self._mark(binding.node)

    def _mark(self, node: cst.CSTNode) -> None:
        self._marks.add(node)
        for above in self.tree.ancestors(node):
            if isinstance(above, BLOCKS):
                positions = self._positions.setdefault(above, [])
                at = self.blocks.position(above, node)
                if not positions or positions[-1] != at:
                    positions.append(at)
            if above in self._marks:
                break
            self._marks.add(above)
            node = above

    def before(self, use: cst.CSTNode) -> Reach:
        """Return the bindings that may be in force at ``use``, and whether one from before the scope began may."""
        found: list[Binding] = []
        child = use
        for above in self.tree.ancestors(use):
            if isinstance(above, BLOCKS):
                end = self.blocks.position(above, child)
                more, passes = self._in_turn(self.blocks.latest(above, end, self._positions.get(above, ())))
            else:
                more, passes = self._in_turn(beside(above, child))
            found += more
            if not passes:
                return found, False
            found += self._perhaps(above, child)
            if above is self.scope:
                break
            child = above
        return found, True

    def passes(self, region: cst.CSTNode) -> bool:
        """Tell whether a binding from before a region may be in force behind it."""
        return self.exits(region)[1]

    def _perhaps(self, above: cst.CSTNode, child: cst.CSTNode) -> list[Binding]:
        """Return what may have run before ``child``: an earlier round of a loop, the part of a ``try`` that failed."""
        regions: list[cst.CSTNode | None] = []
        if isinstance(above, (cst.For, cst.While)):
            regions = [above.body] if child is above.body else []
        elif isinstance(above, cst.Try):
            failed: list[cst.CSTNode | None] = [above.body] if isinstance(child, cst.ExceptHandler) else []
            regions = [above.body, *above.handlers, above.orelse] if child is above.finalbody else failed
        return [b for region in regions if region is not None for b in self._within(region)]

    def _within(self, region: cst.CSTNode) -> list[Binding]:
        """Return the bindings that stand in a region, whatever the way to them."""
        if region not in self._marks:
            return []
        start, end = self.tree.extent(region)
        return list(self.bindings[bisect_left(self._orders, start) : bisect_left(self._orders, end)])

    def exits(self, node: cst.CSTNode) -> Reach:
        """Return the bindings in ``node`` that may be in force after it, and whether one from before it may."""
        if node not in self._marks:
            return [], self.blocks.falls_through(node)
        if isinstance(node, BLOCKS):
            return self._block(node)
        if isinstance(node, cst.With):
            return self._in_turn([node.body, *reversed(node.items)])
        if isinstance(node, cst.If):
            return self._if(node)
        if isinstance(node, cst.Try):
            return self._try(node)
        if isinstance(node, (cst.For, cst.While)):
            return self._within(node), True
        if isinstance(node, cst.Match):
            ends = [self._in_turn([case.body, case.pattern]) for case in node.cases]
            open_ended = not any(_is_irrefutable(case) for case in node.cases)
            return [b for found, _ in ends for b in found], open_ended or any(passes for _, passes in ends)
        found = self._within(node)
        runs_later = isinstance(node, SCOPES) and found[-1].node is not node  # `global name` in a function
        return (found, True) if runs_later else (found[-1:], False)

    def _block(self, node: Block) -> Reach:
        return self._in_turn(self.blocks.latest(node, len(node.body), self._positions.get(node, ())))

    def _in_turn(self, nodes: Iterable[cst.CSTNode]) -> Reach:
        found: list[Binding] = []
        for node in nodes:
            more, passes = self.exits(node)
            found += more
            if not passes:
                return found, False
        return found, True

    def _if(self, node: cst.If) -> Reach:
        if dotted_name(node.test).endswith("TYPE_CHECKING"):  # its body never runs
            return self.exits(node.orelse) if node.orelse else ([], True)
        branches = [node.body] if node.orelse is None else [node.body, node.orelse]
        ends = [self.exits(b.body if isinstance(b, cst.Else) else b) for b in branches]
        found, passes = [b for end, _ in ends for b in end], node.orelse is None or any(passes for _, passes in ends)
        if passes and node.test in self._marks:
            more, passes = self.exits(node.test)
            found += more
        return found, passes

    def _try(self, node: cst.Try) -> Reach:
        found: list[Binding] = []
        if node.finalbody is not None:
            found, passes = self.exits(node.finalbody.body)
            if not passes:
                return found, False
        more, passes = self._in_turn([node.orelse.body, node.body] if node.orelse else [node.body])
        found += more
        for handler in node.handlers:
            more, falls = self.exits(handler.body)
            found += more
            if falls:  # any part of the body may have run before it failed
                found += self._within(node.body)
                passes = True
        return list(dict.fromkeys(found)), passes


def _distinct(bindings: Sequence[Binding]) -> list[Binding]:
    """Return bindings but for deletions and for imports of the same thing once more: a long program may repeat them many times."""
    first: dict[object, Binding] = {}
    for binding in bindings:
        if binding.kind is not Kind.DELETE:
            first.setdefault(binding.dotted if binding.kind is Kind.IMPORT else binding, binding)
    return list(first.values())


def _is_irrefutable(case: cst.MatchCase) -> bool:
    return isinstance(case.pattern, cst.MatchAs) and case.pattern.pattern is None and case.guard is None
