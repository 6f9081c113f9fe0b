"""``adamlint check``: the findings on stdout, what else there is to say on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import IO, TYPE_CHECKING, Any

import click

from adamlint import config as configuration
from adamlint.config import Config, ConfigError, Layer
from adamlint.findings import Effect, Form
from adamlint.reports import FORMATS, About, render
from adamlint.reports.summary import statistics, summary, titles
from adamlint.run import session
from adamlint.run.discovery import Found, find
from adamlint.run.session import Options, Result
from adamlint.run.targets import Aim, Targets

if TYPE_CHECKING:
    from adamlint.target import Target
    from adamlint.text.source import Program

_STDIN = "-"


def _listed(_: click.Context, __: click.Parameter, value: Sequence[str]) -> tuple[str, ...]:
    """The items of an option that takes comma-separated lists and can be repeated."""
    return tuple(item.strip() for text in value for item in text.split(",") if item.strip())


def _per_file(context: click.Context, parameter: click.Parameter, value: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """``PATTERN:CODE,CODE,PATTERN:CODE`` as patterns with their codes."""
    pairs: list[tuple[str, tuple[str, ...]]] = []
    for item in _listed(context, parameter, value):
        pattern, colon, code = item.rpartition(":")
        if pattern and code:
            pairs.append((pattern, (code,)))
        elif pairs and not colon:
            pairs[-1] = (pairs[-1][0], (*pairs[-1][1], code))
        else:
            raise click.BadParameter(f'"{item}" is not PATTERN:CODE', param=parameter)
    return tuple(pairs)


def _flag(name: str, text: str) -> Callable[[Any], Any]:
    return click.option(name, is_flag=True, help=text)


def _list(name: str, metavar: str, text: str, callback: Any = _listed) -> Callable[[Any], Any]:
    return click.option(name, multiple=True, callback=callback, metavar=metavar, help=text)


def _choice(name: str, choices: Sequence[str], text: str, default: str | None = None) -> Callable[[Any], Any]:
    return click.option(name, type=click.Choice(choices), default=default, show_default=default is not None, help=text)


_OPTIONS = (
    _flag("--fix", "Apply the safe fixes and report what is left. With - the fixed code goes to stdout, the report to stderr."),
    _flag("--unsafe-fixes", "Let --fix and --diff apply unsafe fixes too."),
    _flag("--diff", "Print what --fix would change, for git apply (notebooks: to be read), and on stderr why; write nothing."),
    _list("--select", "RULES", "Check these only: codes, beginnings of codes, or names. ADM701 is off unless selected."),
    _list("--extend-select", "RULES", "Check these as well."),
    _list("--ignore", "RULES", "Do not check these."),
    _list("--per-file-ignores", "PATTERN:RULES", "Do not check these in the files of a pattern.", _per_file),
    _list("--exclude", "PATTERNS", "Leave out these files and folders too, even when they are named; as in a .gitignore."),
    _choice("--report", [effect.value for effect in Effect], "The least effect to show.  [default: differs]"),
    click.option("--tensorflow", metavar="RELEASES", help="TensorFlow to run on: 2.12, or '>=2.12,<2.16'.  [default: as required]"),
    _list("--platform", "NAME", "linux, windows, macos-x86_64, macos-arm64, macos or any.  [default: any]"),
    click.option("--mode", metavar="NAME", help="eager, graph, any, or auto: by the file.  [default: auto]"),
    _choice("--form", [form.value for form in Form], "How an Adam is to be written.  [default: class]"),
    _list("--extend-safe-fixes", "RULES", "Let --fix apply the fixes of these, whatever is known of their safety."),
    _list("--extend-unsafe-fixes", "RULES", "Apply the fixes of these with --unsafe-fixes alone."),
    _choice("--output-format", list(FORMATS), "How findings are printed.  [default: flake8]"),
    _flag("--statistics", "Count the findings by rule, on stderr."),
    _flag("--exit-zero", "Exit with 0 even when there are findings."),
    click.option("--stdin-filename", metavar="PATH", help="The name of what is read from stdin, when the path is -."),
    _flag("--isolated", "Read no configuration, and no requirements for the target."),
    click.option("--config", metavar="FILE", help="Read [tool.adamlint] of this file.  [default: the nearest pyproject.toml]"),
    click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="How many processes to use.  [default: as many as help]"),
    _flag("--no-cache", "Neither read nor write .adamlint_cache."),
    _choice("--color", ["auto", "always", "never"], "Whether the full format has colors; auto heeds NO_COLOR.", "auto"),
    _flag("--verbose", "Say on stderr what is checked, and for which target."),
)  # fmt: skip


def _with_options(function: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@_with_options
@click.pass_context
def check(context: click.Context, /, paths: tuple[str, ...], **given: Any) -> None:
    """Find, and with --fix mend, Keras optimizers that are not what they seem to be.

    PATHS are files and folders, - is stdin, none is the current folder.

    The exit code is 0 when nothing is found or left, 1 when something is (with --diff: when there is a diff), and 2 for
    wrong usage or configuration, a path that is missing and a file that could not be written.
    """
    config = config_of(given)
    options = Options(given["fix"], given["unsafe_fixes"], given["diff"], given["jobs"], not given["no_cache"])
    if _STDIN in paths:
        if len(paths) > 1:
            raise click.UsageError("- (stdin) stands alone")
        context.exit(_check_stdin(given, config, options))
    found = find(paths or (os.curdir,), config)
    targets = Targets(config)
    aims = tuple(dict.fromkeys(targets.of(path) for path in found.files or ("",))) if given["verbose"] else ()
    if given["verbose"]:
        _describe(config, aims, found)
    result = session.run(found.files, config, options, targets)
    if given["verbose"]:
        _describe_result(result, aims)
    sys.stdout.flush()
    sys.stdout.buffer.write(result.diff)
    if not options.diff:
        _print(result, config, given["color"], _program, sys.stdout)
    context.exit(_conclude(result, found.errors, options, given))


def config_of(given: dict[str, Any]) -> Config:
    """The settings of the run, from the configuration file and the command line."""
    here = os.getcwd()
    line = Layer(
        select=given["select"] or None,
        extend_select=given["extend_select"],
        ignore=given["ignore"],
        per_file_ignores=given["per_file_ignores"] or None,
        extend_exclude=given["exclude"],
        report=given["report"],
        tensorflow=given["tensorflow"],
        platform=given["platform"] or None,
        mode=given["mode"],
        form=given.get("form"),
        extend_safe_fixes=given.get("extend_safe_fixes") or (),
        extend_unsafe_fixes=given.get("extend_unsafe_fixes") or (),
        output_format=given["output_format"],
        base=here,
    )
    named = given["config"]
    if named and given["isolated"]:
        raise ConfigError("--config and --isolated exclude each other")
    path = None if given["isolated"] else named or configuration.find(here)
    base = here if named or path is None else os.path.dirname(path)
    merged = configuration.merge(configuration.read(path, base) if path else Layer(), line)
    return replace(merged, metadata=not given["isolated"])


def _check_stdin(given: dict[str, Any], config: Config, options: Options) -> int:
    """Check what comes from stdin; with --fix, it goes to stdout as it becomes."""
    path = given["stdin_filename"] or _STDIN
    data = sys.stdin.buffer.read()
    result = Result(0, ())
    if not config.excluded(path):
        result = session.check_text(path, data, config, options)
    new = next((file.new for file in result.checked if file.new is not None), data)

    def program(_: str) -> Program | None:
        return _parsed(path, new)

    if options.diff:
        sys.stdout.buffer.write(result.diff)
    elif options.fix:
        sys.stdout.buffer.write(new)
        _print(result, config, given["color"], program, sys.stderr)
    else:
        _print(result, config, given["color"], program, sys.stdout)
    return _conclude(result, (), options, given)


def _print(result: Result, config: Config, color: str, program: Callable[[str], Program | None], stream: IO[str]) -> None:
    """Print the findings in the format that is asked for."""
    colored = color == "always" or (color == "auto" and stream.isatty() and not os.environ.get("NO_COLOR"))
    about = About(lambda: _target(result, config), program, colored)
    for line in render(config.output_format, result.findings, about):
        stream.write(f"{line}\n")


def _conclude(result: Result, errors: Sequence[str], options: Options, given: dict[str, Any]) -> int:
    """Say on stderr how the run went, and give its exit code."""
    sys.stdout.flush()
    errors = (*errors, *result.errors)
    for line in (*(f"note: {note}" for note in result.notes), *errors):
        click.echo(f"adamlint: {line}", err=True)
    for line in statistics(result.findings) if given["statistics"] else ():
        click.echo(line, err=True)
    for line in titles(result.mended) if options.diff else ():
        click.echo(line, err=True)
    mended = len(result.mended) if options.rewrites else None
    click.echo(summary(result.findings, result.files, mended, options.diff, result.hidden), err=True)
    if errors:
        return 2
    return 1 if (result.diff if options.diff else result.findings) and not given["exit_zero"] else 0


def _target(result: Result, config: Config) -> Target:
    """All that the files must run on."""
    aims = result.aims or (Targets(config).of(""),)
    return reduce(or_, (aim.target for aim in aims))


def _describe(config: Config, aims: Iterable[Aim], found: Found) -> None:
    """Say what is about to be checked, and for which targets."""
    _describe_targets(aims)
    click.echo(f"rules: {', '.join(sorted(config.codes))}", err=True)
    for path in found.files:
        click.echo(f"checking {path}", err=True)


def _describe_result(result: session.Result, aims: Sequence[Aim]) -> None:
    """Say what showed only when the files were read."""
    _describe_targets(aim for aim in result.aims if aim not in aims)  # what notebooks install
    for file in result.checked:
        if file.left_out:
            click.echo(f"not read: {file.path}: {file.left_out}", err=True)


def _describe_targets(aims: Iterable[Aim]) -> None:
    """Say what is targeted, with what says so."""
    for aim in aims:
        platforms = sorted({cell.platform for cell in aim.target.cells})
        click.echo(f"TensorFlow {', '.join(aim.target.releases)} on {', '.join(platforms)}: {aim.source}", err=True)


def _program(path: str) -> Program | None:
    """The program in a file, to show lines of it."""
    try:
        with open(path, "rb") as file:
            return _parsed(path, file.read())
    except OSError:
        return None


def _parsed(path: str, data: bytes) -> Program | None:
    from adamlint.text.source import Unreadable, read

    try:
        return read(path, data)
    except Unreadable:
        return None
