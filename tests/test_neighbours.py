"""Names imported from other files of the project, as rules see them: a small project on disk, and what is reported in one file of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from adamlint.disk import Files
from adamlint.engine import lint
from adamlint.project.neighbours import Neighbours
from adamlint.rules import load
from adamlint.text.source import read
from tests.checking import among, settings, text

MODEL = """
    import tensorflow as tf

    class Net(tf.keras.Model):
        pass

    def build():
        model = tf.keras.Sequential()
        return model

    def build_torch():
        import torch
        return torch.nn.Linear(1, 1)

    class Log(tf.keras.callbacks.Callback):
        pass
"""
TREE = {
    "pkg/__init__.py": "from .models import Net as Network\nfrom .backend import *\n",
    "pkg/models.py": MODEL,
    "pkg/backend.py": "from tensorflow import keras\nfrom tensorflow.keras import optimizers\n",
    "pkg/sub/__init__.py": "",
    "pkg/sub/deep.py": "from ..models import Net\nclass Deeper(Net):\n    pass\n",
    "pkg/one.py": "from pkg.two import Model\n",
    "pkg/two.py": "import keras\nfrom pkg.one import Model\n",
    "pkg/broken.py": "import keras\ndef build(:\n",
    "src/inner/__init__.py": "from keras import Sequential\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, source in TREE.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(source))
    return tmp_path


def found(project: Path, path: str, source: str) -> list[str]:
    return [finding.code for finding in among(project, path, text(source), "ADM101", "ADM102", "ADM602")]


@pytest.mark.parametrize(
    "source",
    [
        "from pkg.models import Net\nNet().compile('adam')",
        "from pkg import Network\nNetwork().compile('adam')",
        "from pkg import models\nmodels.build().compile('adam')",
        "import pkg.models as m\nm.Net().compile('adam')",
        "import pkg.models\npkg.models.Net().compile('adam')",
        "from pkg.models import build\nmodel = build()\nmodel.compile(optimizer='adam')",
        "from pkg.sub.deep import Deeper\nDeeper().compile('adam')",
        "from pkg.models import Net\nclass Mine(Net):\n    pass\nMine().compile('adam')",
        "from pkg.backend import keras\nkeras.Sequential().compile('adam')",
        "from inner import Sequential\nSequential().compile('adam')",
        "from pkg.models import *\nbuild().compile('adam')",
        "from pkg.sub.deep import *\nDeeper().compile('adam')",
    ],
)
def test_models_of_other_files_are_models(project: Path, source: str) -> None:
    assert found(project, "train.py", f"{source}\n") == ["ADM101"]


def test_relative_imports_are_followed(project: Path) -> None:
    assert found(project, "pkg/train.py", "from .models import Net\nNet().compile('adam')\n") == ["ADM101"]
    assert found(project, "pkg/sub/train.py", "from ..backend import optimizers\noptimizers.Adam()\n") == ["ADM102"]
    assert found(project, "pkg/sub/train.py", "from . import deep\ndeep.Deeper().compile('adam')\n") == ["ADM101"]


def test_a_star_import_that_may_bring_a_name_hides_no_other(project: Path) -> None:
    stars = "from tensorflow.keras.optimizers import *\nfrom pkg.models import *\n"
    assert found(project, "train.py", stars + "Adam()\n") == ["ADM102"]
    assert found(project, "train.py", stars + "build_torch = dict\nAdam(**dict(beta_1=0.9))\n") == ["ADM102"]


def test_a_callback_of_another_file_has_a_model(project: Path) -> None:
    source = "from pkg.models import Log\nclass Mine(Log):\n    def f(self):\n        print(self.model.optimizer.lr)\n"
    assert found(project, "train.py", source) == ["ADM602"]


@pytest.mark.parametrize(
    "source",
    [
        "from pkg.models import build_torch\nbuild_torch().compile('adam')",
        "from pkg.models import missing\nmissing().compile('adam')",
        "from pkg.one import Model\nModel().compile('adam')",  # two files that import from each other
        "from pkg.broken import build\nbuild().compile('adam')",
        "from elsewhere import build\nbuild().compile('adam')",
        "from pkg.models.deeper import x\nx().compile('adam')",
        "from pkg.models import *\nfrom torch import *\nbuild_torch().compile('adam')\nother().compile('adam')",
        "import pkg\npkg.compile('adam')",
    ],
)
def test_what_is_not_known_stays_silent(project: Path, source: str) -> None:
    assert found(project, "train.py", f"import keras\n{source}\n") == []


def test_a_file_does_not_find_itself(project: Path) -> None:
    assert found(project, "pkg/models.py", "from pkg.models import Net\nNet().compile('adam')\n") == []


def test_only_what_was_asked_of_the_project_counts_as_used(project: Path) -> None:
    outside = Neighbours(Files(), str(project)).seen_from(str(project / "train.py"))
    lint(read("train.py", b"import keras, numpy as np\nnp.zeros(3)\nkeras.Model()\n"), load(["ADM101"]), settings(), outside)
    assert not outside.used
    lint(read("train.py", b"import pkg.models as m\nm.build()\n"), load(["ADM101"]), settings(), outside)
    assert outside.used


def test_pipes_and_huge_files_are_passed_over(project: Path) -> None:
    os.mkfifo(project / "pipe.py")
    (project / "huge.py").write_text("import keras\nbuild = keras.Sequential\n" + f"x = {'[0] * 9 + ' * 90_000}[]\n" * 2)
    for name in ("pipe", "huge"):
        assert found(project, "train.py", f"import keras\nfrom {name} import build\nbuild().compile('adam')\n") == []


def test_a_module_of_a_namespace_package(project: Path) -> None:
    (project / "space").mkdir()
    (project / "space" / "models.py").write_text("from keras import Sequential\n")
    assert found(project, "train.py", "from space.models import Sequential\nSequential().compile('adam')\n") == ["ADM101"]
    assert found(project, "train.py", "import space.models\nspace.models.Sequential().compile('adam')\n") == ["ADM101"]


def test_many_files_are_followed_with_few_trees_kept(project: Path) -> None:
    for number in range(40):
        (project / f"m{number}.py").write_text("import keras\ndef build():\n    return keras.Sequential()\n")
    lines = "".join(f"import m{number}\nm{number}.build().compile('adam')\n" for number in range(40))
    assert found(project, "train.py", lines * 2) == ["ADM101"] * 80
