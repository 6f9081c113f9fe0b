"""Names of optimizers that a call hands to a function of another file, which gives them to a Keras.

The file of the function is read once more as it runs with these arguments, so that all that is followed within one file counts there:
tests that sort a name out, attributes of `self`, other functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import libcst as cst

from adamlint.atlas import releases
from adamlint.program.module import Module
from adamlint.target import Target
from adamlint.values.calls import object_of
from adamlint.values.classes import decorators
from adamlint.values.kinds import OPTIMIZERS
from adamlint.values.value import HANDED, UNKNOWN, Abroad, Builder, Const, Given, Handed, Ref, Result, Value

_NAMES = frozenset(name.lower() for name in OPTIMIZERS)
_EVERYTHING = Target.of(releases())
_PLAIN = frozenset({"staticmethod", "classmethod"})  # decorators that leave the arguments as they are


def handed_on(call: cst.Call, module: Module) -> Iterator[tuple[Handed, cst.CSTNode]]:
    """Yield the names that a call hands to a function of another file which gives them to a Keras, each with where it is written."""
    function, outside = _called(call, module) if call.args else None, module.outside
    own = object_of(call, "compile") is not None and module.given_optimizer(call)[0] is not None
    if function is None or outside is None or own:
        return  # or it is the `compile` of a Keras itself
    if written := dict(_names(call, module)):
        given = tuple((key, _without_file(node, module)) for key, node in _arguments(call, module))
        found = outside.handed(function, given)
        yield from ((handed, written[handed.name.lower()]) for handed in found if handed.name.lower() in written)


def _called(call: cst.Call, module: Module) -> Builder | None:
    """Return the function, method or constructor of another file that a call is of."""
    values = module.values(call.func)
    callee = values[0] if len(values) == 1 else None
    if isinstance(callee, Abroad):
        return Builder((), callee.path, f"{callee.name}.__init__") if callee.constructs else None
    on_class = isinstance(call.func, cst.Attribute) and any(isinstance(owner, Abroad) for owner in module.values(call.func.value))
    return callee if isinstance(callee, Builder) and callee.name and not on_class else None


def _arguments(call: cst.Call, module: Module) -> Iterator[tuple[int | str, cst.BaseExpression]]:
    for index, arg in enumerate(call.args):
        if arg.star or arg.keyword is not None:
            break
        yield index, arg.value
    yield from ((keyword.name, keyword.value) for keyword in module.arguments.keywords(call))


def _names(call: cst.Call, module: Module) -> Iterator[tuple[str, cst.CSTNode]]:
    for _, node in _arguments(call, module):
        yield from ((name.lower(), written) for name, written in module.strings(node) if name.lower() in _NAMES)


def _without_file(node: cst.BaseExpression, module: Module) -> tuple[Value, ...]:
    """Return what another file needs to know of an argument: the names of optimizers, or that it is a model."""
    names = tuple(Const(name, HANDED) for name, _ in module.strings(node) if name.lower() in _NAMES)
    package = module.model_package(node) if not names else None
    return names or ((Result(Ref(f"{package}.Model")),) if package is not None else (UNKNOWN,))


def given_on(name: str, given: Given, module: Module, place: Callable[[cst.CSTNode], str]) -> Iterator[Handed]:
    """Yield the HANDED names that a function of a file, or what it calls there, gives to a Keras, or hands on to another file that does."""
    parameters = dict(_parameters(name, given, module))
    if not parameters:
        return
    there = module.given(parameters)
    for call in [*there.trainings.calls("compile"), *there.trainings.calls("get")]:
        package, node = there.given_optimizer(call)
        if package is not None and node is not None and _is_plain(call, there):
            yield from (Handed(package, text, place(call)) for text, written in there.strings(node) if written is HANDED)
    for call in there.tree.nodes(cst.Call):
        yield from (handed for handed, written in handed_on(call, there) if written is HANDED and _is_plain(call, there))


def _parameters(name: str, given: Given, module: Module) -> Iterator[tuple[cst.CSTNode, tuple[Value, ...]]]:
    """Yield the parameters of a function with what a call gives them."""
    scope: cst.CSTNode = module.tree.module
    for part in name.split("."):
        bound = module.flow.scopes.bindings(scope, part)
        scope = bound[0].node if len(bound) == 1 else cst.Ellipsis()
    if not isinstance(scope, cst.FunctionDef) or not decorators(scope) <= _PLAIN:
        return
    is_bound = "." in name and "staticmethod" not in decorators(scope)
    positional = [*scope.params.posonly_params, *scope.params.params][is_bound:]
    named = {param.name.value: param for param in (*scope.params.params, *scope.params.kwonly_params)}
    for key, values in given:
        parameter = named.get(key) if isinstance(key, str) else positional[key] if key < len(positional) else None
        if parameter is not None:
            yield parameter, values


def _is_plain(call: cst.Call, module: Module) -> bool:
    """Tell whether no test for the release stands before a call, and nothing catches its errors."""
    return module.tree.enclosing(call, cst.Try) is None and module.guards.left(call, _EVERYTHING) == _EVERYTHING
