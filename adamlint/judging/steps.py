"""At which release on the way from one to another a problem begins or changes: what `adamlint plan` tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from adamlint.atlas import Cell, Fact, Outcome
from adamlint.findings import Effect
from adamlint.judging.effects import LINES, Facts, Judgement, differing, failure, grouped, judge
from adamlint.rule import Problem
from adamlint.target import Target

Kind = tuple[str, str, bool]  # platform, mode, tf_keras: what a cell is in every release


def changes(
    problem: Problem, facts: Facts, left: Target, told: Target, way: Sequence[str]
) -> Iterator[tuple[str, Target, Judgement]]:
    """Yield the releases of an ascending ``way`` at which a problem begins or changes, each with the target of that step.

    Where a release was not measured, nothing is known to change there: the next one is compared with the last that was.
    """
    if problem.always is not None:
        return
    others = differing(problem, facts)  # a line counts where it is another than that of the compared form
    facts = {cell: fact if cell in others else replace(fact, generation=None) for cell, fact in facts.items()}
    known: dict[Kind, Fact] = {}
    for number, release in enumerate(way):
        kinds = {_kind(cell) for cell in left.cells if cell.tensorflow == release}
        now = {_kind(cell): fact for cell, fact in facts.items() if cell.tensorflow == release}
        step = way[max(number - 1, 0) : number + 1]
        pair = Target(frozenset(cell for cell in told.cells if cell.tensorflow in step))
        judgement = _step(problem, known, now, facts, pair, release) if number else None
        if judgement is not None:
            yield release, pair, judgement
        known = {kind: fact for kind, fact in (known | now).items() if kind in kinds}


def _step(
    problem: Problem, earlier: Mapping[Kind, Fact], later: Mapping[Kind, Fact], facts: Facts, pair: Target, release: str
) -> Judgement | None:
    if all(_meaning(problem, earlier.get(kind)) == _meaning(problem, fact) for kind, fact in later.items()):
        return None
    judged = judge(problem, {cell: fact for cell, fact in facts.items() if cell.tensorflow == release}, pair)
    moves = any(_line(problem, earlier[kind]) != _line(problem, later[kind]) for kind in earlier.keys() & later.keys())
    effect = judged.effect if judged is not None else Effect.IMPLICIT
    if moves and effect is Effect.IMPLICIT:
        effect = Effect.DIFFERS
    elif judged is None or (effect is Effect.IMPLICIT and not moves and problem.compare is not None):
        return None
    there = {cell: fact for cell, fact in facts.items() if cell in pair.cells}
    return Judgement(effect, ", ".join(grouped(there, pair, lambda fact: _said(problem, fact))))


def _kind(cell: Cell) -> Kind:
    return cell.platform, cell.mode, cell.tf_keras


def _line(problem: Problem, fact: Fact) -> str | None:
    """The line of development, where the problem is about that and the code runs."""
    runs = fact.outcome in (Outcome.OK, Outcome.WARNS)
    return LINES.get(fact.generation or "") if problem.compare is not None and runs else None


def _said(problem: Problem, fact: Fact) -> str | None:
    fails = fact.outcome in problem.effects and fact.outcome is not Outcome.OK
    return (problem.says.get(fact.outcome) or failure(fact)) if fails else _line(problem, fact)


def _meaning(problem: Problem, fact: Fact | None) -> tuple[object, ...] | None:
    return None if fact is None else (problem.effects.get(fact.outcome), _said(problem, fact), _line(problem, fact))
