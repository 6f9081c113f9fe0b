"""Dockerfile: the image that it begins with, and what it installs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from adamlint.metadata import conda, versions
from adamlint.metadata.files import File
from adamlint.metadata.statement import MAIN, Record, Statement, Wanted, switches_on

_IMAGE = re.compile(r"(?:.*/)?tensorflow/tensorflow(?::(?P<tag>[^@\s]+))?(?:@\S+)?")
_PYTHON = re.compile(r"(?:.*/)?python:(\d+\.\d+)")
_INSTALL = re.compile(r"\b(pip3?(?:\.\d+)?|conda|mamba|micromamba)\s+(?:-\S+\s+)*install\b(.*)")


def read_dockerfile(file: File) -> Statement:
    """What a Dockerfile says; each image and each install line is an alternative."""
    record = Record(file)
    arguments: dict[str, str] = {}
    for number, instruction, rest in _instructions(file.text):
        text = _filled(rest, arguments)
        if instruction == "ARG":
            name, _, value = text.partition("=")
            arguments.setdefault(name.strip(), value.strip("\"' "))
        elif instruction == "FROM":
            _image(re.sub(r"^(--\S+\s+)*", "", text).split(" ")[0], number, record)
        elif instruction == "ENV":
            setting = re.search(r"\bTF_USE_LEGACY_KERAS[=\s]+(\S+)", text)
            record.legacy_keras |= bool(setting) and switches_on(setting and setting[1])
        elif instruction == "RUN":
            installs(text, number, record)
    return record.statement()


def _image(name: str, number: int, record: Record) -> None:
    image, python = _IMAGE.fullmatch(name), _PYTHON.match(name)
    if image:
        version = re.match(r"v?(\d+\.\d+)", image["tag"] or "")
        any_of = versions.pip(f"=={version[1]}.*") if version else versions.ANY
        record.add(Wanted("tensorflow", any_of, record.file.place(number), f"FROM {name}"), MAIN, str(number))
    elif python:
        record.requires_python(f"=={python[1]}.*", number, "FROM python")


def installs(text: str, number: int, record: Record) -> None:
    """Note what a line of shell commands installs with pip or conda: together, an alternative to other lines."""
    for command in re.split(r"&&|\|\||[;|]\s", text):
        found = _INSTALL.search(command)
        for word in _words(found[2]) if found else ():
            if found and found[1].startswith("pip"):
                record.require(word, number, MAIN, str(number))
            else:
                conda.require(word, number, record, str(number))


def _words(text: str) -> list[str]:
    """The words of a shell command that are no options and no addresses."""
    try:
        words = shlex.split(text, comments=True)
        return [word for word in words if not word.startswith(("-", "git+", "http:", "https:"))]
    except ValueError:
        return []


def _instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """Instructions with their lines; continued lines are joined, and comments between them are left out."""
    joined, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#"):
            continue
        start = start or number
        joined += line.rstrip().removesuffix("\\") + " "
        if line.rstrip().endswith("\\"):
            continue
        instruction, _, rest = joined.strip().partition(" ")
        if instruction:
            yield start, instruction.upper(), rest.strip()
        joined, start = "", 0


def _filled(text: str, arguments: dict[str, str]) -> str:
    """The text with ``$NAME`` and ``${NAME}`` of the ARGs before it."""
    return re.sub(r"\$(?:\{(\w+)[^}]*\}|(\w+))", lambda found: arguments.get(found[1] or found[2], found[0]), text)
