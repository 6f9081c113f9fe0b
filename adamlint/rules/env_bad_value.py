"""`TF_USE_LEGACY_KERAS` is set to a value that is meant as on and is not: only `1`, `True` and `true` are.

TensorFlow 2.15 and later compare the variable with these three strings; `TRUE`, `yes`, `on` or `2` leave Keras 3 on without a word
(measured). A bool or a number is no string: `os.environ` raises TypeError. `0`, `false`, `no`, `off` and "" mean off, and are.

Bad:
    import os
    os.environ["TF_USE_LEGACY_KERAS"] = "yes"
    import tensorflow as tf

Bad:
    import os
    os.environ["TF_USE_LEGACY_KERAS"] = True
    import tensorflow as tf

Good:
    import os
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tensorflow as tf
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Outcome, Variable
from adamlint.findings import Effect
from adamlint.program.environment import VARIABLE, Write, switches_on, wants_on
from adamlint.program.module import Module
from adamlint.rule import Problem, Remedy, Rule
from adamlint.values.value import Const

RULE = Rule("ADM402", "env-bad-value")


@RULE.on(cst.Module)
def check(_: cst.Module, module: Module) -> Iterator[Problem]:
    """Report each constant that the variable may be set to and that does not do what it says."""
    for write in module.environment.writes():
        constants = [v for v in module.values(write.value) if isinstance(v, Const) and v.value is not None]
        for constant in constants if not write.by_putenv else ():
            code, remedy = module.tree.code(constant.node), _right(write, constant, module)
            if not isinstance(constant.value, bytes if write.in_bytes else str):
                message = f"`{VARIABLE}` must be a string, not `{code}`"
                yield Problem(constant.node, message, (Variable("not a string"),), at=write.node, remedy=remedy)
            elif wants_on(constant.value) and not switches_on(constant.value):
                message = f"`{VARIABLE}` stays off with `{code}`; only `1`, `True` and `true` switch it on"
                yield Problem(constant.node, message, (Variable("on"),), {Outcome.OK: Effect.BREAKS}, at=write.node, remedy=remedy)


def _right(write: Write, constant: Const, module: Module) -> Remedy | None:
    """Write "1", or "0" for what is false, where the constant stands in the statement; not into a magic of a notebook."""
    if constant.node is not write.value or module.tree.code(write.node).startswith("__import__"):
        return None
    code = module.tree.code(constant.node)
    quote = "'" if "'" in code else '"'
    text = f"{'b' if write.in_bytes else ''}{quote}{int(wants_on(constant.value))}{quote}"
    return Remedy(f"write `{text}`", (module.edit.replace(constant.node, text),), unsafe="it switches the Keras package")
