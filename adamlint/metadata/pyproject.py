"""pyproject.toml: PEP 621, dependency groups, Poetry, PDM, uv; and Pipfile, which is like Poetry's part of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from packaging.utils import canonicalize_name

from adamlint.metadata import versions
from adamlint.metadata.files import File, Unusable, read, strings, table, toml
from adamlint.metadata.requirements import gather
from adamlint.metadata.statement import EXTRA, GROUP, MAIN, Record, Statement, Wanted, is_one, marker_of


def read_pyproject(file: File) -> Statement:
    """What a pyproject.toml says.  Raises Unusable."""
    tables = toml(file)
    record = Record(file)
    _project(table(tables, "project"), record)
    _groups(table(tables, "dependency-groups"), record)
    _poetry(table(tables, "tool", "poetry"), record)
    for name, group in table(tables, "tool", "pdm", "dev-dependencies").items():
        _list(group, record, r"\[tool\.pdm", GROUP, f"pdm {name}")
    uv = table(tables, "tool", "uv")
    _list(uv.get("dev-dependencies"), record, r"\[tool\.uv", GROUP, "uv")
    _dynamic(table(tables, "tool", "setuptools", "dynamic"), record)
    return record.statement()


def read_pipfile(file: File) -> Statement:
    """What a Pipfile says.  Raises Unusable."""
    tables = toml(file)
    record = Record(file)
    _keyed(table(tables, "packages"), record, r"\[packages", MAIN, "")
    _keyed(table(tables, "dev-packages"), record, r"\[dev-packages", GROUP, "dev")
    python = table(tables, "requires").get("python_version")
    if isinstance(python, str):
        record.requires_python(f"=={python}.*", file.line_of("python_version"), "python_version")
    return record.statement()


def _project(project: dict[str, Any], record: Record) -> None:
    record.requires_python(project.get("requires-python"), record.file.line_of("requires-python"))
    _list(project.get("dependencies"), record, r"^\s*dependencies\s*=", MAIN, "")
    for name, extra in table(project, "optional-dependencies").items():
        _list(extra, record, rf"^\s*[\"']?{re.escape(name)}[\"']?\s*=", EXTRA, name)


def _list(requirements: object, record: Record, after: str, rank: int, section: str) -> None:
    """A list of requirements in pip's words."""
    for text in strings(requirements):
        written = re.escape(re.split("[;\"'\\\\]", text)[0].strip())
        record.require(text, record.file.line_of(rf"[\"']\s*{written}", after), rank, section)


def _groups(groups: dict[str, Any], record: Record) -> None:
    """Dependency groups (PEP 735), with the groups that they include."""
    known = {str(canonicalize_name(name)): group for name, group in groups.items() if isinstance(group, list)}
    for name in known:
        _list(list(_flat(name, known, frozenset())), record, r"\[dependency-groups", GROUP, name)


def _flat(name: str, groups: dict[str, Any], above: frozenset[str]) -> Iterator[object]:
    for item in groups.get(name, ()):
        included = item.get("include-group") if isinstance(item, dict) else None
        if not isinstance(included, str):
            yield item
        elif name not in above:
            yield from _flat(canonicalize_name(included), groups, above | {name})


def _poetry(poetry: dict[str, Any], record: Record) -> None:
    dependencies = table(poetry, "dependencies")
    if record.python is None:
        record.requires_python(dependencies.get("python"), record.file.line_of(r"^\s*python\s*=", r"\[tool\.poetry\.dep"), "python")
    _keyed(dependencies, record, r"\[tool\.poetry\.dependencies", MAIN, "")
    _keyed(table(poetry, "dev-dependencies"), record, r"\[tool\.poetry\.dev-dependencies", GROUP, "poetry")
    for name in table(poetry, "group"):
        group = table(poetry, "group", name, "dependencies")
        _keyed(group, record, rf"\[tool\.poetry\.group\.{re.escape(name)}\.", GROUP, f"poetry {name}")


def _keyed(dependencies: dict[str, Any], record: Record, after: str, rank: int, section: str) -> None:
    """Requirements as keys with versions or tables, or lists of these, as values."""
    for name, value in dependencies.items():
        if is_one(name):
            line = record.file.line_of(rf"^\s*[\"']?{re.escape(name)}[\"']?\s*=|\.[\"']?{re.escape(name)}[\"']?\]", after)
            for item in value if isinstance(value, list) else [value]:
                _one(name, item, line, record, rank, section)


def _one(name: str, value: object, line: int, record: Record, rank: int, section: str) -> None:
    options = value if isinstance(value, dict) else {"version": value}
    version, url = options.get("version", "*"), options.get("url")
    platform = options.get("platform") or options.get("sys_platform")
    marker = options.get("markers") or (platform and f"sys_platform {platform if '=' in str(platform) else f'== {platform!r}'}")
    try:
        any_of = versions.of_wheel(str(url)) if url else versions.poetry(str(version))
        pythons = versions.poetry(str(options.get("python", "*")))
    except ValueError:
        record.pass_over(f"{name} = {version}", line)
        return
    text = f'{name} = "{version}"'
    record.add(Wanted(canonicalize_name(name), any_of, record.file.place(line), text, marker_of(marker), pythons), rank, section)


def _dynamic(dynamic: dict[str, Any], record: Record) -> None:
    """Dependencies that setuptools takes from requirements files."""
    extras = [(name, value, EXTRA) for name, value in table(dynamic, "optional-dependencies").items()]
    for name, value, rank in [("", dynamic.get("dependencies"), MAIN), *extras]:
        named = table(value).get("file")
        for path in [named] if isinstance(named, str) else strings(named):
            try:
                gather(read(os.path.join(os.path.dirname(record.file.path), path)), record, rank, name)
            except Unusable as error:
                record.notes.append(str(error))
