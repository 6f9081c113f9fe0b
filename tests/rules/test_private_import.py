"""ADM203: imports from modules that Keras moves around, or that are a copy."""

from __future__ import annotations

import pytest

from adamlint.findings import Effect, Safety
from tests.checking import findings, fixed, places, silent, text

CODE = "ADM203"


@pytest.mark.parametrize(("line", "why"), [
    ("from keras.optimizers.optimizer_v2.adam import Adam", "raises ModuleNotFoundError on every targeted release"),
    ("from keras.optimizers import adam", "raises ModuleNotFoundError on 2.13+"),
    ("from keras.optimizers import adam_v2", "raises ImportError on every targeted release"),
    ("from keras.optimizers.legacy.adam import Adam", "raises ModuleNotFoundError on 2.13+"),
    ("from keras.src.saving.saving_lib import load_model", "raises ModuleNotFoundError on 2.12"),
    ("from keras.src.optimizers import Adam", "raises ModuleNotFoundError on 2.12"),
    ("from keras.engine.base_layer import Layer", "raises ModuleNotFoundError on 2.13+"),
    ("from keras.engine.topology import get_source_inputs", "raises ModuleNotFoundError on every targeted release"),
    ("import keras.api._v2.keras as keras", "raises ModuleNotFoundError on 2.16+"),
    ("from tensorflow.python.keras.optimizers import Adam", "raises ImportError on every targeted release"),
])  # fmt: skip
def test_it_breaks_where_the_module_is_gone(line: str, why: str) -> None:
    (finding,) = findings(CODE, line + "\n")
    assert finding.effect is Effect.BREAKS
    assert finding.message.partition(": ")[2] == why


def test_each_release_has_its_own_private_path() -> None:
    line = "from keras.optimizer_v2.adam import Adam\n"
    assert silent(CODE, line, tensorflow=">=2.6,<2.9")
    assert len(findings(CODE, line, tensorflow="2.9")) == 1


def test_another_class_than_the_public_one_differs() -> None:
    line = "from keras.src.optimizers import Adam\n"
    assert [f.effect for f in findings(CODE, line, tensorflow=">=2.13,<2.16")] == [Effect.DIFFERS]
    assert silent(CODE, line, tensorflow=">=2.16")


COPY = "from tensorflow.python.keras import backend as K\n"


def test_up_to_2_5_the_copy_is_the_keras_of_tensorflow() -> None:
    assert silent(CODE, COPY, tensorflow="<2.6")
    assert len(findings(CODE, COPY, tensorflow=">=2.4")) == 1


def test_a_branch_by_release_may_use_the_copy() -> None:
    head = "import tensorflow as tf\nfrom packaging.version import parse\n"
    guarded = f"{head}if parse(tf.__version__) < parse('2.8'):\n    {COPY}else:\n    from tensorflow.keras import backend as K\n"
    assert silent(CODE, guarded, tensorflow=">=2.4")
    assert not silent(CODE, f"{head}if USE_COPY:\n    {COPY}", tensorflow=">=2.4")


def test_what_is_on_no_release_cannot_be_imported() -> None:
    (finding,) = findings(CODE, "from tensorflow.compat.v1.python.keras.regularizers import L1L2\n")
    path, home = "tensorflow.compat.v1.python.keras.regularizers.L1L2", "tensorflow.compat.v1.python"
    assert finding.message == f"`{path}` cannot be imported: no release has `{home}`"
    assert (finding.effect, finding.fix) == (Effect.BREAKS, None)


@pytest.mark.parametrize("line", [
    "from tensorflow.python.keras import backend as K",
    "from tensorflow.python.keras.engine import compile_utils",
    "from tensorflow.python.keras.optimizer_v2.adam import Adam",
])  # fmt: skip
def test_the_copy_inside_tensorflow_is_not_the_keras_of_the_release(line: str) -> None:
    assert [f.effect for f in findings(CODE, line + "\n")] == [Effect.DIFFERS]


def test_a_statement_is_reported_once_and_optimizers_by_name() -> None:
    assert places(CODE, "from tensorflow.python.keras.layers import Dense, LSTM\n") == [(1, 44)]
    assert places(CODE, "from keras.src.optimizers import Adam, SGD\n") == [(1, 34), (1, 40)]


@pytest.mark.parametrize("source", [
    "from keras.optimizers import Adam\n",
    "from tensorflow.keras.optimizers.legacy import Adam\n",
    "from tensorflow.python.platform import tf_logging\n",
    "from keras_cv.src.models import Task\n",
    "from mykeras.src.optimizers import Adam\n",
    "from .keras.src.optimizers import Adam\n",
    "try:\n    from keras.src.optimizers import Adam\nexcept ImportError:\n    from keras.optimizers import Adam\n",
    "try:\n    from keras.optimizers import Adam\nexcept ImportError:\n    from tensorflow.python.keras.optimizers import Adam\n",
    "import tensorflow as tf\nif tf.__version__ >= '2.13':\n    from keras.src import backend\n",
    "import tensorflow as tf, my\nif my.older(tf.__version__, '2.6'):\n    from tensorflow.python.keras import backend\n",
    "from mine import config\nif config.keras_3():\n    from keras.src.backend import ops\n",
    "from typing import TYPE_CHECKING\nimport keras\n",
    "import typing\nif typing.TYPE_CHECKING:\n    from keras.src.layers.layer import Layer\n",
])  # fmt: skip
def test_silent(source: str) -> None:
    assert silent(CODE, source)


def test_the_fix_is_safe_where_the_class_stays() -> None:
    source = "from keras.optimizers.optimizer_v2.adam import Adam  # old\nopt = Adam(0.1)\n"
    assert findings(CODE, source)[0].fix.safety is Safety.SAFE  # type: ignore[union-attr]
    assert fixed(CODE, source) == "from keras.optimizers import Adam  # old\nopt = Adam(0.1)\n"


def test_the_fix_is_unsafe_where_the_generation_changes() -> None:
    source = "from keras.src.optimizers import Adam\n"
    assert fixed(CODE, source) == source
    assert fixed(CODE, source, unsafe=True) == "from keras.optimizers import Adam\n"


def test_model_and_optimizer_move_together_and_never_safely() -> None:
    source = text("""
        from tensorflow.python.keras import backend as K
        from tensorflow.python.keras.models import Sequential
        import tensorflow.python.keras.callbacks as cb
    """)
    wanted = """
        from tensorflow.keras import backend as K
        from tensorflow.keras.models import Sequential
        from tensorflow.keras import callbacks as cb
    """
    assert fixed(CODE, source) == source
    assert fixed(CODE, source, unsafe=True) == text(wanted)


def test_no_fix_if_one_of_them_has_no_public_twin() -> None:
    source = "from tensorflow.python.keras.models import Model\nfrom tensorflow.python.keras.engine import compile_utils\n"
    assert [f.fix for f in findings(CODE, source)] == [None, None]


def test_names_of_several_public_modules_become_several_imports() -> None:
    source = "def f():\n    from tensorflow.python.keras import backend as K, Model\n"
    source = source.replace("Model", "models")
    assert fixed(CODE, source, unsafe=True) == "def f():\n    from tensorflow.keras import backend as K, models\n"
    apart = "from keras.api._v2.keras import backend as K\nfrom keras.optimizers import adam_v2, SGD\nopt = adam_v2.Adam(0.1)\n"
    assert fixed(CODE, apart, unsafe=True) == (
        "from tensorflow.keras import backend as K\nfrom keras import optimizers as adam_v2\nfrom keras.optimizers import SGD\n"
        "opt = adam_v2.Adam(0.1)\n"
    )


def test_a_private_module_of_one_optimizer_becomes_the_public_one_under_its_name() -> None:
    assert fixed(CODE, "from keras.optimizers import adam_v2\n", unsafe=True) == "from keras import optimizers as adam_v2\n"
    assert fixed(CODE, "import keras.optimizer_v2.adam as adam\n", unsafe=True) == "from keras import optimizers as adam\n"


def test_a_module_of_keras_src_holds_more_than_the_public_one() -> None:
    source = "from keras.src import backend\nx = backend.standardize_dtype(y)\n"
    assert [f.fix for f in findings(CODE, source)] == [None]


@pytest.mark.parametrize("own", ["from keras.src.api_export import keras_export\n", "from keras.src import testing\n"])
def test_silent_in_the_files_of_keras_itself(own: str) -> None:
    assert silent(CODE, f"from keras.src import backend\n{own}from keras.src.optimizers import adam\n")


@pytest.mark.parametrize("use", ["K.learning_phase()", "K.get_graph()", "with K.learning_phase_scope(1):\n    pass", "K.track_variable(v)"])
def test_no_fix_where_the_public_module_lacks_what_is_used(use: str) -> None:
    source = f"from tensorflow.python.keras import backend as K\nK.get_value(v)\n{use}\n"
    assert len(findings(CODE, source)) == 1
    assert fixed(CODE, source, unsafe=True) == source
    without = source.replace(use, "K.epsilon()")
    assert fixed(CODE, without, unsafe=True) == without.replace(".python", "")


def test_what_older_releases_have_is_theirs() -> None:
    source = "from tensorflow.python.keras import backend as K\nK.learning_phase()\n"
    assert fixed(CODE, source, unsafe=True, tensorflow=">=2.12,<2.15") == source.replace(".python", "")


def test_any_public_name_can_be_imported() -> None:
    source = "from tensorflow.python.keras.layers import Bidirectional, Dropout\nfrom tensorflow.python.keras.utils import to_categorical\n"
    assert fixed(CODE, source, unsafe=True) == source.replace(".python", "")
    private = source.replace("to_categorical", "tf_utils")
    assert fixed(CODE, private, unsafe=True) == private
    gone = source.replace("Dropout", "LocallyConnected1D")
    assert fixed(CODE, gone, unsafe=True) == gone
    assert fixed(CODE, gone, unsafe=True, tensorflow="2.12") == gone.replace(".python", "")


@pytest.mark.parametrize("line", ["est = tf.estimator.DNNClassifier([10], columns, optimizer=Adam())\n", "s = ParameterServerStrategy(r)\n"])
def test_no_fix_of_an_optimizer_where_the_legacy_class_is_wanted(line: str) -> None:
    source = f"import tensorflow as tf\nfrom keras.src.optimizers import Adam\n{line}"
    assert len(findings(CODE, source)) == 1
    assert fixed(CODE, source, unsafe=True) == source


def test_no_fix_that_would_break_a_target() -> None:
    line = "from keras.optimizer_v2.adam import Adam\n"
    assert [f.fix for f in findings(CODE, line, tensorflow=">=2.8")] == [None]


def test_no_fix_to_a_class_that_does_not_train_without_eager_execution() -> None:
    source = "from tensorflow.python.keras.models import Sequential\nfrom tensorflow.python.keras.optimizer_v2.adam import Adam\n"
    assert [bool(f.fix) for f in findings(CODE, source, tensorflow="2.15")] == [True, True]
    assert [bool(f.fix) for f in findings(CODE, source, tensorflow="2.15", mode="graph")] == [False, False]
