from __future__ import annotations

import pytest

from adamlint.findings import Effect, Safety
from tests.checking import findings, fixed, places, silent, text

CODE = "ADM103"
FULL = '{"class_name": "Adam", "config": {"learning_rate": 0.01}}'


@pytest.mark.parametrize(
    "source",
    [
        f"import torch\nopt = torch.optim.get({FULL})\n",
        f"from mine import optimizers\nopt = optimizers.get({FULL})\n",
        f"def build(optimizers):\n    return optimizers.get({FULL})\n",
        f"hyper = {FULL}\n",
        f"import tensorflow as tf\nact = tf.keras.activations.get({FULL})\n",
        f"from mine import model\nmodel.compile(optimizer={FULL})\n",
        "import tensorflow as tf\nopt = tf.keras.optimizers.deserialize(tf.keras.optimizers.serialize(old))\n",
        'import tensorflow as tf\nopt = tf.keras.optimizers.get({"class_name": "Adam", "config": old.get_config()})\n',
        'import tensorflow as tf\nopt = tf.keras.optimizers.get({"class_name": "Adam", "config": {"learning_rate": 0.1, **more}})\n',
        'import tensorflow as tf\nopt = tf.keras.optimizers.get({"class_name": "Adam", "config": {"is_legacy_optimizer": False}})\n',
        'import tensorflow as tf\nopt = tf.keras.optimizers.get({"class_name": "SGD", "config": {"learning_rate": 0.01}})\n',
        'import tensorflow as tf\nopt = tf.keras.optimizers.get({"class_name": "Adam"})\n',
        'import tensorflow as tf\nopt = tf.keras.optimizers.get({"name": "Adam", "config": {"learning_rate": 0.01}})\n',
        f"import tensorflow as tf\nif tf.__version__ >= '2.16':\n    opt = tf.keras.optimizers.get({FULL})\n",
        f"import tensorflow as tf\nopt = {FULL}\nopt = tf.keras.optimizers.Adam()\ntf.keras.optimizers.get(opt)\n",
    ],
)
def test_other_dicts_and_other_functions(source: str) -> None:
    assert silent(CODE, source)


@pytest.mark.parametrize("function", ["get", "deserialize"])
def test_a_config_with_content_is_the_legacy_class_of_keras_2(function: str) -> None:
    (found,) = findings(CODE, f"from tensorflow import keras\nopt = keras.optimizers.{function}({FULL})\n")
    assert (found.place.line, found.place.column) == (2, len(f"opt = keras.optimizers.{function}(") + 1)
    assert found.effect is Effect.DIFFERS
    assert "`Adam()`" in found.message


def test_it_is_one_class_on_keras_3_and_before_2_11() -> None:
    source = f"import tensorflow as tf\nopt = tf.keras.optimizers.get({FULL})\n"
    assert silent(CODE, source, tensorflow=">=2.16")
    assert silent(CODE, source, tensorflow="2.10")
    assert [f.effect for f in findings(CODE, source, tensorflow="2.13")] == [Effect.DIFFERS]


def test_an_empty_config_differs_on_apple_silicon_only() -> None:
    source = 'import tensorflow as tf\nopt = tf.keras.optimizers.get({"class_name": "Adam", "config": {}})\n'
    assert silent(CODE, source, platforms=("linux",))
    assert len(findings(CODE, source, platforms=("macos-arm64",))) == 1


def test_compile_of_keras_2_fails_on_a_config_with_content() -> None:
    source = f"import tensorflow as tf\nmodel = tf.keras.Sequential()\nmodel.compile({FULL}, 'mse')\n"
    (found,) = findings(CODE, source, tensorflow="2.13")
    assert (found.place.line, found.place.column) == (3, 15)
    assert found.effect is Effect.BREAKS
    assert found.message.endswith("raises ValueError on every targeted release")


def test_a_dict_in_a_variable_is_reported_where_it_is_written() -> None:
    source = f"import tensorflow as tf\nconfig = {FULL}\nopt = tf.keras.optimizers.get(config)\n"
    assert places(CODE, source) == [(2, 10)]
    assert fixed(CODE, source, unsafe=True) == source


def test_a_config_in_a_variable_counts() -> None:
    source = """
        import tensorflow as tf
        rates = dict(learning_rate=0.01)
        opt = tf.keras.optimizers.get({"class_name": "adam", "config": rates})
    """
    assert places(CODE, source) == [(3, 31)]
    assert fixed(CODE, source, unsafe=True) == text(source)


def test_an_unknown_class_is_reported_without_a_fix() -> None:
    source = """
        import tensorflow as tf
        def build(params):
            return tf.keras.optimizers.get({"class_name": params.name, "config": {"learning_rate": params.rate}})
    """
    assert places(CODE, source) == [(3, 36)]
    assert fixed(CODE, source, unsafe=True) == text(source)


@pytest.mark.parametrize("start", [
    "from dataclasses import dataclass\n@dataclass\nclass Config:\n    name: str = 'adam'\nname = Config.name\n",
    "def build(name='adam'):\n    pass\nname = 'adam' if fast else read()\n",
])  # fmt: skip
def test_a_default_is_not_taken_for_the_name_of_the_class(start: str) -> None:
    source = f"import tensorflow as tf\n{start}opt = tf.keras.optimizers.get({{'class_name': name, 'config': {{'learning_rate': 0.1}}}})\n"
    (finding,) = findings(CODE, source)
    assert finding.fix is None
    assert "the constructor" in finding.message


def test_what_an_attribute_holds_is_not_its_default() -> None:
    source = """
        import tensorflow as tf
        class Config:
            name: str = "adam"
        def build(config: Config):
            return tf.keras.optimizers.get({"class_name": config.name, "config": {"learning_rate": 0.1}})
    """
    assert [f.fix for f in findings(CODE, source)] == [None]


def test_the_fix_writes_the_constructor_only_when_asked() -> None:
    before = """
        import tensorflow as tf
        opt = tf.keras.optimizers.get({
            "class_name": "Adam",
            "config": {"learning_rate": (RATE / 2), 'beta_1': 0.8},
        })
    """
    (found,) = findings(CODE, before)
    assert found.fix is not None
    assert found.fix.safety is Safety.UNSAFE
    assert fixed(CODE, before) == text(before)
    assert fixed(CODE, before, unsafe=True) == text("""
        import tensorflow as tf
        opt = tf.keras.optimizers.Adam(learning_rate=(RATE / 2), beta_1=0.8)
    """)


def test_in_compile_the_dict_alone_is_replaced() -> None:
    before = f"from tensorflow.keras.models import Sequential\nmodel = Sequential()\nmodel.compile({FULL}, loss='mse')\n"
    after = """
        from tensorflow.keras.models import Sequential
        from tensorflow.keras.optimizers import Adam
        model = Sequential()
        model.compile(Adam(learning_rate=0.01), loss='mse')
    """
    assert fixed(CODE, before, unsafe=True) == text(after)


@pytest.mark.parametrize(
    "config",
    [
        '{"lr": 0.01}',
        '{"learning_rate": 0.01, "decay": 1e-6}',
        '{"learning_rate": 0.01, "weight_decay": 0.1}',
        '{"learning_rate": 0.01, "beta one": 0.1}',
        '{"learning_rate": 0.01,  # slow\n}',
    ],
)
def test_no_fix_where_a_key_means_something_else_to_the_class(config: str) -> None:
    source = f'import tensorflow as tf\nopt = tf.keras.optimizers.get({{"class_name": "Adam", "config": {config}}})\n'
    assert len(places(CODE, source)) == 1
    assert fixed(CODE, source, unsafe=True) == source


def test_no_instance_is_put_where_two_models_could_share_it() -> None:
    source = f"import keras\noptions = {{'optimizer': {FULL}}}\nfor _ in range(2):\n    keras.Sequential().compile(**options)\n"
    assert [f.fix for f in findings(CODE, source)] == [None]
