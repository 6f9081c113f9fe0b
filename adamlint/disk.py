"""Where a project is on the disk, and its files as neighbours.py sees them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

_INSTALLED = ("site-packages", "node_modules", "__pycache__")
_MARKS = ("pyproject.toml", ".git")


def project_root(start: str) -> str:
    """The folder of a project: the nearest one upwards with a pyproject.toml or .git, else ``start``."""
    folder = os.path.abspath(start)
    return _marked(folder) or folder


def _marked(folder: str) -> str | None:
    while not any(os.path.exists(os.path.join(folder, name)) for name in _MARKS):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return None
    return folder


class Roots:
    """The roots of the projects that files are of; each folder is looked at once."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, path: str) -> str:
        """Return the root of a file's project; without a mark, that is the current folder for all that is in it."""
        folder = os.path.dirname(os.path.abspath(path))
        if folder not in self._known:
            root, here = _marked(folder), os.getcwd()
            inside = folder == here or folder.startswith(os.path.join(here, ""))
            self._known[folder] = root or (here if inside else folder)
        return self._known[folder]


class Files:
    """Files, as they were when first asked about."""

    def __init__(self) -> None:
        self._listed: dict[str, tuple[frozenset[str], frozenset[str]]] = {}

    def exists(self, path: str) -> bool:
        """Tell whether there is a file."""
        folder, name = os.path.split(path)
        return name in self._listing(folder)[0]

    def holds_folder(self, path: str) -> bool:
        """Tell whether there is a folder."""
        folder, name = os.path.split(path)
        return name in self._listing(folder)[1]

    def _listing(self, folder: str) -> tuple[frozenset[str], frozenset[str]]:
        """Return the Python files and the folders in a folder; a pipe, which would be waited for, is neither."""
        if folder not in self._listed:
            entries: list[os.DirEntry[str]] = []
            with suppress(OSError), os.scandir(folder) as listing:
                entries = list(listing)
            files = frozenset(entry.name for entry in entries if entry.name.endswith(".py") and entry.is_file())
            self._listed[folder] = files, frozenset(entry.name for entry in entries if entry.is_dir())
        return self._listed[folder]

    def sources(self, folder: str) -> Iterator[str]:
        """Yield the Python files and notebooks below a folder, not those of hidden folders and installed packages."""
        for here, folders, names in os.walk(folder):
            folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _INSTALLED)
            yield from (os.path.join(here, name) for name in sorted(names) if name.endswith((".py", ".ipynb")))

    def read(self, path: str) -> bytes:
        """Return the bytes of a file; none where it cannot be read, and of a pipe, which would be waited for."""
        if os.path.isfile(path):
            with suppress(OSError), open(path, "rb") as file:
                return file.read()
        return b""
