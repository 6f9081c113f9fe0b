"""Where an object comes from: the one call that made it. Values alone do not tell two instances apart."""

from __future__ import annotations

import libcst as cst

from adamlint.names.bindings import Binding, Kind
from adamlint.names.flow import Flow
from adamlint.values.evaluate import Values
from adamlint.values.value import Local, Result

_MOST = 40  # steps back


class Origins:
    """Looks in one tree for the origins of objects."""

    def __init__(self, flow: Flow, values: Values) -> None:
        self.flow, self.values = flow, values
        self._known: dict[cst.CSTNode, cst.CSTNode | None] = {}

    def of(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the call, or the parameter, that an object comes from; None where it may come from several, or from none seen.

        Two names with one origin are one object, as long as the origin runs once.
        """
        if node not in self._known:
            self._known[node] = self._of(node)
        return self._known[node]

    def _of(self, node: cst.CSTNode) -> cst.CSTNode | None:
        for _ in range(_MOST):
            if isinstance(node, cst.Name):
                found = self.flow.reaching(node.value, node)
                binding = found[0] if len(found) == 1 and not found[0].path else None
                if binding is None or binding.kind is not Kind.ASSIGN or binding.value is None:
                    return binding.node if binding is not None and self._is_one(binding) else None
                node = binding.value
            elif isinstance(node, cst.Attribute):
                written = self._written(node)
                if len(written) != 1:
                    return None
                node = written[0]
            else:
                return node if isinstance(node, cst.Call) else None
        return None

    def _is_one(self, binding: Binding) -> bool:
        """Tell whether a name is given one object where it is bound: as a parameter, or imported from a file that makes it."""
        imported = list(self.values.bound(binding)) if binding.kind is Kind.IMPORT else []
        made = len(imported) == 1 and isinstance(imported[0], Result) and imported[0].elsewhere is not None
        return binding.kind is Kind.PARAMETER or made

    def _written(self, node: cst.Attribute) -> list[cst.BaseExpression]:
        """Return what is assigned to an attribute of an object of one class of this file."""
        owners = [v.callee.node for v in self.values.of(node.value) if isinstance(v, Result) and isinstance(v.callee, Local)]
        owner = owners[0] if len(owners) == 1 else None
        return self.values.classes.assigned(owner, node.attr.value) if isinstance(owner, cst.ClassDef) else []
