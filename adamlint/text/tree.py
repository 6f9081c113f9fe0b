"""One parse and one walk of a program: nodes by type, their parents, and spans on demand.

LibCST's wrapper, providers, matchers and visitors cost several times the parse, so none is used here.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import cache, cached_property
from itertools import pairwise
from typing import TypeVar

import libcst as cst
from libcst._nodes.internal import CodegenState  # no public name: what every node's own codegen is handed

from adamlint.text import budget, heap
from adamlint.text.lines import starts

Node = TypeVar("Node", bound=cst.CSTNode)
Span = tuple[int, int]

# Fields that hold only layout: nothing that a rule looks for is below them.
_LAYOUT = frozenset({
    "lpar", "rpar", "lbracket", "rbracket", "lbrace", "rbrace", "comma", "semicolon", "colon", "equal", "dot",
    "leading_lines", "lines_after_decorators", "header", "footer", "trailing_whitespace", "newline",
    "first_line", "empty_lines", "separator", "star", "open_paren", "close_paren",
})  # fmt: skip

_SPACE = " \t\f"
_STACK = 512 << 20  # bytes; only the pages that are used are ever taken
_LARGE = 20_000  # characters, from which on what the parser leaves behind is worth the time to give it back


def dotted_name(node: cst.CSTNode | None) -> str:
    """Return ``a.b.c`` of a chain of names, "" for anything else."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    return ".".join([node.value, *reversed(parts)]) if isinstance(node, cst.Name) else ""


def access_path(node: cst.CSTNode | None) -> str:
    """Return how a name, an attribute or an item by a literal key is spoken of: `self.params['optimizer']`; "" for anything else."""
    if isinstance(node, cst.Subscript) and len(node.slice) == 1 and isinstance(index := node.slice[0].slice, cst.Index):
        owner, key = access_path(node.value), index.value
        return f"{owner}[{key.evaluated_value!r}]" if owner and isinstance(key, (cst.SimpleString, cst.Integer)) else ""
    if isinstance(node, cst.Attribute):
        owner = access_path(node.value)
        return f"{owner}.{node.attr.value}" if owner else ""
    return node.value if isinstance(node, cst.Name) else ""


def root_name(path: str) -> str:
    """Return the name that an access path begins with."""
    return path.partition("[")[0].partition(".")[0]


@cache
def _code_fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    names = (field.name for field in fields(kind))
    return tuple(name for name in names if name not in _LAYOUT and not name.startswith("whitespace"))


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the child nodes that carry meaning, field by field."""
    for name in _code_fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, (list, tuple)):
            for item in value:
                if isinstance(item, cst.CSTNode):
                    yield item


def walk(root: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield ``root`` and all nodes below it, parents first, in the order of their fields."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(tuple(children(node))))


class _Spans(CodegenState):
    """Writes the program once more and notes at which offsets each node begins and ends."""

    def __init__(self, module: cst.Module) -> None:
        super().__init__(default_indent=module.default_indent, default_newline=module.default_newline)
        self.offset = 0
        self.spans: dict[int, Span] = {}  # by the id of the node
        self.comments: list[cst.Comment] = []
        self._starts: list[int] = []

    def add_token(self, value: str) -> None:
        self.offset += len(value)
        self.tokens.append(value)

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.add_token(token)

    def before_codegen(self, node: cst.CSTNode) -> None:
        self._starts.append(self.offset)

    def after_codegen(self, node: cst.CSTNode) -> None:
        start = self._starts.pop()
        self.spans.setdefault(id(node), (start, self.offset))
        if type(node) is cst.Comment:
            self.comments.append(node)

    def record_syntactic_position(  # type: ignore[override]  # generators would take a fifth of the time
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> _Recording:
        return _Recording(self, node, start_node, end_node)


class _Recording:
    """Notes the span of a node without the parentheses around it."""

    __slots__ = ("_ends", "_node", "_start", "_state")

    def __init__(self, state: _Spans, node: cst.CSTNode, start_node: cst.CSTNode | None, end_node: cst.CSTNode | None) -> None:
        self._state, self._node, self._ends = state, node, (start_node, end_node)

    def __enter__(self) -> None:
        self._start = self._state.offset

    def __exit__(self, *_: object) -> None:
        (first, last), spans = self._ends, self._state.spans
        start = self._start if first is None else spans[id(first)][0]
        spans[id(self._node)] = start, self._state.offset if last is None else spans[id(last)][1]


class _Moved:
    """Where the offsets of a program that LibCST wrote are in its text: form feeds before code and some lines without code are lost.

    Raises ValueError where the two differ by anything else, so that nothing is ever changed in a wrong place.
    """

    def __init__(self, written: str, text: str) -> None:
        self._lines: list[tuple[int, int, int, int]] = []  # its start, how far the code is in it, where both are in the text
        there = iter(_lines(text.removesuffix("\r")))  # a lone CR at the end is lost, too
        for start, line in _lines(written.removesuffix("\r")):
            code = line.lstrip(_SPACE)
            at, other = next(((at, other) for at, other in there if other.lstrip(_SPACE) == code or _has_code(other)), (0, ""))
            if other.lstrip(_SPACE) != code:
                raise ValueError("LibCST does not give back the code that it read")
            self._lines.append((start, len(line) - len(code), at, at + len(other) - len(code)))
        if any(_has_code(line) for _, line in there):
            raise ValueError("LibCST does not give back the code that it read")

    def offset(self, written: int) -> int:
        """Return the offset in the text of one in what was written."""
        start, indent, line, code = self._lines[bisect_right(self._lines, written, key=lambda line: line[0]) - 1]
        column = written - start
        return code + column - indent if column >= indent else line + column


def _has_code(line: str) -> bool:
    return not line.lstrip().startswith("#") and line.strip() != ""


def _lines(text: str) -> list[tuple[int, str]]:
    """Return the lines of a text, each with the offset at which it begins."""
    return [(start, text[start:end]) for start, end in pairwise([*starts(text), len(text)])]


def parse(text: str) -> cst.Module:
    """Parse a program. Raises libcst.ParserSyntaxError where it is not Python, and budget.Excess where it is too much.

    LibCST's parser recurses on the C stack and takes the process down where that ends: measured on 8 MB at 1,600 brackets or
    6,400 attributes in a chain. So it gets a larger stack, and brackets as deep as CPython itself refuses are refused here.
    """
    try:
        budget.check(text)
    except budget.Nesting:
        raise cst.ParserSyntaxError("too many nested parentheses", lines=[text], raw_line=1, raw_column=0) from None
    outcome: list[cst.Module | BaseException] = []

    def run() -> None:
        try:
            outcome.append(cst.parse_module(text))
        except BaseException as error:
            outcome.append(error)

    usual = threading.stack_size(_STACK)
    try:
        thread = threading.Thread(target=run)
        thread.start()
    finally:
        threading.stack_size(usual)
    thread.join()
    if len(text) >= _LARGE:
        heap.give_back()
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


class Tree:
    """A parsed program. Raises what ``parse`` raises."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.module = parse(text)
        # By the ids of the nodes, which this tree keeps alive: a node's own hash is a call into Python.
        self._parents: dict[int, cst.CSTNode] = {}
        self._order: dict[int, int] = {}
        self._by_type: dict[type[cst.CSTNode], list[cst.CSTNode]] = {}
        self._walk()

    def _walk(self) -> None:
        stack: list[cst.CSTNode] = [self.module]
        while stack:
            node = stack.pop()
            self._order[id(node)] = len(self._order)
            self._by_type.setdefault(type(node), []).append(node)
            below = tuple(children(node))
            for child in below:
                self._parents[id(child)] = node
            stack.extend(reversed(below))

    def nodes(self, kind: type[Node]) -> Sequence[Node]:
        """Return all nodes of exactly this type in the order of the walk."""
        return self._by_type.get(kind, [])  # type: ignore[return-value]

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the node that holds ``node``; None for the module itself."""
        return self._parents.get(id(node))

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield the parent of ``node``, the parent of that, up to the module."""
        above = self._parents.get(id(node))
        while above is not None:
            yield above
            above = self._parents.get(id(above))

    def order(self, node: cst.CSTNode) -> int:
        """Return the rank of ``node`` in the walk: smaller for what stands earlier."""
        return self._order[id(node)]

    def extent(self, node: cst.CSTNode) -> tuple[int, int]:
        """Return the ranks of the first of the nodes of ``node``, itself, and of the first one behind them."""
        return self._order[id(node)], self._ends[id(node)]

    def is_in(self, node: cst.CSTNode, region: cst.CSTNode) -> bool:
        """Tell whether a node is another one, or stands within it."""
        start, end = self.extent(region)
        return start <= self.order(node) < end

    @cached_property
    def _ends(self) -> dict[int, int]:
        ends: dict[int, int] = {}
        for node, rank in reversed(self._order.items()):
            end = ends.setdefault(node, rank + 1)
            above = self._parents.get(node)
            if above is not None and ends.get(id(above), 0) < end:
                ends[id(above)] = end
        return ends

    def enclosing(self, node: cst.CSTNode, *kinds: type[Node]) -> Node | None:
        """Return the nearest ancestor of one of these types."""
        return next((above for above in self.ancestors(node) if isinstance(above, kinds)), None)

    @cached_property
    def _written(self) -> _Spans:
        state = _Spans(self.module)
        self.module._codegen(state)
        written = "".join(state.tokens)
        if written != self.text:
            moved = _Moved(written, self.text)
            state.spans = {node: (moved.offset(start), moved.offset(end)) for node, (start, end) in state.spans.items()}
        return state

    def span(self, node: cst.CSTNode) -> Span:
        """Return the offsets in ``text`` at which the code of ``node`` begins and ends, without parentheses around it."""
        return self._written.spans[id(node)]

    def outer_span(self, node: cst.BaseExpression) -> Span:
        """Return the offsets of an expression with the parentheses around it."""
        start = self.span(node.lpar[0])[0] if node.lpar else self.span(node)[0]
        end = self.span(node.rpar[-1])[1] if node.rpar else self.span(node)[1]
        return start, end

    def code(self, node: cst.CSTNode) -> str:
        """Return the source of ``node`` as it is written, without parentheses around it."""
        start, end = self.span(node)
        return self.text[start:end]

    def comments(self) -> Iterator[tuple[Span, str]]:
        """Yield the span and the text of each comment, in order."""
        for comment in self._written.comments:
            yield self.span(comment), comment.value
