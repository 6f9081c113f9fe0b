"""What the objects of a class keep of what its constructor is given, read by Python's own parser: `Config(optimizer="adam")`."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

# What sets, or gives, attributes by names that are not written there.
_HIDING = frozenset({"setattr", "vars", "__dict__", "__setattr__", "__getattribute__", "__getattr__", "model_validator"})
_STATEMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign)


@dataclass(frozen=True)
class Kept:
    """An attribute that is a parameter of the constructor as it was given."""

    parameter: str  # "": it is not known which
    position: int | None = None  # among the arguments of a call; None where it is not known, or there is none


def kept(owner: ast.ClassDef) -> dict[str, Kept]:
    """Return what a class keeps, by the attribute: parameters that its constructor assigns once, or fields where it writes none."""
    if _hides(owner):
        return {}
    constructor = next((one for one in owner.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"), None)
    defined = {one.name for one in owner.body if isinstance(one, ast.FunctionDef)} | _validated(owner)
    assigned = Counter(name for node in ast.walk(owner) for name, _ in set_on_self(node))
    if constructor is None:
        fields = {kept.parameter: kept for kept in _fields(owner)}
        return {name: kept for name, kept in fields.items() if not assigned[name] and name not in defined}
    again = {node.id for node in ast.walk(constructor) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    sole = {name for name, times in assigned.items() if times == 1 and name not in defined}
    known = {kept.parameter: kept for kept in _parameters(constructor.args) if kept.parameter not in again}
    given = [(name, value) for line in constructor.body for name, value in set_on_self(line) if isinstance(value, ast.Name)]
    return {name: known[value.id] for name, value in given if isinstance(value, ast.Name) and value.id in known and name in sole}


def getters(owner: ast.ClassDef) -> dict[str, str]:
    """Return the properties of a class that give an attribute of the instance as it is, `return self._model`, with the name of that."""
    methods = [one for one in owner.body if isinstance(one, ast.FunctionDef) and len(one.body) == 1 + (ast.get_docstring(one) is not None)]
    given = {one.name: one.body[-1] for one in methods if any(ast.unparse(name) == "property" for name in one.decorator_list)}
    found = {name: line.value for name, line in given.items() if isinstance(line, ast.Return)}
    return {name: value.attr for name, value in found.items() if isinstance(value, ast.Attribute) and ast.unparse(value.value) == "self"}


def _hides(owner: ast.ClassDef) -> bool:
    """Tell whether a class may set or give attributes in a way that is not written out, or hands itself on before it is made."""
    named = {node.id for node in ast.walk(owner) if isinstance(node, ast.Name)} | {
        node.attr for node in ast.walk(owner) if isinstance(node, ast.Attribute)
    }
    defined = {node.name for node in ast.walk(owner) if isinstance(node, ast.FunctionDef)}
    return bool((named | defined) & _HIDING) or _hands_itself_on(owner)


def _hands_itself_on(owner: ast.ClassDef) -> bool:
    """Tell whether the constructor uses `self` otherwise than for its attributes, and in `super(Config, self)`."""
    inside = [node for one in owner.body if isinstance(one, ast.FunctionDef) and one.name == "__init__" for node in ast.walk(one)]
    owners = {id(node.value) for node in inside if isinstance(node, ast.Attribute)}
    calls = [node for node in inside if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"]
    owners |= {id(arg) for call in calls for arg in call.args}
    plain = (node for node in inside if isinstance(node, ast.Name) and node.id == "self" and id(node) not in owners)
    return any(True for _ in plain)


def _validated(owner: ast.ClassDef) -> set[str]:
    """Return the fields that a decorator of a method names, or that are converted: `@field_validator("optimizer")`, `converter=…`."""
    calls = (call for one in owner.body if isinstance(one, ast.FunctionDef) for call in one.decorator_list if isinstance(call, ast.Call))
    named = {arg.value for call in calls for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)}
    made = [(one.target, one.value) for one in owner.body if isinstance(one, ast.AnnAssign) and isinstance(one.value, ast.Call)]
    converted = (target for target, value in made if any(keyword.arg == "converter" for keyword in value.keywords))
    return named | {target.id for target in converted if isinstance(target, ast.Name)}


def _parameters(given: ast.arguments) -> Iterator[Kept]:
    for position, parameter in enumerate((*given.posonlyargs, *given.args)):
        if position:  # not self
            yield Kept(parameter.arg, position - 1)
    yield from (Kept(parameter.arg) for parameter in given.kwonlyargs)


def _fields(owner: ast.ClassDef) -> Iterator[Kept]:
    """Yield the annotated fields, as dataclasses and their like take them; those of a base come before them."""
    fields = [one for one in owner.body if isinstance(one, ast.AnnAssign) and "ClassVar" not in ast.unparse(one.annotation)]
    names = [one.target.id for one in fields if isinstance(one.target, ast.Name)]
    yield from (Kept(name, None if owner.bases else position) for position, name in enumerate(names))


def set_on_self(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield the attributes of `self`, or `cls`, that a statement assigns, with what each is given where that is written for it alone."""
    if not isinstance(node, _STATEMENTS):
        return
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
        values = node.value.elts if len(parts) > 1 and isinstance(node.value, (ast.Tuple, ast.List)) else [node.value]
        for index, part in enumerate(parts):
            if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in ("self", "cls"):
                yield part.attr, values[index] if len(values) == len(parts) and not isinstance(node, ast.AugAssign) else None
