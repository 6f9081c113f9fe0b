"""What one metadata file says of TensorFlow and Keras: frozen data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from adamlint.metadata import versions
from adamlint.metadata.files import File
from adamlint.metadata.versions import AnyOf

# Distributions of TensorFlow whose version is that of TensorFlow.
TENSORFLOW = frozenset({
    "intel-tensorflow", "tensorflow", "tensorflow-aarch64", "tensorflow-cpu", "tensorflow-cpu-aws", "tensorflow-gpu",
    "tensorflow-intel", "tensorflow-macos", "tensorflow-rocm", "tf-nightly", "tf-nightly-cpu", "tf-nightly-gpu",
})  # fmt: skip
KERAS = "keras"
# tf-keras itself, and what requires it by the metadata of its wheel (tensorflow-hub 0.16.1, tf-models-official 2.20.0).
TF_KERAS = frozenset({"tf-keras", "tf-keras-nightly", "tensorflow-hub", "tf-models-official"})
_PACKAGES = TENSORFLOW | TF_KERAS | {KERAS}
_WORDS = re.compile("tensorflow|keras|tf.nightly|tf.models", re.IGNORECASE)

MAIN, EXTRA, GROUP = range(3)  # ranks of sections: the first that says something counts


@dataclass(frozen=True)
class Wanted:
    """A requirement, and where it stands."""

    name: str
    any_of: AnyOf
    place: str  # "pyproject.toml:12"
    text: str  # "tensorflow>=2.12,<2.16"
    marker: Marker | None = None
    pythons: AnyOf = versions.ANY  # beside the marker: Poetry has a key for it

    @property
    def constrains(self) -> bool:
        """Whether some version is left out."""
        return versions.constrains(self.any_of)

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


@dataclass(frozen=True)
class Section:
    """Requirements that hold together; sections of one rank are alternatives."""

    rank: int
    wanted: tuple[Wanted, ...]


@dataclass(frozen=True)
class Python:
    """The releases of Python that a project is for, and where it says so."""

    any_of: AnyOf
    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


@dataclass(frozen=True)
class Statement:
    """All that one file says; ``notes`` are lines about what in it could not be read."""

    sections: tuple[Section, ...] = ()
    python: Python | None = None
    legacy_keras: bool = False  # TF_USE_LEGACY_KERAS is set to what switches it on
    notes: tuple[str, ...] = ()

    def names(self, packages: Iterable[str]) -> bool:
        """Whether one of ``packages`` is required anywhere."""
        return any(wanted.name in packages for section in self.sections for wanted in section.wanted)


@dataclass
class Record:
    """Where a reader notes down what it finds in a file."""

    file: File
    sections: dict[tuple[int, str], list[Wanted]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    python: Python | None = None
    legacy_keras: bool = False

    def require(self, text: str, line: int, rank: int = MAIN, section: str = "", file: File | None = None) -> None:
        """Note a requirement in pip's words; other packages are passed over."""
        if not _WORDS.search(text):
            return
        source = file or self.file
        try:
            required = Requirement(_modern(text))
            any_of = versions.of_wheel(required.url) if required.url else versions.pip(str(required.specifier))
        except (InvalidRequirement, ValueError):
            self.pass_over(text, line, file)
            return
        shown = " ".join(text.partition(";")[0].split())
        self.add(Wanted(canonicalize_name(required.name), any_of, source.place(line), shown, required.marker), rank, section)

    def add(self, wanted: Wanted, rank: int = MAIN, section: str = "") -> None:
        """Note a requirement, if it is on one of the packages that tell of TensorFlow."""
        if wanted.name in _PACKAGES:
            self.sections.setdefault((rank, section), []).append(wanted)

    def pin(self, name: str, version: str, line: int) -> None:
        """Note what a lock file chose: versions of one package are alternatives."""
        if not is_one(name):
            return
        text = f"{name}=={version}"
        try:
            self.add(Wanted(canonicalize_name(name), versions.pip(f"=={version}"), self.file.place(line), text), MAIN, text)
        except ValueError:
            self.pass_over(text, line)

    def for_python(self, any_of: AnyOf, line: int, text: str) -> None:
        """Note the releases of Python, if some are left out."""
        if versions.constrains(any_of):
            self.python = Python(any_of, self.file.place(line), text)

    def requires_python(self, text: object, line: int, key: str = "requires-python") -> None:
        """Note the releases of Python in pip's words, or in Poetry's; what cannot be read leaves out none."""
        if not isinstance(text, str):
            return
        try:
            self.for_python(versions.poetry(text), line, f"{key} {text}")
        except ValueError:
            self.pass_over(f"{key} {text}", line)

    def pass_over(self, text: str, line: int, file: File | None = None) -> None:
        """Note what makes no sense."""
        self.notes.append(f"{(file or self.file).place(line)}: '{' '.join(text.split())}' cannot be read: passed over")

    def statement(self) -> Statement:
        """What was noted down."""
        sections = tuple(Section(rank, tuple(wanted)) for (rank, _), wanted in self.sections.items())
        return Statement(sections, self.python, self.legacy_keras, tuple(self.notes))


def is_one(name: str) -> bool:
    """Whether it is the name, in whatever spelling, of a package that tells of TensorFlow."""
    return bool(_WORDS.search(name)) and canonicalize_name(name) in _PACKAGES


def marker_of(text: object) -> Marker | None:
    """An environment marker; None where it is none, so that it always holds."""
    try:
        return Marker(text) if isinstance(text, str) else None
    except InvalidMarker:
        return None


def switches_on(value: object) -> bool:
    """Whether TensorFlow takes this value of TF_USE_LEGACY_KERAS for on (measured)."""
    return str(value).strip("\"' ") in ("1", "True", "true")


def mentions(text: str) -> bool:
    """Whether a file can say anything of TensorFlow or Keras."""
    return bool(_WORDS.search(text))


def _modern(text: str) -> str:
    """``tensorflow>=2.*`` as ``tensorflow>=2``: pip took it until 2023."""
    return re.sub(r"([<>]=?\s*\d[\d.]*?)\.\*", r"\1", text)
