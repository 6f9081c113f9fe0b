"""What the atlas says of arguments, members and rates, of graph mode, of older Keras 3 and of what goes together."""

from __future__ import annotations

import pytest

from adamlint.atlas import (
    Argument,
    ByName,
    Construct,
    DefaultRate,
    Import,
    IsInstance,
    Member,
    Outcome,
    Shared,
    Subject,
    Trained,
    Variable,
    keras_releases,
    keras_version,
    look_up,
    optimizers,
    parameters,
    releases,
)
from tests.asking import KERAS, KERAS_2, KERAS_3, adam, cell, fact, generation, outcome

# ------------------------------------------------------------------ arguments


@pytest.mark.parametrize("name", ["Adam", "SGD", "RMSprop", "Nadam"])
def test_lr_is_used_then_ignored_then_refused(name: str) -> None:
    assert outcome(Argument(adam(name), "lr"), "2.3") is Outcome.OK
    assert outcome(Argument(adam(name), "lr"), "2.10") is Outcome.WARNS
    assert [outcome(Argument(adam(name), "lr"), release) for release in KERAS_2] == [Outcome.IGNORED] * 5
    assert [fact(Argument(adam(name), "lr"), release).error for release in KERAS_3] == ["ValueError"] * 6


@pytest.mark.parametrize("release", ["2.10", *KERAS_2])
def test_lr_and_decay_work_on_legacy_classes(release: str) -> None:
    assert outcome(Argument(adam("legacy.Adam"), "lr"), release) is Outcome.WARNS
    assert outcome(Argument(adam("legacy.SGD"), "decay"), release) is Outcome.OK


@pytest.mark.parametrize("value", ["", "0"])
def test_decay_works_then_raises_then_is_ignored(value: str) -> None:
    assert outcome(Argument(adam(), "decay", value), "2.10") is Outcome.OK
    assert [fact(Argument(adam(), "decay", value), release).error for release in KERAS_2] == ["ValueError"] * 5
    assert [outcome(Argument(adam(), "decay", value), release) for release in KERAS_3] == [Outcome.IGNORED] * 6


def test_decay_none_is_fine_on_keras_3() -> None:
    assert outcome(Argument(adam(), "decay", "None"), "2.16") is Outcome.OK
    assert fact(Argument(adam(), "decay", "None"), "2.12").error == "ValueError"


def test_an_argument_is_a_property_of_the_class_whatever_its_name() -> None:
    mine = fact(Argument("keras.optimizers.Adam", "lr"), "2.13")
    assert mine == fact(Argument(adam(), "lr"), "2.13")
    assert mine.outcome is Outcome.IGNORED
    assert outcome(Argument("keras.optimizers.Adam", "lr"), "2.12") is Outcome.WARNS  # still the legacy class


def test_weight_decay_is_unknown_before_2_11_and_to_legacy() -> None:
    assert fact(Argument(adam(), "weight_decay"), "2.10").error == "TypeError"
    assert outcome(Argument(adam(), "weight_decay"), "2.11") is Outcome.OK
    assert fact(Argument(adam("legacy.Adam"), "weight_decay", "None"), "2.15").error == "TypeError"


def test_jit_compile_is_unknown_to_keras_3() -> None:
    assert outcome(Argument(adam(), "jit_compile"), "2.15") is Outcome.OK
    assert fact(Argument(adam(), "jit_compile"), "2.16").error == "ValueError"


def test_an_argument_nobody_tried_fails_as_the_unknown_one_did() -> None:
    found = fact(Argument(adam("SGD"), "wibble"), "2.16")
    assert (found.outcome, found.error, found.message) == (
        Outcome.RAISES,
        "ValueError",
        "Argument(s) not recognized: 'wibble'",
    )


def test_epsilon_none_fails_at_the_first_step() -> None:
    assert outcome(Argument(adam(), "epsilon", "None"), "2.10") is Outcome.OK
    assert fact(Argument(adam(), "epsilon", "None"), "2.12").error == "ValueError"


def test_two_clip_arguments() -> None:
    assert outcome(Argument(adam(), "clipnorm+clipvalue"), "2.15") is Outcome.OK
    assert fact(Argument(adam(), "clipnorm+clipvalue"), "2.16").error == "ValueError"


def test_a_string_as_sixth_positional() -> None:
    assert outcome(Argument(adam("legacy.Adam"), "#6", "str"), "2.12") is Outcome.OK  # the name
    assert fact(Argument(adam(), "#6", "str"), "2.12").error == "UnimplementedError"  # weight_decay


def test_arguments_of_a_class_that_cannot_be_made_raise_what_making_it_does() -> None:
    assert fact(Argument(adam("legacy.Adam"), "lr"), "2.16").error == "ImportError"


def test_a_value_nobody_tried_is_not_answered() -> None:
    assert look_up(Argument(adam(), "beta_1", "None"), cell("2.12")) is None


def test_parameters_in_order_with_defaults() -> None:
    legacy, new = parameters(adam("legacy.Adam"), cell("2.12")), parameters(adam(), cell("2.12"))
    assert legacy is not None
    assert new is not None
    assert list(legacy)[5] == "name"
    assert list(new)[5] == "weight_decay"
    assert new["learning_rate"] == "0.001"


@pytest.mark.parametrize(("name", "rate"), [("Adam", "0.001"), ("SGD", "0.01"), ("RMSprop", "0.001")])
def test_default_rates(name: str, rate: str) -> None:
    assert {fact(DefaultRate(adam(name)), release).message for release in ("2.10", "2.12", "2.16")} == {rate}


# ------------------------------------------------------------------ members


@pytest.mark.parametrize("name", ["Adam", "SGD"])
def test_lr_attribute(name: str) -> None:
    assert outcome(Member(adam(name), "lr", "get"), "2.15") is Outcome.OK
    assert outcome(Member(adam(name), "lr", "set"), "2.15") is Outcome.OK
    assert fact(Member(adam(name), "lr", "get"), "2.16").error == "AttributeError"
    assert outcome(Member(adam(name), "lr", "set"), "2.16") is Outcome.IGNORED
    assert outcome(Member(adam(name), "learning_rate", "set"), "2.16") is Outcome.OK


def test_set_value_of_the_rate_fails_on_keras_3() -> None:
    assert outcome(Member(adam(), "learning_rate", "K.set_value"), "2.15") is Outcome.OK
    assert fact(Member(adam(), "learning_rate", "K.set_value"), "2.16").error == "AttributeError"


@pytest.mark.parametrize("member", ["_decayed_lr", "_get_hyper", "_set_hyper", "get_weights", "get_slot", "_create_slots"])
def test_old_members_are_gone_from_2_11(member: str) -> None:
    assert outcome(Member(adam(), member, "call"), "2.10") is Outcome.OK
    assert outcome(Member(adam("legacy.Adam"), member, "call"), "2.15") is Outcome.OK
    for release in (*KERAS_2, *KERAS_3):
        assert fact(Member(adam(), member, "call"), release).error == "AttributeError"
        assert fact(Member(adam("SGD"), member, "get"), release).message == f"'SGD' object has no attribute '{member}'"


def test_minimize_and_variables_are_other_on_keras_3() -> None:
    assert outcome(Member(adam(), "minimize", "call"), "2.15") is Outcome.OK
    assert fact(Member(adam(), "minimize", "call"), "2.16").error == "AttributeError"
    assert outcome(Member(adam(), "variables", "call"), "2.15") is Outcome.OK
    assert fact(Member(adam(), "variables", "call"), "2.16").error == "TypeError"
    assert outcome(Member(adam(), "variables", "get"), "2.16") is Outcome.OK


@pytest.mark.parametrize("keyword", ["name", "experimental_aggregate_gradients"])
def test_apply_gradients_keywords_fail_on_keras_3(keyword: str) -> None:
    assert outcome(Member(adam(), "apply_gradients", f"call({keyword})"), "2.15") is Outcome.OK
    assert fact(Member(adam(), "apply_gradients", f"call({keyword})"), "2.16").error == "TypeError"


def test_members_of_adam_alone_are_not_answered_for_others() -> None:
    assert outcome(Member(adam(), "beta_1", "get"), "2.12") is Outcome.OK
    assert look_up(Member(adam("SGD"), "beta_1", "get"), cell("2.12")) is None


# ------------------------------------------------------------------ the rate


@pytest.mark.parametrize("name", ["Adam", "SGD", "RMSprop"])
def test_a_schedule_is_a_fine_rate_everywhere(name: str) -> None:
    subject = Argument(adam(name), "learning_rate", "schedule")
    assert {outcome(subject, release) for release in ("2.10", *KERAS_2, *KERAS_3)} == {Outcome.OK}


@pytest.mark.parametrize("value", ["Variable", "str", "None"])
def test_rates_that_keras_3_refuses(value: str) -> None:
    subject = Argument(adam(), "learning_rate", value)
    assert {fact(subject, release).error for release in KERAS_3} == {"ValueError"}


def test_an_int_as_rate_fails_on_keras_3_alone() -> None:
    assert outcome(Argument(adam(), "learning_rate", "int"), "2.12") is Outcome.OK
    assert fact(Argument(adam(), "learning_rate", "int"), "2.16").error == "ValueError"


def test_lr_of_legacy_sgd_is_used_although_it_is_the_default() -> None:
    assert {outcome(Argument(adam("legacy.SGD"), "lr"), release) for release in KERAS_2} == {Outcome.WARNS}


# ------------------------------------------------------------------ graph mode


@pytest.mark.parametrize("release", KERAS_2)
def test_a_new_optimizer_does_not_train_in_graph_mode(release: str) -> None:
    found = fact(Trained(KERAS, adam()), cell(release, mode="graph"))
    assert (found.error, found.message) == ("AttributeError", "'Adam' object has no attribute 'get_updates'")
    assert outcome(Trained(KERAS, adam()), cell(release, "macos-arm64", "graph")) is Outcome.RAISES
    assert outcome(Trained(KERAS, adam("legacy.Adam")), cell(release, mode="graph")) is Outcome.OK


def test_the_old_optimizer_trains_in_graph_mode() -> None:
    assert outcome(Trained(KERAS, adam()), cell("2.9", mode="graph")) is Outcome.OK


def test_string_adam_on_apple_silicon_in_graph_mode() -> None:
    assert generation(ByName(KERAS, "adam"), cell("2.11", "macos-arm64", "graph")) == "optimizer_v2"
    assert generation(ByName(KERAS, "adam"), cell("2.12", "macos-arm64", "graph")) == "optimizer_v2"


# ------------------------------------------------------------------ older Keras 3


def test_older_releases_of_keras_3_have_rows_of_their_own() -> None:
    assert keras_releases() == ("3.0", "3.3", "3.6", "3.10")
    oldest = cell("2.16")._replace(keras="3.0")
    assert generation(ByName(KERAS, "adam"), oldest) == "keras3"
    assert fact(Construct(adam("Lamb")), oldest).error == "AttributeError"
    assert outcome(Argument(adam(), "clipnorm+clipvalue"), oldest) is Outcome.OK
    assert fact(Argument(adam(), "lr"), oldest).error == "ValueError"
    assert keras_version(oldest) == "3.0.5"
    assert [outcome(Construct(adam("Muon")), oldest._replace(keras=minor)) for minor in keras_releases()][:3] == [Outcome.RAISES] * 3


def test_what_is_no_keras_3_does_not_depend_on_its_release() -> None:
    older = cell("2.16")._replace(keras="3.0")
    assert fact(Construct("tf_keras.optimizers.Adam"), older) == fact(Construct("tf_keras.optimizers.Adam"), "2.16")
    assert fact(Construct(adam()), older._replace(tf_keras=True)).generation == "keras2"
    assert fact(Variable("on"), older) == fact(Variable("on"), "2.16")


def test_keras_3_asks_for_no_platform() -> None:
    asked: list[Subject] = [*(Construct(adam(name)) for name in optimizers()), *(ByName(KERAS, name.lower()) for name in optimizers())]
    for release in releases()[releases().index("2.16") :]:
        assert [look_up(one, cell(release)) for one in asked] == [look_up(one, cell(release, "macos-arm64")) for one in asked]
    older = cell("2.16")._replace(keras="3.3")
    assert look_up(ByName(KERAS, "adam"), older) == look_up(ByName(KERAS, "adam"), older._replace(platform="macos-arm64"))


# ------------------------------------------------------------------ what was measured last


@pytest.mark.parametrize("kind", ["callable", "Variable"])
@pytest.mark.parametrize("name", ["Adam", "SGD", "RMSprop"])
def test_the_new_classes_of_keras_2_read_a_changing_rate_once(kind: str, name: str) -> None:
    asked = Argument(adam(name), "learning_rate", kind)
    assert outcome(asked, "2.10") is Outcome.OK
    assert {outcome(asked, release) for release in ("2.11", "2.12", "2.13", "2.14", "2.15")} == {Outcome.IGNORED}
    assert outcome(asked, "2.16") is (Outcome.OK if kind == "callable" else Outcome.RAISES)
    assert outcome(Argument(adam(f"legacy.{name}"), "learning_rate", kind), "2.15") is Outcome.OK
    assert outcome(Argument(f"tf_keras.optimizers.{name}", "learning_rate", kind), "2.18") is Outcome.IGNORED


def test_one_instance_of_each_package_for_two_models() -> None:
    asked = Shared("keras.optimizers.Adam", "two models")
    assert [outcome(asked, release) for release in ("2.11", "2.12")] == [Outcome.OK, Outcome.OK]  # the legacy class
    assert fact(asked, "2.13").error == "KeyError"
    assert fact(asked, "2.16").error == "ValueError"
    assert fact(Shared("tf_keras.optimizers.Adam", "two models"), "2.18").error == "KeyError"
    assert outcome(Shared("tf_keras.optimizers.legacy.Adam", "two models"), "2.18") is Outcome.OK


@pytest.mark.parametrize("package", ["tensorflow.keras", "keras", "tf_keras"])
def test_legacy_optimizers_have_a_base_class_of_their_own_in_each_package(package: str) -> None:
    asked = IsInstance(f"{package}.optimizers.legacy.Adam", f"{package}.optimizers.Optimizer")
    assert outcome(asked, "2.15") is Outcome.IGNORED
    assert outcome(asked, cell("2.15", "macos-arm64", "graph")) is Outcome.IGNORED
    assert outcome(IsInstance(f"{package}.optimizers.Adam", f"{package}.optimizers.Optimizer"), "2.15") is Outcome.OK


def test_loss_scale_optimizer_changes_its_members_with_keras_3() -> None:
    scaler = f"{KERAS}.mixed_precision.LossScaleOptimizer"
    assert [outcome(Member(scaler, "get_scaled_loss"), release) for release in ("2.4", "2.10", "2.15")] == [Outcome.OK] * 3
    assert fact(Member(scaler, "get_scaled_loss"), "2.16").error == "AttributeError"
    assert fact(Member(scaler, "scale_loss"), "2.15").error == "AttributeError"
    assert outcome(Member(scaler, "scale_loss"), "2.16") is Outcome.OK
    assert fact(Argument(scaler, "dynamic", "False"), "2.16").error == "ValueError"
    assert fact(Construct(f"{KERAS}.optimizers.LossScaleOptimizer"), "2.15").error == "AttributeError"
    assert look_up(Member(scaler, "_decayed_lr"), cell("2.10")) is None  # a wrapper hands on what it has not: not measured


def test_keras_engine_is_there_from_25_to_212() -> None:
    there = [release for release in releases() if outcome(Import("keras.engine"), release) is Outcome.OK]
    assert (there[0], there[-1]) == ("2.5", "2.12")


@pytest.mark.parametrize("name", ["adamax", "adagrad", "adadelta", "ftrl"])
def test_the_other_names(name: str) -> None:
    assert generation(ByName(KERAS, name), "2.9") == "optimizer_v2"
    assert generation(ByName(KERAS, name), "2.12") == "keras2"
    assert generation(ByName(KERAS, name), "2.16") == "keras3"
