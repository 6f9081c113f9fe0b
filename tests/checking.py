"""How rule tests say what they expect: source in, findings of one code out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from textwrap import dedent

from adamlint.disk import Files
from adamlint.engine import Settings, lint
from adamlint.findings import Effect, Finding, Form
from adamlint.fixing import Fixed, fix
from adamlint.needles import Project
from adamlint.project.neighbours import Neighbours
from adamlint.project.verdicts import judge
from adamlint.rules import load
from adamlint.target import Target
from adamlint.text.source import Program, read


def program(source: str, path: str = "train.py") -> Program:
    """Read a source given as an indented string."""
    return read(path, dedent(source).lstrip("\n").encode())


def settings(
    tensorflow: str | None = None,
    platforms: tuple[str, ...] = (),
    mode: str | None = None,
    project: Project | None = None,
    form: str = "class",
) -> Settings:
    """Settings that show every effect."""
    base = Settings(Target.parse(tensorflow, platforms, mode), report=Effect.IMPLICIT, auto_mode=mode is None)
    return replace(base, project=project or Project(), form=Form(form))


def findings(code: str, source: str, **target: object) -> list[Finding]:
    """Return what the rule of this code finds."""
    rules, here = load([code]), program(source)
    report = lint(here, rules, settings(**target))  # type: ignore[arg-type]
    return [*report.findings, *judge(rules, {here.path: report.sightings}, {here.path: report.findings})]


def places(code: str, source: str, **target: object) -> list[tuple[int, int]]:
    """Return line and column of each finding."""
    return [(f.place.line, f.place.column) for f in findings(code, source, **target)]


def silent(code: str, source: str, **target: object) -> bool:
    """Tell whether the rule finds nothing, not even a syntax error."""
    return not findings(code, source, **target)


def fixed(code: str, source: str, unsafe: bool = False, **target: object) -> str:
    """Return the source after fixing."""
    done: Fixed = fix(program(source), load([code]), settings(**target), unsafe)  # type: ignore[arg-type]
    return done.program.encode().decode()


def among(root: Path, path: str, source: str, *codes: str) -> list[Finding]:
    """Return what rules find in one file of a project, with the other files that are below ``root``."""
    outside = Neighbours(Files(), str(root)).seen_from(str(root / path))
    return list(lint(read(path, source.encode()), load(codes), settings(), outside).findings)


def text(source: str) -> str:
    """Return an indented string as the file that `program` reads it as."""
    return dedent(source).lstrip("\n")
