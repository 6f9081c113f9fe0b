"""Parts of two Keras packages meet that do not work together: `Could not interpret optimizer identifier`, or the like.

tf_keras, `tensorflow.python.keras` and Keras proper are separate packages: an optimizer, schedule or callback of the one is nothing to
a model or optimizer of the other (measured on TF 2.10 to 2.21). `keras` and `tf.keras` work together, unless TF_USE_LEGACY_KERAS is
set: then `tf.keras` is tf_keras from TF 2.15 on. A string as the optimizer is looked up in the package of the model.

Bad:
    import tensorflow as tf
    import tf_keras
    model = tf_keras.Sequential([tf_keras.layers.Dense(1)])
    model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=0.01), loss="mse")

Bad:
    import os
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import keras
    import tensorflow as tf
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.01), loss="mse")

Good:
    import keras
    import tensorflow as tf
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.01), loss="mse")
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Member, Outcome, Trained
from adamlint.idioms.packages import actual, are_certain, running_package, spoken, written_package
from adamlint.names.canonical import in_keras
from adamlint.program.module import Module
from adamlint.rule import Problem, Rule
from adamlint.values.kinds import OptimizerClass
from adamlint.values.value import Ref, Result

RULE = Rule("ADM113", "mixed-keras")

_SETTERS = ("callbacks.ReduceLROnPlateau", "callbacks.LearningRateScheduler")
_SAYS = {Outcome.RAISES: "fails"}


@RULE.on(cst.Call)
def check_model(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report an optimizer object that `compile` gives to a model of another package."""
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value != "compile":
        return
    package, (_, given) = running_package(call.func.value, module), module.given_optimizer(call)
    made = list(_made(given, module)) if package is not None and given is not None else []
    if given is None or package is None or not made or len(made) < len(module.values(given)) or len({cls.package for cls, _ in made}) > 1:
        return  # what was chosen by a release goes with the model that was
    for cls, built in made:
        subject = Trained(package, _adam(cls, module))
        if not subject.path.startswith(f"{package}.") and are_certain((written_package(call.func.value, module), cls.package), module):
            message = f"`{cls.name}` of {spoken(cls.package)} is given to a model of {spoken(written_package(call.func.value, module))}"
            yield Problem(built, message, (subject,), at=call)


def _made(given: cst.BaseExpression, module: Module) -> Iterator[tuple[OptimizerClass, cst.BaseExpression]]:
    """Yield what constructs the optimizer, or where one of another file is used."""
    yield from module.constructed(given)
    yield from ((cls, given) for cls, _ in module.made_elsewhere(given))


@RULE.on(cst.Call)
def check_schedule(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report a schedule that is given to an optimizer of another package."""
    classes = module.optimizer_classes(call)
    rate = module.arguments.first(call, "learning_rate") if len({cls.package for cls in classes}) == 1 else None
    home = _of(rate.value, "optimizers.schedules.", module) if rate is not None else None
    if rate is not None and home is not None:
        subject = Trained(actual(home, module), _adam(classes[0], module))
        if not subject.path.startswith(f"{subject.package}.") and are_certain((home, classes[0].package), module):
            message = f"a schedule of {spoken(home)} is given to `{classes[0].name}` of {spoken(classes[0].package)}"
            yield Problem(rate, message, (subject,), says=_SAYS)


@RULE.on(cst.Call)
def check_callbacks(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report a callback of tf_keras that sets the rate, given to `fit` of a model of another package."""
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value not in ("fit", "fit_generator"):
        return
    given, package = module.arguments.get(call, "callbacks"), running_package(call.func.value, module)
    for node in module.items(given.value) if given is not None and package not in (None, "tf_keras") else ():
        if _of(node, _SETTERS, module) == "tf_keras" and are_certain((written_package(call.func.value, module),), module):
            subject = Member(f"{package}.optimizers.Adam", "lr", "get")  # which it reads
            model = spoken(written_package(call.func.value, module))
            yield Problem(node, f"a callback of tf_keras sets the rate of a model of {model}", (subject,))


def _adam(cls: OptimizerClass, module: Module) -> str:
    """Return the Adam of the package that a class is of: what was measured for it, is measured for all."""
    if cls.package == "tensorflow.python.keras":
        return "tensorflow.python.keras.optimizer_v2.adam.Adam"
    legacy = "legacy." if ".legacy." in cls.path else ""
    return f"{actual(cls.package, module)}.optimizers.{legacy}Adam"


def _of(node: cst.BaseExpression, names: str | tuple[str, ...], module: Module) -> str | None:
    """Return the package of which something is that was made by one of these, in every alternative."""
    made = [value.callee if isinstance(value, Result) else value for value in module.values(node)]
    found = {split if isinstance(value, Ref) and (split := in_keras(value.name)) else ("", "") for value in made}
    packages = {package for package, rest in found if rest.startswith(names)}
    return packages.pop() if len(packages) == 1 and all(rest.startswith(names) for _, rest in found) else None
