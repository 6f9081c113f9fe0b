"""Where one optimizer instance goes: whether one of another generation, which trains one list of variables alone, can take its place.

Legacy optimizers make their state for each variable that they meet; those of TF 2.11 and later for the first list alone, and raise
on any other (``Shared`` in the atlas). So an instance can be exchanged only where all that it does is seen: it is given to one
``compile``, or steps on the variables of one model.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from adamlint.names.bindings import Kind
from adamlint.names.canonical import in_keras
from adamlint.names.flow import Flow
from adamlint.program.training import Trainings
from adamlint.rule import Doubt
from adamlint.text.tree import Tree, dotted_name
from adamlint.values.calls import object_of
from adamlint.values.evaluate import Values
from adamlint.values.value import Ref, Result

_AGAIN = (cst.For, cst.While, cst.FunctionDef, cst.Lambda, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
_PASSES_ON = (cst.IfExp, cst.BooleanOperation)
_HOLDS = (cst.Arg, cst.Dict, cst.DictElement, *_PASSES_ON)
_STEP = "apply_gradients"
_OWN = ".optimizer"
_ALIKE = frozenset({"learning_rate", "lr", "iterations", "name", _STEP})  # members that are used alike in every generation
_DEPTH = 8  # names and functions that hand an instance on
_UNSEEN = Doubt("what trains with it is not seen")


class Instances:
    """Follows the optimizer instances of one file to what they train."""

    def __init__(self, tree: Tree, flow: Flow, values: Values, trainings: Trainings) -> None:
        self.tree, self.flow, self.values, self.trainings = tree, flow, values, trainings

    def doubt(self, made: cst.CSTNode, depth: int = _DEPTH) -> Doubt | None:
        """Return what speaks against another generation of the instance that is made at a place; None where nothing does."""
        if self._is_recompiled:
            return Doubt("a model is compiled again with the optimizer that it has")
        if self._member:
            return Doubt(f"`{self._member}` of a model's optimizer is used, which is not the same in both")
        found = list(dict.fromkeys(self._followed(made, depth)))
        trains = [use for use in found if isinstance(use, cst.Call)]
        if len(trains) > 1:
            return Doubt("one instance of the new class cannot train twice what is not the same", sure=True)
        if any(self._is_of_library(use) for use in trains):
            return Doubt("the library may make its models with another Keras")
        unknown = [doubt for doubt in found if isinstance(doubt, Doubt)]
        return unknown[0] if unknown else self._repeats(trains[0], made) if trains else None

    def _is_of_library(self, compiling: cst.Call) -> bool:
        """Tell whether the model that is compiled is made by a function or class of another library than Keras."""
        model = object_of(compiling, "compile")
        made = [value.callee for value in self.values.of(model) if isinstance(value, Result)] if model is not None else []
        return any(isinstance(callee, Ref) and in_keras(callee.name) is None for callee in made)

    @cached_property
    def _is_recompiled(self) -> bool:
        """Whether another model gets the optimizer of a model, by `compile` or by name, or such an optimizer steps for others, or twice."""
        compiled = [(dotted_name(call.func), dotted_name(arg.value)) for call in self.trainings.calls("compile") for arg in call.args]
        its_own = [f"{method.removesuffix('compile')}optimizer" == name or name.endswith("model.optimizer") for method, name in compiled]
        handed = [dotted_name(a.value) for a in self.tree.nodes(cst.Assign) if dotted_name(a.targets[0].target).endswith(_OWN)]
        steps = {call: name for call in self.trainings.calls(_STEP) if (name := dotted_name(call.func)).endswith(f"{_OWN}.{_STEP}")}
        foreign = [call for call, name in steps.items() if not self._steps_on(name.removesuffix(f"{_OWN}.{_STEP}"), call)]
        return any(its_own) or any(name.endswith(_OWN) for name in handed) or bool(foreign) or len(steps) > len(set(steps.values()))

    def _steps_on(self, model: str, step: cst.Call) -> bool:
        """Tell whether a step names the model that its optimizer is of."""
        return any(f"{model}." in self.tree.code(arg) for arg in step.args)

    @cached_property
    def _member(self) -> str:
        """The first member of the optimizer of a model that is used otherwise in another generation; "" for none."""
        members = (node for node in self.tree.nodes(cst.Attribute) if isinstance(node.value, cst.Attribute))
        return next((node.attr.value for node in members if _is_unlike(node)), "")

    # Where it goes --------------------------------------------------------------------------------

    def _followed(self, node: cst.CSTNode, depth: int) -> Iterator[cst.Call | Doubt]:
        """Yield the calls that train with what stands at a place, and what is not known of it."""
        above, compiling = self.tree.parent(node), self.compiling(node)
        if compiling is not None:
            yield compiling
        elif depth == 0:
            yield _UNSEEN
        elif isinstance(above, _PASSES_ON):
            yield from self._followed(above, depth - 1)
        elif isinstance(above, (cst.Assign, cst.AnnAssign)):
            for target in [t.target for t in above.targets] if isinstance(above, cst.Assign) else [above.target]:
                yield from self._bound(target, above.value, depth)
        elif isinstance(above, cst.Return):
            yield from self._returned(above, depth)
        elif isinstance(above, cst.Attribute):
            yield from self._used(above)
        elif not isinstance(above, cst.Expr):
            yield _UNSEEN

    def compiling(self, node: cst.CSTNode) -> cst.Call | None:
        """Return the `compile` that a place is an argument of."""
        above = self.tree.parent(node)
        while isinstance(above, _HOLDS):
            above = self.tree.parent(above)
        return above if isinstance(above, cst.Call) and object_of(above, "compile") is not None else None

    def _bound(self, target: cst.BaseExpression, value: cst.BaseExpression | None, depth: int) -> Iterator[cst.Call | Doubt]:
        """Follow the uses of the name, or of the attribute of `self`, that an instance is bound to."""
        uses: list[cst.BaseExpression] = []
        if isinstance(target, cst.Name) and isinstance(self.flow.scopes.of(target), cst.ClassDef):
            yield _UNSEEN  # one instance for all objects
        elif isinstance(target, cst.Name):
            uses += [use for use in self.values.calls.uses(target.value) if self._has(use, value)]
            if not uses and not target.value.startswith("_") and isinstance(self.flow.scopes.of(target), cst.Module):
                yield _UNSEEN  # other files may import it
        elif isinstance(target, cst.Attribute) and dotted_name(target.value) == "self":
            alike = [other for other in self.tree.nodes(cst.Attribute) if other.attr.value == target.attr.value]
            uses += [other for other in alike if dotted_name(other) == dotted_name(target)]
            if len(uses) < len(alike):
                yield _UNSEEN  # another name of the object may lead to it
        else:
            yield _UNSEEN
        for use in uses:
            if not isinstance(self.tree.parent(use), (cst.AssignTarget, cst.AnnAssign)):
                yield from self._followed(use, depth - 1)

    def _has(self, use: cst.Name, value: cst.BaseExpression | None) -> bool:
        bindings = self.flow.reaching(use.value, use)
        return any(binding.kind is Kind.ASSIGN and binding.value is value for binding in bindings)

    def _returned(self, leaving: cst.Return, depth: int) -> Iterator[cst.Call | Doubt]:
        """Doubt what the calls of a plain function give, unless all of them are seen: each makes an instance of its own."""
        function = self.tree.enclosing(leaving, cst.FunctionDef)
        plain = function is not None and isinstance(self.flow.scopes.of(function), cst.Module)
        calls = self.values.calls_of(function) if function is not None and plain else []
        if function is None or not calls or len(calls) < len(self.values.calls.uses(function.name.value)) - 1:
            yield _UNSEEN
        yield from (doubt for call in calls if (doubt := self.doubt(call, depth - 1)) is not None)

    def _used(self, node: cst.Attribute) -> Iterator[cst.Call | Doubt]:
        call = self.tree.parent(node)
        if node.attr.value not in _ALIKE:
            yield Doubt(f"`{node.attr.value}` of it is used, which is not the same in both")
        elif node.attr.value == _STEP:
            yield call if isinstance(call, cst.Call) else _UNSEEN

    # How often it trains --------------------------------------------------------------------------

    def _repeats(self, use: cst.Call, made: cst.CSTNode) -> Doubt | None:
        """Doubt that the one training of an instance is always of the same variables."""
        if any(above is use for above in self.tree.ancestors(made)):
            return None  # made anew whenever it is compiled
        places = [use] if object_of(use, "compile") is not None else self._models(use)
        if not places or self._thaws:
            return Doubt("it is not seen to train the variables of one model alone")
        same = all(self._again(place) == self._again(made) for place in places)
        return None if same else Doubt("it may train one model after another")

    def _models(self, step: cst.Call) -> list[cst.CSTNode]:
        """Return where the one model of a step is made; nothing where that is not known."""
        models = [origin for training in self.trainings.found if training.call is step for origin in training.trained]
        return models if len(models) == 1 else []

    @cached_property
    def _thaws(self) -> bool:
        """Whether something is frozen or thawed, which changes what is trained."""
        set_on = [node for node in self.tree.nodes(cst.Attribute) if node.attr.value == "trainable"]
        return any(isinstance(self.tree.parent(node), cst.AssignTarget) for node in set_on)

    def _again(self, node: cst.CSTNode) -> list[cst.CSTNode]:
        """Return the loops and functions around a place: what runs it again."""
        return [above for above in self.tree.ancestors(node) if isinstance(above, _AGAIN)]


def _is_unlike(member: cst.Attribute) -> bool:
    held = member.value
    of_model = isinstance(held, cst.Attribute) and held.attr.value == "optimizer" and dotted_name(held.value) != "self"
    return of_model and member.attr.value not in _ALIKE
