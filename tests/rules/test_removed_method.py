from __future__ import annotations

import pytest

from adamlint.findings import Effect, Safety
from tests.checking import findings, fixed, places, silent

CODE = "ADM603"
ADAM = "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(0.1)\n"
MODEL = "import tensorflow as tf\nmodel = tf.keras.Sequential()\n"


@pytest.mark.parametrize(
    "source",
    [
        f"{MODEL}model.set_weights(model.get_weights())\nmodel.weights\n",
        "import tensorflow as tf\nlayer = tf.keras.layers.Dense(1)\nlayer.add_weight()\nlayer.get_weights()\nlayer.weights\n",
        "import tensorflow as tf\ncopy = tf.keras.Model.from_config(c)\ncopy.set_weights(w)\n",
        "from scipy.optimize import minimize\nminimize(f, x)\n",
        "import tensorflow as tf\nopt = tf.compat.v1.train.AdamOptimizer(0.1)\nopt.minimize(loss)\nopt.get_slot(v, 'm')\n",
        "import tensorflow as tf\ndef f(opt):\n    opt.minimize(loss, v)\n",
        "import sonnet\nopt = sonnet.optimizers.Adam()\nopt.get_updates()\n",
        "import tensorflow as tf\nopt = tf.keras.optimizers.legacy.Adam()\nopt.get_weights()\nopt.minimize(f, v)\n",
        "import tf_keras\nopt = tf_keras.optimizers.Adam()\nopt.minimize(f, v)\nopt.variables()\n",
        "from gpflow.keras import tf_keras\nopt = tf_keras.optimizers.Adam()\nopt.minimize(f, v)\n",
        f"{ADAM}module = tf.Module()\nmodule.variables()\nopt.variables\n",
        f"{ADAM}opt.weights = []\n",
        f"{ADAM}if hasattr(opt, 'get_weights'):\n    opt.get_weights()\n",
        f"{ADAM}if hasattr(opt, 'minimize'):\n    opt.minimize(f, v)\nelse:\n    step(opt)\n",
        f"{ADAM}try:\n    w = opt.get_weights()\nexcept AttributeError:\n    w = opt.variables\n",
        f"{MODEL}tf.keras.backend.set_value(model.layers[0].kernel, 1)\n",
        "from mine import K\nK.set_value(optimizer.learning_rate, 1)\n",
        "from keras import backend as K\nK.set_value(self.learning_rate, 1)\n",
        """
        import tensorflow as tf
        class Mine(tf.keras.optimizers.Adam):
            def get_updates(self):
                return []
            @property
            def weights(self):
                return self.get_updates()
        print(Mine().weights)
        """,
    ],
)
def test_what_is_no_new_optimizer_for_sure(source: str) -> None:
    assert silent(CODE, source)


@pytest.mark.parametrize(
    "member",
    ["get_updates(loss, v)", "get_gradients(loss, v)", "get_weights()", "weights", "get_slot(v, 'm')", "get_slot_names()",
     "add_slot(v, 'm')", "add_weight('m')", "decay"],
)  # fmt: skip
def test_members_that_went_with_2_11(member: str) -> None:
    (found,) = findings(CODE, f"{ADAM}opt.{member}\n")
    assert (found.place.line, found.place.column) == (3, 1)
    assert found.effect is Effect.BREAKS
    assert found.message.endswith("raises AttributeError on every targeted release")


@pytest.mark.parametrize("member", ["minimize(f, v)", "compute_gradients(f, v)", "aggregate_gradients(g)"])
def test_members_that_went_with_keras_3(member: str) -> None:
    (found,) = findings(CODE, f"{ADAM}opt.{member}\n")
    assert found.message.endswith("raises AttributeError on 2.16+")
    assert silent(CODE, f"{ADAM}opt.{member}\n", tensorflow=">=2.12,<2.16")


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (f"{MODEL}model.optimizer.get_weights()\n", (3, 1)),
        ("import tensorflow as tf\nclass A(tf.keras.Model):\n    def f(self):\n        self.optimizer.minimize(f, v)\n", (4, 9)),
        ("import keras\nclass A(keras.callbacks.Callback):\n    def f(self):\n        self.model.optimizer.weights\n", (4, 9)),
        ("from keras import optimizers\ndef f(x):\n    x = optimizers.get(x)\n    x.get_updates(l, p)\n", (4, 5)),
        ("from keras.optimizers import Optimizer\nclass A(Optimizer):\n    def f(self):\n        self.add_slot(v, 'm')\n", (4, 9)),
    ],
)
def test_on_whatever_is_an_optimizer(source: str, place: tuple[int, int]) -> None:
    assert places(CODE, source) == [place]


def test_old_targets_have_them() -> None:
    assert silent(CODE, f"{ADAM}opt.get_weights()\nopt.minimize(f, v)\nopt.variables()\n", tensorflow="2.10")


def test_variables_is_a_list_in_keras_3() -> None:
    source = f"{ADAM}n = len(opt.variables())\n"
    (found,) = findings(CODE, source)
    assert (found.place.line, found.place.column) == (3, 9)
    assert found.message.endswith("raises TypeError on 2.16+")
    assert found.fix is not None
    assert found.fix.safety is Safety.SAFE
    assert found.fix.title == "do not call it (it failed before)"
    assert fixed(CODE, source) == source.replace("variables()", "variables")


@pytest.mark.parametrize(("source", "target"), [
    (f"{ADAM}n = len(opt.variables())\n", {"tensorflow": ">=2.11"}),
    ("import keras\nopt = keras.optimizers.Adam()\nn = len(opt.variables())\n", {}),
    (f"{MODEL}model.compile('adam')\nn = len(model.optimizer.variables())\n", {}),
    (f"{MODEL}model.compile(tf.keras.optimizers.Adam())\nn = len(model.optimizer.variables())\n", {"platforms": ("macos-arm64",)}),
    ("import tensorflow as tf\nopt = tf.keras.optimizers.get(name)\nn = len(opt.variables())\n", {}),
])
def test_no_fix_where_variables_is_still_the_method(source: str, target: dict[str, object]) -> None:
    assert len(places(CODE, source, **target)) == 1
    assert fixed(CODE, source, unsafe=True, **target) == source
    assert fixed(CODE, source, tensorflow=">=2.16") == source.replace("variables()", "variables")


def test_set_weights_takes_anything() -> None:
    (found,) = findings(CODE, f"{ADAM}opt.set_weights(state)\n")
    assert found.effect is Effect.DIFFERS
    assert found.fix is None


@pytest.mark.parametrize("backend", ["tensorflow.keras", "keras"])
def test_set_value_becomes_assign(backend: str) -> None:
    start = f"from {backend} import backend as K\ndef f(model):\n"
    before = f"{start}    K.set_value(model.optimizer.learning_rate, 0.5 * rate)  # less\n"
    (found,) = findings(CODE, before)
    assert (found.place.line, found.place.column) == (3, 5)
    assert found.fix is not None
    assert found.fix.safety is Safety.SAFE
    after = before.replace("K.set_value(model.optimizer.learning_rate, ", "model.optimizer.learning_rate.assign(")
    assert fixed(CODE, before) == after
    assert silent(CODE, after)


def test_in_sessions_assigning_is_not_safe() -> None:
    before = f"{MODEL}sess = tf.compat.v1.Session()\ntf.keras.backend.set_value(model.optimizer.learning_rate, 0.1)\n"
    assert fixed(CODE, before) == before
    assert "assign(0.1)" in fixed(CODE, before, unsafe=True)


def test_in_graph_mode_assigning_is_not_safe() -> None:
    before = f"{MODEL}tf.keras.backend.set_value(model.optimizer.learning_rate, 0.1)\n"
    assert len(places(CODE, before, mode="any")) == 1
    assert fixed(CODE, before, mode="any") == before


def test_set_value_inside_an_expression_is_left() -> None:
    before = f"{MODEL}f = lambda: tf.keras.backend.set_value(model.optimizer.learning_rate, 0.1)\n"
    assert len(places(CODE, before)) == 1
    assert fixed(CODE, before, unsafe=True) == before


@pytest.mark.parametrize("use", [
    "found = opt.variables() if callable(opt.variables) else opt.variables",
    "if callable(opt.variables):\n    found = opt.variables()\nelse:\n    found = opt.variables",
    "found = opt.variables if not callable(opt.variables) else opt.variables()",
])  # fmt: skip
def test_what_is_called_only_where_it_can_be_is_right(use: str) -> None:
    assert silent(CODE, f"import keras\nopt = keras.optimizers.Adam(0.1)\n{use}\n")
