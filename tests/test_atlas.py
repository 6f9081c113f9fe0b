"""The tables of the documentation, stated literally and asked of the atlas."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adamlint.atlas import (
    Argument,
    ByName,
    Compiled,
    Construct,
    FromConfig,
    Import,
    IsInstance,
    Outcome,
    Override,
    Passed,
    Shared,
    Trained,
    Variable,
    keras_version,
    look_up,
    releases,
)
from adamlint.atlas.generations import apart
from scripts import build_atlas
from scripts.atlas_names import pack_names
from tests.asking import KERAS, KERAS_2, KERAS_3, OPTIMIZERS, adam, cell, fact, generation, outcome

ROOT = Path(__file__).resolve().parent.parent
ARM_LEGACY = ("2.12", "2.13", "2.14", "2.15")


# ------------------------------------------------------------------ the string "adam"


@pytest.mark.parametrize("release", ["2.3", "2.6", "2.8", "2.9", "2.10"])
def test_string_adam_is_optimizer_v2_up_to_2_10(release: str) -> None:
    assert generation(ByName(KERAS, "adam"), release) == "optimizer_v2"


@pytest.mark.parametrize("release", KERAS_2)
def test_string_adam_is_new_on_linux_eager(release: str) -> None:
    assert generation(ByName(KERAS, "adam"), release) == "keras2"


@pytest.mark.parametrize("platform", ["windows", "macos-x86_64"])
def test_other_platforms_share_the_rows_of_linux(platform: str) -> None:
    assert fact(ByName(KERAS, "adam"), cell("2.13", platform)) == fact(ByName(KERAS, "adam"), "2.13")


@pytest.mark.parametrize("release", ARM_LEGACY)
def test_string_adam_is_legacy_on_apple_silicon(release: str) -> None:
    assert generation(ByName(KERAS, "adam"), cell(release, "macos-arm64")) == "optimizer_v2"


def test_string_adam_is_new_on_apple_silicon_in_2_11() -> None:
    assert generation(ByName(KERAS, "adam"), cell("2.11", "macos-arm64")) == "keras2"


@pytest.mark.parametrize("release", KERAS_2)
def test_string_adam_is_legacy_in_graph_mode(release: str) -> None:
    assert generation(ByName(KERAS, "adam"), cell(release, mode="graph")) == "optimizer_v2"


@pytest.mark.parametrize("release", KERAS_3)
@pytest.mark.parametrize("platform", ["linux", "macos-arm64"])
@pytest.mark.parametrize("mode", ["eager", "graph"])
def test_string_adam_is_keras_3_from_2_16(release: str, platform: str, mode: str) -> None:
    assert generation(ByName(KERAS, "adam"), cell(release, platform, mode)) == "keras3"


def test_the_case_of_a_name_does_not_matter() -> None:
    assert fact(ByName(KERAS, "ADAM"), "2.12") == fact(ByName(KERAS, "adam"), "2.12")


@pytest.mark.parametrize("release", ["2.9", "2.10", *KERAS_2])
def test_string_adamw_is_unknown_before_keras_3(release: str) -> None:
    found = fact(ByName(KERAS, "adamw"), release)
    assert (found.outcome, found.error) == (Outcome.RAISES, "ValueError")


@pytest.mark.parametrize("release", KERAS_3)
def test_string_adamw_is_known_to_keras_3_and_to_tf_keras(release: str) -> None:
    assert generation(ByName(KERAS, "adamw"), release) == "keras3"
    assert generation(ByName("tf_keras", "adamw"), release) == "keras2"


def test_string_adam_of_tf_keras_is_legacy_on_apple_silicon_and_in_graph_mode() -> None:
    assert generation(ByName("tf_keras", "adam"), "2.16") == "keras2"
    assert generation(ByName("tf_keras", "adam"), cell("2.16", "macos-arm64")) == "optimizer_v2"
    assert generation(ByName("tf_keras", "adam"), cell("2.16", mode="graph")) == "optimizer_v2"


def test_tf_keras_is_the_same_whatever_the_variable_says() -> None:
    on, off = cell("2.16", "macos-arm64", tf_keras=True), cell("2.16", "macos-arm64")
    assert fact(ByName("tf_keras", "adam"), on) == fact(ByName("tf_keras", "adam"), off)


# ------------------------------------------------------------------ config dictionaries


@pytest.mark.parametrize("release", KERAS_2)
@pytest.mark.parametrize("function", ["get", "deserialize"])
def test_a_full_config_is_legacy_on_keras_2(release: str, function: str) -> None:
    assert generation(FromConfig(KERAS, function, empty=False), release) == "optimizer_v2"


@pytest.mark.parametrize("release", KERAS_2)
def test_an_empty_config_is_new_on_linux(release: str) -> None:
    assert generation(FromConfig(KERAS, "get", empty=True), release) == "keras2"


def test_an_empty_config_is_legacy_on_apple_silicon() -> None:
    assert generation(FromConfig(KERAS, "deserialize", empty=True), cell("2.13", "macos-arm64")) == "optimizer_v2"


def test_compile_keeps_a_dict_that_is_no_optimizer_before_keras_3() -> None:
    assert generation(FromConfig(KERAS, "compile", empty=True), "2.15") is None
    assert generation(FromConfig(KERAS, "compile", empty=True), "2.16") == "keras3"


# ------------------------------------------------------------------ constructors


@pytest.mark.parametrize("release", KERAS_2)
@pytest.mark.parametrize("mode", ["eager", "graph"])
@pytest.mark.parametrize("platform", ["linux", "macos-arm64"])
def test_adam_called_is_new_everywhere_on_keras_2(release: str, mode: str, platform: str) -> None:
    assert generation(Construct(adam()), cell(release, platform, mode)) == "keras2"


@pytest.mark.parametrize("release", ARM_LEGACY)
@pytest.mark.parametrize("name", ["Adam", "SGD", "RMSprop"])
def test_apple_silicon_warns_of_a_slow_optimizer(release: str, name: str) -> None:
    found = fact(Construct(adam(name)), cell(release, "macos-arm64"))
    assert found.outcome is Outcome.WARNS
    assert found.message is not None
    assert f"`tf.keras.optimizers.{name}` runs slowly" in found.message


def test_keras_adam_by_release() -> None:
    path = "keras.optimizers.Adam"
    assert fact(Construct(path), "2.8").error == "AttributeError"
    assert [generation(Construct(path), release) for release in ("2.9", "2.10")] == ["optimizer_v2"] * 2
    assert [generation(Construct(path), release) for release in ("2.11", "2.12")] == ["optimizer_v2"] * 2
    assert generation(Construct(path), "2.13") == "keras2"
    assert generation(Construct(path), "2.16") == "keras3"


@pytest.mark.parametrize("name", ["Adam", "SGD", "RMSprop", "Adagrad", "Ftrl"])
def test_legacy_namespace_by_release(name: str) -> None:
    path = adam(f"legacy.{name}")
    assert fact(Construct(path), "2.8").error == "AttributeError"
    assert generation(Construct(path), "2.10") == "optimizer_v2"
    assert generation(Construct(path), "2.15") == "optimizer_v2"
    assert fact(Construct(path), "2.16").error == "ImportError"


@pytest.mark.parametrize("release", KERAS_3)
def test_legacy_nadam_is_no_stub_on_keras_3(release: str) -> None:
    assert fact(Construct(adam("legacy.Nadam")), release).error == "AttributeError"


def test_adamw_exists_from_2_12() -> None:
    assert fact(Construct(adam("AdamW")), "2.11").error == "AttributeError"
    assert generation(Construct(adam("AdamW")), "2.12") == "keras2"


def test_experimental_is_new_from_2_9_and_gone_on_keras_3() -> None:
    assert fact(Construct(adam("experimental.Adam")), "2.8").error == "AttributeError"
    assert generation(Construct(adam("experimental.AdamW")), "2.9") == "keras2"
    assert generation(Construct(adam("experimental.Adam")), "2.10") == "keras2"
    assert generation(Construct(adam("experimental.SGD")), "2.15") == "keras2"
    assert fact(Construct(adam("experimental.SGD")), "2.16").error == "AttributeError"


def test_v1_optimizers() -> None:
    assert fact(Construct("tensorflow.train.AdamOptimizer"), "2.12").error == "AttributeError"
    assert generation(Construct("tensorflow.compat.v1.train.AdamOptimizer"), "2.21") == "v1"
    assert generation(Construct("tensorflow.compat.v1.keras.optimizers.Adam"), "2.15") == "optimizer_v2"


def test_class_paths() -> None:
    assert fact(Construct(adam()), "2.10").cls == "keras.optimizers.optimizer_v2.adam.Adam"
    assert fact(Construct(adam()), "2.12").cls == "keras.optimizers.adam.Adam"
    assert fact(Construct("tf_keras.optimizers.Adam"), "2.21").cls == "tf_keras.src.optimizers.adam.Adam"


def test_with_the_variable_tf_keras_takes_the_place_of_tensorflow_keras() -> None:
    assert fact(Construct(adam()), cell("2.21", tf_keras=True)).cls == "tf_keras.src.optimizers.adam.Adam"
    assert generation(Construct(adam("legacy.Adam")), cell("2.21", tf_keras=True)) == "optimizer_v2"
    assert fact(Construct("keras.optimizers.Adam"), cell("2.21", tf_keras=True)).generation == "keras3"


def test_tf_keras_is_not_there_before_2_15() -> None:
    assert fact(Construct("tf_keras.optimizers.SGD"), "2.14").error == "ModuleNotFoundError"


# ------------------------------------------------------------------ imports


@pytest.mark.parametrize("release", KERAS_3)
def test_importing_legacy_adam_works_on_keras_3(release: str) -> None:
    assert outcome(Import(adam("legacy.Adam")), release) is Outcome.OK
    assert outcome(Import(f"{OPTIMIZERS}.legacy"), release) is Outcome.OK


def test_importing_legacy_fails_before_2_9() -> None:
    assert fact(Import(adam("legacy.Adam")), "2.8").error == "ModuleNotFoundError"


def test_private_imports() -> None:
    assert generation(Construct("keras.optimizers.adam_v2.Adam"), "2.11") == "optimizer_v2"
    assert fact(Import("keras.optimizers.adam_v2"), "2.12").error == "ImportError"
    assert outcome(Import("keras.optimizer_v2.adam.Adam"), "2.8") is Outcome.OK
    assert fact(Import("keras.optimizer_v2.adam.Adam"), "2.9").error == "ModuleNotFoundError"
    assert generation(Construct("keras.src.optimizers.Adam"), "2.13") == "optimizer_v2"
    assert generation(Construct("tensorflow.python.keras.optimizer_v2.adam.Adam"), "2.21") == "optimizer_v2"


def test_importing_a_name_that_is_not_there_is_an_import_error() -> None:
    assert fact(Import(adam("Lion")), cell("2.12", "macos-arm64", "graph")).error == "ImportError"
    assert outcome(Import(adam("Lion")), cell("2.13", "macos-arm64", "graph")) is Outcome.OK


# ------------------------------------------------------------------ the rest


@pytest.mark.parametrize("name", ["Adam", "SGD"])
def test_overriding_the_old_api_does_nothing_from_2_11(name: str) -> None:
    override = Override(adam(name), "_resource_apply_dense")
    assert outcome(override, "2.10") is Outcome.OK
    assert [outcome(override, release) for release in KERAS_2] == [Outcome.IGNORED] * 5
    assert outcome(override, "2.21") is Outcome.IGNORED


def test_an_old_style_optimizer_class_fails_from_2_11() -> None:
    override = Override(adam("Optimizer"), "_resource_apply_dense")
    assert outcome(override, "2.10") is Outcome.OK
    assert fact(override, "2.12").error == "AttributeError"
    assert outcome(Override(adam("legacy.Optimizer"), "_resource_apply_dense"), "2.12") is Outcome.OK


@pytest.mark.parametrize("release", ["2.10", *KERAS_2, *KERAS_3])
def test_the_class_in_place_of_an_instance_is_refused(release: str) -> None:
    assert fact(Passed(adam()), release).error == "ValueError"
    assert fact(Passed(adam("SGD")), release).error == "ValueError"


def test_who_trains_what() -> None:
    assert fact(Trained("tf_keras", "keras.optimizers.Adam"), "2.21").error == "ValueError"
    assert outcome(Trained("keras", adam()), "2.12") is Outcome.OK
    assert outcome(Trained(KERAS, "tensorflow.compat.v1.train.AdamOptimizer"), "2.15") is Outcome.OK
    assert fact(Trained(KERAS, "tensorflow.compat.v1.train.AdamOptimizer"), "2.16").error == "ValueError"
    assert fact(Trained(KERAS, "tensorflow.python.keras.optimizer_v2.adam.Adam"), "2.12").error == "ValueError"


@pytest.mark.parametrize("release", ["2.12", "2.13"])
def test_compile_on_apple_silicon_turns_an_instance_into_the_legacy_class(release: str) -> None:
    arm = cell(release, "macos-arm64")
    assert generation(Compiled(adam()), arm) == "optimizer_v2"
    assert generation(Compiled(adam("AdamW")), arm) is None  # raises on 2.12, leaves no optimizer on 2.13
    assert generation(Compiled(adam()), release) == "keras2"
    assert generation(Compiled(adam()), cell("2.14", "macos-arm64")) == "keras2"


def test_one_instance_for_two_models() -> None:
    assert outcome(Shared(adam(), "two models"), "2.10") is Outcome.OK
    assert fact(Shared(adam(), "two models"), "2.12").error == "KeyError"
    assert fact(Shared(adam(), "two models"), "2.16").error == "ValueError"
    assert outcome(Shared(adam("legacy.Adam"), "two models"), "2.12") is Outcome.OK


def test_legacy_is_no_instance_of_optimizer_on_keras_2() -> None:
    check = IsInstance(adam("legacy.Adam"), adam("Optimizer"))
    assert outcome(check, "2.10") is Outcome.OK
    assert [outcome(check, release) for release in KERAS_2] == [Outcome.IGNORED] * 5


def test_the_variable_is_read_from_2_15() -> None:
    assert [outcome(Variable("on"), release) for release in ("2.12", "2.14")] == [Outcome.IGNORED] * 2
    assert [outcome(Variable("on"), release) for release in ("2.15", *KERAS_3)] == [Outcome.OK] * 7
    assert fact(Variable("without tf_keras"), "2.16").error == "ImportError"


@pytest.mark.parametrize("use", ["late", "bad value"])
def test_the_variable_is_ignored_when_late_or_not_1(use: str) -> None:
    assert {outcome(Variable(use), release) for release in releases()} == {Outcome.IGNORED}


def test_the_variable_must_be_a_string() -> None:
    assert {fact(Variable("not a string"), release).error for release in releases()} == {"TypeError"}


def test_what_was_not_measured_is_none() -> None:
    assert look_up(Construct("keras_core.optimizers.Adam"), cell("2.12")) is None
    assert look_up(Construct(adam()), cell("2.99")) is None
    assert look_up(Construct(adam()), cell("2.14", tf_keras=True)) is None
    assert look_up(Override(adam(), "_resource_apply_sparse"), cell("2.10")) is None


def test_releases_are_in_order_and_without_gaps_where_keras_changed() -> None:
    assert releases()[-6:] == KERAS_3
    assert releases()[-11:-6] == KERAS_2


def test_keras_versions() -> None:
    assert keras_version(cell("2.12")) == "2.12.0"
    version = keras_version(cell("2.21"))
    assert version is not None
    assert version.startswith("3.")
    assert keras_version(cell("2.21", tf_keras=True), "tensorflow.keras") == "2.21.0"
    assert keras_version(cell("2.12"), "tf_keras") is None


def test_facts_are_small_and_hold_no_address_of_a_run() -> None:
    text = (ROOT / "adamlint" / "atlas" / "facts.json").read_text(encoding="utf-8")
    assert len(text) < 220_000
    assert " at 0x" not in text
    assert "/site-packages" not in text.replace("<site-packages>", "")
    assert set(json.loads(text)) >= {"releases", "facts", "rows", "classes", "families"}


def test_the_shipped_facts_are_what_the_build_script_makes() -> None:
    shipped = [path.read_text(encoding="utf-8") for path in (build_atlas.FACTS, build_atlas.PUBLIC)]
    assert build_atlas.measurements()
    table = build_atlas.gather(build_atlas.measurements())
    assert [build_atlas.build(table), pack_names(table)] == shipped


@pytest.mark.parametrize("name", ["AdamW", "RMSprop"])
def test_what_was_not_trained_itself_is_answered_by_adam(name: str) -> None:
    trained = Trained(KERAS, f"{KERAS}.optimizers.{name}")
    assert outcome(trained, cell("2.15")) is Outcome.OK
    found = fact(trained, cell("2.15", mode="graph"))
    assert (found.error, found.message) == ("AttributeError", f"'{name}' object has no attribute 'get_updates'")


def test_a_string_in_the_place_of_another_parameter_is_lost_as_a_name() -> None:
    found = Argument(adam(), "#6", "str")
    assert outcome(found, cell("2.10")) is Outcome.OK
    assert outcome(found, cell("2.16", tf_keras=True)) is Outcome.IGNORED


def test_how_far_two_generations_come_apart() -> None:
    assert apart("SGD", sparse=False) == 0
    assert [(apart(name, sparse=True) or 0) > 1e-4 for name in ("SGD", "Adamax", "Adam")] == [True, True, False]
    assert (apart("RMSprop", sparse=False) or 0) > 1e-4
    assert apart("Lion", sparse=False) is None
