"""`"adamw"` as a name of an optimizer: Keras 2 knows no such string, up to TF 2.15 it raises ValueError.

The class AdamW is there from TF 2.12 on, the string only in Keras 3 (TF 2.16 and later) and in tf_keras from 2.16 on. By name or by
class, it decays the weights by 0.004 unless told otherwise.

Bad:
    import tensorflow as tf
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(optimizer="adamw", loss="mse")

Good:
    import tensorflow as tf
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(optimizer=tf.keras.optimizers.AdamW(learning_rate=0.001, weight_decay=0.004), loss="mse")
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import ByName, Compiled, Construct, Trained
from adamlint.module import Module
from adamlint.rule import Problem, Remedy, Rule

RULE = Rule("ADM105", "adamw-by-name")


@RULE.on(cst.Call)
def check(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report the name of AdamW where it reaches `compile` of a Keras model, or `optimizers.get`."""
    package, given = module.given_optimizer(call)
    if package is None or given is None:
        return
    for name, written in module.strings(given):
        if name.lower() == "adamw":
            remedy = _class(package, written, module) if module.stands_in(written, call) else None
            yield Problem(written, f'"{name}" is not known by name', (ByName(package, "adamw"),), at=call, remedy=remedy)


def _class(package: str, written: cst.CSTNode, module: Module) -> Remedy | None:
    path = f"{package}.optimizers.AdamW"
    reached = module.edit.reach(path, written)
    rate, decay = module.default_rate(path), module.default_value(path, "weight_decay")
    if reached is None or rate is None or decay is None:
        return None
    spelled, imports = reached
    trained = (Compiled(path), Trained(package, path))
    change = module.edit.replace(written, f"{spelled}(learning_rate={rate}, weight_decay={decay})")
    return Remedy("write the class", (change, *imports), instead=Construct(path), trained=trained, everywhere=True)
