"""Replace `${VAR}`, `${VAR:-default}` and `${file:path}` in the values of a layer file, after parsing.

They work in every text value or part of one, but not in keys. The result is always text, so a variable cannot change
the structure of the file. As in a shell, the default after `:-` applies to a variable that is not set or empty. `$${`
is the escape for `${`.

`${file:path}` is the content of a file without the line break at its end, as Docker and Kubernetes mount secrets. The
path is absolute or relative to the layer file. The file is read each time that the layer file is.

A text may wait for a variable: `valueless` names those that are not set or empty. Only of an address that matters
(`unconfigured.py`), because an empty variable may be right elsewhere.

The content of a variable or of a file may be secret, so problems never contain it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wfs_proxy.config.diagnostics import Problem
from wfs_proxy.config.yaml12 import Keys

__all__ = ["FilledIn", "Variable", "fill_in", "stand_in_address", "variables_in"]

_LARGEST_SECRET = 65_536
"""Bytes; a larger file was not meant."""

_PLACEHOLDER = re.compile(
    r"\$(?P<escaped>\$\{)"
    r"|\$\{file:(?P<path>\s*[^}\s][^}]*)\}"
    r"|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<otherwise>:-(?P<default>[^}]*))?\}"
    r"|(?P<malformed>\$\{[^}]{0,40}\}?)"
)


_STAND_IN_ADDRESS = "http://not-configured.invalid"
"""In place of the start of an address; no such host exists (RFC 2606, section 2)."""

_STAND_IN_PART = "1"
"""In place of a part of an address: valid as a host, a port and a segment of a path."""


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A variable in a file."""

    name: str
    keys: Keys
    """The path to the text that contains it."""

    text: str
    """That text as written."""

    default: str | None
    """What it is when it is not set or empty; None: it has to be set."""


@dataclass(frozen=True, kw_only=True)
class FilledIn:
    """The result of `fill_in`."""

    value: dict[str, object]
    """The values with placeholders replaced; a text with a wrong placeholder is unchanged."""

    as_written: Mapping[Keys, str]
    """The original of each text that contains a placeholder; messages may show it."""

    valueless: Mapping[Keys, tuple[str, ...]]
    """For each text that waits for variables: those that are not set or empty, and have no default."""

    inserted: Mapping[Keys, tuple[str, ...]]
    """What variables and files gave for the placeholders of each text. A default is written in the file, so it is not
    in it."""

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
    valueless: dict[Keys, tuple[str, ...]] = {}

    def fill_text(text: str, keys: Keys) -> str:
        if "${" not in text:
            return text
        as_written[keys] = text
        before = len(values.problems)
        filled = _PLACEHOLDER.sub(lambda found: values.replacement(found, keys), text)
        if names := _without_value(text, environment, filled):
            valueless[keys] = names
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
    inserted = {keys: tuple(texts) for keys, texts in values.inserted.items()}
    return FilledIn(
        value=filled,
        as_written=as_written,
        valueless=valueless,
        inserted=inserted,
        problems=tuple(values.problems),
    )


def variables_in(text: str, keys: Keys) -> Iterator[Variable]:
    """Yield each variable in a text as it is written at `keys`, in their order."""
    defaults = {found["name"]: found["default"] for found in _variables(text)}
    return (Variable(name=name, keys=keys, text=text, default=default) for name, default in defaults.items())


def stand_in_address(text: str) -> str:
    """Return the text of an address with a part that is valid in place of each placeholder."""
    return _PLACEHOLDER.sub(lambda found: _STAND_IN_PART if found.start() else _STAND_IN_ADDRESS, text)


def _variables(text: str) -> Iterator[re.Match[str]]:
    return (found for found in _PLACEHOLDER.finditer(text) if found["name"])


def _without_value(text: str, environment: Mapping[str, str], filled: str) -> tuple[str, ...]:
    """Return the variables that a text waits for: all of them if the text is blank because of them."""
    found = list(_variables(text))
    if not filled.strip():
        return tuple(dict.fromkeys(each["name"] for each in found))
    waits = (each["name"] for each in found if each["otherwise"] is None)
    return tuple(dict.fromkeys(name for name in waits if not environment.get(name, "").strip()))


def _in_key(keys: Keys, key: str) -> Problem:
    return Problem(keys=(*keys, key), code="variable_in_key")


@dataclass(frozen=True, kw_only=True)
class _Values:
    """The values of placeholders, and the problems found while they were looked up."""

    environment: Mapping[str, str]
    directory: Path
    problems: list[Problem] = field(default_factory=list)
    inserted: defaultdict[Keys, list[str]] = field(default_factory=lambda: defaultdict(list))

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
            return self._inserted(self._secret(found["path"].strip(), keys), keys)
        value = self._variable(found["name"], found["otherwise"], found["default"], keys)
        return value if value == found["default"] else self._inserted(value, keys)

    def _inserted(self, value: str, keys: Keys) -> str:
        if value.strip():
            self.inserted[keys].append(value)
        return value

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
