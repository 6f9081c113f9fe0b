"""The rate of an optimizer that is handed to `K.set_value` or `K.get_value`, and what runs in their place on every release."""

from __future__ import annotations

from typing import NamedTuple

import libcst as cst

from adamlint.atlas import Member
from adamlint.names.canonical import in_keras
from adamlint.program.module import Module
from adamlint.rule import Remedy
from adamlint.values.value import Ref


class Handed(NamedTuple):
    """Where something is the first argument of a function of the Keras backend."""

    call: cst.Call
    function: str  # "set_value" or "get_value"
    package: str  # the Keras package whose backend it is


def handed(node: cst.BaseExpression, module: Module) -> Handed | None:
    """Return the call of `K.set_value` or `K.get_value` that a place is handed to."""
    arg = module.tree.parent(node)
    call = module.tree.parent(arg) if isinstance(arg, cst.Arg) else None
    if isinstance(call, cst.Call) and call.args[0] is arg:
        for function in ("set_value", "get_value"):
            for package in packages(call, function, module)[:1]:
                return Handed(call, function, package)
    return None


def packages(call: cst.Call, function: str, module: Module) -> tuple[str, ...]:
    """Return the Keras packages whose `backend.<function>` a call may be; none if it may be anything else."""
    found = [in_keras(v.name) if isinstance(v, Ref) else None for v in module.values(call.func)]
    named = tuple(split[0] for split in found if split is not None and split[1] == f"backend.{function}")
    return named if len(named) == len(found) else ()


def assigned(call: cst.Call, rate: str, path: str, title: str, module: Module) -> Remedy | None:
    """Return the rewrite of `K.set_value(…)` to `<rate>.assign(…)`, for an optimizer of the class ``path``."""
    changes = module.edit.assigning(call, rate)
    instead = Member(path, "learning_rate", "assign")
    return Remedy(title, changes, instead=instead, unsafe=module.in_sessions, eager=True) if changes else None


def read(call: cst.Call, rate: str, path: str, module: Module) -> Remedy:
    """Return the rewrite of `K.get_value(…)`, which Keras 3 has none of, to `<rate>.numpy()`."""
    outer = module.tree.enclosing(call, cst.Call)
    converted = outer is not None and module.names(outer.func) == ("builtins.float",) and outer.args[0].value is call
    change = module.edit.replace(call, f"{rate}.numpy()" if converted else f"float({rate}.numpy())")
    instead = Member(path, "learning_rate", "numpy")
    return Remedy("read `learning_rate`", (change,), instead=instead, unsafe=module.in_sessions, eager=True)
