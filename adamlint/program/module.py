"""One program as rules see it: what its expressions may be, what it calls and trains, and what can be edited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from functools import cached_property

import libcst as cst

from adamlint.findings import Form
from adamlint.names.bindings import Binding
from adamlint.names.canonical import in_keras
from adamlint.names.flow import Flow
from adamlint.needles import wants_legacy
from adamlint.program.alternatives import Alternatives
from adamlint.program.arguments import Arguments
from adamlint.program.compiles import Compiles
from adamlint.program.edits import Edits
from adamlint.program.environment import Environment, Startup
from adamlint.program.guards import Guards
from adamlint.program.instances import Instances
from adamlint.program.keras3 import BACKEND, Keras3
from adamlint.program.models import Models
from adamlint.program.origins import Origins
from adamlint.program.places import Places
from adamlint.program.training import Trainings
from adamlint.text.tree import Tree
from adamlint.values.calls import object_of
from adamlint.values.evaluate import Values
from adamlint.values.kinds import Kinds, OptimizerClass, optimizer_class
from adamlint.values.value import Const, Display, Elsewhere, Lent, Local, Member, Partial, Ref, Result, Value


class Module:
    """What a check is handed: look-ups on one parsed program. Raises what Tree raises."""

    def __init__(self, text: str, borders: Sequence[int] = (), outside: Startup | None = None, form: Form = Form.CLASS) -> None:
        """Parse ``text``; ``borders`` are the offsets in it at which the cells of a notebook begin, but for the first.

        ``outside`` tells what names imported from the same project stand for; ``form`` is how an Adam is to be written.
        """
        self.form = form
        self.tree = Tree(text)
        self.flow = Flow(self.tree)
        self.edit = Edits(self.tree, self.flow, borders)
        self._read(Values(self.tree, self.flow, outside), outside)

    def given(self, parameters: Lent) -> Module:
        """Return the same program as it runs where a call in another file gives these values to parameters."""
        again = copy(self)
        again._read(Values(self.tree, self.flow, self.outside, parameters), self.outside)
        return again

    def _read(self, values: Values, outside: Startup | None) -> None:
        self._values, self.outside = values, outside
        self.kinds = Kinds(self._values)
        self.origins = Origins(self.flow, self._values)
        self.models = Models(self.tree, self.flow, self._values, self.origins)
        self.environment = Environment(self.tree, self.flow, self._values, outside)
        self.trainings = Trainings(self.tree, self.flow, self.kinds, self.models, self.origins)
        self.instances = Instances(self.tree, self.flow, self._values, self.trainings)
        self.arguments = Arguments(self.tree, self.flow, self._values, self.optimizer_classes)
        self.compiles = Compiles(self.tree, self.flow, self.kinds, self.arguments)
        self.places = Places(self.tree, self.flow, self._values)
        self.guards = Guards(self.tree, self.flow, self._values, self.kinds)
        self.alternatives = Alternatives(self.guards, self.kinds)
        self.keras3 = Keras3(self.tree, self._values, Environment(self.tree, self.flow, self._values, variable=BACKEND))

    # What something is ----------------------------------------------------------------------------

    def values(self, node: cst.CSTNode) -> tuple[Value, ...]:
        """Return the alternatives for the value of an expression."""
        return self._values.of(node)

    def bound(self, binding: Binding) -> Iterator[Value]:
        """Yield what a binding may give to its name."""
        return self._values.bound(binding)

    def names(self, node: cst.CSTNode) -> tuple[str, ...]:
        """Return the canonical dotted names that an expression may stand for."""
        return self._values.names(node)

    def strings(self, node: cst.CSTNode) -> list[tuple[str, cst.CSTNode]]:
        """Return the string constants among the alternatives, with the place where each is written."""
        return self._values.strings(node)

    def model_package(self, node: cst.CSTNode) -> str | None:
        """Return the Keras package of ``node`` if it is a Keras model in every alternative."""
        return self.kinds.every(node, self.kinds.model)

    def origin(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the call, or the parameter, that the object at a place comes from; None where that is not certain."""
        return self.origins.of(node)

    def uses(self, name: str) -> Sequence[cst.Name]:
        """Return where a name stands as one, neither as an attribute nor as a keyword."""
        return self._values.calls.uses(name)

    def calls_of(self, function: cst.FunctionDef) -> list[cst.Call]:
        """Return the calls in this file that may be of a function of it."""
        return self._values.calls_of(function)

    def optimizer_path(self, node: cst.CSTNode) -> str | None:
        """Return the class path by which to ask the atlas, if ``node`` is a Keras optimizer in every alternative."""
        return self.kinds.every(node, self.kinds.optimizer_path)

    def instance_paths(self, node: cst.ClassDef) -> tuple[str, ...]:
        """Return the class paths by which to ask the atlas of members that instances of a class of this file inherit."""
        return tuple(dict.fromkeys(self.kinds.member_paths(Result(Local(node)))))

    @cached_property
    def compiles_legacy(self) -> bool:
        """Whether a model of the file is compiled with an optimizer of a legacy class."""
        calls = self.trainings.calls("compile")
        given = [arg.value for call in calls if (arg := self.arguments.get(call, "optimizer", 0)) is not None]
        return any(cls.always_legacy for node in given for cls, _ in self.constructed(node))

    def inherited(self, node: cst.Attribute) -> bool:
        """Tell whether an attribute is one that no class of this file gives to its object."""
        own = any(self._values.has_own(value, node.attr.value) for value in self.values(node.value))
        return not own and all(isinstance(value, Member) for value in self.values(node))

    def is_read(self, node: cst.Attribute) -> bool:
        """Tell whether an attribute is read, not assigned or deleted."""
        above = self.tree.parent(node)
        return not isinstance(above, (cst.AssignTarget, cst.Del)) and getattr(above, "target", None) is not node

    def is_self(self, node: cst.BaseExpression) -> bool:
        """Tell whether an expression can be the instance, or `super()`, of the class that it is written in."""
        found = [v for v in self.values(node) if isinstance(v, Result) and isinstance(v.callee, Local) and v.call is None]
        return any(isinstance(v.callee, Local) and v.callee.node in self.tree.ancestors(node) for v in found)

    def called(self, node: cst.BaseExpression) -> cst.Call | None:
        """Return the call of an expression; None where it is not called."""
        call = self.tree.parent(node)
        return call if isinstance(call, cst.Call) and call.func is node else None

    @cached_property
    def packages(self) -> list[str]:
        """The Keras packages that the file imports, with `tf.keras` for TensorFlow."""
        dotted = [binding.dotted for binding in self.flow.scopes.bound_in(self.tree.module) if binding.dotted]
        named = [split[0] if (split := in_keras(name)) else "tensorflow.keras" if name == "tensorflow" else "" for name in dotted]
        return sorted({package for package in named if package}, key=named.index)

    def optimizer_classes(self, call: cst.Call) -> list[OptimizerClass]:
        """Return the optimizer classes that ``call`` may construct; none if it may be something else as well.

        A `functools.partial(Adam, …)` counts as the construction that it prepares, `super().__init__(…)` as that of the base, and
        a class of this file that adds no constructor as the class that it is built on.
        """
        node = call.args[0].value if self.arguments.prepares(call) else call.func
        values = [v for v in self._constructors(node) if not (isinstance(v, Const) and v.value is None)]
        found = [None if isinstance(value, Partial) else optimizer_class(value) for value in values]
        return [cls for cls in found if cls is not None] if None not in found else []

    def _constructors(self, node: cst.BaseExpression) -> Iterator[Value]:
        if isinstance(node, cst.Attribute) and node.attr.value == "__init__" and self.kinds.is_super(node.value):
            owner = self._values.classes.around(node)
            bases = [built for base in self._values.bases(owner) for built in self.kinds.built_on(base)] if owner is not None else []
            yield from (base for base in bases if base != Ref("builtins.object"))
        else:
            yield from (built for value in self.values(node) for built in self.kinds.built_on(value))

    def project_has(self, package: str, module: str) -> bool:
        """Tell whether the project has a package of this name of its own, with this file in it: `keras`, `src/__init__.py`."""
        return self._values.outside is not None and self._values.outside.has(package, module)

    def constructed(self, node: cst.CSTNode) -> Iterator[tuple[OptimizerClass, cst.Call]]:
        """Yield the constructor calls whose result ``node`` may be."""
        for value in self.values(node):
            cls = optimizer_class(value.callee) if isinstance(value, Result) else None
            if cls is not None and isinstance(value, Result) and value.call is not None:
                yield cls, value.call

    def made_elsewhere(self, node: cst.CSTNode) -> Iterator[tuple[OptimizerClass, Elsewhere]]:
        """Yield the optimizers that ``node`` may be which another file of the project makes."""
        for value in self.values(node):
            if isinstance(value, Result) and value.elsewhere is not None and (cls := optimizer_class(value.callee)) is not None:
                yield cls, value.elsewhere

    def given_optimizer(self, call: cst.Call) -> tuple[str | None, cst.BaseExpression | None]:
        """Return the package and the optimizer of `model.compile(…)` on a Keras model, or of `optimizers.get(…)`."""
        model = object_of(call, "compile")
        if model is not None:
            package = self.model_package(model) if not self.compiles.is_own(model, call) else None
            keyword = "optimizer"
        else:
            found = {split[0] for name in self.names(call.func) if (split := in_keras(name)) and split[1] == "optimizers.get"}
            package = found.pop() if len(found) == 1 else None
            keyword = "identifier"
        if package is None:
            return None, None
        spread = next((k.value for k in self.arguments.keywords(call) if k.name == keyword), None)
        first = self.arguments.get(call, keyword, 0)
        return package, spread if spread is not None else first.value if first is not None else None

    def in_graph(self, node: cst.CSTNode) -> bool:
        """Tell whether a place is inside of `with tf.Graph().as_default():`."""
        opened = [item.item for above in self.tree.ancestors(node) if isinstance(above, cst.With) for item in above.items]
        funcs = [item.func for item in opened if isinstance(item, cst.Call) and isinstance(item.func, cst.Attribute)]
        graphs = [func.value for func in funcs if func.attr.value == "as_default"]
        made = [value.callee for graph in graphs for value in self.values(graph) if isinstance(value, Result)]
        return any(isinstance(callee, Ref) and callee.name in ("tensorflow.Graph", "tensorflow.compat.v1.Graph") for callee in made)

    def entries(self, node: cst.CSTNode) -> dict[object, cst.BaseExpression] | None:
        """Return the values of a dict literal or `dict(...)` call by key; None where it is none, or has a key that is not known."""
        display = Display(node)
        return dict(self._values.displays.entries(display)) if self._values.displays.is_known(display) else None

    def items(self, node: cst.CSTNode) -> list[cst.BaseExpression]:
        """Return the elements of the list, tuple or set literals that an expression may be."""
        parts = [part for value in self.values(node) for part in self._values.displays.elements(value)]
        return [part for part in parts if isinstance(part, cst.BaseExpression)]

    @cached_property
    def in_sessions(self) -> str:
        """Why a method of a variable may do nothing here, in words; "" where the program makes no TF 1 session."""
        calls = [call.func for call in self.tree.nodes(cst.Call) if isinstance(call.func, cst.Attribute)]
        made = any(func.attr.value in ("Session", "InteractiveSession", "set_session") for func in calls)
        return "in a session of TF 1 it would only build an operation" if made else ""

    @cached_property
    def wants_legacy(self) -> bool:
        """Whether the program uses what takes optimizers of the legacy classes alone: Estimators and ParameterServerStrategy."""
        return wants_legacy(self.tree.text.encode())
