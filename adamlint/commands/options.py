"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Sequence

import click


def listed(_: click.Context, __: click.Parameter, value: Sequence[str]) -> tuple[str, ...]:
    """The items of an option that takes comma-separated lists and can be repeated."""
    return tuple(item.strip() for text in value for item in text.split(",") if item.strip())


platform_option = click.option(
    "--platform",
    multiple=True,
    callback=listed,
    metavar="NAME",
    help="Only this: linux, windows, macos-x86_64, macos-arm64 or macos; can be repeated.  [default: any]",
)
