"""ADM101: where Adam is given by name, what the finding says, and what the fix writes."""

from __future__ import annotations

import pytest

from adamlint.findings import Effect, Safety
from adamlint.needles import Project
from tests.checking import findings, fixed, places, silent, text

CODE = "ADM101"
MODEL = "import tensorflow as tf\nmodel = tf.keras.Sequential()\n"


def test_the_string_itself_is_the_place() -> None:
    assert places(CODE, MODEL + "model.compile(optimizer='adam', loss='mse')\n") == [(3, 25)]
    assert places(CODE, MODEL + "model.compile('Adam', 'mse')\n") == [(3, 15)]


def test_a_name_that_flows_there_is_reported_where_it_is_written() -> None:
    assert places(CODE, MODEL + "opt = 'nadam'\nmodel.compile(optimizer=opt)\n") == [(3, 7)]
    assert places(CODE, MODEL + "kw = {'optimizer': 'adam', 'loss': 'mse'}\nmodel.compile(**kw)\n") == [(3, 20)]
    default = "import keras\ndef build(optimizer='adam'):\n    m = keras.Sequential()\n    m.compile(optimizer)\n"
    assert places(CODE, default) == [(2, 21)]


def test_a_parameter_is_what_the_calls_of_the_file_give_it() -> None:
    source = """
        import keras
        def train(model, optimizer):
            model.compile(optimizer=optimizer)
        train(keras.Sequential(), 'adam')
    """
    assert places(CODE, source) == [(4, 27)]


def test_optimizers_get_is_given_a_name_too() -> None:
    assert places(CODE, "import keras\nopt = keras.optimizers.get('adam')\n") == [(2, 28)]
    assert places(CODE, "import keras\nopt = keras.optimizers.get(identifier='adam')\n") == [(2, 39)]


def test_a_model_that_a_tool_gives_back_is_still_one() -> None:
    source = """
        import tf_keras as keras
        import tensorflow_model_optimization as tfmot
        model = tfmot.quantization.keras.quantize_model(keras.Sequential())
        model.compile('adam')
    """
    assert places(CODE, source) == [(4, 15)]


def test_the_effect_is_computed_for_the_target() -> None:
    source = MODEL + "model.compile('adam')\n"
    assert findings(CODE, source)[0].effect is Effect.DIFFERS
    assert findings(CODE, source, tensorflow=">=2.16")[0].effect is Effect.IMPLICIT
    assert findings(CODE, source, tensorflow="2.10")[0].effect is Effect.IMPLICIT
    assert findings(CODE, source, tensorflow="2.14", platforms=("linux",))[0].effect is Effect.IMPLICIT
    assert findings(CODE, source, tensorflow="2.14", platforms=("macos-arm64",))[0].effect is Effect.DIFFERS


@pytest.mark.parametrize("source", [
    "import deepxde as dde\nmodel = dde.Model(data, net)\nmodel.compile('adam', lr=1e-3)\n",
    "from torch import nn\nmodel = nn.Sequential()\nmodel.compile('adam')\n",
    "def train(model):\n    model.compile(optimizer='adam')\n",
    "import keras\ndef train(model):\n    model.compile(optimizer='adam')\nrun(train)\n",
    "import keras, torch\ndef train(model):\n    model.compile('adam')\ntrain(keras.Model())\ntrain(torch.nn.Linear(1, 1))\n",
    MODEL + "model = make()\nmodel.compile('adam')\n",
    MODEL + "model.compile('sgd')\n",
    MODEL + "model.compile(loss='adam')\n",
    MODEL + "opt = 'adam'\nopt = 'sgd'\nmodel.compile(opt)\n",
    "solver = 'adam'\nMLPClassifier(solver='adam')\n",
    "import optimizers\nopt = optimizers.get('adam')\n",
    MODEL + "if tf.__version__ < '1':\n    model.compile('adam')\n",
])  # fmt: skip
def test_silent(source: str) -> None:
    assert silent(CODE, source)


def test_the_fix_writes_the_class_in_place_of_the_string() -> None:
    source = MODEL + "model.compile(\n    optimizer='adam',  # fast\n    loss='mse',\n)\n"
    wanted = MODEL + "model.compile(\n    optimizer=tf.keras.optimizers.Adam(learning_rate=0.001),  # fast\n    loss='mse',\n)\n"
    assert findings(CODE, source)[0].fix.safety is Safety.SAFE  # type: ignore[union-attr]
    assert fixed(CODE, source) == wanted
    assert fixed(CODE, wanted) == wanted


def test_the_fix_adds_an_import_in_the_style_of_the_file() -> None:
    source = "from keras.models import Sequential\nmodel = Sequential()\nmodel.compile('adam')\n"
    wanted = """
        from keras.models import Sequential
        from keras.optimizers import Adam
        model = Sequential()
        model.compile(Adam(learning_rate=0.001))
    """
    assert fixed(CODE, source) == text(wanted)


def test_the_fix_uses_an_import_of_the_function() -> None:
    source = "def train():\n    import keras\n    m = keras.Sequential()\n    m.compile('adam')\n"
    assert "m.compile(keras.optimizers.Adam(learning_rate=0.001))" in fixed(CODE, source)


def test_the_fix_is_unsafe_where_the_class_matters() -> None:
    source = MODEL + "model.compile('adam')\n"
    for project in (Project(restores=True), Project(checks_types=True), Project(foreign=True)):
        assert findings(CODE, source, project=project)[0].fix.safety is Safety.UNSAFE  # type: ignore[union-attr]
        assert fixed(CODE, source, project=project) == source
    graph = findings(CODE, source, tensorflow="2.12", mode="graph")[0].fix
    assert graph is None or graph.safety is Safety.UNSAFE


@pytest.mark.parametrize("body", [
    "args = parser.parse_args()\nname = 'adam'\nmodel.compile(optimizer=name)\nif name == 'adam':\n    slow()\n",
    "class Config:\n    optimizer = 'adam'\nmodel.compile(Config.optimizer)\nfast = Config.optimizer == 'adam'\n",
    "def build(optimizer='adam'):\n    model.compile(optimizer)\n    if optimizer == 'adam':\n        slow()\n",
])  # fmt: skip
def test_a_name_that_is_compared_later_stays_a_name(body: str) -> None:
    (finding,) = findings(CODE, MODEL + body)
    assert finding.fix is None


def test_the_fix_is_unsafe_where_a_model_is_compiled_again_with_the_optimizer_that_it_has() -> None:
    again = MODEL + "model.compile('adam')\nmodel.layers[0].trainable = True\nmodel.compile(optimizer=model.optimizer)\n"
    assert findings(CODE, again)[0].fix.safety is Safety.UNSAFE  # type: ignore[union-attr]
    assert findings(CODE, again, tensorflow=">=2.16")[0].fix.safety is Safety.SAFE  # type: ignore[union-attr]


def test_no_fix_away_from_the_call_or_for_another_package() -> None:
    assert findings(CODE, MODEL + "opt = 'adam'\nmodel.compile(optimizer=opt)\n")[0].fix is None
    private = "from tensorflow.python.keras.models import Model\nm = Model()\nm.compile('adam')\n"
    assert [f.fix for f in findings(CODE, private)] == [None]
    taken = "from keras.models import Sequential\nfrom torch.optim import Adam\nm = Sequential()\nm.compile('adam')\n"
    assert findings(CODE, taken)[0].fix is None


@pytest.mark.parametrize(
    "source",
    [
        "KW = {'optimizer': 'adam'}\ndef build():\n    m = tf.keras.Sequential()\n    m.compile(**KW)\n    return m\na, b = build(), build()",
        "kw = dict(optimizer='adam')\nfor _ in range(2):\n    m = tf.keras.Sequential()\n    m.compile(**kw)",
    ],
)
def test_no_instance_is_put_where_two_models_could_share_it(source: str) -> None:
    source = f"import tensorflow as tf\n{source}\n"
    (finding,) = findings("ADM101", source)
    assert finding.fix is None


def test_get_with_more_than_a_name_is_not_rewritten() -> None:
    source = "import tensorflow as tf\nopt = tf.keras.optimizers.get('adam', learning_rate=0.1)\n"
    (found,) = findings(CODE, source)
    assert found.fix is None


@pytest.mark.parametrize("given", [
    "hp.Choice('optimizer', ['adam', 'sgd'])",
    "pick('adam')",
    "str('adam')",
    "options.setdefault('optimizer', 'adam')",
    "(name := 'adam')",
])  # fmt: skip
def test_no_instance_is_put_where_a_function_wants_a_name(given: str) -> None:
    source = f"{MODEL}def pick(name):\n    if slow:\n        return tf.keras.optimizers.SGD(0.1)\n    return name\nmodel.compile({given})\n"
    assert fixed(CODE, source, unsafe=True) == source


def test_a_model_of_another_packages_keras_gets_the_class_of_that() -> None:
    compat = "from tensorflow_model_optimization.python.core.keras.compat import keras\n"
    source = f"import tensorflow as tf\n{compat}model = keras.Sequential()\nmodel.compile('adam')\n"
    assert "compile(keras.optimizers.Adam(learning_rate=0.001))" in fixed(CODE, source, unsafe=True)
    hidden = f"import tensorflow as tf\ndef build():\n    {compat}    return keras.Sequential()\nmodel = build()\nmodel.compile('adam')\n"
    assert len(places(CODE, hidden)) == 1
    assert fixed(CODE, hidden, unsafe=True) == hidden


BUILD = """import keras
KNOWN = ["adam", "sgd"]
def build(model: keras.Model, optimizer="adam", rate=0.1):
{body}
    model.compile(optimizer=optimizer, loss="mse")
"""


@pytest.mark.parametrize("test", [
    'optimizer == "adam"',
    'optimizer == "adam" or slow',
    'optimizer.lower() == "adam"',
    'optimizer in ("adam", "sgd")',
    "optimizer in KNOWN",
    "isinstance(optimizer, str)",
    "isinstance(optimizer, (str, dict))",
    "type(optimizer) is str",
    "type(optimizer) in (str, dict)",
    "not isinstance(optimizer, keras.optimizers.Optimizer)",
    "not callable(optimizer)",
    'optimizer != "sgd"',
    "optimizer",
    '"adam" in optimizer',
    '"adam" in optimizer.lower()',
    '"sgd" not in optimizer',
    'optimizer.startswith("ad")',
    'optimizer.lower().startswith("adam")',
    'type(optimizer) == type("")',
    'hasattr(optimizer, "lower")',
    'not hasattr(optimizer, "apply_gradients")',
    '"adam" == optimizer',
    'optimizer == "adam" != None',
    "isinstance(optimizer, basestring)",
    "issubclass(type(optimizer), str)",
    'type(optimizer).__name__ == "str"',
    "len(optimizer) == 4",
    'optimizer.endswith("dam")',
    'optimizer[:4] == "adam"',
    'optimizer[0] == "a"',
    'optimizer.strip().upper() == "ADAM"',
    '(optimizer or "sgd") == "adam"',
])  # fmt: skip
def test_a_name_that_a_test_puts_an_instance_in_place_of_goes_nowhere(test: str) -> None:
    body = f"    if {test}:\n        optimizer = keras.optimizers.Adam(rate)"
    assert silent(CODE, BUILD.format(body=body))


@pytest.mark.parametrize("body", [
    '    if optimizer == "sgd":\n        optimizer = keras.optimizers.SGD(rate)\n    elif optimizer == "adam":\n        optimizer = keras.optimizers.Adam(rate)',
    '    if optimizer == "sgd":\n        print(rate)\n    else:\n        optimizer = keras.optimizers.Adam(rate)',
    '    if isinstance(optimizer, str):\n        raise TypeError(optimizer)',
    '    optimizer = keras.optimizers.Adam(rate) if optimizer == "adam" else optimizer',
    '    optimizer = optimizer if not isinstance(optimizer, str) else keras.optimizers.Adam(rate)',
    '    if optimizer == "adam":\n        return\n    print(rate)',
    "    assert not isinstance(optimizer, str)",
    '    match optimizer:\n        case "adam":\n            optimizer = keras.optimizers.Adam(rate)\n        case "sgd":\n            optimizer = keras.optimizers.SGD(rate)',
    '    match optimizer:\n        case None:\n            return\n        case "sgd":\n            optimizer = 1\n        case _:\n            optimizer = keras.optimizers.Adam(rate)',
    '    match optimizer.lower():\n        case "adam" | "sgd":\n            optimizer = keras.optimizers.Adam(rate)',
    '    match optimizer:\n        case "adam":\n            raise ValueError(rate)',
    '    optimizer = {"adam": keras.optimizers.Adam(rate)}.get(optimizer, optimizer)',
    '    given = optimizer\n    if given == "adam":\n        given = keras.optimizers.Adam(rate)\n    optimizer = given',
    '    given = optimizer\n    if optimizer == "adam":\n        given = keras.optimizers.Adam(rate)\n    optimizer = given',
])  # fmt: skip
def test_a_name_goes_by_the_branches_that_its_tests_send_it(body: str) -> None:
    assert silent(CODE, BUILD.format(body=body))


@pytest.mark.parametrize("body", [
    '    if optimizer == "sgd":\n        optimizer = keras.optimizers.SGD(rate)',
    '    if isinstance(optimizer, dict):\n        optimizer = keras.optimizers.get(optimizer)',
    '    if optimizer == "adam" and rate:\n        optimizer = keras.optimizers.Adam(rate)',
    '    if optimizer == "adam":\n        print(rate)',
    '    if optimizer == name():\n        optimizer = keras.optimizers.Adam(rate)',
    '    if optimizer is None:\n        optimizer = keras.optimizers.Adam(rate)',
    '    if optimizer == "adam":\n        optimizer = 1\n    optimizer = "adam"',
    '    optimizer = optimizer if rate else "sgd"',
    "    assert isinstance(optimizer, str)",
    "    assert not isinstance(rate, str)",
    '    match optimizer:\n        case "sgd":\n            optimizer = keras.optimizers.SGD(rate)',
    '    match optimizer:\n        case "adam" if rate:\n            optimizer = keras.optimizers.Adam(rate)',
    '    match optimizer:\n        case "adam":\n            print(rate)\n        case _:\n            optimizer = keras.optimizers.SGD(rate)',
    '    match rate:\n        case "adam":\n            optimizer = keras.optimizers.Adam(rate)',
    '    if "sgd" in optimizer:\n        optimizer = keras.optimizers.SGD(rate)',
    "    if len(optimizer) > 4:\n        optimizer = keras.optimizers.SGD(rate)",
    '    if optimizer[:3] == "sgd":\n        optimizer = keras.optimizers.SGD(rate)',
    '    if type(optimizer).__name__ == "dict":\n        optimizer = keras.optimizers.SGD(rate)',
    '    if (optimizer or "adam") == "sgd":\n        optimizer = keras.optimizers.SGD(rate)',
    '    if optimizer in {**rate, "sgd": 1}:\n        optimizer = keras.optimizers.SGD(rate)',
    '    if "sgd" == optimizer != None:\n        optimizer = keras.optimizers.SGD(rate)',
    '    if optimizer.startswith("sg"):\n        optimizer = keras.optimizers.SGD(rate)',
    '    if optimizer.startswith(rate):\n        optimizer = keras.optimizers.SGD(rate)',
    '    optimizer = {"sgd": keras.optimizers.SGD(rate)}.get(optimizer, optimizer)',
    '    optimizer = {"adam": keras.optimizers.Adam(rate)}.get(rate, optimizer)',
    '    given = optimizer\n    if optimizer == "sgd":\n        given = keras.optimizers.SGD(rate)\n    optimizer = given',
    "    if type(optimizer) == type(1):\n        optimizer = keras.optimizers.SGD(rate)",
    '    if hasattr(optimizer, "apply_gradients"):\n        optimizer = keras.optimizers.SGD(rate)',
    '    while optimizer == "sgd":\n        optimizer = keras.optimizers.SGD(rate)',
    '    while optimizer == "adam":\n        if rate:\n            break\n        optimizer = keras.optimizers.SGD(rate)',
    '    try:\n        optimizer = {"sgd": keras.optimizers.SGD(rate)}[optimizer]\n    except KeyError:\n        pass',
    '    optimizer = {"sgd": keras.optimizers.SGD(rate)}.get(optimizer) or optimizer',
    '    optimizer = [name for name in (optimizer, "sgd") if name != "sgd"][0]',
    '    settings = {"optimizer": optimizer}\n    if settings["optimizer"] == "sgd":\n        optimizer = keras.optimizers.SGD(rate)\n    else:\n        optimizer = settings["optimizer"]',
    '    given, optimizer = optimizer, rate\n    if optimizer == "adam":\n        given = keras.optimizers.Adam(rate)\n    optimizer = given',
])  # fmt: skip
def test_a_name_that_no_test_holds_back_is_reported(body: str) -> None:
    assert places(CODE, BUILD.format(body=body)) != []


@pytest.mark.parametrize("body", [
    'self.model.compile(keras.optimizers.Adam(0.1) if self.optimizer == "adam" else self.optimizer)',
    'if isinstance(self.optimizer, str):\n            return\n        self.model.compile(self.optimizer)',
    'if self.optimizer == "adam":\n            self.optimizer = keras.optimizers.Adam(0.1)\n        self.model.compile(self.optimizer)',
])  # fmt: skip
def test_an_attribute_goes_by_the_tests_of_it_too(body: str) -> None:
    init = "def __init__(self, optimizer='adam'):\n        self.model = keras.Sequential()\n        self.optimizer = optimizer"
    source = "import keras\nclass Net:\n    {}\n    def build(self):\n        {}\n"
    assert silent(CODE, source.format(init, body))
    assert places(CODE, source.format(init, "self.model.compile(self.optimizer)")) != []


def test_a_name_that_is_taken_from_a_setting_goes_by_the_tests_of_the_setting() -> None:
    source = (
        "import argparse\nimport keras\nmodel = keras.Sequential()\nparser = argparse.ArgumentParser()\n"
        'parser.add_argument("--optimizer", default="adam")\nargs = parser.parse_args()\noptimizer = args.optimizer\n'
        'if args.optimizer == "{}":\n    optimizer = keras.optimizers.SGD(0.1)\nmodel.compile(optimizer)\n'
    )
    assert silent(CODE, source.format("adam"))
    assert places(CODE, source.format("sgd")) != []


SGD = "tf.keras.optimizers.SGD(0.1)"


@pytest.mark.parametrize("body", [
    f"names = ['adam', 'sgd']\nnames[0] = {SGD}\nmodel.compile(names[0])",
    f"cfg = {{'optimizer': 'adam'}}\ncfg['optimizer'] = {SGD}\nmodel.compile(cfg[\"optimizer\"])",
    f"cfg = {{'optimizer': 'adam'}}\nif slow:\n    cfg['optimizer'] = {SGD}\nelse:\n    cfg['optimizer'] = 'sgd'\nmodel.compile(cfg['optimizer'])",
    f"cfg = {{'optimizer': 'adam'}}\ncfg.update(optimizer={SGD})\nmodel.compile(cfg['optimizer'])",
    f"cfg = {{'optimizer': 'adam'}}\ncfg.update({{'optimizer': {SGD}}})\nmodel.compile(cfg['optimizer'])",
    f"cfg = {{'optimizer': 'adam'}}\ncfg.update(optimizer={SGD})\nmodel.compile(**cfg)",
    f"class Config:\n    optimizer = 'adam'\ncfg = Config()\ncfg.optimizer = {SGD}\nmodel.compile(cfg.optimizer)",
    f"class Config:\n    optimizer = 'adam'\nsetattr(Config, 'optimizer', {SGD})\nmodel.compile(Config.optimizer)",
    "names = ['adam', 'sgd']\nnames.remove('adam')\nmodel.compile(names[0])",
    "names = ['adam', 'sgd']\nnames.remove('adam')\nfor name in names:\n    model.compile(name)",
    "names = ['sgd', 'adam']\nnames.pop()\nmodel.compile(names[-1])",
    "cfg = {'optimizer': 'adam'}\nif cfg['optimizer'] == 'adam':\n    opt = 'sgd'\nelse:\n    opt = cfg['optimizer']\nmodel.compile(opt)",
])  # fmt: skip
def test_an_item_or_an_attribute_is_what_it_was_last_given(body: str) -> None:
    assert silent(CODE, f"{MODEL}{body}\n")


@pytest.mark.parametrize("body", [
    f"names = ['adam', 'sgd']\nnames[1] = {SGD}\nmodel.compile(names[0])",
    f"cfg = {{'optimizer': 'adam'}}\nmodel.compile(cfg['optimizer'])\ncfg['optimizer'] = {SGD}",
    f"cfg = {{'optimizer': 'adam'}}\nif slow:\n    cfg['optimizer'] = {SGD}\nmodel.compile(cfg['optimizer'])",
    f"cfg = {{}}\ncfg['optimizer'] = {SGD}\ncfg = {{'optimizer': 'adam'}}\nmodel.compile(cfg['optimizer'])",
    f"cfg = {{'optimizer': {SGD}}}\ncfg.update(optimizer='adam')\nmodel.compile(cfg['optimizer'])",
    "cfg = load()\ncfg['optimizer'] = 'adam'\nmodel.compile(cfg['optimizer'])",
    f"class Config:\n    optimizer = 'adam'\ncfg = Config()\nother.optimizer = {SGD}\nmodel.compile(cfg.optimizer)",
    "names = ['adam', 'sgd']\nnames.remove('sgd')\nmodel.compile(names[0])",
    "names = ['adam', 'sgd']\nothers.remove('adam')\nmodel.compile(names[0])",
])  # fmt: skip
def test_an_item_or_an_attribute_that_keeps_its_value_is_reported(body: str) -> None:
    assert len(places(CODE, f"{MODEL}{body}\n")) == 1


def test_the_default_of_a_function_for_this_file_alone_counts_where_a_call_leaves_it() -> None:
    source = "import keras\ndef {0}(optimizer='adam'):\n    keras.Sequential().compile(optimizer)\n{1}\n"
    assert silent(CODE, source.format("_train", "_train(optimizer=keras.optimizers.SGD(0.1))"))
    assert silent(CODE, source.format("_train", "_train(keras.optimizers.SGD(0.1))"))
    for function, calls in (("train", "train('sgd')"), ("_train", "_train('sgd')\n_train()"), ("_train", "run(_train)"), ("_train", "_train(*args)")):
        assert places(CODE, source.format(function, calls)) == [(2, len(f"def {function}(optimizer=") + 1)]


def test_so_does_that_of_a_function_within_another() -> None:
    source = "import keras\ndef main():\n    def train(optimizer='adam'):\n        keras.Sequential().compile(optimizer)\n    train({})\n"
    assert silent(CODE, source.format("keras.optimizers.SGD(0.1)"))
    assert places(CODE, source.format("")) == [(3, 25)]
