"""What a problem does to the user at the target, and why: from the atlas, never from a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from adamlint.atlas import Cell, Construct, Fact, Import, Outcome, Subject, look_up
from adamlint.findings import Effect
from adamlint.rule import Problem
from adamlint.target import Target, describe

_WORST = (Outcome.RAISES, Outcome.IGNORED, Outcome.WARNS, Outcome.OK)
LINES = {"optimizer_v2": "the legacy class", "keras2": "the new class", "keras3": "the new class", "v1": "the TF 1 class"}


@dataclass(frozen=True)
class Judgement:
    """The effect of a problem at the target and the releases it comes from, in words."""

    effect: Effect
    why: str


Facts = Mapping[Cell, Fact]


def gather(subjects: Iterable[Subject], cells: Iterable[Cell], handled: frozenset[str]) -> dict[Cell, Fact]:
    """Return the worst measured answer of ``subjects`` for each cell; errors named in ``handled`` are gone around.

    Cells that were not measured are left out: a rule is silent there.
    """
    there = frozenset(cells)
    return worst(((subject, there) for subject in subjects), handled)


def worst(asked: Iterable[tuple[Subject, frozenset[Cell]]], handled: frozenset[str]) -> dict[Cell, Fact]:
    """Return the worst answer for each cell of subjects that are each asked about in cells of their own."""
    facts: dict[Cell, Fact] = {}
    for subject, there in asked:
        for cell, fact in _answers(subject, there).items():
            gone_around = fact.outcome is Outcome.RAISES and fact.error in handled
            if not gone_around and (cell not in facts or _WORST.index(fact.outcome) < _WORST.index(facts[cell].outcome)):
                facts[cell] = fact
    return facts


@lru_cache(maxsize=1000)  # a project asks about the same few forms at one target, again and again
def _answers(subject: Subject, cells: frozenset[Cell]) -> dict[Cell, Fact]:
    return {cell: fact for cell in cells if (fact := _answer(subject, cell)) is not None}


def _answer(subject: Subject, cell: Cell) -> Fact | None:
    """Ask the atlas; where the class itself cannot be had, nothing that is done with it is at fault."""
    if not isinstance(subject, (Construct, Import)) and (path := getattr(subject, "path", "")):
        made = look_up(Construct(path), cell)
        if made is not None and made.outcome is Outcome.RAISES:
            return None
    fact = look_up(subject, cell)
    return None if fact is not None and lacks_package(subject, fact) else fact


def lacks_package(subject: Subject, fact: Fact) -> bool:
    """Tell whether nothing of the package is there (tf_keras before 2.15): then it is no release to ask about."""
    roots = [getattr(subject, name, "").partition(".")[0] for name in ("path", "package")]
    return fact.error == "ModuleNotFoundError" and fact.message in [f"No module named '{root}'" for root in roots if root]


def judge(problem: Problem, facts: Facts, target: Target) -> Judgement | None:
    """Return what a problem does at the target; None where it has no effect there."""
    if problem.always is not None:
        return Judgement(problem.always, "")
    effects = {cell: problem.effects[fact.outcome] for cell, fact in facts.items() if fact.outcome in problem.effects}
    others = differing(problem, facts)
    found = set(effects.values()) | ({Effect.DIFFERS} if others else set())
    if not found or (problem.wholly and len(effects) < len(facts)):
        return None
    worst = min(found, key=lambda effect: effect.rank)
    if worst is Effect.DIFFERS and others:
        return Judgement(worst, ", ".join(grouped(others, target, lambda fact: LINES.get(fact.generation or ""))))
    return Judgement(worst, _reasons(problem, facts, target, worst))


def differing(problem: Problem, facts: Facts) -> dict[Cell, Fact]:
    """Return the answers in cells where the optimizer is of another line than the form that the problem compares it with."""
    if problem.compare is None:
        return {}
    working = {cell: fact for cell, fact in facts.items() if fact.outcome in (Outcome.OK, Outcome.WARNS) and fact.generation}
    others = gather((problem.compare,), working, frozenset())
    lines = {cell: LINES.get(other.generation or "") for cell, other in others.items() if other.outcome is not Outcome.RAISES}
    return {cell: fact for cell, fact in working.items() if cell in lines and LINES.get(fact.generation or "") != lines[cell]}


def _reasons(problem: Problem, facts: Facts, target: Target, effect: Effect) -> str:
    if problem.effects.get(Outcome.OK) is effect:
        return ""
    told = {cell: fact for cell, fact in facts.items() if fact.outcome in problem.effects}
    return ", ".join(grouped(told, target, lambda fact: problem.says.get(fact.outcome) or failure(fact)))


def failure(fact: Fact) -> str | None:
    """Say what goes wrong; None where nothing does."""
    if fact.outcome is Outcome.RAISES:
        return f"raises {fact.error}"
    return {Outcome.IGNORED: "is ignored", Outcome.WARNS: "warns"}.get(fact.outcome)


def grouped(facts: Facts, target: Target, label: Callable[[Fact], str | None]) -> list[str]:
    """Say where each label holds, the oldest release first: "raises ValueError on 2.16+"."""
    groups: dict[str, set[Cell]] = {}
    for cell, fact in facts.items():
        said = label(fact)
        if said:
            groups.setdefault(said, set()).add(cell)
    ordered = sorted(groups.items(), key=lambda item: (min(_age(cell) for cell in item[1]), item[0]))
    return [f"{said} on {describe(cells, target)}" for said, cells in ordered]


def _age(cell: Cell) -> tuple[int, ...]:
    return tuple(int(part) for part in cell.tensorflow.split("."))
