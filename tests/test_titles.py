"""Every fix that is offered says in one line what changes and why that is safe or not."""

from __future__ import annotations

import re

import pytest

from adamlint.findings import Fix
from adamlint.rules import implemented, load
from tests.checking import findings

FIXES = [
    pytest.param(finding.fix, id=f"{rule.code}-{number}")
    for rule in load(implemented())
    for number, example in enumerate(rule.examples("Bad"))
    for finding in findings(rule.code, example)
    if finding.fix is not None
]


@pytest.mark.parametrize("fix", FIXES)
def test_a_title_is_one_line_with_what_and_why(fix: Fix) -> None:
    assert re.fullmatch(r"[^\n(]+ \([^\n]+\)", fix.title)


def test_a_fix_with_nothing_else_in_its_place_gives_a_reason_of_its_own() -> None:
    own = [fix for code in ("ADM102", "ADM104", "ADM302", "ADM502", "ADM607") for fix in fixes_of(code)]
    assert own
    assert [fix.title for fix in own if "the same class on every targeted release" in fix.title] == []


def fixes_of(code: str) -> list[Fix]:
    (rule,) = load([code])
    return [f.fix for example in rule.examples("Bad") for f in findings(code, example) if f.fix is not None]
