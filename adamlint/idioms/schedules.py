"""Which learning rates are schedules, and which optimizers were built with one."""

from __future__ import annotations

import libcst as cst

from adamlint.program.module import Module
from adamlint.values.calls import object_of
from adamlint.values.kinds import made_by
from adamlint.values.value import Const, Member, Result, Value


def is_schedule(node: cst.BaseExpression, module: Module) -> bool:
    """Tell whether an expression is a schedule of Keras in every alternative."""
    values = module.values(node)
    return bool(values) and all(isinstance(value, Result) and _makes_schedule(value, module) for value in values)


def _makes_schedule(value: Result, module: Module) -> bool:
    made = (value, *(Result(base) for base in module.kinds.ancestry(value.callee)))
    return any(made_by(one).startswith("optimizers.schedules.") for one in made)


def built_with_schedule(node: cst.BaseExpression, module: Module, asked: frozenset[Value] = frozenset()) -> cst.Call | None:
    """Return the construction of an optimizer that has a schedule in every alternative.

    ``asked`` are the models whose optimizers are being asked for.
    """
    values = [v for v in module.values(node) if not (isinstance(v, Const) and v.value is None)]
    if values and all(isinstance(value, Member) and value.name == "optimizer" for value in values):
        return compiled_with_schedule(tuple(value.owner for value in values if isinstance(value, Member)), module, asked)
    built = list(module.constructed(node))
    rates = [module.arguments.first(call, "learning_rate") for _, call in built]
    scheduled = [rate is not None and is_schedule(rate.value, module) for rate in rates]
    return built[0][1] if built and all(scheduled) and len(built) == len(values) else None


def compiled_with_schedule(models: tuple[Value, ...], module: Module, asked: frozenset[Value] = frozenset()) -> cst.Call | None:
    """Return the construction of the optimizer with a schedule that every `compile` of these models is given.

    What such an optimizer is given to is a model of Keras, whatever it is made by.  A model that is compiled with its own
    optimizer, as it may be by way of others, tells nothing.
    """
    known = {model for model in models if isinstance(model, Result)} - asked
    if any(known & set(module.values(node.value)) for node in module.tree.nodes(cst.Attribute) if _replaces_optimizer(node, module)):
        return None
    made = []
    for call in module.trainings.calls("compile"):
        model = object_of(call, "compile")
        if model is not None and known & set(module.values(model)):
            given = module.arguments.get(call, "optimizer", 0)
            made.append(built_with_schedule(given.value, module, asked | known) if given is not None else None)
    return made[0] if made and None not in made else None


def _replaces_optimizer(node: cst.Attribute, module: Module) -> bool:
    """`model.optimizer = …`."""
    return node.attr.value == "optimizer" and isinstance(module.tree.parent(node), cst.AssignTarget)
