"""A subclass of an optimizer defines methods of the old interface: from TF 2.11 on nobody calls them.

Up to TF 2.10 an optimizer is written by overriding `_resource_apply_dense`, `_create_slots` … (before TF 2: `get_updates`). The
classes of TF 2.11 and later call `build` and `update_step` instead. A subclass of `Adam` then trains as plain Adam, **silently**; a
subclass of `Optimizer` fails, in TF 2.11 to 2.15 for want of `_set_hyper`, in Keras 3 since its first argument is the rate. As long
as every target is Keras 2, `tf.keras.optimizers.legacy` has the old base classes.

Bad:
    import tensorflow as tf
    class Sign(tf.keras.optimizers.Adam):
        def _resource_apply_dense(self, grad, var, apply_state=None):
            return super()._resource_apply_dense(tf.sign(grad), var, apply_state)

Good:
    import tensorflow as tf
    class Sign(tf.keras.optimizers.Adam):
        def update_step(self, gradient, variable, learning_rate=None):
            super().update_step(tf.sign(gradient), variable, learning_rate)

Good:
    import tensorflow as tf
    class Sign(tf.keras.optimizers.legacy.Adam):
        def _resource_apply_dense(self, grad, var, apply_state=None):
            return super()._resource_apply_dense(tf.sign(grad), var, apply_state)
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Override
from adamlint.program.module import Module
from adamlint.rule import Problem, Remedy, Rule
from adamlint.values.kinds import OptimizerClass, optimizer_class

RULE = Rule("ADM604", "old-optimizer-subclass")

# Measured as one: none of them is called, and `_resource_apply_dense` answers for all (of OptimizerV2; `get_updates` is older).
_OLD = ("_resource_apply_dense", "_resource_apply_sparse", "_create_slots", "_compute_gradients", "get_gradients")


@RULE.on(cst.ClassDef)
def check(node: cst.ClassDef, module: Module) -> Iterator[Problem]:
    """Report a class, once, that derives from a Keras optimizer and has none but the old interface."""
    defined = [name for name in (*_OLD, "get_updates") if module.flow.scopes.bindings(node, name)]
    paths = module.instance_paths(node) if defined and not module.flow.scopes.bindings(node, "update_step") else ()
    if not paths:
        return
    first = defined[0]
    method = "get_updates" if first == "get_updates" else _OLD[0]
    bases = [optimizer_class(value) for arg in node.bases for value in module.values(arg.value)]
    base = next((cls for cls in bases if cls is not None), None)
    subjects = [Override(path, method) for path in paths]
    if base is not None and base.name == "Optimizer":
        subjects.append(Override(base.path, _OLD[0]))
    remedy = _legacy_base(node, base, module) if base is not None and method == _OLD[0] else None
    message = f"`{first}` of `{node.name.value}` is never called by new optimizers"
    yield Problem(node.name, message, tuple(subjects), remedy=remedy)


def _legacy_base(node: cst.ClassDef, base: OptimizerClass, module: Module) -> Remedy | None:
    path = f"{base.package}.optimizers.legacy.{base.name}"
    reached = module.edit.reach(path, node) if len(node.bases) == 1 and base.path == path.replace(".legacy", "") else None
    if reached is None:
        return None
    spelled, imports = reached
    changes = (module.edit.replace(node.bases[0].value, spelled), *imports)
    instead = Override(path, _OLD[0])
    return Remedy("derive from the legacy class", changes, instead=instead, unsafe="its checkpoints have another format")
