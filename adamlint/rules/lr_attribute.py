"""`optimizer.lr` is gone in Keras 3: reading it raises AttributeError, and writing it changes nothing.

Up to TF 2.15, and in tf_keras, `lr` is another name of `learning_rate`. In Keras 3 (TF 2.16 and later) `optimizer.lr` raises
AttributeError; `optimizer.lr = 0.01` makes a new attribute that nobody reads, so the rate stays as it was, **silently**; and
`hasattr(optimizer, "lr")` is False. `learning_rate` is right on every release of TF 2. `K.set_value` does not take a rate of Keras 3
either, `optimizer.learning_rate.assign(…)` works on all; `keras.backend.get_value` is gone there.

Bad:
    import tensorflow as tf
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(optimizer=tf.keras.optimizers.SGD(learning_rate=0.1), loss="mse")
    model.optimizer.lr = 0.01

Bad:
    from tensorflow import keras
    from tensorflow.keras import backend as K
    class Halve(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            K.set_value(self.model.optimizer.lr, 0.5 * K.get_value(self.model.optimizer.lr))

Good:
    import tensorflow as tf
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(optimizer=tf.keras.optimizers.SGD(learning_rate=0.1), loss="mse")
    model.optimizer.learning_rate = 0.01
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Member, Outcome
from adamlint.findings import Effect
from adamlint.module import Module
from adamlint.rule import FAILS, Change, Problem, Remedy, Rule

RULE = Rule("ADM602", "lr-attribute")

_MESSAGE = "`lr` of an optimizer is `learning_rate`"
_ACCESS = {"getattr": "get", "hasattr": "get", "setattr": "set"}


@RULE.on(cst.Attribute)
def check(node: cst.Attribute, module: Module) -> Iterator[Problem]:
    """Report `.lr` of a Keras optimizer, read, written or handed to the backend."""
    if node.attr.value != "lr" or not module.inherited(node):
        return
    arg = module.tree.parent(node)
    call = module.tree.parent(arg) if isinstance(arg, cst.Arg) else None
    paths = module.member_paths(node.value)
    if isinstance(call, cst.Call) and call.args[0] is arg:
        for function in ("set_value", "get_value"):
            for package in module.backend_packages(call, function):
                yield _in_backend(node, call, f"K.{function}", package, paths or module.named_optimizer(node.value, package), module)
                return
    if paths:
        yield _problem(node, paths, *_use(node, module), module)


def _use(node: cst.Attribute, module: Module) -> tuple[str, cst.BaseExpression | None]:
    """Return how the attribute is used, and the value that is written to it."""
    above: cst.CSTNode | None = module.tree.parent(node)
    plain = True
    while isinstance(above, (cst.Element, cst.Tuple, cst.List)):
        above, plain = module.tree.parent(above), False
    if isinstance(above, cst.AssignTarget):
        statement = module.tree.parent(above)
        return "set", statement.value if isinstance(statement, cst.Assign) and plain else None
    if isinstance(above, cst.AnnAssign) and above.target is node:
        return "set", above.value
    return ("augmented" if isinstance(above, cst.AugAssign) and above.target is node else "get"), None


def _problem(node: cst.Attribute, paths: tuple[str, ...], use: str, value: cst.BaseExpression | None, module: Module) -> Problem:
    access = "set" if use == "set" else "get"
    remedy = Remedy(
        "write `learning_rate`",
        (module.replace(node.attr, "learning_rate"),),
        instead=Member(paths[0], "learning_rate", access),
        takes_effect=_short(value, module) if value is not None else "what is written",
    )
    # `opt.learning_rate *= 0.5` on a variable of TF 2 raises, as `opt.lr *= 0.5` did
    return Problem(node, _MESSAGE, _members(paths, access), remedy=None if use == "augmented" else remedy)


def _in_backend(
    node: cst.Attribute, call: cst.Call, access: str, package: str, paths: tuple[str, ...], module: Module
) -> Problem:
    return Problem(node, _MESSAGE, _members(paths, access), remedy=_variable_method(node, call, access, package, paths, module))


def _variable_method(
    node: cst.Attribute, call: cst.Call, access: str, package: str, paths: tuple[str, ...], module: Module
) -> Remedy | None:
    """The rewrite that runs on every release: `assign`; `get_value` of tf.keras; else `numpy`."""
    if not paths:
        return None
    rate = f"{module.tree.code(node.value)}.learning_rate"
    if access == "K.set_value":
        changes = module.assigning(call, rate)
        return Remedy("assign to `learning_rate`", changes, instead=Member(paths[0], "learning_rate", "assign"), eager=True) if changes else None
    if package == "keras":  # Keras 3 has no `backend.get_value`
        change = module.replace(call, f"float({rate}.numpy())")
        return Remedy("read `learning_rate`", (change,), instead=Member(paths[0], "learning_rate", "numpy"), eager=True)
    return Remedy("write `learning_rate`", (module.replace(node.attr, "learning_rate"),), instead=Member(paths[0], "learning_rate", access))


@RULE.on(cst.Call)
def check_by_name(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report `getattr`, `setattr` and `hasattr` of "lr"."""
    function = call.func.value if isinstance(call.func, cst.Name) else ""
    if function not in _ACCESS or len(call.args) < 2 or not isinstance(call.args[1].value, cst.SimpleString):
        return
    name, paths = call.args[1].value, module.member_paths(call.args[0].value)
    if name.evaluated_value != "lr" or not paths or module.names(call.func) != (f"builtins.{function}",):
        return
    raising = function == "hasattr" and _leads_to_raise(call, module)
    if function == "hasattr" and not raising and not _skips(call, module):
        return
    says = {"hasattr": "is False", "getattr": "is the default"}.get(function, "") if len(call.args) == 3 or function == "hasattr" else ""
    quiet = {Outcome.RAISES: Effect.DIFFERS} if says and not raising else {}
    access = _ACCESS[function]
    value = call.args[2].value if function == "setattr" and len(call.args) == 3 else None
    remedy = Remedy(
        "write `learning_rate`",
        (_renamed(name, module),),
        instead=Member(paths[0], "learning_rate", access),
        takes_effect=_short(value, module) if value is not None else "",
    )
    skipping = function == "hasattr" and not raising  # what stands behind the test may not run on Keras 3 either
    yield Problem(
        call, _MESSAGE, _members(paths, access), effects={**FAILS, **quiet},
        says={Outcome.RAISES: says} if says else {}, remedy=None if skipping else remedy,
    )  # fmt: skip


def _renamed(name: cst.SimpleString, module: Module) -> Change:
    return module.replace(name, module.tree.code(name).replace("lr", "learning_rate"))


def _leads_to_raise(call: cst.Call, module: Module) -> bool:
    """Tell whether code gives up where the answer is False: `if not hasattr(…): raise`, `assert hasattr(…)`."""
    above = module.tree.parent(call)
    if isinstance(above, cst.Assert):
        return True
    test = module.tree.parent(above) if isinstance(above, cst.UnaryOperation) and isinstance(above.operator, cst.Not) else None
    return isinstance(test, cst.If) and any(isinstance(n, cst.Raise) and module.tree.enclosing(n, cst.If) is test for n in module.tree.nodes(cst.Raise))


def _skips(call: cst.Call, module: Module) -> bool:
    """Tell whether code is passed over where the answer is False, and nothing runs in its place."""
    test = module.tree.parent(call)
    return isinstance(test, cst.If) and test.test is call and test.orelse is None and module.flow.falls_through(test.body)


def _members(paths: tuple[str, ...], access: str) -> tuple[Member, ...]:
    return tuple(Member(path, "lr", access) for path in paths)


def _short(node: cst.BaseExpression, module: Module) -> str:
    code = " ".join(module.tree.code(node).split())
    return code if len(code) <= 40 else f"{code[:37]}..."
