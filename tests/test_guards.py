"""Guards narrow the target by what they really do on each release: `legacy.Adam()` inside them is reported, or not."""

from __future__ import annotations

import pytest

from tests.checking import findings, silent

HEAD = """
import tensorflow as tf
import keras
from packaging import version
from distutils.version import LooseVersion
import unittest, pytest
"""
CALL = "tf.keras.optimizers.legacy.Adam(learning_rate=0.1)"

RIGHT = {
    "packaging": f"if version.parse(tf.__version__) < version.parse('2.16'):\n    {CALL}",
    "the other way round": f"if version.parse('2.16') > version.parse(tf.__version__):\n    {CALL}",
    "else": f"if version.Version(tf.__version__) >= version.Version('2.16.0'):\n    pass\nelse:\n    {CALL}",
    "LooseVersion against a string": f"if LooseVersion(tf.__version__) < '2.16':\n    {CALL}",
    "a tuple of ints": f"if tuple(int(p) for p in tf.__version__.split('.')[:2]) < (2, 16):\n    {CALL}",
    "map int": f"if tuple(map(int, tf.__version__.split('.')[:2])) < (2, 16):\n    {CALL}",
    "one part": f"if int(tf.__version__.split('.')[1]) < 16:\n    {CALL}",
    "the version of keras": f"if keras.__version__.startswith('2'):\n    {CALL}",
    "the version of tf.keras": f"if version.parse(tf.keras.__version__) < version.parse('3'):\n    {CALL}",
    "a flag of the module": f"OLD = version.parse(tf.__version__) < version.parse('2.16')\ndef f():\n    if OLD:\n        {CALL}",
    "a function that tells": f"def old():\n    return LooseVersion(tf.__version__) < LooseVersion('2.16')\nif old():\n    {CALL}",
    "not": f"if not version.parse(tf.__version__) >= version.parse('2.16'):\n    {CALL}",
    "and": f"if x and version.parse(tf.__version__) < version.parse('2.16'):\n    {CALL}",
    "or, both known": f"if LooseVersion(tf.__version__) < '2.13' or LooseVersion(tf.__version__) < '2.16':\n    {CALL}",
    "conditional expression": f"{CALL} if keras.__version__ < '3' else None",
    "short circuit": f"keras.__version__ < '3' and {CALL}",
    "early return": f"def f():\n    if version.parse(tf.__version__) >= version.parse('2.16'):\n        return\n    {CALL}",
    "early raise": f"if version.parse(tf.__version__) >= version.parse('2.16'):\n    raise RuntimeError\n{CALL}",
    "skipTest": f"class T:\n    def test(self):\n        if LooseVersion(tf.__version__) >= '2.16':\n            self.skipTest('old')\n        {CALL}",
    "skipif": f"@pytest.mark.skipif(version.parse(tf.__version__) >= version.parse('2.16'), reason='')\ndef test():\n    {CALL}",
    "a try around the call": f"try:\n    {CALL}\nexcept ImportError:\n    pass",
    "a wider handler": f"try:\n    {CALL}\nexcept Exception:\n    tf.keras.optimizers.Adam()",
    "a bare except": f"try:\n    {CALL}\nexcept:\n    pass",
    "an expected error": f"with pytest.raises(ImportError):\n    {CALL}",
    "string comparison that happens to hold": f"if tf.__version__ < '2.16':\n    {CALL}",
    "two guards that meet": f"if LooseVersion(tf.__version__) >= '2.13':\n    if LooseVersion(tf.__version__) < '2.16':\n        {CALL}",
}
WRONG = {
    "no guard": CALL,
    "hasattr legacy is true on Keras 3": f"if hasattr(tf.keras.optimizers, 'legacy'):\n    {CALL}",
    "only a lower bound": f"if version.parse(tf.__version__) >= version.parse('2.11'):\n    {CALL}",
    "the wrong side": f"if version.parse(tf.__version__) < version.parse('2.16'):\n    pass\nelse:\n    {CALL}",
    "a try around the import alone": "try:\n    from tensorflow.keras.optimizers.legacy import Adam\nexcept ImportError:\n    from tensorflow.keras.optimizers import Adam\nAdam(learning_rate=0.1)",
    "a handler of another error": f"try:\n    {CALL}\nexcept AttributeError:\n    pass",
    "a handler that raises again": f"try:\n    {CALL}\nexcept ImportError:\n    raise RuntimeError",
    "in the handler, not in the body": f"try:\n    f()\nexcept ImportError:\n    {CALL}",
    "a test of something else": f"if LooseVersion(np.__version__) < '2.16':\n    {CALL}",
    "a flag that is set twice": f"OLD = LooseVersion(tf.__version__) < '2.16'\nOLD = True\nif OLD:\n    {CALL}",
    "or with something unknown": f"if x or LooseVersion(tf.__version__) < '2.16':\n    {CALL}",
    "a function called in a try elsewhere": f"def f():\n    {CALL}\ntry:\n    f()\nexcept ImportError:\n    pass",
    "string comparison goes by letters": f"if tf.__version__ > '2.2' or tf.__version__ >= '2.10':\n    {CALL}",
}  # fmt: skip


@pytest.mark.parametrize("body", RIGHT.values(), ids=RIGHT.keys())
def test_a_guard_that_keeps_keras_3_out_is_right_code(body: str) -> None:
    assert silent("ADM201", HEAD + body + "\n")


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG.keys())
def test_what_does_not_keep_keras_3_out_is_no_guard(body: str) -> None:
    (finding,) = findings("ADM201", HEAD + body + "\n")
    assert "ImportError on 2.16+" in finding.message


def test_a_patch_release_inside_of_a_minor_is_not_certain() -> None:
    body = HEAD + f"if version.parse(tf.__version__) < version.parse('2.16.1'):\n    {CALL}\n"
    (finding,) = findings("ADM201", body)
    assert "raises ImportError on 2.16" in finding.message
    assert "2.16+" not in finding.message


def test_hasattr_of_an_optimizer_is_evaluated_by_the_atlas() -> None:
    body = HEAD + f"opt = tf.keras.optimizers.Adam()\nif hasattr(opt, '_decayed_lr'):\n    {CALL}\n"
    assert silent("ADM201", body)


BOUND = {
    "imports in both branches": "if {old}:\n    from tensorflow.keras.optimizers.legacy import Adam\nelse:\n    from tensorflow.keras.optimizers import Adam\nAdam(0.1)",
    "assignments in both branches": "if {old}:\n    Adam = tf.keras.optimizers.legacy.Adam\nelse:\n    Adam = tf.keras.optimizers.Adam\nAdam(0.1)",
    "modules in both branches": "if {old}:\n    opts = tf.keras.optimizers.legacy\nelse:\n    opts = tf.keras.optimizers\nopts.Adam(0.1)",
    "a conditional expression": "Adam = tf.keras.optimizers.legacy.Adam if {old} else tf.keras.optimizers.Adam\ndef f():\n    return Adam(0.1)",
    "unpacked": "major, minor = tf.__version__.split('.')[:2]\nif int(minor) < 16:\n    " + CALL,
    "unpacked by map": "major, minor = map(int, tf.__version__.split('.')[:2])\nif (major, minor) < (2, 16):\n    " + CALL,
    "unpacked one by one": "v = tf.__version__.split('.')\nMAJOR, MINOR = int(v[0]), int(v[1])\nif MINOR < 16:\n    " + CALL,
    "keras.version()": "if keras.version() < '3':\n    " + CALL,
    "importlib.metadata": "from importlib.metadata import version as v\nif version.parse(v('tensorflow')) < version.parse('2.16'):\n    " + CALL,
    "assert": "assert {old}\n" + CALL,
    "while": "while {old}:\n    " + CALL,
}  # fmt: skip


@pytest.mark.parametrize("body", BOUND.values(), ids=BOUND.keys())
def test_a_guard_where_the_name_is_bound_counts_too(body: str) -> None:
    assert silent("ADM201", HEAD + body.replace("{old}", "version.parse(tf.__version__) < version.parse('2.16')") + "\n")


def test_an_unguarded_binding_is_reported_where_it_is_written() -> None:
    source = HEAD + "if x:\n    Adam = tf.keras.optimizers.legacy.Adam\nelse:\n    Adam = tf.keras.optimizers.Adam\nAdam(0.1)\n"
    (finding,) = findings("ADM201", source)
    assert finding.place.line == 7


def test_hasattr_of_what_may_be_none_is_a_guard() -> None:
    source = HEAD + "try:\n    o = tf.keras.optimizers.Adam(0.1)\nexcept Exception:\n    o = None\nrate = o.lr if hasattr(o, 'lr') else o.learning_rate\n"
    assert not [f for f in findings("ADM602", source) if f.place.column < 15]


def test_words_speak_of_the_releases_whose_error_is_caught_as_well() -> None:
    (finding,) = findings("ADM301", HEAD + "try:\n    tf.keras.optimizers.Adam(lr=0.1)\nexcept ValueError:\n    pass\n")
    assert finding.message.endswith("is ignored (trains at 0.001) on 2.12-2.15")
