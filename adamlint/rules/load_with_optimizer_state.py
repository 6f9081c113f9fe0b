"""Training goes on with an optimizer that was restored from a file: one of another generation fails, or its state is lost.

`load_model` and `tf.train.Checkpoint` restore the optimizer with its state. A checkpoint of a legacy optimizer raises ValueError in the
classes of TF 2.11 to 2.15, and in Keras 3 its slots are left out without a word (measured); an old config may hold `decay` or `lr`. Which
generation wrote the file cannot be seen from the code: this rule reports nothing unless it is selected. Load with `compile=False` and
compile again, or leave the optimizer out of the checkpoint, where its state is not worth keeping.

Bad:
    import tensorflow as tf
    model = tf.keras.models.load_model("model.h5")
    model.fit(x, y)

Good:
    import tensorflow as tf
    model = tf.keras.models.load_model("model.h5", compile=False)
    model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=0.001), loss="mse")
    model.fit(x, y)

Good:
    import tensorflow as tf
    model = tf.keras.models.load_model("model.h5")
    model.predict(x)
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Member, Outcome, Subject
from adamlint.findings import Effect
from adamlint.idioms.owners import member_paths
from adamlint.names.canonical import in_keras
from adamlint.program.module import Module
from adamlint.rule import Problem, Rule
from adamlint.values.value import Const, Result

RULE = Rule("ADM701", "load-with-optimizer-state")

_FITS = ("fit", "fit_generator", "train_on_batch")
_CHECKPOINTS = ("tensorflow.train.Checkpoint", "tensorflow.compat.v1.train.Checkpoint")
_RESTORES = ("restore", "read", "restore_or_initialize")


@RULE.on(cst.Call)
def check_model(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report a `load_model` whose model is trained before anything compiles it."""
    packages = [split[0] for name in module.names(call.func) if (split := in_keras(name)) and split[1].endswith(".load_model")]
    compiled = module.arguments.get(call, "compile", 2)
    if not packages or len(packages) < len(module.values(call.func)) or module.arguments.has_unknown_spread(call):
        return
    if compiled is not None and not _is_true(compiled.value, module):
        return
    order = module.tree.order
    fits = [fit for name in _FITS for fit in module.trainings.calls(name) if _is_of(fit, call, module)]
    again = [other for other in module.trainings.calls("compile") if _is_of(other, call, module)]
    if any(all(not order(call) < order(other) < order(fit) for other in again) for fit in fits):
        message = "the optimizer of the file trains on: one of another generation fails, or loses its state"
        yield _problem(call, message, (f"{packages[0]}.optimizers.Adam",))


@RULE.on(cst.Call)
def check_elsewhere(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report a model that another file of the project loads, where it is trained before anything compiles it."""
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value not in _FITS:
        return
    loaded, package = module.origin(call.func.value), module.model_package(call.func.value)
    there = [v.elsewhere for v in module.values(call.func.value) if isinstance(v, Result) and v.elsewhere and v.elsewhere.restored]
    compiles = [other for other in module.trainings.calls("compile") if module.tree.order(other) < module.tree.order(call)]
    again = any(isinstance(other.func, cst.Attribute) and module.origin(other.func.value) in (loaded, None) for other in compiles)
    if there and loaded is not None and package is not None and not again:
        message = "the optimizer of the file trains on: one of another generation fails, or loses its state"
        yield _problem(loaded, message, (f"{package}.optimizers.Adam",), there[0].place)


@RULE.on(cst.Call)
def check_checkpoint(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report an optimizer in a checkpoint that is restored."""
    if not set(module.names(call.func)) & set(_CHECKPOINTS) or not _is_restored(call, module):
        return
    for keyword in module.arguments.keywords(call):
        paths = member_paths(keyword.value, module)
        if paths:
            yield _problem(keyword.node, "the checkpoint may hold the state of an optimizer of another generation", paths)


def _problem(node: cst.CSTNode, message: str, paths: tuple[str, ...], see: str | None = None) -> Problem:
    """There are generations from the release on that brought `build`."""
    subjects: tuple[Subject, ...] = tuple(Member(path, "build", "get") for path in paths)
    return Problem(node, message, subjects, effects={Outcome.OK: Effect.DIFFERS}, see=see)


def _is_of(method: cst.Call, made: cst.Call, module: Module) -> bool:
    """Tell whether a method is called on what a call gives."""
    owner = method.func.value if isinstance(method.func, cst.Attribute) else method
    return any(isinstance(value, Result) and value.call is made for value in module.values(owner))


def _is_restored(made: cst.Call, module: Module) -> bool:
    managers = [call for call in module.tree.nodes(cst.Call) if any(name.endswith("CheckpointManager") for name in module.names(call.func))]
    managing = [m for m in managers if m.args and any(isinstance(v, Result) and v.call is made for v in module.values(m.args[0].value))]
    return any(_is_of(call, owner, module) for name in _RESTORES for call in module.trainings.calls(name) for owner in (made, *managing))


def _is_true(node: cst.BaseExpression, module: Module) -> bool:
    return all(isinstance(value, Const) and value.value is True for value in module.values(node))
