"""On which releases a package takes in one of its files: `__init__` may import `optimizers_v1` only in its branch for TensorFlow 1."""

from __future__ import annotations

import re

import libcst as cst

from adamlint.program.module import Module
from adamlint.target import Target
from adamlint.text.tree import dotted_name


def may_choose(name: str, data: bytes) -> bool:
    """Tell whether an `__init__` may import a file of its package in a branch, as a look at its bytes tells."""
    return re.search(rb"^[ \t]+from\s[^\n]*\b%b\b" % re.escape(name.encode()), data, re.MULTILINE) is not None


def admitted(dotted: str, package: Module, target: Target) -> Target:
    """Return the part of ``target`` in which the `__init__` of a package imports its file, `package.name`; all where it never does.

    A test that has no answer here takes nothing away: it is asked in another file. An import for type checkers alone says that the package
    has another way to its files.
    """
    imports = [node for node in package.tree.nodes(cst.ImportFrom) if _takes(node, dotted)]
    if any(_is_for_types(node, package) for node in imports):
        return target
    left = [package.guards.left(node, target, trusting=False) for node in imports]
    return target.where(lambda cell: any(cell in part.cells for part in left)) if left else target


def _is_for_types(node: cst.ImportFrom, package: Module) -> bool:
    tests = (above.test for above in package.tree.ancestors(node) if isinstance(above, cst.If))
    return any(dotted_name(test).endswith("TYPE_CHECKING") for test in tests)


def _takes(node: cst.ImportFrom, dotted: str) -> bool:
    """Tell whether `from .name import …`, `from . import name`, or the same with the name of the package, imports a file of it."""
    package, _, name = dotted.partition(".")
    home = dotted_name(node.module)
    names = () if isinstance(node.names, cst.ImportStar) else tuple(dotted_name(alias.name) for alias in node.names)
    if node.relative:
        return len(node.relative) == 1 and (home == name or (not home and name in names))
    return f".{home}".endswith(f".{dotted}") or (home.rpartition(".")[2] == package and name in names)
