"""From the sections "attributes" and "scaling" of a measurement to facts: members, subclasses, LossScaleOptimizer."""

from __future__ import annotations

import re

from scripts.atlas_arguments import argument_of
from scripts.atlas_table import OPTIMIZERS, Fact, Raw, Spot, Table, fact_of, family_of, rooted, tidy, warnings_of

KEYWORD = re.compile(r"(\w+)\(.*?, (\w+)=(?:False|True|None|'x'|s)\)")
ACCESSES = (
    (re.compile(r"(\w+) \(get\)"), "get"),
    (re.compile(r"(\w+) \(attr\)"), "get"),
    (re.compile(r"(\w+) = schedule \(set\)"), "set schedule"),
    (re.compile(r"(\w+) = \S+ \(set\)"), "set"),
    (re.compile(r"len\(o\.(\w+)\)"), "len"),
    (re.compile(r"cast\(o\.(\w+)\)"), "cast"),
    (re.compile(r"cast\(o\.(\w+)\), a schedule"), "cast schedule"),
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
