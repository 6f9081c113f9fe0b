"""Replacing a file by its fixed content: whole or not at all."""

from __future__ import annotations

import os
import stat
from contextlib import suppress


class NotWritten(Exception):  # noqa: N818
    """A file that was left as it was; ``str()`` is one line that says which and why."""


def write(path: str, old: bytes, new: bytes) -> None:
    """Replace the content ``old`` of a file by ``new``, keeping its mode, owner and, if it is one, the symlink to it.

    Raises NotWritten, with the old content whole: for a file with several names, a read-only one, one that is not
    ``old`` any more, and when the system refuses.
    """
    real = os.path.realpath(path)
    try:
        before = os.stat(real)
        if before.st_nlink > 1:
            raise NotWritten(f"{path}: not written: it has more than one hard link")
        if not before.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(real, os.W_OK):
            raise NotWritten(f"{path}: not written: it is read-only")
        _replace(path, real, before, old, new)
    except OSError as error:
        raise NotWritten(f"{path}: not written: {error.strerror or error}") from None


def _replace(path: str, real: str, before: os.stat_result, old: bytes, new: bytes) -> None:
    """Write a file beside the old one and put it in its place."""
    from shutil import copystat
    from tempfile import mkstemp

    handle, temporary = mkstemp(prefix=".adamlint-", dir=os.path.dirname(real))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        _keep_owner(temporary, before)
        copystat(real, temporary)
        os.utime(temporary)
        if _content(real) != old:
            raise NotWritten(f"{path}: not written: it was changed by another program meanwhile")
        os.replace(temporary, real)
    except BaseException:
        with suppress(FileNotFoundError):  # Ctrl-C may come right after it took the place of the old one
            os.unlink(temporary)
        raise


def _keep_owner(temporary: str, before: os.stat_result) -> None:
    """Give the new file the owner and the group of the old one where they differ."""
    made = os.stat(temporary)
    if (made.st_uid, made.st_gid) != (before.st_uid, before.st_gid):
        os.chown(temporary, before.st_uid, before.st_gid)


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
