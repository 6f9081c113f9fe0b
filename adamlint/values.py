"""What an expression may be: a set of alternatives, followed through bindings, attributes and calls of this file.

Nothing is interpreted: a value is a name of the outside world, what calling one gives, a constant, a literal display, or
something defined here. What is not known is UNKNOWN, and stays so.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import libcst as cst

from adamlint.flow import Binding, Flow, Kind, dotted_name
from adamlint.names import canonical, in_keras, star_names
from adamlint.tree import Tree


@dataclass(frozen=True)
class Ref:
    """Something that lives outside of this file, by its canonical dotted name; ``*`` stands for an unknown part."""

    name: str


@dataclass(frozen=True)
class Const:
    """A literal constant; ``node`` is where it is written."""

    value: object
    node: cst.CSTNode


@dataclass(frozen=True)
class Local:
    """A function, lambda or class of this file."""

    node: cst.FunctionDef | cst.ClassDef | cst.Lambda


@dataclass(frozen=True)
class Result:
    """What calling ``callee`` gives; ``call`` is None where the call is not seen (`self`, an annotation)."""

    callee: Value
    call: cst.Call | None = None


@dataclass(frozen=True)
class Member:
    """An attribute of an object whose attributes are not followed."""

    owner: Value
    name: str


@dataclass(frozen=True)
class Display:
    """A list, tuple, set or dict literal, or a `dict(...)` call."""

    node: cst.CSTNode


@dataclass(frozen=True)
class Partial:
    """`functools.partial(callee, …)`."""

    callee: Value
    call: cst.Call


@dataclass(frozen=True)
class Unknown:
    """Cannot be told from this file."""


Value = Ref | Const | Local | Result | Member | Display | Partial | Unknown
Outside = Callable[[str], "tuple[Value, ...] | None"]
UNKNOWN = Unknown()

_DEPTH = 40  # nested look-ups; generated code goes deeper, and there nobody would follow
_MOST = 24  # alternatives; more than this and nothing useful can be said


class Values:
    """Evaluates expressions of one tree, each once."""

    def __init__(self, tree: Tree, flow: Flow, outside: Outside | None = None) -> None:
        """Take up a tree; ``outside`` tells what a name imported from the same project stands for, None for any other."""
        self._outside = outside
        self.tree = tree
        self.flow = flow
        self._known: dict[cst.CSTNode, tuple[Value, ...]] = {}
        self._depth = 0
        self._attributes: dict[tuple[cst.ClassDef, str], list[cst.BaseExpression]] | None = None
        self._named: dict[str, list[cst.Name]] | None = None

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
            modules = [module for _, module in self.flow.stars if node.value in star_names(module)]
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
            for value in self.of(binding.value):
                elements = self.elements(value)
                for element in elements:
                    yield from self._unpacked(element, binding.path)
                if not elements:
                    yield UNKNOWN
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
            elements = self.elements(value)
            if len(elements) > path[0]:
                yield from self._unpacked(elements[path[0]], path[1:])
            else:
                yield UNKNOWN

    @staticmethod
    def elements(value: Value) -> list[cst.BaseExpression]:
        """Return the elements of a list, tuple or set literal."""
        if isinstance(value, Display) and isinstance(value.node, (cst.List, cst.Tuple, cst.Set)):
            return [e.value for e in value.node.elements if isinstance(e, cst.Element)]
        return []

    def _parameter(self, binding: Binding) -> Iterator[Value]:
        function = self.tree.enclosing(binding.node, cst.FunctionDef)
        owner = self.method_owner(function) if function is not None else None
        if owner is not None and function is not None and _is_first(binding.node, function):
            decorators = {dotted_name(d.decorator) for d in function.decorators}
            if "staticmethod" not in decorators:
                yield Local(owner) if "classmethod" in decorators else Result(Local(owner))
                return
        known = self._annotated(binding.node) or self._passed(binding.node, function)
        yield from known or (UNKNOWN,)
        if binding.value is not None:
            yield from self.of(binding.value)

    def _annotated(self, parameter: cst.CSTNode) -> tuple[Value, ...]:
        annotation = parameter.annotation if isinstance(parameter, cst.Param) else None
        return self.annotation(annotation.annotation) if annotation else ()

    def _passed(self, parameter: cst.CSTNode, function: cst.FunctionDef | None) -> tuple[Value, ...]:
        """Return what the calls in this file give to a parameter of a plain function that is only ever called."""
        if function is None or function.decorators or not isinstance(self.flow.scope(function), cst.Module):
            return ()
        uses = [n for n in self.uses(function.name.value) if n is not function.name]
        calls = [c for n in uses if isinstance(c := self.tree.parent(n), cst.Call) and c.func is n]
        if len(calls) < len(uses) or any(arg.star for call in calls for arg in call.args):
            return ()
        given = [_given(call, parameter, function) for call in calls]
        return tuple(self._each(node for node in given if node is not None))

    def uses(self, name: str) -> list[cst.Name]:
        """Return where a name stands as one, neither as an attribute nor as a keyword."""
        if self._named is None:
            self._named = {}
            for node in self.tree.nodes(cst.Name):
                above = self.tree.parent(node)
                label = above.attr if isinstance(above, cst.Attribute) else above.keyword if isinstance(above, cst.Arg) else None
                if label is not node:
                    self._named.setdefault(node.value, []).append(node)
        return self._named.get(name, [])

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

    def method_owner(self, function: cst.CSTNode) -> cst.ClassDef | None:
        """Return the class that ``function`` is a method of."""
        scope = self.flow.scope(function)
        return scope if isinstance(scope, cst.ClassDef) else None

    # Attributes -----------------------------------------------------------------------------------

    def attribute(self, owner: Value, name: str) -> Iterator[Value]:
        """Yield what ``owner.name`` may be."""
        if isinstance(owner, Ref):
            yield from self._named_outside(f"{owner.name}.{name}")
        elif isinstance(owner, Result) and isinstance(owner.callee, Local):
            yield from self._own_attribute(owner.callee, name) or (Member(owner, name),)
        elif isinstance(owner, Local):
            yield from self._own_attribute(owner, name) or (UNKNOWN,)
        elif isinstance(owner, (Result, Member, Unknown)):
            yield Member(owner, name)

    def _own_attribute(self, owner: Local, name: str) -> tuple[Value, ...]:
        if not isinstance(owner.node, cst.ClassDef):
            return ()
        written = self._assigned().get((owner.node, name), [])
        found = list(self._each(written))
        for binding in self.flow.bindings(owner.node, name):
            found += self.returned(binding.node) if _is_property(binding.node) else self.bound(binding)
        if not found:
            for base in self.bases(owner.node):
                if isinstance(base, Local):
                    found += self._own_attribute(base, name)
        return tuple(found)

    def _assigned(self) -> dict[tuple[cst.ClassDef, str], list[cst.BaseExpression]]:
        """Return what the methods of each class assign to attributes of ``self``."""
        if self._attributes is None:
            self._attributes = {}
            assigns: list[cst.Assign | cst.AnnAssign] = [*self.tree.nodes(cst.Assign), *self.tree.nodes(cst.AnnAssign)]
            for assign in assigns:
                targets = [t.target for t in assign.targets] if isinstance(assign, cst.Assign) else [assign.target]
                for target in targets:
                    owner = self._self_of(target)
                    if owner is not None and isinstance(target, cst.Attribute) and assign.value is not None:
                        self._attributes.setdefault((owner, target.attr.value), []).append(assign.value)
        return self._attributes

    def _self_of(self, target: cst.BaseExpression) -> cst.ClassDef | None:
        if not (isinstance(target, cst.Attribute) and isinstance(target.value, cst.Name)):
            return None
        for binding in self.flow.reaching(target.value.value, target):
            function = self.tree.enclosing(binding.node, cst.FunctionDef)
            if binding.kind is Kind.PARAMETER and function is not None and _is_first(binding.node, function):
                return self.method_owner(function)
        return None

    def bases(self, node: cst.ClassDef) -> tuple[Value, ...]:
        """Return what the base classes of a class may be."""
        return tuple(self._each(arg.value for arg in node.bases if not arg.star))

    def calls(self, function: cst.FunctionDef) -> list[cst.Call]:
        """Return the calls in this file that may be of a function of it."""
        called = Local(function)
        named = [c for c in self.tree.nodes(cst.Call) if dotted_name(c.func).rpartition(".")[2] == function.name.value]
        return [call for call in named if called in self.of(call.func)]

    def origin(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the call, or the parameter, that an object comes from; None where it may come from several, or from none seen.

        Two names with one origin are one object, as long as the origin runs once: values alone do not tell two instances apart.
        """
        for _ in range(_DEPTH):
            if isinstance(node, cst.Name):
                found = self.flow.reaching(node.value, node)
                binding = found[0] if len(found) == 1 and not found[0].path else None
                if binding is None or binding.kind is not Kind.ASSIGN or binding.value is None:
                    return binding.node if binding is not None and binding.kind is Kind.PARAMETER else None
                node = binding.value
            elif isinstance(node, cst.Attribute):
                written = self._written(node)
                if len(written) != 1:
                    return None
                node = written[0]
            else:
                return node if isinstance(node, cst.Call) else None
        return None

    def _written(self, node: cst.Attribute) -> list[cst.BaseExpression]:
        """Return what is assigned to an attribute of an object of one class of this file."""
        owners = [v.callee.node for v in self.of(node.value) if isinstance(v, Result) and isinstance(v.callee, Local)]
        owner = owners[0] if len(owners) == 1 else None
        return self._assigned().get((owner, node.attr.value), []) if isinstance(owner, cst.ClassDef) else []

    # Calls ----------------------------------------------------------------------------------------

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
            owner = next((self.method_owner(f) for f in self.tree.ancestors(node) if self.method_owner(f)), None)
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
        returns = self.flow.returns(function)
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
            entries = self.entries(owner)
            wanted = [v for k, v in entries if not isinstance(key, Const) or k == key.value]
            yield from self._each(wanted) if wanted else (UNKNOWN,)
            return
        elements = self.elements(owner)
        at = key.value if isinstance(key, Const) else None
        if isinstance(at, int) and -len(elements) <= at < len(elements):
            yield from self.of(elements[at])
        elif at is None and elements:
            yield from self._each(elements)
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


def _is_first(parameter: cst.CSTNode, function: cst.FunctionDef) -> bool:
    params = (*function.params.posonly_params, *function.params.params)
    return bool(params) and params[0] is parameter


def _given(call: cst.Call, parameter: cst.CSTNode, function: cst.FunctionDef) -> cst.BaseExpression | None:
    """Return the argument that a call without stars gives to a parameter."""
    named = {arg.keyword.value: arg.value for arg in call.args if arg.keyword is not None}
    if isinstance(parameter, cst.Param) and parameter.name.value in named:
        return named[parameter.name.value]
    params = [*function.params.posonly_params, *function.params.params]
    plain = [arg.value for arg in call.args if arg.keyword is None]
    at = next((index for index, param in enumerate(params) if param is parameter), len(plain))
    return plain[at] if at < len(plain) else None


def _is_property(node: cst.CSTNode) -> bool:
    if not isinstance(node, cst.FunctionDef):
        return False
    decorators = {dotted_name(d.decorator).rpartition(".")[2] for d in node.decorators}
    return bool(decorators & {"property", "cached_property"})
