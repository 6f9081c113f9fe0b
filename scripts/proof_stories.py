"""What scripts/prove.py tries: the examples of the rules and the fixtures, after their fixes, and the kinds of places where they run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from adamlint.engine import Settings, lint
from adamlint.findings import Effect, Safety
from adamlint.fixing import fix
from adamlint.needles import scan_project
from adamlint.rules import implemented, load
from adamlint.target import Target
from adamlint.text.source import read
from scripts.measure import FIRST_WITH_TF_KERAS, number
from scripts.probe import VARIABLE

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "files"

REFERENCE = "2.10"  # the last release whose optimizers honour `lr=`; older than the default target, so nothing is promised there
KERAS_3 = "2.16"


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
    def keras_3(self) -> bool:
        """Whether tf.keras is Keras 3 there."""
        return number(self.release) >= number(KERAS_3) and not self.tf_keras

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
    if not found[0].keras_3:
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
        """Tell whether there is something to learn there.

        A program that sets the variable itself is the same whatever it was before; in Keras 3 nothing trains without eager execution.
        """
        if any(word in self.source for word in ("disable_eager_execution", "disable_v2_behavior")) and place.keras_3:
            return False
        return place == Place(place.release) or VARIABLE not in self.source


@dataclass(frozen=True)
class Attempt:
    """A story after its fixes: the safe ones, or all."""

    story: Story
    safe: bool
    after: str
    fixes: tuple[tuple[str, str], ...]

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
    program, rules, settings = read("program.py", story.source.encode()), load(implemented()), settings_for(story.source, target)
    offered, tried = list(lint(program, rules, settings).findings), {story.source}
    for safe in (True, False):
        fixed = fix(program, rules, settings, unsafe=not safe)
        if fixed.program.text not in tried:
            fixes = ((f.code, f.fix.title) for f in offered if f.fix and (not safe or f.fix.safety is Safety.SAFE))
            yield Attempt(story, safe, fixed.program.text, tuple(dict.fromkeys(fixes)))
            tried.add(fixed.program.text)
            offered += fixed.report.findings  # what the safe fixes uncover is for the unsafe ones


def settings_for(source: str, target: Target) -> Settings:
    """All that adamlint has to say of a program that is a project of its own."""
    return Settings(target, report=Effect.IMPLICIT, project=scan_project(source.encode()))


def breaking(source: str, place: Place) -> list[str]:
    """The codes of what is reported to break a program at a place."""
    here = place.target.where(lambda cell: cell.tensorflow == place.release and (cell.platform == "macos-arm64") == place.apple)
    found = lint(read("program.py", source.encode()), load(implemented()), settings_for(source, here)).findings
    return sorted({finding.code for finding in found if finding.effect is Effect.BREAKS})


def key(source: str) -> str:
    """What a program is called in the record: another text is another program, and has to be run anew."""
    return sha256(source.encode()).hexdigest()[:12]
