"""The releases, platforms and modes that a project must run on: pure data and set operations on atlas cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from adamlint import atlas
from adamlint.atlas import OWN_KERAS, Cell

PLATFORMS = ("linux", "windows", "macos-x86_64", "macos-arm64")
MODES = ("eager", "graph")
DEFAULT = ">=2.12"  # AdamW exists; the new Keras 2 line and Keras 3
_PATCHES = range(20)  # more than any minor release of TensorFlow has had

Kind = tuple[str, str, bool, str]  # platform, mode, tf_keras, keras
Slice = frozenset[Kind]  # of cells of one release


class TargetError(ValueError):
    """What was asked for cannot be targeted; str() is one line for the user."""


@dataclass(frozen=True)
class Target:
    """A set of cells."""

    cells: frozenset[Cell]

    @classmethod
    def parse(cls, tensorflow: str | None, platforms: Sequence[str] = (), mode: str | None = None) -> Target:
        """The target that is asked for: "2.12", "2.12.1" or a PEP 440 specifier; None is the default, ``>=2.12``.

        ``platforms`` are names of PLATFORMS, "macos" for both of its kinds, or "any" (also when empty); ``mode`` is
        "eager", "graph", "any", or "auto" (also None), which is eager here: the caller looks for what turns eager
        execution off.
        Raises TargetError for what no measured release fits, and for unknown platforms and modes.
        """
        return cls.of(fitting(DEFAULT if tensorflow is None else tensorflow), platforms, mode)

    @classmethod
    def of(cls, releases: Iterable[str], platforms: Sequence[str] = (), mode: str | None = None, keras: Sequence[str] = ()) -> Target:
        """Releases of the atlas on platforms and in a mode, both as for ``parse``.

        With ``keras`` those that have Keras 3 have these older minor releases of it, instead of the newest, and those that depend on no
        Keras have OWN_KERAS, where it is among them.  Raises TargetError.
        """
        systems, modes = _platforms(platforms), _modes(mode)
        cells = [Cell(release, system, how) for release in releases for system in systems for how in modes]
        return cls(frozenset(cell._replace(keras=minor) for cell in cells for minor in _beside(cell, keras)))

    def where(self, predicate: Callable[[Cell], bool]) -> Target:
        """The cells for which ``predicate`` holds."""
        return Target(frozenset(cell for cell in self.cells if predicate(cell)))

    def with_mode(self, mode: str) -> Target:
        """The same releases and platforms in another mode ("eager", "graph", "any")."""
        return Target(frozenset(cell._replace(mode=how) for cell in self.cells for how in _modes(mode)))

    def with_tf_keras(self) -> Target:
        """The same cells with TF_USE_LEGACY_KERAS on: where it is read, tf.keras is tf_keras."""
        return Target(frozenset(cell._replace(tf_keras=_reads_variable(cell)) for cell in self.cells))

    @property
    def releases(self) -> tuple[str, ...]:
        """The targeted releases, oldest first."""
        wanted = {cell.tensorflow for cell in self.cells}
        return tuple(release for release in atlas.releases() if release in wanted)

    def __bool__(self) -> bool:
        return bool(self.cells)

    def __iter__(self) -> Iterator[Cell]:
        return iter(sorted(self.cells, key=lambda cell: (_number(cell.tensorflow), cell)))

    def __and__(self, other: Target) -> Target:
        return Target(self.cells & other.cells)

    def __or__(self, other: Target) -> Target:
        return Target(self.cells | other.cells)

    def __sub__(self, other: Target) -> Target:
        return Target(self.cells - other.cells)


def fitting(wanted: str) -> tuple[str, ...]:
    """The measured minor releases of which any patch fits ``wanted``. Raises TargetError where there is none."""
    specifiers = _specifiers(wanted.strip())
    if found := matching(specifiers):
        return found
    oldest, newest = atlas.releases()[0], atlas.releases()[-1]
    raise TargetError(f"no TensorFlow that adamlint knows ({oldest} to {newest}) fits '{wanted}'")


def matching(specifiers: SpecifierSet) -> tuple[str, ...]:
    """The measured minor releases of which any patch fits; there may be none."""
    return tuple(release for release in atlas.releases() if _fits(release, specifiers))


def is_newer(wanted: str) -> bool:
    """Whether ``wanted`` is valid, fits no measured release, and is met by releases newer than the newest of them."""
    specifiers = _specifiers(wanted.strip())
    if matching(specifiers):
        return False
    major, minor = _number(atlas.releases()[-1])
    later = [f"{major}.{number}" for number in range(minor + 1, minor + 50)] + [f"{major + 1}.{n}" for n in range(50)]
    return any(_fits(release, specifiers) for release in [*later, *(f"{number}.0" for number in range(major + 2, 100))])


def _specifiers(wanted: str) -> SpecifierSet:
    if not wanted:
        raise TargetError("the TensorFlow release is empty: write one such as 2.12, or a specifier such as '>=2.12'")
    if re.fullmatch(r"\d+(\.\d+)?", wanted):
        return SpecifierSet(f"=={wanted}.*")
    try:
        return SpecifierSet(f"=={wanted}" if wanted[0].isdigit() else wanted)
    except InvalidSpecifier:
        raise TargetError(f"'{wanted}' is no TensorFlow release: write one such as 2.12, or '>=2.12,<2.16'") from None


def _fits(release: str, specifiers: SpecifierSet) -> bool:
    return any(specifiers.contains(f"{release}.{patch}", prereleases=True) for patch in _PATCHES)


def _platforms(names: Sequence[str]) -> tuple[str, ...]:
    if unknown := [name for name in names if name not in (*PLATFORMS, "macos", "any")]:
        raise TargetError(f"unknown platform '{unknown[0]}': use {', '.join(PLATFORMS)}, macos or any")
    if not names or "any" in names:
        return PLATFORMS
    return tuple(name for name in PLATFORMS if name in names or ("macos" in names and name.startswith("macos")))


def _modes(name: str | None) -> tuple[str, ...]:
    if name not in (None, "auto", "any", *MODES):
        raise TargetError(f"unknown mode '{name}': use auto, eager, graph or any")
    return MODES if name == "any" else ("graph",) if name == "graph" else ("eager",)


def _reads_variable(cell: Cell) -> bool:
    fact = atlas.look_up(atlas.Variable("on"), cell)
    return fact is not None and fact.outcome is atlas.Outcome.OK


def _beside(cell: Cell, keras: Sequence[str]) -> list[str]:
    """Which of some releases of Keras can be beside a TensorFlow; "" for the one that it comes with."""
    own = atlas.keras_version(cell)
    fitting = [minor for minor in keras if (own is None and minor == OWN_KERAS) or (own is not None and own[0] == minor[0] == "3")]
    return fitting or [""]


def _number(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))


# ------------------------------------------------------------------ in words


def describe(cells: Iterable[Cell], within: Target) -> str:
    """Where ``cells`` are within a target, in few words: findings print it.

    "2.11-2.15", "2.16+" (up to the newest measured release), "2.12-2.15 on Apple silicon", "2.11 in graph mode",
    "every targeted release"; "no targeted release" where there are none.
    """
    return _described(frozenset(cells) & within.cells, within)


@lru_cache(maxsize=1000)  # findings of one kind say the same
def _described(chosen: frozenset[Cell], within: Target) -> str:
    if not chosen:
        return "no targeted release"
    if chosen == within.cells:
        return "every targeted release"
    parts = []
    for qualifier, group in groupby(_qualified(chosen, within), key=lambda pair: pair[1]):
        releases = [release for release, _ in group]
        if qualifier is not None:
            parts.append((_range(releases), qualifier))
    return _joined(parts)


def _qualified(chosen: frozenset[Cell], within: Target) -> Iterator[tuple[str, str | None]]:
    """Each targeted release with the words for its part: "" is all of it, None nothing."""
    for release in within.releases:
        everything = _slice(within.cells, release)
        part = _slice(chosen, release)
        yield release, _words(part, everything) if part else None


def _slice(cells: frozenset[Cell], release: str) -> Slice:
    return frozenset((cell.platform, cell.mode, cell.tf_keras, cell.keras) for cell in cells if cell.tensorflow == release)


def _apple(kind: Kind) -> bool:
    return kind[0] == "macos-arm64"


def _graph(kind: Kind) -> bool:
    return kind[1] == "graph"


def _legacy(kind: Kind) -> bool:
    return kind[2]


_WORDS: tuple[tuple[Callable[[Kind], bool], str], ...] = (
    (lambda kind: True, ""),
    (_apple, " on Apple silicon"),
    (lambda kind: not _apple(kind), " except on Apple silicon"),
    (_graph, " in graph mode"),
    (lambda kind: not _graph(kind), " in eager mode"),
    (_legacy, " with tf_keras"),
    (lambda kind: not _legacy(kind), " without tf_keras"),
    (lambda kind: _apple(kind) or _graph(kind), " on Apple silicon or in graph mode"),
    (lambda kind: not (_apple(kind) or _graph(kind)), " in eager mode except on Apple silicon"),
    (lambda kind: _apple(kind) and _graph(kind), " on Apple silicon in graph mode"),
    (lambda kind: _apple(kind) and not _graph(kind), " on Apple silicon in eager mode"),
    (lambda kind: not _apple(kind) and _graph(kind), " in graph mode except on Apple silicon"),
)


def _words(part: Slice, everything: Slice) -> str:
    fitting_words = [words for holds, words in _WORDS if part == frozenset(filter(holds, everything))]
    return fitting_words[0] if fitting_words else _with_keras(part, everything) or " on some platforms or modes"


def _with_keras(part: Slice, everything: Slice) -> str | None:
    """ " with Keras 3.0", where that is all that sets a part off."""
    minors = {keras for *_, keras in part}
    is_told = part == frozenset(kind for kind in everything if kind[3] in minors)
    return f" with Keras {', '.join(sorted(minors, key=_number))}" if is_told and all(minors) else None


def _range(releases: Sequence[str]) -> str:
    if releases[-1] == atlas.releases()[-1]:
        return f"{releases[0]}+"
    return releases[0] if len(releases) == 1 else f"{releases[0]}-{releases[-1]}"


def _joined(parts: Sequence[tuple[str, str]]) -> str:
    """Ranges with their qualifiers; neighbours with the same qualifier share it."""
    texts = []
    for qualifier, group in groupby(parts, key=lambda part: part[1]):
        texts.append(", ".join(text for text, _ in group) + qualifier)
    return ", ".join(texts)
