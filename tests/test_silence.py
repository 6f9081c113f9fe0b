"""What is right, or not Keras, has no finding of any rule: one test a family of shapes, each beside Keras in the same file."""

from __future__ import annotations

from textwrap import dedent

import pytest

from adamlint.engine import lint
from adamlint.rules import implemented, load
from tests.checking import program, settings

NEAR = "import tensorflow as tf\nfrom tensorflow import keras\n"  # so that no look at the bytes alone keeps a rule from speaking

SHAPES = {
    "torch": """
        import torch
        from torch import optim
        from torch.optim import Adam, AdamW
        opt = Adam(net.parameters(), lr=1e-3, weight_decay=1e-4)
        opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
        opt = getattr(torch.optim, name)(net.parameters(), lr=1e-3)
        kinds = {"adam": optim.Adam, "sgd": optim.SGD}
        opt = kinds[name](net.parameters(), lr=1e-3)
        for group in opt.param_groups:
            group["lr"] = 0.1
        net = torch.compile(net)
    """,
    "skorch and lightning": """
        import torch, skorch
        import pytorch_lightning as pl
        net = skorch.NeuralNetClassifier(M, optimizer=torch.optim.Adam, lr=0.1, optimizer__weight_decay=1e-4)
        class Lit(pl.LightningModule):
            def configure_optimizers(self):
                return torch.optim.Adam(self.parameters(), lr=self.lr)
        args = TrainingArguments(optim="adamw_torch", lr_scheduler_type="cosine")
        opt = create_optimizer_v2(net, opt="adamw", lr=0.1)
        learn = Learner(dls, net, opt_func=Adam, lr=0.1)
    """,
    "optax and jax": """
        import optax
        from jax.example_libraries import optimizers
        tx = optax.adam(1e-3)
        tx = optax.adamw(1e-3, weight_decay=1e-4)
        init, update, get = optimizers.adam(step_size=1e-3)
        updates, state = tx.update(grads, state)
    """,
    "scikit-learn": """
        from sklearn.neural_network import MLPClassifier
        from sklearn.model_selection import GridSearchCV
        clf = MLPClassifier(solver="adam", learning_rate_init=0.01)
        search = GridSearchCV(clf, {"solver": ["adam", "sgd"]})
        search = GridSearchCV(clf, dict(optimizer=["adam", "sgd"], optimizer__lr=[0.1]))
    """,
    "a search over what is no Keras model": """
        import skorch
        from sklearn.model_selection import GridSearchCV
        from scikeras.wrappers import KerasClassifier
        net = skorch.NeuralNetClassifier(M, optimizer="adam", optimizer__lr=0.1)
        search = GridSearchCV(net, {"optimizer": ["adam"], "optimizer__lr": [0.1]})
        wrapped = KerasClassifier(build)
    """,
    "a grid whose names choose among classes": """
        from scikeras.wrappers import KerasClassifier
        from sklearn.model_selection import GridSearchCV
        def build(kind):
            model = keras.Sequential()
            model.compile(keras.optimizers.SGD(learning_rate=0.1) if kind == "sgd" else keras.optimizers.RMSprop(learning_rate=0.1))
            return model
        search = GridSearchCV(KerasClassifier(build), {"kind": ["adam", "sgd"]})
    """,
    "settings of a program of another library": """
        import argparse
        import deepxde as dde
        from absl import flags
        from typing import List
        import torch
        flags.DEFINE_string("optimizer", "adam", "")
        parser = argparse.ArgumentParser()
        parser.add_argument("--optimizer", default="adam")
        args, _ = parser.parse_known_args()
        net = dde.Model(data, layers)
        net.compile(args.optimizer, lr=0.1)
        net.compile(flags.FLAGS.optimizer, lr=0.1)
        net.compile(vars(args)["optimizer"], lr=0.1)
        net.compile(trial.suggest_categorical("optimizer", ["adam"]), lr=0.1)
        def steps(nets: List[torch.nn.Module], opts: List[torch.optim.Optimizer]):
            for net in nets:
                net.compile("adam")
            for opt in opts:
                opt.lr = 0.1
    """,
    "paddle and mindspore": """
        import paddle, mindspore
        opt = paddle.optimizer.Adam(learning_rate=0.1, parameters=net.parameters())
        model = paddle.Model(net)
        model.prepare(opt)
        opt = mindspore.nn.Adam(net.trainable_params(), learning_rate=0.1)
    """,
    "mxnet and gluon": """
        import mxnet as mx
        from mxnet import gluon
        mod = mx.mod.Module(net)
        mod.fit(data, optimizer="adam", optimizer_params={"learning_rate": 0.1})
        trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.1})
        opt = mx.optimizer.Adam(learning_rate=0.1)
    """,
    "chainer, lasagne and pyro": """
        import chainer, lasagne, pyro
        opt = chainer.optimizers.Adam(alpha=1e-3)
        updates = lasagne.updates.adam(loss, params)
        opt = pyro.optim.Adam({"lr": 1e-3})
        svi = pyro.infer.SVI(m, g, opt, loss)
    """,
    "tflearn, TensorLayer and Sonnet": """
        import tflearn, sonnet as snt, tensorlayer as tl
        net = tflearn.regression(net, optimizer="adam", learning_rate=0.001)
        opt = snt.optimizers.Adam(learning_rate=0.1)
        opt = tl.optimizers.Adam(lr=0.1)
        opt.apply(grads, net.trainable_variables)
    """,
    "DeepXDE": """
        import deepxde as dde
        model = dde.Model(data, net)
        model.compile("adam", lr=1e-3, loss_weights=[1, 1])
        model.compile("adam", lr=1e-3, decay=("inverse time", 1000, 0.5))
        for optimizer in ["adam", "L-BFGS"]:
            model.compile(optimizer, lr=1e-3)
    """,
    "DeepCTR-Torch": """
        from deepctr_torch.models import DeepFM
        model = DeepFM(a, b, task="binary")
        model.compile("adam", "binary_crossentropy", metrics=["auc"])
    """,
    "models of PyTorch that are called like those of Keras": """
        import segmentation_models_pytorch as smp
        smp.Unet("resnet34").compile("adam")
        import segmentation_models as sm
        sm.get_preprocessing("resnet34").compile("adam")
    """,
    "what is imported by a function, and is another library": """
        from backends import import_backend, lazy
        torch, keras = import_backend("torch"), lazy("tensorflow.keras")
        torch.optim.Adam(lr=0.1), keras.optimizers.Adam(lr=0.1)
    """,
    "DeepChem, spaCy and pymc": """
        import deepchem as dc, pymc as pm
        from thinc.api import Adam
        model = dc.models.GCNModel(n_tasks=1, optimizer=dc.models.optimizers.Adam(learning_rate=0.1))
        opt = Adam(learn_rate=0.1, L2=1e-6)
        approx = pm.fit(obj_optimizer=pm.adam(learning_rate=0.1))
    """,
    "reinforcement learning and quantum": """
        import torch as th
        import pennylane as qml
        from qiskit.algorithms.optimizers import ADAM
        agent = PPO("MlpPolicy", env, policy_kwargs=dict(optimizer_class=th.optim.Adam))
        opt = qml.AdamOptimizer(stepsize=0.1)
        opt = ADAM(maxiter=10, lr=0.1)
    """,
    "words": '''
        """Adam(lr=0.1) and model.compile("adam") in a docstring."""
        import argparse, re
        class Adam:
            def __init__(self, lr=0.1, decay=0.0):
                self.lr, self.decay = lr, decay
            def get_updates(self, loss, params):
                return [self.lr]
        opt = Adam(lr=0.1, decay=1e-6)
        opt.lr = 0.01
        pattern = re.compile("adam")
        parser = argparse.ArgumentParser()
        parser.add_argument("--opt", choices=["adam", "sgd"], default="adam")
        print({"adam": 1}[parser.parse_args().opt])  # Adam(lr=0.1)
    ''',
    "attributes of other things": """
        from sympy import K
        scheduler.lr = 0.1
        args.lr = args.lr * 0.5
        layer.set_weights(layer.get_weights())
        model.set_weights(other.get_weights())
        variables = module.variables()
        result = problem.minimize(f)
        K.set_value(x, 1)
    """,
    "a name that is rebound": """
        from tensorflow.keras.optimizers import Adam
        from torch.optim import Adam
        opt = Adam(net.parameters(), lr=0.1)
    """,
    "imports for type checkers": """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from tensorflow.keras.optimizers import Adam
        else:
            from torch.optim import Adam
        def make(net) -> "Adam":
            return Adam(net.parameters(), lr=0.1)
    """,
    "one framework or the other": """
        def adam(params, backend):
            if backend == "torch":
                from torch.optim import Adam
            else:
                from tensorflow.keras.optimizers import Adam
            return Adam(params, lr=0.1)
    """,
    "a guarded legacy class": """
        from packaging import version
        if version.parse(tf.__version__) >= version.parse("2.11") and version.parse(tf.__version__) < version.parse("2.16"):
            from tensorflow.keras.optimizers.legacy import Adam
        else:
            from tensorflow.keras.optimizers import Adam
        opt = Adam(learning_rate=0.1)
    """,
    "a model that is not known": """
        def train(model, optimizer="adam"):
            model.compile(optimizer=optimizer)
            model.compile("adam", lr=0.1)
        from my_models import build
        net = build()
        net.compile("adam", lr=0.1)
    """,
    "one of two models that is not Keras": """
        import deepxde as dde
        model = keras.Sequential() if small else dde.Model(data, net)
        model.compile("adam", lr=0.1)
    """,
    "a method that keeps its name": """
        import torch
        class Trainer:
            def __init__(self, optimizer):
                self.optimizer = optimizer
            def slow(self):
                self.optimizer.lr = 0.1
                self.optimizer.get_weights()
        Trainer(torch.optim.SGD(net.parameters(), lr=0.1)).slow()
    """,
    "checked to be something else": """
        import torch
        def step(opt):
            if isinstance(opt, torch.optim.Optimizer):
                opt.lr = 0.1
            if not isinstance(opt, keras.Model):
                opt.lr = 0.1
    """,
    "an attribute that is checked, and then another, or another's": """
        class Trainer:
            def step(self, other):
                if isinstance(self.model, keras.Model):
                    self.model = other.wrapped(self.model)
                    self.model.compile("adam", lr=0.1)
                    other.model.compile("adam", lr=0.1)
            def build(self, trainer):
                if isinstance(trainer.model, keras.Model):
                    trainer = trainer.inner
                    trainer.model.compile("adam", lr=0.1)
                self.model.compile("adam", lr=0.1)
    """,
    "annotated as something else": """
        import torch
        def step(opt: torch.optim.Optimizer, model: "torch.nn.Module"):
            opt.lr = 0.1
            model.compile("adam")
    """,
    "a name that is put together from what is not known": """
        model = keras.Sequential()
        model.compile(f"{name}dam")
        model.compile(prefix + "dam")
        model.compile(name.lower())
        model.compile(names[0])
        model.compile(config.get("optimizer"))
        model.compile(**config)
    """,
}  # fmt: skip


@pytest.mark.parametrize("source", SHAPES.values(), ids=SHAPES.keys())
def test_nothing_is_said_of_what_is_right_or_not_keras(source: str) -> None:
    report = lint(program(NEAR + dedent(source)), load(implemented()), settings())
    assert [(f.place.line, f.code, f.message) for f in report.findings] == []
