"""The setting `form`: from every form into every other where it can be done, and words where it cannot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adamlint.engine import lint
from adamlint.findings import Effect, Finding, Safety
from adamlint.fixing import fix
from adamlint.needles import Project
from adamlint.rules import implemented, load
from tests.checking import program, settings, text

CODES = sorted(implemented() - {"ADM701"})
KERAS_2 = ">=2.12,<2.16"
START = "import tensorflow as tf\nmodel = tf.keras.Sequential([tf.keras.layers.Dense(1)])\nmodel.compile(optimizer={0}, loss=\"mse\")\n"
CLASS = "tf.keras.optimizers.Adam(learning_rate=0.001)"
ALL = "beta_1=0.9, beta_2=0.999, epsilon=1e-07, amsgrad=False"
WRITTEN = {
    "class": CLASS,
    "string": '"adam"',
    "legacy": "tf.keras.optimizers.legacy.Adam(learning_rate=0.001)",
    "explicit": f"tf.keras.optimizers.Adam(learning_rate=0.001, {ALL})",
}


def rewritten(source: str, form: str, tensorflow: str | None = None, unsafe: bool = False) -> str:
    """A program as `--report implicit --fix --form FORM` leaves it."""
    done = fix(program(source), load(CODES), settings(form=form, tensorflow=tensorflow), unsafe)
    return done.program.encode().decode()


def found(source: str, form: str, tensorflow: str | None = None) -> list[Finding]:
    """What is not in the form."""
    return list(lint(program(source), load(CODES), settings(form=form, tensorflow=tensorflow)).findings)


@pytest.mark.parametrize("start", WRITTEN)
@pytest.mark.parametrize("form", WRITTEN)
def test_every_form_becomes_every_other_where_all_targets_have_both(start: str, form: str) -> None:
    wanted = WRITTEN["explicit"] if (start, form) == ("explicit", "class") else WRITTEN[form]  # a class that says more is one
    wanted = wanted.replace("0.001)", f"0.001, {ALL})") if (start, form) == ("explicit", "legacy") else wanted
    result = rewritten(START.format(WRITTEN[start]), form, KERAS_2)
    assert result == START.format(wanted)
    assert found(result, form, KERAS_2) == []


@pytest.mark.parametrize("start", ["class", "string", "explicit"])
@pytest.mark.parametrize("form", ["class", "string", "explicit"])
def test_the_forms_that_all_releases_have_become_each_other_at_the_default_target(start: str, form: str) -> None:
    if (start, form) != ("explicit", "class"):
        assert rewritten(START.format(WRITTEN[start]), form) == START.format(WRITTEN[form])


@pytest.mark.parametrize("by_way_of", ["string", "explicit", "legacy"])
def test_there_and_back_is_the_same_program(by_way_of: str) -> None:
    source = START.format(CLASS)
    there = rewritten(source, by_way_of, KERAS_2)
    assert there != source
    back = rewritten(rewritten(there, "string", KERAS_2), "class", KERAS_2)
    assert back == source


def test_a_project_that_mixed_the_forms_ends_in_one() -> None:
    source = text("""
        import tensorflow as tf
        from tensorflow.keras.optimizers import Adam
        def model():
            return tf.keras.Sequential([tf.keras.layers.Dense(1)])
        one = model()
        one.compile("adam")
        two = model()
        two.compile(Adam())
        three = model()
        three.compile(tf.keras.optimizers.legacy.Adam(0.001))
        four = model()
        four.compile(tf.keras.optimizers.Adam)
    """)
    for form in WRITTEN:
        assert found(rewritten(source, form, KERAS_2), form, KERAS_2) == []
    assert rewritten(source, "string", KERAS_2).count('.compile("adam")') == 4
    assert rewritten(source, "legacy", KERAS_2).count("legacy") == 4


@pytest.mark.parametrize("arguments", ["learning_rate=0.01", "0.001, 0.8", "name='a'", "clipnorm=1.0", "rate", "**options"])
def test_a_string_cannot_say_what_is_not_the_default(arguments: str) -> None:
    source = START.format(f"tf.keras.optimizers.Adam({arguments})")
    assert not [f for f in found(source, "string") if f.code == "ADM101"]


def test_the_string_has_the_quotes_of_its_neighbours() -> None:
    source = START.format(CLASS).replace('"mse"', "'mse'")
    assert rewritten(source, "string") == source.replace(CLASS, "'adam'")


def test_a_program_of_tf_keras_keeps_its_legacy_classes_unless_they_are_the_form() -> None:
    source = "import tf_keras\ntf_keras.Sequential().compile({0})\n"
    legacy, new = (source.format(f"tf_keras.optimizers.{name}(learning_rate=0.1)") for name in ("legacy.Adam", "Adam"))
    assert found(legacy, "class") == []
    assert rewritten(new, "legacy", unsafe=True) == legacy


def test_a_class_of_unknown_defaults_has_its_rate_all_the_same() -> None:
    source = "from tensorflow.python.keras.optimizer_v2.adam import Adam\nopt = Adam({0})\n"
    assert [f.code for f in found(source.format("0.1"), "class", "2.15")] == ["ADM203"]
    assert [f.code for f in found(source.format(""), "class", "2.15")] == ["ADM203", "ADM102"]


def test_only_compile_takes_a_string_and_only_adam_becomes_one() -> None:
    loop = "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(learning_rate=0.001)\nopt.apply_gradients(pairs)\n"
    assert rewritten(loop, "string") == loop
    kin = START.format("'adamax'")
    assert rewritten(kin, "string") == START.format("tf.keras.optimizers.Adamax(learning_rate=0.001)")


def test_an_instance_that_is_held_by_a_name_stays_and_the_finding_says_why() -> None:
    source = f"import tensorflow as tf\nmodel = tf.keras.Sequential()\nopt = {CLASS}\nmodel.compile(opt)\nopt.learning_rate = 0.1\n"
    (finding,) = [f for f in found(source, "string") if f.code == "ADM101"]
    assert finding.fix is None
    assert "not rewritten: it is not made where `compile` is called" in finding.message


def test_a_target_without_the_legacy_class_says_so() -> None:
    (finding,) = found(START.format(CLASS), "legacy")
    assert (finding.code, finding.effect, finding.fix) == ("ADM201", Effect.IMPLICIT, None)
    assert finding.message == "`Adam()` instead of `legacy.Adam()`; not rewritten: it raises ImportError on 2.16+"
    (finding,) = found(START.format('"adam"'), "legacy")
    assert finding.message.endswith("; not rewritten: it raises ImportError on 2.16+")


def test_an_argument_that_the_legacy_class_does_not_take_says_so() -> None:
    source = START.format("tf.keras.optimizers.Adam(learning_rate=0.1, weight_decay=0.1)")
    (finding,) = found(source, "legacy", KERAS_2)
    assert finding.message == "`Adam()` instead of `legacy.Adam()`; not rewritten: it takes no `weight_decay`"
    assert finding.fix is None


def test_the_import_of_a_class_moves_to_the_legacy_namespace_and_back() -> None:
    source = "from tensorflow import keras\nfrom tensorflow.keras.optimizers import Adam, SGD\nkeras.Sequential().compile(Adam(learning_rate=0.1))\n"
    legacy = source.replace("optimizers import", "optimizers.legacy import")
    assert rewritten(source, "legacy", KERAS_2) == legacy
    assert rewritten(legacy, "class", KERAS_2) == source
    with_new = source.replace("SGD", "AdamW")
    assert rewritten(with_new, "legacy", KERAS_2, unsafe=True) == with_new


def test_a_class_that_a_test_or_a_handler_chose_is_left_alone() -> None:
    guarded = "import tensorflow as tf\nif tf.__version__ < '2.14':\n    opt = tf.keras.optimizers.legacy.Adam(0.1)\n"
    assert found(guarded, "class", KERAS_2) == []
    tried = "import tensorflow as tf\ntry:\n    opt = tf.keras.optimizers.legacy.Adam(0.1)\nexcept ImportError:\n    opt = None\n"
    assert found(tried, "class", KERAS_2) == []


def test_the_exchange_is_unsafe_beside_checkpoints() -> None:
    unsafe = replace(settings(form="legacy", tensorflow=KERAS_2), project=Project(restores=True))
    (finding,) = lint(program(START.format(CLASS)), load(CODES), unsafe).findings
    assert finding.fix is not None
    assert finding.fix.safety is Safety.UNSAFE


def test_explicit_writes_what_is_missing_with_the_defaults_of_the_class() -> None:
    source = "import tensorflow as tf\nopt = tf.keras.optimizers.{0}\n"
    adamw = f"learning_rate=0.001, weight_decay=0.004, {ALL}"
    assert rewritten(source.format("AdamW()"), "explicit") == source.format(f"AdamW({adamw})")
    assert rewritten(source.format("Adam(0.1, 0.8)"), "explicit") == source.format(f"Adam(0.1, 0.8, {ALL.partition(', ')[2]})")
    assert rewritten(source.format("Adam(0.1, amsgrad=True)"), "explicit").count("amsgrad") == 1
    assert rewritten(source.format("Nadam(0.1)"), "explicit") == source.format(f"Nadam(0.1, {ALL.rpartition(', ')[0]})")
    assert rewritten(source.format("Adam(0.1, **more)"), "explicit") == source.format("Adam(0.1, **more)")


def test_explicit_says_what_is_missing() -> None:
    (finding,) = found("import tensorflow as tf\nopt = tf.keras.optimizers.Adam(beta_1=0.8)\n", "explicit")
    assert finding.message == "`Adam` without a learning rate, `beta_2`, `epsilon`, `amsgrad`"


def test_a_config_dict_becomes_the_legacy_class_that_it_was() -> None:
    source = "import tensorflow as tf\nopt = tf.keras.optimizers.get({'class_name': 'Adam', 'config': {'learning_rate': 0.1}})\n"
    assert rewritten(source, "class", "2.12", unsafe=True).endswith("opt = tf.keras.optimizers.Adam(learning_rate=0.1)\n")
    (finding,) = [f for f in found(source, "legacy", "2.12") if f.code == "ADM103"]
    assert finding.fix is not None
    assert finding.fix.safety is Safety.SAFE
