"""Where on disk the modules of a project are, which of its files an import runs, and which run before a file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Protocol

_TEST = re.compile(r"^(test_.*|.*_test|conftest)\.py$")


class Folders(Protocol):
    """Where the files are; the one place of this module that reaches outside."""

    def exists(self, path: str) -> bool:
        """Tell whether there is a file."""

    def holds_folder(self, path: str) -> bool:
        """Tell whether there is a folder."""


class Locations:
    """The modules of a project, as its files import them; ``top`` is where the search for absolute imports ends."""

    def __init__(self, folders: Folders, top: str) -> None:
        self._folders, self._top = folders, top
        self._homes: dict[tuple[str, str], str | None] = {}

    def exists(self, path: str) -> bool:
        """Tell whether there is a file."""
        return self._folders.exists(path)

    def along(self, dotted: str, here: str) -> Iterator[tuple[str, list[str]]]:
        """Yield the files of the packages and the module that a name in the file ``here`` leads through, each with the rest of the name."""
        name = dotted.lstrip(".")
        level, parts = len(dotted) - len(name), name.split(".") if name else []
        base = _up(here, level) if level else self._home(os.path.dirname(here), parts[0]) if parts else None
        for size in range(1, len(parts) + 1) if base is not None else ():
            if (path := self._file(os.path.join(base or "", *parts[:size]))) is not None:
                yield path, parts[size:]

    def run_by(self, dotted: str, here: str) -> list[str]:
        """Return the files that an import runs, in order; not those of packages that ``here`` is in, which run already."""
        found = [path for path, _ in self.along(dotted, here)]
        return [path for path in found if not (is_package(path) and here.startswith(os.path.dirname(path) + os.sep))]

    def before(self, here: str) -> list[str]:
        """Return the files that run before ``here`` when it is imported, or collected by pytest."""
        folders = self._upwards(os.path.dirname(here))
        tested = _TEST.search(os.path.basename(here))
        conftests = [os.path.join(folder, "conftest.py") for folder in reversed(folders)] if tested else []
        packages: list[str] = []
        for folder in folders:
            if not self._folders.exists(os.path.join(folder, "__init__.py")):
                break
            packages.insert(0, os.path.join(folder, "__init__.py"))
        return [path for path in (*conftests, *packages) if path != here and self._folders.exists(path)]

    def holds(self, package: str, module: str, here: str) -> bool:
        """Tell whether a file of the project sees a package of the project's own, here or above, that has this module."""
        bases = (base for above in self._upwards(os.path.dirname(here)) for base in (above, os.path.join(above, "src")))
        return any(self._folders.exists(os.path.join(base, package, module)) for base in bases)

    def _home(self, folder: str, root: str) -> str | None:
        """Return the folder, here or above, that holds the module or package ``root``, else one with a folder of that name."""
        if (folder, root) not in self._homes:
            bases = [base for above in self._upwards(folder) for base in (above, os.path.join(above, "src"))]
            regular = next((base for base in bases if self._file(os.path.join(base, root))), None)
            namespace = (base for base in bases if self._folders.holds_folder(os.path.join(base, root)))
            self._homes[folder, root] = regular or next(namespace, None)
        return self._homes[folder, root]

    def _upwards(self, folder: str) -> list[str]:
        """Return a folder and those above it in the project."""
        found = [folder]
        while found[-1] != self._top and found[-1].startswith(self._top):
            found.append(os.path.dirname(found[-1]))
        return found

    def _file(self, stem: str) -> str | None:
        paths = (f"{stem}.py", os.path.join(stem, "__init__.py"))
        return next((path for path in paths if self._folders.exists(path)), None)


def is_package(path: str) -> bool:
    """Tell whether a file is that of a package."""
    return os.path.basename(path) == "__init__.py"


def _up(here: str, level: int) -> str:
    for _ in range(level):
        here = os.path.dirname(here)
    return here
