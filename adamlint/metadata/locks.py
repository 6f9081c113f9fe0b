"""Lock files: uv.lock, poetry.lock, pdm.lock, pylock.toml (PEP 751) and Pipfile.lock."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from adamlint.metadata.files import File, Unusable, table, toml
from adamlint.metadata.statement import Record, Statement, mentions

_PACKAGE = re.compile(r"^\[\[packages?\]\]")


def read_lock(file: File) -> Statement:
    """What a TOML lock file chose.  Raises Unusable."""
    record = Record(file)
    if not mentions(file.text):
        return record.statement()
    for number, block in _blocks(file.text):
        if number == 0 or mentions(block[:200]):
            _note(toml(File(file.path, block)), number, record)
    return record.statement()


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """The head and each package of a lock file, with its line; parsing all of it would take a second."""
    lines = text.splitlines(keepends=True)
    starts = [number for number, line in enumerate(lines) if _PACKAGE.match(line)]
    yield 0, "".join(lines[: starts[0] if starts else None])
    for start, end in pairwise([*starts, len(lines)]):
        yield start, "".join(lines[start:end])


def _note(tables: dict[str, Any], number: int, record: Record) -> None:
    """The package of a block, or what its head says of Python."""
    for package in [*tables.get("package", ()), *tables.get("packages", ())]:
        name, version = package.get("name"), package.get("version")
        if isinstance(name, str) and isinstance(version, str):
            lines = enumerate(record.file.text.splitlines()[number:], number + 1)
            line = next((at for at, text in lines if re.match(r"version\s*=", text)), number + 1)
            record.pin(name, version, line)
    if isinstance(tables.get("requires-python"), str):
        record.requires_python(tables["requires-python"], record.file.line_of("^requires-python"))


def read_pipfile_lock(file: File) -> Statement:
    """What a Pipfile.lock chose.  Raises Unusable."""
    try:
        tables = json.loads(file.text)
    except (ValueError, RecursionError) as error:
        raise Unusable(f"{file.shown}: not valid JSON: {error}") from None
    record = Record(file)
    for group in ("default", "develop"):
        for name, package in table(tables, group).items():
            version = package.get("version") if isinstance(package, dict) else None
            if isinstance(version, str):
                record.pin(name, version.lstrip("="), file.line_of(f'"{re.escape(name)}"', f'"{group}"'))
    return record.statement()
