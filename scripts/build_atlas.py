"""Turn measurements into ``adamlint/atlas/facts.json``, the data behind the look-ups.

    python scripts/build_atlas.py [--out FILE] [MEASUREMENT …]

A measurement is what ``scripts/measure.py`` writes (JSON, may be gzipped); without arguments all of ``scripts/measured``.
Only what was measured gets in, plus a few inferences, each a function named ``infer_…`` that says what it rests on.
"""

from __future__ import annotations

import argparse
import ast
import gzip
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
FACTS = HERE.parent / "adamlint" / "atlas" / "facts.json"

PLACES = {  # what the probe calls an environment -> how adamlint names it
    "linux": "linux eager",
    "mac": "mac eager",
    "tf1_disable_eager": "linux graph",
    "mac_tf1_disable_eager": "mac graph",
    "env1": "linux eager tf_keras",
    "mac_env1": "mac eager tf_keras",
    "tf1_disable_eager_env1": "linux graph tf_keras",
    "mac_tf1_disable_eager_env1": "mac graph tf_keras",
}
GENERATIONS = {"optimizer_v2": "optimizer_v2", "keras2_new": "keras2", "keras3": "keras3", "v1": "v1"}
STUB = "`keras.optimizers.legacy` is not supported in Keras 3"
NOISE = ("DeprecationWarning: non-integer arguments", "DeprecationWarning: __array__", "tf.function retracing")
VARIABLE = "TF_USE_LEGACY_KERAS"

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
    text = re.sub(r"\{\{function_node \S+\}\} ", "", text)
    return text if len(text) <= 160 else text[:157] + "..."


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
        """All releases, oldest first."""
        return sorted({spot.release for spot in self.spots}, key=lambda text: [int(part) for part in text.split(".")])


# ------------------------------------------------------------------ resolution

ROOT = {"tf": "tensorflow", "tf.keras": "tensorflow.keras"}
MADE = re.compile(r"(tf(?:\.compat\.v1)?(?:\.keras\.optimizers|\.train)(?:\.legacy|\.experimental)?\.[A-Z]\w*)\(\)")
KERAS_MADE = re.compile(r"(?:import keras; )?((?:tf_)?keras\.optimizers(?:\.legacy|\.experimental)?\.[A-Z]\w*)\(\)")
CLASS = re.compile(r"(tf\.keras\.optimizers(?:\.legacy)?\.\w+) \(class\)")
FROM = re.compile(r"from (\S+) import (\w+)")
NAMED = (
    (re.compile(r"compile\('([a-z]+)'\)"), "tensorflow.keras"),
    (re.compile(r"import keras; keras model compile\('([a-z]+)'\)"), "keras"),
    (re.compile(r"tf_keras compile\('([a-z]+)'\)"), "tf_keras"),
    (re.compile(r"from tensorflow\.python\.keras\.optimizers import get; get\('([a-z]+)'\)"), "tensorflow.python.keras"),
)
CONFIGS = {
    "tf.keras.optimizers.get({class_name:Adam})": "get full",
    "tf.keras.optimizers.deserialize({class_name:Adam})": "deserialize full",
    "tf.keras.optimizers.get({class_name:Adam,config:{}})": "get empty",
    "tf.keras.optimizers.deserialize({class_name:adam,config:{}})": "deserialize empty",
    "compile({'class_name':'Adam','config':{}})": "compile empty",
    "compile({'class_name':'Adam','config':{'learning_rate':0.001}})": "compile full",
}
OPTIMIZERS = "tensorflow.keras.optimizers"
INSTANCES = {
    "isinstance(Adam(), tf.keras.optimizers.Optimizer)": (f"{OPTIMIZERS}.Adam", f"{OPTIMIZERS}.Optimizer"),
    "isinstance(legacy.Adam(), tf.keras.optimizers.Optimizer)": (f"{OPTIMIZERS}.legacy.Adam", f"{OPTIMIZERS}.Optimizer"),
    "isinstance(Adam(), tf.keras.optimizers.legacy.Optimizer)": (f"{OPTIMIZERS}.Adam", f"{OPTIMIZERS}.legacy.Optimizer"),
}
FITS = re.compile(r"fit\((tf\.keras\.optimizers\.[\w.]+)\(\)\)")


def rooted(name: str) -> str:
    """``tf.…`` as ``tensorflow.…``."""
    return re.sub(r"^tf\.", "tensorflow.", name)


def read_resolution(table: Table, form: str, raw: Raw, spot: Spot) -> None:
    """File one row of the section "resolution" under the subjects that it answers."""
    for pattern, package in NAMED:
        if found := pattern.fullmatch(form):
            table.put(f"name {package} {found[1]}", spot, fact_of(raw))
    if found := MADE.fullmatch(form) or KERAS_MADE.fullmatch(form):
        fact = fact_of(raw)
        table.put(f"make {rooted(found[1])}", spot, fact)
        if found[1] in ("keras.optimizers.Adam", "tf_keras.optimizers.Adam"):
            table.put(f"import {found[1].split('.')[0]}", spot, fact if fact.error == "ModuleNotFoundError" else Fact("ok"))
    if found := CLASS.fullmatch(form):
        table.put(f"class {rooted(found[1])}", spot, fact_of(raw))
        read_import(table, rooted(found[1]), raw, spot)
    if form in CONFIGS:
        table.put(f"config tensorflow.keras {CONFIGS[form]}", spot, fact_of(raw))
    if form in INSTANCES:
        table.put(f"instance {' '.join(INSTANCES[form])}", spot, truth_of(raw))
    if form == "compile(tf.keras.optimizers.Adam)":
        table.put(f"pass {OPTIMIZERS}.Adam", spot, fact_of(raw))
    if found := FITS.fullmatch(form):
        table.put(f"train tensorflow.keras {rooted(found[1])}", spot, fact_of(raw))
    if form == "dir(tf.keras.optimizers)" and raw["status"] != "error":
        read_names(table, OPTIMIZERS, raw["value"], spot)
    if form == "dir(tf.keras.optimizers.legacy)" and raw["status"] != "error":
        read_names(table, f"{OPTIMIZERS}.legacy", raw["value"], spot)
    if found := FROM.fullmatch(form):
        read_from(table, found[1], found[2], raw, spot)


def read_names(table: Table, module: str, value: str, spot: Spot) -> None:
    """``dir(module)``: each class in it can be imported. Long values are cut, so what is not in it tells nothing."""
    cut = len(value) >= 220
    names = value.removeprefix("str: ").strip("'").split()
    for name in names[:-1] if cut else names:
        if name[0].isupper() and name.isidentifier():
            table.put(f"import {module}.{name}", spot, Fact("ok"))


def read_import(table: Table, path: str, raw: Raw, spot: Spot) -> None:
    """A class that was reached can be imported (the legacy stubs of Keras 3 too: only calling them raises)."""
    if raw["status"] != "error":
        table.put(f"import {path}", spot, Fact("ok", None, raw["class"]))


def read_from(table: Table, module: str, name: str, raw: Raw, spot: Spot) -> None:
    """``from module import name``, then a call: what the import did, and for private modules what the call gave."""
    path, fact = f"{module}.{name}", fact_of(raw)
    failed = fact.error in ("ImportError", "ModuleNotFoundError") and not (fact.message or "").startswith(STUB)
    missing = fact.error == "ModuleNotFoundError"
    table.put(f"import {path}", spot, fact if failed else Fact("ok", None, fact.cls))
    table.put(f"import {module}", spot, fact if missing else Fact("ok"))
    if name.islower():  # a module such as adam_v2, whose Adam was called
        path += ".Adam"
    if not module.startswith("tensorflow.keras") and name != "ExponentialDecay":
        table.put(f"make {path}", spot, fact)


def read_places(table: Table, release: str, section: Raw) -> None:
    """The section "resolution" of one label: one dictionary of rows for each environment."""
    for environment, rows in section.items():
        if environment not in PLACES or not isinstance(rows, dict) or "error" in rows:
            continue
        spot = Spot(PLACES[environment], release)
        table.spots.add(spot)
        for form, raw in rows.items():
            if isinstance(raw, dict) and "status" in raw:
                read_resolution(table, form, raw, spot)


# ------------------------------------------------------------------ constructor

VALUES = {
    "None": "None",
    "0": "0",
    "0.": "0",
    "0.0": "0",
    "-1": "-1",
    "1.5": "1.5",
    "False": "False",
    "schedule": "schedule",
    "ExponentialDecay": "schedule",
    "callable": "callable",
    "tf.Variable": "Variable",
    "tf.constant": "tensor",
    "'0.01'": "str",
    "int": "int",
}
JOINED = {
    "lr=0.01,learning_rate=0.01": "lr+learning_rate",
    "lr=0.01,decay=1e-6": "lr+decay",
    "clipnorm+clipvalue": "clipnorm+clipvalue",
    "clipnorm+global_clipnorm": "clipnorm+global_clipnorm",
    "clipvalue+global_clipnorm": "clipvalue+global_clipnorm",
    "positional 6th=name": "#6",
    "positional 6th=0.01": "#6",
    "positional(0.01)": "#1",
}


def argument_of(case: str) -> tuple[str, str]:
    """The argument and the kind of value in the name of a constructor case; ("", "") for the call without any."""
    if case in JOINED:
        return JOINED[case], "str" if case.endswith("=name") else ""
    if case == "(none)":
        return "", ""
    name, _, value = case.partition("=")
    if case == "gradient_aggregator=None":
        return name, ""  # the only case there is
    return name, VALUES.get(value, "")


def parameters_of(signature: str) -> dict[str, str | None]:
    """Parameter names with their defaults as text, in order, without ``self``, ``*`` and ``**``."""
    parsed = ast.parse(f"def f{signature}: pass").body[0]
    assert isinstance(parsed, ast.FunctionDef)
    names = [argument.arg for argument in parsed.args.args]
    defaults = [ast.unparse(default) for default in parsed.args.defaults]
    padded: list[str | None] = [None] * (len(names) - len(defaults)) + list(defaults)
    return {name: default for name, default in zip(names, padded, strict=True) if name != "self"}


def step_error(step: str | None) -> Fact | None:
    """What the first ``apply_gradients`` raised, if it did."""
    if step is None or step.startswith("list:"):
        return None
    error, _, message = step.partition(": ")
    return Fact("raises", None, None, error, tidy(message))


def argument_fact(argument: str, raw: Raw, plain_step: str | None, sibling: Fact | None) -> Fact | None:
    """What became of an argument.

    Accepted with a warning and the step no other than without it: ignored. Where no step was made (the first probe made
    one for Adam and AdamW only) the answer for Adam of the same base class, ``sibling``, decides; without it, None.
    Legacy classes are measured as "ok, no effect" for ``decay`` because only one step is made; over 50 steps legacy decay
    equals InverseTimeDecay (row "diff legacy decay vs InverseTimeDecay" of the numerics: 5.7e-06), so "ok" it stays.
    """
    fact = fact_of(raw)
    if fact.outcome == "raises":
        return fact
    step = raw.get("step")
    if failed := step_error(step):
        return failed
    if step is None and sibling is not None and sibling.outcome == "raises":
        return None
    if fact.outcome == "warns" and step is None:
        return sibling and fact._replace(outcome=sibling.outcome)
    if fact.outcome == "warns" and step == plain_step:
        return Fact("ignored", message=fact.message)
    return Fact(fact.outcome, message=fact.message)


def unknown_of(cases: Raw) -> Fact | None:
    """How the class answers to an argument that it has never heard of, with ``{name}`` in the message."""
    raw = cases.get("foo=1")
    if raw is None or raw["status"] != "error":
        return None
    fact = fact_of(raw)
    return fact._replace(message=re.sub(r"\bfoo\b", "{name}", fact.message or ""))


def is_unknown(fact: Fact, unknown: Fact | None, argument: str) -> bool:
    """Whether an argument failed as any unknown one does."""
    return unknown is not None and fact == unknown._replace(message=(unknown.message or "").replace("{name}", argument))


def read_class(table: Table, release: str, entry: Raw, siblings: dict[tuple[str, str], Fact]) -> dict[tuple[str, str], Fact]:
    """The constructor cases of one class; gives the facts by (argument, value)."""
    cls, cases = entry["class"], entry["kwargs"]
    table.signatures.setdefault(cls, {})[release] = entry["signature"]
    parameters = parameters_of(entry["signature"])
    unknown = unknown_of(cases)
    if unknown is not None:
        table.put_class(cls, "unknown", release, unknown)
    plain = cases["(none)"].get("step")
    facts: dict[tuple[str, str], Fact] = {}
    for case, raw in cases.items():
        argument, value = argument_of(case)
        if not argument or argument == "#1" or (argument == "#6" and "step" not in raw):
            continue
        fact = argument_fact(argument, raw, plain, siblings.get((argument, value)))
        if fact is not None:
            facts[argument, value] = fact
    for (argument, value), fact in facts.items():
        told = (value == "" and fact == Fact("ok") and argument in parameters) or (
            argument not in parameters and is_unknown(fact, unknown, argument)
        )
        if not told:
            table.put_class(cls, f"argument {argument} {value}".rstrip(), release, fact)
    return facts


def read_constructor(table: Table, release: str, section: Raw, place: str) -> None:
    """The section "constructor": every optimizer of every namespace."""
    spot = Spot(place, release)
    for namespace, entries in section.items():
        if not isinstance(entries, dict) or "status" in entries:
            continue
        module = rooted(namespace)
        siblings: dict[tuple[str, str], Fact] = {}
        for name in sorted(entries, key=lambda name: name != "Adam"):  # Adam first: the others' sibling
            path, entry = f"{module}.{name}", entries[name]
            if entry.get("missing"):
                read_missing(table, module, name, spot)
                continue
            table.put(f"import {path}", spot, Fact("ok", None, entry["class"]))
            made = fact_of({**entry["kwargs"]["(none)"], "class": entry["class"], "generation": entry["generation"]})
            if f"make {path}" not in table.rows or table.get(f"make {path}", spot) is None:
                table.put(f"make {path}", spot, made)
            if made.outcome != "raises":
                facts = read_class(table, release, entry, siblings)
                siblings = siblings or facts


def read_missing(table: Table, module: str, name: str, spot: Spot) -> None:
    """A name that the namespace has not: no attribute, and not to be imported."""
    gone = Fact("raises", None, None, "AttributeError", f"module '{module}' has no attribute '{name}'")
    if table.get(f"make {module}.{name}", spot) is None:
        table.put(f"make {module}.{name}", spot, gone)
    if table.get(f"import {module}.{name}", spot) is None:
        message = f"cannot import name '{name}' from '{module}'"
        table.put(f"import {module}.{name}", spot, Fact("raises", None, None, "ImportError", message))


def read_quick(table: Table, release: str, section: Raw) -> None:
    """The one-off rows: a string as sixth positional of Adam, then a step."""
    made = table.get(f"make {OPTIMIZERS}.Adam", Spot("linux eager", release))
    raw = section.get("Adam positional 6th 'Adam' string then step")
    if made is not None and made.cls is not None and raw is not None:
        fact = fact_of(raw) if raw["status"] == "error" else Fact("ok")
        table.put_class(made.cls, "argument #6 str", release, fact)


# ------------------------------------------------------------------ attributes

KEYWORD = re.compile(r"(\w+)\(.*?, (\w+)=(?:False|True|None|'x'|s)\)")
ACCESSES = (
    (re.compile(r"(\w+) \(get\)"), "get"),
    (re.compile(r"(\w+) \(attr\)"), "get"),
    (re.compile(r"(\w+) = schedule \(set\)"), "set schedule"),
    (re.compile(r"(\w+) = \S+ \(set\)"), "set"),
    (re.compile(r"K\.get_value\(o\.(\w+)\)"), "K.get_value"),
    (re.compile(r"K\.set_value\(o\.(\w+),\.1\)"), "K.set_value"),
    (re.compile(r"(\w+)\.assign\(.*\)"), "assign"),
    (re.compile(r"(\w+)\.numpy\(\)"), "numpy"),
    (re.compile(r"(\w+)\(\) \(call\)"), "call"),
    (re.compile(r"(apply_gradients)\(gv, 'x'\)"), "call(#2)"),
)
CALLED = re.compile(r"(\w+)\((?:gv|g|g,v|call|loss,params|var,'m'|lambda, v|lambda, var_list|get_weights\(\)|var_list|'\w+'|'\w+',\.\d|values|)\)(?: call)?")
CALLED_BARE = {"_decayed_lr", "_create_slots", "_create_all_weights", "_create_hypers", "add_slot", "_serialize_hyperparameter"}


def access_of(case: str) -> tuple[str, str] | None:
    """The member and the kind of access in the name of an attribute case; None for cases of another kind."""
    for pattern, access in ACCESSES:
        if found := pattern.fullmatch(case):
            return found[1], access
    if found := KEYWORD.fullmatch(case):
        return found[1], f"call({found[2]})"
    if found := CALLED.fullmatch(case):
        return found[1], "call"
    if re.fullmatch(r"\w+", case):
        return case, "call" if case in CALLED_BARE else "get"
    return None


def member_fact(member: str, access: str, raw: Raw) -> Fact | None:
    """What became of an access; None where the row failed for another reason than the member."""
    if "status" not in raw:
        return None  # the model could not be made
    if raw["status"] == "error":
        other = raw["error"] == "AttributeError" and f"'{member}'" not in raw["message"] and raw.get("hasattr") is True
        return None if other and access == "call" else fact_of(raw)
    if access in ("set", "K.set_value") and member in ("lr", "learning_rate") and raw["value"].startswith("float: "):
        rate = float(raw["value"].removeprefix("float: "))
        return Fact("ok") if abs(rate - 0.1) < 1e-3 else Fact("ignored", message="the learning rate stays as it was")
    warned = warnings_of(raw)
    return Fact("warns", message=tidy(warned[0])) if warned else Fact("ok")


def presence(member: str, case: str, raw: Raw) -> Fact | None:
    """What the probe's ``hasattr`` tells; it looked at the first word of the case."""
    if re.split(r"[( .]", case)[0] != member or not isinstance(raw.get("hasattr"), bool):
        return None
    gone = Fact("raises", None, None, "AttributeError", f"'Adam' object has no attribute '{member}'")
    return Fact("ok") if raw["hasattr"] else gone


def read_members(table: Table, release: str, entry: Raw) -> None:
    """The attribute cases of one class, filed under its family; what is known for Adam is not overwritten."""
    family = family_of(fact_of({"status": "ok", **entry}))
    if family is None:
        return
    known = table.families.setdefault(family, {})
    for case, raw in entry["attrs"].items():
        if (read := access_of(case)) is None:
            continue
        member, access = read
        there = presence(member, case, raw)
        for how, fact in ((access, member_fact(member, access, raw)), ("get", there)):
            key = f"member {member} {how}"
            if fact is not None and release not in known.get(key, {}):
                table.put_family(family, key, release, fact)


SUBCLASSES = {
    "subclass Adam overriding _resource_apply_dense": ("Adam", "_resource_apply_dense"),
    "subclass Adam overriding get_updates": ("Adam", "get_updates"),
    "subclass Adam overriding apply_gradients(gv,name=None,**kw)": ("Adam", "apply_gradients"),
    "subclass Optimizer with _resource_apply_dense (old API)": ("Optimizer", "_resource_apply_dense"),
    "subclass legacy.Optimizer with _resource_apply_dense": ("legacy.Optimizer", "_resource_apply_dense"),
}


def override_fact(raw: Raw) -> Fact:
    """Whether a method that a subclass defines is called: the probe's raises RuntimeError("CALLED")."""
    if raw["status"] == "error":
        return Fact("ok") if "CALLED" in raw["message"] else fact_of(raw)
    return Fact("ignored") if "ignored" in raw["value"] else Fact("ok")


def read_attributes(table: Table, release: str, section: Raw, place: str) -> None:
    """The section "attributes"."""
    for name in sorted(section, key=lambda name: name.endswith("AdamW")):  # AdamW has few rows: Adam's first
        if isinstance(section[name], dict) and "attrs" in section[name]:
            read_members(table, release, section[name])
    for case, (name, method) in SUBCLASSES.items():
        if case in section:
            table.put(f"override {OPTIMIZERS}.{name} {method}", Spot(place, release), override_fact(section[case]))


# ------------------------------------------------------------------ crossing, environment variable

MODELS = {"tf.keras": "tensorflow.keras", "keras": "keras", "tf_keras": "tf_keras"}
CROSSED = re.compile(r"(tf\.keras|keras|tf_keras) model \+ (\S+)(?: (\S+))?")
CROSSED_PATHS = {"tensorflow.python.keras": "tensorflow.python.keras.optimizer_v2.adam", "tf.compat.v1.train": ""}
SHARED = re.compile(r"(Adam|legacy\.Adam): (?:one instance, )?(.+)")


def crossed_path(package: str, name: str | None) -> str:
    """The path of the optimizer in the name of a crossing."""
    if name is None:
        return rooted(package)  # tf.compat.v1.train.AdamOptimizer
    if package == "tensorflow.python.keras":
        return "tensorflow.python.keras.optimizer_v2.adam.Adam"
    return f"{rooted(package)}.optimizers.{name}"


def read_crossing(table: Table, release: str, section: Raw, place: str) -> None:
    """The section "crossing": who trains what, one instance for two models, and the class in place of an instance."""
    spot = Spot(place, release)
    for case, raw in section.items():
        if not isinstance(raw, dict) or "status" not in raw or "LossScale" in case:
            continue
        if case == "tf.keras model + Adam class (not instance)":
            table.put(f"pass {OPTIMIZERS}.Adam", spot, fact_of(raw))
        elif found := CROSSED.fullmatch(case):
            table.put(f"train {MODELS[found[1]]} {crossed_path(found[2], found[3])}", spot, fact_of(raw))
        elif found := SHARED.fullmatch(case):
            table.put(f"shared {OPTIMIZERS}.{found[1]} {found[2]}", spot, fact_of(raw))


LATE = "after import tensorflow, before touching tf.keras: os.environ='1'"
EARLY = "before import tensorflow: os.environ='1'"
BAD = "before import tensorflow: os.environ='yes'"


def read_variable(table: Table, label: str, facts: Raw) -> None:
    """What TF_USE_LEGACY_KERAS does: not read where the release's source has no such word (meta.n_source_hits)."""
    release, with_tf_keras = label.split("+")[0], label.endswith("+tf_keras")
    spot, env = Spot("", release), facts.get("env", {})
    table.put("variable not a string", spot, Fact("raises", None, None, "TypeError", "str expected, not int"))
    if not facts["meta"]["n_source_hits"].get("tensorflow"):
        unread = Fact("ignored", message=f"TensorFlow {release} does not read {VARIABLE}")
        for use in ("on", "late", "bad value", "without tf_keras"):
            table.put(f"variable {use}", spot, unread)
        return
    if EARLY in env:
        if with_tf_keras:
            cls = env[EARLY]["tf.keras.optimizers.Adam"]
            table.put("variable on", spot, Fact("ok", "keras2", cls))
        else:
            table.put("variable without tf_keras", spot, Fact("raises", None, None, *split_error(env[EARLY]["tf.optimizers.Adam"])))
    if LATE in env and with_tf_keras:
        cls = env[LATE]["from tensorflow.keras.optimizers import Adam"]
        mixed = "tf.keras is tf_keras, but `from tensorflow.keras import` is not"
        table.put("variable late", spot, Fact("ignored", None, cls, None, mixed))
    accepted = 'in ("true", "True", "1")'
    if BAD in env or any(accepted in line for lines in facts["meta"]["source_hits"].values() for line in lines):
        table.put("variable bad value", spot, Fact("ignored", message="only 1, True and true mean on"))


def split_error(text: str) -> tuple[str, str | None]:
    """``ImportError: message`` in two."""
    error, _, message = text.partition(": ")
    return error, tidy(message)


# ------------------------------------------------------------------ inferences


def infer_same_package(table: Table) -> None:
    """Apple silicon and graph mode of a release that shares the very keras version with one where they were measured.

    The rows of ``tensorflow.keras`` and ``keras`` are Keras code, so the same package gives the same answer.
    """
    for place in ("linux eager", "mac eager", "linux graph", "mac graph"):
        donors = {table.keras[spot.release]: spot for spot in sorted(table.spots) if spot.place == place and spot.release in table.keras}
        for release in table.releases():
            donor = donors.get(table.keras.get(release, ""))
            if donor is None or donor.release == release:
                continue
            for key, row in table.rows.items():
                ours = re.match(r"\w+ (tensorflow\.keras|keras)\b", key)
                if ours and donor in row and Spot(place, release) not in row and same_start(table, key, donor, release):
                    row[Spot(place, release)] = row[donor]


def same_start(table: Table, key: str, donor: Spot, release: str) -> bool:
    """Whether the plain row of the two releases agrees where both have it."""
    plain, other = table.get(key, Spot("linux eager", release)), table.get(key, Spot("linux eager", donor.release))
    return plain is None or other is None or plain == other


def infer_same_class_everywhere(table: Table) -> None:
    """What a constructor gives does not depend on platform or mode, where it does not for Adam of the same package.

    Apple silicon adds a warning to the new generation; it is taken over from Adam with the name put in.
    """
    spots = [Spot(place, release) for place in PLACES.values() for release in table.releases()]
    for key, row in table.rows.items():
        if not (found := re.fullmatch(r"make ((?:tensorflow\.|tf_)?keras\.optimizers)\.(?:\w+\.)?([A-Z]\w*)", key)):
            continue
        for spot in spots:
            plain = Spot("linux eager" + " tf_keras" * spot.place.endswith("tf_keras"), spot.release)
            adam, usual = table.get(f"make {found[1]}.Adam", spot), table.get(f"make {found[1]}.Adam", plain)
            if spot not in row and plain in row and adam and usual and adam.cls == usual.cls:
                row[spot] = with_warning(row[plain], adam, found[2])


def with_warning(fact: Fact, adam: Fact, name: str) -> Fact:
    """The fact with the warning that Adam of the same generation gave."""
    if fact.outcome != "ok" or adam.outcome != "warns" or fact.generation != adam.generation:
        return fact
    return fact._replace(outcome="warns", message=(adam.message or "").replace(".Adam", f".{name}"))


def names_of(table: Table, module: str, verb: str = "make") -> list[str]:
    """The class names that there are rows for in a module."""
    keys = (key.rpartition(".") for key in table.rows if key.startswith(f"{verb} {module}."))
    return [name for head, _, name in keys if head == f"{verb} {module}"]


def infer_same_namespace(table: Table) -> None:
    """``keras.optimizers.X`` is ``tensorflow.keras.optimizers.X`` where Adam is the same in both (legacy likewise).

    The same goes for what there is in ``tensorflow.keras.optimizers.experimental``, for names that it was measured to have.
    """
    pairs = [
        ("keras.optimizers", OPTIMIZERS),
        ("keras.optimizers.legacy", f"{OPTIMIZERS}.legacy"),
        (f"{OPTIMIZERS}.experimental", OPTIMIZERS),
    ]
    known = names_of(table, f"{OPTIMIZERS}.experimental")
    for verb in ("make", "import"):
        for theirs, ours in pairs:
            subset = theirs.endswith("experimental")
            for name in names_of(table, ours, verb):
                for spot, fact in table.rows[f"{verb} {ours}.{name}"].items():
                    if subset and (name not in known or fact.outcome == "raises"):
                        continue
                    mine = table.get(f"make {theirs}.Adam", spot)
                    if mine is not None and mine == table.get(f"make {ours}.Adam", spot):
                        table.rows.setdefault(f"{verb} {theirs}.{name}", {}).setdefault(spot, fact)


def infer_no_namespace(table: Table) -> None:
    """Where ``x.legacy.Adam`` fails for want of ``x`` or ``x.legacy``, so does every other name in it."""
    modules = [f"{root}optimizers{part}" for root in ("tensorflow.keras.", "keras.", "tf_keras.") for part in ("", ".legacy", ".experimental")]
    for module in modules:
        for verb in ("make", "import"):
            for spot, fact in table.rows.get(f"{verb} {module}.Adam", {}).items():
                part = module.rpartition(".")[2]
                if fact.error == "ModuleNotFoundError" or (fact.message or "").endswith(f"has no attribute '{part}'"):
                    for name in names_of(table, OPTIMIZERS):
                        table.rows.setdefault(f"{verb} {module}.{name}", {}).setdefault(spot, fact)


def infer_keras_models(table: Table) -> None:
    """A string or dictionary given to ``keras`` means what it means to ``tf.keras``, where the string "adam" does.

    Both are the package keras from TF 2.6 on unless the variable is set. ``get`` of a dictionary is ``deserialize``, as the
    two rows with a full config show.
    """
    get, deserialize = "config tensorflow.keras get", "config tensorflow.keras deserialize"
    for spot, fact in table.rows.get(f"{deserialize} empty", {}).items():
        if table.get(f"{get} full", spot) == table.get(f"{deserialize} full", spot):
            table.rows.setdefault(f"{get} empty", {}).setdefault(spot, fact)
    for key in [key for key in table.rows if key.startswith(("name tensorflow.keras ", "config tensorflow.keras "))]:
        for package in ("keras", "tf_keras"):
            for spot, fact in table.rows[key].items():
                adam = table.get(f"name {package} adam", spot)
                if adam is not None and adam == table.get("name tensorflow.keras adam", spot) and adam.cls is not None:
                    twin = key.replace("tensorflow.keras", package, 1)
                    table.rows.setdefault(twin, {}).setdefault(spot, fact)


def infer_tf_keras(table: Table) -> None:
    """``tf_keras.…`` does not care for the variable, and with it ``tensorflow.keras.…`` is ``tf_keras.…``.

    Both were measured to be so for every row that there is with and without the variable.
    """
    for release in table.tf_keras:
        for place in ("linux eager", "mac eager", "linux graph", "mac graph"):
            off, on = Spot(place, release), Spot(f"{place} tf_keras", release)
            for key in list(table.rows):
                verb, _, rest = key.partition(" ")
                if verb in ("make", "name", "import", "config") and rest.startswith("tensorflow.keras"):
                    twin = f"{verb} {rest.replace('tensorflow.keras', 'tf_keras', 1)}"
                    share(table, [(twin, off), (twin, on), (key, on)])


def share(table: Table, cells: list[tuple[str, Spot]]) -> None:
    """Fill the cells that have no fact with that of the first which has one."""
    facts = [table.get(key, spot) for key, spot in cells]
    fact = next((fact for fact in facts if fact is not None and fact.error != "ModuleNotFoundError"), None)
    for (key, spot), present in zip(cells, facts, strict=True):
        if fact is not None and present is None:
            table.put(key, spot, fact)


def infer_imports_everywhere(table: Table) -> None:
    """An import gives the same on every platform and in every mode, as all rows of imports do that were measured."""
    for key, row in table.rows.items():
        if key.startswith("import "):
            for spot, fact in list(row.items()):
                system, mode, *flavor = spot.place.split()
                if (system, mode) == ("linux", "eager"):
                    for place in ("mac eager", "linux graph", "mac graph"):
                        row.setdefault(Spot(" ".join([place, *flavor]), spot.release), fact)


def infer_mac_graph(table: Table) -> None:
    """Graph mode on Apple silicon, where it was not measured itself: what both alone give, if they give the same."""
    for row in table.rows.values():
        for release in table.releases():
            for flavor in ("", " tf_keras"):
                mac, graph = row.get(Spot(f"mac eager{flavor}", release)), row.get(Spot(f"linux graph{flavor}", release))
                both = Spot(f"mac graph{flavor}", release)
                if mac and graph and both not in row and (mac.cls, mac.error) == (graph.cls, graph.error):
                    row[both] = mac


def infer_same_classes(table: Table) -> None:
    """Arguments and members at a release that shares the very keras version with one where they were measured."""
    twins = [(one, two) for one in table.keras for two in table.keras if one != two and table.keras[one] == table.keras[two]]
    groups: list[dict[str, Any]] = [
        *(row for cls, rows in table.classes.items() if cls.startswith("keras.") for row in rows.values()),
        *(row for cls, row in table.signatures.items() if cls.startswith("keras.")),
        *(row for family, rows in table.families.items() if family.package == "keras" for row in rows.values()),
    ]
    for row in groups:
        for one, two in twins:
            if one in row:
                row.setdefault(two, row[one])


INFERENCES = (
    infer_same_package,
    infer_same_namespace,
    infer_no_namespace,
    infer_keras_models,
    infer_tf_keras,
    infer_same_class_everywhere,
    infer_imports_everywhere,
    infer_mac_graph,
    infer_same_classes,
)


# ------------------------------------------------------------------ reading and writing


def load(path: Path) -> Raw:
    """The labels of a measurement file."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    read = json.loads(data)
    facts: Raw = read["facts"] if "facts" in read else {read["label"]: read}
    return facts


def in_order(paths: Iterable[Path]) -> Iterator[tuple[str, Raw]]:
    """All labels, those with tf_keras installed last: what they say of tf_keras wins."""
    labels = [(label, facts) for path in paths for label, facts in load(path).items()]
    return iter(sorted(labels, key=lambda item: "+tf_keras" in item[0]))


def gather(paths: Iterable[Path]) -> Table:
    """Read measurements and draw the inferences."""
    table = Table()
    for label, facts in in_order(paths):
        release, meta = label.split("+")[0], facts["meta"]
        if meta.get("keras"):
            table.keras[release] = meta["keras"]
        if meta.get("tf-keras"):
            table.tf_keras[release] = meta["tf-keras"]
        read_places(table, release, facts.get("resolution", {}))
        for suffix, place in (("", "linux eager"), ("[env1]", "linux eager tf_keras")):
            read_constructor(table, release, facts.get("constructor" + suffix, {}), place)
            read_attributes(table, release, facts.get("attributes" + suffix, {}), place)
            read_crossing(table, release, facts.get("crossing" + suffix, {}), place)
        read_quick(table, release, facts.get("quick", {}))
        read_variable(table, label, facts)
    for infer in INFERENCES:
        infer(table)
    return table


def runs(values: Iterable[int | None]) -> str:
    """A run-length code: "3*12 -*4 5" is twelve times 3, four times nothing, 5."""
    out: list[tuple[str, int]] = []
    for value in values:
        text = "-" if value is None else str(value)
        if out and out[-1][0] == text:
            out[-1] = (text, out[-1][1] + 1)
        else:
            out.append((text, 1))
    return " ".join(text if count == 1 else f"{text}*{count}" for text, count in out)


class Index:
    """Numbers for things, in the order of their first use."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def __call__(self, item: Any) -> int | None:
        if item is None:
            return None
        if item not in self._numbers:
            self._numbers[item] = len(self.items)
            self.items.append(item)
        return self._numbers[item]


def pack(table: Table) -> Raw:
    """The table as it is shipped."""
    releases, facts, signatures, texts = table.releases(), Index(), Index(), Index()
    spots = [Spot(place, release) for place in PLACES.values() for release in releases]

    def line(row: dict[str, Fact]) -> str:
        return runs(facts(row.get(release)) for release in releases)

    rows = {
        key: line({spot.release: fact for spot, fact in row.items()}) if key.startswith("variable") else runs(facts(row.get(spot)) for spot in spots)
        for key, row in sorted(table.rows.items())
    }
    lines = Index()
    classes: dict[str, list[int | None]] = {}
    for cls, row in sorted(table.signatures.items()):
        signature = runs(signatures(row.get(release)) for release in releases)
        told = [(key, line(values)) for key, values in sorted(table.classes.get(cls, {}).items())]
        classes[cls] = [lines(pair) for pair in [("signature", signature), *told]]
    families = {" ".join(family): {key: line(row) for key, row in sorted(rows_.items())} for family, rows_ in sorted(table.families.items())}
    return {
        "releases": releases,
        "keras": table.keras,
        "tf_keras": table.tf_keras,
        "places": list(PLACES.values()),
        "facts": [[None if field is None else texts(field) for field in fact] for fact in facts.items],
        "texts": texts.items,
        "signatures": [parameters_of(signature) for signature in signatures.items],
        "rows": rows,
        "lines": lines.items,
        "classes": classes,
        "families": families,
    }


def measurements() -> list[Path]:
    """The measurement files of the repository."""
    return sorted((HERE / "measured").glob("*.json.gz"))


def build(paths: Iterable[Path]) -> str:
    """The text of facts.json."""
    packed = pack(gather(paths))
    parts = [f'"{key}": {json.dumps(value, ensure_ascii=False)}' for key, value in packed.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    """Write facts.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measurements", nargs="*", type=Path)
    parser.add_argument("--out", type=Path, default=FACTS)
    options = parser.parse_args()
    options.out.write_text(build(options.measurements or measurements()), encoding="utf-8")


if __name__ == "__main__":
    main()
