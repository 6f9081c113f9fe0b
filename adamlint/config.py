"""What a run was asked for: ``[tool.adamlint]`` of a pyproject.toml and the command line, checked and merged."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from adamlint.findings import Effect, Form
from adamlint.reports import FORMATS
from adamlint.rule import CODES

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

    from adamlint.target import Target

OFF = frozenset({"ADM701"})  # rules that run only when they are selected


class ConfigError(Exception):
    """A setting that makes no sense; ``str()`` is one line that says which, and where it stands."""


@dataclass(frozen=True)
class Patterns:
    """Patterns as in a .gitignore, relative to the folder ``base``."""

    base: str
    lines: tuple[str, ...]

    def match(self, path: str) -> bool:
        """Whether a pattern names ``path`` or a folder that it is in."""
        relative = os.path.relpath(path, self.base).replace(os.sep, "/")
        while relative.startswith("../"):
            relative = relative[3:]
        return self._spec.match_file(relative)

    @cached_property
    def _spec(self) -> GitIgnoreSpec:
        from pathspec import GitIgnoreSpec  # 20 ms, and most runs have no pattern

        return GitIgnoreSpec.from_lines(self._anchored(line) for line in self.lines)

    def _anchored(self, line: str) -> str:
        """A pattern that git would understand: ``./a`` and an absolute path become ``/a``."""
        if line.startswith("./"):
            return line[1:]
        base = self.base.replace(os.sep, "/").rstrip("/")
        return line[len(base) :] if line.startswith(f"{base}/") else line


@dataclass(frozen=True)
class Layer:
    """What one source of settings says; None where it is silent.  The fields are the keys of ``[tool.adamlint]``."""

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] | None = None
    exclude: tuple[str, ...] | None = None
    extend_exclude: tuple[str, ...] = ()
    respect_gitignore: bool | None = None
    report: str | None = None
    tensorflow: str | None = None
    platform: tuple[str, ...] | None = None
    mode: str | None = None
    form: str | None = None
    extend_safe_fixes: tuple[str, ...] = ()
    extend_unsafe_fixes: tuple[str, ...] = ()
    output_format: str | None = None
    base: str = field(default="", metadata={"key": False})  # the folder that patterns are relative to

    def __post_init__(self) -> None:
        """Check the codes, names and choices.

        Raises ConfigError, whose text does not say where the setting stands.
        """
        safety = (*self.extend_safe_fixes, *self.extend_unsafe_fixes)
        for entry in (*(self.select or ()), *self.extend_select, *self.ignore, *safety):
            as_prefix(entry)
        for _, codes in self.per_file_ignores or ():
            for entry in codes:
                as_prefix(entry)
        _one_of("report", self.report, [effect.value for effect in Effect])
        _one_of("form", self.form, [form.value for form in Form])
        _one_of("output-format", self.output_format, list(FORMATS))


@dataclass(frozen=True)
class Config:
    """The settings of a run."""

    codes: frozenset[str]  # of the rules that are on
    always: frozenset[str] = frozenset()  # of the rules that were selected by their full code or name
    report: Effect = Effect.DIFFERS
    tensorflow: str | None = None
    platforms: tuple[str, ...] = ()
    mode: str | None = None
    form: Form = Form.CLASS
    safe: frozenset[str] = frozenset()  # the rules whose fixes are safe by the user's word
    unsafe: frozenset[str] = frozenset()
    output_format: str = "flake8"
    per_file_ignores: tuple[tuple[Patterns, frozenset[str]], ...] = ()
    excludes: tuple[Patterns, ...] = ()
    default_excludes: bool = True
    respect_gitignore: bool = True
    asked_by: str = "the default"  # the setting that says which TensorFlow is targeted
    metadata: bool = True  # where no setting does, the project's own files say it

    @property
    def infers(self) -> bool:
        """Whether the project's own files say the releases that are targeted."""
        return self.metadata and self.tensorflow is None

    @cached_property
    def target(self) -> Target:
        """What the settings ask for, else the default.  Raises ConfigError for a target that there is not."""
        from adamlint.target import Target, TargetError  # it reads the atlas, and most runs find nothing to ask it

        try:
            return Target.parse(self.tensorflow, self.platforms, self.mode)
        except TargetError as error:
            raise ConfigError(str(error)) from None

    def excluded(self, path: str) -> bool:
        """Whether the user's patterns leave out ``path``."""
        return any(patterns.match(path) for patterns in self.excludes)

    def codes_for(self, path: str) -> frozenset[str]:
        """The rules that are on in the file ``path``: one set for all files that have all, since there may be many."""
        off = [codes for patterns, codes in self.per_file_ignores if patterns.match(path)]
        return self.codes.difference(*off) if off else self.codes


def as_prefix(entry: str) -> str:
    """The code, or the beginning of codes, that ``entry`` stands for: ``lr-argument``, ``ADM301``, ``ADM3``.

    Raises ConfigError when it fits no rule.
    """
    named = {name: code for code, name in CODES.items()}
    prefix = named.get(entry.lower(), entry.upper())
    if prefix.startswith("ADM") and any(code.startswith(prefix) for code in CODES):
        return prefix
    raise ConfigError(f'unknown rule "{entry}"{did_you_mean(entry, [*CODES, *named])}')


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of an error message: the known word that is most like ``word``, if there is one."""
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), n=1)
    return f' (did you mean "{close[0]}"?)' if close else ""


def find(start: str) -> str | None:
    """The nearest pyproject.toml in ``start`` or a folder above it."""
    folder = os.path.abspath(start)
    while not os.path.isfile(path := os.path.join(folder, "pyproject.toml")):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return None
    return path


def read(path: str, base: str) -> Layer:
    """What ``[tool.adamlint]`` in the TOML file ``path`` says; its patterns are relative to ``base``.

    Raises ConfigError.
    """
    shown = os.path.relpath(path)
    table = _load(path, shown).get("tool", {})
    table = table.get("adamlint", {}) if isinstance(table, dict) else {}
    try:
        return replace(_layer(table), base=base)
    except ConfigError as error:
        raise ConfigError(f"{shown}: [tool.adamlint] {error}") from None


def merge(file: Layer, line: Layer) -> Config:
    """The settings of a run; the command line wins over the file.

    Raises ConfigError for a target that there is not.
    """
    config = Config(
        codes=_switch(_switch(frozenset(CODES) - OFF, file), line),
        always=_in_full(line) | (_in_full(file) if line.select is None else frozenset()),
        report=Effect(line.report or file.report or Effect.DIFFERS),
        tensorflow=file.tensorflow if line.tensorflow is None else line.tensorflow,
        platforms=line.platform or file.platform or (),
        mode=line.mode or file.mode,
        form=Form(line.form or file.form or Form.CLASS),
        safe=_extended(file, line)[0],
        unsafe=_extended(file, line)[1],
        output_format=line.output_format or file.output_format or "flake8",
        per_file_ignores=_per_file(file if line.per_file_ignores is None else line),
        excludes=tuple(
            Patterns(layer.base, patterns)
            for layer in (file, line)
            if (patterns := (*(layer.exclude or ()), *layer.extend_exclude))
        ),
        default_excludes=file.exclude is None,
        respect_gitignore=file.respect_gitignore is not False,
        asked_by=_asked_by(file, line),
    )
    if config.tensorflow is not None or config.platforms or config.mode:
        try:
            _ = config.target
        except ConfigError as error:
            asked = line.tensorflow is not None or line.platform or line.mode
            raise error if asked else ConfigError(f"[tool.adamlint] {error}") from None
    return config


def _asked_by(file: Layer, line: Layer) -> str:
    """The setting that says which TensorFlow is targeted."""
    if line.tensorflow is not None:
        return f"--tensorflow {line.tensorflow}"
    return "the default" if file.tensorflow is None else f'[tool.adamlint]: tensorflow = "{file.tensorflow}"'


def _load(path: str, shown: str) -> dict[str, Any]:
    """The TOML file ``path``."""
    from importlib import import_module
    from importlib.util import find_spec

    toml: Any = import_module("tomllib" if find_spec("tomllib") else "tomli")
    try:
        with open(path, "rb") as file:
            loaded: dict[str, Any] = toml.load(file)
    except OSError as error:
        raise ConfigError(f"{shown}: cannot be read: {error.strerror}") from None
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError
        raise ConfigError(f"{shown}: not valid TOML: {error}") from None
    return loaded


def _layer(table: object) -> Layer:
    """The table as a Layer, each key of it checked."""
    if not isinstance(table, dict):
        raise ConfigError("is not a table")
    keys = [item.name.replace("_", "-") for item in fields(Layer) if item.metadata.get("key", True)]
    for key in table:
        if key not in keys:
            raise ConfigError(f'unknown key "{key}"{did_you_mean(key, keys)}')
    values: dict[str, Any] = {key.replace("-", "_"): _READERS.get(key, _strings)(key, value) for key, value in table.items()}
    return Layer(**values)


def _strings(key: str, value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ConfigError(f"{key} is not a list of strings")


def _string(key: str, value: object) -> str:
    if isinstance(value, str):
        return value
    raise ConfigError(f"{key} is not a string")


def _string_or_strings(key: str, value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else _strings(key, value)


def _boolean(key: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ConfigError(f"{key} is not true or false")


def _by_pattern(key: str, value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if isinstance(value, Mapping):
        return tuple((pattern, _string_or_strings(f"{key}.{pattern!r}", codes)) for pattern, codes in value.items())
    raise ConfigError(f"{key} is not a table of patterns and codes")


_READERS: dict[str, Callable[[str, object], object]] = {
    "per-file-ignores": _by_pattern,
    "respect-gitignore": _boolean,
    "report": _string,
    "tensorflow": _string,
    "platform": _string_or_strings,
    "mode": _string,
    "form": _string,
    "output-format": _string,
}


def _one_of(key: str, value: str | None, known: Sequence[str]) -> None:
    if value is not None and value not in known:
        raise ConfigError(f'{key} is "{value}", not one of {", ".join(known)}')


def _strength(code: str, prefixes: Iterable[str]) -> int:
    """How much of ``code`` the closest of the prefixes spells out: 0 when none fits."""
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=0)


def _switch(on: frozenset[str], layer: Layer) -> frozenset[str]:
    """The rules that are on after ``layer``: ``select`` starts anew, and the longer prefix beats the shorter one."""
    selected = [as_prefix(entry) for entry in (*(layer.select or ()), *layer.extend_select)]
    ignored = [as_prefix(entry) for entry in layer.ignore]
    before = on if layer.select is None else frozenset()
    return frozenset(
        code for code in CODES if _strength(code, selected) > (off := _strength(code, ignored)) or (code in before and not off)
    )


def _extended(file: Layer, line: Layer) -> tuple[frozenset[str], frozenset[str]]:
    """The rules whose fixes are safe, and unsafe, by the user's word: the command line wins, and the longer prefix."""
    safe, unsafe = set[str](), set[str]()
    for layer in (file, line):
        for code in CODES:
            for_it, against = (_strength(code, map(as_prefix, e)) for e in (layer.extend_safe_fixes, layer.extend_unsafe_fixes))
            if for_it or against:
                (safe if for_it > against else unsafe).add(code)
                (unsafe if for_it > against else safe).discard(code)
    return frozenset(safe), frozenset(unsafe)


def _in_full(layer: Layer) -> frozenset[str]:
    """The rules that ``layer`` selects by a full code or name."""
    return frozenset(map(as_prefix, (*(layer.select or ()), *layer.extend_select))) & frozenset(CODES)


def _per_file(layer: Layer) -> tuple[tuple[Patterns, frozenset[str]], ...]:
    """The rules that are off in the files of each pattern."""
    listed = layer.per_file_ignores or ()
    return tuple(
        (Patterns(layer.base, (pattern,)), frozenset(code for code in CODES if _strength(code, map(as_prefix, entries))))
        for pattern, entries in listed
    )
