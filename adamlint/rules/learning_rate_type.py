"""A learning rate of a type that a release refuses or reads once: Keras 3 takes a float, a schedule or a callable.

From TF 2.16 on an int (`learning_rate=1`), a `tf.Variable` and a tensor raise ValueError (`Argument learning_rate should be float,
or an instance of LearningRateSchedule, or a callable`); up to TF 2.15 an int and a tensor work. A function and a `tf.Variable` are asked
once on TF 2.11 to 2.15, when the optimizer is made: what they are later is not heeded (measured; up to 2.10, and in the legacy classes, it
is). A string raises everywhere.

Bad:
    import tensorflow as tf
    opt = tf.keras.optimizers.SGD(learning_rate=1)

Bad:
    import tensorflow as tf
    rate = tf.Variable(0.1)
    opt = tf.keras.optimizers.SGD(learning_rate=lambda: rate.value())

Good:
    import tensorflow as tf
    opt = tf.keras.optimizers.SGD(learning_rate=1.0)
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Argument, Outcome
from adamlint.program.module import Module
from adamlint.rule import Problem, Remedy, Rule
from adamlint.values.value import Const, Local, Partial, Ref, Result, Value

RULE = Rule("ADM304", "learning-rate-type")

_TENSORS = ("constant", "convert_to_tensor")
_WORDS = {"int": "an int", "str": "a string", "Variable": "a `tf.Variable`", "tensor": "a tensor", "callable": "a function"}
_SAYS = {Outcome.IGNORED: "keeps its first value"}


@RULE.on(cst.Call)
def check(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report the rate that the constructor of an optimizer is given, where it is of one measured type for sure."""
    classes = module.optimizer_classes(call)
    spread = next((k.value for k in module.arguments.keywords(call) if k.name == "learning_rate"), None) if classes else None
    first = module.arguments.first(call, "learning_rate") if classes else None
    rate = spread or (first.value if first is not None and not first.star else None)
    kinds = {_kind(value) for value in module.values(rate)} if rate is not None else set()
    kind = kinds.pop() if len(kinds) == 1 else ""
    if rate is not None and kind:
        subjects = tuple(Argument(cls.asked, "learning_rate", kind) for cls in classes)
        remedy = None
        if isinstance(rate, cst.Integer) and rate.value.isdecimal():
            change = module.edit.append(rate, ".0") if not rate.lpar else module.edit.replace(rate, f"{rate.value}.0")
            remedy = Remedy("write a float", (change,), instead=Argument(classes[0].asked, "learning_rate"))
        yield Problem(rate, f"{_WORDS[kind]} as learning rate", subjects, says=_SAYS, at=call, remedy=remedy)


def _kind(value: Value) -> str:
    """Return the measured type of a value, "" for any other."""
    if isinstance(value, Const):
        return type(value.value).__name__ if type(value.value) in (int, str) else ""
    if isinstance(value, Partial) or (isinstance(value, Local) and not isinstance(value.node, cst.ClassDef)):
        return "" if isinstance(value, Local) and (_is_constant(value.node) or _is_decorated(value.node)) else "callable"
    name = value.callee.name if isinstance(value, Result) and isinstance(value.callee, Ref) else ""
    home, _, made = name.rpartition(".")
    if home not in ("tensorflow", "tensorflow.compat.v1"):
        return ""
    return "Variable" if made == "Variable" else "tensor" if made in _TENSORS else ""


def _is_constant(function: cst.CSTNode) -> bool:
    """Tell whether a function is a lambda that always gives the same number."""
    return isinstance(function, cst.Lambda) and isinstance(function.body, cst.BaseNumber)


def _is_decorated(function: cst.CSTNode) -> bool:
    """Tell whether something is made of a function, which may be no function: a property of one's own, a fixture."""
    return isinstance(function, cst.FunctionDef) and bool(function.decorators)
