"""Every rule: its documentation is complete, and its own examples are what it says."""

from __future__ import annotations

import pytest

from adamlint.needles import NEEDLES, may_matter
from adamlint.rule import CODES, ProjectRule, Rule
from adamlint.rules import implemented, load
from tests.checking import findings, fixed

RULES = load(implemented())


def named(rule: Rule) -> str:
    return rule.code


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_a_bad_example_is_reported_and_a_good_one_is_not(rule: Rule) -> None:
    bad, good = rule.examples("Bad"), rule.examples("Good")
    assert bad
    assert good
    for example in bad:
        assert [f.code for f in findings(rule.code, example)].count(rule.code) >= 1, example
        assert may_matter(example.encode(), [rule.code]), "its needles miss its own example"
    for example in good:
        assert findings(rule.code, example) == [], example


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_what_a_fix_leaves_of_a_bad_example_is_not_reported_again(rule: Rule) -> None:
    for example in rule.examples("Bad"):
        if any(finding.fix for finding in findings(rule.code, example)):
            assert findings(rule.code, fixed(rule.code, example, unsafe=True)) == []


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_the_first_line_says_what_is_wrong_in_one_sentence(rule: Rule) -> None:
    assert rule.summary.endswith(".")
    assert len(rule.doc.splitlines()) > 5
    assert rule.checks or isinstance(rule, ProjectRule)


def test_every_rule_has_its_needles_and_every_row_of_needles_its_rule() -> None:
    assert set(NEEDLES) == {rule.code for rule in RULES}


def test_codes_and_names_are_one_to_one() -> None:
    assert len(set(CODES.values())) == len(CODES)
