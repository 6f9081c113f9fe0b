"""What importing a file binds and runs, read by Python's own parser: ten times faster than the tree that can be edited."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache

from adamlint.values.kept import Kept, getters, kept, set_on_self

_CHANGES = ("append", "clear", "extend", "insert", "pop", "popitem", "remove", "reverse", "setdefault", "sort", "update")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Outline:
    """The top level of a file, in plain words: what other files can ask of it without its tree."""

    imported: dict[str, str] = field(default_factory=dict)  # names bound by one import and nothing else: what they stand for
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)  # names bound by one class and nothing else: its bases
    constructing: frozenset[str] = frozenset()  # those of these classes that define a constructor
    constants: dict[str, object] = field(default_factory=dict)  # names bound to one literal and nothing else
    others: frozenset[str] = frozenset()  # names bound in any other way
    idle: frozenset[str] = frozenset()  # those of them that are functions which give nothing that rules ask for
    compiling: frozenset[str] = frozenset()  # those of the idle ones that call a `compile`
    stars: tuple[str, ...] = ()  # modules of `from module import *`
    runs: tuple[tuple[str, int], ...] = ()  # what its top level surely imports, in order, with the line


def outline(data: bytes) -> Outline:
    """Read the outline of a file; an empty one where Python cannot parse it."""
    with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        tree = _parsed(data)
        known = _of(tree.body, data.decode(errors="replace").splitlines())
        may_change = b"global " in data or any(isinstance(value, (list, dict)) for value in known.constants.values())
        changed = set(_changed(tree)) & known.constants.keys() if may_change else set()
        constants = {name: value for name, value in known.constants.items() if name not in changed}
        return replace(known, constants=constants, others=known.others | changed)
    return Outline()


@lru_cache(maxsize=4)
def _parsed(data: bytes) -> ast.Module:
    """Parse a file; what its classes define is often asked for right after its outline."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes in the code that is read
        return ast.parse(data)


def _changed(tree: ast.Module) -> Iterator[str]:
    """Yield the names that functions set anew, and those of lists and dicts of which something is done with an item."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield from node.names
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load) and isinstance(node.value, ast.Name):
            yield node.value.id
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGES:
            yield node.func.value.id if isinstance(node.func.value, ast.Name) else ""


def _of(body: list[ast.stmt], lines: list[str]) -> Outline:
    imported: dict[str, str] = {}
    classes: dict[str, tuple[str, ...]] = {}
    constructing = {one.name for one in body if isinstance(one, ast.ClassDef) and any(_binds(part, "__init__") for part in one.body)}
    constants: dict[str, object] = {}
    given: dict[str, set[object]] = {}  # what each name is bound to
    for statement in body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            imported |= (names := dict(_imports(statement)))
        elif isinstance(statement, ast.ClassDef):
            classes[statement.name] = tuple(ast.unparse(base) for base in statement.bases)
            names = {statement.name: f"class in line {statement.lineno}"}
        elif literal := _literal(statement):
            constants |= literal
            names = dict.fromkeys(literal, f"constant in line {statement.lineno}")
        else:
            names = dict.fromkeys(_bound(statement), "")
        for name, what in names.items():
            given.setdefault(name, set()).add(what)
    others = frozenset(name for name, whats in given.items() if len(whats) > 1 or "" in whats)
    imported = {name: dotted for name, dotted in imported.items() if name not in others}
    classes = {name: bases for name, bases in classes.items() if name not in others}
    constants = {name: value for name, value in constants.items() if name not in others}
    functions = {one.name: one for one in body if isinstance(one, ast.FunctionDef) and len(given[one.name]) == 1}
    idle = frozenset(name for name, function in functions.items() if not _may_give(function, lines, _BUILDS))
    compiling = frozenset(name for name in idle if _compiles(functions[name], lines))
    runs = tuple(_runs(body))
    return Outline(imported, classes, frozenset(constructing), constants, others, idle, compiling, tuple(_stars(body)), runs)


def _binds(statement: ast.stmt, name: str) -> bool:
    return isinstance(statement, _SCOPES) and statement.name == name


# What names optimizers and models: an attribute without any of these words where it is made gives nothing that rules ask for.
_ASKED_FOR = re.compile(r"[Oo]ptimizer|[Aa]dam|SGD|Sequential\(|Model\(|load_model|(?:return|self\.\w+ =|cls\.\w+ =) .*model\b")


# What a function may be known by that gives a layer, a callback or a schedule, or what another function of the file gives.
_BUILDS = re.compile(rf"{_ASKED_FOR.pattern}|regularizer|[Cc]allback|[Ss]chedule|Decay|return [A-Za-z_]\w*\(")


@dataclass(frozen=True)
class Body:
    """What a class defines, in plain words."""

    constants: dict[str, object] = field(default_factory=dict)  # names bound to one literal in the body of the class and nowhere else
    others: dict[str, bool] = field(default_factory=dict)  # all others, with whether they may give an optimizer, a model or the like
    compiling: frozenset[str] = frozenset()  # methods that call a `compile`
    kept: dict[str, Kept] = field(default_factory=dict)  # attributes that are what the constructor is given
    getters: dict[str, str] = field(default_factory=dict)  # properties, with the attribute that each gives as it is


def may_define(name: str, data: bytes) -> bool:
    """Tell whether a class in a file may define an attribute or a method of this name, as a look at its bytes tells."""
    word = re.escape(name.encode())
    return re.search(rb"\b(?:def|class)\s+%b\b|\b%b\b(?:[^(\n]*=|\s+in\b)|\bas\s[^\n]*\b%b\b" % (word, word, word), data) is not None


def body_of(name: str, data: bytes) -> Body:
    """Return what a class at the top level of a file defines; nothing where Python cannot parse it."""
    with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        owner = next((one for one in _parsed(data).body if isinstance(one, ast.ClassDef) and one.name == name), None)
        return _body(owner, data.decode(errors="replace").splitlines()) if owner is not None else Body()
    return Body()


def _body(owner: ast.ClassDef, lines: list[str]) -> Body:
    constants: dict[str, object] = {}
    others: dict[str, bool] = {}
    for statement in owner.body:
        if literal := _literal(statement):
            others |= {name: True for name in literal if name in constants}
            constants |= literal
        else:
            others |= {name: _may_give(statement, lines) or others.get(name, False) for name in _bound(statement)}
    for node in ast.walk(owner):
        for name, _ in set_on_self(node):
            others[name] = others.get(name, False) or (isinstance(node, ast.stmt) and _may_give(node, lines))
    methods = [statement for statement in owner.body if isinstance(statement, ast.FunctionDef)]
    compiling = frozenset(method.name for method in methods if _compiles(method, lines))
    constants = {name: value for name, value in constants.items() if name not in others}
    return Body(constants, others, compiling, kept(owner), getters(owner))


def _may_give(statement: ast.stmt, lines: list[str], words: re.Pattern[str] = _ASKED_FOR) -> bool:
    """Tell whether a method, or an assignment, may give an optimizer, a model or the name of one."""
    function = statement if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) else None
    start = statement.lineno
    if function is not None:
        start = function.body[min(1, len(function.body) - 1) if isinstance(function.body[0], ast.Expr) else 0].lineno  # not the docstring
    asked_for = any(words.search(line) for line in lines[start - 1 : statement.end_lineno])
    return asked_for and (function is None or any(_returns(part) for part in function.body))


def _compiles(function: ast.FunctionDef, lines: list[str]) -> bool:
    """Tell whether a function may give a `compile` what it is given itself."""
    return bool(function.args.args or function.args.kwonlyargs) and any(
        ".compile(" in line for line in lines[function.lineno - 1 : function.end_lineno]
    )


def _returns(node: ast.AST) -> bool:
    given = isinstance(node, (ast.Return, ast.Yield)) and node.value is not None
    return given or (not isinstance(node, (*_SCOPES, ast.Lambda)) and any(_returns(child) for child in ast.iter_child_nodes(node)))


def _literal(statement: ast.stmt) -> dict[str, object]:
    """Return the name and the value of an assignment of a text, a number, a truth value, or a list or dict of such."""
    if isinstance(statement, ast.Assign):
        target = statement.targets[0] if len(statement.targets) == 1 else None
    else:
        target = statement.target if isinstance(statement, ast.AnnAssign) else None
    value = getattr(statement, "value", None)
    if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, (str, int, float)):
        return {target.id: value.value}
    if isinstance(target, ast.Name) and isinstance(value, (ast.Dict, ast.List, ast.Tuple)):
        with suppress(ValueError, TypeError):
            return {target.id: ast.literal_eval(value)}
    return {}


def _imports(statement: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Yield the names that an import binds, each with the dotted name that it stands for."""
    if isinstance(statement, ast.Import):
        yield from ((a.asname or a.name.partition(".")[0], a.name if a.asname else a.name.partition(".")[0]) for a in statement.names)
        return
    base = module_of(statement)
    separator = "" if base.endswith(".") else "."
    yield from ((alias.asname or alias.name, f"{base}{separator}{alias.name}") for alias in statement.names if alias.name != "*")


def module_of(statement: ast.ImportFrom) -> str:
    """Return the module that names are imported from, with the dots of a relative import before it."""
    return "." * statement.level + (statement.module or "")


def _bound(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement binds at the top level."""
    if isinstance(node, _SCOPES):
        yield node.name
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from dict(_imports(node))
    elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.ExceptHandler) and node.name is not None:
        yield node.name
    if isinstance(node, (ast.Tuple, ast.List, ast.Starred)) or not isinstance(node, (*_SCOPES, ast.expr)):
        for child in ast.iter_child_nodes(node):
            yield from _bound(child)


def _stars(body: list[ast.stmt]) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, ast.ImportFrom) and any(alias.name == "*" for alias in statement.names):
            yield module_of(statement)
        elif isinstance(statement, (ast.If, ast.Try)):
            yield from _stars([*statement.body, *statement.orelse])


def _runs(body: list[ast.stmt]) -> Iterator[tuple[str, int]]:
    """Yield what these statements surely import; of a choice, what both of its branches import from."""
    for statement in body:
        if isinstance(statement, ast.Import):
            yield from ((alias.name, statement.lineno) for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            base = module_of(statement)
            names = [name for _, name in _imports(statement)]  # each may be a module of that package
            yield from ((name, statement.lineno) for name in ([base] if base.strip(".") else []) + names)
        elif isinstance(statement, (ast.Try, ast.With, ast.ClassDef)):
            yield from _runs(statement.body)
        elif isinstance(statement, ast.If):
            other = {name.partition(".")[0] for name, _ in _runs(statement.orelse)}
            yield from ((name, line) for name, line in _runs(statement.body) if name.partition(".")[0] in other)
