"""A schedule is the learning rate, and something else sets the rate: Keras 3 raises TypeError, TF 2.11 to 2.15 does not heed it.

An optimizer that was built with a `LearningRateSchedule` computes its rate anew in each step. `ReduceLROnPlateau`,
`LearningRateScheduler`, `opt.learning_rate.assign(…)` and `K.set_value(opt.learning_rate, …)` set a copy of it that the next step
overwrites, from TF 2.11 to 2.15 and in tf_keras; TF 2.10 and earlier and Keras 3 raise (`hence its learning rate is not settable`).
`opt.learning_rate = 0.1` replaces the schedule up to TF 2.10 and raises from 2.11 on. The other way round, a schedule that is
assigned to the rate of an optimizer built with a float, raises AttributeError on 2.11 to 2.15. Use one of the two.

Bad:
    import tensorflow as tf
    rate = tf.keras.optimizers.schedules.ExponentialDecay(0.1, 1000, 0.9)
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(optimizer=tf.keras.optimizers.Adam(rate), loss="mse")
    model.fit(x, y, callbacks=[tf.keras.callbacks.ReduceLROnPlateau()])

Bad:
    import tensorflow as tf
    opt = tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.ExponentialDecay(0.1, 1000, 0.9))
    opt.learning_rate = 0.01

Good:
    import tensorflow as tf
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(optimizer=tf.keras.optimizers.Adam(0.1), loss="mse")
    model.fit(x, y, callbacks=[tf.keras.callbacks.ReduceLROnPlateau()])
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Member, Outcome
from adamlint.findings import Effect
from adamlint.idioms import backend
from adamlint.idioms.owners import member_paths
from adamlint.idioms.schedules import built_with_schedule, compiled_with_schedule, is_schedule
from adamlint.program.module import Module
from adamlint.rule import Problem, Rule
from adamlint.values.kinds import made_by
from adamlint.values.value import Result

RULE = Rule("ADM305", "schedule-and-setter")

_CALLBACKS = ("callbacks.ReduceLROnPlateau", "callbacks.LearningRateScheduler")
_RATES = ("learning_rate", "lr")


@RULE.on(cst.Call)
def check_callbacks(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report a callback that sets the rate, given to `fit` of a model that is compiled with a schedule."""
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value not in ("fit", "fit_generator"):
        return
    given = module.arguments.get(call, "callbacks")
    found = [value for node in module.items(given.value) for value in module.values(node)] if given is not None else []
    setters = [v for v in found if isinstance(v, Result) and v.call is not None and made_by(v) in _CALLBACKS]
    made = compiled_with_schedule(module.values(call.func.value), module) if setters else None
    for setter in setters if made is not None else ():
        message = f"`{made_by(setter).rpartition('.')[2]}` cannot set the rate of an optimizer that was built with a schedule"
        yield Problem(setter.call or call, message, always=Effect.BREAKS, at=call, see=made)


@RULE.on(cst.Attribute)
def check_rate(node: cst.Attribute, module: Module) -> Iterator[Problem]:
    """Report what sets the rate of an optimizer that was built with a schedule, and a schedule that is assigned to a rate."""
    how, value = _setting(node, module) if node.attr.value in _RATES else ("", None)
    if not how:
        return
    made = built_with_schedule(node.value, module)
    if made is not None and how == "call":
        message = "this does not set the rate of an optimizer that was built with a schedule"
        yield Problem(node, message, always=Effect.BREAKS, see=made)
    elif made is not None and value is not None and not is_schedule(value, module):
        # from the release on that keeps the rate in `_learning_rate`, a schedule in it is not replaced
        subjects = tuple(Member(path, "_learning_rate") for path in member_paths(node.value, module))
        message = "the rate of an optimizer that was built with a schedule cannot be set"
        yield Problem(node, message, subjects, effects={Outcome.OK: Effect.BREAKS}, see=made)
    elif value is not None and is_schedule(value, module):
        subjects = tuple(Member(path, "learning_rate", "set schedule") for path in member_paths(node.value, module))
        yield Problem(node, "a schedule is assigned to the rate", subjects)


def _setting(node: cst.Attribute, module: Module) -> tuple[str, cst.BaseExpression | None]:
    """Return how a rate is set: "set" with the value, "call" for `assign` or `K.set_value`; "" where it is not."""
    above = module.tree.parent(node)
    if isinstance(above, cst.AssignTarget):
        statement = module.tree.parent(above)
        return "set", statement.value if isinstance(statement, cst.Assign) else None
    if isinstance(above, cst.Attribute) and above.attr.value == "assign" and module.called(above) is not None:
        return "call", None
    handed = backend.handed(node, module)
    return "call" if handed is not None and handed.function == "set_value" else "", None
