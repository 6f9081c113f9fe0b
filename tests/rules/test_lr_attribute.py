from __future__ import annotations

import pytest

from adamlint.findings import Effect, Safety
from tests.checking import findings, fixed, places, silent, text

CODE = "ADM602"
MODEL = "import tensorflow as tf\nmodel = tf.keras.Sequential()\n"


@pytest.mark.parametrize(
    "source",
    [
        "import keras\nargs = parse()\nprint(args.lr)\n",
        "import torch\nopt = torch.optim.Adam(params)\nopt.lr = 0.1\n",
        "import keras\ndef f(model):\n    model.optimizer.lr = 0.1\n",
        "import keras\nclass A:\n    def f(self):\n        self.optimizer.lr\n",
        "import torch\nclass A(torch.nn.Module):\n    def f(self):\n        self.model.optimizer.lr\n",
        f"{MODEL}model.optimizer.learning_rate = 0.1\n",
        f"{MODEL}model.lr = 0.1\n",
        f"{MODEL}model.optimizer.lr_schedule\n",
        "import tensorflow as tf\nopt = tf.keras.optimizers.legacy.Adam()\nopt.lr = 0.1\n",
        f"{MODEL}model.compile(tf.keras.optimizers.legacy.Adam())\nmodel.optimizer.lr = 0.1\n",
        "import keras\nclass A(keras.optimizers.Optimizer):\n    def f(self):\n        self.lr = 1\n        print(self.lr)\n",
        f"{MODEL}if hasattr(model.optimizer, 'lr'):\n    model.optimizer.lr = 1\nelse:\n    model.optimizer.learning_rate = 1\n",
        f"{MODEL}try:\n    x = model.optimizer.lr\nexcept AttributeError:\n    x = 1\n",
        f"{MODEL}if tf.__version__ < '2.16':\n    model.optimizer.lr = 1\n",
        "import sympy as K\nK.set_value(optimizer.lr, 1)\n",
        "from keras import backend as K\nclass Mine:\n    pass\nopt = Mine()\nK.set_value(opt.lr, 1)\n",
        "from keras import backend as K\nK.set_value(self.lr, 1)\n",
        f"{MODEL}print('lr' in vars(model.optimizer), 'model.optimizer.lr')\n",
    ],
)
def test_what_is_no_new_optimizer_for_sure(source: str) -> None:
    assert silent(CODE, source)


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("import tensorflow as tf\nopt = tf.optimizers.SGD()\ndef f():\n    opt.lr.assign(1)\n", (4, 5)),
        ("import keras\nclass A(keras.Model):\n    def train_step(self, data):\n        print(self.optimizer.lr)\n", (4, 15)),
        ("import keras\nclass A(keras.callbacks.Callback):\n    def f(self):\n        self.model.optimizer.lr = 1\n", (4, 9)),
        ("import keras\nmodel = keras.models.load_model(path)\nprint(float(model.optimizer.inner_optimizer.lr))\n", (3, 13)),
        ("import keras\nopt = keras.optimizers.get(name)\nprint(opt.lr)\n", (3, 7)),
        ("from keras import backend as K\ndef f(model):\n    K.set_value(model.optimizer.lr, 1)\n", (3, 17)),
        ("from keras.backend import get_value\ndef f(optimizer):\n    return get_value(optimizer.lr)\n", (3, 22)),
        (f"{MODEL}setattr(model.optimizer, 'lr', 1)\n", (3, 1)),
        (f"{MODEL}rate = getattr(model.optimizer, 'lr')\n", (3, 8)),
    ],
)
def test_on_whatever_is_an_optimizer(source: str, place: tuple[int, int]) -> None:
    assert places(CODE, source) == [place]


def test_reading_raises_and_writing_does_nothing_on_keras_3() -> None:
    read, write = findings(CODE, f"{MODEL}x = model.optimizer.lr\nmodel.optimizer.lr = 0.5\n")
    assert read.message.endswith("raises AttributeError on 2.16+")
    assert write.message.endswith("is ignored on 2.16+")
    assert read.effect is write.effect is Effect.BREAKS


def test_it_is_right_up_to_2_15() -> None:
    assert silent(CODE, f"{MODEL}x = model.optimizer.lr\nmodel.optimizer.lr = 0.5\n", tensorflow=">=2.10,<2.16")


def test_writing_takes_effect_and_says_so() -> None:
    (found,) = findings(CODE, f"{MODEL}model.optimizer.lr = 0.5\n")
    assert found.fix is not None
    assert found.fix.safety is Safety.SAFE
    assert "the rate on 2.16+ becomes 0.5" in found.fix.title


def test_only_the_name_is_touched() -> None:
    before = """
        import tensorflow as tf
        model = tf.keras.Sequential()
        model.optimizer . lr = 0.5  # slow
        print((model.optimizer
               .lr), model.optimizer.lr.numpy())
        setattr(model.optimizer, "lr", 1)
    """
    after = """
        import tensorflow as tf
        model = tf.keras.Sequential()
        model.optimizer . learning_rate = 0.5  # slow
        print((model.optimizer
               .learning_rate), model.optimizer.learning_rate.numpy())
        setattr(model.optimizer, "learning_rate", 1)
    """
    assert fixed(CODE, before) == text(after)
    assert silent(CODE, after)


def test_what_the_backend_is_given_runs_on_every_release() -> None:
    before = """
        from keras import backend as K
        from keras.callbacks import Callback
        class Halve(Callback):
            def on_epoch_end(self, epoch, logs=None):
                rate = K.get_value(self.model.optimizer.lr)
                again = float(K.get_value(self.model.optimizer.lr))
                K.set_value(self.model.optimizer.lr, (rate / 2))  # less
    """
    after = """
        from keras import backend as K
        from keras.callbacks import Callback
        class Halve(Callback):
            def on_epoch_end(self, epoch, logs=None):
                rate = float(self.model.optimizer.learning_rate.numpy())
                again = float(self.model.optimizer.learning_rate.numpy())
                self.model.optimizer.learning_rate.assign((rate / 2))  # less
    """
    assert fixed(CODE, before) == text(after)


def test_get_value_of_tf_keras_is_still_there() -> None:
    before = f"{MODEL}rate = tf.keras.backend.get_value(model.optimizer.lr)\n"
    assert fixed(CODE, before) == before.replace(".lr", ".learning_rate")


def test_in_sessions_assigning_is_not_safe() -> None:
    before = f"{MODEL}sess = tf.compat.v1.Session()\ntf.keras.backend.set_value(model.optimizer.lr, 0.1)\n"
    assert fixed(CODE, before) == before
    assert "assign(0.1)" in fixed(CODE, before, unsafe=True)


def test_in_graph_mode_assigning_is_not_safe() -> None:
    before = f"{MODEL}tf.keras.backend.set_value(model.optimizer.lr, 0.1)\n"
    assert fixed(CODE, before, mode="any") == before
    assert "assign(0.1)" in fixed(CODE, before, unsafe=True, mode="any")
    assert "assign(0.1)" in fixed(CODE, before)


@pytest.mark.parametrize(
    "use",
    [
        "model.optimizer.lr *= 0.5",
        "f = lambda: tf.keras.backend.set_value(model.optimizer.lr, 1)",
        "x = [tf.keras.backend.set_value(model.optimizer.lr, 1)]",
        "tf.keras.backend.set_value(model.optimizer.lr, value=1)",
        "tf.keras.backend.set_value(model\n    .optimizer.lr, 1)",
    ],
)
def test_no_fix_where_it_might_not_run(use: str) -> None:
    source = f"{MODEL}{use}\n"
    assert len(places(CODE, source)) == 1
    assert fixed(CODE, source, unsafe=True) == source


def test_no_fix_loses_a_comment() -> None:
    source = "import keras\nm = keras.Sequential()\nx = keras.backend.get_value(  # the rate\n    m.optimizer.lr)\n"
    (found,) = findings(CODE, source)
    assert found.fix is None
    assert findings(CODE, source.replace("  # the rate", ""))[0].fix is not None


def test_the_layout_of_an_assignment_stays() -> None:
    before = f"{MODEL}tf.keras.backend.set_value(\n    model.optimizer.lr,  # the rate\n    0.1,\n)\n"
    after = f"{MODEL}model.optimizer.learning_rate.assign(\n    # the rate\n    0.1,\n)\n"
    assert fixed(CODE, before, unsafe=True) == after
    assert fixed(CODE, before.replace("  # the rate", ""), unsafe=True) == after.replace("    # the rate\n", "")


def test_a_callback_that_gives_up_without_lr_is_mended_at_the_test() -> None:
    before = """
        from tensorflow.keras import backend as K
        from tensorflow.keras.callbacks import Callback
        class Warm(Callback):
            def on_batch_begin(self, batch, logs=None):
                if not hasattr(self.model.optimizer, "lr"):
                    raise ValueError('Optimizer must have a "lr" attribute.')
                K.set_value(self.model.optimizer.lr, 0.1)
    """
    (found,) = findings(CODE, before)
    assert (found.place.line, found.place.column) == (5, 16)
    assert found.effect is Effect.BREAKS
    assert found.message.endswith("is False on 2.16+")
    after = fixed(CODE, before)
    assert 'hasattr(self.model.optimizer, "learning_rate")' in after
    assert "self.model.optimizer.learning_rate.assign(0.1)" in after


def test_code_that_is_passed_over_is_mended_with_the_test_that_passes_it_over_or_not_at_all() -> None:
    source = f"{MODEL}if hasattr(model.optimizer, 'lr'):\n    print(model.optimizer.lr)\n"
    (found,) = findings(CODE, source)
    assert (found.place.line, found.place.column) == (3, 4)
    assert found.effect is Effect.DIFFERS
    assert found.fix is not None
    assert (found.fix.safety, found.fix.title) == (Safety.UNSAFE, "write `learning_rate` (it lets code run where it was passed over)")
    assert fixed(CODE, source) == source
    assert fixed(CODE, source, unsafe=True) == source.replace("lr", "learning_rate")
    called = source.replace("print(model.optimizer.lr)", "model.optimizer.lr *= 0.5")
    assert fixed(CODE, called, unsafe=True) == called


def test_what_a_test_that_gives_up_guards_is_renamed_with_it() -> None:
    source = f"""
        {MODEL.splitlines()[0]}
        from tensorflow.keras import backend as K
        class Halve(tf.keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                if not hasattr(self.model.optimizer, "lr"):
                    raise ValueError('Optimizer must have a "lr" attribute.')
                lr = float(K.get_value(self.model.optimizer.lr))
                K.set_value(self.model.optimizer.lr, lr / 2)
    """
    after = text(source).replace('optimizer, "lr"', 'optimizer, "learning_rate"')
    after = after.replace("K.get_value(self.model.optimizer.lr)", "K.get_value(self.model.optimizer.learning_rate)")
    after = after.replace("K.set_value(self.model.optimizer.lr, lr / 2)", "self.model.optimizer.learning_rate.assign(lr / 2)")
    assert fixed(CODE, source) == after
    (found,) = findings(CODE, source)
    assert found.fix is not None
    assert {edit.place.line for edit in found.fix.edits} == {5, 7, 8}


def test_a_default_hides_that_it_is_gone() -> None:
    (found,) = findings(CODE, f"{MODEL}rate = getattr(model.optimizer, 'lr', None)\n")
    assert found.effect is Effect.DIFFERS
    assert found.message.endswith("gives the default on 2.16+")


def test_a_called_rate_is_reported_without_a_fix() -> None:
    (finding,) = findings(CODE, "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(0.1)\nprint(opt.lr(1))\n")
    assert finding.fix is None


@pytest.mark.parametrize("use", [
    "rate = getattr(model.optimizer, 'lr', model.optimizer.learning_rate)",
    "rate = getattr(model.optimizer, 'learning_rate', getattr(model.optimizer, 'lr', None))",
    "rate = getattr(model.optimizer, 'lr', None) or model.optimizer.learning_rate",
    "rate = getattr(model.optimizer, 'learning_rate', None) or model.optimizer.lr",
    "try:\n    rate = model.optimizer.learning_rate\nexcept AttributeError:\n    rate = model.optimizer.lr",
])  # fmt: skip
def test_a_second_name_of_the_rate_is_no_mistake(use: str) -> None:
    assert silent(CODE, f"{MODEL}{use}\n")


@pytest.mark.parametrize("use", [
    "rate = model.optimizer.lr or model.optimizer.learning_rate",
    "rate = getattr(model.optimizer, 'learning_rate', model.optimizer.lr)",
    "rate = getattr(model.optimizer, 'lr') or model.optimizer.learning_rate",
    "try:\n    rate = given()\nexcept AttributeError:\n    rate = model.optimizer.lr",
])  # fmt: skip
def test_what_is_read_first_or_in_any_case_is_reported(use: str) -> None:
    assert places(CODE, f"{MODEL}{use}\n") != []


def test_a_property_of_the_subclass_is_its_own() -> None:
    source = """
        import keras
        class Mine(keras.optimizers.Adam):
            @property
            def lr(self):
                return self.learning_rate
        opt = Mine(0.1)
        print(opt.lr)
    """
    assert silent(CODE, source)


@pytest.mark.parametrize(("line", "rate"), [
    ("model.optimizer.lr, epochs = 0.5, 3", "0.5"),
    ("(epochs, model.optimizer.lr), name = (3, 0.5), 'a'", "0.5"),
])  # fmt: skip
def test_one_of_several_targets_gets_its_own_value(line: str, rate: str) -> None:
    (found,) = findings(CODE, f"{MODEL}{line}\n")
    assert found.fix is not None
    assert f"becomes {rate}, was" in found.fix.title


def test_a_rate_that_is_a_part_of_what_a_call_gives_is_not_told() -> None:
    (found,) = findings(CODE, f"{MODEL}model.optimizer.lr, epochs = settings()\n")
    assert found.fix is not None
    assert found.fix.safety is Safety.UNSAFE
