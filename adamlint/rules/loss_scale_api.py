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

from adamlint.atlas import Member, Outcome
from adamlint.findings import Effect
from adamlint.module import Module
from adamlint.names import in_keras
from adamlint.rule import Problem, Remedy, Rule
from adamlint.values import Const

RULE = Rule("ADM608", "loss-scale-api")

_SCALE, _UNSCALE = "get_scaled_loss", "get_unscaled_gradients"


@RULE.on(cst.Attribute)
def check(node: cst.Attribute, module: Module) -> Iterator[Problem]:
    """Report one of the two methods on a Keras optimizer."""
    named = node.attr.value in (_SCALE, _UNSCALE) and module.is_read(node) and module.inherited(node)
    if named and not module.guards.handles(node, "AttributeError"):
        new = tuple(dict.fromkeys(_new(path) for path in module.member_paths(node.value)))
        if new:
            yield _problem(node, f"`{node.attr.value}` is not in the `LossScaleOptimizer` of Keras 3", new, _both(node, new[0], module))


@RULE.on(cst.Call)
def check_dynamic(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report `dynamic=False` of a LossScaleOptimizer."""
    classes = module.optimizer_classes(call)
    if not classes or any(cls.name != "LossScaleOptimizer" for cls in classes) or module.guards.handles(call, "ValueError"):
        return
    given = module.argument(call, "dynamic", 1)
    constants = [value.value for value in module.values(given.value) if isinstance(value, Const)] if given is not None else []
    if given is not None and False in constants:
        new = tuple(dict.fromkeys(_new(cls.path) for cls in classes))
        yield _problem(given, "`dynamic=False` is not for the `LossScaleOptimizer` of Keras 3", new, None)


def _problem(node: cst.CSTNode, message: str, new: tuple[Member, ...], remedy: Remedy | None) -> Problem:
    return Problem(node, message, new, effects={Outcome.OK: Effect.BREAKS}, remedy=remedy)


def _new(path: str) -> Member:
    """Return what is there where the old methods are not: `scale_loss` came when they went."""
    split = in_keras(path)
    return Member(f"{split[0] if split else 'tensorflow.keras'}.optimizers.Adam", "scale_loss", "get")


def _both(node: cst.Attribute, new: Member, module: Module) -> Remedy | None:
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
    return Remedy("scale the loss alone", changes, instead=new, unsafe="the gradients must not be looked at in between")
