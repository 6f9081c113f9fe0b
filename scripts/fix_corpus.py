"""Run ``--fix --unsafe-fixes`` on a copy of folders full of real code, and look for harm.

    python -m scripts.fix_corpus ~/site-packages ~/src --work /tmp/fixed
    python -m scripts.fix_corpus ~/src --report implicit --tensorflow '>=2.16'

Of every file that changed: it parses if it did before, the statements on lines that did not change are the same, encoding,
BOM and newlines are kept; a second run changes nothing and finds nothing new; and with the rules in another order it
becomes the same. One line for each violation, totals at the
end, exit code 1 if there was any. The copies stay in the folder ``--work``, those from before in ``before/``.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import shutil
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path
from unittest.mock import patch

from adamlint import config as configuration
from adamlint.config import Config, Layer
from adamlint.rules import load
from adamlint.run import session
from adamlint.run.discovery import SUFFIXES
from adamlint.run.session import Options, Result
from adamlint.text.source import Program, PythonFile, Unreadable, read

_FIX = Options(fix=True, unsafe=True, cache=False)
_NEWLINE = re.compile(r"\r\n|\r|\n")


def main() -> None:
    """Fix, compare, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--work", type=Path, required=True, help="an empty folder for the copies")
    parser.add_argument("--report", default="differs", help="the least effect that is fixed")
    parser.add_argument("--tensorflow", help="the releases to run on")
    options = parser.parse_args()
    config = replace(configuration.merge(Layer(), Layer(report=options.report, tensorflow=options.tensorflow)), metadata=False)
    totals, violations = Counter[str](), 0
    for folder in options.folders:
        for line in _harm(folder, options.work, config, totals):
            violations += 1
            print(line, flush=True)
        print(f"after {folder.name}:", ", ".join(f"{count} {what}" for what, count in totals.items()), file=sys.stderr)
    print(", ".join(f"{count} {what}" for what, count in totals.items()), f"{violations} violations", sep="; ")
    sys.exit(1 if violations else 0)


def _harm(folder: Path, work: Path, config: Config, totals: Counter[str]) -> Iterator[str]:
    """Fix a copy of a folder, and yield a line for each violation."""
    before, after = work / "before" / folder.name, work / "after" / folder.name
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    for name in files:
        for target in (before / name, after / name):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, target)
    for copy in (before, after):
        (copy / "pyproject.toml").touch()  # so that each is a project, in which names are followed from file to file
    first = session.run([str(after / name) for name in files], config, _FIX)
    changed = [name for name in files if (before / name).read_bytes() != (after / name).read_bytes()]
    totals.update({"files": len(files), "files changed": len(changed), "fixes": len(first.mended), "findings left": len(first.findings)})
    yield from first.errors
    yield from (f"{f.path}:{f.place.line}: {f.code} {f.message}" for f in first.findings if f.code == "ADM903")
    for name in changed:
        old, new = (before / name).read_bytes(), (after / name).read_bytes()
        yield from (f"{after / name}: {what}" for what in _differences(str(name), old, new))
    yield from _again(first, [str(before / name) for name in changed], [str(after / name) for name in changed], config)


def _again(first: Result, before: Sequence[str], after: Sequence[str], config: Config) -> Iterator[str]:
    """Yield what is wrong with the files that changed when they are fixed once more, and what is new in them."""
    contents = {path: Path(path).read_bytes() for path in after}
    unfixed = session.run(before, config, Options(cache=False))
    second = session.run(after, config, _FIX)
    yield from (f"{path}: a second run changes it again" for path in after if Path(path).read_bytes() != contents[path])
    left = [finding for finding in first.findings if finding.path in contents]
    if [f.sort_key for f in left] != [f.sort_key for f in second.findings]:
        yield "the second run finds something else than what the first one left"
    originals = dict(zip(after, before, strict=True))
    found = {(f.path, f.code, _placeless(f.message)) for f in unfixed.findings}
    for finding in left:
        if (originals[finding.path], finding.code, _placeless(finding.message)) not in found and finding.code != "ADM903":
            yield f"{finding.path}:{finding.place.line}: new: {finding.code} {finding.message}"
    for path, original in originals.items():
        shutil.copyfile(original, path)
    with patch("adamlint.rules.load", lambda codes: sorted(load(codes), key=lambda rule: rule.code[::-1])):
        session.run(after, config, _FIX)
    yield from (f"{path}: another order of the rules changes it otherwise" for path in after if Path(path).read_bytes() != contents[path])


def _placeless(message: str) -> str:
    """A message without the line of another place, which an import above moves."""
    return re.sub(r"line \d+", "line", message)


def _differences(path: str, old: bytes, new: bytes) -> Iterator[str]:
    """Yield what is another in a file besides the lines that changed."""
    if old == new:
        return
    try:
        before, after = read(path, old), read(path, new)
    except Unreadable as error:
        yield f"cannot be read any more: {error}"
        return
    if _encoding(before) != _encoding(after):
        yield "another encoding"
    if set(_NEWLINE.findall(old.decode("latin-1"))) != set(_NEWLINE.findall(new.decode("latin-1"))):
        yield "other newlines"
    if old.endswith((b"\n", b"\r")) != new.endswith((b"\n", b"\r")):
        yield "another end of the file"
    if len(before.skipped) != len(after.skipped):
        yield "another number of cells that do not parse"
    yield from _other_trees(before.text, after.text)


def _encoding(program: Program) -> tuple[str, bool]:
    file = program.file
    return (file.encoding, file.data.startswith(b"\xef\xbb\xbf")) if isinstance(file, PythonFile) else ("utf-8", file.has_bom)


def _other_trees(old: str, new: str) -> Iterator[str]:
    old_lines, new_lines = (_NEWLINE.split(text) for text in (old, new))
    blocks = SequenceMatcher(None, old_lines, new_lines, autojunk=False).get_matching_blocks()
    same_old = {block.a + 1 + line for block in blocks for line in range(block.size)}
    same_new = {block.b + 1 + line for block in blocks for line in range(block.size)}
    try:
        before = [what for what, lines in _statements(ast.parse(old)) if lines <= same_old]
    except SyntaxError:
        return
    try:
        after = [what for what, lines in _statements(ast.parse(new)) if lines <= same_new]
    except SyntaxError as error:
        yield f"does not parse any more: {error}"
        return
    if before != after:
        yield "statements on unchanged lines are not the same"


def _statements(node: ast.AST, depth: str = "") -> Iterator[tuple[str, set[int]]]:
    """Yield each statement without the bodies in it, and the lines that it stands on."""
    for name, value in list(ast.iter_fields(node)):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, (ast.stmt, ast.excepthandler, ast.match_case)):
                yield from _statements(child, f"{depth}{type(node).__name__}.{name}/")
                bare = {field: inner for field, inner in ast.iter_fields(child) if not _is_body(inner)}
                lines = {line for part in bare.values() for line in _lines(part)}
                lines.add(getattr(child, "lineno", 0))  # `from x import (`: x is no node that has a line
                shown = {field: _dump(inner) for field, inner in bare.items()}
                yield f"{depth}{type(child).__name__}{shown}", lines


def _is_body(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(item, (ast.stmt, ast.excepthandler, ast.match_case)) for item in value)


def _dump(value: object) -> str:
    parts = value if isinstance(value, list) else [value]
    return " ".join(ast.dump(part) if isinstance(part, ast.AST) else repr(part) for part in parts)


def _lines(value: object) -> Iterator[int]:
    for part in value if isinstance(value, list) else [value]:
        for node in ast.walk(part) if isinstance(part, ast.AST) else ():
            if hasattr(node, "lineno"):
                yield from range(node.lineno, (getattr(node, "end_lineno", None) or node.lineno) + 1)


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # of invalid escapes in the code that is read
    os.nice(5)
    main()
