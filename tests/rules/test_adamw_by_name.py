from __future__ import annotations

import pytest

from adamlint.findings import Effect, Safety
from tests.checking import findings, fixed, places, silent, text

CODE = "ADM105"
MODEL = "import tensorflow as tf\nmodel = tf.keras.Sequential()\n"


@pytest.mark.parametrize(
    "source",
    [
        "import timm\nopt = timm.optim.create_optimizer_v2(model, opt='adamw')\n",
        "from transformers import TrainingArguments\nargs = TrainingArguments(optim='adamw')\n",
        "from mine import model\nmodel.compile('adamw')\n",
        "import deepxde as dde\nmodel = dde.Model(data, net)\nmodel.compile('adamw', lr=0.1)\n",
        "def train(model):\n    model.compile(optimizer='adamw')\n",
        f"{MODEL}model = wrap(model)\nmodel.compile('adamw')\n",
        f"{MODEL}model.compile('adam')\n",
        f"{MODEL}model.compile(tf.keras.optimizers.AdamW(), loss='adamw')\n",
        f"{MODEL}name = 'adamw'\nname = 'adam'\nmodel.compile(name)\n",
        f"{MODEL}if int(tf.__version__.split('.')[1]) >= 16:\n    model.compile('adamw')\n",
        f"{MODEL}try:\n    model.compile('adamw')\nexcept ValueError:\n    model.compile('adam')\n",
        f"{MODEL}import pytest\nwith pytest.raises(ValueError):\n    model.compile('adamw')\n",
        "import tensorflow as tf\nloss = tf.keras.losses.get('adamw')\n",
    ],
)
def test_other_things_are_called_adamw(source: str) -> None:
    assert silent(CODE, source)


@pytest.mark.parametrize("name", ["adamw", "AdamW", "ADAMW"])
def test_keras_2_knows_no_such_name(name: str) -> None:
    (found,) = findings(CODE, f"{MODEL}model.compile(loss='mse', optimizer='{name}')\n")
    assert (found.place.line, found.place.column, found.place.end_column) == (3, 37, 44)
    assert found.effect is Effect.BREAKS
    assert found.message == f'"{name}" is not known by name: raises ValueError on 2.12-2.15'


def test_keras_3_knows_it() -> None:
    assert silent(CODE, f"{MODEL}model.compile('adamw')\n", tensorflow=">=2.16")


def test_it_is_followed_to_where_it_is_written() -> None:
    assert places(CODE, f"{MODEL}NAME = 'adamw'\nmodel.compile(optimizer=NAME)\n") == [(3, 8)]
    assert places(CODE, "from tensorflow import keras\nopt = keras.optimizers.get('adamw')\n") == [(2, 28)]


def test_the_fix_writes_the_class_with_its_defaults() -> None:
    before = f"{MODEL}model.compile('adamw',  # weights\n              'mse')\n"
    after = before.replace("'adamw'", "tf.keras.optimizers.AdamW(learning_rate=0.001, weight_decay=0.004)")
    (found,) = findings(CODE, before, tensorflow=">=2.14")
    assert found.fix is not None
    assert found.fix.safety is Safety.SAFE
    assert fixed(CODE, before, tensorflow=">=2.14") == after
    assert fixed(CODE, after, tensorflow=">=2.14") == after


def test_the_fix_is_unsafe_where_a_model_refuses_the_class_too() -> None:
    (found,) = findings(CODE, f"{MODEL}model.compile('adamw')\n")
    assert found.fix is not None
    assert (found.fix.safety, found.fix.title) == (Safety.UNSAFE, "write the class (it raises still on 2.12-2.13 on Apple silicon)")
    graph = f"import tensorflow as tf\ntf.compat.v1.disable_eager_execution()\n{MODEL}model.compile('adamw')\n"
    assert fixed(CODE, graph, tensorflow="2.15", platforms=("linux",)) == graph


def test_the_class_is_imported_as_the_file_does() -> None:
    before = "from tensorflow.keras import Sequential\nmodel = Sequential()\nmodel.compile('adamw')\n"
    assert fixed(CODE, before, platforms=("linux",)) == text("""
        from tensorflow.keras import Sequential
        from tensorflow.keras.optimizers import AdamW
        model = Sequential()
        model.compile(AdamW(learning_rate=0.001, weight_decay=0.004))
    """)


def test_there_is_no_fix_where_a_target_lacks_the_class() -> None:
    source = f"{MODEL}model.compile('adamw')\n"
    (found,) = findings(CODE, source, tensorflow=">=2.10")
    assert found.fix is None
    assert fixed(CODE, source, unsafe=True, tensorflow="2.11") == source


def test_there_is_no_fix_at_a_distance() -> None:
    source = f"{MODEL}NAME = 'adamw'\nmodel.compile(optimizer=NAME)\n"
    assert fixed(CODE, source, unsafe=True) == source
