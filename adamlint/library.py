"""What calls give of functions and methods from outside that hand on what they are given: Python's own, and of a few libraries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import libcst as cst

from adamlint import strings
from adamlint.names import canonical
from adamlint.values import UNKNOWN, Const, Display, Local, Member, Part, Partial, Ref, Result, Series, Value

if TYPE_CHECKING:
    from adamlint.evaluate import Values

Gives = Callable[["Values", cst.Call], Iterator[Value]]


def given(call: cst.Call, position: int, name: str = "") -> cst.BaseExpression | None:
    """Return the argument of a call at a position, or of a name; None where a star may move it."""
    for index, arg in enumerate(call.args):
        if name and arg.keyword is not None and arg.keyword.value == name:
            return arg.value
        if arg.star:
            return None
        if arg.keyword is None and index == position:
            return arg.value
    return None


# Functions ----------------------------------------------------------------------------------------


def _super(values: Values, call: cst.Call) -> Iterator[Value]:
    owner = values.classes.around(call)
    yield Result(Local(owner)) if owner else UNKNOWN


def _getattr(values: Values, call: cst.Call) -> Iterator[Value]:
    owner, name = given(call, 0), given(call, 1)
    for part in values.of(name) if owner is not None and name is not None else ():
        for value in values.of(owner) if owner is not None else ():
            yield from values.attribute(value, str(part.value) if isinstance(part, Const) else "*")
    default = given(call, 2)
    yield from values.of(default) if default is not None else ()


def _dict(_: Values, call: cst.Call) -> Iterator[Value]:
    yield Display(call)


def _import_module(values: Values, call: cst.Call) -> Iterator[Value]:
    name = given(call, 0, "name")
    for part in values.of(name) if name is not None else ():
        yield Ref(canonical(part.value)) if isinstance(part, Const) and isinstance(part.value, str) else UNKNOWN


def _partial(values: Values, call: cst.Call) -> Iterator[Value]:
    first = given(call, 0)
    yield from (Partial(value, call) for value in values.of(first)) if first is not None else ()


def _field(values: Values, call: cst.Call) -> Iterator[Value]:
    """`dataclasses.field`: its default, or what its factory gives."""
    default, factory = given(call, 9, "default"), given(call, 9, "default_factory")
    if default is not None:
        yield from values.of(default)
    elif isinstance(factory, cst.Lambda):
        yield from values.of(factory.body)


def _enumerate(values: Values, call: cst.Call) -> Iterator[Value]:
    yield from (Series(tuple((None, part) for part in parts)) for parts in _parts(values, given(call, 0, "iterable")))


def _zip(values: Values, call: cst.Call) -> Iterator[Value]:
    columns = [next(_parts(values, arg.value), []) for arg in call.args if arg.keyword is None and not arg.star]
    if columns and all(columns) and len(columns) == len(call.args):
        yield Series(tuple(zip(*columns, strict=False)))


def _listed(values: Values, call: cst.Call) -> Iterator[Value]:
    yield from (Series(tuple(parts)) for parts in _parts(values, given(call, 0)))


def _parts(values: Values, node: cst.CSTNode | None) -> Iterator[list[Part]]:
    """Yield the elements of each literal that an expression may be."""
    for value in values.of(node) if node is not None else ():
        if parts := values.displays.elements(value):
            yield parts


def _getenv(values: Values, call: cst.Call) -> Iterator[Value]:
    default = given(call, 1, "default")
    yield from (*values.of(default), UNKNOWN) if default is not None else ()


def _itself(values: Values, call: cst.Call) -> Iterator[Value]:
    first = given(call, 0)
    yield from values.of(first) if first is not None and len(call.args) == 1 else ()


def _str(values: Values, call: cst.Call) -> Iterator[Value]:
    for value in _itself(values, call):
        yield Const(str(value.value), call) if isinstance(value, Const) and not isinstance(value.value, str) else value


FUNCTIONS: Mapping[str, Gives] = {
    "builtins.super": _super,
    "builtins.getattr": _getattr,
    "builtins.dict": _dict,
    "builtins.str": _str,
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    **{f"builtins.{name}": _listed for name in ("list", "tuple", "sorted", "reversed", "set", "frozenset")},
    "builtins.__import__": _import_module,
    "importlib.import_module": _import_module,
    "functools.partial": _partial,
    "builtins.functools.partial": _partial,
    "dataclasses.field": _field,
    "os.getenv": _getenv,
    "os.environ.get": _getenv,
    "copy.copy": _itself,
    "copy.deepcopy": _itself,
}


# Methods ------------------------------------------------------------------------------------------


def method(values: Values, callee: Member, call: cst.Call) -> Iterator[Value]:
    """Yield what a method gives that hands on what its owner holds, or what it is given; nothing for any other."""
    if isinstance(callee.owner, Const) and isinstance(callee.owner.value, str):
        yield from strings.changed(callee.owner, callee.name, call, values.of)
    elif isinstance(callee.owner, Display):
        yield from _of_dict(values, callee.owner, callee.name, call)
    elif callee.name in ("get", "pop", "setdefault") and (default := given(call, 1)) is not None:
        yield from (*values.of(default), Result(callee, call))  # a mapping that is not followed
    elif callee.name == "Choice":  # of the hyper-parameters of KerasTuner: one of the values, or the default
        chosen, default = given(call, 1, "values"), given(call, 9, "default")
        for part in (part for parts in _parts(values, chosen) for part in parts):
            yield from values.unpacked(part, ())
        yield from values.of(default) if default is not None else ()


def _of_dict(values: Values, owner: Display, name: str, call: cst.Call) -> Iterator[Value]:
    key, default = given(call, 0), given(call, 1)
    if name in ("get", "pop", "setdefault") and key is not None:
        found = [value for known in values.of(key) for value in values.item(owner, known) if value != UNKNOWN]
        yield from found
        yield from values.of(default) if default is not None else () if found else (UNKNOWN,)
    elif name in ("items", "values", "keys", "copy"):
        pairs = values.displays.entries(owner)
        keys = values.displays.elements(owner)
        if name == "copy":
            yield owner
        elif name == "keys" and keys:
            yield Series(tuple(keys))
        elif name == "values" and pairs:
            yield Series(tuple(value for _, value in pairs))
        elif name == "items" and len(keys) == len(pairs) > 0:
            yield Series(tuple((key, value) for key, (_, value) in zip(keys, pairs, strict=True)))


def default_of(values: Values, name: str) -> Iterator[Value]:
    """Yield the defaults of the command-line argument of a name, and what else may be given: nothing is known of that."""
    for call in values.calls.named("add_argument"):
        flags = [arg.value.evaluated_value for arg in call.args if arg.keyword is None and isinstance(arg.value, cst.SimpleString)]
        default = given(call, 99, "default")
        if default is not None and name in [str(flag).lstrip("-").replace("-", "_") for flag in flags]:
            yield from values.of(default)
            yield UNKNOWN
