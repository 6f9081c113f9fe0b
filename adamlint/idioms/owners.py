"""Of which optimizer classes a member is used: what to ask the atlas about `optimizer.lr`, or `optimizer.get_weights()`."""

from __future__ import annotations

from itertools import chain

import libcst as cst

from adamlint.names.canonical import in_keras
from adamlint.program.module import Module
from adamlint.text.tree import dotted_name
from adamlint.values.kinds import optimizer_class
from adamlint.values.value import Abroad, Const, Local, Member, Ref, Result, Unknown, Value, is_known

_KERAS_ALONE = frozenset({"get_updates", "_decayed_lr", "_get_hyper", "_set_hyper", "_create_all_weights"})


def member_paths(node: cst.BaseExpression, module: Module) -> tuple[str, ...]:
    """Return the class paths by which to ask the atlas of members of ``node``, if that is a Keras optimizer for sure.

    None where it may be of a legacy class, which has them all: a version test chose it.
    """
    values = [v for v in module.values(node) if not (isinstance(v, Const) and v.value is None)]
    if any(_resolves(value, node) for value in values):
        values = [v for v in values if not isinstance(v, (Unknown, Const))]
    if module.compiles_legacy and any(isinstance(value, Member) for value in values):
        return ()
    found = [module.kinds.member_paths(value) for value in values]
    return tuple(dict.fromkeys(chain.from_iterable(found))) if all(found) else ()


def is_made_here(node: cst.BaseExpression, module: Module) -> bool:
    """Tell whether an optimizer is what a constructor gives, and not what `compile` or `optimizers.get` may have made of a name."""
    made = [value.callee for value in module.values(node) if isinstance(value, Result)]
    return len(made) == len(module.values(node)) and all(isinstance(callee, Local) or optimizer_class(callee) for callee in made)


def _resolves(value: Value, node: cst.BaseExpression) -> bool:
    """Tell whether a value is that of `x = optimizers.get(x)`: what x was else is an optimizer already."""
    if not (isinstance(value, Result) and isinstance(value.callee, Ref) and value.call is not None and value.call.args):
        return False
    split = in_keras(value.callee.name)
    given = value.call.args[0].value
    return split is not None and split[1] == "optimizers.get" and dotted_name(given) == dotted_name(node) != ""


def named_optimizer(node: cst.BaseExpression, package: str, module: Module) -> tuple[str, ...]:
    """Return the path of Adam where ``node`` is called an optimizer and nothing is known of it.

    For what a function of the Keras backend is given: whatever has a rate there is an optimizer of that package.
    """
    called = dotted_name(node).rpartition(".")[2].lower()
    known = any(isinstance(value, Result) and isinstance(value.callee, (Local, Abroad)) for value in module.values(node))
    named = called.endswith(("optimizer", "opt")) and not known and not module.compiles_legacy
    return (f"{package}.optimizers.Adam",) if named else ()


def supposed_optimizer(node: cst.Attribute, module: Module) -> tuple[str, ...]:
    """Return the path of Adam where only a Keras optimizer can be meant, though nothing is known of the object.

    By what it is called, and by a member that optimizers of no other library have; `get_weights` is one of models, too.
    """
    called = dotted_name(node.value).lower()
    own = node.attr.value in _KERAS_ALONE and called.endswith("optimizer")
    of_model = node.attr.value in ("get_weights", "set_weights") and called.endswith("model.optimizer")
    if not (own or of_model) or any(is_known(value) or _is_foreign(value) for value in module.values(node.value)):
        return ()
    made = module.origins.of(node.value)
    if isinstance(made, cst.Call) and all(isinstance(value, Unknown) for value in module.values(made.func)):
        return ()  # of a class that is not seen: it may be built on a legacy one
    return tuple(f"{package}.optimizers.Adam" for package in module.packages[:1])


def _is_foreign(value: Value) -> bool:
    """Tell whether a value is of a library that is named."""
    callee = value.callee if isinstance(value, Result) else value
    return isinstance(callee, Ref) and not callee.name.startswith("builtins.")
