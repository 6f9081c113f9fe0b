"""docs/beliefs.md: what it says was measured is what the atlas says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from adamlint.atlas import Cell, DefaultRate, Fact, IsInstance, Outcome, Variable, look_up, releases
from adamlint.cli import main

PAGE = (Path(__file__).parents[1] / "docs" / "beliefs.md").read_text(encoding="utf-8")
ASKED = re.findall(r"```console\n\$ (adamlint .*)\n((?:.*\n)*?)```", PAGE)
OPTIMIZERS = "tensorflow.keras.optimizers"


def fact(subject: Variable | DefaultRate, release: str) -> Fact:
    answer = look_up(subject, Cell(release, "linux", "eager"))
    assert answer is not None
    return answer


@pytest.mark.parametrize(("command", "output"), ASKED, ids=[command for command, _ in ASKED])
def test_a_command_of_the_page_prints_what_stands_there(command: str, output: str) -> None:
    assert output
    assert CliRunner().invoke(main, shlex.split(command)[1:]).stdout == output


def test_every_section_is_backed_by_a_look_up() -> None:
    sections = PAGE.split("\n## ")[1:]
    assert len(sections) == 6
    assert all("```console\n$ adamlint which" in section for section in sections)
    assert PAGE.count("$ adamlint") == len(ASKED)


def test_the_default_rate_is_the_same_on_every_release() -> None:
    rates = {release: fact(DefaultRate(f"{OPTIMIZERS}.Adam"), release).message for release in releases()}
    assert set(rates.values()) == {"0.001"}
    legacy = {fact(DefaultRate(f"{OPTIMIZERS}.legacy.Adam"), release).message for release in ("2.9", "2.12", "2.15")}
    assert legacy == {"0.001"}


def test_the_variable_set_late_does_nothing_up_to_214_and_a_mixed_state_from_215_on() -> None:
    late = {release: fact(Variable("late"), release) for release in releases()}
    assert {answer.outcome for answer in late.values()} == {Outcome.IGNORED}
    mixed = [release for release, answer in late.items() if answer.message == "tf.keras is tf_keras, but `from tensorflow.keras import` is not"]
    assert mixed == list(releases()[releases().index("2.15") :])


def test_the_legacy_class_is_of_another_base_class_where_there_are_two_lines() -> None:
    asked = IsInstance(f"{OPTIMIZERS}.legacy.Adam", f"{OPTIMIZERS}.Optimizer")
    answers = {release: look_up(asked, Cell(release, "linux", "eager")) for release in ("2.10", "2.12", "2.15")}
    assert {release: answer and answer.outcome for release, answer in answers.items()} == {
        "2.10": Outcome.OK, "2.12": Outcome.IGNORED, "2.15": Outcome.IGNORED,
    }  # fmt: skip
