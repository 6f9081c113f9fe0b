"""Programs that run with Keras 3 alone are judged by the releases that have it."""

from __future__ import annotations

import pytest

from tests.checking import findings, silent

STRING = "keras.Sequential([keras.layers.Dense(1)]).compile('adam', 'mse')\n"
CLASS = "opt = keras.optimizers.AdamW(learning_rate=0.1)\n"  # not in Keras 2.12


@pytest.mark.parametrize(
    "first",
    [
        "from keras import layers, ops",
        "from keras.ops import stop_gradient",
        "import keras.random",
        "x = keras.ops.ones(3)",
        "def f(x):\n    return keras.ops.mean(x)",
        "import os\nos.environ['KERAS_BACKEND'] = 'jax'",
        "import os\nos.environ.update(KERAS_BACKEND='torch')",
        "from jax import numpy as jnp",
    ],
)
def test_what_keras_2_has_not_tells_keras_3(first: str) -> None:
    source = f"import keras\n{first}\n"
    assert [f.effect.value for f in findings("ADM101", source + STRING)] == ["implicit"]
    assert silent("ADM205", source + CLASS)


def test_tf_keras_with_what_keras_2_has_not_is_keras_3() -> None:
    source = "from tensorflow import keras\nx = keras.ops.ones(3)\n"
    assert [f.effect.value for f in findings("ADM101", source + STRING)] == ["implicit"]


@pytest.mark.parametrize(
    "first",
    [
        "try:\n    from keras import ops\nexcept ImportError:\n    ops = None",
        "if keras.__version__.startswith('3'):\n    from keras import ops",
        "ops = keras.ops if hasattr(keras, 'ops') else None",
        "import numpy\nx = numpy.random.rand()",
        "import tensorflow as tf\nx = tf.random.normal([3])",
        "from .keras import ops",
        "import jax\nimport tensorflow as tf",
        "from .jax import numpy",
        "from keras import optimizers",
        "import os\nos.environ['KERAS_BACKEND'] = 'tensorflow'",
        "import os\nif JAX:\n    os.environ['KERAS_BACKEND'] = 'jax'",
        "import os\nos.environ['KERAS_BACKEND'] = backend",
    ],
)
def test_what_may_run_with_keras_2_is_judged_by_it(first: str) -> None:
    source = f"import keras\n{first}\n"
    assert [f.effect.value for f in findings("ADM101", source + STRING)] == ["differs"]
    assert len(findings("ADM205", source + CLASS)) == 1


def test_a_target_without_keras_3_is_kept() -> None:
    assert len(findings("ADM205", "import keras\nfrom keras import ops\n" + CLASS, tensorflow="2.12")) == 1


def test_what_keras_3_refuses_is_found() -> None:
    [found] = findings("ADM301", "import keras\nfrom keras import ops\nopt = keras.optimizers.Adam(lr=0.1)\n")
    assert found.message.endswith("raises ValueError on every targeted release")


def test_a_re_export_that_brings_them_to_keras_2_tells_nothing() -> None:
    source = "from keras_cv.src.backend import keras\nx = keras.random.uniform(3)\n"
    assert [f.effect.value for f in findings("ADM101", source + STRING)] == ["differs"]
