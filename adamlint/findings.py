"""What a run produces: frozen data that every layer may hold, and that imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Effect(str, Enum):
    """What a finding does to the user at the target, the worst first."""

    BREAKS = "breaks"  # raises, or is silently ignored, on a targeted release
    DIFFERS = "differs"  # means different things among the targeted releases, platforms or modes
    IMPLICIT = "implicit"  # the same everywhere, only not written out

    @property
    def rank(self) -> int:
        """0 for the worst effect."""
        return list(Effect).index(self)


class Safety(str, Enum):
    """Whether a fix is applied by ``--fix`` alone or needs ``--unsafe-fixes``."""

    SAFE = "safe"
    UNSAFE = "unsafe"


class Form(str, Enum):
    """How a project wants an Adam to be written: the setting ``form``."""

    CLASS = "class"  # tf.keras.optimizers.Adam(learning_rate=0.001)
    STRING = "string"  # "adam", where that says it all
    LEGACY = "legacy"  # tf.keras.optimizers.legacy.Adam(learning_rate=0.001)
    EXPLICIT = "explicit"  # as class, with every hyper-parameter


@dataclass(frozen=True, order=True)
class Place:
    """A span of source: lines and columns from 1, columns in code points, the end exclusive.

    ``cell`` is None in a Python file; in a notebook it counts all cells from 0, and lines count within the cell.
    """

    cell: int | None
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class Edit:
    """Replace what stands at ``place`` by ``text``; an empty span inserts."""

    place: Place
    text: str


@dataclass(frozen=True)
class Fix:
    """A rewrite: all of its edits or none."""

    safety: Safety
    title: str  # one line: what changes, and why it is safe or not
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Finding:
    """One thing to tell the user, at the place where they must change something."""

    path: str
    place: Place
    code: str
    name: str
    message: str
    effect: Effect
    fix: Fix | None = None

    @property
    def sort_key(self) -> tuple[str, int, int, int, str, str]:
        """Output order: path, cell, line, column, code."""
        cell = -1 if self.place.cell is None else self.place.cell
        return (self.path, cell, self.place.line, self.place.column, self.code, self.message)
