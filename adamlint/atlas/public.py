"""Which names the public modules of each Keras package have, by release: measured, in ``public.json``."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path


@cache
def _data() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads((Path(__file__).parent / "public.json").read_text(encoding="utf-8"))
    return found


def code_of(path: str) -> str:
    """A digit for each release of ``facts.json``: "1" where a module has a name, "0" where it lacks it, "-" where it was not measured.

    "" where no release was measured. Written by ``scripts/build_atlas.py``: a module lists its names by their code, and under ""
    the code of a name that it never had.
    """
    module, _, name = path.rpartition(".")
    codes = _data().get(module, {})
    return next((code for code, names in codes.items() if name in names.split()), codes.get("", ""))
