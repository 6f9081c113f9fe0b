"""How an Adam is written in each form of the setting ``form``: the one place that knows. The defaults come from the atlas.

What a form cannot say is written as a class: a string has no arguments and only Adam's is used, AdamW was never a legacy class.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Construct
from adamlint.findings import Form
from adamlint.kinds import ADAMS, OPTIMIZERS, OptimizerClass
from adamlint.measured import default_value, takes
from adamlint.module import Module
from adamlint.rule import Change, Doubt, Remedy
from adamlint.values import Const, Local, Ref, Result

_ALWAYS = ("learning_rate", "weight_decay")  # what every form with arguments says, where the class has it
_HYPER = ("learning_rate", "weight_decay", "beta_1", "beta_2", "epsilon", "amsgrad")  # in the order of the signatures
_MOVABLE = OPTIMIZERS - {"Optimizer", "LossScaleOptimizer"}
_LEGACY = _MOVABLE - {"AdamW", "Adafactor", "Lamb", "Lion", "Muon"}
_SAME = frozenset({
    "learning_rate", "beta_1", "beta_2", "epsilon", "amsgrad", "momentum", "nesterov", "rho", "centered", "name", "clipnorm",
    "clipvalue", "global_clipnorm", "initial_accumulator_value",
})  # fmt: skip
_PUBLIC = ("tensorflow.keras", "keras", "tf_keras")
# What takes the generations apart by more than 2e-5 (docs/proof.md): Adam rounds 1 - beta_2, Adagrad has its epsilon elsewhere.
_LARGEST = {"Adam": {"learning_rate": 0.1, "beta_2": 0.999}, "Adagrad": {"epsilon": 1e-7}}
_SMALLEST = {"Adagrad": {"initial_accumulator_value": 0.1}}
_POSITIONS = 3  # of SGD, the fewest: learning_rate, momentum, nesterov mean the same in both lines
_VARIABLES = ("tensorflow.Variable", "tensorflow.compat.v1.Variable")


# Hyper-parameters ---------------------------------------------------------------------------------


def defaults(path: str) -> dict[str, str]:
    """Return the hyper-parameters of a class with their defaults, as code: those on which all measured releases agree."""
    found = {name: default_value(path, name) for name in _HYPER}
    return {name: value for name, value in found.items() if value not in (None, "None")}


def wanted(path: str, module: Module) -> dict[str, str]:
    """Return the hyper-parameters that the form writes out, with their defaults."""
    known = defaults(path)
    return known if module.form is Form.EXPLICIT else {name: known[name] for name in _ALWAYS if name in known}


def given(call: cst.Call, path: str, module: Module) -> dict[str, cst.BaseExpression]:
    """Return the arguments of a constructor by the names of its parameters; one behind the hyper-parameters as its number."""
    names = list(defaults(path)) or ["learning_rate"]
    plain = [arg.value for arg in call.args if arg.keyword is None and not arg.star]
    by_place = {names[index] if index < len(names) else str(index): value for index, value in enumerate(plain)}
    return by_place | {keyword.name: keyword.value for keyword in module.arguments.keywords(call)}


def is_default(call: cst.Call, path: str, module: Module) -> bool:
    """Tell whether a constructor is called with nothing but the defaults of hyper-parameters, written out or not."""
    known = defaults(path)
    arguments = given(call, path, module)
    constants = {name: [v.value for v in module.values(node) if isinstance(v, Const)] for name, node in arguments.items()}
    same = all(name in known and len(values) == 1 and _code(values[0]) == _code_of(known[name]) for name, values in constants.items())
    return bool(known) and same and not any(arg.star for arg in call.args)


def _code(value: object) -> object:
    return float(value) if isinstance(value, (int, float)) else value


def _code_of(text: str) -> float:
    return float(text == "True") if text in ("True", "False") else float(text)


# Writing one --------------------------------------------------------------------------------------


def home(package: str, name: str, module: Module) -> str:
    """Return the path of the class that the form writes."""
    legacy = module.form is Form.LEGACY and name in ADAMS & _LEGACY
    return f"{package}.optimizers.{'legacy.' if legacy else ''}{name}"


def shown(path: str) -> str:
    """Return how to speak of a class: without its package."""
    return f"{path.partition('.optimizers.')[2]}()"


def says_by_name(name: str, module: Module) -> bool:
    """Tell whether the form gives this class to `compile` by its name."""
    return module.form is Form.STRING and name == "Adam"


def by_name(name: str, call: cst.Call, module: Module) -> str:
    """Return the string that names a class, in the quotes of the other strings of a call."""
    codes = [module.tree.code(arg.value) for arg in call.args if isinstance(arg.value, cst.SimpleString)]
    quote = next((code[0] for code in codes if code[0] in "'\""), '"')
    return f"{quote}{name.lower()}{quote}"


def construct(package: str, name: str, at: cst.CSTNode, module: Module, arguments: dict[str, str] | None = None) -> Remedy | None:
    """Write the constructor with its default hyper-parameters, or these arguments, in place of ``at``."""
    path = home(package, name, module)
    reached, filled = module.edit.reach(path, at), wanted(path, module) if arguments is None else arguments
    if reached is None or (arguments is None and "learning_rate" not in filled):
        return None
    spelled, imports = reached
    text = f"{spelled}({', '.join(f'{parameter}={value}' for parameter, value in filled.items())})"
    title = "write the legacy class" if ".legacy." in path else "write the class"
    return Remedy(title, (module.edit.replace(at, text), *imports), instead=Construct(path), forms=True)


# Between the legacy and the public class ----------------------------------------------------------


def is_misplaced(cls: OptimizerClass, module: Module) -> bool:
    """Tell whether an Adam or its kin is not of the namespace that the form asks for; tf_keras is there for its old classes."""
    if cls.name not in ADAMS & _LEGACY or cls.package not in _PUBLIC:
        return False
    if module.form is Form.LEGACY:
        return cls.path == f"{cls.package}.optimizers.{cls.name}"
    by_choice = cls.package == "tf_keras" or module.environment.chooses_tf_keras()
    return cls.path == f"{cls.package}.optimizers.legacy.{cls.name}" and not by_choice


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
    doubts = [doubt for use in uses if (doubt := module.instances.doubt(use) or _apart(use, cls, module)) is not None]
    doubt = min(doubts, key=lambda doubt: not doubt.sure, default=None)
    title = "use the class of `optimizers`" if cls.legacy else "use the class of `optimizers.legacy`"
    return Remedy(title, changes, instead=Construct(path), unsafe=unsafe, doubt=doubt), ""


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
    yield from (call for call in module.tree.nodes(cst.Call) if module.written(call.func) is written)
    yield from (base for node in module.tree.nodes(cst.ClassDef) for base in node.bases if module.written(base.value) is written)


def _is_handed_on(written: cst.CSTNode, module: Module) -> bool:
    """Tell whether an imported class is used otherwise than by a call or as a base class."""
    if not isinstance(written, cst.ImportAlias):
        return False
    bound = written.asname.name if written.asname is not None else written.name
    above = [(use, module.tree.parent(use)) for use in module.uses(bound.value if isinstance(bound, cst.Name) else "")]
    handed = (use for use, it in above if not isinstance(it, (cst.ImportAlias, cst.AsName)) and getattr(it, "func", None) is not use)
    return any(not isinstance(module.tree.parent(module.tree.parent(use) or use), cst.ClassDef) for use in handed)


def _unknown(use: cst.CSTNode, path: str, module: Module) -> str:
    """Return an argument of a call that the class at ``path`` does not take."""
    keywords = module.arguments.keywords(use) if isinstance(use, cst.Call) else ()
    return next((k.name for k in keywords if not takes(path, k.name)), "")


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
    rate = keywords.get("learning_rate", plain[0] if plain else None)
    followed = rate is not None and any(_is_followed(value) for value in module.values(rate))
    return "the new class reads a callable or a variable once" if followed else ""


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


def _is_followed(value: object) -> bool:
    if isinstance(value, Result):
        return isinstance(value.callee, Ref) and value.callee.name in _VARIABLES
    return isinstance(value, Local)
