"""What a byte search tells of a file before anything is parsed: whether a rule can find something, and what a fix must heed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import astuple, dataclass

# A rule finds nothing in a file without one of its words. An identifier is looked for as a whole word, anything else as it stands.
NEEDLES: dict[str, tuple[bytes, ...]] = {
    "ADM101": (b"adam", b"Adam", b"ADAM", b"nadam", b"Nadam", b"NADAM", b"adamax", b"Adamax"),
    "ADM102": (b"optimizers",),
    "ADM103": (b"class_name",),
    "ADM104": (b"compile", b"optimizers"),
    "ADM105": (b"adamw", b"AdamW", b"ADAMW", b"Adamw"),
    "ADM106": (b"optimizers",),
    "ADM111": (b"adam", b"Adam", b"ADAM"),
    "ADM112": (b"optimizers",),
    "ADM113": (b"compile", b"schedules", b"callbacks"),
    "ADM201": (b"legacy",),
    "ADM202": (b"experimental",),
    "ADM203": (b"keras.src", b"python.keras", b"optimizer_v2", b"keras.optimizers.optimizer", b"adam_v2", b"optimizer_experimental",
               b"keras.api", b"_impl", b"keras.engine", b"keras.optimizers.adam", b"import adam", b"keras.optimizers.legacy"),
    "ADM204": (b"AdamOptimizer", b"GradientDescentOptimizer", b"RMSPropOptimizer", b"AdagradOptimizer", b"MomentumOptimizer",
               b"AdadeltaOptimizer", b"FtrlOptimizer", b"AdagradDAOptimizer", b"ProximalAdagradOptimizer",
               b"ProximalGradientDescentOptimizer", b"SyncReplicasOptimizer", b"train.Optimizer"),
    "ADM205": (b"optimizers",),
    "ADM301": (b"lr",),
    "ADM302": (b"decay",),
    "ADM303": (b"optimizers",),
    "ADM304": (b"optimizers",),
    "ADM305": (b"schedules",),
    "ADM401": (b"TF_USE_LEGACY_KERAS",),
    "ADM402": (b"TF_USE_LEGACY_KERAS",),
    "ADM403": (b"TF_USE_LEGACY_KERAS",),
    "ADM404": (b"TF_USE_LEGACY_KERAS",),
    "ADM501": (b"weight_decay", b"AdamW"),
    "ADM502": (b"AdamW",),
    "ADM503": (b"use_ema",),
    "ADM601": (b"_decayed_lr", b"_get_hyper", b"_set_hyper", b"_hyper", b"_create_slots", b"_create_hypers", b"_create_all_weights",
               b"_weights",
               b"_name", b"_compute_gradients", b"_resource_apply_dense", b"_resource_apply_sparse", b"_get_gradients",
               b"_aggregate_gradients", b"_transform_gradients", b"_assert_valid_dtypes", b"_initial_decay", b"_prepare", b"_prepare_local",
               b"_fallback_apply_state", b"_slots", b"_call_if_callable", b"_restore_slot_variable"),
    "ADM602": (b"lr",),
    "ADM603": (b"get_updates", b"get_weights", b"set_weights", b"minimize", b"variables()", b"get_slot", b"add_slot", b"set_value",
               b"get_gradients",
               b"weights", b"add_weight", b"compute_gradients", b"aggregate_gradients", b"get_slot_names", b"decay"),
    "ADM604": (b"_resource_apply_dense", b"_resource_apply_sparse", b"_resource_apply_sparse_duplicate_indices", b"get_updates",
               b"_create_slots",
               b"get_gradients", b"_compute_gradients"),
    "ADM605": (b"apply_gradients", b"minimize"),
    "ADM606": (b"compile", b"apply_gradients", b"minimize"),
    "ADM607": (b"LearningRateSchedule",),
    "ADM608": (b"get_scaled_loss", b"get_unscaled_gradients", b"dynamic"),
    "ADM609": (b"isinstance", b"__module__"),
    "ADM701": (b"load_model", b"Checkpoint"),
    "ADM702": (b"tfa", b"tensorflow_addons"),
}  # fmt: skip
_OPTIMIZER = (b"ptimizer", b"dam", b"DAM")  # most rules speak of one, and it is written somewhere in the file
_WITHOUT_OPTIMIZER = frozenset({"ADM203", "ADM401", "ADM402", "ADM403", "ADM404", "ADM305", "ADM607", "ADM701"})
_WORD_TABLE = bytes(byte if chr(byte).isalnum() or byte in b"_" or byte > 127 else 32 for byte in range(256))
_ESCAPE = re.compile(rb"\\(?:u[\da-fA-F]{4}|[nrtfb])")  # of a notebook's JSON: there is an lr in "\tlr"
_FRAMEWORK = (b"keras", b"tensorflow", b"KERAS")
# What a file does with a model of another file, or hands to a function there that makes one, though it names no Keras itself.
_USES = re.compile(rb"""(?<!\bre)\.compile\(|\.optimizer\.|[=(,]\s*["'](?i:n?adam|adamax|adamw)["']""")
_OTHER = (b"torch", b"jax", b"paddle", b"mxnet")  # then that is more likely another framework's
_SUPPRESSION = (b"ADM", b"adamlint:")

# README, "What is safe": what forbids to exchange one generation for another anywhere in a project.
_RESTORES = (b"Checkpoint", b"load_model", b"load_weights", b".restore(", b"BackupAndRestore", b"ptimizer.set_weights",
             b"from_saved_model", b"saved_model.load")
_CHECKS = (b"isinstance(opt", b"isinstance(self.opt", b"isinstance(self._opt", b"isinstance(model.opt",
           b"Optimizer)", b"optimizers.Adam)", b"Adam):")
_RATES = (b"ReduceLROnPlateau", b"LearningRateScheduler", b".lr", b".learning_rate", b"setattr")  # one of them is in all of these:
_SETS_RATE = re.compile(
    rb"""ReduceLROnPlateau|LearningRateScheduler"""
    rb"""|(?i:opt\w*)\.(?:lr|learning_rate)(?:\.assign|\s*[-+*/]?=(?!=))"""
    rb"""|set_value\([^)\n]*\.(?:lr|learning_rate)\b|setattr\([^)\n]*["'](?:lr|learning_rate)\b"""
)
# What may give an optimizer sparse gradients, which some of the two generations treat otherwise.
_SPARSE = (
    b"mbedding", b"gather", b"IndexedSlices", b"boolean_mask", b"sparse_read", b"nce_loss", b"sampled_softmax", b"keras_nlp", b"keras_hub",
)  # fmt: skip
_GRAPH = (b"disable_eager_execution", b"disable_v2_behavior")
_LEGACY = re.compile(rb"\blegacy\.(Adam|AdamW|Nadam|Adamax)\b|optimizers\.legacy|optimizers import [^\n]*\blegacy\b|optimizer_v2|adam_v2")
# Estimators and parameter servers, by whatever name TensorFlow is imported: they take optimizers of the legacy classes alone.
_WANTING_LEGACY = re.compile(
    rb"""\b(?:tf|tensorflow)[\w.]*\.estimator\b|tensorflow_estimator|tensorflow[\w.]*[ ]import[ ][^\n]*\bestimator\b"""
    rb"""|model_to_estimator|\bestimator\.(?:\w*(?:Estimator|Classifier|Regressor|Spec)|RunConfig)\b|ParameterServerStrategy"""
)
_FOREIGN = (
    b"deepctr", b"transformers", b"tensorflow_hub", b"horovod", b"larq", b"official.", b"tf_keras", b"tensorflow.python.keras",
)  # fmt: skip


@dataclass(frozen=True)
class Project:
    """What the files of a project tell together: mostly about fixes that exchange one generation of an optimizer for another."""

    restores: bool = False  # makes a Checkpoint, or loads or restores a model, weights or an optimizer
    checks_types: bool = False  # isinstance-checks or subclasses an optimizer
    foreign: bool = False  # uses a package whose models may not be of the public Keras, or what wants the legacy classes
    graph: bool = False  # turns eager execution off
    legacy: bool = False  # names optimizers of the legacy line
    variable: bool = False  # names TF_USE_LEGACY_KERAS
    sets_rate: bool = False  # sets the rate of an optimizer that is there already, itself or by a callback
    sparse: bool = False  # may train what has sparse gradients, as an Embedding has

    def __or__(self, other: Project) -> Project:
        return Project(*(mine or its for mine, its in zip(astuple(self), astuple(other), strict=True)))

    @property
    def forbids(self) -> str:
        """Why the generation must not change, in words; "" where nothing speaks against it."""
        if self.restores:
            return "the project restores checkpoints, models or weights"
        if self.checks_types:
            return "the project checks or subclasses optimizer types"
        if self.graph:
            return "the project turns eager execution off"
        return "the project uses another Keras package, Estimators or parameter servers" if self.foreign else ""


def is_named(data: bytes) -> bool:
    """Tell whether a file names a Keras, or us, at all, or may use a model that another file made: the cheapest of the questions."""
    return any(word in data for word in (*_FRAMEWORK, *_SUPPRESSION)) or _uses_a_model(data)


def _uses_a_model(data: bytes) -> bool:
    return b"import " in data and _USES.search(data) is not None and not any(word in data for word in _OTHER)


def may_matter(data: bytes, codes: Iterable[str]) -> bool:
    """Tell whether a rule of these codes can find anything in the bytes of a file."""
    if any(word in data for word in _SUPPRESSION):
        return True
    if not any(word in data for word in _FRAMEWORK) and not _uses_a_model(data):
        return False
    return mentions(data, codes if any(word in data for word in _OPTIMIZER) else _WITHOUT_OPTIMIZER & set(codes))


def mentions(data: bytes, codes: Iterable[str]) -> bool:
    """Tell whether a word of one of these rules occurs, whatever the framework: it may be imported in another cell."""
    words = frozenset(_ESCAPE.sub(b" ", data).translate(_WORD_TABLE).split())
    needles = {needle for code in codes for needle in NEEDLES.get(code, ())}
    return any(needle in (words if needle.replace(b"_", b"").isalnum() else data) for needle in needles)


def wants_legacy(data: bytes) -> bool:
    """Tell whether a file uses what takes optimizers of the legacy classes alone."""
    return (b"estimator" in data or b"ParameterServer" in data) and _WANTING_LEGACY.search(data) is not None


def scan_project(data: bytes) -> Project:
    """Return what one file tells about the safety of fixes, by words alone: a false yes only makes a fix unsafe."""
    if not any(word in data for word in _FRAMEWORK):
        return Project()
    optimizes = b"ptimizer" in data
    return Project(
        restores=any(word in data for word in _RESTORES),
        checks_types=optimizes and any(word in data for word in _CHECKS),
        foreign=any(word in data for word in _FOREIGN) or wants_legacy(data),
        graph=any(word in data for word in _GRAPH),
        variable=b"TF_USE_LEGACY_KERAS" in data,
        legacy=optimizes and _LEGACY.search(data) is not None,
        sets_rate=any(word in data for word in _RATES) and _SETS_RATE.search(data) is not None,
        sparse=any(word in data for word in _SPARSE),
    )
