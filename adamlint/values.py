"""What an expression may be: a name of the outside world, what calling one gives, a constant, a literal display, or something
defined here. What is not known is UNKNOWN, and stays so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import libcst as cst


@dataclass(frozen=True)
class Ref:
    """Something that lives outside of this file, by its canonical dotted name; ``*`` stands for an unknown part."""

    name: str


@dataclass(frozen=True)
class Const:
    """A literal constant; ``node`` is where it is written."""

    value: object
    node: cst.CSTNode


@dataclass(frozen=True)
class Local:
    """A function, lambda or class of this file."""

    node: cst.FunctionDef | cst.ClassDef | cst.Lambda


@dataclass(frozen=True)
class Result:
    """What calling ``callee`` gives; ``call`` is None where the call is not seen (`self`, an annotation)."""

    callee: Value
    call: cst.Call | None = None


@dataclass(frozen=True)
class Member:
    """An attribute of an object whose attributes are not followed."""

    owner: Value
    name: str


@dataclass(frozen=True)
class Display:
    """A list, tuple, set or dict literal, or a `dict(...)` call."""

    node: cst.CSTNode


@dataclass(frozen=True)
class Partial:
    """`functools.partial(callee, …)`."""

    callee: Value
    call: cst.Call


@dataclass(frozen=True)
class Unknown:
    """Cannot be told from this file."""


Value = Ref | Const | Local | Result | Member | Display | Partial | Unknown
Outside = Callable[[str], "tuple[Value, ...] | None"]
UNKNOWN = Unknown()


def elements(value: Value) -> list[cst.BaseExpression]:
    """Return the elements of a list, tuple or set literal."""
    if isinstance(value, Display) and isinstance(value.node, (cst.List, cst.Tuple, cst.Set)):
        return [e.value for e in value.node.elements if isinstance(e, cst.Element)]
    return []
