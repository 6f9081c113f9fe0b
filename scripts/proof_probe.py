"""Run programs and train with what they make; run by ``scripts/prove.py`` inside a virtual environment.

    python -m scripts.proof_probe PROGRAMS.json OUT.json linux|mac eager|graph

PROGRAMS.json maps names to sources, OUT.json gets what became of each. Needs nothing but the TensorFlow that is installed there.
A program leaves a ``model`` that is compiled, or an optimizer ``opt``, to be trained for 50 seeded steps; one that leaves neither
is only run. What an example leaves to its reader (``x``, ``y``, ``gradients``, ``variables``) is there, seeded. Each program gets a
fork of an interpreter that has TensorFlow imported, or not, where the program sets TF_USE_LEGACY_KERAS.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import platform
import re
import signal
import sys
import tempfile
from typing import TYPE_CHECKING, Any

from scripts.probe import VARIABLE, described, failure

if TYPE_CHECKING:
    from collections.abc import Iterable

STEPS = 50
BATCH = 4
DIED = "ChildDied"
FEATURES = 3


def noise(seed: int, *shape: int) -> Any:
    """Numbers that are the same everywhere."""
    numpy = importlib.import_module("numpy")
    return numpy.random.RandomState(seed).normal(size=shape).astype("float32")


def supplied(source: str) -> dict[str, Any]:
    """The names that examples use and do not make, and only those: a variable made in eager mode keeps it from being switched off."""
    names: dict[str, Any] = {"__name__": "__main__", "x": noise(1, STEPS * BATCH, FEATURES), "y": noise(2, STEPS * BATCH, 1)}
    if re.search(r"\b(variables|gradients)\b", source):
        tf = importlib.import_module("tensorflow")
        names["variables"] = [tf.Variable(noise(3, FEATURES, 2)), tf.Variable(noise(4, 2))]
        names["gradients"] = [tf.constant(noise(5, FEATURES, 2)), tf.constant(noise(6, 2))]
    return names


def fit(model: Any, names: dict[str, Any]) -> list[Any]:
    """Train a compiled model for one epoch; a model without weights of its own gets seeded ones."""
    if not model.built:
        model.build((None, FEATURES))
        model.set_weights([noise(7, *weight.shape) for weight in model.get_weights()])
    callbacks = names.get("callbacks", [])
    model.fit(names["x"], names["y"], batch_size=BATCH, epochs=1, shuffle=False, verbose=0, callbacks=callbacks)
    return list(model.get_weights())


def apply(opt: Any, names: dict[str, Any]) -> list[Any]:
    """Train variables in a loop: seeded gradients, that depend on where the variables are."""
    tf = importlib.import_module("tensorflow")
    variables = names.get("variables") or supplied("variables")["variables"]
    for step in range(STEPS):
        gradients = [tf.convert_to_tensor(variable + noise(100 + step, *variable.shape)) for variable in variables]
        opt.apply_gradients(zip(gradients, variables, strict=True))
    return [variable.numpy() for variable in variables]


def train(names: dict[str, Any]) -> dict[str, Any]:
    """Train what a program left, and tell of its optimizer; nothing, where it left nothing to train."""
    model, opt = names.get("model"), names.get("opt")
    opt = getattr(model, "optimizer", None) or opt
    if opt is None:
        return {}
    eager = importlib.import_module("tensorflow").executing_eagerly()  # else a loop of one's own would only build operations
    weights = fit(model, names) if model is not None else apply(opt, names) if eager else []
    return {**described(opt), "config": configuration(opt), "weights": [float(w) for weight in weights for w in weight.ravel()]}


def configuration(opt: Any) -> dict[str, Any]:
    """What ``get_config`` says, as JSON; {} where an optimizer has none (the wrapper around one of TF 1)."""
    try:
        found: dict[str, Any] = json.loads(json.dumps(opt.get_config(), default=lambda value: float(value)))
    except NotImplementedError:
        return {}
    return found


def outcome(source: str, mode: str) -> dict[str, Any]:
    """Run one program and train: what it left, or how it failed."""
    try:
        if mode == "graph":
            importlib.import_module("tensorflow").compat.v1.disable_eager_execution()
        names = supplied(source)
        exec(compile(source, "program.py", "exec"), names)
        return train(names)
    except BaseException as error:
        return failure(error)


def start(source: str, mode: str, path: str) -> int:
    """Run a program in a fork, which writes to ``path``."""
    child = os.fork()
    if child == 0:
        signal.alarm(1800)  # of hanging, on however busy a machine
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            row = outcome(source, mode)
        with open(path, "w") as out:
            json.dump(row, out)
        os._exit(0)
    return child


def run_all(programs: Iterable[tuple[str, str]], mode: str, folder: str) -> None:
    """Run programs, as many at once as there are processors."""
    running = 0
    for name, source in programs:
        if running == os.cpu_count():
            os.wait()
            running -= 1
        start(source, mode, os.path.join(folder, name))
        running += 1
    for _ in range(running):
        os.wait()


def read(path: str) -> dict[str, Any]:
    """What a child wrote; a failure where it died first."""
    try:
        with open(path) as done:
            row: dict[str, Any] = json.load(done)
    except (OSError, ValueError):
        return {"status": "error", "error": DIED, "message": "it ended without a word"}
    return row


def main(programs: str, out: str, system: str, mode: str) -> None:
    """Run what must see no TensorFlow first, then import it, and run the rest."""
    if system == "mac":
        for name, value in (("system", "Darwin"), ("processor", "arm"), ("machine", "arm64")):
            setattr(platform, name, lambda value=value: value)
    with open(programs) as given:
        sources: dict[str, str] = json.load(given)
    with tempfile.TemporaryDirectory() as folder:
        run_all([item for item in sources.items() if VARIABLE in item[1]], mode, folder)
        tf = importlib.import_module("tensorflow")
        tf.get_logger().setLevel(logging.ERROR)
        _ = tf.keras.optimizers.Adam  # Keras is imported here once, and not by each child
        run_all([item for item in sources.items() if VARIABLE not in item[1]], mode, folder)
        rows = {name: read(os.path.join(folder, name)) for name in sources}
    with open(out, "w") as done:
        json.dump(rows, done)


if __name__ == "__main__":
    main(*sys.argv[1:])
