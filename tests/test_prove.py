"""scripts/prove.py: which promise of DESIGN.md §5 a fix keeps, and what the table says of it. Needs no TensorFlow."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from adamlint.target import Target
from scripts.proof_page import Result, bound, generations, page
from scripts.proof_promises import Outcome, difference, judge
from scripts.proof_stories import Attempt, Place, Story, attempts, key, places
from scripts.prove import PAGE, ROOT, results

STORY = Story("lr", "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(lr=0.01)\n")
SAFE = Attempt(STORY, True, "opt = None", (("ADM101", "write the class"),))
UNSAFE = replace(SAFE, safe=False)
RATE = replace(SAFE, fixes=(("ADM301", "write `learning_rate`"),))

NEW = Outcome(cls="keras.src.optimizers.adam.Adam", line="new", config={"learning_rate": 0.001}, weights=(1.0, 2.0))
LEGACY = replace(NEW, cls="keras.src.optimizers.legacy.adam.Adam", line="legacy")
ELSEWHERE = replace(NEW, config={"learning_rate": 0.01}, weights=(1.5, 2.0))
RAISES = Outcome(error="ValueError", message="no")
LINUX = Place("2.12")
README = ROOT / "README.md"


def words(before: Outcome, after: Outcome, attempt: Attempt = SAFE, place: Place = LINUX, honoured: Outcome | None = None) -> str:
    verdict = judge(before, after, attempt, place, honoured)
    assert verdict.kept is not verdict.words.startswith("broken")
    return verdict.words


def test_a_the_same_class_and_equal_weights() -> None:
    assert words(NEW, NEW) == "a: equal"


def test_a_a_program_that_leaves_nothing_to_train_only_has_to_run() -> None:
    assert words(Outcome(), Outcome()) == "a: equal"


def test_b_the_other_generation_may_differ_by_2e_5() -> None:
    assert words(LEGACY, replace(NEW, weights=(1.000019, 2.0))) == "b: the other generation"
    assert words(LEGACY, replace(NEW, weights=(1.000021, 2.0))) == "broken: safe, and trains otherwise"


def test_b_is_of_the_same_optimizer() -> None:
    assert words(LEGACY, replace(NEW, cls="keras.src.optimizers.nadam.Nadam")) == "broken: safe, and trains otherwise"


def test_b_is_not_for_the_same_class() -> None:
    assert words(NEW, replace(NEW, weights=(1.000001, 2.0))) == "broken: safe, and trains otherwise"


def test_c_it_raised_and_runs_now() -> None:
    assert words(RAISES, NEW) == "c: runs now"
    assert words(RAISES, NEW, honoured=LEGACY) == "c: runs now, as on 2.10"


def test_c_it_may_raise_for_what_is_still_reported() -> None:
    decay = replace(SAFE, after="import tensorflow as tf\nopt = tf.keras.optimizers.SGD(learning_rate=0.1, decay=0.1)\n")
    assert words(RAISES, RAISES, decay) == "c: left is ADM302"
    assert words(RAISES, RAISES) == "broken: raises still, and nothing is reported"


def test_an_unsafe_fix_may_leave_what_raises_if_it_says_so() -> None:
    said = replace(UNSAFE, fixes=(("ADM105", "write the class (it raises still on 2.12)"),))
    assert words(RAISES, RAISES, said) == "unsafe: raises still, as it says"
    for attempt in (UNSAFE, replace(said, safe=True)):
        assert words(RAISES, RAISES, attempt) == "broken: raises still, and nothing is reported"


def test_what_is_reported_for_another_place_is_no_excuse() -> None:
    legacy = replace(SAFE, after="import tensorflow as tf\nopt = tf.keras.optimizers.legacy.Adam(0.1)\n")
    assert words(RAISES, RAISES, legacy, Place("2.16")) == "c: left is ADM201"
    assert words(RAISES, RAISES, legacy, Place("2.15")) == "broken: raises still, and nothing is reported"


def test_d_is_what_a_release_gives_that_honoured_the_value() -> None:
    assert words(NEW, ELSEWHERE, RATE, honoured=ELSEWHERE) == "d: as on 2.10"
    assert words(NEW, ELSEWHERE, RATE, honoured=NEW) == "broken: safe, and trains otherwise"
    assert words(NEW, ELSEWHERE, RATE, honoured=RAISES) == "broken: safe, and trains otherwise"
    assert words(NEW, ELSEWHERE, RATE) == "broken: safe, and trains otherwise"


def test_d_belongs_to_two_rules_alone() -> None:
    assert words(NEW, ELSEWHERE, SAFE, honoured=ELSEWHERE) == "broken: safe, and trains otherwise"


def test_what_ran_must_run() -> None:
    for attempt in (SAFE, UNSAFE):
        assert words(NEW, RAISES, attempt) == "broken: ran before"


def test_a_safe_fix_stays_in_its_keras_package() -> None:
    other = replace(LEGACY, cls="tf_keras.src.optimizers.legacy.adam.Adam")
    assert words(other, NEW) == "broken: safe, and switches the Keras package"
    assert words(other, NEW, UNSAFE) == "b: the other generation"


def test_an_unsafe_fix_may_change_the_training() -> None:
    assert words(NEW, ELSEWHERE, UNSAFE) == "unsafe: trains otherwise"
    assert words(NEW, ELSEWHERE, UNSAFE, honoured=ELSEWHERE) == "unsafe: as on 2.10"


@pytest.mark.parametrize("place", [Place("2.12", graph=True), Place("2.12", apple=True)])
def test_alike_failures_are_no_news_where_the_new_class_does_not_train(place: Place) -> None:
    known = replace(RAISES, message="'SGD' object has no attribute 'get_updates'")
    assert words(known, known, place=place) == "fails alike: no new optimizer trains without eager execution"
    assert words(known, known) == words(RAISES, RAISES, place=place) == "broken: raises still, and nothing is reported"
    assert words(RAISES, known, place=place) == "broken: raises still, and nothing is reported"


def test_a_package_that_is_not_installed_is_no_news() -> None:
    missing = replace(RAISES, error="ModuleNotFoundError")
    assert words(missing, missing) == "a: not installed"


def test_weights_that_are_no_numbers_or_of_another_shape_are_infinitely_apart() -> None:
    assert difference(NEW, replace(NEW, weights=(float("nan"), 2.0))) == float("inf")
    assert difference(replace(NEW, weights=(1.0, float("nan"))), NEW) == float("inf")
    assert difference(NEW, replace(NEW, weights=(1.0,))) == float("inf")
    assert difference(NEW, ELSEWHERE) == 0.5


@pytest.mark.parametrize(("apart", "text"), [(0.0, "0"), (3e-7, "< 5e-07"), (1.2e-5, "< 2e-05"), (0.4, "< 5e-01"), (float("inf"), "no number")])
def test_a_difference_is_told_as_a_round_bound(apart: float, text: str) -> None:
    assert bound(apart) == text


def test_the_reference_is_measured_and_not_judged() -> None:
    (attempt,) = attempts(STORY, Target.parse(None))
    record = {"2.10": {key(STORY.source): {"error": "", "weights": [1.0]}, key(attempt.after): {"error": "TypeError"}}}
    (result,) = results([STORY], "2.10", record)
    assert result.verdict.kept
    assert places("2.10") == [Place("2.10")]


def test_a_program_whose_text_changed_since_has_no_result() -> None:
    (attempt,) = attempts(STORY, Target.parse(None))
    rows = {key(STORY.source): {"weights": [1.0]}, key(attempt.after): {"weights": [1.0]}}
    assert [result.verdict.words for result in results([STORY], "2.12", {"2.12": rows})] == ["a: equal"]
    assert list(results([STORY], "2.12", {"2.12": {key(STORY.source): {}, "another": {}}})) == []


def test_a_program_without_eager_execution_is_not_run_on_keras_3() -> None:
    graph = Story("graph", "import tensorflow as tf\ntf.compat.v1.disable_eager_execution()\n")
    assert [graph.runs(place) for place in (Place("2.15"), Place("2.16"), Place("2.16", tf_keras=True))] == [True, False, True]
    assert STORY.runs(Place("2.16"))


def test_a_story_is_tried_with_its_safe_fixes_and_with_all_of_them() -> None:
    both = Story("lr and decay", "from tensorflow.keras.optimizers import SGD\nopt = SGD(lr=0.05, decay=0.1)\n")
    safe, unsafe = attempts(both, Target.parse(None))
    assert (safe.safe, unsafe.safe) == (True, False)
    assert "decay=0.1" in safe.after
    assert {"ADM301", "ADM302"} == unsafe.codes


def test_the_table_joins_the_places_where_the_same_became_of_a_story() -> None:
    def result(release: str, after: Outcome) -> Result:
        return Result(RATE, Place(release), NEW, after, judge(NEW, after, RATE, Place(release), None))

    text = page([result("2.12", NEW), result("2.15", NEW), result("2.16", ELSEWHERE)])
    assert "| lr | safe | ADM301 write `learning_rate` | 2.12, 2.15 | Adam (new) | Adam (new) | 0 | a: equal |" in text
    assert "| 2.16 | Adam (new) | Adam (new) | < 1e+00; `learning_rate` 0.001 → 0.01 | **broken: safe, and trains otherwise** |" in text
    assert "1 programs, 3 runs of a fix, 1 promises broken.\n\n" in text


def test_the_page_says_how_much_has_changed_since_it_was_run() -> None:
    assert "Not run since the program or its fix changed: 2." in page([], 2)
    assert "Not run" not in page([])


def test_the_generations_are_told_apart_by_the_fixtures_that_ask_for_it() -> None:
    def result(story: str, after: Outcome) -> Result:
        return Result(replace(SAFE, story=Story(story, "")), LINUX, LEGACY, after, judge(LEGACY, after, SAFE, LINUX, None))

    small, sparse = replace(NEW, weights=(1.0, 2.0003)), replace(NEW, weights=(1.0, 2.04))
    asked = [result("legacy-adam", NEW), result("legacy-adam-small-gradients", small), result("legacy-adam-embedding", sparse)]
    others = [result("legacy-adam-decay", ELSEWHERE), result("legacy-adam", replace(NEW, line="Keras 3", weights=(9.0, 9.0)))]
    assert generations([*asked, *others]) == {"Adam": {"dense": 5e-4, "sparse": 0.05}}
    assert "| Adam | 0.0005 | 0.05 |" in page(asked)


def test_the_readme_has_the_numbers_of_the_page() -> None:
    (numbers,) = re.findall(r"\d+ programs, \d+ runs of a fix, 0 promises broken", README.read_text(encoding="utf-8"))
    assert f"\n{numbers}.\n" in PAGE.read_text(encoding="utf-8")
