"""Version constraints of pip, Poetry and conda, each as alternatives of which one must hold.

A pin to one version stands for its minor release here: patches, release candidates, nightly builds and vendors' builds
(2.12.0, 2.16.0rc1, 2.17.0.dev20240301, 2.15.0.post1, 2.6.0+nv) are one row of the atlas.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from packaging.specifiers import InvalidSpecifier, SpecifierSet

AnyOf: TypeAlias = tuple[SpecifierSet, ...]

ANY: AnyOf = (SpecifierSet(),)
_ONE = re.compile(r"\s*(\^|===|==|>=|<=|!=|~=|<|>|=|~)?\s*v?([0-9][\w.*+!-]*|\*)\s*")
_WHEEL = re.compile(r"-(\d+\.\d+)[\w.+]*-(?:\d\w*-)?(?:cp|py)\d")


def pip(text: str) -> AnyOf:
    """Of ``>=2.12,<2.16``; also of ``>=2.*``, which old releases of pip took.  Raises ValueError."""
    return (_all(text.split(","), fuzzy=False),)


def poetry(text: str) -> AnyOf:
    """Of ``^2.12``, ``~2.12``, ``2.12.*``, ``>=2.10,<2.13``, ``^2.4 || ^3.0``.  Raises ValueError."""
    return tuple(_all(_constraints(part), fuzzy=False) for part in re.split(r"\|\|?", text))


def conda(text: str) -> AnyOf:
    """Of ``=2.12``, ``==2.12.0``, ``2.12.*``, ``>=2.10,<2.13``, ``2.10|2.11``, also before a build string.  Raises ValueError."""
    version = re.sub(r"(?<=[\w*])\s*=\s*[^=<>!~,|]*$|(?<=[\w*])\s+[^\s,|<>=!~]*$", "", text.strip())
    return tuple(_all(part.split(","), fuzzy=True) for part in version.split("|"))


def of_wheel(url: str) -> AnyOf:
    """Of the address of a wheel, by its name; any version for other addresses."""
    found = _WHEEL.search(url)
    return pip(f"=={found[1]}.*") if found else ANY


def constrains(any_of: AnyOf) -> bool:
    """Whether some version is left out."""
    return all(len(specifiers) > 0 for specifiers in any_of)


def _constraints(text: str) -> list[str]:
    """The constraints that all must hold, with commas or spaces between them."""
    found = [match[0] for match in _ONE.finditer(text)]
    if "".join(found).replace(" ", "") != re.sub(r"[\s,]", "", text):
        raise ValueError(text)
    return found


def _all(parts: list[str], fuzzy: bool) -> SpecifierSet:
    """``fuzzy``: a single ``=`` fits whatever begins like it, as in conda."""
    specifiers = []
    for part in filter(str.strip, parts):
        found = _ONE.fullmatch(part)
        if not found:
            raise ValueError(part)
        specifiers += _specifiers(found[1] or "==", found[2], fuzzy)
    try:
        return SpecifierSet(",".join(specifiers))
    except InvalidSpecifier as error:
        raise ValueError(str(error)) from None


def _specifiers(operator: str, version: str, fuzzy: bool) -> list[str]:
    if version == "*":
        return []
    numbers = [int(number) for number in re.findall(r"\d+", re.match(r"[\d.]*", version)[0])]  # type: ignore[index]
    if operator in ("^", "~"):
        return [f">={version.removesuffix('.*')}", f"<{_ceiling(numbers, operator)}"]
    if operator in ("==", "===", "="):
        if len(numbers) == 1:
            return [f"=={numbers[0]}.*" if version.endswith("*") or (fuzzy and operator == "=") else f"=={numbers[0]}.0.*"]
        return [f"=={numbers[0]}.{numbers[1]}.*"]
    if operator in ("<", ">", "<=", ">="):
        version = version.removesuffix(".*")
    return [f"{operator}{version}"]


def _ceiling(numbers: list[int], operator: str) -> str:
    """What ``^`` (the first number that is not 0 stays) and ``~`` (the second stays) exclude."""
    if operator == "~":
        last = min(len(numbers), 2) - 1
    else:
        last = next((index for index, number in enumerate(numbers) if number), len(numbers) - 1)
    return ".".join(map(str, [*numbers[:last], numbers[last] + 1]))
