"""How control passes through the blocks of a tree: what has run when it is at a place, and whether it reaches the end of a statement."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from heapq import merge

import libcst as cst

from adamlint.text.tree import Tree, dotted_name

BLOCKS = (cst.Module, cst.IndentedBlock, cst.SimpleStatementLine, cst.SimpleStatementSuite)
Block = cst.Module | cst.IndentedBlock | cst.SimpleStatementLine | cst.SimpleStatementSuite
_LEAVES = (cst.Return, cst.Raise, cst.Break, cst.Continue)
_LEAVING_CALLS = ("skipTest", "pytest.skip", "sys.exit", "os._exit")


class Blocks:
    """The blocks of one tree."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._falls: dict[cst.CSTNode, bool] = {}
        self._leaving: dict[cst.CSTNode, list[int]] = {}
        self._positions: dict[cst.CSTNode, dict[cst.CSTNode, int]] = {}

    def position(self, block: Block, child: cst.CSTNode) -> int:
        """Return the place of a statement among those of its block."""
        if block not in self._positions:
            self._positions[block] = {statement: at for at, statement in enumerate(block.body)}
        return self._positions[block].get(child, 0)

    def latest(self, block: Block, end: int, positions: Sequence[int]) -> Iterator[cst.CSTNode]:
        """Yield the statements of a block before ``end`` that stand at ``positions`` (ascending) or leave it, latest first."""
        if block not in self._leaving:
            self._leaving[block] = [at for at, statement in enumerate(block.body) if not self.falls_through(statement)]
        last = -1
        for at in merge(_downwards(positions, end), _downwards(self._leaving[block], end), reverse=True):
            if at != last:
                yield block.body[at]
            last = at

    def earlier(self, above: cst.CSTNode, child: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield what has run in full when control is at ``child`` of ``above``, latest first."""
        if isinstance(above, BLOCKS):
            yield from reversed(above.body[: self.position(above, child)])
        else:
            yield from beside(above, child)

    def falls_through(self, node: cst.CSTNode) -> bool:
        """Tell whether control can reach the end of ``node``: no return, raise, break or continue on every way."""
        if node not in self._falls:
            self._falls[node] = self._falls_through(node)
        return self._falls[node]

    def _falls_through(self, node: cst.CSTNode) -> bool:
        if isinstance(node, _LEAVES) or _is_leaving_call(node):
            return False
        if isinstance(node, cst.With):
            return self.falls_through(node.body)
        if isinstance(node, BLOCKS):
            return all(self.falls_through(part) for part in node.body)
        if isinstance(node, cst.If):
            other = node.orelse.body if isinstance(node.orelse, cst.Else) else node.orelse
            return other is None or self.falls_through(node.body) or self.falls_through(other)
        if isinstance(node, cst.Try):
            return self.falls_through(node.body) or any(self.falls_through(handler.body) for handler in node.handlers)
        return True


def beside(above: cst.CSTNode, child: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the parts of a statement or expression, other than a block, that have run in full when control is at ``child`` of it."""
    if isinstance(above, (cst.If, cst.While, cst.IfExp)) and child is not above.test:
        yield above.test
    elif isinstance(above, cst.For) and child is above.body:
        yield above.target
    elif isinstance(above, cst.Try) and child is above.orelse:
        yield above.body
    elif isinstance(above, cst.With) and child is above.body:
        yield from reversed(above.items)
    elif isinstance(above, cst.ExceptHandler) and child is above.body and above.name is not None:
        yield above.name
    elif isinstance(above, cst.MatchCase) and child is above.body:
        yield above.pattern
    elif isinstance(above, cst.BooleanOperation) and child is above.right:
        yield above.left


def _downwards(positions: Sequence[int], end: int) -> Iterator[int]:
    return (positions[at] for at in range(bisect_left(positions, end) - 1, -1, -1))


def _is_leaving_call(node: cst.CSTNode) -> bool:
    call = node.value if isinstance(node, cst.Expr) else None
    return isinstance(call, cst.Call) and dotted_name(call.func).endswith(_LEAVING_CALLS)
