"""What the atlas says of members where no constructor is seen, and of the names that public modules have."""

from __future__ import annotations

import pytest

from adamlint.atlas import Cell, Member, OfModel, Outcome, Public, Trained, look_up

KERAS = "tensorflow.keras"


def cell(release: str, platform: str = "linux", mode: str = "eager", tf_keras: bool = False) -> Cell:
    return Cell(release, platform, mode, tf_keras)


def outcome(subject: Member | OfModel | Public | Trained, where: Cell) -> Outcome | None:
    found = look_up(subject, where)
    return None if found is None else found.outcome


@pytest.mark.parametrize(("release", "told"), [("2.10", Outcome.RAISES), ("2.11", Outcome.RAISES), ("2.12", Outcome.OK), ("2.21", Outcome.OK)])
def test_variables_is_a_list_from_2_12_on(release: str, told: Outcome) -> None:
    assert outcome(Member(f"{KERAS}.optimizers.Adam", "variables", "len"), cell(release)) is told


def test_the_optimizer_of_a_model_is_of_a_legacy_class_on_apple_silicon() -> None:
    variables = OfModel(KERAS, "variables", "len")
    assert [outcome(variables, cell("2.15", platform)) for platform in ("linux", "macos-arm64")] == [Outcome.OK, Outcome.RAISES]
    assert outcome(variables, cell("2.15", mode="graph")) is Outcome.RAISES
    assert outcome(variables, cell("2.16", "macos-arm64")) is Outcome.OK


def test_a_schedule_is_no_number_on_the_legacy_line() -> None:
    rate = f"{KERAS}.optimizers.Adam", "learning_rate"
    assert [outcome(Member(*rate, "cast schedule"), cell(release)) for release in ("2.10", "2.12")] == [Outcome.RAISES, Outcome.OK]
    assert outcome(Member(*rate, "cast"), cell("2.10")) is Outcome.OK


@pytest.mark.parametrize("release", ["2.12", "2.13"])
def test_adamw_does_not_train_on_apple_silicon_of_two_releases(release: str) -> None:
    trained = Trained(KERAS, f"{KERAS}.optimizers.AdamW")
    assert outcome(trained, cell(release, "macos-arm64")) is Outcome.RAISES
    assert outcome(trained, cell(release)) is Outcome.OK
    assert outcome(trained, cell("2.14", "macos-arm64")) is Outcome.WARNS


def test_what_a_public_module_has() -> None:
    name = Public(f"{KERAS}.backend.learning_phase")
    assert [outcome(name, cell(release)) for release in ("2.12", "2.16")] == [Outcome.OK, Outcome.RAISES]
    assert outcome(name, cell("2.16", tf_keras=True)) is Outcome.OK
    assert outcome(Public(f"{KERAS}.backend.no_such_name"), cell("2.12")) is Outcome.RAISES
    assert outcome(Public(f"{KERAS}.mine.Dense"), cell("2.12")) is None
    assert outcome(Public("keras.layers.Dense"), cell("2.3")) is None  # there was no such package
    assert outcome(Public("keras.backend.set_value"), cell("2.16")) is Outcome.RAISES
