"""The facts of the atlas while they are gathered: rows by subject, and what classes and families of classes share."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

PLACES = {  # what the probe calls an environment -> how adamlint names it
    "linux": "linux eager",
    "tf1_disable_eager": "linux graph",
    "mac": "mac eager",
    "mac_tf1_disable_eager": "mac graph",
    "env1": "linux eager tf_keras",
    "tf1_disable_eager_env1": "linux graph tf_keras",
    "mac_env1": "mac eager tf_keras",
    "mac_tf1_disable_eager_env1": "mac graph tf_keras",
}
GENERATIONS = {"optimizer_v2": "optimizer_v2", "keras2_new": "keras2", "keras3": "keras3", "v1": "v1"}
STUB = "`keras.optimizers.legacy` is not supported in Keras 3"
NOISE = ("DeprecationWarning: non-integer arguments", "DeprecationWarning: __array__", "tf.function retracing")
VARIABLE = "TF_USE_LEGACY_KERAS"
OPTIMIZERS = "tensorflow.keras.optimizers"

Raw = dict[str, Any]


class Fact(NamedTuple):
    """The same fields as adamlint.atlas.Fact, in its order."""

    outcome: str
    generation: str | None = None
    cls: str | None = None
    error: str | None = None
    message: str | None = None


class Spot(NamedTuple):
    """A column of the table: a place and a release."""

    place: str
    release: str


Row = dict[Spot, Fact]


def tidy(message: str | None) -> str | None:
    """A message without what differs from run to run: addresses, counters, the order of a set, and long tails."""
    if message is None:
        return None
    text = " ".join(message.split())
    text = re.sub(r"( object)? at 0x[0-9a-f]+", "", text)
    text = re.sub(r"(not recognized: )\{('\w+'): .*\}", r"\1\2", text)
    text = re.sub(r" Allowed kwargs are \{.*", "", text)
    text = re.sub(r"^(UserWarning|absl\.WARNING|tensorflow\.WARNING): ", "", text)
    text = re.sub(r" \(<site-packages>.*\)$", "", text)
    text = re.sub(r"\bdense_\d+", "dense", text)
    text = re.sub(r"\{\{function_node \S+\}\} ", "", text)
    return text if len(text) <= 140 else text[:137] + "..."


def warnings_of(raw: Raw) -> list[str]:
    """The warnings that are about optimizers."""
    return [text for text in raw.get("warnings", []) if not any(noise in text for noise in NOISE)]


def fact_of(raw: Raw) -> Fact:
    """The fact in one raw row of an object that was made, or failed to be."""
    if raw["status"] == "error":
        return Fact("raises", None, None, raw["error"], tidy(raw["message"]))
    made = raw.get("inner", raw)
    generation = GENERATIONS.get(made.get("generation", ""))
    warned = warnings_of(raw)
    message = tidy(warned[0]) if warned else None
    return Fact("warns" if warned else "ok", generation, made.get("class"), None, message)


def truth_of(raw: Raw) -> Fact:
    """The fact in one raw row of an ``isinstance`` or ``hasattr``: ok is True, ignored is False."""
    if raw["status"] == "error":
        return fact_of(raw)
    return Fact("ok" if raw["value"] == "bool: True" else "ignored")


class Family(NamedTuple):
    """Classes that share their base class: they come from one package and one generation."""

    package: str
    generation: str


def family_of(fact: Fact) -> Family | None:
    """The family of the optimizer that a fact is about."""
    if fact.cls is None or fact.generation is None:
        return None
    return Family(fact.cls.split(".")[0], fact.generation)


class Table:
    """All facts while they are gathered."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.classes: dict[str, dict[str, dict[str, Fact]]] = {}  # class -> row -> release
        self.signatures: dict[str, dict[str, str]] = {}  # class -> release
        self.families: dict[Family, dict[str, dict[str, Fact]]] = {}
        self.keras: dict[str, str] = {}  # release -> version of the package keras
        self.tf_keras: dict[str, str] = {}
        self.names: dict[str, dict[str, frozenset[str]]] = {}  # what public modules have: by module and release
        self.spots: set[Spot] = set()  # where resolution was measured

    def put(self, key: str, spot: Spot, fact: Fact) -> None:
        """Record a fact; what is read later wins."""
        self.rows.setdefault(key, {})[spot] = fact

    def get(self, key: str, spot: Spot) -> Fact | None:
        """The fact recorded for a row at a spot."""
        return self.rows.get(key, {}).get(spot)

    def put_class(self, cls: str, key: str, release: str, fact: Fact) -> None:
        """Record a fact about a class."""
        self.classes.setdefault(cls, {}).setdefault(key, {})[release] = fact

    def put_family(self, family: Family, key: str, release: str, fact: Fact) -> None:
        """Record a fact about what a family of classes shares."""
        self.families.setdefault(family, {}).setdefault(key, {})[release] = fact

    def releases(self) -> list[str]:
        """All releases, oldest first; those of Keras 3 ("keras 3.6") after those of TensorFlow."""
        found = {spot.release for spot in self.spots}
        return sorted(found, key=lambda text: (" " in text, [int(part) for part in text.split()[-1].split(".")]))


def rooted(name: str) -> str:
    """``tf.…`` as ``tensorflow.…``."""
    return re.sub(r"^tf\.", "tensorflow.", name)
