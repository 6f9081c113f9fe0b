"""Some sections of a measurement are measured again."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from scripts.measure import merge, merge_sections

OLD: dict[str, Any] = {"meta": {"keras": "2.12.0"}, "attributes": {"a": 1}, "crossing": {"c": 1}}


def test_sections_take_the_place_of_those_of_the_same_name(tmp_path: Path) -> None:
    out = tmp_path / "measured.json.xz"
    merge({"2.12": OLD, "2.13": OLD}, out)
    merge_sections({"2.12": {"meta": {"keras": "2.12.0"}, "attributes": {"b": 2}, "names": {}}}, out)
    facts = json.loads(lzma.decompress(out.read_bytes()))["facts"]
    assert facts == {"2.12": {**OLD, "attributes": {"b": 2}, "names": {}}, "2.13": OLD}


def test_other_packages_are_another_measurement(tmp_path: Path) -> None:
    out = tmp_path / "measured.json.xz"
    merge({"2.12": OLD}, out)
    with pytest.raises(SystemExit, match="measure all of it again"):
        merge_sections({"2.12": {"meta": {"keras": "2.12.1"}, "attributes": {}}}, out)
