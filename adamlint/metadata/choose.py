"""From what a file says to the releases of TensorFlow that it targets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName

from adamlint import atlas
from adamlint.metadata import supported
from adamlint.metadata.statement import EXTRA, GROUP, KERAS, MAIN, TENSORFLOW, Python, Statement, Wanted
from adamlint.target import DEFAULT, fitting, is_newer

_SYSTEMS = (
    ("linux", "Linux", "posix", "x86_64"),
    ("linux", "Linux", "posix", "aarch64"),
    ("win32", "Windows", "nt", "AMD64"),
    ("darwin", "Darwin", "posix", "x86_64"),
    ("darwin", "Darwin", "posix", "arm64"),
)


@dataclass(frozen=True)
class Choice:
    """The releases that a file targets, and which lines say so; no releases where its lines contradict each other."""

    releases: tuple[str, ...]
    source: str
    notes: tuple[str, ...] = ()
    by_keras: bool = False  # only Keras 3 is asked for, and nothing of TensorFlow
    older_keras: tuple[str, ...] = ()  # minor releases of Keras 3, where the newest is left out, or OWN_KERAS


def choose(statement: Statement, python: Python | None) -> Choice | None:
    """What a file targets, in releases that run on ``python``; None where it leaves every release of TensorFlow open."""
    alternatives = list(_alternatives(statement))
    if not alternatives:
        return None
    wanted = list(dict.fromkeys(item for alternative in alternatives for item in alternative))
    source = ", ".join(map(str, wanted))
    by_keras = not statement.names(TENSORFLOW)
    every = _together(alternatives, supported.PYTHONS)
    if every == supported.depending_on_keras() and not any(item.name in TENSORFLOW for item in wanted):
        return None  # "keras>=2.0" says nothing of TensorFlow
    releases = _together(alternatives, supported.pythons(python.any_of)) if python else every
    if python and releases != every:
        source += f", {python}"
    if releases:
        only_3 = by_keras and releases <= supported.depending_on_keras("3")
        told = any(item.name == KERAS for item in wanted)  # else a lock file pins it in a section of its own
        return Choice(_ordered(releases), source, (), only_3, _older_keras(alternatives if told else [_keras_beside(statement)]))
    return _impossible(wanted, source)


def default(python: Python | None) -> Choice:
    """What is targeted where nothing says otherwise: the default, as far as it runs on ``python``."""
    every = frozenset(fitting(DEFAULT))
    releases = frozenset().union(*map(supported.running_on, supported.pythons(python.any_of))) & every if python else every
    if not releases or releases == every:
        return Choice(_ordered(every), "the default")
    return Choice(_ordered(releases), f"the default, {python}")


def _alternatives(statement: Statement) -> list[tuple[Wanted, ...]]:
    """The requirements that count, of each section of the first rank that constrains TensorFlow, else Keras."""
    for deciding in (TENSORFLOW, {KERAS}):
        for rank in (MAIN, EXTRA, GROUP):
            sections = [wanted for wanted in _constraints(statement, rank) if any(item.name in deciding for item in wanted)]
            if sections:
                beside = () if rank == MAIN else _keras_beside(statement)
                return [(*beside, *wanted) for wanted in sections]
    return []


def _constraints(statement: Statement, rank: int) -> Iterator[tuple[Wanted, ...]]:
    """What constrains TensorFlow or Keras in each section of a rank."""
    for section in statement.sections:
        if section.rank == rank:
            yield tuple(item for item in section.wanted if item.constrains and item.name in TENSORFLOW | {KERAS})


def _keras_beside(statement: Statement) -> tuple[Wanted, ...]:
    """The constraints of Keras that hold whatever the extra or group."""
    return tuple(item for wanted in _constraints(statement, MAIN) for item in wanted if item.name == KERAS)


def _older_keras(alternatives: Sequence[Sequence[Wanted]]) -> tuple[str, ...]:
    """The minor releases of Keras 3 that every constraint of an alternative takes; none where one alternative takes the newest.

    OWN_KERAS where every alternative takes none but a Keras of its own.
    """
    constrained = [[item for item in wanted if item.name == KERAS] for wanted in alternatives]
    if constrained and all(any(supported.is_own_keras(item.any_of) for item in items) for items in constrained):
        return (atlas.OWN_KERAS,)
    fitting = [[supported.older_keras_3(item.any_of) for item in wanted if item.name == KERAS] for wanted in alternatives]
    taken = [[minor for minor in atlas.keras_releases() if all(minor in each for each in found if each)] for found in fitting if any(found)]
    return tuple(dict.fromkeys(minor for minors in taken for minor in minors)) if len(taken) == len(fitting) else ()


def _together(alternatives: Sequence[Sequence[Wanted]], pythons: Sequence[str]) -> frozenset[str]:
    """The releases that fit one of the alternatives, on one of the Pythons and some system."""
    found: frozenset[str] = frozenset()
    for wanted in alternatives:
        for python in pythons:
            systems = _SYSTEMS if any(item.marker for item in wanted) else _SYSTEMS[:1]
            for applying in {tuple(item for item in wanted if _applies(item, python, system)) for system in systems}:
                found |= _fitting(applying) & supported.running_on(python) if applying else frozenset()
    return found


def _fitting(wanted: Sequence[Wanted]) -> frozenset[str]:
    """The releases that fit each requirement of a package; the distributions of TensorFlow are alternatives."""
    of_package = [_all_of(wanted, name) for name in {item.name for item in wanted} & TENSORFLOW]
    releases = frozenset().union(*of_package)
    if releases and not releases & supported.depending_on_keras():
        return releases  # any Keras can be beside it
    keras = [supported.of_keras(item.any_of) for item in wanted if item.name == KERAS]
    if not of_package:
        return reduce(frozenset.intersection, keras, supported.depending_on_keras())
    return reduce(frozenset.intersection, keras, releases)


def _all_of(wanted: Sequence[Wanted], name: str) -> frozenset[str]:
    fits = [supported.of_tensorflow(item.any_of) for item in wanted if item.name == name]
    return reduce(frozenset.intersection, fits)


def _impossible(wanted: Sequence[Wanted], source: str) -> Choice:
    """What to do where no measured release is left."""
    oldest, newest = atlas.releases()[0], atlas.releases()[-1]
    deciding = [item for item in wanted if item.name in TENSORFLOW] or wanted
    if any(_fitting((item,)) for item in deciding):
        return Choice((), source, (f"{source}: no TensorFlow fits all of it: passed over",))
    if all(_newer(item) for item in deciding):
        note = f"{source}: the newest TensorFlow that adamlint knows is {newest}: that is the target"
        return Choice((newest,), source, (note,))
    known = f"adamlint knows TensorFlow {oldest} to {newest}{'' if deciding is not wanted else ', which come with a newer Keras'}"
    return Choice(fitting(DEFAULT), "the default", (f"{source}: {known}: the target is {DEFAULT}",))


def _newer(item: Wanted) -> bool:
    if item.name == KERAS:
        return any(specifiers.contains(f"{major}.0") for specifiers in item.any_of for major in range(4, 20))
    return any(is_newer(str(specifiers)) for specifiers in item.any_of)


def _applies(item: Wanted, python: str, system: tuple[str, str, str, str]) -> bool:
    """Whether a requirement may count there; what a marker asks about anything else may be so."""
    if python not in supported.pythons(item.pythons):
        return False
    if item.marker is None:
        return True
    extras = re.findall(r"extra\s*==\s*[\"']([^\"']+)", str(item.marker))
    return any(_holds(item.marker, _environment(python, system, extra)) for extra in ("", *extras))


def _holds(marker: Marker, environment: dict[str, Any]) -> bool:
    try:
        return bool(marker.evaluate(environment))
    except (UndefinedComparison, UndefinedEnvironmentName, KeyError, TypeError, ValueError):
        return True


def _environment(python: str, system: tuple[str, str, str, str], extra: str) -> dict[str, Any]:
    sys_platform, platform_system, os_name, machine = system
    return {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "sys_platform": sys_platform,
        "platform_system": platform_system,
        "os_name": os_name,
        "platform_machine": machine,
        "extra": extra,
    }


def _ordered(releases: frozenset[str]) -> tuple[str, ...]:
    return tuple(release for release in atlas.releases() if release in releases)
