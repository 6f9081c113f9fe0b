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
from itertools import combinations

import libcst as cst

from adamlint.atlas import Member, Outcome, Shared, Subject
from adamlint.findings import Effect
from adamlint.module import Module
from adamlint.rule import FAILS, Problem, Rule
from adamlint.sequence import exclusive, is_chosen, is_in, loops
from adamlint.training import Training
from adamlint.values import Result

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
            first = next((one for one in group if one is not training and _clash(one, training, module)), None)
            if first is not None:
                later, earlier = sorted((training, first), key=lambda one: -module.tree.order(one.call))
                yield from _problem(later, "one optimizer trains this and other variables", earlier, module)
            elif _repeats(training, module):
                yield from _problem(training, "one optimizer trains one model after another", None, module)


def _problem(training: Training, message: str, first: Training | None, module: Module) -> Iterator[Problem]:
    what = "two models" if training.at is not training.call else "two var lists"
    thawed = first is not None and first.trained == training.trained
    frozen = first is not None and not thawed and module.trainings.is_switched(first.trained | training.trained)
    what = "same instance after unfreezing layers" if thawed else what
    subjects = [_subject(path, what, frozen) for path in module.member_paths(training.node)]
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


def _clash(first: Training, second: Training, module: Module) -> bool:
    """Tell whether the second training surely runs after the first one, with weights that the first has not."""
    trainings, new, order, flow = module.trainings, second.trained - first.trained, module.tree.order, module.flow
    if not new and order(first.at) < order(second.call):
        return trainings.thaws(first, second) and not _instead(first, second, module)
    if not any(trainings.brings(each, first.trained) for each in new) or _instead(first, second, module):
        return False
    if flow.scopes.of(first.at) is flow.scopes.of(second.at) and first.at is not second.at:
        return order(first.at) < order(second.at)
    before = order(first.call) < order(second.call)
    return before and any(trainings.brings(each, second.trained) for each in first.trained - second.trained)


def _instead(first: Training, second: Training, module: Module) -> bool:
    """Tell whether perhaps only one of two trainings runs, or each with an instance of its own."""
    if any(exclusive(one, other, module.flow) for one, other in ((first.call, second.call), (first.at, second.at))):
        return True
    functions = [module.tree.enclosing(training.at, cst.FunctionDef) for training in (first, second)]
    return functions[0] is not functions[1] and all(f is not None and f.name.value.startswith("test") for f in functions)


# Loops --------------------------------------------------------------------------------------------


def _repeats(training: Training, module: Module) -> bool:
    """Tell whether a loop, or several calls, run a training again, each time with new weights and the same optimizer."""
    function = module.tree.enclosing(training.call, cst.FunctionDef)
    if _in_loop(training, module):
        return True
    if function is None or is_in(training.optimizer, function, module.flow) or is_chosen(training.call, function, module.flow):
        return False
    calls = [call for call in module.calls_of(function) if _is_fit(call, training, function, module)]
    twice = any(not exclusive(one, other, module.flow) for one, other in combinations(calls, 2))
    if _makes(training, function, module):
        return twice or any(next(loops(call, training.optimizer, module.flow), None) for call in calls)
    return twice and _is_handed_several(training, module)


def _in_loop(training: Training, module: Module) -> bool:
    around = loops(training.call, training.optimizer, module.flow)
    return any(_makes(training, loop, module) and is_in(training.at, loop, module.flow) for loop in around)


def _makes(training: Training, place: cst.CSTNode, module: Module) -> bool:
    """Tell whether what is trained gets new weights whenever ``place`` runs."""
    trainings = module.trainings
    parts = {part for origin in training.trained for part in module.models.made_of(origin)}
    return any(trainings.makes_weights(part) and is_in(part, place, module.flow) for part in parts)


def _is_handed_several(training: Training, module: Module) -> bool:
    """Tell whether the model is a parameter, for which the calls of the function give models that share no weights."""
    if not any(isinstance(origin, cst.Param) for origin in training.trained) or not isinstance(training.call.func, cst.Attribute):
        return False
    given = [value.call for value in module.values(training.call.func.value) if isinstance(value, Result)]
    made = [call for call in given if call is not None]
    brings = module.trainings.brings
    pairs = [(frozenset({one}), one, other) for one, other in combinations(made, 2)]
    return any(brings(other, known) and brings(one, frozenset({other})) for known, one, other in pairs)


def _is_fit(call: cst.Call, training: Training, function: cst.FunctionDef, module: Module) -> bool:
    """Tell whether the model that a call of the function gives is trained: there, or with what it returns."""
    if is_in(training.at, function, module.flow):
        return True
    fits = [fit for name in ("fit", "fit_generator", "train_on_batch") for fit in module.trainings.calls(name)]
    return any(isinstance(fit.func, cst.Attribute) and module.origin(fit.func.value) is call for fit in fits)
