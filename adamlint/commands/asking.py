"""An optimizer form as questions to the atlas, and what they come to in a cell."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from adamlint.atlas import Argument, Cell, Construct, Fact, Outcome, Subject, Trained, look_up, parameters

TF_KERAS = "tensorflow.keras"
_WORST = (Outcome.IGNORED, Outcome.WARNS, Outcome.OK)
_DEFAULTS = {"None": None, "0": 0, "False": False}


@dataclass(frozen=True)
class Form:
    """Questions to the atlas, in the order in which the code would fail.

    ``package`` is the Keras whose version counts; ``made`` the path of an instance that the form makes, "" for none;
    ``optional`` are questions whose answer need not be known; ``imported`` is a class that the form makes known, but does
    not call; ``notes`` say what was taken for granted.
    """

    package: str
    subjects: tuple[Subject, ...]
    made: str = ""
    optional: tuple[Subject, ...] = ()
    imported: str = ""
    notes: tuple[str, ...] = ()

    def answer(self, cell: Cell) -> Fact | None:
        """What happens in a cell: the first failure, else the worst outcome; None where it was not measured."""
        facts = [_ask(subject, cell) for subject in self.subjects]
        extra = [fact for subject in self.optional if (fact := look_up(subject, cell)) is not None]
        failed = next((fact for fact in (*facts, *extra) if fact is not None and fact.outcome is Outcome.RAISES), None)
        if failed is not None:
            return replace(failed, message=f"{failed.error}: {failed.message or ''}".rstrip(": "))
        known = [fact for fact in facts if fact is not None]
        if not facts or len(known) < len(facts):
            return None
        worst = min((*known, *extra), key=lambda fact: _WORST.index(fact.outcome))
        return self._in_training(self._called(_named(worst, known), cell), cell)

    def _called(self, fact: Fact, cell: Cell) -> Fact:
        """What an imported class makes when it is called; that it cannot be called does not make the import fail."""
        made = look_up(Construct(self.imported), cell) if self.imported else None
        if made is None:
            return fact
        if made.outcome is Outcome.RAISES:
            return replace(fact, message=f"calling it raises {made.error}: {made.message}")
        return replace(fact, cls=made.cls, generation=made.generation)

    def _in_training(self, fact: Fact, cell: Cell) -> Fact:
        """In graph mode an optimizer of the new line of Keras 2 can be made, but no model be trained with it.

        Keras 3 is left out: its ``fit`` fails there whatever the optimizer.
        """
        if not self.made or cell.mode != "graph" or fact.generation != "keras2":
            return fact
        trained = self._trained(fact, cell)
        if trained is None:
            return replace(fact, message="training was not measured")
        if trained.outcome is not Outcome.RAISES:
            return fact
        name = self.made.rpartition(".")[2]
        message = f"in training: {trained.error}: {trained.message}".replace("'Adam' object", f"'{name}' object")
        return replace(fact, outcome=Outcome.RAISES, error=trained.error, message=message)

    def _trained(self, fact: Fact, cell: Cell) -> Fact | None:
        """What training does; Adam's row answers for others of the same package, since fit needs only their base class."""
        own = self.package
        for package, path in ((own, self.made), (own, f"{own}.optimizers.Adam"), (TF_KERAS, f"{TF_KERAS}.optimizers.Adam")):
            made, trained = look_up(Construct(path), cell), look_up(Trained(package, path), cell)
            if made and trained and made.generation == fact.generation and _home(made) == _home(fact):
                return trained
        return None


def _ask(subject: Subject, cell: Cell) -> Fact | None:
    """The fact; an argument that is given its own default is as good as a usual value."""
    fact = look_up(subject, cell)
    if fact is None and isinstance(subject, Argument) and subject.value in _DEFAULTS:
        default = _default(subject, cell)
        if default is not None and _literal(default) == _DEFAULTS[subject.value]:
            return look_up(replace(subject, value=""), cell)
    return fact


def _default(subject: Argument, cell: Cell) -> str | None:
    """The default of a parameter, which may be given by its position."""
    known = parameters(subject.path, cell) or {}
    if subject.argument.startswith("#"):
        return dict(enumerate(known.values(), 1)).get(int(subject.argument[1:]))
    return known.get(subject.argument)


def _home(fact: Fact) -> str:
    return (fact.cls or "").partition(".")[0]


def _literal(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _named(worst: Fact, facts: Sequence[Fact]) -> Fact:
    """The worst fact with the class that came out in the end, and a word where it is no optimizer."""
    cls, generation = next(((fact.cls, fact.generation) for fact in reversed(facts) if fact.cls), (None, None))
    message = "the optimizer stays a dict" if cls and cls.endswith("_DictWrapper") else worst.message
    return replace(worst, cls=cls, generation=generation, message=message)
