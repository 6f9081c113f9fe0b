"""What was measured of a class on all releases alike (on Linux, eagerly): what can be said of it without asking for the target."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from adamlint.atlas import Argument, Cell, Construct, DefaultRate, Import, Member, OfModel, Outcome, Subject, look_up, parameters, releases


@cache
def _cells() -> tuple[Cell, ...]:
    return tuple(Cell(release, "linux", "eager") for release in releases())


@lru_cache(maxsize=1000)
def default_rate(path: str) -> str | None:
    """Return the learning rate of a class made without one, as code, if it is the same on every measured release."""
    facts = [look_up(DefaultRate(path), cell) for cell in _cells()]
    known = {fact.message for fact in facts if fact is not None and fact.outcome is not Outcome.RAISES}
    return next(iter(known - {None})) if len(known - {None}) == 1 else None


@lru_cache(maxsize=1000)
def default_value(path: str, parameter: str) -> str | None:
    """Return the default of a constructor's parameter, as code, if it is the same on every measured release."""
    signatures = [parameters(path, cell) for cell in _cells()]
    known = {signature.get(parameter) for signature in signatures if signature is not None}
    return known.pop() if len(known) == 1 else None


@lru_cache(maxsize=1000)
def outcomes(subject: Subject) -> frozenset[Outcome]:
    """Return what a subject has done on the measured releases; empty where it was never measured."""
    facts = [look_up(subject, cell) for cell in _cells()]
    return frozenset(fact.outcome for fact in facts if fact is not None)


@lru_cache(maxsize=1000)
def fails_first(path: str) -> bool:
    """Tell whether a class can be constructed wherever it can be imported."""
    for cell in _cells():
        made, imported = look_up(Construct(path), cell), look_up(Import(path), cell)
        if made is not None and imported is not None and made.outcome is Outcome.RAISES is not imported.outcome:
            return False
    return True


@lru_cache(maxsize=1000)
def takes(path: str, parameter: str) -> bool:
    """Tell whether a class takes an argument, and heeds it, on every measured release that has the class."""
    there = [cell for cell in _cells() if (made := look_up(Construct(path), cell)) is not None and made.outcome is not Outcome.RAISES]
    facts = [look_up(Argument(path, parameter), cell) for cell in there]
    return bool(facts) and all(fact is not None and fact.outcome is Outcome.OK for fact in facts)


def member_of(paths: Sequence[str], made_here: bool, member: str, access: str) -> tuple[Subject, ...]:
    """Return what to ask of a member of an optimizer of one of these classes; where no constructor is seen, of that of a model."""
    packages = dict.fromkeys(path.partition(".optimizers.")[0] for path in paths)
    of_models = (OfModel(package, member, access) for package in packages)
    return tuple(Member(path, member, access) for path in paths) if made_here else tuple(of_models)
