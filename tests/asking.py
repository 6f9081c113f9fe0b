"""How tests ask the atlas: a release stands for Linux in eager mode, and what was not measured is a failure."""

from __future__ import annotations

from adamlint.atlas import Cell, Fact, Outcome, Subject, look_up

KERAS = "tensorflow.keras"
OPTIMIZERS = "tensorflow.keras.optimizers"
KERAS_2 = ("2.11", "2.12", "2.13", "2.14", "2.15")
KERAS_3 = ("2.16", "2.17", "2.18", "2.19", "2.20", "2.21")


def cell(release: str, platform: str = "linux", mode: str = "eager", tf_keras: bool = False) -> Cell:
    return Cell(release, platform, mode, tf_keras)


def fact(subject: Subject, where: Cell | str) -> Fact:
    found = look_up(subject, cell(where) if isinstance(where, str) else where)
    assert found is not None, f"{subject} was not measured in {where}"
    return found


def generation(subject: Subject, where: Cell | str) -> str | None:
    return fact(subject, where).generation


def outcome(subject: Subject, where: Cell | str) -> Outcome:
    return fact(subject, where).outcome


def adam(name: str = "Adam") -> str:
    return f"{OPTIMIZERS}.{name}"
