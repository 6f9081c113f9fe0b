from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adamlint import __version__
from adamlint.cli import main
from adamlint.rule import CODES

BAD = "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(lr=0.01)\n"
GOOD = BAD.replace("lr=", "learning_rate=")
IMPLICIT = "import tensorflow as tf\nopt = tf.keras.optimizers.Adam()\n"
MODULE = [sys.executable, "-m", "adamlint"]
TOP = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(TOP))


def write(name: str, text: str = BAD) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def adamlint(*arguments: str, stdin: str | None = None) -> Result:
    result = CliRunner().invoke(main, arguments, input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def failure(*arguments: str) -> str:
    """The one line of a run that fails."""
    result = adamlint(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    return line.removeprefix("adamlint: ")


def codes(result: Result) -> list[str]:
    return [line.split()[1] for line in result.stdout.splitlines()]


def test_findings_go_to_stdout_and_the_summary_to_stderr() -> None:
    write("src/a.py")
    result = adamlint("src")
    assert result.exit_code == 1
    [line] = result.stdout.splitlines()
    assert line.startswith("src/a.py:2:32: ADM301 ")
    assert result.stderr == "1 finding in 1 file, 1 file checked; --fix mends 1\n"


def test_nothing_found_is_exit_0_and_no_output() -> None:
    write("a.py", GOOD)
    result = adamlint()
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no findings, 1 file checked\n")


@pytest.mark.parametrize("arguments", [[], ["."], ["check"], ["check", "."]])
def test_check_is_the_default_command_and_the_current_folder_the_default_path(arguments: list[str]) -> None:
    write("a.py")
    result = adamlint(*arguments)
    assert result.exit_code == 1
    assert result.stdout.startswith("./a.py:2:32: ADM301 ")


def test_options_may_come_before_paths() -> None:
    write("src/a.py")
    assert codes(adamlint("--select", "ADM301", "src")) == ["ADM301"]


def test_the_name_of_a_command_beats_a_path() -> None:
    write("rule/a.py")
    assert adamlint("rule").exit_code == 0
    assert codes(adamlint("./rule")) == ["ADM301"]


def test_a_missing_path_is_told_before_anything_is_checked() -> None:
    write("a.py")
    assert failure("a.py", "nowhere") == "nowhere: no such file or folder"


def test_fix_writes_and_reports_what_is_left() -> None:
    path = write("a.py")
    result = adamlint("--fix")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "mended 1; left: no findings, 1 file checked\n"
    assert path.read_text(encoding="utf-8") == GOOD


def test_fix_is_exit_1_when_something_is_left() -> None:
    write("a.py", BAD + "def f(:\n")
    result = adamlint("--fix")
    assert result.exit_code == 1
    assert codes(result) == ["ADM900"]


def test_unsafe_fixes_alone_change_nothing() -> None:
    path = write("a.py")
    assert adamlint("--unsafe-fixes").exit_code == 1
    assert path.read_text(encoding="utf-8") == BAD


def test_a_file_that_cannot_be_written_is_exit_2() -> None:
    path = write("a.py")
    path.chmod(0o444)
    result = adamlint("--fix", "--exit-zero")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[0] == "adamlint: ./a.py: not written: it is read-only"
    assert codes(result) == ["ADM301"]


def test_diff_prints_the_diff_alone_and_writes_nothing() -> None:
    path = write("a.py")
    result = adamlint("--diff")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:2] == ["--- a/a.py", "+++ b/a.py"]
    assert "ADM301" not in result.stdout
    assert path.read_text(encoding="utf-8") == BAD


def test_what_a_diff_does_and_how_safe_it_is_is_told_beside_it() -> None:
    write("a.py", BAD + "opt.apply_gradients(pairs, experimental_aggregate_gradients=None)\nSGD = tf.keras.optimizers.SGD(0.1, decay=0.5)\n")
    told = adamlint("--diff", "--unsafe-fixes", "a.py").stderr.splitlines()
    assert told[0] == "a.py:2:32: ADM301 safe fix: write `learning_rate` (the rate on 2.12-2.15 becomes 0.01, was 0.001)"
    unsafe = "write the schedule (the rate cannot be set afterwards, and the decay takes effect where it was ignored)"
    assert f"a.py:4:36: ADM302 unsafe fix: {unsafe}" in told


def test_a_form_is_asked_for_by_flag_or_setting_and_the_flag_wins() -> None:
    path = write("a.py", "import keras\nmodel = keras.Sequential()\nmodel.compile('adam')\n")
    arguments = ("--report", "implicit", "--tensorflow", "2.15", "--fix")
    write("pyproject.toml", "[tool.adamlint]\nform = 'string'\n")
    assert adamlint(*arguments).exit_code == 0
    assert "'adam'" in path.read_text(encoding="utf-8")
    assert adamlint(*arguments, "--form", "legacy").exit_code == 0
    assert "keras.optimizers.legacy.Adam(learning_rate=0.001)" in path.read_text(encoding="utf-8")
    write("pyproject.toml", "[tool.adamlint]\nform = 'strong'\n")
    assert failure("a.py") == 'pyproject.toml: [tool.adamlint] form is "strong", not one of class, string, legacy, explicit'


def test_a_form_is_not_answered_from_the_memory_of_another() -> None:
    write("a.py", "import keras\nmodel = keras.Sequential()\nmodel.compile('adam')\n")
    assert codes(adamlint("--report", "implicit")) == ["ADM101"]
    assert codes(adamlint("--report", "implicit", "--form", "string")) == []


def test_the_user_has_the_last_word_on_what_is_safe() -> None:
    path = write("a.py")
    assert adamlint("--fix", "--extend-unsafe-fixes", "ADM3").exit_code == 1
    assert path.read_text(encoding="utf-8") == BAD
    write("pyproject.toml", "[tool.adamlint]\nextend-unsafe-fixes = ['ADM3']\nextend-safe-fixes = ['lr-argument']\n")
    fix = json.loads(adamlint("--output-format", "json").stdout)["findings"][0]["fix"]
    assert (fix["safety"], fix["title"].endswith("was 0.001)")) == ("safe", True)
    decay = write("b.py", "import tensorflow as tf\nopt = tf.keras.optimizers.SGD(0.1, decay=0.5)\n")
    assert adamlint("--fix", "--extend-safe-fixes", "ADM302", "b.py").exit_code == 0
    assert "InverseTimeDecay" in decay.read_text(encoding="utf-8")


def test_an_unknown_rule_has_no_safety() -> None:
    assert failure("--extend-safe-fixes", "ADM999").startswith('unknown rule "ADM999"')


def test_an_empty_diff_is_exit_0_even_with_findings() -> None:
    write("a.py", BAD + "def f(:\n")
    result = adamlint("--diff")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "left: 1 finding" in result.stderr


def test_diff_with_fix_writes_nothing_either() -> None:
    path = write("a.py")
    assert adamlint("--diff", "--fix").exit_code == 1
    assert path.read_text(encoding="utf-8") == BAD


def test_git_applies_the_diff() -> None:
    contents = {
        "src/a b.py": BAD,
        "crlf.py": BAD.replace("\n", "\r\n"),
        "end.py": BAD.rstrip("\n"),
        "latin.py": f"# coding: latin-1\n{BAD}# ä",
    }
    for name, text in contents.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(text.encode("latin-1"))
    diff = subprocess.run([*MODULE, "--diff"], capture_output=True, check=False).stdout
    subprocess.run(["git", "init", "-q", "."], check=True)
    subprocess.run(["git", "apply", "-"], input=diff, check=True)
    for name, text in contents.items():
        assert Path(name).read_bytes() == text.replace("lr=", "learning_rate=").encode("latin-1")


def test_exit_zero_hides_findings_from_the_exit_code_but_no_errors() -> None:
    write("a.py")
    assert adamlint("--exit-zero").exit_code == 0
    assert adamlint("--exit-zero", "--diff").exit_code == 0
    assert adamlint("--exit-zero", "nowhere").exit_code == 2


def test_report_sets_what_is_shown() -> None:
    write("a.py", IMPLICIT)
    hidden = adamlint()
    assert (hidden.exit_code, hidden.stdout) == (0, "")
    assert hidden.stderr.endswith("1 implicit finding not shown: --report implicit\n")
    assert codes(adamlint("--report", "implicit")) == ["ADM102"]


def test_a_rule_selected_in_full_is_shown_whatever_its_effect() -> None:
    write("a.py", IMPLICIT)
    assert codes(adamlint("--select", "implicit-learning-rate")) == ["ADM102"]
    assert codes(adamlint("--select", "ADM10")) == []


def test_lists_are_comma_separated_and_repeated() -> None:
    write("a.py", BAD + "opt = tf.keras.optimizers.Adam()\n")
    result = adamlint("--select", "ADM301, ADM302", "--select", "ADM102")
    assert codes(result) == ["ADM301", "ADM102"]


def test_a_planned_rule_can_be_selected() -> None:
    assert adamlint("--select", ",".join(CODES)).exit_code == 0


def test_the_target_changes_what_is_found() -> None:
    write("a.py")
    assert codes(adamlint("--tensorflow", "2.10")) == []
    assert codes(adamlint("--tensorflow", "2.16", "--platform", "linux", "--mode", "eager")) == ["ADM301"]


def test_per_file_ignores() -> None:
    for name in ("tests/a.py", "tests/b.py", "src/c.py", "src/d.py"):
        write(name)
    result = adamlint("--per-file-ignores", "tests/*:ADM1,ADM301,src/c.py:lr-argument")
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == ["./src/d.py"]


def test_exclude_holds_for_named_files_and_keeps_the_default() -> None:
    for name in ("gen/a.py", "src/b.py", "build/c.py"):
        write(name)
    result = adamlint("--exclude", "gen", ".", "gen/a.py")
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == ["./src/b.py"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--select", "lr-argumnt"], 'unknown rule "lr-argumnt" (did you mean "lr-argument"?)'),
        (["--ignore", "ADM999"], 'unknown rule "ADM999"'),
        (["--per-file-ignores", "a.py:ADM999"], 'unknown rule "ADM999"'),
        (["--per-file-ignores", "a.py"], "Invalid value for '--per-file-ignores': \"a.py\" is not PATTERN:CODE"),
        (["--report", "all"], "Invalid value for '--report'"),
        (["--output-format", "xml"], "Invalid value for '--output-format'"),
        (["--tensorflow", "1999"], "no TensorFlow that adamlint knows"),
        (["--platform", "beos"], "unknown platform 'beos'"),
        (["--mode", "lazy"], "unknown mode 'lazy'"),
        (["--jobs", "0"], "Invalid value for '--jobs'"),
        (["--fixx"], "No such option"),
        (["--config", "nowhere.toml"], "nowhere.toml: cannot be read: No such file or directory"),
        (["--config", "a.toml", "--isolated"], "--config and --isolated exclude each other"),
        (["-", "a.py"], "- (stdin) stands alone"),
        (["rule", "ADM999"], 'unknown rule "ADM999"'),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(arguments: list[str], message: str) -> None:
    assert failure(*arguments).startswith(message)


def test_the_nearest_pyproject_configures(monkeypatch: pytest.MonkeyPatch) -> None:
    write("pyproject.toml", '[tool.adamlint]\nignore = ["lr-argument"]\n')
    write("src/a.py")
    monkeypatch.chdir("src")
    assert codes(adamlint()) == []
    assert codes(adamlint("--isolated")) == ["ADM301"]
    assert codes(adamlint("--select", "ADM3")) == ["ADM301"]


def test_config_names_the_file() -> None:
    write("pyproject.toml", '[tool.adamlint]\nignore = ["ADM3"]\n')
    write("other.toml", '[tool.adamlint]\noutput-format = "json-lines"\n')
    write("a.py")
    assert json.loads(adamlint("--config", "other.toml").stdout)["code"] == "ADM301"


def test_wrong_configuration_is_one_line_and_exit_2() -> None:
    write("pyproject.toml", '[tool.adamlint]\nselct = ["ADM1"]\n')
    assert failure() == 'pyproject.toml: [tool.adamlint] unknown key "selct" (did you mean "select"?)'


def test_a_wrong_target_in_the_configuration_is_exit_2() -> None:
    write("pyproject.toml", '[tool.adamlint]\ntensorflow = "1999"\n')
    assert "1999" in failure()


def test_output_formats() -> None:
    write("a.py")
    assert json.loads(adamlint("--output-format", "json").stdout)["findings"][0]["code"] == "ADM301"
    assert json.loads(adamlint("--output-format", "json-lines").stdout)["code"] == "ADM301"
    assert "2 | opt = tf.keras.optimizers.Adam(lr=0.01)" in adamlint("--output-format", "full").stdout


def test_colors_are_for_the_full_format_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.py")
    full = ("--output-format", "full", "--color")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" in subprocess.run([*MODULE, *full, "always"], capture_output=True, text=True, check=False).stdout
    assert "\x1b[" not in subprocess.run([*MODULE, *full, "auto"], capture_output=True, text=True, check=False).stdout


def test_statistics_go_to_stderr() -> None:
    write("a.py", BAD + BAD)
    result = adamlint("--statistics")
    assert codes(result) == ["ADM301", "ADM301"]
    assert result.stderr.splitlines()[0] == "     2 ADM301 lr-argument"


def test_verbose_tells_files_and_target() -> None:
    write("a.py")
    result = adamlint("--verbose", "--tensorflow", "2.15", "a.py")
    assert codes(result) == ["ADM301"]
    assert "checking a.py" in result.stderr.splitlines()
    assert result.stderr.startswith("TensorFlow 2.15 on linux")


def test_stdin_is_checked_under_its_name() -> None:
    result = adamlint("-", "--stdin-filename", "src/a.py", stdin=BAD)
    assert result.exit_code == 1
    assert result.stdout.startswith("src/a.py:2:32: ADM301 ")
    assert adamlint("-", stdin=BAD).stdout.startswith("-:2:32: ADM301 ")


def test_stdin_that_only_imports_what_sets_the_variable_is_checked_as_its_file_is() -> None:
    Path("env.py").write_text('import os\nos.environ["TF_USE_LEGACY_KERAS"] = "1"\n')
    source = "import tensorflow as tf\nimport env\n"
    Path("a.py").write_text(source)
    on_disk = adamlint("a.py")
    assert on_disk.stdout.startswith("a.py:2:1: ADM401 ")
    assert adamlint("-", "--stdin-filename", "a.py", stdin=source).stdout == on_disk.stdout


def test_fixed_stdin_goes_to_stdout_and_the_report_to_stderr() -> None:
    result = adamlint("--fix", "-", stdin=BAD + "opt = tf.keras.optimizers.Adam()\n")
    assert (result.exit_code, result.stdout) == (0, GOOD + "opt = tf.keras.optimizers.Adam()\n")
    result = adamlint("--fix", "-", stdin=BAD + "def f(:\n")
    assert (result.exit_code, result.stdout) == (1, BAD + "def f(:\n")
    assert "-:3:" in result.stderr
    assert "ADM900" in result.stderr


def test_fixed_stdin_keeps_its_bytes() -> None:
    data = b"\xef\xbb\xbf" + BAD.replace("\n", "\r\n").encode()
    fixed = subprocess.run([*MODULE, "--fix", "-"], input=data, capture_output=True, check=False).stdout
    assert fixed == data.replace(b"lr=", b"learning_rate=")


def test_excluded_stdin_is_left_alone() -> None:
    result = adamlint("--fix", "-", "--stdin-filename", "gen/a.py", "--exclude", "gen", stdin=BAD)
    assert (result.exit_code, result.stdout) == (0, BAD)


def test_diff_of_stdin() -> None:
    result = adamlint("--diff", "-", "--stdin-filename", "a.py", stdin=BAD)
    assert result.exit_code == 1
    assert result.stdout.startswith("--- a/a.py\n+++ b/a.py\n")


def test_rule_lists_all_codes() -> None:
    result = adamlint("rule")
    assert result.exit_code == 0
    listed = [line.split()[:2] for line in result.stdout.splitlines()]
    assert listed == [[code, name] for code, name in CODES.items()]


@pytest.mark.parametrize("asked", ["ADM301", "adm301", "lr-argument"])
def test_rule_explains_one(asked: str) -> None:
    text = adamlint("rule", asked).stdout
    assert text.startswith("ADM301 lr-argument\n")
    assert "Bad:" in text
    assert "for TensorFlow >=2.12: breaks: " in text
    assert "Fix: safe: " in text


def test_rule_explains_one_about_a_project_and_what_is_the_engines() -> None:
    assert "The bad example, for TensorFlow >=2.12: differs: legacy and new optimizers in one project" in adamlint("rule", "ADM112").stdout
    assert "decoded" in adamlint("rule", "unreadable-file").stdout


def test_help_shows_the_options_of_check_and_the_commands() -> None:
    text = adamlint("--help").stdout
    assert "--unsafe-fixes" in text
    assert "rule " in text
    assert adamlint("check", "--help").exit_code == 0


def test_version() -> None:
    assert adamlint("--version").stdout == f"adamlint {__version__}\n"


@pytest.mark.parametrize("place", ["adamlint.run.session.run", "adamlint.run.discovery.find", "libcst.parse_module"])
def test_ctrl_c_is_one_line_and_exit_2(place: str) -> None:
    write("a.py")
    script = f"""
from unittest.mock import patch
from adamlint.__main__ import main
with patch({place!r}, side_effect=KeyboardInterrupt):
    main()
"""
    done = subprocess.run([sys.executable, "-c", script, "--no-cache"], capture_output=True, check=False, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "adamlint: interrupted\n")


def test_ctrl_c_while_the_program_is_loaded_is_one_line_and_exit_2() -> None:
    script = """
import builtins
from adamlint.__main__ import main
def interrupted(*_):
    raise KeyboardInterrupt
builtins.__import__ = interrupted
main()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, text=True)
    assert (done.returncode, done.stderr) == (2, "adamlint: interrupted\n")


def test_a_closed_pipe_is_quiet() -> None:
    write("a.py", BAD * 800)
    process = subprocess.Popen([*MODULE, "--no-cache"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert b"Traceback" not in (errors := process.stderr.read())
    assert b"Broken pipe" not in errors
    assert process.wait() == 1
    process.stderr.close()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full disk here")
@pytest.mark.parametrize("arguments", [[], ["--diff"], ["--output-format", "json"], ["--fix", "-"]])
def test_an_output_that_cannot_be_written_is_one_line(arguments: list[str]) -> None:
    write("a.py")
    with open("/dev/full", "wb") as full, open("a.py", "rb") as source:
        done = subprocess.run([*MODULE, *arguments], check=False, stdin=source, stdout=full, stderr=subprocess.PIPE)
    told = done.stderr.decode().splitlines()
    assert (done.returncode, told[-1]) == (2, "adamlint: the output cannot be written: No space left on device")
    assert "Traceback" not in done.stderr.decode()


@pytest.mark.skipif(shutil.which("sh") is None, reason="no shell here")
def test_without_an_output_there_is_an_exit_code() -> None:
    write("a.py")
    done = subprocess.run(["sh", "-c", f"{shlex.join(MODULE)} >&-"], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "1 finding in 1 file, 1 file checked; --fix mends 1")


def test_an_output_that_cannot_show_a_character_does_not_crash() -> None:
    write("ä.py")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    result = subprocess.run([*MODULE], capture_output=True, env=environment, check=False)
    assert result.returncode == 1
    assert result.stdout.startswith(b"./\\xe4.py:2:32: ADM301 ")


@pytest.mark.parametrize("arguments", [["--version"], ["--no-cache"], []])
def test_what_a_run_without_work_does_not_need_is_not_imported(arguments: list[str]) -> None:
    write("a.py", "x = 1\n")
    script = f"""
import runpy, sys
sys.argv = ["adamlint", *{arguments!r}]
try:
    runpy.run_module("adamlint", run_name="__main__")
except SystemExit:
    print(*sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    imported = set(ran.stdout.split())
    assert "adamlint.cli" in imported
    assert not imported & {"libcst", "multiprocessing", "concurrent.futures", "difflib", "packaging", "adamlint.engine"}


def test_output_is_the_same_on_every_run() -> None:
    for number in range(20):
        write(f"f{number}.py", BAD * (number % 3 + 1))
    runs = {
        subprocess.run(
            [*MODULE, "--no-cache", "--jobs", jobs, "--output-format", "json"],
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=False,
        ).stdout
        for jobs, seed in [("1", "0"), ("2", "1"), ("3", "2")]
    }
    assert len(runs) == 1
    assert len(json.loads(runs.pop())["findings"]) == sum(number % 3 + 1 for number in range(20))
