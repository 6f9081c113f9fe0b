"""Measure the newest release of the atlas once more, on this machine, and compare with what is shipped: `python -m scripts.remeasure`.

The plain rows only (Linux, eager, and what the probe emulates quickly), so that it is a matter of minutes. Exits with 1 where an
outcome, a generation or a class differs; texts of messages may.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scripts.atlas_table import Fact, Table
from scripts.build_atlas import gather
from scripts.measure import MEASURED, environment, probe


def measured_again(release: str, folder: Path) -> Table:
    """Install a release with its tf_keras next to nothing else, and read what the probe finds. Raises CalledProcessError."""
    python = environment(release, folder)
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "measured.json"
        out.write_text(json.dumps({"facts": {f"{release}+tf_keras": probe(python, "--quick")}}), encoding="utf-8")
        return gather([out])


def differences(new: Table, old: Table, release: str) -> Iterator[str]:
    """Yield a line for each row of a release that is not what it was."""
    for key, row in new.rows.items():
        for spot, fact in row.items():
            before = old.rows.get(key, {}).get(spot)
            if spot.release == release and before is not None and _plain(fact) != _plain(before):
                yield f"{key} ({spot.place}): {_plain(before)} is now {_plain(fact)}"
    for name, lines in new.classes.items():
        for line, facts in lines.items():
            now, before = facts.get(release), old.classes.get(name, {}).get(line, {}).get(release)
            if now is not None and before is not None and _plain(now) != _plain(before):
                yield f"{name} {line}: {_plain(before)} is now {_plain(now)}"


def _plain(fact: Fact) -> tuple[str | None, ...]:
    return fact.outcome, fact.generation, fact.cls, fact.error


def main() -> None:
    """Compare, and say what was compared."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--environments", type=Path, metavar="FOLDER", help="keep the environment there, or use the one that is there")
    options = parser.parse_args()
    old = gather([MEASURED])
    release = max((r for r in old.releases() if r[0].isdigit()), key=lambda r: [int(part) for part in r.split(".")])
    with tempfile.TemporaryDirectory() as folder:
        new = measured_again(release, options.environments or Path(folder))
    found = list(differences(new, old, release))
    compared = sum(spot.release == release for row in new.rows.values() for spot in row)
    print(*found, f"TensorFlow {release}: {compared} rows measured again, {len(found)} differ", sep="\n")
    sys.exit(1 if found or not compared else 0)


if __name__ == "__main__":
    main()
