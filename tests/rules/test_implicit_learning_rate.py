"""ADM102: constructions of Adam that no argument can give a rate."""

from __future__ import annotations

from textwrap import dedent

import pytest

from adamlint.findings import Effect, Safety
from tests.checking import findings, fixed, places, silent

CODE = "ADM102"
HEAD = "from tensorflow.keras.optimizers import Adam, AdamW, SGD\n"


def test_each_of_the_family_is_reported_at_the_call() -> None:
    assert places(CODE, HEAD + "a = Adam()\nb = AdamW(weight_decay=0.1)\n") == [(2, 5), (3, 5)]
    assert places(CODE, "import keras\nmodel_opt = keras.optimizers.Nadam(beta_1=0.9)\n") == [(2, 13)]


def test_it_is_implicit_on_every_release() -> None:
    for tensorflow in (None, "2.10", ">=2.16"):
        assert [f.effect for f in findings(CODE, HEAD + "a = Adam()\n", tensorflow=tensorflow)] == [Effect.IMPLICIT]


@pytest.mark.parametrize("source", [
    HEAD + "Adam(0.01)\n",
    HEAD + "Adam(learning_rate=rate)\n",
    HEAD + "Adam(lr=0.1)\n",
    HEAD + "Adam(*args)\n",
    HEAD + "Adam(**kwargs)\n",
    HEAD + "Adam(**{'learning_rate': 0.1})\n",
    HEAD + "args = {'beta_1': 0.8}\nargs.update(given)\nAdam(**args)\n",
    HEAD + "args = {}\nargs.update(learning_rate=0.1)\nAdam(**args)\n",
    HEAD + "args = {}\nargs.setdefault(name, 0.1)\nAdam(**args)\n",
    HEAD + "SGD()\n",
    HEAD + "classes = [Adam, AdamW]\n",
    "from functools import partial\n" + HEAD + "make = partial(Adam, beta_1=0.8)\n",
    "from torch.optim import Adam\nAdam()\n",
    "from optax import adam as Adam\nAdam()\n",
    "class Adam: pass\nAdam()\n",
    HEAD + "Adam = make()\nAdam()\n",
    "if gpu:\n    from torch.optim import Adam\nelse:\n    from keras.optimizers import Adam\nAdam()\n",
])  # fmt: skip
def test_silent(source: str) -> None:
    assert silent(CODE, source)


@pytest.mark.parametrize("then", [
    "kw.update(learning_rate=0.1)",
    "kw.update(load())",
    "kw.setdefault('learning_rate', 0.1)",
    "kw |= load()",
    "fill(kw)",
    "other = kw\nother['learning_rate'] = 0.1",
    "kw['learning_rate'], kw['epsilon'] = 0.1, 1e-7",
    "kw['learning_rate']: float = 0.1",
    "for kw['learning_rate'] in (0.1, 0.2): train()",
])  # fmt: skip
def test_what_may_be_put_into_a_dict_later_may_be_the_rate(then: str) -> None:
    assert silent(CODE, f"{HEAD}kw = {{'beta_1': 0.8}}\n{then}\nAdam(**kw)\n")


@pytest.mark.parametrize("body", [
    "config = {'adam': {'beta_1': 0.8}}\nconfig['adam']['learning_rate'] = 0.1\nAdam(**config['adam'])\n",
    "config = {'adam': {'beta_1': 0.8}}\nkw = config['adam']\nkw['learning_rate'] = 0.1\nAdam(**kw)\n",
    "config = {'adam': {'beta_1': 0.8}}\nfill(config)\nAdam(**config['adam'])\n",
    "class Config:\n    kw = {'beta_1': 0.8}\nConfig.kw['learning_rate'] = 0.1\nAdam(**Config.kw)\n",
    "class Config:\n    def __init__(self):\n        self.kw = {'beta_1': 0.8}\nc = Config()\nc.kw['learning_rate'] = 0.1\nAdam(**c.kw)\n",
    "kw = {'beta_1': 0.8} if small else {'beta_1': 0.7}\nkw['learning_rate'] = 0.1\nAdam(**kw)\n",
])  # fmt: skip
def test_a_dict_may_be_given_the_rate_by_way_of_what_it_is_in(body: str) -> None:
    assert silent(CODE, HEAD + body)


def test_a_dict_in_a_dict_of_which_items_are_only_read_has_no_rate() -> None:
    assert places(CODE, f"{HEAD}config = {{'adam': {{'beta_1': 0.8}}}}\nAdam(**config['adam'])\n") == [(3, 1)]


def test_a_dict_that_is_handed_to_a_function_may_get_a_rate_there() -> None:
    assert silent(CODE, HEAD + "def make(kw):\n    kw['learning_rate'] = 0.1\n    return Adam(**kw)\nmake({})\n")


def test_a_dict_of_an_object_may_get_a_rate_by_that() -> None:
    source = """
        class Trainer:
            def __init__(self):
                self.options = {}
                self.options["learning_rate"] = 0.1
            def make(self):
                return Adam(**self.options)
    """
    assert silent(CODE, HEAD + dedent(source))


@pytest.mark.parametrize("then", ["kw['beta_2'] = 0.9", "print(kw['beta_1'])", "if 'beta_1' in kw:\n    pass", "x = kw.get('beta_1')"])
def test_a_dict_that_is_only_read_or_given_other_keys_gives_no_rate(then: str) -> None:
    assert places(CODE, f"{HEAD}kw = {{'beta_1': 0.8}}\n{then}\na = Adam(**kw)\n") != []


def test_a_dict_without_a_rate_gives_none() -> None:
    assert places(CODE, HEAD + "Adam(**{'beta_1': 0.8})\n") == [(2, 1)]


@pytest.mark.parametrize(("before", "after"), [
    ("Adam()", "Adam(learning_rate=0.001)"),
    ("Adam(beta_1=0.8)", "Adam(beta_1=0.8, learning_rate=0.001)"),
    ("Adam(\n    beta_1=0.8,  # slow\n)", "Adam(\n    beta_1=0.8, learning_rate=0.001,  # slow\n)"),
    ("Adam(**{'beta_1': 0.8})", "Adam(learning_rate=0.001, **{'beta_1': 0.8})"),
])  # fmt: skip
def test_the_fix_writes_the_default(before: str, after: str) -> None:
    assert fixed(CODE, f"{HEAD}a = {before}\n") == f"{HEAD}a = {after}\n"
    assert fixed(CODE, f"{HEAD}a = {after}\n") == f"{HEAD}a = {after}\n"


@pytest.mark.parametrize("package", ["tensorflow.keras", "keras", "tf_keras"])
def test_the_fix_is_safe_in_every_package(package: str) -> None:
    found = findings(CODE, f"from {package}.optimizers import Adam\na = Adam()\n")
    assert [f.fix.safety for f in found if f.fix] == [Safety.SAFE]
