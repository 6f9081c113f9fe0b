"""What one optimizer instance trains, and so whether a class of another generation can take its place: ADM201 asks for all."""

from __future__ import annotations

import pytest

from adamlint.findings import Safety
from tests.checking import findings, fixed, text

ADAM = "tf.keras.optimizers.legacy.Adam(learning_rate=0.01)"


def safety(body: str, tensorflow: str | None = None) -> Safety | None:
    """The safety of the only fix of ADM201."""
    source = "import tensorflow as tf\ndef make():\n    return tf.keras.Sequential([tf.keras.layers.Dense(1)])\n"
    (finding,) = findings("ADM201", source + text(body).replace("ADAM", ADAM), tensorflow=tensorflow)
    return finding.fix.safety if finding.fix else None


ONCE = (
    "make().compile(ADAM)\n",
    "for _ in range(3):\n    model = make()\n    model.compile(optimizer=ADAM, loss='mse')\n",
    "opt = ADAM\nmodel = make()\nmodel.compile(opt)\nopt.learning_rate = 0.1\n",
    "net = make()\nnet.compile(ADAM)\nnet.optimizer.learning_rate = 0.1\n",
    "opt = ADAM if fast else 'sgd'\nmodel = make()\nmodel.compile(opt)\n",
    "def train(model):\n    opt = ADAM\n    model.compile(optimizer=opt)\n",
    "def fresh():\n    return ADAM\na, b = make(), make()\na.compile(fresh())\nb.compile(fresh())\n",
    "a = make()\na.compile(ADAM)\na.optimizer.apply_gradients(zip(gradients, a.trainable_variables))\n",
    """
    model = make()
    opt = ADAM
    def step(x):
        with tf.GradientTape() as tape:
            loss = model(x)
        opt.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    """,
)
TWICE = (
    "def fresh():\n    return ADAM\nopt = fresh()\na, b = make(), make()\na.compile(opt)\nb.compile(opt)\n",
    "opt = ADAM\na, b = make(), make()\na.compile(opt)\nb.compile(opt)\n",
    "opt = ADAM\nmodel = make()\nmodel.compile(opt)\nmodel.layers[0].trainable = True\nmodel.compile(opt)\n",
    """
    one, two = tf.Variable(1.0), tf.Variable(1.0)
    opt = ADAM
    opt.apply_gradients(zip(gradients, [one]))
    opt.apply_gradients(zip(gradients, [two]))
    """,
    "class Trainer:\n    def __init__(self):\n        self.opt = ADAM\n        self.a.compile(self.opt)\n        self.b.compile(self.opt)\n",
)
NOT_SEEN = (
    "opt = ADAM\nfor _ in range(3):\n    model = make()\n    model.compile(opt)\n",
    "def train(model):\n    model.compile(opt)\nopt = ADAM\n",
    "def fresh():\n    return ADAM\n",
    "train(model, ADAM)\n",
    "opts = [ADAM]\n",
    "OPT = ADAM\n",
    "a, b = make(), make()\na.compile(ADAM)\nb.optimizer = a.optimizer\n",
    "a, b = make(), make()\na.compile(ADAM)\na.optimizer.apply_gradients(zip(gradients, b.trainable_variables))\n",
    "class T:\n    def __init__(self):\n        self.opt = ADAM\n        make().compile(self.opt)\nmake().compile(T().opt)\n",
    "opt = ADAM\nfor layer in layers:\n    opt.apply_gradients(zip(gradients, layer.trainable_variables))\n",
    "opt = ADAM\nmake().compile(opt)\nprint(opt.get_weights())\n",
    "model = make()\nmodel.compile(ADAM)\nmodel.layers[0].trainable = True\nmodel.compile(optimizer=model.optimizer)\n",
    "opt = ADAM\nopt.minimize(loss, [variable])\n",
    "net = make()\nnet.compile(ADAM)\nnet.layers[0].trainable = True\nnet.compile(optimizer=net.optimizer)\n",
    "net = make()\nnet.compile(ADAM)\nprint(net.optimizer.get_weights())\n",
    "net = make()\nnet.compile(ADAM)\nnet.optimizer.get_slot(variable, 'm')\n",
    "class Trainer:\n    opt = ADAM\n    def build(self):\n        model = make()\n        model.compile(self.opt)\n",
)  # fmt: skip


@pytest.mark.parametrize("body", ONCE)
def test_an_instance_that_trains_one_model_can_be_exchanged(body: str) -> None:
    assert safety(body) is Safety.SAFE


@pytest.mark.parametrize("body", NOT_SEEN)
def test_an_instance_that_may_train_several_lists_of_variables_is_left_alone(body: str) -> None:
    assert safety(body) is Safety.UNSAFE


@pytest.mark.parametrize("body", TWICE)
def test_an_instance_that_trains_several_lists_of_variables_is_not_exchanged_at_all(body: str) -> None:
    assert safety(body) is None


@pytest.mark.parametrize("body", TWICE)
def test_where_the_legacy_class_never_worked_the_new_one_must_be_able_to(body: str) -> None:
    assert safety(body, tensorflow=">=2.16") is Safety.UNSAFE


@pytest.mark.parametrize("body", [*ONCE, *NOT_SEEN[:5]])
def test_where_the_legacy_class_never_worked_a_doubt_is_none(body: str) -> None:
    assert safety(body, tensorflow=">=2.16") is Safety.SAFE


def test_one_use_of_an_imported_class_speaks_for_all() -> None:
    source = """
        from tensorflow import keras
        from tensorflow.keras.optimizers.legacy import Adam
        keras.Sequential().compile(Adam(0.1))
        keras.Sequential().compile(shared(Adam(0.1)))
    """
    assert fixed("ADM201", source) == text(source)


def test_the_title_says_why() -> None:
    source = f"import tensorflow as tf\nopt = {ADAM}\ntrain(opt)\n"
    (finding,) = findings("ADM201", source)
    assert finding.fix is not None
    why = "the generation changes on a target, and what trains with it is not seen"
    assert finding.fix.title == f"use the class of `optimizers` ({why})"


@pytest.mark.parametrize("line", [
    "est = tf.estimator.DNNClassifier([10], columns, optimizer=opt)",
    "est = tf.keras.estimator.model_to_estimator(model)",
    "strategy = tf.distribute.experimental.ParameterServerStrategy(resolver)",
    "est = tf.compat.v1.estimator.LinearRegressor(columns, optimizer=opt)",
    "import tensorflow.compat.v1 as v1\nest = v1.estimator.Estimator(model_fn)",
    "from tensorflow.compat.v1 import app, estimator as E\nest = E.Estimator(model_fn)",
    "from tensorflow.compat.v1.estimator import DNNRegressor\nest = DNNRegressor([10], columns, optimizer=opt)",
    "def model_fn(features, labels, mode):\n    return estimator.EstimatorSpec(mode, loss=loss, train_op=opt.minimize(loss))",
    "from tensorflow.distribute.experimental import ParameterServerStrategy as Servers\nstrategy = Servers(resolver)",
])  # fmt: skip
def test_nothing_is_offered_where_only_the_legacy_class_is_taken(line: str) -> None:
    assert safety(f"opt = ADAM\n{line}\n") is None


def test_a_model_of_a_library_may_be_of_another_keras() -> None:
    libraries = ("from deepctr.models import DeepFM as Net\n", "from segmentation_models import Unet as Net\n")
    assert [safety(f"{line}Net().compile(ADAM)\n", ">=2.11,<2.16") for line in libraries] == [Safety.UNSAFE] * 2
    assert safety("class Net(tf.keras.Model):\n    pass\nNet().compile(ADAM)\n", ">=2.11,<2.16") is Safety.SAFE
