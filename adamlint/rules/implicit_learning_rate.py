"""Adam is built without a learning rate: it trains at a default that the code does not show.

The default of Adam, AdamW, Nadam and Adamax is a constant 0.001 in OptimizerV2, Keras 2 and Keras 3 alike (measured), so nothing
breaks; written out, the rate can be seen, searched for and changed. With `form = "explicit"` this goes for all hyper-parameters:
`beta_1`, `beta_2`, `epsilon`, `amsgrad` and AdamW's `weight_decay`, too.

Bad:
    from tensorflow.keras.optimizers import Adam
    opt = Adam(beta_1=0.8)

Good:
    from tensorflow.keras.optimizers import Adam
    opt = Adam(beta_1=0.8, learning_rate=0.001)
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Construct, Outcome
from adamlint.findings import Effect, Form
from adamlint.idioms.forms import given, is_default, wanted
from adamlint.program.module import Module
from adamlint.rule import Problem, Remedy, Rule
from adamlint.values.kinds import ADAMS

RULE = Rule("ADM102", "implicit-learning-rate")


@RULE.on(cst.Call)
def check(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report a direct construction of Adam or its kin that no argument can give a rate, or what else the form writes out."""
    classes = module.optimizer_classes(call)
    if not classes or any(cls.name not in ADAMS for cls in classes) or module.names(call.func) == ("functools.partial",):
        return
    path = classes[0].path
    arguments = given(call, path, module)
    written = {**arguments, "learning_rate": None} if "lr" in arguments else arguments
    missing = {name: value for name, value in (wanted(path, module) or {"learning_rate": ""}).items() if name not in written}
    if module.form is not Form.EXPLICIT:
        missing = {name: value for name, value in missing.items() if name == "learning_rate"}
    if not missing or module.arguments.has_unknown_spread(call) or _is_a_string(call, path, module):
        return
    text = ", ".join(f"{name}={value}" for name, value in missing.items())
    yield Problem(
        call,
        f"`{classes[0].name}` without {_listed(missing)}",
        tuple(Construct(cls.path) for cls in classes),
        effects={Outcome.OK: Effect.IMPLICIT, Outcome.WARNS: Effect.IMPLICIT},
        remedy=_remedy(call, text, module) if all(missing.values()) else None,
    )


def _remedy(call: cst.Call, text: str, module: Module) -> Remedy:
    return Remedy(f"write `{text}`", (module.edit.add_keyword(call, text),), safe="what every release takes when nothing is written")


def _listed(missing: dict[str, str]) -> str:
    names = [f"`{name}`" for name in missing if name != "learning_rate"]
    return ", ".join((["a learning rate"] if "learning_rate" in missing else []) + names)


def _is_a_string(call: cst.Call, path: str, module: Module) -> bool:
    """Tell whether the form has the name in place of this call (ADM101)."""
    compiling = module.instances.compiling(call)
    replaced = compiling is not None and module.given_optimizer(compiling)[0] is not None
    return replaced and module.form is Form.STRING and path.endswith(".optimizers.Adam") and is_default(call, path, module)
