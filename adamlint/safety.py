"""Whether a rewrite is safe, by DESIGN.md §5: decided from the atlas and the target, never by a rule."""

from __future__ import annotations

from contextlib import suppress

from adamlint.atlas import Cell, DefaultRate, Member, Outcome, look_up
from adamlint.atlas.generations import apart
from adamlint.effects import Facts, lacks_package
from adamlint.findings import Safety
from adamlint.needles import Project
from adamlint.rule import Remedy
from adamlint.target import Target, describe

TOLERANCE = 2e-5  # of the weights of two generations after 50 steps: §5 (b)


def safety(remedy: Remedy, facts: Facts, left: Target, project: Project) -> tuple[Safety, str] | None:
    """Decide by DESIGN.md §5 whether a rewrite is safe, and say why; None where it would break a target."""
    decided = _decide(remedy, facts, left, project)
    stuck = _stuck(remedy, left) if remedy.trained else ""
    return (Safety.UNSAFE, stuck) if decided is not None and stuck else decided


def _stuck(remedy: Remedy, left: Target) -> str:
    """Say where a model does not train with what a rewrite makes: it raises, or `compile` leaves no optimizer; "" where it does."""
    found = {cell: [fact for subject in remedy.trained if (fact := look_up(subject, cell)) is not None] for cell in left.cells}
    stuck = {cell for cell, facts in found.items() if any(fact.generation is None for fact in facts)}
    if stuck:
        return f"it raises still on {describe(stuck, left)}"
    unknown = any(cell.mode == "graph" and not facts for cell, facts in found.items())
    return "it may raise still: not measured in graph mode" if unknown else ""


def _decide(remedy: Remedy, facts: Facts, left: Target, project: Project) -> tuple[Safety, str] | None:
    if remedy.fixes_rate and project.sets_rate:
        return None
    reason, changes_line = "the same class on every targeted release", False
    if remedy.instead is None:
        failed = any(fact.outcome is Outcome.RAISES for fact in facts.values())
        return (Safety.UNSAFE, remedy.unsafe) if remedy.unsafe else (Safety.SAFE, "it failed before" if failed else reason)
    ignored: set[Cell] = set()
    measured = True
    for cell in left.cells:
        before, after = facts.get(cell), look_up(remedy.instead, cell)
        if after is None:
            measured = False
            continue
        if lacks_package(remedy.instead, after):
            continue
        broken = before is not None and before.outcome is Outcome.RAISES
        if after.outcome is Outcome.RAISES:
            if not broken or remedy.unsafe or remedy.everywhere:  # what has to be looked at anyway must run everywhere
                return None
        elif broken:
            reason = "it failed before"
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
        return _exchange(remedy, project)
    if remedy.doubt is not None and remedy.doubt.sure:
        return Safety.UNSAFE, remedy.doubt.why
    return Safety.SAFE, _new_rate(remedy, ignored, left) if ignored else reason


def _new_rate(remedy: Remedy, ignored: set[Cell], left: Target) -> str:
    """Say which rate takes effect where it was ignored: §5 (d); the written one may be the default that was taken instead."""
    was = "left as it was" if isinstance(remedy.instead, Member) else _default(remedy, ignored)
    with suppress(ValueError):
        if float(remedy.takes_effect) == float(was):
            return f"the rate on {describe(ignored, left)} stays {was}, the default"
    return f"the rate on {describe(ignored, left)} becomes {remedy.takes_effect}, was {was}"


def _default(remedy: Remedy, cells: set[Cell]) -> str:
    path = getattr(remedy.instead, "path", "")
    facts = [look_up(DefaultRate(path), cell) for cell in cells]
    known = {fact.message for fact in facts if fact is not None and fact.outcome is not Outcome.RAISES}
    return known.pop() or "the default" if len(known) == 1 else "the default"


def _exchange(remedy: Remedy, project: Project) -> tuple[Safety, str]:
    """Judge a rewrite to another generation of the same optimizer: §5 (b)."""
    name = getattr(remedy.instead, "path", "").rpartition(".")[2]
    dense, sparse = apart(name, sparse=False), apart(name, sparse=True)
    if dense is None or dense > TOLERANCE:
        return Safety.UNSAFE, "the generation changes on a target, and the two train differently"
    if project.sparse and (sparse is None or sparse > TOLERANCE):
        return Safety.UNSAFE, "the generation changes on a target, and with sparse gradients (Embedding) the two train differently"
    if remedy.doubt is not None:
        return Safety.UNSAFE, f"the generation changes on a target, and {remedy.doubt.why}"
    if project.forbids:
        return Safety.UNSAFE, f"the generation changes on a target, and {project.forbids}"
    return Safety.SAFE, "where the generation changes, the weights come out within 2e-5"
