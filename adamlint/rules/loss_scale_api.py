"""`LossScaleOptimizer` is used by what only Keras 2 has: `get_scaled_loss`, `get_unscaled_gradients` and `dynamic=False`.

In Keras 3 (TF 2.16 and later) the first two raise AttributeError: `scale_loss` takes the place of the one, and `apply_gradients` does the
other itself, so that both have to change together; one alone would give wrong gradients. `dynamic=False` raises ValueError: the fixed
factor is `loss_scale_factor` of the inner optimizer there (all measured).

Bad:
    import tensorflow as tf
    opt = tf.keras.mixed_precision.LossScaleOptimizer(tf.keras.optimizers.Adam(learning_rate=0.001))
    scaled = opt.get_scaled_loss(loss)
    gradients = opt.get_unscaled_gradients(tape.gradient(scaled, variables))

Good:
    import tensorflow as tf
    opt = tf.keras.mixed_precision.LossScaleOptimizer(tf.keras.optimizers.Adam(learning_rate=0.001))
    scaled = opt.scale_loss(loss)
    gradients = tape.gradient(scaled, variables)
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Argument, Member
from adamlint.idioms.owners import member_paths
from adamlint.names.canonical import in_keras
from adamlint.program.module import Module
from adamlint.rule import Problem, Remedy, Rule
from adamlint.values.value import Const

RULE = Rule("ADM608", "loss-scale-api")

_SCALER = "mixed_precision.LossScaleOptimizer"
_SCALE, _UNSCALE = "get_scaled_loss", "get_unscaled_gradients"


@RULE.on(cst.Attribute)
def check(node: cst.Attribute, module: Module) -> Iterator[Problem]:
    """Report one of the two methods on a Keras optimizer."""
    if node.attr.value in (_SCALE, _UNSCALE) and module.is_read(node) and module.inherited(node):
        packages = dict.fromkeys(split[0] for path in member_paths(node.value, module) if (split := in_keras(path)))
        subjects = tuple(Member(f"{package}.{_SCALER}", node.attr.value) for package in packages)
        if subjects:
            yield Problem(node, f"`{node.attr.value}` of `LossScaleOptimizer`", subjects, remedy=_both(node, subjects[0].path, module))


@RULE.on(cst.Call)
def check_dynamic(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report `dynamic=False` of a LossScaleOptimizer."""
    classes = module.optimizer_classes(call)
    given = module.arguments.get(call, "dynamic", 1) if classes and all(cls.name == "LossScaleOptimizer" for cls in classes) else None
    if given is not None and any(isinstance(value, Const) and value.value is False for value in module.values(given.value)):
        subjects = tuple(Argument(cls.path, "dynamic", "False") for cls in classes)
        yield Problem(given, "`dynamic=False` of `LossScaleOptimizer`", subjects, at=call)


def _both(node: cst.Attribute, path: str, module: Module) -> Remedy | None:
    """Change both methods where a function calls each of them once, on the same optimizer."""
    scope, owner = module.flow.scopes.of(node), module.tree.code(node.value)
    found = {name: [c for c in module.trainings.calls(name) if module.flow.scopes.of(c) is scope] for name in (_SCALE, _UNSCALE)}
    pair = [calls[0] for calls in found.values() if len(calls) == 1 and len(calls[0].args) == 1 and not calls[0].args[0].star]
    owners = [module.tree.code(call.func.value) for call in pair if isinstance(call.func, cst.Attribute)]
    if len(pair) < 2 or owners != [owner, owner] or any("#" in module.tree.code(call) for call in pair):
        return None
    scale, unscale = pair
    changes = (
        module.edit.replace(scale, f"{owner}.scale_loss({module.tree.code(scale.args[0].value)})"),
        module.edit.replace(unscale, module.tree.code(unscale.args[0].value)),
    )
    new = Member(path, "scale_loss")
    return Remedy("scale the loss alone", changes, instead=new, unsafe="the gradients must not be looked at in between")
