import pytest

from adamlint.findings import Effect, Safety
from tests.checking import findings, fixed, places, silent

HEAD = "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(1e-3)\n"


@pytest.mark.parametrize("argument", ["name", "experimental_aggregate_gradients", "skip_gradients_aggregation", "global_step"])
def test_reports_what_keras_3_does_not_take(argument: str) -> None:
    source = f"{HEAD}opt.apply_gradients(pairs, {argument}=x)\n"
    (found,) = findings("ADM605", source)
    assert (found.place.line, found.place.column, found.effect) == (3, 28, Effect.BREAKS)
    assert found.message == f"`{argument}` is not for `apply_gradients` on every release: raises TypeError on 2.16+"
    assert silent("ADM605", source, tensorflow="2.12")


def test_reports_the_second_position() -> None:
    assert places("ADM605", f'{HEAD}opt.apply_gradients(pairs, "step")\n') == [(3, 28)]
    assert silent("ADM605", f'{HEAD}opt.apply_gradients(pairs, "step")\n', tensorflow="2.12")


@pytest.mark.parametrize("argument", ["grad_loss", "name"])
def test_reports_what_minimize_lost(argument: str) -> None:
    (found,) = findings("ADM605", f"{HEAD}opt.minimize(loss, variables, {argument}=None)\n", tensorflow=">=2.10,<2.16")
    assert found.message == f"`{argument}` is not for `minimize` on every release: raises TypeError on 2.11-2.15"


def test_follows_the_optimizer() -> None:
    source = """
        from tensorflow import keras
        model = keras.Sequential()
        model.compile("sgd")
        model.optimizer.apply_gradients(pairs, name="a")
        class Trainer:
            def __init__(self):
                self.opt = keras.optimizers.RMSprop(0.1)
            def step(self):
                self.opt.apply_gradients(pairs, experimental_aggregate_gradients=False)
        class Net(keras.Model):
            def train_step(self, data):
                self.optimizer.apply_gradients(pairs, name="b")
        """
    assert places("ADM605", source) == [(4, 40), (9, 41), (12, 47)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('opt.apply_gradients(pairs, name="step")', "opt.apply_gradients(pairs)"),
        ("opt.apply_gradients(pairs, name=scope)", "opt.apply_gradients(pairs)"),
        ('opt.apply_gradients(\n    pairs,\n    name="step",\n)', "opt.apply_gradients(\n    pairs,\n)"),
        ('opt.apply_gradients(name="step", grads_and_vars=pairs)', "opt.apply_gradients(grads_and_vars=pairs)"),
        ('opt.apply_gradients(pairs, "step")', "opt.apply_gradients(pairs)"),
        ("opt.apply_gradients(pairs, None)", "opt.apply_gradients(pairs)"),
    ],
)
def test_deletes_a_name(before: str, after: str) -> None:
    assert fixed("ADM605", f"{HEAD}{before}\n") == f"{HEAD}{after}\n"
    assert silent("ADM605", f"{HEAD}{after}\n")


def test_deletes_a_grad_loss_of_none() -> None:
    (found,) = findings("ADM605", f"{HEAD}opt.minimize(loss, variables, grad_loss=None)\n", tensorflow="2.12")
    assert found.fix is not None
    assert found.fix.safety is Safety.SAFE
    after = f"{HEAD}opt.minimize(loss, variables)\n"
    assert fixed("ADM605", f"{HEAD}opt.minimize(loss, variables, grad_loss=None)\n", tensorflow="2.12") == after


@pytest.mark.parametrize(
    "call",
    [
        "opt.apply_gradients(pairs, experimental_aggregate_gradients=False)",
        "opt.apply_gradients(pairs, skip_gradients_aggregation=True)",
        "opt.apply_gradients(pairs, global_step=step)",
        "opt.apply_gradients(pairs, step)",
        "opt.apply_gradients(pairs, 'step', True)",
        "opt.minimize(loss, variables, grad_loss=scaled)",
    ],
)
def test_keeps_what_has_a_meaning(call: str) -> None:
    (found,) = findings("ADM605", f"{HEAD}{call}\n")
    assert found.fix is None


@pytest.mark.parametrize(
    "source",
    [
        "opt = tf.keras.optimizers.Adam()\nopt.apply_gradients(pairs)",
        "opt = tf.keras.optimizers.Adam()\nopt.apply_gradients(zip(gradients, variables))",
        "opt = tf.keras.optimizers.Adam()\nopt.apply_gradients(*pairs, name)",
        "opt = tf.keras.optimizers.legacy.Adam()\nopt.apply_gradients(pairs, name='a')",
        "opt = tf.compat.v1.train.AdamOptimizer()\nopt.apply_gradients(pairs, global_step=step)",
        "opt = tf.compat.v1.train.AdamOptimizer()\nopt.minimize(loss, name='a')",
        "def step(opt):\n    opt.apply_gradients(pairs, name='a')",
        "import tf_agents\nopt = tf_agents.make()\nopt.apply_gradients(pairs, global_step=step)",
        "class Mine(tf.keras.optimizers.Adam):\n    def apply_gradients(self, pairs, name=None):\n        pass\nMine().apply_gradients(p, name='a')",
        "import scipy.optimize as opt\nopt.minimize(f, name='a')",
        "opt = tf.keras.optimizers.Adam() if x else make()\nopt.apply_gradients(pairs, name='a')",
        "opt = tf.keras.optimizers.Adam()\ntry:\n    opt.apply_gradients(pairs, name='a')\nexcept TypeError:\n    opt.apply_gradients(pairs)",
        "opt = tf.keras.optimizers.Adam()\nif tf.__version__ < '2.16':\n    opt.apply_gradients(pairs, name='a')",
    ],
)
def test_silent(source: str) -> None:
    assert silent("ADM605", f"import tensorflow as tf\n{source}\n")


def test_silent_on_tf_keras() -> None:
    assert silent("ADM605", "import tf_keras\nopt = tf_keras.optimizers.Adam()\nopt.apply_gradients(pairs, name='a')\n")
