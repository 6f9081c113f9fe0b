import pytest

from adamlint.findings import Effect
from tests.checking import findings, places, silent

SET = 'import os\nos.environ["TF_USE_LEGACY_KERAS"] = "1"\nimport tensorflow as tf\n'


def test_reports_it_where_no_release_reads_it() -> None:
    (found,) = findings("ADM403", SET, tensorflow=">=2.11,<2.15")
    assert (found.place.line, found.place.column, found.effect, found.fix) == (2, 1, Effect.BREAKS, None)
    assert found.message == "`TF_USE_LEGACY_KERAS` is not read: is ignored on every targeted release"


@pytest.mark.parametrize("tensorflow", [None, ">=2.11,<2.16", "2.15", ">=2.16", "2.21"])
def test_silent_where_a_targeted_release_reads_it(tensorflow: str | None) -> None:
    assert silent("ADM403", SET, tensorflow=tensorflow)


def test_a_version_test_counts() -> None:
    source = 'import os\nimport tensorflow as tf\nif tf.__version__ {} "2.15":\n    os.environ["TF_USE_LEGACY_KERAS"] = "1"\n'
    assert places("ADM403", source.format("<")) == [(4, 5)]
    assert silent("ADM403", source.format(">="))


@pytest.mark.parametrize(
    "line",
    ['os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")', 'os.environ.update({"TF_USE_LEGACY_KERAS": "True"})', 'os.putenv("TF_USE_LEGACY_KERAS", "1")'],
)
def test_reports_every_way_to_set_it(line: str) -> None:
    assert places("ADM403", f"import os\n{line}\n", tensorflow="2.13") == [(2, 1)]


@pytest.mark.parametrize(
    "line",
    [
        'os.environ["TF_USE_LEGACY_KERAS"] = "0"',
        'os.environ["TF_USE_LEGACY_KERAS"] = ""',
        'os.environ["TF_USE_LEGACY_KERAS"] = value',
        'print(os.environ["TF_USE_LEGACY_KERAS"])',
        'legacy = os.environ.get("TF_USE_LEGACY_KERAS", "1")',
        'del os.environ["TF_USE_LEGACY_KERAS"]',
        'os.environ["KERAS_BACKEND"] = "1"',
        'settings["TF_USE_LEGACY_KERAS"] = "1"',
        '# os.environ["TF_USE_LEGACY_KERAS"] = "1"',
    ],
)
def test_silent_where_it_is_not_switched_on(line: str) -> None:
    assert silent("ADM403", f"import os\n{line}\n", tensorflow="2.13")
