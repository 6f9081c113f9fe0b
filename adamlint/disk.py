"""Where a project is on the disk, and its files as neighbours.py sees them."""

from __future__ import annotations

import os
from contextlib import suppress


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

    def read(self, path: str) -> bytes:
        """Return the bytes of a file; none where it cannot be read."""
        with suppress(OSError), open(path, "rb") as file:
            return file.read()
        return b""
