"""ADM401 where TensorFlow is imported, or the variable set, in another file of the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from adamlint.findings import Finding
from tests.checking import among

SET = 'import os\nos.environ["TF_USE_LEGACY_KERAS"] = "1"\n'


def found(root: Path, path: str, files: dict[str, str]) -> list[Finding]:
    """Return what is found in one file of a project."""
    for name, source in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(source)
    return among(root, path, files[path], "ADM401")


@pytest.mark.parametrize(
    ("line", "files"),
    [
        ("import models", {"models.py": "import tensorflow as tf\n"}),
        ("from models import build", {"models.py": "import numpy\nfrom tensorflow import keras\n"}),
        ("from pkg import models", {"pkg/__init__.py": "", "pkg/models.py": "import keras\n"}),
        ("import pkg.models", {"pkg/__init__.py": "import tensorflow\n", "pkg/models.py": ""}),
        ("from pkg import x", {"pkg/__init__.py": "from .models import x\n", "pkg/models.py": "import tensorflow\nx = 1\n"}),
        ("import a", {"a.py": "import b\n", "b.py": "import a\nimport c\n", "c.py": "import tensorflow\n"}),
        ("from space.models import x", {"space/models.py": "import tensorflow\n"}),
        ("import inner", {"src/inner/__init__.py": "import tensorflow\n"}),
        ("import models", {"models.py": "try:\n    import tensorflow\nexcept ImportError:\n    pass\n"}),
    ],
)
def test_reports_what_comes_after_an_import_that_loads_tensorflow(tmp_path: Path, line: str, files: dict[str, str]) -> None:
    (finding,) = found(tmp_path, "train.py", {**files, "train.py": f"{line}\n{SET}"})
    assert (finding.place.line, finding.code) == (3, "ADM401")


def test_says_in_which_file_tensorflow_is_loaded(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, "train.py", {"lib/models.py": "import os\nimport tensorflow\n", "train.py": f"import lib.models\n{SET}"})
    assert finding.message.endswith("TensorFlow is imported before (lib/models.py:2)")


@pytest.mark.parametrize(
    "source",
    [
        "",
        "import numpy\n",
        "def build():\n    import tensorflow\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import tensorflow\n",
        "if new:\n    import tensorflow\n",
        'if __name__ == "__main__":\n    import tensorflow\n',
        f"{SET}import tensorflow\n",  # it was set in time
        'import os\ndef on():\n    os.environ["TF_USE_LEGACY_KERAS"] = "1"\non()\nimport tensorflow\n',
        "import tensorflow_datasets\n",
        "import (\n",
        "import keras\nKERAS_BACKEND = 'jax'\n",
    ],
)
def test_silent_after_an_import_that_does_not(tmp_path: Path, source: str) -> None:
    assert found(tmp_path, "train.py", {"models.py": source, "train.py": f"import models\n{SET}"}) == []


def test_silent_where_another_file_has_set_it_before(tmp_path: Path) -> None:
    files = {"config.py": SET, "pkg/__init__.py": "import config\n", "pkg/a.py": f"import tensorflow\n{SET}"}
    assert found(tmp_path, "pkg/a.py", files) == []
    assert found(tmp_path, "train.py", {**files, "train.py": f"import config\nimport tensorflow\n{SET}"}) == []
    assert found(tmp_path, "train.py", {**files, "train.py": f"import pkg.a\n{SET}"}) == []


def test_the_init_of_a_package_runs_before_its_modules(tmp_path: Path) -> None:
    files = {"pkg/__init__.py": "import tensorflow\n", "pkg/sub/__init__.py": "", "pkg/sub/config.py": SET}
    (finding,) = found(tmp_path, "pkg/sub/config.py", files)
    assert finding.place.line == 2
    assert finding.message.endswith("(pkg/__init__.py:1)")
    script = SET + 'if __name__ == "__main__":\n    main()\n'
    assert found(tmp_path, "pkg/sub/config.py", {**files, "pkg/sub/config.py": script}) == []
    first = "from .sub import config\nimport tensorflow\n"
    assert found(tmp_path, "pkg/sub/config.py", {**files, "pkg/__init__.py": first}) == []


def test_conftest_runs_before_the_tests(tmp_path: Path) -> None:
    files = {"tests/conftest.py": "import tensorflow\n", "tests/test_a.py": SET, "tests/helper.py": SET}
    assert [f.place.line for f in found(tmp_path, "tests/test_a.py", files)] == [2]
    assert found(tmp_path, "tests/helper.py", files) == []
    assert found(tmp_path, "tests/test_a.py", {**files, "tests/conftest.py": f"{SET}import tensorflow\n"}) == []
    assert [f.place.line for f in found(tmp_path, "tests/conftest.py", {**files, "conftest.py": "import keras\n", "tests/conftest.py": SET})] == [2]


def test_a_file_that_sets_it_is_imported_too_late(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, "train.py", {"config.py": SET, "train.py": "import tensorflow as tf\nimport config\n"})
    assert finding.place.line == 2
    assert finding.message.startswith("`TF_USE_LEGACY_KERAS` is set too late by the import of config.py:2: ")
    assert finding.message.endswith("TensorFlow is imported before (line 1)")


@pytest.mark.parametrize(
    ("config", "train"),
    [
        (SET, "import config\nimport tensorflow\n"),
        (SET, "import config\nimport tensorflow\nimport config\n"),
        (SET, f"{SET}import tensorflow\nimport config\n"),
        (SET.replace('"1"', '"0"'), "import tensorflow\nimport config\n"),
        ("import os\ndef on():\n    os.environ['TF_USE_LEGACY_KERAS'] = '1'\n", "import tensorflow\nimport config\n"),
        ("import os\nif old:\n    os.environ['TF_USE_LEGACY_KERAS'] = '1'\n", "import tensorflow\nimport config\n"),
        (f"import tensorflow\n{SET}", "import tensorflow\nimport config\n"),  # reported there
        ("import os\nprint(os.environ.get('TF_USE_LEGACY_KERAS'))\n", "import tensorflow\nimport config\n"),
    ],
)
def test_silent_where_a_file_that_sets_it_is_imported_in_time(tmp_path: Path, config: str, train: str) -> None:
    assert found(tmp_path, "train.py", {"config.py": config, "train.py": train}) == []


@pytest.mark.parametrize("line", ["from deepface import DeepFace", "import ktrain"])
def test_libraries_that_set_it_themselves(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, "train.py", {"train.py": f"{line}\nimport tensorflow\n{SET}"}) == []
    assert len(found(tmp_path, "train.py", {"train.py": f"import tensorflow\n{line}\n{SET}"})) == 1
