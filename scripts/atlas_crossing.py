"""From the section "crossing" of a measurement and its rows of TF_USE_LEGACY_KERAS to facts."""

from __future__ import annotations

import re

from scripts.atlas_table import VARIABLE, Fact, Raw, Spot, Table, fact_of, rooted, tidy

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
