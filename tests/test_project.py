"""Findings about a project as a whole, in runs on all of its files and on some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from adamlint.config import Config, Layer, merge
from adamlint.findings import Finding, Safety
from adamlint.run import check
from adamlint.run.discovery import find
from adamlint.run.session import Options, run
from tests.checking import text

HEAD = "import tensorflow as tf\n"
LEGACY = f"{HEAD}opt = tf.keras.optimizers.legacy.Adam(learning_rate=0.1)\n"
NEW = f"{HEAD}opt = tf.keras.optimizers.Adam(learning_rate=0.1)\n"
PLAIN = Options(cache=False, jobs=1)
RULES = ("ADM111", "ADM112", "ADM902")


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text("")


def write(contents: dict[str, str]) -> None:
    for name, content in contents.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text(content))


def config(**settings: object) -> Config:
    return merge(Layer(), replace(Layer(select=RULES, tensorflow=">=2.12"), **settings))  # type: ignore[arg-type]


def found(paths: Sequence[str] = (".",), options: Options = PLAIN, **settings: object) -> list[Finding]:
    known = config(**settings)
    return run(find(paths, known).files, known, options).findings


def places(findings: Sequence[Finding]) -> list[tuple[str, str, int]]:
    return [(finding.path.removeprefix("./"), finding.code, finding.place.line) for finding in findings]


def test_two_generations_are_told_once_with_their_places() -> None:
    write({"b.py": LEGACY, "a.py": NEW, "c.py": NEW})
    (finding,) = found()
    assert places([finding]) == [("a.py", "ADM112", 2)]
    assert finding.message == "legacy and new optimizers in one project: 1 legacy (b.py:2), 2 new (a.py:2, c.py:2)"


def test_a_run_on_one_file_knows_the_others() -> None:
    write({"src/a.py": NEW, "b.py": LEGACY, "c.py": HEAD})
    everything = found()
    assert places(everything) == [("b.py", "ADM112", 2)]
    assert [(f.place, f.message) for f in found(["b.py"])] == [(f.place, f.message) for f in everything]
    assert places(found(["src/a.py"])) == [("src/a.py", "ADM112", 2)]  # the first place that was checked
    assert found(["c.py"]) == []


def test_another_project_is_another_matter() -> None:
    write({"one/pyproject.toml": "", "one/a.py": NEW, "two/pyproject.toml": "", "two/b.py": LEGACY})
    assert found() == []
    assert found(["one/a.py", "two/b.py"]) == []


@pytest.mark.parametrize("target", ["<=2.10", ">=2.16"])
def test_silent_where_only_one_line_can_run(target: str) -> None:
    write({"a.py": NEW, "b.py": LEGACY})
    assert found(tensorflow=target) == []


@pytest.mark.parametrize(
    "source",
    [
        "if tf.__version__ >= '2.11':\n    opt = tf.keras.optimizers.legacy.Adam(0.1)",
        "opt = tf.keras.optimizers.legacy.Adam(0.1) if m1 else tf.keras.optimizers.Adam(0.1)",
        "isinstance(opt, tf.keras.optimizers.legacy.Adam)",
        "class Mine(tf.keras.optimizers.legacy.Adam):\n    pass",
        "opt = tf.keras.optimizers.legacy.SGD(0.1)",
        "opt = torch.optim.legacy.Adam(0.1)",
        "opt = tf.compat.v1.keras.optimizers.Adam(0.1)",  # TF 1 code
    ],
)
def test_what_is_no_second_generation(source: str) -> None:
    write({"a.py": NEW, "b.py": f"{HEAD}{source}\n"})
    assert found() == []


def test_tests_may_use_both() -> None:
    write({"a.py": NEW, "tests/test_a.py": LEGACY, "b_test.py": LEGACY, "conftest.py": LEGACY})
    assert found() == []


def test_both_forms_of_adam_are_told_once() -> None:
    compiled = f"{HEAD}model = tf.keras.Sequential()\nmodel.compile('adam')\n"
    write({"a.py": compiled, "b.py": NEW})
    (finding,) = found()
    assert places([finding]) == [("a.py", "ADM111", 3)]
    assert finding.message == "Adam by name and by class in one project: 1 by class (b.py:2), 1 by name (a.py:3)"
    assert places(found(select=("ADM111", "ADM101"))) == [("a.py", "ADM101", 3), ("b.py", "ADM111", 2)]  # not twice in one place
    assert [code for _, code, _ in places(found(select=("ADM",)))] == ["ADM101"]  # it is implicit


def test_a_place_that_a_comment_hides_does_not_count() -> None:
    hidden = LEGACY.replace("0.1)", "0.1)  # noqa: ADM112")
    write({"a.py": NEW, "b.py": hidden})
    assert found() == []
    write({"c.py": LEGACY})
    (finding,) = found()
    assert "1 legacy (c.py:2)" in finding.message
    write({"b.py": f"{HEAD}x = 1  # noqa: ADM112\n"})
    assert ("b.py", "ADM902", 2) in places(found())


def test_files_in_which_the_rule_is_off_do_not_count() -> None:
    write({"a.py": NEW, "old/b.py": LEGACY})
    assert found(per_file_ignores=(("old/*", ("ADM112",)),), base=str(Path.cwd())) == []
    assert len(found()) == 1


def test_notebooks_take_part() -> None:
    source = '{"cells": [{"cell_type": "markdown", "source": ""}, {"cell_type": "code", "source": %s}], "nbformat": 4}'
    write({"b.py": NEW})
    Path("a.ipynb").write_text(source % '"import keras\\nkeras.optimizers.legacy.Adam(0.1)"')
    (finding,) = found()
    assert (finding.path, finding.place.cell, finding.place.line) == ("./a.ipynb", 1, 2)
    assert "1 legacy (a.ipynb:cell 2:2)" in finding.message
    Path("b.py").unlink()
    Path("b.ipynb").write_text(source % '"import keras\\nkeras.optimizers.Adam(0.1)"')
    assert found(tensorflow="2.14") == []  # two notebooks are two programs


def test_any_number_of_jobs_says_the_same() -> None:
    write({f"f{number}.py": (LEGACY, NEW)[number % 2] for number in range(9)})
    assert found(options=replace(PLAIN, jobs=2)) == found()


def test_what_a_fix_leaves_is_judged() -> None:
    write({"a.py": NEW, "b.py": LEGACY})
    fixing = replace(PLAIN, fix=True, unsafe=True)
    assert found(options=fixing, select=("ADM112", "ADM201")) == []
    assert ".legacy" not in Path("b.py").read_text()


def test_an_import_that_sets_the_variable_too_late_is_found_though_nothing_else_is_named() -> None:
    setter = 'import os\nos.environ["TF_USE_LEGACY_KERAS"] = "1"\n'
    write({"pkg/a.py": f"{HEAD}import old\n", "old.py": setter, "a.py": f"{HEAD}import numpy\n"})
    assert places(found(select=("ADM401",))) == [("pkg/a.py", "ADM401", 2)]
    assert places(found(["pkg/a.py"], select=("ADM401",))) == [("pkg/a.py", "ADM401", 2)]
    assert found(["old.py", "a.py"], select=("ADM401",)) == []


def test_a_module_that_its_package_imports_too_late_is_told_once() -> None:
    setter = 'import os\nos.environ["TF_USE_LEGACY_KERAS"] = "1"\n'
    write({"pkg/__init__.py": f"{HEAD}from . import old\n", "pkg/old.py": setter})
    assert places(found(select=("ADM401",))) == [("pkg/old.py", "ADM401", 2)]


CHOOSES = f"""
    {HEAD}
    TF_2 = bool(tf.__version__[0] == "2")
    KERAS_3 = int(tf.__version__.split(".")[1]) >= 16
    if TF_2:
        from .current import Adam
        if not KERAS_3:
            from . import older
    else:
        from .tf1 import Adam
"""
BAD = f"{HEAD}opt = tf.keras.optimizers.Adam(lr=0.1)\n"


@pytest.mark.parametrize(("name", "says"), [
    ("current", "is ignored (trains at 0.001) on 2.12-2.15, raises ValueError on 2.16+"),
    ("older", "is ignored (trains at 0.001) on every targeted release"),
    ("tf1", None),
    ("another", "is ignored (trains at 0.001) on 2.12-2.15, raises ValueError on 2.16+"),
])  # fmt: skip
def test_a_file_is_judged_by_the_releases_on_which_its_package_imports_it(name: str, says: str | None) -> None:
    write({"pkg/__init__.py": CHOOSES, f"pkg/{name}.py": BAD})
    assert [f.message.partition("`learning_rate`: ")[2] for f in found(select=("ADM301",))] == ([says] if says else [])


def test_what_its_package_keeps_from_a_release_may_reach_it_by_another_file() -> None:
    write({"pkg/__init__.py": CHOOSES, "pkg/older.py": BAD, "use.py": "import pkg.older\n"})
    (finding,) = found(select=("ADM301",))
    assert finding.fix is not None
    assert finding.fix.safety is Safety.UNSAFE


@pytest.mark.parametrize("package", [
    f"{HEAD}if tf.__version__ < '2':\n    from tensorflow.keras import tf1\n",
    "if fast:\n    from .tf1 import Adam\n",
    f"{HEAD}from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .tf1 import Adam\nelse:\n    sys.modules[__name__] = Lazy(__name__)\n",
    "try:\n    from .tf1 import Adam\nexcept ImportError:\n    pass\n",
    f"{HEAD}from .tf1 import Adam\nif tf.__version__ < '2':\n    from .tf1 import SGD\n",
    f"{HEAD}if tf.__version__ < '2':\n    from ..tf1 import Adam\n",
    f"{HEAD}if tf.__version__ < '2':\n    from .tf1_layers import Adam\n",
])  # fmt: skip
def test_another_test_and_another_file_take_no_release_away(package: str) -> None:
    write({"pkg/__init__.py": package, "pkg/tf1.py": BAD})
    assert places(found(select=("ADM301",))) == [("pkg/tf1.py", "ADM301", 2)]


# With a cache ---------------------------------------------------------------------------------------


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of files that a run parses; files are old enough to be remembered."""
    paths: list[str] = []
    original = check.Check._check

    def counted(self: check.Check, source: check.Source) -> check.Checked:
        paths.append(source.path.removeprefix("./"))
        return original(self, source)

    monkeypatch.setattr(check.Check, "_check", counted)
    monkeypatch.setattr("adamlint.run.cache._SETTLED", 0)
    return paths


CACHED = Options(jobs=1)


@pytest.mark.usefixtures("checked")
def test_a_package_that_begins_to_choose_its_file_is_heard() -> None:
    write({"pkg/__init__.py": HEAD, "pkg/tf1.py": BAD})
    assert len(found(options=CACHED, select=("ADM301",))) == 1
    write({"pkg/__init__.py": f"{HEAD}if tf.__version__ < '2':\n    from .tf1 import Adam\n"})
    assert found(options=CACHED, select=("ADM301",)) == []


def test_what_is_remembered_is_judged_too(checked: list[str]) -> None:
    write({"a.py": NEW, "b.py": LEGACY})
    first = found(options=CACHED)
    assert len(first) == 1
    checked.clear()
    assert found(options=CACHED) == first
    assert [(f.place, f.message) for f in found(["a.py"], CACHED)] == [(f.place, f.message) for f in first]
    assert checked == []


def test_other_files_are_asked_once(checked: list[str]) -> None:
    write({"a.py": NEW, "b.py": LEGACY, "c.py": HEAD})
    first = found(["a.py"], CACHED)
    assert len(first) == 1
    assert sorted(checked) == ["a.py", "b.py"]
    checked.clear()
    assert found(["a.py"], CACHED) == first
    assert checked == []
    assert found(options=CACHED) == [replace(finding, path="./a.py") for finding in first]
    assert checked == ["b.py"]  # of which no findings were known


def test_other_files_are_asked_again_for_another_rule(checked: list[str]) -> None:
    compiled = f"{HEAD}model = tf.keras.Sequential()\nmodel.compile('adam')\n"
    write({"a.py": compiled, "b.py": f"{LEGACY}opt = tf.keras.optimizers.Adam(learning_rate=0.1)\n", "c.py": NEW})
    assert places(found(["a.py"], CACHED)) == [("a.py", "ADM111", 3)]
    assert places(found(["c.py"], CACHED)) == [("c.py", "ADM111", 2), ("c.py", "ADM112", 2)]


def test_nobody_asks_around_for_a_file_that_has_nothing_to_tell(checked: list[str]) -> None:
    write({"a.py": NEW.replace("Adam", "SGD"), "b.py": LEGACY, "c.py": NEW})
    assert found(["a.py"], CACHED) == []
    assert checked == ["a.py"]


def test_other_files_are_not_asked_without_need(checked: list[str]) -> None:
    write({"a.py": NEW, "b.py": NEW})
    found(["a.py"], CACHED, select=("ADM",))
    assert checked == ["a.py"]


def test_a_finding_that_another_file_gives_lasts_until_a_file_changes(checked: list[str]) -> None:
    write({"a.py": "import keras\nfrom b import Net\nNet().compile('adam')\n", "b.py": "import keras\nclass Net(keras.Model):\n    pass\n"})
    assert len(found(options=CACHED, select=("ADM101",))) == 1
    checked.clear()
    assert len(found(options=CACHED, select=("ADM101",))) == 1
    assert checked == []
    write({"b.py": "import torch\nclass Net(torch.nn.Module):\n    pass\n"})
    assert found(options=CACHED, select=("ADM101",)) == []


def test_nothing_is_said_of_a_project_with_an_old_keras_of_its_own() -> None:
    write({"train.py": "from keras.optimizers import Adam\nopt = Adam(lr=0.1)\n"})
    assert len(run(["train.py"], config(select=("ADM301",)), PLAIN).findings) == 1
    write({"keras/__init__.py": "", "keras/optimizers.py": "class Adam:\n    def __init__(self, lr):\n        self.lr = lr\n"})
    assert run(["train.py"], config(select=("ADM301",)), PLAIN).findings == []


NET = "from tensorflow import keras\n\nclass Net(keras.Model):\n    pass\n\ndef build():\n    return keras.Sequential([keras.layers.Dense(1)])\n"
USE = "from net import Net, build\nnet = Net()\nnet.compile('adam')\nbuild().compile(optimizer='adam')\nnet.optimizer.lr = 0.1\n"


def test_a_file_that_names_no_keras_may_use_a_model_of_another_file() -> None:
    write({"net.py": NET, "train.py": USE})
    told = places(found(select=("ADM101", "ADM602")))
    assert told == [("train.py", "ADM101", 3), ("train.py", "ADM101", 4), ("train.py", "ADM602", 5)]
    write({"net.py": NET.replace("from tensorflow import keras", "from home import keras")})
    assert found(select=("ADM101", "ADM602")) == []


def test_a_package_may_bind_the_name_of_a_module_to_a_class_in_it() -> None:
    write({"nets/__init__.py": "from nets.Net import Net\n", "nets/Net.py": NET, "train.py": USE.replace("from net import Net, build", "from nets import Net")})
    assert [f.place.line for f in found(select=("ADM101",))] == [3]
    write({"nets/__init__.py": "from . import Net\n"})
    assert found(select=("ADM101",)) == []
