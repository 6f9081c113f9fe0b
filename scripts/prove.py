"""Prove the fixes on real TensorFlow: `python -m scripts.prove [RELEASE …]` (none: all of RELEASES).

Runs every fixable example of the rules and every ``fixtures/files/*/before.py`` before and after its fixes, in a fresh virtual
environment for each release (deleted afterwards, unless --environments says where to keep it), and holds what comes out against what the
README promises: (a) the same class and equal weights, (b) another generation of the same optimizer and weights within 2e-5, (c) raised
before and runs now, (d) the value that was ignored takes effect: what a release gives that honoured it. What was measured goes into
``scripts/measured``, the table of all releases into ``docs/proof.md``, how far two generations come apart into the atlas. Exits with 1
where a release that was asked for does not keep a promise.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.measure import environment, merge, pip
from scripts.probe import VARIABLE
from scripts.proof_page import Result, generations, page
from scripts.proof_probe import DIED
from scripts.proof_promises import Outcome, Verdict, judge
from scripts.proof_stories import REFERENCE, Place, Story, attempts, key, places, stories

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "scripts" / "measured" / "proof.json.xz"
PAGE = ROOT / "docs" / "proof.md"
GENERATIONS = ROOT / "adamlint" / "atlas" / "generations.json"

RELEASES = (REFERENCE, "2.12", "2.15", "2.16", "2.21")
WITH_ADDONS = "2.12"  # one release that tensorflow-addons was made for


def install(release: str, folder: Path) -> Path:
    """Make the environment of a release with all that the programs need, and return its interpreter. Raises CalledProcessError."""
    python = environment(release, folder)
    if release == WITH_ADDONS:
        pip(python, "--no-deps", "tensorflow-addons==0.22.*", "typeguard<3")
    return python


def programs(told: Sequence[Story], place: Place) -> dict[str, str]:
    """What to run at a place, by key: each story before and after its fixes."""
    tried = [attempt for story in told if story.runs(place) for attempt in attempts(story, place.target)]
    return {key(text): text for attempt in tried for text in (attempt.story.source, attempt.after)}


def run(python: Path, place: Place, sources: Mapping[str, str], folder: Path) -> Any:
    """Run programs at a place: the rows of the probe, but for those of which nothing came out."""
    given, out = folder / "programs.json", folder / "outcomes.json"
    given.write_text(json.dumps(sources), encoding="utf-8")
    variables = {name: value for name, value in os.environ.items() if name != VARIABLE}
    variables |= {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "TMPDIR": str(folder)}
    variables |= {VARIABLE: "1"} if place.tf_keras else {}
    system, mode = "mac" if place.apple else "linux", "graph" if place.graph else "eager"
    command: list[str | Path] = [python, "-m", "scripts.proof_probe", given, out, system, mode]
    done = subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{place.label}: the probe ended with {done.returncode}\n{done.stderr[-2000:]}")
    rows = json.loads(out.read_text(encoding="utf-8"))
    return {key: row for key, row in rows.items() if row.get("error") != DIED}  # that says nothing of the program


def measure(release: str, told: Sequence[Story], folder: Path | None, known: Mapping[str, Mapping[str, Any]]) -> None:
    """Run the programs of all places of a release but those of which the outcome is known, and record what became of them."""
    wanted = {place: programs(told, place) for place in places(release)}
    kept = {place: {key: row for key, row in known.get(place.label, {}).items() if key in wanted[place]} for place in wanted}
    if all(wanted[place].keys() == kept[place].keys() for place in wanted):
        return
    with tempfile.TemporaryDirectory() as name:
        python = install(release, folder or Path(name))
        for place, sources in wanted.items():
            new = {key: source for key, source in sources.items() if key not in kept[place]}
            merge({place.label: {**kept[place], **run(python, place, new, Path(name))}}, RECORD)


def recorded() -> dict[str, dict[str, Any]]:
    """The rows that were measured: by the label of the place and the key of the program."""
    if not RECORD.exists():
        return {}
    found: dict[str, dict[str, Any]] = json.loads(lzma.decompress(RECORD.read_bytes()))["facts"]
    return found


def results(told: Sequence[Story], release: str, record: Mapping[str, Mapping[str, Any]]) -> Iterator[Result]:
    """The verdicts of a release; a program that was not run, or has another text since, has none."""
    for place in places(release):
        rows = record.get(place.label, {})
        for story in (story for story in told if story.runs(place)):
            honoured = record.get(REFERENCE, {}).get(key(story.source))
            for attempt in attempts(story, place.target):
                if key(story.source) in rows and key(attempt.after) in rows:
                    before, after = Outcome.of(rows[key(story.source)]), Outcome.of(rows[key(attempt.after)])
                    verdict = judge(before, after, attempt, place, Outcome.of(honoured) if honoured else None)
                    if release == REFERENCE:
                        verdict = Verdict("reference: nothing is promised")
                    yield Result(attempt, place, before, after, verdict)


def tell_generations(found: Sequence[Result]) -> None:
    """Write what the safety of fixes is decided by. Raises SystemExit where it was not so before: the verdicts are of the time before."""
    text = json.dumps(generations(found), indent=1, sort_keys=True) + "\n"
    if text != GENERATIONS.read_text(encoding="utf-8"):
        GENERATIONS.write_text(text, encoding="utf-8")
        raise SystemExit(f"{GENERATIONS.name} is another now, and with it which fixes are safe: run again with --changed")


def main() -> None:
    """Run what the command line asks for, write the table, and say which promises are broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("releases", nargs="*", metavar="RELEASE", help="minor release of TensorFlow, as 2.21")
    parser.add_argument("--environments", type=Path, metavar="FOLDER", help="keep the environments there, and use those that are there")
    parser.add_argument("--changed", action="store_true", help="run only what was not run yet, or has changed since")
    options = parser.parse_args()
    asked, told = options.releases or RELEASES, stories()
    for release in asked:
        measure(release, told, options.environments, recorded() if options.changed else {})
    record = recorded()
    found = {release: list(results(told, release, record)) for release in dict.fromkeys([*RELEASES, *asked])}
    flat = [result for of_release in found.values() for result in of_release]
    tried = sum(len(attempts(story, place.target)) for release in found for place in places(release) for story in told if story.runs(place))
    PAGE.write_text(page(flat, tried - len(flat)), encoding="utf-8")
    tell_generations(flat)
    broken = [result for release in asked for result in found[release] if not result.verdict.kept]
    for result in broken:
        print(f"{result.attempt.story.name} on {result.place.label}: {result.before} -> {result.after}: {result.verdict.words}")
    print(f"{sum(len(found[release]) for release in asked)} fixes run on {', '.join(asked)}; {len(broken)} promises broken")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
