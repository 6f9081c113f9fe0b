"""setup.cfg, and the literals of a setup.py, which is parsed and never run."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from configparser import ConfigParser
from configparser import Error as ConfigParserError

from adamlint.metadata.files import File, Unusable
from adamlint.metadata.statement import EXTRA, MAIN, Record, Statement

_ADDING = frozenset({"append", "extend", "insert"})


def read_setup_cfg(file: File) -> Statement:
    """What a setup.cfg says.  Raises Unusable."""
    parser = ConfigParser(strict=False, interpolation=None)
    try:
        parser.read_string(file.text)
    except ConfigParserError as error:
        raise Unusable(f"{file.shown}: not valid: {' '.join(str(error).split())}") from None
    record = Record(file)
    python = parser.get("options", "python_requires", fallback=None)
    record.requires_python(python, file.line_of("python_requires"), "python_requires")
    _cfg_list(parser.get("options", "install_requires", fallback=""), record, r"^install_requires", MAIN, "")
    if parser.has_section("options.extras_require"):
        for name, value in parser.items("options.extras_require"):
            _cfg_list(value, record, r"^\[options\.extras_require", EXTRA, name)
    return record.statement()


def _cfg_list(value: str, record: Record, after: str, rank: int, section: str) -> None:
    for text in value.splitlines():
        requirement = re.sub(r"(^|\s)#.*", "", text).strip()
        record.require(requirement, record.file.line_of(re.escape(requirement), after), rank, section)


def read_setup_py(file: File) -> Statement:
    """What the literals say that a setup.py hands to ``setup()``.  Raises Unusable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Python, about the escapes in it
            tree = ast.parse(file.text.lstrip("\ufeff"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Unusable(f"{file.shown}: not Python that can be parsed") from None
    record = Record(file)
    script = _Script(tree)
    for keyword in script.keywords():
        if keyword.arg == "python_requires":
            for line, text in script.strings(keyword.value):
                record.requires_python(text, line, "python_requires")
        elif keyword.arg == "install_requires":
            _literals(script, keyword.value, record, MAIN, "")
        elif keyword.arg == "extras_require":
            for name, value in script.items(keyword.value):
                _literals(script, value, record, EXTRA, name)
    return record.statement()


def _literals(script: _Script, value: ast.expr, record: Record, rank: int, section: str) -> None:
    for line, text in script.strings(value):
        for requirement in text.splitlines():
            record.require(requirement.strip(), line, rank, section)


class _Script:
    """The names that a script gives to values, whatever the branch."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._values: dict[str, list[ast.AST]] = {}
        for node in ast.walk(tree):
            self._bind(node)

    def keywords(self) -> list[ast.keyword]:
        """What is handed to ``setup()``, by keyword or as ``**`` of a literal dict."""
        calls = [node for node in ast.walk(self._tree) if isinstance(node, ast.Call) and _last(node.func) == "setup"]
        found = [keyword for call in calls for keyword in call.keywords]
        unpacked = [item for keyword in found if keyword.arg is None for item in self.items(keyword.value)]
        return [*found, *(ast.keyword(name, value) for name, value in unpacked)]

    def items(self, node: ast.AST) -> list[tuple[str, ast.expr]]:
        """The values of a dict with literal keys; of another expression, all of it."""
        dicts = [node, *self._values.get(node.id, ())] if isinstance(node, ast.Name) else [node]
        found = []
        for value in dicts:
            if isinstance(value, ast.Dict):
                found += [(str(getattr(key, "value", "")), item) for key, item in zip(value.keys, value.values, strict=True)]
            elif isinstance(value, ast.Call) and _last(value.func) == "dict":
                found += [(keyword.arg or "", keyword.value) for keyword in value.keywords]
            elif isinstance(value, ast.Assign) and isinstance(value.targets[0], ast.Subscript):
                found.append((ast.unparse(value.targets[0].slice), value.value))
        return found

    def strings(self, node: ast.AST, above: frozenset[str] = frozenset()) -> Iterator[tuple[int, str]]:
        """The strings that a value is made of, with their lines; names stand for all that they were given."""
        if isinstance(node, (ast.JoinedStr, ast.Constant, ast.BinOp)) and (text := self._text(node)) is not None:
            yield node.lineno, text
        elif isinstance(node, ast.JoinedStr):
            return
        elif isinstance(node, ast.Name):
            for value in self._values.get(node.id, ()) if node.id not in above else ():
                yield from self.strings(value, above | {node.id})
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield from self.strings(node.func, above)
            for argument in node.args if _last(node.func) in ("list", "tuple", "set", "sorted") else ():
                yield from self.strings(argument, above)
        else:
            for child in ast.iter_child_nodes(node):
                yield from self.strings(child, above)

    def _bind(self, node: ast.AST) -> None:
        """Keep what a statement gives to a name: by assignment, by ``append`` and the like, or as what a function returns."""
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    self._given(target, node.value)
                elif isinstance(target, ast.Subscript):
                    self._given(target.value, node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ADDING:
            self._given(node.func.value, *node.args)
        elif isinstance(node, ast.FunctionDef):
            returned = [found.value for found in ast.walk(node) if isinstance(found, ast.Return) and found.value]
            self._values.setdefault(node.name, []).extend(returned)

    def _given(self, name: ast.expr, *values: ast.AST) -> None:
        if isinstance(name, ast.Name):
            self._values.setdefault(name.id, []).extend(values)

    def _text(self, node: ast.expr) -> str | None:
        """A string, with the constants that an f-string, ``+`` or ``%`` puts into it; None for anything else."""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.Name):
            values = [value for value in self._values.get(node.id, ()) if isinstance(value, (ast.Constant, ast.IfExp))]
            return self._text(values[0]) if len(values) == 1 else None
        if isinstance(node, (ast.FormattedValue, ast.IfExp)):
            return self._text(node.value if isinstance(node, ast.FormattedValue) else node.body)
        if isinstance(node, ast.JoinedStr):
            return _joined([self._text(value) for value in node.values])
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return _joined([self._text(node.left), self._text(node.right)])
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            left, right = self._text(node.left), self._text(node.right)
            return left.replace("%s", right) if left is not None and right is not None else None
        return None


def _joined(parts: list[str | None]) -> str | None:
    return "".join(part or "" for part in parts) if None not in parts else None


def _last(function: ast.expr) -> str:
    """The last name of what is called."""
    return function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
