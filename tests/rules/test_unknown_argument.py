from __future__ import annotations

import pytest

from adamlint.findings import Effect, Safety
from tests.checking import findings, fixed, places, silent

CODE = "ADM303"
IMPORT = "from tensorflow.keras.optimizers import Adam, AdamW, SGD, RMSprop, Nadam\n"


@pytest.mark.parametrize(
    "source",
    [
        "import torch\nopt = torch.optim.Adam(params, foreach=True)\n",
        "from optax import adam\nopt = adam(0.1, eps=1e-8)\n",
        "from deepchem.models.optimizers import Adam\nopt = Adam(learning_rate=0.1, beta1=0.9)\n",
        "class Adam:\n    pass\nopt = Adam(beta1=0.9)\n",
        f"{IMPORT}class Mine(Adam):\n    def __init__(self, beta1):\n        super().__init__(beta_1=beta1)\nopt = Mine(beta1=0.9)\n",
        f"{IMPORT}from mine import Adam\nopt = Adam(beta1=0.9)\n",
        "def build(Adam):\n    return Adam(beta1=0.9)\n",
        f"{IMPORT}opt = Adam(0.1, 0.9, 0.999, epsilon=1e-8, amsgrad=True, weight_decay=0.1, clipnorm=1.0, use_ema=True, name='a')\n",
        f"{IMPORT}opt = Adam(lr=0.1, decay=0.1)\n",
        f"{IMPORT}opt = (SGD if plain else Adam)(0.1, momentum=0.9)\n",
        f"{IMPORT}opt = {{'sgd': SGD, 'adam': Adam}}[name](0.1, momentum=0.9)\n",
        "from tensorflow.keras import optimizers\nopt = getattr(optimizers, name)(0.1, momentum=0.9)\n",
        f"{IMPORT}def build(epsilon=None):\n    return Adam(epsilon=epsilon)\n",
        f"{IMPORT}epsilon = None\nif small:\n    epsilon = 1e-8\nopt = Adam(epsilon=epsilon)\n",
        f"{IMPORT}def build(clipnorm=None, clipvalue=None):\n    return Adam(clipnorm=clipnorm, clipvalue=clipvalue)\n",
        f"{IMPORT}opt = Adam(clipnorm=1.0, clipvalue=None)\n",
        f"{IMPORT}opt = Adam(**arguments)\n",
        f"{IMPORT}opt = Adam(0.1, 0.9, 0.999, 1e-8, True, 0.1)\n",
        f"{IMPORT}opt = SGD(0.1, 0.9, True)\n",
        f"{IMPORT}import tensorflow as tf\nif tf.__version__ < '2.16':\n    opt = Adam(jit_compile=False)\n",
        f"{IMPORT}import tensorflow as tf\nmore = {{'jit_compile': False}} if tf.__version__ < '2.16' else {{}}\nopt = Adam(**more)\n",
        f"{IMPORT}try:\n    opt = Adam(jit_compile=False)\nexcept (TypeError, ValueError):\n    opt = Adam()\n",
        "import tensorflow as tf\nopt = tf.keras.mixed_precision.LossScaleOptimizer(opt, dynamic=False)\n",
        "from keras_cv.backend import keras\nopt = keras.optimizers.SGD(0.1, weight_decay=0.1, use_ema=True)\n",
    ],
)
def test_what_a_constructor_takes_or_another_takes(source: str) -> None:
    assert silent(CODE, source)


@pytest.mark.parametrize(
    ("call", "place", "why"),
    [
        ("Adam(0.1, beta1=0.9)", 17, "raises TypeError on 2.12-2.15, raises ValueError on 2.16+"),
        ("Adam(0.1, momentum=0.9)", 17, "raises TypeError on 2.12-2.15, raises ValueError on 2.16+"),
        ("Adam(jit_compile=False)", 12, "raises ValueError on 2.16+"),
        ("SGD(jit_compile=XLA)", 11, "raises ValueError on 2.16+"),
        ("AdamW(loss_scale_factor=2.0)", 13, "raises TypeError on 2.12-2.15"),
        ("Adam(gradient_accumulation_steps=2)", 12, "raises TypeError on 2.12-2.15"),
        ("Adam(epsilon=None)", 12, "raises ValueError on every targeted release"),
        ("AdamW(0.1, weight_decay=None)", 18, "raises ValueError on every targeted release"),
        ("Nadam(schedule_decay=0.004)", 13, "raises TypeError on 2.12-2.15, raises ValueError on 2.16+"),
    ],
)
def test_it_raises_where_it_is_not_known(call: str, place: int, why: str) -> None:
    (found,) = findings(CODE, f"{IMPORT}opt = {call}\n")
    assert (found.place.line, found.place.column) == (2, place)
    assert found.effect is Effect.BREAKS
    assert found.message.endswith(f": {why}")


def test_weight_decay_came_with_2_11() -> None:
    source = f"{IMPORT}opt = Adam(0.1, weight_decay=0.01)\n"
    assert silent(CODE, source)
    (found,) = findings(CODE, source, tensorflow=">=2.10,<2.13")
    assert found.message.endswith("raises TypeError on 2.10")


def test_a_legacy_class_takes_what_it_took() -> None:
    assert silent(CODE, "import tensorflow as tf\nopt = tf.keras.optimizers.legacy.Adam(epsilon=None)\n")
    assert places(CODE, "import tensorflow as tf\nopt = tf.keras.optimizers.legacy.Adam(use_ema=True)\n") == [(2, 39)]


def test_keys_of_a_spread_dict_count() -> None:
    assert places(CODE, f"{IMPORT}more = dict(learning_rate=0.1, beta1=0.9)\nopt = Adam(**more)\n") == [(2, 32)]
    assert places(CODE, f"{IMPORT}opt = Adam(**{{'beta1': 0.9}})\n") == [(2, 15)]


def test_two_ways_to_clip_are_too_many_for_keras_3() -> None:
    (found,) = findings(CODE, f"{IMPORT}opt = SGD(0.1, clipvalue=0.5, clipnorm=1.0)\n")
    assert (found.place.line, found.place.column) == (2, 16)
    assert found.message == "`clipvalue` beside `clipnorm`: raises ValueError on 2.16+"
    assert found.fix is None


def test_the_sixth_position_is_not_the_name() -> None:
    source = f"{IMPORT}opt = Adam(0.1, 0.9, 0.999, 1e-7, False, 'mine')\n"
    (found,) = findings(CODE, source)
    assert (found.place.line, found.place.column) == (2, 42)
    assert found.effect is Effect.BREAKS
    assert silent(CODE, source, tensorflow="2.10")


def test_a_position_gets_its_name() -> None:
    before = f"{IMPORT}opt = Adam(0.1, 0.9, 0.999, 1e-7, False, 'mine',  # that\n)\n"
    (found,) = findings(CODE, before)
    assert found.fix is not None
    assert found.fix.safety is Safety.SAFE
    after = before.replace("'mine'", "name='mine'")
    assert fixed(CODE, before) == after
    assert fixed(CODE, after) == after


def test_a_position_gets_its_name_unsafely_where_it_was_taken_for_another() -> None:
    source = f"import os\nos.environ['TF_USE_LEGACY_KERAS'] = '1'\n{IMPORT}opt = Adam(0.1, 0.9, 0.999, 1e-7, False, 'mine')\n"
    (found,) = findings(CODE, source, tensorflow=">=2.16")  # tf_keras has amsgrad there
    assert found.message.endswith("is ignored on every targeted release")
    assert found.fix is not None
    assert found.fix.safety is Safety.UNSAFE


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        ("epsilon=None", ""),
        ("0.1, epsilon=None", "0.1"),
        ("0.1,\n    epsilon=None,\n    name='a'", "0.1,\n    name='a'"),
        ("epsilon=None, **more", "**more"),
        ("**{'learning_rate': 0.1, 'epsilon': None}", "**{'learning_rate': 0.1}"),
    ],
)
def test_an_epsilon_of_nothing_is_deleted(arguments: str, left: str) -> None:
    before = f"{IMPORT}opt = Adam({arguments})\n"
    (found,) = findings(CODE, before)
    assert found.fix is not None
    assert found.fix.safety is Safety.SAFE
    assert fixed(CODE, before) == f"{IMPORT}opt = Adam({left})\n"


def test_jit_compile_is_deleted_safely_where_it_is_the_default() -> None:
    before = f"{IMPORT}opt = Adam(0.1, jit_compile=True)\n"
    assert fixed(CODE, before) == f"{IMPORT}opt = Adam(0.1)\n"


def test_jit_compile_off_is_deleted_only_when_asked() -> None:
    before = f"{IMPORT}opt = Adam(0.1, jit_compile=False)\n"
    assert fixed(CODE, before) == before
    assert fixed(CODE, before, unsafe=True) == f"{IMPORT}opt = Adam(0.1)\n"


@pytest.mark.parametrize(
    "lines",
    [
        "opt = Adam(beta1=0.9)",
        "opt = Adam(momentum=0.9)",
        "nothing = None\nopt = Adam(epsilon=nothing)",
        "more = {'epsilon': None}\nprint(more)\nopt = Adam(**more)",
    ],
)
def test_there_is_no_fix_for_the_rest(lines: str) -> None:
    source = f"{IMPORT}{lines}\n"
    assert len(places(CODE, source)) == 1
    assert fixed(CODE, source, unsafe=True) == source


def test_words_do_not_speak_of_releases_where_nothing_was_measured() -> None:
    source = "import keras\nopt = keras.optimizers.Adam(0.1, gradient_accumulation_steps=None)\n"
    (found,) = findings(CODE, source)
    assert found.message.endswith("raises TypeError on 2.12-2.15")


@pytest.mark.parametrize("given", [
    "kw = {'clipnorm': 1.0} if by_norm else {'clipvalue': 0.5}",
    "kw = {}\nif by_norm:\n    kw['clipnorm'] = 1.0\nelse:\n    kw['clipvalue'] = 0.5",
    "if by_norm:\n    kw = dict(clipnorm=1.0)\nelse:\n    kw = dict(clipvalue=0.5)",
])  # fmt: skip
def test_one_clip_argument_or_the_other(given: str) -> None:
    assert silent(CODE, f"import keras\n{given}\nopt = keras.optimizers.SGD(0.1, **kw)\n")


@pytest.mark.parametrize("given", ["**{'clipnorm': 1.0, 'clipvalue': 0.5}", "clipnorm=1.0, **{'clipvalue': 0.5}"])
def test_both_clip_arguments_in_a_dict(given: str) -> None:
    assert places(CODE, f"import keras\nopt = keras.optimizers.SGD(0.1, {given})\n") != []
