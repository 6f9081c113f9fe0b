"""scikit-learn's view of a Keras model: what its wrappers, and the searches over their parameters, hand on to what they wrap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from adamlint.names.canonical import in_keras
from adamlint.values import library
from adamlint.values.value import Display, Result

if TYPE_CHECKING:
    from adamlint.values.evaluate import Values

# Those that hand a name to `tf.keras.optimizers.get`, and take classes (scikeras/wrappers.py).
SCIKERAS = ("scikeras.wrappers.KerasClassifier", "scikeras.wrappers.KerasRegressor", "scikeras.wrappers.BaseWrapper")
_OWN = ("wrappers.scikit_learn.KerasClassifier", "wrappers.scikit_learn.KerasRegressor")  # of Keras 2
_SEARCHES = ("GridSearchCV", "RandomizedSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV")


class Wrappers:
    """The wrappers of one tree."""

    def __init__(self, values: Values) -> None:
        self.values = values

    def given(self, function: cst.FunctionDef, name: str) -> Iterator[cst.BaseExpression]:
        """Yield what the wrappers of a function that builds a model give to a parameter of it."""
        names = (name, f"model__{name}")
        for call in self._around(function):
            yield from (arg.value for arg in call.args if arg.keyword is not None and arg.keyword.value in names)
            for grid in self.grids(call):
                for value in (value for key, value in self.values.displays.entries(grid) if key in names):
                    yield from self.choices(value)

    def _around(self, function: cst.FunctionDef) -> Iterator[cst.Call]:
        for use in self.values.calls.uses(function.name.value):
            arg = self.values.tree.parent(use)
            call = self.values.tree.parent(arg) if isinstance(arg, cst.Arg) else None
            if isinstance(call, cst.Call) and call.func is not use and self._wraps(call):
                yield call

    def _wraps(self, call: cst.Call) -> bool:
        names = self.values.names(call.func)
        return bool(names) and all(name in SCIKERAS or ((split := in_keras(name)) is not None and split[1] in _OWN) for name in names)

    def grids(self, wrapper: cst.Call) -> Iterator[Display]:
        """Yield the dicts that a search takes the parameters of a wrapper from."""
        for search in (call for name in _SEARCHES for call in self.values.calls.named(name)):
            estimator = library.given(search, 0, "estimator")
            searched = [value.call for value in self.values.of(estimator) if isinstance(value, Result)] if estimator is not None else []
            grid = library.given(search, 1, "param_grid") or library.given(search, 1, "param_distributions")
            if wrapper in searched and grid is not None:
                yield from self._dicts(grid)

    def _dicts(self, node: cst.BaseExpression) -> Iterator[Display]:
        for value in self.values.of(node):
            if isinstance(value, Display) and isinstance(value.node, (cst.Dict, cst.Call)):
                yield value
            else:
                parts = self.values.displays.elements(value)
                yield from (grid for part in parts if isinstance(part, cst.Dict) for grid in self._dicts(part))

    def choices(self, node: cst.BaseExpression) -> list[cst.BaseExpression]:
        """Return the elements of the lists that an expression may be."""
        parts = [part for value in self.values.of(node) for part in self.values.displays.elements(value)]
        return [part for part in parts if isinstance(part, cst.BaseExpression)]
