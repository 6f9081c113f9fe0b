"""`optimizer.lr` is gone in Keras 3: reading it raises AttributeError, and writing it changes nothing.

Up to TF 2.15, and in tf_keras, `lr` is another name of `learning_rate`. In Keras 3 (TF 2.16 and later) `optimizer.lr` raises
AttributeError; `optimizer.lr = 0.01` makes a new attribute that nobody reads, so the rate stays as it was, **silently**; and
`hasattr(optimizer, "lr")` is False. `learning_rate` is right on every release of TF 2. `K.set_value` does not take a rate of Keras
3 either, `optimizer.learning_rate.assign(…)` works on all; `keras.backend.get_value` is gone there.

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
from adamlint.idioms import backend, learning_rate
from adamlint.idioms.attributes import is_fallback, leads_to_raise, skips, use
from adamlint.idioms.owners import member_paths, named_optimizer
from adamlint.program.module import Module
from adamlint.rule import Problem, Rule

RULE = Rule("ADM602", "lr-attribute")

_MESSAGE = "`lr` of an optimizer is `learning_rate`"
_BY_NAME = {"getattr": "get", "hasattr": "get", "setattr": "set"}
_DIFFERS = {Outcome.RAISES: Effect.DIFFERS}


@RULE.on(cst.Attribute)
def check(node: cst.Attribute, module: Module) -> Iterator[Problem]:
    """Report `.lr` of a Keras optimizer, read, written or handed to the backend."""
    if node.attr.value != "lr" or not module.inherited(node) or is_fallback(node, "learning_rate", module):
        return
    handed = backend.handed(node, module)
    paths = member_paths(node.value, module) or (named_optimizer(node.value, handed.package, module) if handed is not None else ())
    if paths:
        access = f"K.{handed.function}" if handed is not None else "set" if use(node, module)[0] == "set" else "get"
        yield Problem(node, _MESSAGE, _members(paths, access), remedy=learning_rate.renamed(node, paths, module))


@RULE.on(cst.Call)
def check_by_name(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report `getattr`, `setattr` and `hasattr` of "lr"."""
    function = call.func.value if isinstance(call.func, cst.Name) else ""
    name = call.args[1].value if function in _BY_NAME and len(call.args) > 1 else None
    if not isinstance(name, cst.SimpleString) or name.evaluated_value != "lr":
        return
    paths = member_paths(call.args[0].value, module) if not is_fallback(call, "learning_rate", module) else ()
    if not paths or module.names(call.func) != (f"builtins.{function}",):
        return
    access = _BY_NAME[function]
    value = call.args[2].value if function == "setattr" and len(call.args) > 2 else None
    remedy = learning_rate.renamed_string(name, paths[0], access, value, module)
    if function == "hasattr":
        yield from _asked(call, name, paths, module)
    elif function == "getattr" and len(call.args) > 2:
        says = {Outcome.RAISES: "gives the default"}
        yield Problem(call, _MESSAGE, _members(paths, access), effects=_DIFFERS, says=says, remedy=remedy)
    else:
        yield Problem(call, _MESSAGE, _members(paths, access), remedy=remedy)


def _asked(call: cst.Call, name: cst.SimpleString, paths: tuple[str, ...], module: Module) -> Iterator[Problem]:
    """`hasattr`: it fails where the code gives up on False; where code is passed over, that may not run on Keras 3 either."""
    says = {Outcome.RAISES: "is False"}
    if leads_to_raise(call, module):
        remedy = learning_rate.renamed_with_uses(call, name, paths, module.flow.scopes.of(call), "", module)
        yield Problem(call, _MESSAGE, _members(paths, "get"), says=says, remedy=remedy)
    elif skips(call, module):
        unsafe = "it lets code run where it was passed over"
        remedy = learning_rate.renamed_with_uses(call, name, paths, module.tree.parent(call), unsafe, module)
        yield Problem(call, _MESSAGE, _members(paths, "get"), effects=_DIFFERS, says=says, remedy=remedy)


def _members(paths: tuple[str, ...], access: str) -> tuple[Member, ...]:
    return tuple(Member(path, "lr", access) for path in paths)
