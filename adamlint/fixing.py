"""From a program to its fixed text: which fixes go together, and what is refused. Pure, and handed the rules that it runs."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import libcst as cst

from adamlint import verify
from adamlint.engine import Report, Settings, lint
from adamlint.findings import Edit, Effect, Finding, Fix, Place, Safety
from adamlint.program.environment import Startup
from adamlint.program.imports import bound_name, uses
from adamlint.program.module import Module
from adamlint.rule import CODES, Rule
from adamlint.text.source import Program, Refused
from adamlint.text.tree import Tree, parse

_ROUNDS = 10  # each can uncover what overlapping edits of the one before hid


@dataclass(frozen=True)
class Fixed:
    """A program after fixing, what is left to report, how many fixes were applied, and of what."""

    program: Program
    report: Report
    applied: int
    mended: tuple[Finding, ...] = ()  # each at its place in the round that mended it


def fix(
    program: Program,
    rules: Sequence[Rule],
    settings: Settings,
    unsafe: bool,
    outside: Startup | None = None,
    importers: Callable[[str], bool] | None = None,
) -> Fixed:
    """Apply the fixes of what is shown, round after round, until none is left; then drop the imports that they left unused.

    Where one round would break the program, or change more of it than its edits, the program is left as it was given.
    ``importers`` tells whether another file may take a name from this one; without it, all imports stay.
    Raises RecursionError as ``lint``.
    """
    original, mended = program, list[Finding]()
    report = first = lint(program, rules, settings, outside)
    for _ in range(_ROUNDS):
        chosen = _compatible(_fixes(report, unsafe))
        if not chosen:
            break
        changed, refused = _apply(program, [edit for _, fixed in chosen for edit in fixed.edits])
        if changed is None:
            return Fixed(original, _with_refusal(first, refused, unsafe) if "ADM903" in settings.own else first, 0)
        program = changed
        mended += [finding for finding, _ in chosen]
        report = lint(program, rules, settings, outside)
    tidy = _without_unused(program, original, importers) if importers is not None and mended else program
    return Fixed(tidy, report if tidy is program else lint(tidy, rules, settings, outside), len(mended), tuple(mended))


def _without_unused(program: Program, original: Program, importers: Callable[[str], bool]) -> Program:
    """Drop the imports whose last use was edited away, one by one."""
    edit = Module(program.text, program.borders).edit
    for alias in edit.unused(original.written, program.written):
        if uses(Tree(original.text), bound_name(alias)) and not importers(bound_name(alias)):
            change = edit.drop_import(alias)
            changed, _ = _apply(program, [Edit(program.place(change.start, change.end), change.text)])
            return _without_unused(changed, original, importers) if changed is not None else program
    return program


def _with_refusal(report: Report, why: str, unsafe: bool) -> Report:
    """Add to a report, at the first of what was to be fixed, that nothing was."""
    place, _ = next(_fixes(report, unsafe))
    refusal = replace(place, code="ADM903", name=CODES["ADM903"], message=why, effect=Effect.BREAKS, fix=None)
    return replace(report, findings=tuple(sorted([*report.findings, refusal], key=lambda f: f.sort_key)))


def _fixes(report: Report, unsafe: bool) -> Iterator[tuple[Finding, Fix]]:
    for finding in report.findings:
        if finding.fix is not None and (unsafe or finding.fix.safety is Safety.SAFE):
            yield finding, finding.fix


def _compatible(fixes: Iterator[tuple[Finding, Fix]]) -> list[tuple[Finding, Fix]]:
    """Take fixes whose edits do not overlap; an edit that two of them share (an import) is made once.

    Two findings of one call wait for each other, too: both might write the same argument.
    """
    edits: set[Edit] = set()
    edited, found = _Taken(), _Taken()
    chosen: list[tuple[Finding, Fix]] = []
    for finding, fixed in fixes:
        new = [edit for edit in fixed.edits if edit not in edits]
        if not found.meets(finding.place) and not any(edited.meets(edit.place) for edit in new):
            found.add(finding.place)
            for edit in dict.fromkeys(new):
                edited.add(edit.place)
            edits.update(new)
            chosen.append((finding, fixed))
    return chosen


class _Taken:
    """Places that do not overlap, in order; touching counts as overlapping: which comes first would be a guess."""

    def __init__(self) -> None:
        self._spans: list[tuple[tuple[int, int, int], tuple[int, int, int]]] = []

    def meets(self, place: Place) -> bool:
        """Tell whether a place overlaps one of these."""
        start, end = _ends(place)
        index = bisect_right(self._spans, end, key=lambda span: span[0])
        return index > 0 and self._spans[index - 1][1] >= start

    def add(self, place: Place) -> None:
        """Take a place that meets none of the others."""
        insort(self._spans, _ends(place))


def _ends(place: Place) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    cell = -1 if place.cell is None else place.cell
    return (cell, place.line, place.column), (cell, place.end_line, place.end_column)


def _apply(program: Program, wanted: Iterable[Edit]) -> tuple[Program | None, str]:
    edits = dict.fromkeys(wanted)
    try:
        changed = program.rewrite(edits)
        parse(changed.text)
    except cst.ParserSyntaxError:
        return None, "the fix would leave code that does not parse; nothing was changed"
    except Refused as error:
        return None, f"the fix cannot be made: {error}"
    why = verify.refusal(program.text, changed.text, list(program.spans(changed, edits)))
    return (None, f"the fix {why}; nothing was changed") if why else (changed, "")
