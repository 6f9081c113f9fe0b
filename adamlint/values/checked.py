"""What a program has asked of a name or attribute before its use: `isinstance` as a condition, in an `assert`, or before it gives up."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from adamlint.names.flow import Flow
from adamlint.text.tree import Tree, access_path, dotted_name, root_name
from adamlint.values.stores import Stores


class Checked:
    """The `isinstance` checks of one tree."""

    def __init__(self, tree: Tree, flow: Flow, stores: Stores) -> None:
        self.tree, self.flow, self.stores = tree, flow, stores

    def classes(self, use: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
        """Yield the classes of one of which the object that a name, or an attribute, stands for must be where it is used."""
        for check in self._checks.get(access_path(use), ()) if self._checks else ():
            asked, wanted = check.args[0].value, check.args[1].value
            if asked is not use and self._holds(check, use) and self._same(asked, use):
                tuples = wanted.elements if isinstance(wanted, cst.Tuple) else ()
                yield from [element.value for element in tuples] or [wanted]
                return

    @cached_property
    def _checks(self) -> dict[str, list[cst.Call]]:
        found: dict[str, list[cst.Call]] = {}
        for call in self.tree.nodes(cst.Call):
            if dotted_name(call.func) == "isinstance" and len(call.args) == 2 and (path := access_path(call.args[0].value)):
                found.setdefault(path, []).append(call)
        return found

    def _same(self, asked: cst.BaseExpression, use: cst.BaseExpression) -> bool:
        root = root_name(access_path(use))
        return self.flow.reaching(root, asked) == self.flow.reaching(root, use) and self.stores.reaching(asked) == self.stores.reaching(use)

    def _holds(self, check: cst.Call, use: cst.BaseExpression) -> bool:
        """Tell whether control is at a use only after a check has said yes."""
        wanted = True
        node: cst.CSTNode = check
        for above in self.tree.ancestors(check):
            if isinstance(above, cst.UnaryOperation) and isinstance(above.operator, cst.Not):
                wanted = not wanted
            elif isinstance(above, cst.BooleanOperation) and isinstance(above.operator, cst.And if wanted else cst.Or):
                if node is above.left and self.tree.is_in(use, above.right):
                    return wanted
            elif isinstance(above, (cst.If, cst.IfExp)) and node is above.test:
                return self._decides(above, wanted, use)
            elif isinstance(above, cst.Assert) and node is above.test:
                return wanted and self._follows(above, use)
            else:
                return False
            node = above
        return False

    def _decides(self, test: cst.If | cst.IfExp, wanted: bool, use: cst.BaseExpression) -> bool:
        chosen = test.body if wanted else test.orelse
        if chosen is not None and self.tree.is_in(use, chosen):
            return True
        leaves = isinstance(test, cst.If) and test.orelse is None and not self.flow.blocks.falls_through(test.body)
        return leaves and not wanted and self._follows(test, use)

    def _follows(self, statement: cst.CSTNode, use: cst.CSTNode) -> bool:
        """Tell whether a use comes behind a statement in the block of that."""
        block = self.tree.enclosing(statement, cst.IndentedBlock, cst.Module)
        return block is not None and self.tree.is_in(use, block) and self.tree.order(use) > self.tree.order(statement)
