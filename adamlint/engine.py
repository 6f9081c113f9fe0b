"""From a program to its findings: pure, and handed the rules that it runs."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import libcst as cst

from adamlint.atlas import Cell, Outcome, releases
from adamlint.findings import Edit, Effect, Finding, Fix, Form, Place, Safety
from adamlint.judging.effects import Facts, Judgement, gather, judge, worst
from adamlint.judging.safety import Verdict, safety
from adamlint.judging.steps import changes
from adamlint.needles import Project, mentions
from adamlint.program.environment import Startup
from adamlint.program.module import Module
from adamlint.rule import CODES, Change, Mention, Problem, ProjectRule, Remedy, Rule, Sighting
from adamlint.suppress import Suppression, read_comment
from adamlint.target import Target
from adamlint.text.lines import NEWLINE, offset
from adamlint.text.source import Program
from adamlint.text.tree import dotted_name

_EVERYTHING = Target.of(releases())  # what a guard can be seen to narrow
_SUPPRESSING = re.compile("noqa|adamlint:", re.IGNORECASE)
_GRAPH_SWITCHES = ("disable_eager_execution", "disable_v2_behavior")
_ERRORS = frozenset({"AttributeError", "ImportError", "ModuleNotFoundError", "TypeError", "ValueError", "KeyError", "RuntimeError"})


@dataclass(frozen=True)
class Settings:
    """What a run is judged by.

    ``always`` are codes that are shown whatever their effect; ``auto_mode`` lets a file that switches eager execution off
    count as graph mode.
    """

    target: Target
    report: Effect = Effect.DIFFERS
    always: frozenset[str] = frozenset()
    project: Project = field(default_factory=Project)
    auto_mode: bool = True
    own: frozenset[str] = frozenset({"ADM900", "ADM902", "ADM903"})  # the engine's own codes that are selected
    form: Form = Form.CLASS  # how an Adam is to be written
    safe: frozenset[str] = frozenset()  # codes whose fixes the user takes for safe
    unsafe: frozenset[str] = frozenset()  # codes whose fixes the user takes for unsafe
    admitted: bool = False  # whether the target is that part of the project's on which a package imports the file


@dataclass(frozen=True)
class Report:
    """The findings to show, sorted, and how many of each effect are not shown."""

    findings: tuple[Finding, ...]
    hidden: Counter[Effect] = field(default_factory=Counter)
    sightings: Mapping[str, tuple[Sighting, ...]] = field(default_factory=dict)  # for project rules, by their codes


def lint(program: Program, rules: Sequence[Rule], settings: Settings, outside: Startup | None = None) -> Report:
    """Return what ``rules`` find in a program, without touching it.

    ``outside`` tells what names that it imports from its own project stand for; without it, they are not followed.
    Raises RecursionError for code nested deeper than Python's stack: the caller may try again with a larger one.
    """
    codes = [rule.code for rule in rules]
    broken = [cell for cell in program.skipped if mentions(cell.source.encode(errors="replace"), codes)]
    findings = [_broken_cell(program, cell.cell, cell.line, cell.column, cell.message) for cell in broken]
    try:
        module = Module(program.text, program.borders, outside, settings.form)
    except cst.ParserSyntaxError as error:
        findings.append(_syntax_error(program, error))
        return _shown(program, _own(findings, settings), settings)
    linting = _Linting(program, module, settings)
    sightings = linting.sightings(rules)  # first: a comment that hides one is not needless
    findings += linting.findings(rules)
    return replace(_shown(program, _own(findings, settings), settings), sightings=sightings)


def _own(findings: list[Finding], settings: Settings) -> list[Finding]:
    """Leave out the engine's own codes that are off."""
    return [f for f in findings if f.code not in CODES or not f.code.startswith("ADM9") or f.code in settings.own]


def plan(
    program: Program, rules: Sequence[Rule], settings: Settings, way: Sequence[str], outside: Startup | None = None
) -> dict[str, tuple[Finding, ...]]:
    """Return what begins or changes at each release of a way through the target, compared with the release before it.

    A program that does not parse has nothing to tell. Raises RecursionError as ``lint``.
    """
    try:
        module = Module(program.text, program.borders, outside, settings.form)
    except cst.ParserSyntaxError:
        return {}
    steps = _Linting(program, module, settings).steps(rules, way)
    return {release: _shown(program, found, settings).findings for release, found in steps.items()}


def _shown(program: Program, findings: list[Finding], settings: Settings) -> Report:
    shown, hidden = [], Counter[Effect]()
    findings = [finding for finding in findings if finding.place.cell not in program.hidden]
    unique = {(finding.place, finding.code): finding for finding in reversed(findings)}  # a place that two uses lead to is said once
    for finding in unique.values():
        if finding.effect.rank <= settings.report.rank or finding.code in settings.always:
            shown.append(finding)
        else:
            hidden[finding.effect] += 1
    return Report(tuple(sorted(shown, key=lambda f: f.sort_key)), hidden)


def _broken_cell(program: Program, cell: int | None, line: int, column: int, why: str) -> Finding:
    place = Place(cell, line, column, line, column)
    return Finding(program.path, place, "ADM900", CODES["ADM900"], f"cannot be parsed: {why}", Effect.BREAKS)


def _syntax_error(program: Program, error: cst.ParserSyntaxError) -> Finding:
    """Say it in Python's own words where Python refuses it too; LibCST lists all that it would have taken instead."""
    # LibCST refuses a few things that Python takes, as tabs behind spaces in an indentation.
    line, column, why = error.raw_line, error.raw_column, f"LibCST, which adamlint parses with, refuses it: {error.message}"
    try:
        ast.parse(program.text)
    except SyntaxError as plain:
        line, column, why = plain.lineno or 1, (plain.offset or 1) - 1, plain.msg
    except (ValueError, RecursionError, MemoryError):
        pass
    start = offset(program.text, line, column)
    finding = _broken_cell(program, None, 1, 1, why)
    return replace(finding, place=program.place(start, start))


def _hidden(finding: Finding, suppressions: list[Suppression]) -> bool:
    hiding = [suppression.hides(finding) for suppression in suppressions]  # each is to know that it was of use
    return any(hiding)


class _Linting:
    """One program under one set of settings."""

    def __init__(self, program: Program, module: Module, settings: Settings) -> None:
        self.program, self.module, self.settings = program, module, settings
        target = module.keras3.narrowed(settings.target)
        target = target.with_tf_keras() if module.environment.chooses_tf_keras() else target
        self._graph_target = target.with_mode("graph")
        self.target = self._switched(target) if settings.auto_mode else target
        self.project = settings.project
        self.suppressions = self._suppressions()

    def _switched(self, target: Target) -> Target:
        """Return a target in graph mode where the program switches eager execution off: a test may do so for some releases alone."""
        calls = [call for call in self.module.tree.nodes(cst.Call) if dotted_name(call.func).endswith(_GRAPH_SWITCHES)]
        off = Target(frozenset(cell for call in calls for cell in self.module.guards.left(call, target).cells))
        return (target - off) | off.with_mode("graph")

    def findings(self, rules: Sequence[Rule]) -> Iterator[Finding]:
        found = [finding for rule, problem in self._problems(rules) if (finding := self._finding(rule, problem)) is not None]
        yield from (f for f in found if not _hidden(f, self.suppressions))
        active = frozenset(rule.code for rule in rules)
        for suppression in self.suppressions:
            needless = suppression.needless(active)
            if needless:
                yield self._needless(suppression, needless)

    def _problems(self, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Problem]]:
        for rule in rules:
            for kind, check in rule.checks:
                for node in self.module.tree.nodes(kind):
                    yield from ((rule, problem) for problem in check(node, self.module))

    def steps(self, rules: Sequence[Rule], way: Sequence[str]) -> dict[str, list[Finding]]:
        """Return the findings that begin or change at each release of ``way``."""
        steps: dict[str, list[Finding]] = {release: [] for release in way[1:]}
        for rule, problem in self._problems(rules):
            if problem.unguarded:  # a matter of form, which no release changes
                continue
            left, told, facts = self._facts(problem)
            for release, pair, judgement in changes(problem, facts, left, told, way):
                there = {cell: fact for cell, fact in facts.items() if cell in pair.cells}
                finding = self._told(rule, problem, judgement, there, left & pair)
                if not _hidden(finding, self.suppressions):
                    steps[release].append(finding)
        return steps

    def sightings(self, rules: Sequence[Rule]) -> dict[str, tuple[Sighting, ...]]:
        """Return what project rules find here, by their codes."""
        return {rule.code: tuple(self._seen(rule)) for rule in rules if isinstance(rule, ProjectRule)}

    def _seen(self, rule: ProjectRule) -> Iterator[Sighting]:
        places: dict[tuple[str, frozenset[Cell]], list[Place]] = {}
        for mention in rule.gathered(self.module):
            place = self.program.place(*self.module.tree.span(mention.node))
            hidden = _hidden(Finding(self.program.path, place, rule.code, rule.name, "", rule.effect), self.suppressions)
            cells = frozenset() if hidden or place.cell in self.program.hidden else self._working(mention)
            if cells:
                places.setdefault((mention.form, cells), []).append(place)
        yield from (Sighting(form, cells, tuple(sorted(found))) for (form, cells), found in places.items())

    def _working(self, mention: Mention) -> frozenset[Cell]:
        """Return the cells of the target where a mention works; none where a guard leaves only some of them."""
        target = self._graph_target if self.settings.auto_mode and self.module.in_graph(mention.node) else self.target
        if self.module.guards.left(mention.node, _EVERYTHING) != _EVERYTHING:
            return frozenset()
        facts = gather((mention.subject,), target.cells, frozenset())
        working = ((cell, fact) for cell, fact in facts.items() if fact.outcome is not Outcome.RAISES)
        return frozenset(cell for cell, fact in working if mention.generation in (None, fact.generation))

    def _facts(self, problem: Problem) -> tuple[Target, Target, Facts]:
        """Return where a problem can occur, what words about it speak of, and what was measured of it."""
        guards, fails = self.module.guards, problem.at or problem.node
        left = guards.left(fails, guards.left(problem.node, self._target_at(problem)))
        handled = frozenset(error for error in _ERRORS if guards.handles(fails, error))
        asked = [(subject, self.module.alternatives.left(subject, fails, left).cells) for subject in problem.subjects]
        measured = worst(asked, frozenset())
        if guards.is_tested(fails, {fact.error for fact in measured.values() if fact.error is not None}):
            return left, left, {}
        known = {cell.tensorflow for cell in measured}
        unmeasured = {cell for cell in left.cells - measured.keys() if cell.tensorflow in known}
        told = Target(self._target_at(problem).cells - unmeasured)  # a release is spoken of by what was measured on it
        facts = worst(asked, handled)
        return left, told, {cell: fact for cell, fact in facts.items() if problem.where(cell, fact)}

    def _target_at(self, problem: Problem) -> Target:
        """Return the target at the place of a problem, whatever guards it."""
        in_graph = self.settings.auto_mode and self.module.in_graph(problem.at or problem.node)
        return self._graph_target if in_graph else self.target

    def _finding(self, rule: Rule, problem: Problem) -> Finding | None:
        left, told, facts = self._facts(problem)
        target = self._target_at(problem)
        if problem.unguarded and self.module.guards.left(problem.at or problem.node, target, required=False) != target:
            return None
        judgement = judge(problem, facts, told) if left.cells else self._whatever_is_asked(problem)
        return None if judgement is None else self._told(rule, problem, judgement, facts, left)

    def _whatever_is_asked(self, problem: Problem) -> Judgement | None:
        """Judge what is the same on every release behind a test for the release that has no answer here."""
        left = self.module.guards.left(problem.node, self._target_at(problem), trusting=False)
        judgement = judge(problem, gather(problem.subjects, left.cells, frozenset()), left) if left.cells else None
        return judgement if judgement is not None and judgement.effect is Effect.IMPLICIT else None

    def _told(self, rule: Rule, problem: Problem, judgement: Judgement, facts: Facts, left: Target) -> Finding:
        message = problem.message + self._line(problem.see) + self._use(problem) + (f": {judgement.why}" if judgement.why else "")
        place = self.program.place(*self.module.tree.span(problem.node))
        verdict = safety(problem.remedy, facts, left, self.project) if problem.remedy is not None else None
        if problem.remedy is not None and problem.remedy.forms and verdict is not None and verdict.safety is None:
            message += f"; not rewritten: {verdict.why}"
        fixed = self._fix(problem.remedy, verdict, rule.code) if problem.remedy is not None and verdict is not None else None
        return Finding(self.program.path, place, rule.code, rule.name, message, judgement.effect, fixed)

    def _use(self, problem: Problem) -> str:
        """Name the place that fails, where it is on another line than what has to be changed and no other is named."""
        at = problem.at if problem.see is None else None
        here, there = self._line(problem.node), self._line(at)
        return "" if there in ("", here) else f" (used in {there.strip(' ()')})"

    def _line(self, node: cst.CSTNode | str | None) -> str:
        """Name the place of a node in words; "" for none."""
        if node is None or isinstance(node, str):
            return f" ({node})" if node else ""
        place = self.program.place(*self.module.tree.span(node))
        return f" (line {place.line})" if place.cell is None else f" (cell {place.cell + 1}, line {place.line})"

    def _fix(self, remedy: Remedy, verdict: Verdict, code: str) -> Fix | None:
        if verdict.safety is None:
            return None
        in_one_cell = all(self.module.edit.in_one_cell(change.start, change.end) for change in remedy.changes)
        if not in_one_cell or self._loses_comment(remedy.changes):
            return None
        edits = tuple(Edit(self.program.place(c.start, c.end), c.text) for c in remedy.changes)
        said, why = verdict.safety, verdict.why
        if self.settings.admitted and said is Safety.SAFE:
            said, why = Safety.UNSAFE, "other files may import this one on more releases than its package does"
        wanted = Safety.UNSAFE if code in self.settings.unsafe else Safety.SAFE if code in self.settings.safe else said
        why += "" if wanted is said else f"; {wanted.value} by configuration"
        return Fix(wanted, f"{remedy.title} ({why})", edits)

    def _loses_comment(self, changes: Sequence[Change]) -> bool:
        """Tell whether a comment in what is replaced is not in what is written."""
        if not any("#" in self.program.text[change.start : change.end] for change in changes):
            return False
        written = "\n".join(change.text for change in changes)
        comments = self.module.tree.comments()
        return any(text not in written for (at, _), text in comments for change in changes if change.start <= at < change.end)

    def _suppressions(self) -> list[Suppression]:
        if not _SUPPRESSING.search(self.program.text):
            return []
        found: list[Suppression] = []
        for (start, end), text in self.module.tree.comments():
            place = self.program.place(start, end)
            found += read_comment(text, start, place.cell, place.line)
        return found

    def _widened(self, start: int, end: int) -> tuple[int, int]:
        """Widen the span of a comment that goes by the space before it where nothing is behind it, and by its line if it is alone there."""
        text = self.program.text
        newline = NEWLINE.match(text, end)
        if newline is None and end < len(text):
            return start, end
        first = len(text[:start].rstrip(" \t"))
        alone = first == 0 or text[first - 1] in "\r\n"
        return first, newline.end() if newline is not None and alone else end

    def _needless(self, suppression: Suppression, codes: list[str]) -> Finding:
        """ADM902, with an edit that leaves other comments on the line and the codes of other tools."""
        place = self.program.place(suppression.start, suppression.end)
        message = "suppresses nothing" if codes == ["all"] else f"{', '.join(codes)}: suppresses nothing"
        rest = suppression.without(codes)
        span = suppression.start, suppression.end
        edit = Edit(self.program.place(*(span if rest else self._widened(*span))), rest)
        fixed = Fix(Safety.SAFE, "shorten the comment" if rest else "remove the comment", (edit,))
        return Finding(self.program.path, place, "ADM902", CODES["ADM902"], message, Effect.DIFFERS, fixed)
