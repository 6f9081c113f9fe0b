"""A metadata file as text whose lines can be named."""

from __future__ import annotations

import codecs
import os
import re
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

_LARGEST = 50_000_000  # bytes; the largest lock files have a tenth of it
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Unusable(Exception):  # noqa: N818
    """A file that cannot be read or parsed; ``str()`` is one line that names it."""


@dataclass(frozen=True)
class File:
    """A file and its text."""

    path: str
    text: str

    @property
    def shown(self) -> str:
        """The path as messages show it: relative to the current folder."""
        return shown(self.path)

    def place(self, line: int) -> str:
        """A line of the file, as messages show it."""
        return f"{self.shown}:{line}"

    def line_of(self, pattern: str, after: str = "") -> int:
        """The first line in which ``pattern`` occurs, from the first one with ``after`` on if possible; 1 if none has it."""
        lines = self.text.splitlines()
        start = next((number for number, line in enumerate(lines) if after and re.search(after, line)), 0)
        wanted = [number for number, line in enumerate(lines) if re.search(pattern, line)]
        return next((number for number in wanted if number >= start), wanted[0] if wanted else 0) + 1


def shown(path: str) -> str:
    """A path relative to the current folder, where that is possible."""
    try:
        return os.path.relpath(path)
    except ValueError:  # another drive
        return path


def read(path: str) -> File:
    """The file at ``path``, in UTF-8 or what its byte order mark says (PowerShell writes UTF-16).

    Raises Unusable.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST)
        encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
        return File(path, data.decode(encoding))
    except OSError as error:
        raise Unusable(f"{shown(path)}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Unusable(f"{shown(path)}: cannot be read: it is not UTF-8") from None
    except ValueError:  # a null character
        raise Unusable(f"{shown(path)!r}: cannot be read: no path") from None


def toml(file: File) -> dict[str, Any]:
    """The tables of a TOML file.  Raises Unusable."""
    parser: Any = import_module("tomllib" if find_spec("tomllib") else "tomli")
    try:
        tables: dict[str, Any] = parser.loads(file.text)
    except (ValueError, RecursionError) as error:
        raise Unusable(f"{file.shown}: not valid TOML: {error}") from None
    return tables


def table(value: object, *keys: str) -> dict[str, Any]:
    """The table at the end of ``keys``; empty where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def strings(value: object) -> list[str]:
    """The strings of a list; none where it is no list."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
