"""Python files: bytes to text and back, places, and edits that change nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamlint.findings import Edit, Place
from adamlint.text.source import Program, Refused, Unreadable, read

BOM = b"\xef\xbb\xbf"


def replaced(data: bytes, *changes: tuple[str, str]) -> bytes:
    """The file with the first occurrence of each word replaced, all in one rewrite."""
    program = read("a.py", data)
    return program.rewrite([Edit(place_of(program, word), text) for word, text in changes]).encode()


def place_of(program: Program, word: str) -> Place:
    start = program.text.index(word)
    return program.place(start, start + len(word))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x = 1",
        b"x = 1\r\ny = 2\r\n",
        b"x = 1\ry = 2\r",
        b"x = 1\r\ny = 2\nz = 3\rw = 4",
        b"\x0cx = 1\n\tif x:\x0c\n",
        BOM + b"x = 1\n",
        BOM + b"# coding: utf-8\nx = '\xc3\xa9'\n",
        b"# coding: latin-1\nx = '\xe9'\n",
        b"# comment \xe9\n# -*- coding: iso-8859-15 -*-\nx = '\xa4'\n",
        b"# coding: cp1252\rx = '\x80'\r",
        b"#!/usr/bin/env python\n# vim: set fileencoding=shift_jis :\nx = '\x83\x5c'\n",
        b"x = '\xe2\x80\xa8 \xf0\x9f\x98\x80'\n",
    ],
)
def test_an_unedited_file_keeps_its_bytes(data: bytes) -> None:
    assert read("a.py", data).encode() == data


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"f(lr=1)\r\ng()\r\n", b"f(learning_rate=1)\r\ng()\r\n"),
        (b"f(lr=1)\rg()", b"f(learning_rate=1)\rg()"),
        (b"a\r\nb\nc\rf(lr=1)", b"a\r\nb\nc\rf(learning_rate=1)"),
        (BOM + b"f(lr=1)", BOM + b"f(learning_rate=1)"),
        (b"# coding: latin-1\n'\xe9'; f(lr=1)\n", b"# coding: latin-1\n'\xe9'; f(learning_rate=1)\n"),
        ("'\U0001f600\u2028'; f(lr=1)\n".encode(), "'\U0001f600\u2028'; f(learning_rate=1)\n".encode()),
        (b"\x0cif x:\x0b\n\tf(lr=1) \t\n", b"\x0cif x:\x0b\n\tf(learning_rate=1) \t\n"),
        (b"'\x1c\x1d\x85'\nf(lr=1)".replace(b"\x85", "\x85".encode()), "'\x1c\x1d\x85'\nf(learning_rate=1)".encode()),
    ],
)
def test_an_edit_changes_nothing_else(data: bytes, expected: bytes) -> None:
    assert replaced(data, ("lr", "learning_rate")) == expected


def test_the_text_has_no_byte_order_mark() -> None:
    assert read("a.py", BOM + b"x = 1\n").text == "x = 1\n"


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("\n\nlr", 3, 1),
        ("a\r\nb\rc\nlr", 4, 1),
        ("\t\tlr", 1, 3),
        ("'\U0001f600' + lr", 1, 7),
        ("a\x0cb\x0b\x1c\x85\u2028lr", 1, 8),
    ],
)
def test_lines_are_those_of_python_and_columns_count_code_points(source: str, line: int, column: int) -> None:
    assert place_of(read("a.py", source.encode()), "lr") == Place(None, line, column, line, column + 2)


def test_a_span_over_the_end_of_a_line_ends_on_the_next() -> None:
    assert read("a.py", b"x\r\ny\r\n").place(0, 3) == Place(None, 1, 1, 2, 1)


def test_the_end_of_the_text_is_a_place() -> None:
    program = read("a.py", b"x\n")
    assert program.rewrite([Edit(program.place(2, 2), "y\n")]).encode() == b"x\ny\n"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"x\n", b"import os\nx\n"),
        (b"x\r\n", b"import os\r\nx\r\n"),
        (b"x\ry\r", b"import os\rx\ry\r"),
        (b"x\r\ny\r\nz\n", b"import os\r\nx\r\ny\r\nz\n"),
        (b"x", b"import os\nx"),
    ],
)
def test_inserted_lines_end_as_most_lines_do(data: bytes, expected: bytes) -> None:
    assert replaced(data, ("", "import os\n")) == expected


def test_text_that_was_copied_with_its_newline_gets_no_second_carriage_return() -> None:
    assert replaced(b"x\r\n", ("", "y\r\n")) == b"y\r\nx\r\n"


def test_the_same_edit_twice_is_made_once() -> None:
    assert replaced(b"x\n", ("", "import os\n"), ("", "import os\n")) == b"import os\nx\n"


def test_insertions_at_one_place_keep_their_order() -> None:
    assert replaced(b"x\n", ("", "b\n"), ("", "a\n"), ("x", "y")) == b"b\na\ny\n"


def test_edits_side_by_side_do_not_overlap() -> None:
    assert replaced(b"abc\n", ("c", "3"), ("a", "1"), ("b", "2")) == b"123\n"


@pytest.mark.parametrize("words", [("abc", "b"), ("ab", "bc")])
def test_overlapping_edits_are_refused(words: tuple[str, str]) -> None:
    with pytest.raises(Refused, match="line 1: two edits overlap"):
        replaced(b"abc\n", (words[0], "1"), (words[1], "2"))


def test_two_texts_for_one_place_are_refused() -> None:
    with pytest.raises(Refused, match="overlap"):
        replaced(b"lr\n", ("lr", "a"), ("lr", "b"))


@pytest.mark.parametrize(
    "place",
    [
        Place(None, 0, 1, 1, 1),
        Place(None, 1, 0, 1, 1),
        Place(None, 1, 1, 1, 9),
        Place(None, 4, 1, 4, 1),
        Place(None, 2, 1, 1, 1),
        Place(0, 1, 1, 1, 1),
    ],
)
def test_an_edit_at_no_place_of_the_file_is_refused(place: Place) -> None:
    with pytest.raises(Refused):
        read("a.py", b"x\ny\n").rewrite([Edit(place, "z")])


def test_an_edit_that_the_encoding_cannot_write_is_refused() -> None:
    with pytest.raises(Refused, match="encoding iso-8859-1 of the file cannot write"):
        replaced(b"# coding: latin-1\nx\n", ("x", "\u20ac"))


def test_a_file_whose_encoding_has_several_spellings_is_not_edited() -> None:
    data = b"# coding: utf-7\nx = '+AGEAYg-'\n"  # "ab", which would be written back as such
    assert read("a.py", data).encode() == data
    with pytest.raises(Refused, match="several ways"):
        replaced(data, ("x", "y"))


def test_a_program_is_not_changed_by_its_rewrite() -> None:
    program = read("a.py", b"x\n")
    changed = program.rewrite([Edit(program.place(0, 1), "y")])
    assert (program.encode(), changed.encode(), changed.text) == (b"x\n", b"y\n", "y\n")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"x\ny = '\xff'\n", "line 2: byte 7 (0xff) is not utf-8"),
        (BOM + b"\xff", "line 1: byte 3 (0xff) is not utf-8"),
        (b"# coding: ascii\n\xe9", "line 2: byte 16 (0xe9) is not ascii"),
        (b"# coding: none-such\n", "line 1: unknown encoding: none-such"),
        (b"\n# coding: none-such\n", "line 2: unknown encoding: none-such"),
        (b"# coding: rot13\n", "line 1: cannot decode as rot13"),
        (BOM + b"# coding: latin-1\n", "line 1: the declared encoding is not that of the UTF-8 BOM"),
        (b"x\ny\0\n", "line 2: null byte at byte 3"),
        (BOM + BOM + b"x", "line 1: decoding as utf-8 gives no Python source"),
        (b"# coding: unicode_escape\n'\\ud800'", "line 1: decoding as unicode_escape gives no Python source"),
    ],
)
def test_what_is_no_text_is_unreadable_and_says_where(data: bytes, message: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read("a.py", data)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_cookie_counts_on_the_first_two_lines_only() -> None:
    assert read("a.py", b"x\n\n# coding: none-such\n").text == "x\n\n# coding: none-such\n"


sources = st.text(st.sampled_from("ab\n\r\t\x0c\x1c\u2028\xe9\U0001f600 '#"), max_size=40)


@given(sources, st.booleans())
def test_any_text_survives(source: str, bom: bool) -> None:
    data = BOM * bom + source.encode()
    program = read("a.py", data)
    assert (program.text, program.encode()) == (source, data)


@given(sources, st.data())
def test_any_span_is_replaced_where_it_stands(source: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, len(source)))
    program = read("a.py", source.encode())
    edited = program.rewrite([Edit(program.place(start, end), "new")])
    assert edited.encode() == (source[:start] + "new" + source[end:]).encode()


@given(sources, st.lists(st.integers(0, 40), min_size=4, max_size=4))
def test_two_spans_are_replaced_in_any_order(source: str, numbers: list[int]) -> None:
    a, b, c, d = sorted(min(number, len(source)) for number in numbers)
    program = read("a.py", source.encode())
    edits = [Edit(program.place(a, b), "<1>"), Edit(program.place(c, d), "<2>")]
    expected = source[:a] + "<1>" + source[b:c] + "<2>" + source[d:]
    assert program.rewrite(edits).encode() == expected.encode()
    if b < c:
        assert program.rewrite(edits[::-1]).encode() == expected.encode()
