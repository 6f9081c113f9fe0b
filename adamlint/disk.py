"""Where a project is on the disk, and its files as neighbours.py sees them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

_INSTALLED = ("site-packages", "node_modules", "__pycache__")


def project_root(start: str) -> str:
    """The folder of a project: the nearest one upwards with a pyproject.toml or .git, else ``start``."""
    folder = os.path.abspath(start)
    while not any(os.path.exists(os.path.join(folder, name)) for name in ("pyproject.toml", ".git")):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return os.path.abspath(start)
    return folder


class Files:
    """Files and folders, as they were when first asked about."""

    def __init__(self) -> None:
        self._there: dict[str, bool] = {}

    def exists(self, path: str) -> bool:
        """Tell whether there is a file or folder."""
        if path not in self._there:
            self._there[path] = os.path.exists(path)
        return self._there[path]

    def sources(self, folder: str) -> Iterator[str]:
        """Yield the Python files and notebooks below a folder, not those of hidden folders and installed packages."""
        for here, folders, names in os.walk(folder):
            folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _INSTALLED)
            yield from (os.path.join(here, name) for name in sorted(names) if name.endswith((".py", ".ipynb")))

    def read(self, path: str) -> bytes:
        """Return the bytes of a file; none where it cannot be read."""
        with suppress(OSError), open(path, "rb") as file:
            return file.read()
        return b""
