import pytest

from adamlint.findings import Effect
from tests.checking import findings, places, silent

HEAD = "import tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras.models import load_model\n"


def test_reports_a_loaded_model_that_is_trained() -> None:
    (found,) = findings("ADM701", f'{HEAD}model = load_model("a.h5")\nmodel.fit(x, y)\n')
    assert (found.place.line, found.place.column, found.effect, found.fix) == (4, 9, Effect.DIFFERS, None)
    assert found.message == "the optimizer of the file trains on: one of another generation fails, or loses its state"


@pytest.mark.parametrize(
    "source",
    [
        'load_model("a.h5").fit(x)',
        'm = keras.models.load_model("a.h5", compile=True)\nm.train_on_batch(x)',
        'def load():\n    return load_model("a.h5")\nm = load()\nm.fit(x)',
        'm = load_model("a.h5")\nm.fit(x)\nm.compile("adam")\nm.fit(x)',
        'm = load_model("a.h5") if resume else build()\nm.fit(x)',
    ],
)
def test_reports_whatever_way_it_goes_to_fit(source: str) -> None:
    assert len(places("ADM701", f"{HEAD}{source}\n")) == 1


def test_there_was_one_generation_up_to_2_10() -> None:
    source = f'{HEAD}model = load_model("a.h5")\nmodel.fit(x, y)\n'
    assert silent("ADM701", source, tensorflow="<=2.10")
    assert places("ADM701", source, tensorflow="2.11") == [(4, 9)]


def test_reports_an_optimizer_in_a_checkpoint_that_is_restored() -> None:
    made = f"{HEAD}opt = keras.optimizers.Adam()\npoint = tf.train.Checkpoint(model=model, optimizer=opt)\n"
    assert places("ADM701", f"{made}point.restore(path)\n") == [(5, 42)]
    assert places("ADM701", f"{made}manager = tf.train.CheckpointManager(point, path, 3)\nmanager.restore_or_initialize()\n") == [(5, 42)]
    assert silent("ADM701", f"{made}point.save(path)\n")


@pytest.mark.parametrize(
    "source",
    [
        'm = load_model("a.h5")\nm.predict(x)',
        'm = load_model("a.h5")\nm.evaluate(x)',
        'm = load_model("a.h5", compile=False)\nm.fit(x)',
        'm = load_model("a.h5", compile=False)\nm.compile("adam")\nm.fit(x)',
        'm = load_model("a.h5")\nm.compile("adam")\nm.fit(x)',
        'm = load_model("a.h5", None, False)\nm.fit(x)',
        'm = load_model("a.h5", compile=train)\nm.fit(x)',
        'm = load_model("a.h5", **options)\nm.fit(x)',
        'm = load_model("a.h5")\nm = build()\nm.fit(x)',
        'from mine import load_model\nm = load_model("a.h5")\nm.fit(x)',
        'import horovod.keras as hvd\nm = hvd.load_model("a.h5")\nm.fit(x)',
        'import mlflow\nm = mlflow.keras.load_model("a.h5")\nm.fit(x)',
        'import torch\nm = torch.load("a.pt")\nm.fit(x)',
        "point = tf.train.Checkpoint(model=model)\npoint.restore(path)",
        "opt = tf.compat.v1.train.AdamOptimizer()\npoint = tf.train.Checkpoint(optimizer=opt)\npoint.restore(path)",
    ],
)
def test_silent(source: str) -> None:
    assert silent("ADM701", f"{HEAD}{source}\n")
