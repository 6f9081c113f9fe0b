"""Notebooks: cells to one program and back, byte for byte but for the sources of the cells that change."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamlint.findings import Edit, Place
from adamlint.text.source import Program, Refused, Unreadable, read

BOM = b"\xef\xbb\xbf"


def code(source: str | list[str], **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source, **more}


def notebook(*cells: dict[str, Any], **metadata: Any) -> bytes:
    document = {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1).encode() + b"\n"


def replaced(data: bytes, old: str, new: str) -> bytes:
    program = read("a.ipynb", data)
    return program.rewrite([Edit(place_of(program, old), new)]).encode()


def place_of(program: Program, word: str) -> Place:
    start = program.text.index(word)
    return program.place(start, start + len(word))


def sources(data: bytes) -> list[Any]:
    return [cell["source"] for cell in json.loads(data)["cells"]]


def test_code_cells_are_one_program_in_order() -> None:
    markdown = {"cell_type": "markdown", "metadata": {}, "source": ["# x"]}
    data = notebook(code(["import a\n", "x = 1"]), markdown, code("y = x\n"), code([]), code("z"))
    assert read("a.ipynb", data).text == "import a\nx = 1\ny = x\nz\n"


def test_a_place_is_in_a_cell_counted_among_all() -> None:
    raw = {"cell_type": "raw", "metadata": {}, "source": "lr"}
    program = read("A.IPYNB", notebook(raw, code("x\n"), raw, code("y\n  \nf(lr)")))
    assert place_of(program, "lr") == Place(3, 3, 3, 3, 5)


def test_a_span_ends_with_the_cell_in_which_it_starts() -> None:
    program = read("a.ipynb", notebook(code("ab"), code("c")))
    assert program.place(1, 4) == Place(0, 1, 2, 1, 3)
    assert program.place(3, 4) == Place(1, 1, 1, 1, 2)


def test_the_end_of_the_program_is_the_end_of_the_last_cell() -> None:
    program = read("a.ipynb", notebook(code("ab"), code("c")))
    assert program.place(len(program.text), len(program.text)) == Place(1, 1, 2, 1, 2)


def test_a_cell_that_does_not_parse_hides_no_other() -> None:
    program = read("a.ipynb", notebook(code("x = 1"), code("y\n  print 1\n"), code("z = 1")))
    assert program.text == "x = 1\nz = 1\n"
    (bad,) = program.skipped
    assert (bad.cell, bad.line) == (1, 2)
    assert bad.column >= 1
    assert bad.message
    assert bad.source == "y\n  print 1\n"


def test_a_bad_cell_has_the_column_of_the_cell_not_of_what_is_parsed() -> None:
    (bad,) = read("a.ipynb", notebook(code("%time x = = 1"))).skipped
    assert (bad.cell, bad.line, bad.column, bad.source) == (0, 1, 11, "%time x = = 1")


@pytest.mark.parametrize("cell", ["x = 'a\0b'", "(" * 300, "x = '", "  x\n y", "\x1c"])
def test_any_bad_cell_is_told(cell: str) -> None:
    program = read("a.ipynb", notebook(code(cell), code("y")))
    assert (program.text, len(program.skipped)) == ("y\n", 1)


@pytest.mark.parametrize("cell", ["await f()", "async with a as b:\n    pass", "x = [await a async for a in b]", "f'{a[\"b\"]}'"])
def test_what_ipython_runs_is_no_bad_cell(cell: str) -> None:
    assert read("a.ipynb", notebook(code(cell))).text == cell + "\n"


def test_syntax_that_is_newer_than_the_python_that_runs_is_no_bad_cell() -> None:
    cell = "type A = int\nx = f'{a['b']}'"  # Python 3.12
    assert read("a.ipynb", notebook(code(cell))).text == cell + "\n"


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"language": "R", "name": "ir"}},
        {"language_info": {"name": "julia"}},
        {"kernelspec": {"language": "python"}, "language_info": {"name": "scala"}},
    ],
)
def test_a_kernel_of_another_language_has_no_program(metadata: dict[str, Any]) -> None:
    data = notebook(code("x"), **metadata)
    program = read("a.ipynb", data)
    assert (program.text, program.skipped, program.encode()) == ("", (), data)
    assert program.place(0, 0) == Place(None, 1, 1, 1, 1)


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"kernelspec": {"name": "python3"}},
        {"kernelspec": {"language": ""}},
        {"kernelspec": None},
        {"language_info": {"name": "ipython"}},
    ],
)
def test_a_kernel_that_is_not_told_is_python(metadata: dict[str, Any]) -> None:
    assert read("a.ipynb", notebook(code("x"), **metadata)).text == "x\n"


def test_nbformat_3_has_worksheets_and_inputs() -> None:
    sheets = [
        {"cells": [{"cell_type": "code", "language": "python", "input": ["a\n", "b"]}, {"cell_type": "markdown", "source": "c"}]},
        {"cells": [{"cell_type": "code", "language": "julia", "input": "d"}, {"cell_type": "code", "input": "lr"}]},
    ]
    data = json.dumps({"metadata": {"name": ""}, "nbformat": 3, "worksheets": sheets}).encode()
    program = read("a.ipynb", data)
    assert program.text == "a\nb\nlr\n"
    assert place_of(program, "lr") == Place(3, 1, 1, 1, 3)
    assert replaced(data, "lr", "rate") == data.replace(b'"lr"', b'"rate"')


def test_nbformat_3_lists_may_hold_lines_without_newlines() -> None:
    sheet = {"cells": [{"cell_type": "code", "input": ["a", "lr"]}]}
    data = json.dumps({"nbformat": 3, "worksheets": [sheet]}).encode()
    assert read("a.ipynb", data).text == "a\nlr\n"
    assert json.loads(replaced(data, "lr", "x"))["worksheets"][0]["cells"][0]["input"] == ["a\n", "x"]


@pytest.mark.parametrize(
    "data",
    [
        b'{"cells":[{"cell_type":"code","source":"f(lr)"}],"metadata":{}}',
        b'{"cells": [{"source": ["f(lr)"], "cell_type": "code"}]}\n\n',
        b'{\r\n "cells": [\r\n  {"cell_type": "code",\r\n   "source": [\r\n    "x\\n",\r\n    "f(lr)"\r\n   ]}\r\n ]\r\n}\r\n',
        b'{\n\t"cells": [\n\t\t{\n\t\t\t"cell_type": "code",\n\t\t\t"source": [\n\t\t\t\t"f(lr)"\n\t\t\t]\n\t\t}\n\t]\n}',
        BOM + b' {"cells" : [ {"cell_type":"code" , "source" : [ "a\\n" , "f(lr)" ] } ] } ',
        '{"cells": [{"cell_type": "code", "outputs": ["\\u00e9 \xe9 \\/"], "source": ["x = 1 # \xe9\\n", "f(lr)"]}]}'.encode(),
        b'{"cells": [{"cell_type": "code", "source": ["f(lr) # \\u00E9 \\u003c \\/ \\ud83d\\ude00 \\\\u0041 \\t"]}]}',
        b'{"cells": [{"cell_type": "code", "source": "a # \\ud800\\nf(lr)"}], "n": 1e999, "m": ' + b"9" * 5000 + b"}",
        b'{"cells": [{"cell_type": "code", "source": ["a\\nb\\n", "c; f(lr); ", "d\\n"]}]}',
        b'{"cells": [{"cell_type": "code", "source": ["a\\n", "f(lr)\\n", ""]}]}',
        b'{"cells": [{"cell_type": "code", "source": ["# a\\u000c", "b\\n", "f(lr)"]}]}',
        b'{"cells": [{"cell_type": "code", "source": ["# a\\fb\\n", "f(lr)"]}]}',
        b'{"cells": 1, "cells": [{"source": "x", "source": "f(lr)", "cell_type": "raw", "cell_type": "code"}]}',
        b'{"c\\u0065lls": [{"cell_type": "code", "source": "f(lr)"}]}',
    ],
)
def test_an_edit_changes_the_place_alone(data: bytes) -> None:
    assert read("a.ipynb", data).encode() == data
    assert replaced(data, "lr", "rate") == data.replace(b"lr", b"rate")


def test_outputs_and_other_cells_keep_their_bytes() -> None:
    output = b'{"cell_type":"code","outputs":[{"text":"\\u00e9\xc3\xa9",  "n":1.50}],"source":"a"}'
    data = b'{"cells":[' + output + b',{"cell_type":"code","source":"lr"}],"metadata":{}}'
    assert replaced(data, "lr", "rate") == data.replace(b"lr", b"rate")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('[\n    "lr"\n   ]', '[\n    "a\\n",\n    "b"\n   ]'),
        ('[\n    "x\\n",\n    "lr"]', '[\n    "x\\n",\n    "a\\n",\n    "b"]'),
        ('["lr"]', '["a\\n", "b"]'),
        ('["x\\n","lr"]', '["x\\n","a\\n","b"]'),
        ('["x\\n",\n "y\\n",  "z\\n",\n "lr"]', '["x\\n",\n "y\\n",  "z\\n",\n "a\\n",\n "b"]'),
        ('["x\\n",\n "lr\\n",  "z\\n",\n "y"]', '["x\\n",\n "a\\n",\n "b\\n",  "z\\n",\n "y"]'),
        ('"lr"', '"a\\nb"'),
    ],
)
def test_new_lines_are_written_in_the_style_of_the_old(before: str, after: str) -> None:
    template = '{"cells": [{"cell_type": "code", "source": %s}]}'
    assert replaced((template % before).encode(), "lr", "a\nb").decode() == template % after


@pytest.mark.parametrize(
    ("gone", "after"),
    [("b\n", '["a\\n",\n "c\\n",  "d"]'), ("b\nc\n", '["a\\n",\n "d"]'), ("c\nd", '["a\\n",\n "b\\n"]'), ("a\nb\nc\nd", "[]")],
)
def test_lines_go_with_what_stands_behind_them(gone: str, after: str) -> None:
    template = '{"cells": [{"cell_type": "code", "source": %s}]}'
    data = (template % '["a\\n",\n "b\\n", "c\\n",  "d"]').encode()
    assert replaced(data, gone, "").decode() == template % after


def test_a_list_of_one_line_in_a_dense_file_stays_dense() -> None:
    data = b'{"cells":[{"cell_type":"code","source":["lr"]}]}'
    assert replaced(data, "lr", "a\nb") == data.replace(b'"lr"', b'"a\\n","b"')


def test_a_cell_whose_lines_end_in_carriage_returns_keeps_them() -> None:
    data = b'{"cells": [{"cell_type": "code", "source": "a\\r\\nlr\\r\\n"}]}'
    assert replaced(data, "lr", "b\nc") == data.replace(b"lr", b"b\\r\\nc")


def test_new_text_is_escaped_if_the_file_is_ascii() -> None:
    data = b'{"cells": [{"cell_type": "code", "source": "lr"}]}'
    assert replaced(data, "lr", "'\xe9'") == data.replace(b"lr", b"'\\u00e9'")


def test_new_text_is_not_escaped_if_the_file_has_other_characters() -> None:
    data = '{"cells": [{"cell_type": "code", "source": "lr"}], "a": "\xe9"}'.encode()
    assert replaced(data, "lr", "'\u20ac'") == data.replace(b"lr", "'\u20ac'".encode())


def test_new_text_is_escaped_as_the_old_source_is() -> None:
    data = b'{"cells": [{"cell_type": "code", "source": "a \\u003c lr"}]}'
    assert replaced(data, "lr", "b < c") == data.replace(b"lr", b"b \\u003c c")


def test_a_lone_surrogate_is_kept() -> None:
    data = '{"cells": [{"cell_type": "code", "source": "x = \'\\ud800\'\\nlr"}], "a": "\xe9"}'.encode()
    program = read("a.ipynb", data)
    assert program.text == "x = '\ufffd'\nlr\n"
    assert replaced(data, "lr", "'\udfff'") == data.replace(b"lr", b"'\\udfff'")


def test_several_cells_are_edited_at_once() -> None:
    program = read("a.ipynb", notebook(code("lr"), code("x"), code(["a\n", "rate"])))
    edited = program.rewrite([Edit(place_of(program, "rate"), "2"), Edit(place_of(program, "lr"), "1")])
    assert sources(edited.encode()) == ["1", "x", ["a\n", "2"]]
    assert edited.text == "1\nx\na\n2\n"


def test_an_edit_that_breaks_its_cell_stays_in_the_program() -> None:
    program = read("a.ipynb", notebook(code("lr")))
    assert program.rewrite([Edit(place_of(program, "lr"), "1 +")]).text == "1 +\n"


def test_a_cell_can_be_emptied() -> None:
    assert sources(replaced(notebook(code(["a\n", "b"])), "a\nb", "")) == [[]]


@pytest.mark.parametrize("cell", [1, 2, 9, None])
def test_only_code_that_is_in_the_program_is_edited(cell: int | None) -> None:
    program = read("a.ipynb", notebook(code("x"), code("print 1"), {"cell_type": "markdown", "source": "y"}))
    with pytest.raises(Refused, match="no such code"):
        program.rewrite([Edit(Place(cell, 1, 1, 1, 1), "z")])


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b"null",
        b"{}",
        b' {"cells": []} ',
        b'{"cells": {"a": 1}}',
        b'{"cells": [1, null, "a", [], {}]}',
        b'{"cells": [{"cell_type": "code"}, {"cell_type": "code", "source": 1}, {"cell_type": 1, "source": "x"}]}',
        b'{"cells": [{"cell_type": "code", "source": [1, "x"]}, {"source": "x"}]}',
        b'{"worksheets": [1, {"cells": null}, {}]}',
        b'{"metadata": [], "cells": null}',
    ],
)
def test_json_without_code_cells_is_an_empty_program(data: bytes) -> None:
    program = read("a.ipynb", data)
    assert (program.text, program.skipped, program.encode()) == ("", (), data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a notebook: Expecting value: line 1 column 1"),
        (b'{"cells": [\n{"cell_type": "code" "source"}]}', "not a notebook: Expecting ',' delimiter: line 2 column 22"),
        (b'{"cells": [\n{"a": }]}', "not a notebook: Expecting value: line 2 column 7"),
        (b'{"cells": [],}', "not a notebook: Expecting"),
        (b'{"cells": [{},]}', "not a notebook: Expecting"),
        (b'{"cells": [{}', "not a notebook: Expecting"),
        (b'{"cells": ["a', "not a notebook: Unterminated string"),
        (b'{"cells"', "not a notebook: Expecting"),
        (b'{"a\n": 1}', "not a notebook: Expecting"),
        (b"{1: 2}", "not a notebook: Expecting"),
        (b"{,}", "not a notebook: Expecting"),
        (b"{} {}", "not a notebook: Extra data: line 1 column"),
        (b'{"cells": []}\x00', "not a notebook: Extra data"),
        (b'{"a": "\xff"}', "line 1: byte 7 (0xff) is not utf-8"),
        (b"[" * 100_000, "not a notebook: "),
        (b"<<<<<<< HEAD\n{}", "not a notebook: Expecting value: line 1 column 1"),
    ],
)
def test_what_is_no_json_is_unreadable_and_says_where(data: bytes, message: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read("a.ipynb", data)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
lines = st.lists(st.text(st.sampled_from('ab \t\x0c\u2028\xe9\U0001f600<"\\/'), max_size=6), max_size=5)
styles = st.sampled_from([{"indent": 1}, {"indent": "\t"}, {}, {"separators": (",", ":")}, {"indent": 2, "sort_keys": True}])


@given(values, st.booleans(), styles)
def test_any_json_survives(value: Any, ascii_only: bool, style: dict[str, Any]) -> None:
    data = json.dumps({"cells": value, "metadata": value}, ensure_ascii=ascii_only, **style).encode("utf-8", "replace")
    assert read("a.ipynb", data).encode() == data


@given(lines, lines, st.booleans(), st.booleans(), styles)
def test_an_edited_file_is_what_its_writer_would_have_written(
    above: list[str], below: list[str], as_list: bool, ascii_only: bool, style: dict[str, Any]
) -> None:
    def written(word: str) -> bytes:
        text = "\n".join(f"# {line}" for line in [*above, word, *below])
        source = [line + "\n" for line in text.split("\n")[:-1]] + [text.split("\n")[-1]] if as_list else text
        cells = [code("x\n"), code(source), {"cell_type": "markdown", "source": "\xe9"}]
        return json.dumps({"cells": cells, "metadata": {}}, ensure_ascii=ascii_only, **style).encode()

    assert replaced(written("lr"), "lr", "\xe9\n# rate") == written("\xe9\n# rate")


@given(st.binary(max_size=30))
def test_any_bytes_are_read_or_unreadable(data: bytes) -> None:
    for path in ("a.py", "a.ipynb"):
        with contextlib.suppress(Unreadable):
            assert read(path, data).encode() == data


def test_a_cell_nested_deeper_than_python_takes_is_a_bad_cell() -> None:
    document = json.dumps({"cells": [{"cell_type": "code", "source": "x = " + "(" * 5000 + "1" + ")" * 5000}]})
    assert [cell.message for cell in read("a.ipynb", document.encode()).skipped] == ["too many nested parentheses"]
