"""Legacy and new optimizers in one project: their arguments, attributes and checkpoints are not the same.

On TF 2.11 to 2.15 `optimizers.legacy.Adam` and `optimizers.Adam` are two classes that work side by side: `decay=` is right for the one
and raises in the other, `isinstance` tells them apart, and a checkpoint of the one cannot be restored into the other. Reported once a
project, where both can run on one targeted release; a choice by release, machine or setting is none, nor are tests.

Bad:
    import tensorflow as tf
    generator = tf.keras.optimizers.legacy.Adam(learning_rate=1e-4)
    discriminator = tf.keras.optimizers.Adam(learning_rate=1e-4)

Good:
    import tensorflow as tf
    generator = tf.keras.optimizers.Adam(learning_rate=1e-4)
    discriminator = tf.keras.optimizers.Adam(learning_rate=1e-4)

Good:
    import tensorflow as tf
    if int(tf.__version__.split(".")[1]) >= 11:
        opt = tf.keras.optimizers.legacy.Adam(learning_rate=1e-4)
    else:
        opt = tf.keras.optimizers.Adam(learning_rate=1e-4)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Construct
from adamlint.program.module import Module
from adamlint.rule import Mention, ProjectRule, Sightings, Verdict, tally
from adamlint.values.kinds import ADAMS

RULE = ProjectRule("ADM112", "mixed-optimizer-generations")

_LEGACY, _NEW = "legacy", "new"
_TEST = re.compile(r"(^|/)(tests?|testing)/|(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$")
_CHOICES = (cst.If, cst.IfExp, cst.Try, cst.Match)


@RULE.gather
def gather(module: Module) -> Iterator[Mention]:
    """Yield each construction of Adam or its kin, unless it is one side of a choice of generations."""
    found = list(_constructions(module))
    for mention in found:
        others = [other for other in found if other.form != mention.form]
        if not any(_chosen(mention.node, other.node, module) for other in others):
            yield mention


def _constructions(module: Module) -> Iterator[Mention]:
    for call in module.tree.nodes(cst.Call):
        classes = module.optimizer_classes(call)
        if len(classes) == 1 and classes[0].name in ADAMS and classes[0].legacy == classes[0].always_legacy:  # not TF 1 code
            legacy = classes[0].legacy
            yield Mention(call, _LEGACY if legacy else _NEW, Construct(classes[0].path), "optimizer_v2" if legacy else "keras2")


def _chosen(one: cst.CSTNode, other: cst.CSTNode, module: Module) -> bool:
    """Tell whether one statement or expression chooses between two nodes."""
    above = {node for node in module.tree.ancestors(one) if isinstance(node, _CHOICES)}
    return any(node in above for node in module.tree.ancestors(other))


@RULE.judge
def judge(sightings: Sightings) -> Verdict | None:
    """Report both lines where they can run on one cell of the target."""
    for program in _programs({path: seen for path, seen in sightings.items() if not _TEST.search(path)}):
        both = _cells(_LEGACY, program) & _cells(_NEW, program)
        if both:
            there = {path: [s for s in seen if s.cells & both] for path, seen in program.items()}
            return tally("legacy and new optimizers in one project", there)
    return None


def _programs(sightings: Sightings) -> Iterator[Sightings]:
    """Yield what belongs together: the modules, and each notebook with them, since two notebooks are two programs."""
    modules = {path: seen for path, seen in sightings.items() if not path.endswith(".ipynb")}
    yield modules
    yield from ({**modules, path: seen} for path, seen in sightings.items() if path not in modules)


def _cells(form: str, sightings: Sightings) -> frozenset[object]:
    return frozenset(cell for seen in sightings.values() for s in seen if s.form == form for cell in s.cells)
