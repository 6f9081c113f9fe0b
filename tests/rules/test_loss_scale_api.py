import pytest

from adamlint.findings import Effect, Safety
from tests.checking import findings, fixed, places, silent

HEAD = "import tensorflow as tf\nopt = tf.keras.mixed_precision.LossScaleOptimizer(tf.keras.optimizers.Adam())\n"
STEP = """def step(x):
    with tf.GradientTape() as tape:
        scaled = opt.get_scaled_loss(loss(x))  # float16
    gradients = opt.get_unscaled_gradients(tape.gradient(scaled, variables))
"""


def test_reports_both_methods() -> None:
    found = findings("ADM608", HEAD + STEP)
    assert [(f.place.line, f.place.column, f.effect) for f in found] == [(5, 18, Effect.BREAKS), (6, 17, Effect.BREAKS)]
    assert found[0].message == "`get_scaled_loss` of `LossScaleOptimizer`: raises AttributeError on 2.16+"


def test_keras_2_has_them() -> None:
    assert silent("ADM608", HEAD + STEP, tensorflow="<2.16")
    assert silent("ADM608", HEAD.replace("tf.keras", "tf_keras").replace("import", "import tf_keras,") + STEP)


def test_follows_the_optimizer_of_a_model() -> None:
    source = """
        import tensorflow as tf
        class Net(tf.keras.Model):
            def train_step(self, data):
                scaled = self.optimizer.get_scaled_loss(loss)
        """
    assert places("ADM608", source) == [(4, 18)]


def test_reports_a_fixed_scale() -> None:
    source = "import tensorflow as tf\nopt = tf.keras.mixed_precision.LossScaleOptimizer(inner, dynamic=False, initial_scale=128)\n"
    (found,) = findings("ADM608", source)
    assert (found.place.column, found.message) == (58, "`dynamic=False` of `LossScaleOptimizer`: raises ValueError on 2.16+")
    assert silent("ADM303", source)
    assert silent("ADM608", source, tensorflow="<2.16")
    assert silent("ADM608", source.replace("False", "True"))


def test_changes_both_together_where_keras_3_alone_is_targeted() -> None:
    after = HEAD + STEP.replace("get_scaled_loss", "scale_loss").replace(
        "opt.get_unscaled_gradients(tape.gradient(scaled, variables))", "tape.gradient(scaled, variables)"
    )
    found = findings("ADM608", HEAD + STEP, tensorflow=">=2.16")
    assert [f.fix.safety for f in found if f.fix is not None] == [Safety.UNSAFE, Safety.UNSAFE]
    assert fixed("ADM608", HEAD + STEP, tensorflow=">=2.16") == HEAD + STEP
    assert fixed("ADM608", HEAD + STEP, unsafe=True, tensorflow=">=2.16") == after


def test_no_fix_where_keras_2_is_targeted_too_or_one_is_elsewhere() -> None:
    assert [f.fix for f in findings("ADM608", HEAD + STEP)] == [None, None]
    apart = STEP.replace("    gradients", "def other():\n    gradients")
    assert [f.fix for f in findings("ADM608", HEAD + apart, tensorflow=">=2.16")] == [None, None]


@pytest.mark.parametrize(
    "source",
    [
        "scaled = opt.scale_loss(loss)",
        "def step(other):\n    return other.get_scaled_loss(loss)",
        "from mine import Scaler\nScaler().get_scaled_loss(loss)",
        "with pytest.raises(ValueError):\n    tf.keras.mixed_precision.LossScaleOptimizer(inner, dynamic=False)",
        "import torch\ncompiled = torch.compile(model, dynamic=False)",
        "if tf.__version__ < '2.16':\n    opt.get_scaled_loss(loss)",
        "try:\n    opt.get_scaled_loss(loss)\nexcept AttributeError:\n    opt.scale_loss(loss)",
        "class Net(tf.keras.Model):\n    def __init__(self):\n        super().__init__(dynamic=False)",
        "class Mine:\n    def get_scaled_loss(self, loss):\n        return loss\nMine().get_scaled_loss(1)",
    ],
)
def test_silent(source: str) -> None:
    assert silent("ADM608", f"{HEAD}{source}\n")
