"""Whether a rewrite changed nothing but what its edits name: the syntax trees are held against each other before anything is written.

Splicing text never touches the bytes around an edit, but it can change what they mean: a quote that is not closed, a `#`, a
colon. So every statement and expression that no edit touches must be there afterwards, the same and in the same body.
"""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence

import libcst as cst

from adamlint.text.lines import starts
from adamlint.text.tree import Span, Tree, children, walk

_Part = tuple[tuple[str, ...], str]  # the bodies around a statement or an expression, and what it is
_EDITED = "edited"
_WITHIN_WORD = re.compile(r"\w\w")


def refusal(old: str, new: str, edits: Sequence[tuple[Span, Span]]) -> str:
    """Say what a rewrite does besides its edits, given where each, in order, stands before and after; "" for nothing.

    Raises RecursionError for code nested deeper than Python's stack.
    """
    if any(_cuts(old, before) or _cuts(new, after) for before, after in edits):
        return "would cut a name in two"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of invalid escapes in the code that is read
        parts = _ast_parts if _is(ast.parse, old) else _cst_parts  # LibCST knows syntax that is newer than the Python that runs
        if parts is _ast_parts and not _is(ast.parse, new):
            return "would leave code that does not parse"
        if not _is(_compiled, new) and _is(_compiled, old):  # `from __future__` must come first, `global x` before x
            return "would leave code that does not compile"
        same = list(parts(old, [before for before, _ in edits])) == list(parts(new, [after for _, after in edits]))
    return "" if same else "would change more than its edits"


def _cuts(text: str, span: Span) -> bool:
    """Tell whether a border of a span is between two characters of one word."""
    return any(_WITHIN_WORD.match(text, border - 1) is not None for border in span if border > 0)


def _compiled(text: str) -> None:
    compile(text, "<program>", "exec", dont_inherit=True)


def _is(taken_by: Callable[[str], object], text: str) -> bool:
    try:
        taken_by(text)
    except (SyntaxError, ValueError, MemoryError):
        return False
    return True


def _touched(span: Span, edits: Sequence[Span]) -> bool:
    """Tell whether one of the edits, which are sorted, reaches a span or its borders."""
    index = bisect_left(edits, span[0], key=lambda edit: edit[1])
    return index < len(edits) and edits[index][0] <= span[1]


def _within(span: Span, edits: Sequence[Span]) -> bool:
    """Tell whether one of the edits, which are sorted, is all of a span."""
    index = bisect_right(edits, span[0], key=lambda edit: edit[0]) - 1
    return index >= 0 and edits[index][1] >= span[1]


def _ast_parts(text: str, edits: Sequence[Span]) -> Iterator[_Part]:
    """Yield the largest statements and expressions that no edit touches, in order, and a mark for each statement that one does."""
    begins = starts(text)
    lines = [text[start:end] for start, end in zip(begins, [*begins[1:], len(text)], strict=True)]

    def offset(line: int, column: int) -> int:
        written = lines[line - 1]  # columns count bytes of UTF-8
        return begins[line - 1] + (column if written.isascii() else len(written.encode()[:column].decode()))

    def parts(node: ast.AST, bodies: tuple[str, ...]) -> Iterator[_Part]:
        for name, value in ast.iter_fields(node):
            inside = (*bodies, f"{type(node).__name__}.{name}") if _is_body(value) else bodies
            for child in value if isinstance(value, list) else [value]:
                if not isinstance(child, ast.AST):
                    continue
                if isinstance(child, (ast.stmt, ast.expr, ast.excepthandler, ast.arg, ast.keyword, ast.alias, ast.pattern)):
                    first = min([child, *getattr(child, "decorator_list", ())], key=lambda at: at.lineno)
                    span = offset(first.lineno, first.col_offset), offset(child.end_lineno or 0, child.end_col_offset or 0)
                    if not _touched(span, edits):
                        yield inside, ast.dump(child)
                        continue
                    if isinstance(child, ast.stmt) and not _within(span, edits):
                        yield inside, _EDITED
                if not isinstance(child, ast.JoinedStr):  # before Python 3.12 its parts have wrong places
                    yield from parts(child, inside)

    return parts(ast.parse(text), ())


def _is_body(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], ast.stmt)


def _cst_parts(text: str, edits: Sequence[Span]) -> Iterator[_Part]:
    """Yield the same of the tree that LibCST makes."""
    tree = Tree(text)

    def parts(node: cst.CSTNode, bodies: tuple[str, ...]) -> Iterator[_Part]:
        for child in children(node):
            spans = [tree.span(below) for below in walk(child)]  # that of a parameter is only its name
            span = min(start for start, _ in spans), max(end for _, end in spans)
            if not _touched(span, edits):
                yield bodies, " ".join([*(type(below).__name__ for below in walk(child)), text[slice(*span)]])
                continue
            if isinstance(child, (cst.BaseSmallStatement, cst.BaseCompoundStatement)) and not _within(span, edits):
                yield bodies, _EDITED
            block = isinstance(child, cst.BaseSuite)
            yield from parts(child, (*bodies, type(node).__name__) if block else bodies)

    return parts(tree.module, ())
