"""One optimizer instance trains two models, or two lists of variables: KeyError or ValueError at the first step of the second.

An optimizer of TF 2.11 or later makes its state for the variables that it is first given, and refuses all others: "The optimizer
cannot recognize variable …" up to 2.15, "Unknown variable …" in Keras 3. Up to TF 2.10, and in the legacy classes, each new variable
gets a state of its own. `compile` alone does no harm, nor does the same model compiled again, unless layers were thawed in between. Give
each model an optimizer of its own, or call `optimizer.build(…)` with all variables before the first step.

Bad:
    import tensorflow as tf
    one = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    two = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    opt = tf.keras.optimizers.Adam(learning_rate=0.01)
    one.compile(optimizer=opt, loss="mse")
    one.fit(x, y)
    two.compile(optimizer=opt, loss="mse")
    two.fit(x, y)

Bad:
    import tensorflow as tf
    opt = tf.keras.optimizers.Adam(learning_rate=0.01)
    for units in (16, 32, 64):
        model = tf.keras.Sequential([tf.keras.layers.Dense(units), tf.keras.layers.Dense(1)])
        model.compile(optimizer=opt, loss="mse")
        model.fit(x, y)

Good:
    import tensorflow as tf
    for units in (16, 32, 64):
        model = tf.keras.Sequential([tf.keras.layers.Dense(units), tf.keras.layers.Dense(1)])
        model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=0.01), loss="mse")
        model.fit(x, y)
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Member, Outcome, Shared, Subject
from adamlint.findings import Effect
from adamlint.idioms.owners import member_paths
from adamlint.idioms.retraining import clash, repeats
from adamlint.program.module import Module
from adamlint.program.training import Training
from adamlint.rule import FAILS, Problem, Rule

RULE = Rule("ADM606", "shared-optimizer")

_MEASURED = ("tensorflow.keras", "keras", "tf_keras")


@RULE.on(cst.Module)
def check(_: cst.Module, module: Module) -> Iterator[Problem]:
    """Report the second training of one optimizer, and the one that a loop repeats with a new model each time."""
    groups: dict[cst.CSTNode, list[Training]] = {}
    for training in module.trainings.found:
        groups.setdefault(training.optimizer, []).append(training)
    built = {module.origin(call.func.value) for call in module.trainings.calls("build") if isinstance(call.func, cst.Attribute)}
    for optimizer, group in groups.items():
        if optimizer in built:
            continue
        for training in group:
            first = next((one for one in group if one is not training and clash(one, training, module)), None)
            if first is not None:
                later, earlier = sorted((training, first), key=lambda one: -module.tree.order(one.call))
                yield from _problem(later, "one optimizer trains this and other variables", earlier, module)
            elif repeats(training, module):
                yield from _problem(training, "one optimizer trains one model after another", None, module)


def _problem(training: Training, message: str, first: Training | None, module: Module) -> Iterator[Problem]:
    what = "two models" if training.at is not training.call else "two var lists"
    thawed = first is not None and first.trained == training.trained
    frozen = first is not None and not thawed and module.trainings.is_switched(first.trained | training.trained)
    what = "same instance after unfreezing layers" if thawed else what
    subjects = [_subject(path, what, frozen) for path in member_paths(training.node, module)]
    kept = {Outcome.OK: Effect.BREAKS} if any(isinstance(s, Member) for s in subjects) else FAILS
    if subjects:
        see = first.call if first is not None else training.optimizer
        yield Problem(training.node, message, tuple(subjects), effects=kept, at=training.at, see=see)


def _subject(path: str, how: str, frozen: bool) -> Subject:
    """Ask for what was measured; elsewhere for `build`, which came with the state that is made once.

    A model that is frozen after `compile` is not trained at all in Keras 3, and does not meet the error there.
    """
    if frozen:
        return Member(path, "_build_learning_rate", "get")
    package = next((package for package in _MEASURED if path.startswith(f"{package}.optimizers.")), None)
    if package is not None:
        return Shared(f"{package}.optimizers.{'legacy.' if '.legacy.' in path else ''}Adam", how)
    return Member(path, "build", "get")
