"""What an expression may be: a name of the outside world, what calling one gives, a constant, a literal display, or something
defined here. What is not known is UNKNOWN, and stays so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import libcst as cst

from adamlint.names.canonical import in_keras
from adamlint.values.kept import Kept


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
class Elsewhere:
    """The place in another file of the project where something is made, in words, and what of it matters here."""

    place: str  # "models.py:12"
    penalty: str = ""  # of a model: where one of its weights gets an L2 penalty
    decay: str = ""  # of an optimizer: whether its weight decay is "given", or a "default"
    fresh: bool = False  # whether each call makes a new one
    restored: bool = False  # of a model: whether it is loaded with its optimizer


@dataclass(frozen=True)
class Result:
    """What calling ``callee`` gives; ``call`` is None where the call is not seen (`self`, an annotation, in another file)."""

    callee: Value
    call: cst.Call | None = None
    elsewhere: Elsewhere | None = None


@dataclass(frozen=True)
class Member:
    """An attribute of an object whose attributes are not followed."""

    owner: Value
    name: str


@dataclass(frozen=True)
class Display:
    """A list, tuple, set or dict literal, or a `dict(...)` call."""

    node: cst.CSTNode


Part: TypeAlias = "cst.CSTNode | tuple[Part, ...] | Value | None"  # an expression, a row, what one is known to be, or what is not followed


@dataclass(frozen=True)
class Series:
    """What something gives one after the other: `enumerate`, `zip`, the items of a dict, a comprehension."""

    parts: tuple[Part, ...]
    repeated: bool = False  # as often as a comprehension goes round
    shuffled: bool = False  # perhaps in another order


@dataclass(frozen=True)
class Partial:
    """`functools.partial(callee, …)`."""

    callee: Value
    call: cst.Call


@dataclass(frozen=True)
class Builder:
    """A function of another file of the project, by its name there (`Trainer.build`); calling it gives one of these."""

    gives: tuple[Value, ...]
    path: str = ""
    name: str = ""


@dataclass(frozen=True)
class Unknown:
    """Cannot be told from this file."""


@dataclass(frozen=True)
class Abroad:
    """A class of another file of the project: by its name there, with what its bases may be."""

    path: str
    name: str
    bases: tuple[Value, ...] = ()
    constructs: bool = False  # whether it defines a constructor


@dataclass(frozen=True)
class Table:
    """A dict of another file of the project: its keys, with what each may stand for."""

    entries: tuple[tuple[object, tuple[Value, ...]], ...]


Value: TypeAlias = "Ref | Const | Local | Result | Member | Display | Series | Partial | Builder | Abroad | Table | Unknown"


Lent: TypeAlias = "Mapping[cst.CSTNode, tuple[Value, ...]]"  # what parameters are given
Given: TypeAlias = "tuple[tuple[int | str, tuple[Value, ...]], ...]"  # what a call gives, by position or keyword, without its file


@dataclass(frozen=True)
class Handed:
    """A name of an optimizer that a function of another file was given, and gives to a Keras."""

    package: str
    name: str
    place: str  # "models.py:12"


class Outside(Protocol):
    """The other files of the project, seen from one of them."""

    def __call__(self, dotted: str) -> tuple[Value, ...] | None:
        """Return what a name stands for; None for what is not of the project."""

    def member(self, owner: Abroad, name: str) -> tuple[Value, ...]:
        """Return what a class of another file has for an attribute; nothing where it defines none of this name."""

    def kept(self, owner: Abroad, name: str) -> Kept | None:
        """Return of which parameter of its constructor a class of another file keeps an attribute; None for others."""

    def getter(self, owner: Abroad, name: str) -> str | None:
        """Return the attribute that a property of a class of another file gives as it is; "" for no property, None for no such name."""

    def penalty(self, owner: Abroad) -> str:
        """Return where a class of another file gives a weight of its instances an L2 penalty, in words; "" for nowhere."""

    def keeps_optimizer(self, owner: Abroad) -> bool:
        """Tell whether a class of another file defines a `compile` that may not hand the optimizer on."""

    def handed(self, function: Builder, given: Given) -> tuple[Handed, ...]:
        """Return those of the HANDED names that a function of another file is given which it gives to a Keras for an optimizer."""

    def has(self, package: str, module: str) -> bool:
        """Tell whether the project has a package of this name of its own, with this file in it."""


UNKNOWN = Unknown()
HANDED = cst.Name("handed")  # where a constant is written that a call in another file gives
ELSEWHERE = cst.Name("elsewhere")  # where a constant of another file is written: here, it stands where it is used


def is_known(value: Value) -> bool:
    """Tell whether a value says more than an annotation, or a check of its type, could."""
    if isinstance(value, Result):
        return isinstance(value.callee, (Local, Abroad)) or is_known(value.callee)
    if isinstance(value, Ref):
        return in_keras(value.name) is not None
    return not (isinstance(value, (Unknown, Member)) or (isinstance(value, Const) and value.value is None))


def is_repeated(value: Value) -> bool:
    """Tell whether a value is a series of which each part is made by the same expression."""
    return isinstance(value, Series) and value.repeated
