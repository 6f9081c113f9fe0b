"""Magics of notebook cells: what is parsed in their place, and where that stands in the cell."""

from __future__ import annotations

import ast
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamlint.findings import Edit, Place
from adamlint.text.source import Program, Refused, read


def program(*cells: str) -> Program:
    code = [{"cell_type": "code", "source": cell} for cell in cells]
    return read("a.ipynb", json.dumps({"cells": code, "metadata": {}, "nbformat": 4}).encode())


def place_of(read_program: Program, word: str) -> Place:
    start = read_program.text.index(word)
    return read_program.place(start, start + len(word))


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("%matplotlib inline", "get_ipython().run_line_magic('matplotlib', 'inline')\n"),
        ("x\n%load_ext a\ny", "x\nget_ipython().run_line_magic('load_ext', 'a')\ny\n"),
        ("!pip install 'a>=1'", "get_ipython().system(\"pip install 'a>=1'\")\n"),
        ("! ls", "get_ipython().system('ls')\n"),
        ("!!ls", "get_ipython().system('ls')\n"),
        ("!a \\\n  b\nx", "get_ipython().system('a    b')\n\nx\n"),
        ("!a \\\r\n  b\r\nx", "get_ipython().system('a    b')\r\n\r\nx\n"),
        ("!echo don't\nx = 'it'", "get_ipython().system(\"echo don't\")\nx = 'it'\n"),
        ("if COLAB:\n    !ls\nx", "if COLAB:\n    get_ipython().system('ls')\nx\n"),
        ("if COLAB:\n\t%cd a\nelse:\n\tpass", "if COLAB:\n\tget_ipython().run_line_magic('cd', 'a')\nelse:\n\tpass\n"),
        ("a = !ls", "a = get_ipython().system('ls')\n"),
        ("a, b['c'] = !ls", "a, b['c'] = get_ipython().system('ls')\n"),
        ("a: list = !ls", "a: list = get_ipython().system('ls')\n"),
        ("a = %pwd", "a = get_ipython().run_line_magic('pwd', '')\n"),
        ("?Adam", "None\n"),
        ("Adam?", "None\n"),
        ("tf.keras.Adam??", "None\n"),
        ("a[0].b?", "None\n"),
        ("*Adam*?", "None\n"),
        (",f a b", "None\n"),
        ("/f a", "None\n"),
        (";f a", "None\n"),
        ("%time x = f()", "x = f()\n"),
        ("%timeit -n 10 -r3 f(a)", "f(a)\n"),
        ("%timeit -o f(a)", "f(a)\n"),
        ("%time f(a,\n  b)", "f(a,\n  b)\n"),
        ("x = %time f()", "x = f()\n"),
        ("for i in a:\n    %time f(i)", "for i in a:\n    f(i)\n"),
        ("%time !ls", "get_ipython().system('ls')\n"),
        ("%time", "get_ipython().run_line_magic('time', '')\n"),
        ("%prun -s cumtime f()", "get_ipython().run_line_magic('prun', '-s cumtime f()')\n"),
        ("pip install a", "get_ipython().run_line_magic('pip', 'install a')\n"),
        ("cd ..", "get_ipython().run_line_magic('cd', '..')\n"),
        ("await f()\n!ls", "await f()\nget_ipython().system('ls')\n"),
        ("\n  x = 1\n  !ls\n  y", "\nx = 1\nget_ipython().system('ls')\ny\n"),
        ("    x\n    !a \\\n    b\n", "x\nget_ipython().system('a      b')\n\n"),
        ("\ufeffx = 1", "x = 1\n"),
        ("x = 1;", "x = 1;\n"),
        ("x = f'''\n!ls\n%cd\n'''\n!ls", "x = f'''\n!ls\n%cd\n'''\nget_ipython().system('ls')\n"),
        ("x = (a\n  % b)\n!ls", "x = (a\n  % b)\nget_ipython().system('ls')\n"),
        ("x = a \\\n  % b\n!ls", "x = a \\\n  % b\nget_ipython().system('ls')\n"),
        ("x = 'a(' # (\n!ls", "x = 'a(' # (\nget_ipython().system('ls')\n"),
        ("# why?\n!ls", "# why?\nget_ipython().system('ls')\n"),
    ],
)
def test_python_stands_for_a_magic(cell: str, text: str) -> None:
    assert program(cell).text == text


@pytest.mark.parametrize(
    "cell", ["ls -l", "cd /content", "x = a %b", "x = '''\n%cd\n!ls\n'''\n", "(a\n% b)\n", "a = b\\\n% c\n", "rm\n"]
)
def test_python_is_left_as_it_is(cell: str) -> None:
    assert program(cell).text.rstrip() == cell.rstrip()


@pytest.mark.parametrize(
    ("magic", "value"),
    [
        ("%env A=1", "1"),
        ("%env A 1", "1"),
        ("%set_env A=1", "1"),
        ("%set_env A 1 2", "1 2"),
        ("%env A = 1 ", "1"),
        ('%env A="1"', '"1"'),  # IPython keeps the quotes
        ("%env A=1 # on", "1 # on"),
        ("%env A=b=c", "b=c"),
        ("env A=1", "1"),
    ],
)
def test_an_environment_magic_sets_the_environment(magic: str, value: str) -> None:
    assert program(magic).text == f"__import__(\"os\").environ['A'] = {value!r}\n"


@pytest.mark.parametrize("magic", ["%env A={x}", "%env A $x"])
def test_the_value_of_an_environment_magic_may_be_unknown(magic: str) -> None:
    assert program(magic).text.startswith("__import__(\"os\").environ['A'] = get_ipython().var_expand(")


@pytest.mark.parametrize("magic", ["%env", "%env A", "%env A B=c"])
def test_an_environment_magic_that_sets_nothing_is_a_magic(magic: str) -> None:
    assert program(magic).text.startswith("get_ipython().run_line_magic('env'")


@pytest.mark.parametrize("first", ["%%time", "%%timeit -n 1", "%%capture out", "%%prun", "# title\n%%time", "%%time\n%%capture"])
def test_the_body_of_a_python_cell_magic_is_code(first: str) -> None:
    assert program(f"{first}\nx = 1").text.endswith(")\nx = 1\n")


@pytest.mark.parametrize(
    ("cell", "body"),
    [
        ("%%time\n  x\n  y", "x\ny"),
        ("%%capture out\n\n    for i in a:\n        x\n", "\nfor i in a:\n    x"),
        ("%%capture\n%%time\n\tx\n\t!ls", "x\nget_ipython().system('ls')"),
        ("  %%time\n  x\n  y", "x\ny"),
    ],
)
def test_the_body_of_a_cell_magic_may_be_indented(cell: str, body: str) -> None:
    assert program(cell).text.endswith(f")\n{body}\n")


def test_code_in_an_indented_body_is_edited_where_it_stands() -> None:
    notebook = program("%%time\n    fit(lr=1)\n")
    assert place_of(notebook, "lr") == Place(0, 2, 9, 2, 11)
    edited = notebook.rewrite([Edit(place_of(notebook, "lr"), "rate")])
    assert json.loads(edited.encode())["cells"][0]["source"] == "%%time\n    fit(rate=1)\n"


@pytest.mark.parametrize(
    "first",
    ["%%bash", "%%writefile a.py", "%%html", "%%!", "%%python3", "\n%%sh -e", "#@title a\n%%bash", "%%capture\n%%bash"],
)
def test_a_cell_of_another_language_is_left_alone(first: str) -> None:
    notebook = program(f"{first}\nx = 1\n", "y")
    assert (notebook.text, notebook.skipped) == ("y\n", ())


def test_the_cell_of_an_unknown_magic_counts_if_it_is_python() -> None:
    notebook = program("%%backend tensorflow\nx = 1", "%%mermaid\ngraph LR; a --> b", "y")
    assert notebook.text.endswith(")\nx = 1\ny\n")
    assert notebook.skipped == ()


def test_a_magic_stands_for_the_whole_of_it() -> None:
    notebook = program("x\nif a:\n    %env A=1\n")
    assert place_of(notebook, "'1'") == Place(0, 3, 5, 3, 13)


def test_what_follows_a_timing_magic_stands_where_it_does_in_the_cell() -> None:
    notebook = program("%time fit(lr=1)")
    assert place_of(notebook, "lr") == Place(0, 1, 11, 1, 13)
    assert place_of(notebook, "fit(lr=1)") == Place(0, 1, 7, 1, 16)


def test_an_indented_cell_has_the_places_of_the_cell() -> None:
    notebook = program("  x\n  lr\n")
    assert place_of(notebook, "lr") == Place(0, 2, 3, 2, 5)
    assert notebook.rewrite([Edit(Place(0, 2, 3, 2, 5), "rate")]).text == "x\nrate\n"


def test_code_behind_a_timing_magic_can_be_edited() -> None:
    notebook = program("%time fit(lr=1)")
    edited = notebook.rewrite([Edit(place_of(notebook, "lr"), "rate")])
    assert json.loads(edited.encode())["cells"][0]["source"] == "%time fit(rate=1)"


@pytest.mark.parametrize("place", [Place(0, 2, 6, 2, 6), Place(0, 2, 1, 2, 2), Place(0, 1, 1, 3, 1)])
def test_a_magic_is_not_edited(place: Place) -> None:
    with pytest.raises(Refused, match="magic"):
        program("x\n%env A=1\ny").rewrite([Edit(place, "z")])


def test_lines_are_inserted_above_and_below_a_magic() -> None:
    notebook = program("%env A=1\ny")
    edited = notebook.rewrite([Edit(Place(0, 1, 1, 1, 1), "import a\n"), Edit(Place(0, 2, 1, 2, 1), "import b\n")])
    assert json.loads(edited.encode())["cells"][0]["source"] == "import a\n%env A=1\nimport b\ny"


@pytest.mark.parametrize("cell", ["%time x = f()", "if a:\n  !ls \\\n  b\n  x = 1\n  %cd a", "x?\ny\n", "  a\n\n  %env A=1\n  b"])
def test_masks_keep_the_lines_and_give_valid_python(cell: str) -> None:
    text = program(cell).text
    ast.parse(text)
    assert text.count("\n") == (cell.rstrip("\n") + "\n").count("\n")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_cell_of_many_empty_lines_is_read(newline: str) -> None:
    cell = newline * 5000
    assert program(cell + "x = = 1", cell + "!ls").text == cell + "get_ipython().system('ls')\n"


pieces = [
    "\n",
    "\n  ",
    " ",
    "\\",
    "%",
    "%%",
    "!",
    "?",
    "=",
    "'",
    '"""',
    "(",
    ")",
    "#",
    ":",
    "x",
    "time",
    "%time ",
    "%env ",
    "\ufeff",
    "\ud800",
]


@given(st.lists(st.sampled_from(pieces), max_size=15).map("".join))
def test_any_cell_keeps_its_lines_and_places(cell: str) -> None:
    notebook = program(cell, "y")
    text = notebook.text
    if cell and not notebook.skipped and text != "y\n":
        assert text.count("\n") == (cell.removesuffix("\n") + "\n").count("\n") + 1
    starts = [notebook.place(at, at) for at in range(len(text) + 1)]
    assert starts == sorted(starts)
    for at in range(len(text)):
        place = notebook.place(at, at + 1)
        assert (place.line, place.column) <= (place.end_line, place.end_column)
