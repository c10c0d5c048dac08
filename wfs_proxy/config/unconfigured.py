"""Layers, and Signalen instances, whose address waits for a variable: they are not configured, which is no error.

The shipped layer files have addresses such as `${MOON_WFS_URL}`. A folder may contain all of them, and a proxy serves
those whose variable is set. Only the address decides: a password that misses in a layer with an address is an error.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from wfs_proxy.config.diagnostics import FileProblem, Problem, Remark
from wfs_proxy.config.layer import Layer
from wfs_proxy.config.model_errors import value_at
from wfs_proxy.config.placeholders import stand_in_address
from wfs_proxy.config.yaml12 import Keys
from wfs_proxy.config.yaml_file import YamlFile

__all__ = ["Unconfigured", "WaitingAddress", "waiting_instances", "waiting_source"]

_ADDRESSES: tuple[Keys, ...] = (("source", "url"), ("source", "path"))

_MISSING = {"variable_unset": "variable", "secret_unreadable": "path", "secret_empty": "path"}
"""Code of a problem that is none while the address misses too -> the detail that names what misses."""


@dataclass(frozen=True, kw_only=True)
class Unconfigured:
    """A layer that is not served, or an instance whose reports are not read, until its address is known."""

    what: Literal["layer", "signalen"]
    name: str
    """The id of the layer, or the name of the instance."""

    file: str
    """The path of the file, as given by the caller."""

    missing: tuple[str, ...]
    """The variables to set, those of the address first, and the paths of secrets that are not there yet."""

    problem: FileProblem
    """The same as an error, for a command that needs the address."""

    layer: Layer | None = None
    """With a stand-in for the address, for work without requests; None if the file waits for other values too."""

    @property
    def remark(self) -> Remark:
        """The same as information, for a list."""
        details = {"file": self.file, "name": self.name, "missing": ", ".join(self.missing)}
        return Remark(code=f"{self.what}_not_configured", details=details)


@dataclass(frozen=True, kw_only=True)
class WaitingAddress:
    """An address in a file that waits for variables, and what else misses in its block."""

    keys: Keys
    """The path to the address."""

    missing: tuple[str, ...]
    """As in `Unconfigured`."""

    waiting: frozenset[Keys]
    """The paths to all texts that wait, that of the address included."""

    def problem(self, file: YamlFile) -> FileProblem:
        """Return what an administrator reads who wants to use the block."""
        details = {
            "missing": ", ".join(self.missing),
            "example": self.missing[0],
            "written": file.as_written[self.keys],
        }
        return file.located(Problem(keys=self.keys, code="not_configured", details=details))

    def with_stand_in(self, file: YamlFile) -> YamlFile:
        """Return the file with a valid address, and without the problems that are none while the address waits."""
        value: dict[str, Any] = copy.deepcopy(dict(file.value))
        block = value_at(value, self.keys[:-1])
        assert isinstance(block, dict), "an address is in a block"
        block[self.keys[-1]] = stand_in_address(file.as_written[self.keys])
        problems = tuple(each for each in file.problems if each.code not in _MISSING or each.keys not in self.waiting)
        return replace(file, value=value, problems=problems)


def waiting_source(file: YamlFile) -> WaitingAddress | None:
    """Return the address of a layer file's source if it waits; then the whole file does."""
    return next((_waiting(file, keys, ()) for keys in _ADDRESSES if keys in file.valueless), None)


def waiting_instances(file: YamlFile) -> Mapping[str, WaitingAddress]:
    """Return the addresses in `signalen.yaml` that wait, by the name of their instance."""
    instances = file.value.get("instances")
    blocks: dict[str, Keys] = {name: ("instances", name) for name in (instances if isinstance(instances, dict) else ())}
    return {
        name: _waiting(file, (*block, "url"), block)
        for name, block in blocks.items()
        if (*block, "url") in file.valueless
    }


def _waiting(file: YamlFile, address: Keys, block: Keys) -> WaitingAddress:
    """Return an address that waits, with everything in a block that misses."""
    others = [problem for problem in file.problems if problem.code in _MISSING and problem.keys[: len(block)] == block]
    names = (problem.details[_MISSING[problem.code]] for problem in others)
    return WaitingAddress(
        keys=address,
        missing=tuple(dict.fromkeys((*file.valueless[address], *names))),
        waiting=frozenset({address, *(problem.keys for problem in others)}),
    )
