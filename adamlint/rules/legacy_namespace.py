"""`optimizers.legacy.X` is called or subclassed: Keras 3 raises ImportError there, though the import works.

`tf.keras.optimizers.legacy` exists from TF 2.9 and works up to 2.15 (it was not removed there). In Keras 3 (TF 2.16 and later)
`hasattr(tf.keras.optimizers, "legacy")` is still true and the import succeeds; the class is a stub that raises ImportError when it is
called. So neither `hasattr` nor `try: … except ImportError` around the import guards anything; a version test does.

Bad:
    import tensorflow as tf
    opt = tf.keras.optimizers.legacy.Adam(learning_rate=0.01)

Bad:
    try:
        from tensorflow.keras.optimizers.legacy import Adam
    except ImportError:
        from tensorflow.keras.optimizers import Adam
    opt = Adam(learning_rate=0.01)

Good:
    import tensorflow as tf
    opt = tf.keras.optimizers.Adam(learning_rate=0.01)
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Construct
from adamlint.kinds import OptimizerClass, optimizer_class
from adamlint.module import Module
from adamlint.rule import Problem, Remedy, Rule

RULE = Rule("ADM201", "legacy-namespace")

_SAME = frozenset({"learning_rate", "beta_1", "beta_2", "epsilon", "amsgrad", "momentum", "nesterov", "rho", "centered", "name", "clipnorm"})


@RULE.on(cst.Call)
def check_call(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report the construction of a legacy class."""
    strange = sorted({keyword.name for keyword in module.keywords(call)} - _SAME)
    unsafe = f"the new class takes no `{strange[0]}`, or means another thing by it" if strange else ""
    if module.has_unknown_spread(call):
        unsafe = "the arguments are not known"
    yield from _problems(call.func, call, unsafe, module)


@RULE.on(cst.ClassDef)
def check_subclass(node: cst.ClassDef, module: Module) -> Iterator[Problem]:
    """Report a subclass of a legacy class."""
    for base in node.bases:
        yield from _problems(base.value, base, "a subclass of the legacy class needs another interface", module)


def _problems(named: cst.BaseExpression, at: cst.CSTNode, unsafe: str, module: Module) -> Iterator[Problem]:
    for value in module.values(named):
        cls = optimizer_class(value)
        if cls is None or ".optimizers.legacy." not in cls.path:
            continue
        written = module.written(named)
        yield Problem(
            written,
            f"`{cls.path.rpartition('.legacy.')[0].rpartition('.')[2]}.legacy.{cls.name}` is gone",
            (Construct(cls.asked),),
            at=at,
            remedy=_new_class(cls, written, unsafe, module),
        )


def _new_class(cls: OptimizerClass, written: cst.CSTNode, unsafe: str, module: Module) -> Remedy | None:
    path = cls.asked.replace(".optimizers.legacy.", ".optimizers.")
    change = module.without_part(written, "legacy")
    return Remedy("use the class of `optimizers`", (change,), instead=Construct(path), unsafe=unsafe) if change else None
