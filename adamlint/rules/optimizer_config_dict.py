"""A config dict for an optimizer: with anything in its config it is the legacy class on TF 2.11 to 2.15, and `compile` fails on it.

From TF 2.11 to 2.15, and in tf_keras on any release, `optimizers.get` and `deserialize` take a dict such as
`{"class_name": "Adam", "config": {"learning_rate": 0.01}}` for a saved OptimizerV2 and make the legacy class; an empty config gives
what the name gives. Keras 2 takes the dict that `compile` is given for a nest of optimizers and raises ValueError as soon as there
is a number in it. What `serialize` or `get_config` made says itself which class it is (`is_legacy_optimizer`): only dicts that are
written out are reported.

Bad:
    import tensorflow as tf
    opt = tf.keras.optimizers.get({"class_name": "Adam", "config": {"learning_rate": 0.01}})

Good:
    import tensorflow as tf
    opt = tf.keras.optimizers.Adam(learning_rate=0.01)
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Construct, FromConfig
from adamlint.atlas.measured import takes
from adamlint.idioms.forms import home
from adamlint.names.canonical import in_keras
from adamlint.program.module import Module
from adamlint.rule import Problem, Remedy, Rule
from adamlint.values.calls import object_of
from adamlint.values.kinds import ADAMS
from adamlint.values.value import Const, Display, Value

RULE = Rule("ADM103", "optimizer-config-dict")

_ADAMS = {name.lower(): name for name in ADAMS}
_UNSAFE = "the class changes where the dict gives the legacy one"


@RULE.on(cst.Call)
def check(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report the config dicts of Adam and its kin, or of an unknown class, that reach `compile`, `get` or `deserialize`."""
    package, function, given = _given(call, module)
    displays = [value.node for value in module.values(given) if isinstance(value, Display)] if given is not None else []
    for display in displays:
        config, name = _config(display, module), _class_name(display, module)
        if config is None or name is None:
            continue
        path = f"{package}.optimizers.{name or 'Adam'}"
        here = bool(name) and display is given and module.places.stands_in(display, call)
        replaced = display if function == "compile" else call
        yield Problem(
            display,
            f"a config dict does not always give the class that {f'`{name}()`' if name else 'the constructor'} does",
            (FromConfig(package, function, not config),),
            compare=Construct(path),
            at=call,
            remedy=_constructor(home(package, name, module), display, replaced, module) if here else None,
        )


def _given(call: cst.Call, module: Module) -> tuple[str, str, cst.BaseExpression | None]:
    """Return the package, the function and its argument, of `compile` of a Keras model, `get` or `deserialize`."""
    package, given = module.given_optimizer(call)
    if package is not None:
        return package, "get" if object_of(call, "compile") is None else "compile", given
    for name in module.names(call.func):
        split = in_keras(name)
        if split is not None and split[1] == "optimizers.deserialize":
            first = module.arguments.get(call, "config", 0)
            return split[0], "deserialize", first.value if first is not None else None
    return "", "", None


def _config(display: cst.CSTNode, module: Module) -> dict[object, cst.BaseExpression] | None:
    """Return the config of a config dict; None where it is not written out, or says itself which class it is for."""
    config = (module.entries(display) or {}).get("config")
    found = [module.entries(v.node) if isinstance(v, Display) else None for v in module.values(config)] if config else []
    written = found[0] if len(found) == 1 else None
    return None if written is None or "is_legacy_optimizer" in written else written


def _class_name(display: cst.CSTNode, module: Module) -> str | None:
    """Return the name of Adam or its kin, "" where it may be one, and None for another optimizer.

    What an attribute holds can be set from elsewhere: the default of a dataclass is one value of many.
    """
    named = (module.entries(display) or {}).get("class_name")
    if named is None:
        return None
    values = module.values(named)
    names = {_ADAMS.get(str(value.value).lower()) if isinstance(value, Const) else "" for value in values}
    if isinstance(named, cst.Attribute) or len(values) > 1 or any(_is_field(value, module) for value in values):
        return "" if names != {None} else None
    return names.pop()


def _is_field(value: Value, module: Module) -> bool:
    return isinstance(value, Const) and isinstance(module.flow.scopes.of(value.node), cst.ClassDef)


def _constructor(path: str, display: cst.CSTNode, replaced: cst.CSTNode, module: Module) -> Remedy | None:
    """Write the constructor with the keys as keywords, where all of them mean the same to it on every release."""
    entries = module.entries(display) or {}
    config = module.entries(entries["config"]) if isinstance(entries["config"], cst.Dict) else None
    reached = module.edit.reach(path, display)
    if config is None or reached is None or len(entries) > 2 or "#" in module.tree.code(replaced):
        return None
    if not all(takes(path, str(key)) for key in config):
        return None
    spelled, imports = reached
    written = ", ".join(f"{key}={module.tree.text[slice(*module.tree.outer_span(value))]}" for key, value in config.items())
    change = module.edit.replace(replaced, f"{spelled}({written})")
    unsafe, doubt = "" if ".legacy." in path else _UNSAFE, module.instances.doubt(replaced)
    return Remedy("write the constructor", (change, *imports), instead=Construct(path), unsafe=unsafe, doubt=doubt)
