"""A method or attribute of an optimizer is used that a release removed: AttributeError, or a list that cannot be called.

TF 2.11 removed `get_updates`, `get_gradients`, `get_weights`, `weights`, `get_slot`, `get_slot_names`, `add_slot`, `add_weight` and
`decay` of OptimizerV2; `set_weights` is still there and takes any list without a check. Keras 3 (TF 2.16 and later) also has no
`minimize`, `compute_gradients` and `aggregate_gradients`, its `variables` is a list that cannot be called (from TF 2.12 on it need
not be), and `K.set_value` fails on its learning rate: `optimizer.learning_rate.assign(…)` works on every release.

Bad:
    import tensorflow as tf
    opt = tf.keras.optimizers.Adam(learning_rate=0.01)
    state = opt.get_weights()

Bad:
    import tensorflow as tf
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(optimizer=tf.keras.optimizers.SGD(learning_rate=0.1), loss="mse")
    tf.keras.backend.set_value(model.optimizer.learning_rate, 0.01)

Good:
    import tensorflow as tf
    opt = tf.keras.optimizers.Adam(learning_rate=0.01)
    state = [variable.numpy() for variable in opt.variables]

Good:
    import tensorflow as tf
    layer = tf.keras.layers.Dense(1)
    state = layer.get_weights()
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Member, Outcome
from adamlint.atlas.measured import member_of
from adamlint.findings import Effect
from adamlint.idioms import backend
from adamlint.idioms.owners import is_made_here, member_paths, named_optimizer, supposed_optimizer
from adamlint.program.module import Module
from adamlint.rule import Problem, Remedy, Rule

RULE = Rule("ADM603", "removed-method")

_GONE = frozenset({
    "get_updates", "get_gradients", "get_weights", "weights", "get_slot", "get_slot_names", "add_slot", "add_weight", "decay",
    "minimize", "compute_gradients", "aggregate_gradients",
})  # fmt: skip


@RULE.on(cst.Attribute)
def check(node: cst.Attribute, module: Module) -> Iterator[Problem]:
    """Report a member of the old interface on a Keras optimizer."""
    name, call = node.attr.value, module.called(node)
    if not (name in _GONE or (call is not None and name in ("variables", "set_weights"))) or not module.is_read(node):
        return
    paths = member_paths(node.value, module) if module.inherited(node) else ()
    paths = paths or supposed_optimizer(node, module)
    if not paths or _is_asked(node, module):
        return
    if name == "set_weights":
        yield _unchecked(node, paths)
    elif name == "variables" and call is not None:
        remedy = _uncalled(node, call, paths, module)
        yield Problem(node, "`variables` is a list, not a method", _members(paths, name, "call"), remedy=remedy)
    else:
        yield Problem(node, f"`{name}` is no longer a member of optimizers", _members(paths, name, "get"))


def _is_asked(node: cst.Attribute, module: Module) -> bool:
    """Tell whether a test of `callable` on the same member decides what is done with it."""
    asked = f"callable({module.tree.code(node)})"
    return any(asked in module.tree.code(a.test) for a in module.tree.ancestors(node) if isinstance(a, (cst.If, cst.IfExp)))


def _unchecked(node: cst.Attribute, paths: tuple[str, ...]) -> Problem:
    """What `get_weights` gave is what `set_weights` needs: where the one is gone, the list comes from another generation."""
    return Problem(
        node,
        "`set_weights` takes any list without a check",
        _members(paths, "get_weights", "get"),
        effects={Outcome.RAISES: Effect.DIFFERS},
        says={Outcome.RAISES: "`get_weights` is gone"},
    )


def _uncalled(node: cst.Attribute, call: cst.Call, paths: tuple[str, ...], module: Module) -> Remedy:
    """Before TF 2.12, and on a legacy class, the plain attribute is the method itself: its length is what tells the two apart."""
    change = module.edit.replace(call, module.tree.code(node))
    instead, *needs = member_of(paths, is_made_here(node.value, module), "variables", "len")
    return Remedy("do not call it", (change,), instead=instead, needs=tuple(needs))


@RULE.on(cst.Call)
def check_set_value(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report `K.set_value(optimizer.learning_rate, …)`."""
    rate = call.args[0].value if call.args else None
    if not isinstance(rate, cst.Attribute) or rate.attr.value != "learning_rate" or not module.inherited(rate):
        return
    for package in backend.packages(call, "set_value", module)[:1]:
        paths = member_paths(rate.value, module) or named_optimizer(rate.value, package, module)
        remedy = backend.assigned(call, module.tree.code(rate), paths[0], "assign to it", module) if paths else None
        subjects = _members(paths, "learning_rate", "K.set_value")
        yield Problem(call, "`set_value` does not take a learning rate", subjects, remedy=remedy)


def _members(paths: tuple[str, ...], name: str, access: str) -> tuple[Member, ...]:
    return tuple(Member(path, name, access) for path in paths)
