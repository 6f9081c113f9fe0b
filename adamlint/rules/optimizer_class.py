"""`compile` is given the optimizer class instead of an instance: every release raises.

`ValueError: Could not interpret optimizer identifier: <class '…Adam'>` on TF 2.10 to 2.21 (measured).

Bad:
    import keras
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD, loss="mse")

Good:
    import keras
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(), loss="mse")
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Compiled, Construct, Outcome, Trained
from adamlint.findings import Effect
from adamlint.program.module import Module
from adamlint.rule import Problem, Remedy, Rule
from adamlint.values.kinds import optimizer_class
from adamlint.values.value import UNKNOWN, Partial, Result

RULE = Rule("ADM104", "optimizer-class")


@RULE.on(cst.Call)
def check(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Report an optimizer class that reaches `compile` of a Keras model uncalled."""
    package, given = module.given_optimizer(call)
    if package is None or given is None:
        return
    values = module.values(given)
    classes = [None if isinstance(v, Partial) else optimizer_class(v) for v in values]
    found = [cls for cls in classes if cls is not None and cls.name not in ("*", "Optimizer")]
    if not found or module.guards.handles(call, "ValueError"):
        return
    if isinstance(given, cst.Attribute) and UNKNOWN in values:
        return  # `self.optimizer = self.optimizer(rate)` in place of the class of the class
    if any(isinstance(v, Result) and optimizer_class(v.callee) in found for v in values):
        return  # `opt() if isinstance(opt, type) else opt`
    here = any(arg.value is given for arg in call.args)  # in a dict that is spread, two models could share it
    whole = here and len(found) == len(values) and isinstance(given, (cst.Name, cst.Attribute))
    trained = (Compiled(found[0].path), Trained(package, found[0].path))
    yield Problem(
        given,
        f"`{found[0].name}` is the class; Keras wants an instance and raises ValueError",
        tuple(Construct(cls.path) for cls in found),
        effects={Outcome.OK: Effect.BREAKS, Outcome.WARNS: Effect.BREAKS},
        remedy=Remedy("call it", (module.edit.append(given, "()"),), safe="it failed before", trained=trained) if whole else None,
    )
