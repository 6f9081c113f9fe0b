"""What the expressions of a tree may be: a set of alternatives, followed through bindings, attributes and calls. Nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from types import MappingProxyType

import libcst as cst

from adamlint.names.bindings import Binding, Kind
from adamlint.names.canonical import canonical, in_keras, star_names, wraps_model
from adamlint.names.flow import Flow
from adamlint.text.tree import Tree, dotted_name
from adamlint.values import library, strings
from adamlint.values.afterwards import Afterwards
from adamlint.values.annotations import element_classes, named_classes
from adamlint.values.calls import Calls
from adamlint.values.checked import Checked
from adamlint.values.classes import Classes
from adamlint.values.displays import Displays
from adamlint.values.objects import Objects
from adamlint.values.parameters import Parameters
from adamlint.values.sorted_out import SortedOut
from adamlint.values.stores import Stores
from adamlint.values.value import (
    ELSEWHERE,
    UNKNOWN,
    Abroad,
    Builder,
    Const,
    Display,
    Lent,
    Local,
    Member,
    Outside,
    Part,
    Partial,
    Ref,
    Result,
    Series,
    Table,
    Value,
    is_known,
    is_repeated,
)

_DEPTH = 40  # nested look-ups; generated code goes deeper, and there nobody would follow
_NONE: Lent = MappingProxyType({})
_MOST = 24  # alternatives; more than this and nothing useful can be said


class Values:
    """Evaluates expressions of one tree, each once."""

    def __init__(self, tree: Tree, flow: Flow, outside: Outside | None = None, given: Lent = _NONE) -> None:
        """Take up a tree; ``outside`` tells what a name imported from the same project stands for, None for any other.

        ``given`` is what one call in another file gives to parameters, which then have no other values.
        """
        self.outside, self.given = outside, given
        self.tree, self.flow = tree, flow
        self.classes = Classes(tree, flow)
        self.calls = Calls(tree)
        self.stores = Stores(tree, flow, self.calls)
        self.checked = Checked(tree, flow, self.stores)
        self.afterwards = Afterwards(tree, flow, self.classes, self.calls)
        self.displays = Displays(self.afterwards, self.of)
        self.sorted_out = SortedOut(tree, flow, self.displays, self.of)
        self.parameters = Parameters(tree, self)
        self.objects = Objects(self)
        self.borrowing: set[cst.CSTNode] = set()  # places that stand for a constant of another file
        self._known: dict[cst.CSTNode, tuple[Value, ...]] = {}
        self._depth = 0

    def of(self, node: cst.CSTNode) -> tuple[Value, ...]:
        """Return the alternatives for the value of ``node``, without duplicates, in the order they were found."""
        if node not in self._known:
            self._known[node] = (UNKNOWN,)  # what a cycle sees
            if self._depth >= _DEPTH:
                return (UNKNOWN,)
            self._depth += 1
            found = tuple(dict.fromkeys(self._written_at(value, node) for value in self._evaluate(node)))
            self._depth -= 1
            self._known[node] = found if 0 < len(found) <= _MOST else (UNKNOWN,)
        return self._known[node]

    def _written_at(self, value: Value, use: cst.CSTNode) -> Value:
        """Give a constant of another file a place in this one: where it is used."""
        if not (isinstance(value, Const) and value.node is ELSEWHERE):
            return value
        self.borrowing.add(use)
        return Const(value.value, use)

    def names(self, node: cst.CSTNode) -> tuple[str, ...]:
        """Return the dotted names among the alternatives."""
        return tuple(value.name for value in self.of(node) if isinstance(value, Ref))

    def strings(self, node: cst.CSTNode) -> list[tuple[str, cst.CSTNode]]:
        """Return the string constants among the alternatives, with the place where each is written."""
        return [(v.value, v.node) for v in self.of(node) if isinstance(v, Const) and isinstance(v.value, str)]

    def each(self, nodes: Iterable[cst.CSTNode]) -> Iterator[Value]:
        """Yield what each of some expressions may be."""
        for node in nodes:
            yield from self.of(node)

    def _evaluate(self, node: cst.CSTNode) -> Iterator[Value]:
        if isinstance(node, cst.Name):
            yield from self._name(node)
        elif isinstance(node, (cst.Attribute, cst.Subscript)):
            given = self.stores.reaching(node)
            found = (value for store in given for value in self.bound(store)) if given else self._part(node)
            yield from self._as_checked([value for value in found if not self._is_gone(value, node)], node)
        elif isinstance(node, cst.Call):
            yield from self._call(node)
        elif isinstance(node, (cst.SimpleString, cst.ConcatenatedString, cst.Integer, cst.Float, cst.UnaryOperation)):
            yield self._constant(node)
        elif isinstance(node, (cst.FormattedString, cst.BinaryOperation)):
            yield from tuple(strings.joined(node, self.of)) or (UNKNOWN,)
        elif isinstance(node, (cst.List, cst.Tuple, cst.Set, cst.Dict)):
            yield Display(node)
        elif isinstance(node, cst.IfExp):
            yield from self.each((node.body, node.orelse))
        elif isinstance(node, cst.BooleanOperation):
            yield from self.each((node.left, node.right))
        elif isinstance(node, (cst.NamedExpr, cst.Await)):
            yield from self.of(node.value if isinstance(node, cst.NamedExpr) else node.expression)
        elif isinstance(node, cst.Lambda):
            yield Local(node)
        elif isinstance(node, (cst.ListComp, cst.SetComp, cst.GeneratorExp)):
            yield Series((node.elt,), repeated=True)
        else:
            yield UNKNOWN

    # Names ----------------------------------------------------------------------------------------

    def _name(self, node: cst.Name) -> Iterator[Value]:
        above = self.tree.parent(node)
        if isinstance(above, cst.Arg) and above.keyword is node:
            yield Const(node.value, node)  # `update(optimizer=…)`: a key
            return
        if node.value in ("None", "True", "False"):
            yield Const({"None": None, "True": True, "False": False}[node.value], node)
            return
        found = self.flow.reaching(node.value, node)
        known = [value for binding in found for value in self.bound(binding) if not self._is_gone(value, node, binding)]
        yield from self._as_checked(known, node)
        if not found:
            yield from tuple(self._starred(node.value)) or (Ref(f"builtins.{node.value}"),)

    def _as_checked(self, found: list[Value], use: cst.BaseExpression) -> Iterable[Value]:
        """Return what was found, or instances of what `isinstance` has said where none of that says more."""
        return (() if any(is_known(value) for value in found) else self._instances(self.checked.classes(use))) or found

    def _starred(self, name: str) -> Iterator[Value]:
        """Yield what a name may be that only `from module import *` can have brought in."""
        for _, module in self.flow.scopes.stars:
            dotted = f"{module}{'' if module.endswith('.') else '.'}{name}"
            if name in star_names(module):
                yield Ref(canonical(dotted))
            else:  # it may come from anywhere else
                yield from (value for value in (self.outside(dotted) if self.outside else None) or () if value != UNKNOWN)

    def _is_gone(self, value: Value, use: cst.BaseExpression, binding: Binding | None = None) -> bool:
        if isinstance(value, Ref) and in_keras(value.name) and value.name.rpartition(".")[2][:1].isupper():
            value = Const(type, use)
        if not isinstance(value, Const):
            return False
        remade = isinstance(use, cst.Attribute) and self.stores.is_remade(value.node, use)
        return remade or self.sorted_out.is_gone(value, use, binding)

    def bound(self, binding: Binding) -> Iterator[Value]:
        """Yield what a binding may give to its name."""
        if binding.kind is Kind.IMPORT:
            given = self._named_outside(binding.dotted)
            changed = any(isinstance(value, (Series, Table)) for value in given) and self.afterwards.changes(binding.name)
            yield from (UNKNOWN,) if changed else given
        elif binding.kind is Kind.DEFINE and isinstance(binding.node, (cst.FunctionDef, cst.ClassDef)):
            yield Local(binding.node)
        elif binding.kind is Kind.PARAMETER:
            yield from self._parameter(binding)
        elif binding.kind in (Kind.ASSIGN, Kind.OPEN) and binding.value is not None:
            found = self.unpacked(binding.value, binding.path)
            above = self.tree.parent(binding.node)
            yield from self.promised(found, above.annotation) if isinstance(above, cst.AnnAssign) else found
        elif binding.kind is Kind.ITERATE and binding.value is not None:
            yield from self._iterated(binding.value, binding.path)
        else:
            yield UNKNOWN

    def _named_outside(self, dotted: str) -> tuple[Value, ...]:
        """Return what a name from outside of this file stands for: itself, or what another file of the project has for it."""
        name = canonical(dotted)
        known = name != dotted or in_keras(name) or wraps_model(name)  # better than its source would tell it
        found = self.outside(dotted) if self.outside and not known else None
        return found if found and found != (UNKNOWN,) else (Ref(name),)  # its name tells more than nothing

    def unpacked(self, part: Part, path: tuple[int, ...]) -> Iterator[Value]:
        """Yield what the part of a literal may be that a path of indices leads to."""
        if part is None:
            yield UNKNOWN
            return
        if isinstance(part, tuple):
            yield from self.unpacked(part[path[0]], path[1:]) if path and len(part) > path[0] else (UNKNOWN,)
            return
        found = self.of(part) if isinstance(part, cst.CSTNode) else (part,)
        if not path:
            yield from found
        else:
            for value in found:
                parts = self.displays.elements(value)
                at = 0 if is_repeated(value) else path[0]
                known = len(parts) > at and self.displays.is_ordered(value)
                yield from self.unpacked(parts[at], path[1:]) if known else (UNKNOWN,)

    def _iterated(self, node: cst.CSTNode, path: tuple[int, ...]) -> Iterator[Value]:
        for value in self.of(node):
            parts = self.displays.elements(value)
            for part in parts:
                yield from self.unpacked(part, path)
            if not parts:
                yield UNKNOWN

    def _parameter(self, binding: Binding) -> Iterator[Value]:
        instance, itself = self.classes.instance(binding.node), self.classes.itself(binding.node)
        if binding.node in self.given:
            yield from self.given[binding.node]
        elif instance is not None:
            yield Result(Local(instance))
        elif itself is not None:
            yield Local(itself)
        else:
            annotation = binding.node.annotation if isinstance(binding.node, cst.Param) else None
            yield from self.promised(self._given(binding.node), annotation)
            if binding.value is not None and self.parameters.may_be_default(binding.node):
                yield from self.of(binding.value)

    def _given(self, parameter: cst.CSTNode) -> Iterator[Value]:
        given, whole = self.parameters.given(parameter) if isinstance(parameter, cst.Param) else ([], False)
        yield from self.each(given)
        if not whole:
            yield UNKNOWN

    def promised(self, found: Iterable[Value], annotation: cst.Annotation | None) -> tuple[Value, ...]:
        """Return what is known of a value, or else the instance that its annotation promises."""
        known = tuple(found)
        if annotation is None or any(is_known(value) for value in known):
            return known
        listed = self._instances(element_classes(annotation.annotation))
        return self._instances(named_classes(annotation.annotation)) or tuple(Series((one,), repeated=True) for one in listed) or known

    def _instances(self, classes: Iterable[cst.BaseExpression]) -> tuple[Value, ...]:
        """Return an instance of each of some classes; nothing if one of them is not known."""
        found = [value for node in classes for value in self._classes(node)]
        certain = all(isinstance(c, (Ref, Abroad)) or (isinstance(c, Local) and isinstance(c.node, cst.ClassDef)) for c in found)
        return tuple(Result(c) for c in found) if certain else ()

    def _classes(self, node: cst.BaseExpression) -> Iterator[Value]:
        """Yield what a class named in an annotation may be; imports for type checkers alone count there."""
        if isinstance(node, cst.SimpleString):
            root, _, rest = str(node.evaluated_value).partition(".")
        else:
            root, _, rest = dotted_name(node).partition(".")
        bindings = self.flow.reaching(root, node) or self.flow.scopes.bindings(self.tree.module, root)
        for value in (value for binding in bindings for value in self.bound(binding)):
            for part in rest.split(".") if rest else ():
                value = next(iter(self.attribute(value, part)), UNKNOWN)
            yield value

    # Attributes -----------------------------------------------------------------------------------

    def attribute(self, owner: Value, name: str) -> Iterator[Value]:
        """Yield what ``owner.name`` may be."""
        if isinstance(owner, Ref):
            found = tuple(library.flag(self, owner, name)) or self._named_outside(f"{owner.name}.{name}")
            yield from found
            if name in self.classes.set_outside and any(isinstance(value, Const) for value in found):
                yield UNKNOWN
        elif isinstance(owner, Result) and isinstance(owner.callee, (Local, Abroad)):
            found = self.objects.held(owner.callee, name, owner)
            yield from found or (Member(owner, name),)
            if owner.call is None and found and isinstance(owner.callee, Local) and isinstance(owner.callee.node, cst.ClassDef):
                heirs = self.classes.descendants(owner.callee.node)  # `self` may be of a class built on this one
                yield from (value for heir in heirs for value in self.objects.given(heir, name, owner))
        elif isinstance(owner, (Local, Abroad)):
            yield from self.objects.held(owner, name) or (UNKNOWN,)
        elif isinstance(owner, Result):
            yield from tuple(library.attribute(self, owner, name)) or (Member(owner, name),)
        elif isinstance(owner, Const) and name == "value":
            yield owner  # a member of an Enum
        elif not (isinstance(owner, Const) and owner.value is None):  # a failed import has no attributes
            yield Member(owner, name)

    def has_own(self, value: Value, name: str) -> bool:
        """Tell whether a class of this file gives its objects an attribute."""
        made = value.callee if isinstance(value, Result) else value
        return isinstance(made, Local) and bool(self.objects.held(made, name))

    def bases(self, node: cst.ClassDef) -> tuple[Value, ...]:
        """Return what the base classes of a class may be."""
        return tuple(self.each(arg.value for arg in node.bases if not arg.star))

    # Calls ----------------------------------------------------------------------------------------

    def calls_of(self, function: cst.FunctionDef) -> list[cst.Call]:
        """Return the calls in this file that may be of a function of it."""
        return [call for call in self.calls.named(function.name.value) if Local(function) in self.of(call.func)]

    def _call(self, node: cst.Call) -> Iterator[Value]:
        for callee in self.of(node.func):
            if isinstance(callee, Ref):
                gives = library.function(callee.name)
                yield from (tuple(gives(self, node)) if gives else ()) or (Result(callee, node),)
            elif isinstance(callee, Abroad) or (isinstance(callee, Local) and isinstance(callee.node, cst.ClassDef)):
                yield Result(callee, node)
            elif isinstance(callee, Local):
                yield from self.returned(callee.node)
            elif isinstance(callee, Partial):
                yield Result(callee.callee, callee.call)
            elif isinstance(callee, Builder):
                yield from callee.gives
            elif isinstance(callee, Member):
                yield from tuple(library.method(self, callee, node)) or (Result(callee, node),)
            else:
                yield UNKNOWN

    def returned(self, function: cst.CSTNode) -> Iterator[Value]:
        """Yield what calling a function of this file may give."""
        if isinstance(function, cst.Lambda):
            yield from self.of(function.body)
            return
        given = [statement.value for statement in self.flow.scopes.returns(function)]
        found = [value for node in given for value in (self.of(node) if node is not None else (UNKNOWN,))]
        yield from self.promised(found or [UNKNOWN], function.returns if isinstance(function, cst.FunctionDef) else None)

    # Literals -------------------------------------------------------------------------------------

    def _constant(self, node: cst.CSTNode) -> Value:
        try:
            return Const(ast.literal_eval(self.tree.module.code_for_node(node)), node)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return UNKNOWN

    def _part(self, node: cst.Attribute | cst.Subscript) -> Iterator[Value]:
        """Yield what an attribute, or an item, may be of each alternative for its object."""
        for owner in self.of(node.value):
            yield from self.attribute(owner, node.attr.value) if isinstance(node, cst.Attribute) else self.items(owner, node)

    def items(self, owner: Value, node: cst.Subscript) -> Iterator[Value]:
        """Yield what a subscript may give of one of the alternatives for its object."""
        index = node.slice[0].slice
        for key in self.of(index.value) if len(node.slice) == 1 and isinstance(index, cst.Index) else (UNKNOWN,):
            yield from self.item(owner, key)

    def item(self, owner: Value, key: Value) -> Iterator[Value]:
        """Yield what `owner[key]` may be; a constant may have been replaced where not all is seen that is done with its home."""
        found = list(self._item(owner, key))
        yield from found
        if isinstance(owner, Display) and any(isinstance(value, Const) for value in found) and not self.displays.is_steady(owner):
            yield UNKNOWN

    def _item(self, owner: Value, key: Value) -> Iterator[Value]:
        if isinstance(owner, Table):
            entries = [values for known, values in owner.entries if not isinstance(key, Const) or known == key.value]
            yield from (value for values in entries or [(UNKNOWN,)] for value in values)
            return
        if isinstance(owner, Display) and self.displays.is_converted(owner, key):
            yield UNKNOWN
            return
        if isinstance(owner, Display) and isinstance(owner.node, (cst.Dict, cst.Call)):
            wanted = [v for k, v in self.displays.entries(owner) if not isinstance(key, Const) or k == key.value]
            yield from self.each(wanted) if wanted else (UNKNOWN,)
            return
        if isinstance(owner, Result) and isinstance(key, Const) and (known := tuple(library.attribute(self, owner, str(key.value)))):
            yield from known  # `vars(parser.parse_args())["name"]`
            return
        parts = self.displays.elements(owner)
        at = key.value if isinstance(key, Const) else None
        if isinstance(at, int) and not is_repeated(owner) and self.displays.is_ordered(owner) and -len(parts) <= at < len(parts):
            yield from self.unpacked(parts[at], ())
        elif parts:
            yield from (value for part in parts for value in self.unpacked(part, ()))
        elif not (isinstance(owner, Const) and owner.value is None):  # nor are there any in what may be None
            yield UNKNOWN
