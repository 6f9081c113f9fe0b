from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from adamlint.config import Config, Layer, merge
from adamlint.run.discovery import MissingPath, find

CONFIG = merge(Layer(), Layer())


def tree(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()


def found(*paths: str, config: Config = CONFIG) -> list[str]:
    return [path.replace(os.sep, "/") for path in find(paths, config).files]


def without(*patterns: str) -> Config:
    return merge(Layer(), Layer(extend_exclude=patterns, base=os.getcwd()))


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_folders_give_python_files_and_notebooks_sorted(tmp_path: Path) -> None:
    tree(tmp_path, "src/b.py", "src/a.py", "src/c.ipynb", "src/d.txt", "src/sub/e.py", "src/f.pyc")
    assert found("src") == ["src/a.py", "src/b.py", "src/c.ipynb", "src/sub/e.py"]


def test_paths_are_reported_as_they_were_given(tmp_path: Path) -> None:
    tree(tmp_path, "src/a.py")
    assert found(".") == ["./src/a.py"]
    assert found("./src") == ["./src/a.py"]
    assert found("src/") == ["src/a.py"]
    assert found(str(tmp_path)) == [f"{tmp_path.as_posix()}/src/a.py"]


def test_a_named_file_is_taken_whatever_its_ending(tmp_path: Path) -> None:
    tree(tmp_path, "script")
    assert found("script") == ["script"]


def test_a_missing_path_is_an_error() -> None:
    with pytest.raises(MissingPath, match=r"^nowhere: no such file"):
        find(["nowhere"], CONFIG)


def test_overlapping_paths_give_a_file_once(tmp_path: Path) -> None:
    tree(tmp_path, "src/a.py")
    assert found("src", "src/a.py", "./src") == ["src/a.py"]


@pytest.mark.parametrize("folder", [".venv", "node_modules", "build", "__pycache__", "site-packages", ".git"])
def test_folders_that_hold_no_source_are_left_out(tmp_path: Path, folder: str) -> None:
    tree(tmp_path, f"{folder}/a.py", "src/b.py")
    assert found(".") == ["./src/b.py"]
    assert found(folder) == [f"{folder}/a.py"]


def test_a_virtual_environment_is_left_out_by_what_is_in_it(tmp_path: Path) -> None:
    tree(tmp_path, "tf215/pyvenv.cfg", "tf215/bin/a.py", "b.py")
    assert found(".") == ["./b.py"]


def test_exclude_in_the_configuration_replaces_the_default(tmp_path: Path) -> None:
    tree(tmp_path, "build/a.py", "gen/b.py")
    config = merge(Layer(exclude=("gen",), base=str(tmp_path)), Layer())
    assert found(".", config=config) == ["./build/a.py"]


def test_excludes_count_for_named_paths_too(tmp_path: Path) -> None:
    tree(tmp_path, "gen/a.py", "src/b.py")
    config = without("gen")
    assert found("gen/a.py", "src/b.py", config=config) == ["src/b.py"]
    assert found("gen", config=config) == []
    assert found(".", config=config) == ["./src/b.py"]


def test_gitignore_is_honoured_at_every_level(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "gen/b.py", "src/c.py", "src/keep/d.py", "src/keep/e.py")
    (tmp_path / ".gitignore").write_text("/gen/\n", encoding="utf-8")
    (tmp_path / "src" / ".gitignore").write_text("*.py\n!c.py\n", encoding="utf-8")
    (tmp_path / "src" / "keep" / ".gitignore").write_text("!e.py\n", encoding="utf-8")
    assert found(".") == ["./a.py", "./src/c.py", "./src/keep/e.py"]


def test_gitignore_of_the_repository_above_counts(tmp_path: Path) -> None:
    tree(tmp_path, "src/gen/a.py", "src/b.py", "src/local.py")
    (tmp_path / ".gitignore").write_text("gen/\n", encoding="utf-8")
    (tmp_path / ".git" / "info").mkdir(parents=True)
    (tmp_path / ".git" / "info" / "exclude").write_text("local.py\n", encoding="utf-8")
    assert found("src") == ["src/b.py"]


def test_gitignore_above_does_not_count_outside_of_a_repository(tmp_path: Path) -> None:
    tree(tmp_path, "src/a.py")
    (tmp_path / ".gitignore").write_text("a.py\n", encoding="utf-8")
    assert found("src") == ["src/a.py"]


def test_what_is_named_is_checked_although_git_ignores_it(tmp_path: Path) -> None:
    tree(tmp_path, "gen/a.py", ".git/HEAD")
    (tmp_path / ".gitignore").write_text("gen/\n", encoding="utf-8")
    assert found("gen") == ["gen/a.py"]
    assert found("gen/a.py") == ["gen/a.py"]


def test_a_broken_line_in_gitignore_spoils_no_other(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "b.py")
    (tmp_path / ".gitignore").write_bytes(b"!\na.py\n\xff\xfe\n\\\n")
    assert found(".") == ["./b.py"]


def test_gitignore_can_be_switched_off(tmp_path: Path) -> None:
    tree(tmp_path, "a.py")
    (tmp_path / ".gitignore").write_text("a.py\n", encoding="utf-8")
    assert found(".", config=replace(CONFIG, respect_gitignore=False)) == ["./a.py"]


def test_a_file_with_two_names_is_checked_once_by_its_own(tmp_path: Path) -> None:
    tree(tmp_path, "src/z.py")
    (tmp_path / "src" / "a.py").symlink_to("z.py")
    (tmp_path / "linked").symlink_to("src", target_is_directory=True)
    assert found(".") == ["./src/z.py"]


def test_a_link_to_the_outside_is_followed(tmp_path: Path) -> None:
    tree(tmp_path, "lib/a.py", "project/b.py")
    (tmp_path / "project" / "lib").symlink_to(tmp_path / "lib", target_is_directory=True)
    assert found("project") == ["project/b.py", "project/lib/a.py"]


def test_links_in_circles_end(tmp_path: Path) -> None:
    tree(tmp_path, "outside.py", "src/a.py")
    (tmp_path / "src" / "up").symlink_to("..", target_is_directory=True)
    (tmp_path / "src" / "self").symlink_to("self")
    (tmp_path / "src" / "dead.py").symlink_to("nowhere.py")
    assert found("src") == ["src/a.py"]


def test_a_named_folder_that_is_a_link_is_walked(tmp_path: Path) -> None:
    tree(tmp_path, "real/a.py")
    (tmp_path / "link").symlink_to("real", target_is_directory=True)
    assert found("link") == ["link/a.py"]


def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "src/locked/a.py", "src/b.py")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    result = find(["src"], CONFIG)
    assert list(result.files) == [os.path.join("src", "b.py")]
    assert result.errors == (f"{os.path.join('src', 'locked')}: cannot be listed: Permission denied",)


def test_a_folder_with_the_name_of_a_python_file_is_walked(tmp_path: Path) -> None:
    tree(tmp_path, "odd.py/a.py")
    assert found(".") == ["./odd.py/a.py"]


def test_a_pipe_is_an_error_and_not_waited_for(tmp_path: Path) -> None:
    tree(tmp_path, "src/a.py")
    os.mkfifo("pipe.py")
    with pytest.raises(MissingPath, match=r"pipe\.py: neither a file nor a folder"):
        find(["pipe.py"], CONFIG)
