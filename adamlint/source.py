"""Bytes of a file to the program text that is parsed, and back to the same bytes with nothing changed but the edits."""

from __future__ import annotations

import re
import tokenize
from bisect import bisect_right
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from adamlint import magics, notebook
from adamlint.findings import Edit, Place
from adamlint.magics import Mask
from adamlint.notebook import Notebook

# What Python's tokenizer ends a line at; str.splitlines also splits at \x0c, \x1c, \u2028 and others.
_NEWLINE = re.compile(r"\r\n|\r|\n")
_FIRST_LINES = re.compile(rb"([^\r\n]*)(?:\r\n|\r|\n)?([^\r\n]*)")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

Span = tuple[int, int]  # offsets


class Unreadable(Exception):  # noqa: N818
    """A file that has no program text; the message is one line that says why and where."""


class Refused(ValueError):  # noqa: N818
    """Edits that cannot be made; the message is one line that says why. The program is as it was."""


@dataclass(frozen=True)
class BadCell:
    """A code cell that is no Python: the cell counts all cells from 0, line and column count from 1 within it."""

    cell: int
    line: int
    column: int
    message: str
    source: str


@dataclass(frozen=True)
class Piece:
    """A stretch of the user's source: a whole Python file, or one code cell of a notebook.

    What is parsed, ``text``, differs from ``source`` where a mask stands for a magic, line by line the same.
    """

    cell: int | None
    source: str
    masks: tuple[Mask, ...] = ()

    @cached_property
    def text(self) -> str:
        """The Python that stands for the source; parsers take no lone surrogates, so a replacement character each."""
        parts, at = [], 0
        for mask in self.masks:
            parts += [self.source[at : mask.start], mask.text]
            at = mask.end
        return _LONE_SURROGATE.sub("\ufffd", "".join([*parts, self.source[at:]]))

    @cached_property
    def newline(self) -> str:
        """The newline that most lines of the source end in."""
        found = _NEWLINE.findall(self.source)
        return max(("\n", "\r\n", "\r"), key=found.count)

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(newline.end() for newline in _NEWLINE.finditer(self.source))]

    def place(self, start: int, end: int) -> Place:
        """Where a span of ``text`` stands in the source; inside a mask, the whole of what it masks."""
        first = self._origin(start, is_end=False)
        last = max(first, self._origin(end, is_end=True)) if end > start else first
        return Place(self.cell, *self._position(first), *self._position(last))

    def rewrite(self, edits: Iterable[Edit]) -> str:
        """The source with the edits made. Raises Refused for places that overlap, touch a mask or do not exist."""
        parts, at = [], 0
        for start, end, text in self._spans(edits):
            if start < at:
                raise Refused(f"line {self._position(start)[0]}: two edits overlap")
            parts += [self.source[at:start], text]
            at = end
        return "".join([*parts, self.source[at:]])

    def spans(self, after: Piece, edits: Iterable[Edit]) -> Iterator[tuple[Span, Span]]:
        """Where each edit stands in ``text``, and where in that of the piece ``after`` it was made, in order."""
        grown = 0
        for start, end, text in self._spans(edits):
            made = start + grown
            yield self._in_text(start, end), after._in_text(made, made + len(text))
            grown += len(text) - (end - start)

    def _in_text(self, start: int, end: int) -> Span:
        """The offsets in ``text`` of a span in ``source`` outside of masks; at its end, with the newline that is masked in."""
        before = (mask for mask in self.masks if mask.end <= start and mask.start < start)
        shift = sum(mask.end - mask.start - len(mask.text) for mask in before)
        return start - shift, len(self.text) if end == len(self.source) else end - shift

    def _spans(self, edits: Iterable[Edit]) -> list[tuple[int, int, str]]:
        spans = ((*self._span(edit.place), re.sub(r"\r\n|\n", self.newline, edit.text)) for edit in edits)
        return sorted(spans, key=lambda span: span[:2])

    def _span(self, place: Place) -> tuple[int, int]:
        start = self._offset(place.line, place.column)
        end = self._offset(place.end_line, place.end_column)
        if end < start:
            raise Refused(f"line {place.line}: an edit ends before it starts")
        if any(start < mask.end and mask.start < end for mask in self.masks):
            raise Refused(f"line {place.line}: a magic cannot be edited")
        return start, end

    def _origin(self, offset: int, is_end: bool) -> int:
        """The offset in ``source`` of one in ``text``.

        Before and after a mask without text is one offset in ``text``: there a span starts after it, or ends before it.
        """
        shift = 0
        for mask in self.masks:
            begin = mask.start - shift
            if offset < begin or (is_end and offset == begin):
                break
            if offset < begin + len(mask.text):
                return mask.end if is_end else mask.start
            shift += mask.end - mask.start - len(mask.text)
        return offset + shift

    def _position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def _offset(self, line: int, column: int) -> int:
        if 1 <= line <= len(self._lines) and column >= 1:
            offset = self._lines[line - 1] + column - 1
            if offset <= (self._lines[line] if line < len(self._lines) else len(self.source)):
                return offset
        raise Refused(f"line {line}, column {column}: no such place")


@dataclass(frozen=True)
class PythonFile:
    """The bytes of a Python file, and the text that they are in its encoding."""

    data: bytes
    encoding: str
    source: str

    def encode(self, sources: Mapping[int | None, str]) -> bytes:
        """The bytes of the file with its source replaced. Raises Refused if the encoding has no such characters."""
        source = sources[None]
        if source == self.source:
            return self.data
        if self._bytes(self.source) != self.data:
            raise Refused(f"the encoding {self.encoding} can write the same text in several ways")
        return self._bytes(source)

    def _bytes(self, source: str) -> bytes:
        bom = BOM_UTF8 if self.data.startswith(BOM_UTF8) else b""
        try:
            return bom + source.encode(self.encoding)
        except UnicodeError as error:
            raise Refused(f"the encoding {self.encoding} of the file cannot write the edit: {error}") from None


@dataclass(frozen=True)
class Program:
    """What is parsed and checked as one: a Python file, or the code cells of a notebook in order."""

    path: str
    pieces: tuple[Piece, ...]
    file: PythonFile | Notebook
    skipped: tuple[BadCell, ...] = ()  # cells that do not parse, left out of the text
    hidden: frozenset[int | None] = frozenset()  # cells in which nothing is to be told

    @cached_property
    def text(self) -> str:
        """What is parsed: no BOM, newlines as in the file, magics masked."""
        return "".join(piece.text for piece in self.pieces)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(piece.text) for piece in self.pieces[:-1])]

    @property
    def written(self) -> str:
        """All that the user wrote, magics and cells that do not parse included."""
        return "\n".join([*(piece.source for piece in self.pieces), *(cell.source for cell in self.skipped)])

    @property
    def borders(self) -> tuple[int, ...]:
        """The offsets in ``text`` at which cells begin, but for the first."""
        return tuple(self._starts[1:])

    def place(self, start: int, end: int) -> Place:
        """Where a span of ``text`` stands for the user. A span never leaves the cell in which it starts."""
        if not self.pieces:
            return Place(None, 1, 1, 1, 1)
        index = bisect_right(self._starts, start) - 1
        piece, base = self.pieces[index], self._starts[index]
        return piece.place(start - base, min(end - base, len(piece.text)))

    def rewrite(self, edits: Iterable[Edit]) -> Program:
        """This program with the edits made, where "\\n" in a text stands for the newline of the file.

        The same edit twice counts once; insertions at one place are made in the given order. Raises Refused, a
        ValueError, for edits that overlap, that reach into a magic, or that the file's encoding cannot write.
        """
        by_cell = _by_cell(edits)
        cells = {piece.cell for piece in self.pieces}
        if unknown := [cell for cell in by_cell if cell not in cells]:
            raise Refused(f"cell {unknown[0]}: no such code")
        pieces = tuple(_rewritten(piece, by_cell.get(piece.cell, ())) for piece in self.pieces)
        program = replace(self, pieces=pieces)
        program.encode()
        return program

    def spans(self, after: Program, edits: Iterable[Edit]) -> Iterator[tuple[Span, Span]]:
        """Where each edit stands in ``text``, and where in that of the program ``after`` that it made, in order."""
        by_cell = _by_cell(edits)
        pieces = zip(self.pieces, after.pieces, self._starts, after._starts, strict=False)
        for piece, other, base, base_after in pieces:
            for old, new in piece.spans(other, by_cell.get(piece.cell, ())):
                yield (old[0] + base, old[1] + base), (new[0] + base_after, new[1] + base_after)

    def encode(self) -> bytes:
        """The bytes of the file: those that were read, but for the edits."""
        return self.file.encode({piece.cell: piece.source for piece in self.pieces})


def read(path: str, data: bytes) -> Program:
    """The program in the bytes of a Python file, or of a notebook if the path ends in ``.ipynb``.

    Raises Unreadable for bytes that do not decode, an unknown encoding, null bytes and invalid JSON.
    """
    return as_program(path, parse(path, data))


def parse(path: str, data: bytes) -> PythonFile | Notebook:
    """What a file holds, which takes a fraction of the time of ``as_program``. Raises Unreadable as ``read``."""
    return parse_notebook(data) if is_notebook(path) else _parse_python(data)


def is_notebook(path: str) -> bool:
    """Whether a file is read as a notebook, and not as Python."""
    return path.lower().endswith(".ipynb")


def as_program(path: str, file: PythonFile | Notebook) -> Program:
    """The program of a file."""
    if isinstance(file, PythonFile):
        return Program(path, (Piece(None, file.source),), file)
    pieces: list[Piece] = []
    skipped: list[BadCell] = []
    for cell in file.cells:
        magic = magics.cell_magic(cell.source)
        if magics.is_other_language(magic):
            continue
        piece, problem = _code(cell.index, cell.source)
        if problem is None:
            pieces.append(piece)
        elif magic is None:
            skipped.append(_bad_cell(piece, problem))
    hidden = frozenset[int | None](cell.index for cell in file.cells if cell.is_hidden)
    return Program(path, tuple(pieces), file, tuple(skipped), hidden)


def _parse_python(data: bytes) -> PythonFile:
    if (null := data.find(b"\0")) >= 0:
        raise Unreadable(f"line {_line(data, null)}: null byte at byte {null}")
    encoding = _declared_encoding(data)
    source = _decode(data, encoding)
    if _LONE_SURROGATE.search(source) or source.startswith("\ufeff"):
        raise Unreadable(f"line 1: decoding as {encoding} gives no Python source")
    return PythonFile(data, encoding, source)


def parse_notebook(data: bytes) -> Notebook:
    """The cells of a notebook. Raises Unreadable."""
    try:
        return notebook.parse(_decode(data, "utf-8"), has_bom=data.startswith(BOM_UTF8))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not a notebook: {error}") from None


def _code(cell: int, source: str) -> tuple[Piece, SyntaxError | None]:
    """A code cell, and why it does not parse if it does not."""
    if magics.syntax_error(source) is None:
        return Piece(cell, source, magics.edges(source)), None
    piece = Piece(cell, source, magics.masks(source))
    return piece, _syntax_error(piece.text)


def _syntax_error(text: str) -> SyntaxError | None:
    """Why a cell does not parse. LibCST, which is slower, knows syntax that is newer than the Python that runs."""
    error = magics.syntax_error(text)
    if error is None or "\0" in text:
        return error
    from libcst import ParserSyntaxError

    from adamlint.tree import parse

    try:
        parse(text)
    except ParserSyntaxError:
        return error
    return None


def _bad_cell(piece: Piece, error: SyntaxError) -> BadCell:
    line, column = max(error.lineno or 1, 1), max(error.offset or 1, 1)
    starts = [0, *(newline.end() for newline in _NEWLINE.finditer(piece.text))]
    offset = min(starts[min(line, len(starts)) - 1] + column - 1, len(piece.text))
    place = piece.place(offset, offset)
    return BadCell(place.cell or 0, place.line, place.column, error.msg, piece.source)


def _by_cell(edits: Iterable[Edit]) -> dict[int | None, list[Edit]]:
    """The edits of each cell, the same one only once."""
    found: dict[int | None, list[Edit]] = {}
    for edit in dict.fromkeys(edits):
        found.setdefault(edit.place.cell, []).append(edit)
    return found


def _rewritten(piece: Piece, edits: Iterable[Edit]) -> Piece:
    source = piece.rewrite(edits)
    if source == piece.source:
        return piece
    return Piece(None, source) if piece.cell is None else _code(piece.cell, source)[0]


def _declared_encoding(data: bytes) -> str:
    """The encoding by PEP 263. Raises Unreadable if it is not known, or not UTF-8 beside a UTF-8 BOM."""
    body = data.removeprefix(BOM_UTF8)
    lines = _FIRST_LINES.match(body).groups()  # type: ignore[union-attr]  # matches anything
    # A comment above the cookie may hold any bytes; detect_encoding wants them to be UTF-8.
    head = [line.decode("ascii", "replace").encode("ascii", "replace") + b"\n" for line in lines]
    head[0] = data[: len(data) - len(body)] + head[0]
    try:
        encoding, _ = tokenize.detect_encoding(iter(head).__next__)
    except SyntaxError as error:
        why = "the declared encoding is not that of the UTF-8 BOM" if data.startswith(BOM_UTF8) else error.msg
        raise Unreadable(f"line {1 if b'coding' in lines[0] else 2}: {why}") from None
    return encoding.removesuffix("-sig")


def _decode(data: bytes, encoding: str) -> str:
    body = data.removeprefix(BOM_UTF8)
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        at = error.start + len(data) - len(body)
        raise Unreadable(f"line {_line(data, at)}: byte {at} (0x{data[at]:02x}) is not {encoding}") from None
    except (UnicodeError, LookupError) as error:
        raise Unreadable(f"line 1: cannot decode as {encoding}: {error}") from None


def _line(data: bytes, at: int) -> int:
    return len(re.findall(rb"\r\n|\r|\n", data[:at])) + 1
