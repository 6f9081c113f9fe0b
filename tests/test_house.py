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

# A file imports only from files above it in this list; a folder with a star is one layer.
LAYERS = (
    "__init__", "findings", "disk", "atlas/*", "target", "needles",
    "text/lines", "text/budget", "text/heap", "text/tree", "text/magics", "text/notebook", "text/source",
    "names/bindings", "names/scopes", "names/blocks", "names/flow", "names/sequence", "names/canonical",
    "values/kept", "values/value", "values/annotations", "values/classes", "values/calls", "values/touched", "values/stores", "values/checked", "values/afterwards", "values/displays", "values/strings", "values/asked", "values/sorted_out", "values/library", "values/wrappers", "values/parameters", "values/objects", "values/evaluate", "values/kinds",
    "rule",
    "program/conditions", "program/guards", "program/alternatives", "program/origins", "program/places", "program/models", "program/environment", "program/keras3", "program/training", "program/instances", "program/imports", "program/edits", "program/arguments", "program/compiles", "program/module", "program/handed",
    "idioms/forms", "idioms/exchange", "idioms/private", "idioms/owners", "idioms/attributes", "idioms/backend", "idioms/learning_rate", "idioms/earlier", "idioms/retraining", "idioms/schedules", "idioms/dtypes", "idioms/packages",
    "project/outline", "project/standins", "project/locations", "project/opened", "project/admitted", "project/neighbours", "project/importers", "project/verdicts",
    "judging/effects", "judging/steps", "judging/safety",
    "suppress", "verify", "engine", "fixing", "rules/*", "reports/*", "metadata/*", "config",
    "run/targets", "run/check", "run/workers", "run/discovery", "run/write", "run/cache", "run/reading", "run/batch", "run/session",
    "commands/*", "cli", "__main__",
)  # fmt: skip


FOLDERS = {name.partition("/")[0] for name in LAYERS if "/" in name and not name.endswith("*")}  # whose own file only says what they are


def layer(*parts: str) -> str:
    """The layer of a module, or of a name in a folder that is one layer as a whole."""
    whole = f"{parts[0]}/*"
    return whole if whole in LAYERS else "/".join(parts[:2]).removesuffix("/__init__")


def of(path: Path) -> str:
    return layer(*path.relative_to(PACKAGE).with_suffix("").parts)


def imported(path: Path) -> set[str]:
    found = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for guard in [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]:
        tree.body.remove(guard)  # types may be named across layers
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "adamlint":
            home = node.module.split(".")[1:]
            is_folder = not home or (PACKAGE.joinpath(*home).is_dir() and len(home) == 1)
            found |= {layer(*home, alias.name) for alias in node.names} if is_folder else {layer(*home)}
        elif isinstance(node, ast.Import):
            found |= {layer(*alias.name.split(".")[1:]) for alias in node.names if alias.name.startswith("adamlint.")}
    return {"__init__" if name.startswith("__") else name for name in found}


FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if of(path) not in FOLDERS]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_imports_only_from_layers_above_it(path: Path) -> None:
    allowed = LAYERS[: LAYERS.index(of(path)) + 1]
    assert imported(path) <= set(allowed)


@pytest.mark.parametrize("path", sorted((PACKAGE / "rules").glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_no_rule_imports_another(path: Path) -> None:
    assert "adamlint.rules" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["engine.py", "fixing.py"])
def test_the_engine_is_handed_its_rules(name: str) -> None:
    assert "rules/*" not in imported(PACKAGE / name)


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
