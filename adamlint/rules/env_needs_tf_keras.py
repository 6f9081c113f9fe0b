"""`TF_USE_LEGACY_KERAS` is switched on in a project that does not require tf_keras: `tf.keras` cannot be imported.

From TF 2.15 on the variable turns `tf.keras` into the package tf_keras, which TensorFlow does not install: without it, "Keras cannot be
imported. Check that it is installed." (ImportError, measured on plain 2.15, too). It is reported where the project has metadata, and
tf-keras is not among what it requires.

Bad:
    import os
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tensorflow as tf

Good:
    import os
    if os.environ.get("TF_USE_LEGACY_KERAS") == "1":
        import tf_keras
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Outcome, Variable
from adamlint.findings import Effect
from adamlint.program.environment import VARIABLE, switches_on
from adamlint.program.module import Module
from adamlint.rule import Problem, Rule
from adamlint.values.value import Const

RULE = Rule("ADM404", "env-needs-tf-keras")


@RULE.on(cst.Module)
def check(_: cst.Module, module: Module) -> Iterator[Problem]:
    """Report what switches the variable on, unless it depends on a look for tf_keras; the run drops the rule where tf_keras is required."""
    for write in module.environment.writes():
        constants = [value.value for value in module.values(write.value) if isinstance(value, Const)]
        above = list(module.tree.ancestors(write.node))
        tests = [module.tree.code(a.test) for a in above if isinstance(a, cst.If)]
        tried = [module.tree.code(a.body) for a in above if isinstance(a, cst.Try)]
        asked = any("tf_keras" in code or "tf-keras" in code for code in (*tests, *tried))
        if any(switches_on(constant) for constant in constants) and not write.by_putenv and not asked:
            message = f"`{VARIABLE}` needs tf_keras, which the project does not require"
            yield Problem(write.node, message, (Variable("without tf_keras"),), effects={Outcome.RAISES: Effect.BREAKS})
