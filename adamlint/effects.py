"""What a problem does to the user at the target, why, and whether its rewrite is safe: all from the atlas, never from a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from adamlint.atlas import Cell, Construct, DefaultRate, Fact, Import, Member, Outcome, Subject, look_up
from adamlint.findings import Effect, Safety
from adamlint.needles import Project
from adamlint.rule import Problem, Remedy
from adamlint.target import Target, describe

_WORST = (Outcome.RAISES, Outcome.IGNORED, Outcome.WARNS, Outcome.OK)
_LINE = {"optimizer_v2": "the legacy class", "keras2": "the new class", "keras3": "the new class", "v1": "the TF 1 class"}


@dataclass(frozen=True)
class Judgement:
    """The effect of a problem at the target and the releases it comes from, in words."""

    effect: Effect
    why: str


Facts = Mapping[Cell, Fact]
Kind = tuple[str, str, bool]  # platform, mode, tf_keras: what a cell is in every release


def gather(subjects: Iterable[Subject], cells: Iterable[Cell], handled: frozenset[str]) -> dict[Cell, Fact]:
    """Return the worst measured answer of ``subjects`` for each cell; errors named in ``handled`` are gone around.

    Cells that were not measured are left out: a rule is silent there.
    """
    asked = tuple(subjects)
    facts: dict[Cell, Fact] = {}
    for cell in cells:
        found = [fact for subject in asked if (fact := _answer(subject, cell)) is not None]
        found = [fact for fact in found if fact.outcome is not Outcome.RAISES or fact.error not in handled]
        if found:
            facts[cell] = min(found, key=lambda fact: _WORST.index(fact.outcome))
    return facts


def _answer(subject: Subject, cell: Cell) -> Fact | None:
    """Ask the atlas; where the class itself cannot be had, nothing that is done with it is at fault."""
    if not isinstance(subject, (Construct, Import)) and (path := getattr(subject, "path", "")):
        made = look_up(Construct(path), cell)
        if made is not None and made.outcome is Outcome.RAISES:
            return None
    fact = look_up(subject, cell)
    return None if fact is not None and _lacks_package(subject, fact) else fact


def _lacks_package(subject: Subject, fact: Fact) -> bool:
    """Tell whether nothing of the package is there (tf_keras before 2.15): then it is no release to ask about."""
    root = (getattr(subject, "path", "") or getattr(subject, "package", "")).partition(".")[0]
    return fact.error == "ModuleNotFoundError" and fact.message == f"No module named '{root}'"


def judge(problem: Problem, facts: Facts, target: Target) -> Judgement | None:
    """Return what a problem does at the target; None where it has no effect there."""
    if problem.always is not None:
        return Judgement(problem.always, "")
    effects = {cell: problem.effects[fact.outcome] for cell, fact in facts.items() if fact.outcome in problem.effects}
    differing = _differing(problem, facts)
    found = set(effects.values()) | ({Effect.DIFFERS} if differing else set())
    if not found:
        return None
    worst = min(found, key=lambda effect: effect.rank)
    return Judgement(worst, _reasons(problem, facts, target, worst))


def _differing(problem: Problem, facts: Facts) -> bool:
    """Tell whether the optimizer is of several lines at the target, or of another than the form it is compared with."""
    if problem.compare is None:
        return False
    working = {cell: fact for cell, fact in facts.items() if fact.outcome in (Outcome.OK, Outcome.WARNS) and fact.generation}
    if len({_LINE.get(fact.generation or "") for fact in working.values()}) > 1:
        return True
    # In graph mode the other form is no alternative: compile takes a new optimizer, and fit fails (measured on 2.11, 2.12 and 2.15: no attribute 'get_updates').
    others = gather((problem.compare,), (cell for cell in working if cell.mode == "eager"), frozenset())
    return any(
        other.outcome is not Outcome.RAISES and _LINE.get(other.generation or "") != _LINE.get(working[cell].generation or "")
        for cell, other in others.items()
    )


def _reasons(problem: Problem, facts: Facts, target: Target, effect: Effect) -> str:
    if effect is Effect.DIFFERS and problem.compare is not None:
        lines = _group(facts, target, lambda fact: _LINE.get(fact.generation or ""))
        return f"{min(lines, key=len)}, not elsewhere" if len(lines) > 1 else lines[0]
    if problem.effects.get(Outcome.OK) is effect:
        return ""
    told = {cell: fact for cell, fact in facts.items() if fact.outcome in problem.effects}
    return ", ".join(_group(told, target, lambda fact: problem.says.get(fact.outcome) or _failure(fact)))


def _failure(fact: Fact) -> str | None:
    if fact.outcome is Outcome.RAISES:
        return f"raises {fact.error}"
    return {Outcome.IGNORED: "is ignored", Outcome.WARNS: "warns"}.get(fact.outcome)


def _group(facts: Facts, target: Target, label: Callable[[Fact], str | None]) -> list[str]:
    groups: dict[str, set[Cell]] = {}
    for cell, fact in facts.items():
        said = label(fact)
        if said:
            groups.setdefault(said, set()).add(cell)
    ordered = sorted(groups.items(), key=lambda item: (min(_age(cell) for cell in item[1]), item[0]))
    return [f"{said} on {describe(cells, target)}" for said, cells in ordered]


def _age(cell: Cell) -> tuple[int, ...]:
    return tuple(int(part) for part in cell.tensorflow.split("."))


def changes(
    problem: Problem, facts: Facts, left: Target, told: Target, way: Sequence[str]
) -> Iterator[tuple[str, Target, Judgement]]:
    """Yield the releases of an ascending ``way`` at which a problem begins or changes, each with the target of that step.

    Where a release was not measured, nothing is known to change there: the next one is compared with the last that was.
    """
    if problem.always is not None:
        return
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
    elif judged is None:
        return None
    there = {cell: fact for cell, fact in facts.items() if cell in pair.cells}
    return Judgement(effect, ", ".join(_group(there, pair, lambda fact: _said(problem, fact))))


def _kind(cell: Cell) -> Kind:
    return cell.platform, cell.mode, cell.tf_keras


def _line(problem: Problem, fact: Fact) -> str | None:
    """The line of development, where the problem is about that and the code runs."""
    runs = fact.outcome in (Outcome.OK, Outcome.WARNS)
    return _LINE.get(fact.generation or "") if problem.compare is not None and runs else None


def _said(problem: Problem, fact: Fact) -> str | None:
    fails = fact.outcome in problem.effects and fact.outcome is not Outcome.OK
    return (problem.says.get(fact.outcome) or _failure(fact)) if fails else _line(problem, fact)


def _meaning(problem: Problem, fact: Fact | None) -> tuple[object, ...] | None:
    return None if fact is None else (problem.effects.get(fact.outcome), _said(problem, fact), _line(problem, fact))


def safety(
    remedy: Remedy, problem: Problem, facts: Facts, left: Target, project: Project
) -> tuple[Safety, str] | None:
    """Decide by DESIGN.md §5 whether a rewrite is safe, and say why; None where it would break a target."""
    if remedy.instead is None:
        return (Safety.UNSAFE, remedy.unsafe) if remedy.unsafe else (Safety.SAFE, "the same class on every targeted release")
    reason, changes_line = "the same class on every targeted release", False
    ignored: set[Cell] = set()
    measured = True
    for cell in left.cells:
        before, after = facts.get(cell), look_up(remedy.instead, cell)
        if after is None:
            measured = False
            continue
        if _lacks_package(remedy.instead, after):
            continue
        broken = before is not None and before.outcome is Outcome.RAISES
        if after.outcome is Outcome.RAISES:
            if not broken or remedy.unsafe or remedy.everywhere:  # what has to be looked at anyway must run everywhere
                return None
        elif broken:
            reason = "it raised before"
        elif before is not None and before.outcome is Outcome.IGNORED:
            ignored.add(cell)
        elif before is not None and after.generation != before.generation:
            if cell.mode == "graph":
                return None  # the legacy class trains there, and the new one fails in fit
            changes_line = True
    if remedy.unsafe or not measured:
        return Safety.UNSAFE, remedy.unsafe or "not measured on every targeted release"
    if remedy.eager and any(cell.mode == "graph" for cell in left.cells):
        return Safety.UNSAFE, "in graph mode it would only build an operation"
    if ignored and not remedy.takes_effect:
        return Safety.UNSAFE, "the value was ignored before"
    if changes_line and remedy.exchange != "judged":
        return (Safety.UNSAFE, "the generation changes on a target") if remedy.exchange == "unsafe" else None
    if changes_line:
        return _exchange(project)
    if ignored:
        was = "left as it was" if isinstance(remedy.instead, Member) else _default(remedy, ignored)
        reason = f"the rate on {describe(ignored, left)} becomes {remedy.takes_effect}, was {was}"
    return Safety.SAFE, reason


def _default(remedy: Remedy, cells: set[Cell]) -> str:
    path = getattr(remedy.instead, "path", "")
    facts = [look_up(DefaultRate(path), cell) for cell in cells]
    known = {fact.message for fact in facts if fact is not None and fact.outcome is not Outcome.RAISES}
    return known.pop() or "the default" if len(known) == 1 else "the default"


def _exchange(project: Project) -> tuple[Safety, str]:
    """Judge a rewrite to another generation of the same optimizer: §5 (b)."""
    if project.forbids:
        return Safety.UNSAFE, f"the generation changes on a target, and {project.forbids}"
    return Safety.SAFE, "where the generation changes, the weights come out within 2e-5"
