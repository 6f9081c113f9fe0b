"""The layout: who may import whom, and the README in step with the code."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from adamlint.rule import CODES
from adamlint.rules import implemented

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "adamlint"
README = (ROOT / "README.md").read_text(encoding="utf-8")

# A file imports only from files above it in this list, and from its own folder.
LAYERS = (
    "__init__", "findings", "lines", "disk", "atlas", "measured", "target", "needles", "budget", "heap", "tree", "magics", "notebook", "source", "bindings", "scopes", "blocks", "flow", "sequence", "names", "kept", "values", "annotations",
    "classes", "calls", "touched", "stores", "checked", "afterwards", "displays", "strings", "asked", "sorted_out", "library", "wrappers", "parameters", "objects", "evaluate", "kinds",
    "conditions", "guards", "alternatives", "rule", "origins", "places", "models", "environment", "keras3", "training", "instances", "imports", "edits", "arguments", "compiles", "module", "handed", "forms", "exchange", "private", "owners", "attributes", "backend", "learning_rate", "earlier", "retraining", "schedules", "dtypes", "packages", "outline", "standins", "locations", "opened", "admitted", "neighbours", "importers", "effects", "steps", "safety", "suppress", "verify",
    "engine", "fixing", "rules", "project", "reports", "metadata", "cache", "config", "targets", "check", "workers", "discovery", "write", "reading", "batch", "session", "commands", "cli", "__main__",
)  # fmt: skip


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    found = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for guard in [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]:
        tree.body.remove(guard)  # types may be named across layers
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "adamlint":
            parts = node.module.split(".")[1:]
            found |= {parts[0]} if parts else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("adamlint.")}
    return {"__init__" if name.startswith("__") else name for name in found}


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_imports_only_from_layers_above_it(path: Path) -> None:
    allowed = LAYERS[: LAYERS.index(layer(path)) + 1]
    assert imported(path) <= set(allowed)


@pytest.mark.parametrize("path", sorted((PACKAGE / "rules").glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_no_rule_imports_another(path: Path) -> None:
    assert "adamlint.rules" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["engine.py", "fixing.py"])
def test_the_engine_is_handed_its_rules(name: str) -> None:
    assert "rules" not in imported(PACKAGE / name)


@pytest.mark.parametrize("path", sorted((PACKAGE / "rules").glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_no_rule_compares_versions(path: Path) -> None:
    numbers = [n.value for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Constant) and n.value in ("2.11", "2.12", "2.15", "2.16")]
    assert numbers == []


def test_starting_imports_neither_libcst_nor_worker_processes() -> None:
    probe = "import sys, adamlint.cli; print(sorted({'libcst', 'multiprocessing', 'difflib'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_the_readme_lists_the_rules_that_are_there() -> None:
    rows = dict(re.findall(r"^\| (ADM\d{3}) \| `([a-z0-9-]+)` \|", README, re.MULTILINE))
    engine = {code for code in CODES if code.startswith("ADM9")}
    assert rows == {code: CODES[code] for code in implemented() | engine}


def test_the_readme_is_as_the_script_writes_it() -> None:
    from scripts.update_readme import updated

    assert updated(README) == README
