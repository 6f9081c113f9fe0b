from __future__ import annotations

import pytest

from adamlint.findings import Effect, Safety
from tests.checking import findings, fixed, places, silent, text

CODE = "ADM301"


@pytest.mark.parametrize(
    "source",
    [
        "import torch\nopt = torch.optim.Adam(params, lr=0.1)\n",
        "import optax\nopt = optax.adam(lr=0.1)\n",
        "class Adam:\n    pass\nopt = Adam(lr=0.1)\n",
        "from keras.optimizers import Adam\nfrom torch.optim import Adam\nopt = Adam(params, lr=0.1)\n",
        "def build(Adam):\n    return Adam(lr=0.1)\n",
        "import tensorflow as tf\nopt = tf.keras.optimizers.legacy.Adam(lr=0.1)\n",
        "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(learning_rate=0.1)\n",
        "import tensorflow as tf\nif tf.__version__ < '2.11':\n    opt = tf.keras.optimizers.Adam(lr=0.1)\n    raise SystemExit\n",
        "from torch import optim\nfrom keras import optimizers\nmine = optim if fast else optimizers\nopt = mine.Adam(lr=0.1)\n",
        "import tensorflow as tf\nclass Mine(tf.keras.optimizers.Adam):\n    def __init__(self, lr):\n        super().__init__(lr)\nopt = Mine(lr=0.1)\n",
        "import deepxde as dde\nmodel = dde.Model(data, net)\nmodel.compile('adam', lr=0.1)\n",
    ],
)
def test_other_things_take_lr(source: str) -> None:
    assert silent(CODE, source)


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("from keras.optimizers import *\nopt = SGD(lr=0.1)\n", (2, 11)),
        ("from keras import optimizers\nopt = getattr(optimizers, name)(lr=0.1)\n", (2, 33)),
        ("from keras.optimizers import Adam, SGD\nopt = {'a': Adam, 's': SGD}[name](lr=0.1)\n", (2, 35)),
        ("from functools import partial\nfrom keras.optimizers import Adam\nopt = partial(Adam, lr=0.1)\n", (3, 21)),
        ("from keras.optimizers import Adam\nopt = Adam(**{'lr': 0.1})\n", (2, 15)),
        ("from keras.optimizers import Adam\nwanted = dict(lr=0.1)\nopt = Adam(**wanted)\n", (2, 15)),
        ("from tensorflow import keras\nopt = (lambda: keras.optimizers.Adam(lr=0.1))()\n", (2, 38)),
    ],
)
def test_however_the_class_and_the_argument_come_there(source: str, place: tuple[int, int]) -> None:
    assert places(CODE, source) == [place]
    assert "lr=" not in fixed(CODE, source).replace("learning_rate=", "")
    assert silent(CODE, fixed(CODE, source))


def test_it_is_ignored_on_new_keras_2_and_raises_on_keras_3() -> None:
    (found,) = findings(CODE, "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(lr=0.1)\n")
    assert found.effect is Effect.BREAKS
    assert found.message.endswith("is ignored (trains at 0.001) on 2.12-2.15, raises ValueError on 2.16+")


def test_it_only_warns_before_2_11() -> None:
    (found,) = findings(CODE, "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(lr=0.1)\n", tensorflow="2.10")
    assert found.effect is Effect.IMPLICIT


def test_the_title_says_which_rate_takes_effect() -> None:
    (found,) = findings(CODE, "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(lr=0.1)\n")
    assert found.fix is not None
    assert found.fix.safety is Safety.SAFE
    assert "becomes 0.1, was 0.001" in found.fix.title


def test_the_title_says_that_a_written_default_changes_nothing() -> None:
    (found,) = findings(CODE, "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(lr=1e-3)\n")
    assert found.fix is not None
    assert "stays 0.001, the default" in found.fix.title


def test_only_the_keyword_is_touched() -> None:
    before = """
        from tensorflow.keras.optimizers import Adam
        opt = Adam(
            lr = 1e-3,  # the rate
            beta_1=0.9,
        )
    """
    assert fixed(CODE, before) == text(before).replace("lr = ", "learning_rate = ")


def test_a_dict_is_renamed_if_it_only_goes_into_optimizers() -> None:
    before = """
        from keras.optimizers import SGD, Adam
        wanted = {"lr": 0.1}
        one, other = Adam(**wanted), SGD(**wanted)
    """
    assert places(CODE, before) == [(2, 11)]
    assert fixed(CODE, before) == text(before).replace('"lr"', '"learning_rate"')


@pytest.mark.parametrize(
    "use", ["print(wanted['lr'])", "wanted['lr'] = 1", "torch.optim.Adam(**wanted)", "save(wanted)"]
)
def test_a_dict_with_another_use_is_not_renamed(use: str) -> None:
    source = f"import torch\nfrom keras.optimizers import Adam\nwanted = {{'lr': 0.1}}\n{use}\nopt = Adam(**wanted)\n"
    assert places(CODE, source) == [(3, 11)]
    assert fixed(CODE, source) == source


@pytest.mark.parametrize("then", [
    "kw['learning_rate'] = kw.pop('lr')",
    "rate = kw.pop('lr', 0.1)",
    "del kw['lr']",
    "if new:\n    del kw['lr'], kw['name']",
    "kw.clear()",
])  # fmt: skip
def test_what_is_taken_out_of_a_dict_is_no_argument(then: str) -> None:
    assert silent(CODE, f"from keras.optimizers import Adam\nkw = {{'lr': 0.1, 'name': 'a'}}\n{then}\nopt = Adam(**kw)\n")


@pytest.mark.parametrize("body", [
    "def make(config):\n    rate = config.pop('lr')\n    return Adam(rate, **config)\nmake({'lr': 0.1, 'beta_1': 0.8})",
    "given = {'lr': 0.1}\nkw = given.copy()\nkw['learning_rate'] = kw.pop('lr')\nAdam(**kw)",
    "given = {'adam': {'lr': 0.1}}\nkw = given['adam']\nrate = kw.pop('lr')\nAdam(rate, **kw)",
    "given = {'adam': {'lr': 0.1}}\nrate = given['adam'].pop('lr')\nAdam(rate, **given['adam'])",
])  # fmt: skip
def test_what_is_taken_out_of_a_dict_by_another_name_is_no_argument(body: str) -> None:
    assert silent(CODE, f"from keras.optimizers import Adam\n{body}\n")
    another = body.replace("'lr')", "'name')")
    assert places(CODE, f"from keras.optimizers import Adam\n{another}\n") != []


def test_beside_learning_rate_nothing_is_renamed() -> None:
    source = "from keras.optimizers import Adam\nopt = Adam(0.1, lr=0.2)\n"
    assert places(CODE, source) == [(2, 17)]
    assert fixed(CODE, source) == source


@pytest.mark.parametrize("spread", ["*given, lr=0.1", "lr=0.1, **given"])
def test_beside_arguments_that_are_not_seen_it_is_unsafe(spread: str) -> None:
    (found,) = findings(CODE, f"from keras.optimizers import Adam\ndef make(given):\n    return Adam({spread})\n")
    assert found.fix is not None
    assert found.fix.safety is Safety.UNSAFE


def test_no_fix_makes_a_release_raise_that_ran_before() -> None:
    (finding,) = findings(CODE, "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(lr='0.1')\n")
    assert finding.fix is None


def test_beside_a_learning_rate_it_does_not_tell_the_default() -> None:
    (found,) = findings(CODE, "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(lr=0.1, learning_rate=0.2)\n", tensorflow="2.15")
    assert found.message.endswith("is ignored on every targeted release")


def test_a_key_that_is_chosen_by_release_is_judged_where_it_is_written() -> None:
    source = "import tensorflow as tf\nkey = 'lr'{}\nopt = tf.keras.optimizers.Adam(**{{key: 0.1}})\n"
    assert silent(CODE, source.format(" if tf.__version__ < '2.11' else 'learning_rate'"))
    assert places(CODE, source.format("")) == [(2, 7)]
    assert fixed(CODE, source.format(""), unsafe=True) == source.format("")


def test_a_test_that_wants_the_error_of_some_release_is_right() -> None:
    source = "import pytest\nimport tensorflow as tf\nwith pytest.raises({}):\n    tf.keras.optimizers.Adam(lr=0.1)\n"
    assert silent(CODE, source.format("ValueError"))
    assert places(CODE, source.format("KeyError")) == [(4, 30)]
