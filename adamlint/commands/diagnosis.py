"""What the forms of Adam are on this machine, whether they agree, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from adamlint.atlas import Cell, Fact, Outcome, Variable, keras_releases, keras_version, look_up, releases
from adamlint.commands.compiled import notes
from adamlint.commands.forms import parse
from adamlint.commands.installed import Installed, minor
from adamlint.commands.table import spans
from adamlint.commands.which import LINES
from adamlint.program.environment import VARIABLE, switches_on, wants_on
from adamlint.target import Target

FORMS = {'"adam"': "'adam'", "Adam()": "tf.keras.optimizers.Adam()", "legacy.Adam()": "tf.keras.optimizers.legacy.Adam()"}


@dataclass(frozen=True)
class Diagnosis:
    """What was found out; ``facts`` are by form, None where it was not measured; ``cell`` is None without TensorFlow."""

    cell: Cell | None
    facts: dict[str, Fact | None]
    agree: bool | None  # whether "adam" and Adam() are one class; None: not known
    remarks: tuple[str, ...]
    advice: tuple[str, ...]


def diagnose(here: Installed, target: Target) -> Diagnosis:
    """What the forms are here."""
    cell = _cell(here)
    facts = {form: _fact(here, source, cell) for form, source in FORMS.items()}
    adam, new = facts['"adam"'], facts["Adam()"]
    agree = adam.generation == new.generation if adam and new and adam.generation and new.generation else None
    remarks = tuple(_remarks(here, facts, agree, cell)) if cell else ()
    return Diagnosis(cell, facts, agree, remarks, tuple(_advice(here, agree, cell, target)))


def _cell(here: Installed) -> Cell | None:
    if here.release is None:
        return None
    cell = Cell(here.release, here.platform, "eager")
    older = next((minor(version) for version in here.keras.values() if minor(version) in keras_releases()), "")
    cell = cell._replace(keras=older if (keras_version(cell) or "").startswith("3.") else "")
    return cell._replace(tf_keras=_reads(here, cell) and bool(here.tf_keras))


def _reads(here: Installed, cell: Cell) -> bool:
    """Whether the variable is on, and TensorFlow heeds it."""
    fact = look_up(Variable("on"), cell)
    return switches_on(here.variable) and fact is not None and fact.outcome is Outcome.OK


def _fact(here: Installed, source: str, cell: Cell | None) -> Fact | None:
    if cell is None:
        return None
    if _reads(here, cell) and not here.tf_keras:
        fact = look_up(Variable("without tf_keras"), cell)
        return fact and replace(fact, message=f"{fact.error}: {fact.message}")
    return parse(source).answer(cell)


def _remarks(here: Installed, facts: dict[str, Fact | None], agree: bool | None, cell: Cell) -> Iterator[str]:
    """Whether the forms agree, and where else they would not."""
    adam, new, legacy = facts.values()
    if agree and adam:
        yield f'"adam" and Adam() are the same class here ({_line(adam)}).'
    elif agree is False and adam and new:
        yield f'"adam" and Adam() are two classes here: {_line(adam)} and {_line(new)}.'
    if legacy and legacy.outcome is Outcome.RAISES:
        yield "legacy.Adam() does not work here."
    elif legacy and new and legacy.generation and new.generation:
        same = legacy.generation == new.generation
        yield f"legacy.Adam() is {'of the same line as' if same else 'another class than'} Adam()."
    yield from notes("tensorflow.keras.optimizers.Adam", {cell: new})
    graph = {form: _fact(here, source, cell._replace(mode="graph")) for form, source in FORMS.items()}
    changed = [f"{form} is {_line(fact)}" for form, fact in graph.items() if fact and _differs(fact, facts[form])]
    if changed:
        yield f"With eager execution off: {', '.join(changed)}."
    measured, own = keras_version(cell, "tensorflow.keras"), here.tf_keras if cell.tf_keras else here.keras
    if measured and any(minor(version) != minor(measured) for version in own.values()):
        yield f"Measured with Keras {measured}, {', '.join(own.values())} is installed."


def _differs(fact: Fact, other: Fact | None) -> bool:
    fails = other is not None and (fact.outcome is Outcome.RAISES) != (other.outcome is Outcome.RAISES)
    return fails or other is None or fact.generation != other.generation


def _line(fact: Fact) -> str:
    line = LINES.get(fact.generation or "", "not there")
    return f"{line} and fails ({fact.message})" if fact.outcome is Outcome.RAISES and fact.generation else line


def _advice(here: Installed, agree: bool | None, cell: Cell | None, target: Target) -> Iterator[str]:
    """What to do, the most pressing first."""
    if cell is None:
        yield "TensorFlow is not installed here: `adamlint which` tells what a form is on every release."
    if here.variable is not None:
        yield from _variable(here, cell)
    if len({minor(version) for version in here.tensorflow.values()}) > 1:
        yield "Several TensorFlow distributions of different releases are installed: remove all but one."
    if here.release and here.release not in releases():
        yield f"TensorFlow {here.release} was not measured: adamlint knows {spans(releases())}."
    elif here.release and here.release not in target.releases:
        yield f"TensorFlow {here.release} is not in the target ({spans(target.releases)}): install another, or declare this one."
    if agree is False:
        yield 'Write the class instead of "adam": `adamlint --select ADM101 --fix`.'


def _variable(here: Installed, cell: Cell | None) -> Iterator[str]:
    read = look_up(Variable("on"), cell) if cell else None
    if cell and read and read.outcome is not Outcome.OK and wants_on(here.variable):
        yield f"TensorFlow {cell.tensorflow} does not read {VARIABLE}: unset it."
    elif wants_on(here.variable) and not switches_on(here.variable):
        yield f"{VARIABLE}={here.variable} does not count: only 1, True and true mean on."
    elif cell and read and switches_on(here.variable) and not here.tf_keras:
        yield f"{VARIABLE} is on and tf_keras is not installed: `pip install tf-keras~={cell.tensorflow}.0`, or unset the variable."
