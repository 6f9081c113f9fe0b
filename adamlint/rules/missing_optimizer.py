"""A targeted release has no such optimizer: AttributeError where it is mentioned, ImportError where it is imported.

AdamW and Adafactor came with TF 2.12 (in `keras.optimizers`: 2.13), Lion with 2.13, Lamb and Muon with Keras 3; the package `keras` has
`keras.optimizers.Adam` from TF 2.9 on, and no release has `legacy.AdamW`.

Bad:
    import tensorflow as tf
    opt = tf.keras.optimizers.Muon(learning_rate=0.01)

Good:
    import tensorflow as tf
    opt = tf.keras.optimizers.AdamW(learning_rate=0.01)

Good:
    try:
        from keras.optimizers import Muon
    except ImportError:
        Muon = None
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Construct, Import, Outcome, Subject
from adamlint.atlas.measured import outcomes
from adamlint.findings import Effect
from adamlint.names.canonical import canonical
from adamlint.program.module import Module
from adamlint.rule import Problem, Rule
from adamlint.text.tree import dotted_name
from adamlint.values.kinds import OptimizerClass, optimizer_class
from adamlint.values.value import Ref

RULE = Rule("ADM205", "missing-optimizer")


@RULE.on(cst.Attribute)
def check_mention(node: cst.Attribute, module: Module) -> Iterator[Problem]:
    """Report a path to a class that a release lacks, whatever is done with it."""
    for value in module.values(node):
        cls = optimizer_class(value)
        if cls is not None and _is_public(cls):
            yield _problem(cls, node, Construct(cls.path))


@RULE.on(cst.ImportFrom)
def check_import(node: cst.ImportFrom, module: Module) -> Iterator[Problem]:
    """Report the import of a class that a release lacks."""
    for alias in () if isinstance(node.names, cst.ImportStar) or node.relative else node.names:
        dotted = f"{dotted_name(node.module)}.{dotted_name(alias.name)}"
        cls = optimizer_class(Ref(canonical(dotted)))
        if cls is not None and _is_public(cls) and not dotted.startswith("keras.api"):
            yield _problem(cls, alias, Import(cls.path))


def _is_public(cls: OptimizerClass) -> bool:
    """Leave out what ADM201 to ADM203 report: classes of `legacy` that are there on some release, and the other namespaces."""
    if cls.path == f"{cls.package}.optimizers.legacy.{cls.name}":
        return outcomes(Construct(cls.path)) == {Outcome.RAISES}
    return cls.path == f"{cls.package}.optimizers.{cls.name}" and cls.package != "tensorflow.python.keras"


def _problem(cls: OptimizerClass, node: cst.CSTNode, subject: Subject) -> Problem:
    return Problem(node, f"`{cls.path}` is not in every release", (subject,), effects={Outcome.RAISES: Effect.BREAKS})
