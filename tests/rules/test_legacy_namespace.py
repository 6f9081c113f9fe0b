"""ADM201: the legacy classes, which Keras 3 can import and not construct."""

from __future__ import annotations

import pytest

from adamlint.findings import Effect, Safety
from adamlint.needles import Project
from tests.checking import findings, fixed, places, silent

CODE = "ADM201"
TF = "import tensorflow as tf\n"
CALL = TF + "opt = tf.keras.optimizers.legacy.Adam(learning_rate=0.01)\n"
FROM = "from tensorflow.keras.optimizers.legacy import Adam\n"


def test_a_path_is_reported_at_the_class_and_a_from_import_once_at_the_import() -> None:
    assert places(CODE, CALL) == [(2, 7)]
    assert places(CODE, FROM + "_a = Adam(0.1)\nb = Adam(0.2)\n") == [(1, 48)]
    assert places(CODE, FROM.replace("Adam", "Adam as A, SGD") + "a = A(0.1)\nb = SGD(0.2)\n") == [(1, 48), (1, 59)]


def test_a_subclass_is_reported() -> None:
    assert places(CODE, TF + "class Mine(tf.keras.optimizers.legacy.Optimizer):\n    pass\n") == [(2, 12)]


def test_a_class_handed_to_a_function_that_subclasses_it_is_reported_where_it_is_handed_over() -> None:
    source = TF + "def make(cls):\n    class New(cls):\n        pass\n    return New\nDP = make(tf.keras.optimizers.legacy.SGD)\n"
    assert places(CODE, source) == [(6, 11)]


def test_message_and_effect_name_the_releases() -> None:
    (finding,) = findings(CODE, CALL)
    assert finding.effect is Effect.BREAKS
    assert finding.message == "`optimizers.legacy.Adam` does not work: raises ImportError on 2.16+"
    (finding,) = findings(CODE, CALL, tensorflow="2.8")
    assert finding.message == "`optimizers.legacy.Adam` does not work: raises AttributeError on every targeted release"


def test_a_class_without_a_stub_fails_at_the_import() -> None:
    (finding,) = findings(CODE, "from tensorflow.keras.optimizers.legacy import Nadam\n")
    assert finding.message.endswith("raises ImportError on 2.16+")
    tried = "try:\n    from tensorflow.keras.optimizers.legacy import {0}\n"
    guarded = tried + "except ImportError:\n    from tensorflow.keras.optimizers import {0}\n"
    assert silent(CODE, guarded.format("Nadam") + "a = Nadam(0.1)\n")
    assert places(CODE, guarded.format("Adam") + "_a = Adam(0.1)\n") == [(2, 52)]


@pytest.mark.parametrize("source", [
    FROM,
    TF + "cls = tf.keras.optimizers.legacy.Adam\n",
    TF + "isinstance(opt, tf.keras.optimizers.legacy.Optimizer)\n",
    TF + "if tf.__version__ < '2.16':\n    opt = tf.keras.optimizers.legacy.Adam()\n",
    (
        TF + "if tf.__version__ < '2.16':\n    kinds = {'a': tf.keras.optimizers.legacy.Adam}\nelse:\n    kinds = {'a': tf.keras.optimizers.Adam}\n"
        "opt = kinds['a'](0.1)\nother = kinds[name](0.1)\n"
    ),
    TF + "from packaging.version import Version as V\nif V(tf.__version__).release < V('2.16').release:\n    " + CALL[24:],
    TF + "try:\n    opt = tf.keras.optimizers.legacy.Adam()\nexcept ImportError:\n    opt = tf.keras.optimizers.Adam()\n",
    TF + "from mine import older_than\nif older_than(tf.__version__, '2.16'):\n    opt = tf.keras.optimizers.legacy.Adam()\n",
    TF + "from mine import IS_KERAS_3\nif not IS_KERAS_3:\n    opt = tf.keras.optimizers.legacy.Adam()\n",
    "import torch\nopt = torch.optimizers.legacy.Adam()\n",
    "from mine.optimizers.legacy import Adam\nopt = Adam()\n",
    FROM + "from torch.optim import Adam\nopt = Adam()\n",
    "import tf_keras\nopt = tf_keras.optimizers.legacy.Adam()\n",
    TF + "opt = tf.keras.optimizers.legacy.AdamW()\n",
])  # fmt: skip
def test_silent(source: str) -> None:
    assert silent(CODE, source)


def test_a_class_in_one_of_two_dicts_is_reported_where_that_is_written() -> None:
    start = TF + "if new:\n    kinds = {'a': tf.keras.optimizers.legacy.Adam}\nelse:\n    kinds = {'a': tf.keras.optimizers.Adam}\n"
    assert [line for line, _ in places(CODE, start + "opt = kinds['a'](0.1)\n")] == [3]


def test_a_class_in_a_dict_is_reported_and_mended_where_it_is_written() -> None:
    table = TF + "TABLE = {\n    'a': tf.keras.optimizers.legacy.Adam,\n    's': tf.keras.optimizers.legacy.SGD,\n    'f': tf.keras.optimizers.Ftrl,\n}\n"
    assert places(CODE, table + "one = TABLE['a'](0.1)\ntwo = TABLE['a'](0.2)\n") == [(3, 10)]
    assert places(CODE, table + "any = TABLE[name](0.1)\n") == [(3, 10), (4, 10)]
    assert silent(CODE, table + "other = TABLE['f'](0.1)\n")
    (finding,) = findings(CODE, table + "one = TABLE['a'](0.1)\n", tensorflow=">=2.12")
    assert finding.fix is not None
    assert finding.fix.safety is Safety.UNSAFE  # nobody sees all that is done with the dict


def test_a_class_of_an_import_in_a_dict_is_reported_at_the_import() -> None:
    assert places(CODE, FROM + "TABLE = {'adam': Adam}\nopt = TABLE['adam'](0.1)\n") == [(1, 48)]


def test_where_only_keras_2_is_targeted_it_is_a_matter_of_form() -> None:
    assert [f.effect for f in findings(CODE, CALL, tensorflow=">=2.9,<2.16")] == [Effect.IMPLICIT]
    assert silent(CODE, CALL.replace("Adam", "SGD"), tensorflow=">=2.9,<2.16")


@pytest.mark.parametrize("guard", [
    "if hasattr(tf.keras.optimizers, 'legacy'):\n    opt = {0}\n",
    "from packaging.version import Version as V\nif V(tf.__version__) >= V('2.9'):\n    opt = {0}\nelse:\n    opt = tf.keras.optimizers.Adam()\n",
])  # fmt: skip
def test_what_does_not_keep_keras_3_out_is_no_guard(guard: str) -> None:
    assert len(findings(CODE, TF + guard.format("tf.keras.optimizers.legacy.Adam()"))) == 1


def test_the_fix_drops_the_part() -> None:
    call = CALL + "tf.keras.Sequential().compile(opt)\n"
    assert findings(CODE, call)[0].fix.safety is Safety.SAFE  # type: ignore[union-attr]
    assert fixed(CODE, call) == call.replace(".legacy", "")
    assert fixed(CODE, FROM + "_a = Adam(0.1)\n") == FROM.replace(".legacy", "") + "_a = Adam(0.1)\n"


def test_the_fix_moves_all_names_of_an_import() -> None:
    source = "from tensorflow.keras.optimizers.legacy import Adam, SGD\n_a = Adam(0.1)\n_b = SGD(0.1)\n"
    assert fixed(CODE, source) == source.replace(".legacy", "")


@pytest.mark.parametrize("arguments", [
    "lr=0.1", "decay=1e-6", "0.1, epsilon=None", "**options", "0.1, 0.9, 0.99, 1e-8",
])  # fmt: skip
def test_the_fix_is_unsafe_where_an_argument_means_another_thing(arguments: str) -> None:
    source = TF + f"_opt = tf.keras.optimizers.legacy.Adam({arguments})\n"
    assert fixed(CODE, source) == source
    assert fixed(CODE, source, unsafe=True) == source.replace(".legacy", "")


@pytest.mark.parametrize("rate", ["lambda: next(rates)", "rate", "tf.Variable(0.1)", "lr=lambda: next(rates)"])
def test_no_fix_where_the_new_class_freezes_the_rate(rate: str) -> None:
    source = f"{TF}def rate():\n    return next(rates)\n_opt = tf.keras.optimizers.legacy.Adam({rate})\n"
    assert len(findings(CODE, source)) == 1
    assert fixed(CODE, source, unsafe=True) == source
    frozen_nowhere = fixed(CODE, source, unsafe=True, tensorflow=">=2.16") == source.replace(".legacy", "")
    assert frozen_nowhere is ("Variable" not in rate)  # which Keras 3 does not take


def test_no_fix_where_a_target_has_no_such_argument() -> None:
    source = f"{TF}_opt = tf.keras.optimizers.legacy.Adam(0.1, gradient_transformers=[clip])\n"
    assert len(findings(CODE, source)) == 1
    assert fixed(CODE, source, unsafe=True) == source


def test_a_decay_goes_along_only_where_it_can_become_a_schedule() -> None:
    source = f"{TF}_opt = tf.keras.optimizers.legacy.Adam(0.1, decay=0.01)\n"
    assert fixed(CODE, source, unsafe=True) == source.replace(".legacy", "")
    assert fixed(CODE, source, unsafe=True, project=Project(sets_rate=True)) == source


def test_the_fix_of_an_import_is_as_safe_as_its_worst_use() -> None:
    source = FROM + "_a = Adam(0.1)\n_b = Adam(lr=0.1)\n"
    assert [f.fix.safety for f in findings(CODE, source) if f.fix] == [Safety.UNSAFE]
    subclass = FROM + "class Mine(Adam):\n    pass\n"
    assert [f.fix.safety for f in findings(CODE, subclass) if f.fix] == [Safety.UNSAFE]


def test_the_fix_is_unsafe_beside_checkpoints_and_estimators() -> None:
    assert fixed(CODE, CALL, project=Project(restores=True)) == CALL
    estimator = CALL + "tf.estimator.DNNClassifier(optimizer=opt)\n"
    assert fixed(CODE, estimator) == estimator


@pytest.mark.parametrize("name", ["Nadam", "RMSprop"])
def test_the_fix_is_unsafe_where_the_generations_train_differently(name: str) -> None:
    (found,) = findings(CODE, f"{TF}_opt = tf.keras.optimizers.legacy.{name}(0.1)\n", tensorflow=">=2.15")
    assert found.fix is not None
    assert (found.fix.safety, "train differently" in found.fix.title) == (Safety.UNSAFE, True)


@pytest.mark.parametrize(("name", "safety"), [
    ("Adam", Safety.SAFE), ("Adagrad", Safety.SAFE), ("SGD", Safety.UNSAFE), ("Adadelta", Safety.UNSAFE), ("Adamax", Safety.UNSAFE),
    ("Ftrl", Safety.UNSAFE),
])  # fmt: skip
def test_some_generations_train_differently_with_sparse_gradients_alone(name: str, safety: Safety) -> None:
    source = f"{TF}_opt = tf.keras.optimizers.legacy.{name}(0.1)\n"
    assert [f.fix.safety for f in findings(CODE, source) if f.fix] == [Safety.SAFE]
    assert [f.fix.safety for f in findings(CODE, source, project=Project(sparse=True)) if f.fix] == [safety]
    assert [f.fix.safety for f in findings(CODE, source, tensorflow=">=2.16", project=Project(sparse=True)) if f.fix] == [Safety.SAFE]


@pytest.mark.parametrize("call", [
    "Adam(0.5)", "Adam(learning_rate=0.5)", "Adam(0.1, beta_2=0.99999)", "Adam(0.1, epsilon=0)", "Adagrad(0.1, epsilon=1e-3)",
    "Adagrad(0.1, initial_accumulator_value=1e-6)",
])  # fmt: skip
def test_numbers_take_the_generations_apart(call: str) -> None:
    source = f"{TF}_opt = tf.keras.optimizers.legacy.{call}\n"
    assert [f.fix.safety for f in findings(CODE, source) if f.fix] == [Safety.UNSAFE]


@pytest.mark.parametrize("call", [
    "Adam(rate)", "Adam(0.1, beta_2=0.98, epsilon=1e-9)", "SGD(1.0)", "Adagrad(0.5, epsilon=1e-7, initial_accumulator_value=0.1)",
])  # fmt: skip
def test_ordinary_numbers_do_not(call: str) -> None:
    source = f"{TF}_opt = tf.keras.optimizers.legacy.{call}\n"
    assert [f.fix.safety for f in findings(CODE, source) if f.fix] == [Safety.SAFE]


def test_no_fix_where_nothing_can_take_the_place() -> None:
    assert findings(CODE, TF + "class Mine(tf.keras.optimizers.legacy.Optimizer):\n    pass\n")[0].fix is None


@pytest.mark.parametrize(("start", "imports"), [
    ("from tensorflow.keras.optimizers import legacy as L\n_opt = L.Adam(0.1)\n", "from tensorflow.keras.optimizers import Adam, legacy as L\n"),
    ("from tensorflow.keras.optimizers import legacy\n_opt = legacy.Adam(0.1)\n", "from tensorflow.keras.optimizers import Adam, legacy\n"),
    (
        "import tensorflow.keras.optimizers.legacy as L\n_opt = L.Adam(0.1)\n",
        "import tensorflow.keras.optimizers.legacy as L\nfrom tensorflow.keras.optimizers import Adam\n",
    ),
])  # fmt: skip
def test_the_fix_writes_the_class_where_a_name_of_the_module_hides_the_part(start: str, imports: str) -> None:
    first = start.splitlines(keepends=True)[0]
    assert fixed(CODE, start) == f"{imports}_opt = Adam(0.1)\n"
    reached = f"import tensorflow as tf\n{start}"
    assert fixed(CODE, reached) == f"import tensorflow as tf\n{first}_opt = tf.keras.optimizers.Adam(0.1)\n"


def test_a_program_that_switches_to_tf_keras_in_time_has_the_legacy_classes() -> None:
    switched = "import os\nos.environ['TF_USE_LEGACY_KERAS'] = '1'\nimport tensorflow as tf\n"
    assert silent(CODE, f"{switched}opt = tf.keras.optimizers.legacy.Adam(0.1)\n")
    late = "import tensorflow as tf\nimport os\nos.environ['TF_USE_LEGACY_KERAS'] = '1'\n"
    assert not silent(CODE, f"{late}opt = tf.keras.optimizers.legacy.Adam(0.1)\n")
    perhaps = "import os\nif x:\n    os.environ['TF_USE_LEGACY_KERAS'] = '1'\nimport tensorflow as tf\n"
    assert not silent(CODE, f"{perhaps}opt = tf.keras.optimizers.legacy.Adam(0.1)\n")


@pytest.mark.parametrize("use", ["build(Adam)\n", "table = {'adam': Adam}\n", "kind = Adam\n"])
def test_the_fix_is_unsafe_where_the_imported_class_is_handed_on(use: str) -> None:
    source = f"{FROM}opt = Adam(0.1)\n{use}"
    assert fixed(CODE, source) == source
    assert fixed(CODE, source, unsafe=True) == source.replace(".legacy", "")
