"""What an int64 tensor may stand in as it is: functions of TensorFlow, and arithmetic with the numbers of Python."""

from __future__ import annotations

import libcst as cst

from adamlint.program.module import Module
from adamlint.values.value import Const

# Functions of TensorFlow that take no integers, and those that take no float beside an integer (measured on 2.13 and 2.20).
_FLOAT_ONLY = frozenset({"rsqrt", "sqrt", "exp", "log", "log1p", "cos", "sin", "tan", "tanh", "sigmoid", "floor", "ceil"})
_SAME_TYPE = frozenset({"pow", "minimum", "maximum", "multiply", "add", "subtract"})


def takes_float(function: str) -> bool:
    """Tell whether a function of TensorFlow is sure to do with a float."""
    return function.rpartition(".")[2] in _FLOAT_ONLY | _SAME_TYPE | {"cast"}


def stays_whole(above: cst.BinaryOperation, node: cst.BaseExpression, module: Module) -> bool:
    """Tell whether an operation leaves an int64 an int64: adding a literal integer."""
    other = above.right if above.left is node else above.left
    constants = module.values(other)
    whole = all(isinstance(value, Const) and type(value.value) is int for value in constants)
    return isinstance(above.operator, (cst.Add, cst.Subtract)) and whole


def refuses_integer(call: cst.CSTNode | None, arg: cst.Arg, module: Module) -> bool:
    """Tell whether a function of TensorFlow takes no integer here."""
    if not isinstance(call, cst.Call) or arg.keyword is not None:
        return False
    names = [name.rpartition(".") for name in module.names(call.func)]
    if len(names) != 1 or names[0][0] not in ("tensorflow", "tensorflow.math"):
        return False
    others = [other.value for other in call.args if other is not arg and other.keyword is None]
    mixed = names[0][2] in _SAME_TYPE and any(is_float(other, module) for other in others)
    return mixed or (names[0][2] in _FLOAT_ONLY and call.args[0] is arg)


def is_float(node: cst.BaseExpression, module: Module) -> bool:
    """Tell whether an expression is a Python float in every alternative: a literal, or a negative or broken power."""
    if isinstance(node, cst.BinaryOperation):
        power = isinstance(node.operator, cst.Power) and _is_negative(node.right, module)
        return power or is_float(node.left, module) or is_float(node.right, module)
    if isinstance(node, cst.Call):
        return module.names(node.func) == ("builtins.float",)
    return all(isinstance(value, Const) and type(value.value) is float for value in module.values(node))


def _is_negative(node: cst.BaseExpression, module: Module) -> bool:
    numbers = [value.value for value in module.values(node) if isinstance(value, Const)]
    return bool(numbers) and all(isinstance(number, (int, float)) and number < 0 for number in numbers)
