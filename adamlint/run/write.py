"""Replacing a file by its fixed content: whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class NotWritten(Exception):  # noqa: N818
    """A file that was left as it was; ``str()`` is one line that says which and why."""


def write(path: str, old: bytes, new: bytes) -> None:
    """Replace the content ``old`` of a file by ``new``, keeping its mode, owner and, if it is one, the symlink to it.

    Raises NotWritten, with the old content whole: for a file with several names, a read-only one, one that is not
    ``old`` any more, and when the system refuses.
    """
    real = os.path.realpath(path)
    with _told_of(path, ""):
        before = os.stat(real)
    if before.st_nlink > 1:
        raise NotWritten(f"{path}: not written: it has more than one hard link")
    if not before.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(real, os.W_OK):
        raise NotWritten(f"{path}: not written: it is read-only")
    _replace(path, real, before, old, new)


def _replace(path: str, real: str, before: os.stat_result, old: bytes, new: bytes) -> None:
    """Write a file beside the old one and put it in its place."""
    from shutil import copystat

    temporary = os.path.join(os.path.dirname(real), f".adamlint-{os.urandom(8).hex()}")
    try:  # the name is known before there is a file, so that Ctrl-C at any moment leaves none behind
        with _told_of(path, "its folder takes no new file: "):
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with _told_of(path, ""), os.fdopen(handle, "wb") as file:
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        with _told_of(path, "its owner cannot be kept: "):
            _keep_owner(temporary, before)
        with _told_of(path, ""):
            copystat(real, temporary)
            os.utime(temporary)
            if _content(real) != old:
                raise NotWritten(f"{path}: not written: it was changed by another program meanwhile")
            os.replace(temporary, real)
    except BaseException:
        with suppress(OSError):  # none was made, or it has taken the place of the old one already
            os.unlink(temporary)
        raise


@contextmanager
def _told_of(path: str, why: str) -> Iterator[None]:
    """Turn what the system refuses into NotWritten."""
    try:
        yield
    except OSError as error:
        raise NotWritten(f"{path}: not written: {why}{error.strerror or error}") from None


def _keep_owner(temporary: str, before: os.stat_result) -> None:
    """Give the new file the owner and the group of the old one where they differ."""
    made = os.stat(temporary)
    if (made.st_uid, made.st_gid) != (before.st_uid, before.st_gid):
        os.chown(temporary, before.st_uid, before.st_gid)


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
