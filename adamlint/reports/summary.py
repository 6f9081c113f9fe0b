"""What a run says about itself on stderr: one line, and the findings counted by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from adamlint.findings import Effect, Finding, Safety
from adamlint.reports.flake8 import location


def summary(findings: Sequence[Finding], files: int, mended: int | None, is_diff: bool, hidden: Mapping[Effect, int]) -> str:
    """The last line of a run; ``mended`` is None when nothing was to be fixed, ``is_diff`` when it was only shown."""
    where = f" in {_count(len({finding.path for finding in findings}), 'file')}" if findings else ""
    parts = [f"{_count(len(findings), 'finding')}{where}, {_count(files, 'file')} checked"]
    if mended is not None:
        parts = [f"{'--fix would mend ' if is_diff else 'mended '}{mended}", f"left: {parts[0]}"]
    parts += [*_fixable(findings), *_not_shown(hidden)]
    return "; ".join(parts)


def titles(mended: Sequence[Finding]) -> Iterator[str]:
    """What each fix of a diff does, and why it is safe or not, a line each: beside the diff, which stands alone."""
    for finding in mended:
        if finding.fix is not None:
            yield f"{location(finding)}: {finding.code} {finding.fix.safety.value} fix: {finding.fix.title}"


def statistics(findings: Sequence[Finding]) -> Iterator[str]:
    """How many findings each rule has, the most frequent first."""
    counts = Counter((finding.code, finding.name) for finding in findings)
    for (code, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:6} {code} {name}"


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"


def _fixable(findings: Sequence[Finding]) -> Iterator[str]:
    counts = Counter(finding.fix.safety for finding in findings if finding.fix is not None)
    if safe := counts[Safety.SAFE]:
        yield f"--fix mends {safe}"
    if unsafe := counts[Safety.UNSAFE]:
        yield f"--fix --unsafe-fixes mends {unsafe}{' more' if safe else ''}"


def _not_shown(hidden: Mapping[Effect, int]) -> Iterator[str]:
    """How many findings are not shown, and the option that shows them all."""
    effects = [effect for effect in Effect if hidden.get(effect)]
    if effects:
        counted = " and ".join(f"{hidden[effect]} {effect.value}" for effect in effects)
        total = sum(hidden[effect] for effect in effects)
        yield f"{counted} finding{'' if total == 1 else 's'} not shown: --report {effects[-1].value}"
