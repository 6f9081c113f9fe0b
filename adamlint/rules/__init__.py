"""The rules: one file each, named after the rule, and imported only when it is to run."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from adamlint.rule import CODES, Rule


@cache
def implemented() -> frozenset[str]:
    """Return the codes whose rule is there; ADM9xx are the engine's own."""
    files = {found.name for found in iter_modules(__path__)}
    return frozenset(code for code, name in CODES.items() if name.replace("-", "_") in files)


def load(codes: Iterable[str]) -> tuple[Rule, ...]:
    """Import the rules of these codes, in the order of their codes; codes without a rule are passed over."""
    wanted = sorted(set(codes) & implemented())
    return tuple(import_module(f"{__name__}.{CODES[code].replace('-', '_')}").RULE for code in wanted)
