from __future__ import annotations

from pathlib import Path

import pytest

from adamlint.config import Config, ConfigError, Layer, Patterns, find, merge, read
from adamlint.findings import Effect
from adamlint.rule import CODES


def from_toml(folder: Path, table: str) -> Layer:
    path = folder / "pyproject.toml"
    path.write_text(f"[tool.adamlint]\n{table}\n", encoding="utf-8")
    return read(str(path), str(folder))


def merged(file: Layer | None = None, line: Layer | None = None) -> Config:
    return merge(file or Layer(), line or Layer())


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_all_rules_but_adm701_are_on_by_default() -> None:
    assert merged().codes == frozenset(CODES) - {"ADM701"}


def test_a_rule_that_is_off_by_default_can_be_selected() -> None:
    assert "ADM701" in merged(line=Layer(extend_select=("load-with-optimizer-state",))).codes


def test_select_takes_codes_prefixes_and_names() -> None:
    config = merged(line=Layer(select=("ADM10", "lr-argument", "adm302")))
    assert config.codes == {code for code in CODES if code.startswith("ADM10")} | {"ADM301", "ADM302"}


def test_the_longer_prefix_wins_over_the_shorter() -> None:
    config = merged(line=Layer(select=("ADM101",), ignore=("ADM1",)))
    assert config.codes == {"ADM101"}
    config = merged(line=Layer(select=("ADM3",), ignore=("ADM301",)))
    assert config.codes == {code for code in CODES if code.startswith("ADM3")} - {"ADM301"}


def test_ignore_wins_over_an_equal_prefix() -> None:
    assert merged(line=Layer(select=("ADM301",), ignore=("ADM301",))).codes == frozenset()


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    file = from_toml(tmp_path, 'select = ["ADM1"]\nignore = ["ADM301"]\nreport = "breaks"\noutput-format = "full"')
    config = merged(file, Layer(select=("ADM301",), report="implicit"))
    assert config.codes == {"ADM301"}
    assert config.report is Effect.IMPLICIT
    assert config.output_format == "full"


def test_ignore_on_the_command_line_keeps_the_selection_of_the_file(tmp_path: Path) -> None:
    config = merged(from_toml(tmp_path, 'select = ["ADM301", "ADM302"]'), Layer(ignore=("ADM301",)))
    assert config.codes == {"ADM302"}


def test_only_rules_selected_in_full_are_always_shown() -> None:
    assert merged(line=Layer(select=("ADM1", "ADM301"), extend_select=("lr-attribute",))).always == {"ADM301", "ADM602"}


def test_every_key_is_read(tmp_path: Path) -> None:
    layer = from_toml(
        tmp_path,
        """
        select = ["ADM1"]
        extend-select = ["ADM3"]
        ignore = ["ADM102"]
        per-file-ignores = { "tests/*" = ["ADM101"], "old.py" = "ADM3" }
        exclude = ["gen"]
        extend-exclude = ["more"]
        respect-gitignore = false
        report = "implicit"
        tensorflow = ">=2.15"
        platform = "linux"
        mode = "graph"
        output-format = "json"
        """,
    )
    config = merged(layer)
    assert (config.report, config.output_format) == (Effect.IMPLICIT, "json")
    assert {(cell.platform, cell.mode) for cell in config.target.cells} == {("linux", "graph")}
    assert config.target.releases[0] == "2.15"
    assert config.excluded("gen/a.py")
    assert config.excluded("more/a.py")
    assert not config.default_excludes
    assert not config.respect_gitignore
    assert "ADM101" not in config.codes_for("tests/a.py")
    assert "ADM301" not in config.codes_for("old.py")
    assert {"ADM101", "ADM301"} <= config.codes_for("a.py")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('selct = ["ADM1"]', 'unknown key "selct" (did you mean "select"?)'),
        ("base = 'x'", 'unknown key "base"'),
        ('select = ["ADM999"]', 'unknown rule "ADM999"'),
        ('ignore = ["lr-argumnt"]', 'unknown rule "lr-argumnt" (did you mean "lr-argument"?)'),
        ('select = ["E501"]', 'unknown rule "E501"'),
        ('select = [""]', 'unknown rule ""'),
        ('per-file-ignores = { "a.py" = ["ADM9999"] }', 'unknown rule "ADM9999"'),
        ('select = "ADM1"', "select is not a list of strings"),
        ("exclude = [1]", "exclude is not a list of strings"),
        ("report = 3", "report is not a string"),
        ('report = "all"', 'report is "all", not one of breaks, differs, implicit'),
        ('output-format = "xml"', 'output-format is "xml", not one of flake8, full, json, json-lines'),
        ('per-file-ignores = ["a"]', "per-file-ignores is not a table of patterns and codes"),
        ("respect-gitignore = 1", "respect-gitignore is not true or false"),
    ],
)
def test_a_wrong_setting_is_told_with_its_place(tmp_path: Path, table: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        from_toml(tmp_path, table)
    assert str(caught.value).startswith(f"pyproject.toml: [tool.adamlint] {message}")
    assert "\n" not in str(caught.value)


def test_bad_toml_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^pyproject\.toml: not valid TOML: .*line 2"):
        from_toml(tmp_path, "select = [,]")


def test_a_file_that_is_not_text_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"^pyproject\.toml: not valid TOML"):
        read("pyproject.toml", "")


def test_a_table_that_is_none_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool]\nadamlint = 1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="is not a table"):
        read("pyproject.toml", "")


def test_a_target_that_there_is_not_is_an_error() -> None:
    with pytest.raises(ConfigError, match="1999"):
        merged(line=Layer(tensorflow="1999"))


@pytest.mark.parametrize("file", [Layer(tensorflow=">=9"), Layer(platform=("mars",)), Layer(mode="lazy")])
def test_a_target_in_the_file_that_there_is_not_says_that_it_stands_there(file: Layer) -> None:
    with pytest.raises(ConfigError, match=r"^\[tool\.adamlint\] "):
        merged(file=file)


def test_the_nearest_pyproject_counts(tmp_path: Path) -> None:
    inner = tmp_path / "inner" / "deep"
    inner.mkdir(parents=True)
    outer = tmp_path / "pyproject.toml"
    outer.touch()
    assert find(str(inner)) == str(outer)
    nearer = tmp_path / "inner" / "pyproject.toml"
    nearer.touch()
    assert find(str(inner)) == str(nearer)


def test_a_file_without_a_table_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    assert merged(read("pyproject.toml", "")) == merged()


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("gen", "gen/a.py", True),
        ("gen", "src/gen/a.py", True),
        ("/gen", "src/gen/a.py", False),
        ("./gen", "src/gen/a.py", False),
        ("./gen", "gen/a.py", True),
        ("*_test.py", "src/a_test.py", True),
        ("src/*.py", "src/a.py", True),
        ("src/*.py", "a.py", False),
        ("gen", "../gen/a.py", True),
    ],
)
def test_patterns_are_those_of_gitignore(pattern: str, path: str, matches: bool, tmp_path: Path) -> None:
    assert Patterns(str(tmp_path), (pattern,)).match(path) is matches


def test_a_pattern_can_be_an_absolute_path(tmp_path: Path) -> None:
    patterns = Patterns(str(tmp_path), (f"{tmp_path.as_posix()}/gen",))
    assert patterns.match("gen/a.py")
    assert not patterns.match("src/gen/a.py")


def test_patterns_are_relative_to_the_file_that_has_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layer = from_toml(tmp_path, 'exclude = ["/src/gen"]')
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")
    assert merged(layer).excluded("gen/a.py")
