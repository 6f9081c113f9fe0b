"""From the legacy class of an optimizer to the public one and back: what is written, and what speaks against it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Argument, Construct
from adamlint.atlas.measured import takes
from adamlint.program.edits import Keyword
from adamlint.program.module import Module
from adamlint.rule import Change, Doubt, Remedy
from adamlint.values.kinds import OPTIMIZERS, OptimizerClass
from adamlint.values.value import Const, Local, Ref, Result, Value

_MOVABLE = OPTIMIZERS - {"Optimizer", "LossScaleOptimizer"}
_LEGACY = _MOVABLE - {"AdamW", "Adafactor", "Lamb", "Lion", "Muon"}
_SAME = frozenset({
    "learning_rate", "beta_1", "beta_2", "epsilon", "amsgrad", "momentum", "nesterov", "rho", "centered", "name", "clipnorm",
    "clipvalue", "global_clipnorm", "initial_accumulator_value",
})  # fmt: skip
# What takes the generations apart by more than 2e-5 (docs/proof.md): Adam rounds 1 - beta_2, Adagrad has its epsilon elsewhere.
_LARGEST = {"Adam": {"learning_rate": 0.1, "beta_2": 0.999}, "Adagrad": {"epsilon": 1e-7}}
_SMALLEST = {"Adagrad": {"initial_accumulator_value": 0.1}}
_MENDED = frozenset({"lr", "decay"})  # by ADM301 and ADM302, once the class is another
_POSITIONS = 3  # of SGD, the fewest: learning_rate, momentum, nesterov mean the same in both lines
_VARIABLES = ("tensorflow.Variable", "tensorflow.compat.v1.Variable")


def twin(cls: OptimizerClass) -> str:
    """Return the path of the public class for a legacy one, and the other way round."""
    if cls.legacy:
        return cls.asked.replace(".optimizers.legacy.", ".optimizers.")
    return cls.asked.replace(".optimizers.", ".optimizers.legacy.")


def exchange(cls: OptimizerClass, written: cst.CSTNode, module: Module) -> tuple[Remedy | None, str]:
    """Write the public class for a legacy one, or the other way round; without a remedy, the text says why not."""
    path = twin(cls)
    changes = _without_legacy(cls, path, written, module) if cls.legacy else _with_legacy(cls, written, module)
    places = module.edit.siblings(written) if isinstance(written, cst.ImportAlias) else (written,)
    uses = [use for place in places for use in uses_of(place, module)]
    unknown = next((name for use in uses if (name := _unknown(use, path, module))), "") if not cls.legacy else ""
    if unknown:
        return None, f"it takes no `{unknown}`"
    if not changes or (cls.legacy and module.wants_legacy):
        return None, "" if changes else "its import cannot be changed alone"
    handed_on = any(_is_handed_on(place, module) for place in places)
    unsafe = next((reason for use in uses if (reason := _strange(use, module))), "the class itself is handed on" if handed_on else "")
    needs = tuple(need for use in uses for need in _needs(use, path, module))
    decays = cls.legacy and any(keyword.name == "decay" for use in uses for keyword in _keywords(use, module))
    doubts = [doubt for use in uses if (doubt := module.instances.doubt(use) or _apart(use, cls, module)) is not None]
    doubt = min(doubts, key=lambda doubt: not doubt.sure, default=None)
    title = "use the class of `optimizers`" if cls.legacy else "use the class of `optimizers.legacy`"
    remedy = Remedy(title, changes, instead=Construct(path), needs=needs, unsafe=unsafe, doubt=doubt, fixes_rate=decays)
    return remedy, ""  # a decay is then to become a schedule


def _without_legacy(cls: OptimizerClass, path: str, written: cst.CSTNode, module: Module) -> tuple[Change, ...]:
    """Drop the part from the path; where an alias of the module hides it, write the class in place of the path."""
    if cls.name not in (*_MOVABLE, "*"):
        return ()
    change = module.edit.without_part(written, "legacy", _MOVABLE)
    if change is not None:
        return (change,)
    reached = module.edit.reach(path, written) if isinstance(written, cst.Attribute) and cls.name != "*" else None
    return (module.edit.replace(written, reached[0]), *reached[1]) if reached is not None else ()


def _with_legacy(cls: OptimizerClass, written: cst.CSTNode, module: Module) -> tuple[Change, ...]:
    """Put the part into the path, or into the module of an import if all of its names have a legacy class."""
    origin = module.tree.parent(written)
    names = [module.tree.code(alias.name) for alias in module.edit.siblings(written)] if isinstance(written, cst.ImportAlias) else []
    holder = origin.module if isinstance(origin, cst.ImportFrom) and _LEGACY.issuperset(names) else None
    if isinstance(written, cst.Attribute) and module.names(written.value) == (f"{cls.package}.optimizers",):
        holder = written.value if isinstance(written.value, (cst.Name, cst.Attribute)) else None
    return (module.edit.append(holder, ".legacy"),) if holder is not None else ()


def uses_of(written: cst.CSTNode, module: Module) -> Iterator[cst.CSTNode]:
    """Yield the calls and base classes that use what is written at one place."""
    yield from (call for call in module.tree.nodes(cst.Call) if module.places.written(call.func) is written)
    yield from (base for node in module.tree.nodes(cst.ClassDef) for base in node.bases if module.places.written(base.value) is written)


def _is_handed_on(written: cst.CSTNode, module: Module) -> bool:
    """Tell whether a class is used otherwise than by a call or as a base class: by an import, or out of a dict."""
    if isinstance(module.tree.parent(written), cst.DictElement):
        return True
    if not isinstance(written, cst.ImportAlias):
        return False
    bound = written.asname.name if written.asname is not None else written.name
    above = [(use, module.tree.parent(use)) for use in module.uses(bound.value if isinstance(bound, cst.Name) else "")]
    handed = (use for use, it in above if not isinstance(it, (cst.ImportAlias, cst.AsName)) and getattr(it, "func", None) is not use)
    return any(not isinstance(module.tree.parent(module.tree.parent(use) or use), cst.ClassDef) for use in handed)


def _keywords(use: cst.CSTNode, module: Module) -> list[Keyword]:
    return list(module.arguments.keywords(use)) if isinstance(use, cst.Call) else []


def _unknown(use: cst.CSTNode, path: str, module: Module) -> str:
    """Return an argument of a call that the class at ``path`` does not take."""
    return next((k.name for k in _keywords(use, module) if not takes(path, k.name)), "")


def _needs(use: cst.CSTNode, path: str, module: Module) -> Iterator[Argument]:
    """Yield the arguments that the class at ``path`` has to heed, and no other rule mends: some releases read a changing rate once."""
    yield from (Argument(path, keyword.name) for keyword in _keywords(use, module) if keyword.name not in _SAME | _MENDED)
    kinds = {kind for value in _rates(use, module) if (kind := _changing(value))}
    yield from (Argument(path, "learning_rate", kind) for kind in sorted(kinds))


def _rates(use: cst.CSTNode, module: Module) -> tuple[Value, ...]:
    rates = {keyword.name: keyword.value for keyword in _keywords(use, module)}
    first = module.arguments.first(use, "learning_rate") if isinstance(use, cst.Call) else None
    rate = first.value if first is not None else rates.get("learning_rate", rates.get("lr"))
    return module.values(rate) if rate is not None else ()


def _changing(value: Value) -> str:
    """Return which measured kind of rate a value is, of those that may change from step to step and are no schedules; else ""."""
    if isinstance(value, Result):
        return "Variable" if isinstance(value.callee, Ref) and value.callee.name in _VARIABLES else ""
    return "callable" if isinstance(value, Local) else ""


def _strange(use: cst.CSTNode, module: Module) -> str:
    """Return what makes the exchange of the class at one of its uses unsafe."""
    if not isinstance(use, cst.Call):
        return "a subclass needs another interface"
    keywords = {keyword.name: keyword.value for keyword in module.arguments.keywords(use)}
    plain = [arg.value for arg in use.args if arg.keyword is None]
    strange = sorted(name for name, value in keywords.items() if name not in _SAME or _is_left(name, value, module))
    if strange:
        return f"the other class takes no `{strange[0]}`, or means another thing by it"
    if module.arguments.has_unknown_spread(use):
        return "the arguments are not known"
    if len(plain) > _POSITIONS:
        return "the other class has other positional parameters"
    return "the new class reads a callable or a variable once" if any(map(_changing, _rates(use, module))) else ""


def _is_left(name: str, value: cst.BaseExpression, module: Module) -> bool:
    """Tell whether the legacy class may take its default instead of a value."""
    constants = [v.value for v in module.values(value) if isinstance(v, Const)]
    return None in constants or (name == "epsilon" and not all(constants))


def _apart(use: cst.CSTNode, cls: OptimizerClass, module: Module) -> Doubt | None:
    """Return that a number takes the weights of the two generations apart."""
    keywords = {keyword.name: keyword.value for keyword in module.arguments.keywords(use)} if isinstance(use, cst.Call) else {}
    first = module.arguments.first(use, "learning_rate") if isinstance(use, cst.Call) else None
    keywords |= {"learning_rate": first.value} if first is not None else {}
    for name, value in keywords.items():
        low, high = _SMALLEST.get(cls.name, {}).get(name, 0), _LARGEST.get(cls.name, {}).get(name, math.inf)
        numbers = [v.value for v in module.values(value) if isinstance(v, Const) and isinstance(v.value, (int, float))]
        if not all(low <= number <= high for number in numbers):
            return Doubt(f"with such a `{name}` the two train differently")
    return None
