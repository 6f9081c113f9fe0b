"""`weight_decay` in the optimizer of a model whose layers have an L2 regularizer: the weights are shrunk twice.

`weight_decay` takes `learning_rate * weight_decay` of every weight at each step, biases and normalization included (measured);
an L2 regularizer adds to the loss, so that its gradient is scaled like any other. Both at once is seldom meant. The classes of
TF 2.11 and later take `weight_decay`, Keras 3 and tf_keras included.

Bad:
    import tensorflow as tf
    model = tf.keras.Sequential([tf.keras.layers.Dense(64, kernel_regularizer=tf.keras.regularizers.l2(1e-4))])
    model.compile(tf.keras.optimizers.AdamW(learning_rate=0.001, weight_decay=0.01), "mse")

Good:
    import tensorflow as tf
    model = tf.keras.Sequential([tf.keras.layers.Dense(64)])
    model.compile(tf.keras.optimizers.AdamW(learning_rate=0.001, weight_decay=0.01), "mse")
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Argument, Outcome
from adamlint.findings import Effect
from adamlint.program.module import Module
from adamlint.rule import Problem, Rule
from adamlint.values.calls import object_of
from adamlint.values.kinds import OptimizerClass

RULE = Rule("ADM501", "double-regularization")


@RULE.on(cst.Call)
def check(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report the weight decay of an optimizer that `compile` gives to a model with L2."""
    model = object_of(call, "compile")
    package, given = module.given_optimizer(call) if model is not None else (None, None)
    if model is None or package is None or given is None:
        return
    for cls, decay, where in (*_decays(given, module), *_decays_elsewhere(given, module)):
        penalties = module.models.penalties(model)
        if not penalties or _excludes(module):
            continue
        name, place = _name(penalties[0], module), where and f" ({where})"
        yield Problem(
            decay,
            f"`weight_decay`{place} besides L2 shrinks the weights twice, and biases too; the model has {name}",
            (Argument(cls.asked, "weight_decay"),),
            effects={Outcome.OK: Effect.DIFFERS, Outcome.WARNS: Effect.DIFFERS},
            see=penalties[0],
        )


def _decays(given: cst.BaseExpression, module: Module) -> Iterator[tuple[OptimizerClass, cst.CSTNode, str]]:
    """Yield the arguments of this file that give the optimizer a weight decay."""
    for cls, made in _constructed(given, module):
        decay = _decay(cls, made, module)
        if decay is not None:
            yield cls, decay, ""


def _decays_elsewhere(given: cst.BaseExpression, module: Module) -> Iterator[tuple[OptimizerClass, cst.CSTNode, str]]:
    """Yield the use of an optimizer to which another file of the project gives a weight decay."""
    for cls, there in module.made_elsewhere(given):
        if there.decay == "given":
            yield cls, given, there.place


def _constructed(given: cst.BaseExpression, module: Module) -> Iterator[tuple[OptimizerClass, cst.Call]]:
    """Yield the constructor calls that `given` may come from, the one inside a LossScaleOptimizer instead of that."""
    for cls, made in module.constructed(given):
        if cls.name == "LossScaleOptimizer" and made.args:
            yield from module.constructed(made.args[0].value)
        else:
            yield cls, made


def _decay(cls: OptimizerClass, made: cst.Call, module: Module) -> cst.CSTNode | None:
    """Return the argument that gives a weight decay other than 0 and None."""
    for keyword in module.arguments.keywords(made):
        if keyword.name == "weight_decay":
            return None if module.models.is_zero(keyword.value) else keyword.node
    second = module.arguments.get(made, "weight_decay", 1) if cls.name == "AdamW" else None
    return second if second is not None and not module.models.is_zero(second.value) else None


def _excludes(module: Module) -> bool:
    """Tell whether the program takes weights out of the decay: which, cannot be told."""
    return any(name.value == "exclude_from_weight_decay" for name in module.tree.nodes(cst.Name))


def _name(penalty: cst.CSTNode | str, module: Module) -> str:
    if isinstance(penalty, cst.Arg) and penalty.keyword is not None:
        return f"a `{penalty.keyword.value}`"
    if isinstance(penalty, cst.DictElement):
        return f"a `{next((text for text, _ in module.strings(penalty.key)), '')}`"
    return "a regularizer"
