"""The table of the fixes that were run on real TensorFlow, as Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from scripts.proof_promises import Outcome, Verdict, difference
from scripts.proof_stories import Attempt, Place


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
    return "0" if apart == 0 else "no number" if apart == math.inf else f"< {above(apart):.0e}"


def above(apart: float) -> float:
    """The next round number: 1, 2 or 5 times a power of ten; 0 for 0."""
    steps = (float(f"{step}e{power}") for power in range(-12, 300) for step in (1, 2, 5))
    return next(step for step in steps if apart < step) if apart else 0.0


def generations(found: Iterable[Result]) -> dict[str, dict[str, float]]:
    """How far the two generations of each optimizer come apart, by the kind of its gradients: what ``adamlint.atlas.generations`` tells."""
    table: dict[str, dict[str, float]] = {}
    for result in found:
        name, lines = result.after.name, {result.before.line, result.after.line}
        plain = f"legacy-{name.lower()}"
        kinds = {plain: "dense", f"{plain}-small-gradients": "dense", f"{plain}-embedding": "sparse"}
        kind = kinds.get(result.attempt.story.name)
        if kind and lines == {"legacy", "new"} and result.before.name == name:
            row = table.setdefault(name, {})
            row[kind] = max(row.get(kind, 0.0), above(difference(result.before, result.after)))
    return table


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
value that was ignored takes effect, with the weights of TensorFlow 2.10, which honoured it; "fails alike" raises before and after for a
reason that the fix has no part in, on a kind of place where such a program cannot run. "broken" is a promise that is not kept.
Difference: the largest one of a weight, and the values of the optimizer's configuration that changed.

"""
GENERATIONS = """## Two generations of one optimizer

How far the weights of the legacy and the new class come apart in 50 steps, at most: with dense gradients, of ordinary size and a
ten-thousandth of it, and with the sparse ones of an Embedding (SGD with momentum). Where it is more than 2e-5, the exchange is unsafe.

| optimizer | dense | sparse |
|---|---|---|
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
    apart = (f"| {name} | {row.get('dense', '–')} | {row.get('sparse', '–')} |\n" for name, row in sorted(generations(found).items()))
    return HEAD + told + "\n" + GENERATIONS + "".join(apart) + "\n## All runs\n\n" + COLUMNS + "".join(rows)
