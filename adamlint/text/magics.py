"""What stands, for a Python parser, in the place of the magics and shell commands of a notebook cell.

IPython's core/inputtransformer2.py has their syntax, its core/magics what they do. A mask keeps the lines of the cell
and is a statement, or an expression where one is needed, so that ``if COLAB:`` + ``!pip …`` has a body.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from adamlint.text.lines import NEWLINE

# Cell magics whose body is no Python, or does not run in the kernel's program.
_OTHER_LANGUAGE = re.compile(
    r"!|R|SVG|bash|bigquery|cmd|cypher|cython|file|html|javascript|js|julia|latex|markdown|perl|powershell|pypy|python[23]?"
    r"|rust|ruby|script|sh|shell|skip|spark|sql|svg|sx|system|writefile|writetemplate"
)
# Those that run their body as Python in the kernel. What the body of any other magic is shows when it is parsed.
_RUN_PYTHON = re.compile("capture|debug|ipytest|memit|mprun|prun|time|timeit")
# Magics that people write without the percent sign.
_AUTOMAGIC = re.compile(r"(?:cat|cd|conda|cp|env|load_ext|ls|matplotlib|mkdir|mv|pip3?|pylab|rm|run)[ \t]+[^\s=]")

_CELL_MAGIC = re.compile(r"(?:\s|#[^\r\n]*[\r\n])*%%(!|\S*)[^\r\n]*")
_FIRST_INDENT = re.compile(r"(?:[ \t]*[\r\n])*([ \t]+)\S")
_INDENT = re.compile(r"[ \t\f]*")
_TARGET = re.compile(r"[\w*(\[][\w ,.:*()\[\]'\"]*?=[ \t]*(?=!|%[A-Za-z_])")
_ESCAPE = re.compile(r"[%!?]|[,;/](?=[A-Za-z_])")
_HELP = re.compile(r"(?:[\w, ]+=[ \t]*)?[\w*][\w.*]*(?:\[[^]\r\n]*\][\w.*]*)*[ \t]*\?\??[ \t]*(?:#[^\r\n]*)?(?=[\r\n]|\Z)")
_COMMAND = re.compile(r"(?:[^\r\n]*\\(?:\r\n|\r|\n))*[^\r\n]*")
_TIMED = re.compile(r"%(?:time|timeit|prun|memit)[ \t]+(?:-[nrp][ \t]*\d+[ \t]+|-[tcqov]+[ \t]+)*(?=[^\s-])")
_SET_ENV = re.compile(r"%(?:set_)?env[ \t]+([^\s=]+)(?:[ \t]*=|[ \t]+(?!.*=))(.+)", re.DOTALL)
_SYSTEM = re.compile(r"%(?:system|sx)[ \t]+(.*\S)\s*", re.DOTALL)
_LINE_MAGIC = re.compile(r"%+(\S*)(.*)", re.DOTALL)
_TOKEN = re.compile(
    r'''"""(?:\\.|[^\\])*?"""|\'\'\'(?:\\.|[^\\])*?\'\'\'|"(?:\\.|[^"\\\r\n])*"|'(?:\\.|[^'\\\r\n])*\''''
    r"|\#[^\r\n]*|\\(?:\r\n|\r|\n)|[(\[{]|[)\]}]|\r\n|\r|\n",
    re.DOTALL,
)


@dataclass(frozen=True)
class Mask:
    """Python that stands in the place of ``source[start:end]`` of a cell, with as many newlines."""

    start: int
    end: int
    text: str


def cell_magic(source: str) -> str | None:
    """The name of the magic that a cell is given to, other than those that run it as Python in the kernel."""
    return next((magic[1] for magic in _cell_magics(source) if not _RUN_PYTHON.fullmatch(magic[1])), None)


def is_other_language(cell_magic: str | None) -> bool:
    """Whether a cell magic takes the cell for something other than Python."""
    return cell_magic is not None and _OTHER_LANGUAGE.fullmatch(cell_magic) is not None


def edges(source: str) -> tuple[Mask, ...]:
    """What makes a cell of plain Python a stretch of program text: no byte order mark, and a newline at the end."""
    first = (Mask(0, 1, ""),) if source.startswith("\ufeff") else ()
    last = (Mask(len(source), len(source), "\n"),) if not source.endswith(("\n", "\r")) else ()
    return first + last


def masks(source: str) -> tuple[Mask, ...]:
    """What makes a cell that is no plain Python a stretch of program text, in order: no magics, no indent."""
    found = list(_magics(source))
    indents = [mask for mask in _indents(source) if not any(magic.start < mask.start < magic.end for magic in found)]
    return tuple(sorted([*edges(source), *indents, *found], key=lambda mask: (mask.start, mask.end)))


def syntax_error(text: str) -> SyntaxError | None:
    """Why a cell is no Python, if it is not. ``await`` and ``return`` may stand outside of functions."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes in the code that is read
            compile(text, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError) as error:
        return SyntaxError(str(error) or type(error).__name__)
    return None


def _cell_magics(source: str) -> Iterator[re.Match[str]]:
    """The magic that a cell is given to, and the one that the body of that is given to, and so on."""
    magic = _CELL_MAGIC.match(source)
    while magic:
        yield magic
        magic = _CELL_MAGIC.match(source, magic.end())


def _indents(source: str) -> Iterator[Mask]:
    """The indent of the first line, at each line that has it: IPython takes it away from a cell and from the body of a cell magic."""
    bodies = [0, *(magic.end() for magic in _cell_magics(source)), len(source)]
    for begin, end in pairwise(bodies):
        if first := _FIRST_INDENT.match(source, begin, end):
            for start in [begin, *(newline.end() for newline in NEWLINE.finditer(source, begin, end))]:
                if source.startswith(first[1], start, end):
                    yield Mask(start, start + len(first[1]), "")


def _magics(source: str) -> Iterator[Mask]:
    at = 0
    while at < len(source):
        start = _end(_INDENT, source, at)
        mask = _magic(source, start) or _assigned(source, start)
        if mask is not None:
            yield mask
            at = mask.end
        if mask is None or mask.text:
            at = _end_of_statement(source, at)


def _magic(source: str, start: int) -> Mask | None:
    """The magic that a statement is, or the prefix that times it."""
    if _TIMED.match(source, start):
        return Mask(start, _end(_TIMED, source, start), "")
    end = _end(_COMMAND, source, start)
    command = source[start:end]
    if _AUTOMAGIC.match(command) and syntax_error(command) is not None:
        return _masked(start, command, _statement("%" + command))
    if _ESCAPE.match(command) or _HELP.match(command):
        return _masked(start, command, _statement(command))
    return None


def _assigned(source: str, start: int) -> Mask | None:
    """The magic whose value a statement assigns."""
    target = _TARGET.match(source, start)
    if target is None:
        return None
    if _TIMED.match(source, target.end()):
        return Mask(target.end(), _end(_TIMED, source, target.end()), "")
    command = source[target.end() : _end(_COMMAND, source, target.end())]
    return _masked(target.end(), command, _expression(command))


def _masked(start: int, command: str, python: str) -> Mask:
    return Mask(start, start + len(command), python + "".join(NEWLINE.findall(command)))


def _statement(command: str) -> str:
    setting = _SET_ENV.fullmatch(command)
    if setting is None:
        return _expression(command)
    name, value = setting[1], setting[2].strip()
    # IPython puts Python values for {name} and $name first.
    python = f"get_ipython().var_expand({value!r})" if "{" in value or "$" in value else repr(value)
    return f'__import__("os").environ[{name!r}] = {python}'


def _expression(command: str) -> str:
    """The call that IPython makes of a command, as far as it matters."""
    line = re.sub(r"\\(?:\r\n|\r|\n)", " ", command)
    if line.startswith("!"):
        return f"get_ipython().system({line.lstrip('!').strip()!r})"
    if magic := _SYSTEM.fullmatch(line):
        return f"get_ipython().system({magic[1]!r})"
    if magic := _LINE_MAGIC.fullmatch(line):
        return f"get_ipython().run_line_magic({magic[1]!r}, {magic[2].strip()!r})"
    return "None"


def _end_of_statement(source: str, at: int) -> int:
    """Where the next logical line begins."""
    depth = 0
    for token in _TOKEN.finditer(source, at):
        if token[0] in "([{":
            depth += 1
        elif token[0] in ")]}":
            depth -= 1
        elif token[0] in ("\r\n", "\r", "\n") and depth <= 0:
            return token.end()
    return len(source)


def _end(pattern: re.Pattern[str], source: str, at: int) -> int:
    match = pattern.match(source, at)
    return match.end() if match else at
