"""What may change a dict or an object by way of a function that it is handed to, or by a key or a name that is not written there."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.names.bindings import Binding, Kind
from adamlint.text.tree import Tree, access_path, dotted_name
from adamlint.values.calls import Calls

# Functions, by their last names, that leave what they are given as it is.
_READS = frozenset({"print", "pprint", "dump", "safe_dump", "info", "debug", "warning", "display"})
_TAKEN_UP = ("update", "pop", "clear", "popitem")  # methods of a dict


def touches(tree: Tree, calls: Calls) -> Iterator[Binding]:
    """Yield what may give any part of what stands at an access path another value, by that path.

    So may `cfg.resolve()` of `cfg`.

    A function that is called for what it gives leaves what it is given; one that is called as a statement may not, unless it is of
    this file, and seen. What is done with an object that a method hands on, as `self`, is not followed.
    """
    seen = {function.name.value for function in tree.nodes(cst.FunctionDef)}
    for assign in tree.nodes(cst.Assign):
        for item in (target.target for target in assign.targets):
            if isinstance(item, cst.Subscript) and not access_path(item):
                yield from _at(item.value, item)
    for method in _TAKEN_UP:
        for call in calls.methods(method):
            if isinstance(call.func, cst.Attribute) and not _says_keys(call, method):
                yield from _at(call.func.value, call)
    for done in (statement.value for statement in tree.nodes(cst.Expr)):
        if isinstance(done, cst.Call) and not _reads(done) and dotted_name(done.func) not in seen:
            handed = [arg.value for arg in done.args if not arg.star]
            handed += [done.func.value] if isinstance(done.func, cst.Attribute) and done.func.attr.value not in _TAKEN_UP else []
            yield from (touch for node in handed if dotted_name(node) != "self" for touch in _at(node, done))


def _at(owner: cst.BaseExpression, node: cst.CSTNode) -> Iterator[Binding]:
    path = access_path(owner)
    if path:
        yield Binding(path, Kind.OTHER, node)


def _says_keys(call: cst.Call, method: str) -> bool:
    """Tell whether the keys that a method sets, or takes out, are written there."""
    if method == "pop":
        return bool(call.args) and isinstance(call.args[0].value, cst.SimpleString)
    plain = [arg.value for arg in call.args if arg.keyword is None]
    literal = [value for value in plain if isinstance(value, cst.Dict) and all(isinstance(e, cst.DictElement) for e in value.elements)]
    return method == "update" and len(literal) == len(plain) and not any(arg.star for arg in call.args)


def _reads(call: cst.Call) -> bool:
    name = dotted_name(call.func).rpartition(".")[2]
    return name in _READS or (name == "setattr" and len(call.args) > 1 and isinstance(call.args[1].value, cst.SimpleString))
