"""Replace `${VAR}`, `${VAR:-default}` and `${file:path}` in the values of a layer file, after parsing.

They work in every text value or part of one, but not in keys. The result is always text, so a variable cannot change
the structure of the file. As in a shell, the default after `:-` applies to a variable that is not set or empty. `$${`
is the escape for `${`.

`${file:path}` is the content of a file without the line break at its end, as Docker and Kubernetes mount secrets. The
path is absolute or relative to the layer file. The file is read each time that the layer file is.

The content of a variable or of a file may be secret, so problems never contain it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wfs_proxy.config.diagnostics import Problem
from wfs_proxy.config.yaml12 import Keys

__all__ = ["FilledIn", "fill_in"]

_LARGEST_SECRET = 65_536
"""Bytes; a larger file was not meant."""

_PLACEHOLDER = re.compile(
    r"\$(?P<escaped>\$\{)"
    r"|\$\{file:(?P<path>\s*[^}\s][^}]*)\}"
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


def fill_in(value: Mapping[str, object], environment: Mapping[str, str], directory: Path) -> FilledIn:
    """Replace all placeholders in `value`, a mapping of dicts, lists and scalars.

    Args:
        value: the content of a layer file.
        environment: the values of variables.
        directory: the folder that relative paths start in.
    """
    values = _Values(environment=environment, directory=directory)
    as_written: dict[Keys, str] = {}

    def fill_text(text: str, keys: Keys) -> str:
        if "${" not in text:
            return text
        as_written[keys] = text
        before = len(values.problems)
        filled = _PLACEHOLDER.sub(lambda found: values.replacement(found, keys), text)
        return filled if len(values.problems) == before else text

    def fill(part: object, keys: Keys) -> object:
        if isinstance(part, str):
            return fill_text(part, keys)
        if isinstance(part, list):
            return [fill(item, (*keys, position)) for position, item in enumerate(part)]
        if isinstance(part, dict):
            values.problems.extend(_in_key(keys, key) for key in part if "${" in key)
            return {key: fill(item, (*keys, key)) for key, item in part.items()}
        return part

    filled = {key: fill(item, (key,)) for key, item in value.items()}
    values.problems.extend(_in_key((), key) for key in value if "${" in key)
    return FilledIn(value=filled, as_written=as_written, problems=tuple(values.problems))


def _in_key(keys: Keys, key: str) -> Problem:
    return Problem(keys=(*keys, key), code="variable_in_key")


@dataclass(frozen=True, kw_only=True)
class _Values:
    """The values of placeholders, and the problems found while they were looked up."""

    environment: Mapping[str, str]
    directory: Path
    problems: list[Problem] = field(default_factory=list)

    def replacement(self, found: re.Match[str], keys: Keys) -> str:
        """Return the value of a placeholder at `keys`; "" after a problem."""
        if found["escaped"]:
            return found["escaped"]
        if found["malformed"]:
            self.problems.append(
                Problem(keys=keys, code="variable_malformed", details={"variable": found["malformed"]})
            )
            return ""
        if found["path"]:
            return self._secret(found["path"].strip(), keys)
        return self._variable(found["name"], found["otherwise"], found["default"], keys)

    def _variable(self, name: str, otherwise: str | None, default: str, keys: Keys) -> str:
        value = self.environment.get(name)
        if otherwise is not None:
            return value or default
        if value is None:
            self.problems.append(Problem(keys=keys, code="variable_unset", details={"variable": name}))
        return value or ""

    def _secret(self, path: str, keys: Keys) -> str:
        try:
            with (self.directory / path).open("rb") as stream:
                text = _text_of(stream.read(_LARGEST_SECRET + 1))
        except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
            reason = getattr(error, "strerror", None) or type(error).__name__
            details = {"path": path, "reason": reason}
            self.problems.append(Problem(keys=keys, code="secret_unreadable", details=details))
            return ""
        if text is None:
            self.problems.append(Problem(keys=keys, code="secret_not_text", details={"path": path}))
        elif not text.strip():
            self.problems.append(Problem(keys=keys, code="secret_empty", details={"path": path}))
        return text or ""


def _text_of(body: bytes) -> str | None:
    """Return the content of a file without the line break at its end; None if it is no text or too large."""
    try:
        text = body.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text or len(body) > _LARGEST_SECRET else text
