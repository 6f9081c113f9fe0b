"""From the rows of the probe to the facts of the atlas: one reader for each section of a measurement."""

from __future__ import annotations

import ast
import re

from scripts.atlas_table import (
    OPTIMIZERS,
    PLACES,
    STUB,
    VARIABLE,
    Fact,
    Raw,
    Spot,
    Table,
    fact_of,
    family_of,
    rooted,
    tidy,
    truth_of,
    warnings_of,
)

# ------------------------------------------------------------------ resolution

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

    A rate that can change, and later steps go by its first value: ignored.
    Accepted with a warning and the step no other than without it, ``plain_step``: ignored. Where the step cannot tell
    (there is none, or ``plain_step`` is None) the answer for Adam of the same base class, ``sibling``, decides.
    Legacy classes are measured as "ok, no effect" for ``decay`` because only one step is made; over 50 steps legacy
    decay equals InverseTimeDecay (row "diff legacy decay vs InverseTimeDecay" of the numerics: 5.7e-06), so "ok" it stays.
    """
    fact = fact_of(raw)
    if fact.outcome == "raises":
        return fact
    step = raw.get("step")
    if failed := step_error(step):
        return failed
    if raw.get("heeds", {}).get("value") == "bool: False":
        return Fact("ignored", message="only the value that it has at first counts")
    if step is None and sibling is not None and sibling.outcome == "raises":
        return None
    if fact.outcome == "warns" and (step is None or plain_step is None):
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
    if step_error(plain):
        cases = {case: {key: raw[key] for key in raw if key != "step"} for case, raw in cases.items()}
    if plain == cases.get("learning_rate=0.01", {}).get("step"):
        plain = None  # SGD: 0.01 is its default rate, so that lr=0.01 changes nothing
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


def package_of(entry: Raw) -> str:
    """The package that a class comes from; the probe gave schedules of tf.keras, which fit no other."""
    return str(entry.get("class", "")).split(".")[0]


def read_constructor(table: Table, release: str, section: Raw, place: str) -> None:
    """The section "constructor": every optimizer of every namespace."""
    spot = Spot(place, release)
    home = package_of(section.get("tf.keras.optimizers", {}).get("Adam", {}))
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
            table.put(f"import {path}", spot, Fact("ok"))
            made = fact_of({**entry["kwargs"]["(none)"], "class": entry["class"], "generation": entry["generation"]})
            if f"make {path}" not in table.rows or table.get(f"make {path}", spot) is None:
                table.put(f"make {path}", spot, made)
            if made.outcome != "raises" and package_of(entry) == home:
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


# ------------------------------------------------------------------ scaling

SCALED = re.compile(r"(\w+) \((get|call)\)")


def read_scaling(table: Table, release: str, section: Raw, place: str) -> None:
    """The section "scaling": LossScaleOptimizer by each of its names; its arguments and members are filed under its class."""
    for path, entry in section.items():
        made = fact_of(entry)
        table.put(f"make {rooted(path)}", Spot(place, release), made)
        if made.cls is None or "signature" not in entry:
            continue
        table.signatures.setdefault(made.cls, {})[release] = entry["signature"]
        for case, raw in entry.items():
            if found := SCALED.fullmatch(case):
                read_scaled(table, release, made.cls, found[1], found[2], fact_of(raw))
            elif "=" in case and case != "foo=1":
                fact = fact_of(raw)._replace(cls=None, generation=None)
                table.put_class(made.cls, f"argument {' '.join(argument_of(case))}".rstrip(), release, fact)


def read_scaled(table: Table, release: str, cls: str, member: str, access: str, fact: Fact) -> None:
    """One member: what a call of it does also tells whether it is there."""
    table.put_class(cls, f"member {member} {access}", release, fact)
    if access == "call" and (fact.outcome != "raises" or f"'{member}'" in (fact.message or "")):
        table.put_class(cls, f"member {member} get", release, fact)


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
CALLED = re.compile(
    r"(\w+)\((?:gv|g|g,v|call|loss,params|var,'m'|lambda, v|lambda, var_list|get_weights\(\)|var_list"
    r"|'\w+'|'\w+',\.\d|values|)\)"
    r"(?: call)?"
)
CALLED_BARE = {
    "_decayed_lr",
    "_create_slots",
    "_create_all_weights",
    "_create_hypers",
    "add_slot",
    "_serialize_hyperparameter",
}


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
        if raw["error"] == "ValueError" and member in ("get_updates", "get_gradients"):
            return None  # they are for graphs; the probe's loss is none
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


OVERRIDING = re.compile(r"subclass Adam overriding (\w+)")
OLD_STYLE = {
    "subclass Optimizer with _resource_apply_dense (old API)": "Optimizer",
    "subclass legacy.Optimizer with _resource_apply_dense": "legacy.Optimizer",
}


def override_fact(raw: Raw, member: Fact | None) -> Fact | None:
    """Whether a method that a subclass of Adam defines is called: the probe's raises RuntimeError("CALLED").

    Where Adam has such a method itself, its not being called in the probe's one small program shows nothing.
    """
    if raw["status"] == "error":
        return Fact("ok") if "CALLED" in raw["message"] else fact_of(raw)
    return Fact("ignored") if member is not None and member.outcome == "raises" else None


def read_overrides(table: Table, release: str, section: Raw, place: str) -> None:
    """The subclasses in the section "attributes"."""
    spot = Spot(place, release)
    adam = table.get(f"make {OPTIMIZERS}.Adam", spot)
    family = family_of(adam) if adam else None
    members = table.families.get(family, {}) if family else {}
    for case, raw in section.items():
        if case in OLD_STYLE:
            fact = Fact("ok") if raw["status"] != "error" else fact_of(raw)
            table.put(f"override {OPTIMIZERS}.{OLD_STYLE[case]} _resource_apply_dense", spot, fact)
        elif found := OVERRIDING.fullmatch(case):
            told = override_fact(raw, members.get(f"member {found[1]} get", {}).get(release))
            if told is not None:
                table.put(f"override {OPTIMIZERS}.Adam {found[1]}", spot, told)


def read_attributes(table: Table, release: str, section: Raw, place: str) -> None:
    """The section "attributes"."""
    for entry in section.values():
        if isinstance(entry, dict) and "attrs" in entry:
            read_members(table, release, entry)
    read_overrides(table, release, section, place)


# ------------------------------------------------------------------ crossing, environment variable

MODELS = {"tf.keras": "tensorflow.keras", "keras": "keras", "tf_keras": "tf_keras"}
CROSSED = re.compile(r"(tf\.keras|keras|tf_keras) model \+ (\S+)(?: (\S+))?")
SHARED = re.compile(r"(tf\.keras|keras|tf_keras) (Adam|legacy\.Adam): (?:one instance, )?(.+)")


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
        if found := CROSSED.fullmatch(case):
            table.put(f"train {MODELS[found[1]]} {crossed_path(found[2], found[3])}", spot, fact_of(raw))
        elif found := SHARED.fullmatch(case):
            table.put(f"shared {MODELS[found[1]]}.optimizers.{found[2]} {found[3]}", spot, fact_of(raw))


LATE = "after import tensorflow, before touching tf.keras: os.environ='1'"
EARLY = "before import tensorflow: os.environ='1'"
BAD = "before import tensorflow: os.environ='yes'"


def read_variable(table: Table, release: str, facts: Raw, with_tf_keras: bool) -> None:
    """What TF_USE_LEGACY_KERAS does: not read where the release's source has no such word (meta.n_source_hits)."""
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
            table.put(
                "variable without tf_keras",
                spot,
                Fact("raises", None, None, *split_error(env[EARLY]["tf.optimizers.Adam"])),
            )
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
