"""ADM205: optimizers that a targeted release does not have."""

from __future__ import annotations

import pytest

from adamlint.findings import Effect
from tests.checking import findings, places, silent

CODE = "ADM205"
TF = "import tensorflow as tf\n"


def test_a_mention_is_reported_and_an_import_at_the_import() -> None:
    assert places(CODE, TF + "opt = tf.keras.optimizers.AdamW(1e-3)\n", tensorflow="2.11") == [(2, 7)]
    assert places(CODE, TF + "known = {'w': tf.keras.optimizers.AdamW}\n", tensorflow="2.11") == [(2, 15)]
    assert places(CODE, "from tensorflow.keras.optimizers import SGD, AdamW\nopt = AdamW()\n", tensorflow="2.11") == [(1, 46)]


@pytest.mark.parametrize(("line", "tensorflow", "why"), [
    ("from keras.optimizers import Adam", "2.8", "raises ImportError on every targeted release"),
    ("from keras.optimizers import AdamW", ">=2.12", "raises ImportError on 2.12"),
    ("from tensorflow.keras.optimizers import Muon", ">=2.14", "raises ImportError on 2.14-2.15"),
    ("import keras\nopt = keras.optimizers.Lamb()", ">=2.14", "raises AttributeError on 2.14-2.15"),
    (TF + "opt = tf.keras.optimizers.legacy.AdamW()", ">=2.12", "raises AttributeError on every targeted release"),
])  # fmt: skip
def test_the_releases_that_lack_it(line: str, tensorflow: str, why: str) -> None:
    (finding,) = findings(CODE, line + "\n", tensorflow=tensorflow)
    assert (finding.effect, finding.fix) == (Effect.BREAKS, None)
    assert finding.message.endswith(f"is not in every release: {why}")


@pytest.mark.parametrize("source", [
    TF + "opt = tf.keras.optimizers.Adam()\n",
    TF + "if hasattr(tf.keras.optimizers, 'AdamW'):\n    opt = tf.keras.optimizers.AdamW()\n",
    TF + "if tf.__version__ >= '2.12':\n    opt = tf.keras.optimizers.AdamW()\n",
    TF + "try:\n    opt = tf.keras.optimizers.AdamW()\nexcept AttributeError:\n    opt = None\n",
    "try:\n    from tensorflow.keras.optimizers import AdamW\nexcept ImportError:\n    AdamW = None\nopt = AdamW()\n",
    "from tensorflow_addons.optimizers import AdamW\nAdamW(1e-4, 1e-3)\n",
    "from torch.optim import AdamW\nAdamW()\n",
    "import torch\nopt = torch.optim.AdamW()\n",
    "from mine.optimizers import AdamW\nAdamW()\n",
    "tf = load()\ntf.keras.optimizers.AdamW()\n",
    TF + "opt = tf.keras.optimizers.legacy.Adam()\n",
    TF + "opt = tf.keras.optimizers.experimental.AdamW()\n",
    "import tf_keras\nopt = tf_keras.optimizers.Adam()\n",
])  # fmt: skip
def test_silent(source: str) -> None:
    assert silent(CODE, source, tensorflow=">=2.10,<2.16")


def test_silent_at_the_default_target() -> None:
    assert silent(CODE, TF + "opt = tf.keras.optimizers.AdamW()\n")


def test_what_is_missing_from_the_private_copy_is_for_the_rule_of_private_imports() -> None:
    assert silent(CODE, "from tensorflow.python.keras.optimizers import Adam\n")
