"""`tfa.optimizers.AdamW` decays by `weight_decay`, that of Keras by `learning_rate * weight_decay`; and it takes the decay first.

TensorFlow Addons is no longer maintained (since May 2024), and Keras has AdamW from TF 2.12 on. With the same numbers the weights
come out elsewhere; with `weight_decay / learning_rate` as the new decay they agree, as long as the rate is constant (measured on
TF 2.14). The first positional argument of the one is `weight_decay`, of the other `learning_rate`. Where no targeted release has an
AdamW of Keras, there is none to take it for, and no finding.

Bad:
    import tensorflow as tf
    import tensorflow_addons as tfa
    opt = tfa.optimizers.AdamW(weight_decay=1e-4, learning_rate=1e-3)

Good:
    import tensorflow as tf
    opt = tf.keras.optimizers.AdamW(learning_rate=1e-3, weight_decay=0.1)
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import libcst as cst

from adamlint.atlas import Construct, Outcome
from adamlint.findings import Effect
from adamlint.program.module import Module
from adamlint.rule import Problem, Remedy, Rule
from adamlint.values.value import Const

RULE = Rule("ADM702", "tfa-optimizer")

_ADAMW = frozenset({"tensorflow_addons.optimizers.AdamW", "tensorflow_addons.optimizers.weight_decay_optimizers.AdamW"})
_KERAS = "tensorflow.keras.optimizers.AdamW"
_POSITIONS = ("weight_decay", "learning_rate", "beta_1", "beta_2", "epsilon", "amsgrad", "name")
_SAME = frozenset({"weight_decay", "learning_rate", "beta_1", "beta_2", "epsilon", "amsgrad", "name"})


@RULE.on(cst.Call)
def check(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report a construction of the AdamW of TensorFlow Addons."""
    names = module.names(call.func)
    if names and len(names) == len(module.values(call.func)) and _ADAMW.issuperset(names):
        message = "`AdamW` of TensorFlow Addons decays by `weight_decay`, that of Keras by `learning_rate * weight_decay`"
        yield Problem(call, message, (Construct(_KERAS),), effects={Outcome.OK: Effect.DIFFERS}, remedy=_remedy(call, module))


def _remedy(call: cst.Call, module: Module) -> Remedy | None:
    """Write the constructor of Keras where both numbers are literals."""
    given = _arguments(call)
    decay, rate = (_number(given.get(name), module) for name in ("weight_decay", "learning_rate"))
    reached = module.edit.reach(_KERAS, call)
    if decay is None or not rate or given.keys() - _SAME or reached is None or "#" in module.tree.code(call):
        return None
    rest = [f"{name}={module.tree.code(arg.value)}" for name, arg in given.items() if name not in ("weight_decay", "learning_rate")]
    numbers = [f"learning_rate={module.tree.code(given['learning_rate'].value)}", f"weight_decay={_written(decay / rate)}"]
    spelled, imports = reached
    change = module.edit.replace(call, f"{spelled}({', '.join([*numbers, *rest])})")
    unsafe = "as long as nothing changes the rate, and what restores its checkpoints must change too"
    return Remedy("use that of Keras, with weight_decay / learning_rate", (change, *imports), instead=Construct(_KERAS), unsafe=unsafe)


def _arguments(call: cst.Call) -> dict[str, cst.Arg]:
    """Return the arguments by name; those that have none, or spread others, as `?`."""
    named: dict[str, cst.Arg] = {}
    for index, arg in enumerate(call.args):
        positional = _POSITIONS[index] if arg.keyword is None and not arg.star and index < len(_POSITIONS) else "?"
        named[arg.keyword.value if arg.keyword is not None else positional] = arg
    return named


def _number(arg: cst.Arg | None, module: Module) -> Decimal | None:
    """Return a number that is written in the call."""
    if arg is None or not isinstance(arg.value, (cst.Float, cst.Integer)):
        return None
    values = [value.value for value in module.values(arg.value) if isinstance(value, Const)]
    return Decimal(repr(values[0])) if len(values) == 1 else None


def _written(number: Decimal) -> str:
    """Return the shortest way to write a number that is the same float."""
    return repr(float(number))
