"""Which assignment reaches a use: written as programs that end in `use(x)`, with the values that `x` may have there."""

from __future__ import annotations

from textwrap import dedent

import libcst as cst
import pytest

from adamlint.names.flow import Flow
from adamlint.text.tree import Tree
from adamlint.values.evaluate import Values
from adamlint.values.value import Const, Local, Ref, Unknown, Value

CASES = {
    "the last on a straight line": ("x = 1\nx = 2\nuse(x)", {2}),
    "both branches": ("if c:\n    x = 1\nelse:\n    x = 2\nuse(x)", {1, 2}),
    "one branch or what was before": ("x = 0\nif c:\n    x = 1\nuse(x)", {0, 1}),
    "a branch that leaves does not count": ("def f():\n    x = 1\n    if c:\n        x = 2\n        return\n    use(x)", {1}),
    "a branch that raises does not count": ("x = 1\nif c:\n    x = 2\n    raise E\nuse(x)", {1}),
    "elif without else": ("x = 0\nif a:\n    x = 1\nelif b:\n    x = 2\nuse(x)", {0, 1, 2}),
    "elif with else": ("x = 0\nif a:\n    x = 1\nelif b:\n    x = 2\nelse:\n    x = 3\nuse(x)", {1, 2, 3}),
    "a loop body, or not at all": ("x = 0\nfor i in y:\n    x = 1\nuse(x)", {0, 1}),
    "an earlier round": ("x = 0\nwhile c:\n    use(x)\n    x = 1", {0, 1}),
    "break keeps what was bound": ("x = 0\nwhile c:\n    x = 1\n    break\nuse(x)", {0, 1}),
    "try or handler": ("try:\n    x = 1\nexcept E:\n    x = 2\nuse(x)", {1, 2}),
    "a handler that falls through": ("x = 0\ntry:\n    x = 1\nexcept E:\n    pass\nuse(x)", {0, 1}),
    "a handler that raises": ("x = 0\ntry:\n    x = 1\nexcept E:\n    raise\nuse(x)", {1}),
    "inside a handler": ("x = 0\ntry:\n    x = 1\n    f()\nexcept E:\n    use(x)", {0, 1}),
    "finally decides": ("try:\n    x = 1\nfinally:\n    x = 2\nuse(x)", {2}),
    "with": ("x = 0\nwith c:\n    x = 1\nuse(x)", {1}),
    "unpacking": ("a, (x, b) = 1, (2, 3)\nuse(x)", {2}),
    "a loop over literals": ("for x in (1, 2):\n    use(x)", {1, 2}),
    "a comprehension has its own": ("x = 0\n[use(x) for x in (1, 2)]", {1, 2}),
    "walrus": ("if (x := 1):\n    use(x)", {1}),
    "walrus out of a comprehension": ("[(x := 1) for i in y]\nuse(x)", {1}),
    "a closure sees any binding outside": ("x = 1\ndef f():\n    use(x)\nx = 2", {1, 2}),
    "a local hides the global": ("x = 1\ndef f():\n    x = 2\n    use(x)", {2}),
    "a class body is no scope for methods": ("x = 1\nclass A:\n    x = 2\n    def f(self):\n        use(x)", {1}),
    "global": ("x = 1\ndef f():\n    global x\n    x = 2\n    use(x)", {1, 2}),
    "a function that assigns a global runs later": ("x = 1\ndef f():\n    global x\n    x = 2\nuse(x)", {1, 2}),
    "nonlocal": ("def f():\n    x = 1\n    def g():\n        nonlocal x\n        use(x)", {1}),
    "deleted": ("x = 1\ndel x\nx = 2\nuse(x)", {2}),
    "TYPE_CHECKING never runs": ("x = 1\nif TYPE_CHECKING:\n    x = 2\nuse(x)", {1}),
    "conditional expression": ("x = 1 if c else 2\nuse(x)", {1, 2}),
    "or": ("x = 0 or 2\nuse(x)", {0, 2}),
    "a default is evaluated outside": ("x = 1\ndef f(y=use(x)):\n    x = 2", {1}),
    "dict literal": ('x = {"a": 1, "b": 2}["b"]\nuse(x)', {2}),
    "dict literal, key unknown": ('x = {"a": 1, "b": 2}[k]\nuse(x)', {1, 2}),
    "a local function": ("def g():\n    return 3\nx = g()\nuse(x)", {3}),
    "an attribute of self": ("class A:\n    def __init__(self):\n        self.x = 1\n    def f(self):\n        use(self.x)", {1}),
    "an attribute of the class": ("class A:\n    x = 1\n    def f(self):\n        use(self.x)", {1}),
    "an attribute of a base": ("class B:\n    x = 1\nclass A(B):\n    def f(self):\n        use(self.x)", {1}),
    "a property": ("class A:\n    @property\n    def x(self):\n        return 4\n    def f(self):\n        use(self.x)", {4}),
    "a parameter is unknown beside its default": ("def f(x=1):\n    use(x)", {1, "?"}),
    "augmented": ("x = 1\nx += 1\nuse(x)", {"?"}),
    "match": ("match y:\n    case x:\n        use(x)", {"?"}),
    "a match that always binds": ("x = 1\nmatch y:\n    case x:\n        pass\nuse(x)", {"?"}),
    "a match that may bind": ("x = 1\nmatch y:\n    case [x]:\n        pass\nuse(x)", {1, "?"}),
    "except as": ("try:\n    f()\nexcept E as x:\n    use(x)", {"?"}),
    "what recurs": ("def f(n):\n    return f(n - 1)\nx = f(3)\nuse(x)", {"?"}),
    "import": ("import tensorflow as tf\nx = tf.keras\nuse(x)", {"tensorflow.keras"}),
    "from import": ("from tensorflow import keras as x\nuse(x)", {"tensorflow.keras"}),
    "import of a submodule binds the root": ("import tensorflow.keras.backend\nx = tensorflow.keras\nuse(x)", {"tensorflow.keras"}),
    "tf.optimizers is tf.keras.optimizers": ("import tensorflow as tf\nuse(tf.optimizers.Adam)", {"tensorflow.keras.optimizers.Adam"}),
    "compat.v2": ("import tensorflow.compat.v2 as tf\nuse(tf.keras)", {"tensorflow.keras"}),
    "star import": ("from tensorflow.keras.optimizers import *\nuse(Adam)", {"tensorflow.keras.optimizers.Adam"}),
    "a failed import": ("try:\n    import keras as x\nexcept ImportError:\n    x = None\nuse(x)", {"keras", None}),
    "importlib": ("import importlib\nuse(importlib.import_module('tensorflow').keras)", {"tensorflow.keras"}),
    "getattr": ("import keras\nuse(getattr(keras.optimizers, name))", {"keras.optimizers.*"}),
    "a chain of aliases": ("import tensorflow as tf\nK = k = tf.keras\nO = K.optimizers\nuse(O.Adam)", {"tensorflow.keras.optimizers.Adam"}),
    "a function is itself": ("def x(): pass\nuse(x)", {"x()"}),
    "a late import in a function": ("def f():\n    import keras\n    use(keras.Model)", {"keras.Model"}),
    "a relative import": ("from .backend import keras\nuse(keras)", {".backend.keras"}),
    "re-exported": ("from gpflow.keras import tf_keras\nuse(tf_keras)", {"tf_keras"}),
}  # fmt: skip


def _plain(value: Value) -> object:
    if isinstance(value, Const):
        return value.value
    if isinstance(value, Ref):
        return value.name
    if isinstance(value, Local) and not isinstance(value.node, cst.Lambda):
        return f"{value.node.name.value}()"
    assert isinstance(value, Unknown)
    return "?"


@pytest.mark.parametrize(("source", "expected"), CASES.values(), ids=CASES.keys())
def test_what_a_name_may_be_at_its_use(source: str, expected: set[object]) -> None:
    tree = Tree(dedent(source) + "\n")
    values = Values(tree, Flow(tree))
    (use,) = [call for call in tree.nodes(cst.Call) if isinstance(call.func, cst.Name) and call.func.value == "use"]
    assert {_plain(value) for value in values.of(use.args[0].value)} == expected
