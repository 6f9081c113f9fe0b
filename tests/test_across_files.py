"""Rules about a model and its optimizer where another file of the project makes one of them, or both."""

from __future__ import annotations

from pathlib import Path

import pytest

from adamlint.disk import Files
from adamlint.engine import lint
from adamlint.findings import Finding
from adamlint.neighbours import Neighbours
from adamlint.rules import load
from adamlint.source import read
from tests.checking import settings, text

MODELS = """
    import tensorflow as tf

    def build(units=9):
        return tf.keras.Sequential([tf.keras.layers.Dense(units, kernel_regularizer=tf.keras.regularizers.l2(1e-4))])

    def plain():
        model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
        return model

    def legacy():
        import tf_keras
        return tf_keras.Sequential()

    shared = tf.keras.Sequential([tf.keras.layers.Dense(1)])

    def same():
        return shared
"""
LOADERS = """
    import tensorflow as tf

    def load(path):
        model = tf.keras.models.load_model(path)
        return model

    def bare(path):
        return tf.keras.models.load_model(path, compile=False)
"""
OPTIMIZERS = """
    import tensorflow as tf

    opt = tf.keras.optimizers.Adam(learning_rate=0.01)
    decaying = tf.keras.optimizers.AdamW(learning_rate=0.01, weight_decay=0.1)
    not_decaying = tf.keras.optimizers.AdamW(learning_rate=0.01, weight_decay=0)

    def make(rate):
        return tf.keras.optimizers.AdamW(rate, weight_decay=0.1)

    def by_default(rate):
        return tf.keras.optimizers.AdamW(rate)

    def either(rate):
        return tf.keras.optimizers.Adam(rate) if rate else load(rate)

    def named():
        return "adam"
"""


@pytest.fixture(autouse=True)
def _project(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(text(MODELS))
    (tmp_path / "loaders.py").write_text(text(LOADERS))
    (tmp_path / "opts.py").write_text(text(OPTIMIZERS))


def found(root: Path, code: str, *lines: str) -> list[Finding]:
    """Return what is found in a program that imports from both files."""
    source = "\n".join(("import models, opts", "import tensorflow as tf", *lines, ""))
    outside = Neighbours(Files(), str(root)).seen_from(str(root / "train.py"))
    return list(lint(read("train.py", source.encode()), load([code]), settings(), outside).findings)


def test_a_weight_decay_here_and_a_penalty_elsewhere(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, "ADM501", "model = models.build()", "model.compile(tf.keras.optimizers.AdamW(0.1, weight_decay=0.1))")
    assert finding.message == "`weight_decay` besides L2 shrinks the weights twice, and biases too; the model has a regularizer (models.py:4)"
    assert (finding.place.line, finding.place.column) == (4, 46)


def test_a_weight_decay_elsewhere_is_told_where_it_is_used(tmp_path: Path) -> None:
    for given in ("opts.make(0.1)", "opts.decaying"):
        (finding,) = found(tmp_path, "ADM501", "model = models.build()", f"model.compile({given})")
        line = 8 if given.startswith("opts.make") else 4
        assert finding.message.startswith(f"`weight_decay` (opts.py:{line}) besides L2")
        assert (finding.place.line, finding.place.column) == (4, 15)


@pytest.mark.parametrize(
    "line",
    [
        "models.plain().compile(opts.make(0.1))",
        "models.build().compile(opts.not_decaying)",
        "models.build().compile(opts.opt)",
        "models.build().compile(opts.either(0.1))",
        "models.build().compile(opts.named())",
        "models.build().compile(unknown.make(0.1))",
        "unknown.build().compile(opts.make(0.1))",
    ],
)
def test_no_weight_decay_or_no_penalty(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, "ADM501", line) == []
    assert found(tmp_path, "ADM502", line) == []


def test_adamw_that_decays_by_default(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, "ADM502", "models.build().compile(opts.by_default(0.1))")
    assert finding.message == "`AdamW` (opts.py:11) decays by its default, besides the L2 of the model (models.py:4)"
    (finding,) = found(tmp_path, "ADM502", "models.build().compile(tf.keras.optimizers.AdamW(0.1))")
    assert finding.message.endswith("besides the L2 of the model (models.py:4)")
    assert found(tmp_path, "ADM502", "models.plain().compile(opts.by_default(0.1))") == []


def trained(*models: str, optimizer: str = "opt") -> list[str]:
    made = [f"m{number} = {model}" for number, model in enumerate(models)]
    return [*made, *(line for number in range(len(models)) for line in (f"m{number}.compile({optimizer})", f"m{number}.fit(x, y)"))]


def test_one_instance_of_another_file_trains_two_models(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, "ADM606", "from opts import opt", *trained("models.plain()", "models.build()"))
    assert (finding.place.line, finding.place.column) == (8, 12)


@pytest.mark.parametrize(
    "lines",
    [
        ("from opts import make", *trained("models.plain()", "models.build()", optimizer="make(0.1)")),
        ("from opts import opt", *trained("models.same()", "models.same()")),
        ("from opts import opt", *trained("models.plain()", "load()")),
        ("from unknown import opt", *trained("models.plain()", "models.build()")),
        ("from opts import make", "opt = make(0.1)", *trained("models.plain()")),
    ],
)
def test_each_model_has_its_own_or_it_is_not_known(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert found(tmp_path, "ADM606", *lines) == []


def test_packages_that_meet_from_two_files(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, "ADM113", "models.legacy().compile(opts.opt)")
    assert finding.message.startswith("`Adam` of tf.keras is given to a model of tf_keras: raises ValueError")
    assert found(tmp_path, "ADM113", "models.plain().compile(opts.opt)") == []


def test_members_of_an_optimizer_of_another_file(tmp_path: Path) -> None:
    assert [f.place.line for f in found(tmp_path, "ADM602", "print(opts.opt.lr)")] == [3]
    assert [f.place.line for f in found(tmp_path, "ADM602", "print(opts.make(0.1).lr)")] == [3]
    assert found(tmp_path, "ADM102", "opts.make(0.1)") == []
    assert found(tmp_path, "ADM301", "opts.make(lr=0.1)") == []


def test_a_model_that_another_file_loads_trains_on(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, "ADM701", "import loaders", "model = loaders.load('a')", "model.fit(x, y)", "model.fit(x, y)")
    assert (finding.place.line, finding.place.column) == (4, 9)
    assert finding.message.endswith("(loaders.py:4)")


@pytest.mark.parametrize(
    "lines",
    [
        ("model = loaders.load('a')", "model.predict(x)"),
        ("model = loaders.load('a')", "model.compile('sgd')", "model.fit(x, y)"),
        ("model = loaders.bare('a')", "model.fit(x, y)"),
        ("model = models.plain()", "model.fit(x, y)"),
        ("model = loaders.unknown('a')", "model.fit(x, y)"),
    ],
)
def test_a_model_that_is_compiled_again_or_not_trained(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert found(tmp_path, "ADM701", "import loaders", *lines) == []


# Constants ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        (("from config import OPTIMIZER", "tf.keras.Sequential().compile(OPTIMIZER)"), (4, 31)),
        (("from config import OPTIMIZER as o", "given = o", "tf.keras.Sequential().compile(optimizer=given)"), (4, 9)),
        (("import config", "tf.keras.Sequential().compile(config.OPTIMIZER)"), (4, 31)),
        (("from config import *", "import config as c", "tf.keras.Sequential().compile(c.OPTIMIZER)"), (5, 31)),
    ],
)
def test_a_name_in_a_constant_of_another_file(tmp_path: Path, lines: tuple[str, ...], place: tuple[int, int]) -> None:
    (tmp_path / "config.py").write_text('OPTIMIZER = "adam"\nRATE = 0.1\n')
    (finding,) = found(tmp_path, "ADM101", *lines)
    assert (finding.place.line, finding.place.column) == place
    assert finding.fix is None  # it is written in the other file


@pytest.mark.parametrize("source", ["", "OPTIMIZER = 'sgd'\n", "OPTIMIZER = ask()\n", "OPTIMIZER = None\n"])
def test_another_constant_or_none(tmp_path: Path, source: str) -> None:
    (tmp_path / "config.py").write_text(source)
    assert found(tmp_path, "ADM101", "from config import OPTIMIZER", "tf.keras.Sequential().compile(OPTIMIZER)") == []


def test_the_variable_set_to_a_constant_of_another_file(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text('ON = "yes"\n')
    lines = ("import os", "from config import ON", 'os.environ["TF_USE_LEGACY_KERAS"] = ON')
    assert [f.place.line for f in found(tmp_path, "ADM402", *lines)] == [5]


def test_a_wrapper_that_is_known_is_not_asked_of_its_source(tmp_path: Path) -> None:
    package = tmp_path / "tensorflow_model_optimization"
    package.mkdir()
    (package / "__init__.py").write_text("def strip_pruning(model):\n    return Walk(model).clone(keep=False)\n")
    use = "from tensorflow_model_optimization import strip_pruning"
    (finding,) = found(tmp_path, "ADM101", use, "model = strip_pruning(models.plain())", "model.compile('adam')")
    assert (finding.place.line, finding.place.column) == (5, 15)
    assert found(tmp_path, "ADM101", use, "model = strip_pruning(unknown())", "model.compile('adam')") == []


def test_a_project_that_brings_a_keras_of_before_tensorflow_2_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "keras").mkdir()
    (tmp_path / "keras" / "__init__.py").write_text("")
    view = Neighbours(Files(), str(tmp_path)).seen_from(str(tmp_path / "train.py"))
    assert not view.brings_old_keras
    (tmp_path / "keras" / "optimizers.py").write_text("class Adam:\n    pass\n")  # since Keras 2.5 a package
    view = Neighbours(Files(), str(tmp_path)).seen_from(str(tmp_path / "train.py"))
    assert view.brings_old_keras
