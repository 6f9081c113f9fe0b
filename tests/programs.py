"""Programs that nobody wrote: realistic Keras code in every dress that Python's grammar allows, for property tests."""

from __future__ import annotations

import json
from dataclasses import dataclass

from hypothesis import strategies as st

from adamlint.text.source import Program, read


@dataclass(frozen=True)
class Dialect:
    """One way to import Keras: the lines, and how optimizers, models and the backend are then written."""

    imports: tuple[str, ...]
    optimizer: str  # a prefix
    model: str
    backend: str = "tf.keras.backend"


DIALECTS = (
    Dialect(("import tensorflow as tf",), "tf.keras.optimizers.", "tf.keras.Sequential()"),
    Dialect(("import os, tensorflow as tf",), "tf.optimizers.", "tf.keras.models.Sequential()"),
    Dialect(("import tensorflow.keras as keras", "from tensorflow.keras import backend as K"), "keras.optimizers.", "keras.Sequential()", "K"),
    Dialect(("import keras",), "keras.optimizers.", "keras.Model(i, o)", "keras.backend"),
    Dialect(("from keras import optimizers, models", "import keras.backend as K"), "optimizers.", "models.Sequential()", "K"),
    Dialect(("from tensorflow.keras import (\n    Sequential,  # the model\n    optimizers as opts,\n)", "import tensorflow as tf"), "opts.", "Sequential()"),
    Dialect(("from tensorflow.keras.models import Sequential  # noqa: E402", "from tensorflow.keras.optimizers import Adam, SGD, \\\n    AdamW, Nadam, RMSprop", "import tensorflow as tf"), "", "Sequential()"),
    Dialect(("from keras.models import Sequential", "from keras import backend as K"), "keras.optimizers.", "Sequential()", "K"),
    Dialect(("from keras.models import *", "from keras.optimizers import *"), "", "Sequential()"),
    Dialect(("try:\n    import keras\nexcept ImportError:\n    from tensorflow import keras",), "keras.optimizers.", "keras.Sequential()", "keras.backend"),
    Dialect(("from tensorflow.python.keras.optimizers import Adam", "import tensorflow as tf"), "tf.keras.optimizers.legacy.", "tf.keras.Sequential()"),
    Dialect(("import tensorflow.compat.v1 as tf", "import tensorflow_addons as tfa"), "tf.keras.optimizers.experimental.", "tf.keras.Sequential()"),
    Dialect(("from tensorflow.keras.layers import Dense", "from tensorflow.keras.models import Sequential", "from tensorflow.keras.optimizers import RMSprop, SGD"), "", "Sequential()"),
    Dialect(("from tensorflow.keras.models import Sequential", "from tensorflow.keras.optimizers import (\n    RMSprop,\n    SGD,\n)", "import tensorflow as t"), "t.optimizers.", "Sequential()", "t.keras.backend"),
    Dialect(("from tensorflow import keras as k; import tensorflow as tf",), "k.optimizers.", "k.Sequential()"),
)  # fmt: skip

_RATES = ("0.01", "1e-3", "(0.01)", "1", "rate", "0.1 * rate", "lambda: 0.1", "sched(1,\n  2)", "f(lr=1)[0]", "'0.1'", "[r for r in rates][0]")
_ARGUMENTS = (
    "lr=%s", "lr = %s", "lr\t=%s", "learning_rate=%s", "%s", "decay=0", "decay=1e-6", "decay=None", "epsilon=None", "beta_1=.9", "beta1=0.9",
    "weight_decay=0", "clipnorm=1.", "name='lr'", "name=f'{x!r:>{w}} {y}'", "jit_compile=True", "amsgrad=(True)", "use_ema=True",
    "**{'lr': 0.1}", "**dict(lr=0.2, decay=0)", "**kwargs", "*args",
)  # fmt: skip
_GAPS = (", ", ",", " , ", ",\n", ",  # lr=0.5, 'adam' \xe9\n", ",\\\n", ",\n\n  ")
_COMMENTS = (
    "", "", "", "  # noqa", "  # noqa: ADM301", "\t# adamlint: ignore[lr-argument] \xe9", "  # noqa: E501,ADM101,ADM102", "# type: ignore  # noqa: ADM302",
    "  # lr=0.01 'adam' \xfc",
)  # fmt: skip
_CLASSES = ("Adam", "Adam", "SGD", "RMSprop", "Nadam", "AdamW", "legacy.Adam", "experimental.Adam")
_STRINGS = ("'adam'", '"Adam"', "'ad' 'am'", "('adam')", "r'adam'", "'adamw'", "'sgd'", "NAME", "{'class_name': 'Adam', 'config': {'learning_rate': 0.1}}", "{'class_name': 'adam'}")
_USES = (
    "opt.lr = %s", "print(opt.lr)", "opt.lr *= 0.5", "K.set_value(opt.lr, %s)", "K.set_value( model.optimizer.lr , %s ) ", "K.set_value(\n  model.optimizer.lr,  # the rate\n  %s,\n)", "x = K.get_value(  # lr\n  model.optimizer.lr)", "K.get_value(model.optimizer.lr)",
    "x = opt.learning_rate; y = opt.lr", "opt.lr.assign(%s)", "del opt.lr", "f(opt).lr", "getattr(opt, 'lr')", "setattr(model.optimizer, 'lr', %s)",
    "opt.apply_gradients(zip(g, v), name='x')", "opt.apply_gradients(zip(g, v),\n  experimental_aggregate_gradients=False)", "w = opt.get_weights()", "opt._decayed_lr(tf.float32)",
    "opt.variables()", "opt.minimize(loss, [v])", "print(opt.iterations, opt.weights)", "K.set_value(opt.learning_rate, %s)", "opt.decay = 0", "opt.get_config()['lr']",
    "isinstance(opt, keras.optimizers.Optimizer)", "model.load_weights(path)", "os.environ['TF_USE_LEGACY_KERAS'] = '1'", "os.environ.setdefault('TF_USE_LEGACY_KERAS', 'yes')",
    "tf.train.AdamOptimizer(lr)", "tfa.optimizers.AdamW(weight_decay=1e-4, learning_rate=1e-3)", "torch.optim.Adam(p, lr=0.1)", "tf.compat.v1.disable_eager_execution()",
    "NAME = 'adam'", "NAME: str = 'adamw'", "from keras.optimizer_v2 import adam as adam_v2",
)  # fmt: skip
_SCHEDULE = "class Warm(tf.keras.optimizers.schedules.LearningRateSchedule):\n\tdef __call__(self, step):\n\t\treturn self.a * step ** -0.5 + step\n"
_HOLDERS = (
    "%s", "%s", "opt = %s", "opt = (%s)", "opt = %s; x = 1", "x = 1; opt = %s;", "if (opt := %s): pass", "opt: object = %s", "a, opt = 1, %s", "print(f'{%s}')", "opts = [%s, *others]",
    "opt = %s if flag else None", "make = lambda: %s", "with strategy.scope(): opt = %s", "assert (yes\n  and %s)", "d = {'adam': %s, 'lr': 'lr'}", "opt = \\\n  %s", "@deco(%s)\ndef f(opt=1): pass",
    "def f(a, *, opt=%s): return opt", "opt = wrap(partial(g, lr=1), %s)", "return_ = [%s for lr in rates]", "raise E from %s",
)  # fmt: skip
_BLOCKS = (
    "{}", "{}", "{}", "def f(self, opt=None):\n{body}", "class A(Base, metaclass=M):\n    '''adam'''\n{body}", "if tf.__version__ >= '2.11':\n{body}else:\n    pass\n", "try:\n{body}except E as e:  # why\n    pass\nfinally: pass\n",
    "@a.b('adam')\n@c\nasync def f():\n{body}", "for lr in rates:\n{body}\n\x0c\n", "with a as b, \\\n    c():\n{body}", "while 1:\n    def g(opt):\n        x = '''\n lr\n'''\n{body}",
)  # fmt: skip
_HEADS = ("", "'''A docstring with adam\nand lr=1'''\n", "#!/usr/bin/env python\n", "from __future__ import annotations\n", "'doc'; from __future__ import division\n\n", "\x0c\n", "\x0cimport os\n", "# adamlint: ignore-file[implicit-learning-rate]\n", "import os\n")
_MAGICS = ("!pip install keras", "%matplotlib inline", "%%time\nx = 1", "%%bash\nls lr", "this is no python (", "%env TF_USE_LEGACY_KERAS=1", "get?", "%time opt.lr = 0.1", "")


@st.composite
def _call(draw: st.DrawFn, dialect: Dialect) -> str:
    gap = draw(st.sampled_from(_GAPS))
    arguments = draw(st.lists(st.sampled_from(_ARGUMENTS), max_size=3, unique_by=lambda a: a.replace(" ", "").replace("\t", "").split("=")[0]))
    if any(a.startswith(("**d", "**{")) for a in arguments):  # no keyword twice
        arguments = [a for a in arguments if not a.startswith(("lr", "learning_rate", "decay", "**k"))]
    rates = [a for a in arguments if a.startswith(("lr", "learning_rate", "%s"))]
    arguments = [a for a in arguments if a not in rates[1:]]
    arguments.sort(key=lambda a: ("**" in a, "=" in a and not a.startswith("*")))
    written = gap.join(a % draw(st.sampled_from(_RATES)) if "%s" in a else a for a in arguments)
    end = draw(st.sampled_from(["", "", ",", " ", "\n", ",  # last\n"])) if arguments else ""
    name = draw(st.sampled_from(_CLASSES))
    space = draw(st.sampled_from(["", "", " ", "\n"]))
    return f"{dialect.optimizer}{name}({space}{written}{end})"


@st.composite
def _compile(draw: st.DrawFn, dialect: Dialect) -> str:
    given = draw(st.one_of(st.sampled_from(_STRINGS), _call(dialect)))
    form = draw(st.sampled_from(("model.compile(%s)", "model.compile(optimizer=%s, loss='mse')", "model.compile(loss='mse',\n  optimizer = %s  # adam\n  ,)", "GET(%s)")))
    return form.replace("GET", f"{dialect.optimizer}get") % given


@st.composite
def _line(draw: st.DrawFn, dialect: Dialect) -> str:
    if draw(st.integers(0, 2)) == 0:
        use = draw(st.sampled_from(_USES)).replace("K.", f"{dialect.backend}.")
        line = use % draw(st.sampled_from(_RATES)) if "%s" in use else use
    else:
        inner = draw(st.one_of(_call(dialect), _compile(dialect)))
        line = draw(st.sampled_from(_HOLDERS)) % inner
    return line + draw(st.sampled_from(_COMMENTS)) + "\n"


@st.composite
def _block(draw: st.DrawFn, dialect: Dialect) -> str:
    lines = draw(st.lists(_line(dialect), min_size=1, max_size=3))
    form = draw(st.sampled_from(_BLOCKS))
    if form == "{}":
        return "".join(lines)
    indent = "        " if "def g" in form else draw(st.sampled_from(["    ", "\t", "  "])) if "'''" not in form else "    "
    return form.replace("{body}", "".join(indent + line.replace("\n@", f"\n{indent}@").replace("\ndef f(opt=1)", f"\n{indent}def f(opt=1)") for line in lines))


@st.composite
def _chunks(draw: st.DrawFn) -> list[str]:
    """The parts of a program, each of whole statements."""
    dialect = draw(st.sampled_from(DIALECTS))
    imports = "".join(f"{line}\n" for line in dialect.imports)
    model = f"model = {dialect.model}\nopt = {dialect.optimizer}Adam(0.1)\n" if draw(st.booleans()) else f"model = {dialect.model}\n"
    blocks = draw(st.lists(st.one_of(_block(dialect), _block(dialect), st.just(_SCHEDULE)), min_size=1, max_size=3))
    return [imports, model, *blocks]


@st.composite
def python_files(draw: st.DrawFn) -> Program:
    """A Python file: any newline, encoding, BOM and end."""
    text = draw(st.sampled_from(_HEADS)) + "".join(draw(_chunks()))
    text = text.replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n", "\r"])))
    text = text.rstrip("\r\n") if draw(st.booleans()) else text
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "latin-1", "cp1252"]))
    if encoding in ("latin-1", "cp1252"):
        text = f"# -*- coding: {encoding} -*-\n" + text
    return read("a.py", text.encode(encoding))


@st.composite
def notebooks(draw: st.DrawFn) -> Program:
    """A notebook of cells with and without magics, as a string or lines, indented or not."""
    sources = [chunk.rstrip("\n") if draw(st.booleans()) else chunk for chunk in draw(_chunks())]
    for _ in range(draw(st.integers(0, 2))):
        at, magic = draw(st.integers(0, len(sources) - 1)), draw(st.sampled_from(_MAGICS))
        sources[at : at + draw(st.integers(0, 1))] = [magic if magic.startswith("%%") else f"{magic}\n{sources[at]}"]
    whole = draw(st.booleans())
    cells: list[object] = [{"cell_type": "code", "source": s if whole else s.splitlines(keepends=True), "metadata": {}, "outputs": []} for s in sources]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return read("a.ipynb", json.dumps(document, indent=draw(st.sampled_from([None, 1])), ensure_ascii=draw(st.booleans())).encode())


programs = st.one_of(python_files(), python_files(), notebooks())
