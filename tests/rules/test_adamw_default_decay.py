import pytest

from adamlint.findings import Effect, Safety
from tests.checking import findings, fixed, places, silent

HEAD = "import tensorflow as tf\nfrom tensorflow.keras import Sequential, layers, regularizers\nfrom tensorflow.keras.optimizers import Adam, AdamW\n"
REGULAR = "model = Sequential([layers.Dense(1, kernel_regularizer=regularizers.l2(1e-4))])\n"


@pytest.mark.parametrize(
    ("call", "column"),
    [
        ("opt = AdamW()", 7),
        ("opt = AdamW(1e-3)", 7),
        ("opt = tf.keras.optimizers.AdamW(learning_rate=1e-3, beta_1=0.8)", 7),
        ("model.compile(AdamW(1e-3))", 15),
    ],
)
def test_reports_a_decay_that_nobody_wrote(call: str, column: int) -> None:
    (found,) = findings("ADM502", f"{HEAD}{call}\n")
    assert (found.place.line, found.place.column, found.effect) == (4, column, Effect.IMPLICIT)
    assert found.message == "`AdamW` decays by its default of 0.004"


def test_differs_besides_the_l2_of_the_model() -> None:
    (found,) = findings("ADM502", f"{HEAD}{REGULAR}opt = AdamW(1e-3)\nmodel.compile(opt)\n")
    assert (found.place.line, found.effect) == (5, Effect.DIFFERS)
    assert found.message == "`AdamW` decays by its default of 0.004, besides the L2 of the model (line 4)"


def test_another_model_with_l2_does_not_matter() -> None:
    (found,) = findings("ADM502", f"{HEAD}{REGULAR}model.compile('sgd')\nother = Sequential()\nother.compile(AdamW(1e-3))\n")
    assert found.effect is Effect.IMPLICIT


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("AdamW()", "AdamW(weight_decay=0.004)"),
        ("AdamW(1e-3)", "AdamW(1e-3, weight_decay=0.004)"),
        ("AdamW(learning_rate=1e-3,)  # fast", "AdamW(learning_rate=1e-3, weight_decay=0.004,)  # fast"),
    ],
)
def test_writes_it_out(before: str, after: str) -> None:
    (found,) = findings("ADM502", f"{HEAD}opt = {before}\n")
    assert found.fix is not None
    assert found.fix.safety is Safety.SAFE
    assert fixed("ADM502", f"{HEAD}opt = {before}\n") == f"{HEAD}opt = {after}\n"
    assert silent("ADM502", f"{HEAD}opt = {after}\n")


@pytest.mark.parametrize(
    "source",
    [
        "opt = AdamW(1e-3, 0.01)",
        "opt = AdamW(weight_decay=0.01)",
        "opt = AdamW(weight_decay=None)",
        "opt = AdamW(**options)",
        "opt = AdamW(*options)",
        "opt = AdamW(**{'weight_decay': 0.1})",
        "opt = Adam(1e-3)",
        "opt = 'adamw'",
        "opt = AdamW",
        "from functools import partial\nmake = partial(AdamW, 1e-3)",
        "from torch.optim import AdamW\nopt = AdamW(parameters, lr=1e-3)",
        "from transformers import AdamW\nopt = AdamW(parameters)",
        "import tensorflow_addons as tfa\nopt = tfa.optimizers.AdamW(1e-4, 1e-3)",
        "opt = (AdamW if decays else Adam)(1e-3)",
    ],
)
def test_silent(source: str) -> None:
    assert silent("ADM502", f"{HEAD}{source}\n")


def test_silent_where_there_is_no_adamw() -> None:
    assert silent("ADM502", f"{HEAD}opt = AdamW(1e-3)\n", tensorflow="2.11")
    assert places("ADM502", f"{HEAD}opt = AdamW(1e-3)\n", tensorflow="2.12") == [(4, 7)]
