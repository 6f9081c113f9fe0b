"""Whether a program runs with Keras 3 alone, whatever else its project targets: it uses what Keras 2 has not.

Measured on Keras 2.15: `import keras.ops`, `keras.random` and `keras.distribution` raise ModuleNotFoundError, and KERAS_BACKEND is
not read. Keras 3 reads it, and no other Keras has had JAX, PyTorch or OpenVINO for a backend (keras.io/getting_started). PyTorch is
seen beside any Keras, in comparisons; JAX without TensorFlow is what Keras runs on.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adamlint.atlas import keras_version
from adamlint.program.environment import Environment
from adamlint.target import Target
from adamlint.text.tree import Tree, dotted_name
from adamlint.values.evaluate import Values

BACKEND = "KERAS_BACKEND"

_MODULES = frozenset({"ops", "random", "distribution"})
_BACKENDS = frozenset({"jax", "torch", "openvino"})


class Keras3:
    """The marks of Keras 3 in one program."""

    def __init__(self, tree: Tree, values: Values, backend: Environment) -> None:
        self.tree, self.values, self.backend = tree, values, backend

    def narrowed(self, target: Target) -> Target:
        """Return the part of ``target`` that has Keras 3 if the program needs it; all of it where there is no such part."""
        newer = target.where(lambda cell: (keras_version(cell) or "").startswith("3."))
        return newer if newer and newer != target and self._is_needed() else target

    def _is_needed(self) -> bool:
        if BACKEND in self.tree.text and any(_BACKENDS.issuperset(given) for _, given in self.backend.surely()):
            return True
        return self._runs_on_jax() or any(not self._is_asked_for(use) for use in self._uses())

    def _runs_on_jax(self) -> bool:
        """Tell whether a program imports Keras and JAX, and no TensorFlow."""
        plain = [dotted_name(alias.name) for node in self.tree.nodes(cst.Import) for alias in node.names]
        origins = [dotted_name(node.module) for node in self.tree.nodes(cst.ImportFrom) if not node.relative]
        roots = {name.partition(".")[0] for name in (*plain, *origins)}
        return {"jax", "keras"} <= roots and roots.isdisjoint(("tensorflow", "tf_keras"))

    def _is_asked_for(self, node: cst.CSTNode) -> bool:
        """Tell whether the program may first ask whether there is such a thing."""
        return any(isinstance(above, (cst.If, cst.IfExp, cst.BooleanOperation, cst.Try)) for above in self.tree.ancestors(node))

    def _uses(self) -> Iterator[cst.CSTNode]:
        """Yield where a module of Keras 3 is imported or mentioned."""
        for imported in self.tree.nodes(cst.ImportFrom):
            origin = "" if imported.relative else dotted_name(imported.module)
            names = [] if isinstance(imported.names, cst.ImportStar) else [dotted_name(alias.name) for alias in imported.names]
            if _is_new(origin) or any(_is_new(f"{origin}.{name}") for name in names):
                yield imported
        for plain in self.tree.nodes(cst.Import):
            if any(_is_new(dotted_name(alias.name)) for alias in plain.names):
                yield plain
        for mention in self.tree.nodes(cst.Attribute):
            of_keras = mention.attr.value in _MODULES and self.values.names(mention.value) in (("keras",), ("tensorflow.keras",))
            if of_keras and self._is_imported(mention.value):
                yield mention

    def _is_imported(self, node: cst.BaseExpression) -> bool:
        """Tell whether Keras itself is imported, not a re-export: those of KerasCV and its kin bring `ops` and `random` to Keras 2."""
        root = node
        while isinstance(root, cst.Attribute):
            root = root.value
        bindings = self.values.flow.reaching(root.value, root) if isinstance(root, cst.Name) else []
        return all(binding.dotted.partition(".")[0] in ("keras", "tensorflow") for binding in bindings)


def _is_new(module: str) -> bool:
    package, _, inner = module.removeprefix("tensorflow.").partition(".")
    return package == "keras" and inner.split(".")[0] in _MODULES
