"""Text edits of one program: the argument, not the call; imports in the file's own style, and only where they are needed."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from adamlint.bindings import Kind
from adamlint.flow import Flow
from adamlint.names import canonical
from adamlint.rule import Change
from adamlint.tree import Tree, dotted_name

_NEWLINE = re.compile(r"\r\n|\r|\n")
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
        self.tree, self.flow, self._borders = tree, flow, borders
        self._imported: dict[cst.CSTNode, dict[str, str]] = {}  # by scope

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
            newline = _NEWLINE.match(text, rest)
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

    def assigning(self, call: cst.Call, variable: str) -> tuple[Change, ...]:
        """Write `variable.assign(value)` for `K.set_value(old, value)`; nothing where it is no statement, or a comment would go."""
        plain = len(call.args) == 2 and not any(arg.star or arg.keyword for arg in call.args)
        if not plain or not isinstance(self.tree.parent(call), cst.Expr):
            return ()
        start, end = self.tree.span(call)[0], self.tree.outer_span(call.args[1].value)[0]
        return () if "#" in self.tree.text[start:end] else (Change(start, end, f"{variable}.assign("),)

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
        return Change(end, end, f", {text}")

    def _imports(self, at: cst.CSTNode) -> Iterator[tuple[str, str]]:
        """Yield the names bound by one import, be it repeated, in the scopes around a place, with what they stand for."""
        for scope in self._scopes(at):
            if scope not in self._imported:
                self._imported[scope] = dict(self._imports_of(scope))
            yield from self._imported[scope].items()

    def _imports_of(self, scope: cst.CSTNode) -> Iterator[tuple[str, str]]:
        for name in dict.fromkeys(binding.name for binding in self.flow.scopes.bound_in(scope)):
            bindings = self.flow.scopes.bindings(scope, name)
            if all(binding.kind is Kind.IMPORT and binding.dotted == bindings[0].dotted for binding in bindings):
                yield name, canonical(bindings[0].dotted)

    def _scopes(self, at: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield the scope of a place and those around it: in each, a name that is bound further down is bound here, too."""
        scope: cst.CSTNode | None = self.flow.scopes.of(at)
        while scope is not None:
            yield scope
            scope = self.flow.scopes.outer(scope)

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
        """Return how the file can write a dotted path at a place with the imports it has; None if it can't."""
        best: tuple[int, str] | None = None
        for name, stands_for in self._imports(at):
            if path != stands_for and not path.startswith(stands_for + "."):
                continue
            reaching = self.flow.reaching(name, at)
            if reaching and all(b.kind is Kind.IMPORT for b in reaching):
                spelled = name + path[len(stands_for) :]
                if best is None or len(stands_for) > best[0]:
                    best = (len(stands_for), spelled)
        return best[1] if best else None

    def reach(self, path: str, at: cst.CSTNode) -> tuple[str, tuple[Change, ...]] | None:
        """Return how to write a dotted path at a place, with the import that it needs; None if neither can be had."""
        spelled = self.spell(path, at)
        if spelled is not None:
            return spelled, ()
        module, _, name = path.rpartition(".")
        anchor = self._import_anchor(path.partition(".")[0], at)
        if anchor is None or any(self.flow.scopes.bindings(scope, name) for scope in self._scopes(at)):
            return None
        newline = _NEWLINE.search(self.tree.text, self.tree.span(anchor)[1])  # behind a comment on the line
        end = newline.start() if newline else len(self.tree.text)
        return name, (Change(end, end, f"\nfrom {module} import {name}"),)

    def _import_anchor(self, root: str, at: cst.CSTNode) -> cst.CSTNode | None:
        """Return the last top-level `import` line of a package before a place, behind which another one fits.

        In a notebook, in the first cell that has one.
        """
        lines = [line for line in self.tree.module.body if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1]
        found = [line.body[0] for line in lines if root in _imported_roots(line.body[0])]
        before = [line for line in found if self.tree.order(line) < self.tree.order(at)]
        first = [line for line in before if self.in_one_cell(self.tree.span(before[0])[0], self.tree.span(line)[1])]
        return first[-1] if first else None

    def in_one_cell(self, start: int, end: int) -> bool:
        """Tell whether no cell of a notebook begins behind ``start`` and before ``end``."""
        return not any(start < border < end for border in self._borders)

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


def _imported_roots(statement: cst.BaseSmallStatement) -> set[str]:
    if isinstance(statement, cst.Import):
        return {dotted_name(alias.name).partition(".")[0] for alias in statement.names}
    if isinstance(statement, cst.ImportFrom) and not statement.relative:
        return {dotted_name(statement.module).partition(".")[0]}
    return set()
