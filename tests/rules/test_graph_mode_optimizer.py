from __future__ import annotations

import pytest

from adamlint.findings import Effect, Safety
from tests.checking import findings, fixed, places, silent, text

CODE = "ADM106"
GRAPH = "import tensorflow as tf\ntf.compat.v1.disable_eager_execution()\nmodel = tf.keras.Sequential()\n"


@pytest.mark.parametrize(
    "source",
    [
        "import tensorflow as tf\nmodel = tf.keras.Sequential()\nmodel.compile(tf.keras.optimizers.Adam())\n",
        f"{GRAPH}model.compile('adam')\n",
        f"{GRAPH}model.compile(tf.keras.optimizers.legacy.Adam())\n",
        f"{GRAPH}model.compile(tf.compat.v1.train.AdamOptimizer())\n",
        f"{GRAPH}opt = tf.keras.optimizers.Adam()\n",
        f"{GRAPH}import torch\nmodel.compile(torch.optim.Adam(params))\n",
        f"{GRAPH}from mine import model\nmodel.compile(tf.keras.optimizers.Adam())\n",
        f"{GRAPH}model = wrap(model)\nmodel.compile(tf.keras.optimizers.Adam())\n",
        f"{GRAPH}def train(model):\n    model.compile(tf.keras.optimizers.Adam())\n",
        f"{GRAPH}def train(opt):\n    model.compile(opt)\n",
        f"{GRAPH}opt = tf.keras.optimizers.Adam()\nopt = 'adam'\nmodel.compile(opt)\n",
        f"{GRAPH}from tensorflow import keras\nif keras.__version__.startswith('3.'):\n    model.compile(keras.optimizers.Adam())\n",
        f"{GRAPH}class Adam:\n    pass\nmodel.compile(Adam())\n",
    ],
)
def test_only_a_new_object_in_graph_mode_is_reported(source: str) -> None:
    assert silent(CODE, source)


@pytest.mark.parametrize("switch", ["disable_eager_execution", "disable_v2_behavior"])
def test_an_object_does_not_train_on_keras_2(switch: str) -> None:
    source = f"import tensorflow as tf\ntf.compat.v1.{switch}()\nmodel = tf.keras.Sequential()\nmodel.compile(tf.keras.optimizers.Adam(0.1))\n"
    (found,) = findings(CODE, source, platforms=("linux",))
    assert (found.place.line, found.place.column, found.place.end_column) == (4, 15, 44)
    assert found.effect is Effect.BREAKS
    assert found.message == "an `Adam` object does not train without eager execution: raises AttributeError on 2.12-2.15"


def test_it_is_another_matter_where_nothing_trains_and_right_before_2_11() -> None:
    source = f"{GRAPH}model.compile(tf.keras.optimizers.Adam())\n"
    assert silent(CODE, source, tensorflow=">=2.16")
    assert silent(CODE, source, tensorflow="2.10")


def test_graph_mode_can_be_asked_for() -> None:
    source = "import tensorflow as tf\nmodel = tf.keras.Sequential()\nmodel.compile(tf.keras.optimizers.Adam())\n"
    assert places(CODE, source, mode="graph") == [(3, 15)]
    assert silent(CODE, f"{GRAPH}model.compile(tf.keras.optimizers.Adam())\n", mode="eager")


def test_the_object_is_reported_where_it_is_made() -> None:
    assert places(CODE, f"{GRAPH}opt = tf.keras.optimizers.Adam(0.1)\nmodel.compile(optimizer=opt)\n") == [(4, 7)]


def test_the_fix_is_the_legacy_class_for_keras_2_only() -> None:
    before = f"{GRAPH}model.compile(tf.keras.optimizers.Adam(0.1, beta_1=0.8),  # slow\n    loss='mse')\n"
    (found,) = findings(CODE, before, tensorflow=">=2.12,<2.16")
    assert found.fix is not None
    assert found.fix.safety is Safety.SAFE
    after = before.replace("optimizers.Adam", "optimizers.legacy.Adam")
    assert fixed(CODE, before, tensorflow=">=2.12,<2.16") == after
    assert fixed(CODE, after, tensorflow=">=2.12,<2.16") == after
    assert fixed(CODE, before, unsafe=True) == before


def test_an_imported_name_gets_an_import_of_its_own() -> None:
    before = """
        import tensorflow as tf
        from tensorflow.keras import Sequential, optimizers
        tf.compat.v1.disable_eager_execution()
        model = Sequential()
        model.compile(optimizers.Adam(0.1))
    """
    assert fixed(CODE, before, tensorflow="2.12") == text(before).replace("optimizers.Adam", "optimizers.legacy.Adam")


@pytest.mark.parametrize("arguments", ["weight_decay=0.1", "0.1, 0.9, 0.999, 1e-7, False, 0.1", "**more", "jit_compile=False"])
def test_no_fix_where_the_legacy_class_takes_other_arguments(arguments: str) -> None:
    source = f"{GRAPH}model.compile(tf.keras.optimizers.Adam({arguments}))\n"
    assert len(places(CODE, source)) == 1
    assert fixed(CODE, source, unsafe=True, tensorflow="2.12") == source


@pytest.mark.parametrize("name", ["AdamW", "Nadam", "Adamax"])
def test_the_kin_of_adam_does_not_train_either(name: str) -> None:
    source = f"import tensorflow as tf\nmodel = tf.keras.Sequential()\nmodel.compile(tf.keras.optimizers.{name}())\n"
    assert len(findings(CODE, source, mode="graph", tensorflow="2.15")) == 1
    assert silent(CODE, source, mode="eager")


def test_a_switch_that_a_test_keeps_for_other_releases_switches_nothing() -> None:
    source = f"import tensorflow as tf\nif tf.__version__ {{}}:\n    {GRAPH.splitlines()[1]}\nmodel = tf.keras.Sequential()\nmodel.compile(tf.keras.optimizers.Adam(0.1))\n"
    assert silent(CODE, source.format("< '2.11'"))
    (found,) = findings(CODE, source.format("< '2.13'"))
    assert "2.12" in found.message
    assert "2.13" not in found.message
