"""What ``compile`` makes of an optimizer instance where it does not keep it: on Apple silicon, in some releases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adamlint.atlas import Cell, Construct, Fact, Outcome, Trained, look_up
from adamlint.commands.table import spans

_ADAMS = ("Adam", "AdamW")


def notes(path: str, facts: Mapping[Cell, Fact | None]) -> Iterator[str]:
    """One line about what came out of a form, if that is an instance of ``path`` which ``compile`` exchanges in some of the cells.

    For AdamW the releases are those in which it exchanges Adam: it then asks for a legacy AdamW, which there is not
    (ATLAS.md i, emulated Apple silicon: ValueError on 2.12, the string "adamw" stays on 2.13).
    """
    package, _, name = path.rpartition(".optimizers.")
    stands_for = f"{package}.optimizers.Adam" if name in _ADAMS else path
    releases = {cell.tensorflow for cell, fact in facts.items() if name and fact and _exchanges(package, stands_for, fact, cell)}
    if not releases:
        return
    where = f"On Apple silicon, TensorFlow {spans(releases)}, compile()"
    if name == "AdamW":
        yield f"{where} fails with an instance of AdamW."
    else:
        lost = ", without its weight_decay and EMA" if name == "Adam" else ""
        yield f"{where} turns the instance into the legacy class{lost}."


def _exchanges(package: str, path: str, fact: Fact, cell: Cell) -> bool:
    made, trained = look_up(Construct(path), cell), look_up(Trained(package, path), cell)
    if made is None or trained is None or trained.outcome is Outcome.RAISES:
        return False
    return fact.generation == made.generation != trained.generation
