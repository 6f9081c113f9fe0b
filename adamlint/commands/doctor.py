"""``adamlint doctor``: what is installed, set and targeted here, and what "adam" is then."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from adamlint import config as configuration
from adamlint.config import Layer

if TYPE_CHECKING:
    from adamlint.commands.diagnosis import Diagnosis
    from adamlint.commands.installed import Installed
    from adamlint.target import Target


@dataclass(frozen=True)
class Targeted:
    """The target of the current folder, and where its parts come from."""

    target: Target
    releases: str
    platforms: str
    mode: str
    notes: tuple[str, ...] = ()


@click.command()
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True, help="The format.")
def doctor(style: str) -> None:
    """Tell what is installed, set and targeted here, what "adam" is then, and what to do.

    Nothing is imported: TensorFlow need not be installed. The exit code is 0, also where there is something to do.
    """
    from adamlint.commands.diagnosis import diagnose
    from adamlint.commands.installed import look_around

    here, targeted = look_around(), _targeted()
    found = diagnose(here, targeted.target)
    for line in _as_json(here, targeted, found) if style == "json" else _as_text(here, targeted, found):
        click.echo(line)


def _targeted() -> Targeted:
    """The target, from [tool.adamlint], else from the project's metadata.  Raises ConfigError."""
    from adamlint.metadata import infer

    path = configuration.find(os.getcwd())
    shown = os.path.relpath(path) if path else ""
    config = configuration.merge(configuration.read(path, os.path.dirname(path)) if path else Layer(), Layer())
    own = f"[tool.adamlint] of {shown}"
    platforms = f"{', '.join(config.platforms)}: {own}" if config.platforms else "any: the default"
    mode = f"{config.mode}: {own}" if config.mode else "auto: the default"
    if config.tensorflow is not None:
        return Targeted(config.target, own, platforms, mode)
    inferred = infer(os.curdir)
    return Targeted(inferred.target, inferred.source, platforms, mode, inferred.notes)


def _as_text(here: Installed, targeted: Targeted, found: Diagnosis) -> Iterator[str]:
    from adamlint.commands.table import aligned, spans
    from adamlint.commands.which import as_row

    yield from aligned([
        ("python", f"{here.python} on {here.system} {here.machine} (platform {here.platform})"),
        ("tensorflow", _versions(here.tensorflow)),
        ("keras", _versions(here.keras)),
        ("tf_keras", _versions(here.tf_keras)),
        ("TF_USE_LEGACY_KERAS", _variable(here)),
        ("target", f"TensorFlow {spans(targeted.target.releases)}: {targeted.releases}"),
        ("platform", targeted.platforms),
        ("mode", targeted.mode),
        *(("", note) for note in targeted.notes),
    ])  # fmt: skip
    if found.cell is not None:
        yield ""
        yield from aligned([(form, *as_row(fact)) for form, fact in found.facts.items()])
    for lines in (found.remarks, found.advice or ("Nothing to do.",)):
        yield from ("", *lines) if lines else ()


def _variable(here: Installed) -> str:
    from adamlint.program.environment import switches_on

    return "not set" if here.variable is None else f"{here.variable!r}: {'on' if switches_on(here.variable) else 'off'}"


def _versions(found: Mapping[str, str]) -> str:
    return ", ".join(f"{version} ({name})" for name, version in found.items()) or "not installed"


def _as_json(here: Installed, targeted: Targeted, found: Diagnosis) -> Iterator[str]:
    import json

    from adamlint.commands.which import as_dict
    from adamlint.program.environment import switches_on

    answers = {form: as_dict("tensorflow.keras", found.cell, fact) if found.cell else None for form, fact in found.facts.items()}
    report = {
        "python": here.python,
        "system": here.system,
        "machine": here.machine,
        "platform": here.platform,
        "tensorflow": dict(here.tensorflow),
        "keras": dict(here.keras),
        "tf_keras": dict(here.tf_keras),
        "variable": {"value": here.variable, "on": switches_on(here.variable)},
        "target": {
            "tensorflow": {"releases": list(targeted.target.releases), "source": targeted.releases},
            "platform": targeted.platforms,
            "mode": targeted.mode,
            "notes": list(targeted.notes),
        },
        "forms": answers,
        "agree": found.agree,
        "remarks": list(found.remarks),
        "advice": list(found.advice),
    }
    yield json.dumps(report, indent=2)
