"""What calls give of functions and methods from outside that hand on what they are given: Python's own, and of a few libraries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import libcst as cst

from adamlint.names.canonical import canonical
from adamlint.text.tree import dotted_name
from adamlint.values import strings
from adamlint.values.value import UNKNOWN, Const, Display, Local, Member, Part, Partial, Ref, Result, Series, Table, Value

if TYPE_CHECKING:
    from adamlint.values.evaluate import Values

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


def _shuffled(values: Values, call: cst.Call) -> Iterator[Value]:
    yield from (Series(tuple(parts), shuffled=True) for parts in _parts(values, given(call, 0)))


def _parts(values: Values, node: cst.CSTNode | None) -> Iterator[list[Part]]:
    """Yield the elements of each literal that an expression may be."""
    for value in values.of(node) if node is not None else ():
        if parts := values.displays.elements(value):
            yield parts


def _getenv(values: Values, call: cst.Call) -> Iterator[Value]:
    default = given(call, 1, "default")
    yield from (*values.of(default), UNKNOWN) if default is not None else ()


def _choice(values: Values, call: cst.Call) -> Iterator[Value]:
    """`hyperopt.hp.choice(label, options)`: one of the options."""
    yield from _elements(values, given(call, 1, "options"))


def _elements(values: Values, node: cst.CSTNode | None) -> Iterator[Value]:
    for part in (part for parts in _parts(values, node) for part in parts):
        yield from values.unpacked(part, ())


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
    "builtins.vars": _itself,
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    **{f"builtins.{name}": _listed for name in ("list", "tuple")},
    **{f"builtins.{name}": _shuffled for name in ("sorted", "reversed", "set", "frozenset")},
    "builtins.__import__": _import_module,
    "importlib.import_module": _import_module,
    "functools.partial": _partial,
    "builtins.functools.partial": _partial,
    "dataclasses.field": _field,
    "os.getenv": _getenv,
    "os.environ.get": _getenv,
    "hyperopt.hp.choice": _choice,
    "copy.copy": _itself,
    "copy.deepcopy": _itself,
}

# pytest.importorskip("tensorflow"), skbase's _safe_import("tensorflow.keras"), LazyLoader("tf", globals(), "tensorflow")
_IMPORTS = re.compile(r"(?:\w+\.)+(?:\w*_?import\w*|LazyLoader|lazy_loader\.load)")
_MODULES = re.compile(r"(?:tensorflow|keras|tf_keras)(?:\.[a-z_]\w*)*")


def function(name: str) -> Gives | None:
    """Return what tells what a function gives; one that is called an import, and is given a module of Keras, gives that."""
    return FUNCTIONS.get(name) or (_imported if _IMPORTS.fullmatch(name) else None)


def _imported(values: Values, call: cst.Call) -> Iterator[Value]:
    texts = [text for arg in call.args for text, _ in values.strings(arg.value)]
    yield from (Ref(canonical(text)) for text in texts if _MODULES.fullmatch(text))



# Methods ------------------------------------------------------------------------------------------


def method(values: Values, callee: Member, call: cst.Call) -> Iterator[Value]:
    """Yield what a method gives that hands on what its owner holds, or what it is given; nothing for any other."""
    if isinstance(callee.owner, Const) and isinstance(callee.owner.value, str):
        yield from strings.changed(callee.owner, callee.name, call, values.of)
    elif isinstance(callee.owner, Display):
        yield from _of_dict(values, callee.owner, callee.name, call)
    elif isinstance(callee.owner, Table):
        yield from _of_table(values, callee.owner, callee.name, call)
    elif callee.name in ("get", "pop", "setdefault") and (default := given(call, 1)) is not None:
        yield from (*values.of(default), Result(callee, call))  # a mapping that is not followed
    elif callee.name in _CHOICES:
        chosen, default = given(call, 1, _CHOICES[callee.name]), given(call, 9, "default")
        yield from _elements(values, chosen)
        yield from values.of(default) if default is not None else ()
    elif callee.name == "parse_known_args":
        yield Series((Result(Member(callee.owner, "parse_args"), call), None))


# What the hyper-parameters of KerasTuner and the trials of Optuna choose from, by the name of the method.
_CHOICES = {"Choice": "values", "suggest_categorical": "choices"}


def _of_dict(values: Values, owner: Display, name: str, call: cst.Call) -> Iterator[Value]:
    key, default = given(call, 0), given(call, 1)
    if name in ("get", "pop", "setdefault") and key is not None:
        found = [value for known in values.of(key) for value in values.item(owner, known) if value != UNKNOWN]
        yield from found
        yield from _default(values, owner, key, default) if default is not None else () if found else (UNKNOWN,)
    elif name in ("items", "values", "keys", "copy"):
        entries = values.displays.entries(owner)
        pairs = [(key, value) for key, value in entries if not values.displays.is_converted(owner, Const(key, value))]
        keys = values.displays.elements(owner)
        if name == "copy":
            yield owner
        elif name == "keys" and keys:
            yield Series(tuple(keys))
        elif name == "values" and pairs:
            yield Series(tuple(value for _, value in pairs))
        elif name == "items" and len(keys) == len(pairs) > 0:
            yield Series(tuple((key, value) for key, (_, value) in zip(keys, pairs, strict=True)))


def _default(values: Values, owner: Display, key: cst.BaseExpression, default: cst.BaseExpression) -> Iterator[Value]:
    """Yield what a look-up falls back on: of `{"adam": Adam()}.get(name, name)`, no name that the dict has."""
    same = dotted_name(key) == dotted_name(default) != ""
    known = [name for name, _ in values.displays.entries(owner)] if same else []
    yield from (value for value in values.of(default) if not (isinstance(value, Const) and value.value in known))


def _of_table(values: Values, owner: Table, name: str, call: cst.Call) -> Iterator[Value]:
    key, default = given(call, 0), given(call, 1)
    if name in ("get", "pop", "setdefault") and key is not None:
        yield from (value for known in values.of(key) for value in values.item(owner, known))
        yield from values.of(default) if default is not None else ()
    elif name == "copy":
        yield owner


# Settings -----------------------------------------------------------------------------------------

_DEFINES = ("DEFINE_string", "DEFINE_enum")


def attribute(values: Values, owner: Result, name: str) -> Iterator[Value]:
    """Yield what an attribute of a result may be: an argument of the command line, or the value of a flag; nothing for any other."""
    if isinstance(owner.callee, Member) and owner.callee.name == "parse_args":
        yield from _argument(values, name)
    elif isinstance(owner.callee, Ref) and owner.call is not None and name == "value" and owner.callee.name.endswith(_DEFINES):
        yield from _with_default(values, given(owner.call, 1, "default"))


def flag(values: Values, owner: Ref, name: str) -> Iterator[Value]:
    """Yield what a flag of absl may be that is defined in this file."""
    for define in _DEFINES if owner.name.endswith("flags.FLAGS") else ():
        for call in values.calls.named(define):
            known = given(call, 0, "name")
            if known is not None and any(text == name for text, _ in values.strings(known)):
                yield from _with_default(values, given(call, 1, "default"))


def _argument(values: Values, name: str) -> Iterator[Value]:
    for call in values.calls.named("add_argument"):
        dest = given(call, 99, "dest")
        flags = [dest] if dest is not None else [arg.value for arg in call.args if arg.keyword is None]
        texts = [str(flag.evaluated_value) for flag in flags if isinstance(flag, cst.SimpleString)]
        if name in [text.lstrip("-").replace("-", "_") for text in texts]:
            later = [given(other, 99, name) for other in values.calls.named("set_defaults")]
            for default in (later if any(later) else [given(call, 99, "default")]):
                yield from _converted(values, call, default)


def _converted(values: Values, call: cst.Call, default: cst.BaseExpression | None) -> Iterator[Value]:
    """Yield a default as its argument gives it: a text goes through ``type``."""
    convert = given(call, 99, "type")
    plain = convert is None or set(values.names(convert)) & {"builtins.str", "builtins.str.lower"}
    for value in _with_default(values, default):
        is_text = isinstance(value, Const) and isinstance(value.value, str)
        yield value if plain or not is_text else UNKNOWN


def _with_default(values: Values, default: cst.BaseExpression | None) -> Iterator[Value]:
    """Yield a default, and what else may be given: nothing is known of that."""
    if default is not None:
        yield from values.of(default)
        yield UNKNOWN
