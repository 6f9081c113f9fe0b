"""Names of optimizers that a call hands to a function, method or constructor of another file of the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from adamlint.disk import Files
from adamlint.engine import lint
from adamlint.findings import Finding
from adamlint.project.neighbours import Neighbours
from adamlint.rules import load
from adamlint.text.source import read
from tests.checking import among, settings, text

MODELS = """
    import functools

    import tensorflow as tf
    import torch
    from tensorflow.keras.optimizers import Adam

    from helpers import prepared

    def build(units, optimizer="sgd", *, name="adam"):
        model = tf.keras.Sequential([tf.keras.layers.Dense(units)], name=name)
        model.compile(optimizer=optimizer, loss="mse")
        return model

    def lowered(optimizer):
        chosen = optimizer.lower()
        return build(3, chosen)

    def resolved(optimizer):
        return tf.keras.optimizers.get(optimizer)

    def train(model, optimizer):
        model.compile(optimizer, "mse")

    def sorted_out(optimizer):
        if optimizer == "adam":
            optimizer = Adam(0.1)
        model = tf.keras.Sequential()
        model.compile(optimizer)

    def chosen(optimizer):
        model = tf.keras.Sequential()
        model.compile({"adam": Adam(0.1)}[optimizer])

    def replaced(optimizer):
        optimizer = Adam(0.1)
        model = tf.keras.Sequential()
        model.compile(optimizer)

    def with_torch(optimizer):
        net = torch.compile(torch.nn.Linear(1, 1))
        net.compile(optimizer)

    def unknown(optimizer):
        model = unheard_of()
        model.compile(optimizer)

    def guarded(optimizer):
        model = tf.keras.Sequential()
        if tf.__version__ < "2.11":
            model.compile(optimizer)

    def tried(optimizer):
        model = tf.keras.Sequential()
        try:
            model.compile(optimizer)
        except ValueError:
            model.compile("sgd")

    @functools.lru_cache
    def decorated(optimizer):
        model = tf.keras.Sequential()
        model.compile(optimizer)

    def again(optimizer, times):
        return again(optimizer, times - 1) if times else None

    def twice(optimizer):
        model = tf.keras.Sequential()
        model.compile(optimizer)

    def twice(optimizer):
        pass

    def round_and_round(optimizer):
        import helpers
        return helpers.round_and_round(optimizer)

    class Trainer:
        def __init__(self, units, optimizer):
            self.units = units
            self.optimizer = optimizer

        def run(self):
            model = tf.keras.Sequential([tf.keras.layers.Dense(self.units)])
            model.compile(optimizer=self.optimizer, loss="mse")

        def compiled(self, optimizer):
            model = tf.keras.Sequential()
            model.compile(optimizer)
            return model

        def kept(self, optimizer):
            self.name = optimizer

        @staticmethod
        def plain(optimizer):
            model = tf.keras.Sequential()
            model.compile(optimizer)

    class Own:
        def __init__(self, optimizer):
            self.optimizer = Adam(0.1) if optimizer == "adam" else optimizer

        def run(self):
            model = tf.keras.Sequential()
            model.compile(optimizer=self.optimizer)

    class Heir(Trainer):
        pass
"""
HELPERS = """
    from tensorflow import keras
    import models

    def prepared():
        return models.build(1, "adam")

    def handing(optimizer):
        return models.build(1, optimizer)

    def choosing(optimizer):
        optimizer = {"adam": "sgd"}[optimizer]
        return models.build(1, optimizer)

    def round_and_round(optimizer):
        return models.round_and_round(optimizer)
"""


@pytest.fixture(autouse=True)
def _project(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(text(MODELS))
    (tmp_path / "helpers.py").write_text(text(HELPERS))
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").write_text("from models import build as make\n")


def found(root: Path, *lines: str, code: str = "ADM101") -> list[Finding]:
    """Return what is found in a program that imports from the files of the project."""
    source = "\n".join(("import models", "import tensorflow as tf", "from models import *", *lines, ""))
    return among(root, "train.py", source, code)


@pytest.mark.parametrize(
    ("line", "column", "place"),
    [
        ('models.build(32, optimizer="adam")', 28, 11),
        ('build(32, "adam")', 11, 11),
        ('models.lowered("Adam")', 16, 11),
        ('resolved("adam")', 10, 19),
        ('train(tf.keras.Sequential(), "adam")', 30, 22),
        ('Trainer(1, "adam").run()', 12, 85),
        ('Trainer(1, optimizer="adam")', 22, 85),
        ('Trainer(1, "sgd").compiled("adam")', 28, 89),
        ('Trainer(1, "sgd").plain("adam")', 25, 98),
        ('Own("nadam")', 5, 106),
        ('build(**{"units": 1, "optimizer": "adam"})', 35, 11),
    ],
)
def test_the_name_is_told_with_the_place_that_gives_it_to_keras(tmp_path: Path, line: str, column: int, place: int) -> None:
    (finding,) = found(tmp_path, line)
    assert (finding.place.line, finding.place.column) == (4, column)
    assert f" (used in models.py:{place}): " in finding.message
    assert finding.fix is None


def test_a_name_is_told_where_it_is_written(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, 'NAME = "adam"', "build(1, NAME)")
    assert (finding.place.line, finding.place.column) == (4, 8)


def test_another_name_of_the_function_leads_to_it(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, "from pkg import make", 'make(1, "adam")')
    assert "models.py:11" in finding.message


def test_a_name_is_followed_through_several_files(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, "import helpers", 'helpers.handing("adam")')
    assert "models.py:11" in finding.message
    assert found(tmp_path, "import helpers", 'helpers.choosing("adam")') == []


@pytest.mark.parametrize(
    "line",
    [
        'build(32, optimizer="sgd")',
        "build(32, optimizer=tf.keras.optimizers.Adam(0.1))",
        'build(32, name="adam")',
        'build("adam")',
        'build(*args, "adam")',
        'sorted_out("adam")',
        'chosen("adam")',
        'replaced("adam")',
        'with_torch("adam")',
        'unknown("adam")',
        'guarded("adam")',
        'tried("adam")',
        'decorated("adam")',
        'again("adam", 3)',
        'twice("adam")',
        'round_and_round("adam")',
        'train(load_from_somewhere(), "adam")',
        'train(torch.nn.Linear(1, 1), "adam")',
        'Trainer("adam", tf.keras.optimizers.Adam(0.1))',
        'Trainer(1, "sgd").kept("adam")',
        'Trainer.compiled(Trainer(1, "sgd"), "adam")',
        'Own("adam")',
        'Heir(1, "adam")',
        'unknown_module.build(32, "adam")',
        "def build(units, optimizer): pass\nbuild(32, 'adam')",
    ],
)
def test_what_does_not_reach_a_keras_is_silent(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, line) == []


def test_adamw_by_name(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, 'build(32, "adamw")', code="ADM105")
    assert finding.message.startswith('"adamw" is not known by name (used in models.py:11): raises ValueError')
    assert found(tmp_path, 'sorted_out("sgd")', code="ADM105") == []


def test_a_file_that_imports_the_one_that_it_is_imported_by(tmp_path: Path) -> None:
    (finding,) = among(tmp_path, "helpers.py", text(HELPERS), "ADM101")
    assert (finding.place.line, finding.place.column) == (5, 28)


def test_a_large_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(text(MODELS) + "# long\n" * 40_000)
    assert found(tmp_path, 'models.build(32, "adam")') == []


@pytest.mark.parametrize("order", [("one.py", "two.py"), ("two.py", "one.py")])
def test_files_that_call_each_other_are_told_alike_whichever_is_asked_first(tmp_path: Path, order: tuple[str, str]) -> None:
    compiled = "import tensorflow as tf\nimport b\ndef f(optimizer, again=False):\n    m = tf.keras.Sequential()\n    m.compile(optimizer)\n"
    (tmp_path / "a.py").write_text(compiled + "    if again:\n        b.g(optimizer)\n    return m\n")
    (tmp_path / "b.py").write_text("import tensorflow as tf\nimport a\ndef g(optimizer):\n    return a.f(optimizer)\n")
    sources = {"one.py": 'import tensorflow as tf\nimport a\na.f("adam")\n', "two.py": 'import tensorflow as tf\nimport b\nb.g("adam")\n'}
    project = Neighbours(Files(), str(tmp_path))
    for name in order:
        program = read(name, sources[name].encode())
        assert len(lint(program, load(["ADM101"]), settings(), project.seen_from(str(tmp_path / name))).findings) == 1
