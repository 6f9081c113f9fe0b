"""A private module of Keras is imported: it is gone, or holds another class, on some releases.

Keras has moved its modules with almost every release: `keras.optimizer_v2` is there up to TF 2.8, then
`keras.optimizers.optimizer_v2` up to 2.11, `keras.optimizers.adam` on 2.12 alone, `keras.src` from 2.13 on (where
`keras.src.optimizers.Adam` is the legacy class up to 2.15), `keras.api._v2` from 2.6 to 2.15, `keras.engine` up to 2.12.
`tensorflow.python.keras` can be imported everywhere. Up to TF 2.5 it is what `tf.keras` is; from 2.6 on it is a copy of an older Keras
that nothing else uses: a `tf.keras` model refuses its optimizers ("Could not interpret optimizer identifier", measured on 2.6 to 2.21),
and `tensorflow.python.keras.optimizers` has no Adam since 2.4. `tensorflow.compat.v1.python` is on no release (measured on 2.3 to 2.21).
The public paths have stayed.

Bad:
    from keras.optimizers.optimizer_v2.adam import Adam

Bad:
    from tensorflow.python.keras import backend as K

Good:
    from tensorflow.keras import backend as K
    from tensorflow.keras.optimizers import Adam

Good:
    try:
        from keras.src.saving.saving_lib import load_model
    except ImportError:
        from keras.models import load_model
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Construct, Import, Outcome, Public, Same
from adamlint.findings import Effect
from adamlint.imports import bound_name
from adamlint.kinds import OPTIMIZERS
from adamlint.measured import outcomes
from adamlint.module import Module
from adamlint.rule import FAILS, Change, Problem, Remedy, Rule
from adamlint.tree import dotted_name

RULE = Rule("ADM203", "private-import")

# The private packages, each with the measured module whose rows show whether it is there at all.
_PACKAGES = {
    "keras.engine.topology": "keras.engine.topology",
    "keras.engine": "keras.engine",
    "keras.src": "keras.src.optimizers",
    "keras.optimizer_v2": "keras.optimizer_v2.adam",
    "keras.optimizers.optimizer_v2": "keras.optimizers.optimizer_v2.adam",
    "keras.optimizers.optimizer_experimental": "keras.optimizers.optimizer_experimental.adam",
    "keras.optimizers.legacy.adam": "keras.optimizers.legacy.adam",
    "keras.optimizers.adam": "keras.optimizers.adam",
    "keras.optimizers.adam_v2": "keras.optimizers.adam_v2",
    "keras.api._v2.keras": "keras.api._v2.keras.optimizers",
    "keras.api": "keras.api.optimizers",
}
_COPIES = ("tensorflow.python.keras",)
_NOWHERE = ("tensorflow.compat.v1.python", "tensorflow.compat.v2.python")
_COPIED_ADAM = Construct("tensorflow.python.keras.optimizer_v2.adam.Adam")
_IS_PUBLIC = Same(_COPIED_ADAM.path, "tensorflow.keras.optimizers.Adam")
_AREAS = frozenset({
    "activations", "applications", "backend", "callbacks", "constraints", "datasets", "initializers", "layers", "losses", "metrics",
    "models", "optimizers", "preprocessing", "regularizers", "utils",
})  # fmt: skip
_MODULES = frozenset({"adam_v2", "adam", "adamw", "nadam", "adamax", "sgd", "rmsprop", "gradient_descent_v2", "rmsprop_v2"})


@RULE.on(cst.ImportFrom)
def check_from(node: cst.ImportFrom, module: Module) -> Iterator[Problem]:
    """Report `from <private module> import …`."""
    yield from _problems(node, module)


@RULE.on(cst.Import)
def check_import(node: cst.Import, module: Module) -> Iterator[Problem]:
    """Report `import <private module>`."""
    yield from _problems(node, module)


def _problems(node: cst.ImportFrom | cst.Import, module: Module) -> Iterator[Problem]:
    """Report a statement once, and each optimizer in it, unless it is one side of a `try: … except ImportError`."""
    private = [(alias, path) for alias, path in _imported(node) if _is_private(path)]
    if not private or module.guards.handles(node, "ImportError") or module.tree.enclosing(node, cst.ExceptHandler):
        return
    if _is_keras_itself(module):
        return
    optimizers = [(alias, path) for alias, path in private if path.rpartition(".")[2] in OPTIMIZERS]
    for alias, path in optimizers or private[:1]:
        if _is_copy(path) and module.guards.sorts_out(node, _COPIED_ADAM):
            continue  # the releases were told apart
        gone = next((home for home in _NOWHERE if _is_below(path, home)), None)
        if gone is not None:
            yield Problem(alias, f"`{path}` cannot be imported: no release has `{gone}`", always=Effect.BREAKS)
        else:
            yield _copy(alias, path, module) if _is_copy(path) else _moved(alias, path, module)


def _is_keras_itself(module: Module) -> bool:
    """Tell whether a file is one of Keras's own, or of TensorFlow's, or of their tests: nothing else has a use for these two."""
    if module.project_has("keras", "src/__init__.py") or module.project_has("tensorflow", "python/__init__.py"):
        return True
    own = (path for node in module.tree.nodes(cst.ImportFrom) for _, path in _imported(node))
    return any(_is_below(path, "keras.src.api_export") or path == "keras.src.testing" for path in own)


def _imported(node: cst.ImportFrom | cst.Import) -> Iterator[tuple[cst.ImportAlias, str]]:
    """Yield the names of an import with their dotted paths as written: the canonical one would hide what is private."""
    if isinstance(node.names, cst.ImportStar) or (isinstance(node, cst.ImportFrom) and node.relative):
        return
    home = f"{dotted_name(node.module)}." if isinstance(node, cst.ImportFrom) else ""
    yield from ((alias, home + dotted_name(alias.name)) for alias in node.names)


def _is_below(path: str, package: str) -> bool:
    return path == package or path.startswith(package + ".")


def _is_copy(path: str) -> bool:
    return any(_is_below(path, copy) for copy in _COPIES)


def _is_private(path: str) -> bool:
    return _is_copy(path) or any(_is_below(path, package) for package in (*_PACKAGES, *(f"{home}.keras" for home in _NOWHERE)))


def _copy(alias: cst.ImportAlias, path: str, module: Module) -> Problem:
    fails = Outcome.RAISES in outcomes(Import(path))
    return Problem(
        alias,
        f"`{path}` is of a private copy of an older Keras, not of the one that `tf.keras` is",
        (Import(path) if fails else _COPIED_ADAM,),
        effects=FAILS if fails else {Outcome.OK: Effect.DIFFERS},
        unless=None if fails else _IS_PUBLIC,
        remedy=_remedy(path, module),
    )


def _moved(alias: cst.ImportAlias, path: str, module: Module) -> Problem:
    standing = next(measured for package, measured in _PACKAGES.items() if _is_below(path, package))
    twin = _twin(path)
    return Problem(
        alias,
        f"`{path}` is private",
        (Construct(path), Import(path), Import(standing)),
        effects={Outcome.RAISES: Effect.BREAKS},
        compare=Construct(twin) if twin is not None and twin.rpartition(".")[2] in OPTIMIZERS else None,
        remedy=_remedy(path, module) if twin is not None else None,  # for one, all imports of the file are read
    )


def _twin(path: str) -> str | None:
    """Return the public path of the same thing, where it has one."""
    package = next(p for p in (*_COPIES, "keras.api._v2.keras", "keras.api", "keras.src", "keras") if _is_below(path, p))
    root = "tensorflow.keras" if package in _COPIES or package == "keras.api._v2.keras" else "keras"
    parts = path[len(package) + 1 :].split(".")
    name = parts[-1]
    if parts[0].startswith("optimizer") and name in OPTIMIZERS - {"Optimizer", "LossScaleOptimizer"}:
        return f"{root}.optimizers.{name}"
    if parts[0].startswith("optimizer") and name in _MODULES:
        return f"{root}.optimizers"
    if parts[0] in _AREAS and len(parts) == 1:
        return f"{root}.{parts[0]}" if package != "keras.src" else None  # its modules hold more than the public ones
    if parts[0] in _AREAS and Outcome.OK in outcomes(Public(f"{root}.{parts[0]}.{name}")):
        return f"{root}.{parts[0]}.{name}"
    return None


def _needed(alias: cst.ImportAlias, twin: str, module: Module) -> Iterator[Public]:
    """Yield the public names that have to be there: that of an import, or those that are used of a module."""
    if twin.rpartition(".")[2] not in _AREAS:
        if twin.rpartition(".")[2] not in OPTIMIZERS:  # of which the atlas knows more
            yield Public(twin)
        return
    above = (module.tree.parent(use) for use in module.uses(bound_name(alias)))
    yield from (Public(f"{twin}.{node.attr.value}") for node in above if isinstance(node, cst.Attribute))


def _remedy(path: str, module: Module) -> Remedy | None:
    """Move all private imports of the file or none: a model and an optimizer of two packages do not work together."""
    statements: list[cst.ImportFrom | cst.Import] = [*module.tree.nodes(cst.ImportFrom), *module.tree.nodes(cst.Import)]
    private = [(node, alias, p) for node in statements for alias, p in _imported(node) if _is_private(p)]
    changes = [_public(node, module) for node in dict.fromkeys(node for node, _, _ in private)]
    twin = _twin(path)
    if twin is None or not all(changes):
        return None
    alone = len(private) == 1
    if module.wants_legacy and any("optimizer" in p for _, _, p in private):
        return None
    title, edits = "import from the public package", tuple(change for change in changes if change)
    if alone and not _is_copy(path) and twin.rpartition(".")[2] in OPTIMIZERS:
        return Remedy(title, edits, instead=Construct(twin), exchange="unsafe")
    twins = [(alias, twin) for _, alias, p in private if (twin := _twin(p)) is not None]
    classes = [twin for _, twin in twins if twin.rpartition(".")[2] in OPTIMIZERS]
    instead = Construct(classes[0]) if classes else None
    needs = tuple(dict.fromkeys(need for alias, twin in twins for need in _needed(alias, twin, module)))
    return Remedy(title, edits, instead=instead, needs=needs, unsafe="what it works together with may be private, too")


def _public(node: cst.ImportFrom | cst.Import, module: Module) -> Change | None:
    """Return the rewrite of one import, if all of its names have public twins: of its module alone where that is enough."""
    imported = list(_imported(node))
    twins = [(alias, _twin(path) if _is_private(path) else path) for alias, path in imported]
    known = [(alias, twin.rpartition(".")) for alias, twin in twins if twin is not None and _keeps_its_name(node, alias)]
    if len(known) < len(imported) or not known:
        return None
    homes = dict.fromkeys(home for _, (home, _, _) in known)
    same = all(dotted_name(alias.name) == name for alias, (_, _, name) in known)
    if isinstance(node, cst.ImportFrom) and node.module is not None and len(homes) == 1 and same:
        return module.edit.replace(node.module, next(iter(homes)))
    line = module.tree.parent(node)
    alone = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1
    if not alone or "#" in module.tree.code(node):
        return None
    start = module.tree.span(node)[0]
    indent = module.tree.text[module.tree.text.rfind("\n", 0, start) + 1 : start]
    written = [f"from {home} import {', '.join(_named(alias, name) for alias, (of, _, name) in known if of == home)}" for home in homes]
    return module.edit.replace(node, f"\n{indent}".join(written)) if not indent.strip() else None


def _keeps_its_name(node: cst.ImportFrom | cst.Import, alias: cst.ImportAlias) -> bool:
    return isinstance(node, cst.ImportFrom) or alias.asname is not None


def _named(alias: cst.ImportAlias, name: str) -> str:
    """Write one name of an import so that it binds what it did: `name`, or `name as bound`."""
    bound = dotted_name(alias.asname.name) if alias.asname is not None else dotted_name(alias.name)
    return name if bound == name else f"{name} as {bound}"
