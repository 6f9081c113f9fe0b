"""Where a program sets TF_USE_LEGACY_KERAS, and what has imported TensorFlow by then.

TensorFlow 2.15 and later read the variable at `import tensorflow`, and once more when an attribute of `tf.keras` is
first used (measured). Only what has surely run counts: a branch, a loop or a function of unknown callers proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import libcst as cst

from adamlint.names.flow import Flow
from adamlint.text.tree import Tree, dotted_name
from adamlint.values.evaluate import Values
from adamlint.values.value import Const, Display, Outside

VARIABLE = "TF_USE_LEGACY_KERAS"

# Packages whose import imports TensorFlow at once: read in the source of their releases, from `__init__.py` on along the
# imports that are not inside functions. (tensorflow_datasets, tensorflow_probability and transformers do it later: not here.)
_TENSORFLOW = frozenset({
    "alibi_detect", "bayesflow", "deepchem", "gpflow", "keras_cv", "larq", "spektral", "stellargraph", "tensorflow",
    "tensorflow_addons", "tensorflow_federated", "tensorflow_hub", "tensorflow_io", "tensorflow_model_optimization",
    "tensorflow_ranking", "tensorflow_recommenders", "tensorflow_similarity", "tensorflow_text", "tf_agents",
    "tf_keras",
})  # fmt: skip
# Packages that import `keras`, which imports TensorFlow unless KERAS_BACKEND is another.
_KERAS = frozenset({"autokeras", "keras", "keras_hub", "keras_nlp", "keras_tuner", "scikeras"})

# Packages that switch the variable on before they import TensorFlow (ktrain/imports.py, deepface/DeepFace.py).
_SETTING = frozenset({"deepface", "ktrain"})

# Another process, or a restarted kernel, imports TensorFlow after the variable was set.
_PROCESS = re.compile(r"(subprocess|multiprocessing|concurrent\.futures|ray)\.|os\.(system|popen|kill|exec|spawn|posix_spawn|fork)")
_SHELL = "get_ipython().system("
_SCRIPT = re.compile(r"python[\d.]*\b|\.(py|sh)\b")

# A shell command that sets the variable for the commands behind it; a notebook gives each line a shell of its own.
_EXPORT = re.compile(rf"(?:^|[;&|]\s*)(?:export|declare\s+-x|setx?)\s+{VARIABLE}(?:=|\s+)[\"']?(\w*)")

_BLOCKS = (cst.Module, cst.IndentedBlock, cst.SimpleStatementLine, cst.SimpleStatementSuite)
_PLAIN = (cst.Module, cst.SimpleStatementLine, cst.Expr, cst.Assign, cst.AssignTarget, cst.AugAssign, cst.Call, cst.Attribute)
_ON_WORDS = frozenset({"1", "true", "yes", "on", "y", "t", "enable", "enabled"})

Import = cst.Import | cst.ImportFrom


@dataclass(frozen=True)
class Event:
    """What an import does first: it loads TensorFlow, or sets the variable."""

    loads: bool
    place: str  # in words: "models.py:3"
    sure: bool = True  # not only where a function of the file is called


class Startup(Outside, Protocol):
    """What other files of the project do when they are imported, seen from one of them."""

    def importing(self, modules: Sequence[str]) -> Event | None:
        """Return what an import of these modules does first; None for nothing, or where they are not of the project."""

    def before(self) -> Event | None:
        """Return what the files do first that are surely imported before this one: those of its packages, and conftest.py."""


@dataclass(frozen=True)
class Write:
    """One place that sets the variable: to what, and whether by `os.putenv` or in bytes (`os.environb`)."""

    node: cst.CSTNode
    value: cst.BaseExpression
    by_putenv: bool = False
    in_bytes: bool = False


def switches_on(value: object) -> bool:
    """Tell whether TensorFlow takes this value of the variable for on (measured)."""
    return value in ("1", "True", "true", b"1", b"True", b"true")


def wants_on(value: object) -> bool:
    """Tell whether who writes this value means it as on, be it right or wrong."""
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    if not isinstance(value, str):
        return bool(value)
    word = value.strip().lower()
    return word in _ON_WORDS or (word.isdecimal() and int(word) > 0)


class Environment:
    """One variable of the environment in one program: ``TF_USE_LEGACY_KERAS``, or another."""

    def __init__(
        self, tree: Tree, flow: Flow, values: Values, startup: Startup | None = None, variable: str = VARIABLE
    ) -> None:
        self.tree, self.flow, self.values, self.variable = tree, flow, values, variable
        self._startup = startup

    def chooses_tf_keras(self) -> bool:
        """Tell whether the program surely switches the variable on before TensorFlow is imported: tf.keras is tf_keras then."""
        return any(all(map(switches_on, given)) and not self.loaders(write.node) for write, given in self.surely())

    def surely(self) -> Iterator[tuple[Write, list[object]]]:
        """Yield the places that set the variable whenever the program runs, and to which constants."""
        for write in self.writes():
            values = self.values.of(write.value)
            if self.is_plain(write.node) and not write.by_putenv and all(isinstance(value, Const) for value in values):
                yield write, [value.value for value in values if isinstance(value, Const)]

    def is_plain(self, node: cst.CSTNode) -> bool:
        """Tell whether a statement runs whenever its file does, as far as its place tells."""
        return all(isinstance(above, _PLAIN) for above in self.tree.ancestors(node))

    def means_on(self, write: Write) -> bool:
        """Tell whether a write is meant to switch the variable on."""
        texts = [v.value for v in self.values.of(write.value) if isinstance(v, Const) and isinstance(v.value, (str, bytes))]
        return any(wants_on(text) for text in texts)

    # What is written ------------------------------------------------------------------------------

    def writes(self) -> Sequence[Write]:
        """Return the places that set the variable; reads, deletions and copies of the environment are none."""
        return self._writes

    @cached_property
    def _writes(self) -> tuple[Write, ...]:
        return tuple(self._found())

    def _found(self) -> Iterator[Write]:
        if not any(word in self.tree.text for word in (self.variable, "environ", "putenv")):  # as in most files, which cost nothing then
            return
        for assign in self.tree.nodes(cst.Assign):
            for target in assign.targets:
                yield from self._item(assign, target.target, assign.value)
        for merged in self.tree.nodes(cst.AugAssign):
            if isinstance(merged.operator, cst.BitOrAssign):
                yield from self._entries(merged, merged.target, merged.value)
        for call in self.tree.nodes(cst.Call):
            yield from self._call(call)

    def exports(self) -> Iterator[tuple[cst.Call, str]]:
        """Yield the shell lines of a notebook (`!export …`) that set the variable, and to what."""
        for call in self.tree.nodes(cst.Call) if self.variable in self.tree.text else ():
            if self.tree.code(call.func) == "get_ipython().system" and len(call.args) == 1:
                commands = [text for text, _ in self.values.strings(call.args[0].value)]
                yield from ((call, found[1]) for command in commands for found in _EXPORT.finditer(command))

    def _item(self, node: cst.CSTNode, target: cst.BaseExpression, value: cst.BaseExpression) -> Iterator[Write]:
        if not isinstance(target, cst.Subscript) or len(target.slice) != 1:
            return
        home, index = self._home(target.value), target.slice[0].slice
        if home and isinstance(index, cst.Index) and self._is_key(index.value):
            yield Write(node, value, in_bytes=home == "os.environb")

    def _entries(self, node: cst.CSTNode, mapping: cst.BaseExpression, given: cst.BaseExpression) -> Iterator[Write]:
        home = self._home(mapping)
        displays = [value for value in self.values.of(given) if isinstance(value, Display)] if home else []
        for display in displays:
            for key, value in self.values.displays.entries(display):
                if key in (self.variable, self.variable.encode()):
                    yield Write(node, value, in_bytes=home == "os.environb")

    def _call(self, call: cst.Call) -> Iterator[Write]:
        arguments = [arg.value for arg in call.args if arg.keyword is None and not arg.star]
        if self.values.names(call.func) == ("os.putenv",):
            if len(arguments) == 2 and self._is_key(arguments[0]):
                yield Write(call, arguments[1], by_putenv=True)
        elif isinstance(call.func, cst.Attribute) and (home := self._home(call.func.value)):
            method = call.func.attr.value
            if method in ("setdefault", "__setitem__") and len(arguments) == 2 and self._is_key(arguments[0]):
                yield Write(call, arguments[1], in_bytes=home == "os.environb")
            elif method == "update":
                for argument in arguments:
                    yield from self._entries(call, call.func.value, argument)
                yield from (Write(call, a.value) for a in call.args if a.keyword is not None and a.keyword.value == self.variable)

    def _home(self, node: cst.BaseExpression) -> str:
        names = self.values.names(node)
        return names[0] if names in (("os.environ",), ("os.environb",)) else ""

    def _is_key(self, node: cst.BaseExpression) -> bool:
        return any(isinstance(v, Const) and v.value in (self.variable, self.variable.encode()) for v in self.values.of(node))

    # Who inherits it ------------------------------------------------------------------------------

    @cached_property
    def starts_processes(self) -> bool:
        """Whether the program runs others, which inherit the variable, or restarts the kernel of its notebook."""
        return any(self._starts_process(call) for call in self.tree.nodes(cst.Call))

    def _starts_process(self, call: cst.Call) -> bool:
        code = self.tree.code(call)
        if code.startswith(_SHELL):
            return _SCRIPT.search(code, len(_SHELL)) is not None and "pip" not in code
        outside = any(_PROCESS.match(name) for name in self.values.names(call.func))
        return (outside and "pip" not in code) or dotted_name(call.func).endswith("do_shutdown")

    # What was imported before ---------------------------------------------------------------------

    def loaders(self, node: cst.CSTNode) -> list[Import]:
        """Return the imports that have surely loaded TensorFlow when control is at ``node``, in order.

        In a function, what precedes its definition has run, and what precedes every one of its calls.
        """
        return sorted(self._before(node, frozenset()), key=self.tree.order)

    def _before(self, node: cst.CSTNode, seen: frozenset[cst.CSTNode]) -> list[Import]:
        found: list[Import] = []
        child = node
        for above in self.tree.ancestors(node):
            for region in self.flow.blocks.earlier(above, child):
                found += self._loading(region)
            child = above
        function = self.tree.enclosing(node, cst.FunctionDef)
        if not found and function is not None and function not in seen:
            each = [self._before(call, seen | {function}) for call in self.values.calls_of(function)]
            found = each[0] if each and all(each) else []
        return found

    def _loading(self, node: cst.CSTNode) -> list[Import]:
        """Return the imports that load TensorFlow whenever ``node`` runs."""
        if isinstance(node, (cst.Import, cst.ImportFrom)):
            return [node] if self._loads(node) else []
        if isinstance(node, _BLOCKS):
            return [found for part in node.body for found in self._loading(part)]
        if isinstance(node, (cst.Try, cst.With, cst.ClassDef, cst.Else)):
            return self._loading(node.body)
        if isinstance(node, cst.If):
            body, other = self._loading(node.body), self._loading(node.orelse) if node.orelse else []
            return body if other or _is_main(node) else []
        return []

    def _loads(self, node: Import) -> bool:
        event = self.event(node)
        return event is not None and event.loads

    def event(self, node: Import) -> Event | None:
        """Return what an import does first, in this project or outside of it."""
        if isinstance(node, cst.Import):
            modules = [dotted_name(alias.name) for alias in node.names]
        else:
            base = "." * len(node.relative) + dotted_name(node.module)
            names = [] if isinstance(node.names, cst.ImportStar) else [dotted_name(alias.name) for alias in node.names]
            modules = [base, *(f"{base}{'' if base.endswith('.') else '.'}{name}" for name in names)]
        known = (outside_event(module, "KERAS_BACKEND" in self.tree.text) for module in modules)
        own = self._startup.importing(modules) if self._startup is not None else None
        return own or next((event for event in known if event is not None), None)

    def before(self) -> Event | None:
        """Return what surely happened before this file ran; None for nothing, and for what may be a program of its own."""
        is_script = any(_is_main(node) for node in self.tree.nodes(cst.If))
        return self._startup.before() if self._startup is not None and not is_script else None

    def sets_first(self, node: cst.CSTNode) -> bool:
        """Tell whether an import above ``node`` may set the variable, before any other loads TensorFlow."""
        earlier = (line for line in self.imports if self.tree.order(line) < self.tree.order(node))
        first = next((event for line in earlier if (event := self.event(line)) is not None), None)
        return first is not None and not first.loads

    @cached_property
    def imports(self) -> list[Import]:
        """All imports of the file, in order."""
        return sorted((*self.tree.nodes(cst.Import), *self.tree.nodes(cst.ImportFrom)), key=self.tree.order)


def outside_event(module: str, chooses_backend: bool) -> Event | None:
    """Return what importing a module from outside of the project does first."""
    root = module.partition(".")[0]
    if root in _SETTING:
        return Event(False, root, sure=False)
    return Event(True, root) if root in _TENSORFLOW or (root in _KERAS and not chooses_backend) else None


def _is_main(node: cst.If) -> bool:
    return isinstance(node.test, cst.Comparison) and dotted_name(node.test.left) == "__name__"
