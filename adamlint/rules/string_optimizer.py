"""A Keras model is given Adam by name: the string is another class than `Adam()` on some releases, machines and modes.

`"adam"` is the legacy class on Apple silicon from TF 2.12 to 2.15 (and in tf_keras on any release), and in graph mode from 2.11 to
2.15; everywhere else it is what `tf.keras.optimizers.Adam()` is. The two lines compute the same update, but have other arguments,
attributes and checkpoints. A popular belief has it that the string is the legacy class on 2.11 to 2.14 everywhere: measured,
it is not.

With `form = "string"` it is the other way round: `Adam()` with its defaults, given to `compile`, is reported, and "adam" is not.

On Apple silicon, `compile` of TF 2.12 and 2.13 also turns an explicit `Adam()` into the legacy class, and fails on `AdamW()`.

Bad:
    import tensorflow as tf
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")

Good:
    import tensorflow as tf
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=0.001), loss="mse")
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from adamlint.atlas import ByName, Construct, Outcome
from adamlint.findings import Effect, Form
from adamlint.idioms.forms import by_name, construct, home, is_default, says_by_name, shown
from adamlint.program.handed import handed_on
from adamlint.program.module import Module
from adamlint.rule import FAILS, Problem, Remedy, Rule
from adamlint.values.calls import object_of

RULE = Rule("ADM101", "string-optimizer")

_CLASSES = {"adam": "Adam", "nadam": "Nadam", "adamax": "Adamax"}
_PUBLIC = ("tensorflow.keras", "keras", "tf_keras")


@RULE.on(cst.Call)
def check(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report the names of Adam and its kin that reach `compile` of a Keras model, or `optimizers.get`, unless that is the form."""
    package, given = module.given_optimizer(call)
    wrapped = [k.value for k in module.arguments.routed(call) if k.name == "optimizer"] if package is None else []
    if given is not None and package is not None:
        yield from _names(package, given, call, module)
    for handed, written in handed_on(call, module):
        cls = _CLASSES.get(handed.name.lower())
        if cls is not None and not says_by_name(cls, module):
            yield _by_name(handed.package, handed.name, written, call, module, see=f"used in {handed.place}")
    for value in wrapped:
        yield from _names("tensorflow.keras", value, call, module, wrapped=True)
    if module.form is Form.STRING and package is not None and given is not None and object_of(call, "compile") is not None:
        yield from _objects(package, given, call, module)


def _names(package: str, given: cst.BaseExpression, call: cst.Call, module: Module, wrapped: bool = False) -> Iterator[Problem]:
    for name, written in module.strings(given):
        cls = _CLASSES.get(name.lower())
        if cls is None or says_by_name(cls, module):
            continue
        alone = object_of(call, "compile") is not None or len(call.args) == 1  # `get("adam", learning_rate=0.1)` loses more than the name
        public = alone and not wrapped and package in _PUBLIC
        replaced = public and module.places.stands_in(written, call) and (name, written) in module.strings(written)
        problem = _by_name(package, name, written, call, module)
        yield replace(problem, remedy=_class_form(package, cls, written, call, module)) if replaced else problem


def _by_name(package: str, name: str, written: cst.CSTNode, call: cst.Call, module: Module, see: str | None = None) -> Problem:
    cls = _CLASSES[name.lower()]
    return Problem(
        written,
        f'"{name}" instead of `{shown(home(package, cls, module))}`',
        (ByName(package, name.lower()),),
        effects={**FAILS, Outcome.OK: Effect.IMPLICIT},
        compare=Construct(f"{package}.optimizers.{cls}"),
        at=call,
        see=see,
    )


def _class_form(package: str, cls: str, written: cst.CSTNode, call: cst.Call, module: Module) -> Remedy | None:
    remedy = construct(package, cls, written, module)
    doubt = module.instances.doubt(written if object_of(call, "compile") is not None else call)
    return replace(remedy, doubt=doubt) if remedy is not None else None


def _objects(package: str, given: cst.BaseExpression, call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report what the string would say as well: Adam with its defaults, given to `compile`."""
    for cls, made in module.constructed(given):
        if cls.package != package or cls.path != home(package, "Adam", module) or not is_default(made, cls.path, module):
            continue
        here = module.places.stands_in(made, call)
        change = module.edit.replace(made, by_name("Adam", call, module))
        remedy = Remedy("write the name", (change,), instead=ByName(package, "adam"), forms=True)
        yield Problem(
            made,
            f'`{shown(cls.path)}` instead of "adam"' + ("" if here else "; not rewritten: it is not made where `compile` is called"),
            (Construct(cls.path),),
            effects={**FAILS, Outcome.OK: Effect.IMPLICIT},
            compare=ByName(package, "adam"),
            at=call,
            remedy=replace(remedy, doubt=module.instances.doubt(made)) if here else None,
        )
