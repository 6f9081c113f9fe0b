from __future__ import annotations

import pytest

from adamlint.findings import Effect, Safety
from tests.checking import findings, fixed, places, silent, text

CODE = "ADM601"
ADAM = "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(0.1)\n"


@pytest.mark.parametrize(
    "source",
    [
        "import torch\nopt = torch.optim.Adam(params)\nrate = opt._get_hyper('lr')\n",
        "import tensorflow as tf\ndef rate(opt):\n    return opt._decayed_lr(tf.float32)\n",
        "import tensorflow as tf\nmodel = tf.keras.Sequential()\nname = model._name\n",
        "import tensorflow as tf\nlayer = tf.keras.layers.Dense(1)\nlayer._weights\n",
        "import tensorflow as tf\nopt = tf.keras.optimizers.legacy.Adam(0.1)\nopt._decayed_lr(tf.float32)\n",
        "import tensorflow as tf\nopt = tf.compat.v1.train.AdamOptimizer(0.1)\nopt._create_slots(v)\n",
        f"{ADAM}opt = wrap(opt)\nopt._decayed_lr(tf.float32)\n",
        f"{ADAM}if hasattr(opt, '_decayed_lr'):\n    opt._decayed_lr(tf.float32)\n",
        f"{ADAM}if hasattr(opt, '_get_variable_index'):\n    pass\nelif hasattr(opt, '_var_key'):\n    opt._index_dict['a']\n",
        f"{ADAM}try:\n    opt._decayed_lr(tf.float32)\nexcept AttributeError:\n    opt.learning_rate\n",
        f"{ADAM}if tf.__version__ < '2.11':\n    opt._hyper\n    raise SystemExit\n",
        f"{ADAM}opt._mine = 1\n",
        f"{ADAM}opt.__class__\nopt._momentums\n",
        "import tensorflow as tf\nopt = tf.keras.optimizers.Adam() if new else mine()\nopt._hyper\n",
        """
        import tensorflow as tf
        class Mine(Unknown, tf.keras.optimizers.Adam):
            def rate(self):
                return self._decayed_lr(tf.float32)
        """,
        """
        import tensorflow as tf
        class Mine(tf.keras.optimizers.Adam):
            def _set_hyper(self, name, value):
                pass
            def __init__(self):
                self._hyper = {}
                self._set_hyper("a", self._hyper)
        """,
        """
        import tensorflow as tf
        if tf.__version__ >= "2.11":
            from tensorflow.keras.optimizers.legacy import Optimizer
        else:
            from tensorflow.keras.optimizers import Optimizer
        class Mine(Optimizer):
            def __init__(self):
                self._set_hyper("a", 1)
        """,
    ],
)
def test_what_is_no_new_optimizer_for_sure(source: str) -> None:
    assert silent(CODE, source)


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (f"{ADAM}opt._get_hyper('beta_1')\n", (3, 1)),
        ("import tensorflow as tf\nmodel = tf.keras.Sequential()\nx = model.optimizer._hyper\n", (3, 5)),
        ("from keras import optimizers\ndef f(x):\n    x = optimizers.get(x)\n    x._create_slots(v)\n", (4, 5)),
        ("from keras import optimizers\ndef f(x):\n    if name(x):\n        x = optimizers.get(x)\n    x._weights\n", (5, 5)),
        ("import keras\nclass A(keras.callbacks.Callback):\n    def f(self):\n        self.model.optimizer._weights\n", (4, 9)),
        ("import keras\nclass A(keras.optimizers.Optimizer):\n    def f(self):\n        self._set_hyper('a', 1)\n", (4, 9)),
        ("from keras.optimizers import SGD\nclass A(SGD):\n    def f(self):\n        super()._prepare_local(1)\n", (4, 9)),
        ("import keras\nclass A:\n    opt = keras.optimizers.SGD()\n    def f(self):\n        self.opt._hyper\n", (5, 9)),
    ],
)  # fmt: skip
def test_on_whatever_is_an_optimizer(source: str, place: tuple[int, int]) -> None:
    assert places(CODE, source) == [place]


def test_it_raises_from_2_11_on() -> None:
    source = f"{ADAM}opt._decayed_lr(tf.float32)\n"
    (found,) = findings(CODE, source)
    assert found.effect is Effect.BREAKS
    assert "`_decayed_lr`" in found.message
    assert found.message.endswith("raises AttributeError on every targeted release")
    assert silent(CODE, source, tensorflow="2.10")


def test_what_2_11_brought_is_gone_in_keras_3() -> None:
    (found,) = findings(CODE, f"{ADAM}opt._build_learning_rate(0.1)\n")
    assert found.message.endswith("raises AttributeError on 2.16+")


def test_public_twins_are_safe_where_the_old_one_raised() -> None:
    before = f"{ADAM}opt._create_all_weights(variables)  # first\nprint(opt._name)\n"
    after = f"{ADAM}opt.build(variables)  # first\nprint(opt.name)\n"
    assert [f.fix is not None and f.fix.safety for f in findings(CODE, before)] == [Safety.SAFE, Safety.SAFE]
    assert fixed(CODE, before) == after
    assert silent(CODE, after)


def test_a_twin_that_a_target_lacks_is_not_offered() -> None:
    source = f"{ADAM}print(opt._name)\n"
    assert len(places(CODE, source, tensorflow=">=2.10")) == 1
    assert fixed(CODE, source, unsafe=True, tensorflow=">=2.10") == source


def test_the_decayed_rate_is_cast_only_when_asked() -> None:
    before = """
        import tensorflow as tf
        model = tf.keras.Sequential()
        rate = model.optimizer._decayed_lr(tf.float32)
    """
    assert fixed(CODE, before, platforms=("linux",)) == text(before)
    after = text(before).replace("model.optimizer._decayed_lr(", "tf.cast(model.optimizer.learning_rate, ")
    assert fixed(CODE, before, unsafe=True, platforms=("linux",)) == after


@pytest.mark.parametrize(("arguments", "safety"), [("0.1", Safety.SAFE), ("schedule", Safety.SAFE), ("0.1, decay=0.5", Safety.UNSAFE), ("**given", Safety.UNSAFE)])
def test_the_cast_is_safe_where_nothing_else_decays_the_rate(arguments: str, safety: Safety) -> None:
    (found,) = findings(CODE, f"{ADAM}opt._decayed_lr(tf.float32)\n".replace("0.1", arguments))
    assert found.fix is not None
    assert found.fix.safety is safety


def test_what_cannot_be_cast_on_a_target_is_not_offered() -> None:
    named = "import tensorflow as tf\nmodel = tf.keras.Sequential()\nmodel.compile('adam')\nmodel.optimizer._decayed_lr(tf.float32)\n"
    assert fixed(CODE, named, unsafe=True, platforms=("macos-arm64",)) == named  # of the legacy class, where a schedule is no number
    assert "cast" in fixed(CODE, named, unsafe=True, tensorflow=">=2.16")
    numbers = f"{ADAM}opt._decayed_lr(tf.float32)\n"
    assert "cast" in fixed(CODE, numbers, unsafe=True, tensorflow=">=2.10")
    for rate in ("schedule", "tf.keras.optimizers.schedules.CosineDecay(0.1, 9)", "**{'learning_rate': schedule}", "*given", "**given"):
        unknown = numbers.replace("0.1", rate, 1)
        assert fixed(CODE, unknown, unsafe=True, tensorflow=">=2.10") == unknown
        assert "cast" in fixed(CODE, unknown, unsafe=True, tensorflow=">=2.11,<2.15")


@pytest.mark.parametrize(
    "source",
    [
        "from keras.optimizers import Adam\nopt = Adam()\nrate = opt._decayed_lr('float32')\n",
        f"{ADAM}opt._set_hyper('learning_rate', 0.1)\n",
        f"{ADAM}f = opt._decayed_lr\n",
        f"{ADAM}f = opt._create_all_weights\n",
        "import tensorflow as tf\nclass A(tf.keras.optimizers.Adam):\n    def f(self):\n        self._decayed_lr(tf.float32)\n",
    ],
)
def test_no_twin_is_offered(source: str) -> None:
    assert len(places(CODE, source)) == 1
    assert fixed(CODE, source, unsafe=True) == source
