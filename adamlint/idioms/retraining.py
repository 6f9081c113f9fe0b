"""Whether an optimizer trains other weights after its first: in a second training, or in one that a loop or several calls run again."""

from __future__ import annotations

from itertools import combinations

import libcst as cst

from adamlint.names.sequence import exclusive, is_chosen, is_in, loops
from adamlint.program.module import Module
from adamlint.program.training import Training
from adamlint.values.value import Result


def clash(first: Training, second: Training, module: Module) -> bool:
    """Tell whether the second training surely runs after the first one, with weights that the first has not."""
    trainings, new, order, flow = module.trainings, second.trained - first.trained, module.tree.order, module.flow
    if not new and order(first.at) < order(second.call):
        return trainings.thaws(first, second) and not _instead(first, second, module)
    if not any(trainings.brings(each, first.trained) for each in new) or _instead(first, second, module):
        return False
    if flow.scopes.of(first.at) is flow.scopes.of(second.at) and first.at is not second.at:
        return order(first.at) < order(second.at)
    before = order(first.call) < order(second.call)
    return before and any(trainings.brings(each, second.trained) for each in first.trained - second.trained)


def _instead(first: Training, second: Training, module: Module) -> bool:
    """Tell whether perhaps only one of two trainings runs, or each with an instance of its own."""
    if any(exclusive(one, other, module.flow) for one, other in ((first.call, second.call), (first.at, second.at))):
        return True
    functions = [module.tree.enclosing(training.at, cst.FunctionDef) for training in (first, second)]
    return functions[0] is not functions[1] and all(f is not None and f.name.value.startswith("test") for f in functions)


def repeats(training: Training, module: Module) -> bool:
    """Tell whether a loop, or several calls, run a training again, each time with new weights and the same optimizer."""
    function = module.tree.enclosing(training.call, cst.FunctionDef)
    if _in_loop(training, module):
        return True
    if function is None or is_in(training.optimizer, function, module.flow) or is_chosen(training.call, function, module.flow):
        return False
    calls = [call for call in module.calls_of(function) if _is_fit(call, training, function, module)]
    twice = any(not exclusive(one, other, module.flow) for one, other in combinations(calls, 2))
    if _makes(training, function, module):
        return twice or any(next(loops(call, training.optimizer, module.flow), None) for call in calls)
    return twice and _is_handed_several(training, module)


def _in_loop(training: Training, module: Module) -> bool:
    around = loops(training.call, training.optimizer, module.flow)
    return any(_makes(training, loop, module) and is_in(training.at, loop, module.flow) for loop in around)


def _makes(training: Training, place: cst.CSTNode, module: Module) -> bool:
    """Tell whether what is trained gets new weights whenever ``place`` runs."""
    trainings = module.trainings
    parts = {part for origin in training.trained for part in module.models.made_of(origin)}
    return any(trainings.makes_weights(part) and is_in(part, place, module.flow) for part in parts)


def _is_handed_several(training: Training, module: Module) -> bool:
    """Tell whether the model is a parameter, for which the calls of the function give models that share no weights."""
    if not any(isinstance(origin, cst.Param) for origin in training.trained) or not isinstance(training.call.func, cst.Attribute):
        return False
    given = [value.call for value in module.values(training.call.func.value) if isinstance(value, Result)]
    made = [call for call in given if call is not None]
    brings = module.trainings.brings
    pairs = [(frozenset({one}), one, other) for one, other in combinations(made, 2)]
    return any(brings(other, known) and brings(one, frozenset({other})) for known, one, other in pairs)


def _is_fit(call: cst.Call, training: Training, function: cst.FunctionDef, module: Module) -> bool:
    """Tell whether the model that a call of the function gives is trained: there, or with what it returns."""
    if is_in(training.at, function, module.flow):
        return True
    fits = [fit for name in ("fit", "fit_generator", "train_on_batch") for fit in module.trainings.calls(name)]
    return any(isinstance(fit.func, cst.Attribute) and module.origin(fit.func.value) is call for fit in fits)
