from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from adamlint import engine
from adamlint.config import Config, Layer, merge
from adamlint.run import check, session, workers
from adamlint.run.discovery import find
from adamlint.run.session import Options, Result, run
from adamlint.text.source import Program

BAD = b"import tensorflow as tf\nopt = tf.keras.optimizers.Adam(lr=0.01)\n"
GOOD = b"import tensorflow as tf\nopt = tf.keras.optimizers.Adam(learning_rate=0.01)\n"
CONFIG = merge(Layer(), Layer(select=("ADM3", "ADM9")))
PLAIN = Options(cache=False)


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def files(**contents: bytes) -> None:
    for name, content in contents.items():
        Path(f"{name}.py").write_bytes(content)


def check_all(options: Options = PLAIN, config: Config = CONFIG) -> Result:
    return run(find(["."], config).files, config, options)


def places(result: Result) -> list[tuple[str, str, int]]:
    return [(finding.path, finding.code, finding.place.line) for finding in result.findings]


def test_findings_of_all_files_come_in_order() -> None:
    files(b=BAD, a=BAD, c=GOOD)
    result = check_all()
    assert places(result) == [("./a.py", "ADM301", 2), ("./b.py", "ADM301", 2)]
    assert result.files == 3
    assert Path("a.py").read_bytes() == BAD


def test_any_number_of_jobs_gives_the_same() -> None:
    files(**{f"f{number}": BAD * (1 + number % 3) for number in range(12)})
    alone = check_all(replace(PLAIN, jobs=1))
    assert len(alone.findings) == 24
    assert check_all(replace(PLAIN, jobs=3)) == alone


def test_fixed_files_are_written() -> None:
    files(a=BAD, b=GOOD)
    before = os.stat("b.py")
    result = check_all(replace(PLAIN, fix=True))
    assert (result.findings, len(result.mended), result.errors) == ([], 1, ())
    assert Path("a.py").read_bytes() == GOOD
    assert os.stat("b.py") == before


def test_many_jobs_fix_as_one_does() -> None:
    files(**{f"f{number}": BAD for number in range(6)})
    assert len(check_all(replace(PLAIN, fix=True, jobs=2)).mended) == 6
    assert {Path(f"f{number}.py").read_bytes() for number in range(6)} == {GOOD}


def test_a_diff_writes_nothing() -> None:
    files(a=BAD)
    result = check_all(replace(PLAIN, fix=True, diff=True))
    assert b"+opt = tf.keras.optimizers.Adam(learning_rate=0.01)\n" in result.diff
    assert Path("a.py").read_bytes() == BAD


def test_what_could_not_be_written_is_still_reported() -> None:
    files(a=BAD, b=BAD)
    os.link("a.py", "twin")
    result = check_all(replace(PLAIN, fix=True))
    assert places(result) == [("./a.py", "ADM301", 2)]
    assert len(result.mended) == 1
    assert result.errors == ("./a.py: not written: it has more than one hard link",)
    assert Path("a.py").read_bytes() == BAD
    assert Path("b.py").read_bytes() == GOOD


def test_a_file_that_cannot_be_decoded_is_a_finding_and_the_others_go_on() -> None:
    files(a=BAD + b"# \xff\n", b=BAD)
    result = check_all()
    assert places(result) == [("./a.py", "ADM901", 1), ("./b.py", "ADM301", 2)]
    assert result.findings[0].message == "cannot be read: line 3: byte 66 (0xff) is not utf-8"


def test_a_file_that_cannot_be_opened_is_a_finding() -> None:
    files(b=BAD)
    result = run(["./a.py", "./b.py"], CONFIG, PLAIN)
    assert places(result) == [("./a.py", "ADM901", 1), ("./b.py", "ADM301", 2)]
    assert result.findings[0].message == "cannot be read: No such file or directory"


def test_what_kept_a_file_from_being_checked_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    files(a=BAD)
    settle("a.py")

    def refuse(path: str) -> bytes:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as until:
        until.setattr(check, "content", refuse)  # between the search of the file and its check
        assert [finding.message for finding in check_all(CACHED).findings] == ["cannot be read: Permission denied"]
    assert places(check_all(CACHED)) == [("./a.py", "ADM301", 2)]


def test_what_another_program_writes_while_a_file_is_checked_is_not_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    files(a=BAD)
    fix_it = check.Check._check

    def slowly(self: check.Check, source: check.Source) -> check.Checked:
        checked = fix_it(self, source)
        files(a=BAD + b"x = 1\n")
        return checked

    monkeypatch.setattr(check.Check, "_check", slowly)
    assert check_all(Options(fix=True, jobs=1, cache=False)).errors == ("./a.py: not written: it was changed by another program meanwhile",)
    assert Path("a.py").read_bytes() == BAD + b"x = 1\n"


def test_an_unreadable_file_is_silent_when_its_rule_is_off() -> None:
    config = replace(CONFIG, codes=CONFIG.codes - {"ADM901"})
    assert run(["./a.py"], config, PLAIN).findings == []


def test_per_file_ignores_count_for_the_engines_own_codes_too() -> None:
    files(a=b"import keras  # adamlint: ignore[lr-argument]\n", b=b"import keras  # adamlint: ignore[lr-argument]\n")
    assert [path for path, code, _ in places(check_all()) if code == "ADM902"] == ["./a.py", "./b.py"]
    config = merge(Layer(), Layer(select=("ADM301", "ADM902"), per_file_ignores=(("a.py", ("ADM902",)),), base=os.getcwd()))
    assert [path for path, code, _ in places(check_all(config=config)) if code == "ADM902"] == ["./b.py"]


def test_a_sum_of_many_terms_is_checked() -> None:
    files(a=BAD + b"x = " + b" + ".join([b"1"] * 900) + b"\n")
    assert places(check_all()) == [("./a.py", "ADM301", 2)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_in_adamlint_loses_no_other_file(jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    lint = engine.lint

    def fail_for_a(program: Program, *rest: object) -> engine.Report:
        if program.path == "./a.py":
            raise KeyError("oh")
        return lint(program, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "lint", fail_for_a)
    files(a=BAD, b=BAD)
    result = check_all(replace(PLAIN, jobs=jobs))
    assert places(result) == [("./b.py", "ADM301", 2)]
    assert result.errors == ("internal error in ./a.py: KeyError: 'oh': please report",)


def _die_for_three(item: int) -> int:
    if item == 3:
        os._exit(7)
    return item


def test_a_worker_that_dies_loses_its_own_item_only() -> None:
    results = workers.run(_die_for_three, [range(2), range(2, 4), range(4, 6)], 2, lambda item: -item)
    assert sorted(results) == [-3, 0, 1, 2, 4, 5]


def test_other_files_make_a_fix_unsafe() -> None:
    files(a=b'import keras\nm = keras.Sequential()\nm.compile(optimizer="adam")\n')
    config = merge(Layer(), Layer(select=("ADM101",)))
    [alone] = check_all(config=config).findings
    files(b=b"import keras\nm = keras.models.load_model('x')\n")
    [beside] = check_all(config=config).findings
    assert alone.fix is not None
    assert beside.fix is not None
    assert (alone.fix.safety.value, beside.fix.safety.value) == ("safe", "unsafe")


@dataclass
class Counting:
    """Counts what is linted."""

    paths: list[str]


@pytest.fixture
def linted(monkeypatch: pytest.MonkeyPatch) -> Counting:
    counting = Counting([])
    check_it = check.Check._check

    def counted(self: check.Check, source: check.Source) -> check.Checked:
        counting.paths.append(source.path)
        return check_it(self, source)

    monkeypatch.setattr(check.Check, "_check", counted)
    return counting


CACHED = Options(jobs=1)


def settle(*paths: str) -> None:
    """Make files look as if they had been written a while ago."""
    for path in paths:
        os.utime(path, (1_000_000, 1_000_000))


def test_an_unchanged_file_is_not_checked_again(linted: Counting) -> None:
    files(a=BAD, b=BAD, c=b"x = 1\n")
    settle("a.py", "b.py", "c.py")
    first = check_all(CACHED)
    files(b=BAD + BAD)
    second = check_all(CACHED)
    assert linted.paths == ["./a.py", "./b.py", "./b.py"]
    assert places(second) == [*places(first), ("./b.py", "ADM301", 4)]
    assert second.findings[0] == first.findings[0]


def test_the_cache_counts_what_is_not_shown(linted: Counting) -> None:
    files(a=b"import keras\nopt = keras.optimizers.Adam()\n")
    settle("a.py")
    config = merge(Layer(), Layer(select=("ADM10",)))
    first, second = check_all(CACHED, config), check_all(CACHED, config)
    assert len(linted.paths) == 1
    assert first.hidden
    assert second.hidden == first.hidden


def test_other_settings_check_again(linted: Counting) -> None:
    files(a=BAD)
    settle("a.py")
    check_all(CACHED)
    check_all(CACHED, replace(CONFIG, tensorflow="2.16"))
    assert len(linted.paths) == 2


def test_what_other_files_tell_checks_again(linted: Counting) -> None:
    files(a=BAD)
    settle("a.py")
    check_all(CACHED)
    files(b=b"import keras\nkeras.models.load_model('x')\n")
    check_all(CACHED)
    assert linted.paths.count("./a.py") == 2


def test_a_cached_path_is_reported_as_given() -> None:
    files(a=BAD)
    settle("a.py")
    check_all(CACHED)
    assert [finding.path for finding in run(["a.py"], CONFIG, CACHED).findings] == ["a.py"]


@pytest.mark.parametrize("stored", ["", "{", "[]", '{"key": 1}', '{"key": 1, "files": 3}', "null", "\x00"])
def test_a_broken_cache_is_no_cache(stored: str) -> None:
    files(a=BAD)
    settle("a.py")
    expected = places(check_all(CACHED))
    Path(".adamlint_cache", "files.json").write_text(stored, encoding="utf-8")
    assert places(check_all(CACHED)) == expected


@pytest.mark.parametrize("entry", [None, 1, [], [1, 2], [1, 2, True, [], [], [{}], {}], "x"])
def test_a_broken_entry_is_no_entry(entry: object) -> None:
    files(a=BAD)
    settle("a.py")
    expected = places(check_all(CACHED))
    path = Path(".adamlint_cache", "files.json")
    stored = json.loads(path.read_text(encoding="utf-8"))
    [name] = stored["files"]
    stored["files"][name] = entry if not isinstance(entry, list) else stored["files"][name][:2] + entry[2:]
    path.write_text(json.dumps(stored), encoding="utf-8")
    assert places(check_all(CACHED)) == expected


def test_the_cache_is_at_the_root_of_the_project_and_ignored_by_git(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("pyproject.toml").touch()
    Path("src").mkdir()
    Path("src", "a.py").write_bytes(BAD)
    settle("src/a.py")
    monkeypatch.chdir("src")
    check_all(CACHED)
    assert sorted(os.listdir("../.adamlint_cache")) == [".gitignore", "files.json"]
    assert Path("../.adamlint_cache/.gitignore").read_text(encoding="utf-8") == "*\n"


def test_a_folder_that_cannot_be_written_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    files(a=BAD)
    settle("a.py")
    monkeypatch.setattr(os, "makedirs", refuse)
    assert places(check_all(CACHED)) == [("./a.py", "ADM301", 2)]


@pytest.mark.parametrize("options", [PLAIN, Options(fix=True), Options(diff=True)])
def test_there_is_no_cache_where_none_is_wanted(options: Options) -> None:
    files(a=GOOD)
    settle("a.py")
    check_all(options)
    assert os.listdir() == ["a.py"]


def test_text_that_is_in_no_file_is_fixed_and_nothing_is_written() -> None:
    [checked] = session.check_text("a.py", BAD, CONFIG, Options(fix=True)).checked
    assert checked.new == GOOD
    assert os.listdir() == []
