from __future__ import annotations

import pytest

from adamlint.findings import Effect, Safety
from adamlint.fixing import fix
from adamlint.needles import Project, scan_project
from adamlint.rules import load
from tests.checking import findings, fixed, places, program, settings, silent, text

CODE = "ADM302"


@pytest.mark.parametrize(
    "source",
    [
        "import torch\nopt = torch.optim.SGD(params, decay=0.1)\n",
        "import deepxde as dde\nmodel = dde.Model(data, net)\nmodel.compile('adam', decay=('inverse time', 1, 0.1))\n",
        "class SGD:\n    pass\nopt = SGD(decay=0.1)\n",
        "from keras.optimizers import SGD\nfrom mine import SGD\nopt = SGD(decay=0.1)\n",
        "def build(SGD):\n    return SGD(decay=0.1)\n",
        "import tensorflow as tf\nopt = tf.keras.optimizers.legacy.SGD(decay=0.1)\n",
        "import tensorflow as tf\nopt = tf.keras.optimizers.SGD(weight_decay=0.1)\n",
        "import tensorflow as tf\navg = tf.train.ExponentialMovingAverage(decay=0.9)\n",
        "import tensorflow as tf\nopt = tf.keras.optimizers.RMSprop(rho=0.9)\n",
        "import tensorflow as tf\nif tf.__version__.startswith('2.9.'):\n    opt = tf.keras.optimizers.SGD(decay=0.1)\n",
    ],
)
def test_other_things_take_decay(source: str) -> None:
    assert silent(CODE, source)


def test_it_raises_on_new_keras_2_and_is_ignored_on_keras_3() -> None:
    (found,) = findings(CODE, "import tensorflow as tf\nopt = tf.keras.optimizers.SGD(0.1, decay=1e-6)\n")
    assert (found.place.line, found.place.column) == (2, 36)
    assert found.effect is Effect.BREAKS
    assert found.message.endswith("raises ValueError on 2.12-2.15, is ignored on 2.16+")


def test_it_is_right_before_2_11() -> None:
    assert silent(CODE, "import tensorflow as tf\nopt = tf.keras.optimizers.SGD(0.1, decay=1e-6)\n", tensorflow="2.10")


@pytest.mark.parametrize("zero", ["0", "0.0", "0.", "None"])
def test_a_decay_of_nothing_is_deleted(zero: str) -> None:
    before = f"import tensorflow as tf\nopt = tf.keras.optimizers.SGD(0.1, decay={zero}, momentum=0.9)\n"
    (found,) = findings(CODE, before)
    assert found.effect is Effect.BREAKS
    assert found.fix is not None
    assert found.fix.safety is Safety.SAFE
    assert found.fix.title == "delete it (it failed before)"
    assert fixed(CODE, before) == "import tensorflow as tf\nopt = tf.keras.optimizers.SGD(0.1, momentum=0.9)\n"


def test_a_zero_does_no_harm_on_keras_3() -> None:
    source = "import tensorflow as tf\nopt = tf.keras.optimizers.SGD(0.1, decay=0.0)\n"
    assert [f.effect for f in findings(CODE, source, tensorflow=">=2.16")] == [Effect.IMPLICIT]
    assert [f.effect for f in findings(CODE, source.replace("0.0", "0.5"), tensorflow=">=2.16")] == [Effect.BREAKS]


@pytest.mark.parametrize(
    "source",
    [
        "def build(lr=0.1, decay=0):\n    return tf.keras.optimizers.SGD(lr, decay=decay)\n",
        "DECAY = 0.0\nopt = tf.keras.optimizers.SGD(0.1, decay=DECAY)\n",
        "opt = tf.keras.optimizers.SGD(0.1, decay=0.0 if plain else 0)\n",
    ],
)
def test_what_is_no_literal_is_not_deleted_for_being_zero(source: str) -> None:
    before = "import tensorflow as tf\n" + source
    assert len(places(CODE, before)) == 1
    assert fixed(CODE, before) == before
    assert "InverseTimeDecay" in fixed(CODE, before, unsafe=True)


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        ("decay=0", ""),
        ("decay=0,", ""),
        ("decay=0, learning_rate=0.1", "learning_rate=0.1"),
        ("0.1, decay=0,", "0.1,"),
        ("\n    0.1,\n    decay=0,\n", "\n    0.1,\n"),
        ("0.1,  # fast\n    decay=0)", "0.1,  # fast\n    )"),
        ("**{'learning_rate': 0.1, 'decay': 0}", "**{'learning_rate': 0.1}"),
        ("**dict(decay=0, learning_rate=0.1)", "**dict(learning_rate=0.1)"),
    ],
)
def test_deleting_takes_the_comma_and_leaves_comments(arguments: str, left: str) -> None:
    start = "from keras.optimizers import SGD\nopt = SGD("
    closing = "" if arguments.endswith(")") and arguments.count("(") < arguments.count(")") else ")"
    assert fixed(CODE, f"{start}{arguments}{closing}\n") == f"{start}{left}{closing}\n"


def test_a_decay_becomes_a_schedule_only_when_asked() -> None:
    before = """
        import tensorflow as tf
        opt = tf.keras.optimizers.SGD(learning_rate=RATE, decay=RATE / EPOCHS, momentum=0.9)
    """
    schedule = "tf.keras.optimizers.schedules.InverseTimeDecay(RATE, decay_steps=1, decay_rate=RATE / EPOCHS)"
    after = f"import tensorflow as tf\nopt = tf.keras.optimizers.SGD(learning_rate={schedule}, momentum=0.9)\n"
    assert fixed(CODE, before) == text(before)
    assert fixed(CODE, before, unsafe=True) == after


def test_without_a_rate_the_default_is_written() -> None:
    before = "from tensorflow.keras import optimizers\nopt = optimizers.RMSprop(decay=d)\n"
    schedule = "optimizers.schedules.InverseTimeDecay(0.001, decay_steps=1, decay_rate=d)"
    assert fixed(CODE, before, unsafe=True) == before.replace("decay=d", f"learning_rate={schedule}")


def test_the_schedule_is_imported_from_the_package_of_the_optimizer() -> None:
    after = """
        from tensorflow.keras.optimizers import Adam
        from tensorflow.keras.optimizers.schedules import InverseTimeDecay
        opt = Adam(InverseTimeDecay(0.1, decay_steps=1, decay_rate=0.5))
    """
    before = "from tensorflow.keras.optimizers import Adam\nopt = Adam(0.1, decay=0.5)\n"
    assert fixed(CODE, before, unsafe=True) == text(after)


@pytest.mark.parametrize(
    "source",
    [
        "from keras.optimizers import SGD\nopt = SGD(0.1, lr=0.1, decay=0.5)\n",
        "from keras.optimizers import SGD\nopt = SGD(decay=0.5, **{'lr': 0.1})\n",
        "from keras.optimizers import SGD\nopt = SGD(*rates, decay=0.5)\n",
        "from keras.optimizers import SGD\nopt = SGD(decay=0.5, **more)\n",
        "from keras.optimizers import SGD\nopt = SGD(**{'learning_rate': 0.1, 'decay': 0.5})\n",
        "from keras.optimizers import SGD\nInverseTimeDecay = 1\nopt = SGD(0.1, decay=0.5)\n",
        "from keras.optimizers import SGD, Adam\nopt = (SGD if plain else Adam)(0.1, decay=0.5)\n",
    ],
)
def test_no_schedule_is_offered_where_it_might_be_wrong(source: str) -> None:
    assert len(places(CODE, source)) == 1
    assert fixed(CODE, source, unsafe=True) == source


def test_the_old_name_of_the_rate_goes_with_the_decay_in_one_edit() -> None:
    before = "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(lr=INIT, decay=INIT / EPOCHS)\n"
    schedule = "tf.keras.optimizers.schedules.InverseTimeDecay(INIT, decay_steps=1, decay_rate=INIT / EPOCHS)"
    after = f"import tensorflow as tf\nopt = tf.keras.optimizers.Adam(learning_rate={schedule})\n"
    assert fixed(CODE, before, unsafe=True) == after
    both = fix(program(before), load([CODE, "ADM301"]), settings(), unsafe=True)
    assert both.program.text == after


def test_no_schedule_is_offered_where_something_sets_the_rate_afterwards() -> None:
    source = "import tensorflow as tf\nopt = tf.keras.optimizers.SGD(0.1, decay=0.5)\n"
    (finding,) = findings(CODE, source, project=Project(sets_rate=True))
    assert finding.fix is None
    zero = source.replace("0.5", "0.0")
    assert findings(CODE, zero, project=Project(sets_rate=True))[0].fix is not None


@pytest.mark.parametrize("line", [
    "model.fit(x, callbacks=[ReduceLROnPlateau()])", "callbacks.LearningRateScheduler(f)", "model.optimizer.lr = 0.1",
    "opt.learning_rate.assign(0.1)", "self.optimizer.learning_rate *= 0.5", "K.set_value(self.model.optimizer.lr, lr * 0.1)",
    "setattr(optimizer, 'lr', 0.1)", "Optimizer.lr=0.1",
])  # fmt: skip
def test_what_sets_a_rate_is_seen_in_any_file_of_a_run(line: str) -> None:
    assert scan_project(f"import keras\n{line}\n".encode()).sets_rate


@pytest.mark.parametrize("line", [
    "self.learning_rate = 0.1", "args.lr = 0.1", "if opt.lr == 0.1: pass", "print(optimizer.lr)", "Adam(learning_rate=0.1)",
    "K.set_value(model.weights[0], value)",
])  # fmt: skip
def test_what_is_no_rate_of_an_optimizer_does_not_count(line: str) -> None:
    assert not scan_project(f"import keras\n{line}\n".encode()).sets_rate


def test_no_schedule_is_offered_where_the_package_has_none() -> None:
    (finding,) = findings(CODE, "import keras\nopt = keras.optimizers.SGD(learning_rate=0.1, decay=0.01)\n")
    assert finding.fix is None
    (finding,) = findings(CODE, "import keras\nopt = keras.optimizers.SGD(learning_rate=0.1, decay=0.01)\n", tensorflow=">=2.13")
    assert finding.fix is not None
