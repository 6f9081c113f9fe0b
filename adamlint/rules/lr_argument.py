"""`lr=` is the old name of the learning rate: Keras 2.11 to 2.15 trains at the default rate, Keras 3 raises.

OptimizerV2 (TF 2.10 and earlier, and the legacy classes) honours `lr`. From TF 2.11 to 2.15, and in tf_keras, the argument is
accepted with one line in the absl log, and **ignored**: the model trains at 0.001. Keras 3 (TF 2.16 and later) raises
`ValueError: Argument(s) not recognized: {'lr': 0.01}`. `learning_rate` is right on every release of TF 2.

Bad:
    import tensorflow as tf
    opt = tf.keras.optimizers.Adam(lr=0.01)

Good:
    import tensorflow as tf
    opt = tf.keras.optimizers.Adam(learning_rate=0.01)
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Argument, Outcome
from adamlint.atlas.measured import default_rate
from adamlint.program.edits import Keyword
from adamlint.program.module import Module
from adamlint.rule import Problem, Remedy, Rule
from adamlint.values.kinds import optimizer_class
from adamlint.values.value import Const

RULE = Rule("ADM301", "lr-argument")


@RULE.on(cst.Call)
def check(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report `lr` given to the constructor of an optimizer that is not of a legacy class."""
    classes = [cls for cls in module.optimizer_classes(call) if not cls.legacy]
    paths = [cls.asked for cls in classes]
    if not paths:
        return
    keywords = {keyword.name: keyword for keyword in module.arguments.keywords(call)}
    lr = keywords.get("lr")
    if lr is None:
        return
    rate = None if any(cls.name == "*" for cls in classes) else default_rate(paths[0])
    given = "learning_rate" in keywords or module.arguments.first(call, "learning_rate") is not None
    yield Problem(
        lr.node,
        "`lr` is an old name of `learning_rate`",
        tuple(Argument(path, "lr") for path in paths),
        at=call,
        says={Outcome.IGNORED: "is ignored" if given else f"is ignored (trains at {rate or 'the default'})"},
        remedy=None if given or not lr.movable else _rename(call, lr, paths[0], module),
    )


@RULE.on(cst.Call)
def check_routed(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report `optimizer__lr` of a wrapper of scikeras, which hands it to the class, unless that may be a legacy one."""
    found = list(module.arguments.routed(call))
    classes = [cls for k in found if k.name == "optimizer" for value in module.values(k.value) if (cls := optimizer_class(value))]
    path = "tensorflow.keras.optimizers.Adam"
    for label in dict.fromkeys(keyword.label for keyword in found if keyword.name == "optimizer__lr"):
        if not any(cls.legacy for cls in classes):
            says = {Outcome.IGNORED: "is ignored (trains at the default)"}
            yield Problem(label, "`lr` is an old name of `learning_rate`", (Argument(path, "lr"),), at=call, says=says)


def _rename(call: cst.Call, lr: Keyword, path: str, module: Module) -> Remedy:
    quote = module.tree.code(lr.label)[0] if isinstance(lr.label, cst.SimpleString) else ""
    kinds = {"None" if v.value is None else "str" for v in module.values(lr.value) if isinstance(v, Const) and not _is_number(v.value)}
    return Remedy(
        "write `learning_rate`",
        (module.edit.replace(lr.label, f"{quote}learning_rate{quote}"),),
        instead=Argument(path, "learning_rate", min(kinds, default="")),
        takes_effect=module.tree.code(lr.value),
        unsafe="another rate may be among the arguments that are not seen" if module.arguments.has_unknown_spread(call) else "",
    )


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
