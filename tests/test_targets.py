"""The target of each file: the settings', else that of the project that the file is in."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adamlint.atlas import releases
from adamlint.cli import main
from adamlint.config import Layer, merge
from adamlint.run.targets import Targets

CODE = "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(learning_rate=0.1, decay=0.1)\n"  # an error on 2.11-2.15
LEGACY = "import tensorflow as tf\nopt = tf.keras.optimizers.legacy.Adam(learning_rate=0.1)\n"  # an error from 2.16 on
NEWEST = releases()[-1]


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def adamlint(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=stdin)


def found(result: Result) -> list[str]:
    return [" ".join((line.split(":")[0], line.split(" ")[1])) for line in result.stdout.splitlines()]


def test_metadata_say_the_target() -> None:
    write("a.py", LEGACY)
    write("requirements.txt", "tensorflow==2.13.0\n")
    assert found(adamlint()) == []
    write("requirements.txt", "tensorflow==2.16.1\n")
    assert found(adamlint()) == ["./a.py ADM201"]


def test_each_package_of_a_monorepo_has_its_own_target() -> None:
    write("packages/old/pyproject.toml", '[project]\ndependencies = ["tensorflow==2.13.*"]\n')
    write("packages/new/pyproject.toml", '[project]\ndependencies = ["tensorflow>=2.16"]\n')
    for package in ("old", "new"):
        write(f"packages/{package}/src/a.py", LEGACY)
    for _ in range(2):
        assert found(adamlint()) == ["./packages/new/src/a.py ADM201"]
        assert found(adamlint("--jobs", "2", "--no-cache")) == ["./packages/new/src/a.py ADM201"]


def test_the_command_line_and_the_configuration_win_over_metadata() -> None:
    write("a.py", LEGACY)
    write("requirements.txt", "tensorflow>=2.16\n")
    assert found(adamlint("--tensorflow", "2.13")) == []
    write("pyproject.toml", '[tool.adamlint]\ntensorflow = "2.13"\n[project]\nrequires-python = ">=3.12"\n')
    assert found(adamlint()) == []
    assert found(adamlint("--tensorflow", "2.16")) == ["./a.py ADM201"]


def test_isolated_means_the_default() -> None:
    write("requirements.txt", "tensorflow==2.13.0\nkeras>=4\n")
    write("a.py", LEGACY)
    result = adamlint("--isolated")
    assert found(result) == ["./a.py ADM201"]
    assert "note:" not in result.stderr


def test_platform_and_mode_go_with_the_releases_of_the_metadata() -> None:
    write("requirements.txt", "tensorflow==2.13.0\n")
    write("a.py", CODE)
    target = json.loads(adamlint("--output-format", "json", "--platform", "linux", "--mode", "any").stdout)["target"]
    assert target == {"tensorflow": ["2.13"], "platforms": ["linux"], "modes": ["eager", "graph"]}


def test_the_target_in_json_is_that_of_all_files() -> None:
    write("a/requirements.txt", "tensorflow==2.13.0\n")
    write("b/requirements.txt", "tensorflow==2.16.1\n")
    write("a/a.py", CODE)
    write("b/b.py", CODE)
    assert json.loads(adamlint("--output-format", "json").stdout)["target"]["tensorflow"] == ["2.13", "2.16"]
    assert json.loads(adamlint("--output-format", "json", "a").stdout)["target"]["tensorflow"] == ["2.13"]


def test_verbose_tells_where_each_target_comes_from() -> None:
    write("a/requirements.txt", "numpy\ntensorflow==2.13.0\n")
    for name in ("a/a.py", "a/deep/b.py", "c.py"):
        write(name, CODE)
    told = [line for line in adamlint("--verbose").stderr.splitlines() if line.startswith("TensorFlow")]
    assert len(told) == 2
    assert told[0].startswith("TensorFlow 2.13 on linux, ")
    assert told[0].endswith(f": {os.path.join('a', 'requirements.txt')}:2: tensorflow==2.13.0")
    assert told[1].endswith(": the default")


@pytest.mark.parametrize(
    ("table", "arguments", "source"),
    [("", ("--tensorflow", "2.15"), "--tensorflow 2.15"), ('tensorflow = "2.15"', (), '[tool.adamlint]: tensorflow = "2.15"')],
)
def test_verbose_names_the_setting(table: str, arguments: tuple[str, ...], source: str) -> None:
    write("pyproject.toml", f"[tool.adamlint]\n{table}\n")
    write("a.py", CODE)
    assert adamlint("--verbose", *arguments).stderr.splitlines()[0].endswith(f": {source}")


def test_a_note_is_printed_once_and_changes_no_exit_code() -> None:
    write("requirements.txt", "tensorflow==1.15\n")
    write("a.py", "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(0.1)\n")
    write("src/b.py", "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(0.1)\n")
    result = adamlint()
    assert result.exit_code == 0
    assert result.stderr.count("adamlint: note: requirements.txt:1: tensorflow==1.15: ") == 1


def test_metadata_that_cannot_be_parsed_are_a_warning() -> None:
    write("pyproject.toml", "[project]\ndependencies = 3\n")
    write("uv.lock", "[[package]]\nname = tensorflow\n")
    write("requirements.txt", "tensorflow==2.13.0\n")
    write("a.py", LEGACY)
    result = adamlint()
    assert (found(result), result.exit_code) == ([], 0)
    assert "adamlint: note: uv.lock: not valid TOML: " in result.stderr


def test_metadata_are_not_read_where_no_file_matters() -> None:
    write("requirements.txt", "tensorflow==1.15\n")
    write("a.py", "print()\n")
    assert "note" not in adamlint().stderr


def test_stdin_has_the_target_of_its_name() -> None:
    write("old/requirements.txt", "tensorflow==2.13.0\n")
    assert found(adamlint("-", "--stdin-filename", "old/a.py", stdin=LEGACY)) == []
    assert found(adamlint("-", "--stdin-filename", "a.py", stdin=LEGACY)) == ["a.py ADM201"]


def test_keras_alone_is_keras_3_and_its_variable_is_of_no_interest() -> None:
    write("requirements.txt", "keras>=3\njax\n")
    write("a.py", 'import os\nos.environ["TF_USE_LEGACY_KERAS"] = "yes"\nimport keras\nopt = keras.optimizers.Adam(lr=0.1)\n')
    assert found(adamlint()) == ["./a.py ADM301"]
    write("requirements.txt", "keras>=3\ntensorflow\n")
    assert found(adamlint("--no-cache")) == ["./a.py ADM402", "./a.py ADM301"]


@pytest.mark.parametrize(
    ("keras", "where"),
    [("keras<3.4", "every targeted release"), ("keras<3.7", "2.16+ with Keras 3.0, 3.3"), ("keras==3.6.0", None), ("keras>=3.0", None)],
)
def test_a_pinned_keras_3_is_judged_by_its_own_rows(keras: str, where: str | None) -> None:
    write("a.py", "import tensorflow as tf\nopt = tf.keras.optimizers.Lamb(0.1)\n")  # new in Keras 3.4
    for requirement in ("keras>=3.0", keras):  # the second run must not take what the first one found
        write("requirements.txt", f"tensorflow>=2.16\n{requirement}\n")
        said = adamlint().stdout
    assert said.rstrip().endswith(f"raises AttributeError on {where}") if where else not said


def test_the_variable_in_a_dockerfile_makes_tf_keras_of_tf_keras() -> None:
    write("a.py", LEGACY)
    write("Dockerfile", "FROM tensorflow/tensorflow:2.16.1\nRUN pip install tf-keras\n")
    assert found(adamlint()) == ["./a.py ADM201"]
    write("Dockerfile", "FROM tensorflow/tensorflow:2.16.1\nRUN pip install tf-keras\nENV TF_USE_LEGACY_KERAS=1\n")
    assert found(adamlint()) == []


def test_other_metadata_check_unchanged_files_again() -> None:
    write("a.py", LEGACY)
    os.utime("a.py", (1, 1))
    for version, expected in (("2.13", []), ("2.16", ["./a.py ADM201"]), ("2.14", [])):
        write("requirements.txt", f"tensorflow=={version}\n")
        assert found(adamlint()) == expected
        assert found(adamlint()) == expected


def test_a_folder_has_one_aim() -> None:
    write("requirements.txt", "tensorflow==2.13.0\n")
    targets = Targets(merge(Layer(), Layer()))
    assert targets.of("a.py") is targets.of("b.py")
    assert targets.of("a.py").target.releases == ("2.13",)
    assert targets.of(os.path.join("src", "c.py")) == targets.of("a.py")
    isolated = Targets(replace(merge(Layer(), Layer()), metadata=False))
    assert isolated.of("a.py").target.releases == releases()[releases().index("2.12") :]


def test_nothing_of_the_project_is_run_or_imported() -> None:
    write("setup.py", "open('ran', 'w')\nfrom setuptools import setup\nsetup(install_requires=['tensorflow==2.13.0'])\n")
    write("tensorflow.py", "open('ran', 'w')\n")
    write("a.py", LEGACY)
    assert found(adamlint()) == []
    assert not Path("ran").exists()
