import pytest

from adamlint.findings import Effect
from tests.checking import findings, places, silent

HEAD = "import tensorflow as tf\nfrom tensorflow.keras.optimizers import Adam, RMSprop\n"
MADE = "opt = Adam(1e-3, use_ema=True)\n"
LOOP = "for pairs in batches:\n    opt.apply_gradients(pairs)\n"


def test_reports_an_average_that_nothing_uses() -> None:
    (found,) = findings("ADM503", HEAD + MADE + LOOP)
    assert (found.place.line, found.place.column, found.effect, found.fix) == (3, 18, Effect.DIFFERS, None)
    assert found.message == "`use_ema` has no effect on the weights: nothing calls `finalize_variable_values`"
    assert silent("ADM503", HEAD + MADE + LOOP, tensorflow="2.10")


def test_follows_the_optimizer() -> None:
    source = """
        from keras.optimizers import SGD
        class Trainer:
            def __init__(self):
                options = {"use_ema": True}
                self.opt = SGD(0.1, **options)
            def step(self, pairs):
                self.opt.apply_gradients(pairs)
        """
    assert places("ADM503", source) == [(4, 20)]


@pytest.mark.parametrize(
    "source",
    [
        MADE + LOOP + "opt.finalize_variable_values(variables)\n",
        MADE + LOOP + "callback = tf.keras.callbacks.SwapEMAWeights()\n",
        MADE + "model.compile(opt)\nmodel.fit(x, y)\n",
        MADE + LOOP + "model.compile(optimizer=opt)\n",
        MADE + LOOP + "finish(opt)\n",
        MADE,
        "opt = Adam(1e-3, use_ema=False)\n" + LOOP,
        "opt = Adam(1e-3, use_ema=average)\n" + LOOP,
        "opt = Adam(1e-3)\n" + LOOP,
        "opt = Adam(1e-3, use_ema=True, ema_overwrite_frequency=10)\n" + LOOP,
        "opt = RMSprop(1e-3, use_ema=True)\n" + LOOP,
        "opt = Adam(1e-3, use_ema=True, **options)\n" + LOOP,
        "from mine import Adam\n" + MADE + LOOP,
        "other = Adam(use_ema=True)\nopt = Adam()\n" + LOOP,
    ],
)
def test_silent(source: str) -> None:
    assert silent("ADM503", HEAD + source)
