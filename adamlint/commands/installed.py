"""What is installed and set here, without importing any of it."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from adamlint.program.environment import VARIABLE

_DISTRIBUTIONS: Mapping[str, tuple[str, ...]] = {
    "tensorflow": (
        "tensorflow", "tensorflow-cpu", "tensorflow-intel", "tensorflow-macos", "tensorflow-gpu", "tf-nightly", "tf-nightly-cpu",
    ),
    "keras": ("keras", "keras-nightly"),
    "tf_keras": ("tf-keras", "tf-keras-nightly"),
}  # fmt: skip


@dataclass(frozen=True)
class Installed:
    """This machine and this Python; the packages are versions by distribution, empty where there is none."""

    python: str
    system: str
    machine: str
    tensorflow: Mapping[str, str]
    keras: Mapping[str, str]
    tf_keras: Mapping[str, str]
    variable: str | None  # TF_USE_LEGACY_KERAS

    @property
    def platform(self) -> str:
        """The platform by its name in the atlas, or the system's own."""
        if self.system == "darwin":
            return "macos-arm64" if self.machine == "arm64" else "macos-x86_64"
        return "windows" if self.system == "win32" else self.system

    @property
    def release(self) -> str | None:
        """The minor release of TensorFlow."""
        return next(map(minor, self.tensorflow.values()), None)


def look_around() -> Installed:
    """What is here."""
    found = {package: _versions(names) for package, names in _DISTRIBUTIONS.items()}
    machine = platform.machine()
    return Installed(platform.python_version(), sys.platform, machine, **found, variable=os.environ.get(VARIABLE))


def minor(text: str) -> str:
    """The minor release of a version: "2.17" of "2.17.0rc1"."""
    match = re.match(r"\d+\.\d+", text)
    return match.group() if match else text


def _versions(names: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
