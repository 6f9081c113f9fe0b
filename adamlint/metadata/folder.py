"""The metadata files of one folder, in the order in which they count."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from adamlint.metadata.choose import Choice, choose
from adamlint.metadata.conda import read_environment
from adamlint.metadata.docker import read_dockerfile
from adamlint.metadata.files import File, Unusable, read, shown
from adamlint.metadata.locks import read_lock, read_pipfile_lock
from adamlint.metadata.pyproject import read_pipfile, read_pyproject
from adamlint.metadata.requirements import read_requirements
from adamlint.metadata.setuptools import read_setup_cfg, read_setup_py
from adamlint.metadata.statement import TENSORFLOW, TF_KERAS, Python, Statement

# File names and their readers, in the order in which they are believed (the README has it).
_READERS: tuple[tuple[str, Callable[[File], Statement]], ...] = (
    (r"pyproject\.toml", read_pyproject),
    (r"uv\.lock", read_lock),
    (r"poetry\.lock", read_lock),
    (r"pdm\.lock", read_lock),
    (r"Pipfile", read_pipfile),
    (r"Pipfile\.lock", read_pipfile_lock),
    (r"pylock(\.[^.]+)?\.toml", read_lock),
    (r"requirements\.txt", read_requirements),
    (r"requirements.*\.txt|.*[-_.]requirements\.txt", read_requirements),
    (r"constraints.*\.txt", read_requirements),
    (r"setup\.cfg", read_setup_cfg),
    (r"setup\.py", read_setup_py),
    (r"environment.*\.ya?ml", read_environment),
    (r"Dockerfile(\..+)?|.+\.[Dd]ockerfile", read_dockerfile),
)
_ANY_NAME = re.compile("|".join(f"(?:{pattern})" for pattern, _ in _READERS))
_REQUIREMENTS = [reader for _, reader in _READERS].index(read_requirements) + 1
_OTHER_BACKEND = re.compile("jax|torch", re.IGNORECASE)  # requirements_jax.txt beside requirements_tf.txt: another way to run the same
_OF_PACKAGE = (read_pyproject, read_setup_cfg, read_setup_py)  # whose Python counts for the other files too


@dataclass(frozen=True)
class Folder:
    """What the metadata of one folder says."""

    found: bool = False  # there is a metadata file
    choice: Choice | None = None
    python: Python | None = None
    notes: tuple[str, ...] = ()
    names_tensorflow: bool = False
    has_tf_keras: bool = False
    legacy_keras: bool = False


def look(folder: str) -> Folder:
    """Read the metadata of ``folder``."""
    try:
        names = os.listdir(folder)
    except OSError:
        return Folder()
    paths = [os.path.join(folder, name) for name in names if _ANY_NAME.fullmatch(name)]
    if "requirements" in names:
        paths += _text_files(os.path.join(folder, "requirements"))
    return _told(paths) if paths else Folder()


def _text_files(folder: str) -> list[str]:
    try:
        return [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".txt")]
    except OSError:
        return []


def _told(paths: list[str]) -> Folder:
    notes: list[str] = []
    statements = list(_statements(paths, notes))
    python = next((said.python for path, said in statements if said.python and _READERS[_rank(path)][1] in _OF_PACKAGE), None)
    named = any(said.names(TENSORFLOW) for _, said in statements)
    choice = None
    for path, said in statements:
        notes += said.notes
        elsewhere = named and not said.names(TENSORFLOW) and _OTHER_BACKEND.search(os.path.basename(path))
        choice = choose(said, said.python or python) if not elsewhere else None
        notes += choice.notes if choice else ()
        if choice and choice.releases:
            break
        choice = None
    every = [said for _, said in statements]
    return Folder(
        True, choice, python, tuple(dict.fromkeys(notes)),
        names_tensorflow=named,
        has_tf_keras=any(said.names(TF_KERAS) for said in every),
        legacy_keras=any(said.legacy_keras for said in every),
    )  # fmt: skip


def _statements(paths: list[str], notes: list[str]) -> Iterator[tuple[str, Statement]]:
    """What each file says, with its path; what cannot be read or parsed is noted."""
    for path in sorted(paths, key=lambda path: (_rank(path), path)):
        try:
            yield path, _READERS[_rank(path)][1](read(path))
        except Unusable as error:
            notes.append(f"{error}: passed over")
        except RecursionError:
            notes.append(f"{shown(path)}: nested too deeply: passed over")


def _rank(path: str) -> int:
    """Which row of the table a file belongs to; those of a folder ``requirements`` to that of requirements-*.txt."""
    name = os.path.basename(path)
    matching = (rank for rank, (pattern, _) in enumerate(_READERS) if re.fullmatch(pattern, name))
    return next(matching, _REQUIREMENTS)
