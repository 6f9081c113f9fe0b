"""`!pip install tensorflow==2.10` in a notebook: nearer to its code than any other file of the project."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from adamlint.metadata.choose import Choice, choose
from adamlint.metadata.docker import installs as note_installs
from adamlint.metadata.files import File
from adamlint.metadata.statement import Record, Statement, mentions
from adamlint.text import magics
from adamlint.text.notebook import CodeCell, Notebook

_SHELL = re.compile(r"!|bash|cmd|script|sh|shell|sx|system")
_LINE = re.compile(r"(?:[^\r\n]*\\(?:\r\n|\r|\n))*[^\r\n]*(?:\r\n|\r|\n|\Z)")
_COMMAND = re.compile(r"\s*(?:\w+\s*=\s*)?(?:!|%(?=pip|conda|mamba|sx|system)|(?=(?:pip3?|conda|mamba)\s))(.*)", re.DOTALL)


class Install(NamedTuple):
    """A command that installs something of TensorFlow: in which cell (from 1 among all), line and words."""

    cell: int
    line: int
    command: str


def installs(notebook: Notebook) -> tuple[Install, ...]:
    """The commands of a notebook that install TensorFlow or Keras, in order."""
    cells = (cell for cell in notebook.cells if "install" in cell.source and mentions(cell.source))
    return tuple(found for cell in cells for found in _commands(cell))


def _commands(cell: CodeCell) -> Iterator[Install]:
    magic = magics.cell_magic(cell.source)
    in_shell = _SHELL.fullmatch(magic or "") is not None
    if magics.is_other_language(magic) and not in_shell:
        return
    for match in _LINE.finditer(cell.source):
        line = match[0].strip()
        command = _COMMAND.match(line)
        if "install" in line and not line.startswith("#") and mentions(line) and (command or in_shell):
            number = len(re.findall(r"\r\n|\r|\n", cell.source[: match.start()])) + 1
            yield Install(cell.index + 1, number, re.sub(r"\\(?:\r\n|\r|\n)", " ", command[1] if command else line))


def choice(path: str, commands: Sequence[Install]) -> Choice | None:
    """The releases that the commands of the notebook ``path`` install; None where they leave every one open."""
    said = [_statement(path, command) for command in commands]
    sections = tuple(section for statement in said for section in statement.sections)
    notes = tuple(note for statement in said for note in statement.notes)
    chosen = choose(Statement(sections), None)
    return chosen and Choice(chosen.releases, chosen.source, (*notes, *chosen.notes), chosen.by_keras)


def _statement(path: str, install: Install) -> Statement:
    record = Record(File(f"{path}:cell {install.cell}", ""))
    note_installs(install.command, install.line, record)
    return record.statement()
