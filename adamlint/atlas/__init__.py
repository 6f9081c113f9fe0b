"""What optimizers are and do, by release, platform and mode: measured on real installs, never guessed.

``facts.json`` is written by ``scripts/build_atlas.py`` from measurements and read when the first question is asked.
Where a row was not measured the answer is None, and a rule that gets None stays silent.

How cells map to measurements: "macos-arm64" is Apple silicon, emulated (what the Python code of Keras decides there);
all other platforms share the rows of Linux, since that code has no other branch (Windows itself was not measured); mode
"graph" is TF 2 after ``disable_eager_execution()``. ``tf_keras`` cells are those of TF_USE_LEGACY_KERAS=1;
``tf_keras.…`` itself is answered in every cell from 2.15 on as if tf_keras were installed.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from adamlint.atlas.public import code_of
from adamlint.atlas.subjects import (
    OWN_KERAS,
    Argument,
    ByName,
    Cell,
    Compiled,
    Construct,
    DefaultRate,
    Fact,
    FromConfig,
    Import,
    IsInstance,
    Member,
    OfModel,
    Outcome,
    Override,
    Passed,
    Public,
    Same,
    Shared,
    Subject,
    Trained,
    Variable,
)

__all__ = [
    "OWN_KERAS",
    "Argument",
    "ByName",
    "Cell",
    "Compiled",
    "Construct",
    "DefaultRate",
    "Fact",
    "FromConfig",
    "Import",
    "IsInstance",
    "Member",
    "OfModel",
    "Outcome",
    "Override",
    "Passed",
    "Public",
    "Same",
    "Shared",
    "Subject",
    "Trained",
    "Variable",
    "keras_releases",
    "keras_version",
    "look_up",
    "members",
    "optimizers",
    "parameters",
    "releases",
]

# Members that belong to Adam (and AdamW) and not to the base class that all optimizers of a generation share.
_OF_ADAM = frozenset({"beta_1", "beta_2", "epsilon", "amsgrad", "_momentums", "_velocities", "_m", "decay"})


@cache
def _data() -> Any:
    import json  # not before the first question

    return json.loads((Path(__file__).parent / "facts.json").read_text(encoding="utf-8"))


@cache
def releases() -> tuple[str, ...]:
    """All measured TensorFlow minor releases, oldest first."""
    return tuple(release for release in _data()["releases"] if release[0].isdigit())


@cache
def keras_releases() -> tuple[str, ...]:
    """Older minor releases of Keras 3 that were measured too ("3.6"), for ``Cell.keras``.

    The rows of TensorFlow 2.16 on are those of the newest Keras 3 at the time.
    """
    return tuple(release.removeprefix("keras ") for release in _data()["releases"] if not release[0].isdigit())


def keras_version(cell: Cell, package: str = "keras") -> str | None:
    """The version of "keras", "tf_keras" or "tensorflow.keras" that was measured; None where there is none."""
    if package == "tensorflow.keras":
        package = "tf_keras" if cell.tf_keras else "keras"
    version: str | None = _data()[package].get(_column(package, cell))
    return version


def look_up(subject: Subject, cell: Cell) -> Fact | None:
    """The measured answer; None where it was not measured, or the release is not in the atlas."""
    release = _column(getattr(subject, "path", "") or getattr(subject, "package", "tf_keras"), cell)
    return _answer(subject, release, _place(cell)) if release in _positions() else None


def parameters(path: str, cell: Cell) -> dict[str, str | None] | None:
    """The constructor's parameters in order, with their defaults as text (None: it has none)."""
    made = look_up(Construct(path), cell)
    return None if made is None or made.cls is None else _signature(made.cls, _column(path, cell))


@cache
def optimizers() -> tuple[str, ...]:
    """The names of the optimizer classes that were looked for in every release."""
    home = "make tensorflow.keras.optimizers."
    names = [key.removeprefix(home) for key in _data()["rows"] if key.startswith(home)]
    return tuple(name for name in names if "." not in name and name != "LossScaleOptimizer")  # which is around one of them


@cache
def members() -> frozenset[str]:
    """The names of the attributes and methods of optimizers that were tried."""
    return frozenset(key.split()[1] for key in _data()["members"])


@cache
def _answer(subject: Subject, release: str, place: str) -> Fact | None:
    match subject:
        case Construct(path):
            return _row(f"make {path}", release, place)
        case Import(path):
            return _row(f"import {path}", release, place)
        case ByName(package, name):
            return _row(f"name {package} {name.lower()}", release, place)
        case FromConfig(package, function, empty):
            return _row(f"config {package} {function} {'empty' if empty else 'full'}", release, place)
        case Compiled(path):
            return _row(f"compile {path}", release, place)
        case Trained(package, path):
            return _trained(package, path, release, place)
        case Shared(path, how):
            return _row(f"shared {path} {how}", release, place)
        case IsInstance(path, of):
            return _row(f"instance {path} {of}", release, place)
        case Same(path, other):
            return _same(_row(f"make {path}", release, place), _row(f"make {other}", release, place))
        case Variable(use):
            return _at(_code(_data()["rows"].get(f"variable {use}")), release)
        case Passed(path):
            return _passed(path, release, place)
        case Argument(path, argument, value):
            return _argument(path, argument, value, release, place)
        case Member(path, member, access):
            return _member(_row(f"make {path}", release, place), member, access, release)
        case OfModel(package, member, access):
            return _member(_row(f"name {package} adam", release, place), member, access, release)
        case Public(path):
            return _public(path, release, place)
        case Override(path, method):
            return _override(path, method, release, place)
        case DefaultRate(path):
            return _default_rate(path, release, place)


# ------------------------------------------------------------------ arguments, members: properties of a class


def _argument(path: str, argument: str, value: str, release: str, place: str) -> Fact | None:
    """Rows of the class that the path is in the cell: so it is the same whatever name it was reached by.

    A parameter of the measured signature without a row of its own is accepted; any other name fails as the name
    ``foo`` did when it was tried, with the name put into the message.
    """
    made = _row(f"make {path}", release, place)
    if made is None or made.cls is None:
        return made
    own = _class_fact(made.cls, f"argument {argument} {value}".rstrip(), release)
    signature = _signature(made.cls, release)
    if own is not None:
        misplaced = argument.startswith("#") and value == "str" and own.outcome is Outcome.OK and not _is_name(argument, signature)
        return replace(own, outcome=Outcome.IGNORED if misplaced else own.outcome, generation=made.generation, cls=made.cls)
    if signature is None or "+" in argument:
        return None
    if argument.startswith("#"):
        return _positional(path, list(signature), int(argument[1:]), value, release, place)
    if argument in signature:
        return Fact(Outcome.OK, made.generation, made.cls) if value == "" else None
    unknown = _class_fact(made.cls, "unknown", release)
    if unknown is None or _has_row(made.cls, argument, release):
        return None
    message = (unknown.message or "").replace("{name}", argument)
    return replace(unknown, message=message, generation=made.generation, cls=made.cls)


def _is_name(argument: str, signature: dict[str, str | None] | None) -> bool:
    """Tell whether a position is that of the name: a string that is taken elsewhere is lost as one."""
    return list(signature or ())[int(argument[1:]) - 1 :][:1] == ["name"]


def _positional(path: str, names: list[str], position: int, value: str, release: str, place: str) -> Fact | None:
    """The parameter at that position of the signature; a string is its typical value only where it is ``name``."""
    if position > len(names):
        return None
    name = names[position - 1]
    if value == "str" and name != "name":
        return None
    return _argument(path, name, "" if value == "str" else value, release, place)


def _has_row(cls: str, argument: str, release: str) -> bool:
    keys = [key for key in _class_lines(cls) if key.split()[1:2] == [argument]]
    return any(_class_fact(cls, key, release) is not None for key in keys)


def _member(made: Fact | None, member: str, access: str, release: str) -> Fact | None:
    """Members were measured on Adam of each generation; the base class gives the others the same ones.

    So ``lr``, ``_decayed_lr``, ``get_weights``, ``minimize`` … of SGD are answered by Adam's rows of the generation
    that SGD is in the cell; the members that are Adam's own (``beta_1``, ``amsgrad`` …) only for Adam and AdamW.
    A LossScaleOptimizer has rows of its own.
    """
    if made is None or made.cls is None:
        return made
    name = made.cls.rpartition(".")[2]
    own = _class_fact(made.cls, f"member {member} {access}", release)
    if own is not None or name.startswith("LossScaleOptimizer"):
        return own and replace(own, generation=made.generation, cls=made.cls)
    if member in _OF_ADAM and name not in ("Adam", "AdamW"):
        return None
    family = f"{made.cls.split('.')[0]} {made.generation}"
    fact = _family_fact(family, member, access, release)
    if fact is None:
        return None
    message = (fact.message or "").replace("'Adam' object", f"'{name}' object") or None
    return replace(fact, generation=made.generation, cls=made.cls, message=message)


def _family_fact(family: str, member: str, access: str, release: str) -> Fact | None:
    """The row itself; else, for whatever use of a member that is not there, its AttributeError."""
    rows = _family(family)
    own = _at(_code(rows.get(f"member {member} {access}")), release)
    if own is not None or access.startswith("set"):
        return own
    there = _at(_code(rows.get(f"member {member} get")), release)
    return there if there is not None and there.outcome is Outcome.RAISES else None


@cache
def _family(family: str) -> dict[str, int]:
    """The codes of the members of a family, by row."""
    return dict(zip(_data()["members"], _data()["families"].get(family, ()), strict=False))


def _override(path: str, method: str, release: str, place: str) -> Fact | None:
    """Measured for subclasses of Adam and of Optimizer; a subclass of another optimizer is answered by Adam's row."""
    own = _row(f"override {path} {method}", release, place)
    if own is not None or path.endswith(".Optimizer"):
        return own
    made = _row(f"make {path}", release, place)
    if made is None or made.outcome is Outcome.RAISES:
        return made
    adam = _row("make tensorflow.keras.optimizers.Adam", release, place)
    if adam is None or adam.generation != made.generation:
        return None
    return _row(f"override tensorflow.keras.optimizers.Adam {method}", release, place)


def _public(path: str, release: str, place: str) -> Fact | None:
    """Whether a module has a name; None where the module itself was not measured, or is not there."""
    here = path.replace("tensorflow.keras.", "tf_keras.") if place.endswith("tf_keras") else path
    code = code_of(here)[_positions()[release] :][:1]
    module, _, name = path.rpartition(".")
    missing = Fact(Outcome.RAISES, None, None, "AttributeError", f"module '{module}' has no attribute '{name}'")
    return {"1": Fact(Outcome.OK), "0": missing}.get(code)


def _passed(path: str, release: str, place: str) -> Fact | None:
    """Measured for Adam; other classes of the same generation are refused, or not, by the same code of ``compile``."""
    own, made = _row(f"pass {path}", release, place), _row(f"make {path}", release, place)
    if own is not None or made is None or made.outcome is Outcome.RAISES:
        return own or made
    adam = _row("make tensorflow.keras.optimizers.Adam", release, place)
    if adam is None or adam.generation != made.generation:
        return None
    fact = _row("pass tensorflow.keras.optimizers.Adam", release, place)
    return fact and replace(fact, message=(fact.message or "").replace(adam.cls or "", made.cls or "") or None)


def _trained(package: str, path: str, release: str, place: str) -> Fact | None:
    """Measured for Adam and SGD; other classes of the same generation are trained, or not, by the same code of the model."""
    own, made = _row(f"train {package} {path}", release, place), _row(f"make {path}", release, place)
    if own is not None or made is None or made.outcome is Outcome.RAISES:
        return own or made
    home, _, name = path.rpartition(".")
    adam = _row(f"make {home}.Adam", release, place)
    fact = _row(f"train {package} {home}.Adam", release, place)
    if fact is None or adam is None or adam.generation != made.generation:
        return None
    return replace(fact, cls=None, message=(fact.message or "").replace("'Adam'", f"'{name}'") or None)


def _same(one: Fact | None, other: Fact | None) -> Fact | None:
    """By the class that came out of each."""
    if one is None or other is None or Outcome.RAISES in (one.outcome, other.outcome):
        return None
    return Fact(Outcome.OK if one.cls == other.cls else Outcome.IGNORED)


def _default_rate(path: str, release: str, place: str) -> Fact | None:
    """The default in the measured signature (get_config() of a new instance gives the same for Adam and AdamW)."""
    made = _row(f"make {path}", release, place)
    if made is None or made.cls is None:
        return made
    default = (_signature(made.cls, release) or {}).get("learning_rate")
    return Fact(Outcome.OK, made.generation, made.cls, None, default) if default else None


# ------------------------------------------------------------------ reading the table


def _column(name: str, cell: Cell) -> str:
    """The release whose rows tell of a name: tf_keras, and what is not of a Keras package, does not depend on Keras 3.

    Nor does tf.keras depend on a Keras of its own.
    """
    apart = cell.keras == OWN_KERAS and name.partition(".")[0] != "keras"
    other = not cell.keras or cell.tf_keras or name.startswith("tf_keras") or apart
    return cell.tensorflow if other else f"keras {cell.keras}"


def _place(cell: Cell) -> str:
    system = "mac" if cell.platform == "macos-arm64" else "linux"
    return f"{system} {cell.mode}{' tf_keras' if cell.tf_keras else ''}"


@cache
def _positions() -> dict[str, int]:
    return {release: position for position, release in enumerate(_data()["releases"])}


@cache
def _codes(runs: str) -> tuple[int | None, ...]:
    """A run-length code as numbers: "3*2 - 5" is (3, 3, None, 5)."""
    pairs = [run.partition("*") for run in runs.split()]
    spread = chain.from_iterable(repeat(code, int(count or 1)) for code, _, count in pairs)
    return tuple(None if code == "-" else int(code) for code in spread)


@cache
def _fact(code: int | None) -> Fact | None:
    if code is None:
        return None
    texts = _data()["texts"]
    outcome, *rest = [None if text is None else texts[text] for text in _data()["facts"][code]]
    return Fact(Outcome(outcome), *rest)


def _row(key: str, release: str, place: str) -> Fact | None:
    """The fact of a row: codes by release for each place, where "=" is the place before."""
    parts = _code(_data()["rows"].get(key)).split("|")
    position = _data()["places"].index(place)
    while parts[position:] and parts[position] == "=":
        position -= 1
    return _at(parts[position], release) if position < len(parts) else None


def _code(number: int | None) -> str:
    return "" if number is None else str(_data()["codes"][number])


def _at(runs: str | None, release: str) -> Fact | None:
    return _fact(_codes(runs)[_positions()[release]]) if runs else None


@cache
def _class_lines(cls: str) -> dict[str, str]:
    return dict(_data()["lines"][number] for number in _data()["classes"].get(cls, ()))


def _class_fact(cls: str, key: str, release: str) -> Fact | None:
    return _at(_class_lines(cls).get(key), release)


def _signature(cls: str, release: str) -> dict[str, str | None] | None:
    runs = _class_lines(cls).get("signature")
    code = None if runs is None else _codes(runs)[_positions()[release]]
    return None if code is None else dict(_data()["signatures"][code])
