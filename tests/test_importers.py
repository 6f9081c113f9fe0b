"""Whether another file may take a name from one: for certain only where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from adamlint.config import Layer, merge
from adamlint.disk import Files
from adamlint.project.importers import Importers, takes
from adamlint.run.session import Options, run


@pytest.mark.parametrize(
    "source",
    [
        b"from layers import K\n",
        b"from .layers import A, K as B\n",
        b"from a.layers import *\n",
        b"from .layers import (\n    A,\n    K,\n)\n",
        b"from layers import A, \\\n    K\n",
        b"import a.layers\na.layers.K.clear()\n",
        b"import layers as L\nL.K.clear()\n",
        b"from . import layers\nlayers.K\n",
        b'  "from layers import *\\n",\n',
    ],
)
def test_a_file_that_may_take_a_name(source: bytes) -> None:
    assert takes(source, "layers", "K")


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"from layers import A\nK = 1\n",
        b"from keras import backend as K\nfrom .layers import A\n",
        b"from other_layers import K\n",
        b"import keras.layers\nK = 1\n",
        b"layers = [K]\n",
    ],
)
def test_a_file_that_does_not(source: bytes) -> None:
    assert not takes(source, "layers", "K")


def test_the_files_of_the_project_are_searched(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "layers.py").write_text("from keras import backend as K\n")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "x.py").write_text("from a.layers import *\n")
    importers = Importers(Files(), str(tmp_path / "a" / "layers.py"))
    assert not importers("K")
    (tmp_path / "train.ipynb").write_text('{"cells": [{"cell_type": "code", "source": ["from a.layers import *\\n"]}]}')
    assert Importers(Files(), str(tmp_path / "a" / "layers.py"))("K")


def test_a_package_hands_on_whatever_it_imports(tmp_path: Path) -> None:
    assert Importers(Files(), str(tmp_path / "__init__.py"))("K")


CALLBACKS = """\
import keras
from keras import backend as K


class Warm(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        K.set_value(self.model.optimizer.lr, 0.1)
"""


@pytest.mark.parametrize(("beside", "stays"), [("from callbacks import *\n", True), ("from callbacks import Warm\n", False)])
def test_a_run_keeps_the_import_that_another_file_takes(tmp_path: Path, beside: str, stays: bool) -> None:
    path = tmp_path / "callbacks.py"
    path.write_text(CALLBACKS)
    (tmp_path / "train.py").write_text(beside)
    run([str(path)], merge(Layer(), Layer()), Options(fix=True, unsafe=True, jobs=1))
    assert "optimizer.learning_rate.assign(0.1)" in path.read_text()
    assert ("backend as K" in path.read_text()) is stays
