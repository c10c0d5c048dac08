"""`${VAR}` and `${VAR:-default}` in the values of a layer file, filled in after parsing.

They work in every value that is text, also in a part of it; not in keys. The result is text, whatever it looks like, so
a variable can never become another structure than the file shows. As in a shell, `:-` is for a variable that is absent
or empty. `$${` is written for a `${` that is to stay.

What a variable holds may be a secret: it never gets into a problem.
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
    """Values with every placeholder filled in."""

    value: dict[str, object]
    """As it was, but for the text; a text with a placeholder that has a problem stays as written."""

    as_written: Mapping[Keys, str]
    """The texts that had a placeholder, as the file has them: what messages may show."""

    problems: tuple[Problem, ...]
    """All that could not be filled in."""


def fill_in(value: Mapping[str, object], environment: Mapping[str, str]) -> FilledIn:
    """Fill in all placeholders in `value` (a mapping of dicts, lists and scalars) from `environment`."""
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
