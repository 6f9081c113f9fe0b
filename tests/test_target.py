"""Targets: what is parsed, what is refused, set operations, and the words for a part of a target."""

from __future__ import annotations

import pytest

from adamlint.atlas import ByName, Cell, look_up, releases
from adamlint.target import PLATFORMS, Target, TargetError, describe, fitting, is_newer

NEWEST = releases()[-1]


def test_the_default_is_everything_from_2_12_in_eager_mode() -> None:
    target = Target.parse(None, [], None)
    assert target.releases[0] == "2.12"
    assert target.releases[-1] == NEWEST
    assert {cell.mode for cell in target.cells} == {"eager"}
    assert {cell.platform for cell in target.cells} == set(PLATFORMS)
    assert not any(cell.tf_keras for cell in target.cells)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("2.12", ("2.12",)),
        ("2.12.1", ("2.12",)),
        ("==2.12.*", ("2.12",)),
        ("~=2.15.0", ("2.15",)),
        (">=2.12.1,<2.14", ("2.12", "2.13")),
        (">=2.11, <2.13", ("2.11", "2.12")),
        (">=2.11,!=2.12.*,<2.14", ("2.11", "2.13")),
        (">=2.12,!=2.12.1,<2.13", ("2.12",)),
        (" 2.10 ", ("2.10",)),
        (">2.20", ("2.20", "2.21")),  # 2.20.1 would fit
    ],
)
def test_a_minor_counts_if_any_patch_fits(wanted: str, found: tuple[str, ...]) -> None:
    assert fitting(wanted) == found


@pytest.mark.parametrize("wanted", [">=9", "9.1", "2.x.y", "", "  ", "latest", "==2.12.*,!=2.12.*", "1.15", "<2.12,>2.13"])
def test_impossible_releases_are_refused_with_one_line(wanted: str) -> None:
    with pytest.raises(TargetError) as caught:
        Target.parse(wanted, [], None)
    assert "\n" not in str(caught.value)
    assert str(caught.value)


def test_newer_than_the_atlas_is_told_apart() -> None:
    assert is_newer(">=9")
    assert is_newer("2.40")
    assert not is_newer("2.12")
    assert not is_newer(">=2.12")
    assert not is_newer("1.15")


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ((), set(PLATFORMS)),
        (("any",), set(PLATFORMS)),
        (("linux", "any"), set(PLATFORMS)),
        (("macos",), {"macos-x86_64", "macos-arm64"}),
        (("windows", "linux"), {"windows", "linux"}),
    ],
)
def test_platforms(names: tuple[str, ...], found: set[str]) -> None:
    assert {cell.platform for cell in Target.parse("2.12", names, None).cells} == found


def test_an_unknown_platform_is_named() -> None:
    with pytest.raises(TargetError, match="'beos'"):
        Target.parse("2.12", ["linux", "beos"], None)


@pytest.mark.parametrize(
    ("mode", "found"),
    [(None, {"eager"}), ("auto", {"eager"}), ("eager", {"eager"}), ("graph", {"graph"}), ("any", {"eager", "graph"})],
)
def test_modes(mode: str | None, found: set[str]) -> None:
    assert {cell.mode for cell in Target.parse("2.12", [], mode).cells} == found


def test_an_unknown_mode_is_named() -> None:
    with pytest.raises(TargetError, match="'fast'"):
        Target.parse("2.12", [], "fast")


def test_set_operations() -> None:
    one, two = Target.parse(">=2.12,<2.14", [], None), Target.parse("2.13", [], None)
    assert one & two == two
    assert (one - two).releases == ("2.12",)
    assert (one - two) | two == one
    assert not two - one
    assert bool(two)


def test_where_keeps_the_cells_that_fit() -> None:
    target = Target.parse(">=2.12", ["linux"], None).where(lambda cell: cell.tensorflow == "2.15")
    assert target.cells == {Cell("2.15", "linux", "eager")}


def test_cells_come_oldest_release_first() -> None:
    assert [cell.tensorflow for cell in Target.parse("<2.12", ["linux"], None)] == [
        release for release in releases() if int(release.split(".")[1]) < 12
    ]


def test_with_tf_keras_changes_only_releases_that_read_the_variable() -> None:
    target = Target.parse(">=2.14,<2.16", ["linux"], None).with_tf_keras()
    assert target.cells == {Cell("2.14", "linux", "eager"), Cell("2.15", "linux", "eager", True)}


def test_with_mode() -> None:
    assert Target.parse("2.12", ["linux"], None).with_mode("graph").cells == {Cell("2.12", "linux", "graph")}


# ------------------------------------------------------------------ in words


def described(wanted: str, platform: str = "any", mode: str | None = None, *parts: str) -> str:
    """The words for the cells of ``parts``, each "release platform mode" where * is any."""
    target = Target.parse(wanted, [platform], mode)

    def matches(cell: Cell) -> bool:
        fields = (cell.tensorflow, cell.platform, cell.mode)
        return any(all(want in ("*", have) for want, have in zip(part.split(), fields, strict=True)) for part in parts)

    return describe(target.where(matches).cells, target)


def test_everything_and_nothing() -> None:
    assert described(">=2.12", "any", None, "* * *") == "every targeted release"
    assert described(">=2.12", "any", None) == "no targeted release"


def test_one_release() -> None:
    assert described(">=2.12", "any", None, "2.13 * *") == "2.13"


def test_a_range_and_the_open_end() -> None:
    assert described(">=2.12", "any", None, "2.13 * *", "2.14 * *") == "2.13-2.14"
    newest_three = [f"{release} * *" for release in releases()[-3:]]
    assert described(">=2.12", "any", None, *newest_three) == f"{releases()[-3]}+"
    assert described(">=2.12", "any", None, f"{NEWEST} * *") == f"{NEWEST}+"


def test_the_end_is_not_open_where_the_target_ends_before_the_newest() -> None:
    assert described(">=2.12,<2.19", "any", None, "2.17 * *", "2.18 * *") == "2.17-2.18"


def test_gaps() -> None:
    assert described(">=2.12", "any", None, "2.12 * *", "2.14 * *", "2.15 * *") == "2.12, 2.14-2.15"


def test_apple_silicon() -> None:
    assert described(">=2.12", "any", None, "2.12 macos-arm64 *", "2.13 macos-arm64 *") == "2.12-2.13 on Apple silicon"


def test_graph_mode() -> None:
    assert described(">=2.11", "linux", "any", "2.11 * graph", "2.12 * graph") == "2.11-2.12 in graph mode"


def test_where_the_string_adam_is_legacy() -> None:
    target = Target.parse(">=2.12", [], None)

    def is_legacy(cell: Cell) -> bool:
        fact = look_up(ByName("tensorflow.keras", "adam"), cell)
        return fact is not None and fact.generation == "optimizer_v2"

    assert describe(target.where(is_legacy).cells, target) == "2.12-2.15 on Apple silicon"
    either = Target.parse(">=2.12", [], "any")
    assert describe(either.where(is_legacy).cells, either) == "2.12-2.15 on Apple silicon or in graph mode"


def test_parts_with_other_qualifiers_stand_side_by_side() -> None:
    words = described(">=2.11", "any", None, "2.11 * *", "2.12 macos-arm64 *")
    assert words == "2.11, 2.12 on Apple silicon"


def test_older_releases_of_keras_3_are_named_where_they_set_a_part_off() -> None:
    target = Target.of(("2.15", "2.16"), ["linux"], keras=("3.0", "3.3", "3.10"))
    assert len(target.cells) == 4
    older = target.where(lambda cell: cell.keras in ("3.0", "3.10"))
    assert describe(older.cells, target) == "2.16 with Keras 3.0, 3.10"
    assert describe(target.where(lambda cell: bool(cell.keras)).cells, target) == "2.16"
