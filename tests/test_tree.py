"""The walk, and spans that agree with the source to the character."""

from __future__ import annotations

import ctypes

import libcst as cst
import pytest

from adamlint.text import heap
from adamlint.text.tree import Tree

SOURCES = {
    "crlf": "import a\r\nx = f(1,\r\n      y=2)\r\n",
    "no final newline": "def f():\n    return g(a)",
    "tabs and form feed": "if a:\n\tf(b)\n\x0c\nf(c)\n",
    "form feed before code": "\x0cf(a)\nif a:\n  \x0c\tf(b)\n\tx = \'\'\'\n\x0c  \'\'\'; f(c)\n\x0c\x0cf(d)\n\x0c# f()\nf(e)",
    "form feed and blank lines behind a block": "for a in b:\n    f(a)\n\n\x0cf(b)\nif c:\n  f(d)\n  \n\n\x0c\n\t\n",
    "form feed and CR": "f(a)\r\x0cf(b)\r\x0cf(c,\r\x0cd)\r",
    "form feed and mixed newlines": "f(a)\r\x0cf(b)\r\n\x0cf(c,\n\x0cd)",
    "comments at the end that are indented deeper": "f(a)\n\n       # one\n       #two\n  # f(b)\ng(c)\n\n       # three\n       # four\n",
    "emoji before the call": 's = "🚀"; f(s)\n',
    "parentheses and comments": "x = (  # why\n    f(a)\n)\n",
    "decorators and semicolons": "@d(1)\nclass A(B, k=2): f(3); g(4)\n",
    "nested": "for a in b:\n    with c(a) as d:\n        try:\n            e(d)\n        finally:\n            f(g(h(1)))\n",
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_the_span_of_each_call_is_its_code(source: str) -> None:
    tree = Tree(source)
    calls = tree.nodes(cst.Call)
    assert calls
    for call in calls:
        assert tree.code(call) == tree.module.code_for_node(call.with_changes(lpar=(), rpar=()))


def test_code_that_is_not_given_back_has_no_places() -> None:
    tree = Tree("f(a)\n")
    tree.text = "f( a)\n"
    with pytest.raises(ValueError, match="does not give back"):
        tree.span(tree.module)


def test_an_outer_span_holds_the_parentheses() -> None:
    tree = Tree("f(x=((a + b)))\n")
    (operation,) = tree.nodes(cst.BinaryOperation)
    start, end = tree.outer_span(operation)
    assert tree.text[start:end] == "((a + b))"
    assert tree.code(operation) == "a + b"


def test_comments_come_with_their_places_and_not_from_strings() -> None:
    tree = Tree('x = "# no"  # yes\n# and this\n')
    assert [(tree.text[start:end], text) for (start, end), text in tree.comments()] == [("# yes", "# yes"), ("# and this", "# and this")]


def test_ancestors_go_up_to_the_module() -> None:
    tree = Tree("def f():\n    return g(1)\n")
    (call,) = tree.nodes(cst.Call)
    assert [type(a).__name__ for a in tree.ancestors(call)] == ["Return", "SimpleStatementLine", "IndentedBlock", "FunctionDef", "Module"]
    assert isinstance(tree.enclosing(call, cst.FunctionDef), cst.FunctionDef)


def test_what_does_not_parse_raises() -> None:
    with pytest.raises(cst.ParserSyntaxError):
        Tree("def f(:\n")


@pytest.mark.parametrize(("lines", "times"), [(10, 0), (10_000, 1)])
def test_what_parsing_a_large_program_took_is_given_back(lines: int, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[None] = []
    monkeypatch.setattr(heap, "give_back", lambda: given.append(None))
    Tree("x = 1\n" * lines)
    assert len(given) == times


def test_a_c_library_that_keeps_nothing_need_not_give_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    heap.give_back()
    assert len(Tree("x = 1\n" * 10_000).module.body) == 10_000
