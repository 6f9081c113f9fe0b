"""What a change of one program looks like in its text: nothing is left behind, and nothing is lost."""

from __future__ import annotations

import libcst as cst
import pytest

from adamlint.program.module import Module


def without(source: str, name: str = "x") -> str:
    """A source after one argument, or one entry of a spread dict, was deleted."""
    module = Module(source)
    call = next(call for call in module.tree.nodes(cst.Call) if any(keyword.name == name for keyword in module.arguments.keywords(call)))
    change = module.edit.drop_keyword(next(keyword for keyword in module.arguments.keywords(call) if keyword.name == name))
    after = source[: change.start] + change.text + source[change.end :]
    cst.parse_module(after)
    return after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(x=0)\n", "f()\n"),
        ("f( x=0, )\n", "f()\n"),
        ("f(g)(x=0)\n", "f(g)()\n"),
        ("f(a, x=0)\n", "f(a)\n"),
        ("f(x=0, a=1)\n", "f(a=1)\n"),
        ("f(a, x=0, b=1)\n", "f(a, b=1)\n"),
        ("f(a , x = 0 , b=1)\n", "f(a , b=1)\n"),
        ("f(a, x=0)  # c\n", "f(a)  # c\n"),
        ("f(a, x=0,  # c\n  b=1)\n", "f(a,  # c\n  b=1)\n"),
        ("f(a, \\\n  x=0)\n", "f(a)\n"),
        ("f(\n    x=0,\n)\n", "f()\n"),
        ("f(\n    a,\n    x=0,\n)\n", "f(\n    a,\n)\n"),
        ("f(\n    a,\n    x=0\n)\n", "f(\n    a\n)\n"),
        ("f(\n    x=0,\n    a=1,\n)\n", "f(\n    a=1,\n)\n"),
        ("f(\r\n\ta,\r\n\tx=0,\r\n\tb=1)\r\n", "f(\r\n\ta,\r\n\tb=1)\r\n"),
        ("f(a\n  , x=0\n  , b=1)\n", "f(a\n  , b=1)\n"),
        ("f(**{'x': 0, 'a': 1})\n", "f(**{'a': 1})\n"),
        ("f(**{'x': 0})\n", "f(**{})\n"),
        ("f(**dict(x=0))\n", "f(**dict())\n"),
    ],
)  # fmt: skip
def test_a_deleted_argument_takes_its_comma_and_its_line_with_it(before: str, after: str) -> None:
    assert without(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(\n    a,  # a\n    x=0,\n    b=1,\n)\n", "f(\n    a,  # a\n    b=1,\n)\n"),
        ("f(\n    a,  # a\n    x=0\n)\n", "f(\n    a,  # a\n)\n"),
        ("f(\n    a,  # a\n    x=0)\n", "f(\n    a,  # a\n    )\n"),
        ("f(\n    a,  # a\n    x=0, b=1)\n", "f(\n    a,  # a\n    b=1)\n"),
        ("f(\n    a,\n    x=0,  # x\n)\n", "f(\n    a,\n    # x\n)\n"),
        ("f(\n    a,\n    x=0  # x\n)\n", "f(\n    a,\n    # x\n)\n"),
        ("f(\n    a,\n    # above\n    x=0,\n)\n", "f(\n    a,\n    # above\n)\n"),
        ("f(\n    x=0,  # x\n    a=1,\n)\n", "f(\n    # x\n    a=1,\n)\n"),
        ("f(x=0,  # x\n  a=1)\n", "f(  # x\n  a=1)\n"),
        ("f(  # (\n    x=0,\n)\n", "f(  # (\n)\n"),
        ("f(\n    x=0,  # )\n)\n", "f(\n    # )\n)\n"),
        ("f(a, x=(  # none\n  0))\n", "f(a  # none\n)\n"),
        ("f(\r\n\ta,  # a\r\n\tx=0,\r\n)\r\n", "f(\r\n\ta,  # a\r\n)\r\n"),
    ],
)  # fmt: skip
def test_comments_survive_a_deleted_argument(before: str, after: str) -> None:
    assert without(before) == after


def with_keyword(source: str) -> str:
    """A source with one more argument in its last call."""
    module = Module(source)
    change = module.edit.add_keyword(module.tree.nodes(cst.Call)[0], "x=0")
    after = source[: change.start] + change.text + source[change.end :]
    cst.parse_module(after)
    return after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f()\n", "f(x=0)\n"),
        ("f(a)\n", "f(a, x=0)\n"),
        ("f(a,)\n", "f(a, x=0,)\n"),
        ("f(a, **b)\n", "f(a, x=0, **b)\n"),
        ("f(\n    a,\n    b=1,\n)\n", "f(\n    a,\n    b=1,\n    x=0,\n)\n"),
        ("f(\n\ta\n)\n", "f(\n\ta,\n\tx=0\n)\n"),
        ("f(a,\n  b=1)\n", "f(a,\n  b=1,\n  x=0)\n"),
        ("f(a, b,\n  c)\n", "f(a, b,\n  c, x=0)\n"),
        ("f(\n    a,  # a\n)\n", "f(\n    a, x=0,  # a\n)\n"),
        ("f(\r\n    a,\r\n)\r\n", "f(\r\n    a,\n    x=0,\r\n)\r\n"),
    ],
)  # fmt: skip
def test_one_more_argument_is_laid_out_as_the_others(before: str, after: str) -> None:
    assert with_keyword(before) == after
