"""How a program uses an attribute: reads, sets or updates it, tries it behind another one, or asks whether it is there."""

from __future__ import annotations

import libcst as cst

from adamlint.program.module import Module
from adamlint.text.tree import dotted_name


def use(node: cst.Attribute, module: Module) -> tuple[str, cst.BaseExpression | None]:
    """Return how an attribute is used, "get", "set" or "update", and what is written to it."""
    above, path = module.tree.parent(node), list[int]()
    child: cst.CSTNode = node
    while isinstance(above, (cst.Element, cst.Tuple, cst.List)):
        path += [at for at, element in enumerate(above.elements) if element is child] if not isinstance(above, cst.Element) else []
        child, above = above, module.tree.parent(above)
    if isinstance(above, cst.AssignTarget):
        statement = module.tree.parent(above)
        return "set", _part(statement.value, path) if isinstance(statement, cst.Assign) else None
    if isinstance(above, (cst.AnnAssign, cst.AugAssign)) and above.target is node:
        return ("set", above.value) if isinstance(above, cst.AnnAssign) else ("update", None)
    return "get", None


def _part(value: cst.BaseExpression, path: list[int]) -> cst.BaseExpression | None:
    """Return what the innermost first indices of a target take of a value, as far as that is written: `a.lr, b = 0.1, 2`."""
    for at in reversed(path):
        elements = value.elements if isinstance(value, (cst.Tuple, cst.List)) else ()
        if len(elements) <= at:
            return None
        value = elements[at].value
    return value


def is_fallback(node: cst.BaseExpression, other: str, module: Module) -> bool:
    """Tell whether a use of an attribute is a second try behind the ``other`` one, or has that as its own second try."""
    above, handler = module.tree.parent(node), module.tree.enclosing(node, cst.ExceptHandler)
    tried = module.tree.parent(handler) if handler is not None else None
    outer = module.tree.parent(above) if isinstance(above, cst.Arg) else None
    tries = [arg.value for arg in node.args[2:]] if isinstance(node, cst.Call) else []
    if isinstance(above, cst.BooleanOperation):
        tries += [above.left] if node is above.right else [above.right] if tries else []
    if isinstance(outer, cst.Call) and dotted_name(outer.func) == "getattr":  # `getattr(opt, "learning_rate", opt.lr)` …
        tries += [arg.value for arg in outer.args[1:2] if isinstance(node, cst.Call)]  # … reads both
    asked = (*tries, *((tried.body,) if isinstance(tried, cst.Try) else ()))
    return any(other in module.tree.code(part) for part in asked)


def leads_to_raise(call: cst.Call, module: Module) -> bool:
    """Tell whether code gives up where a question is answered with False: `if not hasattr(…): raise`, `assert hasattr(…)`."""
    above = module.tree.parent(call)
    if isinstance(above, cst.Assert):
        return above.test is call
    negated = isinstance(above, cst.UnaryOperation) and isinstance(above.operator, cst.Not)
    test = module.tree.parent(above) if negated and above is not None else None
    return isinstance(test, cst.If) and any(module.tree.enclosing(node, cst.If) is test for node in module.tree.nodes(cst.Raise))


def skips(call: cst.Call, module: Module) -> bool:
    """Tell whether code is passed over where a question is answered with False, and nothing runs in its place."""
    test = module.tree.parent(call)
    return isinstance(test, cst.If) and test.test is call and test.orelse is None and module.flow.blocks.falls_through(test.body)
