"""What trains what in one program: optimizers of `compile` with `fit`, of `apply_gradients` and `minimize`, and the variables."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from adamlint.names.bindings import Kind
from adamlint.names.canonical import in_keras
from adamlint.names.flow import Flow
from adamlint.program.models import Models
from adamlint.program.origins import Origins
from adamlint.text.tree import Tree
from adamlint.values.calls import object_of
from adamlint.values.kinds import Kinds
from adamlint.values.value import Abroad, Local, Ref, Result

_FITS = ("fit", "fit_generator", "train_on_batch")
_LISTS = ("trainable_variables", "trainable_weights", "variables", "weights")
# Layers and functions that come with weights of their own, by the beginning of their name.
_WEIGHTED = (
    "Dense", "Conv", "Separable", "Depthwise", "Embedding", "LSTM", "GRU", "SimpleRNN", "BatchNormalization", "LayerNormalization",
    "GroupNormalization", "MultiHeadAttention", "EinsumDense", "PReLU",
)  # fmt: skip
_COPIES = ("load_model", "clone_model", "model_from_json", "model_from_config")


@dataclass(frozen=True)
class Training:
    """One place that trains: the optimizer as it is written there, what is trained, and the call that does it."""

    node: cst.BaseExpression  # the optimizer: an argument of compile, or what `apply_gradients` is called on
    call: cst.Call
    at: cst.Call  # the `fit`, or the call itself
    optimizer: cst.CSTNode  # the origin of the optimizer
    trained: frozenset[cst.CSTNode]  # the origins of the models or variables


class Trainings:
    """Finds the trainings of one file; only those of which every part is known."""

    def __init__(self, tree: Tree, flow: Flow, kinds: Kinds, models: Models, origins: Origins) -> None:
        self.tree, self.flow, self.values, self.kinds, self.models, self.origins = tree, flow, kinds.values, kinds, models, origins

    @cached_property
    def found(self) -> list[Training]:
        """All trainings, in the order of the program."""
        methods = [call for call in self.tree.nodes(cst.Call) if isinstance(call.func, cst.Attribute)]
        found = [training for call in methods for training in (*self._compiled(call), *self._applied(call))]
        return sorted(found, key=lambda training: self.tree.order(training.call))

    def calls(self, method: str) -> list[cst.Call]:
        """Return the calls of a method of this name."""
        return self.values.calls.methods(method)

    # compile and fit ------------------------------------------------------------------------------

    def _compiled(self, call: cst.Call) -> Iterator[Training]:
        compiled = object_of(call, "compile")
        if compiled is None or not call.args:
            return
        given = next((a.value for a in call.args if a.keyword is not None and a.keyword.value == "optimizer"), None)
        if given is None and call.args[0].keyword is None and not call.args[0].star:
            given = call.args[0].value
        model = self.origins.of(compiled)
        if given is None or model is None or self.kinds.every(compiled, self.kinds.model) is None:
            return
        optimizer, fit = self.origins.of(given), self._fit(call, model)
        if optimizer is not None and fit is not None:
            yield Training(given, call, fit, optimizer, frozenset({model}))

    def _fit(self, compiled: cst.Call, model: cst.CSTNode) -> cst.Call | None:
        """Return the first call that trains a model as it was compiled here."""
        fits, compiles, scopes = self._uses[model]
        if len(scopes) > 1:
            return fits[0] if fits and len(compiles) == 1 else None
        order = self.tree.order(compiled)
        after, again = (bisect_right(calls, order, key=self.tree.order) for calls in (fits, compiles))
        until = self.tree.order(compiles[again]) if again < len(compiles) else None
        return fits[after] if after < len(fits) and (until is None or self.tree.order(fits[after]) < until) else None

    @cached_property
    def _uses(self) -> dict[cst.CSTNode, tuple[list[cst.Call], list[cst.Call], set[cst.CSTNode]]]:
        """For each model the calls that train and those that compile it, in order, and the scopes of all of them."""
        uses: dict[cst.CSTNode, tuple[list[cst.Call], list[cst.Call], set[cst.CSTNode]]] = defaultdict(lambda: ([], [], set()))
        named = [(name, call) for name in (*_FITS, "compile") for call in self.calls(name)]
        for name, call in sorted(named, key=lambda pair: self.tree.order(pair[1])):
            for model in self._models(call):
                fits, compiles, scopes = uses[model]
                (compiles if name == "compile" else fits).append(call)
                scopes.add(self.flow.scopes.of(call))
        return uses

    def _models(self, call: cst.Call) -> set[cst.CSTNode]:
        """Return the origins of the model that a method may be called on: its own, or what a function returns that makes it."""
        owner = call.func.value if isinstance(call.func, cst.Attribute) else call
        origin, made = self.origins.of(owner), [value.call for value in self.values.of(owner) if isinstance(value, Result)]
        certain = len(made) == 1 or isinstance(origin, cst.Param)  # a function is called with each
        return {model for model in (origin, *(made if certain else ())) if model is not None}

    # Loops of one's own ---------------------------------------------------------------------------

    def _applied(self, call: cst.Call) -> Iterator[Training]:
        if not isinstance(call.func, cst.Attribute):
            return
        variables: cst.BaseExpression | None = None
        if call.func.attr.value == "apply_gradients" and call.args and call.args[0].star == "":
            variables = self._zipped(call.args[0].value)
        elif call.func.attr.value == "minimize":
            named = next((a.value for a in call.args if a.keyword is not None and a.keyword.value == "var_list"), None)
            variables = named or (call.args[1].value if len(call.args) > 1 and call.args[1].keyword is None else None)
        optimizer = self.origins.of(call.func.value)
        trained = self.trained(variables) if variables is not None and optimizer is not None else None
        if trained and optimizer is not None:
            yield Training(call.func.value, call, call, optimizer, trained)

    def _zipped(self, node: cst.BaseExpression) -> cst.BaseExpression | None:
        zipped = self.origins.of(node)
        if not isinstance(zipped, cst.Call) or self.values.names(zipped.func) != ("builtins.zip",) or len(zipped.args) != 2:
            return None
        return zipped.args[1].value

    def trained(self, variables: cst.BaseExpression) -> frozenset[cst.CSTNode] | None:
        """Return the origins of the models, or single variables, that a list of variables consists of; None where one is not known."""
        if isinstance(variables, cst.Name):
            found = self.flow.reaching(variables.value, variables)
            value = found[0].value if len(found) == 1 and found[0].kind is Kind.ASSIGN and not found[0].path else None
            return self.trained(value) if value is not None and value is not variables else None
        if isinstance(variables, cst.BinaryOperation) and isinstance(variables.operator, cst.Add):
            left, right = self.trained(variables.left), self.trained(variables.right)
            return left | right if left is not None and right is not None else None
        if isinstance(variables, cst.Attribute) and variables.attr.value in _LISTS:
            owner = self.origins.of(variables.value)
            known = self.kinds.every(variables.value, self.kinds.model) is not None
            return frozenset({owner}) if known and isinstance(owner, cst.Call) else None
        if isinstance(variables, (cst.List, cst.Tuple)):
            each = [self.origins.of(element.value) for element in variables.elements if isinstance(element, cst.Element)]
            known = len(each) == len(variables.elements) and all(self._is_variable(origin) for origin in each)
            return frozenset(origin for origin in each if origin is not None) if known else None
        return None

    def _is_variable(self, origin: cst.CSTNode | None) -> bool:
        return isinstance(origin, cst.Call) and self.values.names(origin.func) == ("tensorflow.Variable",)

    # What is trained besides ----------------------------------------------------------------------

    def brings(self, new: cst.CSTNode, known: frozenset[cst.CSTNode]) -> bool:
        """Tell whether a model, or variable, surely has trainable weights that none of the others has."""
        if self._is_variable(new):
            return new not in known
        there = {part for origin in known for part in self.models.made_of(origin)} | known
        fresh = self.models.made_of(new) - there - self._frozen
        return any(self.makes_weights(call) and (self._copies(call) or not self._within(call) & there) for call in fresh)

    def makes_weights(self, call: cst.CSTNode) -> bool:
        """Tell whether a call makes a layer or a model with weights of its own, that is not put together from others."""
        for value in self.values.of(call.func) if isinstance(call, cst.Call) else ():
            split = in_keras(value.name) if isinstance(value, Ref) else None
            if split is not None:
                name = split[1].rpartition(".")[2]
                layer = split[1].startswith("layers.") and name.startswith(_WEIGHTED)
                return layer or name in _COPIES or "applications." in split[1]
        return isinstance(call, cst.Call) and self._is_built_here(call)

    def _is_built_here(self, call: cst.Call) -> bool:
        made = [value.elsewhere for value in self.values.of(call) if isinstance(value, Result) and value.elsewhere]
        local = any(isinstance(value, (Local, Abroad)) for value in self.values.of(call.func)) or any(place.fresh for place in made)
        return local and self.kinds.every(call, self.kinds.model) is not None

    def _copies(self, call: cst.CSTNode) -> bool:
        names = self.values.names(call.func) if isinstance(call, cst.Call) else ()
        return any(name.endswith(_COPIES) for name in names)

    def _within(self, call: cst.CSTNode) -> set[cst.CSTNode]:
        """Return what the arguments of a call are made of."""
        given = call.args if isinstance(call, cst.Call) else ()
        return {part for arg in given for part in self.models.made_of(arg.value)}

    @cached_property
    def _frozen(self) -> frozenset[cst.CSTNode]:
        """What is set not to be trained, at any time."""
        return frozenset(origin for origin, value, _ in self._switched if value == "False")

    def is_switched(self, origins: frozenset[cst.CSTNode]) -> bool:
        """Tell whether one of these is frozen or thawed."""
        return any(origin in origins for origin, _, _ in self._switched)

    def thaws(self, first: Training, second: Training) -> bool:
        """Tell whether a part of a model is frozen when it is first trained, and thawed before it is trained again."""
        order = self.tree.order
        parts = {part for origin in first.trained & second.trained for part in (*self.models.made_of(origin), origin)}
        scope, start, end = self.flow.scopes.of(second.call), order(first.call), order(second.call)
        mine = [(o, value, order(at)) for o, value, at in self._switched if o in parts and self.flow.scopes.of(at) is scope]
        before = {origin for origin, value, at in mine if value == "False" and at < start}
        return any(origin in before and value == "True" and start < at < end for origin, value, at in mine)

    @cached_property
    def _switched(self) -> list[tuple[cst.CSTNode, str, cst.CSTNode]]:
        """What `.trainable` is set on, to what, and where."""
        targets = [(t.target, assign) for assign in self.tree.nodes(cst.Assign) for t in assign.targets]
        named = [(t.value, assign) for t, assign in targets if isinstance(t, cst.Attribute) and t.attr.value == "trainable"]
        found = [(self.origins.of(owner), assign) for owner, assign in named]
        return [(origin, getattr(assign.value, "value", ""), assign) for origin, assign in found if origin is not None]
