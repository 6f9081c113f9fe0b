"""Turn measurements into ``adamlint/atlas/facts.json`` and ``public.json``, the data behind the look-ups.

    python -m scripts.build_atlas [--out FILE] [MEASUREMENT …]

A measurement is what ``scripts/measure.py`` writes (JSON, or JSON in xz); without arguments all of ``scripts/measured``.
Only what was measured gets in, and what ``atlas_infer.py`` draws from it.
"""

from __future__ import annotations

import argparse
import json
import lzma
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from scripts.atlas_arguments import parameters_of, read_constructor
from scripts.atlas_crossing import read_crossing, read_variable
from scripts.atlas_forms import read_places
from scripts.atlas_infer import INFERENCES
from scripts.atlas_members import read_attributes, read_scaling
from scripts.atlas_names import pack_names, read_names
from scripts.atlas_table import PLACES, Fact, Raw, Row, Table

HERE = Path(__file__).resolve().parent
FACTS = HERE.parent / "adamlint" / "atlas" / "facts.json"
PUBLIC = FACTS.with_name("public.json")


def load(path: Path) -> Raw:
    """The labels of a measurement file."""
    data = path.read_bytes()
    read = json.loads(lzma.decompress(data) if path.suffix == ".xz" else data)
    facts: Raw = read["facts"] if "facts" in read else {read["label"]: read}
    return facts


def in_order(paths: Iterable[Path]) -> Iterator[tuple[str, Raw]]:
    """All labels, those with tf_keras installed last: what they say of tf_keras wins."""
    labels = [(label, facts) for path in paths for label, facts in load(path).items()]
    return iter(sorted(labels, key=lambda item: "+tf_keras" in item[0]))


def release_of(label: str) -> str:
    """The release of a label: "2.17+tf_keras" is "2.17", "2.16 keras 3.6" is "keras 3.6"."""
    return label.split("+")[0].partition(" ")[2] or label.split("+")[0]


def gather(paths: Iterable[Path]) -> Table:
    """Read measurements and draw the inferences."""
    table = Table()
    for label, facts in in_order(paths):
        release, meta = release_of(label), facts["meta"]
        if meta.get("keras"):
            table.keras[release] = meta["keras"]
        if meta.get("tf-keras"):
            table.tf_keras[release] = meta["tf-keras"]
        read_places(table, release, facts.get("resolution", {}))
        for suffix, place in (("", "linux eager"), ("[env1]", "linux eager tf_keras")):
            read_constructor(table, release, facts.get("constructor" + suffix, {}), place)
            read_attributes(table, release, facts.get("attributes" + suffix, {}), place)
            read_crossing(table, release, facts.get("crossing" + suffix, {}), place)
            read_scaling(table, release, facts.get("scaling" + suffix, {}), place)
        read_names(table, release, facts.get("names", {}))
        read_variable(table, release, facts, "+tf_keras" in label)
    for infer in INFERENCES:
        infer(table)
    return table


def runs(values: Iterable[int | None]) -> str:
    """A run-length code: "3*12 -*4 5" is twelve times 3, four times nothing, 5; all nothing is ""."""
    out: list[tuple[str, int]] = []
    for value in values:
        text = "-" if value is None else str(value)
        if out and out[-1][0] == text:
            out[-1] = (text, out[-1][1] + 1)
        else:
            out.append((text, 1))
    return " ".join(text if count == 1 else f"{text}*{count}" for text, count in out if len(out) > 1 or text != "-")


class Index:
    """Numbers for things, in the order of their first use."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def __call__(self, item: Any) -> int | None:
        """The number of ``item``; None has none."""
        if item is None:
            return None
        if item not in self._numbers:
            self._numbers[item] = len(self.items)
            self.items.append(item)
        return self._numbers[item]


class Packer:
    """Turns the rows of a table into run-length codes over its releases, with facts as numbers."""

    def __init__(self, table: Table) -> None:
        self.table, self.releases = table, table.releases()
        self.facts, self.signatures, self.lines, self.codes, self.texts = Index(), Index(), Index(), Index(), Index()

    def line(self, row: dict[str, Fact]) -> str:
        """The code of a row by release."""
        return runs(self.facts(row.get(release)) for release in self.releases)

    def places(self, row: Row) -> str:
        """The codes of a row for each place, joined by "|"; "=" is the same as the one before."""
        codes = [self.line({spot.release: fact for spot, fact in row.items() if spot.place == place}) for place in PLACES.values()]
        same = [position > 0 and code == codes[position - 1] for position, code in enumerate(codes)]
        return "|".join("=" if again else code for again, code in zip(same, codes, strict=True))

    def row(self, key: str, row: Row) -> int | None:
        """The number of the code of a row by place and release; the environment variable knows no places."""
        if key.startswith("variable "):
            return self.codes(self.line({spot.release: fact for spot, fact in row.items()}))
        return self.codes(self.places(row))

    def cls(self, name: str, signature: dict[str, str]) -> list[int | None]:
        """The numbers of a class's lines: many classes share theirs."""
        codes = runs(self.signatures(signature.get(release)) for release in self.releases)
        told = [(key, self.line(values)) for key, values in sorted(self.table.classes.get(name, {}).items())]
        return [self.lines(pair) for pair in [("signature", codes), *told]]

    def pack(self) -> Raw:
        """The table as it is shipped."""
        table = self.table
        members = sorted({key for rows in table.families.values() for key in rows})
        packed: Raw = {
            "releases": self.releases,
            "keras": table.keras,
            "tf_keras": table.tf_keras,
            "places": list(PLACES.values()),
            "rows": {key: self.row(key, row) for key, row in sorted(table.rows.items())},
            "classes": {name: self.cls(name, signature) for name, signature in sorted(table.signatures.items())},
            "members": members,
            "families": {
                " ".join(family): [self.codes(self.line(rows[key])) if key in rows else None for key in members]
                for family, rows in sorted(table.families.items())
            },
        }
        packed["facts"] = [[None if field is None else self.texts(field) for field in fact] for fact in self.facts.items]
        packed["signatures"] = [parameters_of(signature) for signature in self.signatures.items]
        return {**packed, "codes": self.codes.items, "lines": self.lines.items, "texts": self.texts.items}


def measurements() -> list[Path]:
    """The measurement files of the repository."""
    return sorted((HERE / "measured").glob("tensorflow*.json.xz"))  # proof.json.xz is of scripts/prove.py


def build(table: Table) -> str:
    """The text of facts.json."""
    packed = Packer(table).pack()
    parts = [f'"{key}": {json.dumps(value, ensure_ascii=False, separators=(",", ":"))}' for key, value in packed.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measurements", nargs="*", type=Path)
    parser.add_argument("--out", type=Path, default=FACTS)
    options = parser.parse_args()
    table = gather(options.measurements or measurements())
    options.out.write_text(build(table), encoding="utf-8")
    options.out.with_name(PUBLIC.name).write_text(pack_names(table), encoding="utf-8")


if __name__ == "__main__":
    main()
