"""A learning rate schedule of one's own uses `step` as a float: an int64 since TF 2.11, InvalidArgumentError or TypeError.

Up to TF 2.10 an optimizer casts its iterations to float32 before it calls the schedule; the classes of TF 2.11 and later and Keras 3
hand them over as they are. `tf.math.rsqrt(step)`, as in the old Transformer tutorial, then fails on every release, and so does
`tf.minimum(step, 4000.0)`; `step ** -0.5` and `step * 1e-3` do on TF 2.11 to 2.15 and in tf_keras (all measured). Cast it first.

Bad:
    import tensorflow as tf
    class Warmup(tf.keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return tf.math.rsqrt(step) * tf.math.rsqrt(512.0)

Bad:
    import tensorflow as tf
    class Warmup(tf.keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return (step + 1) ** -0.5

Good:
    import tensorflow as tf
    class Warmup(tf.keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            step = tf.cast(step, tf.float32)
            return tf.math.rsqrt(step) * tf.math.rsqrt(512.0)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from adamlint.atlas import Member, Outcome
from adamlint.findings import Effect
from adamlint.idioms.dtypes import is_float, refuses_integer, stays_whole, takes_float
from adamlint.names.bindings import Kind
from adamlint.names.canonical import in_keras
from adamlint.program.module import Module
from adamlint.rule import Change, Problem, Remedy, Rule
from adamlint.values.value import Local, Ref

RULE = Rule("ADM607", "uncast-schedule-step")

# What tells the releases apart: the first member came with the step that is not cast, the second was in Keras 2 alone.
_EVERYWHERE, _KERAS_2 = "_learning_rate", "_build_learning_rate"
_ARITHMETIC = (cst.Multiply, cst.Divide, cst.Add, cst.Subtract, cst.Power, cst.FloorDivide, cst.Modulo)


@RULE.on(cst.FunctionDef)
def check(function: cst.FunctionDef, module: Module) -> Iterator[Problem]:
    """Report the first use of the step that fails, in `__call__` of a schedule."""
    package = _package(function, module) if function.name.value == "__call__" else None
    if package is None or len(function.params.params) < 2:
        return
    step = function.params.params[1]
    names = [name for name in module.tree.nodes(cst.Name) if name.value == step.name.value and _is_step(name, step, module)]
    remedy = _cast(function, step.name.value, module)
    if remedy is not None and not all(_may_be_float(name, module) for name in names):
        remedy = replace(remedy, unsafe="it raises still where another use of it wants an integer")
    uses = [(name, member) for name in names for member in (_failing(name, module),) if member]
    for name, member in sorted(uses, key=lambda use: use[1] != _EVERYWHERE)[:1]:
        subjects = (Member(f"{package}.optimizers.Adam", member, "get"),)
        message = f"`{name.value}` is an int64, and is used as a float"
        yield Problem(name, message, subjects, effects={Outcome.OK: Effect.BREAKS}, remedy=remedy)


def _package(function: cst.FunctionDef, module: Module) -> str | None:
    """Return the Keras package of the schedule that a function is a method of."""
    owner = module.flow.scopes.of(function)
    bases = module.kinds.ancestry(Local(owner)) if isinstance(owner, cst.ClassDef) else ()
    found = [in_keras(base.name) for base in bases if isinstance(base, Ref)]
    return next((split[0] for split in found if split and split[1].endswith("schedules.LearningRateSchedule")), None)


def _is_step(name: cst.Name, step: cst.Param, module: Module) -> bool:
    """Tell whether a name is the step as it came in, and not the parameter itself or what was made of it."""
    found = module.flow.reaching(name.value, name)
    return name is not step.name and len(found) == 1 and found[0].kind is Kind.PARAMETER and found[0].node is step


def _failing(name: cst.Name, module: Module) -> str:
    """Return the member that is there where a use of the step fails; "" where none is known to."""
    node: cst.BaseExpression = name
    above = module.tree.parent(node)
    while isinstance(above, cst.BinaryOperation) and stays_whole(above, node, module):
        node, above = above, module.tree.parent(above)
    if isinstance(above, cst.Arg):
        return _EVERYWHERE if refuses_integer(module.tree.parent(above), above, module) else ""
    if not isinstance(above, cst.BinaryOperation) or not isinstance(above.operator, _ARITHMETIC):
        return ""
    other = above.right if above.left is node else above.left
    if not is_float(other, module):
        return ""
    return _KERAS_2 if node is name else _EVERYWHERE  # the variable of Keras 3 promotes, a tensor that is made of it does not


def _may_be_float(name: cst.Name, module: Module) -> bool:
    """Tell whether a use of the step is sure to do with a float: in arithmetic all the way up, or compared, or cast."""
    node: cst.CSTNode = name
    above = module.tree.parent(node)
    while isinstance(above, (cst.BinaryOperation, cst.UnaryOperation)):
        if isinstance(above, cst.BinaryOperation) and isinstance(above.operator, (cst.FloorDivide, cst.Modulo)):
            return False
        node, above = above, module.tree.parent(above)
    if not isinstance(above, cst.Arg):
        return isinstance(above, (cst.Comparison, cst.ComparisonTarget, cst.Return, cst.Assign))
    call = module.tree.parent(above)
    named = module.names(call.func) if isinstance(call, cst.Call) else ()
    return bool(named) and all(takes_float(name) for name in named)


def _cast(function: cst.FunctionDef, step: str, module: Module) -> Remedy | None:
    """Cast the step in a first line of the body, behind its docstring."""
    cast, dtype = module.edit.spell("tensorflow.cast", function.body), module.edit.spell("tensorflow.float32", function.body)
    lines = list(function.body.body) if isinstance(function.body, cst.IndentedBlock) else []
    if lines and isinstance(lines[0], cst.SimpleStatementLine) and _is_docstring(lines[0]):
        del lines[0]
    if cast is None or dtype is None or not lines:
        return None
    start = module.tree.span(lines[0])[0]
    indent = re.search(r"[ \t]*$", module.tree.text[:start])
    line = f"{step} = {cast}({step}, {dtype})\n{indent[0] if indent else ''}"
    return Remedy("cast it to float32 first", (Change(start, start, line),), safe="a step that is one already stays as it is")


def _is_docstring(line: cst.SimpleStatementLine) -> bool:
    only = line.body[0] if len(line.body) == 1 else None
    return isinstance(only, cst.Expr) and isinstance(only.value, (cst.SimpleString, cst.ConcatenatedString))
