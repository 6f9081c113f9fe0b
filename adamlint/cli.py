"""The command line: its commands, and one line and an exit code for everything that goes wrong."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from adamlint import __version__
from adamlint.commands.check import check
from adamlint.commands.doctor import doctor
from adamlint.commands.plan import plan
from adamlint.commands.rule import rule
from adamlint.commands.which import which
from adamlint.config import ConfigError
from adamlint.run.discovery import MissingPath

_FAILED = 2


class _Interrupted(Exception):  # noqa: N818
    """Ctrl-C."""


class Adamlint(click.Group):
    """The commands, with ``check`` for arguments that do not begin with the name of one."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command and exit with its code."""
        sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115  # it is None where it was closed: `>&-`
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        try:
            code = super().main(*args, **{**extra, "prog_name": "adamlint", "standalone_mode": False})
            sys.stdout.flush()
        except (_Interrupted, click.Abort):
            raise KeyboardInterrupt from None
        except click.ClickException as error:
            code = _fail(error.format_message())
        except (ConfigError, MissingPath) as error:
            code = _fail(str(error))
        except BrokenPipeError:  # nobody reads the rest
            _drop_output()
            code = 1
        except OSError as error:  # files tell of theirs, so this is of the report: a full disk
            _drop_output()
            code = _fail(f"the output cannot be written: {error.strerror or error}")
        sys.exit(code)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was chosen; Ctrl-C goes past click, which would print an empty line."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise _Interrupted from None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``check`` before arguments that do not begin with a command."""
        own = {*self.commands, *ctx.help_option_names, "--version"}
        return super().parse_args(ctx, args if args and args[0] in own else ["check", *args])

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the options of ``check``, which need not be named."""
        check.format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


def _drop_output() -> None:
    """Let go of what is left to print, which Python would flush at its end and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str) -> int:
    """Say in one line on stderr what went wrong, and give the exit code of that."""
    click.echo(f"adamlint: {' '.join(message.split())}", err=True)
    return _FAILED


@click.group(
    cls=Adamlint,
    help=check.help,
    commands=[check, doctor, plan, rule, which],
    options_metavar="[OPTIONS]",
    subcommand_metavar="[PATHS]...",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="adamlint", message="%(prog)s %(version)s")
def main() -> None:
    """Run ``adamlint``."""
