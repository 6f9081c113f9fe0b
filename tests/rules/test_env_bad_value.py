import json

import pytest

from adamlint.engine import lint
from adamlint.findings import Effect, Safety
from adamlint.rules import load
from adamlint.text.source import read
from tests.checking import findings, fixed, places, settings, silent


def setting(value: str) -> str:
    return f'import os\nos.environ["TF_USE_LEGACY_KERAS"] = {value}\nimport tensorflow as tf\n'


@pytest.mark.parametrize("value", ['"TRUE"', '"yes"', '"on"', '"2"', '"Yes"', '" 1"', "'T'", '"01"', '"enabled"'])
def test_reports_words_that_do_not_switch_it_on(value: str) -> None:
    (found,) = findings("ADM402", setting(value))
    assert (found.place.line, found.place.column) == (2, 37)
    assert found.effect is Effect.BREAKS
    assert f"`{value}`" in found.message


@pytest.mark.parametrize("value", ["str(1)", "str(True)", "str(int(flag))", "str(0)"])
def test_what_str_gives_is_a_string(value: str) -> None:
    assert silent("ADM402", setting(value))


@pytest.mark.parametrize("value", ["True", "1", "False", "0", "1.0"])
def test_reports_what_is_no_string(value: str) -> None:
    (found,) = findings("ADM402", setting(value))
    assert "must be a string" in found.message
    assert found.message.endswith("raises TypeError on every targeted release")


@pytest.mark.parametrize("value", ['"1"', '"True"', '"true"'])
def test_silent_on_the_values_that_switch_it_on(value: str) -> None:
    assert silent("ADM402", setting(value))


@pytest.mark.parametrize("value", ['"0"', '"false"', '"False"', '"no"', '"off"', '""', '"FALSE"', '"00"'])
def test_silent_on_values_that_mean_off(value: str) -> None:
    assert silent("ADM402", setting(value))


@pytest.mark.parametrize(
    "value", ["choice", "str(flag)", 'f"{flag}"', "None", '"keras2"', 'config["legacy"]', 'os.getenv("LEGACY")']
)
def test_silent_on_unknown_values(value: str) -> None:
    assert silent("ADM402", setting(value))


@pytest.mark.parametrize(
    "line",
    [
        'if os.environ["TF_USE_LEGACY_KERAS"] == "yes": pass',
        'legacy = os.environ.get("TF_USE_LEGACY_KERAS", "yes")',
        'legacy = "TRUE" in os.environ.get("TF_USE_LEGACY_KERAS", "")',
        'os.environ.pop("TF_USE_LEGACY_KERAS", "yes")',
        'del os.environ["TF_USE_LEGACY_KERAS"]',
    ],
)
def test_silent_on_reads_comparisons_and_deletions(line: str) -> None:
    assert silent("ADM402", f"import os\n{line}\nimport tensorflow\n")


@pytest.mark.parametrize(
    "line",
    [
        'os.environ["TF_CPP_MIN_LOG_LEVEL"] = "yes"',
        'settings["TF_USE_LEGACY_KERAS"] = "yes"',
        'env = dict(os.environ, TF_USE_LEGACY_KERAS="yes")',
        'env = os.environ.copy()\nenv["TF_USE_LEGACY_KERAS"] = "yes"',
        'monkeypatch.setenv("TF_USE_LEGACY_KERAS", "yes")',
    ],
)
def test_silent_on_other_variables_and_other_mappings(line: str) -> None:
    assert silent("ADM402", f"import os\nimport tensorflow\nsettings = {{}}\n{line}\n")


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ('os.environ.setdefault("TF_USE_LEGACY_KERAS", "yes")', 46),
        ('os.environ.update({"TF_USE_LEGACY_KERAS": "yes"})', 43),
        ('os.environ.update(TF_USE_LEGACY_KERAS="yes")', 39),
        ('os.environ |= {"TF_USE_LEGACY_KERAS": "yes"}', 39),
        ('os.environ.__setitem__("TF_USE_LEGACY_KERAS", "yes")', 47),
        ('os.environb[b"TF_USE_LEGACY_KERAS"] = b"yes"', 39),
        ('os.environb[b"TF_USE_LEGACY_KERAS"] = "1"', 39),
        ('os.environ["A"] = os.environ["TF_USE_LEGACY_KERAS"] = "yes"', 55),
    ],
)
def test_sees_every_way_to_set_it(line: str, column: int) -> None:
    assert places("ADM402", f"import os\n{line}\nimport tensorflow\n") == [(2, column)]


def test_sees_other_names_of_the_environment() -> None:
    assert places("ADM402", 'from os import environ as e\ne["TF_USE_LEGACY_KERAS"] = "yes"\nimport tensorflow\n') == [(2, 28)]


def test_follows_the_value_to_where_it_is_written() -> None:
    source = 'import os\nON = "yes"\nKEY = "TF_USE_LEGACY_KERAS"\nos.environ[KEY] = ON\nimport tensorflow\n'
    assert places("ADM402", source) == [(2, 6)]
    assert fixed("ADM402", source, unsafe=True) == source


def test_one_alternative_is_enough() -> None:
    assert places("ADM402", setting('"yes" if old else "0"')) == [(2, 37)]


def test_no_effect_where_no_release_reads_it() -> None:
    assert silent("ADM402", setting('"yes"'), tensorflow="<2.15")
    assert not silent("ADM402", setting('"yes"'), tensorflow="2.15")


def test_a_number_raises_on_every_release() -> None:
    assert findings("ADM402", setting("1"), tensorflow="2.12")[0].effect is Effect.BREAKS


def test_silent_in_a_handler_of_the_error() -> None:
    source = """
        import os
        try:
            os.environ["TF_USE_LEGACY_KERAS"] = 1
        except TypeError:
            os.environ["TF_USE_LEGACY_KERAS"] = "1"
        import tensorflow
        """
    assert silent("ADM402", source)


@pytest.mark.parametrize(
    ("value", "right"),
    [('"TRUE"', '"1"'), ("'yes'", "'1'"), ("True", '"1"'), ("2", '"1"'), ("False", '"0"'), ('"yes"  # old', '"1"  # old')],
)
def test_writes_the_right_value_only_if_asked(value: str, right: str) -> None:
    assert fixed("ADM402", setting(value), unsafe=True) == setting(right)
    assert fixed("ADM402", setting(value)) == setting(value)


def test_the_fix_is_unsafe_and_says_why() -> None:
    fix = findings("ADM402", setting('"yes"'))[0].fix
    assert fix is not None
    assert fix.safety is Safety.UNSAFE
    assert fix.title == 'write `"1"` (it switches the Keras package)'


def test_bytes_stay_bytes() -> None:
    source = 'import os\nos.environb[b"TF_USE_LEGACY_KERAS"] = b"on"\nimport tensorflow\n'
    assert fixed("ADM402", source, unsafe=True) == source.replace('b"on"', 'b"1"')


def test_reports_a_magic_without_a_fix() -> None:
    cells = ["%env TF_USE_LEGACY_KERAS=yes", "import tensorflow as tf"]
    data = json.dumps({"cells": [{"cell_type": "code", "source": c} for c in cells], "metadata": {}, "nbformat": 4}).encode()
    (found,) = lint(read("a.ipynb", data), load(["ADM402"]), settings()).findings
    assert (found.place.cell, found.place.line, found.fix) == (0, 1, None)
