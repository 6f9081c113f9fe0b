"""A private module of Keras is imported: it is gone, or holds another class, on some releases.

Keras has moved its modules with almost every release: `keras.optimizer_v2` is there up to TF 2.8, then
`keras.optimizers.optimizer_v2` up to 2.11, `keras.optimizers.adam` on 2.12 alone, `keras.src` from 2.13 on (where
`keras.src.optimizers.Adam` is the legacy class up to 2.15), `keras.api._v2` from 2.6 to 2.15, `keras.engine` up to 2.12.
`tensorflow.python.keras` can be imported everywhere. Up to TF 2.5 it is what `tf.keras` is; from 2.6 on it is a copy of an older Keras
that nothing else uses: a `tf.keras` model refuses its optimizers ("Could not interpret optimizer identifier", measured on 2.6 to 2.21),
and `tensorflow.python.keras.optimizers` has no Adam since 2.4. `tensorflow.compat.v1.python` is on no release (measured on 2.3 to 2.21).
The public paths have stayed.

Bad:
    from keras.optimizers.optimizer_v2.adam import Adam

Bad:
    from tensorflow.python.keras import backend as K

Good:
    from tensorflow.keras import backend as K
    from tensorflow.keras.optimizers import Adam

Good:
    try:
        from keras.src.saving.saving_lib import load_model
    except ImportError:
        from keras.models import load_model
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Cell, Construct, Import, Outcome, Same, look_up
from adamlint.atlas.measured import outcomes
from adamlint.findings import Effect
from adamlint.idioms.private import gone_package, imported, is_below, is_copy, is_private, measured_package, public_twin, to_public
from adamlint.program.module import Module
from adamlint.rule import FAILS, Problem, Rule
from adamlint.values.kinds import OPTIMIZERS

RULE = Rule("ADM203", "private-import")

_COPIED_ADAM = Construct("tensorflow.python.keras.optimizer_v2.adam.Adam")
_COPIED_IS_PUBLIC = Same(_COPIED_ADAM.path, "tensorflow.keras.optimizers.Adam")


@RULE.on(cst.ImportFrom)
def check_from(node: cst.ImportFrom, module: Module) -> Iterator[Problem]:
    """Report `from <private module> import …`."""
    yield from _problems(node, module)


@RULE.on(cst.Import)
def check_import(node: cst.Import, module: Module) -> Iterator[Problem]:
    """Report `import <private module>`."""
    yield from _problems(node, module)


def _problems(node: cst.ImportFrom | cst.Import, module: Module) -> Iterator[Problem]:
    """Report a statement once, and each optimizer in it, unless it is one side of a `try: … except ImportError`."""
    private = [(alias, path) for alias, path in imported(node) if is_private(path)]
    if not private or module.guards.handles(node, "ImportError") or module.tree.enclosing(node, cst.ExceptHandler):
        return
    if _is_keras_itself(module):
        return
    optimizers = [(alias, path) for alias, path in private if path.rpartition(".")[2] in OPTIMIZERS]
    for alias, path in optimizers or private[:1]:
        if is_copy(path) and module.guards.sorts_out(node, _COPIED_ADAM):
            continue  # the releases were told apart
        gone = gone_package(path)
        if gone is not None:
            yield Problem(alias, f"`{path}` cannot be imported: no release has `{gone}`", always=Effect.BREAKS)
        else:
            yield _copy(alias, path, module) if is_copy(path) else _moved(alias, path, module)


def _is_keras_itself(module: Module) -> bool:
    """Tell whether a file is one of Keras's own, or of TensorFlow's, or of their tests: nothing else has a use for these two."""
    if module.project_has("keras", "src/__init__.py") or module.project_has("tensorflow", "python/__init__.py"):
        return True
    own = (path for node in module.tree.nodes(cst.ImportFrom) for _, path in imported(node))
    return any(is_below(path, "keras.src.api_export") or path == "keras.src.testing" for path in own)


def _copy(alias: cst.ImportAlias, path: str, module: Module) -> Problem:
    fails = Outcome.RAISES in outcomes(Import(path))
    return Problem(
        alias,
        f"`{path}` is of a private copy of an older Keras, not of the one that `tf.keras` is",
        (Import(path) if fails else _COPIED_ADAM,),
        effects=FAILS if fails else {Outcome.OK: Effect.DIFFERS},
        where=lambda cell, _: fails or not _is_public(cell),
        remedy=to_public(path, module),
    )


def _is_public(cell: Cell) -> bool:
    """Tell whether the copy is what `tf.keras` is, as up to TF 2.5."""
    same = look_up(_COPIED_IS_PUBLIC, cell)
    return same is not None and same.outcome is Outcome.OK


def _moved(alias: cst.ImportAlias, path: str, module: Module) -> Problem:
    twin = public_twin(path)
    return Problem(
        alias,
        f"`{path}` is private",
        (Construct(path), Import(path), Import(measured_package(path))),
        effects={Outcome.RAISES: Effect.BREAKS},
        compare=Construct(twin) if twin is not None and twin.rpartition(".")[2] in OPTIMIZERS else None,
        remedy=to_public(path, module) if twin is not None else None,  # for one, all imports of the file are read
    )
