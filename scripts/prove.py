"""Prove the fixes on real TensorFlow: `python -m scripts.prove [RELEASE …]` (none: all of RELEASES).

Runs every fixable example of the rules and every ``fixtures/files/*/before.py`` before and after its fixes, in a fresh virtual
environment for each release that is deleted afterwards, and holds what comes out against DESIGN.md §5: (a) the same class and equal
weights, (b) another generation of the same optimizer and weights within 2e-5, (c) raised before and runs now, (d) the value that was
ignored takes effect: what a release gives that honoured it. What was measured goes into ``scripts/measured``, the table of all
releases into ``docs/proof.md``. Exits with 1 where a release that was asked for does not keep a promise.
"""

from __future__ import annotations

import argparse
import json
import lzma
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

from adamlint.engine import Settings, fix, lint
from adamlint.findings import Effect, Safety
from adamlint.needles import scan_project
from adamlint.rules import implemented, load
from adamlint.source import read
from adamlint.target import Target
from scripts.measure import FIRST_WITH_TF_KERAS, interpreter, merge, number, pip, requirements
from scripts.probe import VARIABLE

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures" / "files"
RECORD = ROOT / "scripts" / "measured" / "proof.json.xz"
PAGE = ROOT / "docs" / "proof.md"

REFERENCE = "2.10"  # the last release whose optimizers honour `lr=`; older than the default target, so nothing is promised there
RELEASES = (REFERENCE, "2.12", "2.15", "2.16", "2.21")
WITH_ADDONS = "2.12"  # one release that tensorflow-addons was made for
KERAS_3 = "2.16"
TOLERANCE = 2e-5
HONOURING = frozenset({"ADM301", "ADM602"})  # §5 (d) is theirs alone
LINES = {"optimizer_v2": "legacy", "keras2_new": "new", "keras3": "Keras 3", "v1": "TF 1"}

# ------------------------------------------------------------------ what to try


@dataclass(frozen=True)
class Place:
    """One kind of place where a program runs."""

    release: str
    tf_keras: bool = False
    apple: bool = False
    graph: bool = False

    @property
    def label(self) -> str:
        """What it is called in the record and in the table."""
        parts = ((self.tf_keras, "tf_keras"), (self.apple, "Apple silicon"), (self.graph, "graph"))
        return " ".join([self.release, *(word for holds, word in parts if holds)])

    @property
    def target(self) -> Target:
        """The default target of a project that runs here, too."""
        target = Target.parse(None, (), "graph" if self.graph else None)
        return target.with_tf_keras() if self.tf_keras else target


def places(release: str) -> list[Place]:
    """The places of one release. Graph mode and Apple silicon are nothing of their own in Keras 3, nor news in a later tf_keras."""
    if release == REFERENCE:
        return [Place(release)]
    found = [Place(release)]
    if number(release) < number(KERAS_3):
        found += [Place(release, apple=True), Place(release, graph=True)]
    if number(release) >= number(FIRST_WITH_TF_KERAS):
        found.append(Place(release, tf_keras=True))
    if release == KERAS_3:
        found += [Place(release, tf_keras=True, apple=True), Place(release, tf_keras=True, graph=True)]
    return found


@dataclass(frozen=True)
class Story:
    """A program to fix: an example of a rule or a fixture."""

    name: str
    source: str


    def runs(self, place: Place) -> bool:
        """Tell whether there is something to learn: a program that sets the variable itself is the same whatever it was before."""
        return place == Place(place.release) or VARIABLE not in self.source


@dataclass(frozen=True)
class Attempt:
    """A story after its fixes: the safe ones, or all. ``left`` are the codes of what is still reported to break."""

    story: Story
    safe: bool
    after: str
    fixes: tuple[tuple[str, str], ...]
    left: tuple[str, ...]

    @property
    def codes(self) -> frozenset[str]:
        """The codes of the fixes."""
        return frozenset(code for code, _ in self.fixes)


def stories() -> list[Story]:
    """All bad examples of the rules, and all fixtures."""
    found = []
    for rule in load(implemented()):
        found += [Story(f"{rule.code} {rule.name} {number}", text) for number, text in enumerate(rule.examples("Bad"), 1)]
    return found + [Story(path.parent.name, path.read_text(encoding="utf-8")) for path in sorted(FIXTURES.glob("*/before.py"))]


@cache
def attempts(story: Story, target: Target) -> tuple[Attempt, ...]:
    """The story with its safe fixes, and with the unsafe ones too; none that changes nothing."""
    return tuple(_attempts(story, target))


def _attempts(story: Story, target: Target) -> Iterator[Attempt]:
    program, rules = read("program.py", story.source.encode()), load(implemented())
    settings = Settings(target, report=Effect.IMPLICIT, project=scan_project(story.source.encode()))
    offered, tried = list(lint(program, rules, settings).findings), {story.source}
    for safe in (True, False):
        fixed = fix(program, rules, settings, unsafe=not safe)
        if fixed.program.text not in tried:
            fixes = ((f.code, f.fix.title) for f in offered if f.fix and (not safe or f.fix.safety is Safety.SAFE))
            left = {finding.code for finding in fixed.report.findings if finding.effect is Effect.BREAKS}
            yield Attempt(story, safe, fixed.program.text, tuple(dict.fromkeys(fixes)), tuple(sorted(left)))
            tried.add(fixed.program.text)
            offered += fixed.report.findings  # what the safe fixes uncover is for the unsafe ones


def key(source: str) -> str:
    """What a program is called in the record: another text is another program, and has to be run anew."""
    return sha256(source.encode()).hexdigest()[:12]


# ------------------------------------------------------------------ what is promised


@dataclass(frozen=True)
class Outcome:
    """What became of a program: how it failed, or what it left."""

    error: str = ""
    message: str = ""
    cls: str = ""
    line: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    weights: tuple[float, ...] = ()

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Outcome:
        """From a row of the probe."""
        line = LINES.get(row.get("inner", row).get("generation", ""), "")
        trained = (row.get("class", ""), line, row.get("config", {}), tuple(row.get("weights", ())))
        return cls(row.get("error", ""), row.get("message", ""), *trained)

    @property
    def name(self) -> str:
        """The name of the class."""
        return self.cls.rpartition(".")[2]

    @property
    def package(self) -> str:
        """The package that the class is of."""
        return self.cls.partition(".")[0]

    def __str__(self) -> str:
        if self.error:
            return f"raises {self.error}"
        return f"{self.name} ({self.line})" if self.cls else "runs"


@dataclass(frozen=True)
class Verdict:
    """What a fix did at one place, and whether that is what §5 promises."""

    words: str
    kept: bool = True


def difference(one: Outcome, other: Outcome) -> float:
    """The largest difference of a weight; infinite where they are not weights of the same thing, or not numbers."""
    if len(one.weights) != len(other.weights):
        return math.inf
    return max((abs(a - b) if math.isfinite(a - b) else math.inf for a, b in zip(one.weights, other.weights, strict=True)), default=0.0)


def judge(before: Outcome, after: Outcome, attempt: Attempt, place: Place, honoured: Outcome | None) -> Verdict:
    """Hold what a fix did against DESIGN.md §5; ``honoured`` is what the program was on the release that honoured its values."""
    if after.error:
        return _judge_failure(before, after, attempt, place)
    as_then = bool(honoured and honoured.weights) and difference(honoured or after, after) <= TOLERANCE
    if before.error:
        return Verdict("c: runs now" + (f", as on {REFERENCE}" if as_then else ""))
    if attempt.safe and before.package != after.package:
        return Verdict("broken: safe, and switches the Keras package", kept=False)
    apart = difference(before, after)
    if before.cls == after.cls and apart == 0:
        return Verdict("a: equal")
    if before.cls != after.cls and before.name == after.name and apart <= TOLERANCE:
        return Verdict("b: the other generation")
    if attempt.safe and not (as_then and attempt.codes & HONOURING):
        return Verdict("broken: safe, and trains otherwise", kept=False)
    letter = "d" if attempt.safe else "unsafe"
    return Verdict(f"{letter}: as on {REFERENCE}" if as_then else f"{letter}: trains otherwise")


def _judge_failure(before: Outcome, after: Outcome, attempt: Attempt, place: Place) -> Verdict:
    alike = before.error == after.error and before.message.lower() == after.message.lower()
    if not before.error:
        return Verdict("broken: ran before", kept=False)
    if attempt.left:
        return Verdict(f"c: left is {', '.join(attempt.left)}")
    if alike and after.error == "ModuleNotFoundError":
        return Verdict("a: not installed")  # what the program needs besides is not there
    if alike and (place.graph or place.apple):
        return Verdict("a: fails alike")  # `compile` or `fit` cannot do with the new class there, whatever its arguments
    return Verdict("broken: raises still, and nothing is reported", kept=False)


# ------------------------------------------------------------------ running


def install(release: str, folder: Path) -> Path:
    """Make the environment of a release, and return its interpreter. Raises CalledProcessError."""
    subprocess.run([interpreter(release), "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    pip(python, *requirements(release))
    if number(release) >= number(FIRST_WITH_TF_KERAS):
        pip(python, "--no-deps", f"tf_keras=={release}.*")
    if release == WITH_ADDONS:
        pip(python, "--no-deps", "tensorflow-addons==0.22.*", "typeguard<3")
    return python


def programs(told: Sequence[Story], place: Place) -> dict[str, str]:
    """What to run at a place, by key: each story before and after its fixes."""
    tried = [attempt for story in told if story.runs(place) for attempt in attempts(story, place.target)]
    return {key(text): text for attempt in tried for text in (attempt.story.source, attempt.after)}


def run(python: Path, place: Place, sources: Mapping[str, str], folder: Path) -> Any:
    """Run programs at a place: the rows of the probe."""
    given, out = folder / "programs.json", folder / "outcomes.json"
    given.write_text(json.dumps(sources), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    environment |= {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "TMPDIR": str(folder)}
    environment |= {VARIABLE: "1"} if place.tf_keras else {}
    system, mode = "mac" if place.apple else "linux", "graph" if place.graph else "eager"
    command: list[str | Path] = [python, "-m", "scripts.proof_probe", given, out, system, mode]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{place.label}: the probe failed\n{done.stderr[-2000:]}")
    return json.loads(out.read_text(encoding="utf-8"))


def measure(release: str, told: Sequence[Story], folder: Path | None, known: Mapping[str, Mapping[str, Any]]) -> None:
    """Run the programs of all places of a release but those of which the outcome is known, and record what became of them."""
    wanted = {place: programs(told, place) for place in places(release)}
    kept = {place: {key: row for key, row in known.get(place.label, {}).items() if key in wanted[place]} for place in wanted}
    if all(wanted[place].keys() == kept[place].keys() for place in wanted):
        return
    with tempfile.TemporaryDirectory(dir=folder) as name:
        python = install(release, Path(name) / "venv")
        for place, sources in wanted.items():
            new = {key: source for key, source in sources.items() if key not in kept[place]}
            merge({place.label: {**kept[place], **run(python, place, new, Path(name))}}, RECORD)


def recorded() -> dict[str, dict[str, Any]]:
    """The rows that were measured: by the label of the place and the key of the program."""
    if not RECORD.exists():
        return {}
    found: dict[str, dict[str, Any]] = json.loads(lzma.decompress(RECORD.read_bytes()))["facts"]
    return found


# ------------------------------------------------------------------ the table


@dataclass(frozen=True)
class Result:
    """One attempt at one place."""

    attempt: Attempt
    place: Place
    before: Outcome
    after: Outcome
    verdict: Verdict

    @property
    def said(self) -> tuple[str, str, str]:
        """What became of it, in the words of the table."""
        return str(self.before), str(self.after), self.verdict.words


def results(told: Sequence[Story], release: str, record: Mapping[str, Mapping[str, Any]]) -> Iterator[Result]:
    """The verdicts of a release; a program that was not run, or has another text since, has none."""
    for place in places(release):
        rows = record.get(place.label, {})
        for story in (story for story in told if story.runs(place)):
            honoured = record.get(REFERENCE, {}).get(key(story.source))
            for attempt in attempts(story, place.target):
                if key(story.source) in rows and key(attempt.after) in rows:
                    before, after = Outcome.of(rows[key(story.source)]), Outcome.of(rows[key(attempt.after)])
                    verdict = judge(before, after, attempt, place, Outcome.of(honoured) if honoured else None)
                    if release == REFERENCE:
                        verdict = Verdict("reference: nothing is promised")
                    yield Result(attempt, place, before, after, verdict)


def changed(result: Result) -> str:
    """The values of the configuration that a fix changed, of those that both classes have."""
    one, other = result.before.config, result.after.config
    pairs = ((name, plain(one[name]), plain(other[name])) for name in one if name in other)
    return "".join(f"; `{name}` {was} → {now}" for name, was, now in pairs if was != now)


def plain(value: Any) -> str:
    """A value of a configuration in a few characters, whatever its precision."""
    return f"{value:.6g}" if isinstance(value, float) else str(value.get("class_name", value) if isinstance(value, dict) else value)


def bound(apart: float) -> str:
    """A difference as a round number that it is below: machines differ in its digits."""
    steps = (step * 10.0**power for power in range(-12, 300) for step in (1, 2, 5))
    return "0" if apart == 0 else "no number" if apart == math.inf else f"< {next(step for step in steps if apart < step):.0e}"


def row(group: Sequence[Result]) -> str:
    """A row of the table: all places where the same became of a story."""
    first = group[0]
    fixes = "; ".join(f"{code} {title}" for code, title in first.attempt.fixes)
    where = ", ".join(result.place.label for result in group)
    trained = [result for result in group if not (result.before.error or result.after.error)]
    apart = bound(max(difference(result.before, result.after) for result in trained)) if trained else "–"
    said = first.verdict.words if first.verdict.kept else f"**{first.verdict.words}**"
    cells = (first.attempt.story.name, "safe" if first.attempt.safe else "unsafe", fixes, where, str(first.before), str(first.after))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in (*cells, apart + changed(first), said)) + " |\n"


HEAD = """# The fixes, proven on real TensorFlow

Written by `python -m scripts.prove`; not to be edited. Each example of a rule that is offered a fix, and each fixture under
`fixtures/files`, is run before and after its fixes on real installs (CPU, x86_64 Linux), then trained for 50 seeded steps. The fixes are
those of the default target (TensorFlow 2.12 and later); "graph": of the same in graph mode, with eager execution off; "tf_keras": with
`TF_USE_LEGACY_KERAS=1`; "Apple silicon" is emulated: what the Python code of Keras decides there.

The verdict is the promise that the fix keeps: **a** the same class and equal weights (or nothing to train, and it runs); **b** the other
generation of the same optimizer, and weights within 2e-5; **c** raised before, and runs now or raises for what is still reported; **d** a
value that was ignored takes effect, with the weights of TensorFlow 2.10, which honoured it. "broken" is a promise that is not kept.
Difference: the largest one of a weight, and the values of the optimizer's configuration that changed.

"""
COLUMNS = "| example | fixes | what they do | TensorFlow | before | after | difference | verdict |\n|---|---|---|---|---|---|---|---|\n"


def page(found: Sequence[Result], unrun: int = 0) -> str:
    """The page with the table: a row for what became of a story, and the places where it did."""

    def same(result: Result) -> tuple[Any, ...]:
        return result.attempt.story.name, not result.attempt.safe, result.attempt.fixes, result.said, changed(result)

    order = {story: number for number, story in enumerate(dict.fromkeys(result.attempt.story.name for result in found))}
    ranked = sorted(found, key=lambda result: (order[result.attempt.story.name], *same(result)[1:]))
    rows = [row(list(group)) for _, group in groupby(ranked, key=same)]
    broken = sum(not result.verdict.kept for result in found)
    told = f"{len(order)} programs, {len(found)} runs of a fix, {broken} promises broken.\n"
    told += f"Not run since the program or its fix changed: {unrun}.\n" if unrun else ""
    return HEAD + told + "\n" + COLUMNS + "".join(rows)


def main() -> None:
    """Run what the command line asks for, write the table, and say which promises are broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("releases", nargs="*", metavar="RELEASE", help="minor release of TensorFlow, as 2.21")
    parser.add_argument("--folder", type=Path, help="where to make the environments")
    parser.add_argument("--changed", action="store_true", help="run only what was not run yet, or has changed since")
    options = parser.parse_args()
    asked, told = options.releases or RELEASES, stories()
    for release in asked:
        measure(release, told, options.folder, recorded() if options.changed else {})
    record = recorded()
    found = {release: list(results(told, release, record)) for release in dict.fromkeys([*RELEASES, *asked])}
    flat = [result for of_release in found.values() for result in of_release]
    tried = sum(len(attempts(story, place.target)) for release in found for place in places(release) for story in told if story.runs(place))
    PAGE.write_text(page(flat, tried - len(flat)), encoding="utf-8")
    broken = [result for release in asked for result in found[release] if not result.verdict.kept]
    for result in broken:
        print(f"{result.attempt.story.name} on {result.place.label}: {result.before} -> {result.after}: {result.verdict.words}")
    print(f"{sum(len(found[release]) for release in asked)} fixes run on {', '.join(asked)}; {len(broken)} promises broken")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
