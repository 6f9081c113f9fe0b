"""From the section "resolution" of a measurement to facts: what each way to an optimizer gives."""

from __future__ import annotations

import re

from scripts.atlas_table import OPTIMIZERS, PLACES, STUB, Fact, Raw, Spot, Table, fact_of, rooted, truth_of

MADE = re.compile(r"(tf(?:\.compat\.v1)?(?:\.keras\.optimizers|\.train)(?:\.legacy|\.experimental)?\.[A-Z]\w*)\(\)")
KERAS_MADE = re.compile(r"(?:import keras; )?((?:tf_)?keras\.optimizers(?:\.legacy|\.experimental)?\.[A-Z]\w*)\(\)")
CLASS = re.compile(r"(tf\.keras\.optimizers(?:\.legacy)?\.\w+) \(class\)")
FROM = re.compile(r"from (\S+) import (\w+)")
NAMED = (
    (re.compile(r"compile\('([a-z]+)'\)"), "tensorflow.keras"),
    (re.compile(r"import keras; keras model compile\('([a-z]+)'\)"), "keras"),
    (re.compile(r"tf_keras compile\('([a-z]+)'\)"), "tf_keras"),
    (
        re.compile(r"from tensorflow\.python\.keras\.optimizers import get; get\('([a-z]+)'\)"),
        "tensorflow.python.keras",
    ),
)
CONFIGS = {
    "tf.keras.optimizers.get({class_name:Adam})": "get full",
    "tf.keras.optimizers.deserialize({class_name:Adam})": "deserialize full",
    "tf.keras.optimizers.get({class_name:Adam,config:{}})": "get empty",
    "tf.keras.optimizers.deserialize({class_name:adam,config:{}})": "deserialize empty",
    "compile({'class_name':'Adam','config':{}})": "compile empty",
    "compile({'class_name':'Adam','config':{'learning_rate':0.001}})": "compile full",
}
INSTANCE = re.compile(r"isinstance\((\S+)\(\), (\S+)\)")
MODULE = re.compile(r"import ([\w.]+)")
COMPILES = re.compile(r"compile\((tf\.keras\.optimizers\.[\w.]+)\(\)\)")
FITS = re.compile(r"fit\((tf\.keras\.optimizers\.[\w.]+)\(\)\)")


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
    if (found := INSTANCE.fullmatch(form)) and len({path.startswith("tf_keras") for path in found.groups()}) == 1:
        table.put(f"instance {rooted(found[1])} {rooted(found[2])}", spot, truth_of(raw))  # tf_keras shares no class with another
    if found := MODULE.fullmatch(form):
        table.put(f"import {found[1]}", spot, fact_of(raw) if raw["status"] == "error" else Fact("ok"))
    if form == "compile(tf.keras.optimizers.Adam)":
        table.put(f"pass {OPTIMIZERS}.Adam", spot, fact_of(raw))
    if found := COMPILES.fullmatch(form):
        table.put(f"compile {rooted(found[1])}", spot, fact_of(raw))
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
    cut = not value.endswith("'")
    names = value.removeprefix("str: ").strip("'").split()
    for name in names[:-1] if cut else names:
        if name[0].isupper() and name.isidentifier():
            table.put(f"import {module}.{name}", spot, Fact("ok"))


def read_import(table: Table, path: str, raw: Raw, spot: Spot) -> None:
    """A class that was reached can be imported (the legacy stubs of Keras 3 too: only calling them raises)."""
    if raw["status"] != "error":
        table.put(f"import {path}", spot, Fact("ok"))


def read_from(table: Table, module: str, name: str, raw: Raw, spot: Spot) -> None:
    """``from module import name``, then a call: what the import did, and for private modules what the call gave."""
    path, fact = f"{module}.{name}", fact_of(raw)
    failed = fact.error in ("ImportError", "ModuleNotFoundError") and not (fact.message or "").startswith(STUB)
    missing = fact.error == "ModuleNotFoundError"
    table.put(f"import {path}", spot, fact if failed else Fact("ok"))
    table.put(f"import {module}", spot, fact if missing else Fact("ok"))
    if name.islower():  # a module such as adam_v2, whose optimizer was called
        path += ".SGD" if "gradient_descent" in name else ".Adam"
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
