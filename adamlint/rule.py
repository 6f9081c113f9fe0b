"""All that the author of a rule imports: Rule, Problem, Remedy and Module."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeVar

from adamlint.atlas import Outcome, Subject
from adamlint.findings import Effect

if TYPE_CHECKING:
    import libcst as cst

    from adamlint.module import Module

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
    """A rewrite that a rule offers; the engine decides from the atlas and the target whether it is safe (DESIGN.md §5)."""

    title: str
    changes: tuple[Change, ...]
    instead: Subject | None = None  # what stands there afterwards; None: the same object by another spelling
    unsafe: str = ""  # why it is never safe, where only the rule can know
    takes_effect: str = ""  # §5 (d): the rate that takes effect where a release ignored it
    exchange: Literal["judged", "unsafe", "refused"] = "judged"  # where the generation would change: by §5 (b), never safe, not offered
    eager: bool = False  # whether it does the same only where eager execution is on
    doubt: Doubt | None = None  # what speaks against an instance of another generation at this place
    fixes_rate: bool = False  # whether the rate cannot be set afterwards: not offered where the project does
    trained: Subject | None = None  # what `compile` and `fit` do with it, where that is where it goes, and they raised before
    everywhere: bool = False  # whether it is offered only where it runs on every target, though it raised before on some


@dataclass(frozen=True)
class Problem:
    """What a rule found at ``node``; its effect comes from what the atlas says of ``subjects`` at the target.

    ``effects`` maps outcomes to effects where the rule means something else than "it fails". With ``compare`` the
    generations are held against those of another form: where they differ, the effect is at least ``differs``.
    ``at`` is the place that fails where it is another than the one to change: its guards and handlers count too.
    ``always`` is the effect of a problem that no release changes. ``says`` puts outcomes into other words than "raises …".
    ``see`` is another place that the message names, by its line. ``besides`` are errors that come of something else.
    With ``wholly`` there is only a problem where it is one on every targeted release.
    """

    node: cst.CSTNode
    message: str
    subjects: tuple[Subject, ...] = ()
    effects: Mapping[Outcome, Effect] = field(default_factory=lambda: FAILS)
    compare: Subject | None = None
    always: Effect | None = None
    says: Mapping[Outcome, str] = field(default_factory=dict)
    at: cst.CSTNode | None = None
    see: cst.CSTNode | None = None
    besides: frozenset[str] = frozenset()
    wholly: bool = False
    remedy: Remedy | None = None


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
