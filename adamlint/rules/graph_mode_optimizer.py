"""An optimizer object in a program that turns eager execution off: TF 2.11 to 2.15 trains the string there, but not the object.

After `disable_eager_execution()` or `disable_v2_behavior()`, Keras of TF 2.11 to 2.15 trains by `get_updates`, which only the
legacy classes have: `fit` after `compile(Adam())` raises `AttributeError: 'Adam' object has no attribute 'get_updates'` (on Apple
silicon with TF 2.12 and 2.13: NotImplementedError), while `compile("adam")` gives the legacy class and works. In Keras 3 (TF 2.16
and later) `fit` works with no optimizer there: that is another matter, and not reported.

Bad:
    import tensorflow as tf
    tf.compat.v1.disable_eager_execution()
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss="mse")

Good:
    import tensorflow as tf
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss="mse")
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Argument, Cell, Construct, Fact, Outcome, Trained
from adamlint.atlas.measured import outcomes
from adamlint.findings import Effect
from adamlint.program.module import Module
from adamlint.rule import Problem, Remedy, Rule
from adamlint.values.kinds import ADAMS, OptimizerClass

RULE = Rule("ADM106", "graph-mode-optimizer")

_EVERY_OPTIMIZER = "RuntimeError"  # what Keras 3 raises, whatever the optimizer
_SAME_POSITIONS = 5  # learning_rate, beta_1, beta_2, epsilon, amsgrad


@RULE.on(cst.Call)
def check(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report the construction of what `compile` of a Keras model is given; the engine knows whether eager execution is off."""
    package, given = module.given_optimizer(call)
    if package is None or given is None or not isinstance(call.func, cst.Attribute) or call.func.attr.value != "compile":
        return
    for cls, made in module.constructed(given):
        if cls.package == package and cls.name in ADAMS and not cls.legacy:
            yield Problem(
                made,
                f"an `{cls.name}` object does not train without eager execution",
                (Trained(package, cls.path),),
                effects={Outcome.RAISES: Effect.BREAKS},
                at=call,
                where=_is_of_graph_mode,
                remedy=_legacy(cls, made, module),
            )


def _is_of_graph_mode(cell: Cell, fact: Fact) -> bool:
    """Tell what fails there alone: AdamW does not train on Apple silicon of 2.12 and 2.13 either, which is the business of `compile`."""
    return cell.mode == "graph" and fact.error != _EVERY_OPTIMIZER


def _legacy(cls: OptimizerClass, made: cst.Call, module: Module) -> Remedy | None:
    path = f"{cls.package}.optimizers.legacy.{cls.name}"
    reached = module.edit.reach(path, made)
    given = [keyword.name for keyword in module.arguments.keywords(made)]
    known = all(Outcome.OK in outcomes(Argument(path, name)) for name in given)
    positional = [arg for arg in made.args if arg.keyword is None]
    if reached is None or not known or module.arguments.has_unknown_spread(made) or len(positional) > _SAME_POSITIONS:
        return None
    spelled, imports = reached
    return Remedy("use the legacy class", (module.edit.replace(made.func, spelled), *imports), instead=Construct(path))
