"""ADM104: the optimizer class given to compile."""

from __future__ import annotations

from textwrap import dedent

import pytest

from adamlint.findings import Effect, Safety
from tests.checking import findings, fixed, places, silent

CODE = "ADM104"
HEAD = "import keras\nfrom keras.optimizers import Adam\nmodel = keras.Sequential()\n"


def test_the_class_is_the_place() -> None:
    assert places(CODE, HEAD + "model.compile(optimizer=Adam, loss='mse')\n") == [(4, 25)]
    assert places(CODE, HEAD + "model.compile(keras.optimizers.SGD)\n") == [(4, 15)]


@pytest.mark.parametrize("tensorflow", ["2.10", "2.12", ">=2.16"])
@pytest.mark.parametrize("platform", ["linux", "macos-arm64"])
def test_it_breaks_on_every_release_and_platform(tensorflow: str, platform: str) -> None:
    (finding,) = findings(CODE, HEAD + "model.compile(Adam)\n", tensorflow=tensorflow, platforms=(platform,))
    assert finding.effect is Effect.BREAKS
    assert finding.message == "`Adam` is the class; Keras wants an instance and raises ValueError"


@pytest.mark.parametrize("source", [
    HEAD + "model.compile(Adam())\n",
    HEAD + "model.compile('adam')\n",
    HEAD + "model.compile(make)\n",
    HEAD + "model.compile(loss=Adam)\n",
    HEAD + "from functools import partial\nmodel.compile(partial(Adam))\n",
    HEAD + "def f(opt=Adam):\n    opt = opt() if isinstance(opt, type) else opt\n    model.compile(opt)\n",
    HEAD + "try:\n    model.compile(Adam)\nexcept ValueError:\n    pass\n",
    HEAD + "import pytest\nwith pytest.raises(ValueError):\n    model.compile(Adam)\n",
    "import torch\nfrom keras.optimizers import Adam\ntorch.compile(Adam)\n",
    "from keras.optimizers import Adam\nmodel.compile(Adam)\n",
    HEAD + "from torch.optim import Adam\nmodel.compile(Adam)\n",
])  # fmt: skip
def test_silent(source: str) -> None:
    assert silent(CODE, source)


def test_the_fix_calls_it() -> None:
    source = HEAD + "model.compile(optimizer=Adam, loss='mse')\n"
    assert fixed(CODE, source) == source.replace("=Adam,", "=Adam(),")
    assert fixed(CODE, HEAD + "model.compile((Adam))\n") == HEAD + "model.compile((Adam)())\n"


def test_the_fix_is_unsafe_where_an_instance_does_not_train_either() -> None:
    source = "import tensorflow as tf\nmodel = tf.keras.Sequential()\nmodel.compile(tf.keras.optimizers.SGD)\n"
    found = [*findings(CODE, source, mode="graph", tensorflow="2.10"), *findings(CODE, source, mode="graph", tensorflow=">=2.10,<2.12")]
    assert [f.fix.safety for f in found if f.fix] == [Safety.SAFE, Safety.UNSAFE]
    (unmeasured,) = findings(CODE, HEAD + "model.compile(Adam)\n", mode="graph", tensorflow="2.15")
    assert unmeasured.fix is not None
    assert unmeasured.fix.safety is Safety.UNSAFE


def test_no_fix_where_it_may_be_something_else() -> None:
    source = HEAD + "def f(opt=Adam):\n    model.compile(opt)\n"
    assert [f.fix for f in findings(CODE, source)] == [None]


def test_no_instance_is_put_where_two_models_could_share_it() -> None:
    source = """
        import keras
        options = {"optimizer": keras.optimizers.Adam}
        for _ in range(2):
            model = keras.Sequential()
            model.compile(**options)
    """
    assert [f.fix for f in findings(CODE, source)] == [None]


@pytest.mark.parametrize("signature", ["self, optimizer, rate", "self, loss, optimizer=None, **kwargs", "self, optimizer, *args, **kwargs", "self, loss, rate"])
def test_a_compile_of_the_file_may_want_a_class(signature: str) -> None:
    source = f"class Net(keras.Model):\n    def compile({signature}):\n        super().compile(make(optimizer, rate))\n"
    assert silent(CODE, f"{HEAD}{source}Net().compile(optimizer=Adam, rate=0.1)\nNet().compile(Adam, 0.1)\n")


@pytest.mark.parametrize("signature", ["self, *args, **kwargs", "self, metric=None, **kwargs"])
def test_a_compile_of_the_file_that_hands_the_optimizer_on_is_that_of_keras(signature: str) -> None:
    source = f"class Net(keras.Model):\n    def compile({signature}):\n        super().compile(**kwargs)\n"
    assert places(CODE, f"{HEAD}{source}Net().compile(optimizer=Adam)\n") == [(7, 25)]


def test_what_a_compile_of_the_file_gives_to_that_of_keras_is_the_optimizer() -> None:
    source = "class Net(keras.Model):\n    def compile(self, optimizer):\n        super().compile(optimizer)\n"
    assert places(CODE, f"{HEAD}{source}Net().compile(Adam)\n") == [(6, 25)]


@pytest.mark.parametrize("test", ["isinstance(opt, type)", "inspect.isclass(opt)", "callable(opt)", "not isinstance(opt, (str, keras.optimizers.Optimizer))"])
def test_a_class_goes_by_the_tests_of_it(test: str) -> None:
    source = """
        import inspect, keras
        def build(model: keras.Model, opt=keras.optimizers.SGD, rate=0.1):
            if {}:
                opt = make(opt, rate)
            elif isinstance(opt, str):
                opt = keras.optimizers.get(opt)
            model.compile(opt)
    """
    assert silent(CODE, source.format(test))
    assert places(CODE, source.format("rate")) != []


def test_an_instance_in_place_of_the_class_of_a_class_is_right() -> None:
    source = """
        class Net:
            optimizer = Adam
            def __init__(self, rate):
                self.model = keras.Sequential()
                self.optimizer = self.optimizer(rate)
                self.model.compile(optimizer=self.optimizer)
    """
    assert silent(CODE, HEAD + dedent(source))
