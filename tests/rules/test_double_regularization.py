import json

import pytest

from adamlint.engine import lint
from adamlint.findings import Effect
from adamlint.rules import load
from adamlint.text.source import read
from tests.checking import findings, places, settings, silent

HEAD = """import tensorflow as tf
from tensorflow.keras import Input, Model, Sequential, layers, regularizers
from tensorflow.keras.layers import Dense
from tensorflow.keras.optimizers import Adam, AdamW, SGD
from tensorflow.keras.regularizers import l1, l1_l2, l2
"""
DECAYS = 'model.compile(AdamW(1e-3, weight_decay=0.01), "mse")\n'


def sequential(layer: str, compiled: str = DECAYS) -> str:
    return f"{HEAD}model = Sequential([{layer}])\n{compiled}"


# Reported -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "layer",
    [
        "Dense(1, kernel_regularizer=l2(1e-4))",
        "Dense(1, kernel_regularizer=regularizers.L2(1e-4))",
        "Dense(1, kernel_regularizer=regularizers.l2())",
        "Dense(1, bias_regularizer=tf.keras.regularizers.L2(l2=1e-4))",
        "Dense(1, kernel_regularizer=l1_l2(1e-4, 1e-3))",
        "Dense(1, kernel_regularizer=regularizers.L1L2(l2=1e-4))",
        'Dense(1, kernel_regularizer="l2")',
        "layers.Embedding(9, 9, embeddings_regularizer=l2(0.1))",
        "layers.LSTM(9, recurrent_regularizer=l2(0.1))",
        "Dense(9), Dense(1, kernel_regularizer=l2(0.1) if deep else l1(0.1))",
        "layers.TimeDistributed(Dense(1, kernel_regularizer=l2(0.1)))",
        '*[Dense(1, **{"kernel_regularizer": l2(0.1)}) for _ in range(3)]',
    ],
)
def test_reports_every_l2_on_weights(layer: str) -> None:
    assert places("ADM501", sequential(layer)) == [(7, 27)]


@pytest.mark.parametrize(
    ("optimizer", "column"),
    [
        ("AdamW(1e-3, weight_decay=0.01)", 27),
        ("AdamW(1e-3, 0.01)", 27),
        ("Adam(weight_decay=0.01)", 20),
        ("SGD(0.1, weight_decay=wd)", 24),
        ('AdamW(**{"weight_decay": 0.01})', 24),
        ("tf.keras.mixed_precision.LossScaleOptimizer(AdamW(1e-3, 0.01))", 71),
    ],
)
def test_stands_at_the_weight_decay(optimizer: str, column: int) -> None:
    source = sequential("Dense(1, kernel_regularizer=l2(0.1))", f"model.compile({optimizer})\n")
    assert places("ADM501", source) == [(7, column)]


def test_names_the_regularizer_and_its_line() -> None:
    (found,) = findings("ADM501", sequential("Dense(1, kernel_regularizer=l2(0.1))"))
    message = "`weight_decay` besides L2 shrinks the weights twice, and biases too; the model has a `kernel_regularizer` (line 6)"
    assert (found.message, found.effect, found.fix) == (message, Effect.DIFFERS, None)


def test_names_the_cell_in_a_notebook() -> None:
    cells = [HEAD, "model = Sequential([Dense(1, kernel_regularizer=l2(0.1))])", DECAYS]
    data = json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells], "nbformat": 4}).encode()
    (found,) = lint(read("a.ipynb", data), load(["ADM501"]), settings()).findings
    assert found.place.cell == 2
    assert found.message.endswith("(cell 2, line 1)")


def reported(*lines: str) -> bool:
    return len(findings("ADM501", HEAD + "\n".join(lines) + "\n")) == 1


def test_looks_into_what_is_added_to_a_sequential() -> None:
    assert reported("model = Sequential()", "model.add(Dense(9))", "model.add(Dense(1, kernel_regularizer=l2(0.1)))", DECAYS)


def test_looks_into_a_list_of_layers() -> None:
    assert reported("stack = [Dense(9)]", "stack.append(Dense(1, kernel_regularizer=l2(0.1)))", "model = Sequential(stack)", DECAYS)


def test_follows_the_tensors_of_a_functional_model() -> None:
    assert reported(
        "inputs = Input((3,))",
        "x = Dense(9, kernel_regularizer=l2(0.1))(inputs)",
        "left = Dense(9)(x)",
        "right = layers.Dropout(0.5)(x)",
        "merged = layers.Concatenate()([left, right])",
        "model = Model(inputs, Dense(1)(merged))",
        DECAYS,
    )


def test_follows_a_loop() -> None:
    assert reported(
        "x = inputs = Input((3,))",
        "for units in (9, 9):",
        "    x = Dense(units, kernel_regularizer=l2(0.1))(x)",
        "model = Model(inputs=inputs, outputs=Dense(1)(x))",
        DECAYS,
    )


def test_follows_the_functions_that_build_it() -> None:
    assert reported(
        "def block(x, units):",
        "    x = Dense(units, kernel_regularizer=l2(0.1))(x)",
        "    return layers.Dropout(0.5)(x)",
        "def build():",
        "    inputs = Input((3,))",
        "    return Model(inputs, block(inputs, 9))",
        "model = build()",
        DECAYS,
    )


def test_looks_into_a_subclass() -> None:
    assert reported(
        "class Net(Model):",
        "    def __init__(self):",
        "        super().__init__()",
        "        self.out = Dense(1, kernel_regularizer=l2(0.1))",
        "    def call(self, x):",
        "        return self.out(x)",
        "model = Net()",
        DECAYS,
    )


def test_looks_into_a_prepared_layer_class() -> None:
    assert reported(
        "from functools import partial",
        "Regular = partial(Dense, kernel_regularizer=l2(0.1))",
        "model = Sequential([Regular(9), Dense(1)])",
        DECAYS,
    )


def test_follows_a_model_kept_in_self() -> None:
    assert reported(
        "class Trainer:",
        "    def build(self):",
        "        return Sequential([Dense(1, kernel_regularizer=self.penalty())])",
        "    def penalty(self):",
        "        return l2(0.1)",
        "    def train(self):",
        "        self.model = self.build()",
        "        self.optimizer = Adam(weight_decay=0.01)",
        "        self.model.compile(optimizer=self.optimizer)",
    )


def test_reports_only_the_model_that_has_both() -> None:
    source = """
        from keras import Sequential
        from keras.layers import Dense
        from keras.optimizers import AdamW
        from keras.regularizers import l2
        def build(kind):
            if kind == "plain":
                model = Sequential([Dense(1)])
                model.compile(AdamW(weight_decay=0.01))
            elif kind == "l2":
                model = Sequential([Dense(1, kernel_regularizer=l2(0.01))])
                model.compile("adam")
            else:
                model = Sequential([Dense(1, kernel_regularizer=l2(0.01))])
                model.compile(AdamW(weight_decay=0.01))
            return model
        """
    assert places("ADM501", source) == [(14, 29)]


def test_where_a_class_takes_no_weight_decay_another_rule_speaks() -> None:
    source = sequential("Dense(1, kernel_regularizer=l2(0.1))", "model.compile(Adam(weight_decay=0.01))\n")
    assert silent("ADM501", source, tensorflow="2.10")
    assert findings("ADM501", source, tensorflow="2.11")[0].effect is Effect.DIFFERS


# Silent -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "layer",
    [
        "Dense(1)",
        "Dense(1, kernel_regularizer=None)",
        "Dense(1, kernel_regularizer=l1(0.1))",
        "Dense(1, kernel_regularizer=l2(0.0))",
        "Dense(1, kernel_regularizer=regularizers.L1L2(l1=0.1))",
        'Dense(1, kernel_regularizer="l1")',
        "Dense(1, kernel_regularizer=regularizers.OrthogonalRegularizer(0.1))",
        "Dense(1, activity_regularizer=l2(0.1))",
        "Dense(1, kernel_regularizer=penalty)",
        "Dense(1, kernel_regularizer=None if adamw else l2(0.1))",
        "Dense(1, kernel_constraint=tf.keras.constraints.max_norm(2))",
    ],
)
def test_silent_without_l2_on_weights(layer: str) -> None:
    assert silent("ADM501", sequential(layer))


@pytest.mark.parametrize(
    "optimizer",
    [
        '"adam"',
        "Adam(1e-3)",
        "AdamW(1e-3)",
        "AdamW(1e-3, weight_decay=0.0)",
        "Adam(weight_decay=None)",
        "Adam(weight_decay=0 if regular else 0.1)",
        "SGD(0.1, decay=1e-6)",
        "make_optimizer(weight_decay=0.1)",
        "torch.optim.AdamW(weight_decay=0.1)",
    ],
)
def test_silent_without_a_weight_decay(optimizer: str) -> None:
    assert silent("ADM501", sequential("Dense(1, kernel_regularizer=l2(0.1))", f"import torch\nmodel.compile({optimizer})\n"))


def test_silent_on_another_model_of_the_file() -> None:
    other = "model = Sequential([Dense(1, kernel_regularizer=l2(0.1))])\nmodel.compile('sgd')\n"
    assert silent("ADM501", f"{HEAD}{other}model = Sequential([Dense(1)])\n{DECAYS}")


def test_silent_on_a_layer_that_is_in_no_model() -> None:
    assert silent("ADM501", f"{HEAD}unused = Dense(1, kernel_regularizer=l2(0.1))\nmodel = Sequential([Dense(1)])\n{DECAYS}")


def test_silent_where_only_one_alternative_has_l2() -> None:
    one, other = "model = Sequential([Dense(1, kernel_regularizer=l2(0.1))])", "model = Sequential([Dense(1)])"
    assert silent("ADM501", f"{HEAD}if regular:\n    {one}\nelse:\n    {other}\n{DECAYS}")


def test_silent_on_a_model_that_is_not_seen() -> None:
    assert silent("ADM501", f"{HEAD}from models import build\nmodel = build(kernel_regularizer=l2(0.1))\n{DECAYS}")
    assert silent("ADM501", f"{HEAD}def train(model, penalty=l2(0.1)):\n    {DECAYS}")


def test_silent_on_an_optimizer_that_is_not_given_to_the_model() -> None:
    source = sequential("Dense(1, kernel_regularizer=l2(0.1))", 'optimizer = AdamW(weight_decay=0.01)\nmodel.compile("adam")\n')
    assert silent("ADM501", source)


def test_silent_where_weights_are_taken_out_of_the_decay() -> None:
    excluded = 'optimizer.exclude_from_weight_decay(var_names=["bias"])'
    lines = f"optimizer = AdamW(weight_decay=0.01)\n{excluded}\nmodel.compile(optimizer)\n"
    assert silent("ADM501", sequential("Dense(1, kernel_regularizer=l2(0.1))", lines))


def test_silent_on_homonyms() -> None:
    source = """
        from mylib import AdamW, Dense, Sequential, l2
        model = Sequential([Dense(1, kernel_regularizer=l2(0.1))])
        model.compile(AdamW(weight_decay=0.01))
        """
    assert silent("ADM501", source)


@pytest.mark.parametrize(("layer", "reported"), [
    ('Dense(cfg["units"])', False),
    ('Dense(cfg.get("units"))', False),
    ('Dense(Settings.cfg["units"])', False),
    ('Dense(**Settings.cfg)', True),
    ('Dense(cfg["units"], kernel_regularizer=cfg["kernel_regularizer"])', True),
    ("Dense(**cfg)", True),
    ('Dense(**cfg["head"])', False),
    ('Dense(cfg[key])', True),
])  # fmt: skip
def test_one_item_of_a_dict_of_settings_is_not_all_of_it(layer: str, reported: bool) -> None:
    settings = 'cfg = {"units": 1, "kernel_regularizer": l2(1e-4), "head": {"units": 2}}\nclass Settings:\n    cfg = cfg\n'
    assert silent("ADM501", f"{HEAD}{settings}model = Sequential([{layer}])\n{DECAYS}") is not reported
