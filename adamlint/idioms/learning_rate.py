"""How `lr` of an optimizer becomes `learning_rate`: as an attribute, as a string, and with what hangs on `hasattr`."""

from __future__ import annotations

import libcst as cst

from adamlint.atlas import Member
from adamlint.idioms import backend
from adamlint.idioms.attributes import use
from adamlint.program.module import Module
from adamlint.rule import Change, Remedy

_TITLE = "write `learning_rate`"


def renamed(node: cst.Attribute, paths: tuple[str, ...], module: Module) -> Remedy | None:
    """Return the rewrite of one use of `lr`.

    A plain one is renamed: but `opt.learning_rate *= 0.5` on a variable of TF 2 raises, as `opt.lr *= 0.5` did.
    """
    handed = backend.handed(node, module)
    if handed is not None:
        return _for_backend(node, handed, paths[0], module)
    how, value = use(node, module)
    if how == "update" or module.called(node) is not None:  # a schedule once was; what `learning_rate` gives cannot be called
        return None
    return _remedy(module.edit.replace(node.attr, "learning_rate"), paths[0], "set" if how == "set" else "get", value, module)


def renamed_string(name: cst.SimpleString, path: str, access: str, value: cst.BaseExpression | None, module: Module) -> Remedy:
    """Return the rewrite of `"lr"` in `getattr` or `setattr`, where ``value`` is written."""
    return _remedy(_in_string(name, module), path, access, value, module)


def renamed_with_uses(
    call: cst.Call, name: cst.SimpleString, paths: tuple[str, ...], within: cst.CSTNode | None, unsafe: str, module: Module
) -> Remedy | None:
    """Return the rewrite of what `hasattr` asks for together with the uses ``within`` that the answer guards: all of them or none."""
    owner, order = module.tree.code(call.args[0].value), module.tree.order
    named = [node for node in module.tree.nodes(cst.Attribute) if node.attr.value == "lr" and module.tree.code(node.value) == owner]
    uses = [node for node in named if order(node) > order(call) and any(above is within for above in module.tree.ancestors(node))]
    found = [renamed(node, paths, module) for node in uses]
    remedies = [remedy for remedy in found if remedy is not None]
    if len(remedies) < len(uses):
        return None
    changes = (_in_string(name, module), *(change for remedy in remedies for change in remedy.changes))
    unsafe = unsafe or next((remedy.unsafe for remedy in remedies if remedy.unsafe), "")
    eager = any(remedy.eager for remedy in remedies)
    return Remedy(_TITLE, changes, instead=Member(paths[0], "learning_rate", "get"), unsafe=unsafe, eager=eager)


def _for_backend(node: cst.Attribute, handed: backend.Handed, path: str, module: Module) -> Remedy | None:
    """The rewrite that runs on every release: `assign`; `get_value` of tf.keras; where Keras 3 has none, `numpy`."""
    rate = f"{module.tree.code(node.value)}.learning_rate"
    if handed.function == "set_value":
        return backend.assigned(handed.call, rate, path, "assign to `learning_rate`", module)
    if handed.package == "keras":
        return backend.read(handed.call, rate, path, module)
    return _remedy(module.edit.replace(node.attr, "learning_rate"), path, f"K.{handed.function}", None, module)


def _remedy(change: Change, path: str, access: str, value: cst.BaseExpression | None, module: Module) -> Remedy:
    code = " ".join(module.tree.code(value).split()) if value is not None else ""
    shown = code if len(code) <= 40 else f"{code[:37]}..."
    return Remedy(_TITLE, (change,), instead=Member(path, "learning_rate", access), takes_effect=shown)


def _in_string(name: cst.SimpleString, module: Module) -> Change:
    return module.edit.replace(name, module.tree.code(name).replace("lr", "learning_rate"))
