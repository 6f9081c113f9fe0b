"""An argument that a release does not know: its constructor raises, or takes it and does nothing with it.

The optimizers of TF 2.11 to 2.15 took over from OptimizerV2, and those of Keras 3 from them in TF 2.16, each with other arguments:
`weight_decay`, `use_ema` and `jit_compile` come with 2.11; `jit_compile` goes with 2.16, and `loss_scale_factor` and
`gradient_accumulation_steps` come with it. `epsilon=None` means the default in OptimizerV2 and raises in the first step from 2.11
on; Keras 3 takes no more than one of `clipnorm`, `clipvalue` and `global_clipnorm`; the sixth positional argument of Adam is `name`
up to 2.10 and `weight_decay` from 2.11 on. `beta1`, the name of TF 1, was never right. `lr` and `decay` have rules of their own.

Bad:
    import tensorflow as tf
    opt = tf.keras.optimizers.Adam(learning_rate=0.01, epsilon=None)

Bad:
    import tensorflow as tf
    opt = tf.keras.optimizers.Adam(learning_rate=0.01, jit_compile=False)

Bad:
    from tensorflow.keras.optimizers import SGD
    opt = SGD(learning_rate=0.01, clipnorm=1.0, clipvalue=0.5)

Good:
    import tensorflow as tf
    opt = tf.keras.optimizers.Adam(learning_rate=0.01, beta_1=0.8, epsilon=1e-8, clipnorm=1.0)
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Argument, Construct
from adamlint.program.edits import Keyword
from adamlint.program.module import Module
from adamlint.rule import Problem, Remedy, Rule
from adamlint.values.kinds import OptimizerClass
from adamlint.values.value import Const

RULE = Rule("ADM303", "unknown-argument")

_OTHERS = ("lr", "decay", "learning_rate")  # ADM301, ADM302, ADM304
_CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")
_UNNAMED = ("*", "Optimizer", "LossScaleOptimizer")  # whose arguments depend on what they turn out to be


@RULE.on(cst.Call)
def check(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report what the constructor of an optimizer does not take, by keyword, in pairs and by position."""
    classes = module.optimizer_classes(call)
    if len({cls.name for cls in classes}) != 1 or classes[0].name in _UNNAMED:
        return
    keywords = {keyword.name: keyword for keyword in module.arguments.keywords(call)}
    for keyword in keywords.values():
        if keyword.name not in _OTHERS:
            yield _unknown(keyword, call, classes, module)
    yield from _clips(keywords, call, classes, module)
    yield from _positions(call, classes, module)


def _unknown(keyword: Keyword, call: cst.Call, classes: list[OptimizerClass], module: Module) -> Problem:
    value = _measured(keyword.value, module)
    written = f"{keyword.name}={value}" if value else keyword.name
    return Problem(
        keyword.node,
        f"`{written}` is no argument of `{classes[0].name}`",
        tuple(Argument(cls.path, keyword.name, value) for cls in classes),
        at=call,
        remedy=_drop(keyword, value, classes[0], module) if keyword.movable else None,
    )


def _measured(node: cst.BaseExpression, module: Module) -> str:
    """Return which measured value an expression is: "None", "0", "False", or "" for any other and where it may be one."""
    constants = {repr(v.value) if isinstance(v, Const) else "" for v in module.values(node)}
    constant = constants.pop() if len(constants) == 1 else ""
    return {"None": "None", "0": "0", "0.0": "0", "False": "False"}.get(constant, "")


def _drop(keyword: Keyword, value: str, cls: OptimizerClass, module: Module) -> Remedy | None:
    """`epsilon=None` means the default where it works; `jit_compile=True` is one, `False` keeps XLA away in Keras 2."""
    literal = module.tree.code(keyword.value)
    unsafe = "Keras 2 would compile the update with XLA" if literal != "True" else ""
    if (keyword.name, value) == ("epsilon", "None") and literal == "None":
        return Remedy("delete it", (module.edit.drop_keyword(keyword),), instead=Construct(cls.path))
    if keyword.name == "jit_compile":
        return Remedy("delete it", (module.edit.drop_keyword(keyword),), instead=Construct(cls.path), unsafe=unsafe)
    return None


def _clips(
    keywords: dict[str, Keyword], call: cst.Call, classes: list[OptimizerClass], module: Module
) -> Iterator[Problem]:
    """Report the second of two arguments that clip gradients, where both are sure to have a value."""
    given = [name for name in _CLIPS if name in keywords and _is_number(keywords[name].value, module)]
    if len(given) > 1 and _are_together([keywords[name].node for name in given[:2]], call, module):
        subjects = tuple(Argument(cls.path, "+".join(given[:2])) for cls in classes)
        yield Problem(keywords[given[1]].node, f"`{given[1]}` beside `{given[0]}`", subjects, at=call)


def _are_together(arguments: list[cst.CSTNode], call: cst.Call, module: Module) -> bool:
    """Tell whether arguments are written in the call or in one dict: two dicts, and what is put into one, may exclude each other."""
    homes = {module.tree.parent(argument) for argument in arguments} - {call}
    return len(homes) <= 1 and not any(isinstance(home, cst.Index) for home in homes)


def _is_number(node: cst.BaseExpression, module: Module) -> bool:
    return all(isinstance(value, Const) and isinstance(value.value, (int, float)) for value in module.values(node))


def _positions(call: cst.Call, classes: list[OptimizerClass], module: Module) -> Iterator[Problem]:
    """Report a string in a position that is not that of the name any more."""
    for position, arg in enumerate(call.args, start=1):
        if arg.star or arg.keyword is not None:
            return
        if module.strings(arg.value) and position > 1:
            change = module.edit.replace(arg.value, f"name={module.tree.code(arg.value)}")
            title = "write `name=`, what the position meant before 2.11"
            subjects = tuple(Argument(cls.path, f"#{position}", "str") for cls in classes)
            last = position == len(call.args) or call.args[position].keyword is not None
            remedy = Remedy(title, (change,), instead=Construct(classes[0].path)) if last and not arg.value.lpar else None
            message = f"argument {position} of `{classes[0].name}` is not its name"
            yield Problem(arg, message, subjects, remedy=remedy)
