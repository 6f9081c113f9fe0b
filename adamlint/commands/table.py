"""Rows by release, platform and mode as text, with neighbours that say the same merged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from adamlint.atlas import Cell, releases
from adamlint.target import MODES, PLATFORMS

Row = tuple[str, ...]
Kind = tuple[str, str]  # platform and mode


def merged(cells: Mapping[Cell, Row]) -> list[tuple[str, str, str, Row]]:
    """Releases, platforms and modes, in words, of each row: as few as there can be."""
    by_release: dict[str, dict[tuple[str, str], Row]] = {}
    for cell, row in cells.items():
        by_release.setdefault(cell.tensorflow, {})[cell.platform, cell.mode] = row
    spans: dict[tuple[str, str, Row], list[list[str]]] = {}
    for release in filter(by_release.__contains__, releases()):
        for platforms, modes, row in _blocks(by_release[release]):
            runs = spans.setdefault((platforms, modes, row), [])
            if runs and _adjoins(runs[-1][-1], release):
                runs[-1].append(release)
            else:
                runs.append([release])
    found = [(run, *key) for key, runs in spans.items() for run in runs]
    found.sort(key=lambda item: releases().index(item[0][0]))
    return [(span(run), platforms, modes, row) for run, platforms, modes, row in found]


def span(run: Sequence[str]) -> str:
    """Releases that follow each other, in words: "2.12-2.15"."""
    return run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}"


def spans(chosen: Iterable[str]) -> str:
    """Measured releases in words: "2.3, 2.6-2.8"."""
    runs: list[list[str]] = []
    for release in sorted(set(chosen), key=releases().index):
        if runs and _adjoins(runs[-1][-1], release):
            runs[-1].append(release)
        else:
            runs.append([release])
    return ", ".join(map(span, runs))


def aligned(rows: Sequence[Row]) -> Iterator[str]:
    """Columns of equal width; the last one may be as long as it likes."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    for row in rows:
        yield "  ".join([*(f"{text:{width}}" for text, width in zip(row, widths, strict=False)), row[-1]]).rstrip()


def _adjoins(release: str, later: str) -> bool:
    """Whether no minor release lies between two: one that was not measured may be another."""
    return release.split(".")[0] == later.split(".")[0] and int(later.split(".")[1]) - int(release.split(".")[1]) == 1


def _blocks(rows: Mapping[Kind, Row]) -> Iterator[tuple[str, str, Row]]:
    """The rows of one release: together for both modes where that can be said in one line, else mode by mode."""
    for row in dict.fromkeys(rows.values()):
        kinds = [kind for kind, other in rows.items() if other == row]
        by_mode = {mode: frozenset(platform for platform, how in kinds if how == mode) for _, mode in kinds}
        for platforms, group in groupby(sorted(by_mode.items(), key=lambda item: MODES.index(item[0])), key=lambda item: item[1]):
            modes = [mode for mode, _ in group]
            yield _platforms(platforms, {platform for platform, _ in rows}), "any" if len(modes) == len(MODES) else modes[0], row


def _platforms(chosen: frozenset[str], asked: set[str]) -> str:
    if chosen == set(PLATFORMS):
        return "any"
    left = asked - chosen
    if asked == set(PLATFORMS) and len(left) == 1:
        return f"not {left.pop()}"
    return ", ".join(platform for platform in PLATFORMS if platform in chosen)
