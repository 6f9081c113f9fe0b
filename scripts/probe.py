"""Ask an installed TensorFlow what its optimizers are and do; run by ``scripts/measure.py`` inside a virtual environment.

    python probe.py OUT.json [--quick | --variable] [--only SECTION,…]

Needs nothing but the TensorFlow that it measures and runs on Python 3.8 and later. Every environment (platform, mode, value
of TF_USE_LEGACY_KERAS) gets an interpreter of its own, and every section a fork of it taken right after ``import
tensorflow``, so that no row sees what another did. Apple silicon is emulated: ``platform`` is patched before the import.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import json
import logging
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # at run time Python 3.8 knows no dict[…]
    Row = dict[str, Any]
    Job = tuple[str, str, str]  # key of the rows, section, code to run before

VARIABLE = "TF_USE_LEGACY_KERAS"
PACKAGES = ("tensorflow-cpu", "tensorflow", "keras", "tf-keras", "numpy")
CLASSES = ["Adam", "AdamW", "SGD", "RMSprop", "Nadam", "Adamax", "Adagrad", "Adadelta", "Ftrl", "Adafactor", "Lion", "Lamb", "Muon"]

# ------------------------------------------------------------------ one row


def short(text: str, limit: int) -> str:
    """The start of a text without addresses and paths; of an error in traced user code the end, where the cause is."""
    text = re.sub(r"/[^\s'\"]*/site-packages", "<site-packages>", re.sub(r" at 0x[0-9a-f]+", "", text))
    if "in user code" in text[:30]:
        return "in user code: ... " + text.strip()[-270:]
    return text[:limit]


@contextlib.contextmanager
def warned(lines: list[str]) -> Iterator[None]:
    """Collect Python warnings and what absl and TensorFlow log as warnings."""

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.WARNING:
                lines.append(short(f"{record.name}.{record.levelname}: {record.getMessage()}", 300))

    keep, loggers = Keep(), [logging.getLogger(name) for name in ("absl", "tensorflow")]
    for logger in loggers:
        logger.addHandler(keep)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield
        for warning in caught:
            if issubclass(warning.category, UserWarning):
                lines.append(f"{warning.category.__name__}: {short(str(warning.message), 280)}")
    finally:
        for logger in loggers:
            logger.removeHandler(keep)


def failure(error: BaseException) -> Row:
    """The row of something that raised."""
    return {"status": "error", "error": type(error).__name__, "message": short(str(error), 300)}


def generation_of(cls: type) -> str:
    """Which line of optimizers a class belongs to, by its bases."""
    bases = [(base.__module__, base.__name__) for base in cls.__mro__]
    if any(module.startswith("tensorflow.python.training.optimizer") and name == "Optimizer" for module, name in bases):
        return "v1"
    names = {name for _, name in bases}
    for name, generation in (("OptimizerV2", "optimizer_v2"), ("_BaseOptimizer", "keras2_new")):
        if name in names:
            return generation
    if any(name == "BaseOptimizer" and "keras" in module for module, name in bases):
        return "keras3"
    return "keras3_legacy_stub" if "LegacyOptimizerWarning" in names else "?"


def described(thing: Any) -> Row:
    """Class and generation of an optimizer or optimizer class."""
    cls = thing if isinstance(thing, type) else type(thing)
    row: Row = {"class": cls.__module__ + "." + cls.__qualname__, "generation": generation_of(cls)}
    if row["generation"] == "?" and hasattr(thing, "optimizer"):
        row["inner"] = described(thing.optimizer)
    return row


def valued(made: Any) -> str:
    """A value as text: strings in full, others cut."""
    if made is None:
        return "None"
    text = f"{type(made).__name__}: {made!r}"
    return text if isinstance(made, str) else short(text, 100)


def tried(make: Callable[[], Any], value: bool = False) -> Row:
    """The row of what ``make`` gives: the value itself, or what class it is."""
    lines: list[str] = []
    try:
        with warned(lines):
            made = make()
        row: Row = {"value": valued(made)} if value else described(made)
        row["status"] = "warn" if lines else "ok"
    except BaseException as error:
        row = failure(error)
    if lines:
        row["warnings"] = sorted(set(lines), key=lines.index)[:4]
    return row


# ------------------------------------------------------------------ resolution

NAMES = ["adam", "adamw", "nadam", "adamax", "sgd", "rmsprop", "adagrad", "adadelta", "ftrl", "adafactor", "lion", "lamb", "muon"]
FULL = "{'class_name':'Adam','config':{'learning_rate':0.001}}"
PUBLIC = [
    "tf.keras.optimizers.Adam",
    "tf.optimizers.Adam",
    "tf.keras.optimizers.SGD",
    "tf.keras.optimizers.AdamW",
    "tf.optimizers.AdamW",
    "tf.keras.optimizers.legacy.Adam",
    "tf.keras.optimizers.legacy.AdamW",
    "tf.keras.optimizers.legacy.SGD",
    "tf.keras.optimizers.experimental.Adam",
    "tf.keras.optimizers.experimental.AdamW",
    "tf.keras.optimizers.experimental.SGD",
    "tf.keras.optimizers.experimental.Lion",
    "tf.compat.v1.keras.optimizers.Adam",
    "tf.compat.v1.keras.optimizers.SGD",
    "tf.compat.v1.keras.optimizers.RMSprop",
    "tf.compat.v1.keras.optimizers.AdamW",
    "tf.compat.v1.train.AdamOptimizer",
    "tf.train.AdamOptimizer",
    "tf.compat.v1.train.GradientDescentOptimizer",
    "tf.compat.v1.train.RMSPropOptimizer",
]
IMPORTED = [
    "keras.optimizers.Adam",
    "keras.optimizers.AdamW",
    "keras.optimizers.SGD",
    "keras.optimizers.RMSprop",
    "keras.optimizers.legacy.Adam",
    "keras.optimizers.legacy.SGD",
    "keras.optimizers.experimental.Adam",
    "tf_keras.optimizers.Adam",
    "tf_keras.optimizers.AdamW",
    "tf_keras.optimizers.SGD",
    "tf_keras.optimizers.legacy.Adam",
    "tf_keras.optimizers.experimental.Adam",
]
FROM = [
    "tensorflow.keras.optimizers:Adam",
    "tensorflow.keras.optimizers:AdamW",
    "tensorflow.keras.optimizers.legacy:Adam",
    "tensorflow.keras.optimizers.experimental:Adam",
    "keras.optimizers:Adam",
    "keras.optimizers.legacy:Adam",
    "keras.optimizers.experimental:Adam",
    "keras.optimizers:adam_v2",
    "keras.optimizers:gradient_descent_v2",
    "keras.optimizer_v2.adam:Adam",
    "keras.optimizer_v2:adam",
    "keras.optimizer_v2.gradient_descent:SGD",
    "keras.optimizers.optimizer_v2.adam:Adam",
    "keras.optimizers.adam:Adam",
    "keras.optimizers.legacy.adam:Adam",
    "keras.optimizers.optimizer_experimental.adam:Adam",
    "keras.optimizers.schedules:ExponentialDecay",
    "keras.src.optimizers:Adam",
    "keras.src.optimizers.adam:Adam",
    "keras.src.optimizers.legacy.adam:Adam",
    "keras.api.optimizers:Adam",
    "keras.api._v2.keras.optimizers:Adam",
    "tensorflow.python.keras.optimizers:Adam",
    "tensorflow.python.keras.optimizers:adam_v2",
    "tensorflow.python.keras.optimizer_v2.adam:Adam",
    "tensorflow.python.keras.optimizer_v2:adam",
    "tensorflow.python.keras.optimizer_v2.gradient_descent:SGD",
    "tensorflow.python.keras.optimizer_v2.rmsprop:RMSprop",
]
PRIVATE = ["keras.engine", "keras.engine.base_layer", "keras.engine.topology", "keras.engine.training", "keras.engine.input_layer"]
CALLED_CLASS = {"gradient_descent_v2": "SGD", "adam_v2": "Adam", "adam": "Adam"}
ADAM = "tf.keras.optimizers.Adam"
OTHERS = {
    "compile() default": "compiled()",
    "compile('Adam')": "compiled('Adam')",
    "compile('ADAM')": "compiled('ADAM')",
    "compile('AdamW')": "compiled('AdamW')",
    "compile('adam') in tf.Graph": "in_graph()",
    "compile(tf.keras.optimizers.Adam)": "compiled(tf.keras.optimizers.Adam)",
    "compile(tf.keras.optimizers.Adam())": "compiled(tf.keras.optimizers.Adam())",
    "compile(tf.keras.optimizers.AdamW())": "compiled(tf.keras.optimizers.AdamW())",
    "compile(tf.keras.optimizers.legacy.Adam())": "compiled(tf.keras.optimizers.legacy.Adam())",
    "fit(tf.keras.optimizers.Adam())": "fitted(tf.keras.optimizers.Adam())",
    "fit(tf.keras.optimizers.SGD())": "fitted(tf.keras.optimizers.SGD())",
    "fit(tf.keras.optimizers.AdamW())": "fitted(tf.keras.optimizers.AdamW())",
    "fit(tf.keras.optimizers.legacy.Adam())": "fitted(tf.keras.optimizers.legacy.Adam())",
    "fit('adam')": "fitted('adam')",
    "compile({'class_name':'Adam','config':{}})": "compiled({'class_name':'Adam','config':{}})",
    "compile({'class_name':'Adam','config':{'learning_rate':0.001}})": f"compiled({FULL})",
    "tf.keras.optimizers.get({class_name:Adam})": f"tf.keras.optimizers.get({FULL})",
    "tf.keras.optimizers.get({class_name:Adam,config:{}})": "tf.keras.optimizers.get({'class_name':'Adam','config':{}})",
    "tf.keras.optimizers.deserialize({class_name:Adam})": f"tf.keras.optimizers.deserialize({FULL})",
    "tf.keras.optimizers.deserialize({class_name:adam,config:{}})": ("tf.keras.optimizers.deserialize({'class_name':'adam','config':{}})"),
    "tf.keras.optimizers.get('adam')": "tf.keras.optimizers.get('adam')",
    "import keras; keras model compile('adam')": "compiled('adam', module('keras'))",
    "tf_keras compile('adam')": "compiled('adam', module('tf_keras'))",
    "from tensorflow.python.keras.optimizers import get; get('adam')": ("module('tensorflow.python.keras.optimizers').get('adam')"),
    "tf.keras.optimizers.Optimizer (class)": "tf.keras.optimizers.Optimizer",
    "tf.keras.optimizers.legacy.Optimizer (class)": "tf.keras.optimizers.legacy.Optimizer",
    "tf.keras.optimizers.legacy.Adam (class)": "tf.keras.optimizers.legacy.Adam",
}
TRUTHS = {
    "hasattr(tf.keras.optimizers,'legacy')": "hasattr(tf.keras.optimizers,'legacy')",
    "hasattr(tf.keras.optimizers,'AdamW')": "hasattr(tf.keras.optimizers,'AdamW')",
    "hasattr(tf.keras.optimizers,'experimental')": "hasattr(tf.keras.optimizers,'experimental')",
    "dir(tf.keras.optimizers)": "' '.join(x for x in dir(tf.keras.optimizers) if x[0].isupper())",
    "dir(tf.keras.optimizers.legacy)": "' '.join(x for x in dir(tf.keras.optimizers.legacy) if x[0].isupper())",
}
HOMES = {"tf.keras": "tf.keras", "keras": "module('keras')", "tf_keras": "module('tf_keras')"}


def instances() -> dict[str, str]:
    """``isinstance`` of an Adam and the base class, of each package and line: how the row is called, and the expression."""
    ends = [(name, code, line) for name, code in HOMES.items() for line in ("", "legacy.")]
    return {
        f"isinstance({made}.optimizers.{line}Adam(), {of}.optimizers.{base}Optimizer)": (
            f"isinstance({code}.optimizers.{line}Adam(), {package}.optimizers.{base}Optimizer)"
        )
        for made, code, line in ends
        for of, package, base in ends
    }


def forms() -> dict[str, str]:
    """All ways to an optimizer: how the row is called, and the expression."""
    found = {f"compile('{name}')": f"compiled('{name}')" for name in NAMES}
    found.update({path + "()": path + "()" for path in PUBLIC})
    for path in IMPORTED:
        root, _, rest = path.partition(".")
        key = path if root == "tf_keras" else "import keras; " + path
        found[key + "()"] = f"module('{root}').{rest}()"
    for entry in FROM:
        home, _, name = entry.partition(":")
        called = "." + CALLED_CLASS[name] if name in CALLED_CLASS else ""
        call = "" if name == "ExponentialDecay" else "()"
        found[f"from {home} import {name}"] = f"imported('{home}', '{name}'){called}{call}"
    found.update({f"import {module}": f"module('{module}')" for module in PRIVATE})
    found.update(OTHERS)
    # Last what imports tf_keras: on TF 2.15 it takes over keras's names in the registry that deserialize looks into.
    return dict(sorted(found.items(), key=lambda item: "tf_keras" in item[1]))


def tiny(keras: Any) -> Any:
    """The smallest model."""
    inputs = keras.Input((2,))
    return keras.Model(inputs, keras.layers.Dense(1)(inputs))


def resolution(tf: Any) -> Row:
    """The section "resolution"."""
    nothing = object()

    def compiled(optimizer: Any = nothing, keras: Any = None) -> Any:
        model = tiny(keras or tf.keras)
        model.compile(loss="mse", **({} if optimizer is nothing else {"optimizer": optimizer}))
        return model.optimizer

    def fitted(optimizer: Any) -> Any:
        numpy = importlib.import_module("numpy")
        model = tiny(tf.keras)
        model.compile(loss="mse", optimizer=optimizer)
        model.fit(numpy.ones((4, 2), "float32"), numpy.ones((4, 1), "float32"), epochs=1, verbose=0)
        return model.optimizer

    def in_graph() -> Any:
        with tf.Graph().as_default():
            return compiled("adam")

    def imported(home: str, name: str) -> Any:
        space: Row = {}
        exec(f"from {home} import {name} as found", space)
        return space["found"]

    names = {
        "tf": tf,
        "compiled": compiled,
        "fitted": fitted,
        "in_graph": in_graph,
        "imported": imported,
        "module": importlib.import_module,
    }
    rows = {key: tried(lambda code=code: eval(code, dict(names))) for key, code in forms().items()}  # type: ignore[misc]
    for key, code in {**TRUTHS, **instances()}.items():
        rows[key] = tried(lambda code=code: eval(code, dict(names)), value=True)  # type: ignore[misc]
    return rows


# ------------------------------------------------------------------ constructor


def cases(tf: Any) -> dict[str, Callable[[], Row]]:
    """Constructor arguments: how the row is called, and the keywords."""

    def schedule() -> Any:
        return tf.keras.optimizers.schedules.ExponentialDecay(0.01, 100, 0.9)

    plain: dict[str, Row] = {
        "(none)": {},
        "lr=0.01": {"lr": 0.01},
        "learning_rate=0.01": {"learning_rate": 0.01},
        "lr=0.01,learning_rate=0.01": {"lr": 0.01, "learning_rate": 0.01},
        "learning_rate=None": {"learning_rate": None},
        "learning_rate=0.": {"learning_rate": 0.0},
        "learning_rate=int": {"learning_rate": 1},
        "learning_rate='0.01'": {"learning_rate": "0.01"},
        "decay=1e-6": {"decay": 1e-6},
        "decay=0.0": {"decay": 0.0},
        "decay=None": {"decay": None},
        "lr=0.01,decay=1e-6": {"lr": 0.01, "decay": 1e-6},
        "weight_decay=0.01": {"weight_decay": 0.01},
        "weight_decay=None": {"weight_decay": None},
        "weight_decay=0": {"weight_decay": 0},
        "use_ema=True": {"use_ema": True},
        "ema_momentum=0.9": {"ema_momentum": 0.9},
        "ema_overwrite_frequency=10": {"ema_overwrite_frequency": 10},
        "jit_compile=True": {"jit_compile": True},
        "jit_compile=False": {"jit_compile": False},
        "clipnorm=1.0": {"clipnorm": 1.0},
        "clipvalue=0.5": {"clipvalue": 0.5},
        "global_clipnorm=1.0": {"global_clipnorm": 1.0},
        "clipnorm+clipvalue": {"clipnorm": 1.0, "clipvalue": 0.5},
        "clipnorm+global_clipnorm": {"clipnorm": 1.0, "global_clipnorm": 1.0},
        "clipvalue+global_clipnorm": {"clipvalue": 0.5, "global_clipnorm": 1.0},
        "clipnorm=-1": {"clipnorm": -1.0},
        "amsgrad=True": {"amsgrad": True},
        "beta1=0.9": {"beta1": 0.9},
        "beta_1=0.9": {"beta_1": 0.9},
        "beta_1=1.5": {"beta_1": 1.5},
        "epsilon=None": {"epsilon": None},
        "epsilon=1e-8": {"epsilon": 1e-8},
        "adaptive_epsilon=True": {"adaptive_epsilon": True},
        "schedule_decay=0.004": {"schedule_decay": 0.004},
        "momentum=0.9": {"momentum": 0.9},
        "nesterov=True": {"nesterov": True},
        "rho=0.9": {"rho": 0.9},
        "centered=True": {"centered": True},
        "name='x'": {"name": "x"},
        "loss_scale_factor=2.": {"loss_scale_factor": 2.0},
        "gradient_accumulation_steps=2": {"gradient_accumulation_steps": 2},
        "is_legacy_optimizer=True": {"is_legacy_optimizer": True},
        "is_legacy_optimizer=False": {"is_legacy_optimizer": False},
        "gradient_transformers=[]": {"gradient_transformers": []},
        "gradient_aggregator=None": {"gradient_aggregator": None},
        "foo=1": {"foo": 1},
    }
    found: dict[str, Callable[[], Row]] = {key: (lambda value=value: value) for key, value in plain.items()}  # type: ignore[misc]
    found["lr=schedule"] = lambda: {"lr": schedule()}
    found["learning_rate=ExponentialDecay"] = lambda: {"learning_rate": schedule()}
    found["learning_rate=callable"] = lambda: {"learning_rate": lambda: 0.01}
    found["learning_rate=tf.Variable"] = lambda: {"learning_rate": tf.Variable(0.01)}
    found["learning_rate=tf.constant"] = lambda: {"learning_rate": tf.constant(0.01)}
    return found


POSITIONAL: dict[str, tuple[Any, ...]] = {
    "positional(0.01)": (0.01,),
    "positional 6th=name": (0.001, 0.9, 0.999, 1e-7, False, "Adam"),
    "positional 6th=0.01": (0.001, 0.9, 0.999, 1e-7, False, 0.01),
}


def one_step(tf: Any, optimizer: Any) -> list[float]:
    """A variable after one step. Two-dimensional, since Muon takes no other; small, to see small steps."""
    variable = tf.Variable([[0.1, 0.2]])
    optimizer.apply_gradients([(tf.constant([[0.1, 0.2]]), variable)])
    return [float(number) for number in variable.numpy().ravel()]


def heeds(tf: Any, cls: Any, given: Callable[[Any], Any]) -> bool:
    """Whether the second step goes by the rate as it is by then; ``given`` makes the argument of the variable with the rate."""

    def moved(later: float) -> list[float]:
        rate = tf.Variable(0.01)
        optimizer, variable = cls(learning_rate=given(rate)), tf.Variable([[0.1, 0.2]])
        for value in (0.01, later):
            rate.assign(value)
            optimizer.apply_gradients([(tf.constant([[0.1, 0.2]]), variable)])
        return [float(number) for number in variable.numpy().ravel()]

    return moved(0.01) != moved(0.5)


CHANGING: dict[str, Callable[[Any], Any]] = {
    "learning_rate=callable": lambda rate: lambda: rate.read_value(),
    "learning_rate=tf.Variable": lambda rate: rate,
}


def constructed(tf: Any, cls: Any, *positional: Any, **keywords: Any) -> Row:
    """The row of one call of a constructor, and of the first step after it."""
    row = tried(lambda: cls(*positional, **keywords))
    row.pop("class", None)
    row.pop("generation", None)
    if row["status"] != "error":
        step = tried(lambda: one_step(tf, cls(*positional, **keywords)), value=True)
        row["step"] = step["value"] if "value" in step else "{}: {}".format(step["error"], step["message"])
    return row


def namespaces(tf: Any) -> dict[str, Callable[[], Any]]:
    """Where optimizers live: how the namespace is called, and how to get it."""
    optional = {"keras.optimizers": "keras", "tf_keras.optimizers": "tf_keras"}
    found: dict[str, Callable[[], Any]] = {
        "tf.keras.optimizers": lambda: tf.keras.optimizers,
        "tf.keras.optimizers.legacy": lambda: tf.keras.optimizers.legacy,
        "tf.keras.optimizers.experimental": lambda: tf.keras.optimizers.experimental,
    }
    for name, package in optional.items():
        if importlib.util.find_spec(package):
            found[name] = lambda package=package: importlib.import_module(package).optimizers  # type: ignore[misc]
            if package == "tf_keras":
                found[name + ".legacy"] = lambda: importlib.import_module("tf_keras").optimizers.legacy
    return found


def constructor(tf: Any) -> Row:
    """The section "constructor": every class under each name; its arguments under the first, if it fits tf.keras."""
    found: Row = {}
    home = tf.keras.optimizers.Adam.__module__.split(".")[0]
    seen = set()
    for space, get in namespaces(tf).items():
        try:
            module = get()
        except BaseException as error:
            found[space] = failure(error)
            continue
        entries = found[space] = {}
        for name in CLASSES:
            cls = getattr(module, name, None)
            if cls is None:
                entries[name] = {"missing": True}
                continue
            entry = entries[name] = described(cls)
            entry["signature"] = str(inspect.signature(cls.__init__))
            first = entry["class"] not in seen and entry["class"].startswith(home + ".")
            wanted = cases(tf) if first else {"(none)": dict}
            entry["kwargs"] = {key: constructed(tf, cls, **make()) for key, make in wanted.items()}
            for key in filter(wanted.__contains__, CHANGING):
                entry["kwargs"][key]["heeds"] = tried(lambda key=key, cls=cls: heeds(tf, cls, CHANGING[key]), value=True)  # type: ignore[misc]
            if len(wanted) > 1 and name == "Adam":
                entry["kwargs"].update({key: constructed(tf, cls, *values) for key, values in POSITIONAL.items()})
            if entry["generation"] != "keras3_legacy_stub":
                seen.add(entry["class"])
    return found


# ------------------------------------------------------------------ attributes

ATTRIBUTES = {
    "lr (get)": "o.lr",
    "lr = 0.1 (set)": "setattr(o,'lr',.1) or rate(o)",
    "lr.assign(0.1)": "o.lr.assign(.1)",
    "lr.numpy()": "o.lr.numpy()",
    "learning_rate (get)": "o.learning_rate",
    "learning_rate = 0.1 (set)": "setattr(o,'learning_rate',.1) or rate(o)",
    "learning_rate.assign(0.1)": "o.learning_rate.assign(.1)",
    "learning_rate.numpy()": "o.learning_rate.numpy()",
    "cast(o.learning_rate)": "tf.cast(o.learning_rate,tf.float32)",
    "cast(o.learning_rate), a schedule": "tf.cast(cls(schedule()).learning_rate,tf.float32)",
    "learning_rate = schedule (set)": "setattr(o,'learning_rate',schedule()) or o.learning_rate",
    "K.get_value(o.lr)": "tf.keras.backend.get_value(o.lr)",
    "K.set_value(o.lr,.1)": "tf.keras.backend.set_value(o.lr,.1)",
    "K.get_value(o.learning_rate)": "tf.keras.backend.get_value(o.learning_rate)",
    "K.set_value(o.learning_rate,.1)": "tf.keras.backend.set_value(o.learning_rate,.1) or rate(o)",
    "decay (get)": "o.decay",
    "beta_1 (get)": "o.beta_1",
    "beta_1 = .8 (set)": "setattr(o,'beta_1',.8)",
    "beta_2 (get)": "o.beta_2",
    "epsilon (get)": "o.epsilon",
    "amsgrad (get)": "o.amsgrad",
    "weight_decay (get)": "o.weight_decay",
    "use_ema (get)": "o.use_ema",
    "clipnorm (get)": "o.clipnorm",
    "clipnorm = 1. (set)": "setattr(o,'clipnorm',1.)",
    "global_clipnorm (get)": "o.global_clipnorm",
    "iterations = var (set)": "setattr(o,'iterations',tf.Variable(0,dtype=tf.int64))",
    "iterations.assign(5)": "o.iterations.assign(5)",
    "iterations.numpy()": "o.iterations.numpy()",
    "_decayed_lr": "o._decayed_lr(tf.float32)",
    "_get_hyper('learning_rate')": "o._get_hyper('learning_rate')",
    "_set_hyper('learning_rate',.1)": "o._set_hyper('learning_rate',.1)",
    "_create_slots": "o._create_slots(v)",
    "_create_all_weights": "o._create_all_weights(v)",
    "_create_hypers": "o._create_hypers()",
    "_serialize_hyperparameter": "o._serialize_hyperparameter('learning_rate')",
    "get_slot(var,'m')": "o.get_slot(v[0],'m')",
    "add_slot": "o.add_slot(v[0],'zz')",
    "get_slot_names()": "o.get_slot_names()",
    "get_updates(loss,params)": "o.get_updates(loss=loss(),params=v)",
    "get_gradients(loss,params)": "o.get_gradients(loss(),v)",
    "get_weights()": "len(o.get_weights())",
    "set_weights(get_weights())": "o.set_weights(o.get_weights())",
    "set_weights(values)": "o.set_weights([w.numpy() for w in (o.variables() if callable(o.variables) else o.variables)])",
    "variables (attr)": "o.variables",
    "variables() (call)": "len(o.variables())",
    "len(o.variables)": "len(o.variables)",
    "_resource_apply_dense(g,v) call": "o._resource_apply_dense(g[0],v[0])",
    "_compute_gradients(call)": "o._compute_gradients(loss, v)",
    "compute_gradients(attr)": "o.compute_gradients",
    "compute_gradients(lambda, v)": "o.compute_gradients(loss, v)",
    "_clip_gradients(g)": "o._clip_gradients(g)",
    "build(var_list)": "cls().build(v)",
    "aggregate_gradients(gv)": "o.aggregate_gradients([(g[0],v[0])])",
    "apply_gradients(gv)": "o.apply_gradients([(g[0],v[0])])",
    "apply_gradients(gv, 'x')": "o.apply_gradients([(g[0],v[0])], 'x')",
    "apply_gradients(gv, name='x')": "o.apply_gradients([(g[0],v[0])], name='x')",
    "apply_gradients(gv, experimental_aggregate_gradients=False)": (
        "o.apply_gradients([(g[0],v[0])], experimental_aggregate_gradients=False)"
    ),
    "apply_gradients(gv, skip_gradients_aggregation=True)": ("o.apply_gradients([(g[0],v[0])], skip_gradients_aggregation=True)"),
    "apply_gradients(gv, global_step=s)": "o.apply_gradients([(g[0],v[0])], global_step=None)",
    "minimize(lambda, var_list)": "o.minimize(loss, v)",
    "minimize(lambda, var_list, name='x')": "o.minimize(loss, v, name='x')",
    "minimize(lambda, var_list, grad_loss=None)": "o.minimize(loss, v, grad_loss=None)",
}
BARE = [
    "_learning_rate",
    "_hyper",
    "_slots",
    "_get_gradients",
    "weights",
    "trainable_variables",
    "iterations",
    "_iterations",
    "_resource_apply_dense",
    "_resource_apply_sparse",
    "_prepare_local",
    "_prepare",
    "_fallback_apply_state",
    "_transform_gradients",
    "_aggregate_gradients",
    "_compute_gradients",
    "_assert_valid_dtypes",
    "_clip_gradients",
    "_deduplicate_sparse_grad",
    "_initial_decay",
    "_weights",
    "_variables",
    "_name",
    "name",
    "_distribution_strategy",
    "_mesh",
    "_momentums",
    "_velocities",
    "_m",
    "_overwrite_model_variables_with_average_value",
    "_HAS_AGGREGATE_GRAD",
    "_restore_slot_variable",
    "_create_or_restore_slot_variable",
    "_use_locking",
    "_call_if_callable",
    "_create_iteration_variable",
    "_build_learning_rate",
    "_build_index_dict",
    "_index_dict",
    "built",
    "_built",
    "update_step",
    "add_variable_from_reference",
    "add_variable",
    "add_weight",
    "aggregate_gradients",
    "apply",
    "get_scaled_loss",
    "get_unscaled_gradients",
    "scale_loss",
    "stateless_apply",
    "assign",
    "save_own_variables",
    "load_own_variables",
    "loss_scale_factor",
    "jit_compile",
    "get_config",
    "from_config",
    "exclude_from_weight_decay",
    "finalize_variable_values",
    "build",
]


def rate(optimizer: Any) -> float:
    """The learning rate as a number; float() of a variable fails on Keras 3.0."""
    value = optimizer.learning_rate
    return float(value.numpy() if hasattr(value, "numpy") else value)


def one_class(tf: Any, cls: Any) -> Row:
    """The attribute rows of one class, each on an optimizer that made one step."""
    entry = dict(described(cls), attrs={})

    def schedule() -> Any:
        return tf.keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9)

    for key, code in dict(ATTRIBUTES, **{name: "o." + name for name in BARE}).items():
        v = [tf.Variable([[0.1], [0.2]]), tf.Variable([0.3])]
        g = [tf.constant([[0.1], [0.1]]), tf.constant([0.1])]

        def loss(v: Any = v) -> Any:
            return tf.reduce_mean((tf.constant([[1.0, 2.0]]) @ v[0] + v[1]) ** 2)

        o = cls()
        o.apply_gradients([(g[0], v[0]), (g[1], v[1])])
        names = {"tf": tf, "o": o, "v": v, "g": g, "cls": cls, "loss": loss, "schedule": schedule, "rate": rate}
        row = tried(lambda code=code, names=names: eval(code, names), value=True)  # type: ignore[misc]
        name = key.split("(")[0].split(" ")[0].split(".")[0]
        try:
            row["hasattr"] = hasattr(o, name)
        except BaseException as error:
            row["hasattr"] = "raises " + type(error).__name__
        entry["attrs"][key] = row
    return entry


def train(tf: Any, optimizer: Any) -> str:
    """One epoch with an optimizer."""
    numpy = importlib.import_module("numpy")
    model = tiny(tf.keras)
    model.compile(optimizer=optimizer, loss="mse", run_eagerly=True)
    model.fit(numpy.ones((4, 2), "float32"), numpy.ones((4, 1), "float32"), epochs=1, verbose=0)
    return "trained"


def old_style(base: Any) -> Any:
    """An optimizer written for the API of TensorFlow up to 2.10."""

    class Mine(base):  # type: ignore[misc]
        def __init__(self, learning_rate: float = 0.01, name: str = "Mine", **keywords: Any) -> None:
            super().__init__(name, **keywords)
            self._set_hyper("learning_rate", keywords.get("lr", learning_rate))

        def _create_slots(self, var_list: Any) -> None:
            for variable in var_list:
                self.add_slot(variable, "m")

        def _resource_apply_dense(self, grad: Any, var: Any, apply_state: Any = None) -> Any:
            return var.assign_sub(grad * self._get_hyper("learning_rate"))

        def get_config(self) -> Row:
            return {}

    return Mine()


def overriding(tf: Any, method: str) -> str:
    """Train with a subclass of Adam that defines ``method``, and tell whether it was called."""

    def called(self: Any, *positional: Any, **keywords: Any) -> Any:
        raise RuntimeError("CALLED")

    train(tf, type("Mine", (tf.keras.optimizers.Adam,), {method: called})())
    return "override silently ignored"


def attributes(tf: Any) -> Row:
    """The section "attributes"."""
    found: Row = {}
    classes: dict[str, Callable[[], Any]] = {
        "tf.keras.optimizers.Adam": lambda: tf.keras.optimizers.Adam,
        "tf.keras.optimizers.legacy.Adam": lambda: tf.keras.optimizers.legacy.Adam,
        "tf.keras.optimizers.experimental.Adam": lambda: tf.keras.optimizers.experimental.Adam,
    }
    for name, get in classes.items():
        try:
            cls = get()
            cls()
        except BaseException as error:
            found[name] = failure(error)
        else:
            found[name] = one_class(tf, cls)
    for method in ("_resource_apply_dense", "_resource_apply_sparse", "get_updates", "_create_slots", "get_gradients"):
        key = "subclass Adam overriding " + method
        found[key] = tried(lambda method=method: overriding(tf, method), value=True)  # type: ignore[misc]
    bases: dict[str, Callable[[], Any]] = {
        "subclass Optimizer with _resource_apply_dense (old API)": lambda: tf.keras.optimizers.Optimizer,
        "subclass legacy.Optimizer with _resource_apply_dense": lambda: tf.keras.optimizers.legacy.Optimizer,
    }
    for key, base in bases.items():
        found[key] = tried(lambda base=base: train(tf, old_style(base())), value=True)  # type: ignore[misc]
    return found


# ------------------------------------------------------------------ scaling

SCALERS = [f"{package}.{home}.LossScaleOptimizer" for package in HOMES for home in ("mixed_precision", "optimizers")]
SCALING = {
    "dynamic=True": "cls(inner(), dynamic=True)",
    "dynamic=False": "cls(inner(), dynamic=False, initial_scale=2.)",
    "initial_scale=2.": "cls(inner(), initial_scale=2.)",
    "dynamic_growth_steps=10": "cls(inner(), dynamic_growth_steps=10)",
    "loss_scale='dynamic'": "cls(inner(), loss_scale='dynamic')",
    "foo=1": "cls(inner(), foo=1)",
    "get_scaled_loss (call)": "o.get_scaled_loss(tf.constant(1.))",
    "get_unscaled_gradients (call)": "o.get_unscaled_gradients([tf.constant(1.)])",
    "scale_loss (call)": "o.scale_loss(tf.constant(1.))",
}
SCALING_BARE = [
    "inner_optimizer",
    "loss_scale",
    "dynamic",
    "initial_scale",
    "dynamic_growth_steps",
    "dynamic_counter",
    "lr",
    "learning_rate",
]


def scaling(tf: Any) -> Row:
    """The section "scaling": LossScaleOptimizer under each of its names, around an Adam of the same package."""
    found: Row = {}
    names: Row = {"tf": tf, "module": importlib.import_module}
    for path in SCALERS:
        root, _, home = path.rpartition(".")[0].rpartition(".")
        names["inner"] = lambda root=root: eval(HOMES[root], dict(names)).optimizers.Adam()
        cls = f"{HOMES[root]}.{home}.LossScaleOptimizer"
        entry = tried(lambda cls=cls: eval(f"{cls}(inner())", dict(names)))  # type: ignore[misc]
        if entry["status"] != "error" and entry["class"] not in [other.get("class") for other in found.values()]:
            names["cls"] = eval(cls, dict(names))
            entry["signature"] = str(inspect.signature(type(names["cls"](names["inner"]())).__init__))
            for key, code in {**SCALING, **{f"{name} (get)": f"o.{name}" for name in SCALING_BARE}}.items():
                own = dict(names, o=names["cls"](names["inner"]()))
                entry[key] = tried(lambda code=code, own=own: eval(code, own), value=True)  # type: ignore[misc]
        found[path] = entry
    return found


# ------------------------------------------------------------------ crossing

TRAINERS = {
    "tf.keras Adam": "tf.keras.optimizers.Adam()",
    "tf.keras legacy.Adam": "tf.keras.optimizers.legacy.Adam()",
    "tf.keras experimental.Adam": "tf.keras.optimizers.experimental.Adam()",
    "keras Adam": "module('keras').optimizers.Adam()",
    "keras legacy.Adam": "module('keras').optimizers.legacy.Adam()",
    "tf_keras Adam": "module('tf_keras').optimizers.Adam()",
    "tf_keras legacy.Adam": "module('tf_keras').optimizers.legacy.Adam()",
    "tensorflow.python.keras Adam": "module('tensorflow.python.keras.optimizer_v2.adam').Adam()",
    "tf.compat.v1.train.AdamOptimizer": "tf.compat.v1.train.AdamOptimizer()",
}
FORMS = [(package, line) for package in HOMES for line in ("Adam", "legacy.Adam")]
SHARED = {
    "one instance, two models": "fit(o, model(1)) and fit(o, model(1))",
    "one instance, two models of other shapes": "fit(o, model(1)) and fit(o, model(3))",
    "one instance, two var lists": "step(o, [a]) and step(o, [b])",
    "one instance, two var lists, build([a,b]) first": "o.build([a, b]) or step(o, [a]) and step(o, [b])",
    "one instance, all vars then a subset": "step(o, [a, b]) and step(o, [a])",
    "same instance recompiled, same model": "fit(o, m) and fit(o, m)",
    "same instance after unfreezing layers": "thaw()",
}


def crossing(tf: Any) -> Row:
    """The section "crossing": whose models an optimizer trains, and one instance used twice."""
    numpy = importlib.import_module("numpy")
    names: Row = {"tf": tf, "module": importlib.import_module}

    def model(units: int, keras: Any = None) -> Any:
        layers = (keras or tf.keras).layers
        inputs = (keras or tf.keras).Input((2,))
        return (keras or tf.keras).Model(inputs, layers.Dense(units)(layers.Dense(2)(inputs)))

    def fit(optimizer: Any, net: Any) -> Any:
        net.compile(optimizer=optimizer, loss="mse", run_eagerly=True)
        net.fit(numpy.ones((4, 2), "float32"), numpy.ones((4, net.output_shape[-1]), "float32"), epochs=1, verbose=0)
        return net.optimizer

    def step(optimizer: Any, variables: list[Any]) -> Any:
        optimizer.apply_gradients([(tf.constant([0.1]), variable) for variable in variables])
        return optimizer

    def thaw(optimizer: Any, net: Any) -> Any:
        net.layers[1].trainable = False
        fit(optimizer, net)
        net.layers[1].trainable = True
        return fit(optimizer, net)

    def shared(code: str, package: str, name: str) -> Any:
        keras = eval(HOMES[package], dict(names))
        o = eval(f"keras.optimizers.{name}()", {"keras": keras})
        a, b, m = tf.Variable([1.0]), tf.Variable([2.0]), model(1, keras)
        own = {"model": lambda units: model(units, keras), "thaw": lambda: thaw(o, m)}
        return eval(code, {"o": o, "a": a, "b": b, "m": m, "fit": fit, "step": step, **own})

    rows: Row = {}
    for ours, keras in HOMES.items():
        for theirs, made in TRAINERS.items():
            rows[f"{ours} model + {theirs}"] = tried(
                lambda made=made, keras=keras: fit(eval(made, dict(names)), model(1, eval(keras, dict(names))))  # type: ignore[misc]
            )
    for package, name in FORMS:
        for how, code in SHARED.items():
            key = f"{package} {name}: {how}"
            rows[key] = tried(lambda code=code, package=package, name=name: shared(code, package, name))  # type: ignore[misc]
    return rows


# ------------------------------------------------------------------ names

AREAS = ["activations", "applications", "backend", "callbacks", "constraints", "datasets", "initializers", "layers", "losses", "metrics"]
AREAS += ["models", "optimizers", "preprocessing", "regularizers", "utils"]


def public_names(tf: Any) -> Row:
    """The section "names": what the public modules of each Keras package have."""
    found: Row = {}
    for package, code in HOMES.items():
        for area in AREAS:
            try:
                module = getattr(eval(code, {"tf": tf, "module": importlib.import_module}), area)
                names = [name for name in dir(module) if not name.startswith("_")]
            except BaseException as error:
                found[f"{package}.{area}"] = failure(error)
            else:
                found[f"{package}.{area}"] = {"status": "ok", "names": sorted(names)}
    return found


# ------------------------------------------------------------------ the environment variable


def report(tf: Any) -> Row:
    """What is what, after the variable was set in some way."""
    found: Row = {"environ": os.environ.get(VARIABLE)}
    keras = "importlib.import_module('keras')"
    for key, code in {
        "tf.keras.optimizers.Adam": "described(tf.keras.optimizers.Adam)['class']",
        "tf.optimizers.Adam": "described(tf.optimizers.Adam)['class']",
        "from tensorflow.keras.optimizers import Adam": "described(imported())['class']",
        "import keras": f"{keras}.__version__ + ' ' + described({keras}.optimizers.Adam)['class']",
    }.items():
        try:
            found[key] = eval(code, {"tf": tf, "described": described, "imported": adam_import, "importlib": importlib})
        except BaseException as error:
            found[key] = f"{type(error).__name__}: {short(str(error), 200)}"
    return found


def adam_import() -> Any:
    """``from tensorflow.keras.optimizers import Adam``, run now."""
    space: Row = {}
    exec("from tensorflow.keras.optimizers import Adam", space)
    return space["Adam"]


# ------------------------------------------------------------------ processes

SECTIONS = {
    "resolution": resolution,
    "constructor": constructor,
    "attributes": attributes,
    "scaling": scaling,
    "crossing": crossing,
    "names": public_names,
    "report": report,
}
GRAPH = "tf.compat.v1.disable_eager_execution()"


def forked(work: Callable[[], Row]) -> Row:
    """The rows that ``work`` gives in a fork of this process."""
    handle, path = tempfile.mkstemp()
    os.close(handle)
    child = os.fork()
    if child == 0:
        signal.alarm(600)
        try:
            rows = work()
        except BaseException as error:
            rows = dict(failure(error), traceback=traceback.format_exc()[-800:])
        with open(path, "w") as out:
            json.dump(rows, out, default=str)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    try:
        with open(path) as done:
            rows = json.load(done)
    except ValueError:
        rows = {"status": "error", "error": "ChildDied", "message": f"wait status {status}"}
    os.unlink(path)
    return rows


def zygote(system: str, jobs: list[Job], out: str) -> None:
    """Import TensorFlow once, on a ``system`` that may be emulated, and run each job in a fork."""
    if system == "mac":
        for name, value in (("system", "Darwin"), ("processor", "arm"), ("machine", "arm64")):
            setattr(platform, name, lambda value=value: value)
    tf = importlib.import_module("tensorflow")
    rows: Row = {}
    for key, section, before in jobs:

        def work(section: str = section, before: str = before) -> Row:
            exec(before, {"tf": tf, "os": os})
            return SECTIONS[section](tf)

        rows[key] = forked(work)
    with open(out, "w") as done:
        json.dump(rows, done)


def run(system: str, jobs: list[Job], variable: str | None = None) -> Row:
    """``zygote`` in a fresh interpreter; none, where there is nothing to run."""
    if not jobs:
        return {}
    handle, path = tempfile.mkstemp()
    os.close(handle)
    environment = {key: value for key, value in os.environ.items() if key != VARIABLE}
    environment.update({"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""})
    if variable is not None:
        environment[VARIABLE] = variable
    command = [sys.executable, os.path.abspath(__file__), "--zygote", system, json.dumps(jobs), path]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    try:
        with open(path) as out:
            rows: Row = json.load(out)
    except ValueError:
        rows = {"failed": done.stderr.decode("utf-8", "replace")[-600:]}
    os.unlink(path)
    return rows


def meta() -> Row:
    """Versions, and where the installed sources mention the variable."""
    found: Row = {"python": sys.version.split()[0], "source_hits": {}, "n_source_hits": {}}
    metadata = importlib.import_module("importlib.metadata")
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except Exception:
            found[package] = None
    for package in ("tensorflow", "keras", "tf_keras"):
        spec = importlib.util.find_spec(package) if package != "tensorflow" else None
        home = next((os.path.join(p, package) for p in sys.path if os.path.isdir(os.path.join(p, package))), None)
        if home and (spec or package == "tensorflow"):
            lines = subprocess.run(["grep", "-rhI", "--include=*.py", VARIABLE, home], stdout=subprocess.PIPE, check=False)
            hits = [line.strip()[:200] for line in lines.stdout.decode("utf-8", "replace").splitlines()]
            if hits:
                found["source_hits"][package] = hits[:12]
                found["n_source_hits"][package] = len(hits)
    return found


def read_early(facts: Row) -> None:
    """The variable set before the import, to what means on and to what does not."""
    for value in ("1", "yes"):
        early = run("linux", [(f"before import tensorflow: os.environ={value!r}", "report", "")], value)
        keep(facts, early, "")


def measure(quick: bool, only: list[str]) -> Row:
    """All sections, or ``only`` some; ``quick``: those of plain Linux alone."""
    facts: Row = {"meta": meta(), "resolution": {}, "env": {}}
    touch = f"os.environ['{VARIABLE}']='1'"
    plain: list[Job] = [
        ("linux", "resolution", ""),
        ("tf1_disable_eager", "resolution", GRAPH),
        ("constructor", "constructor", ""),
        ("attributes", "attributes", ""),
        ("crossing", "crossing", ""),
        ("scaling", "scaling", ""),
        ("names", "names", ""),
        ("after import tensorflow, before touching tf.keras: os.environ='1'", "report", touch),
    ]
    mac: list[Job] = [("mac", "resolution", ""), ("mac_tf1_disable_eager", "resolution", GRAPH)]
    if only:
        plain, mac = ([job for job in jobs if job[1] in only] for jobs in (plain, mac))
    keep(facts, run("linux", plain), "")
    if not quick:
        keep(facts, run("mac", mac), "")
    if not (quick or only):
        read_early(facts)
    if not quick and facts["meta"]["n_source_hits"].get("tensorflow") and facts["meta"]["tf-keras"]:
        keep(facts, run("linux", [job for job in plain if job[1] != "report"], "1"), "env1")
        keep(facts, run("mac", mac, "1"), "env1")
    return {key: rows for key, rows in facts.items() if rows} if only else facts


def keep(facts: Row, rows: Row, flavor: str) -> None:
    """File the rows of one run in the sections of ``facts``."""
    for key, value in rows.items():
        if key in ("constructor", "attributes", "crossing", "scaling", "names"):
            facts[key + ("[env1]" if flavor else "")] = value
        elif "os.environ" in key:
            facts["env"][key] = value
        elif key == "linux" and flavor:
            facts["resolution"]["env1"] = value
        elif key == "mac" and flavor:
            facts["resolution"]["mac_env1"] = value
        else:
            facts["resolution"][key + ("_env1" if flavor else "")] = value


if __name__ == "__main__":
    if sys.argv[1] == "--zygote":
        zygote(sys.argv[2], json.loads(sys.argv[3]), sys.argv[4])
    else:
        only = sys.argv[sys.argv.index("--only") + 1].split(",") if "--only" in sys.argv else []
        found = {"meta": meta(), "env": {}} if "--variable" in sys.argv else measure("--quick" in sys.argv, only)
        if "--variable" in sys.argv:
            read_early(found)
        with open(sys.argv[1], "w") as written:
            json.dump(found, written, indent=1, sort_keys=True)
