"""How an Adam is written in each form of the setting ``form``: the one place that knows. The defaults come from the atlas.

What a form cannot say is written as a class: a string has no arguments and only Adam's is used, AdamW was never a legacy class.
"""

from __future__ import annotations

import libcst as cst

from adamlint.atlas import Construct
from adamlint.atlas.measured import default_value
from adamlint.findings import Form
from adamlint.program.module import Module
from adamlint.rule import Remedy
from adamlint.values.kinds import ADAMS, OptimizerClass
from adamlint.values.value import Const

_ALWAYS = ("learning_rate", "weight_decay")  # what every form with arguments says, where the class has it
_HYPER = ("learning_rate", "weight_decay", "beta_1", "beta_2", "epsilon", "amsgrad")  # in the order of the signatures
_LEGACY = ADAMS - {"AdamW"}
_PUBLIC = ("tensorflow.keras", "keras", "tf_keras")


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
    legacy = module.form is Form.LEGACY and name in _LEGACY
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


def is_misplaced(cls: OptimizerClass, module: Module) -> bool:
    """Tell whether an Adam or its kin is not of the namespace that the form asks for; tf_keras is there for its old classes."""
    if cls.name not in _LEGACY or cls.package not in _PUBLIC:
        return False
    if module.form is Form.LEGACY:
        return cls.path == f"{cls.package}.optimizers.{cls.name}"
    by_choice = cls.package == "tf_keras" or module.environment.chooses_tf_keras()
    return cls.path == f"{cls.package}.optimizers.legacy.{cls.name}" and not by_choice
