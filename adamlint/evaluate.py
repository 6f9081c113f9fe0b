"""What the expressions of a tree may be: a set of alternatives, followed through bindings, attributes and calls. Nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import libcst as cst

from adamlint.bindings import Binding, Kind
from adamlint.calls import Calls
from adamlint.classes import Classes, decorators
from adamlint.flow import Flow
from adamlint.names import canonical, in_keras, star_names
from adamlint.tree import Tree, dotted_name
from adamlint.values import UNKNOWN, Const, Display, Local, Member, Outside, Partial, Ref, Result, Value, elements

_DEPTH = 40  # nested look-ups; generated code goes deeper, and there nobody would follow
_MOST = 24  # alternatives; more than this and nothing useful can be said


class Values:
    """Evaluates expressions of one tree, each once."""

    def __init__(self, tree: Tree, flow: Flow, outside: Outside | None = None) -> None:
        """Take up a tree; ``outside`` tells what a name imported from the same project stands for, None for any other."""
        self._outside = outside
        self.tree, self.flow = tree, flow
        self.classes = Classes(tree, flow)
        self.calls = Calls(tree, flow)
        self._known: dict[cst.CSTNode, tuple[Value, ...]] = {}
        self._depth = 0

    def of(self, node: cst.CSTNode) -> tuple[Value, ...]:
        """Return the alternatives for the value of ``node``, without duplicates, in the order they were found."""
        if node not in self._known:
            self._known[node] = (UNKNOWN,)  # what a cycle sees
            if self._depth >= _DEPTH:
                return (UNKNOWN,)
            self._depth += 1
            found = tuple(dict.fromkeys(self._evaluate(node)))
            self._depth -= 1
            self._known[node] = found if 0 < len(found) <= _MOST else (UNKNOWN,)
        return self._known[node]

    def names(self, node: cst.CSTNode) -> tuple[str, ...]:
        """Return the dotted names among the alternatives."""
        return tuple(value.name for value in self.of(node) if isinstance(value, Ref))

    def _each(self, nodes: Iterable[cst.CSTNode]) -> Iterator[Value]:
        for node in nodes:
            yield from self.of(node)

    def _evaluate(self, node: cst.CSTNode) -> Iterator[Value]:
        if isinstance(node, cst.Name):
            yield from self._name(node)
        elif isinstance(node, cst.Attribute):
            for owner in self.of(node.value):
                yield from self.attribute(owner, node.attr.value)
        elif isinstance(node, cst.Call):
            yield from self._call(node)
        elif isinstance(node, (cst.SimpleString, cst.ConcatenatedString, cst.Integer, cst.Float, cst.UnaryOperation)):
            yield self._constant(node)
        elif isinstance(node, (cst.List, cst.Tuple, cst.Set, cst.Dict)):
            yield Display(node)
        elif isinstance(node, cst.Subscript):
            yield from self._subscript(node)
        elif isinstance(node, cst.IfExp):
            yield from self._each((node.body, node.orelse))
        elif isinstance(node, cst.BooleanOperation):
            yield from self._each((node.left, node.right))
        elif isinstance(node, (cst.NamedExpr, cst.Await)):
            yield from self.of(node.value if isinstance(node, cst.NamedExpr) else node.expression)
        elif isinstance(node, cst.Lambda):
            yield Local(node)
        else:
            yield UNKNOWN

    # Names ----------------------------------------------------------------------------------------

    def _name(self, node: cst.Name) -> Iterator[Value]:
        if node.value in ("None", "True", "False"):
            yield Const({"None": None, "True": True, "False": False}[node.value], node)
            return
        found = self.flow.reaching(node.value, node)
        for binding in found:
            yield from self.bound(binding)
        if not found:
            modules = [module for _, module in self.flow.scopes.stars if node.value in star_names(module)]
            yield from (Ref(canonical(f"{module}.{node.value}")) for module in modules)
            if not modules:
                yield Ref(f"builtins.{node.value}")

    def bound(self, binding: Binding) -> Iterator[Value]:
        """Yield what a binding may give to its name."""
        if binding.kind is Kind.IMPORT:
            yield from self._named_outside(binding.dotted)
        elif binding.kind is Kind.DEFINE and isinstance(binding.node, (cst.FunctionDef, cst.ClassDef)):
            yield Local(binding.node)
        elif binding.kind is Kind.PARAMETER:
            yield from self._parameter(binding)
        elif binding.kind in (Kind.ASSIGN, Kind.OPEN) and binding.value is not None:
            yield from self._unpacked(binding.value, binding.path)
        elif binding.kind is Kind.ITERATE and binding.value is not None:
            yield from self._iterated(binding.value, binding.path)
        else:
            yield UNKNOWN

    def _named_outside(self, dotted: str) -> tuple[Value, ...]:
        """Return what a name from outside of this file stands for: itself, or what another file of the project has for it."""
        name = canonical(dotted)
        found = self._outside(dotted) if self._outside and name == dotted and not in_keras(name) else None
        return found if found and found != (UNKNOWN,) else (Ref(name),)  # its name tells more than nothing

    def _unpacked(self, node: cst.CSTNode, path: tuple[int, ...]) -> Iterator[Value]:
        if not path:
            yield from self.of(node)
            return
        for value in self.of(node):
            parts = elements(value)
            if len(parts) > path[0]:
                yield from self._unpacked(parts[path[0]], path[1:])
            else:
                yield UNKNOWN

    def _iterated(self, node: cst.CSTNode, path: tuple[int, ...]) -> Iterator[Value]:
        for value in self.of(node):
            parts = elements(value)
            for part in parts:
                yield from self._unpacked(part, path)
            if not parts:
                yield UNKNOWN

    def _parameter(self, binding: Binding) -> Iterator[Value]:
        instance, itself = self.classes.instance(binding.node), self.classes.itself(binding.node)
        if instance is not None:
            yield Result(Local(instance))
        elif itself is not None:
            yield Local(itself)
        else:
            known = self._annotated(binding.node) or tuple(self._each(self.calls.passed(binding.node) or ()))
            yield from known or (UNKNOWN,)
            if binding.value is not None:
                yield from self.of(binding.value)

    def _annotated(self, parameter: cst.CSTNode) -> tuple[Value, ...]:
        annotation = parameter.annotation if isinstance(parameter, cst.Param) else None
        return self.annotation(annotation.annotation) if annotation else ()

    def annotation(self, node: cst.BaseExpression) -> tuple[Value, ...]:
        """Return the instance that an annotation such as ``tf.keras.Model`` or ``"keras.Model"`` promises."""
        if isinstance(node, cst.SimpleString):
            try:
                parsed = cst.parse_expression(str(node.evaluated_value))
            except cst.ParserSyntaxError:
                return ()
            root, _, rest = dotted_name(parsed).partition(".")
            bindings = self.flow.reaching(root, node) if root else []
            classes = [v for b in bindings for v in self.bound(b)]
            if rest:
                classes = [Ref(canonical(f"{v.name}.{rest}")) for v in classes if isinstance(v, Ref)]
        elif isinstance(node, (cst.Name, cst.Attribute)):
            classes = list(self.of(node))
        else:
            return ()
        return tuple(Result(c) for c in classes if isinstance(c, Ref) or (isinstance(c, Local) and isinstance(c.node, cst.ClassDef)))

    # Attributes -----------------------------------------------------------------------------------

    def attribute(self, owner: Value, name: str) -> Iterator[Value]:
        """Yield what ``owner.name`` may be."""
        if isinstance(owner, Ref):
            yield from self._named_outside(f"{owner.name}.{name}")
        elif isinstance(owner, Result) and isinstance(owner.callee, Local):
            yield from self._own_attribute(owner.callee, name) or (Member(owner, name),)
        elif isinstance(owner, Local):
            yield from self._own_attribute(owner, name) or (UNKNOWN,)
        elif isinstance(owner, (Result, Member)) or owner == UNKNOWN:
            yield Member(owner, name)

    def _own_attribute(self, owner: Local, name: str) -> tuple[Value, ...]:
        if not isinstance(owner.node, cst.ClassDef):
            return ()
        found = list(self._each(self.classes.assigned(owner.node, name)))
        for binding in self.flow.scopes.bindings(owner.node, name):
            found += self.returned(binding.node) if _is_property(binding.node) else self.bound(binding)
        if not found:
            for base in self.bases(owner.node):
                if isinstance(base, Local):
                    found += self._own_attribute(base, name)
        return tuple(found)

    def bases(self, node: cst.ClassDef) -> tuple[Value, ...]:
        """Return what the base classes of a class may be."""
        return tuple(self._each(arg.value for arg in node.bases if not arg.star))

    # Calls ----------------------------------------------------------------------------------------

    def calls_of(self, function: cst.FunctionDef) -> list[cst.Call]:
        """Return the calls in this file that may be of a function of it."""
        return [call for call in self.calls.named(function.name.value) if Local(function) in self.of(call.func)]

    def _call(self, node: cst.Call) -> Iterator[Value]:
        for callee in self.of(node.func):
            if isinstance(callee, Ref):
                yield from self._call_outside(callee, node)
            elif isinstance(callee, Local) and isinstance(callee.node, cst.ClassDef):
                yield Result(callee, node)
            elif isinstance(callee, Local):
                yield from self.returned(callee.node)
            elif isinstance(callee, Partial):
                yield Result(callee.callee, callee.call)
            elif isinstance(callee, Member):
                yield Result(callee, node)
            else:
                yield UNKNOWN

    def _call_outside(self, callee: Ref, node: cst.Call) -> Iterator[Value]:
        first = node.args[0].value if node.args and not node.args[0].star else None
        if callee.name == "builtins.super":
            owner = self.classes.around(node)
            yield Result(Local(owner)) if owner else UNKNOWN
        elif callee.name == "builtins.getattr" and first is not None and len(node.args) > 1:
            yield from self._getattr(node)
        elif callee.name == "builtins.dict":
            yield Display(node)
        elif callee.name in ("importlib.import_module", "builtins.__import__") and first is not None:
            names = [v.value for v in self.of(first) if isinstance(v, Const) and isinstance(v.value, str)]
            yield from (Ref(canonical(name)) for name in names)
        elif callee.name in ("functools.partial", "builtins.functools.partial") and first is not None:
            yield from (Partial(value, node) for value in self.of(first))
        else:
            yield Result(callee, node)

    def _getattr(self, node: cst.Call) -> Iterator[Value]:
        names = [v.value if isinstance(v, Const) else "*" for v in self.of(node.args[1].value)]
        for owner in self.of(node.args[0].value):
            for name in names:
                yield from self.attribute(owner, str(name))

    def returned(self, function: cst.CSTNode) -> Iterator[Value]:
        """Yield what calling a function of this file may give."""
        if isinstance(function, cst.Lambda):
            yield from self.of(function.body)
            return
        returns = self.flow.scopes.returns(function)
        for statement in returns:
            yield from self.of(statement.value) if statement.value is not None else (UNKNOWN,)
        if not returns:
            yield UNKNOWN

    # Literals -------------------------------------------------------------------------------------

    def _constant(self, node: cst.CSTNode) -> Value:
        try:
            return Const(ast.literal_eval(self.tree.module.code_for_node(node)), node)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return UNKNOWN

    def _subscript(self, node: cst.Subscript) -> Iterator[Value]:
        index = node.slice[0].slice
        keys = self.of(index.value) if len(node.slice) == 1 and isinstance(index, cst.Index) else (UNKNOWN,)
        for owner in self.of(node.value):
            if not isinstance(owner, Display):
                yield UNKNOWN
                continue
            for key in keys:
                yield from self._item(owner, key)

    def _item(self, owner: Display, key: Value) -> Iterator[Value]:
        if isinstance(owner.node, (cst.Dict, cst.Call)):
            wanted = [v for k, v in self.entries(owner) if not isinstance(key, Const) or k == key.value]
            yield from self._each(wanted) if wanted else (UNKNOWN,)
            return
        parts = elements(owner)
        at = key.value if isinstance(key, Const) else None
        if isinstance(at, int) and -len(parts) <= at < len(parts):
            yield from self.of(parts[at])
        elif at is None and parts:
            yield from self._each(parts)
        else:
            yield UNKNOWN

    def entries(self, owner: Display) -> list[tuple[object, cst.BaseExpression]]:
        """Return the constant keys of a dict display or `dict(...)` call with the expressions of their values."""
        if isinstance(owner.node, cst.Call):
            return [(arg.keyword.value, arg.value) for arg in owner.node.args if arg.keyword is not None]
        if not isinstance(owner.node, cst.Dict):
            return []
        pairs = [e for e in owner.node.elements if isinstance(e, cst.DictElement)]
        return [(key.value, e.value) for e in pairs for key in self.of(e.key) if isinstance(key, Const)]


def _is_property(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.FunctionDef) and bool(decorators(node) & {"property", "cached_property"})
