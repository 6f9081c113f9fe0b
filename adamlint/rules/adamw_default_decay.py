"""`AdamW` without `weight_decay` decays the weights all the same: by 0.004 of the rate in each step.

The default of `weight_decay` is 0.004 in every release that has AdamW (TF 2.12 and later, Keras 3), where `Adam` has none. It takes
`learning_rate * weight_decay` of every weight, biases included. In a model with an L2 regularizer that comes on top of it.

Bad:
    import tensorflow as tf
    opt = tf.keras.optimizers.AdamW(learning_rate=0.001)

Good:
    import tensorflow as tf
    opt = tf.keras.optimizers.AdamW(learning_rate=0.001, weight_decay=0.004)
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Argument, Outcome
from adamlint.atlas.measured import default_value
from adamlint.findings import Effect
from adamlint.program.module import Module
from adamlint.rule import Problem, Remedy, Rule

RULE = Rule("ADM502", "adamw-default-decay")


@RULE.on(cst.Call)
def check(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report a construction of AdamW that no argument can give a weight decay."""
    classes = module.optimizer_classes(call)
    if not classes or any(cls.name != "AdamW" for cls in classes) or module.names(call.func) == ("functools.partial",):
        return
    given = {keyword.name for keyword in module.arguments.keywords(call)}
    if "weight_decay" in given or module.arguments.get(call, "weight_decay", 1) is not None or module.arguments.has_unknown_spread(call):
        return
    default = default_value(classes[0].path, "weight_decay")
    if default is None:
        return
    penalty = _penalty(call, module)
    effect = Effect.IMPLICIT if penalty is None else Effect.DIFFERS
    change = module.edit.add_keyword(call, f"weight_decay={default}")
    yield Problem(
        call,
        f"`AdamW` decays by its default of {default}" + ("" if penalty is None else ", besides the L2 of the model"),
        tuple(Argument(cls.path, "weight_decay") for cls in classes),
        effects={Outcome.OK: effect, Outcome.WARNS: effect},
        see=penalty,
        remedy=Remedy(f"write `weight_decay={default}`", (change,), safe="the default, written out"),
    )


@RULE.on(cst.Call)
def check_elsewhere(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report an AdamW of another file of the project, made without weight decay, for a model with L2."""
    _, given = module.given_optimizer(call)
    for cls, there in module.made_elsewhere(given) if given is not None and isinstance(call.func, cst.Attribute) else ():
        penalties = module.models.penalties(call.func.value) if there.decay == "default" and isinstance(call.func, cst.Attribute) else []
        if given is not None and penalties:
            yield Problem(
                given,
                f"`AdamW` ({there.place}) decays by its default, besides the L2 of the model",
                (Argument(cls.path, "weight_decay"),),
                effects={Outcome.OK: Effect.DIFFERS, Outcome.WARNS: Effect.DIFFERS},
                see=penalties[0],
            )


def _penalty(made: cst.Call, module: Module) -> cst.CSTNode | str | None:
    """Return an L2 penalty in a model that is compiled with the optimizer of this construction."""
    for call in module.trainings.calls("compile"):
        _, given = module.given_optimizer(call)
        if given is not None and any(built is made for _, built in module.constructed(given)) and isinstance(call.func, cst.Attribute):
            penalties = module.models.penalties(call.func.value)
            if penalties:
                return penalties[0]
    return None
