"""`decay=` is gone from the optimizers: Keras 2.11 to 2.15 raises ValueError, Keras 3 ignores it and trains at the full rate.

OptimizerV2 (TF 2.10 and earlier, and the legacy classes) divides the rate by `1 + decay * iterations`. From TF 2.11 to 2.15, and in
tf_keras, any `decay`, `0.0` included, raises ValueError. Keras 3 (TF 2.16 and later) warns and **ignores** it. The same schedule is
`InverseTimeDecay(rate, decay_steps=1, decay_rate=decay)` (equal to 4e-7 after 50 steps); a schedule can't be set afterwards, so it
does not go together with `ReduceLROnPlateau` or an assignment to the rate. A `decay` of zero means nothing and can be deleted.

Bad:
    import tensorflow as tf
    opt = tf.keras.optimizers.SGD(learning_rate=0.01, decay=1e-6)

Bad:
    from tensorflow.keras.optimizers import Adam
    opt = Adam(learning_rate=0.01, decay=0.0)

Good:
    import tensorflow as tf
    rate = tf.keras.optimizers.schedules.InverseTimeDecay(0.01, decay_steps=1, decay_rate=1e-6)
    opt = tf.keras.optimizers.SGD(learning_rate=rate)

Good:
    import tensorflow as tf
    opt = tf.keras.optimizers.legacy.SGD(learning_rate=0.01, decay=1e-6)
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Argument, Construct, Import, Outcome
from adamlint.atlas.measured import default_rate
from adamlint.findings import Effect
from adamlint.program.edits import Keyword
from adamlint.program.module import Module
from adamlint.rule import FAILS, Change, Problem, Remedy, Rule
from adamlint.values.kinds import OptimizerClass
from adamlint.values.value import Const

RULE = Rule("ADM302", "decay-argument")


@RULE.on(cst.Call)
def check(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report `decay` given to the constructor of an optimizer that is not of a legacy class."""
    classes = [cls for cls in module.optimizer_classes(call) if not cls.legacy]
    keywords = {keyword.name: keyword for keyword in module.arguments.keywords(call)} if classes else {}
    decay = keywords.get("decay")
    if decay is None:
        return
    value = _zero(decay.value, module)
    yield Problem(
        decay.node,
        "`decay` is no longer an argument of optimizers" + (", and does nothing here" if value else ""),
        tuple(Argument(cls.asked, "decay", value) for cls in classes),
        effects=FAILS if value == "" else {**FAILS, Outcome.IGNORED: Effect.IMPLICIT},
        remedy=_remedy(call, decay, keywords, value, classes, module),
    )


def _zero(node: cst.BaseExpression, module: Module) -> str:
    """Return which measured value that does nothing an expression is: "0", "None", or "" where it may do something."""
    constants = [v.value for v in module.values(node) if isinstance(v, Const)]
    if len(constants) < len(module.values(node)) or any(constant not in (None, 0) for constant in constants):
        return ""
    return "None" if set(constants) == {None} else "0"


def _remedy(
    call: cst.Call, decay: Keyword, keywords: dict[str, Keyword], value: str, classes: list[OptimizerClass], module: Module
) -> Remedy | None:
    if not decay.movable:
        return None
    if value and all(isinstance(v, Const) and v.node is decay.value for v in module.values(decay.value)):  # a name may be set otherwise
        return Remedy("delete it", (module.edit.drop_keyword(decay),), safe="no decay is what it says")
    alike = len({cls.path for cls in classes}) == 1 and decay.node in call.args
    changes = _schedule(call, decay, keywords.get("lr"), classes[0], module) if alike else None
    unsafe = "the rate cannot be set afterwards, and the decay takes effect where it was ignored"
    # `keras.optimizers` has its schedules from 2.13 on: the row of ExponentialDecay, their neighbour, tells.
    instead = Import("keras.optimizers.schedules.ExponentialDecay") if classes[0].package == "keras" else Construct(classes[0].asked)
    if not changes:
        return None
    return Remedy("write the schedule", changes, instead=instead, unsafe=unsafe, fixes_rate=True, everywhere=True)


def _schedule(call: cst.Call, decay: Keyword, lr: Keyword | None, cls: OptimizerClass, module: Module) -> tuple[Change, ...] | None:
    """Wrap the rate where there is one, by its old name too, else put the default in the place of `decay`."""
    reached = module.edit.reach(f"{cls.package}.optimizers.schedules.InverseTimeDecay", call)
    rate = module.arguments.first(call, "learning_rate")
    if lr is not None and rate is None and isinstance(lr.node, cst.Arg) and lr.node in call.args:
        rate = lr.node
    elif lr is not None:
        return None
    hidden = module.arguments.has_unknown_spread(call) or any(k.name == "learning_rate" for k in module.arguments.keywords(call))
    if reached is None or (rate is None and hidden):
        return None
    spelled, imports = reached
    ends = f", decay_steps=1, decay_rate={module.tree.code(decay.value)})"
    if rate is None:
        default = default_rate(cls.asked)
        change = module.edit.replace(decay.node, f"learning_rate={spelled}({default}{ends}")
        return (change, *imports) if default else None
    start, end = module.tree.outer_span(rate.value)
    renamed = (module.edit.replace(lr.label, "learning_rate"),) if lr is not None else ()
    wrapped = (Change(start, start, f"{spelled}("), Change(end, end, ends))
    return (*renamed, *wrapped, module.edit.drop_keyword(decay), *imports)
