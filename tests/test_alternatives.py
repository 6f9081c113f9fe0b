"""What one name may stand for is judged where it is that: by the guards of the bindings that give it."""

from __future__ import annotations

import pytest

from tests.checking import findings, silent

BY_RELEASE = """
import tensorflow as tf
from packaging import version
if version.parse(tf.__version__) >= version.parse("{release}"):
    import tf_keras as keras
else:
    keras = tf.keras
"""
TRIED = """
try:
    import tf_keras as keras
except ImportError:
    from tensorflow import keras
"""
LATER = """
import tensorflow as tf
keras = tf.keras
if tf.__version__ >= "2.16":
    import tf_keras as keras
"""
USES = {
    "ADM602": "opt = keras.optimizers.Adam(0.1)\nopt.lr = 0.2\n",
    "ADM603": "opt = keras.optimizers.Adam(0.1)\nopt.get_updates(loss, params)\n",
}


@pytest.mark.parametrize("head", [BY_RELEASE.format(release="2.16"), TRIED, LATER], ids=["by release", "tried", "later"])
def test_a_keras_that_is_bound_for_some_releases_says_nothing_of_the_others(head: str) -> None:
    assert silent("ADM602", head + USES["ADM602"])
    assert silent("ADM602", f"{head}model = keras.Sequential()\nmodel.compile('sgd')\nmodel.optimizer.lr = 0.2\n")


def test_the_message_names_the_releases_of_the_alternative_that_fails() -> None:
    (found,) = findings("ADM602", BY_RELEASE.format(release="2.18") + USES["ADM602"])
    assert found.message.endswith("is ignored on 2.16-2.17")
    (worse,) = findings("ADM602", "import tensorflow as tf\nkeras = tf.keras\nif slow:\n    import tf_keras as keras\n" + USES["ADM602"])
    assert worse.message.endswith("is ignored on 2.16+")


def test_a_failure_of_every_alternative_is_reported_for_all_releases() -> None:
    (found,) = findings("ADM603", LATER + USES["ADM603"])
    assert found.message.endswith("raises AttributeError on every targeted release")


@pytest.mark.parametrize("choice", [
    "if keras.__version__ >= '2.11':\n    from keras.optimizers.legacy import Adam\nelse:\n    from keras.optimizers import Adam",
    "Adam = keras.optimizers.legacy.Adam if keras.__version__ >= '2.11' else keras.optimizers.Adam",
])  # fmt: skip
def test_a_class_that_no_targeted_release_gets_to_is_not_judged(choice: str) -> None:
    assert silent("ADM301", f"import keras\n{choice}\nopt = Adam(lr=0.1)\n")
    assert not silent("ADM301", f"import keras\n{choice.replace('2.11', '3.0')}\nopt = Adam(lr=0.1)\n")


OLD = "tf.keras.optimizers.legacy"
NEW = "tf.keras.optimizers"
CHOOSING = {
    "an item": f"known = dict(adam={OLD}.Adam if {{}} else {NEW}.Adam)\nopt = known['adam'](0.1)",
    "a function": f"def adam():\n    if {{}}:\n        return {OLD}.Adam\n    return {NEW}.Adam\nopt = adam()(0.1)",
    "an attribute": f"class Net:\n    def __init__(self):\n        if {{}}:\n            self.home = {OLD}\n        else:\n            self.home = {NEW}\n    def train(self):\n        return self.home.Adam(0.1)",
}  # fmt: skip


@pytest.mark.parametrize("choice", CHOOSING.values(), ids=CHOOSING.keys())
def test_what_is_chosen_elsewhere_is_judged_by_the_test_there(choice: str) -> None:
    assert silent("ADM201", "import tensorflow as tf\n" + choice.format("tf.__version__ < '2.16'"))
    (found,) = findings("ADM201", "import tensorflow as tf\n" + choice.format("tf.__version__ < '2.18'"))
    assert "raises ImportError on 2.16-2.17" in found.message
    assert len(findings("ADM201", "import tensorflow as tf\n" + choice.format("slow"))) == 1
