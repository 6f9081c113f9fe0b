"""`optimizers.legacy.X` is called or subclassed: Keras 3 raises ImportError there, though the import works.

`tf.keras.optimizers.legacy` exists from TF 2.9 and works up to 2.15 (it was not removed there). In Keras 3 (TF 2.16 and
later) `hasattr(tf.keras.optimizers, "legacy")` is still true and the import succeeds; the class is a stub that raises
ImportError when it is called. So neither `hasattr` nor `try: … except ImportError` around the import guards anything; a
version test does. A branch for TF 2.11 and later is silent even without an upper bound: its author chose the class by release,
and `adamlint plan` says what 2.16 changes there. Nadam, Adamax and Adadelta have no stub: there the import itself fails.

Where every targeted release has the legacy classes, the rule stands for the setting `form`: with `form = "legacy"` it reports Adam,
Nadam and Adamax of `optimizers`, else those of `optimizers.legacy` (implicit, and only where no version test chose them). A file that
ends itself on Keras 3 (`if …: raise` at its top) is as a target without it.

Bad:
    import tensorflow as tf
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(tf.keras.optimizers.legacy.Adam(learning_rate=0.01), "mse")

Bad:
    try:
        from tensorflow.keras.optimizers.legacy import Adam
    except ImportError:
        from tensorflow.keras.optimizers import Adam
    opt = Adam(learning_rate=0.01)

Good:
    import tensorflow as tf
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(tf.keras.optimizers.Adam(learning_rate=0.01), "mse")
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from adamlint.atlas import Construct, Import, Outcome, Subject
from adamlint.atlas.measured import fails_first, outcomes
from adamlint.findings import Effect
from adamlint.idioms.exchange import exchange, twin, uses_of
from adamlint.idioms.forms import is_misplaced, shown
from adamlint.names.bindings import Kind
from adamlint.names.canonical import canonical
from adamlint.program.module import Module
from adamlint.rule import Problem, Rule
from adamlint.text.tree import dotted_name
from adamlint.values.kinds import OptimizerClass, optimizer_class
from adamlint.values.value import Local, Ref

RULE = Rule("ADM201", "legacy-namespace")


@RULE.on(cst.Call)
def check_call(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report the construction of a legacy class, and one that is handed to a function of the file that makes or subclasses it."""
    yield from _problems(call.func, call, module)
    for value in module.values(call.func):
        if isinstance(value, Local) and isinstance(value.node, cst.FunctionDef):
            for arg, param in zip(call.args, value.node.params.params, strict=False):
                legacy = any(cls.legacy for known in module.values(arg.value) if (cls := optimizer_class(known)) is not None)
                if legacy and arg.keyword is None and not arg.star and _is_made(param, value.node, module):
                    yield from (replace(problem, remedy=None) for problem in _problems(arg.value, call, module))


@RULE.on(cst.Call)
def check_form(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report an Adam of the namespace that the form does not ask for, where it works all the same: no test chose it."""
    classes = module.optimizer_classes(call)
    if len(classes) != 1 or not is_misplaced(classes[0], module) or module.guards.handles(call, "ImportError"):
        return
    written = module.places.written(call.func)
    other, (remedy, why) = twin(classes[0]), exchange(classes[0], written, module)
    yield Problem(
        written,
        f"`{shown(classes[0].path)}` instead of `{shown(other)}`" + (f"; not rewritten: {why}" if why else ""),
        (Construct(classes[0].path),),
        effects={Outcome.OK: Effect.IMPLICIT, Outcome.WARNS: Effect.IMPLICIT},
        at=call,
        wholly=True,
        unguarded=True,
        remedy=replace(remedy, forms=True) if remedy is not None else None,
    )


@RULE.on(cst.ClassDef)
def check_subclass(node: cst.ClassDef, module: Module) -> Iterator[Problem]:
    """Report a subclass of a legacy class."""
    for base in node.bases:
        yield from _problems(base.value, base, module)


@RULE.on(cst.ImportFrom)
def check_import(node: cst.ImportFrom, module: Module) -> Iterator[Problem]:
    """Report the import of a class that cannot even be imported, where no call of it is reported."""
    for alias in () if isinstance(node.names, cst.ImportStar) else node.names:
        dotted = canonical(f"{dotted_name(node.module)}.{dotted_name(alias.name)}")
        cls = None if node.relative else optimizer_class(Ref(dotted))
        if cls is not None and _is_legacy(cls) and not any(True for _ in uses_of(alias, module)):
            yield Problem(alias, _message(cls), (Import(cls.path),), remedy=exchange(cls, alias, module)[0])


def _is_made(param: cst.Param, function: cst.FunctionDef, module: Module) -> bool:
    used = [c.func for c in module.tree.nodes(cst.Call) if module.flow.scopes.of(c) is function]
    classes = [node for node in module.tree.nodes(cst.ClassDef) if module.flow.scopes.of(node) is function]
    used += [base.value for node in classes for base in node.bases]
    return any(isinstance(node, cst.Name) and node.value == param.name.value for node in used)


def _is_legacy(cls: OptimizerClass) -> bool:
    never = outcomes(Construct(cls.path)) == {Outcome.RAISES}  # ADM205 says so
    return cls.path == f"{cls.package}.optimizers.legacy.{cls.name}" and not never


def _message(cls: OptimizerClass) -> str:
    return f"`optimizers.legacy.{cls.name}` does not work"


def _problems(named: cst.BaseExpression, at: cst.CSTNode, module: Module) -> Iterator[Problem]:
    """Yield one problem for all legacy classes that a place may stand for; what a parameter is given is told where it is given."""
    bindings = module.flow.reaching(named.value, named) if isinstance(named, cst.Name) else []
    if any(binding.kind is Kind.PARAMETER and binding.value is None for binding in bindings):
        return
    sources = module.places.giving(named)
    if sources:  # each alternative where it is bound, so that the guards there count
        for place, values in sources:
            legacy = [cls for value in values if (cls := optimizer_class(value)) is not None and _is_legacy(cls)]
            gone_around = module.guards.handles(place, "ImportError")
            legacy = [cls for cls in legacy if not (gone_around and fails_first(cls.path))]
            if legacy:
                tried: list[Subject] = [Import(cls.path) for cls in legacy if isinstance(place, cst.ImportAlias)]
                subjects = (*tried, *(Construct(cls.asked) for cls in legacy))
                yield Problem(place, _message(legacy[0]), subjects, at=at, wholly=_is_sorted_out(legacy[0], place, module))
        return
    written = module.places.written(named)
    imported = isinstance(written, cst.ImportAlias)
    handled = any(b.kind is Kind.IMPORT and module.guards.handles(b.node, "ImportError") for b in bindings)
    found = [cls for value in module.values(named) if (cls := optimizer_class(value)) is not None and _is_legacy(cls)]
    found = [cls for cls in found if not (handled and fails_first(cls.path))]  # where it fails, the name is something else
    if found:
        made = [Construct(cls.asked.replace(".Optimizer", ".Adam")) for cls in found]  # one stub stands for all of them
        subjects = (*(Import(cls.path) for cls in found if imported), *made)
        sorted_out = any(_is_sorted_out(found[0], place, module) for place in (written, at))
        remedy = exchange(found[0], written, module)[0]
        yield Problem(written, _message(found[0]), subjects, at=at, wholly=sorted_out, remedy=remedy)


def _is_sorted_out(cls: OptimizerClass, place: cst.CSTNode, module: Module) -> bool:
    """Tell whether a test for the release chose the class for some of the releases that have it."""
    return module.guards.sorts_out(place, Construct(cls.asked.replace(".Optimizer", ".Adam")))
