"""Whether two places of a program run one after the other or in place of each other, and which loops run one again."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.names.flow import Flow

_LOOPS = (cst.For, cst.While)
_CHOICES = (cst.If, cst.IfExp, cst.Try, cst.ExceptHandler, cst.Match, cst.MatchCase)
_STOPS = (cst.FunctionDef, cst.Lambda, cst.ClassDef)


def exclusive(one: cst.CSTNode, other: cst.CSTNode, flow: Flow) -> bool:
    """Tell whether perhaps only one of two places runs, of which ``one`` stands first."""
    above = set(flow.tree.ancestors(one))
    common = next(node for node in flow.tree.ancestors(other) if node in above)
    if isinstance(common, _CHOICES) or not _goes_on(one, common, flow):
        return True
    return is_chosen(one, common, flow) and is_chosen(other, common, flow)


def is_chosen(node: cst.CSTNode, top: cst.CSTNode, flow: Flow) -> bool:
    """Tell whether it depends on a condition below ``top`` that ``node`` runs, as far as its own function tells."""
    return any(isinstance(above, _CHOICES) for above in _between(node, top, flow))


def loops(node: cst.CSTNode, made: cst.CSTNode, flow: Flow) -> Iterator[cst.CSTNode]:
    """Yield the loops that surely run ``node`` again without running ``made``, nearest first."""
    for above in _between(node, None, flow):
        if isinstance(above, _CHOICES) or is_in(made, above, flow):
            return
        if isinstance(above, _LOOPS) and flow.blocks.falls_through(above.body):
            yield above


def is_in(node: cst.CSTNode, place: cst.CSTNode, flow: Flow) -> bool:
    """Tell whether one place is within another."""
    return any(above is place for above in flow.tree.ancestors(node))


def _goes_on(node: cst.CSTNode, top: cst.CSTNode, flow: Flow) -> bool:
    """Tell whether what follows ``node`` below ``top`` can run after it."""
    blocks = [above for above in _between(node, top, flow) if isinstance(above, cst.IndentedBlock)]
    return all(flow.blocks.falls_through(block) or isinstance(flow.tree.parent(block), _STOPS) for block in blocks)


def _between(node: cst.CSTNode, top: cst.CSTNode | None, flow: Flow) -> Iterator[cst.CSTNode]:
    """Yield what is around a place within its own function, up to ``top``."""
    for above in flow.tree.ancestors(node):
        if above is top or isinstance(above, _STOPS):
            return
        yield above
