"""Notebooks from end to end: what the command finds, shows and changes in them."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner, Result

from adamlint.atlas import releases
from adamlint.cli import main

STORIES = sorted((Path(__file__).parent.parent / "fixtures" / "notebooks").iterdir())
KERAS = "import tensorflow as tf"
MODEL = "model = tf.keras.Sequential([tf.keras.layers.Dense(1)])"
COMPILE = "model.compile('adam', 'mse')"
LR = "opt = tf.keras.optimizers.Adam(lr=0.1)"
LEGACY = "opt = tf.keras.optimizers.legacy.Adam(learning_rate=0.1)"  # an error from 2.16 on


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def code(source: str, **more: Any) -> dict[str, Any]:
    lines = source.splitlines(keepends=True)
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": lines, **more}


def text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": [source]}


def notebook(*cells: dict[str, Any] | str, **metadata: Any) -> bytes:
    listed = [code(cell) if isinstance(cell, str) else cell for cell in cells]
    document = {"cells": listed, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(document, indent=1, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def write(name: str, data: bytes) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def adamlint(*arguments: str, stdin: bytes | None = None) -> Result:
    result = CliRunner().invoke(main, arguments, input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "internal error" not in result.stderr
    return result


def found(*cells: dict[str, Any] | str, **metadata: Any) -> list[str]:
    """Where findings are in a notebook, and their codes."""
    write("a.ipynb", notebook(*cells, **metadata))
    return [" ".join(line.split(" ")[:3]) for line in adamlint("a.ipynb").stdout.splitlines()]


def fixed(*cells: dict[str, Any] | str, unsafe: bool = False) -> list[str]:
    """The sources of a notebook after fixing."""
    path = write("a.ipynb", notebook(*cells))
    adamlint("--fix", *(["--unsafe-fixes"] if unsafe else []), "a.ipynb")
    return ["".join(cell["source"]) for cell in json.loads(path.read_bytes())["cells"]]


# Found --------------------------------------------------------------------------------------------


def test_notebooks_are_found_in_folders_and_by_name() -> None:
    write("deep/er/a.ipynb", notebook(KERAS, LR))
    write("deep/.ipynb_checkpoints/a.ipynb", notebook(KERAS, LR))
    in_folder, by_name = adamlint("deep"), adamlint("deep/er/a.ipynb")
    assert in_folder.stdout == by_name.stdout
    assert in_folder.stdout.startswith("deep/er/a.ipynb:cell 2:1:32: ADM301 ")
    assert len(in_folder.stdout.splitlines()) == 1


def test_a_notebook_on_stdin_is_one_by_its_name() -> None:
    data = notebook(KERAS, LR)
    result = adamlint("-", "--stdin-filename", "x y.ipynb", stdin=data)
    assert result.stdout.startswith("x y.ipynb:cell 2:1:32: ADM301 ")
    assert adamlint("-", "--stdin-filename", "x.ipynb", "--fix", stdin=data).stdout_bytes == data.replace(b"(lr", b"(learning_rate")
    assert adamlint("-", "--stdin-filename", "x.ipynb", "--diff", stdin=data).stdout.startswith("--- a/x.ipynb:cell 2\t\n")


def test_nbformat_3_is_checked_and_fixed() -> None:
    sheet = {"cells": [{"cell_type": "code", "language": "python", "input": [KERAS + "\n", LR], "outputs": []}]}
    data = json.dumps({"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [sheet]}).encode()
    path = write("a.ipynb", data)
    assert adamlint().stdout.startswith("./a.ipynb:cell 1:2:32: ADM301 ")
    adamlint("--fix")
    assert path.read_bytes() == data.replace(b"(lr", b"(learning_rate")


@pytest.mark.parametrize("metadata", [{"kernelspec": {"language": "R", "name": "ir"}}, {"language_info": {"name": "julia"}}])
def test_kernels_of_other_languages_are_left_alone(metadata: dict[str, Any]) -> None:
    assert found(KERAS, LR, "print 1 # Adam", **metadata) == []


def test_a_cell_of_another_language_is_left_alone() -> None:
    other = code(LR, metadata={"vscode": {"languageId": "julia"}})
    python = code(LR, metadata={"vscode": {"languageId": "python"}})
    assert found(KERAS, other, python) == ["a.ipynb:cell 3:1:32: ADM301"]


def test_jupytext_is_python_with_its_magics_commented() -> None:
    lines = ["# ---", "# jupyter: {}", "# ---", "# %% [markdown]", "# Adam(lr=0.1)", "# %%", "# !pip install tensorflow==2.3",
             "# %env TF_USE_LEGACY_KERAS=yes", KERAS, "# %% tags=[]", LR]  # fmt: skip
    path = write("a.py", "\n".join(lines).encode())
    assert [line.split(" ")[:2] for line in adamlint("a.py").stdout.splitlines()] == [["a.py:11:32:", "ADM301"]]
    adamlint("--fix", "a.py")
    assert path.read_text().split("\n") == [*lines[:-1], LR.replace("lr", "learning_rate")]


def test_the_shell_lines_that_colab_exports_are_no_python() -> None:
    lines = ["# -*- coding: utf-8 -*-", '"""a.ipynb', "", "Automatically generated by Colab.", '"""', "", "!pip install tf_keras",
             "if True:", "  !ls -l", "# Commented out IPython magic to ensure Python compatibility.", "# %cd a", KERAS, "files = !ls", LR]  # fmt: skip
    path = write("a.py", "\n".join(lines).encode())
    assert [line.split(" ")[:2] for line in adamlint("a.py").stdout.splitlines()] == [["a.py:14:32:", "ADM301"]]
    adamlint("--fix", "a.py")
    assert path.read_text().split("\n") == [*lines[:-1], LR.replace("lr", "learning_rate")]


def test_a_colab_export_that_is_no_python_is_told_where() -> None:
    lines = ['"""Automatically generated by Colab."""', "!ls", KERAS, "print 'Adam'", "lr"]
    write("a.py", "\n".join(lines).encode())
    assert adamlint("a.py").stdout.startswith("a.py:4:1: ADM900 ")


def test_shell_lines_in_any_other_python_are_a_syntax_error() -> None:
    write("a.py", f"{KERAS}\n!ls\n{LR}\n".encode())
    assert adamlint("a.py").stdout.startswith("a.py:2:1: ADM900 ")


# One program --------------------------------------------------------------------------------------


def test_imports_and_models_of_earlier_cells_count() -> None:
    assert found(KERAS, text("# Model"), MODEL, "!ls", COMPILE) == ["a.ipynb:cell 5:1:15: ADM101"]


def test_a_cell_that_does_not_parse_is_told_and_hides_no_other() -> None:
    broken = "x = 1\nprint 'Adam'"
    assert found(KERAS, text("-"), broken, LR) == ["a.ipynb:cell 3:2:1: ADM900", "a.ipynb:cell 4:1:32: ADM301"]


@pytest.mark.parametrize(
    "cell",
    [
        "if COLAB:\n    !pip install x",
        "%time y = f(1)",
        "%%time\ny = 1",
        "%%capture out\n!ls",
        "files = !ls",
        "model?",
        "y = f(1);",
        "await f()",
        "/f 1 2",
        ",f a b",
        "%%bash\nif [ 1 ]; then echo Adam lr; fi",
        "%%html\n<b>Adam lr</b>",
        "%%writefile a.py\nprint 'Adam lr'",
    ],
)
def test_what_ipython_runs_hides_nothing(cell: str) -> None:
    assert found(KERAS, cell, LR) == ["a.ipynb:cell 3:1:32: ADM301"]


def test_code_beside_magics_is_checked_and_fixed() -> None:
    cells = (KERAS + "\n" + MODEL, "if COLAB:\n    !ls\n    " + COMPILE, "%time " + LR, "%%time\n" + LR)
    assert found(*cells) == [
        "a.ipynb:cell 2:3:19: ADM101",
        "a.ipynb:cell 3:1:38: ADM301",
        "a.ipynb:cell 4:2:32: ADM301",
    ]
    adam = "tf.keras.optimizers.Adam(learning_rate=0.001)"
    new = LR.replace("lr", "learning_rate")
    assert fixed(*cells)[1:] == [f"if COLAB:\n    !ls\n    model.compile({adam}, 'mse')", "%time " + new, "%%time\n" + new]


def test_a_word_after_an_escape_of_json_is_seen() -> None:
    source = f"{KERAS}\nopt = tf.keras.optimizers.Adam(\n\tlr=0.1)"
    write("a.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": source}]}).encode())
    assert "ADM301" in adamlint().stdout


def test_words_in_outputs_and_texts_are_none_of_the_code() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": ["tf.keras.optimizers.Adam(lr=0.1)  # noqa: ADM301\n"]}
    assert found(text("Keras: `Adam(lr=0.1)`  # adamlint: ignore"), code("x = 1", outputs=[output])) == []


def test_words_in_texts_forbid_no_fix() -> None:
    assert fixed(text("load_weights"), KERAS + "\n" + MODEL, COMPILE)[2] != COMPILE
    assert fixed(KERAS + "\n" + MODEL, COMPILE, "model.load_weights('a')")[1] == COMPILE


# The environment and the target -------------------------------------------------------------------


def test_the_environment_is_read_in_the_order_of_the_cells() -> None:
    assert found("%env TF_USE_LEGACY_KERAS=1", KERAS) == []
    assert found(KERAS, "%set_env TF_USE_LEGACY_KERAS=1") == ["a.ipynb:cell 2:1:1: ADM401"]
    assert found(KERAS, "import os\nos.environ['TF_USE_LEGACY_KERAS'] = '1'") == ["a.ipynb:cell 2:2:1: ADM401"]
    assert found("!export TF_USE_LEGACY_KERAS=1", KERAS) == ["a.ipynb:cell 1:1:1: ADM401"]
    assert "which the kernel does not see" in adamlint("a.ipynb").stdout
    assert found("%env TF_USE_LEGACY_KERAS=yes", KERAS) == ["a.ipynb:cell 1:1:1: ADM402"]


@pytest.mark.parametrize(
    "line",
    [
        "!pip install tensorflow==2.13",
        "%pip install -q 'tensorflow==2.13.1' numpy",
        "pip install tensorflow==2.13.0",
        "!{sys.executable} -m pip install -U \\\n  tensorflow==2.13",
        "if COLAB:\n    !pip3 install tensorflow-cpu==2.13",
        "x = !pip install tensorflow==2.13",
        "%%bash\napt-get update\npip install tensorflow==2.13",
        "!apt-get install -y curl && pip install tensorflow==2.13",
        "%conda install tensorflow=2.13",
    ],
)
def test_what_a_notebook_installs_is_its_target(line: str) -> None:
    write("requirements.txt", b"tensorflow==2.16.1\n")
    assert found(KERAS, LEGACY) == ["a.ipynb:cell 2:1:7: ADM201"]
    assert found("import sys", line, KERAS, LEGACY) == []
    assert json.loads(adamlint("--output-format", "json", "a.ipynb").stdout)["target"]["tensorflow"] == ["2.13"]


@pytest.mark.parametrize(
    "line",
    [
        "# !pip install tensorflow==2.13",
        "!pip install tensorflow",
        "!pip install tensorflow_hub==0.13 git+https://github.com/tensorflow/docs",
        "!pip uninstall -y tensorflow==2.13",
        "print('pip install tensorflow==2.13')",
        "%%writefile a.sh\n!pip install tensorflow==2.13",
    ],
)
def test_what_installs_no_release_of_tensorflow_is_no_target(line: str) -> None:
    write("requirements.txt", b"tensorflow==2.16.1\n")
    assert found(line, KERAS, LEGACY)[-1] == "a.ipynb:cell 3:1:7: ADM201"
    assert "note:" not in adamlint().stderr


def test_what_a_notebook_installs_is_said() -> None:
    write("a.ipynb", notebook("!pip install tensorflow==2.13", KERAS, LEGACY))
    assert "TensorFlow 2.13 on " in adamlint("--verbose", "a.ipynb").stderr
    assert "a.ipynb:cell 1:1: tensorflow==2.13" in adamlint("--verbose").stderr


def test_the_command_line_wins_over_what_a_notebook_installs() -> None:
    write("a.ipynb", notebook("!pip install tensorflow==2.13", KERAS, LEGACY))
    assert "ADM201" in adamlint("--tensorflow", "2.16").stdout
    assert "ADM201" in adamlint("--isolated").stdout


def test_an_installed_release_that_is_not_known_is_noted() -> None:
    write("a.ipynb", notebook("import x", "\n!pip install tensorflow==1.15", KERAS, LR))
    assert "adamlint: note: a.ipynb:cell 2:2: tensorflow==1.15: " in adamlint("a.ipynb").stderr


def test_the_cache_knows_what_a_notebook_installs() -> None:
    path = write("a.ipynb", notebook("!pip install tensorflow==2.13", KERAS, LEGACY))
    write("b.ipynb", notebook(KERAS, LEGACY))
    for name in (path, Path("b.ipynb")):
        os.utime(name, (1, 1))
    for _ in range(3):
        result = adamlint("--output-format", "json")
        assert [finding["path"] for finding in json.loads(result.stdout)["findings"]] == ["./b.ipynb"]
        assert json.loads(result.stdout)["target"]["tensorflow"][0] == releases()[releases().index("2.12")]


# Told ---------------------------------------------------------------------------------------------


def test_cells_count_from_1_in_text_and_from_0_in_json() -> None:
    write("a.ipynb", notebook(text("# a"), KERAS, LR))
    assert adamlint().stdout.startswith("./a.ipynb:cell 3:1:32: ADM301 ")
    [finding] = json.loads(adamlint("--output-format", "json").stdout)["findings"]
    assert (finding["cell"], finding["line"], finding["column"]) == (2, 1, 32)
    assert finding["fix"]["edits"][0]["cell"] == 2


def test_a_diff_of_a_notebook_shows_the_changed_cells() -> None:
    path = write("a b.ipynb", notebook(text("é"), KERAS, "x = 'é'\n" + LR, "y", LR + ";\n"))
    before = path.read_bytes()
    result = adamlint("--diff", "a b.ipynb")
    new = LR.replace("lr", "learning_rate")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "--- a/a b.ipynb:cell 3\t", "+++ b/a b.ipynb:cell 3\t", "@@ -1,2 +1,2 @@", " x = 'é'", f"-{LR}", f"+{new}",
        "--- a/a b.ipynb:cell 5\t", "+++ b/a b.ipynb:cell 5\t", "@@ -1 +1 @@", f"-{LR};", f"+{new};",
    ]  # fmt: skip
    assert path.read_bytes() == before


# Hidden -------------------------------------------------------------------------------------------


def test_a_comment_hides_the_findings_of_its_line() -> None:
    hidden = f"{LR}  # adamlint: ignore[lr-argument] as it was"
    assert found(KERAS, hidden, f"{LR}  # noqa: ADM301", LR) == ["a.ipynb:cell 4:1:32: ADM301"]


def test_a_tag_hides_the_findings_of_its_cell() -> None:
    tagged = [code(source, metadata={"tags": ["other", "adamlint-ignore"]}) for source in (LR, "print 'Adam'", "x  # noqa: ADM301")]
    assert found(KERAS, *tagged, LR) == ["a.ipynb:cell 5:1:32: ADM301"]
    assert fixed(KERAS, *tagged, LR)[1] == LR


@pytest.mark.parametrize("metadata", [{"tags": "adamlint-ignore"}, {"tags": [["adamlint-ignore"]]}, {"tags": None}, [], None])
def test_any_other_metadata_hide_nothing(metadata: Any) -> None:
    assert found(KERAS, code(LR, metadata=metadata)) == ["a.ipynb:cell 2:1:32: ADM301"]


def test_rules_can_be_off_in_all_notebooks() -> None:
    write("a.ipynb", notebook(KERAS, LR))
    write("a.py", f"{KERAS}\n{LR}\n".encode())
    assert adamlint("--per-file-ignores", "*.ipynb:ADM3").stdout.startswith("./a.py:")
    write("pyproject.toml", b'[tool.adamlint]\nper-file-ignores = { "*.ipynb" = ["lr-argument"] }\n')
    assert [line.split(":")[0] for line in adamlint().stdout.splitlines()] == ["./a.py"]


# Fixed --------------------------------------------------------------------------------------------


def test_a_fix_changes_the_lines_concerned_and_nothing_else() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": ["é \u2028 lr\n"]}
    data = notebook(text("(lr) é"), KERAS, code("x\n" + LR, outputs=[output], id="a-1", execution_count=7), toc={"b": 1, "a": 1.50})
    path = write("a.ipynb", data)
    adamlint("--fix")
    assert path.read_bytes() == data.replace(b"Adam(lr", b"Adam(learning_rate")


def test_an_import_goes_to_the_first_cell_that_imports_the_package() -> None:
    first = "import numpy\nfrom tensorflow.keras.models import Sequential\nfrom tensorflow.keras.layers import Dense\nx = 1"
    cells = (first, "from tensorflow.keras import layers", "model = Sequential([Dense(1)])\n" + COMPILE)
    after = fixed(*cells)
    new = "from tensorflow.keras.layers import Dense\nfrom tensorflow.keras.optimizers import Adam\n"
    assert after[0] == first.replace("from tensorflow.keras.layers import Dense\n", new)
    assert after[1:] == [cells[1], "model = Sequential([Dense(1)])\nmodel.compile(Adam(learning_rate=0.001), 'mse')"]


def test_an_import_that_cells_repeat_is_used() -> None:
    after = fixed(KERAS, f"{KERAS}\n{MODEL}", COMPILE)
    assert after == [KERAS, f"{KERAS}\n{MODEL}", "model.compile(tf.keras.optimizers.Adam(learning_rate=0.001), 'mse')"]


def test_an_import_at_the_end_of_a_cell_stays_in_it() -> None:
    after = fixed("from tensorflow.keras.models import Sequential", "model = Sequential()\n" + COMPILE)
    assert after[0] == "from tensorflow.keras.models import Sequential\nfrom tensorflow.keras.optimizers import Adam"


def test_a_fix_moves_nothing_over_a_border() -> None:
    cells = ("import os\nimport tensorflow as tf\n# the end", "os.environ['TF_USE_LEGACY_KERAS'] = '1'")
    assert fixed(*cells, unsafe=True) == list(cells)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_fixed_notebook_is_the_one_of_its_story(story: Path) -> None:
    path = write("a.ipynb", (story / "before.ipynb").read_bytes())
    assert adamlint("--isolated", "--fix").exit_code == 0
    assert path.read_bytes() == (story / "after.ipynb").read_bytes()
    nbformat.validate(json.loads(path.read_bytes()))


# Not lost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data", [b'{"cells": [{"keras Adam lr": }', b"keras Adam lr", b"[" * 50_000 + b"keras Adam lr", b'"keras lr Adam \xff"']
)
def test_a_notebook_that_is_none_is_unreadable(data: bytes) -> None:
    path = write("a.ipynb", data)
    result = adamlint("--fix")
    assert result.exit_code == 1
    assert result.stdout.startswith("./a.ipynb:1:1: ADM901 cannot be read: ")
    assert path.read_bytes() == data


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"null", b'{"cells": []}', b'{"cells": {"keras": "Adam(lr=1)"}}', b'["keras Adam lr"]']
)
def test_an_empty_notebook_is_no_finding(data: bytes) -> None:
    write("a.ipynb", data)
    assert (adamlint().exit_code, adamlint().stdout) == (0, "")


def test_20_megabytes_of_output_are_kept() -> None:
    chance = random.Random(1)
    widgets = {"application/vnd.jupyter.widget-view+json": {"state": {f"{n:x}": chance.random() for n in range(400_000)}}}
    data = notebook(
        KERAS, code(LR, outputs=[{"output_type": "display_data", "metadata": {}, "data": {**widgets, "text/plain": "x" * 10**7}}])
    )
    assert len(data) > 20_000_000
    path = write("a.ipynb", data)
    adamlint("--fix")
    assert path.read_bytes() == data.replace(b"Adam(lr", b"Adam(learning_rate")


def test_surrogates_and_repeated_keys_are_kept() -> None:
    cell = f'{{"cell_type": "code", "source": "x", "source": ["{KERAS}\\n", "x = \'\\ud800\'\\n", "{LR}"], "a": 1, "a": "\\udfff"}}'
    data = f'{{"cells": 3, "cells": [{cell}], "metadata": {{}}, "metadata": {{"b": 1e999}}}}'.encode()
    path = write("a.ipynb", data)
    assert "-opt" in adamlint("--diff").stdout
    assert "ADM301" in adamlint("--output-format", "full").stdout
    adamlint("--fix")
    assert path.read_bytes() == data.replace(b"Adam(lr", b"Adam(learning_rate")
