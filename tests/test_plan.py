"""``adamlint plan``: what begins or changes at which release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from adamlint.cli import main
from adamlint.run import session
from adamlint.text.tree import Tree

LR = "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(lr=0.01)\n"
LEGACY = "import tensorflow as tf\nopt = tf.keras.optimizers.legacy.Adam(0.01)\n"
STRING = 'import tensorflow as tf\nmodel = tf.keras.Sequential([tf.keras.layers.Dense(1)])\nmodel.compile("adam")\n'


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def plan(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["plan", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def steps(text: str, *arguments: str) -> dict[str, list[str]]:
    """The codes and ends of the messages, of each step at which something happens."""
    Path("a.py").write_text(text, encoding="utf-8")
    result = plan("--format", "json", *arguments, "a.py")
    assert result.exit_code == 0, result.stderr
    report: dict[str, Any] = json.loads(result.stdout)
    told = {step["release"]: step["findings"] for step in report["steps"] if step["findings"]}
    return {release: [f"{found['code']} {found['message'].rpartition(': ')[2]}" for found in findings] for release, findings in told.items()}


def failure(*arguments: str) -> str:
    result = plan(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    return line


def test_an_argument_that_is_ignored_and_then_refused_is_told_twice() -> None:
    assert steps(LR, "--from", "2.10", "--to", "2.21") == {
        "2.11": ["ADM301 warns on 2.10, is ignored (trains at 0.001) on 2.11"],
        "2.16": ["ADM301 is ignored (trains at 0.001) on 2.15, raises ValueError on 2.16"],
    }


def test_what_is_so_on_the_first_release_is_not_told() -> None:
    assert steps(LR, "--from", "2.12", "--to", "2.15") == {}


def test_the_legacy_namespace_ends_with_keras_3() -> None:
    assert steps(LEGACY, "--from", "2.9", "--to", "2.21") == {"2.16": ["ADM201 raises ImportError on 2.16"]}


def test_the_class_that_the_string_is_changes_with_the_platform() -> None:
    found = steps(STRING, "--from", "2.10", "--to", "2.21", "--platform", "macos-arm64")
    assert found == {
        "2.12": ["ADM101 the legacy class on 2.12"],
        "2.16": ["ADM101 the legacy class on 2.15"],
    }
    assert steps(STRING, "--from", "2.10", "--to", "2.21", "--platform", "linux") == {}


def test_guarded_code_is_judged_where_it_runs() -> None:
    guarded = LR.replace("opt =", 'if tf.__version__ < "2.14":\n    opt =')
    assert list(steps(guarded, "--from", "2.10", "--to", "2.21")) == ["2.11"]


def test_a_file_that_switches_eager_execution_off_is_judged_in_graph_mode() -> None:
    graph = STRING.replace("model =", "tf.compat.v1.disable_eager_execution()\nmodel =")
    assert list(steps(graph, "--from", "2.10", "--to", "2.21", "--platform", "linux")) == ["2.11", "2.16"]


def test_suppressions_and_the_selection_of_rules_count() -> None:
    assert steps(LR.replace("\n", "  # noqa\n"), "--from", "2.10", "--to", "2.21") == {}
    assert steps(LR, "--from", "2.10", "--to", "2.21", "--ignore", "ADM301") == {}


def test_quiet_steps_are_one_line_each() -> None:
    Path("a.py").write_text(LEGACY + LR, encoding="utf-8")
    result = plan("--from", "2.14", "--to", "2.17", ".")
    assert (result.exit_code, result.stderr) == (0, "1 file checked\n")
    assert result.stdout.splitlines() == [
        "From TensorFlow 2.14 to 2.17: 2 findings, at 2.16",
        "2.15: nothing changes",
        "2.16: 2 findings in 1 file, 2 fixable",
        "  ADM201  legacy-namespace  1 in 1 file, 1 fixable",
        "  ADM301  lr-argument       1 in 1 file, 1 fixable",
        "    ./a.py:2:7: ADM201 `optimizers.legacy.Adam` does not work: raises ImportError on 2.16",
        "    ./a.py:4:32: ADM301 `lr` is an old name of `learning_rate`: is ignored (trains at 0.001) on 2.15, raises ValueError on 2.16",
        "2.17: nothing changes",
    ]


def test_markdown_is_for_a_pull_request() -> None:
    Path("a.py").write_text(LEGACY + "tf.keras.Sequential().compile(opt)\n", encoding="utf-8")
    assert plan("--from", "2.14", "--to", "2.16", "--format", "markdown", "a.py").stdout.splitlines() == [
        "# From TensorFlow 2.14 to 2.16",
        "",
        "1 finding, at 2.16.",
        "",
        "**2.15**: nothing changes",
        "",
        "## 2.16: 1 finding in 1 file, 1 fixable",
        "",
        "| rule | findings | files | fixes |",
        "|---|---|---|---|",
        "| ADM201 legacy-namespace | 1 | 1 file | 1 fixable |",
        "",
        "- `a.py:2:7` ADM201: `optimizers.legacy.Adam` does not work: raises ImportError on 2.16",
    ]


def test_json_counts_rules_files_and_fixes() -> None:
    Path("a.py").write_text(LEGACY + 'new = tf.keras.optimizers.Adam()\nweights = new.get_weights()\n', encoding="utf-8")
    report = json.loads(plan("--from", "2.10", "--to", "2.16", "--format", "json", "a.py").stdout)
    assert (report["from"], report["to"]) == ("2.10", "2.16")
    by_release = {step.pop("release"): step for step in report["steps"]}
    assert list(by_release) == ["2.11", "2.12", "2.13", "2.14", "2.15", "2.16"]
    assert [finding.pop("code") for finding in by_release["2.11"].pop("findings")] == ["ADM603"]
    assert by_release["2.11"] == {"rules": {"ADM603": 1}, "files": ["a.py"], "fixes": {"safe": 0, "unsafe": 0, "none": 1}}
    assert by_release["2.12"] == {"rules": {}, "files": [], "fixes": {"safe": 0, "unsafe": 0, "none": 0}, "findings": []}


def test_each_file_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    start = Tree.__init__

    def counting(self: Tree, text: str) -> None:
        parsed.append(text)
        start(self, text)

    monkeypatch.setattr(Tree, "__init__", counting)
    assert len(steps(LR, "--from", "2.8", "--to", "2.21")) == 2
    assert parsed == [LR]


def test_a_file_that_cannot_be_judged_is_named() -> None:
    Path("a.py").write_text("import tensorflow as tf\ntf.keras.optimizers.Adam(lr=\n", encoding="utf-8")
    result = plan("--from", "2.15", "a.py")
    assert result.stdout.splitlines()[0] == "From TensorFlow 2.15 to 2.21: nothing changes"
    assert result.stderr.startswith("a.py:2:25: ADM900 cannot be parsed")


def test_nothing_is_written() -> None:
    Path("a.py").write_text(LR, encoding="utf-8")
    plan("--from", "2.10", ".")
    assert [path.name for path in Path().iterdir()] == ["a.py"]
    assert Path("a.py").read_text(encoding="utf-8") == LR


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--from", "2.21", "--to", "2.10"], "--from 2.21 is newer than --to 2.10"),
        (["--from", "1.15"], "no TensorFlow that adamlint knows"),
        (["--from", "2.x.y"], "is no TensorFlow release"),
        (["--from", ">=2.12"], "'>=2.12' is more than one release"),
        (["--to", "2.21"], "--from"),
        (["--from", "2.15", "missing"], "missing: no such file or folder"),
        (["--from", "2.15", "--select", "ADM777"], "unknown rule"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], why: str) -> None:
    assert why in failure(*arguments)


def test_a_result_without_a_plan_has_no_steps() -> None:
    Path("a.py").write_text(LR, encoding="utf-8")
    [checked] = session.run(["a.py"], _config(), session.Options(cache=False)).checked
    assert checked.steps == {}


def _config() -> Any:
    from adamlint.config import Layer, merge

    return merge(Layer(), Layer())


def test_a_matter_of_form_is_no_step() -> None:
    assert steps(LEGACY, "--from", "2.8", "--to", "2.16", "--report", "implicit") == {"2.16": ["ADM201 raises ImportError on 2.16"]}
