"""What it costs to know the other files of a project: ``python benchmarks/project.py [FOLDER ...]``.

Checks each FOLDER without a cache, in pairs of runs: one that follows names and imports into other files, and judges the rules about
a project, and one that looks at each file alone. Prints the processor seconds of both, their ratio, and the largest process. Without a
FOLDER it writes a project of 10,000 files: packages of models, optimizers and scripts that import from each other. First one with nothing
to report, where the ratio is what it costs to know the other files; then one where each script has an optimizer by name that only a run
that knows them can report: there the ratio has the cost of 4,250 findings too.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

_PAIRS = 3
_MODELS = """import tensorflow as tf
from {before} import make


class Net{number}(tf.keras.Model):
    def call(self, inputs):
        return inputs


def build(units=10, rate=0.01):
    model = tf.keras.Sequential([tf.keras.layers.Dense(units), tf.keras.layers.Dense(1)])
    model.compile(optimizer=make(rate), loss="mse")
    return model
"""
_OPTIMIZERS = """import tensorflow as tf

NAME = "adam"


def make(rate):
    return tf.keras.optimizers.Adam(learning_rate=rate)
"""
_SCRIPT = """import numpy as np
from tensorflow.keras.optimizers import Adam
from {models} import Net{number}, build

model = build(units={number})
model.fit(np.zeros((8, 4)), np.zeros(8), epochs={number})
net = Net{number}()
net.compile({given}, "mse")
"""
_PLAIN = "def f{number}(values):\n    return [value * {number} for value in values if value]\n" * 8


def write(folder: Path, files: int, given: str) -> None:
    """Write a project of so many files, forty to a package; each script compiles a model of another file with what is ``given``."""
    (folder / "pyproject.toml").write_text("")
    for start in range(0, files, 40):
        package = f"package{start}"
        (folder / package).mkdir()
        for number in range(40):
            kind = ("__init__", "optimizers", "models")[number] if number < 3 else f"train{number}" if number < 20 else f"plain{number}"
            template = {"__init__": "", "optimizers": _OPTIMIZERS, "models": _MODELS}.get(kind, _SCRIPT if number < 20 else _PLAIN)
            names = {"before": f"{package}.optimizers", "models": f"{package}.models", "number": 3 if number == 2 else number}
            source = template.format(**names, given=given).replace(f"Net{number}", "Net3")
            (folder / package / f"{kind}.py").write_text(source)


def measured(folder: Path, alone: bool) -> tuple[float, int]:
    """Return the processor seconds of one run, and the memory of its largest process in MB."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, __file__, "--child", *(["--alone"] if alone else []), str(folder)], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss // 1024


def report(folder: Path, name: str) -> None:
    """Print what runs over a folder cost."""
    pairs = [(measured(folder, alone=True), measured(folder, alone=False)) for _ in range(_PAIRS)]
    ratio = statistics.median(together[0] / alone[0] for alone, together in pairs)
    alone, together = (statistics.median(seconds for seconds, _ in side) for side in zip(*pairs, strict=True))
    memory = max(together[1] for _, together in pairs)
    files = sum(1 for _ in folder.rglob("*.py"))
    print(f"{name}: {files} files, {together:.1f} s together, {alone:.1f} s alone, ratio {ratio:.2f}, largest process so far {memory} MB")


def child(arguments: list[str]) -> None:
    """Check one folder."""
    from adamlint.config import Layer, merge
    from adamlint.project import neighbours
    from adamlint.run import batch, session
    from adamlint.run.discovery import find

    if "--alone" in arguments:
        neighbours.Neighbours.resolve = lambda self, dotted, here: None  # type: ignore[method-assign]
        neighbours.Neighbours.run_by = lambda self, dotted, here: []  # type: ignore[method-assign]
        neighbours.Neighbours.before = lambda self, here: []  # type: ignore[method-assign]
        session.look_around = lambda *_: []  # type: ignore[attr-defined]
        batch.Batch.judged = lambda self, checked, looks, gathered: tuple(checked)  # type: ignore[method-assign]
    os.chdir(arguments[-1])
    config = merge(Layer(), Layer())
    session.run(find(["."], config).files, config, session.Options(cache=False))


if __name__ == "__main__":
    if "--child" in sys.argv:
        child(sys.argv[1:])
    elif sys.argv[1:]:
        for named in sys.argv[1:]:
            report(Path(named), Path(named).name)
    else:
        for title, optimizer in (("nothing to report", "Adam(learning_rate=0.01)"), ("4,250 findings", '"adam"')):
            with tempfile.TemporaryDirectory() as made:
                write(Path(made), 10_000, optimizer)
                report(Path(made), title)
