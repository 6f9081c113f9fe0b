from __future__ import annotations

from textwrap import dedent

import pytest

from adamlint.findings import Effect
from tests.checking import findings, fixed, places, silent

CODE = "ADM305"
START = """\
import tensorflow as tf
from tensorflow.keras import backend as K, callbacks, optimizers
rate = optimizers.schedules.ExponentialDecay(0.1, 1000, 0.9)
"""
MODEL = f"{START}opt = optimizers.Adam(rate)\nmodel = tf.keras.Sequential()\nmodel.compile(opt, 'mse')\n"
PLAIN = MODEL.replace("Adam(rate)", "Adam(0.1)")


@pytest.mark.parametrize(
    "source",
    [
        f"{PLAIN}model.fit(x, y, callbacks=[callbacks.ReduceLROnPlateau()])\n",
        f"{PLAIN}opt.learning_rate = 0.1\nopt.learning_rate.assign(0.1)\nK.set_value(opt.learning_rate, 0.1)\n",
        f"{MODEL}model.fit(x, y, callbacks=[callbacks.EarlyStopping()])\n",
        f"{MODEL}from mine import ReduceLROnPlateau\nmodel.fit(x, y, callbacks=[ReduceLROnPlateau()])\n",
        f"{MODEL}other = tf.keras.Sequential()\nother.compile('adam')\nother.fit(x, y, callbacks=[callbacks.ReduceLROnPlateau()])\n",
        f"{MODEL}model.compile('adam')\nmodel.fit(x, y, callbacks=[callbacks.ReduceLROnPlateau()])\n",
        f"{MODEL}def train(model):\n    model.fit(x, y, callbacks=[callbacks.ReduceLROnPlateau()])\nprint(train)\n",
        f"{MODEL}def change(opt):\n    opt.learning_rate = 0.1\nprint(change)\n",
        f"{MODEL}opt = optimizers.Adam(0.1)\nopt.learning_rate = 0.2\n",
        f"{START}opt = optimizers.Adam(rate if decay else 0.1)\nopt.learning_rate = 0.2\n",
        f"{START}opt = optimizers.Adam(rate)\nprint(opt.learning_rate)\nK.get_value(opt.learning_rate)\n",
        f"{START}opt = optimizers.Adam(rate)\nopt.learning_rate = optimizers.schedules.CosineDecay(0.1, 10)\n",
        "import keras\nmodel = keras.Sequential()\nmodel.compile(model.optimizer, 'mse')\nmodel.optimizer.learning_rate = 0.1\n",
        "import keras\na, b = keras.Model(x), keras.Model(y)\na.compile(b.optimizer)\nb.compile(a.optimizer)\na.optimizer.learning_rate = 1.0\n",
        f"{START}import torch\nopt = torch.optim.Adam(rate)\nopt.learning_rate = 0.1\n",
        f"{START}class Adam:\n    pass\nopt = Adam(rate)\nopt.learning_rate = 0.1\n",
    ],
)
def test_one_of_the_two_does_no_harm(source: str) -> None:
    assert silent(CODE, source, tensorflow=">=2.16")


@pytest.mark.parametrize("callback", ["ReduceLROnPlateau(patience=3)", "LearningRateScheduler(lambda epoch: 0.1)"])
def test_a_callback_cannot_set_a_schedule(callback: str) -> None:
    (found,) = findings(CODE, f"{MODEL}model.fit(x, y, callbacks=[callbacks.EarlyStopping(), callbacks.{callback}])\n")
    assert (found.place.line, found.place.column) == (7, 55)
    assert found.effect is Effect.BREAKS
    name = callback.partition("(")[0]
    assert found.message == f"`{name}` cannot set the rate of an optimizer that was built with a schedule (line 4)"
    assert found.fix is None


def test_a_callback_is_reported_where_it_is_made() -> None:
    source = f"""{MODEL}
plateau = callbacks.ReduceLROnPlateau()
given = [plateau]
model.fit(x, y, callbacks=given)
"""
    assert places(CODE, source) == [(8, 11)]


def test_the_model_is_followed_through_a_function() -> None:
    source = f"""{START}
def build():
    model = tf.keras.Sequential()
    model.compile(optimizers.Adam(learning_rate=rate))
    return model
net = build()
net.fit(x, y, callbacks=[callbacks.ReduceLROnPlateau()])
"""
    assert places(CODE, source) == [(10, 26)]


def test_a_schedule_of_the_file_counts() -> None:
    source = f"""{START}
class WarmUp(optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        return 0.1
opt = optimizers.Adam(WarmUp())
opt.learning_rate.assign(0.1)
"""
    assert places(CODE, source) == [(9, 1)]


def test_a_model_of_a_library_of_keras_counts() -> None:
    source = f"""{START}
import keras_cv
model = keras_cv.models.RetinaNet()
model.compile(optimizer=optimizers.SGD(rate))
model.fit(x, callbacks=[callbacks.ReduceLROnPlateau()])
"""
    assert places(CODE, source) == [(8, 25)]


@pytest.mark.parametrize("owner", ["opt", "model.optimizer"])
@pytest.mark.parametrize("setter", ["{}.learning_rate.assign(0.1)", "K.set_value({}.learning_rate, 0.1)", "{}.learning_rate = 0.1", "{}.lr = 0.1"])
def test_a_rate_that_is_a_schedule_is_not_set(owner: str, setter: str) -> None:
    (found,) = findings(CODE, MODEL + setter.format(owner) + "\n")
    assert (found.place.line, found.place.column) == (7, 13 if "set_value" in setter else 1)
    assert found.effect is Effect.BREAKS
    assert "(line 4)" in found.message


def test_an_assignment_replaced_the_schedule_before_2_11() -> None:
    assert silent(CODE, f"{MODEL}opt.learning_rate = 0.1\n", tensorflow="2.10")
    assert len(findings(CODE, f"{MODEL}opt.learning_rate.assign(0.1)\n", tensorflow="2.10")) == 1


def test_a_schedule_cannot_be_assigned_on_keras_2() -> None:
    source = f"{PLAIN}opt.learning_rate = optimizers.schedules.CosineDecay(0.1, 10)\n"
    (found,) = findings(CODE, source)
    assert (found.place.line, found.place.column) == (7, 1)
    assert found.message == "a schedule is assigned to the rate: raises AttributeError on 2.12-2.15"
    assert silent(CODE, source, tensorflow=">=2.16")


def test_nothing_is_rewritten() -> None:
    source = f"{MODEL}opt.learning_rate = 0.1\nmodel.fit(x, y, callbacks=[callbacks.ReduceLROnPlateau()])\n"
    assert fixed(CODE, source, unsafe=True) == source


@pytest.mark.parametrize("use", ["model.optimizer.learning_rate = 0.1", "model.optimizer.learning_rate.assign(0.1)"])
def test_the_optimizer_of_a_model_may_have_been_replaced(use: str) -> None:
    source = """
        import keras
        model = keras.Sequential()
        model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.1, 10)))
        model.optimizer = keras.optimizers.Adam(0.1)
    """
    assert silent(CODE, dedent(source) + use + "\n")
