from __future__ import annotations

from textwrap import indent

import pytest

from adamlint.findings import Effect
from tests.checking import findings, fixed, places, silent, text

CODE = "ADM604"
OLD = "    def _resource_apply_dense(self, grad, var, apply_state=None):\n        pass\n"


@pytest.mark.parametrize(
    "source",
    [
        f"import torch\nclass A(torch.optim.Optimizer):\n{OLD}",
        f"import tensorflow as tf\nclass A(tf.compat.v1.train.Optimizer):\n{OLD}",
        f"import tensorflow as tf\nclass A(tf.train.Optimizer):\n{OLD}",
        f"from mine import Optimizer\nclass A(Optimizer):\n{OLD}",
        f"import tensorflow as tf\nclass A(tf.keras.layers.Layer):\n{OLD}",
        f"import tensorflow as tf\nclass A:\n{OLD}",
        f"import tensorflow as tf\nclass A(tf.keras.optimizers.legacy.Optimizer):\n{OLD}",
        "import tensorflow as tf\nclass A(tf.keras.optimizers.Optimizer):\n    def update_step(self, grad, var):\n        pass\n",
        f"from keras.optimizers import Optimizer\nclass A(Optimizer):\n{OLD}    def update_step(self, grad, var):\n        pass\n",
        "import tensorflow as tf\nclass A(tf.keras.optimizers.Adam):\n    def apply_gradients(self, gv, **kw):\n        pass\n",
        "from keras.optimizers import schedules\nclass A(schedules.PolynomialDecay):\n    def get_updates(self):\n        pass\n",
        f"import tensorflow as tf\nif tf.__version__ < '2.11':\n    class A(tf.keras.optimizers.Adam):\n{indent(OLD, '    ')}",
        f"""
import tensorflow as tf
from packaging import version
if version.parse(tf.__version__) >= version.parse("2.11"):
    from tensorflow.keras.optimizers.legacy import Optimizer
else:
    from tensorflow.keras.optimizers import Optimizer
class A(Optimizer):
{OLD}""",
        f"import tensorflow as tf\nfrom mine import Mixin\nclass A(Mixin, tf.keras.optimizers.Adam):\n{OLD}",
        f"import tensorflow as tf\ndef make(base):\n    class A(base):\n{indent(OLD, '    ')}    return A\n",
    ],
)
def test_what_is_no_old_subclass_of_a_new_optimizer(source: str) -> None:
    assert silent(CODE, source)


@pytest.mark.parametrize(
    "method",
    ["_resource_apply_dense", "_resource_apply_sparse", "_create_slots", "_compute_gradients", "get_gradients", "get_updates"],
)
@pytest.mark.parametrize(
    "base", ["tensorflow.keras.optimizers.Adam", "tensorflow.keras.optimizers.Optimizer", "keras.optimizers.SGD"]
)
def test_each_method_of_the_old_interface(method: str, base: str) -> None:
    module, _, name = base.rpartition(".")
    source = f"from {module} import {name}\n\n@register\nclass Mine({name}):\n    def {method}(self, *args):\n        pass\n"
    (found,) = findings(CODE, source)
    assert (found.place.line, found.place.column) == (4, 7)
    assert found.effect is Effect.BREAKS
    assert f"`{method}`" in found.message


def test_a_class_is_reported_once() -> None:
    source = f"from keras.optimizers import Adam\nclass A(Adam):\n{OLD}    def _create_slots(self, v):\n        pass\n"
    assert places(CODE, source) == [(2, 7)]


def test_a_subclass_of_adam_is_ignored_one_of_optimizer_raises() -> None:
    source = f"import tensorflow as tf\nclass A(tf.keras.optimizers.Adam):\n{OLD}class B(tf.keras.optimizers.Optimizer):\n{OLD}"
    adam, optimizer = findings(CODE, source)
    assert adam.message.endswith("is ignored on every targeted release")
    assert optimizer.message.endswith("raises AttributeError on 2.12-2.15, raises ValueError on 2.16+")


def test_by_way_of_a_class_of_the_file() -> None:
    source = f"import tensorflow as tf\nclass A(tf.keras.optimizers.Adam):\n    pass\nclass B(A):\n{OLD}"
    assert places(CODE, source) == [(4, 7)]


def test_it_is_right_before_2_11() -> None:
    source = f"import tensorflow as tf\nclass A(tf.keras.optimizers.Adam):\n{OLD}"
    assert silent(CODE, source, tensorflow="2.10")
    assert places(CODE, source, tensorflow="2.11") == [(2, 7)]


def test_the_legacy_base_is_offered_where_every_target_has_it() -> None:
    before = f"import tensorflow as tf\nclass A(tf.keras.optimizers.Adam):  # mine\n{OLD}"
    assert fixed(CODE, before, tensorflow=">=2.11,<2.16") == before
    after = before.replace("optimizers.Adam", "optimizers.legacy.Adam")
    assert fixed(CODE, before, unsafe=True, tensorflow=">=2.11,<2.16") == after


@pytest.mark.parametrize("base", ["Adam", "Optimizer"])
def test_the_legacy_base_is_not_offered_beside_keras_3(base: str) -> None:
    before = f"import tensorflow as tf\nclass A(tf.keras.optimizers.{base}):\n{OLD}"
    assert len(places(CODE, before)) == 1
    assert fixed(CODE, before, unsafe=True) == before


def test_the_legacy_base_is_not_offered_where_its_name_is_taken() -> None:
    before = text(f"from tensorflow.keras.optimizers import Adam\nclass A(Adam):\n{OLD}")
    assert fixed(CODE, before, unsafe=True, tensorflow=">=2.11,<2.16") == before
