"""A private member of an optimizer is used that TF 2.11 removed: AttributeError.

Keras rewrote its optimizers in TF 2.11. `_decayed_lr`, `_get_hyper`, `_set_hyper`, `_hyper`, `_create_slots`, `_create_hypers`,
`_create_all_weights`, `_weights`, `_name`, `_compute_gradients`, `_resource_apply_dense` … are on OptimizerV2 alone (TF 2.10 and
earlier, and the legacy classes). What the new line brought (`_build_learning_rate`, `_index_dict` …) is gone again in Keras 3.
The public twins are `learning_rate`, `name` and `build`.

Bad:
    import tensorflow as tf
    opt = tf.keras.optimizers.Adam(learning_rate=0.01)
    rate = opt._decayed_lr(tf.float32)

Good:
    import tensorflow as tf
    opt = tf.keras.optimizers.Adam(learning_rate=0.01)
    rate = tf.cast(opt.learning_rate, tf.float32)

Good:
    import tensorflow as tf
    opt = tf.keras.optimizers.Adam(learning_rate=0.01)
    rate = opt._decayed_lr(tf.float32) if hasattr(opt, "_decayed_lr") else opt.learning_rate
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Member
from adamlint.atlas.measured import member_of
from adamlint.idioms.owners import is_made_here, member_paths, supposed_optimizer
from adamlint.program.module import Module
from adamlint.rule import Problem, Remedy, Rule
from adamlint.values.value import Const

RULE = Rule("ADM601", "private-attribute")

_TWINS = {"_name": ("name", "get"), "_create_all_weights": ("build", "call")}


@RULE.on(cst.Attribute)
def check(node: cst.Attribute, module: Module) -> Iterator[Problem]:
    """Report a private member of a Keras optimizer; of `self` in a subclass only where it is called."""
    name = node.attr.value
    if not name.startswith("_") or name.startswith("__") or not module.is_read(node):
        return
    call = module.called(node)
    if call is None and module.is_self(node.value):
        return
    paths = member_paths(node.value, module) if module.inherited(node) else ()
    paths = paths or supposed_optimizer(node, module)
    if paths:
        subjects = tuple(Member(path, name, "get") for path in paths)
        yield Problem(node, f"`{name}` is a private member of optimizers", subjects, remedy=_twin(node, call, paths, module))


def _twin(node: cst.Attribute, call: cst.Call | None, paths: tuple[str, ...], module: Module) -> Remedy | None:
    name, made_here = node.attr.value, is_made_here(node.value, module)
    twin, access = _TWINS.get(name, ("", ""))
    if twin and (call is not None) is (access == "call"):
        instead, *needs = member_of(paths, made_here, twin, access)
        return Remedy(f"write `{twin}`", (module.edit.replace(node.attr, twin),), instead=instead, needs=tuple(needs))
    cast = module.edit.spell("tensorflow.cast", node)
    if name != "_decayed_lr" or cast is None or call is None or module.is_self(node.value):
        return None
    if len(call.args) != 1 or call.args[0].star:
        return None
    dtype = module.tree.code(call.args[0].value)
    change = module.edit.replace(call, f"{cast}({module.tree.code(node.value)}.learning_rate, {dtype})")
    unsafe = "" if _is_undecayed(node.value, module) else "up to 2.10 `learning_rate` is the rate before its decay"
    instead, *needs = member_of(paths, made_here, "learning_rate", "cast" if _is_number(node.value, module) else "cast schedule")
    return Remedy("cast `learning_rate`", (change,), instead=instead, needs=tuple(needs), unsafe=unsafe)


def _is_undecayed(optimizer: cst.BaseExpression, module: Module) -> bool:
    """Tell whether an optimizer is seen to be made without `decay`."""
    calls = [call for _, call in module.constructed(optimizer)]
    decayed = any(keyword.name == "decay" for call in calls for keyword in module.arguments.keywords(call))
    return len(calls) == len(module.values(optimizer)) and not decayed and not any(map(module.arguments.has_unknown_spread, calls))


def _is_number(optimizer: cst.BaseExpression, module: Module) -> bool:
    """Tell whether the rate of an optimizer is seen to be a number: up to 2.10 a schedule is given back as it is, and cannot be cast."""
    calls = [call for _, call in module.constructed(optimizer)]
    rates = [keyword.value for call in calls for keyword in module.arguments.keywords(call) if keyword.name in ("learning_rate", "lr")]
    rates += [arg.value for call in calls for arg in call.args[:1] if arg.keyword is None]
    numbers = all(isinstance(value, Const) for rate in rates for value in module.values(rate))
    known = len(calls) == len(module.values(optimizer)) and not any(map(module.arguments.has_unknown_spread, calls))
    return known and numbers
