"""Rules about a model and its optimizer where another file of the project makes one of them, or both."""

from __future__ import annotations

from pathlib import Path

import pytest

from adamlint.disk import Files
from adamlint.findings import Finding
from adamlint.project.neighbours import Neighbours
from tests.checking import among, text

MODELS = """
    import tensorflow as tf

    def build(units=9):
        return tf.keras.Sequential([tf.keras.layers.Dense(units, kernel_regularizer=tf.keras.regularizers.l2(1e-4))])

    def plain():
        model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
        return model

    def legacy():
        import tf_keras
        return tf_keras.Sequential()

    shared = tf.keras.Sequential([tf.keras.layers.Dense(1)])

    def same():
        return shared
"""
LOADERS = """
    import tensorflow as tf

    def load(path):
        model = tf.keras.models.load_model(path)
        return model

    def bare(path):
        return tf.keras.models.load_model(path, compile=False)
"""
OPTIMIZERS = """
    import tensorflow as tf

    opt = tf.keras.optimizers.Adam(learning_rate=0.01)
    decaying = tf.keras.optimizers.AdamW(learning_rate=0.01, weight_decay=0.1)
    not_decaying = tf.keras.optimizers.AdamW(learning_rate=0.01, weight_decay=0)

    def make(rate):
        return tf.keras.optimizers.AdamW(rate, weight_decay=0.1)

    def by_default(rate):
        return tf.keras.optimizers.AdamW(rate)

    def either(rate):
        return tf.keras.optimizers.Adam(rate) if rate else load(rate)

    def named():
        return "adam"
"""


CLASSES = """
    import tensorflow as tf
    import torch

    class Penalized(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = tf.keras.layers.Dense(1, kernel_regularizer=tf.keras.regularizers.l2(1e-4))

    class Active(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = tf.keras.layers.Dense(1, activity_regularizer=tf.keras.regularizers.l2(1e-4))

    def dense():
        return tf.keras.layers.Dense(1, kernel_regularizer=tf.keras.regularizers.l2(1e-4))

    class Trainer:
        name = "adam"
        settings = {"optimizer": "adam", "lr": 0.1}

        def __init__(self, lr=0.1):
            self.lr = lr
            self.optimizer = self.build_optimizer()
            self.model = tf.keras.Sequential()
            self.net = torch.nn.Linear(1, 1)

        def build_optimizer(self):
            return tf.keras.optimizers.Adam(learning_rate=self.lr)

        def build_model(self):
            return tf.keras.Sequential([dense()])

        @property
        def given(self):
            return self.optimizer

        def torch_optimizer(self):
            return torch.optim.Adam(self.net.parameters(), lr=self.lr)

        def abstract(self):
            raise NotImplementedError

    class Adam(tf.keras.optimizers.Adam):
        pass

    class Warm(tf.keras.optimizers.Adam):
        def __init__(self, lr, **kwargs):
            super().__init__(learning_rate=lr, **kwargs)

        def set_weights(self, weights):
            pass

    class Legacy(tf.keras.optimizers.legacy.Adam):
        pass
"""


@pytest.fixture(autouse=True)
def _project(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(text(MODELS))
    (tmp_path / "loaders.py").write_text(text(LOADERS))
    (tmp_path / "opts.py").write_text(text(OPTIMIZERS))
    (tmp_path / "classes.py").write_text(text(CLASSES))


def found(root: Path, code: str, *lines: str) -> list[Finding]:
    """Return what is found in a program that imports from both files."""
    source = "\n".join(("import models, opts", "import tensorflow as tf", *lines, ""))
    return among(root, "train.py", source, code)


def test_a_weight_decay_here_and_a_penalty_elsewhere(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, "ADM501", "model = models.build()", "model.compile(tf.keras.optimizers.AdamW(0.1, weight_decay=0.1))")
    assert finding.message == "`weight_decay` besides L2 shrinks the weights twice, and biases too; the model has a regularizer (models.py:4)"
    assert (finding.place.line, finding.place.column) == (4, 46)


def test_a_weight_decay_elsewhere_is_told_where_it_is_used(tmp_path: Path) -> None:
    for given in ("opts.make(0.1)", "opts.decaying"):
        (finding,) = found(tmp_path, "ADM501", "model = models.build()", f"model.compile({given})")
        line = 8 if given.startswith("opts.make") else 4
        assert finding.message.startswith(f"`weight_decay` (opts.py:{line}) besides L2")
        assert (finding.place.line, finding.place.column) == (4, 15)


@pytest.mark.parametrize(
    "line",
    [
        "models.plain().compile(opts.make(0.1))",
        "models.build().compile(opts.not_decaying)",
        "models.build().compile(opts.opt)",
        "models.build().compile(opts.either(0.1))",
        "models.build().compile(opts.named())",
        "models.build().compile(unknown.make(0.1))",
        "unknown.build().compile(opts.make(0.1))",
    ],
)
def test_no_weight_decay_or_no_penalty(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, "ADM501", line) == []
    assert found(tmp_path, "ADM502", line) == []


def test_adamw_that_decays_by_default(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, "ADM502", "models.build().compile(opts.by_default(0.1))")
    assert finding.message == "`AdamW` (opts.py:11) decays by its default, besides the L2 of the model (models.py:4)"
    (finding,) = found(tmp_path, "ADM502", "models.build().compile(tf.keras.optimizers.AdamW(0.1))")
    assert finding.message.endswith("besides the L2 of the model (models.py:4)")
    assert found(tmp_path, "ADM502", "models.plain().compile(opts.by_default(0.1))") == []


def trained(*models: str, optimizer: str = "opt") -> list[str]:
    made = [f"m{number} = {model}" for number, model in enumerate(models)]
    return [*made, *(line for number in range(len(models)) for line in (f"m{number}.compile({optimizer})", f"m{number}.fit(x, y)"))]


def test_one_instance_of_another_file_trains_two_models(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, "ADM606", "from opts import opt", *trained("models.plain()", "models.build()"))
    assert (finding.place.line, finding.place.column) == (8, 12)


@pytest.mark.parametrize(
    "lines",
    [
        ("from opts import make", *trained("models.plain()", "models.build()", optimizer="make(0.1)")),
        ("from opts import opt", *trained("models.same()", "models.same()")),
        ("from opts import opt", *trained("models.plain()", "load()")),
        ("from unknown import opt", *trained("models.plain()", "models.build()")),
        ("from opts import make", "opt = make(0.1)", *trained("models.plain()")),
    ],
)
def test_each_model_has_its_own_or_it_is_not_known(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert found(tmp_path, "ADM606", *lines) == []


def test_packages_that_meet_from_two_files(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, "ADM113", "models.legacy().compile(opts.opt)")
    assert finding.message.startswith("`Adam` of tf.keras is given to a model of tf_keras: raises ValueError")
    assert found(tmp_path, "ADM113", "models.plain().compile(opts.opt)") == []


def test_members_of_an_optimizer_of_another_file(tmp_path: Path) -> None:
    assert [f.place.line for f in found(tmp_path, "ADM602", "print(opts.opt.lr)")] == [3]
    assert [f.place.line for f in found(tmp_path, "ADM602", "print(opts.make(0.1).lr)")] == [3]
    assert found(tmp_path, "ADM102", "opts.make(0.1)") == []
    assert found(tmp_path, "ADM301", "opts.make(lr=0.1)") == []


def test_a_model_that_another_file_loads_trains_on(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, "ADM701", "import loaders", "model = loaders.load('a')", "model.fit(x, y)", "model.fit(x, y)")
    assert (finding.place.line, finding.place.column) == (4, 9)
    assert finding.message.endswith("(loaders.py:4)")


@pytest.mark.parametrize(
    "lines",
    [
        ("model = loaders.load('a')", "model.predict(x)"),
        ("model = loaders.load('a')", "model.compile('sgd')", "model.fit(x, y)"),
        ("model = loaders.bare('a')", "model.fit(x, y)"),
        ("model = models.plain()", "model.fit(x, y)"),
        ("model = loaders.unknown('a')", "model.fit(x, y)"),
    ],
)
def test_a_model_that_is_compiled_again_or_not_trained(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert found(tmp_path, "ADM701", "import loaders", *lines) == []


# Classes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["classes.Penalized()", "tf.keras.Sequential([classes.dense()])", "Mine()"])
def test_a_penalty_in_a_class_or_layer_of_another_file(tmp_path: Path, model: str) -> None:
    mine = ("class Mine(tf.keras.Model):", "    def __init__(self):", "        self.dense = classes.dense()")
    lines = ("import classes", *mine, f"model = {model}", "model.compile(tf.keras.optimizers.AdamW(0.1, weight_decay=0.1))")
    (finding,) = found(tmp_path, "ADM501", *lines)
    line = 7 if "Penalized" in model else 15
    assert finding.message.endswith(f"the model has a regularizer (classes.py:{line})")


@pytest.mark.parametrize("model", ["classes.Active()", "classes.Unknown()", "classes.Trainer().model", "tf.keras.Sequential([classes.other()])"])
def test_no_penalty_in_a_class_of_another_file(tmp_path: Path, model: str) -> None:
    assert found(tmp_path, "ADM501", "import classes", f"{model}.compile(tf.keras.optimizers.AdamW(0.1, weight_decay=0.1))") == []


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("ADM602", "classes.Trainer().optimizer.lr = 0.1"),
        ("ADM602", "classes.Trainer().build_optimizer().lr = 0.1"),
        ("ADM602", "classes.Warm(0.1).lr = 0.1"),
        ("ADM602", "Mine().optimizer.lr = 0.1"),
        ("ADM301", "classes.Adam(lr=0.1)"),
        ("ADM301", "Own(lr=0.1)"),
        ("ADM301", "tf.keras.optimizers.Adam(**classes.Trainer.settings)"),
        ("ADM101", "classes.Trainer().model.compile('adam')"),
        ("ADM101", "classes.Trainer().build_model().compile('adam')"),
        ("ADM101", "Mine().build_model().compile('adam')"),
        ("ADM101", "tf.keras.Sequential().compile(classes.Trainer.name)"),
        ("ADM101", "tf.keras.Sequential().compile(classes.Trainer().settings['optimizer'])"),
        ("ADM101", "tf.keras.Sequential().compile(Mine().settings.get('optimizer'))"),
        ("ADM602", "Mine().given.lr = 0.1"),
    ],
)
def test_members_of_a_class_of_another_file(tmp_path: Path, code: str, line: str) -> None:
    subclasses = ("class Mine(classes.Trainer):", "    pass", "class Own(classes.Adam):", "    pass")
    (finding,) = found(tmp_path, code, "import classes", *subclasses, line)
    assert finding.place.line == 8
    if code == "ADM101" and "'adam'" not in line:
        assert finding.fix is None  # it is written in the other file


def test_an_old_method_on_top_of_a_class_of_another_file(tmp_path: Path) -> None:
    lines = ("import classes", "class Mine(classes.Adam):", "    def _resource_apply_dense(self, grad, var):", "        pass")
    assert [f.place.line for f in found(tmp_path, "ADM604", *lines)] == [4]


@pytest.mark.parametrize(
    "line",
    [
        "classes.Trainer().torch_optimizer().lr = 0.1",
        "classes.Trainer().abstract().lr = 0.1",
        "classes.Trainer().net.compile('adam')",
        "classes.Trainer().lr = 0.1",
        "classes.Trainer().unknown.compile('adam')",
        "classes.Warm(lr=0.1)",
        "classes.Warm(0.1).set_weights([])",
        "classes.Legacy(lr=0.1).lr = 0.1",
        "classes.Legacy(lr=0.1).get_weights()",
        "tf.keras.Sequential().compile(classes.Trainer.settings['loss'])",
    ],
)
def test_members_that_are_not_keras_or_not_known(tmp_path: Path, line: str) -> None:
    for code in ("ADM101", "ADM301", "ADM601", "ADM602", "ADM603"):
        assert found(tmp_path, code, "import classes", line) == []


@pytest.mark.parametrize(
    "lines",
    [
        ("from config import CONFIG", "tf.keras.Sequential().compile(CONFIG['optimizer'])"),
        ("from config import CONFIG", "tf.keras.Sequential().compile(CONFIG.get('optimizer', 'sgd'))"),
        ("import config", "tf.keras.Sequential().compile(config.Config.OPTIMIZER)"),
        ("from config import NAMES", "for name in NAMES: tf.keras.Sequential().compile(name)"),
    ],
)
def test_settings_of_another_file(tmp_path: Path, lines: tuple[str, ...]) -> None:
    settings = ("CONFIG = {'optimizer': 'adam', 'loss': 'mse'}", "NAMES = ['sgd', 'adam']", "class Config:", "    OPTIMIZER = 'adam'")
    (tmp_path / "config.py").write_text("\n".join(settings))
    (finding,) = found(tmp_path, "ADM101", *lines)
    assert finding.fix is None


# Constants ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        (("from config import OPTIMIZER", "tf.keras.Sequential().compile(OPTIMIZER)"), (4, 31)),
        (("from config import OPTIMIZER as o", "given = o", "tf.keras.Sequential().compile(optimizer=given)"), (4, 9)),
        (("import config", "tf.keras.Sequential().compile(config.OPTIMIZER)"), (4, 31)),
        (("from config import *", "import config as c", "tf.keras.Sequential().compile(c.OPTIMIZER)"), (5, 31)),
    ],
)
def test_a_name_in_a_constant_of_another_file(tmp_path: Path, lines: tuple[str, ...], place: tuple[int, int]) -> None:
    (tmp_path / "config.py").write_text('OPTIMIZER = "adam"\nRATE = 0.1\n')
    (finding,) = found(tmp_path, "ADM101", *lines)
    assert (finding.place.line, finding.place.column) == place
    assert finding.fix is None  # it is written in the other file


@pytest.mark.parametrize("source", ["", "OPTIMIZER = 'sgd'\n", "OPTIMIZER = ask()\n", "OPTIMIZER = None\n"])
def test_another_constant_or_none(tmp_path: Path, source: str) -> None:
    (tmp_path / "config.py").write_text(source)
    assert found(tmp_path, "ADM101", "from config import OPTIMIZER", "tf.keras.Sequential().compile(OPTIMIZER)") == []


def test_the_variable_set_to_a_constant_of_another_file(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text('ON = "yes"\n')
    lines = ("import os", "from config import ON", 'os.environ["TF_USE_LEGACY_KERAS"] = ON')
    assert [f.place.line for f in found(tmp_path, "ADM402", *lines)] == [5]


def test_a_wrapper_that_is_known_is_not_asked_of_its_source(tmp_path: Path) -> None:
    package = tmp_path / "tensorflow_model_optimization"
    package.mkdir()
    (package / "__init__.py").write_text("def strip_pruning(model):\n    return Walk(model).clone(keep=False)\n")
    use = "from tensorflow_model_optimization import strip_pruning"
    (finding,) = found(tmp_path, "ADM101", use, "model = strip_pruning(models.plain())", "model.compile('adam')")
    assert (finding.place.line, finding.place.column) == (5, 15)
    assert found(tmp_path, "ADM101", use, "model = strip_pruning(unknown())", "model.compile('adam')") == []


def test_a_project_that_brings_a_keras_of_before_tensorflow_2_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "keras").mkdir()
    (tmp_path / "keras" / "__init__.py").write_text("")
    view = Neighbours(Files(), str(tmp_path)).seen_from(str(tmp_path / "train.py"))
    assert not view.brings_old_keras
    (tmp_path / "keras" / "optimizers.py").write_text("class Adam:\n    pass\n")  # since Keras 2.5 a package
    view = Neighbours(Files(), str(tmp_path)).seen_from(str(tmp_path / "train.py"))
    assert view.brings_old_keras


@pytest.mark.parametrize("own", ["keras/src", "tensorflow/python"])
def test_keras_and_tensorflow_may_import_what_is_private_to_them(tmp_path: Path, own: str) -> None:
    lines = ("from keras.src import backend", "from tensorflow.python.keras import losses")
    assert [f.place.line for f in found(tmp_path, "ADM203", *lines)] == [3, 4]
    (tmp_path / own).mkdir(parents=True)
    (tmp_path / own / "__init__.py").write_text("")
    assert found(tmp_path, "ADM203", *lines) == []
    inside = tmp_path / "keras" / "_tf_keras" / "keras" / "models.py"  # a nearer package of that name does not hide it
    inside.parent.mkdir(parents=True)
    (inside.parent / "__init__.py").write_text("")
    package, _, folder = own.partition("/")
    assert Neighbours(Files(), str(tmp_path)).seen_from(str(inside)).has(package, f"{folder}/__init__.py")



NETS = """
    from tensorflow import keras

    class Net(keras.Model):
        pass

    class Gan(keras.Model):
        def compile(self, optimizer, loss_fn):
            super().compile()
            self.step = {"adam": loss_fn}[optimizer]

    class Deep(Gan):
        pass

    class Scored(keras.Model):
        def compile(self, optimizer="sgd", loss=None, score=None, **kwargs):
            self.score = score
            super().compile(optimizer=optimizer, loss=loss, **kwargs)

    class Second(keras.Model):
        def compile(self, score, optimizer="sgd", **kwargs):
            super().compile(optimizer, **kwargs)

    class Changed(keras.Model):
        def compile(self, optimizer="sgd", **kwargs):
            optimizer = keras.optimizers.get(optimizer)
            super().compile(optimizer, **kwargs)

    def build():
        return Changed()

    def build_net():
        return Net()

    def build_gan():
        return Gan()
"""


@pytest.mark.parametrize(("cls", "lines"), [("Net", [3]), ("Gan", []), ("Deep", []), ("Scored", [3]), ("Second", []), ("Changed", [3])])
def test_a_class_of_another_file_may_have_a_compile_of_its_own(tmp_path: Path, cls: str, lines: list[int]) -> None:
    (tmp_path / "nets.py").write_text(text(NETS))
    assert [f.place.line for f in found(tmp_path, "ADM101", f"import nets; nets.{cls}().compile('adam', loss)")] == lines


@pytest.mark.parametrize(("builder", "lines"), [("build_net", [3]), ("build", [3]), ("build_gan", [])])
def test_a_function_of_another_file_may_give_a_model_with_a_compile_of_its_own(tmp_path: Path, builder: str, lines: list[int]) -> None:
    (tmp_path / "nets.py").write_text(text(NETS))
    assert [f.place.line for f in found(tmp_path, "ADM101", f"import nets; nets.{builder}().compile('adam', loss)")] == lines


@pytest.mark.parametrize("lines", [
    ("from given import OPTIONS", "OPTIONS['learning_rate'] = OPTIONS.pop('lr')", "tf.keras.optimizers.Adam(**OPTIONS)"),
    ("from given import OPTIONS", "del OPTIONS['lr']", "tf.keras.optimizers.Adam(**OPTIONS)"),
    ("from given import RATES", "RATES[0] = 0.1", "tf.keras.optimizers.Adam(RATES[0])"),
    ("from given import CHANGED", "tf.keras.optimizers.Adam(CHANGED[0])"),
    ("from given import SET", "tf.keras.optimizers.Adam(SET)"),
    ("import given", "given.RATE = 0.1", "tf.keras.optimizers.Adam(given.RATE)"),
    ("from given import Settings", "Settings.rate = 0.1", "tf.keras.optimizers.Adam(Settings.rate)"),
    ("from given import Settings", "mine = Settings()", "mine.rate = 0.1", "tf.keras.optimizers.Adam(mine.rate)"),
])  # fmt: skip
def test_a_setting_of_another_file_that_is_changed_is_not_what_was_written(tmp_path: Path, lines: tuple[str, ...]) -> None:
    given = "OPTIONS = {'lr': 0.1}\nRATES = [1, 2]\nCHANGED = [1]\nCHANGED[0] = 0.1\nSET = 1\nRATE = 1\n"
    given += "class Settings:\n    rate = 1\ndef change(value):\n    global SET\n    SET = value\n"
    (tmp_path / "given.py").write_text(given)
    assert found(tmp_path, "ADM301", *lines) == []
    assert found(tmp_path, "ADM304", *lines) == []


@pytest.mark.parametrize("lines", [("from given import RATES", "tf.keras.optimizers.Adam(RATES[0])"), ("import given", "tf.keras.optimizers.Adam(given.RATE)")])
def test_a_setting_of_another_file_that_nothing_changes_is_known(tmp_path: Path, lines: tuple[str, ...]) -> None:
    (tmp_path / "given.py").write_text("RATES = [1, 2]\nRATE = 1\n")
    assert len(found(tmp_path, "ADM304", *lines)) == 1


@pytest.mark.parametrize("home", [
    "def register(cls=None):\n    if cls is None:\n        return register\n    return keras.Sequential()\n",
    "def register(): return other\ndef other(): return register\n",
    "register = {'rate': rate()}\nregister['all'] = register\n",
])  # fmt: skip
def test_what_gives_or_holds_itself_in_another_file_keeps_nothing_from_being_read(tmp_path: Path, home: str) -> None:
    (tmp_path / "registry.py").write_text(f"import keras\n{home}")
    assert len(found(tmp_path, "ADM101", "from registry import register", "register('a')", "tf.keras.Sequential().compile('adam')")) == 1


BASES = """
    import tensorflow as tf

    class Composable:
        def __init__(self):
            self._model = None

        @property
        def model(self):
            '''What was put together.'''
            return self._model

        @model.setter
        def model(self, model):
            self._model = model

        @property
        def changed(self):
            return self._model.net

        @property
        def itself(self):
            return self.itself

        @property
        def one(self):
            return self.other

        def plain(self):
            return self._model

    class Heir(Composable):
        @property
        def other(self):
            return self.one

    class Hiding(Composable):
        model = None
"""


@pytest.mark.parametrize(("base", "line", "found_there"), [
    ("Composable", "Net().model.compile('adam')", True),
    ("Heir", "Net().model.compile('adam')", True),
    ("Composable", "Net().plain.compile('adam')", False),
    ("Composable", "Net().changed.compile('adam')", False),
    ("Composable", "Net().itself.compile('adam')", False),
    ("Heir", "Net().one.compile('adam')", False),
    ("Composable", "Other().model.compile('adam')", False),
    ("Composable", "bases.Composable().model.compile('adam')", False),
    ("Hiding", "Net().model.compile('adam')", False),
])  # fmt: skip
def test_a_property_of_a_base_in_another_file_gives_what_the_class_keeps(tmp_path: Path, base: str, line: str, found_there: bool) -> None:
    (tmp_path / "bases.py").write_text(text(BASES))
    net = ["import bases, torch", f"class Net(bases.{base}):", "    def __init__(self):", "        self._model = tf.keras.Sequential()"]
    other = ["class Other(bases.Composable):", "    def __init__(self):", "        self._model = torch.nn.Linear(1, 1)"]
    assert bool(found(tmp_path, "ADM101", *net, *other, line)) is found_there
