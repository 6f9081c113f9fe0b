"""`use_ema=True` in a loop of one's own that never writes the average into the weights: the average is kept and not used.

`Model.fit` calls `optimizer.finalize_variable_values(…)` when it is done, or lets `SwapEMAWeights` exchange them (Keras 3). A loop
around `apply_gradients` has to do it itself; else the weights are those of the last step, as without `use_ema` (measured).

Bad:
    import tensorflow as tf
    opt = tf.keras.optimizers.Adam(learning_rate=0.01, use_ema=True)
    for gradients in batches:
        opt.apply_gradients(zip(gradients, variables))

Good:
    import tensorflow as tf
    opt = tf.keras.optimizers.Adam(learning_rate=0.01, use_ema=True)
    for gradients in batches:
        opt.apply_gradients(zip(gradients, variables))
    opt.finalize_variable_values(variables)
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Argument, Outcome
from adamlint.findings import Effect
from adamlint.program.module import Module
from adamlint.rule import Problem, Rule
from adamlint.values.value import Const

RULE = Rule("ADM503", "ema-not-applied")

_APPLIES = frozenset({
    "finalize_variable_values", "SwapEMAWeights", "_overwrite_model_variables_with_average_value", "_model_variables_moving_average",
})  # fmt: skip


@RULE.on(cst.Call)
def check(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report `use_ema=True` of an optimizer that `apply_gradients` is called on, and nothing else that could use the average."""
    classes = module.optimizer_classes(call)
    keywords = {keyword.name: keyword for keyword in module.arguments.keywords(call)} if classes else {}
    used = keywords.get("use_ema")
    if used is None or not _is_true(used.value, module):
        return
    if "ema_overwrite_frequency" in keywords or module.arguments.has_unknown_spread(call):
        return
    if any(cls.name in ("RMSprop", "*") for cls in classes):
        return  # RMSprop overwrites the weights every 100 steps by default, on TF 2.11 to 2.15 (its signature)
    if not _only_applied(call, module) or any(name.value in _APPLIES for name in module.tree.nodes(cst.Name)):
        return
    subjects = tuple(Argument(cls.path, "use_ema") for cls in classes)
    message = "`use_ema` has no effect on the weights: nothing calls `finalize_variable_values`"
    yield Problem(used.node, message, subjects, effects={Outcome.OK: Effect.DIFFERS, Outcome.WARNS: Effect.DIFFERS}, at=call)


def _is_true(node: cst.BaseExpression, module: Module) -> bool:
    return all(isinstance(value, Const) and value.value is True for value in module.values(node))


def _only_applied(made: cst.Call, module: Module) -> bool:
    """Tell whether all that is done with the optimizer of this construction is to apply gradients."""
    loops = [call.func.value for call in module.trainings.calls("apply_gradients") if isinstance(call.func, cst.Attribute)]
    applied = any(built is made for loop in loops for _, built in module.constructed(loop))
    handed = [arg.value for call in module.tree.nodes(cst.Call) for arg in call.args]
    return applied and not any(built is made for arg in handed for _, built in module.constructed(arg))
