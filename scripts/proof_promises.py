"""Which promise of the README's "What is safe" a fix keeps, by what became of a program before and after it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adamlint.judging.safety import TOLERANCE
from scripts.proof_stories import REFERENCE, Attempt, Place, breaking

HONOURING = frozenset({"ADM301", "ADM602"})  # §5 (d) is theirs alone
# Why a program fails in graph mode and on Apple silicon whatever a fix writes: by the error's text.
ANYWAY = (
    (r"'get_updates'", "no new optimizer trains without eager execution"),
    (r"numpy\(\) is only available|Tensor' object has no attribute 'numpy'", "no variable has `numpy()` without eager execution"),
    (r"Unknown optimizer: 'adamw'", "`compile` there takes no AdamW"),
    (r"'numpy\.float32' object has no attribute 'assign'", "`compile` there leaves a rate that cannot be set by any name"),
)
LINES = {"optimizer_v2": "legacy", "keras2_new": "new", "keras3": "Keras 3", "v1": "TF 1"}


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
    """Hold what a fix did against the promises; ``honoured`` is what the program was on the release that honoured its values."""
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
    if left := breaking(attempt.after, place):
        return Verdict(f"c: left is {', '.join(left)}")
    if not attempt.safe and any(re.search("raises? still", title) for _, title in attempt.fixes):
        return Verdict("unsafe: raises still, as it says")
    if alike and after.error == "ModuleNotFoundError":
        return Verdict("a: not installed")  # what the program needs besides is not there
    reason = next((why for pattern, why in ANYWAY if re.search(pattern, after.message)), "") if place.graph or place.apple else ""
    if alike and reason:
        return Verdict(f"fails alike: {reason}")
    return Verdict("broken: raises still, and nothing is reported", kept=False)
