"""What kind of Keras thing a value is: an optimizer class or instance, a model, a callback, and of which Keras package."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import libcst as cst

from adamlint.names.canonical import in_keras, wraps_model
from adamlint.values.evaluate import Values
from adamlint.values.value import Abroad, Const, Local, Member, Partial, Ref, Result, Value

OPTIMIZERS = frozenset({
    "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb", "Lion", "LossScaleOptimizer", "Muon", "Nadam",
    "Optimizer", "RMSprop", "SGD",
})  # fmt: skip
ADAMS = frozenset({"Adam", "AdamW", "Nadam", "Adamax"})  # Adam and its kin: what the ADM1xx rules speak of

_MODELS = frozenset({
    "Model", "Sequential", "Functional", "Model.from_config", "Sequential.from_config", "load_model", "clone_model",
    "model_from_json", "model_from_yaml", "model_from_config", "clone_and_build_model", "multi_gpu_model",
})  # fmt: skip
# What gives a model of tf.keras in libraries (read in their sources: models/task.py, segmentation_models/__init__.py, _model_unet_2d.py,
# deepctr/models/deepfm.py, keras/adversarial_regularization.py); some releases of them make it with another Keras.
_LIBRARY_MODELS = re.compile(
    r"keras_(?:cv|nlp|hub)\.(?:src\.)?models\.(?:\w+\.)*[A-Z]\w*(?:\.from_preset)?"
    r"|segmentation_models\.(?:models\.[a-z]+\.)?(?:Unet|Linknet|FPN|PSPNet)"
    r"|keras_unet_collection\.models\.\w+_2d"
    r"|neural_structured_learning\.keras\.(?:\w+\.)?(?:Adversarial|Graph)Regularization"
    r"|deepctr\.models\.(?:[a-z]\w*\.)*x?[A-Z]\w*"
)
_CALLBACK = "callbacks."
_ROOTS = (Ref("builtins.object"), Ref("abc.ABC"))  # bases without members of their own
_BASES = 8  # classes on top of each other
_STAND_INS = ("*", "Optimizer", "LossScaleOptimizer")  # Adam's rows answer for what the atlas has none of


@dataclass(frozen=True)
class OptimizerClass:
    """An optimizer class of a Keras package; ``name`` is ``*`` where `getattr(optimizers, …)` hides it."""

    package: str
    path: str  # the canonical dotted path it is reached by
    name: str

    @property
    def legacy(self) -> bool:
        """Whether it is named through a namespace that only ever holds the OptimizerV2 line."""
        return any(part in self.path for part in (".legacy.", "optimizer_v2", "_v2.", "tensorflow.compat.v1"))

    @property
    def always_legacy(self) -> bool:
        """Whether it is of the OptimizerV2 line wherever it can be had: in Keras 3 `tf.compat.v1.keras` is Keras 3."""
        return self.legacy and self.package != "tensorflow.compat.v1.keras"

    @property
    def asked(self) -> str:
        """The path by which the atlas is asked: Adam stands for a class whose name is hidden."""
        return self.path[:-1] + "Adam" if self.name == "*" else self.path


def optimizer_class(value: Value) -> OptimizerClass | None:
    """Return the optimizer class that a name stands for, by any of its import paths."""
    if isinstance(value, Partial):
        return optimizer_class(value.callee)
    split = in_keras(value.name) if isinstance(value, Ref) else None
    if split is None or not isinstance(value, Ref):
        return None
    package, rest = split
    parts = rest.split(".")
    home = [part for part in parts[:-1] if part not in ("src", "_impl", "api")]
    if not home or not home[0].startswith(("optimizer", "adam_v2", "mixed_precision")):
        return None
    known = parts[-1] in OPTIMIZERS or (parts[-1] == "*" and home[-1] in ("optimizers", "legacy", "experimental"))
    return OptimizerClass(package, value.name, parts[-1]) if known else None


def made_by(value: Value) -> str:
    """Return the name within Keras of what made a value: `callbacks.EarlyStopping`; "" for what is not of Keras."""
    split = in_keras(value.callee.name) if isinstance(value, Result) and isinstance(value.callee, Ref) else None
    return split[1] if split is not None else ""


def _is_model_maker(rest: str) -> bool:
    parts = rest.split(".")
    if "applications" in parts[:-1]:
        return parts[-1][:1].isupper() or parts[-1] == "*"
    return ".".join(parts[-2:]) in _MODELS or parts[-1] in _MODELS


class Kinds:
    """Sorts the values of one file."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self._wrapping: list[cst.Call] = []

    def every(self, node: cst.CSTNode, kind: Callable[[Value], str | None]) -> str | None:
        """Return the Keras package of ``node`` if all alternatives are of this kind, not counting None; else None."""
        found = {kind(value) for value in self.values.of(node) if not _is_none(value)}
        return next(iter(sorted(p for p in found if p)), None) if found and None not in found else None

    def is_super(self, node: cst.BaseExpression) -> bool:
        """Tell whether an expression is `super()`."""
        return isinstance(node, cst.Call) and self.values.names(node.func) == ("builtins.super",)

    def model(self, value: Value) -> str | None:
        """Return the Keras package of a model."""
        if isinstance(value, Result):
            callee = value.callee
            if isinstance(callee, Ref) and wraps_model(callee.name):
                return self._wrapped(value.call)
            if isinstance(callee, Ref) and _LIBRARY_MODELS.fullmatch(callee.name):
                return "tensorflow.keras"
            split = in_keras(callee.name) if isinstance(callee, Ref) else None
            if split is not None:
                return split[0] if _is_model_maker(split[1]) else None
            return self._inherits(callee, lambda rest: rest.split(".")[-1] in ("Model", "Sequential", "Functional"))
        if isinstance(value, Member) and value.name == "model" and isinstance(value.owner, Result):
            return self._inherits(value.owner.callee, lambda rest: _CALLBACK in rest)
        return None

    def _wrapped(self, call: cst.Call | None) -> str | None:
        if call is None or not call.args or call in self._wrapping:
            return None
        self._wrapping.append(call)  # a loop may give a function its own result
        found = self.every(call.args[0].value, self.model)
        self._wrapping.pop()
        return found

    def optimizer(self, value: Value) -> str | None:
        """Return the Keras package of an optimizer instance, however it was come by."""
        if isinstance(value, Member) and value.name == "optimizer":
            return self.model(value.owner)
        if isinstance(value, Member) and value.name in ("inner_optimizer", "_optimizer"):
            return self.optimizer(value.owner)
        if not isinstance(value, Result):
            return None
        cls = optimizer_class(value.callee)
        if cls is not None:
            return cls.package
        split = in_keras(value.callee.name) if isinstance(value.callee, Ref) else None
        if split is not None:
            return split[0] if split[1] in ("optimizers.get", "optimizers.deserialize") or self._from_config(value.callee) else None
        return self._inherits(value.callee, _is_optimizer_path)

    @staticmethod
    def _from_config(callee: Value) -> Ref | None:
        """Return the optimizer class whose `from_config` a callable is."""
        if not isinstance(callee, Ref) or not callee.name.endswith(".from_config"):
            return None
        made = Ref(callee.name.removesuffix(".from_config"))
        return made if optimizer_class(made) is not None else None

    def optimizer_path(self, value: Value) -> str | None:
        """Return the path by which the atlas is asked about an instance: its class, or Adam of the package where hidden."""
        package = self.optimizer(value)
        if package is None:
            return None
        cls = optimizer_class(value.callee) if isinstance(value, Result) else None
        if cls is not None and cls.name != "*":
            return cls.path
        for base in self.ancestry(value.callee) if isinstance(value, Result) else ():
            known = optimizer_class(base)
            if known is not None:
                return known.path
        return f"{package}.optimizers.Adam"

    def member_paths(self, value: Value) -> list[str]:
        """Return the class paths by which the atlas is asked about the members of an optimizer instance.

        None where it may be no Keras optimizer, one of a legacy class, or of a class with a base that is not known.
        """
        package = self.optimizer(value)
        callee = (self._from_config(value.callee) or value.callee) if isinstance(value, Result) else None
        bases = list(self.ancestry(callee)) if callee is not None else []
        known = [cls for base in (callee, *bases) if base is not None and (cls := optimizer_class(base)) is not None]
        foreign = [base for base in bases if not isinstance(base, (Local, Abroad)) and optimizer_class(base) is None and base not in _ROOTS]
        if package is None or foreign or any(cls.always_legacy for cls in known):
            return []
        if isinstance(callee, Ref) and callee.name == f"{package}.optimizers.deserialize":
            return ["tensorflow.compat.v1.keras.optimizers.Adam"]  # legacy up to 2.15, as what a config with content gives
        stand_in = f"{package}.optimizers.Adam"
        return [stand_in if cls.name in _STAND_INS else cls.path for cls in known] or [stand_in]

    def ancestry(self, value: Value) -> Iterator[Value]:
        """Yield the base classes of a class of this file, nearest first, down to names from outside."""
        seen: set[Value] = set()
        stack = [value]
        while stack:
            current = stack.pop(0)
            if current in seen:
                continue
            seen.add(current)
            bases = current.bases if isinstance(current, Abroad) else ()
            if isinstance(current, Local) and isinstance(current.node, cst.ClassDef):
                bases = self.values.bases(current.node)
            yield from bases
            stack += bases

    def built_on(self, value: Value) -> list[Value]:
        """Return the classes whose constructor runs when a class is called: its own bases where it defines none."""
        for _ in range(_BASES):
            if isinstance(value, Abroad):
                bases, constructs = value.bases, value.constructs
            elif isinstance(value, Local) and isinstance(value.node, cst.ClassDef):
                bases, constructs = self.values.bases(value.node), bool(self.values.flow.scopes.bindings(value.node, "__init__"))
            else:
                return [value]
            bases = tuple(base for base in bases if base not in _ROOTS)
            if len(bases) != 1 or constructs:
                return [value]
            value = bases[0]
        return [value]

    def _inherits(self, callee: Value, wanted: Callable[[str], bool]) -> str | None:
        for base in self.ancestry(callee):
            split = in_keras(base.name) if isinstance(base, Ref) else None
            if split is not None and wanted(split[1]):
                return split[0]
        return None


def _is_optimizer_path(rest: str) -> bool:
    return rest.startswith(("optimizer", "src.optimizers")) and rest.split(".")[-1] in OPTIMIZERS


def _is_none(value: Value) -> bool:
    return isinstance(value, Const) and value.value is None
