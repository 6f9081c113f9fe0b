"""From a program to findings and fixes: suppression, syntax errors, targets, rounds of fixing."""

from __future__ import annotations

import json

import pytest

from adamlint.engine import lint
from adamlint.findings import Effect, Safety
from adamlint.fixing import fix
from adamlint.needles import Project, may_matter, scan_project
from adamlint.rules import implemented, load
from adamlint.text.source import read
from tests.checking import findings, fixed, program, settings

ALL = load(implemented())
LR = "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(lr=0.01)"
STRING = 'import tensorflow as tf\nm = tf.keras.Sequential()\nm.compile("adam", "mse")\n'


def codes(source: str, **target: object) -> list[str]:
    return [f.code for f in lint(program(source), ALL, settings(**target)).findings]  # type: ignore[arg-type]


# Suppression


@pytest.mark.parametrize(
    "comment",
    ["# noqa", "# NOQA", "# noqa: ADM301", "# noqa:ADM301,E501", "# noqa: E501, ADM301", "# noqa: ADM3",
     "# adamlint: ignore", "# adamlint: ignore[lr-argument]", "# adamlint: ignore[ADM301] an old model", "# type: ignore # noqa: ADM301"],
)  # fmt: skip
def test_a_comment_on_the_line_hides_the_finding(comment: str) -> None:
    assert codes(f"{LR}  {comment}\n") == []


@pytest.mark.parametrize("comment", ["# noqa: E501", "# adamlint: ignore[decay-argument]", "# nothing", '+ "# noqa"'])
def test_another_comment_hides_nothing(comment: str) -> None:
    assert "ADM301" in codes(f"{LR}  {comment}\n")


def test_a_comment_on_the_last_line_of_the_finding_counts() -> None:
    source = "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(\n    amsgrad=True,\n)  # noqa: ADM102\n"
    assert codes(source) == []


def test_a_comment_on_another_line_does_not() -> None:
    assert codes(f"# noqa: ADM301\n{LR}\n") == ["ADM902", "ADM301"]


def test_a_whole_file_can_be_passed_over() -> None:
    assert codes(f"# adamlint: ignore-file[lr-argument]\n{LR}\n") == []
    assert codes(f"# adamlint: ignore-file\n{LR}\n") == []


def test_a_needless_suppression_is_reported_and_removed() -> None:
    source = "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(learning_rate=0.01)  # noqa: ADM301\n"
    assert codes(source) == ["ADM902"]
    assert fixed("ADM301", source) == "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(learning_rate=0.01)\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# noqa: ADM301\nx = 1\n", "x = 1\n"),
        ("x = 1\n\n    # adamlint: ignore[lr-argument]\ny = 2\n", "x = 1\n\ny = 2\n"),
        ("# noqa: ADM301  # why\nx = 1\n", "# why\nx = 1\n"),
        ("x = 1  # noqa: ADM301", "x = 1"),
        ("x = 1\n# noqa: ADM301", "x = 1\n"),
    ],
)
def test_a_needless_suppression_takes_its_line_with_it_where_it_is_alone(before: str, after: str) -> None:
    assert fixed("ADM301", before) == after


@pytest.mark.parametrize(
    ("comment", "left"),
    [
        ("  # noqa: ADM301", ""),
        ("\t# noqa: ADM301, ADM302 it is old", ""),
        ("  # adamlint: ignore[lr-argument] the reason \xe9", ""),
        ("  # adamlint: ignore # type: ignore", "  # type: ignore"),
        ("  # type: ignore  # noqa: ADM301", "  # type: ignore"),
        ("  # why # noqa:ADM301 # and so", "  # why # and so"),
        ("  # noqa: E501, ADM301", "  # noqa: E501"),
        ("  # NOQA:ADM301,E501,ADM302,F401 why", "  # NOQA:E501,F401 why"),
        ("  # adamlint: ignore[ADM301, ADM104]", "  # adamlint: ignore[ADM104]"),
    ],
)
def test_of_a_needless_suppression_only_that_part_goes(comment: str, left: str) -> None:
    source = "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(learning_rate=0.01)"
    rules = load(["ADM301", "ADM302"])
    assert fix(program(f"{source}{comment}\n"), rules, settings(), unsafe=False).program.text == f"{source}{left}\n"


def test_a_needless_suppression_of_a_rule_that_is_off_is_not() -> None:
    assert findings("ADM101", f"{LR}  # noqa: ADM301\n") == []


def test_a_bare_noqa_is_never_needless() -> None:
    assert codes("import os  # noqa\nimport tensorflow\n") == []


# Files that do not parse


def test_a_syntax_error_is_a_finding_with_its_place() -> None:
    (finding,) = lint(program("import keras\nAdam(lr=\n"), ALL, settings()).findings
    assert (finding.code, finding.effect) == ("ADM900", Effect.BREAKS)
    assert (finding.place.line, finding.place.column) == (2, 5)
    assert finding.message == "cannot be parsed: '(' was never closed"


def test_brackets_nested_deeper_than_python_takes_are_a_syntax_error() -> None:
    deep = "import keras\nx = " + "(" * 3000 + "1" + ")" * 3000 + "\nkeras.optimizers.Adam(lr=1)\n"
    (finding,) = lint(program(deep), ALL, settings()).findings
    assert (finding.code, finding.message) == ("ADM900", "cannot be parsed: too many nested parentheses")


def test_brackets_in_strings_do_not_nest() -> None:
    assert codes('import tensorflow as tf\nfaces = ["' + ":(" * 500 + '"]\n') == []


# Effects


def test_a_string_differs_where_apple_silicon_is_targeted() -> None:
    (finding,) = findings("ADM101", STRING)
    assert finding.effect is Effect.DIFFERS
    assert "the legacy class on 2.12-2.15 on Apple silicon" in finding.message


@pytest.mark.parametrize("target", [{"tensorflow": ">=2.16"}, {"tensorflow": ">=2.12", "platforms": ("linux",)}, {"tensorflow": "2.10"}])
def test_a_string_is_implicit_where_it_is_one_class(target: dict[str, object]) -> None:
    (finding,) = findings("ADM101", STRING, **target)
    assert finding.effect is Effect.IMPLICIT


def test_what_is_not_shown_is_counted() -> None:
    wanted = settings(tensorflow=">=2.16")
    shown = lint(program(STRING), ALL, type(wanted)(wanted.target))
    assert shown.findings == ()
    assert shown.hidden[Effect.IMPLICIT] == 1


def test_a_rule_selected_by_name_is_shown_whatever_its_effect() -> None:
    wanted = settings(tensorflow=">=2.16")
    shown = lint(program(STRING), ALL, type(wanted)(wanted.target, always=frozenset({"ADM101"})))
    assert [f.code for f in shown.findings] == ["ADM101"]


def test_no_effect_at_the_target_no_finding() -> None:
    legacy = "import tensorflow as tf\ntf.keras.optimizers.legacy.SGD(learning_rate=0.1)\n"
    assert findings("ADM201", legacy, tensorflow=">=2.12,<2.16") == []


def test_a_file_that_switches_eager_execution_off_is_judged_in_graph_mode() -> None:
    switched = STRING.replace("m =", "tf.compat.v1.disable_eager_execution()\nm =")
    (finding,) = findings("ADM101", switched, tensorflow="2.15", platforms=("linux",))
    assert (finding.effect, finding.fix) == (Effect.DIFFERS, None)  # the legacy class, and `Adam()` would fail in fit


def test_code_that_builds_under_a_graph_is_judged_in_graph_mode() -> None:
    built = "import tensorflow as tf\nm = tf.keras.Sequential()\nwith tf.Graph().as_default():\n    m.compile('adam')\n"
    assert findings("ADM101", built, tensorflow="2.15", platforms=("linux",))[0].effect is Effect.DIFFERS
    (finding,) = findings("ADM101", built)
    assert finding.fix is None  # the class would fail in fit


# Fixing


def test_fixing_twice_is_fixing_once() -> None:
    once = fix(program(STRING), ALL, settings(), unsafe=False).program
    again = fix(once, ALL, settings(), unsafe=False)
    assert again.applied == 0
    assert once.text.endswith('m.compile(tf.keras.optimizers.Adam(learning_rate=0.001), "mse")\n')


def test_two_fixes_share_the_import_that_both_need() -> None:
    source = 'from tensorflow.keras.models import Sequential\na = Sequential()\nb = Sequential()\na.compile("adam")\nb.compile("adam")\n'
    assert fixed("ADM101", source).splitlines()[:2] == [
        "from tensorflow.keras.models import Sequential",
        "from tensorflow.keras.optimizers import Adam",
    ]
    assert fixed("ADM101", source).count("import Adam") == 1


@pytest.mark.parametrize("project", [Project(restores=True), Project(checks_types=True), Project(foreign=True)])
def test_the_generation_is_not_exchanged_where_the_project_could_notice(project: Project) -> None:
    assert fixed("ADM101", STRING, project=project) == STRING
    assert "Adam(learning_rate=0.001)" in fixed("ADM101", STRING, unsafe=True, project=project)


def test_an_import_is_added_behind_the_comment_of_the_last_one() -> None:
    source = 'from keras.models import Sequential  # noqa: E402\nm = Sequential()\nm.compile("adam")\n'
    assert fixed("ADM101", source) == (
        "from keras.models import Sequential  # noqa: E402\nfrom keras.optimizers import Adam\n"
        "m = Sequential()\nm.compile(Adam(learning_rate=0.001))\n"
    )


def test_no_import_is_added_where_the_name_is_taken() -> None:
    source = 'from keras.models import Sequential\nfrom torch.optim import Adam\nm = Sequential()\nm.compile("adam")\n'
    assert fixed("ADM101", source, unsafe=True) == source


def test_no_import_is_added_where_the_function_binds_the_name_further_down() -> None:
    source = 'from keras.models import Sequential\ndef f():\n    m = Sequential()\n    m.compile("adam")\n    for Adam in ():\n        pass\n'
    assert fixed("ADM101", source, unsafe=True) == source


def test_two_fixes_of_one_call_do_not_write_the_same_argument() -> None:
    source = "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(decay=1e-6)\n"
    schedule = "tf.keras.optimizers.schedules.InverseTimeDecay(0.001, decay_steps=1, decay_rate=1e-6)"
    done = fix(program(source), ALL, settings(), unsafe=True)
    assert done.program.text == f"import tensorflow as tf\nopt = tf.keras.optimizers.Adam(learning_rate={schedule})\n"


def test_crlf_and_comments_survive() -> None:
    source = "import tensorflow as tf\r\nopt = tf.keras.optimizers.Adam(  # why\r\n    lr = 0.01,  # and why\r\n)\r\n"
    assert fixed("ADM301", source) == source.replace("lr =", "learning_rate =")


# What a byte search tells


@pytest.mark.parametrize("data", [
    b"import torch\nopt = torch.optim.Adam(lr=1)\n",
    b"import keras\nprint(1)\n",
    b"",
    b"import torch\nnet = torch.compile(net)\nnet.compile('adam')\n",
    b"import re\nre.compile('adamant')\n",
    b"from net import build\nbuild(3, solver='adamant', name='Adam Smith')\n",
    b"import torch\nbuild(3, optimizer='adam')\n",
])  # fmt: skip
def test_a_file_without_the_words_does_not_matter(data: bytes) -> None:
    assert not may_matter(data, implemented())


@pytest.mark.parametrize("data", [
    b"import keras\nkeras.optimizers.Adam(lr=1)",
    b"x = 1  # noqa: ADM301",
    b"from net import build\nbuild().compile('adam')\n",
    b"from net import build\nbuild(3, optimizer='adam')\n",
])  # fmt: skip
def test_a_file_with_the_words_does(data: bytes) -> None:
    assert may_matter(data, implemented())


def test_the_project_is_known_by_its_words() -> None:
    assert scan_project(b"import keras\nkeras.models.load_model(p)").restores
    assert scan_project(b"import keras\nimport transformers").foreign
    assert scan_project(b"import keras\nkeras.layers.Embedding(9, 2)").sparse
    assert not scan_project(b"import keras\nkeras.layers.Dense(9)").sparse
    assert scan_project(b"from tensorflow import estimator\n").foreign
    assert not scan_project(b"import keras\nfrom sklearn.base import BaseEstimator\n").foreign
    assert not scan_project(b"import keras\nself.estimator.fit(x, y)\nsearch.best_estimator_.coef_\n").foreign
    assert scan_project(b"import torch\ntorch.load_model(p)") == Project()


def test_a_broken_cell_is_reported_only_if_it_mentions_what_is_looked_for() -> None:
    cells = ["import keras", "@misc{cite,\n  author = Adam\n", "@misc{cite,\n  year=2020\n"]
    notebook = {"cells": [{"cell_type": "code", "source": cell, "metadata": {}, "outputs": []} for cell in cells], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    report = lint(read("a.ipynb", json.dumps(notebook).encode()), ALL, settings())
    assert [(f.code, f.place.cell) for f in report.findings] == [("ADM900", 1)]


@pytest.mark.parametrize("source", [STRING.replace("adam", "nadam"), "import tensorflow as tf\ntf.keras.optimizers.legacy.Nadam(0.1)\n"])
def test_the_two_generations_of_nadam_train_differently(source: str) -> None:
    found = [f for code in ("ADM101", "ADM201") for f in findings(code, source)]
    assert [f.fix.safety for f in found if f.fix] == [Safety.UNSAFE]


def test_what_only_the_parser_of_adamlint_refuses_is_not_called_wrong_python() -> None:
    text = "from tensorflow.keras.optimizers import Adam\ndef f():\n\tfor i in []:\n                Adam(lr=i)\n\treturn i\n"
    (finding,) = lint(program(text), ALL, settings()).findings
    assert finding.code == "ADM900"
    assert finding.message == "cannot be parsed: LibCST, which adamlint parses with, refuses it: tokenizer error: no matching outer block for dedent"
