"""Which releases go together: facts of the packages on PyPI."""

from __future__ import annotations

from functools import cache

from packaging.specifiers import SpecifierSet

from adamlint import atlas
from adamlint.metadata.versions import AnyOf, constrains
from adamlint.target import matching

# The oldest and newest TensorFlow with a wheel for each Python, on Linux x86_64: `pip index versions tensorflow
# --python-version 3.N --only-binary=:all:`, November 2026. The newest release of a range may have come for fewer Pythons
# than its first patch; a minor release counts if one of its patches has a wheel.
_WHEELS = {
    "3.5": ("2.0", "2.3"),
    "3.6": ("2.0", "2.6"),
    "3.7": ("2.0", "2.11"),
    "3.8": ("2.2", "2.13"),
    "3.9": ("2.5", "2.20"),
    "3.10": ("2.8", "2.21"),
    "3.11": ("2.12", "2.21"),
    "3.12": ("2.16", "2.21"),
    "3.13": ("2.20", "2.21"),
}
PYTHONS = tuple(_WHEELS)
_PATCHES = range(30)  # more than any minor release of Python has had


@cache
def pythons(any_of: AnyOf) -> tuple[str, ...]:
    """The minor releases of Python of which any patch fits; all where none that has a TensorFlow does."""
    fitting = tuple(python for python in PYTHONS if any(_has(specifiers, python, _PATCHES) for specifiers in any_of))
    return fitting or PYTHONS


@cache
def running_on(python: str) -> frozenset[str]:
    """The releases of TensorFlow with a wheel for a Python; those that are newer than the table count as its newest."""
    oldest, newest = map(_number, _WHEELS[python])
    last = max(_number(newest) for _, newest in _WHEELS.values())
    return frozenset(release for release in atlas.releases() if oldest <= min(_number(release), last) <= newest)


@cache
def of_tensorflow(any_of: AnyOf) -> frozenset[str]:
    """The measured releases of TensorFlow that fit."""
    return frozenset(release for specifiers in any_of for release in matching(specifiers))


@cache
def of_keras(any_of: AnyOf) -> frozenset[str]:
    """The measured releases of TensorFlow beside which a fitting Keras can be installed.

    TensorFlow 2.6 to 2.15 depends on the Keras of the same minor release, later ones on Keras 3, older ones on none.
    """
    if not constrains(any_of):
        return frozenset(atlas.releases())
    return frozenset(release for release in atlas.releases() if any(_beside(release, specifiers) for specifiers in any_of))


@cache
def older_keras_3(any_of: AnyOf) -> tuple[str, ...]:
    """The measured minor releases of Keras 3 that fit, where the newest of them does not; none where it does."""
    newest = (_keras(atlas.releases()[-1]) or "").rpartition(".")[0]
    if any(_has(specifiers, newest, range(6)) for specifiers in any_of):
        return ()
    return tuple(minor for minor in atlas.keras_releases() if any(_has(specifiers, minor, range(6)) for specifiers in any_of))


@cache
def is_own_keras(any_of: AnyOf) -> bool:
    """Tell whether only a Keras with backends of its own fits: from 2.4 on it hands on tf.keras (its release notes)."""
    older = (*(f"{major}.{minor}" for major in (0, 1) for minor in range(4)), *(f"2.{minor}" for minor in range(4)))
    newer = (*(f"2.{minor}" for minor in range(4, 16)), *(f"3.{minor}" for minor in range(60)))
    fits_older, fits_newer = (any(_has(one, minor, range(10)) for one in any_of for minor in minors) for minors in (older, newer))
    return fits_older and not fits_newer


@cache
def depending_on_keras(major: str = "") -> frozenset[str]:
    """The measured releases of TensorFlow that depend on a Keras of that major version, or on any."""
    return frozenset(release for release in atlas.releases() if (_keras(release) or "none").startswith(major or ("2", "3")))


def _beside(release: str, keras: SpecifierSet) -> bool:
    return any(_has(keras, minor, range(6)) for minor in _kerases(release))


def _kerases(release: str) -> list[str]:
    keras = _keras(release)
    if keras is None:
        return ["2.4"]  # which hands tf.keras on; the older ones are a Keras of their own, which was not measured
    return [f"3.{minor}" for minor in range(60)] if keras.startswith("3") else [keras.rpartition(".")[0]]


def _keras(release: str) -> str | None:
    return atlas.keras_version(atlas.Cell(release, "linux", "eager"))


def _has(specifiers: SpecifierSet, minor: str, patches: range) -> bool:
    return any(specifiers.contains(f"{minor}.{patch}", prereleases=True) for patch in patches)


def _number(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))
