"""ADM101: names of optimizers that come by way of objects: what an attribute holds when it is used, and what a call makes it hold."""

from __future__ import annotations

import pytest

from tests.checking import places, silent

CODE = "ADM101"
HEAD = "import keras\nmodel = keras.Sequential()\nSGD = keras.optimizers.SGD(0.1)\n"
NET = """
import keras
class Net:
    {own}
    def __init__(self, optimizer="adam"):
        self.model = keras.Sequential()
        {init}
    def train(self):
        self.model.compile(self.optimizer)
    {more}
"""


def net(own: str = "rate = 0.1", init: str = "self.optimizer = optimizer", more: str = "") -> str:
    """A class that compiles its model with an attribute: what stands in its body, in its constructor, and behind its methods."""
    return NET.format(own=own, init=init.replace("\n", "\n        "), more=more.replace("\n", "\n    "))


@pytest.mark.parametrize("source", [
    net("optimizer = 'adam'", "self.optimizer = keras.optimizers.SGD(0.1)"),
    net(init="self.optimizer = optimizer\nself.optimizer = keras.optimizers.SGD(0.1)"),
    net(init="self.optimizer = optimizer\nself.resolve()", more="def resolve(self):\n    self.optimizer = keras.optimizers.SGD(0.1)"),
    net(more="def resolve(self):\n    if isinstance(self.optimizer, str):\n        self.optimizer = keras.optimizers.SGD(0.1)"),
    net(more="def resolve(self):\n    self.optimizer = make(self.optimizer)"),
    net(more="def resolve(self):\n    self.optimizer = SGD if self.optimizer == 'adam' else self.optimizer"),
    net(more="@property\ndef optimizer(self):\n    return keras.optimizers.SGD(0.1)\n@optimizer.setter\ndef optimizer(self, value):\n    self.name = value"),
])  # fmt: skip
def test_an_attribute_that_is_given_something_else_before_is_no_name(source: str) -> None:
    assert silent(CODE, source)


@pytest.mark.parametrize("source", [
    net(),
    net("optimizer = 'adam'", "if optimizer is None:\n    self.optimizer = keras.optimizers.SGD(0.1)"),
    net("optimizer = 'adam'", "if optimizer is None:\n    return\nself.optimizer = keras.optimizers.SGD(0.1)"),
    net(init="self.optimizer = keras.optimizers.SGD(0.1)\nself.optimizer = optimizer"),
    net(init="self.optimizer = optimizer\nself.resolve()", more="def resolve(self):\n    if self.model:\n        self.optimizer = keras.optimizers.SGD(0.1)"),
    net(more="def resolve(self):\n    if self.optimizer == 'sgd':\n        self.optimizer = keras.optimizers.SGD(0.1)"),
    net(more="def check(self):\n    if self.optimizer == 'adam':\n        return"),
    net("optimizer = None", "pass", "def resolve(self):\n    self.optimizer = self.optimizer or 'adam'"),
    net(more="def resolve(self):\n    self.rate = make(self.optimizer)"),
    net("optimizer = 'adam'", "pass", "@staticmethod\ndef setup(net):\n    net.optimizer = keras.optimizers.SGD(0.1)"),
])  # fmt: skip
def test_an_attribute_that_may_still_be_a_name_is_reported(source: str) -> None:
    assert len(places(CODE, source)) == 1


def test_a_model_that_a_method_may_replace_may_be_another() -> None:
    wrap = "def wrap(self):\n        {}self.model = DataParallel(self.model)"
    source = f"import keras\nclass Net:\n    def train(self):\n        self.model = keras.Sequential()\n        self.wrap()\n        self.model.compile('adam')\n    {wrap}\n"
    assert silent(CODE, source.format(""))
    assert silent(CODE, source.format("if self.parallel: "))
    assert len(places(CODE, source.format("").replace("self.model = DataParallel", "self.other = DataParallel"))) == 1


FIELD = "from dataclasses import dataclass\n@dataclass\nclass Config:\n    rate: float = 0.1\n    optimizer: str = 'adam'\n"
MADE = "class Config:\n    def __init__(self, rate, optimizer='adam'):\n        self.optimizer = optimizer\n"


@pytest.mark.parametrize("config", [FIELD, MADE])
def test_an_object_holds_what_its_own_call_gives(config: str) -> None:
    head = HEAD + config
    assert silent(CODE, head + "config = Config(1, optimizer='sgd')\nother = Config(2)\nmodel.compile(config.optimizer)\n")
    assert silent(CODE, head + "config = Config(1, SGD)\nmodel.compile(config.optimizer)\n")
    assert len(places(CODE, head + "config = Config(1, optimizer='sgd')\nother = Config(2)\nmodel.compile(other.optimizer)\n")) == 1
    assert len(places(CODE, head + "config = Config(**settings)\nmodel.compile(config.optimizer)\n")) == 1


@pytest.mark.parametrize("body", [
    "def setup(cfg):\n    cfg['optimizer'] = SGD\ncfg = {'optimizer': 'adam'}\nsetup(cfg)\nmodel.compile(cfg['optimizer'])",
    "def setup(step, cfg):\n    cfg.optimizer = SGD\nclass Config:\n    optimizer = 'adam'\nsetup(1, cfg=Config)\nmodel.compile(Config.optimizer)",
    "base = {'optimizer': 'adam'}\ncfg = {**base, 'optimizer': SGD}\nmodel.compile(cfg['optimizer'])",
    "cfg = {'train': {'optimizer': 'adam'}}\ncfg['train'].update(optimizer=SGD)\nmodel.compile(**cfg['train'])",
    "cfg = {'train': {'optimizer': 'adam'}}\ncfg['train']['optimizer'] = SGD\nmodel.compile(**cfg['train'])",
    "for cfg in [{'optimizer': 'adam'}, {'optimizer': 'sgd'}]:\n    cfg['optimizer'] = make(cfg)\n    model.compile(**cfg)",
    "opts = {'a': 'adam'}\nfor key in opts:\n    opts[key] = make(opts[key])\nmodel.compile(opts['a'])",
    "opts = {'a': 'adam'}\nfor key, name in opts.items():\n    opts[key] = make(name)\nfor opt in opts.values():\n    model.compile(opt)",
    "opts = ['adam', 'sgd']\nfor i, name in enumerate(opts):\n    opts[i] = make(name)\nmodel.compile(opts[0])",
    "KEY = 'optimizer'\ncfg = {KEY: 'adam'}\ncfg[KEY] = make(cfg[KEY])\nmodel.compile(cfg[KEY])",
    "base = {'optimizer': 'adam'}\ncfg = dict(base, optimizer=SGD)\nmodel.compile(cfg['optimizer'])",
    "def build(optimizer='Adam'):\n    name = optimizer.lower()\n    if name == 'adam':\n        optimizer = SGD\n    model.compile(optimizer)",
    "def build(optimizer='adam'):\n    named = isinstance(optimizer, str)\n    model.compile(SGD if named else optimizer)",
])  # fmt: skip
def test_what_something_else_was_put_in_place_of_is_not_used(body: str) -> None:
    assert silent(CODE, HEAD + body + "\n")


@pytest.mark.parametrize("body", [
    "def setup(cfg):\n    cfg['optimizer'] = SGD\ncfg = {'optimizer': 'adam'}\nsetup(other)\nmodel.compile(cfg['optimizer'])",
    "def setup(cfg):\n    if fast:\n        cfg['optimizer'] = SGD\ncfg = {'optimizer': 'adam'}\nsetup(cfg)\nmodel.compile(cfg['optimizer'])",
    "cfg = {'train': {'optimizer': 'adam'}}\ncfg['train'].update(loss='mse')\nmodel.compile(**cfg['train'])",
    "cfg = {'train': {'optimizer': 'adam'}}\nif fast:\n    cfg['train']['optimizer'] = SGD\nmodel.compile(**cfg['train'])",
    "cfg = load()\ncfg['optimizer'] = 'adam'\nmodel.compile(**cfg)",
    "KEY = 'rate'\ncfg = {KEY: '1', 'optimizer': 'adam'}\ncfg[KEY] = float(cfg[KEY])\nmodel.compile(cfg['optimizer'])",
    "opts, rates = {'a': 'adam'}, {}\nfor key in opts:\n    rates[key] = make(opts[key])\nmodel.compile(opts['a'])",
    "cfg = {'optimizer': SGD, **{'optimizer': 'adam'}}\nmodel.compile(cfg['optimizer'])",
    "base = {'optimizer': 'adam'}\ncfg = {**base, key: SGD}\nmodel.compile(cfg['optimizer'])",
    "def build(optimizer='Adam'):\n    name = optimizer.lower()\n    if name == 'sgd':\n        optimizer = SGD\n    model.compile(optimizer)",
    "def build(optimizer='adam'):\n    named = isinstance(optimizer, dict)\n    model.compile(SGD if named else optimizer)",
    "def build(optimizer='adam'):\n    while go():\n        name = name.lower()\n        if name == 'adam':\n            optimizer = SGD\n    model.compile(optimizer)",
])  # fmt: skip
def test_what_keeps_its_name_is_reported(body: str) -> None:
    assert len(places(CODE, HEAD + body + "\n")) == 1


GIVEN = HEAD + "def train(cfg, more):\n    cfg['optimizer'] = 'adam'\n    {}\n    model.compile({})\n"


@pytest.mark.parametrize("then", [
    "prepare(cfg)",
    "cfg.update(more)",
    "cfg.update(**more)",
    "cfg[more] = SGD",
    "cfg.pop('optimizer')",
    "cfg.clear()",
    "cfg = prepare(cfg)",
    "del cfg['optimizer']",
])  # fmt: skip
def test_what_may_have_been_changed_since_is_not_known(then: str) -> None:
    assert silent(CODE, GIVEN.format(then, "cfg['optimizer']"))
    assert silent(CODE, GIVEN.format(then, "**cfg"))


@pytest.mark.parametrize("then", ["cfg.resolve()", "prepare(cfg)", "cfg.args.resolve()\ncfg.resolve(1)"])
def test_a_method_may_replace_an_attribute_of_its_object(then: str) -> None:
    assert silent(CODE, f"{HEAD}cfg = library.Config()\ncfg.optimizer = 'adam'\n{then}\nmodel.compile(cfg.optimizer)\n")
    assert len(places(CODE, f"{HEAD}cfg = library.Config()\n{then}\ncfg.optimizer = 'adam'\nmodel.compile(cfg.optimizer)\n")) == 1


@pytest.mark.parametrize("then", [
    "print(cfg)",
    "net = build(cfg)",
    "prepare(more)",
    "cfg.update(loss='mse')",
    "cfg.pop('rate')",
    "more[cfg] = SGD",
    "show(cfg)",
])  # fmt: skip
def test_what_only_reads_a_dict_leaves_it(then: str) -> None:
    shown = "def show(cfg):\n    print(cfg)\n"
    assert len(places(CODE, shown + GIVEN.format(then, "cfg['optimizer']"))) == 1
    assert len(places(CODE, shown + GIVEN.format(then, "**cfg"))) == 1


PARSER = HEAD + "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--optimizer', default='adam'{more})\n{then}\nmodel.compile(parser.parse_args().optimizer)\n"


def test_an_argument_of_the_command_line_is_what_its_type_makes_of_it() -> None:
    assert silent(CODE, PARSER.format(more=", type=make", then=""))
    assert silent(CODE, PARSER.format(more="", then="parser.set_defaults(optimizer='sgd')"))
    assert len(places(CODE, PARSER.format(more=", type=str", then="parser.set_defaults(rate=0.1)"))) == 1


def test_the_arguments_of_a_base_are_not_the_fields_of_a_class() -> None:
    source = f"{HEAD}class Config(Settings):\n    optimizer: str = 'adam'\nconfig = Config({{}})\nmodel.compile(config.optimizer)\n"
    assert len(places(CODE, source.format("path"))) == 1
    assert silent(CODE, source.format("optimizer=SGD"))


CONVERTS = "        if self.optimizer == '{}':\n            self.optimizer = SGD\n"


@pytest.mark.parametrize("source", [
    HEAD + MADE + CONVERTS + "model.compile(Config(1).optimizer)\n",
    HEAD + MADE + "    def ready(self):\n" + CONVERTS + "class More(Config):\n    def train(self):\n        model.compile(self.optimizer)\n",
])  # fmt: skip
def test_what_a_class_replaces_in_its_objects_is_gone_outside_of_it(source: str) -> None:
    assert silent(CODE, source.format("adam"))
    assert len(places(CODE, source.format("sgd"))) == 1


@pytest.mark.parametrize("use", ["def train():\n        model.compile(optimizer)", "return lambda: model.compile(optimizer)"])
def test_a_function_within_another_goes_by_the_tests_around_it(use: str) -> None:
    source = f"{HEAD}def build(optimizer='adam'):\n    if optimizer == '{{}}':\n        optimizer = SGD\n    {use}\n"
    assert silent(CODE, source.format("adam"))
    assert len(places(CODE, source.format("sgd"))) == 1


def test_a_function_goes_by_the_tests_of_its_module() -> None:
    source = f"{HEAD}NAME = 'adam'\nif NAME == '{{}}':\n    NAME = SGD\ndef train():\n    model.compile(NAME)\n"
    assert silent(CODE, source.format("adam"))
    assert len(places(CODE, source.format("sgd"))) == 1


@pytest.mark.parametrize(("call", "reported"), [("Net().train('adam', SGD)", False), ("Net.train(Net(), 'adam', SGD)", False), ("Net.train(Net(), SGD, 'adam')", True)])
def test_a_method_may_be_called_on_its_class(call: str, reported: bool) -> None:
    source = f"{HEAD}class Net:\n    def train(self, name, optimizer):\n        model.compile(optimizer)\n{call}\n"
    assert silent(CODE, source) is not reported
