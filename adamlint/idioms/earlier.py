"""How the write of an environment variable is moved to where it has an effect: to `os.environ`, and above the import that reads it."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from adamlint.program.environment import Import, Write
from adamlint.program.module import Module
from adamlint.rule import Remedy
from adamlint.text.tree import dotted_name

# isort with `float_to_top` moves imports above other code, but not above this; ruff moves none above code, and its E402 lets
# `os.environ` stand between imports (tried with isort 9.0 and ruff 0.17).
_BARRIER = "# isort: split\n"
_SWITCHES = "it switches the Keras package"


def to_environ(write: Write, module: Module) -> Remedy | None:
    """Return the rewrite of a statement `os.putenv(…)` to one that sets `os.environ`."""
    call = write.node
    if not (isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) and isinstance(module.tree.parent(call), cst.Expr)):
        return None
    owner, key, value = (module.tree.code(part) for part in (call.func.value, call.args[0].value, call.args[1].value))
    return Remedy("set `os.environ`", (module.edit.replace(call, f"{owner}.environ[{key}] = {value}"),), unsafe=_SWITCHES)


def before_import(write: Write, loader: Import, module: Module) -> Remedy | None:
    """Move a plain statement of the top level above the one that imports TensorFlow, with its `import os` if need be."""
    top = module.tree.module.body
    line = module.tree.parent(write.node)
    target = next((above for above in module.tree.ancestors(loader) if above in top), None)
    source = _import_of_os(write, module)
    if target is None or source is None or not isinstance(line, cst.SimpleStatementLine) or len(line.body) > 1:
        return None
    if line not in top or source not in top or isinstance(target, cst.ClassDef):
        return None
    if not module.edit.in_one_cell(module.tree.span(target)[0], module.tree.span(line)[1]):
        return None
    there = module.tree.order(source) < module.tree.order(target)
    if not there and "," in module.tree.code(source):
        return None
    written, *rest = module.edit.move([line] if there else [source, line], target)
    script = module.edit.in_one_cell(0, len(module.tree.text))
    changes = (replace(written, text=written.text + _BARRIER) if script else written, *rest)
    return Remedy("set it before the import", changes, unsafe=_SWITCHES)


def _import_of_os(write: Write, module: Module) -> cst.SimpleStatementLine | None:
    """Return the line that alone imports the `os` or `environ` of `os.environ["…"] = "…"`."""
    assign = write.node
    target = assign.targets[0].target if isinstance(assign, cst.Assign) and len(assign.targets) == 1 else None
    index = target.slice[0].slice if isinstance(target, cst.Subscript) else None
    if not (isinstance(target, cst.Subscript) and isinstance(index, cst.Index)):
        return None
    if not (isinstance(index.value, cst.SimpleString) and isinstance(write.value, cst.SimpleString)):
        return None
    root = dotted_name(target.value).partition(".")[0]
    bindings = module.flow.reaching(root, assign) if root else []
    line = module.tree.enclosing(bindings[0].node, cst.SimpleStatementLine) if len(bindings) == 1 else None
    return line if line is not None and len(line.body) == 1 and isinstance(line.body[0], (cst.Import, cst.ImportFrom)) else None
