"""A fix changes the bytes of its edit: encodings, newlines, layout and all that stands around it come through as they were."""

from __future__ import annotations

import pytest

from adamlint.fixing import fix
from adamlint.rules import implemented, load
from adamlint.text.source import Unreadable, read
from tests.checking import settings

TF = b"import tensorflow as tf\n"

DRESSES = {
    "CRLF": b"import tensorflow as tf\r\nopt = tf.keras.optimizers.Adam(lr=0.1)\r\n",
    "CR": b"import tensorflow as tf\ropt = tf.keras.optimizers.Adam(lr=0.1)\r",
    "mixed newlines": b"import tensorflow as tf\r\nopt = tf.keras.optimizers.Adam(lr=0.1)\nx = 1\ry = 2",
    "BOM": b"\xef\xbb\xbfimport tensorflow as tf\nopt = tf.keras.optimizers.Adam(lr=0.1)  # \xc3\xa9\n",
    "latin-1": b"# -*- coding: latin-1 -*-\n" + TF + b"opt = tf.keras.optimizers.Adam(lr=0.1)  # \xe9\n",
    "cp1252": b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n" + TF + b"s = '\x80\x93'; opt = tf.keras.optimizers.Adam(lr=0.1)  # \x94\n",
    "shift_jis": b"# coding: shift_jis\n" + TF + b"opt = tf.keras.optimizers.Adam(lr=0.1)  # \x95\\\n",
    "no final newline": TF + b"opt = tf.keras.optimizers.Adam(lr=0.1)",
    "form feeds": b"\x0c\n" + TF + b"\x0copt = tf.keras.optimizers.Adam(\x0clr=0.1)\n\x0c",
    "tabs": TF + b"if x:\n\topt\t=\ttf.keras.optimizers.Adam(\tlr\t=\t0.1\t)\t# c\t\n",
    "line continuations": TF + b"opt = \\\n    tf.keras \\\n    .optimizers.Adam( \\\n  lr \\\n  = 0.1)\n",
    "parentheses": TF + b"opt = ((tf.keras.optimizers).Adam)((0.1)) if a else (tf.keras.optimizers.Adam(lr=(0.1)))\n",
    "f-strings": TF + b"print(f'{tf.keras.optimizers.Adam(lr=0.1)!r:>{w}} {x}')\n",
    "walrus": TF + b"if (opt := tf.keras.optimizers.Adam(lr=0.1)): pass\n",
    "decorators": TF + b"@deco(tf.keras.optimizers.Adam(lr=0.1))\n@other\nclass A: pass\n",
    "semicolons": TF + b"a = 1; opt = tf.keras.optimizers.Adam(lr=0.1); b = 2;\n",
    "quotes": TF + b"opt = tf.keras.optimizers.Adam(**{'lr': 0.1, \"name\": r'''a''' })\n",
    "odd characters": TF + "s = 'a\x85b\u2028c'; opt = tf.keras.optimizers.Adam(lr=0.1)  # \U0001f600\n".encode(),
    "white space and a trailing comma": TF + b"opt = tf.keras.optimizers.Adam( lr=0.1 , )   \n\n\n   \n",
}


def fixed(before: bytes) -> bytes:
    return fix(read("a.py", before), load(implemented()), settings(), unsafe=True).program.encode()


@pytest.mark.parametrize("before", DRESSES.values(), ids=DRESSES.keys())
def test_only_the_edit_changes(before: bytes) -> None:
    assert before.count(b"lr") == 1
    assert fixed(before) == before.replace(b"lr", b"learning_rate")


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_an_import_that_is_added_ends_as_the_lines_of_the_file(newline: bytes) -> None:
    before = b"from keras.models import Sequential\nmodel = Sequential()\nmodel.compile('adam')\n"
    after = before.replace(b"'adam'", b"Adam(learning_rate=0.001)").replace(b"model =", b"from keras.optimizers import Adam\nmodel =")
    assert fixed(before.replace(b"\n", newline)) == after.replace(b"\n", newline)


def test_an_encoding_that_can_write_a_text_in_several_ways_is_left() -> None:
    before = b"# coding: utf-7\n" + TF + b"opt = tf.keras.optimizers.Adam(lr=0.1)  # +AOk-\n"
    done = fix(read("a.py", before), load(implemented()), settings(), unsafe=True)
    assert done.program.encode() == before
    assert "ADM903" in [finding.code for finding in done.report.findings]


def test_utf_16_is_no_python_source() -> None:
    with pytest.raises(Unreadable):
        read("a.py", (TF + b"opt = tf.keras.optimizers.Adam(lr=0.1)\n").decode().encode("utf-16"))
