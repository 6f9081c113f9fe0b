"""Which files a run reads: the named ones, and those in the named folders that nothing leaves out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adamlint.config import Config

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SUFFIXES = (".py", ".ipynb")

# Ruff's list: folders that hold no source of the project
DEFAULT_EXCLUDES = frozenset({
    ".adamlint_cache", ".bzr", ".direnv", ".eggs", ".git", ".git-rewrite", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox",
    ".pants.d", ".pyenv", ".pytest_cache", ".pytype", ".ruff_cache", ".svn", ".tox", ".venv", ".vscode", "__pycache__",
    "__pypackages__", "_build", "buck-out", "build", "dist", "node_modules", "site-packages", "venv",
})  # fmt: skip


class MissingPath(Exception):  # noqa: N818
    """A named path that is not there; ``str()`` is one line."""


@dataclass(frozen=True)
class Found:
    """The files, sorted, and one line for each folder that could not be listed."""

    files: tuple[str, ...]
    errors: tuple[str, ...] = ()


def find(paths: Sequence[str], config: Config, folders: int | None = None) -> Found:
    """The files to read: each real file once, under the first of its names; those of so many ``folders`` at most.

    Raises MissingPath before anything is walked.
    """
    for path in paths:
        if not os.path.exists(path):
            raise MissingPath(f"{path}: no such file or folder")
        if not (os.path.isfile(path) or os.path.isdir(path)):
            raise MissingPath(f"{path}: neither a file nor a folder")  # to read a pipe would wait for ever
    search = _Search(config, folders)
    for path in paths:
        search.add(path)
    search.follow_links()
    return Found(tuple(sorted(search.files.values())), tuple(sorted(search.errors)))


@dataclass(frozen=True)
class _Ignore:
    """A .gitignore; ``folder`` is where it counts, as a real path with a separator at its end."""

    folder: str
    spec: GitIgnoreSpec

    def verdict(self, real: str) -> bool | None:
        """True: ignored, False: named by a ``!`` pattern, None: not named."""
        if not real.startswith(self.folder):
            return None
        return self.spec.check_file(real[len(self.folder) :]).include


@dataclass(frozen=True)
class _Folder:
    """A folder that is to be listed."""

    path: str  # as it is reported
    real: str
    ignores: tuple[_Ignore, ...]  # the nearest last


@dataclass
class _Search:
    """The state of one search."""

    config: Config
    most: int | None = None
    files: dict[str, str] = field(default_factory=dict)  # the name of each real path
    errors: list[str] = field(default_factory=list)
    _folders: set[str] = field(default_factory=set)  # real paths of what was listed
    _links: list[tuple[str, _Folder]] = field(default_factory=list)

    def add(self, path: str) -> None:
        """Take a path that the user named: only their own patterns can leave it out."""
        if self.config.excluded(path):
            return
        real = os.path.realpath(path)
        if os.path.isdir(path):
            self._walk(_Folder(path, real, self._ignores_above(real)))
        else:
            self.files.setdefault(real, path)

    def follow_links(self) -> None:
        """Look at the symlinks last, so that what they lead to is known by its own name if it has been found."""
        while self._links:
            links, self._links = sorted(self._links, key=lambda link: link[0]), []
            for path, parent in links:
                real = os.path.realpath(path)
                upwards = f"{parent.real}{os.sep}".startswith(f"{real}{os.sep}")
                if os.path.isdir(path) and not upwards and not self._skipped(path, real + os.sep, parent.ignores):
                    self._walk(_Folder(path, real, self._ignores_above(real)))
                elif path.endswith(SUFFIXES) and os.path.isfile(path):
                    self._take(path, real, parent.ignores)

    def _walk(self, top: _Folder) -> None:
        stack = [top]
        while stack:
            folder = stack.pop()
            if folder.real not in self._folders and (self.most is None or len(self._folders) < self.most):
                self._folders.add(folder.real)
                stack.extend(self._list(folder, is_top=folder is top))

    def _list(self, folder: _Folder, is_top: bool) -> list[_Folder]:
        """Take the files of ``folder`` and give the folders in it."""
        try:
            with os.scandir(folder.path) as listing:
                entries = list(listing)
        except OSError as error:
            self.errors.append(f"{folder.path}: cannot be listed: {error.strerror}")
            return []
        names = {entry.name for entry in entries}
        if "pyvenv.cfg" in names and self.config.default_excludes and not is_top:
            return []
        here = folder
        if self.config.respect_gitignore and ".gitignore" in names:
            here = _Folder(folder.path, folder.real, (*folder.ignores, *_read_ignores(folder.real, ".gitignore")))
        below = []
        for entry in entries:
            real = os.path.join(folder.real, entry.name)
            if entry.is_symlink():
                self._links.append((entry.path, here))
            elif entry.name.endswith(SUFFIXES) and entry.is_file():
                self._take(entry.path, real, here.ignores)
            elif entry.is_dir() and not self._skipped(entry.path, real + os.sep, here.ignores):
                below.append(_Folder(entry.path, real, here.ignores))
        return below

    def _take(self, path: str, real: str, ignores: Sequence[_Ignore]) -> None:
        if not self.config.excluded(path) and not _ignored(real, ignores):
            self.files.setdefault(real, path)

    def _skipped(self, path: str, real: str, ignores: Sequence[_Ignore]) -> bool:
        by_default = self.config.default_excludes and os.path.basename(path) in DEFAULT_EXCLUDES
        return by_default or self.config.excluded(path) or _ignored(real, ignores)

    def _ignores_above(self, real: str) -> tuple[_Ignore, ...]:
        """What the repository around a named folder ignores; nothing if that is the folder itself."""
        if not self.config.respect_gitignore:
            return ()
        folders = _up_to_repository(real)
        if not folders:
            return ()
        ignores = _read_ignores(folders[0], os.path.join(".git", "info", "exclude"))
        for folder in folders[:-1]:
            ignores += _read_ignores(folder, ".gitignore")
        return () if _ignored(real + os.sep, ignores) else ignores


def _up_to_repository(real: str) -> list[str]:
    """The folders from the root of the git repository down to ``real``; none outside of a repository."""
    folders = [real]
    while not os.path.exists(os.path.join(folders[-1], ".git")):
        parent = os.path.dirname(folders[-1])
        if parent == folders[-1]:
            return []
        folders.append(parent)
    return folders[::-1]


def _read_ignores(folder: str, name: str) -> tuple[_Ignore, ...]:
    """The ignore file ``name`` of ``folder``; nothing when there is none or it cannot be read."""
    try:
        with open(os.path.join(folder, name), encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
    except OSError:
        return ()
    return (_Ignore(os.path.join(folder, ""), _spec(lines)),)


def _spec(lines: Iterable[str]) -> GitIgnoreSpec:
    """The patterns; a line that is none is passed over, as git does."""
    from pathspec import GitIgnoreSpec

    def is_valid(line: str) -> bool:
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:
            return False
        return True

    return GitIgnoreSpec.from_lines(filter(is_valid, lines))


def _ignored(real: str, ignores: Sequence[_Ignore]) -> bool:
    """Whether git ignores ``real`` (a folder ends with a separator): the nearest file that names it decides."""
    return next((verdict for ignore in reversed(ignores) if (verdict := ignore.verdict(real)) is not None), False)
