"""What ``adamlint which`` is asked: an optimizer form, parsed into the questions that the atlas answers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

from adamlint.atlas import (
    Argument,
    ByName,
    Construct,
    FromConfig,
    Import,
    Member,
    Passed,
    Trained,
    Variable,
    members,
    optimizers,
)
from adamlint.commands.asking import TF_KERAS, Form
from adamlint.names.canonical import canonical, in_keras

_ROOTS = {
    "tf": "tensorflow",
    "K": f"{TF_KERAS}.backend",
    "backend": f"{TF_KERAS}.backend",
    "optimizers": f"{TF_KERAS}.optimizers",
    "legacy": f"{TF_KERAS}.optimizers.legacy",
    "experimental": f"{TF_KERAS}.optimizers.experimental",
}
_SCALER = "LossScaleOptimizer"
_TRAIN = ("tensorflow.train.", "tensorflow.compat.v1.train.")
_OF_EVERY_ADAM = frozenset({"learning_rate", "beta_1", "beta_2", "epsilon", "amsgrad", "name"})
_FORMS = "write one such as 'adam', tf.keras.optimizers.Adam(lr=0.1) or opt.get_weights()"


class NotAForm(ValueError):  # noqa: N818
    """What was asked for is no optimizer form; ``str()`` is one line that says why."""


def parse(text: str) -> Form:
    """The form that ``text`` is.

    Raises NotAForm.
    """
    try:
        statements = ast.parse(text.strip()).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        why = error.msg if isinstance(error, SyntaxError) else "it is no Python"
        raise NotAForm(f"'{text}' cannot be parsed ({why}): {_FORMS}") from None
    form = _statement(statements[0]) if len(statements) == 1 else None
    if form is None:
        raise NotAForm(f"'{text}' is no optimizer form: {_FORMS}")
    return form


# ------------------------------------------------------------------ statements and expressions


def _statement(node: ast.stmt) -> Form | None:
    match node:
        case ast.Import(names=[alias]):
            return _import(alias.name)
        case ast.ImportFrom(module=str(module), names=[alias], level=0):
            return _import(module if alias.name == "*" else f"{module}.{alias.name}")
        case ast.Assign(targets=[ast.Name(id="TF_USE_LEGACY_KERAS")], value=value):
            return Form(TF_KERAS, (Variable("on" if _word(value) in ("1", "True", "true") else "bad value"),))
        case ast.Assign(targets=[ast.Attribute(value=owner, attr=name)], value=value):
            return _member(owner, name, ("set schedule" if _kind("", value) == "schedule" else "set",))
        case ast.AugAssign(target=ast.Attribute(value=owner, attr=name)):
            return _member(owner, name, ("get", "set"))
        case ast.Expr(value=value):
            return _expression(value)
    return None


def _expression(node: ast.expr) -> Form | None:
    match node:
        case ast.Constant(value=str(name)):
            return _by_name(TF_KERAS, name)
        case ast.Dict():
            return _config(TF_KERAS, "get", node)
        case ast.Call():
            return _call(node)
        case ast.Name(id=name) if name.islower() and name in _names():
            return replace(_by_name(TF_KERAS, name), notes=(f"{name} is taken for the string '{name}'.",))
        case ast.Name() | ast.Attribute():
            path = _path(node)
            if path and _is_class(path):
                return replace(_construct(path, node), notes=("The class is called without arguments.", *_taken(node)))
            return _member(node.value, node.attr, ("get",)) if isinstance(node, ast.Attribute) else None
    return None


def _call(node: ast.Call) -> Form | None:
    name = _last(node.func)
    path = _path(node.func) or ""
    if name == "compile":
        return _compile(node)
    if path.endswith((".backend.set_value", ".backend.get_value")) and node.args and isinstance(node.args[0], ast.Attribute):
        return _member(node.args[0].value, node.args[0].attr, (f"K.{name}",))
    if _is_class(path):
        return _construct(path, node.func, node)
    if name in ("get", "deserialize") and (path in ("", name) or path.endswith(f"optimizers.{name}")):
        return _identified(_package(path), name, node)
    if not isinstance(node.func, ast.Attribute):
        return None
    return _method(node, node.func)


def _method(node: ast.Call, called: ast.Attribute) -> Form | None:
    match called:
        case ast.Attribute(value=ast.Attribute(value=owner, attr=name), attr="assign" | "numpy" as access):
            return _member(owner, name, (access,))
    uses = [f"call({keyword.arg})" for keyword in node.keywords]
    if called.attr == "apply_gradients" and len(node.args) > 1:
        uses.append("call(#2)")
    return _member(called.value, called.attr, tuple(uses) or ("call",))


# ------------------------------------------------------------------ the kinds of form


def _by_name(package: str, name: str) -> Form:
    if name.lower() not in _names():
        raise NotAForm(f"'{name}' is the name of no Keras optimizer: they are {', '.join(sorted(_names()))}")
    return Form(package, (ByName(package, name),), f"{package}.optimizers.{_names()[name.lower()]}")


def _config(package: str, function: str, node: ast.Dict) -> Form | None:
    """A config dict.  Those of Adam were measured, without a config and with a learning rate in it."""
    given = {key.value: value for key, value in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant)}
    named, config = given.get("class_name"), given.get("config")
    if not isinstance(named, ast.Constant) or config is None:
        return None
    keys = [key.value if isinstance(key, ast.Constant) else None for key in config.keys] if isinstance(config, ast.Dict) else []
    empty = isinstance(config, ast.Dict) and not keys
    measured = str(named.value).lower() == "adam" and set(keys) <= _OF_EVERY_ADAM
    subjects = (FromConfig(package, function, empty),) if measured else ()
    return Form(package, subjects, f"{package}.optimizers.Adam")


def _identified(package: str, function: str, node: ast.Call) -> Form | None:
    """What ``optimizers.get`` and ``deserialize`` give for one identifier."""
    match node:
        case ast.Call(args=[ast.Constant(value=str(name))], keywords=[]) if function == "get":
            return _by_name(package, name)
        case ast.Call(args=[ast.Dict() as config], keywords=[]):
            return _config(package, function, config)
    return None


def _compile(node: ast.Call) -> Form | None:
    given = next((keyword.value for keyword in node.keywords if keyword.arg == "optimizer"), None)
    given = node.args[0] if node.args else given
    root = next((inner.id for inner in ast.walk(node.func) if isinstance(inner, ast.Name)), "")
    package = root if root in ("keras", "tf_keras") else TF_KERAS
    match given:
        case ast.Constant(value=str(name)):
            return _by_name(package, name)
        case ast.Dict():
            return _config(package, "compile", given)
        case ast.Call() if _is_class(path := _path(given.func) or ""):
            made = _construct(path, given.func, given)
            trained = Trained(package if root in ("keras", "tf_keras") else _package(path), path)
            return replace(made, subjects=(*made.subjects, trained), made="", package=trained.package)
        case ast.Name() | ast.Attribute() if _is_class(path := _path(given) or ""):
            return Form(_package(path), (Passed(path),), notes=_taken(given))
    return None


def _import(name: str) -> Form | None:
    """An import; of a class also what calling it does, which is told beside whether it can be imported."""
    path = _known(name)
    if not (in_keras(path) and "optim" in path) and not path.startswith(_TRAIN):
        return None
    return Form(_package(path), (Import(path),), imported=path if _is_class(path) else "")


def _construct(path: str, named: ast.expr, call: ast.Call | None = None) -> Form:
    if path.rpartition(".")[2] == "Optimizer":
        raise NotAForm("Optimizer is the base class of all optimizers: name one of them")
    given = tuple(_arguments(path, call)) if call else ()
    if path.startswith(_TRAIN) and given:
        notes = ("The arguments of the optimizers of TF 1 were not measured.", *_taken(named))
        return Form(_package(path), (Construct(path),), path, notes=notes)
    together = tuple(Argument(path, f"{one.argument}+{two.argument}") for one, two in permutations(given, 2))
    return Form(_package(path), (Construct(path), *given), path, together, notes=_taken(named))


def _arguments(path: str, call: ast.Call) -> Iterator[Argument]:
    first = 2 if path.endswith(_SCALER) else 1  # what it is around comes first
    for number, argument in enumerate(call.args[first - 1 :], first):
        if isinstance(argument, ast.Starred):
            raise NotAForm("what * unpacks cannot be seen: write the arguments out")
        yield Argument(path, f"#{number}", _kind("learning_rate" if number == 1 else "", argument))
    for keyword in call.keywords:
        if keyword.arg is None:
            raise NotAForm("what ** unpacks cannot be seen: write the arguments out")
        yield Argument(path, keyword.arg, _kind(keyword.arg, keyword.value))


def _kind(name: str, value: ast.expr) -> str:
    """The kind of value, of those that were measured: "" is a usual one."""
    match value:
        case ast.Constant(value=None | False as constant):
            return str(constant)
        case ast.Constant(value=str()):
            return "" if name == "name" else "str"
        case ast.Constant(value=int() | float() as number) if number is not True:
            beyond = name.startswith("beta_") and number >= 1
            return "0" if number == 0 else "1.5" if beyond else "int" if name == "learning_rate" and isinstance(number, int) else ""
        case ast.UnaryOp(op=ast.USub()):
            return "-1"
        case ast.Lambda():
            return "callable"
        case ast.Call():
            made = _last(value.func)
            return "schedule" if made.endswith(("Decay", "DecayRestarts", "Schedule")) else "Variable" if made == "Variable" else ""
    return ""


def _member(owner: ast.expr, name: str, accesses: tuple[str, ...]) -> Form | None:
    path, notes = _owner(owner)
    if not path or name in optimizers():
        return None
    if name not in members():
        raise NotAForm(f"{name} is no member of optimizers that adamlint knows")
    return Form(_package(path), tuple(Member(path, name, access) for access in accesses), notes=notes)


def _owner(node: ast.expr) -> tuple[str, tuple[str, ...]]:
    """The class of an instance, and what was taken for granted about it; "" for what may be no optimizer."""
    named = node.func if isinstance(node, ast.Call) else node
    path = _path(named) or ""
    if _is_class(path):
        return path, _taken(named)
    name = _last(node).lower()
    known = _names().get(name) or ("Adam" if "opt" in name else "")
    if isinstance(node, ast.Call) or not known:
        return "", ()
    return f"{TF_KERAS}.optimizers.{known}", (f"{ast.unparse(node)} is taken for a tf.keras.optimizers.{known}.",)


# ------------------------------------------------------------------ names


def _names() -> dict[str, str]:
    """The string of each optimizer, and its class."""
    return {name.lower(): name for name in optimizers()}


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _word(node: ast.expr) -> str:
    """The text of a value, quoted or not."""
    return str(node.value) if isinstance(node, ast.Constant) else _last(node)


def _dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    above = _dotted(node.value) if isinstance(node, ast.Attribute) else None
    return f"{above}.{_last(node)}" if above else None


def _path(node: ast.expr) -> str | None:
    """The canonical path that a dotted name stands for; None for another expression."""
    dotted = _dotted(node)
    if dotted is None:
        return None
    root, dot, rest = dotted.partition(".")
    if root in optimizers():
        root = f"{TF_KERAS}.optimizers.{root}"
    return _known(_ROOTS.get(root, root) + dot + rest)


def _known(dotted: str) -> str:
    """The canonical path; the private ``keras.api`` was measured by itself."""
    return dotted if dotted.startswith("keras.api.") else canonical(dotted)


def _is_class(path: str) -> bool:
    """Whether it names an optimizer class."""
    home, _, name = path.rpartition(".")
    if path.startswith(_TRAIN):
        return name.endswith("Optimizer")
    split = in_keras(home)
    in_optimizers = split is not None and split[1].startswith(("optimizer", "src.optimizers", "api."))
    scales = split is not None and split[1] in ("mixed_precision", "optimizers") and name == _SCALER
    return scales or (in_optimizers and name in (*optimizers(), "Optimizer"))


def _package(path: str) -> str:
    split = in_keras(path)
    return split[0] if split else "tensorflow" if path.startswith("tensorflow.") else TF_KERAS


def _taken(node: ast.expr) -> tuple[str, ...]:
    """What is taken for granted about a name."""
    root = (_dotted(node) or "").partition(".")[0]
    if root == "keras":
        return ("keras is `import keras`; after `from tensorflow import keras` ask for tf.keras.",)
    if root in ("tf", "tensorflow", "tf_keras"):
        return ()
    return (f"{root} is taken for tf.keras's: {(_path(node) or '').replace('tensorflow.', 'tf.', 1)}.",)
