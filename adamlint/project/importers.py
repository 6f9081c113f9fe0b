"""Whether another file of a project takes a name from a file, so that an import without a use there is still of use."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Protocol

from adamlint.disk import project_root

_MOST = 5_000  # files that are searched; in a larger project every import stays


class Disk(Protocol):
    """Where the other files are; the one place of this module that reaches outside."""

    def sources(self, folder: str) -> Iterator[str]:
        """Yield the Python files and notebooks below a folder."""

    def read(self, path: str) -> bytes:
        """Return the bytes of a file; none where it cannot be read."""


class Importers:
    """The files that may import from the one at ``path``."""

    def __init__(self, disk: Disk, path: str) -> None:
        self._disk, self._path = disk, os.path.abspath(path)

    def __call__(self, name: str) -> bool:
        """Tell whether one of them may take a name: by its words, so a false yes is possible, which keeps an import."""
        module = os.path.splitext(os.path.basename(self._path))[0]
        if module == "__init__" or len(self._others) >= _MOST:
            return True
        return any(takes(self._disk.read(other), module, name) for other in self._others)

    @cached_property
    def _others(self) -> list[str]:
        found = islice(self._disk.sources(project_root(os.path.dirname(self._path))), _MOST)
        return [path for path in found if path != self._path]


def takes(data: bytes, module: str, name: str) -> bool:
    """Tell whether a file may import a name from a module of its project, or read it as an attribute of that."""
    stem, word = re.escape(module.encode()), re.escape(name.encode())
    if not re.search(rb"\b%b\b" % stem, data):
        return False
    listed = re.findall(rb"\b%b[ \t]+import\b[ \t]*(\([^)]*\)|(?:\\\r?\n|[^\r\n])*)" % stem, data)
    if any(re.search(rb"\*|\b%b\b" % word, names) for names in listed):
        return True
    imported = re.search(rb"\bimport\b[^\r\n]*\b%b\b" % stem, data)
    return imported is not None and re.search(rb"\.[ \t]*%b\b" % word, data) is not None
