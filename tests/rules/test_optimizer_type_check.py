import pytest

from adamlint.findings import Effect
from tests.checking import findings, places, silent

HEAD = "import tensorflow as tf\nfrom tensorflow.keras.optimizers import Adam, Optimizer\n"


def test_reports_a_check_against_the_base_class_alone() -> None:
    source = f"{HEAD}def train(optimizer):\n    assert isinstance(optimizer, tf.keras.optimizers.Optimizer)\n"
    (found,) = findings("ADM609", source)
    assert (found.place.line, found.place.column, found.effect, found.fix) == (4, 12, Effect.DIFFERS, None)
    assert found.message == "`isinstance` of `optimizer` and `Optimizer`: is False for legacy optimizers on 2.12-2.15"


def test_only_where_there_are_two_base_classes() -> None:
    source = f"{HEAD}def train(x):\n    return isinstance(x, (str, Optimizer))\n"
    assert places("ADM609", source) == [(4, 12)]
    assert silent("ADM609", source, tensorflow="<=2.10")
    assert silent("ADM609", source, tensorflow=">=2.16")


def test_reports_the_module_of_the_class() -> None:
    source = f"{HEAD}opt = Adam()\nif type(opt).__module__ == 'keras.optimizers.adam' or opt.__class__.__module__.startswith('keras'):\n    pass\n"
    assert places("ADM609", source) == [(4, 4), (4, 55)]


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    return isinstance(x, (Optimizer, tf.keras.optimizers.legacy.Optimizer))",
        "def f(x):\n    return isinstance(x, Optimizer) or isinstance(x, tf.keras.optimizers.legacy.Optimizer)",
        "def f(x):\n    if isinstance(x, tf.keras.optimizers.legacy.Optimizer):\n        return 1\n    return isinstance(x, Optimizer)",
        "BOTH = (Optimizer, tf.keras.optimizers.legacy.Optimizer)\ndef f(x):\n    return isinstance(x, BOTH)",
        "opt = Adam()\nassert isinstance(opt, Optimizer)",
        "def f(x):\n    return isinstance(x, Adam)",
        "def f(x):\n    return isinstance(x, tf.keras.optimizers.legacy.Optimizer)",
        "def f(x):\n    return isinstance(x, tf.compat.v1.train.Optimizer)",
        "def f(x):\n    return type(x).__name__ == 'Adam'",
        "def f(x):\n    return type(x).__module__ == 'mine'",
        "def f(x):\n    return issubclass(x, Optimizer)",
        "import torch\ndef f(x):\n    return isinstance(x, torch.optim.Optimizer)",
        "from mine import Optimizer\ndef f(x):\n    return isinstance(x, Optimizer)",
        "def f(x):\n    return hasattr(x, 'apply_gradients')",
        "if tf.__version__ >= '2.16':\n    ok = isinstance(x, Optimizer)",
    ],
)
def test_silent(source: str) -> None:
    assert silent("ADM609", f"{HEAD}{source}\n")
