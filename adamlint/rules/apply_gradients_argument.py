"""`apply_gradients` or `minimize` is given an argument that a release does not take: TypeError, or it does nothing.

`apply_gradients` of Keras 3 (TF 2.16 and later) takes the gradients and variables alone: `name`, the second positional argument,
`experimental_aggregate_gradients` (up to TF 2.10) and `skip_gradients_aggregation` (TF 2.11 to 2.15) raise TypeError there. TF 2.11 to
2.15 take any keyword, and do nothing with one that they do not know. `minimize` lost `grad_loss` and `name` in TF 2.11.

Bad:
    import tensorflow as tf
    opt = tf.keras.optimizers.Adam(learning_rate=0.01)
    opt.apply_gradients(zip(gradients, variables), name="step")

Bad:
    import tensorflow as tf
    opt = tf.keras.optimizers.SGD(learning_rate=0.01)
    opt.apply_gradients(zip(gradients, variables), experimental_aggregate_gradients=False)

Good:
    import tensorflow as tf
    opt = tf.keras.optimizers.Adam(learning_rate=0.01)
    opt.apply_gradients(zip(gradients, variables))
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Member
from adamlint.idioms.owners import member_paths
from adamlint.program.module import Module
from adamlint.rule import Problem, Remedy, Rule
from adamlint.values.value import Const

RULE = Rule("ADM605", "apply-gradients-argument")

_ARGUMENTS = {
    "apply_gradients": ("name", "experimental_aggregate_gradients", "skip_gradients_aggregation", "global_step"),
    "minimize": ("name", "grad_loss"),
}


@RULE.on(cst.Call)
def check(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report each of these arguments of a method of a Keras optimizer."""
    func = call.func
    if not isinstance(func, cst.Attribute) or func.attr.value not in _ARGUMENTS or not module.inherited(func):
        return
    given = list(_given(call, func.attr.value))
    paths = member_paths(func.value, module) if given else ()
    for arg, said, access in given if paths else ():
        subjects = tuple(Member(path, func.attr.value, access) for path in paths)
        message = f"{said} is not for `{func.attr.value}` on every release"
        yield Problem(arg, message, subjects, remedy=_drop(call, arg, Member(paths[0], func.attr.value, "call"), module))


def _given(call: cst.Call, method: str) -> Iterator[tuple[cst.Arg, str, str]]:
    """Yield the arguments, how to speak of each, and the access by which the atlas knows it."""
    for arg in call.args:
        if arg.keyword is not None and arg.keyword.value in _ARGUMENTS[method]:
            yield arg, f"`{arg.keyword.value}`", f"call({arg.keyword.value})"
    second = call.args[1] if len(call.args) > 1 else None
    if method == "apply_gradients" and second is not None and second.keyword is None and not any(arg.star for arg in call.args[:2]):
        yield second, "a second argument", "call(#2)"


def _drop(call: cst.Call, arg: cst.Arg, instead: Member, module: Module) -> Remedy | None:
    """A name names nothing that matters, and a `grad_loss` of None is the default; what the others ask for would be lost.

    One by position stays where there is another behind it, which would take its place.
    """
    if arg.keyword is None and any(other.keyword is None for other in call.args[2:]):
        return None
    constants = [value.value for value in module.values(arg.value) if isinstance(value, Const)]
    only = len(constants) == len(module.values(arg.value)) == 1
    keyword = arg.keyword.value if arg.keyword is not None else ""
    literal = isinstance(arg.value, (cst.SimpleString, cst.Name)) and only
    if keyword == "name" or (literal and constants == [None]) or (keyword == "" and literal and isinstance(constants[0], str)):
        return Remedy("delete it", (module.edit.drop(call, arg),), instead=instead)
    return None
