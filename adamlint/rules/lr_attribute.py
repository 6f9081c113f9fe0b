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

from adamlint import backend
from adamlint.atlas import Member, Outcome
from adamlint.attributes import is_fallback, leads_to_raise, skips, use
from adamlint.findings import Effect
from adamlint.module import Module
from adamlint.rule import Change, Problem, Remedy, Rule

RULE = Rule("ADM602", "lr-attribute")

_MESSAGE = "`lr` of an optimizer is `learning_rate`"
_TITLE = "write `learning_rate`"
_BY_NAME = {"getattr": "get", "hasattr": "get", "setattr": "set"}
_DIFFERS = {Outcome.RAISES: Effect.DIFFERS}


@RULE.on(cst.Attribute)
def check(node: cst.Attribute, module: Module) -> Iterator[Problem]:
    """Report `.lr` of a Keras optimizer, read, written or handed to the backend."""
    if node.attr.value != "lr" or not module.inherited(node) or is_fallback(node, "learning_rate", module):
        return
    handed = backend.handed(node, module)
    paths = module.member_paths(node.value) or (module.named_optimizer(node.value, handed.package) if handed is not None else ())
    if paths:
        access = f"K.{handed.function}" if handed is not None else "set" if use(node, module)[0] == "set" else "get"
        yield Problem(node, _MESSAGE, _members(paths, access), remedy=_rewritten(node, paths, module))


def _rewritten(node: cst.Attribute, paths: tuple[str, ...], module: Module) -> Remedy | None:
    """A plain use is renamed: but `opt.learning_rate *= 0.5` on a variable of TF 2 raises, as `opt.lr *= 0.5` did."""
    handed = backend.handed(node, module)
    if handed is not None:
        return _for_backend(node, handed, paths[0], module)
    how, value = use(node, module)
    if how == "update" or module.called(node) is not None:  # a schedule once was; what `learning_rate` gives cannot be called
        return None
    return _rename(module.edit.replace(node.attr, "learning_rate"), paths[0], "set" if how == "set" else "get", value, module)


def _rename(change: Change, path: str, access: str, value: cst.BaseExpression | None, module: Module) -> Remedy:
    code = " ".join(module.tree.code(value).split()) if value is not None else ""
    shown = code if len(code) <= 40 else f"{code[:37]}..."
    return Remedy(_TITLE, (change,), instead=Member(path, "learning_rate", access), takes_effect=shown)


def _for_backend(node: cst.Attribute, handed: backend.Handed, path: str, module: Module) -> Remedy | None:
    """The rewrite that runs on every release: `assign`; `get_value` of tf.keras; where Keras 3 has none, `numpy`."""
    rate = f"{module.tree.code(node.value)}.learning_rate"
    if handed.function == "set_value":
        return backend.assigned(handed.call, rate, path, "assign to `learning_rate`", module)
    if handed.package == "keras":
        return backend.read(handed.call, rate, path, module)
    return _rename(module.edit.replace(node.attr, "learning_rate"), path, f"K.{handed.function}", None, module)


@RULE.on(cst.Call)
def check_by_name(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report `getattr`, `setattr` and `hasattr` of "lr"."""
    function = call.func.value if isinstance(call.func, cst.Name) else ""
    name = call.args[1].value if function in _BY_NAME and len(call.args) > 1 else None
    if not isinstance(name, cst.SimpleString) or name.evaluated_value != "lr":
        return
    paths = module.member_paths(call.args[0].value) if not is_fallback(call, "learning_rate", module) else ()
    if not paths or module.names(call.func) != (f"builtins.{function}",):
        return
    access = _BY_NAME[function]
    value = call.args[2].value if function == "setattr" and len(call.args) > 2 else None
    remedy = _rename(_renamed(name, module), paths[0], access, value, module)
    if function == "hasattr":
        yield from _asked(call, paths, _renamed(name, module), module)
    elif function == "getattr" and len(call.args) > 2:
        says = {Outcome.RAISES: "gives the default"}
        yield Problem(call, _MESSAGE, _members(paths, access), effects=_DIFFERS, says=says, remedy=remedy)
    else:
        yield Problem(call, _MESSAGE, _members(paths, access), remedy=remedy)


def _asked(call: cst.Call, paths: tuple[str, ...], renamed: Change, module: Module) -> Iterator[Problem]:
    """`hasattr`: it fails where the code gives up on False; where code is passed over, that may not run on Keras 3 either."""
    says = {Outcome.RAISES: "is False"}
    if leads_to_raise(call, module):
        remedy = _with_uses(call, paths, renamed, module.flow.scopes.of(call), "", module)
        yield Problem(call, _MESSAGE, _members(paths, "get"), says=says, remedy=remedy)
    elif skips(call, module):
        remedy = _with_uses(call, paths, renamed, module.tree.parent(call), "it lets code run where it was passed over", module)
        yield Problem(call, _MESSAGE, _members(paths, "get"), effects=_DIFFERS, says=says, remedy=remedy)


def _with_uses(
    call: cst.Call, paths: tuple[str, ...], renamed: Change, within: cst.CSTNode | None, unsafe: str, module: Module
) -> Remedy | None:
    """Rename what is asked for together with the uses that the answer guards: all of them or none."""
    owner, order = module.tree.code(call.args[0].value), module.tree.order
    named = [node for node in module.tree.nodes(cst.Attribute) if node.attr.value == "lr" and module.tree.code(node.value) == owner]
    uses = [node for node in named if order(node) > order(call) and any(above is within for above in module.tree.ancestors(node))]
    found = [_rewritten(node, paths, module) for node in uses]
    remedies = [remedy for remedy in found if remedy is not None]
    if len(remedies) < len(uses):
        return None
    changes = (renamed, *(change for remedy in remedies for change in remedy.changes))
    unsafe = unsafe or next((remedy.unsafe for remedy in remedies if remedy.unsafe), "")
    eager = any(remedy.eager for remedy in remedies)
    return Remedy(_TITLE, changes, instead=Member(paths[0], "learning_rate", "get"), unsafe=unsafe, eager=eager)


def _renamed(name: cst.SimpleString, module: Module) -> Change:
    return module.edit.replace(name, module.tree.code(name).replace("lr", "learning_rate"))


def _members(paths: tuple[str, ...], access: str) -> tuple[Member, ...]:
    return tuple(Member(path, "lr", access) for path in paths)
