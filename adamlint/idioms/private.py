"""What of Keras is private, where the same thing is public, and how the imports of a file are moved there."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Construct, Outcome, Public
from adamlint.atlas.measured import outcomes
from adamlint.program.imports import bound_name
from adamlint.program.module import Module
from adamlint.rule import Change, Remedy
from adamlint.text.tree import dotted_name
from adamlint.values.kinds import OPTIMIZERS

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
_AREAS = frozenset({
    "activations", "applications", "backend", "callbacks", "constraints", "datasets", "initializers", "layers", "losses", "metrics",
    "models", "optimizers", "preprocessing", "regularizers", "utils",
})  # fmt: skip
_MODULES = frozenset({"adam_v2", "adam", "adamw", "nadam", "adamax", "sgd", "rmsprop", "gradient_descent_v2", "rmsprop_v2"})


def is_below(path: str, package: str) -> bool:
    """Tell whether a path is a package, or something in it."""
    return path == package or path.startswith(package + ".")


def is_copy(path: str) -> bool:
    """Tell whether a path is of the copy of Keras that TensorFlow keeps for itself."""
    return any(is_below(path, copy) for copy in _COPIES)


def is_private(path: str) -> bool:
    """Tell whether a path is of a private package of Keras, or of one that never was."""
    return is_copy(path) or any(is_below(path, package) for package in (*_PACKAGES, *(f"{home}.keras" for home in _NOWHERE)))


def gone_package(path: str) -> str | None:
    """Return the package of a path that is on no release; None where it is, or was, on some."""
    return next((home for home in _NOWHERE if is_below(path, home)), None)


def measured_package(path: str) -> str:
    """Return the measured module that tells on which releases the private package of a path is there. Raises StopIteration for others."""
    return next(measured for package, measured in _PACKAGES.items() if is_below(path, package))


def public_twin(path: str) -> str | None:
    """Return the public path of the same thing, where it has one."""
    package = next(p for p in (*_COPIES, "keras.api._v2.keras", "keras.api", "keras.src", "keras") if is_below(path, p))
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


# Imports ------------------------------------------------------------------------------------------


def imported(node: cst.ImportFrom | cst.Import) -> Iterator[tuple[cst.ImportAlias, str]]:
    """Yield the names of an import with their dotted paths as written: the canonical one would hide what is private."""
    if isinstance(node.names, cst.ImportStar) or (isinstance(node, cst.ImportFrom) and node.relative):
        return
    home = f"{dotted_name(node.module)}." if isinstance(node, cst.ImportFrom) else ""
    yield from ((alias, home + dotted_name(alias.name)) for alias in node.names)


def to_public(path: str, module: Module) -> Remedy | None:
    """Move all private imports of the file or none: a model and an optimizer of two packages do not work together."""
    statements: list[cst.ImportFrom | cst.Import] = [*module.tree.nodes(cst.ImportFrom), *module.tree.nodes(cst.Import)]
    private = [(node, alias, p) for node in statements for alias, p in imported(node) if is_private(p)]
    changes = [_moved(node, module) for node in dict.fromkeys(node for node, _, _ in private)]
    twin = public_twin(path)
    if twin is None or not all(changes):
        return None
    alone = len(private) == 1
    if module.wants_legacy and any("optimizer" in p for _, _, p in private):
        return None
    title, edits = "import from the public package", tuple(change for change in changes if change)
    if alone and not is_copy(path) and twin.rpartition(".")[2] in OPTIMIZERS:
        return Remedy(title, edits, instead=Construct(twin), exchange="unsafe")
    twins = [(alias, twin) for _, alias, p in private if (twin := public_twin(p)) is not None]
    classes = [twin for _, twin in twins if twin.rpartition(".")[2] in OPTIMIZERS]
    instead = Construct(classes[0]) if classes else None
    needs = tuple(dict.fromkeys(need for alias, twin in twins for need in _needed(alias, twin, module)))
    return Remedy(title, edits, instead=instead, needs=needs, unsafe="what it works together with may be private, too")


def _needed(alias: cst.ImportAlias, twin: str, module: Module) -> Iterator[Public]:
    """Yield the public names that have to be there: that of an import, or those that are used of a module."""
    if twin.rpartition(".")[2] not in _AREAS:
        if twin.rpartition(".")[2] not in OPTIMIZERS:  # of which the atlas knows more
            yield Public(twin)
        return
    above = (module.tree.parent(use) for use in module.uses(bound_name(alias)))
    yield from (Public(f"{twin}.{node.attr.value}") for node in above if isinstance(node, cst.Attribute))


def _moved(node: cst.ImportFrom | cst.Import, module: Module) -> Change | None:
    """Return the rewrite of one import, if all of its names have public twins: of its module alone where that is enough."""
    paths = list(imported(node))
    twins = [(alias, public_twin(path) if is_private(path) else path) for alias, path in paths]
    known = [(alias, twin.rpartition(".")) for alias, twin in twins if twin is not None and _keeps_its_name(node, alias)]
    if len(known) < len(paths) or not known:
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
