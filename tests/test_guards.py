"""Guards narrow the target by what they really do on each release: `legacy.Adam()` inside them is reported, or not."""

from __future__ import annotations

import pytest

from adamlint.findings import Effect
from tests.checking import findings, silent

HEAD = """
import tensorflow as tf
import keras
from packaging import version
from packaging.version import Version
from distutils.version import LooseVersion
import sys, unittest, pytest
"""
CALL = "tf.keras.optimizers.legacy.Adam(learning_rate=0.1)"
TF = "version.parse(tf.__version__)"

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
    "what only Keras 3 has": f"if not hasattr(tf.keras, 'version'):\n    {CALL}",
    "a function that only Keras 3 has": f"told = getattr(tf.keras, 'version', None)\nif told and told().startswith('3.'):\n    pass\nelse:\n    {CALL}",
    "none in its place": f"if getattr(keras, 'version', None) is None:\n    {CALL}",
    "another Keras for Keras 3": "told = getattr(tf.keras, 'version', None)\nif told and told().startswith('3.'):\n    import tf_keras as kept\nelse:\n    kept = tf.keras\nkept.optimizers.legacy.Adam(learning_rate=0.1)",
    "what a constructor takes": f"import inspect\nif 'decay' in inspect.signature(tf.keras.optimizers.Adam).parameters:\n    {CALL}",
    "a flag of the module": f"OLD = version.parse(tf.__version__) < version.parse('2.16')\ndef f():\n    if OLD:\n        {CALL}",
    "a function that tells": f"def old():\n    return LooseVersion(tf.__version__) < LooseVersion('2.16')\nif old():\n    {CALL}",
    "not": f"if not version.parse(tf.__version__) >= version.parse('2.16'):\n    {CALL}",
    "and": f"if x and version.parse(tf.__version__) < version.parse('2.16'):\n    {CALL}",
    "or, both known": f"if LooseVersion(tf.__version__) < '2.13' or LooseVersion(tf.__version__) < '2.16':\n    {CALL}",
    "conditional expression": f"{CALL} if keras.__version__ < '3' else None",
    "short circuit": f"keras.__version__ < '3' and {CALL}",
    "early return": f"def f():\n    if version.parse(tf.__version__) >= version.parse('2.16'):\n        return\n    {CALL}",
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
    "a lower bound that every release with the class meets": f"if version.parse(tf.__version__) >= version.parse('2.9'):\n    {CALL}",
    "the wrong side": f"if version.parse(tf.__version__) < version.parse('2.16'):\n    pass\nelse:\n    {CALL}",
    "a try around the import alone": "try:\n    from tensorflow.keras.optimizers.legacy import Adam\nexcept ImportError:\n    from tensorflow.keras.optimizers import Adam\nAdam(learning_rate=0.1)",
    "a handler of another error": f"try:\n    {CALL}\nexcept AttributeError:\n    pass",
    "a handler that raises again": f"try:\n    {CALL}\nexcept ImportError:\n    raise RuntimeError",
    "in the handler, not in the body": f"try:\n    f()\nexcept ImportError:\n    {CALL}",
    "a test of something else": f"if LooseVersion(np.__version__) < '2.16':\n    {CALL}",
    "a flag that is set twice": f"OLD = LooseVersion(tf.__version__) < '2.16'\nOLD = True\nif OLD:\n    {CALL}",
    "what is there is of a value that is not known": f"if getattr(tf.keras, 'version', None) != 3:\n    {CALL}",
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


COMPUTED = {
    "a flag": f"NEW = {TF} >= version.parse('2.16')\nif not NEW:\n    {CALL}",
    "a flag, the other way round": f"OLD = version.parse('2.16') > {TF}\nif OLD:\n    {CALL}",
    "a flag from a tuple": f"OLD = tuple(map(int, tf.__version__.split('.')[:2])) < (2, 16)\nif OLD:\n    {CALL}",
    "a flag from the start of the version": f"K3 = keras.__version__.startswith('3')\nif not K3:\n    {CALL}",
    "a flag from one of several starts": f"OLD = tf.__version__.startswith(('2.12', '2.13', '2.14', '2.15'))\nif OLD:\n    {CALL}",
    "a flag from LooseVersion": f"OLD = LooseVersion(tf.__version__) < LooseVersion('2.16')\nif OLD:\n    {CALL}",
    "a flag from one part": f"NEW = int(tf.__version__.split('.')[1]) >= 16\nif not NEW:\n    {CALL}",
    "a flag from the major version of keras": f"KERAS_3 = int(keras.__version__.split('.')[0]) >= 3\nif not KERAS_3:\n    {CALL}",
    "keras major == 2": f"if int(keras.__version__[0]) == 2:\n    {CALL}",
    "keras version char": f"if keras.__version__[0] == '2':\n    {CALL}",
    "chained": f"if version.parse('2.9') <= {TF} < version.parse('2.16'):\n    {CALL}",
    "a flag of the class": f"class C:\n    OLD = {TF} < version.parse('2.16')\n    def f(self):\n        if self.OLD:\n            {CALL}",
    "a flag set in both branches": f"if {TF} >= version.parse('2.16'):\n    OLD = False\nelse:\n    OLD = True\nif OLD:\n    {CALL}",
    "a flag set in a try": f"try:\n    from tensorflow.keras.optimizers import legacy\n    OLD = {TF} < version.parse('2.16')\nexcept ImportError:\n    OLD = False\nif OLD:\n    {CALL}",
    "a flag of a flag": f"V = {TF}\nOLD = V < version.parse('2.16')\nif OLD:\n    {CALL}",
    "major minor attrs": f"V = {TF}\nif (V.major, V.minor) < (2, 16):\n    {CALL}",
    "V.release": f"if Version(tf.__version__).release < (2, 16):\n    {CALL}",
    "float of first two": f"if int(tf.__version__.split('.')[0]) == 2 and int(tf.__version__.split('.')[1]) < 16:\n    {CALL}",
    "VERSION": f"if tf.version.VERSION < '2.16':\n    {CALL}",
    "raise early in function": f"def f():\n    if {TF} >= version.parse('2.16'):\n        raise RuntimeError('old')\n    {CALL}",
    "early return else": f"def f():\n    if {TF} < version.parse('2.16'):\n        pass\n    else:\n        return\n    {CALL}",
    "elif": f"if {TF} >= version.parse('2.16'):\n    pass\nelif {TF} >= version.parse('2.11'):\n    {CALL}",
    "hasattr experimental": f"if hasattr(tf.keras.optimizers, 'experimental'):\n    {CALL}",
    "flag hasattr experimental": f"OLD = hasattr(tf.keras.optimizers, 'experimental')\nif OLD:\n    {CALL}",
    "unknown flag imported IS_KERAS_3": f"from .compat import IS_KERAS_3\nif not IS_KERAS_3:\n    {CALL}",
    "unknown flag else": f"from .compat import IS_KERAS_3\nif IS_KERAS_3:\n    pass\nelse:\n    {CALL}",
    "unknown flag early return": f"from .compat import IS_KERAS_3\ndef f():\n    if IS_KERAS_3:\n        return\n    {CALL}",
    "unknown func keras_3()": f"from .compat import keras_3\nif not keras_3():\n    {CALL}",
    "unknown attr": f"from . import compat\nif not compat.IS_KERAS_3:\n    {CALL}",
    "is_tf_version": f"from .compat import tf_version_lt\nif tf_version_lt('2.16'):\n    {CALL}",
    "function with arg": f"def tf_before(v):\n    return {TF} < version.parse(v)\nif tf_before('2.16'):\n    {CALL}",
    "function multi": f"def is_old():\n    major, minor = tf.__version__.split('.')[:2]\n    return int(major) == 2 and int(minor) < 16\nif is_old():\n    {CALL}",
    "function if return": f"def is_old():\n    if {TF} < version.parse('2.16'):\n        return True\n    return False\nif is_old():\n    {CALL}",
    "pkg_resources": f"import pkg_resources\nif pkg_resources.get_distribution('tensorflow').version < '2.16':\n    {CALL}",
    "pkg_resources parse": f"from pkg_resources import parse_version\nif parse_version(tf.__version__) < parse_version('2.16'):\n    {CALL}",
    "ternary flag": f"OLD = True if {TF} < version.parse('2.16') else False\nif OLD:\n    {CALL}",
    "a flag of two tests": f"OLD = hasattr(tf.keras.optimizers, 'legacy') and {TF} < version.parse('2.16')\nif OLD:\n    {CALL}",
    "bool()": f"OLD = bool({TF} < version.parse('2.16'))\nif OLD:\n    {CALL}",
    "is True": f"OLD = {TF} < version.parse('2.16')\nif OLD is True:\n    {CALL}",
    "== False": f"NEW = {TF} >= version.parse('2.16')\nif NEW == False:\n    {CALL}",
    "any": f"if any(tf.__version__.startswith(v) for v in ('2.12', '2.13')):\n    {CALL}",
    "rsplit": f"if int(tf.__version__.rsplit('.', 1)[0].split('.')[1]) < 16:\n    {CALL}",
    "partition": f"if tf.__version__.partition('.')[2] < '16':\n    {CALL}",
    "list compare": f"if [int(x) for x in tf.__version__.split('.')][:2] < [2, 16]:\n    {CALL}",
    "re.match": f"import re\nif re.match('2\\\\.1[2-5]', tf.__version__):\n    {CALL}",
    "keras.src import": f"try:\n    import keras.src.legacy\n    K3 = True\nexcept ImportError:\n    K3 = False\nif not K3:\n    {CALL}",
    "hasattr keras ops": f"if not hasattr(keras, 'ops'):\n    {CALL}",
    "hasattr keras ops2": f"if hasattr(keras, 'ops'):\n    pass\nelse:\n    {CALL}",
    "tf keras version": f"if tf.keras.__version__.startswith('3'):\n    pass\nelse:\n    {CALL}",
    "keras.version": f"K=keras.version()\nif K.startswith('2.'):\n    {CALL}",
    "metadata": f"import importlib.metadata\nif Version(importlib.metadata.version('keras')) < Version('3'):\n    {CALL}",
    "metadata2": f"from importlib import metadata\nif Version(metadata.version('tensorflow-cpu')) < Version('2.16'):\n    {CALL}",
    "int version tuple keras": f"if tuple(int(x) for x in keras.__version__.split('.')[:2]) < (3, 0):\n    {CALL}",
    "versiontuple strings": f"if tuple(tf.__version__.split('.')) < ('2', '16'):\n    {CALL}",
    "a flag of the instance": f"class C:\n    def __init__(self):\n        self.old = {TF} < version.parse('2.16')\n    def f(self):\n        if self.old:\n            {CALL}",
    "unittest skip": f"@unittest.skipIf({TF} >= version.parse('2.16'), 'old')\ndef test():\n    {CALL}",
    "skipUnless": f"@unittest.skipUnless({TF} < version.parse('2.16'), 'old')\ndef test():\n    {CALL}",
    "pytest mark variable": f"old = pytest.mark.skipif({TF} >= version.parse('2.16'), reason='x')\n@old\ndef test():\n    {CALL}",
    "pytestmark": f"pytestmark = pytest.mark.skipif({TF} >= version.parse('2.16'), reason='x')\ndef test():\n    {CALL}",
    "walrus": f"if (v := {TF}) < version.parse('2.16'):\n    {CALL}",
    "from tf import version": f"from tensorflow import __version__ as tfv\nif version.parse(tfv) < version.parse('2.16'):\n    {CALL}",
    "_version.tuple": f"if (lambda: {TF} < version.parse('2.16'))():\n    {CALL}",
    "os.environ flag no": f"while True:\n    if {TF} >= version.parse('2.16'):\n        break\n    {CALL}",
    "continue": f"for i in range(3):\n    if {TF} >= version.parse('2.16'):\n        continue\n    {CALL}",
}  # fmt: skip
NO_GUARD = {
    "flag hasattr legacy": f"HAS = hasattr(tf.keras.optimizers, 'legacy')\nif HAS:\n    {CALL}",
    "flag lower bound": f"IS_TF2_9 = {TF} >= version.parse('2.9')\nif IS_TF2_9:\n    {CALL}",
    "flag tuple lower": f"NEW = tuple(int(p) for p in tf.__version__.split('.')[:2]) >= (2, 9)\nif NEW:\n    {CALL}",
    "flag int minor": f"NEW = int(tf.__version__.split('.')[1]) >= 9\nif NEW:\n    {CALL}",
    "startswith 2": f"if tf.__version__.startswith('2'):\n    {CALL}",
    "reversed": f"if LooseVersion('2.9') <= LooseVersion(tf.__version__):\n    {CALL}",
    "keras >= 2.9": f"if version.parse(keras.__version__) >= version.parse('2.9'):\n    {CALL}",
    "early return old": f"def f():\n    if {TF} < version.parse('2.11'):\n        return tf.keras.optimizers.Adam(0.1)\n    {CALL}",
    "early raise": f"if LooseVersion(tf.__version__) < '2.11':\n    raise RuntimeError\n{CALL}",
    "try flag legacy import works": f"try:\n    from tensorflow.keras.optimizers import legacy\n    HAS = True\nexcept ImportError:\n    HAS = False\nif HAS:\n    {CALL}",
    "try flag import legacy Adam": f"try:\n    from tensorflow.keras.optimizers.legacy import Adam\n    HAS = True\nexcept ImportError:\n    HAS = False\nif HAS:\n    {CALL}",
    "try else": f"try:\n    from tensorflow.keras.optimizers import legacy\nexcept ImportError:\n    legacy = None\nelse:\n    {CALL}",
    "except handler": f"try:\n    import keras.optimizers.legacy.adam\nexcept ImportError:\n    {CALL}",
    "getattr": f"HAS = getattr(tf.keras.optimizers, 'legacy', None) is not None\nif HAS:\n    {CALL}",
    "K3": f"K3 = keras.__version__.startswith('3')\nif K3:\n    {CALL}",
    "function": f"def new(v):\n    return {TF} >= version.parse(v)\nif new('2.9'):\n    {CALL}",
    "function if": f"def is_new():\n    if {TF} >= version.parse('2.9'):\n        return True\n    return False\nif is_new():\n    {CALL}",
    "class flag": f"class C:\n    NEW = {TF} >= version.parse('2.9')\n    def f(self):\n        if self.NEW:\n            {CALL}",
    "a flag of the instance": f"class C:\n    def __init__(self):\n        self.new = {TF} >= version.parse('2.9')\n    def f(self):\n        if self.new:\n            {CALL}",
    "if else flag": f"if {TF} >= version.parse('2.9'):\n    NEW = True\nelse:\n    NEW = False\nif NEW:\n    {CALL}",
    "default then set": f"NEW = False\nif {TF} >= version.parse('2.9'):\n    NEW = True\nif NEW:\n    {CALL}",
    "default true unset": f"OLD = True\nif {TF} < version.parse('2.16'):\n    OLD = False\nif OLD:\n    {CALL}",
    "unrelated flag": f"from .conf import USE_GPU\nif USE_GPU:\n    {CALL}",
    "unrelated version": f"import torch\nif args.version == 'v2':\n    {CALL}",
    "unrelated model_version": f"if model_version():\n    {CALL}",
    "unrelated exit": f"if args.version:\n    sys.exit(0)\n{CALL}",
    "platform": f"import platform\nif platform.system() == 'Darwin':\n    {CALL}",
    "python version": f"if sys.version_info >= (3, 8):\n    {CALL}",
    "python version exit": f"if sys.version_info < (3, 8):\n    sys.exit()\n{CALL}",
    "skipif lower": f"@pytest.mark.skipif({TF} < version.parse('2.11'), reason='')\ndef test():\n    {CALL}",
    "pytestmark": f"pytestmark = pytest.mark.skipif({TF} < version.parse('2.11'), reason='')\ndef test():\n    {CALL}",
    "two": f"if {TF} >= version.parse('2.9') and hasattr(tf.keras.optimizers, 'legacy'):\n    {CALL}",
    "ternary": f"(tf.keras.optimizers.legacy if {TF} >= version.parse('2.11') else tf.keras.optimizers).Adam(0.1)",
    "walrus": f"if (v := {TF}) >= version.parse('2.9'):\n    {CALL}",
    "any": f"if any(tf.__version__.startswith(v) for v in ('2.9', '2.1', '2.2')):\n    {CALL}",
    "metadata": f"from importlib import metadata\nif Version(metadata.version('tensorflow-cpu')) >= Version('2.9'):\n    {CALL}",
    "try attr": f"try:\n    tf.keras.optimizers.legacy\n    HAS = True\nexcept AttributeError:\n    HAS = False\nif HAS:\n    {CALL}",
    "try attr assigned": "try:\n    L = tf.keras.optimizers.legacy.Adam\nexcept AttributeError:\n    L = tf.keras.optimizers.Adam\nL(0.1)",
    "while/break": f"while True:\n    if {TF} < version.parse('2.11'):\n        break\n    {CALL}",
}  # fmt: skip


@pytest.mark.parametrize("body", COMPUTED.values(), ids=COMPUTED.keys())
def test_a_test_that_has_to_be_computed_keeps_keras_3_out(body: str) -> None:
    assert silent("ADM201", HEAD + body + "\n")


@pytest.mark.parametrize("body", NO_GUARD.values(), ids=NO_GUARD.keys())
def test_a_test_that_lets_keras_3_in_is_no_guard(body: str) -> None:
    (finding,) = findings("ADM201", HEAD + body + "\n")
    assert "ImportError on 2.16+" in finding.message


def test_an_assert_on_strings_that_means_a_lower_bound_leaves_the_target_as_it_is() -> None:
    (finding,) = findings("ADM201", HEAD + f'assert tf.__version__ >= "2.4"\n{CALL}\n')  # "2.12" < "2.4"
    assert finding.message.endswith("raises ImportError on 2.16+")


def test_what_a_caller_says_by_a_parameter_is_no_test_for_the_release() -> None:
    assert findings("ADM201", HEAD + f"def make(tf_version):\n    if tf_version == 'tf1':\n        {CALL}\n")


SORTED_OUT = {
    "a branch": f"if {TF} >= version.parse('2.11'):\n    {CALL}\nelse:\n    tf.keras.optimizers.Adam(0.1)",
    "the other branch": f"if {TF} < version.parse('2.11'):\n    tf.keras.optimizers.Adam(0.1)\nelse:\n    {CALL}",
    "a flag": f"NEW = {TF} >= version.parse('2.11')\nif NEW:\n    {CALL}",
    "a conditional expression": f"opt = {CALL} if {TF} >= version.parse('2.11') else tf.keras.optimizers.Adam(0.1)",
    "a module by release": f"if {TF} >= version.parse('2.11'):\n    from tensorflow.keras.optimizers import legacy as o\nelse:\n    from tensorflow.keras import optimizers as o\no.Adam(0.1)",
    "a base class by release": f"if {TF} >= version.parse('2.11'):\n    from tensorflow.keras.optimizers.legacy import Optimizer\nelse:\n    from tensorflow.keras.optimizers import Optimizer\nclass Mine(Optimizer): pass",
}  # fmt: skip


@pytest.mark.parametrize("body", SORTED_OUT.values(), ids=SORTED_OUT.keys())
def test_a_branch_that_tells_the_releases_with_the_class_apart_is_silent_without_an_upper_bound(body: str) -> None:
    assert silent("ADM201", HEAD + body + "\n")


REQUIRED = {
    "early raise": f"if version.parse(tf.__version__) >= version.parse('2.16'):\n    raise RuntimeError\n{CALL}",
    "sys.exit": f"if {TF} >= version.parse('2.16'):\n    sys.exit(1)\n{CALL}",
    "pytest.skip": f"if {TF} >= version.parse('2.16'):\n    pytest.skip('old', allow_module_level=True)\n{CALL}",
    "assert": f"assert {TF} < version.parse('2.16')\n{CALL}",
}  # fmt: skip


@pytest.mark.parametrize("body", REQUIRED.values(), ids=REQUIRED.keys())
def test_what_a_file_requires_of_the_release_is_as_a_target_and_the_class_a_matter_of_form(body: str) -> None:
    assert [f.effect for f in findings("ADM201", HEAD + body + "\n")] == [Effect.IMPLICIT]
    assert silent("ADM201", HEAD + body.replace("2.16", "2.9") + "\n", tensorflow=">=2.16")


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
    "while": "while {old}:\n    " + CALL,
}  # fmt: skip


@pytest.mark.parametrize("body", BOUND.values(), ids=BOUND.keys())
def test_a_guard_where_the_name_is_bound_counts_too(body: str) -> None:
    assert silent("ADM201", HEAD + body.replace("{old}", "version.parse(tf.__version__) < version.parse('2.16')") + "\n")


def test_an_unguarded_binding_is_reported_where_it_is_written() -> None:
    source = HEAD + "if x:\n    Adam = tf.keras.optimizers.legacy.Adam\nelse:\n    Adam = tf.keras.optimizers.Adam\nAdam(0.1)\n"
    (finding,) = findings("ADM201", source)
    assert finding.place.line == 8


def test_hasattr_of_what_may_be_none_is_a_guard() -> None:
    source = HEAD + "try:\n    o = tf.keras.optimizers.Adam(0.1)\nexcept Exception:\n    o = None\nrate = o.lr if hasattr(o, 'lr') else o.learning_rate\n"
    assert not [f for f in findings("ADM602", source) if f.place.column < 15]


def test_words_speak_of_the_releases_whose_error_is_caught_as_well() -> None:
    (finding,) = findings("ADM301", HEAD + "try:\n    tf.keras.optimizers.Adam(lr=0.1)\nexcept ValueError:\n    pass\n")
    assert finding.message.endswith("is ignored (trains at 0.001) on 2.12-2.15")


def test_a_long_chain_of_flags_is_computed_step_by_step() -> None:
    flags = "\n".join(f"flag{i} = flag{i - 1} or not flag{i - 1}" for i in range(1, 60))
    source = f"import tensorflow as tf\nflag0 = tf.__version__ >= '3'\n{flags}\nif flag59:\n    tf.keras.optimizers.Adam(lr=0.1)\n"
    assert [f.code for f in findings("ADM301", source)] == ["ADM301"]
    assert silent("ADM301", source.replace("if flag59", "if not flag59"))


def test_a_flag_that_is_computed_from_itself_is_not_certain() -> None:
    turns = "    a = b and a or (b and not a)\n    b = a and b or (a and not b)\n" * 3
    source = f"import tensorflow as tf\na = b = tf.__version__ >= '2.11'\nfor part in range(9):\n{turns}    if a and b:\n        tf.keras.optimizers.Adam(lr=0.1)\n"
    assert silent("ADM301", source)


@pytest.mark.parametrize("line", ["T{n} = T{m}.replace('a', T{m})", "T{n} = T{m} + T{m}", "T{n} = f'{{T{m}}}{{T{m}}}'", "T{n} = '{{:>9999999999}}'.format(T{m})"])
def test_a_text_that_grows_without_end_is_not_made(line: str) -> None:
    lines = "".join(line.format(n=n, m=n - 1) + "\n" for n in range(1, 60))
    assert findings("ADM201", f"{HEAD}T0 = 'aaaaaaaaaa'\n{lines}if T59 == x:\n    {CALL}\n")


def test_what_is_the_same_on_every_release_is_told_behind_a_test_without_an_answer() -> None:
    head = "import tensorflow as tf\nfrom elsewhere import keras_3\nif not keras_3():\n    "
    assert [f.effect.value for f in findings("ADM102", head + "tf.keras.optimizers.Adam()\n")] == ["implicit"]
    assert silent("ADM301", head + "tf.keras.optimizers.Adam(lr=0.1)\n")
    assert silent("ADM102", head.replace("not keras_3()", "tf.__version__ < '2.0'") + "tf.keras.optimizers.Adam()\n")


def test_a_member_of_what_was_made_from_the_release_asks_for_it_too() -> None:
    source = HEAD + "import re\nfound = re.match(pattern, tf.__version__)\nif int(found.group(2)) < 16:\n    " + CALL + "\n"
    assert silent("ADM201", source)
    assert findings("ADM201", source.replace("tf.__version__", "name"))


def test_a_match_on_the_version_is_taken_to_be_right() -> None:
    case = "    case ['2', '15', *_]:\n        " + CALL + "\n"
    assert silent("ADM201", HEAD + "match tf.__version__.split('.'):\n" + case)
    assert not silent("ADM201", HEAD + "match sys.argv:\n" + case)


@pytest.mark.parametrize("test", [
    "is_tensorflow_older_than('2.6')", "not keras_is_deprecated()", "has_classic and older('2.6.0')", "tf_is_at_least('2.1')",
])  # fmt: skip
def test_a_function_that_is_asked_for_the_release_is_taken_to_be_right(test: str) -> None:
    """It is in another package: what it answers is not known, but its author knows."""
    copy = "from tensorflow.python.keras import backend as K\n"
    assert findings("ADM203", f"import compat\nfrom compat import *\nif {test}:\n    {copy}") == []
    assert len(findings("ADM203", f"from compat import *\nif is_tf_keras or use('fast'):\n    {copy}")) == 1
