"""From the section "constructor" of a measurement to facts: every optimizer and its arguments."""

from __future__ import annotations

import ast
import re

from scripts.atlas_table import Fact, Raw, Spot, Table, fact_of, rooted, tidy

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


def argument_fact(raw: Raw, plain_step: str | None, sibling: Fact | None) -> Fact | None:
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
        if value in ("callable", "Variable") and raw["status"] != "error" and "heeds" not in raw:
            continue  # that it is taken does not tell whether it is asked again
        fact = argument_fact(raw, plain, siblings.get((argument, value)))
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
