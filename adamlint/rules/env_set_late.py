"""`TF_USE_LEGACY_KERAS` is set after TensorFlow was imported, or by `os.putenv`: it has no effect, or mixes two Keras.

TensorFlow 2.15 and later read the variable at `import tensorflow`; earlier ones never do. Whatever imports TensorFlow (Keras 3,
but tensorflow_hub, tf_agents and others, too) counts as much. It is read once more when an attribute of `tf.keras` is first
used. Set in between, `tf.keras.Model` is tf_keras and `from tensorflow.keras import Model` is Keras 3, and the two do not work
together ("Could not interpret optimizer identifier"). `os.putenv` does not change `os.environ`, where TensorFlow looks: no
effect, wherever it stands. What the imported files of the project import and set counts, too, and so do the `__init__.py` of its own
packages and, for tests, conftest.py, which run before it. `!export` in a notebook has no effect either: its shell ends with the
line, and the kernel does not see it.

The fix moves the line above the import of TensorFlow and writes `# isort: split` below it, so that no sorter of imports undoes it.

Bad:
    import os
    import tensorflow as tf
    os.environ["TF_USE_LEGACY_KERAS"] = "1"

Bad:
    import os
    os.putenv("TF_USE_LEGACY_KERAS", "1")
    import tensorflow as tf

Good:
    import os
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tensorflow as tf
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import Outcome, Variable
from adamlint.findings import Effect
from adamlint.idioms.earlier import before_import, to_environ
from adamlint.program.environment import VARIABLE, Import, Write, wants_on
from adamlint.program.module import Module
from adamlint.rule import Problem, Remedy, Rule
from adamlint.text.tree import dotted_name

RULE = Rule("ADM401", "env-set-late")

_MIXED = "`tf.keras.…` may become tf_keras, `from tensorflow.keras import …` does not; TensorFlow is imported before"


@RULE.on(cst.Module)
def check(_: cst.Module, module: Module) -> Iterator[Problem]:
    """Report each write of the variable, meant as on, that TensorFlow does not see."""
    before = module.environment.before()
    timely = before is not None and not before.loads
    late_here = before.place if before is not None and before.loads else None
    for write in sorted(module.environment.writes(), key=lambda write: module.tree.order(write.node)):
        if not module.environment.means_on(write) or _is_tried(write.node, module) or module.environment.starts_processes:
            continue
        loaders = module.environment.loaders(write.node)
        if not loaders and not write.by_putenv and late_here is None:
            timely = True  # later ones repeat it
        elif timely or module.environment.sets_first(write.node):
            continue
        elif write.by_putenv:
            message = f"`os.putenv` does not change `os.environ`, where TensorFlow looks for `{VARIABLE}`"
            yield _problem(write.node, message, None, None if loaders else to_environ(write, module))
        elif any(_reads_keras(loader) for loader in loaders):
            message = f"`{VARIABLE}` has no effect after the import of `tensorflow.keras`"
            yield _problem(write.node, message, loaders[0], before_import(write, loaders[0], module))
        elif not _falls_back(write, module):
            remedy = before_import(write, loaders[0], module) if loaders else None
            yield _problem(write.node, f"`{VARIABLE}` is set too late: {_MIXED}", _place(loaders, module) or late_here, remedy)


@RULE.on(cst.Module)
def check_imports(_: cst.Module, module: Module) -> Iterator[Problem]:
    """Report the first import, after TensorFlow's, of a file of the project that sets the variable."""
    environment = module.environment
    setting = [(line, e) for line in environment.imports if (e := environment.event(line)) is not None and not e.loads and e.sure]
    if not setting or environment.starts_processes:
        return
    line, event = setting[0]
    before, loaders = environment.before(), environment.loaders(line)
    timely = (before is not None and not before.loads) or environment.sets_first(line)
    if loaders and not timely and not any(_is_timely(write, module) for write in environment.writes()):
        message = f"`{VARIABLE}` is set too late by the import of {event.place}: {_MIXED}"
        yield _problem(line, message, _place(loaders, module), None)


def _place(loaders: list[Import], module: Module) -> cst.CSTNode | str | None:
    """Return where TensorFlow is loaded: the first import of this file that does, with the place in another file where it is there."""
    event = module.environment.event(loaders[0]) if loaders else None
    return None if event is None else event.place if ":" in event.place else loaders[0]


@RULE.on(cst.Module)
def check_shells(_: cst.Module, module: Module) -> Iterator[Problem]:
    """Report each `!export` of the variable, meant as on: its shell ends with the line."""
    shells = [call for call, value in module.environment.exports() if wants_on(value)]
    if not shells or module.environment.starts_processes or any(_is_timely(write, module) for write in module.environment.writes()):
        return
    for call in shells:
        message = f"`!export` sets `{VARIABLE}` in a shell of its own, which the kernel does not see: `%env` sets it here"
        yield Problem(call, message, (Variable("on"),), effects={Outcome.OK: Effect.BREAKS})


def _is_timely(write: Write, module: Module) -> bool:
    return module.environment.means_on(write) and not write.by_putenv and not module.environment.loaders(write.node)


def _problem(node: cst.CSTNode, message: str, see: cst.CSTNode | str | None, remedy: Remedy | None) -> Problem:
    return Problem(node, message, (Variable("on"),), effects={Outcome.OK: Effect.BREAKS}, see=see, remedy=remedy)


def _is_tried(node: cst.CSTNode, module: Module) -> bool:
    """Tell whether a test sets the variable for code that reads it itself, or a look at `sys.modules` guards the write."""
    above = list(module.tree.ancestors(node))
    in_test = any(isinstance(a, cst.FunctionDef) and a.name.value.startswith("test") for a in above)
    return in_test or any("sys.modules" in module.tree.code(a.test) for a in above if isinstance(a, cst.If))


def _reads_keras(loader: Import) -> bool:
    names = [dotted_name(alias.name) for alias in loader.names] if isinstance(loader, cst.Import) else [dotted_name(loader.module)]
    return any(name.startswith("tensorflow.keras") for name in names)


def _falls_back(write: Write, module: Module) -> bool:
    """Tell whether the program goes on to import tf_keras itself, and so does not rest on the variable."""
    later = [line for line in module.environment.imports if module.tree.order(line) > module.tree.order(write.node)]
    return any("tf_keras" in module.tree.code(line) for line in later)
