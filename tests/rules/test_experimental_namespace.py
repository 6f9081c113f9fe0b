"""ADM202: the experimental namespace, which Keras 3 lacks."""

from __future__ import annotations

import pytest

from adamlint.findings import Effect, Safety
from tests.checking import findings, fixed, places, silent

CODE = "ADM202"
TF = "import tensorflow as tf\n"
CALL = TF + "opt = tf.keras.optimizers.experimental.AdamW(1e-4)\n"
FROM = "from tensorflow.keras.optimizers.experimental import Adam\n"


def test_a_path_and_an_unused_import_are_reported() -> None:
    assert places(CODE, CALL) == [(2, 7)]
    assert places(CODE, FROM) == [(1, 54)]
    assert places(CODE, FROM + "a = Adam()\nb = Adam()\n") == [(1, 54)]


def test_a_mention_and_a_subclass_are_reported() -> None:
    assert places(CODE, TF + "class Mine(tf.keras.optimizers.experimental.Optimizer):\n    pass\n") == [(2, 12)]
    assert places(CODE, TF + "known = {'adam': tf.keras.optimizers.experimental.Adam}\n") == [(2, 18)]


def test_it_breaks_where_keras_3_is_targeted() -> None:
    (finding,) = findings(CODE, CALL)
    assert (finding.effect, finding.message) == (
        Effect.BREAKS, "`optimizers.experimental.AdamW` is not in every release: raises AttributeError on 2.16+",
    )  # fmt: skip
    assert silent(CODE, CALL, tensorflow=">=2.9,<2.16")


@pytest.mark.parametrize("source", [
    TF + "if hasattr(tf.keras.optimizers, 'experimental'):\n    opt = tf.keras.optimizers.experimental.Adam()\n",
    TF + "ok = hasattr(tf.keras.optimizers, 'experimental') and isinstance(o, tf.keras.optimizers.experimental.Optimizer)\n",
    TF + "if tf.__version__ < '2.16':\n    opt = tf.keras.optimizers.experimental.Adam()\n",
    TF + "try:\n    opt = tf.keras.optimizers.experimental.Adam()\nexcept AttributeError:\n    opt = None\n",
    TF + "try:\n    a = tf.keras.optimizers.AdamW()\nexcept AttributeError:\n    a = tf.keras.optimizers.experimental.AdamW()\n",
    "try:\n    " + FROM + "except ImportError:\n    from tensorflow.keras.optimizers import Adam\n",
    "try:\n    from tensorflow.keras.optimizers import Adam\nexcept ImportError:\n    " + FROM,
    TF + "layer = tf.keras.layers.experimental.preprocessing.Normalization()\n",
    TF + "opt = tf.keras.mixed_precision.experimental.LossScaleOptimizer(o)\n",
    "from torch.optimizers.experimental import Adam\nAdam()\n",
    "tf = load()\nopt = tf.keras.optimizers.experimental.Adam()\n",
    "import tf_keras\nopt = tf_keras.optimizers.experimental.Adam()\n",
])  # fmt: skip
def test_silent(source: str) -> None:
    assert silent(CODE, source)


def test_the_fix_drops_the_part() -> None:
    assert findings(CODE, CALL)[0].fix.safety is Safety.SAFE  # type: ignore[union-attr]
    assert fixed(CODE, CALL) == CALL.replace(".experimental", "")
    assert fixed(CODE, FROM) == FROM.replace(".experimental", "")


def test_no_fix_where_the_other_name_is_another_generation_or_missing() -> None:
    adam = TF + "opt = tf.keras.optimizers.experimental.Adam()\n"
    assert [f.fix for f in findings(CODE, adam, tensorflow=">=2.10")] == [None]
    assert [f.fix for f in findings(CODE, CALL, tensorflow=">=2.11")] == [None]
    assert fixed(CODE, adam, tensorflow=">=2.11") == adam.replace(".experimental", "")


def test_an_import_of_several_names_moves_with_the_one_that_was_public_last() -> None:
    both = FROM.replace("Adam", "Adam, AdamW")
    assert [f.fix is not None for f in findings(CODE, both)] == [False, True]
    assert fixed(CODE, both) == both.replace(".experimental", "")
    assert [f.fix for f in findings(CODE, both, tensorflow=">=2.11")] == [None, None]
    early = FROM.replace("Adam", "Adam, SGD as S")
    assert fixed(CODE, early, tensorflow=">=2.11") == early.replace(".experimental", "")
    assert [f.fix for f in findings(CODE, FROM.replace("Adam", "Adam, helper"))] == [None]
