"""Text edits of one program: the argument, not the call; imports in the file's own style, and only where they are needed."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass

import libcst as cst

from adamlint.names.flow import Flow
from adamlint.program.imports import Imports, unused
from adamlint.rule import Change
from adamlint.text.lines import NEWLINE
from adamlint.text.tree import Tree, dotted_name

_SPACE = " \t\f"


@dataclass(frozen=True)
class Keyword:
    """A keyword argument of a call, written there or as a key of a dict literal that is spread into it."""

    name: str
    value: cst.BaseExpression
    node: cst.CSTNode  # the argument, or the entry of the dict
    label: cst.CSTNode  # what to rename: the keyword, or the key
    movable: bool  # False where the dict is used elsewhere too, so that nothing may be rewritten


class Edits:
    """Makes the changes that rules offer; ``borders`` are the offsets at which the cells of a notebook begin, but for the first."""

    def __init__(self, tree: Tree, flow: Flow, borders: Sequence[int]) -> None:
        self.tree, self._borders = tree, borders
        self._imports = Imports(tree, flow, borders)

    def replace(self, node: cst.CSTNode, text: str) -> Change:
        """Replace the code of ``node``; parentheses around it stay."""
        return Change(*self.tree.span(node), text)

    def append(self, node: cst.CSTNode, text: str) -> Change:
        """Write ``text`` right behind ``node`` and the parentheses around it."""
        end = self.tree.outer_span(node)[1] if isinstance(node, cst.BaseExpression) else self.tree.span(node)[1]
        return Change(end, end, text)

    def drop(self, call: cst.Call, arg: cst.Arg) -> Change:
        """Delete one argument of a call with the comma that belongs to it."""
        return self._drop(call.args, arg)

    def drop_keyword(self, keyword: Keyword) -> Change:
        """Delete a keyword argument where it is written: in a call, or in the dict literal that is spread into it."""
        holder = self.tree.parent(keyword.node)
        return self._drop(holder.elements if isinstance(holder, cst.Dict) else getattr(holder, "args", ()), keyword.node)

    def _drop(self, items: Sequence[cst.CSTNode], item: cst.CSTNode) -> Change:
        """Delete one of the items between brackets; comments around it stay where they are, those in it where it was."""
        text, (start, end) = self.tree.text, self.tree.span(item)
        comma = getattr(item, "comma", None)
        behind = self.tree.span(comma)[1] if isinstance(comma, cst.Comma) else end
        line, rest = len(text[:start].rstrip(_SPACE)), len(text) - len(text[behind:].lstrip(_SPACE))
        begins = text[:line].endswith(("\r", "\n"))
        first, last = self._between(items, item)
        if "#" in text[first:start] + text[end:last] or (begins and text.startswith("#", rest)):
            newline = NEWLINE.match(text, rest)
            whole = (line, newline.end()) if newline else (start, rest)
            first, last = whole if begins else (start, behind)
        inside = [comment for (at, _), comment in self.tree.comments() if start <= at < end] if "#" in text[start:end] else []
        return Change(first, last, "".join(f"  {comment}\n" for comment in inside))

    def _between(self, items: Sequence[cst.CSTNode], item: cst.CSTNode) -> tuple[int, int]:
        """Return the span of an item with all that its place would be without it: a comma and space, or all between the brackets."""
        index = next(i for i, other in enumerate(items) if other is item)
        if index > 0:  # the comma of the item before, so that its own one takes the place of that
            return self.tree.span(items[index - 1])[1], self.tree.span(item)[1]
        if len(items) > 1:
            return self.tree.span(item)[0], self.tree.span(items[1])[0]
        holder = self.tree.parent(item)
        called = self.tree.outer_span(holder.func)[1] if isinstance(holder, cst.Call) else self.tree.span(holder or item)[0]
        return self.tree.text.index("(" if isinstance(holder, cst.Call) else "{", called) + 1, self.tree.span(holder or item)[1] - 1

    def drop_import(self, alias: cst.ImportAlias) -> Change:
        """Delete an import: the whole line, or the one name among several."""
        names, statement = self.siblings(alias), self.tree.parent(alias)
        if len(names) > 1 or statement is None:
            return self._drop(names, alias)
        start, end = self.tree.span(statement)
        newline = NEWLINE.search(self.tree.text, end)
        return Change(start, newline.end() if newline else end, "")

    def unused(self, before: str, after: str) -> list[cst.ImportAlias]:
        """Return the imports that edits, between two texts of all that the user wrote, left without a use."""
        return unused(self.tree, before, after)

    def assigning(self, call: cst.Call, variable: str) -> tuple[Change, ...]:
        """Write `variable.assign(value)` for `K.set_value(old, value)`; nothing where it is no statement, or takes several lines."""
        plain = len(call.args) == 2 and not any(arg.star or arg.keyword for arg in call.args)
        if not plain or not isinstance(self.tree.parent(call), cst.Expr) or NEWLINE.search(variable):
            return ()
        return self.replace(call.func, f"{variable}.assign"), self.drop(call, call.args[0])

    def add_keyword(self, call: cst.Call, text: str) -> Change:
        """Write one more keyword argument: behind the last plain one, before any `**`."""
        if not call.args:
            end = self.tree.span(call)[1] - 1  # before the closing parenthesis
            return Change(end, end, text)
        last = call.args[-1]
        if last.star == "**":
            start = self.tree.span(last)[0]
            return Change(start, start, f"{text}, ")
        end = self.tree.span(last)[1]
        return Change(end, end, f",{self._gap(call)}{text}")

    def _gap(self, call: cst.Call) -> str:
        """Return what stands before one more argument: a space, or the line break and indentation of arguments that have a line each."""
        text, starts = self.tree.text, [self.tree.span(arg)[0] for arg in call.args]
        blanks = [text[len(text[:start].rstrip(_SPACE)) : start] for start in starts]
        breaks = [text[: start - len(blank)].endswith(("\r", "\n")) for start, blank in zip(starts, blanks, strict=True)]
        commented = "#" in text[self.tree.span(call.args[-1])[1] : self.tree.span(call)[1]]
        return f"\n{blanks[-1]}" if all(breaks[1:] or breaks) and not commented else " "

    def move(self, lines: Sequence[cst.CSTNode], target: cst.CSTNode) -> tuple[Change, ...]:
        """Put statements of the top level, with the comments above and behind them, in front of another one."""
        spans = [span for line in lines for span in self._lines(line)]
        text = "".join(self.tree.text[start:end].rstrip("\r\n") + "\n" for start, end in spans)
        at = self.tree.span(target)[0]
        return Change(at, at, text), *(Change(start, end, "") for start, end in spans)

    def _lines(self, statement: cst.CSTNode) -> list[tuple[int, int]]:
        """Return the spans of the comment lines right above a statement, and of its own lines to their end."""
        start, end = self.tree.span(statement)
        rest = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)?").match(self.tree.text, end)
        spans = [(start, rest.end() if rest else end)]
        cell = max((border for border in self._borders if border <= start), default=0)
        for line in reversed(re.findall(r"[^\r\n]*(?:\r\n|\r|\n)", self.tree.text[cell:start])):
            if not re.match(r"#(?! ?(?:%%|In\[|\+|!))", line):  # a comment, and not what divides a script into cells
                break
            spans.insert(0, (spans[0][0] - len(line), spans[0][0]))
        return spans

    def spell(self, path: str, at: cst.CSTNode) -> str | None:
        """Return how a dotted path can be written at a place with the imports there are; None if it can't."""
        return self._imports.spell(path, at)

    def reach(self, path: str, at: cst.CSTNode) -> tuple[str, tuple[Change, ...]] | None:
        """Return how to write a dotted path at a place, with the import that it needs; None if neither can be had."""
        return self._imports.reach(path, at)

    def in_one_cell(self, start: int, end: int) -> bool:
        """Tell whether no cell of a notebook begins behind ``start`` and before ``end``."""
        return self._imports.in_one_cell(start, end)

    def siblings(self, alias: cst.ImportAlias) -> tuple[cst.ImportAlias, ...]:
        """Return the names that one import statement brings in, this one included."""
        origin = self.tree.parent(alias)
        names = origin.names if isinstance(origin, (cst.Import, cst.ImportFrom)) else ()
        return () if isinstance(names, cst.ImportStar) else tuple(names)

    def without_part(self, node: cst.CSTNode, part: str, along: Container[str] = ()) -> Change | None:
        """Delete one part of a dotted path where it is written: an attribute chain, or the module of a from-import.

        A from-import of several names changes only where all of the others are ``along``.
        """
        if isinstance(node, cst.ImportAlias):
            origin = self.tree.parent(node)
            others = [dotted_name(alias.name) for alias in self.siblings(node) if alias is not node]
            if not isinstance(origin, cst.ImportFrom) or any(name not in along for name in others):
                return None
            chain: cst.CSTNode | None = origin.module
        else:
            chain = node
        while isinstance(chain, cst.Attribute):
            if chain.attr.value == part:
                return Change(self.tree.span(chain.value)[1], self.tree.span(chain)[1], "")
            chain = chain.value
        return None
