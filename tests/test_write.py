from __future__ import annotations

import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adamlint.run.write import NotWritten, write

OLD, NEW = b"old\r\n", b"new\r\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.py"
    path.write_bytes(OLD)
    return path


def refused(path: Path, old: bytes = OLD) -> str:
    """The one line that says why nothing was written; nothing else is left in the folder."""
    before = sorted(path.parent.iterdir())
    with pytest.raises(NotWritten) as caught:
        write(str(path), old, NEW)
    assert sorted(path.parent.iterdir()) == before
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{path}: not written: ")


def test_the_content_is_replaced_and_nothing_is_left_behind(file: Path) -> None:
    write(str(file), OLD, NEW)
    assert file.read_bytes() == NEW
    assert list(file.parent.iterdir()) == [file]


def test_the_mode_is_kept(file: Path) -> None:
    file.chmod(0o751)
    write(str(file), OLD, NEW)
    assert stat.S_IMODE(file.stat().st_mode) == 0o751


def test_the_modification_time_is_new(file: Path) -> None:
    os.utime(file, (0, 0))
    write(str(file), OLD, NEW)
    assert file.stat().st_mtime > 1_000_000


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_the_owner_is_kept(file: Path) -> None:
    os.chown(file, 1234, 4321)
    write(str(file), OLD, NEW)
    assert (file.stat().st_uid, file.stat().st_gid) == (1234, 4321)


def test_a_symlink_stays_and_its_target_is_written(file: Path) -> None:
    folder = file.parent / "links"
    folder.mkdir()
    link = folder / "b.py"
    link.symlink_to("../a.py")
    write(str(link), OLD, NEW)
    assert link.is_symlink()
    assert file.read_bytes() == NEW
    assert list(folder.iterdir()) == [link]


def test_a_file_with_two_names_is_left(file: Path) -> None:
    (file.parent / "twin.py").hardlink_to(file)
    assert refused(file) == "it has more than one hard link"
    assert file.read_bytes() == OLD


def test_a_file_that_was_changed_meanwhile_is_left(file: Path) -> None:
    file.write_bytes(b"other")
    assert refused(file) == "it was changed by another program meanwhile"
    assert file.read_bytes() == b"other"


def test_a_read_only_file_is_left(file: Path) -> None:
    file.chmod(0o444)
    assert refused(file) == "it is read-only"
    assert file.read_bytes() == OLD


def test_a_file_that_is_gone_is_told(file: Path) -> None:
    file.unlink()
    assert refused(file) == "No such file or directory"


@pytest.mark.parametrize("call", ["fsync", "replace", "utime", "fdopen"])
def test_the_old_content_is_whole_when_the_system_refuses(file: Path, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, fail)
    assert refused(file) == "No space left on device"
    assert file.read_bytes() == OLD


def test_ctrl_c_while_writing_leaves_the_old_content(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(str(file), OLD, NEW)
    assert file.read_bytes() == OLD
    assert list(file.parent.iterdir()) == [file]


def test_ctrl_c_right_after_the_replacement_stays_ctrl_c(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = os.replace

    def late(*paths: str) -> None:
        replace(*paths)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", late)
    with pytest.raises(KeyboardInterrupt):
        write(str(file), OLD, NEW)
    assert file.read_bytes() == NEW
    assert list(file.parent.iterdir()) == [file]


def test_ctrl_c_right_after_the_temporary_file_was_made_leaves_none(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = os.open

    def late(*arguments: Any) -> int:
        os.close(made(*arguments))
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "open", late)
    with pytest.raises(KeyboardInterrupt):
        write(str(file), OLD, NEW)
    assert list(file.parent.iterdir()) == [file]


def in_a_child(file: Path, before: str) -> subprocess.CompletedProcess[str]:
    """Write 1 MB in another process, after the lines ``before``; it prints why nothing was written."""
    script = f"""
        import os, signal, sys
        from adamlint.run.write import NotWritten, write
        {before}
        try:
            write({str(file)!r}, {OLD!r}, b"x" * 1_000_000)
        except NotWritten as error:
            print(error)
        """
    return subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False, capture_output=True, text=True)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 here")
@pytest.mark.parametrize("call", ["fdopen", "fsync", "utime", "replace"])
def test_kill_9_while_writing_leaves_the_old_content(file: Path, call: str) -> None:
    killed = in_a_child(file, f"os.{call} = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)")
    assert killed.returncode == -signal.SIGKILL
    assert file.read_bytes() == OLD


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="no limits here")
def test_a_write_that_the_system_cuts_short_leaves_the_old_content(file: Path) -> None:
    """The limit on the size of files stands for a quota and a full disk: the write itself fails, in the middle."""
    limit = "import resource; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))"
    told = in_a_child(file, limit)
    assert told.stdout == f"{file}: not written: File too large\n"
    assert file.read_bytes() == OLD
    assert list(file.parent.iterdir()) == [file]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB, where one may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=False, capture_output=True
    )
    if not mounted or mounted.returncode:
        pytest.skip("nothing can be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_leaves_the_old_content(small_disk: Path) -> None:
    file = small_disk / "a.py"
    file.write_bytes(OLD)
    assert in_a_child(file, "").stdout == f"{file}: not written: No space left on device\n"
    assert file.read_bytes() == OLD
    assert list(small_disk.iterdir()) == [file]


@pytest.mark.skipif(not hasattr(signal, "SIGINT") or sys.platform == "win32", reason="no signals here")
def test_ctrl_c_from_the_terminal_is_one_line_and_leaves_the_old_content(file: Path) -> None:
    source = b"import keras\nkeras.optimizers.Adam(lr=0.1)\n"
    file.write_bytes(source)
    script = f"""
        import os, signal, sys
        from adamlint.__main__ import main
        os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGINT)
        sys.argv = ["adamlint", "--isolated", "--no-cache", "--fix", {str(file)!r}]
        main()
        """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, "adamlint: interrupted")
    assert file.read_bytes() == source
    assert list(file.parent.iterdir()) == [file]


def test_a_link_to_a_file_with_two_names_is_left(file: Path) -> None:
    (file.parent / "twin.py").hardlink_to(file)
    link = file.parent / "link.py"
    link.symlink_to("a.py")
    assert refused(link) == "it has more than one hard link"
    assert link.is_symlink()


def test_a_link_to_nothing_is_told(tmp_path: Path) -> None:
    link = tmp_path / "link.py"
    link.symlink_to("gone.py")
    assert refused(link) == "No such file or directory"


NOBODY = 65534
ALONE = "its folder takes no new file: Permission denied"
THEIRS = "its owner cannot be kept: Operation not permitted"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="takes root to become someone else")
@pytest.mark.parametrize(
    ("folder_mode", "file_mode", "why"),
    [(0o755, 0o666, ALONE), (0o777, 0o644, "it is read-only"), (0o777, 0o666, THEIRS), (0o700, 0o666, "Permission denied")],
)
def test_what_somebody_else_owns_is_left(folder_mode: int, file_mode: int, why: str) -> None:
    """Not in a folder that is theirs, not a file that is, and not one whose owner would become another."""
    with tempfile.TemporaryDirectory() as folder:  # pytest's own are closed to others
        path = Path(folder, "a.py")
        path.write_bytes(OLD)
        path.chmod(file_mode)
        Path(folder).chmod(folder_mode)
        assert _told_to_nobody(path) == f"{path}: not written: {why}"
        assert path.read_bytes() == OLD
        assert os.listdir(folder) == ["a.py"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="takes root to become someone else")
def test_one_s_own_file_in_a_folder_without_write_permission_is_left() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.py")
        path.write_bytes(OLD)
        os.chown(path, NOBODY, NOBODY)
        os.chown(folder, NOBODY, NOBODY)
        Path(folder).chmod(0o555)
        assert _told_to_nobody(path) == f"{path}: not written: {ALONE}"
        assert path.read_bytes() == OLD
        Path(folder).chmod(0o755)
        assert _told_to_nobody(path) == ""
        assert path.read_bytes() == NEW


def _told_to_nobody(path: Path) -> str:
    """What another user is told, in a process of its own; "" where the file was written."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        try:
            write(str(path), OLD, NEW)
        except BaseException as error:
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(pid, 0)
    with os.fdopen(reading) as told:
        return told.read()
