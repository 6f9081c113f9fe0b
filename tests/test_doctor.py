"""``adamlint doctor``: what is here, without importing it."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from adamlint.cli import main
from adamlint.commands.diagnosis import diagnose
from adamlint.commands.installed import Installed
from adamlint.target import Target

HERE = Installed("3.11.1", "linux", "x86_64", {"tensorflow": "2.17.0"}, {"keras": "3.15.0"}, {}, None)
MAC = replace(HERE, system="darwin", machine="arm64", tensorflow={"tensorflow-macos": "2.12.0"}, keras={"keras": "2.12.0"})
ANY = Target.parse(">=2.3")


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TF_USE_LEGACY_KERAS", raising=False)


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, **versions: str) -> None:
    """Distributions that are only their metadata: an import of them would fail."""
    for name, version in versions.items():
        home = folder / "site" / f"{name}-{version}.dist-info"
        home.mkdir(parents=True)
        (home / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder / "site"))


def doctor(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["doctor", *arguments])
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def report() -> Any:
    return json.loads(doctor("--format", "json"))


def test_without_tensorflow_it_says_so() -> None:
    found = report()
    assert (found["tensorflow"], found["agree"], found["forms"]["Adam()"]) == ({}, None, None)
    assert found["advice"] == ["TensorFlow is not installed here: `adamlint which` tells what a form is on every release."]
    assert "tensorflow           not installed" in doctor()


def test_installed_packages_are_found_by_their_metadata_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, tensorflow_cpu="2.17.1", keras="3.15.0", tf_keras="2.17.0")
    found = report()
    assert (found["tensorflow"], found["keras"], found["tf_keras"]) == (
        {"tensorflow-cpu": "2.17.1"}, {"keras": "3.15.0"}, {"tf-keras": "2.17.0"},
    )  # fmt: skip
    assert not {"tensorflow", "keras", "tf_keras"} & set(sys.modules)


def test_the_variable_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "TRUE")
    assert report()["variable"] == {"value": "TRUE", "on": False}
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "1")
    assert report()["variable"] == {"value": "1", "on": True}


def test_the_target_comes_from_the_configuration_then_from_metadata() -> None:
    Path("requirements.txt").write_text("numpy\ntensorflow==2.13.*\n", encoding="utf-8")
    target = report()["target"]["tensorflow"]
    assert target["releases"] == ["2.13"]
    assert target["source"].startswith("requirements.txt:2: tensorflow")
    Path("pyproject.toml").write_text('[tool.adamlint]\ntensorflow = "2.15"\nplatform = "linux"\n', encoding="utf-8")
    assert report()["target"]["tensorflow"] == {"releases": ["2.15"], "source": "[tool.adamlint] of pyproject.toml"}
    assert report()["target"]["platform"] == "linux: [tool.adamlint] of pyproject.toml"


def test_keras_3_agrees_and_has_no_legacy_class() -> None:
    found = diagnose(HERE, ANY)
    assert found.agree is True
    assert [fact.generation if fact else "?" for fact in found.facts.values()] == ["keras3", "keras3", None]
    assert found.remarks == ('"adam" and Adam() are the same class here (Keras 3).', "legacy.Adam() does not work here.")
    assert found.advice == ()


def test_apple_silicon_on_212_has_two_classes() -> None:
    found = diagnose(MAC, ANY)
    assert found.agree is False
    assert found.remarks[0] == '"adam" and Adam() are two classes here: legacy and new.'
    assert any(remark.startswith("On Apple silicon, TensorFlow 2.12, compile() turns") for remark in found.remarks)
    assert found.advice == ('Write the class instead of "adam": `adamlint --select ADM101 --fix`.',)


def test_what_graph_mode_changes_is_told() -> None:
    found = diagnose(replace(HERE, tensorflow={"tensorflow": "2.13.0"}, keras={"keras": "2.13.1"}), ANY)
    [line] = [remark for remark in found.remarks if remark.startswith("With eager execution off")]
    assert line.startswith('With eager execution off: "adam" is legacy, Adam() is new and fails (in training: AttributeError')


def test_the_variable_without_tf_keras() -> None:
    found = diagnose(replace(HERE, variable="1"), ANY)
    assert {fact.error for fact in found.facts.values() if fact} == {"ImportError"}
    assert found.advice == ("TF_USE_LEGACY_KERAS is on and tf_keras is not installed: `pip install tf-keras~=2.17.0`, or unset the variable.",)


def test_the_variable_with_tf_keras() -> None:
    found = diagnose(replace(HERE, variable="1", tf_keras={"tf-keras": "2.17.0"}), ANY)
    assert found.facts["Adam()"] is not None
    assert found.facts["Adam()"].cls == "tf_keras.src.optimizers.adam.Adam"
    assert found.facts["legacy.Adam()"] is not None
    assert found.facts["legacy.Adam()"].generation == "optimizer_v2"
    assert found.advice == ()


@pytest.mark.parametrize(
    ("here", "advice"),
    [
        (replace(HERE, variable="yes"), "TF_USE_LEGACY_KERAS=yes does not count: only 1, True and true mean on."),
        (replace(MAC, variable="1"), "TensorFlow 2.12 does not read TF_USE_LEGACY_KERAS: unset it."),
        (replace(MAC, variable="yes"), "TensorFlow 2.12 does not read TF_USE_LEGACY_KERAS: unset it."),
        (replace(HERE, tensorflow={"tf-nightly": "2.99.0.dev1"}), "TensorFlow 2.99 was not measured: adamlint knows "),
        (
            replace(HERE, tensorflow={"tensorflow": "2.17.0", "tensorflow-cpu": "2.10.0"}),
            "Several TensorFlow distributions of different releases are installed: remove all but one.",
        ),
    ],
)
def test_what_to_do(here: Installed, advice: str) -> None:
    assert any(line.startswith(advice) for line in diagnose(here, ANY).advice)


def test_a_value_that_means_off_needs_no_advice() -> None:
    assert diagnose(replace(HERE, variable="0"), ANY).advice == ()


def test_a_release_outside_of_the_target() -> None:
    found = diagnose(HERE, Target.parse(">=2.12,<2.16"))
    assert found.advice == ("TensorFlow 2.17 is not in the target (2.12-2.15): install another, or declare this one.",)


def test_a_release_that_was_not_measured_is_no_guess() -> None:
    found = diagnose(replace(HERE, tensorflow={"tf-nightly": "2.99.0.dev1"}), ANY)
    assert (found.agree, set(found.facts.values())) == (None, {None})


def test_a_measured_older_keras_3_is_answered_by_its_own_rows() -> None:
    found = diagnose(replace(HERE, keras={"keras": "3.3.3"}), ANY)
    assert found.cell is not None
    assert (found.cell.keras, found.agree) == ("3.3", True)
    assert not any("is installed" in remark for remark in found.remarks)


def test_another_keras_than_the_measured_one_is_told() -> None:
    found = diagnose(replace(HERE, keras={"keras": "3.4.1"}), ANY)
    assert found.remarks[-1].endswith("3.4.1 is installed.")
