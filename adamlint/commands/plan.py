"""``adamlint plan``: what breaks or changes on the way from one release to another, step by step."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from adamlint.commands.check import check, config_of
from adamlint.run import session
from adamlint.run.discovery import find
from adamlint.run.session import Options

if TYPE_CHECKING:
    from adamlint.findings import Finding
    from adamlint.run.session import Result

_SHARED = frozenset({
    "paths", "select", "extend_select", "ignore", "per_file_ignores", "exclude", "report", "platform", "mode", "isolated", "config",
    "jobs",
})  # fmt: skip


@click.command(params=[option for option in check.params if option.name in _SHARED])
@click.option("--from", "start", metavar="RELEASE", required=True, help="The TensorFlow that the code runs on now, as 2.10.")
@click.option("--to", "end", metavar="RELEASE", help="The TensorFlow that it is to run on.  [default: the newest]")
@click.option("--format", "style", type=click.Choice(["text", "json", "markdown"]), default="text", help="[default: text]")
@click.pass_context
def plan(context: click.Context, /, paths: tuple[str, ...], start: str, end: str | None, style: str, **given: Any) -> None:
    """Tell what breaks or changes in PATHS at which step of an upgrade of TensorFlow.

    A step is a release compared with the one before it; what is already amiss on the first one is for `adamlint check`.

    The exit code is 0, whatever is found, and 2 as that of `adamlint check`.
    """
    from adamlint.commands.roadmap import render

    way = _way(start, end)
    between = f">={way[0]},<={way[-1]}.99"
    config = config_of({**given, "tensorflow": between, "output_format": None})
    found = find(paths or (os.curdir,), config)
    result = session.run(found.files, config, Options(jobs=given["jobs"], way=way))
    for line in render(style, way, _steps(result, way)):
        click.echo(line)
    sys.stdout.flush()
    context.exit(_conclude(result, found.errors))


def _way(start: str, end: str | None) -> tuple[str, ...]:
    """The measured releases from ``start`` to ``end``.  Raises ClickException."""
    from adamlint.atlas import releases

    first, last = _release(start), releases()[-1] if end is None else _release(end)
    way = releases()[releases().index(first) : releases().index(last) + 1]
    if not way:
        raise click.ClickException(f"--from {start} is newer than --to {end}")
    return way


def _release(text: str) -> str:
    """The one measured release that is meant.  Raises ClickException."""
    from adamlint.target import TargetError, fitting

    try:
        found = fitting(text)
    except TargetError as error:
        raise click.ClickException(str(error)) from None
    if len(found) > 1:
        raise click.ClickException(f"'{text}' is more than one release: write one such as {found[0]}")
    return found[0]


def _steps(result: Result, way: tuple[str, ...]) -> dict[str, list[Finding]]:
    """The findings of each step, in the order of files."""
    steps = {release: [found for file in result.checked for found in file.steps.get(release, ())] for release in way[1:]}
    return {release: sorted(found, key=lambda finding: finding.sort_key) for release, found in steps.items()}


def _conclude(result: Result, errors: tuple[str, ...]) -> int:
    """Say on stderr which files are not in the plan, and give the exit code."""
    for finding in result.findings:
        click.echo(f"{finding.path}:{finding.place.line}:{finding.place.column}: {finding.code} {finding.message}", err=True)
    for line in (*errors, *result.errors):
        click.echo(f"adamlint: {line}", err=True)
    click.echo(f"{result.files} file{'s' if result.files != 1 else ''} checked", err=True)
    return 2 if errors or result.errors else 0
