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
from dataclasses import replace

import libcst as cst

from adamlint.atlas import ByName, Compiled, Trained
from adamlint.idioms.forms import construct
from adamlint.program.handed import handed_on
from adamlint.program.module import Module
from adamlint.rule import Problem, Rule

RULE = Rule("ADM105", "adamw-by-name")


@RULE.on(cst.Call)
def check(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report the name of AdamW where it reaches `compile` of a Keras model, or `optimizers.get`."""
    for handed, written in handed_on(call, module):
        if handed.name.lower() == "adamw":
            yield _unknown(handed.package, handed.name, written, call, see=f"used in {handed.place}")
    package, given = module.given_optimizer(call)
    for name, written in module.strings(given) if package is not None and given is not None else ():
        if package is not None and name.lower() == "adamw":
            remedy = construct(package, "AdamW", written, module) if module.places.stands_in(written, call) else None
            if remedy is not None:
                path = f"{package}.optimizers.AdamW"
                trained = (Compiled(path), Trained(package, path))
                remedy = replace(remedy, trained=trained, everywhere=True, forms=False)
            yield replace(_unknown(package, name, written, call), remedy=remedy)


def _unknown(package: str, name: str, written: cst.CSTNode, call: cst.Call, see: str | None = None) -> Problem:
    return Problem(written, f'"{name}" is not known by name', (ByName(package, "adamw"),), at=call, see=see)
