"""Read and write back the notebooks of folders, then fix copies of them, and look for harm: ``python -m scripts.fix_notebooks FOLDER…``.

Of every notebook: it is read where Python's json reads it; written with no edit it has the same bytes; so it has when each of
its sources is spelled anew. After ``--fix --unsafe-fixes`` of all that can be reported, nothing differs but the ``source`` of cells
that a fix is for, by bytes and by JSON with the order and repetition of its keys, and nbformat validates it if it did before. One
line for each violation, a table of the folders at the end, exit code 1 if there was any. Needs nbformat.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from adamlint import config as configuration
from adamlint.config import Config, Layer
from adamlint.run import session
from adamlint.run.session import Options
from adamlint.text.notebook import Notebook
from adamlint.text.source import Unreadable, parse_notebook


def main() -> None:
    """Go through the folders."""
    config = replace(configuration.merge(Layer(), Layer(report="implicit")), metadata=False)
    violations = 0
    table = []
    for folder in map(Path, sys.argv[1:]):
        totals = Counter(dict.fromkeys(("notebooks", "no JSON", "invalid before", "changed", "cells changed"), 0))
        for line in _harm(folder, config, totals):
            violations += 1
            print(f"{folder}/{line}", flush=True)
        table.append(f"{folder.name}: " + ", ".join(f"{count} {what}" for what, count in totals.items()))
    print(*table, f"{violations} violations", sep="\n")
    sys.exit(1 if violations else 0)


def _harm(folder: Path, config: Config, totals: Counter[str]) -> Iterator[str]:
    """Yield a line for each violation in a folder."""
    with tempfile.TemporaryDirectory() as work:
        copies = {}
        for path in sorted(path for path in folder.rglob("*.ipynb") if path.is_file()):
            data = path.read_bytes()
            name = str(path.relative_to(folder))
            totals["notebooks"] += 1
            yield from (f"{name}: {what}" for what in _round_trip(data, totals))
            copies[name] = copy = Path(work, name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(data)
        before = {name: copy.read_bytes() for name, copy in copies.items()}
        concerned = _fix([str(copy) for copy in copies.values()], config)
        for name, copy in copies.items():
            new = copy.read_bytes()
            if new != before[name]:
                totals["changed"] += 1
                yield from (f"{name}: {what}" for what in _changes(before[name], new, concerned[str(copy)], totals))


def _round_trip(data: bytes, totals: Counter[str]) -> Iterator[str]:
    try:
        notebook = parse_notebook(data)
    except Unreadable as error:
        totals["no JSON"] += 1
        if _is_json(data):
            yield f"cannot be read: {error}"
        return
    if not _is_json(data):
        yield "read, though it is no JSON"
    if notebook.encode({}) != data:
        yield "other bytes with no edit"
    for cell in notebook.cells:
        if notebook._literal(cell, cell.source) != notebook.document[cell.start : cell.end]:
            yield f"cell {cell.index + 1}: other bytes when it is spelled anew"


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data.decode("utf-8-sig"))
    except ValueError:
        return False
    return True


def _fix(paths: list[str], config: Config) -> dict[str, set[int | None]]:
    """Fix files, and give the cells of each that are the place of an edit."""
    concerned: dict[str, set[int | None]] = {path: set() for path in paths}
    for finding in session.run(paths, config, Options(cache=False)).findings:
        concerned[finding.path].update(edit.place.cell for edit in (finding.fix.edits if finding.fix else ()))
    session.run(paths, config, Options(fix=True, unsafe=True, cache=False))
    return concerned


def _changes(old: bytes, new: bytes, concerned: set[int | None], totals: Counter[str]) -> Iterator[str]:
    before, after = parse_notebook(old), parse_notebook(new)
    pairs = list(zip(before.cells, after.cells, strict=True))
    changed = {one.index for one, other in pairs if one.source != other.source}
    totals["cells changed"] += len(changed)
    if changed - concerned:
        yield f"cells changed that no fix is for: {sorted(index + 1 for index in changed if index not in concerned)}"
    if _without(before, changed) != _without(after, changed):
        yield "bytes changed outside of the sources"
    if _pairs(old) != _pairs(new):
        yield "JSON changed outside of the sources"
    if not _is_valid(old):
        totals["invalid before"] += 1
    elif not _is_valid(new):
        yield "nbformat does not validate it any more"


def _without(notebook: Notebook, changed: set[int]) -> str:
    """The document without the sources of cells."""
    parts, at = [], 0
    for cell in notebook.cells:
        if cell.index in changed:
            parts.append(notebook.document[at : cell.start])
            at = cell.end
    return "…".join([*parts, notebook.document[at:]])


def _pairs(data: bytes) -> Any:
    """The JSON as lists of keys and values, in order, without the sources of code cells."""

    def bare(pairs: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
        is_code = ("cell_type", "code") in pairs
        return [(key, None if is_code and key in ("source", "input") else value) for key, value in pairs]

    return json.loads(data.decode("utf-8-sig"), object_pairs_hook=bare)


def _is_valid(data: bytes) -> bool:
    nbformat = import_module("nbformat")
    try:
        nbformat.validate(nbformat.reads(data.decode("utf-8-sig"), as_version=nbformat.NO_CONVERT))
    except Exception:  # whatever it raises for a file that is not valid
        return False
    return True


if __name__ == "__main__":
    os.nice(5)
    main()
