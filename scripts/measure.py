"""Measure one TensorFlow release in a fresh virtual environment and merge the rows into ``scripts/measured``.

    python -m scripts.measure 2.17                  the newest patch and the newest Keras that pip resolves; with tf_keras
    python -m scripts.measure 2.17 --keras 3.0 3.6  other minor releases of Keras 3, plain Linux rows only
    python -m scripts.measure 2.8 --python ~/bin/python3.10
    python -m scripts.measure 2.17 --only attributes,names --environments DIR   what new rows need

Then ``python -m scripts.build_atlas`` makes facts.json of it. The environment is deleted afterwards. Needs an interpreter
that the release supports: ``pythonX.Y`` on PATH, or ``--python``.
"""

from __future__ import annotations

import argparse
import json
import lzma
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from scripts.probe import PACKAGES

HERE = Path(__file__).resolve().parent
MEASURED = HERE / "measured" / "tensorflow.json.xz"
PROBE = HERE / "probe.py"
NEWEST_PYTHON = (("2.4", "3.8"), ("2.7", "3.9"), ("2.11", "3.10"), ("2.19", "3.11"), ("9", "3.13"))  # up to TF, use Python
FIRST_WITH_TF_KERAS = "2.15"


def number(release: str) -> tuple[int, ...]:
    """ "2.12" as (2, 12)."""
    return tuple(int(part) for part in release.split("."))


def interpreter(release: str) -> str:
    """An interpreter that the release supports: this one, unless it is too new, else one on PATH. Raises SystemExit without any."""
    version = next(python for last, python in NEWEST_PYTHON if number(release) <= number(last))
    if sys.version_info[:2] <= number(version):
        return sys.executable
    found = shutil.which(f"python{version}")
    if found is None or subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode:  # a shim may lead nowhere
        raise SystemExit(f"TensorFlow {release} needs python{version} on PATH, or --python")
    return found


def requirements(release: str) -> list[str]:
    """What to install. The pins are those that old releases forgot: their metadata lets in what they fail with."""
    wanted = [f"tensorflow-cpu=={release}.*"]
    if number(release) < (2, 16):
        wanted.append("numpy<2")
    if number(release) < (2, 9):
        wanted.append("protobuf<3.21")
    return wanted


def pip(python: Path, *arguments: str) -> None:
    """Install into the environment of ``python``."""
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-warn-script-location", *arguments], check=True)


def environment(release: str, folder: Path) -> Path:
    """Make the environment of a release, with tf_keras where there is one, and return its interpreter. Raises CalledProcessError.

    What is installed already stays.
    """
    subprocess.run([interpreter(release), "-m", "venv", folder / release], check=True)
    python = folder / release / "bin" / "python"
    pip(python, *requirements(release))
    if number(release) >= number(FIRST_WITH_TF_KERAS):
        pip(python, "--no-deps", f"tf_keras=={release}.*")
    return python


def probe(python: Path, *flags: str) -> Any:
    """Run the probe with ``python`` and read what it found."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "facts.json"
        subprocess.run([python, PROBE, out, *flags], check=True, cwd=folder)
        return json.loads(out.read_text(encoding="utf-8"))


def with_keras(python: Path, version: str, *flags: str) -> Any:
    """The plain rows with another Keras 3."""
    pip(python, f"keras=={version}.*")
    return probe(python, "--quick", *flags)


def measure(release: str, keras: list[str], base: str, folder: Path) -> dict[str, Any]:
    """The labels of one release with their rows."""
    subprocess.run([base, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    pip(python, *requirements(release))
    if keras:
        return {f"{release} keras {version}": with_keras(python, version) for version in keras}
    if number(release) < number(FIRST_WITH_TF_KERAS):
        return {release: probe(python)}
    alone = probe(python, "--variable")
    pip(python, "--no-deps", f"tf_keras=={release}.*")
    return {release: alone, f"{release}+tf_keras": probe(python)}


def measure_only(sections: str, release: str, keras: list[str], environments: Path) -> dict[str, Any]:
    """Some sections of the labels of one release, in environments that are kept: what a new row needs."""
    folder = environments / "keras" if keras else environments
    there = folder / release / "bin" / "python"
    python = there if there.exists() else environment(release, folder)
    if keras:
        return {f"{release} keras {version}": with_keras(python, version, "--only", sections) for version in keras}
    label = release if number(release) < number(FIRST_WITH_TF_KERAS) else f"{release}+tf_keras"
    return {label: probe(python, "--only", sections)}


def merge(found: dict[str, Any], out: Path) -> None:
    """Put labels into a measurement file, in place of those of the same name."""
    facts = json.loads(lzma.decompress(out.read_bytes()))["facts"] if out.exists() else {}
    facts.update(found)
    text = json.dumps({"facts": facts}, sort_keys=True, separators=(",", ":"))
    out.write_bytes(lzma.compress(text.encode(), preset=9))


def merge_sections(found: dict[str, Any], out: Path) -> None:
    """Put sections into the labels of a measurement file. Raises SystemExit where a label was measured with other packages."""
    facts = json.loads(lzma.decompress(out.read_bytes()))["facts"]
    for label, sections in found.items():
        before, now = ({name: facts_of["meta"].get(name) for name in PACKAGES} for facts_of in (facts[label], sections))
        if before != now:
            raise SystemExit(f"{label} was measured with {before}, and now with {now}: measure all of it again")
    merge({label: {**facts[label], **sections, "meta": facts[label]["meta"]} for label, sections in found.items()}, out)


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", help="minor release of TensorFlow, as 2.17")
    parser.add_argument("--keras", nargs="+", default=[], help="minor releases of Keras 3, as 3.6")
    parser.add_argument("--python", help="interpreter to make the environment with")
    parser.add_argument("--out", type=Path, default=MEASURED)
    parser.add_argument("--folder", type=Path, help="where to make the environment")
    parser.add_argument("--only", metavar="SECTION,…", help="these sections of the probe alone, as attributes; needs --environments")
    parser.add_argument("--environments", type=Path, metavar="FOLDER", help="keep the environments there, or use those that are there")
    options = parser.parse_args()
    if options.only:
        merge_sections(measure_only(options.only, options.release, options.keras, options.environments), options.out)
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        base = options.python or interpreter(options.release)
        merge(measure(options.release, options.keras, base, Path(folder) / "venv"), options.out)


if __name__ == "__main__":
    main()
