"""The five ways out of the popular article, release by release, as the atlas has them: a table of the README."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from adamlint.atlas import ByName, Cell, Compiled, Construct, Fact, FromConfig, Outcome, Subject, Trained, Variable, look_up, releases

TF = "tensorflow.keras"
ADAM = f"{TF}.optimizers.Adam"
HEAD = "| way out | in adamlint |"
# Each way, what adamlint has for it, what makes the optimizer, and what trains with it where that can fail.
WAYS: tuple[tuple[str, str, tuple[Subject, ...]], ...] = (
    ("the legacy class", '`form = "legacy"`, ADM201', (Construct(f"{TF}.optimizers.legacy.Adam"),)),
    ('the string `"adam"`', '`form = "string"`, ADM101', (ByName(TF, "adam"),)),
    ("`deserialize({…})`", "ADM103 (not a form)", (FromConfig(TF, "deserialize", False),)),
    (
        "the class, with the rate or all values written",
        '`form = "class"` or `"explicit"`, ADM102',
        (Trained(TF, ADAM), Compiled(ADAM), Construct(ADAM)),
    ),
    ("`TF_USE_LEGACY_KERAS=1`", "ADM401 to 404, `adamlint doctor`", (Variable("on"),)),
)  # fmt: skip
_LINES = {"optimizer_v2": "legacy", "keras2": "new", "keras3": "Keras 3"}


def table() -> str:
    """Return the table: a column for each run of releases on which no way changes, and upgrading as the last row."""
    since = releases()[releases().index("2.9") :]
    columns = [(_range(list(group)), cells) for cells, group in groupby(since, _cells)]
    lines = [f"{HEAD} {' | '.join(name for name, _ in columns)} |", "|---" * (len(columns) + 2) + "|"]
    for number, (way, ours, _) in enumerate(WAYS):
        lines.append(f"| {way} | {ours} | {' | '.join(cells[number] for _, cells in columns)} |")
    before = "– | " * (len(columns) - 1)
    lines.append(f"| upgrading | `adamlint plan`, ADM201 to 205, 301 to 305, 601 to 609 | {before}Keras 3, one class for all |")
    return "\n".join(lines) + "\n"


def _range(found: list[str]) -> str:
    if found[-1] == releases()[-1]:
        return f"{found[0]}+"
    return found[0] if len(found) == 1 else f"{found[0]}-{found[-1]}"


def _cells(release: str) -> tuple[str, ...]:
    return tuple("; ".join(_places(release, subjects)) for _, _, subjects in WAYS)


def _places(release: str, subjects: tuple[Subject, ...]) -> Iterator[str]:
    """Yield what comes out on most machines, and where something else does."""
    usual = _said(subjects, Cell(release, "linux", "eager"))
    yield usual
    for cell, where in ((Cell(release, "macos-arm64", "eager"), "on Apple silicon"), (Cell(release, "linux", "graph"), "in graph mode")):
        if (there := _said(subjects, cell)) != usual:
            yield f"{there} {where}"


def _said(subjects: tuple[Subject, ...], cell: Cell) -> str:
    facts = [fact for subject in subjects if (fact := look_up(subject, cell)) is not None]
    failed = next((fact for fact in facts if fact.outcome is Outcome.RAISES), None)
    if failed is not None and failed.error != "RuntimeError":  # which Keras 3 raises in graph mode, whatever the optimizer
        return f"`{failed.error}`"
    made = next((fact for fact in facts if fact.generation), None)
    return _line(made) if made is not None else "not read"


def _line(fact: Fact) -> str:
    return _LINES.get(fact.generation or "", "?") + (" (tf_keras)" if (fact.cls or "").startswith("tf_keras") else "")
