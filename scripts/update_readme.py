"""Write into README.md what the code says: the table of rules, and what the first example prints."""

from __future__ import annotations

import re
from pathlib import Path

from adamlint.engine import Settings, lint
from adamlint.findings import Effect
from adamlint.fixing import fix
from adamlint.reports.flake8 import render_one
from adamlint.rule import CODES, Rule
from adamlint.rules import implemented, load
from adamlint.target import Target
from adamlint.text.source import read
from scripts import ways

README = Path(__file__).parent.parent / "README.md"
ENGINE = {
    "ADM900": "A file or cell that mentions what adamlint looks for cannot be parsed",
    "ADM901": "A file cannot be read or decoded",
    "ADM902": "A suppression of ours hides nothing",
    "ADM903": "A fix was not made: its result would not parse, or would change more than its edits",
}
HEAD = "| code | name | what is wrong | fix |\n|---|---|---|---|\n"


def safeties(rule: Rule) -> str:
    """The safeties of the fixes that the rule's own bad examples are offered."""
    everything = Settings(Target.parse(None), report=Effect.IMPLICIT)
    found = [f for example in rule.examples("Bad") for f in lint(read("example.py", example.encode()), [rule], everything).findings]
    return ", ".join(sorted({finding.fix.safety.value for finding in found if finding.fix})) or "–"


def table() -> str:
    """One row a rule."""
    rows = [f"| {rule.code} | `{rule.name}` | {rule.summary.rstrip('.')} | {safeties(rule)} |" for rule in load(implemented())]
    rows += [f"| {code} | `{CODES[code]}` | {what} | {'safe' if code == 'ADM902' else '–'} |" for code, what in ENGINE.items()]
    return HEAD + "\n".join(rows) + "\n"


def updated(text: str) -> str:
    """The README with the table, and with what adamlint says and does of its first example."""
    blocks = re.findall(r"```\w+\n(.*?)```", text, re.DOTALL)
    program, rules, settings = read("train.py", blocks[0].encode()), load(implemented()), Settings(Target.parse(None))
    printed = "".join(f"{render_one(finding)}\n" for finding in lint(program, rules, settings).findings)
    fixed = fix(program, rules, settings, unsafe=False).program.text
    for old, new in ((blocks[2], printed), (blocks[3], fixed)):
        text = text.replace(f"\n{old}```", f"\n{new}```", 1)
    for head, written in ((HEAD, table()), (ways.HEAD, ways.table())):
        text = re.sub(rf"{re.escape(head.strip())}[^\n]*\n(?:\|[^\n]*\n)*", lambda _, new=written: new, text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")
