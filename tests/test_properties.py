"""What holds for every program: no fix harms a file, and nothing depends on chance. The programs are those of programs.py."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import chain, pairwise

from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from adamlint.engine import lint
from adamlint.findings import Finding, Safety
from adamlint.fixing import Fixed, fix
from adamlint.rules import implemented, load
from adamlint.text.source import Program, PythonFile, read
from tests.checking import settings
from tests.programs import programs

ALL = load(implemented())
ELSEWHERE = {"ADM401", "ADM607"}  # fixes that move lines, or add one
# What a class does not take that could not be had at all before (ADM201 to 203), or of a rate that was ignored before (ADM301).
FOLLOWING = {"ADM302", "ADM303", "ADM304"}
UNSAFE = st.booleans()
RELEASES = (None, ">=2.16", ">=2.9,<2.16", "2.10")
TARGETS = {releases: settings(tensorflow=releases) for releases in RELEASES}
AIMS = st.sampled_from([None, *RELEASES])
HOLDS = profile(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
NEWLINE = re.compile(r"\r\n|\r|\n")
COMMENT = re.compile(r"#[^\r\n]*")


def mended(program: Program, aim: str | None, unsafe: bool) -> Fixed:
    return fix(program, ALL, TARGETS[aim], unsafe, importers=lambda _: False)


def reread(program: Program) -> Program:
    """The program in the bytes that would be written."""
    return read(program.path, program.encode())


@HOLDS
@given(programs, AIMS, UNSAFE)
def test_fixing_twice_is_fixing_once(program: Program, aim: str | None, unsafe: bool) -> None:
    once = mended(program, aim, unsafe)
    again = mended(reread(once.program), aim, unsafe)
    assert (again.applied, again.program.encode()) == (0, once.program.encode())
    assert again.report == once.report


@HOLDS
@given(programs, AIMS, UNSAFE, st.permutations(ALL))
def test_the_order_of_the_rules_does_not_matter(program: Program, aim: str | None, unsafe: bool, shuffled: Sequence[object]) -> None:
    assert lint(program, shuffled, TARGETS[aim]) == lint(program, ALL, TARGETS[aim])  # type: ignore[arg-type]
    one, other = mended(program, aim, unsafe), fix(program, shuffled, TARGETS[aim], unsafe, importers=lambda _: False)  # type: ignore[arg-type]
    assert other.program.encode() == one.program.encode()
    assert other.report == one.report


@HOLDS
@given(programs, AIMS, UNSAFE)
def test_afterwards_nothing_is_found_that_was_fixed_and_nothing_new(program: Program, aim: str | None, unsafe: bool) -> None:
    before, after = lint(program, ALL, TARGETS[aim]), mended(program, aim, unsafe).report
    left = [f for f in after.findings if f.fix is not None and (unsafe or f.fix.safety is Safety.SAFE)]
    assert left == []
    new = Counter(map(_placeless, after.findings)) - Counter(map(_placeless, before.findings))
    assert [code for code, _ in new if code not in FOLLOWING] == []


@HOLDS
@given(programs, AIMS, UNSAFE)
def test_no_fix_is_refused(program: Program, aim: str | None, unsafe: bool) -> None:
    assert [f for f in mended(program, aim, unsafe).report.findings if f.code == "ADM903"] == []


@HOLDS
@given(programs, AIMS)
def test_a_fix_changes_the_statement_of_its_finding_and_imports_only(program: Program, aim: str | None) -> None:
    """One fix at a time, so that the lines of the finding are those of the file."""
    for finding in lint(program, ALL, TARGETS[aim]).findings:
        if finding.fix is None or finding.code in ELSEWHERE:
            continue
        old, new = (_lines(each, finding.place.cell) for each in (program, program.rewrite(finding.fix.edits)))
        first, last = _statement(program, finding)
        for kind, start, end, at, to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            assert kind == "equal" or first <= start + 1 <= end <= last or _is_import("".join(new[at:to])), finding


@HOLDS
@given(programs, AIMS, UNSAFE)
def test_encoding_newlines_comments_and_the_end_of_the_file_are_kept(program: Program, aim: str | None, unsafe: bool) -> None:
    after = mended(program, aim, unsafe).program
    old, new = program.encode(), after.encode()
    assert old[:3] == new[:3] or not old.startswith(b"\xef\xbb\xbf")
    if isinstance(program.file, PythonFile):
        assert old.endswith((b"\n", b"\r")) == new.endswith((b"\n", b"\r"))
        assert set(NEWLINE.findall(after.text)) == set(NEWLINE.findall(program.text))
        assert _comments(after) == _comments(program)
    else:
        assert _without_sources(new) == _without_sources(old)


@HOLDS
@given(programs, AIMS, UNSAFE)
def test_what_parsed_parses(program: Program, aim: str | None, unsafe: bool) -> None:
    after = reread(mended(program, aim, unsafe).program)
    assert len(after.skipped) == len(program.skipped)
    try:
        ast.parse(program.text)
    except SyntaxError:
        return
    ast.parse(after.text)


PROBE = """
import hashlib, random
from hypothesis import HealthCheck, given, settings as profile
from tests.programs import programs
from tests.test_properties import mended
seen = hashlib.sha256()

@profile(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(programs)
def tell(program):
    done = mended(program, None, True)
    seen.update(repr(program.text).encode() + done.program.encode() + repr(done.report.findings).encode())

tell()
print(seen.hexdigest())
"""


def test_findings_and_fixes_are_the_same_in_every_process() -> None:
    """Whatever the seed by which Python orders its sets."""
    told = set()
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True, env=env)
        told.add(done.stdout)
    assert len(told) == 1


def _placeless(finding: Finding) -> tuple[str, str]:
    return finding.code, re.sub(r"(line|cell) \d+", r"\1", finding.message)


def _statement(program: Program, finding: Finding) -> tuple[int, int]:
    """The lines of the smallest statement that holds a finding; all lines where Python does not know its syntax."""
    piece = next(piece for piece in program.pieces if piece.cell == finding.place.cell)
    place = finding.place
    try:
        found = [node for node in ast.walk(ast.parse(piece.text)) if isinstance(node, ast.stmt)]
    except SyntaxError:
        return 1, len(piece.source)
    holding = [
        (min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))]), node.end_lineno or 0)
        for node in found
        if (node.lineno, node.col_offset) < (place.line, place.column) or bool(getattr(node, "decorator_list", ()))
        if (place.end_line, place.end_column) <= (node.end_lineno or 0, (node.end_col_offset or 0) + 1)
    ]
    return min([span for span in holding if span[0] <= place.line] or [(place.line, place.end_line)], key=lambda span: span[1] - span[0])


def _is_import(text: str) -> bool:
    return re.fullmatch(r"\s*(?:from [\w.]+ )?import [\w, ]+\s*|\s+\w+,\s*", text) is not None


def _lines(program: Program, cell: int | None) -> list[str]:
    source = next(piece.source for piece in program.pieces if piece.cell == cell)
    ends = [0, *(newline.end() for newline in NEWLINE.finditer(source)), len(source)]
    return [source[start:end] for start, end in pairwise(ends)]


def _comments(program: Program) -> Counter[str]:
    """The comments, less those that hide findings: a needless one goes."""
    found = COMMENT.findall(program.text)
    parts = chain.from_iterable(re.split(r"(?=#)", comment) for comment in found)
    return Counter(part.rstrip() for part in parts if part and not re.match(r"#\s*(?:noqa|adamlint)", part))


def _without_sources(data: bytes) -> str:
    document = json.loads(data)
    for cell in document["cells"]:
        cell["source"] = type(cell["source"]).__name__
    return json.dumps(document)
