"""Which Keras the package of a model is when the program runs: TF_USE_LEGACY_KERAS makes another one of tf.keras."""

from __future__ import annotations

import re

import libcst as cst

from adamlint.program.environment import VARIABLE
from adamlint.program.module import Module
from adamlint.values.value import Const

_ONE = {"tensorflow.compat.v1.keras": "tensorflow.keras", "tensorflow.keras": "tensorflow.keras", "keras": "keras", "tf_keras": "tf_keras"}
# Modules of libraries that hold one Keras or another, as the release has it (their sources; names.py knows what they mostly are).
_RE_EXPORTS = re.compile(r"gpflow\.keras|keras_(cv|nlp|hub|tuner)\.(src\.)?backend|core\.keras\.compat|python\.internal import tf_keras")


def running_package(model: cst.BaseExpression, module: Module) -> str | None:
    """Return the package of a model, as it is when the program runs, if it is the same in every alternative."""
    written = written_package(model, module)
    return actual(written, module) if written in _ONE else None


def written_package(model: cst.BaseExpression, module: Module) -> str:
    """Return the package of a model by the name it is imported by; "" where that is not known, or not one."""
    found = {module.kinds.model(value) for value in module.values(model) if not (isinstance(value, Const) and value.value is None)}
    return (found.pop() or "") if len(found) == 1 else ""


def are_certain(packages: tuple[str, ...], module: Module) -> bool:
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


def actual(package: str, module: Module) -> str:
    """Return tf_keras for tf.keras where the program switches the variable on, else the package under one name."""
    known = _ONE.get(package, package)
    return "tf_keras" if known == "tensorflow.keras" and module.environment.chooses_tf_keras() else known


def spoken(package: str) -> str:
    """Return how a package is called in messages."""
    return {"tensorflow.keras": "tf.keras", "tensorflow.compat.v1.keras": "tf.compat.v1.keras"}.get(package, package)
