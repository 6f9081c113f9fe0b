"""How far the two generations of an optimizer come apart in training: measured, in ``generations.json``."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path


@cache
def _data() -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = json.loads((Path(__file__).parent / "generations.json").read_text(encoding="utf-8"))
    return found


def apart(name: str, sparse: bool) -> float | None:
    """The largest difference of a weight between the legacy and the new class after 50 steps; None where it was not measured.

    Below the number, which is a round one. Dense gradients are of ordinary size and small ones; ``sparse`` are those of an Embedding.
    Written by ``scripts/prove.py`` from its fixtures ``legacy-NAME``, ``legacy-NAME-small-gradients`` and ``legacy-NAME-embedding``.
    """
    found = _data().get(name, {})
    return max(found.values(), default=None) if sparse else found.get("dense")
