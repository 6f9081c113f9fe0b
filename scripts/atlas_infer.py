"""What follows from what was measured: each inference is a function that says what it rests on."""

from __future__ import annotations

import re

from scripts.atlas_table import OPTIMIZERS, PLACES, Fact, Spot, Table


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


def infer_keras_legacy(table: Table) -> None:
    """``keras.optimizers.legacy.X`` is ``tensorflow.keras.optimizers.legacy.X`` where Adam is the same in both."""
    theirs, ours = "keras.optimizers.legacy", f"{OPTIMIZERS}.legacy"
    for verb in ("make", "import"):
        for name in names_of(table, ours, verb):
            for spot, fact in table.rows[f"{verb} {ours}.{name}"].items():
                mine = table.get(f"make {theirs}.Adam", spot)
                if mine is not None and mine == table.get(f"make {ours}.Adam", spot):
                    table.rows.setdefault(f"{verb} {theirs}.{name}", {}).setdefault(spot, fact)


def infer_no_namespace(table: Table) -> None:
    """Where ``x.legacy.Adam`` fails for want of ``x`` or ``x.legacy``, so does every other name in it."""
    modules = [
        f"{root}optimizers{part}" for root in ("tensorflow.keras.", "keras.", "tf_keras.") for part in ("", ".legacy", ".experimental")
    ]
    for module in modules:
        for verb in ("make", "import"):
            for spot, fact in table.rows.get(f"{verb} {module}.Adam", {}).items():
                part = module.rpartition(".")[2]
                if fact.error == "ModuleNotFoundError" or (fact.message or "").endswith(f"has no attribute '{part}'"):
                    for name in names_of(table, OPTIMIZERS):
                        table.rows.setdefault(f"{verb} {module}.{name}", {}).setdefault(spot, fact)


def infer_keras_models(table: Table) -> None:
    """A string or dictionary given to ``keras`` means what it means to ``tf.keras``, where the string "adam" does.

    Both are the package keras from TF 2.6 on unless the variable is set. ``get`` of a dictionary is ``deserialize``, as
    the two rows with a full config show.
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


TWINNED = ("make", "name", "import", "config", "instance", "shared")


def infer_tf_keras(table: Table) -> None:
    """``tf_keras.…`` does not care for the variable, and with it ``tensorflow.keras.…`` is ``tf_keras.…``.

    Both were measured to be so for every row that there is with and without the variable.
    """
    for release in table.tf_keras:
        for place in ("linux eager", "mac eager", "linux graph", "mac graph"):
            off, on = Spot(place, release), Spot(f"{place} tf_keras", release)
            for key in list(table.rows):
                verb, _, rest = key.partition(" ")
                if verb in TWINNED and rest.startswith("tensorflow.keras") and " keras." not in rest:
                    twin = f"{verb} {rest.replace('tensorflow.keras', 'tf_keras')}"
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


def infer_instances_everywhere(table: Table) -> None:
    """What an instance is an instance of does not depend on platform or mode, where its class does not."""
    for key, row in table.rows.items():
        if key.startswith("instance "):
            made = f"make {key.split()[1]}"
            for spot, fact in list(row.items()):
                for place in ("mac eager", "linux graph", "mac graph"):
                    other = Spot(spot.place.replace("linux eager", place), spot.release)
                    here, there = table.get(made, spot), table.get(made, other)
                    if here and there and here.cls == there.cls:
                        row.setdefault(other, fact)


def infer_older_keras_3_everywhere(table: Table) -> None:
    """Older releases of Keras 3 were measured on Linux alone: Keras 3 asks for no platform, as all rows of its newest release show."""
    for row in table.rows.values():
        for spot, fact in list(row.items()):
            if spot.release.startswith("keras ") and spot.place in ("linux eager", "linux graph"):
                row.setdefault(Spot(spot.place.replace("linux", "mac"), spot.release), fact)


INFERENCES = (
    infer_keras_legacy,
    infer_no_namespace,
    infer_keras_models,
    infer_tf_keras,
    infer_same_class_everywhere,
    infer_imports_everywhere,
    infer_instances_everywhere,
    infer_older_keras_3_everywhere,
)
