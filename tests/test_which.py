"""``adamlint which`` against what was measured, row by row."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from adamlint.cli import main

OLD, NEW, THREE = "optimizer_v2", "keras2", "keras3"


def which(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["which", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def cells(form: str, *arguments: str) -> list[dict[str, Any]]:
    result = which(form, "--format", "json", *arguments)
    assert result.exit_code == 0, result.stderr
    answer: list[dict[str, Any]] = json.loads(result.stdout)
    return answer


def cell(form: str, tensorflow: str, platform: str = "linux", mode: str = "eager", *options: str) -> dict[str, Any]:
    [answer] = cells(form, "--tensorflow", tensorflow, "--platform", platform, "--mode", mode, *options)
    return answer


def failure(*arguments: str) -> str:
    result = which(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    return line


MEANINGS = [
    # the form, and its generation on 2.10; 2.13 eager; 2.13 on Apple silicon; 2.13 in graph mode; 2.17
    ("'adam'", OLD, NEW, OLD, OLD, THREE),
    ("compile(optimizer='adam')", OLD, NEW, OLD, OLD, THREE),
    ("tf.keras.optimizers.get('ADAM')", OLD, NEW, OLD, OLD, THREE),
    ("tf.keras.optimizers.Adam()", OLD, NEW, NEW, NEW, THREE),
    ("tf.keras.optimizers.get({'class_name': 'Adam', 'config': {'learning_rate': 0.1}})", OLD, OLD, OLD, OLD, THREE),
    ("{'class_name': 'Adam', 'config': {...}}", OLD, OLD, OLD, OLD, THREE),
    ("{'class_name': 'Adam', 'config': {}}", OLD, NEW, OLD, OLD, THREE),
    ("tf.keras.optimizers.legacy.Adam()", OLD, OLD, OLD, OLD, None),
    ("tf.compat.v1.keras.optimizers.Adam()", OLD, OLD, OLD, OLD, THREE),
]


@pytest.mark.parametrize(("form", "old", "eager", "apple", "graph", "keras3"), MEANINGS)
def test_what_a_form_means(form: str, old: str, eager: str, apple: str, graph: str, keras3: str | None) -> None:
    assert cell(form, "2.10")["generation"] == old
    assert cell(form, "2.13")["generation"] == eager
    assert cell(form, "2.13", "macos-arm64")["generation"] == apple
    assert cell(form, "2.13", mode="graph")["generation"] == graph
    assert cell(form, "2.17")["generation"] == keras3


def test_the_keras_package_by_itself_is_legacy_on_211_and_212() -> None:
    answers = {release: cell("keras.optimizers.Adam()", release) for release in ("2.8", "2.10", "2.11", "2.12", "2.13", "2.16")}
    assert {release: answer["generation"] for release, answer in answers.items()} == {
        "2.8": None, "2.10": OLD, "2.11": OLD, "2.12": OLD, "2.13": NEW, "2.16": THREE,
    }  # fmt: skip
    assert answers["2.8"]["outcome"] == "raises"


def test_a_cell_is_told_in_full() -> None:
    assert cell("'adam'", "2.12", "macos-arm64") == {
        "tensorflow": "2.12",
        "keras": "2.12.0",
        "platform": "macos-arm64",
        "mode": "eager",
        "class": "keras.optimizers.legacy.adam.Adam",
        "generation": "optimizer_v2",
        "outcome": "ok",
        "message": None,
    }


FATES = [
    # the form, and its outcomes on 2.10, 2.13 and 2.16
    ("Adam(lr=0.01)", "warns", "ignored", "raises"),
    ("Adam(learning_rate=0.01)", "ok", "ok", "ok"),
    ("Adam(0.01, decay=1e-6)", "ok", "raises", "ignored"),
    ("Adam(weight_decay=0.01)", "raises", "ok", "ok"),
    ("Adam(0.01, amsgrad=False)", "ok", "ok", "ok"),
    ("model.optimizer.lr = 0.1", "ok", "ok", "ignored"),
    ("model.optimizer.lr", "ok", "ok", "raises"),
    ("opt._decayed_lr", "ok", "raises", "raises"),
    ("opt.get_weights()", "ok", "raises", "raises"),
    ("K.set_value(opt.learning_rate, 0.1)", "ok", "ok", "raises"),
    ("opt.learning_rate.assign(0.1)", "ok", "ok", "ok"),
    ("from tensorflow.keras.optimizers import AdamW", "raises", "ok", "ok"),
    ("compile('adamw')", "raises", "raises", "ok"),
    ("tf.train.AdamOptimizer()", "raises", "raises", "raises"),
    ("TF_USE_LEGACY_KERAS=1", "ignored", "ignored", "ok"),
    ("TF_USE_LEGACY_KERAS='yes'", "ignored", "ignored", "ignored"),
    ("compile(tf.keras.optimizers.Adam)", "raises", "raises", "raises"),
]


@pytest.mark.parametrize(("form", "old", "new", "keras3"), FATES)
def test_what_happens_to_a_form(form: str, old: str, new: str, keras3: str) -> None:
    assert [cell(form, release)["outcome"] for release in ("2.10", "2.13", "2.16")] == [old, new, keras3]


def test_an_instance_of_the_new_line_fails_in_graph_mode() -> None:
    answer = cell("tf.keras.optimizers.Adam()", "2.11", mode="graph")
    assert (answer["generation"], answer["outcome"]) == ("keras2", "raises")
    assert answer["message"].endswith("'Adam' object has no attribute 'get_updates'")
    assert cell("tf.keras.optimizers.legacy.Adam()", "2.11", mode="graph")["outcome"] == "ok"


def test_a_legacy_class_of_keras_3_can_be_imported_and_not_called() -> None:
    imported = cell("from tensorflow.keras.optimizers.legacy import Adam", "2.16")
    assert imported["outcome"] == "ok"
    assert "calling it raises ImportError" in imported["message"]
    assert cell("tf.keras.optimizers.legacy.Adam()", "2.16")["message"].startswith("ImportError: `keras.optimizers.legacy`")


def test_legacy_keras_is_tf_keras_where_the_variable_is_read() -> None:
    assert cell("tf.keras.optimizers.Adam()", "2.16", "linux", "eager", "--legacy-keras")["class"] == "tf_keras.src.optimizers.adam.Adam"
    assert cell("tf.keras.optimizers.Adam()", "2.14", "linux", "eager", "--legacy-keras")["class"] == "keras.src.optimizers.adam.Adam"


def test_all_measured_releases_platforms_and_modes_unless_they_are_narrowed() -> None:
    answers = cells("'adam'")
    assert {answer["platform"] for answer in answers} == {"linux", "windows", "macos-x86_64", "macos-arm64"}
    assert {answer["mode"] for answer in answers} == {"eager", "graph"}
    assert (answers[0]["tensorflow"], answers[-1]["tensorflow"]) == ("2.3", "2.21")
    narrowed = cells("'adam'", "--tensorflow", ">=2.12,<2.14", "--platform", "linux,windows", "--mode", "graph")
    assert [(answer["tensorflow"], answer["platform"], answer["mode"]) for answer in narrowed] == [
        ("2.12", "linux", "graph"), ("2.12", "windows", "graph"), ("2.13", "linux", "graph"), ("2.13", "windows", "graph"),
    ]  # fmt: skip


def test_equal_rows_are_merged() -> None:
    result = which("'adam'", "--tensorflow", ">=2.12", "--mode", "eager")
    assert result.stdout.splitlines() == [
        "TensorFlow  platform         mode   class                                  line     outcome",
        "2.12        not macos-arm64  eager  keras.optimizers.adam.Adam             new      ok",
        "2.12        macos-arm64      eager  keras.optimizers.legacy.adam.Adam      legacy   ok",
        "2.13-2.15   not macos-arm64  eager  keras.src.optimizers.adam.Adam         new      ok",
        "2.13-2.15   macos-arm64      eager  keras.src.optimizers.legacy.adam.Adam  legacy   ok",
        "2.16-2.21   any              eager  keras.src.optimizers.adam.Adam         Keras 3  ok",
    ]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("Adam()", "compile() turns the instance into the legacy class, without its weight_decay and EMA."),
        ("AdamW()", "compile() fails with an instance of AdamW."),
    ],
)
def test_what_compile_does_on_apple_silicon_is_told_under_the_table(form: str, said: str) -> None:
    line = f"On Apple silicon, TensorFlow 2.12-2.13, {said}"
    assert line in which(f"tf.keras.optimizers.{form}", "--platform", "macos").stdout
    assert "On Apple silicon" not in which(f"tf.keras.optimizers.{form}", "--platform", "linux").stdout
    assert "On Apple silicon" not in which(f"tf.keras.optimizers.{form}", "--tensorflow", ">=2.14").stdout


def test_a_string_is_nothing_that_compile_exchanges() -> None:
    assert "On Apple silicon" not in which("'adam'").stdout


def test_compile_gives_what_it_makes_of_an_instance() -> None:
    assert cell("compile(tf.keras.optimizers.Adam())", "2.12", "macos-arm64")["generation"] == OLD
    assert cell("compile(tf.keras.optimizers.Adam())", "2.15", "macos-arm64")["generation"] == NEW


@pytest.mark.parametrize(
    ("form", "note"),
    [
        ("adam", "adam is taken for the string 'adam'."),
        ("Adam()", "Adam is taken for tf.keras's: tf.keras.optimizers.Adam."),
        ("keras.optimizers.Adam()", "keras is `import keras`; after `from tensorflow import keras` ask for tf.keras."),
        ("opt.lr", "opt is taken for a tf.keras.optimizers.Adam."),
        ("sgd.lr", "sgd is taken for a tf.keras.optimizers.SGD."),
    ],
)
def test_what_is_taken_for_granted_is_said(form: str, note: str) -> None:
    assert note in which(form).stdout.splitlines()
    in_json = which(form, "--format", "json")
    assert in_json.stderr.splitlines() == [note]


def test_the_member_of_an_instance_belongs_to_its_class() -> None:
    assert cell("tf.keras.optimizers.legacy.SGD().get_weights()", "2.13")["outcome"] == "ok"
    assert cell("tf.keras.optimizers.SGD().get_weights()", "2.13")["message"] == "AttributeError: 'SGD' object has no attribute 'get_weights'"


def test_what_was_not_measured_is_no_guess() -> None:
    answer = cell("{'class_name': 'SGD', 'config': {}}", "2.13")
    assert (answer["class"], answer["generation"], answer["outcome"], answer["message"]) == (None, None, None, "not measured")
    assert cell("{'class_name': 'Adam', 'config': {'decay': 0.1}}", "2.13")["outcome"] is None
    assert "not measured" in which("{'class_name': 'SGD', 'config': {}}").stdout


@pytest.mark.parametrize(
    "form",
    ["", "x = ", "foo", "model.fit(x)", "Foo()", "torch.optim.Adam()", "import numpy", "1", "a; b", "model.get_weights()", "compile()", "x\0"],
)
def test_what_is_no_optimizer_form_is_one_line(form: str) -> None:
    assert "write one such as 'adam'" in failure(form)


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ("'foo'", "'foo' is the name of no Keras optimizer"),
        ("Adam(**config)", "write the arguments out"),
        ("Adam(*rest)", "write the arguments out"),
        ("opt.foo", "foo is no member of optimizers that adamlint knows"),
        ("tf.keras.optimizers.Optimizer()", "name one of them"),
    ],
)
def test_why_a_form_has_no_answer(form: str, why: str) -> None:
    assert why in failure(form)


def test_an_impossible_target_is_one_line() -> None:
    assert "no TensorFlow that adamlint knows" in failure("'adam'", "--tensorflow", ">=9")
    assert "is no TensorFlow release" in failure("'adam'", "--tensorflow", "2.x.y")
    assert "unknown platform" in failure("'adam'", "--platform", "amiga")
    assert "unknown mode" in failure("'adam'", "--mode", "lazy")


def test_an_empty_release_is_an_error_and_not_every_release() -> None:
    assert "release is empty" in failure("'adam'", "--tensorflow", "")


@pytest.mark.parametrize(("form", "old", "new"), [
    ("tf.keras.mixed_precision.LossScaleOptimizer(opt)", "ok", "ok"),
    ("tf.keras.mixed_precision.LossScaleOptimizer(opt, dynamic=False)", "ok", "raises"),
    ("tf.keras.mixed_precision.LossScaleOptimizer(opt).get_scaled_loss(x)", "ok", "raises"),
    ("tf.keras.mixed_precision.LossScaleOptimizer(opt).scale_loss(x)", "raises", "ok"),
])  # fmt: skip
def test_what_scales_the_loss_has_rows_of_its_own(form: str, old: str, new: str) -> None:
    assert [cell(form, release)["outcome"] for release in ("2.15", "2.17")] == [old, new]


def test_a_default_that_is_given_by_its_position_is_known() -> None:
    assert cell("Adam(0.001, 0.9, 0.999, 1e-7, False, 'Adam')", "2.10")["outcome"] == "ok"
    assert cell("Adam(0.001, 0.9, 0.999, 1e-7, False, 'Adam')", "2.17")["outcome"] == "raises"


def test_the_optimizers_of_tensorflow_1_are_told_without_their_arguments() -> None:
    result = which("tf.compat.v1.train.AdamOptimizer(0.1)", "--tensorflow", "2.16", "--platform", "linux", "--mode", "eager")
    assert "tensorflow.python.training.adam.AdamOptimizer" in result.stdout
    assert result.stdout.splitlines()[-1] == "The arguments of the optimizers of TF 1 were not measured."
