"""`optimizers.legacy.X` is called or subclassed: Keras 3 raises ImportError there, though the import works.

`tf.keras.optimizers.legacy` exists from TF 2.9 and works up to 2.15 (it was not removed there). In Keras 3 (TF 2.16 and
later) `hasattr(tf.keras.optimizers, "legacy")` is still true and the import succeeds; the class is a stub that raises
ImportError when it is called. So neither `hasattr` nor `try: … except ImportError` around the import guards anything; a
version test does. Nadam, Adamax and Adadelta have no stub: there the import itself fails.

Bad:
    import tensorflow as tf
    opt = tf.keras.optimizers.legacy.Adam(learning_rate=0.01)

Bad:
    try:
        from tensorflow.keras.optimizers.legacy import Adam
    except ImportError:
        from tensorflow.keras.optimizers import Adam
    opt = Adam(learning_rate=0.01)

Good:
    import tensorflow as tf
    opt = tf.keras.optimizers.Adam(learning_rate=0.01)
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from adamlint.atlas import Construct, Import, Outcome, Subject
from adamlint.bindings import Kind
from adamlint.kinds import OPTIMIZERS, OptimizerClass, optimizer_class
from adamlint.module import Module
from adamlint.names import canonical
from adamlint.rule import Change, Doubt, Problem, Remedy, Rule
from adamlint.values import Const, Local, Ref, Result

RULE = Rule("ADM201", "legacy-namespace")

_SAME = frozenset({
    "learning_rate", "beta_1", "beta_2", "epsilon", "amsgrad", "momentum", "nesterov", "rho", "centered", "name", "clipnorm",
    "clipvalue", "global_clipnorm", "initial_accumulator_value",
})  # fmt: skip
_MOVABLE = OPTIMIZERS - {"Optimizer", "LossScaleOptimizer"}
# What takes the generations apart by more than 2e-5 (docs/proof.md): Adam rounds 1 - beta_2, Adagrad has its epsilon elsewhere.
_LARGEST = {"Adam": {"learning_rate": 0.1, "beta_2": 0.999}, "Adagrad": {"epsilon": 1e-7}}
_SMALLEST = {"Adagrad": {"initial_accumulator_value": 0.1}}
_POSITIONS = 3  # of SGD, the fewest: learning_rate, momentum, nesterov mean the same in both lines


@RULE.on(cst.Call)
def check_call(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report the construction of a legacy class, and one that is handed to a function of the file that makes or subclasses it."""
    yield from _problems(call.func, call, module)
    for value in module.values(call.func):
        if isinstance(value, Local) and isinstance(value.node, cst.FunctionDef):
            for arg, param in zip(call.args, value.node.params.params, strict=False):
                if arg.keyword is None and not arg.star and _is_made(param, value.node, module):
                    yield from (replace(problem, remedy=None) for problem in _problems(arg.value, call, module))


@RULE.on(cst.ClassDef)
def check_subclass(node: cst.ClassDef, module: Module) -> Iterator[Problem]:
    """Report a subclass of a legacy class."""
    for base in node.bases:
        yield from _problems(base.value, base, module)


@RULE.on(cst.ImportFrom)
def check_import(node: cst.ImportFrom, module: Module) -> Iterator[Problem]:
    """Report the import of a class that cannot even be imported, where no call of it is reported."""
    for alias in () if isinstance(node.names, cst.ImportStar) else node.names:
        dotted = canonical(f"{module.tree.code(node.module) if node.module else ''}.{module.tree.code(alias.name)}")
        cls = None if node.relative else optimizer_class(Ref(dotted))
        if cls is not None and _is_legacy(cls, module) and not any(True for _ in _uses(alias, module)):
            yield Problem(alias, _message(cls), (Import(cls.path),), remedy=_new_class(cls, alias, module))


def _is_made(param: cst.Param, function: cst.FunctionDef, module: Module) -> bool:
    used = [c.func for c in module.tree.nodes(cst.Call) if module.flow.scopes.of(c) is function]
    classes = [node for node in module.tree.nodes(cst.ClassDef) if module.flow.scopes.of(node) is function]
    used += [base.value for node in classes for base in node.bases]
    return any(isinstance(node, cst.Name) and node.value == param.name.value for node in used)


def _is_legacy(cls: OptimizerClass, module: Module) -> bool:
    never = module.outcomes(Construct(cls.path)) == {Outcome.RAISES}  # ADM205 says so
    return cls.path == f"{cls.package}.optimizers.legacy.{cls.name}" and not never


def _message(cls: OptimizerClass) -> str:
    return f"`optimizers.legacy.{cls.name}` does not work"


def _problems(named: cst.BaseExpression, at: cst.CSTNode, module: Module) -> Iterator[Problem]:
    """Yield one problem for all legacy classes that a place may stand for; what a parameter is given is told where it is given."""
    bindings = module.flow.reaching(named.value, named) if isinstance(named, cst.Name) else []
    if any(binding.kind is Kind.PARAMETER and binding.value is None for binding in bindings):
        return
    sources = module.sources(named)
    if sources:  # each alternative where it is bound, so that the guards there count
        for place, values in sources:
            legacy = [cls for value in values if (cls := optimizer_class(value)) is not None and _is_legacy(cls, module)]
            gone_around = module.guards.handles(place, "ImportError")
            legacy = [cls for cls in legacy if not (gone_around and module.fails_first(cls.path))]
            if legacy:
                tried: list[Subject] = [Import(cls.path) for cls in legacy if isinstance(place, cst.ImportAlias)]
                yield Problem(place, _message(legacy[0]), (*tried, *(Construct(cls.asked) for cls in legacy)), at=at)
        return
    written = module.written(named)
    imported = isinstance(written, cst.ImportAlias)
    handled = any(b.kind is Kind.IMPORT and module.guards.handles(b.node, "ImportError") for b in bindings)
    found = [cls for value in module.values(named) if (cls := optimizer_class(value)) is not None and _is_legacy(cls, module)]
    found = [cls for cls in found if not (handled and module.fails_first(cls.path))]  # where it fails, the name is something else
    if found:
        subjects: list[Subject] = [Import(cls.path) for cls in found if imported]
        subjects += [Construct(cls.asked.replace(".Optimizer", ".Adam")) for cls in found]  # one stub stands for all of them
        yield Problem(written, _message(found[0]), tuple(subjects), at=at, remedy=_new_class(found[0], written, module))


def _new_class(cls: OptimizerClass, written: cst.CSTNode, module: Module) -> Remedy | None:
    path = cls.asked.replace(".optimizers.legacy.", ".optimizers.")
    changes = _changes(cls, path, written, module)
    if not changes or module.wants_legacy:
        return None
    places = module.edit.siblings(written) if isinstance(written, cst.ImportAlias) else (written,)
    uses = [use for place in places for use in _uses(place, module)]
    unsafe = next((reason for use in uses if (reason := _strange(use, module))), "")
    doubts = [doubt for use in uses if (doubt := module.instances.doubt(use) or _apart(use, cls, module)) is not None]
    doubt = min(doubts, key=lambda doubt: not doubt.sure, default=None)
    return Remedy("use the class of `optimizers`", changes, instead=Construct(path), unsafe=unsafe, doubt=doubt)


def _changes(cls: OptimizerClass, path: str, written: cst.CSTNode, module: Module) -> tuple[Change, ...]:
    """Drop the part from the path; where an alias of the module hides it, write the class in place of the path."""
    if cls.name not in (*_MOVABLE, "*"):
        return ()
    change = module.edit.without_part(written, "legacy", _MOVABLE)
    if change is not None:
        return (change,)
    reached = module.edit.reach(path, written) if isinstance(written, cst.Attribute) and cls.name != "*" else None
    return (module.edit.replace(written, reached[0]), *reached[1]) if reached is not None else ()


def _uses(written: cst.CSTNode, module: Module) -> Iterator[cst.CSTNode]:
    """Yield the calls and base classes that use what is written at one place."""
    yield from (call for call in module.tree.nodes(cst.Call) if module.written(call.func) is written)
    yield from (base for node in module.tree.nodes(cst.ClassDef) for base in node.bases if module.written(base.value) is written)


def _strange(use: cst.CSTNode, module: Module) -> str:
    """Return what makes the exchange of the class at one of its uses unsafe."""
    if not isinstance(use, cst.Call):
        return "a subclass of the legacy class needs another interface"
    keywords = {keyword.name: keyword.value for keyword in module.keywords(use)}
    given = [arg.value for arg in use.args if arg.keyword is None]
    strange = sorted(name for name, value in keywords.items() if name not in _SAME or _is_left(name, value, module))
    if strange:
        return f"the new class takes no `{strange[0]}`, or means another thing by it"
    if module.has_unknown_spread(use) or len(given) > _POSITIONS:
        return "the arguments are not known" if module.has_unknown_spread(use) else "the new class has other positional parameters"
    rate = keywords.get("learning_rate", given[0] if given else None)
    if rate is not None and any(_is_followed(value) for value in module.values(rate)):
        return "the new class reads a callable or a variable once"
    return ""


def _is_left(name: str, value: cst.BaseExpression, module: Module) -> bool:
    """Tell whether the legacy class may take its default instead of a value."""
    given = [v.value for v in module.values(value) if isinstance(v, Const)]
    return None in given or (name == "epsilon" and not all(given))


def _apart(use: cst.CSTNode, cls: OptimizerClass, module: Module) -> Doubt | None:
    """Return that a number takes the weights of the two generations apart."""
    keywords = {keyword.name: keyword.value for keyword in module.keywords(use)} if isinstance(use, cst.Call) else {}
    first = module.first_argument(use, "learning_rate") if isinstance(use, cst.Call) else None
    keywords |= {"learning_rate": first.value} if first is not None else {}
    for name, value in keywords.items():
        low, high = _SMALLEST.get(cls.name, {}).get(name, 0), _LARGEST.get(cls.name, {}).get(name, math.inf)
        numbers = [v.value for v in module.values(value) if isinstance(v, Const) and isinstance(v.value, (int, float))]
        if not all(low <= number <= high for number in numbers):
            return Doubt(f"with such a `{name}` the two train differently")
    return None


def _is_followed(value: object) -> bool:
    if isinstance(value, Result):
        return isinstance(value.callee, Ref) and value.callee.name in ("tensorflow.Variable", "tensorflow.compat.v1.Variable")
    return isinstance(value, Local)
