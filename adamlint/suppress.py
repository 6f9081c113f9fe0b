"""Comments that hide findings: `# noqa`, `# noqa: ADM301`, `# adamlint: ignore[lr-argument] reason`, `# adamlint: ignore-file[...]`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from adamlint.findings import Finding
from adamlint.rule import CODES

_NOQA = re.compile(r"#\s*noqa" r"(?P<codes>\s*:\s*[A-Z][A-Z0-9]*[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*)?", re.IGNORECASE)
_IGNORE = re.compile(r"#\s*adamlint:\s*(?P<kind>ignore-file|ignore)\s*(?:\[(?P<codes>[^\]]*)\])?")
_BY_NAME = {name: code for code, name in CODES.items()}


@dataclass
class Suppression:
    """One part of a comment that hides findings; ``codes`` is None where it hides all."""

    start: int
    end: int
    cell: int | None
    line: int
    codes: tuple[str, ...] | None
    whole_file: bool
    ours: bool  # names our codes, so that a needless one can be reported; a bare `# noqa` never is
    written: str = ""  # the whole of it, a reason at its end included
    listed: str = ""  # the part of it that lists the codes, those of other tools included
    used: set[str] = field(default_factory=set)

    def hides(self, finding: Finding) -> bool:
        """Tell whether a finding is hidden, and remember that it was."""
        if not self.whole_file and not self._on_its_line(finding):
            return False
        if self.codes is None:
            self.used.add(finding.code)
            return True
        hiding = {code for code in self.codes if finding.code.startswith(code)}
        self.used |= hiding
        return bool(hiding)

    def _on_its_line(self, finding: Finding) -> bool:
        place = finding.place
        return place.cell == self.cell and self.line in (place.line, place.end_line)

    def needless(self, active: frozenset[str]) -> list[str]:
        """Return the codes, of rules that are on, that hid nothing."""
        if not self.ours:
            return []
        if self.codes is None:
            return [] if self.used else ["all"]
        return [code for code in self.codes if code not in self.used and any(a.startswith(code) for a in active)]


    def without(self, codes: list[str]) -> str:
        """Return what is left of the comment once these codes are gone; "" where it has no others."""
        words = re.findall(r"[^\s,]+", self.listed)
        kept = [word for word in words if not set(_codes(word)) & set(codes)]
        if codes == ["all"] or not kept:
            return ""
        between = re.search(r"[\s,]+", self.listed.strip())
        before, _, after = self.written.partition(self.listed)
        return before + (between[0] if between else "").join(kept) + after


def _codes(listed: str) -> tuple[str, ...]:
    words = [word.strip() for word in re.split(r"[\s,]+", listed) if word.strip()]
    return tuple(_BY_NAME.get(word.lower(), word.upper()) for word in words)


def read_comment(text: str, start: int, cell: int | None, line: int) -> Iterable[Suppression]:
    """Yield what a comment that begins at offset ``start`` hides; each part goes on to the next ``#``."""
    for match in _IGNORE.finditer(text):
        listed = match["codes"]
        codes = None if listed is None else _codes(listed)
        written = _part(text, match.start())
        at = (start + match.start(), start + match.start() + len(written))
        yield Suppression(*at, cell, line, codes, match["kind"] == "ignore-file", True, written, listed or "")
    for match in _NOQA.finditer(text):
        listed = (match["codes"] or "").strip().lstrip(":").strip()
        codes = _codes(listed) if listed else None
        ours = codes is not None and any(code.startswith("ADM") for code in codes)
        kept = codes if codes is None else tuple(code for code in codes if code.startswith("ADM"))
        if codes is None or ours:
            written = _part(text, match.start())
            at = (start + match.start(), start + match.start() + len(written))
            yield Suppression(*at, cell, line, kept, False, ours, written, listed)


def _part(text: str, start: int) -> str:
    """Return the part of a comment that begins at ``start``, up to the next ``#``."""
    following = text.find("#", start + 1)
    return text[start:] if following < 0 else text[start:following]
