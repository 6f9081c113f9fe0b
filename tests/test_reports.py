from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from adamlint import __version__
from adamlint.findings import Edit, Effect, Finding, Fix, Place, Safety
from adamlint.reports import FORMATS, About, render
from adamlint.reports.diff import unified
from adamlint.reports.json_lines import as_dict, from_dict
from adamlint.reports.summary import statistics, summary
from adamlint.target import Target
from adamlint.text.source import Program, read

SOURCE = b"import keras\n\topt = f('\xe4\xbd\xa0\xe5\xa5\xbd', lr=1)\n"
PLACE = Place(None, 2, 16, 2, 18)
FIX = Fix(Safety.SAFE, "write `learning_rate` (as it was)", (Edit(PLACE, "learning_rate"),))
FINDING = Finding("a.py", PLACE, "ADM301", "lr-argument", "`lr` is no rate", Effect.BREAKS, FIX)


def notebook() -> Program:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# x"]},
        {"cell_type": "code", "metadata": {}, "source": ["import keras\n", "f(lr=1)"], "outputs": [], "execution_count": None},
    ]
    return read("a.ipynb", json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode())


def in_notebook() -> Finding:
    place = Place(1, 2, 3, 2, 5)
    return Finding("a.ipynb", place, "ADM301", "lr-argument", "no", Effect.DIFFERS, Fix(Safety.UNSAFE, "t", (Edit(place, "rate"),)))


def rendered(name: str, findings: Sequence[Finding], program: Program | None = None, color: bool = False) -> list[str]:
    about = About(lambda: Target.parse("2.12", ["linux"]), lambda _: program, color)
    return list(render(name, findings, about))


def test_flake8_is_one_line_a_finding() -> None:
    assert rendered("flake8", [FINDING]) == ["a.py:2:16: ADM301 `lr` is no rate"]


def test_flake8_names_the_cell_of_a_notebook_from_1() -> None:
    assert rendered("flake8", [in_notebook()]) == ["a.ipynb:cell 2:2:3: ADM301 no"]


def test_full_shows_the_line_a_caret_and_the_fix() -> None:
    assert rendered("full", [FINDING], read("a.py", SOURCE)) == [
        "a.py:2:16: ADM301 `lr` is no rate",
        "  |",
        "2 | \topt = f('你好', lr=1)",
        "  | \t                ^^",
        "Fix: write `learning_rate` (as it was)",
        "  - \topt = f('你好', lr=1)",
        "  + \topt = f('你好', learning_rate=1)",
        "",
    ]


def test_full_shows_the_cell_of_a_notebook() -> None:
    assert rendered("full", [in_notebook()], notebook()) == [
        "a.ipynb:cell 2:2:3: ADM301 no",
        "  |",
        "2 | f(lr=1)",
        "  |   ^^",
        "Unsafe fix: t",
        "  - f(lr=1)",
        "  + f(rate=1)",
        "",
    ]


def test_full_underlines_to_the_end_of_the_first_line() -> None:
    place = Place(None, 1, 1, 2, 3)
    lines = rendered("full", [Finding("a.py", place, "ADM301", "n", "m", Effect.BREAKS)], read("a.py", b"a = (\n 1)\n"))
    assert lines[1:4] == ["  |", "1 | a = (", "  | ^^^^^"]


def test_full_marks_an_empty_place() -> None:
    finding = Finding("a.py", Place(None, 1, 1, 1, 1), "ADM900", "n", "m", Effect.BREAKS)
    assert rendered("full", [finding], read("a.py", b""))[3] == "  | ^"


def test_full_without_a_program_shows_the_finding() -> None:
    assert rendered("full", [FINDING]) == ["a.py:2:16: ADM301 `lr` is no rate", ""]


def test_full_does_without_a_line_that_is_gone() -> None:
    assert rendered("full", [FINDING], read("a.py", b"x = 1\n"))[0] == "a.py:2:16: ADM301 `lr` is no rate"


def test_source_cannot_steer_the_terminal() -> None:
    place = Place(None, 1, 1, 1, 2)
    program = read("a.py", b"x = 1  # \x1b[31m\n")
    text = "\n".join(rendered("full", [Finding("a.py", place, "ADM301", "n", "m", Effect.BREAKS)], program))
    assert "\x1b" not in text
    assert "x = 1" in text


def test_full_has_colors_when_they_are_wanted() -> None:
    program = read("a.py", SOURCE)
    assert "\x1b[" in "".join(rendered("full", [FINDING], program, color=True))
    assert "\x1b[" not in "".join(rendered("full", [FINDING], program))


def test_json_lines_is_one_object_a_finding() -> None:
    [line] = rendered("json-lines", [FINDING])
    assert json.loads(line) == {
        "path": "a.py",
        "line": 2,
        "column": 16,
        "end_line": 2,
        "end_column": 18,
        "cell": None,
        "code": "ADM301",
        "name": "lr-argument",
        "message": "`lr` is no rate",
        "effect": "breaks",
        "fix": {
            "safety": "safe",
            "title": "write `learning_rate` (as it was)",
            "edits": [{"line": 2, "column": 16, "end_line": 2, "end_column": 18, "text": "learning_rate", "cell": None}],
        },
    }


def test_json_has_the_version_and_the_target() -> None:
    report = json.loads("\n".join(rendered("json", [FINDING, in_notebook()])))
    assert report["version"] == __version__
    assert report["target"] == {"tensorflow": ["2.12"], "platforms": ["linux"], "modes": ["eager"]}
    assert report["findings"] == [as_dict(FINDING), as_dict(in_notebook())]
    assert report["findings"][1]["cell"] == 1


def test_json_of_nothing_is_valid() -> None:
    assert json.loads("\n".join(rendered("json", [])))["findings"] == []


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"json"}))
def test_nothing_found_is_nothing_printed(name: str) -> None:
    assert rendered(name, []) == []


@pytest.mark.parametrize("finding", [FINDING, in_notebook(), Finding("a", PLACE, "ADM900", "n", "m", Effect.IMPLICIT)])
def test_json_can_be_read_back(finding: Finding) -> None:
    assert from_dict(json.loads(json.dumps(as_dict(finding)))) == finding


def test_a_diff_has_the_prefixes_of_git() -> None:
    assert unified("./src/a.py", b"a\nb\n", b"a\nc\n") == b"--- a/src/a.py\n+++ b/src/a.py\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"


def test_a_diff_tells_a_missing_newline_at_the_end() -> None:
    text = unified("a.py", b"a\r\nb", b"a\r\nc")
    end = b"\n\\ No newline at end of file\n"
    assert text.endswith(b" a\r\n-b" + end + b"+c" + end)


def test_a_diff_keeps_bytes_that_are_not_utf_8() -> None:
    assert b"-\xe4 = 1\n+\xe4 = 2\n" in unified("a.py", b"\xe4 = 1\n", b"\xe4 = 2\n")


def test_a_diff_of_the_same_is_empty() -> None:
    assert unified("a.py", b"a", b"a") == b""


def test_the_summary_counts_findings_files_and_fixes() -> None:
    hidden = {Effect.IMPLICIT: 12}
    assert summary([FINDING, FINDING, in_notebook()], 9, None, False, hidden) == (
        "3 findings in 2 files, 9 files checked; --fix mends 2; --fix --unsafe-fixes mends 1 more; "
        "12 implicit findings not shown: --report implicit"
    )


def test_the_summary_tells_what_was_mended() -> None:
    assert summary([], 1, 4, False, {}) == "mended 4; left: no findings, 1 file checked"
    assert summary([], 1, 4, True, {}) == "--fix would mend 4; left: no findings, 1 file checked"


def test_the_summary_names_the_option_that_shows_all() -> None:
    hidden = {Effect.DIFFERS: 1, Effect.IMPLICIT: 0}
    assert summary([], 0, None, False, hidden) == "no findings, no files checked; 1 differs finding not shown: --report differs"


def test_statistics_count_by_rule_the_most_frequent_first() -> None:
    other = Finding("a.py", PLACE, "ADM101", "string-optimizer", "m", Effect.BREAKS)
    assert list(statistics([other, FINDING, FINDING])) == ["     2 ADM301 lr-argument", "     1 ADM101 string-optimizer"]
