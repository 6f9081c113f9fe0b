"""``adamlint which``: what an optimizer form is, by release, platform and mode."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from adamlint.commands.check import check

if TYPE_CHECKING:
    from adamlint.atlas import Cell, Fact
    from adamlint.commands.asking import Form
    from adamlint.target import Target

LINES = {"optimizer_v2": "legacy", "keras2": "new", "keras3": "Keras 3", "v1": "TF 1"}


@click.command(params=[option for option in check.params if option.name == "platform"])
@click.argument("form")
@click.option("--tensorflow", metavar="RELEASES", help="Only these releases: 2.12, or '>=2.12,<2.16'.  [default: all measured]")
@click.option("--mode", metavar="NAME", help="Only this mode: eager or graph.  [default: both]")
@click.option("--legacy-keras", is_flag=True, help="As with TF_USE_LEGACY_KERAS=1 and tf_keras installed.")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True, help="The format.")
def which(form: str, tensorflow: str | None, platform: tuple[str, ...], mode: str | None, legacy_keras: bool, style: str) -> None:
    """Tell what an optimizer form is and does, by release, platform and mode.

    FORM is 'adam', "tf.keras.optimizers.Adam(lr=0.1)", keras.optimizers.legacy.SGD, "opt.get_weights()",
    "model.optimizer.lr = 0.1", "from tensorflow.keras.optimizers import AdamW", "{'class_name': 'Adam', 'config': {}}",
    "compile('adam')", TF_USE_LEGACY_KERAS=1 or the like. What is not rooted at a package is taken for tf.keras.

    All is measured, on Apple silicon with what the Python code of Keras decides there; linux stands for windows and
    macos-x86_64, where it decides the same. What was not measured says so.
    """
    from adamlint.commands.forms import NotAForm, parse
    from adamlint.target import TargetError

    try:
        asked, target = parse(form), _target(tensorflow, platform, mode, legacy_keras)
    except (NotAForm, TargetError) as error:
        raise click.ClickException(str(error)) from None
    facts = {cell: asked.answer(cell) for cell in target}
    for line in _as_json(asked, facts) if style == "json" else _as_text(asked, facts):
        click.echo(line)


def _target(tensorflow: str | None, platforms: tuple[str, ...], mode: str | None, legacy_keras: bool) -> Target:
    """The cells to tell of.  Raises TargetError."""
    from adamlint.atlas import releases
    from adamlint.target import Target

    mode = "any" if mode in (None, "auto") else mode
    target = Target.parse(f">={releases()[0]}" if tensorflow is None else tensorflow, platforms, mode)
    return target.with_tf_keras() if legacy_keras else target


def _as_json(form: Form, facts: dict[Cell, Fact | None]) -> Iterator[str]:
    import json

    for note in form.notes:
        click.echo(note, err=True)
    yield json.dumps([as_dict(form.package, cell, fact) for cell, fact in facts.items()], indent=2)


def as_dict(package: str, cell: Cell, fact: Fact | None) -> dict[str, Any]:
    """The answer of one cell as JSON; ``outcome`` is null where it was not measured."""
    from adamlint.atlas import keras_version

    own = package.replace("tensorflow.compat.v1.", "tensorflow.")
    return {
        "tensorflow": cell.tensorflow,
        "keras": keras_version(cell, own) if own in ("keras", "tf_keras", "tensorflow.keras") else None,
        "platform": cell.platform,
        "mode": cell.mode,
        "class": fact.cls if fact else None,
        "generation": fact.generation if fact else None,
        "outcome": fact.outcome.value if fact else None,
        "message": fact.message if fact else "not measured",
    }


def _as_text(form: Form, facts: dict[Cell, Fact | None]) -> Iterator[str]:
    from adamlint.commands.compiled import notes
    from adamlint.commands.table import aligned, merged

    rows = merged({cell: as_row(fact) for cell, fact in facts.items()})
    heads = ("TensorFlow", "platform", "mode", "class", "line", "outcome")
    yield from aligned([heads, *((releases, platforms, modes, *row) for releases, platforms, modes, row in rows)])
    told = [*form.notes, *notes(form.made, facts)]
    if told:
        yield ""
    yield from told


def as_row(fact: Fact | None) -> tuple[str, str, str]:
    """Class, line of development and outcome, in words."""
    if fact is None:
        return "-", "-", "not measured"
    said = f"{fact.outcome.value}: {fact.message}" if fact.message else fact.outcome.value
    return fact.cls or "-", LINES.get(fact.generation or "", "-"), said
