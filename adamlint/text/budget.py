"""How much of a program is too much: told from its text alone, before anything expensive is done with it.

LibCST takes a node and more for each token (measured: 500,000 tokens are 1.1 GB), and for a chain of calls the square of its length
(measured: 10 s for 1,600 calls). Few programs written by hand come near (a test file of Keras does); generated tables do.
"""

from __future__ import annotations

import re

_MOST_TOKENS = 100_000  # 131,649 took a process to 505 MB
_MOST_LINKS = 1_000  # operators, attributes, calls and subscripts in a row
_MOST_BRACKETS = 200  # nested: MAXLEVEL of CPython's tokenizer

_STRING = r"\"{3}(?:\\.|[^\\])*?\"{3}|'{3}(?:\\.|[^\\])*?'{3}|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
_TOKEN = re.compile(rf"""{_STRING}|\#[^\n]*|\\\r?\n|[^\W\d]\w*|[\w.]*\d[\w.]*|\S|\n""", re.DOTALL)
_LINKS = frozenset([*"+-*/%@&|^<>!~.", "and", "or", "not", "if", "else", "lambda", "in", "is", "await"])
_ENDS = frozenset(",;:")


class Excess(Exception):  # noqa: N818 - it is no error of the program
    """A program is too much to read; the text says of what there is too much."""


class Nesting(Exception):  # noqa: N818
    """Brackets nest deeper than CPython's own tokenizer takes."""


def check(text: str) -> None:
    """Raise Excess for a program with too many tokens or too long a chain, Nesting for brackets that are nested too deeply."""
    if len(text) <= _MOST_BRACKETS:
        return
    links = [0]
    for count, match in enumerate(_TOKEN.finditer(text)):
        token = match[0]
        if token in _LINKS or token[0] in "\"'":  # strings in a row are one expression
            links[-1] += 1
        elif token in _ENDS or (token == "\n" and len(links) == 1):
            links[-1] = 0
        elif token in "([{":
            links[-1] += 1
            links.append(0)
            if len(links) > _MOST_BRACKETS + 1:
                raise Nesting
        elif token in ")]}" and len(links) > 1:
            links.pop()
        if links[-1] > _MOST_LINKS:
            raise Excess(f"one expression has more than {_MOST_LINKS} operators, attributes and calls in a row")
        if count > _MOST_TOKENS:
            raise Excess(f"it has more than {_MOST_TOKENS} tokens")
