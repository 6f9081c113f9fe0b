"""Adam is built without a learning rate: it trains at a default that the code does not show.

The default of Adam, AdamW, Nadam and Adamax is a constant 0.001 in OptimizerV2, Keras 2 and Keras 3 alike (measured), so nothing
breaks; written out, the rate can be seen, searched for and changed.

Bad:
    from tensorflow.keras.optimizers import Adam
    opt = Adam(beta_1=0.8)

Good:
    from tensorflow.keras.optimizers import Adam
    opt = Adam(beta_1=0.8, learning_rate=0.001)
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Construct, Outcome
from adamlint.findings import Effect
from adamlint.kinds import ADAMS
from adamlint.module import Module
from adamlint.rule import Problem, Remedy, Rule

RULE = Rule("ADM102", "implicit-learning-rate")


@RULE.on(cst.Call)
def check(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report a direct construction of Adam or its kin that no argument can give a rate."""
    classes = module.optimizer_classes(call)
    if not classes or any(cls.name not in ADAMS for cls in classes) or module.names(call.func) == ("functools.partial",):
        return
    if any(not arg.star and arg.keyword is None for arg in call.args) or module.has_unknown_spread(call):
        return
    if {"learning_rate", "lr"} & {keyword.name for keyword in module.keywords(call)}:
        return
    rate = module.default_rate(classes[0].path)
    title = f"write `learning_rate={rate}`"
    yield Problem(
        call,
        f"`{classes[0].name}` without a learning rate",
        tuple(Construct(cls.path) for cls in classes),
        effects={Outcome.OK: Effect.IMPLICIT, Outcome.WARNS: Effect.IMPLICIT},
        remedy=Remedy(title, (module.edit.add_keyword(call, f"learning_rate={rate}"),)) if rate else None,
    )
