import pytest

from adamlint.findings import Effect
from tests.checking import findings, places, silent

HEAD = """import tensorflow as tf
from tensorflow.keras import Input, Model, Sequential
from tensorflow.keras.layers import Dense, Dropout
from tensorflow.keras.optimizers import Adam, SGD
"""
TWO = "a = Sequential([Dense(1)])\nb = Sequential([Dense(1)])\nopt = Adam(1e-3)\n"


def told(*lines: str, head: str = HEAD, **target: object) -> list[tuple[int, int]]:
    """Return the places of the findings, with lines counted from the first after the head."""
    source = head + "\n".join(lines) + "\n"
    return [(line - head.count("\n"), column) for line, column in places("ADM606", source, **target)]


# Reported -----------------------------------------------------------------------------------------


def test_reports_the_second_model_and_names_the_line_of_the_first() -> None:
    source = f'{HEAD}{TWO}a.compile(opt, "mse")\na.fit(x, y)\nb.compile(opt, "mse")\nb.fit(x, y)\n'
    (found,) = findings("ADM606", source)
    assert (found.place.line, found.place.column, found.effect) == (10, 11, Effect.BREAKS)
    assert found.message == (
        "one optimizer trains this and other variables (line 8): raises KeyError on 2.12-2.15, raises ValueError on 2.16+"
    )
    assert found.fix is None


@pytest.mark.parametrize("method", ["fit", "train_on_batch", "fit_generator"])
def test_reports_whatever_trains(method: str) -> None:
    assert told(f"{TWO}a.compile(optimizer=opt)", "b.compile(optimizer=opt)", f"a.{method}(x)", f"b.{method}(x)") == [(5, 21)]


def test_reports_two_models_in_a_loop_of_ones_own() -> None:
    assert told(
        TWO,
        "@tf.function",
        "def step(x):",
        "    opt.apply_gradients(zip(first, a.trainable_variables))",
        "    opt.apply_gradients(zip(second, b.trainable_weights))",
    ) == [(8, 5)]


def test_follows_names_of_gradients_and_variables() -> None:
    assert told(
        TWO, "some = a.trainable_variables", "pairs = zip(g, some)", "opt.apply_gradients(pairs)", "opt.apply_gradients(zip(h, b.weights))"
    ) == [(8, 1)]


def test_reports_lists_of_variables() -> None:
    assert told(
        "v = tf.Variable(1.0)", "w = tf.Variable(1.0)", "opt = SGD(0.1)", "opt.apply_gradients(zip(g, [v]))", "opt.apply_gradients(zip(g, [w]))"
    ) == [(5, 1)]


def test_reports_what_minimize_is_given() -> None:
    lines = ("v = tf.Variable(1.0)", "w = tf.Variable(1.0)", "opt = SGD(0.1)", "opt.minimize(loss, [v])", "opt.minimize(loss, var_list=[w])")
    assert told(*lines) == [(5, 1)]


def test_reports_an_optimizer_that_a_loop_gives_to_new_models() -> None:
    lines = ("opt = Adam(1e-3)", "for train, test in folds:", "    model = Sequential()", "    model.add(Dense(1))")
    assert told(*lines, "    model.compile(loss='mse', optimizer=opt)", "    model.fit(train)") == [(5, 41)]


def test_reports_an_optimizer_in_a_function_that_builds_models() -> None:
    build = ("opt = Adam(1e-3)", "def build(n):", "    m = Sequential([Dense(n)])", "    m.compile(optimizer=opt)", "    return m")
    assert told(*build, "for n in sizes:", "    model = build(n)", "    model.fit(x)") == [(4, 25)]
    assert told(*build, "one = build(1)", "two = build(2)", "one.fit(x)", "two.fit(x)") == [(4, 25)]
    assert told(*build, "one = build(1)", "one.fit(x)") == []
    assert told(*build, "one = build(1)", "two = build(2)", "one.fit(x)", "two.predict(x)") == []


def test_reports_a_function_that_trains_what_it_is_given() -> None:
    train = ("opt = Adam(1e-3)", "def train(model):", "    model.compile(optimizer=opt)", "    model.fit(x)")
    assert told(*train, "train(Sequential([Dense(1)]))", "train(Sequential([Dense(1)]))") == [(3, 29)]
    assert told(*train, "train(Sequential([Dense(1)]))") == []


def test_reports_models_that_attributes_hold() -> None:
    lines = """
class Critics:
    def __init__(self):
        self.opt = Adam(1e-3)
        self.one = self.build()
        self.two = self.build()
    def build(self):
        return Sequential([Dense(1)])
    def learn(self, g, h):
        self.opt.apply_gradients(zip(g, self.one.trainable_variables))
        self.opt.apply_gradients(zip(h, self.two.trainable_variables))
"""
    assert told(lines) == [(11, 9)]


GAN = """
class GAN:
    def __init__(self):
        optimizer = Adam(0.0002, 0.5)
        self.discriminator = self.build_discriminator()
        self.discriminator.compile(loss="mse", optimizer=optimizer)
        self.generator = self.build_generator()
        z = Input((100,))
        image = self.generator(z)
        self.discriminator.trainable = False
        self.combined = Model(z, self.discriminator(image))
        self.combined.compile(loss="mse", optimizer=optimizer)
    def build_generator(self):
        noise = Input((100,))
        return Model(noise, Dense(256)(noise))
    def build_discriminator(self):
        image = Input((28,))
        return Model(image, Dense(1)(image))
    def train(self):
        self.discriminator.train_on_batch(real, fake)
        self.combined.train_on_batch(noise, valid)
"""


def test_reports_a_gan_that_freezes_its_discriminator_where_keras_2_is_targeted() -> None:
    assert told(GAN) == [(12, 53)]
    assert told(GAN, tensorflow=">=2.16") == []  # there the frozen model is not trained at all, and nothing fails


def test_reports_a_model_that_holds_the_one_trained_before_and_more() -> None:
    lines = ("opt = Adam(1e-3)", "i = Input((3,))", "h = Dense(1)(i)", "part = Model(i, h)", "whole = Model(i, Dense(2)(h))")
    assert told(*lines, "part.compile(opt)", "part.fit(x)", "whole.compile(opt)", "whole.fit(x)") == [(8, 15)]


TUNE = (
    "base = tf.keras.applications.ResNet50()",
    "base.trainable = False",
    "model = Sequential([base, Dense(1)])",
    "opt = Adam(1e-3)",
    "model.compile(opt)",
    "model.fit(x)",
)


def test_reports_layers_that_are_thawed_for_the_second_time() -> None:
    again = ("model.compile(opt)", "model.fit(x)")
    assert told(*TUNE, "base.trainable = True", *again) == [(8, 15)]
    assert told(*TUNE, *again) == []
    assert told(*TUNE, "other.trainable = True", *again) == []
    assert told(*TUNE, "base.trainable = True", "model.compile(Adam(1e-5))", "model.fit(x)") == []
    assert told(*TUNE[:1], *TUNE[2:], "base.trainable = True", *again) == []


def test_reports_copies() -> None:
    lines = ("a = Sequential([Dense(1)])", "b = tf.keras.models.clone_model(a)", "opt = Adam()", "a.compile(opt)", "a.fit(x)")
    assert told(*lines, "b.compile(opt)", "b.fit(x)") == [(6, 11)]


def test_the_legacy_line_trains_what_it_is_given() -> None:
    lines = (TWO, "a.compile(opt)", "a.fit(x)", "b.compile(opt)", "b.fit(x)")
    assert told(*lines, tensorflow="<=2.10") == []
    assert told(*lines, tensorflow="2.11") == [(7, 11)]
    legacy = HEAD.replace("keras.optimizers import", "keras.optimizers.legacy import")
    assert told(*lines, head=legacy) == []


def test_knows_the_other_packages() -> None:
    lines = (TWO, "a.compile(opt)", "a.fit(x)", "b.compile(opt)", "b.fit(x)")
    assert told(*lines, head=HEAD.replace("tensorflow.keras", "keras")) == [(7, 11)]
    assert told(*lines, head=HEAD.replace("tensorflow.keras", "keras"), tensorflow="2.12") == []  # legacy there
    assert told(*lines, head=HEAD.replace("tensorflow.keras", "tf_keras")) == [(7, 11)]


# Silent -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines",
    [
        "a.compile(opt)\nb.compile(opt)\nb.fit(x)",  # compile alone does no harm
        "a.compile(opt)\na.evaluate(x)\nb.compile(opt)\nb.fit(x)",
        "a.compile(opt)\na.fit(x)\na.compile(opt)\na.fit(x)",
        "a.compile(opt)\nb.compile(opt)\na.compile('sgd')\na.fit(x)\nb.fit(x)",
        "opt.build(a.trainable_variables + b.trainable_variables)\na.compile(opt)\na.fit(x)\nb.compile(opt)\nb.fit(x)",
        "a.compile(opt)\na.fit(x)\nopt = Adam(1e-3)\nb.compile(opt)\nb.fit(x)",
        "a.compile('adam')\na.fit(x)\nb.compile('adam')\nb.fit(x)",
        "a.compile(Adam())\na.fit(x)\nb.compile(Adam())\nb.fit(x)",
        "if first:\n    a.compile(opt)\n    a.fit(x)\nelse:\n    b.compile(opt)\n    b.fit(x)",
        "if k == 1:\n    a.compile(opt)\n    a.fit(x)\nif k == 2:\n    b.compile(opt)\n    b.fit(x)",
        "def main():\n    if k:\n        a.compile(opt)\n        a.fit(x)\n        return\n    b.compile(opt)\n    b.fit(x)",
        "b = a\na.compile(opt)\na.fit(x)\nb.compile(opt)\nb.fit(x)",
        "b = Model(a.input, a.layers[0].output)\na.compile(opt)\na.fit(x)\nb.compile(opt)\nb.fit(x)",
        "b = tf.keras.utils.multi_gpu_model(a)\na.compile(opt)\na.fit(x)\nb.compile(opt)\nb.fit(x)",
        "opt.apply_gradients(zip(g, a.trainable_variables + b.trainable_variables))\nopt.apply_gradients(zip(g, b.trainable_variables))",
        "for e in epochs:\n    opt.apply_gradients(zip(g, a.trainable_variables))",
        "def step(model):\n    opt.apply_gradients(zip(g, model.trainable_variables))",
        "opt.apply_gradients(zip(g, a.layers[0].trainable_variables))\nopt.apply_gradients(zip(g, a.layers[1].trainable_variables))",
        "opt.apply_gradients(first)\nopt.apply_gradients(second)",
    ],
)
def test_silent_where_it_works_or_is_not_sure(lines: str) -> None:
    assert told(TWO, lines) == []


@pytest.mark.parametrize(
    "lines",
    [
        "for n in sizes:\n    opt = Adam()\n    m = Sequential([Dense(n)])\n    m.compile(opt)\n    m.fit(x)",
        "m = Sequential([Dense(1)])\nopt = Adam()\nfor e in epochs:\n    m.compile(opt)\n    m.fit(x)",
        "opt = Adam()\nfor n in sizes:\n    if n == best:\n        m = Sequential([Dense(n)])\n        m.compile(opt)\n        m.fit(x)",
        "opt = Adam()\nfor n in sizes:\n    m = Sequential([Dense(n)])\n    m.compile(opt)\n    m.fit(x)\n    break",
        "def build():\n    opt = Adam()\n    m = Sequential([Dense(1)])\n    m.compile(opt)\n    return m\na = build()\nb = build()\na.fit(x)\nb.fit(x)",
        "def make():\n    return Adam()\na = Sequential([Dense(1)])\nb = Sequential([Dense(1)])\n"
        "a.compile(make())\na.fit(x)\nb.compile(make())\nb.fit(x)",
        "i = Input((3,))\nh = Dense(1)(i)\npart = Model(i, h)\nwhole = Model(i, Dense(2)(h))\nopt = Adam()\n"
        "whole.compile(opt)\nwhole.fit(x)\npart.compile(opt)\npart.fit(x)",
        "i = Input((3,))\nh = Dense(1)(i)\none = Model(i, h)\nopt = Adam()\none.compile(opt)\none.fit(x)\n"
        "two = Model(i, Dropout(0.5)(h))\ntwo.compile(opt)\ntwo.fit(x)",
        "from mine import one, two\nopt = Adam()\none.compile(opt)\none.fit(x)\ntwo.compile(opt)\ntwo.fit(x)",
    ],
)
def test_silent_where_each_has_its_own_or_nothing_is_new(lines: str) -> None:
    assert told(lines) == []


def test_silent_on_tests_that_each_set_up_their_own() -> None:
    lines = """
class TestTraining:
    def setUp(self):
        self.opt = Adam()
        self.a = Sequential([Dense(1)])
        self.b = Sequential([Dense(1)])
    def test_a(self):
        self.opt.apply_gradients(zip(g, self.a.trainable_variables))
    def test_b(self):
        self.opt.apply_gradients(zip(g, self.b.trainable_variables))
"""
    assert told(lines) == []


def test_silent_on_homonyms() -> None:
    source = """
        import torch
        from mylib import Adam, Dense, Sequential
        a, b, opt = Sequential([Dense(1)]), Sequential([Dense(1)]), Adam()
        a.compile(opt)
        a.fit(x)
        b.compile(opt)
        b.fit(x)
        """
    assert silent("ADM606", source)


def test_silent_where_a_handler_expects_it() -> None:
    source = f"{HEAD}{TWO}a.compile(opt)\na.fit(x)\nb.compile(opt)\nwith pytest.raises(Exception):\n    b.fit(x)\n"
    assert silent("ADM606", source)


def test_a_version_test_counts() -> None:
    guarded = 'if tf.__version__ < "2.16":\n    b.compile(opt)\n    b.fit(x)\n'
    (found,) = findings("ADM606", f"{HEAD}{TWO}a.compile(opt)\na.fit(x)\n{guarded}")
    assert found.message.endswith(": raises KeyError on 2.12-2.15")
    assert told(TWO, "a.compile(opt)", "a.fit(x)", guarded, tensorflow=">=2.16") == []
