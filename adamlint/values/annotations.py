"""The classes that an annotation names: of `Optional[A]`, `A | None`, `Union[A, B]` and `"A"` as of `A` itself."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.text.tree import dotted_name

_TRANSPARENT = ("Optional", "Union", "Annotated", "Final", "ClassVar")
_SERIES = ("List", "list", "Sequence", "Iterable", "Iterator", "Collection", "Set", "set")


def named_classes(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """Yield the names of the classes of one of which a value is; nothing for an annotation that says something else."""
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
        yield from named_classes(node.left)
        yield from named_classes(node.right)
    elif isinstance(node, cst.Subscript) and _last(node) in _TRANSPARENT:
        for inner in _inner(node):
            yield from named_classes(inner)
    elif isinstance(node, (cst.Attribute, cst.SimpleString)) or (isinstance(node, cst.Name) and node.value != "None"):
        yield node


def element_classes(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """Yield the classes of what is in a list, by the annotation of the list: of `Sequence[A]` and `Optional[List[A]]`, A."""
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
        yield from element_classes(node.left)
        yield from element_classes(node.right)
    elif isinstance(node, cst.Subscript):
        name = _last(node)
        for inner in _inner(node):
            yield from named_classes(inner) if name in _SERIES else element_classes(inner) if name in _TRANSPARENT else ()


def _last(node: cst.Subscript) -> str:
    return dotted_name(node.value).rpartition(".")[2]


def _inner(node: cst.Subscript) -> list[cst.BaseExpression]:
    return [element.slice.value for element in node.slice if isinstance(element.slice, cst.Index)]
