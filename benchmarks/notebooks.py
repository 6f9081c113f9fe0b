"""How long adamlint takes for notebooks, in multiples of ``json.loads`` over them: ``python benchmarks/notebooks.py [COUNT]``.

Writes COUNT notebooks (1,000) of 300 kB, a third of it images, and checks them without a cache, in one process and in as many
as there are processors. "none": no word that a rule looks for. "outputs": such words, in outputs and texts alone. "code": Keras
with an optimizer in the code, which is parsed and checked (COUNT / 10 of them). "mixed": one in ten of the last kind, and the others
by halves.
"""

from __future__ import annotations

import base64
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from adamlint.config import Config, Layer, merge
from adamlint.run.discovery import find
from adamlint.run.session import Options, run

_KERAS = """model = tf.keras.Sequential([tf.keras.layers.Dense(10, activation="relu"), tf.keras.layers.Dense(1)])
model.compile(optimizer="adam", loss="mse", metrics=["mae"])
history = model.fit(x, y, epochs=10, validation_split=0.1, callbacks=[tf.keras.callbacks.EarlyStopping(patience=3)])
"""
_PLAIN = """def normalise(values, axis=0, epsilon=1e-6):
    mean, deviation = values.mean(axis=axis), values.std(axis=axis)
    return (values - mean) / (deviation + epsilon)


frame = pandas.read_csv("data.csv")
for name in frame.columns:
    frame[name] = normalise(frame[name].to_numpy())
    print(f"{name}: {frame[name].mean():.3f}")
plot(frame, columns=[name for name in frame.columns if name.startswith("x")], size=(12, 8))
"""


def notebook(seed: int, kind: str) -> bytes:
    """A notebook of 300 kB: 30 code cells, 30 texts, and their outputs."""
    chance = random.Random(seed)
    about = "keras: Adam with lr=0.1, the optimizers of tensorflow\n" if kind == "outputs" else "what is done here\n"
    cells: list[dict[str, Any]] = []
    for index in range(30):
        source = _KERAS if kind == "code" and index % 5 == 4 else _PLAIN
        if index == 0:
            source = "import numpy as np\n" + ("import tensorflow as tf\n" if kind == "code" else "import pandas\n")
        cells.append({"cell_type": "markdown", "id": f"t{index}", "metadata": {}, "source": ["# Title\n", about * 20]})
        cells.append({
            "cell_type": "code", "execution_count": index, "id": f"c{index}", "metadata": {},
            "outputs": _outputs(chance, index, about), "source": source.splitlines(keepends=True),
        })  # fmt: skip
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1).encode()


def _outputs(chance: random.Random, index: int, about: str) -> list[dict[str, Any]]:
    outputs: list[dict[str, Any]] = [{"name": "stdout", "output_type": "stream", "text": ["Epoch 1/10 loss: 0.3\n", about] * 50}]
    if index % 10 == 0:
        image = base64.b64encode(chance.randbytes(28_000)).decode()
        outputs.append({"data": {"image/png": image, "text/plain": ["<Figure>"]}, "metadata": {}, "output_type": "display_data"})
    return outputs


def kinds(name: str, count: int) -> list[str]:
    """The kind of each notebook of a measurement."""
    mixed = ["code", *(["none", "outputs"] * 5)[:9]]
    return [mixed[index % 10] if name == "mixed" else name for index in range(count)]


def seconds(work: Callable[[], object]) -> float:
    """The best of three runs."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def loaded(paths: list[Path]) -> None:
    """Read and parse files, and keep nothing of them."""
    for path in paths:
        json.loads(path.read_bytes())


def checked(folder: str, config: Config, jobs: int | None) -> int:
    """The number of findings in a folder."""
    return len(run(find([folder], config).files, config, Options(jobs=jobs, cache=False)).findings)


def measure(name: str, count: int) -> str:
    """The line of one kind."""
    config = merge(Layer(), Layer())
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{index}.ipynb") for index in range(count)]
        for index, (path, kind) in enumerate(zip(paths, kinds(name, count), strict=True)):
            path.write_bytes(notebook(index, kind))
        size = sum(path.stat().st_size for path in paths) / count / 1000
        found = checked(folder, config, 1)  # with all that is imported once
        base = seconds(lambda: loaded(paths))
        one, many = (seconds(lambda jobs=jobs: checked(folder, config, jobs)) for jobs in (1, None))  # type: ignore[misc]
    return f"{name:8} {size:5.0f} kB {base / count * 1000:10.2f} ms {one / base:9.2f} {many / base:9.2f} {found:9}"


def main() -> None:
    """Print a line for each kind."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print("kind         size   json.loads   1 process  default  findings")
    for name, number in (("none", count), ("outputs", count), ("mixed", count), ("code", count // 10)):
        print(measure(name, number), flush=True)


if __name__ == "__main__":
    main()
