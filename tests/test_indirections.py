"""Values that travel: one small program for each way in which real code hands an optimizer, a model or an argument on.

A finding is expected where the text behind `at` begins, which is what the user must change; `see` is the line that its message names.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

import pytest

from tests.checking import findings

TF = "import tensorflow as tf\n"
MODEL = TF + "model = tf.keras.Sequential()\n"
BUILDER = (
    TF + "from scikeras.wrappers import KerasClassifier\nfrom sklearn.model_selection import GridSearchCV\n"
    "def build(o):\n    m = tf.keras.Sequential()\n    m.compile(o)\n"
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A program, the rule that speaks, the text at which it does, and the other line that it names."""

    source: str
    code: str
    at: str
    see: int | None = None


STRINGS = {
    "a variable": Case(MODEL + "opt = 'adam'\nmodel.compile(optimizer=opt)", "ADM101", "'adam'", 4),
    "the assignment that reaches": Case(MODEL + "opt = 'nadam'\nopt = 'adam'\nmodel.compile(opt)", "ADM101", "'adam'", 5),
    "one of two branches": Case(MODEL + "if c:\n    opt = 'adam'\nelse:\n    opt = 'sgd'\nmodel.compile(opt)", "ADM101", "'adam'", 7),
    "a conditional expression": Case(MODEL + "model.compile('adam' if c else 'sgd')", "ADM101", "'adam'"),
    "or": Case(TF + "def f(opt=None):\n    m = tf.keras.Sequential()\n    m.compile(opt or 'adam')", "ADM101", "'adam'"),
    "a tuple": Case(MODEL + "opt, loss = 'adam', 'mse'\nmodel.compile(opt, loss)", "ADM101", "'adam'", 4),
    "a dict literal": Case(MODEL + "conf = {'opt': 'adam'}\nmodel.compile(conf['opt'])", "ADM101", "'adam'", 4),
    "get of a dict": Case(MODEL + "conf = {'opt': 'adam'}\nmodel.compile(conf.get('opt'))", "ADM101", "'adam'", 4),
    "the default of get": Case(MODEL + "def f(conf):\n    model.compile(conf.get('opt', 'adam'))", "ADM101", "'adam'"),
    "a nested dict": Case(MODEL + "conf = {'train': {'opt': 'adam'}}\nmodel.compile(conf['train']['opt'])", "ADM101", "'adam'", 4),
    "an item set later": Case(MODEL + "conf = {}\nconf['opt'] = 'adam'\nmodel.compile(conf['opt'])", "ADM101", "'adam'", 5),
    "the default of an argument": Case(
        TF + "def build(optimizer='adam'):\n    m = tf.keras.Sequential()\n    m.compile(optimizer)", "ADM101", "'adam'", 4
    ),
    "what a call gives": Case(TF + "def f(m: tf.keras.Model, o):\n    m.compile(o)\nf(x, 'adam')", "ADM101", "'adam'", 3),
    "what a call gives by name": Case(TF + "def f(m: tf.keras.Model, *, o):\n    m.compile(o)\nf(x, o='adam')", "ADM101", "'adam'", 3),
    "what a method call gives": Case(
        TF + "class A:\n    def f(self, o):\n        tf.keras.Sequential().compile(o)\nA().f('adam')", "ADM101", "'adam'", 4
    ),
    "what a constructor is given": Case(
        TF + "class A:\n    def __init__(self, o):\n        self.o = o\n    def f(self):\n        tf.keras.Sequential().compile(self.o)\nA('adam')",
        "ADM101", "'adam'", 6,
    ),
    "the default of a constructor": Case(
        TF + "class A:\n    def __init__(self, o='adam'):\n        self.o = o\n    def f(self):\n        tf.keras.Sequential().compile(self.o)",
        "ADM101", "'adam'", 6,
    ),
    "a return of a local function": Case(MODEL + "def name():\n    return 'adam'\nmodel.compile(name())", "ADM101", "'adam'", 5),
    "a class attribute": Case(MODEL + "class Setting:\n    optimizer = 'adam'\nmodel.compile(Setting.optimizer)", "ADM101", "'adam'", 5),
    "a class attribute by instance": Case(MODEL + "class Setting:\n    optimizer = 'adam'\ns = Setting()\nmodel.compile(s.optimizer)", "ADM101", "'adam'", 6),
    "an enum": Case(
        MODEL + "from enum import Enum\nclass Opt(Enum):\n    ADAM = 'adam'\nmodel.compile(Opt.ADAM.value)", "ADM101", "'adam'", 6
    ),
    "a dataclass field": Case(
        MODEL + "from dataclasses import dataclass\n@dataclass\nclass C:\n    opt: str = 'adam'\nc = C()\nmodel.compile(c.opt)", "ADM101", "'adam'", 8
    ),
    "a dataclass field by annotation": Case(
        MODEL + "from dataclasses import dataclass, field\n@dataclass\nclass C:\n    opt: str = field(default='adam')\ndef f(c: C):\n    model.compile(c.opt)",
        "ADM101", "'adam'", 8,
    ),
    "a named tuple": Case(
        MODEL + "from typing import NamedTuple\nclass C(NamedTuple):\n    opt: str = 'adam'\nmodel.compile(C().opt)", "ADM101", "'adam'", 6
    ),
    "self of another method": Case(
        TF + "class A:\n    def __init__(self):\n        self.o = 'adam'\n    def f(self):\n        tf.keras.Sequential().compile(self.o)",
        "ADM101", "'adam'", 6,
    ),
    "self of a base": Case(
        TF + "class B:\n    def __init__(self):\n        self.o = 'adam'\nclass A(B):\n    def f(self):\n        tf.keras.Sequential().compile(self.o)",
        "ADM101", "'adam'", 7,
    ),
    "a method of a base": Case(
        TF + "class B:\n    def name(self):\n        return 'adam'\nclass A(B):\n    def f(self):\n        tf.keras.Sequential().compile(self.name())",
        "ADM101", "'adam'", 7,
    ),
    "a property": Case(
        TF + "class A:\n    @property\n    def o(self):\n        return 'adam'\n    def f(self):\n        tf.keras.Sequential().compile(self.o)",
        "ADM101", "'adam'", 7,
    ),
    "a spread dict literal": Case(MODEL + "kw = {'optimizer': 'adam'}\nmodel.compile(**kw)", "ADM101", "'adam'", 4),
    "a spread dict call": Case(MODEL + "kw = dict(optimizer='adam', loss='mse')\nmodel.compile(**kw)", "ADM101", "'adam'", 4),
    "a spread in a spread": Case(MODEL + "a = {'optimizer': 'adam'}\nb = {**a, 'loss': 'mse'}\nmodel.compile(**b)", "ADM101", "'adam'", 5),
    "a lambda": Case(MODEL + "f = lambda: 'adam'\nmodel.compile(f())", "ADM101", "'adam'", 4),
    "a loop over literals": Case(MODEL + "for o in ['sgd', 'adam']:\n    model.compile(o)", "ADM101", "'adam'", 4),
    "a loop over pairs": Case(MODEL + "for o, lr in [('sgd', 1), ('adam', 2)]:\n    model.compile(o)", "ADM101", "'adam'", 4),
    "a loop over a dict": Case(MODEL + "for o in {'adam': 1}:\n    model.compile(o)", "ADM101", "'adam'", 4),
    "the items of a dict": Case(MODEL + "for k, o in {'a': 'adam'}.items():\n    model.compile(o)", "ADM101", "'adam'", 4),
    "the values of a dict": Case(MODEL + "for o in {'a': 'adam'}.values():\n    model.compile(o)", "ADM101", "'adam'", 4),
    "enumerate": Case(MODEL + "for i, o in enumerate(['adam']):\n    model.compile(o)", "ADM101", "'adam'", 4),
    "zip": Case(MODEL + "for o, lr in zip(['adam'], [1]):\n    model.compile(o)", "ADM101", "'adam'", 4),
    "a list that grows": Case(MODEL + "names = []\nnames.append('adam')\nfor o in names:\n    model.compile(o)", "ADM101", "'adam'", 6),
    "lower": Case(MODEL + "model.compile('Adam'.lower())", "ADM101", "'Adam'"),
    "lower of a variable": Case(MODEL + "name = 'ADAM'\nmodel.compile(name.lower())", "ADM101", "'ADAM'", 4),
    "strip": Case(MODEL + "model.compile(' adam '.strip())", "ADM101", "' adam '"),
    "an f-string": Case(MODEL + "x = 'dam'\nmodel.compile(f'a{x}')", "ADM101", "f'a{x}'"),
    "a sum of strings": Case(MODEL + "x = 'dam'\nmodel.compile('a' + x)", "ADM101", "'a' + x"),
    "format": Case(MODEL + "model.compile('{}dam'.format('a'))", "ADM101", "'{}dam'.format('a')"),
    "str of a constant": Case(MODEL + "x = str('adam')\nmodel.compile(x)", "ADM101", "'adam'", 4),
    "a walrus": Case(MODEL + "if (o := 'adam'):\n    model.compile(o)", "ADM101", "'adam'", 4),
    "global": Case(MODEL + "def f():\n    global o\n    o = 'adam'\nmodel.compile(o)", "ADM101", "'adam'", 6),
    "argparse": Case(
        MODEL + "import argparse\np = argparse.ArgumentParser()\np.add_argument('--optimizer', default='adam')\nargs = p.parse_args()\nmodel.compile(args.optimizer)",
        "ADM101", "'adam'", 7,
    ),
    "hp.Choice": Case(
        TF + "def build(hp):\n    m = tf.keras.Sequential()\n    m.compile(optimizer=hp.Choice('optimizer', ['adam', 'sgd']))\n    return m",
        "ADM101", "'adam'",
    ),
    "hp.Choice by name": Case(
        TF + "def build(hp):\n    m = tf.keras.Sequential()\n    o = hp.Choice('optimizer', values=['adam', 'sgd'])\n    m.compile(o)", "ADM101", "'adam'", 5
    ),
    "hp.Choice with a default": Case(
        TF + "class H(kt.HyperModel):\n    def build(self, hp):\n        m = tf.keras.Sequential()\n        m.compile(hp.Choice('optimizer', NAMES, default='adam'))",
        "ADM101", "'adam'",
    ),
    "scikeras": Case(
        TF + "from scikeras.wrappers import KerasClassifier\nclf = KerasClassifier(model=build, optimizer='adam')", "ADM101", "'adam'"
    ),
    "a grid search": Case(BUILDER + "search = GridSearchCV(estimator=KerasClassifier(build_fn=build), param_grid={'o': ['sgd', 'adam']})", "ADM101", "'adam'", 6),
    "a grid search by names": Case(
        BUILDER + "clf = KerasClassifier(build)\nnames = ['adam']\ngrid = dict(o=names)\nsearch = GridSearchCV(clf, grid)", "ADM101", "'adam'", 6
    ),
    "one of several grids": Case(BUILDER + "search = GridSearchCV(KerasClassifier(build), [{'o': ['sgd']}, {'o': ['adam']}])", "ADM101", "'adam'", 6),
    "a random search": Case(
        BUILDER + "from sklearn.model_selection import RandomizedSearchCV\ndef space():\n    return {'o': ['adam'], 'epochs': [1]}\n"
        "search = RandomizedSearchCV(KerasClassifier(build), param_distributions=space())",
        "ADM101", "'adam'", 6,
    ),
    "an argument of a wrapper": Case(BUILDER + "clf = KerasClassifier(build, o='adam')", "ADM101", "'adam'", 6),
    "a routed argument of a wrapper": Case(BUILDER + "clf = KerasClassifier(build, model__o='adam')", "ADM101", "'adam'", 6),
    "a grid of scikeras": Case(
        BUILDER + "clf = KerasClassifier(other)\nsearch = GridSearchCV(clf, {'optimizer': ['sgd', 'adam']})", "ADM101", "'adam'"
    ),
    "parse_known_args": Case(
        MODEL + "import argparse\np = argparse.ArgumentParser()\np.add_argument('--opt', default='adam')\nargs, rest = p.parse_known_args()\nmodel.compile(args.opt)",
        "ADM101", "'adam'", 7,
    ),
    "the dict of argparse": Case(
        MODEL + "import argparse\np = argparse.ArgumentParser()\np.add_argument('--opt', default='adam')\nargs = vars(p.parse_args())\nmodel.compile(args['opt'])",
        "ADM101", "'adam'", 7,
    ),
    "the dest of argparse": Case(
        MODEL + "import argparse\np = argparse.ArgumentParser()\np.add_argument('-o', '--opt', dest='name', default='adam')\nargs = p.parse_args()\nmodel.compile(args.name)",
        "ADM101", "'adam'", 7,
    ),
    "a flag": Case(MODEL + "from absl import flags\nflags.DEFINE_string('opt', 'adam', '')\nFLAGS = flags.FLAGS\nmodel.compile(FLAGS.opt)", "ADM101", "'adam'", 6),
    "the holder of a flag": Case(
        MODEL + "from absl import flags\nOPT = flags.DEFINE_enum('opt', default='adam', enum_values=NAMES, help='')\nmodel.compile(OPT.value)", "ADM101", "'adam'", 5
    ),
    "a trial of Optuna": Case(
        TF + "def objective(trial):\n    m = tf.keras.Sequential()\n    m.compile(trial.suggest_categorical('opt', ['adam', 'sgd']))", "ADM101", "'adam'"
    ),
    "a choice of hyperopt": Case(MODEL + "from hyperopt import hp\nspace = {'o': hp.choice('o', ['adam', 'sgd'])}\nmodel.compile(space['o'])", "ADM101", "'adam'", 5),
    "optimizers.get": Case(TF + "name = 'adam'\ntf.keras.optimizers.get(name)", "ADM101", "'adam'", 3),
}  # fmt: skip


CLASSES = {
    "getattr with a name that is not known": Case(TF + "opt = getattr(tf.keras.optimizers, name)(lr=0.1)", "ADM301", "lr=0.1"),
    "getattr with one that is": Case(TF + "name = 'Adam'\nopt = getattr(tf.keras.optimizers, name)(lr=0.1)", "ADM301", "lr=0.1"),
    "a dict of classes": Case(
        "from keras.optimizers import Adam, SGD\nopt = {'adam': Adam, 'sgd': SGD}[name](lr=0.1)", "ADM301", "lr=0.1"
    ),
    "get of a dict of classes": Case(
        "from keras.optimizers import Adam, SGD\nkinds = {'adam': Adam, 'sgd': SGD}\nopt = kinds.get(name)(lr=0.1)", "ADM301", "lr=0.1"
    ),
    "a dict of optimizers": Case(
        MODEL + "opts = {'a': tf.keras.optimizers.legacy.Adam(), 'b': tf.keras.optimizers.SGD(0.1)}\nmodel.compile(opts[k])", "ADM201", "tf.keras.optimizers.legacy"
    ),
    "a chain of branches": Case(
        "from keras.optimizers import Adam, SGD\nif n == 'a':\n    C = Adam\nelif n == 'b':\n    C = SGD\nelse:\n    raise E\nopt = C(lr=0.1)", "ADM301", "lr=0.1"
    ),
    "partial": Case("from functools import partial\nfrom keras.optimizers import Adam\nmake = partial(Adam, lr=0.1)", "ADM301", "lr=0.1"),
    "a lambda": Case("from keras.optimizers import Adam\nmake = lambda lr: Adam(lr=lr)", "ADM301", "lr=lr"),
    "a factory": Case("import keras\ndef make(cfg):\n    return keras.optimizers.Adam(lr=cfg.lr, clipnorm=1.0)", "ADM301", "lr=cfg.lr"),
    "a spread dict": Case("from keras.optimizers import Adam\nargs = {'lr': 0.1}\nopt = Adam(**args)", "ADM301", "'lr': 0.1", 3),
    "a spread dict that is put together": Case("from keras.optimizers import Adam\na = {'lr': 0.1}\nopt = Adam(**{**a, 'beta_1': 0.9})", "ADM301", "'lr': 0.1", 3),
    "a spread dict that is filled later": Case("from keras.optimizers import Adam\nargs = {}\nargs['lr'] = 0.1\nopt = Adam(**args)", "ADM301", "'lr'", 4),
    "a dict that is updated by another": Case(
        "from keras.optimizers import Adam\nargs = {'beta_1': 0.9}\nargs.update({'lr': 0.1})\nopt = Adam(**args)", "ADM301", "'lr': 0.1", 4
    ),
    "a default that is put into a dict": Case(
        "from keras.optimizers import Adam\nargs = dict(beta_1=0.9)\nargs.setdefault('lr', 0.1)\nopt = Adam(**args)", "ADM301", "'lr'", 4
    ),
    "a spread attribute": Case(
        "from keras.optimizers import Adam\nclass A:\n    args = dict(lr=0.1)\n    def f(self):\n        return Adam(**self.args)", "ADM301", "lr=0.1", 5
    ),
    "a local class": Case("import keras\nclass Mine(keras.optimizers.Adam):\n    pass\nopt = Mine(lr=0.1)", "ADM301", "lr=0.1"),
    "a local class with its own arguments": Case(
        "import keras\nclass Mine(keras.optimizers.Adam):\n    def __init__(self, **kw):\n        super().__init__(lr=0.1, **kw)", "ADM301", "lr=0.1"
    ),
    "a star import": Case("from tensorflow.keras.optimizers import *\nopt = Adam(lr=0.1)", "ADM301", "lr=0.1"),
    "an alias of the namespace": Case("import tensorflow.keras.optimizers as O\nopt = O.Adam(lr=0.1)", "ADM301", "lr=0.1"),
    "an alias from a package": Case("from tensorflow.keras import optimizers as opts\nopt = opts.Adam(lr=0.1)", "ADM301", "lr=0.1"),
    "K for Keras": Case("import tensorflow.keras as K\nopt = K.optimizers.Adam(lr=0.1)", "ADM301", "lr=0.1"),
    "ks for Keras": Case("from tensorflow import keras as ks\nopt = ks.optimizers.Adam(lr=0.1)", "ADM301", "lr=0.1"),
    "the private path that editors like": Case("import keras.api._v2.keras as keras\nopt = keras.optimizers.Adam(lr=0.1)", "ADM301", "lr=0.1"),
    "keras = tf.keras": Case(TF + "keras = tf.keras\nopt = keras.optimizers.Adam(lr=0.1)", "ADM301", "lr=0.1"),
    "a class under another name": Case(TF + "Adam = tf.keras.optimizers.Adam\nopt = Adam(lr=0.1)", "ADM301", "lr=0.1"),
    "aliases of aliases": Case(TF + "tfk = tf.keras\ntfko = tfk.optimizers\nopt = tfko.Adam(lr=0.1)", "ADM301", "lr=0.1"),
    "importorskip": Case("import pytest\nkeras = pytest.importorskip('tensorflow.keras')\nopt = keras.optimizers.Adam(lr=0.1)", "ADM301", "lr=0.1"),
    "an import by a function": Case(
        "from skbase.utils.dependencies import _safe_import\nkeras = _safe_import('tensorflow.keras')\nopt = keras.optimizers.Adam(lr=0.1)", "ADM301", "lr=0.1"
    ),
    "a lazy import": Case(
        "from tensorflow.python.util.lazy_loader import LazyLoader\ntf = LazyLoader('tf', globals(), 'tensorflow')\nopt = tf.keras.optimizers.Adam(lr=0.1)",
        "ADM301", "lr=0.1",
    ),
    "import_module": Case("import importlib\ntf = importlib.import_module('tensorflow')\nopt = tf.keras.optimizers.Adam(lr=0.1)", "ADM301", "lr=0.1"),
    "__import__": Case("tf = __import__('tensorflow')\nopt = tf.keras.optimizers.Adam(lr=0.1)", "ADM301", "lr=0.1"),
    "an import in a function": Case("def f():\n    import tensorflow as tf\n    return tf.keras.optimizers.Adam(lr=0.1)", "ADM301", "lr=0.1"),
    "an import that may fail": Case(
        "try:\n    import tensorflow as tf\nexcept ImportError:\n    tf = None\ndef f():\n    return tf.keras.optimizers.Adam(lr=0.1)", "ADM301", "lr=0.1"
    ),
    "one Keras or the other": Case(
        "if USE_TF_KERAS:\n    from tensorflow.keras.optimizers import Adam\nelse:\n    from keras.optimizers import Adam\nopt = Adam(lr=0.1)", "ADM301", "lr=0.1"
    ),
    "one import or the other": Case(
        "try:\n    from tensorflow.keras.optimizers import Adam\nexcept ImportError:\n    from keras.optimizers import Adam\nopt = Adam(lr=0.1)", "ADM301", "lr=0.1"
    ),
    "a module that a function gives": Case(
        "def get_tf():\n    import tensorflow as tf\n    return tf\ntf = get_tf()\nopt = tf.keras.optimizers.Adam(lr=0.1)", "ADM301", "lr=0.1"
    ),
    "a strategy": Case(TF + "s = tf.distribute.MirroredStrategy()\nwith s.scope():\n    opt = tf.keras.optimizers.Adam(lr=0.1)", "ADM301", "lr=0.1"),
    "an argument that scikeras hands on": Case(
        TF + "from scikeras.wrappers import KerasClassifier\nclf = KerasClassifier(build, optimizer='sgd', optimizer__lr=0.1)", "ADM301", "optimizer__lr"
    ),
    "one that a search tries": Case(BUILDER + "search = GridSearchCV(KerasClassifier(build), {'optimizer__lr': [0.1, 0.2]})", "ADM301", "'optimizer__lr'"),
    "hp.Float": Case(TF + "def build(hp):\n    return tf.keras.optimizers.Adam(lr=hp.Choice('lr', [1e-2, 1e-3]))", "ADM301", "lr=hp"),
}  # fmt: skip


MODELS = {
    "Sequential": TF + "model = tf.keras.Sequential([tf.keras.layers.Dense(1)])",
    "add": TF + "model = tf.keras.models.Sequential()\nmodel.add(tf.keras.layers.Dense(1))",
    "functional": TF + "x = tf.keras.Input((1,))\nmodel = tf.keras.Model(x, tf.keras.layers.Dense(1)(x))",
    "a subclass": TF + "class M(tf.keras.Model):\n    pass\nmodel = M()",
    "a subclass of a subclass": TF + "class B(tf.keras.Model):\n    pass\nclass M(B):\n    pass\nmodel = M()",
    "a subclass with another base": TF + "class M(Mixin, tf.keras.Model):\n    pass\nmodel = M()",
    "an application": TF + "model = tf.keras.applications.ResNet50(weights=None)",
    "an application by module": "from tensorflow.keras.applications.resnet50 import ResNet50\nmodel = ResNet50()",
    "loaded": "from tensorflow.keras.models import load_model\nmodel = load_model('m.h5')",
    "cloned": TF + "model = tf.keras.models.clone_model(other)",
    "from JSON": "from keras.models import model_from_json\nmodel = model_from_json(text)",
    "a local builder": TF + "def build():\n    m = tf.keras.Sequential()\n    return m\nmodel = build()",
    "a builder that may raise": TF + "def build(k):\n    if k:\n        return tf.keras.Sequential()\n    raise ValueError(k)\nmodel = build(1)",
    "one of two builders": TF + "def a():\n    return tf.keras.Sequential()\ndef b():\n    return tf.keras.Model(i, o)\nmodel = a() if c else b()",
    "builders in a dict": TF + "def a():\n    return tf.keras.Sequential()\ndef b():\n    return tf.keras.Model(i, o)\nmodel = {'a': a, 'b': b}[k]()",
    "one of two models that are returned": TF + "def build():\n    a, b = tf.keras.Sequential(), tf.keras.Sequential()\n    return a, b\n_, model = build()",
    "models in a loop": TF + "models = [tf.keras.Sequential(), tf.keras.Sequential()]\nfor model in models:\n    pass",
    "a comprehension of models": TF + "models = [tf.keras.Sequential() for _ in range(3)]\nmodel = models[0]",
    "an attribute": TF + "class A:\n    def __init__(self):\n        self.m = tf.keras.Sequential()\nmodel = A().m",
    "under a strategy": TF + "with tf.distribute.MirroredStrategy().scope():\n    model = tf.keras.Sequential()",
    "an annotated variable": TF + "model: tf.keras.Model = make()",
    "or None": TF + "model = None\nif c:\n    model = tf.keras.Sequential()",
    "a decorated builder": TF + "import functools\n@functools.lru_cache\ndef build():\n    return tf.keras.Sequential()\nmodel = build()",
    "a static method": TF + "class A:\n    @staticmethod\n    def build():\n        return tf.keras.Sequential()\nmodel = A.build()",
    "a class method": TF + "class A(tf.keras.Model):\n    @classmethod\n    def build_it(cls):\n        return cls()\nmodel = A.build_it()",
    "a wrapped model": TF + "model = tf.keras.utils.multi_gpu_model(tf.keras.Sequential(), 2)",
    "a model by getattr": TF + "model = getattr(tf.keras.applications, name)(weights=None)",
    "an annotated return": TF + "def build() -> tf.keras.Model:\n    return make()\nmodel = build()",
    "a reassigned model": TF + "model = tf.keras.Sequential()\nmodel = tf.keras.Model(model.inputs, model.outputs)",
    "a model of KerasCV": "import keras_cv\nmodel = keras_cv.models.RetinaNet(num_classes=1)",
    "a preset of KerasHub": "import keras_hub\nmodel = keras_hub.models.BertClassifier.from_preset('bert')",
    "a model of segmentation_models": "import segmentation_models as sm\nmodel = sm.Unet('resnet34')",
    "a model of segmentation_models by name": "from segmentation_models import FPN\nmodel = FPN()",
    "a model of keras_unet_collection": "from keras_unet_collection import models\nmodel = models.unet_2d((128, 128, 3), [64], n_labels=1)",
    "a model of Neural Structured Learning": "import neural_structured_learning as nsl\nmodel = nsl.keras.AdversarialRegularization(base)",
    "a model of DeepCTR": "from deepctr.models import DeepFM, xDeepFM\nmodel = DeepFM(a, b) if c else xDeepFM(a, b)",
    "a model on the base of TensorFlow Recommenders": "import tensorflow_recommenders as tfrs\nclass M(tfrs.Model):\n    pass\nmodel = M()",
    "a private builder": "from tensorflow.python.keras.models import Sequential\nmodel = Sequential()",
}  # fmt: skip


PARAMETERS = {
    "annotated": TF + "def f(model: tf.keras.Model):\n    model.compile('adam')",
    "annotated by a string": TF + "def f(model: 'tf.keras.Model'):\n    model.compile('adam')",
    "annotated as optional": TF + "from typing import Optional\ndef f(model: Optional[tf.keras.Model] = None):\n    model.compile('adam')",
    "annotated as one or None": TF + "def f(model: tf.keras.Model | None):\n    model.compile('adam')",
    "annotated as one of two": TF + "from typing import Union\ndef f(model: Union[tf.keras.Model, tf.keras.Sequential]):\n    model.compile('adam')",
    "checked by isinstance": TF + "def f(model):\n    if isinstance(model, tf.keras.Model):\n        model.compile('adam')",
    "checked by isinstance and more": TF + "def f(model):\n    if c and isinstance(model, tf.keras.Model):\n        model.compile('adam')",
    "checked by assert": TF + "def f(model):\n    assert isinstance(model, tf.keras.Model)\n    model.compile('adam')",
    "refused by isinstance": TF + "def f(model):\n    if not isinstance(model, tf.keras.Model):\n        raise TypeError\n    model.compile('adam')",
    "an attribute checked by isinstance": TF + "def f(x):\n    if isinstance(x.model, tf.keras.Model):\n        x.model.compile('adam')",
    "an attribute of self, refused by isinstance": (
        TF + "class T:\n    def f(self):\n        if not isinstance(self.net, tf.keras.Model):\n            raise TypeError\n        self.net.compile('adam')"
    ),
    "self of a model": TF + "class M(tf.keras.Model):\n    def f(self):\n        self.compile('adam')",
    "super of a model": TF + "class M(tf.keras.Model):\n    def f(self):\n        super().compile('adam')",
    "the model of a callback": TF + "class C(tf.keras.callbacks.Callback):\n    def on_epoch_end(self, epoch, logs=None):\n        self.model.compile('adam')",
    "a model that a constructor is given with others": (
        TF + "class T:\n    def __init__(self, n, model):\n        self.n, self.model = n, model\n    def f(self):\n        self.model.compile('adam')\nT(1, tf.keras.Sequential())"
    ),
    "a model that a constructor is given": (
        TF + "class T:\n    def __init__(self, model):\n        self.model = model\n    def f(self):\n        self.model.compile('adam')\nT(tf.keras.Sequential())"
    ),
    "annotated as a list": TF + "from typing import List\ndef f(models: List[tf.keras.Model]):\n    for model in models:\n        model.compile('adam')",
    "annotated as a list or None": TF + "def f(models: list[tf.keras.Model] | None = None):\n    models[0].compile('adam')",
    "annotated as an optional sequence": (
        TF + "from typing import Optional, Sequence\ndef f(models: Optional[Sequence['tf.keras.Model']]):\n    for i, m in enumerate(models):\n        m.compile('adam')"
    ),
    "a dataclass of a model": TF + "from dataclasses import dataclass\n@dataclass\nclass T:\n    model: tf.keras.Model\n    def f(self):\n        self.model.compile('adam')",
    "an annotated attribute": TF + "class T:\n    def __init__(self, m):\n        self.model: tf.keras.Model = m\n    def f(self):\n        self.model.compile('adam')",
    "a fixture": TF + "import pytest\n@pytest.fixture\ndef model():\n    return tf.keras.Sequential()\ndef test_it(model):\n    model.compile('adam')",
}  # fmt: skip


def _found(case: Case) -> list[tuple[int, int, str]]:
    return [(f.place.line, f.place.column, f.message) for f in findings(case.code, case.source + "\n")]


def _expect(case: Case) -> None:
    source = dedent(case.source)
    before = source[: source.rindex(case.at)]
    place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
    found = _found(case)
    assert [(line, column) for line, column, _ in found] == [place]
    if case.see is not None:
        assert f"line {case.see}" in found[0][2]


@pytest.mark.parametrize("case", STRINGS.values(), ids=STRINGS.keys())
def test_a_name_is_found_where_it_is_written(case: Case) -> None:
    _expect(case)


@pytest.mark.parametrize("case", CLASSES.values(), ids=CLASSES.keys())
def test_an_argument_is_found_where_it_is_written(case: Case) -> None:
    _expect(case)


@pytest.mark.parametrize("source", MODELS.values(), ids=MODELS.keys())
def test_a_model_is_known_however_it_is_built(source: str) -> None:
    found = findings("ADM101", source + "\nmodel.compile('adam')\n")
    assert [f.place.line for f in found] == [source.count("\n") + 2]


@pytest.mark.parametrize("source", PARAMETERS.values(), ids=PARAMETERS.keys())
def test_a_model_is_known_whoever_gives_it(source: str) -> None:
    assert len(findings("ADM101", source + "\n")) == 1


NAMED = {
    "get_updates": ("ADM603", "from keras import backend as K\ndef f(optimizers):\n    for optimizer in optimizers:\n        optimizer.get_updates(loss, p)"),
    "the weights of a model's optimizer": ("ADM603", "from keras import optimizers\ndef f(model, w):\n    model.optimizer.set_weights(w)"),
    "a decayed rate": ("ADM601", TF + "def f(optimizer):\n    return optimizer._decayed_lr(tf.float32)"),
}  # fmt: skip
NOT_NAMED = {
    "another library's": "import tensorflow as tf\nimport other\noptimizer = other.Optimizer()\noptimizer.get_updates(1)",
    "one's own": "import tensorflow as tf\nclass O:\n    def get_updates(self):\n        pass\noptimizer = O()\noptimizer.get_updates()",
    "the weights of what is called otherwise": "import keras\ndef f(layer, agent):\n    layer.set_weights(agent.optimizer.get_weights())",
    "of a class that is handed in": "import tensorflow as tf\ndef f(cls):\n    optimizer = cls(0.1)\n    optimizer.get_updates(loss, p)",
    "what TF 1 has too": "import tensorflow as tf\ndef f(optimizer):\n    optimizer.minimize(loss)\n    optimizer.get_slot(v, 'm')",
    "no Keras in the file": "import torch\ndef f(model, w):\n    model.optimizer.set_weights(w)",
}


@pytest.mark.parametrize(("code", "source"), NAMED.values(), ids=NAMED.keys())
def test_a_member_that_only_keras_has_tells_what_an_optimizer_is(code: str, source: str) -> None:
    assert len(findings(code, source + "\n")) == 1


@pytest.mark.parametrize("source", NOT_NAMED.values(), ids=NOT_NAMED.keys())
def test_a_name_alone_does_not(source: str) -> None:
    assert findings("ADM601", source + "\n") + findings("ADM603", source + "\n") == []
