from __future__ import annotations

import pytest

from adamlint.findings import Effect, Safety
from tests.checking import findings, fixed, places, silent, text

CODE = "ADM204"
V1 = "import tensorflow.compat.v1 as tf\n"


@pytest.mark.parametrize(
    "source",
    [
        f"{V1}opt = tf.train.AdamOptimizer(0.1)\n",
        f"{V1}class Lars(tf.train.Optimizer):\n    pass\n",
        f"{V1}with tf.Session() as sess:\n    sess.run(tf.train.AdamOptimizer(0.1).minimize(loss))\n",
        "import tensorflow as tf\nAdamOptimizer = tf.compat.v1.train.AdamOptimizer\n",
        "import tensorflow as tf\nagent = make(optimizer=tf.compat.v1.train.AdamOptimizer())\n",
        "import tensorflow as tf\nstep = tf.train.Checkpoint(optimizer=opt)\nmean = tf.train.ExponentialMovingAverage(0.9)\n",
        "try:\n    import tensorflow.compat.v1 as tf\nexcept ImportError:\n    import tensorflow as tf\nopt = tf.train.AdamOptimizer()\n",
        "import tensorflow as tf\nif tf.__version__.startswith('1.'):\n    opt = tf.train.AdamOptimizer()\n",
        "import tensorflow as tf\ntry:\n    base = tf.train.Optimizer\nexcept AttributeError:\n    base = object\n",
        "import tensorflow as tf\ntf = tf.compat.v1\nopt = tf.train.AdamOptimizer()\n",
        "def build(tf):\n    return tf.train.AdamOptimizer()\n",
        "import tensorflow as tf\nfrom mine import train\nopt = train.AdamOptimizer()\n",
        "import pennylane as qml\nopt = qml.AdamOptimizer(0.1)\n",
        f"{V1}from mine import model\nmodel.compile(optimizer=tf.train.AdamOptimizer())\n",
        '"""`tf.train.AdamOptimizer`"""\nimport tensorflow as tf\n# tf.train.AdamOptimizer\n',
    ],
)
def test_what_works_or_is_something_else(source: str) -> None:
    assert silent(CODE, source)


@pytest.mark.parametrize("name", ["AdamOptimizer", "GradientDescentOptimizer", "RMSPropOptimizer", "MomentumOptimizer", "Optimizer"])
def test_tensorflow_2_has_none(name: str) -> None:
    source = f"import tensorflow as tf\nwith tf.Session() as sess:\n    opt = tf.train.{name}(0.1)\n"
    (found,) = findings(CODE, source)
    assert (found.place.line, found.place.column, found.place.end_column) == (3, 11, 20 + len(name))
    assert found.effect is Effect.BREAKS
    assert found.message == f"TensorFlow 2 has no `tf.train.{name}`: raises AttributeError on every targeted release"


def test_a_mention_is_enough() -> None:
    assert places(CODE, "import tensorflow as tf\nclass Mine(tf.train.Optimizer):\n    pass\n") == [(2, 12)]
    assert places(CODE, "import tensorflow as tf\nclasses = {'adam': tf.train.AdamOptimizer}\n") == [(2, 20)]


def test_it_fails_on_old_releases_of_tensorflow_2_too() -> None:
    assert len(findings(CODE, "import tensorflow as tf\nopt = tf.train.AdamOptimizer()\n", tensorflow="2.3")) == 1


@pytest.mark.parametrize("start", [
    f"{V1}from tensorflow import keras\n",
    f"{V1}keras = tf.keras\n",
    "import tensorflow.compat.v1 as tf, keras\n",
])  # fmt: skip
def test_keras_3_takes_none(start: str) -> None:
    source = f"{start}opt = tf.train.RMSPropOptimizer(0.1)\nmodel = keras.Sequential()\nmodel.compile(optimizer=opt)\n"
    line = start.count("\n") + 1
    (found,) = findings(CODE, source)
    assert (found.place.line, found.place.column) == (line, 7)
    assert found.effect is Effect.BREAKS
    assert found.message == f"`RMSPropOptimizer` of TF 1 is no optimizer of Keras (used in line {source.count(chr(10))}): raises ValueError on 2.16+"
    assert silent(CODE, source, tensorflow="<2.16")


def test_the_handler_of_compile_counts() -> None:
    source = f"""
        {V1.strip()}
        model = tf.keras.Sequential()
        try:
            model.compile(tf.train.AdamOptimizer(0.1))
        except ValueError:
            model.compile('adam')
    """
    assert silent(CODE, source)


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("0.1", "learning_rate=0.1, epsilon=1e-8"),
        ("", "epsilon=1e-8"),
        ("learning_rate=RATE, beta1=0.8", "learning_rate=RATE, beta_1=0.8, epsilon=1e-8"),
        ("0.1, 0.8, 0.99, (1e-4)", "learning_rate=0.1, beta_1=0.8, beta_2=0.99, epsilon=(1e-4)"),
    ],
)
def test_in_compile_adam_of_keras_can_take_its_place(given: str, written: str) -> None:
    before = f"import tensorflow as tf\nmodel = tf.keras.Sequential()\nmodel.compile(tf.train.AdamOptimizer({given}), 'mse')\n"
    (found,) = findings(CODE, before)
    assert found.fix is not None
    assert found.fix.safety is Safety.UNSAFE
    assert fixed(CODE, before) == before
    after = f"import tensorflow as tf\nmodel = tf.keras.Sequential()\nmodel.compile(tf.keras.optimizers.Adam({written}), 'mse')\n"
    assert fixed(CODE, before, unsafe=True) == after


def test_in_compile_the_class_is_that_of_the_model() -> None:
    before = f"""
        {V1.strip()}
        from tensorflow import keras
        model = keras.Sequential()
        model.compile(optimizer=tf.train.AdamOptimizer(0.1))
    """
    after = text(before).replace("tf.train.AdamOptimizer(0.1)", "keras.optimizers.Adam(learning_rate=0.1, epsilon=1e-8)")
    assert fixed(CODE, before, unsafe=True) == after


@pytest.mark.parametrize(
    "line",
    [
        "opt = tf.train.AdamOptimizer(0.1)",
        "model.compile(tf.train.AdamOptimizer(0.1, use_locking=True))",
        "model.compile(tf.train.AdamOptimizer(*rates))",
        "model.compile(tf.train.AdamOptimizer(**rates))",
        "model.compile(tf.train.AdamOptimizer(0.1  # slow\n))",
        "model.compile(tf.train.MomentumOptimizer(0.1, 0.9))",
        "model.compile(wrap(tf.train.AdamOptimizer(0.1)))",
    ],
)
def test_no_fix_elsewhere_or_with_other_arguments(line: str) -> None:
    source = f"import tensorflow as tf\nmodel = tf.keras.Sequential()\n{line}\n"
    assert len(places(CODE, source)) == 1
    assert fixed(CODE, source, unsafe=True) == source
