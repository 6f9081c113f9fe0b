"""One project writes Adam both by name and by class: who reads it cannot tell whether the difference is meant.

`"adam"` always trains at the default rate, and is the legacy class on some releases, machines and modes (ADM101), where `Adam()` is not.
Where both mean the same this is a matter of style, reported once a project.

Bad:
    import tensorflow as tf
    one = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    one.compile(optimizer="adam", loss="mse")
    two = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    two.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=0.001), loss="mse")

Good:
    import tensorflow as tf
    one = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    one.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=0.001), loss="mse")
    two = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    two.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=0.001), loss="mse")
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import ByName, Construct
from adamlint.program.handed import handed_on
from adamlint.program.module import Module
from adamlint.rule import Mention, ProjectRule, Sightings, Verdict, tally

RULE = ProjectRule("ADM111", "mixed-optimizer-forms", instead=("ADM101",))

_NAME, _CLASS = "by name", "by class"


@RULE.gather
def gather(module: Module) -> Iterator[Mention]:
    """Yield what names Adam for a Keras model, and what constructs it."""
    for call in module.tree.nodes(cst.Call):
        package, given = module.given_optimizer(call)
        if package is not None and given is not None:
            written = [node for name, node in module.strings(given) if name.lower() == "adam"]
            yield from (Mention(node, _NAME, ByName(package, "adam")) for node in written)
        handed = [(one.package, node) for one, node in handed_on(call, module) if one.name.lower() == "adam"]
        yield from (Mention(node, _NAME, ByName(package, "adam")) for package, node in handed)
        classes = module.optimizer_classes(call)
        if len(classes) == 1 and classes[0].name == "Adam" and not classes[0].legacy:
            yield Mention(call, _CLASS, Construct(classes[0].path))


@RULE.judge
def judge(sightings: Sightings) -> Verdict | None:
    """Report where both forms are there."""
    forms = {s.form for seen in sightings.values() for s in seen}
    return tally("Adam by name and by class in one project", sightings) if len(forms) > 1 else None
