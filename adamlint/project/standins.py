"""What of an object of one file matters in the others, without the tree of its file."""

from __future__ import annotations

import libcst as cst

from adamlint.program.module import Module
from adamlint.values.kinds import OptimizerClass
from adamlint.values.value import ELSEWHERE, UNKNOWN, Const, Ref, Result, Series, Table, Value

MOST = 200  # entries of a dict, or elements of a list


def plain(value: object) -> Value:
    """Return what stands for a constant of another file, or a dict or list of such."""
    if isinstance(value, dict):
        return Table(tuple((key, (plain(given),)) for key, given in value.items())) if len(value) <= MOST else UNKNOWN
    if isinstance(value, (list, tuple)):
        return Series(tuple(plain(part) for part in value)) if len(value) <= MOST else UNKNOWN
    return Const(value, ELSEWHERE) if value is None or isinstance(value, (str, int, float)) else UNKNOWN


def restores(value: Result, module: Module) -> bool:
    """Tell whether a model is loaded from a file with its optimizer."""
    loads = isinstance(value.callee, Ref) and value.callee.name.endswith(".load_model")
    if not loads or value.call is None or module.arguments.has_unknown_spread(value.call):
        return False
    compiled = module.arguments.get(value.call, "compile", 2)
    return compiled is None or all(isinstance(v, Const) and v.value is True for v in module.values(compiled.value))


def decay(cls: OptimizerClass, made: cst.Call, module: Module) -> str:
    """Tell whether the weight decay of an optimizer is "given", a "default" other than 0, or none: ""."""
    given = module.arguments.get(made, "weight_decay", 1 if cls.name == "AdamW" else None)
    if given is not None:
        return "" if module.models.is_zero(given.value) else "given"
    return "default" if cls.name == "AdamW" and not module.arguments.has_unknown_spread(made) else ""
