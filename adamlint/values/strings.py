"""Strings that are put together from constants: f-strings, sums, and the methods of a string that change its case or its edges."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import product

import libcst as cst

from adamlint.values.value import Const, Value

Evaluate = Callable[[cst.CSTNode], tuple[Value, ...]]
PLAIN = ("lower", "upper", "strip", "lstrip", "rstrip", "capitalize", "title", "casefold", "swapcase")
_MOST = 24  # combinations
_LONGEST = 1000  # no name of an optimizer is longer, and what is made of longer parts could fill the memory
_WIDE = re.compile(r"\{[^}]*\d{4}")  # `"{:>99999999}".format(x)`


def joined(node: cst.BinaryOperation | cst.FormattedString, of: Evaluate) -> Iterator[Const]:
    """Yield what a sum of strings, or an f-string, gives where all of its parts are constants."""
    if isinstance(node, cst.BinaryOperation) and not isinstance(node.operator, cst.Add):
        return  # numbers, or what has operators of its own
    parts = [of(node.left), of(node.right)] if isinstance(node, cst.BinaryOperation) else [_part(part, node, of) for part in node.parts]
    for combination in _combinations(parts):
        if all(isinstance(value, str) for value in combination) or isinstance(node, cst.FormattedString):
            yield Const("".join(map(str, combination)), node)


def _part(part: cst.BaseFormattedStringContent, node: cst.CSTNode, of: Evaluate) -> tuple[Value, ...]:
    if isinstance(part, cst.FormattedStringText):
        return (Const(part.value, node),)
    plain = isinstance(part, cst.FormattedStringExpression) and part.conversion is None and not part.format_spec
    return of(part.expression) if isinstance(part, cst.FormattedStringExpression) and plain else ()


def changed(text: Const, method: str, call: cst.Call, of: Evaluate) -> Iterator[Const]:
    """Yield what a method of a constant string gives; its place stays where the string is written, if that is elsewhere."""
    owner = call.func.value if isinstance(call.func, cst.Attribute) else call
    place = call if text.node is owner else text.node
    if method in PLAIN and not call.args:
        yield Const(getattr(text.value, method)(), place)
    elif _is_short(text.value) and method in ("replace", "format") and all(arg.keyword is None and not arg.star for arg in call.args):
        for combination in _combinations([of(arg.value) for arg in call.args]):
            try:
                yield Const(getattr(text.value, method)(*combination), place)
            except (TypeError, ValueError, LookupError, AttributeError):
                return


def _combinations(parts: list[tuple[Value, ...]]) -> list[tuple[object, ...]]:
    """Return each choice of one constant for each part; none where one may be something else."""
    size = 1
    for part in parts:
        size *= len(part)
        if size > _MOST or not part or not all(isinstance(value, Const) and _is_short(value.value) for value in part):
            return []
    return list(product(*([value.value for value in part if isinstance(value, Const)] for part in parts)))


def _is_short(value: object) -> bool:
    return not isinstance(value, str) or (len(value) <= _LONGEST and not _WIDE.search(value))
