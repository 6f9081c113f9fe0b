from __future__ import annotations

import pytest

from adamlint.findings import Effect, Safety
from tests.checking import findings, fixed, places, silent

CODE = "ADM304"
IMPORT = "import tensorflow as tf\nfrom tensorflow.keras.optimizers import SGD\n"


@pytest.mark.parametrize(
    "source",
    [
        "import torch\nopt = torch.optim.SGD(params, 1)\n",
        "import optax\nopt = optax.sgd(learning_rate=1)\n",
        "class SGD:\n    pass\nopt = SGD(1)\n",
        f"{IMPORT}from mine import SGD\nopt = SGD(1)\n",
        "def build(SGD):\n    return SGD(1)\n",
        f"{IMPORT}opt = SGD(1.0)\n",
        f"{IMPORT}opt = SGD(learning_rate=1e-3)\n",
        f"{IMPORT}opt = SGD(True)\n",
        f"{IMPORT}opt = SGD(momentum=1)\n",
        f"{IMPORT}def build(rate=1):\n    return SGD(rate)\nprint(build)\n",
        f"{IMPORT}rate = -1\nif slow:\n    rate = 0.1\nopt = SGD(rate)\n",
        f"{IMPORT}opt = SGD(lambda: 0.1)\n",
        f"{IMPORT}opt = SGD(tf.keras.optimizers.schedules.ExponentialDecay(1, 100, 0.9))\n",
        f"{IMPORT}opt = SGD(*[1])\n",
        f"{IMPORT}if tf.__version__ < '2.16':\n    opt = SGD(1)\n",
        f"{IMPORT}try:\n    opt = SGD(1)\nexcept ValueError:\n    opt = SGD(1.0)\n",
        "import tensorflow as tf\nopt = tf.compat.v1.train.GradientDescentOptimizer(1)\n",
    ],
)
def test_other_rates_and_other_optimizers(source: str) -> None:
    assert silent(CODE, source)


@pytest.mark.parametrize("then", ["self.rate *= 0.1", "self.rate, self.steps = schedule()", "for self.rate in rates:\n            pass"])
def test_an_attribute_that_gets_other_values_is_not_the_int_that_it_began_with(then: str) -> None:
    source = f"{IMPORT}class Trainer:\n    def __init__(self):\n        self.rate = 1\n        {then}\n        self.opt = SGD(self.rate)\n"
    assert silent(CODE, source)


def test_a_decorator_may_make_a_rate_of_a_function() -> None:
    source = "from mine import lazy\nclass Trainer:\n    @lazy\n    def rate(self):\n        return 0.1\n    def make(self):\n        return SGD(self.rate)\n"
    assert silent(CODE, IMPORT + source)


@pytest.mark.parametrize("given", ["1", "learning_rate=1", "1, momentum=0.9", "learning_rate=0", "tf.constant(0.1)"])
def test_keras_3_wants_a_float(given: str) -> None:
    source = f"{IMPORT}opt = SGD({given})\n"
    (found,) = findings(CODE, source)
    assert (found.place.line, found.place.column) == (3, 25 if given.startswith("learning_rate") else 11)
    assert found.effect is Effect.BREAKS
    assert found.message.endswith("as learning rate: raises ValueError on 2.16+")
    assert silent(CODE, source, tensorflow="<2.16")


@pytest.mark.parametrize("given", ["lambda: RATE.value()", "rate", "functools.partial(rate, 1)"])
def test_a_function_is_asked_once_by_the_new_classes_of_keras_2(given: str) -> None:
    source = f"{IMPORT}import functools\nRATE = tf.Variable(0.1)\ndef rate(*step):\n    return RATE / 2\nopt = SGD({given})\n"
    (found,) = findings(CODE, source)
    assert found.message == "a function as learning rate: keeps its first value on 2.12-2.15"
    assert found.effect is Effect.BREAKS
    assert silent(CODE, source, tensorflow="<2.11")
    assert silent(CODE, source, tensorflow=">=2.16")
    assert silent(CODE, source.replace("SGD(", "tf.keras.optimizers.legacy.SGD("), tensorflow="<2.16")


def test_a_variable_is_asked_once_by_keras_2_and_refused_by_keras_3() -> None:
    (found,) = findings(CODE, f"{IMPORT}opt = SGD(tf.Variable(0.1))\n")
    assert found.message == "a `tf.Variable` as learning rate: keeps its first value on 2.12-2.15, raises ValueError on 2.16+"
    assert silent(CODE, f"{IMPORT}opt = SGD(tf.Variable(0.1))\n", tensorflow="<2.11")


@pytest.mark.parametrize("rate", ["1e-3 / 2", "0.1 * size", "2 ** -10", "0.1 - 0.05", "0.1 // 2", "base / workers * 2", "-0.1", "0.1 % 1"])
def test_a_rate_that_is_computed_is_no_string(rate: str) -> None:
    assert silent(CODE, f"{IMPORT}opt = SGD({rate})\n")
    assert silent(CODE, f"{IMPORT}rate = {rate}\nopt = SGD(learning_rate=rate)\n")


def test_a_string_raises_everywhere() -> None:
    (found,) = findings(CODE, "import keras\nopt = keras.optimizers.Adam(learning_rate='0.01')\n", tensorflow="2.13")
    assert found.message == "a string as learning rate: raises TypeError on every targeted release"
    assert found.fix is None


def test_a_rate_in_a_variable_or_in_a_dict_counts() -> None:
    assert places(CODE, f"{IMPORT}RATE = 1\nopt = SGD(RATE)\n") == [(4, 11)]
    assert places(CODE, f"{IMPORT}more = {{'learning_rate': 1}}\nopt = SGD(**more)\n") == [(3, 26)]


@pytest.mark.parametrize(
    ("given", "written"),
    [("1", "1.0"), ("learning_rate=1,", "learning_rate=1.0,"), ("(1)", "(1.0)"), ("**{'learning_rate': 2}", "**{'learning_rate': 2.0}")],
)
def test_an_int_becomes_a_float(given: str, written: str) -> None:
    before, after = f"{IMPORT}opt = SGD({given})\n", f"{IMPORT}opt = SGD({written})\n"
    (found,) = findings(CODE, before)
    assert found.fix is not None
    assert found.fix.safety is Safety.SAFE
    assert fixed(CODE, before) == after
    assert fixed(CODE, after) == after


@pytest.mark.parametrize("lines", ["RATE = 1\nopt = SGD(RATE)", "opt = SGD(0x1)", "opt = SGD(1_0)", "opt = SGD('1')", "opt = SGD(tf.Variable(1.0))"])
def test_there_is_no_fix_for_the_rest(lines: str) -> None:
    source = f"{IMPORT}{lines}\n"
    assert len(places(CODE, source)) == 1
    assert fixed(CODE, source, unsafe=True) == source


@pytest.mark.parametrize("source", [
    "rates = [1, 2]\nrates[0] = 0.1\nSGD(rates[0])",
    "options = {'rate': 1}\noptions['rate'] *= 0.1\nSGD(options['rate'])",
    "options = {'rate': 1}\noptions.update(vars(args))\nSGD(options['rate'])",
    "options = {'rate': 1}\nfor key in given:\n    options[key] = given[key]\nSGD(options['rate'])",
    "rates = [*others, 1]\nSGD(rates[0])",
    "first, last = *others, 1\nSGD(first)",
    "SGD(sorted([1, 0.1])[0])",
    "first, second = sorted([1, 0.1])\nSGD(first)",
])  # fmt: skip
def test_a_constant_that_may_have_been_replaced_or_moved_is_not_certain(source: str) -> None:
    assert silent(CODE, f"{IMPORT}{source}\n")


@pytest.mark.parametrize("source", [
    "class Config:\n    rate: float = 1\nSGD(Config(rate=0.1).rate)",
    "class Config:\n    rate = 1\nconfig = Config()\nconfig.rate = 0.1\nSGD(config.rate)",
    "class Config:\n    rate = 1\nconfig = Config()\nfor name, value in given:\n    setattr(config, name, value)\nSGD(config.rate)",
    "class Base:\n    rate = 1\n    def make(self):\n        return SGD(self.rate)\nclass Slow(Base):\n    rate = 0.1",
    "class Base:\n    def rate(self):\n        return 1\n    def make(self):\n        return SGD(self.rate())\n"
    "class Slow(Base):\n    def rate(self):\n        return 0.1",
])  # fmt: skip
def test_the_constant_of_a_class_is_not_certain_where_objects_or_subclasses_may_have_another(source: str) -> None:
    assert silent(CODE, f"{IMPORT}{source}\n")


@pytest.mark.parametrize("source", ["class Config:\n    rate = 1\nSGD(Config.rate)", "rates = {'slow': 1}\nSGD(rates['slow'])"])
def test_the_constant_that_nothing_replaces_is(source: str) -> None:
    assert places(CODE, f"{IMPORT}{source}\n") != []
