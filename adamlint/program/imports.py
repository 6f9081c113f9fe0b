"""How a file can write a dotted name: with an import that it has, or with one more in its own style and place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, TypeVar

import libcst as cst

from adamlint.names.bindings import Kind
from adamlint.names.canonical import canonical, in_keras
from adamlint.names.flow import Flow
from adamlint.rule import Change
from adamlint.text.lines import NEWLINE
from adamlint.text.tree import Tree, dotted_name

_T = TypeVar("_T")

_WORD = re.compile(r"\w+")
_WIDTH = 88  # a line is not made longer than that by one more name

# The orders that isort and ruff know: of names, and of lines.
_NAME_ORDERS: tuple[Callable[[str], Any], ...] = (
    lambda name: (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2, name),
    str.lower,
    str,
)
_LINE_ORDERS: tuple[Callable[[tuple[bool, str]], Any], ...] = (lambda line: line, lambda line: line[::-1])


class Imports:
    """The imports of one program; ``borders`` are the offsets at which the cells of a notebook begin, but for the first."""

    def __init__(self, tree: Tree, flow: Flow, borders: Sequence[int]) -> None:
        self.tree, self.flow, self._borders = tree, flow, borders
        self._names: dict[cst.CSTNode, dict[tuple[str, str], None]] = {}  # by scope: each name with what it may stand for

    def in_one_cell(self, start: int, end: int) -> bool:
        """Tell whether no cell of a notebook begins behind ``start`` and before ``end``."""
        return not any(start < border < end for border in self._borders)

    def spell(self, path: str, at: cst.CSTNode) -> str | None:
        """Return how a dotted path can be written at a place with the imports there are; None if it can't."""
        best, spelled = "", None
        for name, stands_for in self._known(at):
            if len(stands_for) > len(best) and f"{path}.".startswith(f"{stands_for}.") and self._stands_for(name, stands_for, at):
                best, spelled = stands_for, name + path[len(stands_for) :]
        return spelled

    def reach(self, path: str, at: cst.CSTNode) -> tuple[str, tuple[Change, ...]] | None:
        """Return how to write a dotted path at a place, with the import that it needs; None if neither can be had."""
        spelled = self.spell(path, at)
        if spelled is not None:
            return spelled, ()
        module, _, name = path.rpartition(".")
        lines = self._lines(path.partition(".")[0], at)
        if not lines or self._is_taken(name, at):
            return None
        return name, (self._one_more_name(lines, module, name) or self._one_more_line(lines, module, name),)

    def _known(self, at: cst.CSTNode) -> Iterator[tuple[str, str]]:
        for scope in self._scopes(at):
            if scope not in self._names:
                bound = (binding for binding in self.flow.scopes.bound_in(scope) if binding.kind is Kind.IMPORT)
                self._names[scope] = dict.fromkeys((binding.name, canonical(binding.dotted)) for binding in bound)
            yield from self._names[scope]

    def _scopes(self, at: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield the scope of a place and those around it: in each, a name that is bound further down is bound here, too."""
        scope: cst.CSTNode | None = self.flow.scopes.of(at)
        while scope is not None:
            yield scope
            scope = self.flow.scopes.outer(scope)

    def _stands_for(self, name: str, path: str, at: cst.CSTNode) -> bool:
        reaching = self.flow.reaching(name, at)
        imported = [b for b in reaching if not (isinstance(b.value, cst.Name) and b.value.value == "None")]  # where the package is missing
        return bool(imported) and all(b.kind is Kind.IMPORT and canonical(b.dotted) == path for b in imported)

    def _is_taken(self, name: str, at: cst.CSTNode) -> bool:
        """Tell whether a name is bound around a place, or may be by `from somewhere import *`."""
        scopes = self.flow.scopes
        unseen = any(in_keras(module) is None for _, module in scopes.stars)
        return unseen or any(scopes.bindings(scope, name) for scope in self._scopes(at))

    # One more import ------------------------------------------------------------------------------

    def _lines(self, root: str, at: cst.CSTNode) -> list[cst.SimpleStatementLine]:
        """Return the `import` lines of a package before a place, in one body; in a notebook, those of the first cell that has one."""
        for body in self._bodies(at):
            found = [line for line in body if isinstance(line, cst.SimpleStatementLine) and root in _imported_roots(line)]
            before = [line for line in found if self.tree.order(line) < self.tree.order(at)]
            if before:
                return [line for line in before if self.in_one_cell(self.tree.span(before[0])[0], self.tree.span(line)[1])]
        return []

    def _bodies(self, at: cst.CSTNode) -> Iterator[Sequence[cst.CSTNode]]:
        """Yield where an import that a place can use may stand: the top level, functions around it, a `try` that nothing gets past."""
        yield self.tree.module.body
        yield from (around.body.body for around in self.tree.ancestors(at) if isinstance(around, cst.FunctionDef))
        for tried in self.tree.module.body if self.tree.enclosing(at, cst.ExceptHandler) is None else ():
            if isinstance(tried, cst.Try) and not any(self.flow.blocks.falls_through(handler.body) for handler in tried.handlers):
                yield tried.body.body

    def _one_more_name(self, lines: Sequence[cst.SimpleStatementLine], module: str, name: str) -> Change | None:
        """Return the change that imports a name by a line that imports others of its module, where that has room for it."""
        for line in lines:
            statement = line.body[0]
            if isinstance(statement, cst.ImportFrom) and _module(statement) == module and not isinstance(statement.names, cst.ImportStar):
                return None if "#" in self.tree.code(statement) else self._among(statement.names, name)
        return None

    def _among(self, aliases: Sequence[cst.ImportAlias], name: str) -> Change | None:
        text, spans = self.tree.text, [self.tree.span(alias) for alias in aliases]
        gaps = {text[one[1] : other[0]] for one, other in pairwise(spans)}
        gap = gaps.pop() if len(gaps) == 1 else ", "
        index = _place(name, [dotted_name(alias.name) for alias in aliases], _NAME_ORDERS, len(aliases))
        at = spans[index][0] if index < len(spans) else spans[-1][1]
        starts = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
        ends = NEWLINE.search(text, at)
        width = (ends.start() if ends else len(text)) - starts + len(name + gap)
        if NEWLINE.search(gap) is None and width > _WIDTH:
            return None
        return Change(at, at, f"{name}{gap}" if index < len(spans) else f"{gap}{name}")

    def _one_more_line(self, lines: Sequence[cst.SimpleStatementLine], module: str, name: str) -> Change:
        """Return the change that adds a line: by the order of the block of the last line of the package, else behind that."""
        block = self._block(lines[-1])
        last = block.index(lines[-1])
        first = next(index for index, line in enumerate(block) if line in lines)
        index = _place((True, module.lower()), [_key(line) for line in block], _LINE_ORDERS, last + 1)
        text, start = f"from {module} import {name}", self.tree.span(block[max(min(index, last), first)])[0]
        indent = self.tree.text[max(self.tree.text.rfind(end, 0, start) for end in "\r\n") + 1 : start]
        if index <= last:
            return Change(start, start, f"{text}\n{indent}")
        newline = NEWLINE.search(self.tree.text, self.tree.span(lines[-1])[1])  # behind a comment on the line
        end = newline.start() if newline else len(self.tree.text)
        return Change(end, end, f"\n{indent}{text}")

    def _block(self, line: cst.SimpleStatementLine) -> Sequence[cst.CSTNode]:
        """Return the lines of imports around one, without a blank line or a comment between them."""
        body = getattr(self.tree.parent(line), "body", ())
        first = last = next(index for index, other in enumerate(body) if other is line)
        while first > 0 and self._joined(body[first - 1], body[first]):
            first -= 1
        while last + 1 < len(body) and self._joined(body[last], body[last + 1]):
            last += 1
        return body[first : last + 1]

    def _joined(self, line: cst.CSTNode, other: cst.CSTNode) -> bool:
        imports = all(bool(_imported_roots(each)) for each in (line, other))
        return imports and not getattr(other, "leading_lines", ()) and self.in_one_cell(self.tree.span(line)[0], self.tree.span(other)[1])


def uses(tree: Tree, name: str) -> bool:
    """Tell whether a program uses a name: reads it, sets it or hands it on, but for its import."""
    return any(node.value == name and _is_use(tree, node) for node in tree.nodes(cst.Name))


def _is_use(tree: Tree, node: cst.Name) -> bool:
    above = tree.parent(node)
    is_member = (isinstance(above, cst.Attribute) and above.attr is node) or (isinstance(above, cst.Arg) and above.keyword is node)
    return not is_member and tree.enclosing(node, cst.Import, cst.ImportFrom) is None


def unused(tree: Tree, before: str, after: str) -> list[cst.ImportAlias]:
    """Return the imports of the top level whose name edits, between two texts of all that the user wrote, left nowhere else.

    A name that is left in a string counts as used, and so does one that is imported as itself.
    """
    left, gone = Counter(_WORD.findall(after)), Counter(_WORD.findall(before))
    gone.subtract(left)
    for _, comment in tree.comments():
        if not re.match(r"#\s*type:", comment):
            left.subtract(_WORD.findall(comment))
    found: list[cst.ImportAlias] = []
    for line in tree.module.body:
        statement = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
        if isinstance(statement, (cst.Import, cst.ImportFrom)) and not _has_comment(tree, statement):
            here = Counter(_WORD.findall(tree.code(statement)))
            bound = {bound_name(alias): alias for alias in _droppable(statement)}
            found += [alias for name, alias in bound.items() if gone[name] > 0 and left[name] == here[name]]
    return found


def _droppable(statement: cst.Import | cst.ImportFrom) -> list[cst.ImportAlias]:
    """Return the imports that nobody but this file needs: not `import a`, which loads a package, nor `import b as b`, which hands it on."""
    if isinstance(statement.names, cst.ImportStar):
        return []
    named = [alias for alias in statement.names if alias.asname is not None or isinstance(statement, cst.ImportFrom)]
    return [alias for alias in named if alias.asname is None or bound_name(alias) != dotted_name(alias.name)]


def bound_name(alias: cst.ImportAlias) -> str:
    """Return the name that an import gives to what it brings in."""
    return dotted_name(alias.asname.name if alias.asname is not None else alias.name)


def _has_comment(tree: Tree, statement: cst.CSTNode) -> bool:
    """Tell whether a comment may speak of an import: one within it, or behind it."""
    start, end = tree.span(statement)
    newline = NEWLINE.search(tree.text, end)
    return "#" in tree.text[start : newline.start() if newline else len(tree.text)]


def _imported_roots(line: cst.CSTNode) -> set[str]:
    """Return the packages that a line imports from, if it does nothing else."""
    statement = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
    if isinstance(statement, cst.Import):
        return {dotted_name(alias.name).partition(".")[0] for alias in statement.names}
    return {_module(statement).partition(".")[0] or "."} if isinstance(statement, cst.ImportFrom) else set()


def _module(statement: cst.ImportFrom) -> str:
    return "." * len(statement.relative) + dotted_name(statement.module)


def _key(line: cst.CSTNode) -> tuple[bool, str]:
    """Return what lines of imports are ordered by: whether it is a from-import, and the module."""
    statement = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    if isinstance(statement, cst.Import):
        return False, dotted_name(statement.names[0].name).lower()
    return True, _module(statement).lower() if isinstance(statement, cst.ImportFrom) else ""


def _place(new: _T, old: Sequence[_T], orders: Iterable[Callable[[_T], Any]], otherwise: int) -> int:
    """Return where something new belongs among things that are in one of these orders."""
    for order in orders:
        keys = [order(item) for item in old]
        if keys == sorted(keys):
            return bisect_right(keys, order(new))
    return otherwise
