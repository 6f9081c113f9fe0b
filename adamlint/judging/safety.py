"""Whether a rewrite is safe, as the README has it under "What is safe": decided from the atlas and the target, never by a rule."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

from adamlint.atlas import ByName, Cell, DefaultRate, Fact, Member, Outcome, Subject, look_up
from adamlint.atlas.generations import apart
from adamlint.findings import Safety
from adamlint.judging.effects import Facts, failure, lacks_package
from adamlint.needles import Project
from adamlint.rule import Remedy
from adamlint.target import Target, describe

TOLERANCE = 2e-5  # of the weights of two generations after 50 steps: §5 (b)
_SAME = "the same class on every targeted release"


@dataclass(frozen=True)
class Verdict:
    """How safe a rewrite is, and why; ``safety`` is None where it is not to be offered."""

    safety: Safety | None
    why: str


@dataclass
class _Cells:
    """What a rewrite does in the cells of a target."""

    breaks: dict[Cell, str] = field(default_factory=dict)  # it would raise, where that speaks against it
    ignored: set[Cell] = field(default_factory=set)  # a value takes effect that was ignored
    exchanged: set[Cell] = field(default_factory=set)  # an optimizer of another generation comes out
    mended: bool = False  # it failed before
    measured: bool = True


def safety(remedy: Remedy, facts: Facts, left: Target, project: Project) -> Verdict:
    """Decide whether a rewrite is safe, and say why."""
    decided = _decide(remedy, facts, left, project)
    stuck = _stuck(remedy, left) if remedy.trained else ""
    return Verdict(Safety.UNSAFE, stuck) if decided.safety is not None and stuck else decided


def _stuck(remedy: Remedy, left: Target) -> str:
    """Say where a model does not train with what a rewrite makes: it raises, or `compile` leaves no optimizer; "" where it does."""
    found = {cell: [fact for subject in remedy.trained if (fact := look_up(subject, cell)) is not None] for cell in left.cells}
    stuck = {cell for cell, facts in found.items() if any(fact.generation is None for fact in facts)}
    if stuck:
        return f"it raises still on {describe(stuck, left)}"
    unknown = any(cell.mode == "graph" and not facts for cell, facts in found.items())
    return "it may raise still: not measured in graph mode" if unknown else ""


def _decide(remedy: Remedy, facts: Facts, left: Target, project: Project) -> Verdict:
    if remedy.fixes_rate and project.sets_rate:
        return Verdict(None, "the rate is set afterwards")
    if remedy.instead is None and not remedy.needs:
        failed = any(fact.outcome is Outcome.RAISES for fact in facts.values())
        safe = "it failed before" if failed else remedy.safe or _SAME
        return Verdict(Safety.UNSAFE, remedy.unsafe) if remedy.unsafe else Verdict(Safety.SAFE, safe)
    cells = _surveyed(remedy, facts, left)
    if cells.breaks:
        return Verdict(None, f"it {min(cells.breaks.values())} on {describe(cells.breaks, left)}")
    if cells.exchanged and remedy.exchange == "refused":
        return Verdict(None, "the generation changes on a target")
    if cells.exchanged and remedy.doubt is not None and remedy.doubt.sure:
        return Verdict(None, remedy.doubt.why)
    unsafe = _unsafe(remedy, cells, left, project)
    return Verdict(Safety.UNSAFE, unsafe) if unsafe else Verdict(Safety.SAFE, _harmless(remedy, cells, left))


def _surveyed(remedy: Remedy, facts: Facts, left: Target) -> _Cells:
    found = _Cells()
    for cell in left.cells:
        broken = cell in facts and facts[cell].outcome is Outcome.RAISES
        lenient = broken and not (remedy.unsafe or remedy.everywhere)  # what has to be looked at anyway must run everywhere
        for need in remedy.needs:
            fact = look_up(need, cell)
            found.measured &= fact is not None
            if fact is not None and fact.outcome in (Outcome.RAISES, Outcome.IGNORED) and not lenient:
                found.breaks[cell] = failure(fact) or ""
        if remedy.instead is not None:
            _compare(remedy.instead, cell, facts.get(cell), lenient, found)
    return found


def _compare(instead: Subject, cell: Cell, before: Fact | None, lenient: bool, found: _Cells) -> None:
    """Hold what stands in a place afterwards against what stood there."""
    after, broken = look_up(instead, cell), before is not None and before.outcome is Outcome.RAISES
    found.measured &= after is not None
    if after is None or lacks_package(instead, after):
        return
    if after.outcome is Outcome.RAISES:
        if not lenient:
            found.breaks[cell] = failure(after) or ""
    elif broken:
        found.mended = True
    elif before is not None and before.outcome is Outcome.IGNORED:
        found.ignored.add(cell)
    elif before is not None and after.generation != before.generation:
        if cell.mode == "graph" and after.generation != "optimizer_v2":
            found.breaks[cell] = "fails in `fit`"  # where the legacy class trains
        found.exchanged.add(cell)


def _unsafe(remedy: Remedy, cells: _Cells, left: Target, project: Project) -> str:
    """Return why a rewrite that runs everywhere is not safe; "" where it is."""
    if remedy.unsafe or not cells.measured:
        return remedy.unsafe or "not measured on every targeted release"
    if remedy.eager and any(cell.mode == "graph" for cell in left.cells):
        return "in graph mode it would only build an operation"
    if cells.ignored and not remedy.takes_effect:
        return "the value was ignored before"
    if cells.exchanged:
        against = _against_exchange(remedy, project)
        return f"the generation changes on a target{against}" if against is not None else ""
    return remedy.doubt.why if remedy.doubt is not None and remedy.doubt.sure else ""


def _against_exchange(remedy: Remedy, project: Project) -> str | None:
    """Return what speaks against another generation of the same optimizer, §5 (b), as the end of a sentence; None for nothing."""
    if remedy.exchange == "unsafe":
        return ""
    name = "Adam" if isinstance(remedy.instead, ByName) else getattr(remedy.instead, "path", "").rpartition(".")[2]
    dense, sparse = apart(name, sparse=False), apart(name, sparse=True)
    if dense is None or dense > TOLERANCE:
        return ", and the two train differently"
    if project.sparse and (sparse is None or sparse > TOLERANCE):
        return ", and with sparse gradients (Embedding) the two train differently"
    if remedy.doubt is not None:
        return f", and {remedy.doubt.why}"
    return f", and {project.forbids}" if project.forbids else None


def _harmless(remedy: Remedy, cells: _Cells, left: Target) -> str:
    """Return why a rewrite is safe."""
    if cells.exchanged:
        return "where the generation changes, the weights come out within 2e-5"
    if cells.ignored:
        return _new_rate(remedy, cells.ignored, left)
    return "it failed before" if cells.mended else _SAME


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
