"""Replace `${VAR}` and `${VAR:-default}` in the values of a layer file, after parsing.

They work in every text value or part of one, but not in keys. The result is always text, so a variable cannot change
the structure of the file. As in a shell, the default after `:-` applies to a variable that is not set or empty. `$${`
is the escape for `${`.

The content of a variable may be secret, so problems never contain it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wfs_proxy.config.diagnostics import Problem
from wfs_proxy.config.yaml12 import Keys

__all__ = ["FilledIn", "fill_in"]

_PLACEHOLDER = re.compile(
    r"\$(?P<escaped>\$\{)"
    r"|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<otherwise>:-(?P<default>[^}]*))?\}"
    r"|(?P<malformed>\$\{[^}]{0,40}\}?)"
)


@dataclass(frozen=True, kw_only=True)
class FilledIn:
    """The result of `fill_in`."""

    value: dict[str, object]
    """The values with placeholders replaced; a text with a wrong placeholder is unchanged."""

    as_written: Mapping[Keys, str]
    """The original of each text that contains a placeholder; messages may show it."""

    problems: tuple[Problem, ...]
    """A problem for each placeholder that could not be replaced."""


def fill_in(value: Mapping[str, object], environment: Mapping[str, str]) -> FilledIn:
    """Replace all placeholders in `value`, a mapping of dicts, lists and scalars, by values of `environment`."""
    as_written: dict[Keys, str] = {}
    problems: list[Problem] = []

    def fill_text(text: str, keys: Keys) -> str:
        if "${" not in text:
            return text
        as_written[keys] = text
        before = len(problems)
        filled = _PLACEHOLDER.sub(lambda found: _replacement(found, keys, environment, problems.append), text)
        return filled if len(problems) == before else text

    def fill(part: object, keys: Keys) -> object:
        if isinstance(part, str):
            return fill_text(part, keys)
        if isinstance(part, list):
            return [fill(item, (*keys, position)) for position, item in enumerate(part)]
        if isinstance(part, dict):
            problems.extend(_in_key(keys, key) for key in part if "${" in key)
            return {key: fill(item, (*keys, key)) for key, item in part.items()}
        return part

    filled = {key: fill(item, (key,)) for key, item in value.items()}
    problems.extend(_in_key((), key) for key in value if "${" in key)
    return FilledIn(value=filled, as_written=as_written, problems=tuple(problems))


def _in_key(keys: Keys, key: str) -> Problem:
    return Problem(keys=(*keys, key), code="variable_in_key")


def _replacement(
    found: re.Match[str], keys: Keys, environment: Mapping[str, str], report: Callable[[Problem], None]
) -> str:
    if found["escaped"]:
        return found["escaped"]
    if found["malformed"]:
        report(Problem(keys=keys, code="variable_malformed", details={"variable": found["malformed"]}))
        return ""
    value = environment.get(found["name"])
    if found["otherwise"] is not None:
        return value or found["default"]
    if value is None:
        report(Problem(keys=keys, code="variable_unset", details={"variable": found["name"]}))
    return value or ""
