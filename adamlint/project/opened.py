"""The other files of a project as far as they were opened: their outlines, and the few trees that are kept at a time."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import libcst as cst

from adamlint.program.environment import Startup
from adamlint.program.module import Module
from adamlint.project.locations import Folders
from adamlint.project.outline import Body, Outline, body_of, may_define, outline
from adamlint.text.budget import Excess
from adamlint.text.source import Unreadable, read

_KERAS = re.compile(rb"keras|tensorflow|KERAS")
_LARGE = 200_000  # bytes; larger files are seldom written by hand, and not followed
_KEPT = 150_000  # bytes of files whose trees a process keeps at a time: a tree and its look-ups take about 350 times its file


class Disk(Folders, Protocol):
    """Where the files are, and what is in them; the one place of this module that reaches outside."""

    def read(self, path: str) -> bytes:
        """Return the bytes of a file; none where it cannot be read."""


class Opened:
    """The files of a project, each read as far as was asked; ``outside`` gives a file its view of the others."""

    def __init__(self, disk: Disk, outside: Callable[[str], Startup]) -> None:
        self._disk, self._outside = disk, outside
        self._outlines: dict[str, Outline] = {}
        self._bodies: dict[tuple[str, str], Body] = {}
        self._modules: dict[str, Module | None] = {}
        self._sizes: dict[str, int] = {}  # of the files of these modules, in bytes

    def outline(self, path: str) -> Outline:
        """Return what a file imports and defines; nothing where it is large."""
        if path not in self._outlines:
            data = self._disk.read(path)
            self._outlines[path] = outline(data if len(data) <= _LARGE else b"")
        return self._outlines[path]

    def body(self, path: str, cls: str, name: str) -> Body:
        """Return what a class of a file defines, as far as ``name`` is asked for: what is not written there is none of it."""
        if (path, cls) not in self._bodies:
            data = self._disk.read(path)
            if not may_define(name, data):
                return Body()
            self._bodies[path, cls] = body_of(cls, data)
        return self._bodies[path, cls]

    def module(self, path: str) -> Module | None:
        """Return a file parsed; None where nothing in it can be of Keras, as a look at its bytes tells."""
        if path not in self._modules:
            data = self._disk.read(path)
            self._modules[path] = None
            if len(data) <= _LARGE and _KERAS.search(data):
                self._make_room(len(data))
                self._sizes[path] = len(data)
                with suppress(cst.ParserSyntaxError, Excess, Unreadable, RecursionError):
                    self._modules[path] = Module(read(path, data).text, outside=self._outside(path))
        return self._modules[path]

    def _make_room(self, size: int) -> None:
        """Forget the trees of the files that were asked for first, until one more of a size fits."""
        while self._sizes and sum(self._sizes.values()) + size > _KEPT:
            oldest = next(iter(self._sizes))
            del self._sizes[oldest], self._modules[oldest]
