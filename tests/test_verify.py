"""What is told of a rewrite that does more than its edits; everything else is let through."""

from __future__ import annotations

import json
from collections.abc import Iterator

import libcst as cst
import pytest

from adamlint import verify
from adamlint.findings import Edit
from adamlint.fixing import fix
from adamlint.program.module import Module
from adamlint.rule import CODES, Change, Problem, Remedy, Rule
from adamlint.rules import load
from adamlint.text.source import Program, read
from tests.checking import program, settings

MORE, SYNTAX, COMPILES = "would change more than its edits", "would leave code that does not parse", "would leave code that does not compile"
CUTS = "would cut a name in two"
IMPORT = "\nfrom keras.optimizers import Adam"


def rewritten(before: Program, *changes: tuple[str, str]) -> str:
    """What is said of a rewrite that puts a text in the place of the first occurrence of another, or behind it if it begins with +."""
    edits = [Edit(before.place(*_span(before.text, old, new)), new.removeprefix("+")) for old, new in changes]
    after = before.rewrite(edits)
    return verify.refusal(before.text, after.text, list(before.spans(after, edits)))


def _span(text: str, old: str, new: str) -> tuple[int, int]:
    start = text.index(old)
    end = start + len(old)
    return (end, end) if new.startswith("+") else (start, end)


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("f(lr=1)\ng()\n", [("lr", "learning_rate")]),
        ("import keras\nm.compile('adam')\n", [("'adam'", "Adam()"), ("keras", f"+{IMPORT}")]),
        ("@d\ndef f(a, *, b=g(1)) -> h:\n    return f(lr=1)\n", [("lr", "learning_rate")]),
        ("if (lr := f(lr=1)) > 2: g(x); h(y)\nelse: i()\n", [("f(lr", "f(learning_rate")]),
        ("with a(lr=1) as b, c:\n    pass\n", [("lr", "learning_rate")]),
        ("K.set_value(opt.lr, f(x))\n", [("K.set_value(opt.lr, ", "opt.lr.assign(")]),
        ("x = f'{a(lr=1)} {b}' + c\n", [("lr", "learning_rate")]),
        ("x = f(\n  1, # \xe9\n  lr=1, # no\n)\r\ny\r\n", [("lr", "learning_rate")]),
        ("'\U0001f600\xe9'; f(lr=1); g('\xe9')\n", [("lr", "learning_rate")]),
        ("x = 1  # noqa: ADM301\ny = 2\n", [("  # noqa: ADM301", "")]),
        ("import b\nimport a\nx\n", [("", "import a\n"), ("import a\n", "")]),
        ("\x0cif x:\n\tf(lr=1) ; g()\\\n\n", [("lr", "learning_rate")]),
        ("try:\n    f(lr=1)\nexcept E as e:\n    g(e)\n", [("lr", "learning_rate")]),
        ("match f(lr=1):\n    case [a, *_] if b: c\n    case {}: d\n", [("lr", "learning_rate")]),
        ("return f(lr=1)\n", [("lr", "learning_rate")]),
        ("opt = Adam", [("Adam", "+()")]),
        ("opt = tf.legacy.Adam(1)", [(".legacy", "")]),
    ],
)  # fmt: skip
def test_an_edit_that_stays_in_its_place_is_let_through(source: str, changes: list[tuple[str, str]]) -> None:
    assert rewritten(program(source), *changes) == ""


@pytest.mark.parametrize(
    ("source", "change", "why"),
    [
        ("f(lr=1, a=2)\ng()\n", ("lr", "learning_rate)"), SYNTAX),
        ("f(lr=1); g()\n", ("lr=1", "lr=1) #"), MORE),
        ("f(1)\ng('''a''')\n", ("1", "1, '''"), SYNTAX),
        ("f(1)\nx = '''a'''\n", ("f(1)", "'''"), SYNTAX),
        ("f(1)\nx\n'''a'''\n", ("f(1)", "'''"), SYNTAX),
        ("f(1)\nx\n''; '''a'''\n", ("f(1)", "'''a'''; '''"), SYNTAX),
        ("f(1)\nx\n''; 'a'\n", ("f(1)", "if 0:\\"), MORE),
        ("f(1)\nx\ny\n", ("f(1)", "f(1);\\"), ""),
        ("f(lr=1)\n", ("r=", "learning_rate="), CUTS),
        ("f(lr=1)\n", ("(l", "(learning_rate"), CUTS),
        ("f(lr=1)\n", ("l", ""), CUTS),
        ("f(a=1)\n", ("a", "+c"), CUTS),
        ("f(a, b=1)\n", (", ", ""), CUTS),
        ("if a:\n    b\n    c\n", ("b", "+\nelse:"), MORE),
        ("if a:\n    b\nelse:\n    c\n", ("b", "+\nelif z: pass"), MORE),
        ("for a in b:\n    c\n    f(1)\nelse:\n    d\n", ("f(1)", "+\nif x: pass"), MORE),
        ("a\nf(1)\n", ("f(1)", "'''"), SYNTAX),
        ("f(x, g(y))\n", ("x", "x)\nh(x"), MORE),
        ("@d\ndef f(): pass\n", ("@d", "+\nx = 1\n@e"), SYNTAX),
        ("def f():\n    'doc'\n    x\ny\n", ("x", "+\ndef g(): pass"), ""),
        ("class A:\n    x\n    y\n", ("x", "+\nif 1:\n    z"), MORE),
        ("from __future__ import annotations\nx\n", ("", "import os\n"), COMPILES),
        ("def f():\n    x\n    global y\n", ("x", "y"), COMPILES),
        ("x\nyy\n", ("x", "x +\\"), MORE),
        ("a.b.c(d)\n", ("a", "a.b.c(d) #"), MORE),
    ],
)  # fmt: skip
def test_an_edit_that_does_more_is_not(source: str, change: tuple[str, str], why: str) -> None:
    assert rewritten(program(source), change) == why


def test_a_comment_that_swallows_the_next_line_is_seen() -> None:
    assert rewritten(program("x = [1,\n  2]\ny\n"), ("1,", "1,#")) == ""
    assert rewritten(program("x = f(1, g(2))\n"), ("1,", "1)#")) == MORE


def test_removing_a_comment_leaves_the_tree_as_it_was() -> None:
    before = program("if a:  # noqa: ADM301\n    '# noqa: ADM301'\n")
    assert rewritten(before, ("  # noqa: ADM301", "")) == ""
    assert rewritten(before, ("# noqa: ADM301'", "'")) == ""  # the string is what was edited


def test_syntax_that_is_newer_than_the_running_python_is_compared_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_old(*_: object) -> None:
        raise SyntaxError

    monkeypatch.setattr("ast.parse", too_old)
    monkeypatch.setattr(verify, "_compiled", too_old)
    before = program("@d\ndef f():\n    x = f(lr=1, a=[2, 3]); g()\n    h()\n")
    assert rewritten(before, ("lr", "learning_rate")) == ""
    assert rewritten(before, ("lr=1", "lr=1) #")) == MORE
    assert rewritten(before, ("; g()", "\n    if 1:\\")) == MORE


def test_what_did_not_compile_need_not() -> None:
    assert rewritten(program("from a import b\nfrom __future__ import c\nf(lr=1)\n"), ("lr", "learning_rate")) == ""


def cells(*sources: str) -> Program:
    document = {"cells": [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []} for source in sources], "metadata": {}}
    return read("a.ipynb", json.dumps(document).encode())


def test_in_a_notebook_the_places_are_those_of_the_program() -> None:
    before = cells("!pip install keras\nimport keras", "%%time\nx = f(lr=1)\ny", "%time z = f(lr=2); await w", "g(a)")
    assert rewritten(before, ("lr", "learning_rate"), ("lr=2", "learning_rate=2"), ("import keras", f"+{IMPORT}"), ("a)", "b)")) == ""
    assert rewritten(before, ("lr=2", "lr=2)#")) == MORE


def test_lines_may_go_from_the_end_of_a_cell() -> None:
    assert rewritten(cells("x\ny", "z"), ("y\n", "")) == ""
    assert rewritten(cells("x\ny", "z"), ("y", "")) == ""


def test_a_statement_that_becomes_a_magic_is_seen() -> None:
    assert rewritten(cells("x\ny = 2", "z"), ("x", "!x \\")) != ""


BAD = Rule("ADM301", CODES["ADM301"])


@BAD.on(cst.Call)
def swallow(call: cst.Call, module: Module) -> Iterator[Problem]:
    """Offer a rewrite that takes the rest of the line with it, once another one was made."""
    subjects = next(problem.subjects for kind, check in load(["ADM301"])[0].checks for problem in check(call, module))
    end = module.tree.span(call)[1]
    again = "done" in module.tree.text
    yield Problem(call, "bad", subjects, remedy=Remedy("x", (Change(end, end, " # done" if again else "; done\n"),)))


def test_the_program_is_left_as_it_was_given_when_a_later_round_does_more() -> None:
    given = program("import keras\nx = (keras.optimizers.Adam(lr=1)); y\n")
    done = fix(given, [BAD], settings(), unsafe=True)
    assert (done.program, done.applied) == (given, 0)
    assert [(f.code, f.message) for f in done.report.findings if f.code == "ADM903"] == [
        ("ADM903", "the fix would leave code that does not parse; nothing was changed")
    ]
