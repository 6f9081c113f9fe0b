"""An optimizer is checked by its type: `isinstance(x, optimizers.Optimizer)` is False for legacy optimizers on TF 2.11 to 2.15.

From TF 2.11 to 2.15 (and in tf_keras) there are two base classes, `optimizers.Optimizer` and `optimizers.legacy.Optimizer`, and an
optimizer is of one of them (measured). On Apple silicon and in graph mode "adam" gives a legacy one. The module of a class
(`type(opt).__module__`) has another name in nearly every release. Check against both classes, or for the method that is needed.

Bad:
    import tensorflow as tf
    def train(optimizer):
        if not isinstance(optimizer, tf.keras.optimizers.Optimizer):
            raise TypeError(optimizer)

Good:
    import tensorflow as tf
    def train(optimizer):
        if not isinstance(optimizer, (tf.keras.optimizers.Optimizer, tf.keras.optimizers.legacy.Optimizer)):
            raise TypeError(optimizer)

Good:
    import tensorflow as tf
    def train(optimizer):
        if not hasattr(optimizer, "apply_gradients"):
            raise TypeError(optimizer)
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import IsInstance, Outcome
from adamlint.findings import Effect
from adamlint.idioms.owners import member_paths
from adamlint.program.module import Module
from adamlint.rule import Problem, Rule
from adamlint.values.kinds import OptimizerClass, optimizer_class
from adamlint.values.value import Ref

RULE = Rule("ADM609", "optimizer-type-check")

_SAYS = {Outcome.IGNORED: "is False for legacy optimizers"}


@RULE.on(cst.Call)
def check(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report a check against the base class alone, of something that may be a legacy optimizer."""
    if module.names(call.func) != ("builtins.isinstance",) or len(call.args) != 2:
        return
    asked = [[optimizer_class(value) for value in module.values(node)] for node in _asked(call.args[1].value, module)]
    bases = [classes[0] for classes in asked if all(cls is not None and _is_base(cls) for cls in classes)]
    legacy = any(cls is not None and cls.legacy for classes in asked for cls in classes)
    if not bases or bases[0] is None or legacy or _other_checks(call, module) or member_paths(call.args[0].value, module):
        return
    base = bases[0]
    made = (f"{base.package}.optimizers.legacy.Adam", f"{base.package}.optimizers.Adam")  # True, where there is no legacy class
    subjects = tuple(IsInstance(path, base.path) for path in made)
    message = f"`isinstance` of `{module.tree.code(call.args[0].value)}` and `Optimizer`"
    yield Problem(call, message, subjects, effects={Outcome.IGNORED: Effect.DIFFERS}, says=_SAYS)


@RULE.on(cst.Attribute)
def check_module(node: cst.Attribute, module: Module) -> Iterator[Problem]:
    """Report a look at the module of the class of a Keras optimizer."""
    if node.attr.value != "__module__":
        return
    owner = node.value
    if isinstance(owner, cst.Call) and module.names(owner.func) == ("builtins.type",) and len(owner.args) == 1:
        asked = owner.args[0].value
    elif isinstance(owner, cst.Attribute) and owner.attr.value == "__class__":
        asked = owner.value
    else:
        return
    if member_paths(asked, module):
        yield Problem(node, "the module of an optimizer class has another name in other releases", always=Effect.DIFFERS)


def _asked(node: cst.BaseExpression, module: Module) -> list[cst.BaseExpression]:
    """Return the classes of the second argument of `isinstance`."""
    return module.items(node) or [node]


def _is_base(cls: OptimizerClass) -> bool:
    return cls.name == "Optimizer" and not cls.legacy and cls.path.endswith(".optimizers.Optimizer")


def _other_checks(call: cst.Call, module: Module) -> bool:
    """Tell whether the function asks for a legacy class, too, or the condition has an alternative."""
    top = module.tree.enclosing(call, cst.FunctionDef) or module.tree.module
    names = [name for name in (*module.tree.nodes(cst.Attribute), *module.tree.nodes(cst.Name)) if _is_legacy(name, module)]
    within = any(above is top for name in names for above in module.tree.ancestors(name))
    return within or isinstance(module.tree.parent(call), cst.BooleanOperation)


def _is_legacy(node: cst.CSTNode, module: Module) -> bool:
    if isinstance(node, cst.Name) and not isinstance(module.tree.parent(node), (cst.Arg, cst.Element)):
        return False
    return any(isinstance(v, Ref) and (cls := optimizer_class(v)) is not None and cls.legacy for v in module.values(node))
