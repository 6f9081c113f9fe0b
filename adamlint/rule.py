"""All that the author of a rule imports: Rule, Problem, Remedy and Module."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeVar

from adamlint.atlas import Cell, Fact, Outcome, Subject
from adamlint.findings import Effect, Place

if TYPE_CHECKING:
    import libcst as cst

    from adamlint.program.module import Module

# Every code of the design, whether or not its rule is there yet, so that configurations outlive releases.
CODES: Mapping[str, str] = {
    "ADM101": "string-optimizer", "ADM102": "implicit-learning-rate", "ADM103": "optimizer-config-dict",
    "ADM104": "optimizer-class", "ADM105": "adamw-by-name", "ADM106": "graph-mode-optimizer",
    "ADM111": "mixed-optimizer-forms", "ADM112": "mixed-optimizer-generations", "ADM113": "mixed-keras",
    "ADM201": "legacy-namespace", "ADM202": "experimental-namespace", "ADM203": "private-import",
    "ADM204": "v1-optimizer", "ADM205": "missing-optimizer",
    "ADM301": "lr-argument", "ADM302": "decay-argument", "ADM303": "unknown-argument",
    "ADM304": "learning-rate-type", "ADM305": "schedule-and-setter",
    "ADM401": "env-set-late", "ADM402": "env-bad-value", "ADM403": "env-no-effect", "ADM404": "env-needs-tf-keras",
    "ADM501": "double-regularization", "ADM502": "adamw-default-decay", "ADM503": "ema-not-applied",
    "ADM601": "private-attribute", "ADM602": "lr-attribute", "ADM603": "removed-method",
    "ADM604": "old-optimizer-subclass", "ADM605": "apply-gradients-argument", "ADM606": "shared-optimizer",
    "ADM607": "uncast-schedule-step", "ADM608": "loss-scale-api", "ADM609": "optimizer-type-check",
    "ADM701": "load-with-optimizer-state", "ADM702": "tfa-optimizer",
    "ADM900": "syntax-error", "ADM901": "unreadable-file", "ADM902": "needless-suppression", "ADM903": "fix-refused",
}  # fmt: skip

# The rules about a whole project, with the effect of their one finding.
PROJECT: Mapping[str, Effect] = {"ADM111": Effect.IMPLICIT, "ADM112": Effect.DIFFERS}
_NAMED = 3  # places that a verdict names of each form

FAILS: Mapping[Outcome, Effect] = {
    Outcome.RAISES: Effect.BREAKS,
    Outcome.IGNORED: Effect.BREAKS,
    Outcome.WARNS: Effect.IMPLICIT,
}


@dataclass(frozen=True)
class Change:
    """Replace the text between two offsets of the program."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Doubt:
    """Why an instance may not do with another generation of its class what it does; ``sure``: it cannot, on any release that has one."""

    why: str
    sure: bool = False


@dataclass(frozen=True)
class Remedy:
    """A rewrite that a rule offers; the engine decides from the atlas and the target whether it is safe (README, "What is safe")."""

    title: str
    changes: tuple[Change, ...]
    instead: Subject | None = None  # what stands there afterwards; None: the same object by another spelling
    needs: tuple[Subject, ...] = ()  # what else has to work, and to be heeded, wherever it stands there
    safe: str = ""  # why it is safe, where nothing else stands there afterwards
    unsafe: str = ""  # why it is never safe, where only the rule can know
    takes_effect: str = ""  # §5 (d): the rate that takes effect where a release ignored it
    exchange: Literal["judged", "unsafe", "refused"] = "judged"  # where the generation would change: by §5 (b), never safe, not offered
    eager: bool = False  # whether it does the same only where eager execution is on
    doubt: Doubt | None = None  # what speaks against an instance of another generation at this place
    fixes_rate: bool = False  # whether the rate cannot be set afterwards: not offered where the project does
    trained: tuple[Subject, ...] = ()  # what `compile` and `fit` make of it, where that is where it goes, and they raised before
    forms: bool = False  # whether it brings the setting ``form`` about: where it is not offered, the finding says why
    everywhere: bool = False  # whether it is offered only where it runs on every target, though it raised before on some


@dataclass(frozen=True)
class Problem:
    """What a rule found at ``node``; its effect comes from what the atlas says of ``subjects`` at the target.

    ``effects`` maps outcomes to effects where the rule means something else than "it fails". With ``compare`` the
    generations are held against those of another form: where they differ, the effect is at least ``differs``.
    ``at`` is the place that fails where it is another than the one to change: its guards and handlers count too.
    ``always`` is the effect of a problem that no release changes. ``says`` puts outcomes into other words than "raises …".
    ``see`` is another place that the message names, by its line, or by words for one in another file.
    There is only a problem ``where`` that holds of a cell and what was measured in it; with ``wholly`` only where it is one on every
    targeted release, with ``unguarded`` where no test narrows these.
    """

    node: cst.CSTNode
    message: str
    subjects: tuple[Subject, ...] = ()
    effects: Mapping[Outcome, Effect] = field(default_factory=lambda: FAILS)
    compare: Subject | None = None
    always: Effect | None = None
    says: Mapping[Outcome, str] = field(default_factory=dict)
    at: cst.CSTNode | None = None
    see: cst.CSTNode | str | None = None
    where: Callable[[Cell, Fact], bool] = lambda cell, fact: True
    wholly: bool = False
    unguarded: bool = False
    remedy: Remedy | None = None


@dataclass(frozen=True)
class Mention:
    """What a project rule gathers in one file: a node, and which of the rule's forms it is.

    ``generation`` is the line of optimizers that counts, as the atlas says of ``subject``.
    """

    node: cst.CSTNode
    form: str
    subject: Subject
    generation: str | None = None  # None: any that works


@dataclass(frozen=True)
class Sighting:
    """The mentions of one form in one file as the other files see them: where, and on which cells of the target they work."""

    form: str
    cells: frozenset[Cell]
    places: tuple[Place, ...]  # in order; none that a comment hides


@dataclass(frozen=True)
class Verdict:
    """What a project rule says of all files together; it is told once, at the first of the places ``at`` that was checked."""

    message: str
    at: tuple[tuple[str, Place], ...]


Sightings = Mapping[str, Sequence[Sighting]]  # by path, from the root of the project on, in order
NodeT = TypeVar("NodeT")
Check = Callable[["cst.CSTNode", "Module"], Iterator[Problem]]


class Rule:
    """One rule: its code, its checks by node type, and its documentation (the docstring of its file).

    The words without which it can find nothing stand in needles.py, so that most files need no rule to be imported.
    """

    def __init__(self, code: str, name: str) -> None:
        if CODES.get(code) != name:
            raise ValueError(f"{code} is {CODES.get(code)!r} in the design, not {name!r}")
        self.code = code
        self.name = name
        self.checks: list[tuple[type[cst.CSTNode], Check]] = []
        self._home = sys._getframe(1).f_globals["__name__"]

    def on(self, *kinds: type[NodeT]) -> Callable[[Callable[[NodeT, Module], Iterator[Problem]]], Check]:
        """Register the decorated function as the check of these node types."""

        def register(check: Callable[[NodeT, Module], Iterator[Problem]]) -> Check:
            self.checks += [(kind, check) for kind in kinds]  # type: ignore[misc]
            return check  # type: ignore[return-value]

        return register

    @cached_property
    def doc(self) -> str:
        """The docstring of the rule's file."""
        return (sys.modules[self._home].__doc__ or "").strip()

    @property
    def summary(self) -> str:
        """What is wrong, in one line."""
        return self.doc.partition("\n")[0]

    def examples(self, heading: str) -> list[str]:
        """Return the code blocks under a heading of the docstring: "Bad" or "Good"."""
        blocks = re.findall(rf"^{heading}:[^\n]*\n((?:(?:[ ]{{4}}[^\n]*)?\n)+)", self.doc + "\n", re.MULTILINE)
        return [re.sub(r"^ {4}", "", block, flags=re.MULTILINE).strip("\n") + "\n" for block in blocks]


class ProjectRule(Rule):
    """A rule about several files: it gathers mentions in each, and judges them together, once.

    ``judged`` returns None where there is nothing to say. Its finding does not stand where one of ``instead`` does.
    """

    gathered: Callable[[Module], Iterator[Mention]]
    judged: Callable[[Sightings], Verdict | None]

    def __init__(self, code: str, name: str, instead: tuple[str, ...] = ()) -> None:
        super().__init__(code, name)
        self._home = sys._getframe(1).f_globals["__name__"]
        self.effect, self.instead = PROJECT[code], instead

    def gather(self, function: Callable[[Module], Iterator[Mention]]) -> Callable[[Module], Iterator[Mention]]:
        """Register the decorated function as what is looked for in each file."""
        self.gathered = function
        return function

    def judge(self, function: Callable[[Sightings], Verdict | None]) -> Callable[[Sightings], Verdict | None]:
        """Register the decorated function as what is said of all files together."""
        self.judged = function
        return function


def tally(what: str, sightings: Sightings) -> Verdict:
    """Return a verdict that counts each form, the rarest first, and names its first places."""
    forms: dict[str, list[tuple[str, Place]]] = {}
    for path, seen in sightings.items():
        for sighting in seen:
            forms.setdefault(sighting.form, []).extend((path, place) for place in sighting.places)
    counted = sorted(((form, sorted(set(found))) for form, found in forms.items()), key=lambda item: (len(item[1]), item[0]))
    said = [f"{len(found)} {form} ({_listed(found)})" for form, found in counted]
    return Verdict(f"{what}: {', '.join(said)}", tuple(sorted({at for _, found in counted for at in found})))


def _listed(places: Sequence[tuple[str, Place]]) -> str:
    named = [f"{path}:{f'cell {place.cell + 1}:' if place.cell is not None else ''}{place.line}" for path, place in places[:_NAMED]]
    return ", ".join(named) + (", …" if len(places) > _NAMED else "")
