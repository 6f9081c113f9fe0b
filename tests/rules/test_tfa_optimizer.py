import pytest

from adamlint.findings import Effect, Safety
from tests.checking import findings, fixed, places, silent

HEAD = "import tensorflow as tf\nimport tensorflow_addons as tfa\n"


def test_reports_adamw_of_the_addons() -> None:
    (found,) = findings("ADM702", f"{HEAD}opt = tfa.optimizers.AdamW(weight_decay=wd, learning_rate=lr)\n")
    assert (found.place.line, found.place.column, found.effect, found.fix) == (3, 7, Effect.DIFFERS, None)


def test_knows_other_imports() -> None:
    source = """
        from tensorflow_addons.optimizers import AdamW
        from tensorflow_addons import optimizers as extra
        one = AdamW(1e-4, 1e-3)
        two = extra.AdamW(1e-4)
        """
    assert places("ADM702", source) == [(3, 7), (4, 7)]


@pytest.mark.parametrize(
    ("arguments", "after"),
    [
        ("weight_decay=1e-4, learning_rate=1e-3", "learning_rate=1e-3, weight_decay=0.1"),
        ("1e-4, 1e-3", "learning_rate=1e-3, weight_decay=0.1"),
        ("1e-4, learning_rate=0.01", "learning_rate=0.01, weight_decay=0.01"),
        ("0.0001, 0.003", "learning_rate=0.003, weight_decay=0.03333333333333333"),
        ("learning_rate=1, weight_decay=0", "learning_rate=1, weight_decay=0.0"),
        ("1e-4, 1e-3, beta_1=0.8, epsilon=eps", "learning_rate=1e-3, weight_decay=0.1, beta_1=0.8, epsilon=eps"),
    ],
)
def test_divides_the_decay_by_the_rate(arguments: str, after: str) -> None:
    source = f"{HEAD}opt = tfa.optimizers.AdamW({arguments})  # was Adam\n"
    (found,) = findings("ADM702", source)
    assert found.fix is not None
    assert found.fix.safety is Safety.UNSAFE
    assert fixed("ADM702", source) == source
    assert fixed("ADM702", source, unsafe=True) == f"{HEAD}opt = tf.keras.optimizers.AdamW({after})  # was Adam\n"


@pytest.mark.parametrize(
    "arguments",
    ["1e-4, rate", "1e-4", "weight_decay=1e-4", "*both", "1e-4, 1e-3, **rest", "1e-4, 0.0", "1e-4, 1e-3, exclude_from_weight_decay=['bias']",
     "1e-4, 1e-3, decay=0.1", "1e-4,  # decay\n    1e-3"],
)  # fmt: skip
def test_no_fix_where_the_value_cannot_be_computed(arguments: str) -> None:
    (found,) = findings("ADM702", f"{HEAD}opt = tfa.optimizers.AdamW({arguments})\n")
    assert found.fix is None


def test_no_fix_where_a_target_has_no_adamw() -> None:
    (found,) = findings("ADM702", f"{HEAD}opt = tfa.optimizers.AdamW(1e-4, 1e-3)\n", tensorflow=">=2.11,<2.13")
    assert found.fix is None


@pytest.mark.parametrize(
    "source",
    [
        "opt = tf.keras.optimizers.AdamW(1e-3, weight_decay=0.1)",
        "opt = tfa.optimizers.LazyAdam(1e-3)",
        "opt = tfa.optimizers.SGDW(1e-4, 1e-3)",
        "opt = tfa.optimizers.AdamW",
        "cls = tfa.optimizers.extend_with_decoupled_weight_decay(tf.keras.optimizers.Adam)\nopt = cls(1e-4, 1e-3)",
        "from torch.optim import AdamW\nopt = AdamW(parameters, weight_decay=1e-4)",
        "from transformers import AdamWeightDecay as AdamW\nopt = AdamW(1e-3)",
        "opt = (tfa.optimizers.AdamW if old else make)(1e-4, 1e-3)",
    ],
)
def test_silent(source: str) -> None:
    assert silent("ADM702", f"{HEAD}{source}\n")


def test_before_2_12_there_is_no_adamw_of_keras_to_take_it_for() -> None:
    source = f"{HEAD}opt = tfa.optimizers.AdamW(weight_decay=1e-4, learning_rate=1e-3)\n"
    assert silent("ADM702", source, tensorflow="2.4")
    assert [f.effect for f in findings("ADM702", source, tensorflow=">=2.4")] == [Effect.DIFFERS]
