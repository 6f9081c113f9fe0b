"""The disk as neighbours.py sees it: what is asked again and again is asked once a run."""

from __future__ import annotations

import os
from contextlib import suppress


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
