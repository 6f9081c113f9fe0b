"""What a byte search tells of a file before anything is parsed: whether a rule can find something, and what a fix must heed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# A rule finds nothing in a file without one of its words; measured on 10,639 files, this leaves one in twenty to parse (FUNNEL.md).
NEEDLES: dict[str, tuple[bytes, ...]] = {
    "ADM101": (b"adam", b"Adam", b"ADAM"),
    "ADM102": (b"Adam", b"optimizers"),
    "ADM104": (b"ptimizer",),
    "ADM201": (b"legacy",),
    "ADM202": (b"experimental",),
    "ADM203": (b"keras.src", b"python.keras", b"optimizer_v2", b"_v2", b"optimizer_experimental", b"keras.api", b"_impl", b"keras.engine",
               b"keras.optimizers.adam", b"import adam", b"keras.optimizers.legacy", b"from keras.optimizers"),
    "ADM205": (b"Adam", b"Lion", b"Lamb", b"Adafactor", b"Muon", b"keras.optimizers", b"legacy"),
    "ADM301": (b"lr",),
    "ADM302": (b"decay",),
    "ADM401": (b"TF_USE_LEGACY_KERAS",),
    "ADM402": (b"TF_USE_LEGACY_KERAS",),
    "ADM501": (b"weight_decay", b"AdamW"),
    "ADM601": (b"_decayed_lr", b"_hyper", b"_create_", b"_weights", b"_name", b"_compute_gradients", b"_resource_apply", b"_get_gradients",
               b"_aggregate_gradients", b"_transform_gradients", b"_assert_valid_dtypes", b"_initial_decay", b"_prepare", b"_fallback_apply_state",
               b"_slots", b"_call_if_callable", b"_restore_slot_variable"),
    "ADM602": (b"lr",),
    "ADM603": (b"get_updates", b"get_weights", b"set_weights", b"minimize", b"variables()", b"get_slot", b"add_slot", b"set_value", b"get_gradients",
               b".weights", b"add_weight", b"compute_gradients", b"get_slot_names", b".decay"),
    "ADM604": (b"_resource_apply", b"get_updates", b"_create_slots", b"get_gradients", b"_compute_gradients"),
}  # fmt: skip
_FRAMEWORK = (b"keras", b"tensorflow", b"KERAS")
_SUPPRESSION = (b"ADM", b"adamlint:")

# DESIGN.md §5 (b): what forbids to exchange one generation for another anywhere in a project.
_RESTORES = (b"Checkpoint", b"load_model", b"load_weights", b".restore(", b"from_saved_model", b"saved_model.load")
_CHECKS = (b"isinstance(opt", b"isinstance(self.opt", b"isinstance(self._opt", b"isinstance(model.opt", b"Optimizer)", b"optimizers.Adam)", b"Adam):")
_GRAPH = (b"disable_eager_execution", b"disable_v2_behavior")
_FOREIGN = (
    b"deepctr", b"transformers", b"tensorflow_hub", b"horovod", b"larq", b"official.", b"tf_keras", b"tensorflow.python.keras",
)  # fmt: skip


@dataclass(frozen=True)
class Project:
    """What the files of a run tell about fixes that exchange one generation of an optimizer for another."""

    restores: bool = False  # makes a Checkpoint, or loads or restores a model, weights or an optimizer
    checks_types: bool = False  # isinstance-checks or subclasses an optimizer
    foreign: bool = False  # uses a package whose models may not be of the public Keras
    graph: bool = False  # turns eager execution off

    def __or__(self, other: Project) -> Project:
        return Project(
            self.restores or other.restores,
            self.checks_types or other.checks_types,
            self.foreign or other.foreign,
            self.graph or other.graph,
        )

    @property
    def forbids(self) -> str:
        """Why the generation must not change, in words; "" where nothing speaks against it."""
        if self.restores:
            return "the project restores checkpoints, models or weights"
        if self.checks_types:
            return "the project checks or subclasses optimizer types"
        if self.graph:
            return "the project turns eager execution off"
        return "the project uses models of another Keras package" if self.foreign else ""


def may_matter(data: bytes, codes: Iterable[str]) -> bool:
    """Tell whether a rule of these codes can find anything in the bytes of a file."""
    if any(word in data for word in _SUPPRESSION):
        return True
    return any(word in data for word in _FRAMEWORK) and mentions(data, codes)


def mentions(data: bytes, codes: Iterable[str]) -> bool:
    """Tell whether a word of one of these rules occurs, whatever the framework: it may be imported in another cell."""
    return any(word in data for code in codes for word in NEEDLES.get(code, ()))


def scan_project(data: bytes) -> Project:
    """Return what one file tells about the safety of fixes, by words alone: a false yes only makes a fix unsafe."""
    if not any(word in data for word in _FRAMEWORK):
        return Project()
    return Project(
        any(word in data for word in _RESTORES),
        b"ptimizer" in data and any(word in data for word in _CHECKS),
        any(word in data for word in _FOREIGN),
        any(word in data for word in _GRAPH),
    )
