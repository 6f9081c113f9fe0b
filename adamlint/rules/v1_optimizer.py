"""An optimizer of TF 1: `tf.train` of TF 2 has none, and Keras 3 takes none of `tf.compat.v1.train`.

`tf.train.AdamOptimizer` raises AttributeError on every release of TF 2, whatever the code around it looks like: also in a program
that opens a `tf.Session()`, as long as its `tf` is the plain `import tensorflow as tf`. `tf.compat.v1.train.AdamOptimizer`, or
`tf.train` after `import tensorflow.compat.v1 as tf`, still works in a loop or session of one's own, in a library that builds on it
and as a base class, so those are silent. Only `compile` of a Keras model is another matter: up to TF 2.15 it wraps such an
optimizer, Keras 3 raises ValueError (`Could not interpret optimizer identifier`). The Keras class has another default for `epsilon`
(1e-7, not 1e-8).

Bad:
    import tensorflow as tf
    train_op = tf.train.AdamOptimizer(learning_rate=0.01).minimize(loss)

Bad:
    import tensorflow.compat.v1 as tf
    from tensorflow import keras
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(optimizer=tf.train.AdamOptimizer(0.01), loss="mse")

Good:
    import tensorflow.compat.v1 as tf
    train_op = tf.train.AdamOptimizer(learning_rate=0.01).minimize(loss)

Good:
    import tensorflow as tf
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=0.01, epsilon=1e-8), loss="mse")
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Construct, Trained
from adamlint.program.module import Module
from adamlint.rule import Problem, Remedy, Rule
from adamlint.values.value import Ref, Result

RULE = Rule("ADM204", "v1-optimizer")

_NAMES = frozenset({
    "AdadeltaOptimizer", "AdagradDAOptimizer", "AdagradOptimizer", "AdamOptimizer", "FtrlOptimizer", "GradientDescentOptimizer",
    "MomentumOptimizer", "Optimizer", "ProximalAdagradOptimizer", "ProximalGradientDescentOptimizer", "RMSPropOptimizer",
    "SyncReplicasOptimizer",
})  # fmt: skip
_NEW_NAMES = {"learning_rate": "learning_rate", "beta1": "beta_1", "beta2": "beta_2", "epsilon": "epsilon"}
_UNSAFE = "the class changes, and with it what a checkpoint holds"


@RULE.on(cst.Attribute)
def check_missing(node: cst.Attribute, module: Module) -> Iterator[Problem]:
    """Report any mention of an optimizer of `tf.train`, which is not there in TF 2: Adam's row stands for all of them."""
    found = [value.name.rpartition(".") if isinstance(value, Ref) else ("", "", "") for value in module.values(node)]
    if node.attr.value in _NAMES and found and all(home == "tensorflow.train" for home, _, _ in found):
        message = f"TensorFlow 2 has no `tf.train.{node.attr.value}`"
        remedy = _remedy(node, module)
        yield Problem(node, message, (Construct("tensorflow.train.AdamOptimizer"),), remedy=remedy)


@RULE.on(cst.Call)
def check_compiled(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report an optimizer of `tf.compat.v1.train` that `compile` of a Keras model is given: Adam's row stands for all of them."""
    package, given = _compiled(call, module)
    for value in module.values(given) if given is not None and package is not None else ():
        if not isinstance(value, Result) or not isinstance(value.callee, Ref) or value.call is None or package is None:
            continue
        home, _, name = value.callee.name.rpartition(".")
        if home == "tensorflow.compat.v1.train" and name in _NAMES:
            subject = Trained(package, "tensorflow.compat.v1.train.AdamOptimizer")
            remedy = _keras_form(package, value.call, module) if value.call is given and name == "AdamOptimizer" else None
            yield Problem(value.call, f"`{name}` of TF 1 is no optimizer of Keras", (subject,), at=call, remedy=remedy)


def _compiled(call: cst.Call, module: Module) -> tuple[str | None, cst.BaseExpression | None]:
    """Return the package and the optimizer of `compile`; `tf.compat.v1.keras` is what `tf.keras` is as soon as that is Keras 3."""
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value != "compile":
        return None, None
    package, given = module.given_optimizer(call)
    return "tensorflow.keras" if package == "tensorflow.compat.v1.keras" else package, given


def _remedy(node: cst.Attribute, module: Module) -> Remedy | None:
    made = module.called(node)
    compiling = module.tree.enclosing(made, cst.Call) if made is not None and node.attr.value == "AdamOptimizer" else None
    package, given = _compiled(compiling, module) if compiling is not None else (None, None)
    return _keras_form(package, made, module) if package is not None and made is not None and given is made else None


def _keras_form(package: str, made: cst.Call, module: Module) -> Remedy | None:
    """Write Adam of Keras with the same numbers; not where an argument is unknown to it or a comment would go."""
    path = f"{package}.optimizers.Adam"
    reached = module.edit.reach(path, made)
    names = [arg.keyword.value if arg.keyword else name for arg, name in zip(made.args, _NEW_NAMES, strict=False)]
    known = len(names) == len(made.args) and all(name in _NEW_NAMES for name in names) and not any(arg.star for arg in made.args)
    if reached is None or not known or "#" in module.tree.code(made):
        return None
    spelled, imports = reached
    values = [module.tree.text[slice(*module.tree.outer_span(arg.value))] for arg in made.args]
    written = [f"{_NEW_NAMES[name]}={value}" for name, value in zip(names, values, strict=True)]
    written += [] if "epsilon" in names else ["epsilon=1e-8"]
    change = module.edit.replace(made, f"{spelled}({', '.join(written)})")
    return Remedy("write Adam of Keras", (change, *imports), instead=Construct(path), unsafe=_UNSAFE)
