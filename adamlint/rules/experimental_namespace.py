"""`optimizers.experimental.X` is gone in Keras 3: AttributeError from TF 2.16 on.

The namespace held the new optimizers from TF 2.9 on, while `optimizers.X` was still the old line. From 2.11 the two names
are one class (AdamW and Adafactor: from 2.12), and Keras 3 has only `optimizers.X`. Importing from it fails as well,
and so does a bare mention.

Bad:
    import tensorflow as tf
    opt = tf.keras.optimizers.experimental.AdamW(learning_rate=1e-4, weight_decay=0.01)

Bad:
    from tensorflow.keras.optimizers.experimental import Adam

Good:
    import tensorflow as tf
    opt = tf.keras.optimizers.AdamW(learning_rate=1e-4, weight_decay=0.01)

Good:
    try:
        from tensorflow.keras.optimizers import AdamW
    except ImportError:
        from tensorflow.keras.optimizers.experimental import AdamW
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Construct, Outcome
from adamlint.findings import Effect
from adamlint.names.canonical import canonical
from adamlint.program.module import Module
from adamlint.rule import Problem, Remedy, Rule
from adamlint.text.tree import dotted_name
from adamlint.values.kinds import OPTIMIZERS, OptimizerClass, optimizer_class
from adamlint.values.value import Ref

RULE = Rule("ADM202", "experimental-namespace")

_PART = ".optimizers.experimental."


_LATER = frozenset({"AdamW", "Adafactor"})  # their public names are the last ones to be there: theirs is the fix of an import of several
_MOVED = OPTIMIZERS - _LATER - {"Optimizer", "LossScaleOptimizer"}


@RULE.on(cst.Attribute)
def check_mention(node: cst.Attribute, module: Module) -> Iterator[Problem]:
    """Report a path through the namespace: it fails as soon as it is evaluated."""
    for value in module.values(node):
        yield from _problem(optimizer_class(value), node, module)


@RULE.on(cst.ImportFrom)
def check_import(node: cst.ImportFrom, module: Module) -> Iterator[Problem]:
    """Report an import from the namespace, whether or not the class is used."""
    if node.relative or isinstance(node.names, cst.ImportStar) or module.guards.handles(node, "ImportError"):
        return
    for alias in node.names:
        name = Ref(canonical(f"{dotted_name(node.module)}.{dotted_name(alias.name)}"))
        yield from _problem(optimizer_class(name), alias, module)


def _problem(cls: OptimizerClass | None, written: cst.CSTNode, module: Module) -> Iterator[Problem]:
    if cls is None or _PART not in cls.path:
        return
    asked = cls.path.rpartition(".")[0] + ".Adam" if cls.name in ("*", "Optimizer") else cls.path  # what fails is the namespace
    change = module.edit.without_part(written, "experimental", _MOVED if cls.name in _MOVED else _MOVED | _LATER)
    instead = Construct(asked.replace(_PART, ".optimizers."))
    yield Problem(
        written,
        f"`optimizers.experimental.{cls.name}` is not in every release",
        (Construct(asked),),
        effects={Outcome.RAISES: Effect.BREAKS},
        remedy=Remedy("drop `.experimental`", (change,), instead=instead, exchange="refused") if change else None,
    )
