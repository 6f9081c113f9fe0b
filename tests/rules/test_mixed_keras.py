import pytest

from adamlint.findings import Effect
from tests.checking import findings, places, silent

HEAD = "import keras, tf_keras\nimport tensorflow as tf\n"
SET = 'import os\nos.environ["TF_USE_LEGACY_KERAS"] = "1"\n'
MODELS = {"keras": "keras.Sequential()", "tf.keras": "tf.keras.Sequential()", "tf_keras": "tf_keras.Sequential()"}


def compiled(model: str, optimizer: str, before: str = "") -> str:
    return f"{before}{HEAD}model = {MODELS[model]}\nmodel.compile(optimizer={optimizer})\n"


def test_says_what_is_given_to_what() -> None:
    (found,) = findings("ADM113", compiled("tf_keras", "tf.keras.optimizers.SGD(0.1)"))
    assert (found.place.line, found.place.column, found.effect, found.fix) == (4, 25, Effect.BREAKS, None)
    assert found.message == "`SGD` of tf.keras is given to a model of tf_keras: raises ValueError on 2.15+"


@pytest.mark.parametrize(
    ("model", "optimizer"),
    [
        ("tf_keras", "keras.optimizers.Adam()"),
        ("tf_keras", "tf.keras.optimizers.Adam()"),
        ("tf.keras", "tf_keras.optimizers.Adam()"),
        ("tf.keras", "tf_keras.optimizers.legacy.Adam()"),
        ("keras", "tf_keras.optimizers.RMSprop()"),
        ("keras", "tf.python.keras.optimizer_v2.adam.Adam()"),
        ("tf.keras", "tf.python.keras.optimizer_v2.adam.Adam()"),
    ],
)
def test_reports_packages_that_do_not_work_together(model: str, optimizer: str) -> None:
    assert places("ADM113", compiled(model, optimizer)) == [(4, 25)]


@pytest.mark.parametrize("package", ["keras", "tf.keras", "tf_keras"])
def test_silent_on_one_package(package: str) -> None:
    assert silent("ADM113", compiled(package, f"{package}.optimizers.Adam()"))
    assert silent("ADM113", compiled(package, f"{package}.optimizers.legacy.Adam()"))


def test_keras_and_tf_keras_of_tensorflow_work_together_unless_the_variable_is_set() -> None:
    for model, optimizer in (("keras", "tf.keras.optimizers.Adam()"), ("tf.keras", "keras.optimizers.Adam()")):
        assert silent("ADM113", compiled(model, optimizer))
        assert places("ADM113", compiled(model, optimizer, SET)) == [(6, 25)]
        assert silent("ADM113", compiled(model, optimizer, SET), tensorflow="<2.15")
        assert silent("ADM113", compiled(model, optimizer, SET.replace('"1"', '"0"')))
    assert silent("ADM113", compiled("tf.keras", "tf_keras.optimizers.Adam()", SET))


def test_silent_where_the_variable_is_perhaps_set() -> None:
    perhaps = 'import os\nif old:\n    os.environ["TF_USE_LEGACY_KERAS"] = "1"\n'
    for optimizer in ("tf_keras.optimizers.Adam()", "keras.optimizers.Adam()"):
        assert silent("ADM113", compiled("tf.keras", optimizer, perhaps))
    late = f"{HEAD}{SET}model = tf_keras.Sequential()\nmodel.compile(optimizer=tf.keras.optimizers.Adam())\n"
    assert silent("ADM113", late)  # ADM401 has it
    assert places("ADM113", compiled("keras", "tf_keras.optimizers.Adam()", perhaps)) == [(7, 25)]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("opt = keras.optimizers.Adam(tf_keras.optimizers.schedules.ExponentialDecay(0.1, 9, 0.9))", 29),
        ("opt = tf_keras.optimizers.Adam(learning_rate=tf.keras.optimizers.schedules.CosineDecay(0.1, 9))", 32),
    ],
)
def test_reports_schedules(line: str, column: int) -> None:
    (found,) = findings("ADM113", f"{HEAD}{line}\n")
    assert (found.place.line, found.place.column) == (3, column)
    assert found.message.endswith(": fails on 2.15+")


def test_reports_callbacks_that_read_the_rate_by_its_old_name() -> None:
    source = f"{HEAD}tf.keras.Sequential().fit(x, callbacks=[tf_keras.callbacks.ReduceLROnPlateau()])\n"
    (found,) = findings("ADM113", source)
    assert found.message == "a callback of tf_keras sets the rate of a model of tf.keras: raises AttributeError on 2.16+"
    assert silent("ADM113", source, tensorflow="2.15")


@pytest.mark.parametrize(
    "line",
    [
        "opt = keras.optimizers.Adam(tf.keras.optimizers.schedules.CosineDecay(0.1, 9))",
        "opt = tf_keras.optimizers.Adam(tf_keras.optimizers.schedules.CosineDecay(0.1, 9))",
        "tf.keras.Sequential().fit(x, callbacks=[keras.callbacks.ReduceLROnPlateau()])",
        "tf.keras.Sequential().fit(x, callbacks=[tf_keras.callbacks.CSVLogger('a')])",
        "tf_keras.Sequential().fit(x, callbacks=[keras.callbacks.ReduceLROnPlateau()])",
        "tf_keras.Sequential().compile('adam')",
        "tf_keras.Sequential().compile(make())",
        "model = tf.keras.Sequential([keras.layers.Dense(1)])\nmodel.compile(tf.keras.optimizers.Adam())",
        "def f(model):\n    model.compile(tf_keras.optimizers.Adam())",
        "model = tf_keras.Sequential() if old else keras.Sequential()\nmodel.compile(keras.optimizers.Adam())",
        "model = keras.Sequential()\nmodel.compile(tf_keras.optimizers.Adam() if old else keras.optimizers.Adam() if new else make())",
        "from mine import Sequential\nSequential().compile(tf_keras.optimizers.Adam())",
        "keras.Sequential().compile(torch.optim.Adam())",
        "try:\n    keras.Sequential().compile(tf_keras.optimizers.Adam())\nexcept ValueError:\n    pass",
        "if new:\n    kr = tf_keras\nelse:\n    kr = tf.keras\ntf.keras.Sequential().compile(kr.optimizers.Adam())",
        "kr = tf_keras if new else tf.keras\nopt = kr.optimizers.Adam(tf.keras.optimizers.schedules.CosineDecay(0.1, 9))",
        "keras = tf.keras\nkeras.Sequential().compile(tf.keras.optimizers.Adam())",
        "from gpflow.keras import tf_keras\ntf_keras.Sequential().compile(tf.keras.optimizers.Adam())",
        "from keras_cv.backend import keras\nkeras.Sequential().compile(tf_keras.optimizers.Adam())",
        "if tf.__version__ < '2.15':\n    keras.Sequential().compile(tf_keras.optimizers.Adam())",
    ],
)
def test_silent(line: str) -> None:
    assert silent("ADM113", f"{HEAD}{line}\n")
