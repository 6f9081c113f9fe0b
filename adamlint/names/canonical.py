"""Dotted names: one canonical spelling for the many ways to reach the same thing of Keras."""

from __future__ import annotations

from functools import cache

# The packages that hold a Keras, as the atlas names them. `tensorflow.keras` is Keras 2, tf_keras or Keras 3, as the release and
# TF_USE_LEGACY_KERAS have it; the others are themselves.
KERAS = ("tensorflow.keras", "keras", "tf_keras", "tensorflow.python.keras", "tensorflow.compat.v1.keras", "keras_core")

# Other spellings of the same objects (measured in ATLAS.md i, or re-exports read in the named package's source).
_ALIASES = {
    "tensorflow.compat.v2": "tensorflow",
    "tensorflow._api.v2": "tensorflow",
    "tensorflow._api.v2.v2": "tensorflow",
    "tensorflow.compat.v1.compat.v2": "tensorflow",
    "tensorflow.api.v2": "tensorflow",
    "keras.api._v2.keras": "tensorflow.keras",
    "keras.api.v2.keras": "tensorflow.keras",
    "tensorflow.optimizers": "tensorflow.keras.optimizers",
    "tensorflow.compat.v1.estimator": "tensorflow.estimator",
    # Keras 2 on every release (gpflow/keras.py, and core/keras/compat.py)
    "gpflow.keras.tf_keras": "tf_keras",
    "tensorflow_model_optimization.python.core.keras.compat.keras": "tf_keras",
    # tf.keras up to TF 2.15, Keras 3 after it: as tf.keras is (their backend/keras.py and keras2.py)
    "keras_cv.backend.keras": "tensorflow.keras",
    "keras_cv.src.backend.keras": "tensorflow.keras",
    "keras_nlp.backend.keras": "tensorflow.keras",
    "keras_hub.backend.keras": "tensorflow.keras",
    "keras_tuner.backend.keras": "tensorflow.keras",
    "keras_tuner.src.backend.keras": "tensorflow.keras",
    "tf_agents.keras": "tensorflow.keras",
    # a subclass of it, and Keras 2 on every release (tensorflow_recommenders/__init__.py, models/base.py)
    "tensorflow_recommenders.Model": "tensorflow.keras.Model",
    "tensorflow_recommenders.models.Model": "tensorflow.keras.Model",
    "tensorflow_probability.python.internal.tf_keras": "tf_keras",
}

# What `from module import *` brings in, where it matters here.
_OPTIMIZERS = ("Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb", "Lion", "Muon", "Nadam", "RMSprop", "SGD")
_STARS = {
    "optimizers": (*_OPTIMIZERS, "Optimizer", "get", "deserialize", "schedules", "legacy"),
    "models": ("Model", "Sequential", "load_model", "clone_model", "model_from_json"),
    "layers": ("Dense", "Conv1D", "Conv2D", "Conv3D", "Embedding", "LSTM", "GRU", "Layer", "Input", "SeparableConv2D", "DepthwiseConv2D"),
    "regularizers": ("l1", "l2", "l1_l2", "L1", "L2", "L1L2"),
    "callbacks": ("Callback", "LearningRateScheduler", "ReduceLROnPlateau"),
    "backend": ("set_value", "get_value"),
    "": ("optimizers", "models", "layers", "regularizers", "callbacks", "backend", "Model", "Sequential"),
}  # fmt: skip

# Functions that give a model of the same Keras for the model that they are given (tensorflow_model_optimization's own docstrings).
_WRAPPING = "tensorflow_model_optimization."
_WRAPPERS = ("quantize_model", "quantize_apply", "quantize_annotate_model", "cluster_weights", "strip_clustering",
             "prune_low_magnitude", "strip_pruning")  # fmt: skip


@cache
def canonical(dotted: str) -> str:
    """Return the one spelling by which the atlas and the rules know ``dotted``; other names come back unchanged."""
    parts = dotted.split(".")
    for size in range(len(parts), 0, -1):
        alias = _ALIASES.get(".".join(parts[:size]))
        if alias is not None:
            return canonical(".".join([alias, *parts[size:]]))
    return dotted


@cache
def in_keras(dotted: str) -> tuple[str, str] | None:
    """Split a name into its Keras package and the rest: ("tensorflow.keras", "optimizers.Adam"); None if it is of no Keras."""
    name = canonical(dotted)
    for package in KERAS:
        if name == package:
            return package, ""
        if name.startswith(package + "."):
            return package, name[len(package) + 1 :]
    return None


def star_names(module: str) -> tuple[str, ...]:
    """Return the names that ``from module import *`` brings in, as far as rules look for them."""
    split = in_keras(module)
    return _STARS.get(split[1], ()) if split else ()


def wraps_model(dotted: str) -> bool:
    """Tell whether a function gives a model of the Keras of the one that it is given."""
    return dotted.startswith(_WRAPPING) and dotted.endswith(_WRAPPERS)
