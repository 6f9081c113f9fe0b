import pytest

from adamlint.findings import Effect, Safety
from tests.checking import findings, fixed, places, silent, text

HEAD = """import math
import tensorflow as tf
class Warmup(tf.keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
"""


def schedule(*lines: str) -> str:
    return HEAD + "".join(f"        {line}\n" for line in lines)


ON_EVERY_RELEASE = [
    ("return tf.math.rsqrt(step)", 30),
    ("return tf.sqrt(step + 1)", 24),
    ("return tf.cos(step)", 23),
    ("return tf.math.log(1 + step)", 32),
    ("return tf.pow(step, -0.5)", 23),
    ("return tf.minimum(step, 4000.0)", 27),
    ("return tf.math.maximum(1.0, step)", 37),
    ("return (step + 1) ** -0.5", 17),
    ("return (step + 1) * 1e-3", 17),
    ("return 1.0 / (step + 1)", 23),
]
ON_KERAS_2 = [
    ("return step ** -0.5", 16),
    ("return step * 1e-3", 16),
    ("return 1e-3 * step", 23),
    ("return step * self.warmup ** -1.5", 16),
    ("return step / 4000.0", 16),
    ("return step / float(self.steps)", 16),
    ("return step - 1.0", 16),
]


@pytest.mark.parametrize(("line", "column"), ON_EVERY_RELEASE)
def test_reports_what_fails_on_every_release_from_2_11_on(line: str, column: int) -> None:
    assert places("ADM607", schedule(line)) == [(5, column)]
    assert places("ADM607", schedule(line), tensorflow=">=2.16") == [(5, column)]
    assert silent("ADM607", schedule(line), tensorflow="<=2.10")


@pytest.mark.parametrize(("line", "column"), ON_KERAS_2)
def test_reports_what_the_variables_of_keras_3_promote(line: str, column: int) -> None:
    assert places("ADM607", schedule(line)) == [(5, column)]
    assert silent("ADM607", schedule(line), tensorflow=">=2.16")
    assert silent("ADM607", schedule(line), tensorflow="<=2.10")


def test_says_it_once_at_what_fails_most() -> None:
    (found,) = findings("ADM607", schedule("a = step * 1e-3", "return tf.math.minimum(tf.math.rsqrt(step), a)"))
    assert (found.place.line, found.effect, found.message) == (6, Effect.BREAKS, "`step` is an int64, and is used as a float")


def test_finds_subclasses_and_other_names() -> None:
    source = """
        from keras.optimizers.schedules import LearningRateSchedule
        import tensorflow as tf
        class Base(LearningRateSchedule):
            pass
        class Noam(Base):
            def __call__(self, iteration):
                return tf.math.rsqrt(iteration)
        """
    assert places("ADM607", source) == [(7, 30)]


@pytest.mark.parametrize(
    "lines",
    [
        ("step = tf.cast(step, tf.float32)", "return tf.math.rsqrt(step)"),
        ("step = float(step)", "return step ** -0.5"),
        ("return tf.math.rsqrt(tf.cast(step, tf.float32))",),
        ("now = tf.cast(step, tf.float32)", "return now ** -0.5"),
        ("return self.rate / step",),
        ("return 0.1 * (step / 4000)",),
        ("return tf.where(step < 10, 0.1, 0.2)",),
        ("return step ** 2",),
        ("return tf.math.minimum(step, 4000)",),
        ("return self.inner(step)",),
        ("return math.sqrt(step)",),
        ("step = step + 1", "return step ** -0.5"),
        ("return self.step ** -0.5",),
        ("return [rate * 0.1 for step in self.steps if step * 1.5]",),
    ],
)
def test_silent_where_it_is_cast_or_works_or_is_not_known(lines: tuple[str, ...]) -> None:
    assert silent("ADM607", schedule(*lines))


@pytest.mark.parametrize(
    "base", ["object", "tf.keras.layers.Layer", "tf.keras.callbacks.Callback", "torch.optim.lr_scheduler.LRScheduler", "mine.LearningRateSchedule"]
)
def test_silent_on_other_classes(base: str) -> None:
    source = schedule("return tf.math.rsqrt(step)").replace("tf.keras.optimizers.schedules.LearningRateSchedule", base)
    assert silent("ADM607", f"import mine, torch\n{source}")


def test_silent_on_other_methods() -> None:
    assert silent("ADM607", schedule("return 1").replace("__call__", "warm") + "        return tf.math.rsqrt(step)\n")


def test_casts_in_the_first_line_behind_the_docstring() -> None:
    source = schedule('"""Warm up."""', "# as in the paper", "return tf.math.rsqrt(step)  # int64")
    (found,) = findings("ADM607", source)
    assert found.fix is not None
    assert found.fix.safety is Safety.SAFE
    after = schedule('"""Warm up."""', "# as in the paper", "step = tf.cast(step, tf.float32)", "return tf.math.rsqrt(step)  # int64")
    assert fixed("ADM607", source) == after
    assert fixed("ADM607", after) == after


def test_casts_as_the_file_writes_it() -> None:
    source = """
        from tensorflow import cast, float32, math
        from tensorflow.keras.optimizers.schedules import LearningRateSchedule
        class Noam(LearningRateSchedule):
          def __call__(self, t):
            return math.rsqrt(t)
        """
    assert fixed("ADM607", source) == text(source).replace("    return", "    t = cast(t, float32)\n    return")


def test_no_fix_where_tensorflow_is_not_at_hand_or_the_body_is_on_the_line() -> None:
    source = """
        import tensorflow as tf
        class A(tf.keras.optimizers.schedules.LearningRateSchedule):
            def __call__(self, step): return tf.math.rsqrt(step)
        """
    (found,) = findings("ADM607", source)
    assert found.fix is None
    keras = """
        import tf_keras
        class A(tf_keras.optimizers.schedules.LearningRateSchedule):
            def __call__(self, step):
                return step ** -0.5
        """
    (found,) = findings("ADM607", keras)
    assert found.fix is None


@pytest.mark.parametrize("other", ["tf.gather(TABLE, step)", "TABLE[step]", "TABLE[step + 1]", "(step // 10)", "mine(step)"])
def test_unsafe_where_another_use_may_want_an_integer(other: str) -> None:
    (found,) = findings("ADM607", schedule(f"return {other} * (step + 1) ** -0.5"))
    assert found.fix is not None
    assert found.fix.safety is Safety.UNSAFE


def test_safe_where_all_uses_are_of_numbers() -> None:
    lines = ("if step < 100:", "    return step * 1e-3", "return tf.minimum(tf.math.rsqrt(step), tf.cast(step, tf.float32) * 0.1)")
    (found,) = findings("ADM607", schedule(*lines))
    assert found.fix is not None
    assert found.fix.safety is Safety.SAFE
