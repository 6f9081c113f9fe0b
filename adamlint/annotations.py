"""The classes that an annotation names: of `Optional[A]`, `A | None`, `Union[A, B]` and `"A"` as of `A` itself."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.tree import dotted_name

_TRANSPARENT = ("Optional", "Union", "Annotated", "Final", "ClassVar")


def named_classes(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """Yield the names of the classes of one of which a value is; nothing for an annotation that says something else."""
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
        yield from named_classes(node.left)
        yield from named_classes(node.right)
    elif isinstance(node, cst.Subscript) and dotted_name(node.value).rpartition(".")[2] in _TRANSPARENT:
        for element in node.slice:
            if isinstance(element.slice, cst.Index):
                yield from named_classes(element.slice.value)
    elif isinstance(node, (cst.Attribute, cst.SimpleString)) or (isinstance(node, cst.Name) and node.value != "None"):
        yield node
