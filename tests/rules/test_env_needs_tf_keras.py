from pathlib import Path

import pytest

from adamlint.findings import Effect
from adamlint.run.targets import Aim
from tests.checking import findings, places, settings, silent

SET = 'import os\nos.environ["TF_USE_LEGACY_KERAS"] = "1"\nimport tensorflow as tf\n'


def test_says_what_is_missing() -> None:
    (found,) = findings("ADM404", SET)
    assert (found.place.line, found.place.column, found.effect, found.fix) == (2, 1, Effect.BREAKS, None)
    assert found.message == "`TF_USE_LEGACY_KERAS` needs tf_keras, which the project does not require: raises ImportError on 2.15+"


def test_silent_where_nothing_reads_the_variable() -> None:
    assert silent("ADM404", SET, tensorflow="<2.15")
    assert places("ADM404", SET, tensorflow="2.15") == [(2, 1)]


@pytest.mark.parametrize(
    "source",
    [
        'os.environ["TF_USE_LEGACY_KERAS"] = "0"',
        'os.environ["TF_USE_LEGACY_KERAS"] = "yes"',
        'os.environ["TF_USE_LEGACY_KERAS"] = value',
        'os.putenv("TF_USE_LEGACY_KERAS", "1")',
        'print(os.environ["TF_USE_LEGACY_KERAS"])',
        'if find_spec("tf_keras"):\n    os.environ["TF_USE_LEGACY_KERAS"] = "1"',
        'try:\n    import tf_keras\n    os.environ["TF_USE_LEGACY_KERAS"] = "1"\nexcept ImportError:\n    pass',
        'settings["TF_USE_LEGACY_KERAS"] = "1"',
        'os.environ["KERAS_BACKEND"] = "1"',
    ],
)
def test_silent(source: str) -> None:
    assert silent("ADM404", f"import os\n{source}\n")


def test_is_off_unless_metadata_lack_tf_keras() -> None:
    codes = frozenset({"ADM101", "ADM404"})
    target = settings().target
    assert Aim(target, "the default").codes(codes) == {"ADM101"}
    assert Aim(target, "requirements.txt:1: tensorflow", lacks_tf_keras=True).codes(codes) == codes
    assert Aim(target, "pyproject.toml:1: keras", keras_only=True, lacks_tf_keras=True).codes(codes) == {"ADM101"}


@pytest.mark.parametrize(("required", "reported"), [("tensorflow>=2.16\n", True), ("tensorflow>=2.16\ntf-keras\n", False)])
def test_asks_the_metadata(tmp_path: Path, required: str, reported: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from adamlint.cli import main

    (tmp_path / "requirements.txt").write_text(required)
    (tmp_path / "train.py").write_text(SET)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["--no-cache", "--select", "ADM404", "train.py"])
    assert ("ADM404" in done.output) is reported
