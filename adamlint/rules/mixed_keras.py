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

import re
from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Member, Outcome, Trained
from adamlint.environment import VARIABLE
from adamlint.kinds import OptimizerClass
from adamlint.module import Module
from adamlint.names import in_keras
from adamlint.rule import Problem, Rule
from adamlint.values import Const, Ref, Result

RULE = Rule("ADM113", "mixed-keras")

_ONE = {"tensorflow.compat.v1.keras": "tensorflow.keras", "tensorflow.keras": "tensorflow.keras", "keras": "keras", "tf_keras": "tf_keras"}
# Modules of libraries that hold one Keras or another, as the release has it (their sources; names.py knows what they mostly are).
_RE_EXPORTS = re.compile(r"gpflow\.keras|keras_(cv|nlp|hub|tuner)\.(src\.)?backend|core\.keras\.compat|python\.internal import tf_keras")
_SETTERS = ("callbacks.ReduceLROnPlateau", "callbacks.LearningRateScheduler")
_SAYS = {Outcome.RAISES: "fails"}


@RULE.on(cst.Call)
def check_model(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report an optimizer object that `compile` gives to a model of another package."""
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value != "compile":
        return
    package, (_, given) = _package(call.func.value, module), module.given_optimizer(call)
    made = list(_made(given, module)) if package is not None and given is not None else []
    if given is None or package is None or not made or len(made) < len(module.values(given)) or len({cls.package for cls, _ in made}) > 1:
        return  # what was chosen by a release goes with the model that was
    for cls, built in made:
        subject = Trained(package, _adam(cls, module))
        if not subject.path.startswith(f"{package}.") and _are_certain((_written(call.func.value, module), cls.package), module):
            message = f"`{cls.name}` of {_spoken(cls.package)} is given to a model of {_spoken(_written(call.func.value, module))}"
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
        subject = Trained(_actual(home, module), _adam(classes[0], module))
        if not subject.path.startswith(f"{subject.package}.") and _are_certain((home, classes[0].package), module):
            message = f"a schedule of {_spoken(home)} is given to `{classes[0].name}` of {_spoken(classes[0].package)}"
            yield Problem(rate, message, (subject,), says=_SAYS)


@RULE.on(cst.Call)
def check_callbacks(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report a callback of tf_keras that sets the rate, given to `fit` of a model of another package."""
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value not in ("fit", "fit_generator"):
        return
    given, package = module.arguments.get(call, "callbacks"), _package(call.func.value, module)
    for node in module.items(given.value) if given is not None and package not in (None, "tf_keras") else ():
        if _of(node, _SETTERS, module) == "tf_keras" and _are_certain((_written(call.func.value, module),), module):
            subject = Member(f"{package}.optimizers.Adam", "lr", "get")  # which it reads
            model = _spoken(_written(call.func.value, module))
            yield Problem(node, f"a callback of tf_keras sets the rate of a model of {model}", (subject,))


def _package(model: cst.BaseExpression, module: Module) -> str | None:
    """Return the package of a model, as it is when the program runs, if it is the same in every alternative."""
    written = _written(model, module)
    return _actual(written, module) if written in _ONE else None


def _written(model: cst.BaseExpression, module: Module) -> str:
    found = {module.kinds.model(value) for value in module.values(model) if not (isinstance(value, Const) and value.value is None)}
    return (found.pop() or "") if len(found) == 1 else ""


def _are_certain(packages: tuple[str, ...], module: Module) -> bool:
    """Tell whether it is known what packages are when the program runs.

    A library's re-export is what its release makes of it, and tf.keras is what the variable says: if perhaps it is set, nobody knows.
    Asked last, since it follows all that the file imports.
    """
    if _RE_EXPORTS.search(module.tree.text):
        return False
    environment = module.environment
    if all(_ONE.get(package) != "tensorflow.keras" for package in packages) or environment.chooses_tf_keras():
        return True
    if VARIABLE in module.tree.text:
        return False
    events = (environment.before(), *(environment.event(line) for line in environment.imports))
    return all(event is None or event.loads for event in events)


def _actual(package: str, module: Module) -> str:
    """Return tf_keras for tf.keras where the program switches the variable on, else the package under one name."""
    known = _ONE.get(package, package)
    return "tf_keras" if known == "tensorflow.keras" and module.environment.chooses_tf_keras() else known


def _adam(cls: OptimizerClass, module: Module) -> str:
    """Return the Adam of the package that a class is of: what was measured for it, is measured for all."""
    if cls.package == "tensorflow.python.keras":
        return "tensorflow.python.keras.optimizer_v2.adam.Adam"
    legacy = "legacy." if ".legacy." in cls.path else ""
    return f"{_actual(cls.package, module)}.optimizers.{legacy}Adam"


def _of(node: cst.BaseExpression, names: str | tuple[str, ...], module: Module) -> str | None:
    """Return the package of which something is that was made by one of these, in every alternative."""
    made = [value.callee if isinstance(value, Result) else value for value in module.values(node)]
    found = {split if isinstance(value, Ref) and (split := in_keras(value.name)) else ("", "") for value in made}
    packages = {package for package, rest in found if rest.startswith(names)}
    return packages.pop() if len(packages) == 1 and all(rest.startswith(names) for _, rest in found) else None


def _spoken(package: str) -> str:
    return {"tensorflow.keras": "tf.keras", "tensorflow.compat.v1.keras": "tf.compat.v1.keras"}.get(package, package)
