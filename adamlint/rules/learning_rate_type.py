"""A learning rate of a type that a release refuses: Keras 3 takes a float, a schedule or a callable, and raises on the rest.

From TF 2.16 on an int (`learning_rate=1`), a `tf.Variable` and a tensor raise ValueError (`Argument learning_rate should be float,
or an instance of LearningRateSchedule, or a callable`); up to TF 2.15 they work. A string raises everywhere.

Bad:
    import tensorflow as tf
    opt = tf.keras.optimizers.SGD(learning_rate=1)

Good:
    import tensorflow as tf
    opt = tf.keras.optimizers.SGD(learning_rate=1.0)
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Argument
from adamlint.module import Module
from adamlint.rule import Problem, Remedy, Rule
from adamlint.values import Const, Ref, Result, Value

RULE = Rule("ADM304", "learning-rate-type")

_TENSORS = ("constant", "convert_to_tensor")
_WORDS = {"int": "an int", "str": "a string", "Variable": "a `tf.Variable`", "tensor": "a tensor"}


@RULE.on(cst.Call)
def check(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report the rate that the constructor of an optimizer is given, where it is of one measured type for sure."""
    classes = module.optimizer_classes(call)
    spread = next((k.value for k in module.keywords(call) if k.name == "learning_rate"), None) if classes else None
    first = module.first_argument(call, "learning_rate") if classes else None
    rate = spread or (first.value if first is not None and not first.star else None)
    kinds = {_kind(value) for value in module.values(rate)} if rate is not None else set()
    kind = kinds.pop() if len(kinds) == 1 else ""
    if rate is not None and kind:
        subjects = tuple(Argument(cls.asked, "learning_rate", kind) for cls in classes)
        remedy = None
        if isinstance(rate, cst.Integer) and rate.value.isdecimal():
            change = module.edit.append(rate, ".0") if not rate.lpar else module.edit.replace(rate, f"{rate.value}.0")
            remedy = Remedy("write a float", (change,), instead=Argument(classes[0].asked, "learning_rate"))
        yield Problem(rate, f"{_WORDS[kind]} as learning rate", subjects, at=call, remedy=remedy)


def _kind(value: Value) -> str:
    """Return the measured type of a value, "" for any other."""
    if isinstance(value, Const):
        return type(value.value).__name__ if type(value.value) in (int, str) else ""
    name = value.callee.name if isinstance(value, Result) and isinstance(value.callee, Ref) else ""
    home, _, made = name.rpartition(".")
    if home not in ("tensorflow", "tensorflow.compat.v1"):
        return ""
    return "Variable" if made == "Variable" else "tensor" if made in _TENSORS else ""
