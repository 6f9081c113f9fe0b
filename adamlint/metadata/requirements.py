"""requirements.txt and constraints.txt, with the files that they name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from adamlint.metadata.files import File, Unusable, read
from adamlint.metadata.statement import Record, Statement

_OPTION = re.compile(r"(-r|--requirement|-c|--constraint)(?:\s*=\s*|\s+|(?=[^-\s]))(.+)")
_CONSTRAINT = "constraint"


def read_requirements(file: File) -> Statement:
    """What is required; a constraint of ``-c`` counts where the package is required too."""
    record = Record(file)
    gather(file, record)
    return record.statement()


def gather(file: File, record: Record, rank: int = 0, section: str = "") -> None:
    """Note what a requirements file requires into a section of ``record``."""
    constraints = Record(file)
    _follow(file, record, constraints, rank, section, {os.path.abspath(file.path)})
    required = {wanted.name for wanted in record.sections.get((rank, section), ())}
    for found in constraints.sections.values():
        for wanted in found:
            if wanted.name in required:
                record.add(wanted, rank, section)


def _follow(file: File, record: Record, constraints: Record, rank: int, section: str, seen: set[str]) -> None:
    for number, line in logical_lines(file.text):
        option = _OPTION.fullmatch(line)
        if not option:
            if not line.startswith("-"):
                record.require(_without_options(line), number, rank, section, file)
            continue
        path = os.path.join(os.path.dirname(file.path), option[2].strip("\"' "))
        if "://" in option[2] or os.path.abspath(path) in seen:
            continue
        seen.add(os.path.abspath(path))
        kept = constraints if _CONSTRAINT.startswith(option[1].lstrip("-")) else record
        try:
            _follow(read(path), kept, constraints, rank, section, seen)
        except Unusable as error:
            record.notes.append(str(error))


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines without comments, with their numbers; continued ones are joined."""
    joined, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        start = start or number
        joined += re.sub(r"(^|\s)#.*", "", line)
        if joined.endswith("\\"):
            joined = f"{joined[:-1]} "
            continue
        if joined.strip():
            yield start, joined.strip()
        joined, start = "", 0
    if joined.strip():
        yield start, joined.strip()


def _without_options(line: str) -> str:
    """A requirement without ``--hash=…`` and the like behind it."""
    return re.split(r"\s--?[a-z]", line)[0].strip()
