"""The target of a project as its own files tell it: nothing is imported or run, and each answer knows its file and line."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from adamlint.disk import project_root
from adamlint.metadata.choose import default
from adamlint.metadata.folder import Folder, look
from adamlint.target import Target

__all__ = ["Inferred", "Metadata", "infer"]


@dataclass(frozen=True)
class Inferred:
    """What a project targets, by its metadata."""

    target: Target  # every platform, eager mode
    source: str  # "pyproject.toml:12: tensorflow>=2.12,<2.16", several with commas, or "the default"
    notes: tuple[str, ...] = ()  # one line each: what could not be read, or fits nothing that adamlint knows
    has_tf_keras: bool | None = None  # whether tf-keras is required; None: no metadata names TensorFlow
    legacy_keras_set: bool = False  # a Dockerfile or an environment.yml switches TF_USE_LEGACY_KERAS on
    keras_only: bool = False  # Keras 3 is required, and TensorFlow nowhere
    older_keras: tuple[str, ...] = ()  # the minor releases of Keras 3, where the newest is left out, or atlas.OWN_KERAS


class Metadata:
    """The metadata of the folders of one run, each folder read once."""

    def __init__(self) -> None:
        self._folders: dict[str, Folder] = {}
        self._repositories: dict[str, str | None] = {}
        self._inferred: dict[tuple[str, ...], Inferred] = {}

    def infer(self, directory: str | Path, stop: str | Path | None = None) -> Inferred:
        """What the project targets that the folder ``directory`` is in.

        The nearest folder upwards whose metadata constrains TensorFlow says it. The last one that is looked at is ``stop``,
        if it is given, else the root of the repository; where there is no repository, that of the current project (the
        folder of the nearest pyproject.toml, else the current folder), or of the project that ``directory`` is in.
        """
        start = os.path.abspath(directory)
        folders = _up_to(start, os.path.abspath(stop) if stop else self._top(start))
        if folders not in self._inferred:
            self._inferred[folders] = _inferred([self._look(folder) for folder in folders])
        return self._inferred[folders]

    def _look(self, folder: str) -> Folder:
        if folder not in self._folders:
            self._folders[folder] = look(folder)
        return self._folders[folder]

    def _top(self, start: str) -> str:
        repository = self._repository(start)
        if repository:
            return repository
        here = project_root(os.curdir)
        return here if os.path.join(start, "").startswith(os.path.join(here, "")) else project_root(start)

    def _repository(self, folder: str) -> str | None:
        if folder not in self._repositories:
            above = os.path.dirname(folder)
            if os.path.exists(os.path.join(folder, ".git")):
                self._repositories[folder] = folder
            else:
                self._repositories[folder] = self._repository(above) if above != folder else None
        return self._repositories[folder]


def infer(directory: str | Path, stop: str | Path | None = None) -> Inferred:
    """What the project targets that the folder ``directory`` is in: ``Metadata.infer``, once."""
    return Metadata().infer(directory, stop)


def _up_to(start: str, top: str) -> tuple[str, ...]:
    """The folders from ``start`` up to ``top``; ``start`` alone where it is not inside of ``top``."""
    folders = [start]
    while folders[-1] != top:
        above = os.path.dirname(folders[-1])
        if above == folders[-1]:
            return (start,)
        folders.append(above)
    return tuple(folders)


def _inferred(folders: list[Folder]) -> Inferred:
    """What the folders say together, the nearest first."""
    asked = next((index for index, folder in enumerate(folders) if folder.choice), None)
    notes = [note for folder in folders[: None if asked is None else asked + 1] for note in folder.notes]
    python = next((folder.python for folder in folders if folder.python), None)
    choice = (folders[asked].choice if asked is not None else None) or default(python)
    return Inferred(
        Target.of(choice.releases, keras=choice.older_keras),
        choice.source,
        tuple(notes),
        any(folder.has_tf_keras for folder in folders) if any(folder.names_tensorflow for folder in folders) else None,
        any(folder.legacy_keras for folder in folders),
        choice.by_keras and not any(folder.names_tensorflow for folder in folders),
        choice.older_keras,
    )
