"""From the section "names" of a measurement to ``adamlint/atlas/public.json``: which names public modules have, by release."""

from __future__ import annotations

import json
from collections.abc import Iterable

from scripts.atlas_table import Raw, Table, rooted


def read_names(table: Table, release: str, section: Raw) -> None:
    """The section "names"; a module that is not there has none."""
    for module, raw in section.items():
        if isinstance(raw, dict) and raw.get("status") == "ok":
            table.names.setdefault(rooted(module), {})[release] = frozenset(raw["names"])


def code(found: dict[str, frozenset[str]], name: str, releases: Iterable[str]) -> str:
    """What ``adamlint.atlas.public`` reads: a digit for each release."""
    return "".join("-" if release not in found else str(int(name in found[release])) for release in releases)


def pack_names(table: Table) -> str:
    """The text of public.json: by module the names that share a code, and the code of what it never had."""
    releases, packed = table.releases(), dict[str, dict[str, str]]()
    for module, found in sorted(table.names.items()):
        codes = packed[module] = {"": code(found, "", releases)}
        for name in sorted(frozenset().union(*found.values())):
            digits = code(found, name, releases)
            codes[digits] = f"{codes[digits]} {name}" if digits in codes else name
    return json.dumps(packed, indent=0) + "\n"
