"""`TF_USE_LEGACY_KERAS` is set where no targeted release reads it: TensorFlow does so from 2.15 on.

Up to TF 2.14 `tf.keras` is Keras 2, whatever the variable says (measured); who sets it there expects an effect that it does not have.

Bad:
    import os
    import tensorflow as tf
    if tf.__version__ < "2.15":
        os.environ["TF_USE_LEGACY_KERAS"] = "1"

Good:
    import tensorflow as tf
    optimizer = tf.keras.optimizers.legacy.Adam(learning_rate=0.001)
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Variable
from adamlint.program.environment import VARIABLE, wants_on
from adamlint.program.module import Module
from adamlint.rule import Problem, Rule
from adamlint.values.value import Const

RULE = Rule("ADM403", "env-no-effect")


@RULE.on(cst.Module)
def check(_: cst.Module, module: Module) -> Iterator[Problem]:
    """Report each place that may switch the variable on."""
    for write in module.environment.writes():
        constants = [value for value in module.values(write.value) if isinstance(value, Const)]
        if any(wants_on(constant.value) for constant in constants):
            yield Problem(write.node, f"`{VARIABLE}` is not read", (Variable("on"),), wholly=True)
