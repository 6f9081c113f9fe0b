"""Which bindings of a name reach a use of it: the last one on a straight line, the union over branches.

Reads the structure of the blocks backwards from the use; no control-flow graph is built. Loops and handlers are
over-approximated: whatever their body may bind counts beside what stood before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

import libcst as cst

from adamlint.tree import Tree


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


Scope = cst.Module | cst.FunctionDef | cst.Lambda | cst.ClassDef | cst.BaseComp
Reach = tuple[list[Binding], bool]  # bindings that may be in force, and whether an earlier one may be too

_SCOPES = (cst.Module, cst.FunctionDef, cst.Lambda, cst.ClassDef, cst.BaseComp)
# Below any other node, the scope is that of the node itself. By type: isinstance of LibCST's abstract classes is slow.
_NOT_PLAIN = frozenset({
    cst.Module, cst.FunctionDef, cst.Lambda, cst.ClassDef, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp,
    cst.Param, cst.Parameters,
})  # fmt: skip
_BLOCKS = (cst.Module, cst.IndentedBlock, cst.SimpleStatementLine, cst.SimpleStatementSuite)
_LEAVES = (cst.Return, cst.Raise, cst.Break, cst.Continue)
_LEAVING_CALLS = ("skipTest", "pytest.skip", "sys.exit", "os._exit")


def dotted_name(node: cst.CSTNode | None) -> str:
    """Return ``a.b.c`` of a chain of names, "" for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        base = dotted_name(node.value)
        return f"{base}.{node.attr.value}" if base else ""
    return ""


class Flow:
    """The scopes of a tree, their bindings, and the imports that bring in names unseen."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._bindings: dict[tuple[cst.CSTNode, str], list[Binding]] = defaultdict(list)
        self._marks: dict[tuple[cst.CSTNode, str], set[cst.CSTNode]] = {}
        self._falls: dict[cst.CSTNode, bool] = {}
        self._scopes: dict[cst.CSTNode, cst.CSTNode] = {}
        self._returns: dict[cst.CSTNode, list[cst.Return]] | None = None
        self._elsewhere: dict[tuple[cst.CSTNode, str], str] = {}  # global and nonlocal
        self.stars: list[tuple[cst.CSTNode, str]] = []  # (scope, module) of `from module import *`
        self._collect()

    def scope(self, node: cst.CSTNode) -> cst.CSTNode:
        """Return the scope in which the code at ``node`` is evaluated."""
        if node not in self._scopes:
            above = self.tree.parent(node)
            plain = above is not None and type(above) not in _NOT_PLAIN
            self._scopes[node] = self.scope(above) if above is not None and plain else self._scope(node)
        return self._scopes[node]

    def _scope(self, node: cst.CSTNode) -> cst.CSTNode:
        child, deferred = node, False
        for above in self.tree.ancestors(node):
            if isinstance(above, cst.Param):
                deferred = child is above.default or child is above.annotation
            elif isinstance(above, _SCOPES) and self._inside(above, child, deferred):
                return above
            child = above
        return self.tree.module

    def returns(self, function: cst.CSTNode) -> Sequence[cst.Return]:
        """Return the `return` statements of a function, not those of functions in it."""
        if self._returns is None:
            self._returns = defaultdict(list)
            for statement in self.tree.nodes(cst.Return):
                self._returns[self.scope(statement)].append(statement)
        return self._returns.get(function, ())

    @staticmethod
    def _inside(scope: cst.CSTNode, child: cst.CSTNode, deferred: bool) -> bool:
        if isinstance(scope, (cst.FunctionDef, cst.Lambda)):  # defaults and annotations belong to the scope outside
            return child is scope.body or (child is scope.params and not deferred)
        if isinstance(scope, cst.ClassDef):
            return child is scope.body
        return True

    def outer(self, scope: cst.CSTNode) -> cst.CSTNode | None:
        """Return the scope in which names that ``scope`` does not bind are looked up; classes are passed over."""
        above = self.scope(scope) if scope is not self.tree.module else None
        while isinstance(above, cst.ClassDef):
            above = self.scope(above)
        return above

    def bindings(self, scope: cst.CSTNode, name: str) -> Sequence[Binding]:
        """Return all bindings of ``name`` that belong to ``scope``."""
        return self._bindings.get((scope, name), ())

    def bound_in(self, scope: cst.CSTNode) -> Iterator[Binding]:
        """Yield every binding that belongs to ``scope``."""
        for (owner, _), found in self._bindings.items():
            if owner is scope:
                yield from found

    def reaching(self, name: str, use: cst.CSTNode) -> list[Binding]:
        """Return the bindings of ``name`` that may be in force at ``use``; none where it is a builtin or unknown."""
        scope: cst.CSTNode | None = self.scope(use)
        if scope is not None and (scope, name) in self._elsewhere:
            return list(self.bindings(self._owner(scope, name), name))
        found, passes = self._local(name, use, scope)
        while passes and scope is not None:
            scope = self.outer(scope)
            if scope is not None and self.bindings(scope, name):
                # The enclosing function or module has run to an unknown point: any of its bindings may be in force.
                found += [b for b in self.bindings(scope, name) if b.kind is not Kind.DELETE]
                break
        return found

    def _local(self, name: str, use: cst.CSTNode, scope: cst.CSTNode | None) -> Reach:
        known = self.bindings(scope, name) if scope is not None else ()
        if not known or scope is None:
            return [], True
        if isinstance(scope, (cst.BaseComp, cst.Lambda)):
            return list(known), False
        found, passes = self._before(use, scope, name)
        if passes and isinstance(scope, cst.FunctionDef):
            found += [b for b in known if b.kind is Kind.PARAMETER]
            passes = False
        return [b for b in found if b.kind is not Kind.DELETE], passes

    # Backwards from a use -------------------------------------------------------------------------

    def _before(self, use: cst.CSTNode, scope: cst.CSTNode, name: str) -> Reach:
        marks = self._marked(scope, name)
        found: list[Binding] = []
        child = use
        for above in self.tree.ancestors(use):
            for region in self.earlier(above, child):
                more, passes = self._exits(region, scope, name, marks)
                found += more
                if not passes:
                    return found, False
            found += self._perhaps(above, child, scope, name, marks)
            if above is scope:
                break
            child = above
        return found, True

    def earlier(self, above: cst.CSTNode, child: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield what has run in full when control is at ``child`` of ``above``, latest first."""
        if isinstance(above, _BLOCKS):
            siblings = list(above.body)
            at = next((i for i, sibling in enumerate(siblings) if sibling is child), 0)
            yield from reversed(siblings[:at])
        elif isinstance(above, (cst.If, cst.While, cst.IfExp)) and child is not above.test:
            yield above.test
        elif isinstance(above, cst.For) and child is above.body:
            yield above.target
        elif isinstance(above, cst.Try) and child is above.orelse:
            yield above.body
        elif isinstance(above, cst.With) and child is above.body:
            yield from reversed(above.items)
        elif isinstance(above, cst.ExceptHandler) and child is above.body and above.name is not None:
            yield above.name
        elif isinstance(above, cst.MatchCase) and child is above.body:
            yield above.pattern
        elif isinstance(above, cst.BooleanOperation) and child is above.right:
            yield above.left

    def _perhaps(
        self, above: cst.CSTNode, child: cst.CSTNode, scope: cst.CSTNode, name: str, marks: set[cst.CSTNode]
    ) -> list[Binding]:
        """Return what may have run before ``child``: an earlier round of a loop, the part of a ``try`` that failed."""
        regions: list[cst.CSTNode | None] = []
        if isinstance(above, (cst.For, cst.While)):
            regions = [above.body] if child is above.body else []
        elif isinstance(above, cst.Try):
            failed: list[cst.CSTNode | None] = [above.body] if isinstance(child, cst.ExceptHandler) else []
            regions = [above.body, *above.handlers, above.orelse] if child is above.finalbody else failed
        return [b for region in regions if region in marks for b in self._within(region, scope, name)]

    def _within(self, region: cst.CSTNode | None, scope: cst.CSTNode, name: str) -> list[Binding]:
        return [b for b in self.bindings(scope, name) if region is b.node or any(region is a for a in self.tree.ancestors(b.node))]

    def _exits(self, node: cst.CSTNode, scope: cst.CSTNode, name: str, marks: set[cst.CSTNode]) -> Reach:
        """Return the bindings in ``node`` that may be in force after it, and whether one from before it may."""
        if node not in marks:
            return [], self.falls_through(node)
        if isinstance(node, (*_BLOCKS, cst.With)):
            parts = [node.body, *reversed(node.items)] if isinstance(node, cst.With) else reversed(node.body)
            return self._in_turn(parts, scope, name, marks)
        if isinstance(node, cst.If):
            return self._if(node, scope, name, marks)
        if isinstance(node, cst.Try):
            return self._try(node, scope, name, marks)
        if isinstance(node, (cst.For, cst.While)):
            return self._within(node, scope, name), True
        if isinstance(node, cst.Match):
            ends = [self._in_turn([case.body, case.pattern], scope, name, marks) for case in node.cases]
            return [b for found, _ in ends for b in found], not any(_is_irrefutable(case) for case in node.cases) or any(p for _, p in ends)
        found = self._within(node, scope, name)
        runs_later = isinstance(node, _SCOPES) and found[-1].node is not node  # `global name` in a function
        return (found, True) if runs_later else (found[-1:], False)

    def falls_through(self, node: cst.CSTNode) -> bool:
        """Tell whether control can reach the end of ``node``: no return, raise, break or continue on every way."""
        if node not in self._falls:
            if isinstance(node, _LEAVES) or _is_leaving_call(node):
                self._falls[node] = False
            elif isinstance(node, (*_BLOCKS, cst.With)):
                body = [node.body] if isinstance(node, cst.With) else node.body
                self._falls[node] = all(self.falls_through(part) for part in body)
            elif isinstance(node, cst.If):
                other = node.orelse.body if isinstance(node.orelse, cst.Else) else node.orelse
                self._falls[node] = other is None or self.falls_through(node.body) or self.falls_through(other)
            elif isinstance(node, cst.Try):
                handled = any(self.falls_through(handler.body) for handler in node.handlers)
                self._falls[node] = handled or self.falls_through(node.body)
            else:
                self._falls[node] = True
        return self._falls[node]

    def _in_turn(
        self, nodes: Iterable[cst.CSTNode], scope: cst.CSTNode, name: str, marks: set[cst.CSTNode]
    ) -> Reach:
        found: list[Binding] = []
        for node in nodes:
            more, passes = self._exits(node, scope, name, marks)
            found += more
            if not passes:
                return found, False
        return found, True

    def _either(
        self, nodes: Iterable[cst.CSTNode], scope: cst.CSTNode, name: str, marks: set[cst.CSTNode], or_none: bool
    ) -> Reach:
        ends = [self._exits(node, scope, name, marks) for node in nodes]
        return [b for found, _ in ends for b in found], or_none or any(passes for _, passes in ends)

    def _if(self, node: cst.If, scope: cst.CSTNode, name: str, marks: set[cst.CSTNode]) -> Reach:
        if dotted_name(node.test).endswith("TYPE_CHECKING"):  # its body never runs
            return self._exits(node.orelse, scope, name, marks) if node.orelse else ([], True)
        branches = [node.body] if node.orelse is None else [node.body, node.orelse]
        bodies = [b.body if isinstance(b, cst.Else) else b for b in branches]
        found, passes = self._either(bodies, scope, name, marks, or_none=node.orelse is None)
        if passes and node.test in marks:
            more, passes = self._exits(node.test, scope, name, marks)
            found += more
        return found, passes

    def _try(self, node: cst.Try, scope: cst.CSTNode, name: str, marks: set[cst.CSTNode]) -> Reach:
        found: list[Binding] = []
        if node.finalbody is not None:
            found, passes = self._exits(node.finalbody.body, scope, name, marks)
            if not passes:
                return found, False
        whole = [node.orelse.body, node.body] if node.orelse else [node.body]
        more, passes = self._in_turn(whole, scope, name, marks)
        found += more
        for handler in node.handlers:
            more, falls = self._exits(handler.body, scope, name, marks)
            found += more
            if falls:  # any part of the body may have run before it failed
                found += self._within(node.body, scope, name) if node.body in marks else []
                passes = True
        return list(dict.fromkeys(found)), passes

    def _marked(self, scope: cst.CSTNode, name: str) -> set[cst.CSTNode]:
        """Return all nodes that hold a binding of ``name``, so that others are passed over at once."""
        key = (scope, name)
        if key not in self._marks:
            marks: set[cst.CSTNode] = set()
            for binding in self.bindings(scope, name):
                marks.add(binding.node)
                for above in self.tree.ancestors(binding.node):
                    if above in marks:
                        break
                    marks.add(above)
            self._marks[key] = marks
        return self._marks[key]

    # Collecting -----------------------------------------------------------------------------------

    def _collect(self) -> None:
        declarations: list[cst.Global | cst.Nonlocal] = [*self.tree.nodes(cst.Global), *self.tree.nodes(cst.Nonlocal)]
        for node in declarations:
            for item in node.names:
                self._elsewhere[self.scope(node), item.name.value] = "module" if isinstance(node, cst.Global) else "outer"
        for binding in self._all():
            scope = self._owner(self._home(binding), binding.name)
            self._bindings[scope, binding.name].append(binding)
        for found in self._bindings.values():
            found.sort(key=lambda b: self.tree.order(b.node))

    def _home(self, binding: Binding) -> cst.CSTNode:
        """Return the scope that a binding is written in; a walrus reaches out of comprehensions."""
        if binding.kind is Kind.PARAMETER:
            return next(a for a in self.tree.ancestors(binding.node) if isinstance(a, (cst.FunctionDef, cst.Lambda)))
        scope = self.scope(binding.node)
        parent = self.tree.parent(binding.node)
        while isinstance(scope, cst.BaseComp) and isinstance(parent, cst.NamedExpr):
            scope = self.scope(scope)
        return scope

    def _owner(self, scope: cst.CSTNode, name: str) -> cst.CSTNode:
        where = self._elsewhere.get((scope, name))
        if where == "module":
            return self.tree.module
        return (self.outer(scope) or scope) if where else scope

    def _all(self) -> Iterator[Binding]:
        tree = self.tree
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
        definitions: list[cst.FunctionDef | cst.ClassDef] = [*tree.nodes(cst.FunctionDef), *tree.nodes(cst.ClassDef)]
        for definition in definitions:
            yield Binding(definition.name.value, Kind.DEFINE, definition)
        for parameter in tree.nodes(cst.Param):
            yield Binding(parameter.name.value, Kind.PARAMETER, parameter, parameter.default)
        yield from self._imports()
        yield from self._others()

    def _imports(self) -> Iterator[Binding]:
        for node in self.tree.nodes(cst.Import):
            for alias in node.names:
                dotted = dotted_name(alias.name)
                if alias.asname is not None:
                    yield Binding(dotted_name(alias.asname.name), Kind.IMPORT, alias, dotted=dotted)
                else:
                    root = dotted.partition(".")[0]
                    yield Binding(root, Kind.IMPORT, alias, dotted=root)
        for origin in self.tree.nodes(cst.ImportFrom):
            module = "." * len(origin.relative) + dotted_name(origin.module)
            if isinstance(origin.names, cst.ImportStar):
                self.stars.append((self.scope(origin), module))
                continue
            for alias in origin.names:
                name = dotted_name(alias.name)
                bound = dotted_name(alias.asname.name) if alias.asname else name
                dotted = module + name if module.endswith(".") else f"{module}.{name}"
                yield Binding(bound, Kind.IMPORT, alias, dotted=dotted)

    def _others(self) -> Iterator[Binding]:
        for augmented in self.tree.nodes(cst.AugAssign):
            yield from _targets(augmented.target, Kind.OTHER, None)
        for deleted in self.tree.nodes(cst.Del):
            yield from _targets(deleted.target, Kind.DELETE, None)
        for handler in self.tree.nodes(cst.ExceptHandler):
            if handler.name is not None and isinstance(handler.name.name, cst.Name):
                yield Binding(handler.name.name.value, Kind.OTHER, handler.name)
        captures: list[cst.MatchAs | cst.MatchStar] = [*self.tree.nodes(cst.MatchAs), *self.tree.nodes(cst.MatchStar)]
        for capture in captures:
            if capture.name is not None:
                yield Binding(capture.name.value, Kind.OTHER, capture)


def _is_irrefutable(case: cst.MatchCase) -> bool:
    return isinstance(case.pattern, cst.MatchAs) and case.pattern.pattern is None and case.guard is None


def _is_leaving_call(node: cst.CSTNode) -> bool:
    call = node.value if isinstance(node, cst.Expr) else None
    return isinstance(call, cst.Call) and dotted_name(call.func).endswith(_LEAVING_CALLS)


def _targets(
    target: cst.CSTNode, kind: Kind, value: cst.BaseExpression | None, path: tuple[int, ...] = ()
) -> Iterator[Binding]:
    """Yield a binding for each plain name in an assignment target; what follows a star is not followed."""
    if isinstance(target, cst.Name):
        yield Binding(target.value, kind, target, value, path)
    elif isinstance(target, (cst.Tuple, cst.List)):
        starred = False
        for index, element in enumerate(target.elements):
            starred = starred or isinstance(element, cst.StarredElement)
            inner = Kind.OTHER if starred and kind is not Kind.DELETE else kind
            yield from _targets(element.value, inner, value, (*path, index))
