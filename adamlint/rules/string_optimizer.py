"""A Keras model is given Adam by name: the string is another class than `Adam()` on some releases, machines and modes.

`"adam"` is the legacy class on Apple silicon from TF 2.12 to 2.15 (and in tf_keras on any release), and in graph mode from 2.11 to
2.15; everywhere else it is what `tf.keras.optimizers.Adam()` is. The two lines compute the same update, but have other arguments,
attributes and checkpoints. A popular belief has it that the string is the legacy class on 2.11 to 2.14 everywhere: measured,
it is not.

On Apple silicon, `compile` of TF 2.12 and 2.13 also turns an explicit `Adam()` into the legacy class, and fails on `AdamW()`.

Bad:
    import tensorflow as tf
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")

Good:
    import tensorflow as tf
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=0.001), loss="mse")
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import ByName, Construct, Outcome
from adamlint.findings import Effect
from adamlint.module import Module
from adamlint.rule import FAILS, Problem, Remedy, Rule

RULE = Rule("ADM101", "string-optimizer")

_CLASSES = {"adam": "Adam", "nadam": "Nadam", "adamax": "Adamax"}
_PUBLIC = ("tensorflow.keras", "keras", "tf_keras")


@RULE.on(cst.Call)
def check(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report the names of Adam and its kin that reach `compile` of a Keras model, or `optimizers.get`."""
    package, given = module.given_optimizer(call)
    wrapped = module.wrapped_optimizer(call) if package is None else None
    if wrapped is not None:
        package, given = "tensorflow.keras", wrapped
    if package is None or given is None:
        return
    for name, written in module.strings(given):
        cls = _CLASSES.get(name.lower())
        if cls is None:
            continue
        path = f"{package}.optimizers.{cls}"
        replaced = wrapped is None and package in _PUBLIC and module.stands_in(written, call) and (name, written) in module.strings(written)
        yield Problem(
            written,
            f'"{name}" instead of `{cls}()`',
            (ByName(package, name.lower()),),
            effects={**FAILS, Outcome.OK: Effect.IMPLICIT},
            compare=Construct(path),
            at=call,
            remedy=_class_form(path, written, call, module) if replaced else None,
        )


def _class_form(path: str, written: cst.CSTNode, call: cst.Call, module: Module) -> Remedy | None:
    reached = module.edit.reach(path, written)
    rate = module.default_rate(path)
    if reached is None or rate is None:
        return None
    spelled, imports = reached
    change = module.edit.replace(written, f"{spelled}(learning_rate={rate})")
    doubt = module.instances.doubt(written if module.instances.is_compile(call) else call)
    return Remedy("write the class", (change, *imports), instead=Construct(path), doubt=doubt)
