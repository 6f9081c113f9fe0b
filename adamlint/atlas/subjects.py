"""What can be asked of the atlas, and what an answer is: frozen data.

Names are canonical dotted paths rooted at ``tensorflow.keras``, ``keras``, ``tf_keras``, ``tensorflow.python.keras``,
``tensorflow.compat.v1.keras``, ``tensorflow.train`` or ``tensorflow.compat.v1.train``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, TypeAlias


class Outcome(str, Enum):
    """What happened when the thing was done on a real install."""

    OK = "ok"
    WARNS = "warns"  # takes effect, with a warning
    IGNORED = "ignored"  # accepted, with or without a warning, and changes nothing
    RAISES = "raises"


OWN_KERAS = "2.3"  # the last Keras with backends of its own, which knows nothing of tf.keras: nothing was measured of it


class Cell(NamedTuple):  # which is hashed much more often than it is made
    """One kind of place where code runs.

    ``platform`` is "linux", "windows", "macos-x86_64" or "macos-arm64"; ``mode`` is "eager" or "graph" (as in TF 1);
    with ``tf_keras`` the variable TF_USE_LEGACY_KERAS is on and tf_keras installed, so that tf.keras is tf_keras.
    ``keras`` is a minor release of Keras 3 ("3.6") that was measured beside the newest one, which "" stands for; or, beside a TensorFlow
    that depends on no Keras, OWN_KERAS.
    """

    tensorflow: str  # minor release, "2.12"
    platform: str
    mode: str
    tf_keras: bool = False
    keras: str = ""


@dataclass(frozen=True)
class Fact:
    """A measured answer.

    ``generation`` is "optimizer_v2" (the legacy line), "keras2" (2.11 on), "keras3", "v1" or None where no optimizer
    came out; ``cls`` the path of its class; ``error`` the name of the exception; ``message`` its text or the warning's.
    """

    outcome: Outcome
    generation: str | None = None
    cls: str | None = None
    error: str | None = None
    message: str | None = None


@dataclass(frozen=True)
class ByName:
    """The string ``name``, in any case, given to ``compile`` of a model or to ``optimizers.get`` of ``package``."""

    package: str
    name: str


@dataclass(frozen=True)
class FromConfig:
    """``{"class_name": "Adam", "config": {…}}`` given to "get", "deserialize" or "compile" of ``package``."""

    package: str
    function: str
    empty: bool  # the config is {}


@dataclass(frozen=True)
class Construct:
    """Reach ``path`` by attributes (from an import of its module where private) and call it without arguments."""

    path: str


@dataclass(frozen=True)
class Import:
    """Import the module ``path``, or the name at its end from its module; it is not called."""

    path: str


@dataclass(frozen=True)
class Argument:
    """A keyword given to the constructor at ``path``, and the first step after it.

    ``value``: "" is a typical one; the measured others are "None", "0", "False", "schedule", "callable", "Variable",
    "tensor", "str", "int", "-1" and "1.5". ``argument`` may be two joined by "+" ("clipnorm+clipvalue"), or "#6":
    the sixth positional (value "str" or "").
    """

    path: str
    argument: str
    value: str = ""


@dataclass(frozen=True)
class Member:
    """A member of an instance of ``path``.

    ``access``: "get", "set", "call", "K.get_value", "K.set_value", "assign" and "numpy" (the method of the value), "len" and
    "cast" (the functions), "set schedule" and "cast schedule" (of the rate, where that is one), or a call with one keyword,
    "call(name)"; "call(#2)" is a second positional.
    """

    path: str
    member: str
    access: str = "get"


@dataclass(frozen=True)
class OfModel:
    """A member, as in ``Member``, of the optimizer that a model of ``package`` has after `compile("adam")`.

    Where that is of a legacy class, `compile` may make one of an instance of the new class, too.
    """

    package: str
    member: str
    access: str = "get"


@dataclass(frozen=True)
class Public:
    """A name of a public module of Keras, as ``tensorflow.keras.backend.get_value``: whether the module has it."""

    path: str


@dataclass(frozen=True)
class Passed:
    """The class object at ``path`` itself given to ``compile``."""

    path: str


@dataclass(frozen=True)
class Compiled:
    """An instance of ``path`` given to ``compile`` of a tf.keras model: the fact is about ``model.optimizer`` then."""

    path: str


@dataclass(frozen=True)
class Trained:
    """An instance of ``path`` given to ``compile`` of a model of ``package``, then ``fit``."""

    package: str
    path: str


@dataclass(frozen=True)
class Shared:
    """One instance of ``path`` used twice.

    ``how``: "two models", "two models of other shapes", "two var lists", "two tf.functions with other vars",
    "all vars then a subset", "two var lists, build([a,b]) first", "same instance recompiled, same model",
    "same instance after unfreezing layers".
    """

    path: str
    how: str


@dataclass(frozen=True)
class Override:
    """A subclass of ``path`` that defines ``method`` of the old API, trained."""

    path: str
    method: str


@dataclass(frozen=True)
class IsInstance:
    """``isinstance`` of an instance of ``path`` and the class ``of``: OK is True, IGNORED is False."""

    path: str
    of: str


@dataclass(frozen=True)
class Same:
    """Whether the class at ``path`` is the one at ``other``: OK is True, IGNORED is False."""

    path: str
    other: str


@dataclass(frozen=True)
class Variable:
    """TF_USE_LEGACY_KERAS.

    ``use``: "on" (set to 1 before the import: is it read?), "late" (set after the import), "bad value" ("yes", "TRUE"),
    "not a string" (os.environ[…] = 1), "without tf_keras" (on, and tf_keras is not installed).
    """

    use: str


@dataclass(frozen=True)
class DefaultRate:
    """The learning rate of an instance of ``path`` made without one; the fact's message is the number as text."""

    path: str


Subject: TypeAlias = (
    ByName
    | FromConfig
    | Construct
    | Import
    | Argument
    | Member
    | OfModel
    | Public
    | Passed
    | Compiled
    | Trained
    | Shared
    | Override
    | IsInstance
    | Same
    | Variable
    | DefaultRate
)
