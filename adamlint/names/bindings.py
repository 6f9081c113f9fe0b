"""What binds a name: every assignment, import, definition, parameter and the like of a tree, wherever it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import libcst as cst

from adamlint.text.tree import Tree, access_path, dotted_name


class Kind(Enum):
    """How a name gets its value."""

    ASSIGN = "assign"  # value, by way of `path` into it
    IMPORT = "import"  # the dotted name
    DEFINE = "define"  # a function or class
    PARAMETER = "parameter"
    ITERATE = "iterate"  # one element of value, by way of `path`
    OPEN = "open"  # `with value as name`
    OTHER = "other"  # augmented assignment, match, except … as: a value that is not followed
    DELETE = "delete"


@dataclass(frozen=True, eq=False)
class Binding:
    """One place that gives ``name`` a value; ``path`` are the indices into an unpacked ``value``."""

    name: str
    kind: Kind
    node: cst.CSTNode
    value: cst.BaseExpression | None = None
    path: tuple[int, ...] = ()
    dotted: str = ""


def bindings(tree: Tree) -> Iterator[Binding]:
    """Yield all bindings of a tree, but for what `from module import *` brings in."""
    yield from (binding for binding in _assignments(tree) if isinstance(binding.node, cst.Name))
    yield from _definitions(tree)
    yield from _imports(tree)
    yield from _others(tree)


def stores(tree: Tree) -> Iterator[Binding]:
    """Yield what is given to attributes, and to items by literal keys, by their access paths: `self.optimizer`, `cfg['optimizer']`."""
    yield from (binding for binding in _assignments(tree) if not isinstance(binding.node, cst.Name))


def stars(tree: Tree) -> Iterator[tuple[cst.ImportFrom, str]]:
    """Yield each `from module import *` with its module, relative ones with their dots."""
    for node in tree.nodes(cst.ImportFrom):
        if isinstance(node.names, cst.ImportStar):
            yield node, _origin(node)


def _origin(node: cst.ImportFrom) -> str:
    return "." * len(node.relative) + dotted_name(node.module)


def _assignments(tree: Tree) -> Iterator[Binding]:
    for assign in tree.nodes(cst.Assign):
        for target in assign.targets:
            yield from _targets(target.target, Kind.ASSIGN, assign.value)
    for annotated in tree.nodes(cst.AnnAssign):
        if annotated.value is not None:
            yield from _targets(annotated.target, Kind.ASSIGN, annotated.value)
    for walrus in tree.nodes(cst.NamedExpr):
        yield from _targets(walrus.target, Kind.ASSIGN, walrus.value)
    loops: list[cst.For | cst.CompFor] = [*tree.nodes(cst.For), *tree.nodes(cst.CompFor)]
    for loop in loops:
        yield from _targets(loop.target, Kind.ITERATE, loop.iter)
    for item in tree.nodes(cst.WithItem):
        if item.asname is not None:
            yield from _targets(item.asname.name, Kind.OPEN, item.item)
    for augmented in tree.nodes(cst.AugAssign):
        yield from _targets(augmented.target, Kind.OTHER, None)
    for deleted in tree.nodes(cst.Del):
        yield from _targets(deleted.target, Kind.DELETE, None)


def _definitions(tree: Tree) -> Iterator[Binding]:
    definitions: list[cst.FunctionDef | cst.ClassDef] = [*tree.nodes(cst.FunctionDef), *tree.nodes(cst.ClassDef)]
    for definition in definitions:
        yield Binding(definition.name.value, Kind.DEFINE, definition)
    for parameter in tree.nodes(cst.Param):
        yield Binding(parameter.name.value, Kind.PARAMETER, parameter, parameter.default)


def _imports(tree: Tree) -> Iterator[Binding]:
    for node in tree.nodes(cst.Import):
        for alias in node.names:
            dotted = dotted_name(alias.name)
            if alias.asname is not None:
                yield Binding(dotted_name(alias.asname.name), Kind.IMPORT, alias, dotted=dotted)
            else:
                root = dotted.partition(".")[0]
                yield Binding(root, Kind.IMPORT, alias, dotted=root)
    for origin in tree.nodes(cst.ImportFrom):
        module = _origin(origin)
        for alias in () if isinstance(origin.names, cst.ImportStar) else origin.names:
            name = dotted_name(alias.name)
            bound = dotted_name(alias.asname.name) if alias.asname else name
            dotted = module + name if module.endswith(".") else f"{module}.{name}"
            yield Binding(bound, Kind.IMPORT, alias, dotted=dotted)


def _others(tree: Tree) -> Iterator[Binding]:
    for handler in tree.nodes(cst.ExceptHandler):
        if handler.name is not None and isinstance(handler.name.name, cst.Name):
            yield Binding(handler.name.name.value, Kind.OTHER, handler.name)
    captures: list[cst.MatchAs | cst.MatchStar] = [*tree.nodes(cst.MatchAs), *tree.nodes(cst.MatchStar)]
    for capture in captures:
        if capture.name is not None:
            yield Binding(capture.name.value, Kind.OTHER, capture)


def _targets(
    target: cst.CSTNode, kind: Kind, value: cst.BaseExpression | None, path: tuple[int, ...] = ()
) -> Iterator[Binding]:
    """Yield a binding for each name, attribute and item in an assignment target; what follows a star is not followed."""
    if named := access_path(target):
        yield Binding(named, kind, target, value, path)
    elif isinstance(target, (cst.Tuple, cst.List)):
        starred = False
        for index, element in enumerate(target.elements):
            starred = starred or isinstance(element, cst.StarredElement)
            inner = Kind.OTHER if starred and kind is not Kind.DELETE else kind
            yield from _targets(element.value, inner, value, (*path, index))
