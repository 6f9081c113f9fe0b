"""Which import a file is given for a name that it has not, and which it loses when nothing uses it any more."""

from __future__ import annotations

import json

import libcst as cst
import pytest

from adamlint.fixing import fix
from adamlint.program.module import Module
from adamlint.rules import load
from adamlint.text.source import Program, read
from tests.checking import program, settings, text

OPTIMIZERS = "tensorflow.keras.optimizers"
BLOCK = """\
from tensorflow.keras.layers import Dense
from tensorflow.keras.models import Sequential
from tensorflow.keras.utils import to_categorical
"""


def reached(source: str, path: str = f"{OPTIMIZERS}.Adam") -> tuple[str, str] | None:
    """How the last name of a source can be written, and what the source becomes for it."""
    module = Module(source)
    found = module.edit.reach(path, module.tree.nodes(cst.Name)[-1])
    if found is None:
        return None
    spelled, changes = found
    for change in changes:
        source = source[: change.start] + change.text + source[change.end :]
    cst.parse_module(source)
    return spelled, source


@pytest.mark.parametrize(
    ("imports", "spelled"),
    [
        ("import tensorflow as tf", "tf.keras.optimizers.Adam"),
        ("import tensorflow", "tensorflow.keras.optimizers.Adam"),
        ("import tensorflow.keras.layers", "tensorflow.keras.optimizers.Adam"),
        ("from tensorflow import keras", "keras.optimizers.Adam"),
        ("from tensorflow import keras; import tensorflow as tf", "keras.optimizers.Adam"),
        ("from tensorflow.keras import optimizers as opt, models", "opt.Adam"),
        ("from tensorflow.keras.optimizers import Adam as A", "A"),
        ("import keras\nfrom tensorflow import keras", "keras.optimizers.Adam"),
        ("try:\n    from tensorflow import keras\nexcept ImportError:\n    from tensorflow import keras", "keras.optimizers.Adam"),
    ],
)  # fmt: skip
def test_an_import_that_is_there_is_used(imports: str, spelled: str) -> None:
    assert reached(f"{imports}\nx\n") == (spelled, f"{imports}\nx\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from {} import SGD\n", "from {} import SGD, Adam\n"),
        ("from {} import RMSprop  # noqa: E402\n", "from {} import Adam, RMSprop  # noqa: E402\n"),
        ("from {} import Adadelta\n", "from {} import Adadelta, Adam\n"),
        ("from {} import SGD, Adadelta\n", "from {} import SGD, Adadelta, Adam\n"),
        ("from {} import Adadelta, SGD as S\n", "from {} import Adadelta, Adam, SGD as S\n"),
        ("from {} import SGD, schedules\n", "from {} import SGD, Adam, schedules\n"),
        ("from {} import (RMSprop)\n", "from {} import (Adam, RMSprop)\n"),
        ("from {} import (\n    Adadelta,\n    SGD,\n)\n", "from {} import (\n    Adadelta,\n    Adam,\n    SGD,\n)\n"),
        ("from {} import (\n    Adadelta,\n    Adagrad,\n)\n", "from {} import (\n    Adadelta,\n    Adagrad,\n    Adam,\n)\n"),
        ("from {} import Adadelta, \\\n    SGD\n", "from {} import Adadelta, \\\n    Adam, \\\n    SGD\n"),
    ],
)  # fmt: skip
def test_a_name_goes_to_the_others_of_its_module(before: str, after: str) -> None:
    assert reached(before.format(OPTIMIZERS) + "x\n") == ("Adam", after.format(OPTIMIZERS) + "x\n")


@pytest.mark.parametrize(
    "before",
    [
        "from {} import (\n    SGD,  # plain\n)\n",
        "from {} import Adadelta, Adagrad, Adamax, Ftrl, Nadam, RMSprop, SGD\n",
        "from {} import *\n",
    ],
)
def test_a_name_gets_a_line_of_its_own_where_it_would_not_fit(before: str) -> None:
    before = before.format(OPTIMIZERS)
    assert reached(f"{before}x\n") == ("Adam", f"{before}from {OPTIMIZERS} import Adam\nx\n")


def test_a_line_goes_to_its_place_in_a_sorted_block() -> None:
    lines = BLOCK.splitlines(keepends=True)
    lines.insert(2, f"from {OPTIMIZERS} import Adam\n")
    assert reached(f"{BLOCK}x\n") == ("Adam", "".join([*lines, "x\n"]))
    assert reached(f"from __future__ import annotations\n\nimport os\n\n{BLOCK}\nx\n") == (
        "Adam",
        "".join(["from __future__ import annotations\n\nimport os\n\n", *lines, "\nx\n"]),
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from tensorflow.keras.models import Model\nx\n", "from tensorflow.keras.models import Model\n+x\n"),
        ("from tensorflow.keras.utils import u\nx\n", "+from tensorflow.keras.utils import u\nx\n"),
        ("'doc'\nfrom tensorflow.keras.utils import u\nx\n", "'doc'\n+from tensorflow.keras.utils import u\nx\n"),
        ("# head\nfrom tensorflow.keras.utils import u\nx\n", "# head\n+from tensorflow.keras.utils import u\nx\n"),
        ("import numpy\nfrom tensorflow.keras.utils import u\nfrom a import b\nx\n", "import numpy\nfrom tensorflow.keras.utils import u\n+from a import b\nx\n"),
        ("from a import b\nfrom tensorflow.keras.utils import u\nx\n", "from a import b\n+from tensorflow.keras.utils import u\nx\n"),
        ("from tensorflow_x import b\nfrom tensorflow.keras.utils import u\nx\n", "from tensorflow_x import b\nfrom tensorflow.keras.utils import u\n+x\n"),
        ("import a\nfrom tensorflow.keras.models import M\nimport z\nx\n", "import a\nfrom tensorflow.keras.models import M\n+import z\nx\n"),
        ("from tensorflow.keras.models import M  # c\n\n\nx\n", "from tensorflow.keras.models import M  # c\n+\n\nx\n"),
        ("from tensorflow.keras.models import (\n    M,\n)\nx\n", "from tensorflow.keras.models import (\n    M,\n)\n+x\n"),
        ("import a; from tensorflow.keras.models import M\nfrom tensorflow.keras.layers import L\nx\n", "import a; from tensorflow.keras.models import M\nfrom tensorflow.keras.layers import L\n+x\n"),
    ],
)  # fmt: skip
def test_a_line_goes_behind_the_last_one_of_its_package_or_where_the_order_has_it(before: str, after: str) -> None:
    assert reached(before) == ("Adam", after.replace("+", f"from {OPTIMIZERS} import Adam\n"))


@pytest.mark.parametrize(
    "source",
    [
        "x\n",
        "from tensorflow.keras.models import M\nAdam = 1\nx\n",
        "from tensorflow.keras.models import M\ndef f(Adam):\n    x\n",
        "from tensorflow.keras.models import M\nfrom torch.optim import *\nx\n",
        "from torch.optim import Adam\nfrom tensorflow.keras.models import M\nx\n",
        "import keras\nx\n",
        "try:\n    from tensorflow.keras.models import M\nexcept ImportError:\n    pass\nx\n",
    ],
)
def test_no_import_is_added_where_it_could_mean_another_thing(source: str) -> None:
    assert reached(source) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f():\n    from tensorflow.keras import layers\n    x\n", "def f():\n    from tensorflow.keras import layers\n    +x\n"),
        ("def f():\n\tfrom tensorflow.keras.utils import u\n\tx\n", "def f():\n\t+from tensorflow.keras.utils import u\n\tx\n"),
        (
            "class C:\n    def f(self):\n        from tensorflow.keras import layers\n        def g():\n            x\n",
            "class C:\n    def f(self):\n        from tensorflow.keras import layers\n        +def g():\n            x\n",
        ),
        (
            "try:\n    from tensorflow.keras import layers\nexcept ImportError:\n    raise SystemExit('no')\nx\n",
            "try:\n    from tensorflow.keras import layers\n    +except ImportError:\n    raise SystemExit('no')\nx\n",
        ),
    ],
)
def test_a_line_goes_to_the_import_of_the_function_or_of_a_try_that_nothing_gets_past(before: str, after: str) -> None:
    indent = "\t" if "\t" in before else "        " if "class" in before else "    "
    line = f"from {OPTIMIZERS} import Adam\n"
    wanted = after.replace("+except", f"{line}except").replace("+", f"{line}{indent}")
    assert reached(before) == ("Adam", wanted)


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    from tensorflow.keras import layers\nx\n",
        "try:\n    from tensorflow.keras import layers\nexcept ImportError:\n    raise x\n",
        "def f(): from tensorflow.keras import layers; x\n",
        "def f():\n    if a:\n        from tensorflow.keras import layers\n    x\n",
        "try:\n    from tensorflow.keras import layers\nexcept ImportError:\n    from mine import layers\nx\n",
        "try:\n    pass\nexcept ImportError:\n    from tensorflow.keras import layers\n    raise\nx\n",
        "for a in b:\n    from tensorflow.keras import layers\nx\n",
    ],
)
def test_no_import_is_added_to_one_that_the_place_may_not_see(source: str) -> None:
    assert reached(source) is None


def test_a_name_that_is_none_where_the_package_is_missing_still_spells_it() -> None:
    source = "try:\n    import tensorflow as tf\nexcept ImportError:\n    tf = None\nx\n"
    assert reached(source) == ("tf.keras.optimizers.Adam", source)
    other = source.replace("None", "mine")
    assert reached(other) is None


# What becomes unused ------------------------------------------------------------------------------

USE = "m = keras.Sequential()\nm.compile(keras.optimizers.SGD(0.1))\nK.set_value(m.optimizer.lr, 0.2)\n"
WRITTEN = USE.replace("K.set_value(m.optimizer.lr, 0.2)", "m.optimizer.learning_rate.assign(0.2)")


def fixed(given: Program, importers: bool = False) -> str:
    return fix(given, load(["ADM602"]), settings(), unsafe=True, importers=lambda _: importers).program.encode().decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import keras\nfrom keras import backend as K\n", "import keras\n"),
        ("import keras\nimport keras.backend as K\n", "import keras\n"),
        ("from tensorflow import keras\nfrom tensorflow.keras import backend as K, layers\n", "from tensorflow import keras\nfrom tensorflow.keras import layers\n"),
        ("import keras\nfrom keras import layers, backend as K\n", "import keras\nfrom keras import layers\n"),
        ("import keras\nfrom keras import (\n    layers,  # c\n    backend as K,\n)\n", None),
        ("import keras\nfrom keras import backend as K\n# K is not needed\n", "import keras\n# K is not needed\n"),
        ("import keras\nfrom keras import backend as K  # noqa: F401\n", None),
        ("import keras\nfrom keras import backend as K\nprint(K)\n", None),
        ("import keras\nfrom keras import backend as K\n__all__ = ['K']\n", None),
        ("import keras\nfrom keras import backend as K\ndef f(x):  # type: (K) -> None\n    pass\n", None),
        ("import keras\ntry:\n    from keras import backend as K\nexcept ImportError:\n    raise\n", None),
    ],
)  # fmt: skip
def test_an_import_goes_with_its_last_use(before: str, after: str | None) -> None:
    assert fixed(program(before + USE)) == (before if after is None else after) + WRITTEN


def test_an_import_that_was_without_use_stays() -> None:
    before = text("""
        import keras
        from keras import backend as L
        """)
    assert fixed(program(before + "from keras import backend as K\n" + USE)) == before + WRITTEN


def test_an_import_that_was_only_named_in_a_string_stays() -> None:
    source = "from keras.optimizers import SGD, adam\nimport keras\nm = keras.Sequential()\nm.compile('adam')\n"
    done = fix(program(source), load(["ADM101"]), settings(), unsafe=True, importers=lambda _: False).program.encode().decode()
    assert done == source.replace("'adam'", "keras.optimizers.Adam(learning_rate=0.001)")


def test_an_import_that_is_handed_on_stays() -> None:
    source = "import keras\nfrom keras import backend as K\n" + USE
    assert fixed(program(source), importers=True) == source.replace(USE, WRITTEN)


def test_what_another_cell_uses_stays() -> None:
    def cells(*sources: str) -> Program:
        document = {"cells": [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []} for source in sources], "metadata": {}}
        return read("a.ipynb", json.dumps(document).encode())

    imports = "import keras\nfrom keras import backend as K"
    assert "backend as K" not in fixed(cells(imports, USE))
    assert "backend as K" in fixed(cells(imports, USE, "K.clear_session()"))
    assert "backend as K" in fixed(cells(imports, USE, "%time K.clear_session()"))
    assert "backend as K" in fixed(cells(imports, USE, "K.clear_session("))
