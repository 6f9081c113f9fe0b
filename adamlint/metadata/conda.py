"""environment.yml: the lists of it, read by their indents; the rest of YAML is not needed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from packaging.utils import canonicalize_name

from adamlint.metadata import versions
from adamlint.metadata.files import File, Unusable, read
from adamlint.metadata.requirements import gather
from adamlint.metadata.statement import Record, Statement, Wanted, is_one, switches_on

_SPEC = re.compile(r"(?:.*::)?([\w.-]+)\s*(\[.*\])?(.*)")
_KEY = re.compile(r"([\w.-]+)\s*:\s*(.*)")


def read_environment(file: File) -> Statement:
    """What an environment.yml says.  Raises nothing: what it does not understand says nothing."""
    record = Record(file)
    for number, section, item in _items(file.text):
        if section == "dependencies":
            require(item, number, record)
        elif section == "pip":
            _pip(item, number, record)
        elif section == "variables":
            key = _KEY.fullmatch(item)
            record.legacy_keras |= bool(key) and item.startswith("TF_USE_LEGACY_KERAS") and switches_on(key and key[2])
    return record.statement()


def require(text: str, line: int, record: Record, section: str = "") -> None:
    """Note a requirement in conda's words: ``conda-forge::tensorflow=2.12``."""
    spec = _SPEC.fullmatch(text)
    if spec is None or not (is_one(spec[1]) or spec[1] == "python"):
        return
    inner = re.search(r"version\s*=\s*['\"]?([^'\"\]]+)", spec[2] or "")
    try:
        any_of = versions.conda(inner[1] if inner else spec[3])
    except ValueError:
        record.pass_over(text, line)
        return
    if spec[1] == "python":
        record.for_python(any_of, line, text)
    else:
        record.add(Wanted(canonicalize_name(spec[1]), any_of, record.file.place(line), text), section=section)


def _pip(text: str, line: int, record: Record) -> None:
    named = re.fullmatch(r"(?:-r|--requirement)[\s=]*(.+)", text)
    if not named:
        record.require(text, line)
        return
    try:
        gather(read(os.path.join(os.path.dirname(record.file.path), named[1].removeprefix("file:"))), record)
    except Unusable as error:
        record.notes.append(str(error))


def _items(text: str) -> Iterator[tuple[int, str, str]]:
    """Items of lists and mappings: line, the key that they are under ("pip" for the list inside of another), the text."""
    section = ""
    pip_indent = -1
    for number, raw in enumerate(text.splitlines(), 1):
        line = re.sub(r"(^|\s)#.*", "", raw).rstrip()
        stripped = line.strip()
        indent = len(line) - len(line.lstrip())
        key = _KEY.fullmatch(stripped)
        if key and indent == 0:
            section, pip_indent = key[1], -1
            for item in key[2].strip("[] ").split(",") if key[2].startswith("[") else ():
                yield number, section, _bare(item)
        elif re.fullmatch(r"-\s*[\"']?pip[\"']?\s*:", stripped):
            pip_indent = indent
        elif stripped:
            inside = pip_indent >= 0 and indent > pip_indent
            pip_indent = pip_indent if inside else -1
            yield number, "pip" if inside else section, _bare(re.sub(r"^-\s*", "", stripped))


def _bare(item: str) -> str:
    item = item.strip()
    return item[1:-1] if item[:1] in ("'", '"') and item[-1:] == item[:1] else item
