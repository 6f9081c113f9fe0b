"""Programs that are too much to read are left alone, and said so under --verbose; what people write is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from adamlint.cli import main
from adamlint.text import budget
from tests.checking import places

START = "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(lr=0.1)\n"

TOO_MUCH = {
    "a chain of calls": "x = a" + ".f(1)" * 600,
    "a chain over many lines": "x = (a\n" + "    .f(1, b=2)\n" * 600 + ")",
    "strings in a row": "x = (" + "'a'\n" * 3200 + ")",
    "a sum": "x = " + " + ".join(["a"] * 1200),
    "subscripts": "x = a" + "[0]" * 1200,
    "conditional expressions": "x = " + " if c else ".join(["a"] * 600),
    "negations": "x = " + "not " * 1200 + "a",
    "a chain that is continued": "x = a \\\n" + "  + b \\\n" * 1200 + "  + c",
    "a table of numbers": "x = [" + "1, " * 150_000 + "]",
    "a long program": "f(1)\n" * 60_000,
}
ENOUGH = {
    "a chain of some calls": "x = a" + ".f(1)" * 300,
    "many statements": "x = a.b(1) + 2\n" * 2000,
    "a long list": "x = [" + "a + b, " * 2000 + "]",
    "a long call": "f(" + "a=b.c, " * 2000 + ")",
    "a chain of branches": "if a == 0:\n    pass\n" + "elif a.b == 1:\n    pass\n" * 400,
    "a long text": 'x = """' + "a.b(c) + 1\n" * 30_000 + '"""',
    "a long comment": "# a.b + c\n" * 2000,
    "strings in a row": "x = (" + "'a'\n" * 600 + ")",
    "deep blocks": "".join("    " * depth + "if a:\n" for depth in range(90)) + "    " * 90 + "pass",
}


@pytest.mark.parametrize("source", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_what_is_too_much_is_told_before_it_is_parsed(source: str) -> None:
    with pytest.raises(budget.Excess):
        budget.check(START + source + "\n")


@pytest.mark.parametrize("source", ENOUGH.values(), ids=ENOUGH.keys())
def test_what_is_not_is_read_to_its_end(source: str) -> None:
    budget.check(START + source + "\n")


def test_a_file_that_is_left_out_is_named_under_verbose_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("long.py").write_text(START + TOO_MUCH["a chain of calls"] + "\n")
    quiet = CliRunner().invoke(main, ["long.py"])
    assert (quiet.exit_code, quiet.stdout) == (0, "")
    loud = CliRunner().invoke(main, ["--verbose", "long.py"])
    assert "not read: long.py: one expression has more than 1000 operators" in loud.stderr


def test_thousands_of_bindings_of_one_name_are_looked_up_one_by_one() -> None:
    source = "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(lr=0.1)\n" * 500
    assert len(places("ADM301", source)) == 500
