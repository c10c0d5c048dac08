"""A YAML file as values, each with its place, `${VAR}` filled in; and the faults that get a place by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wfs_proxy.config.diagnostics import Fault, Finding
from wfs_proxy.config.placeholders import fill_in
from wfs_proxy.config.yaml12 import MAX_BYTES, Keys, Mark, read_yaml

__all__ = ["YamlFile", "is_below", "read_yaml_file"]


@dataclass(frozen=True, kw_only=True)
class YamlFile:
    """What one file says, whatever it is about."""

    path: Path
    """The file."""

    value: Mapping[str, object] = field(default_factory=dict)
    """The mapping at the top; empty when the file could not be read."""

    marks: Mapping[Keys, Mark] = field(default_factory=dict)
    """Where the values stand; empty when the file could not be read."""

    as_written: Mapping[Keys, str] = field(default_factory=dict)
    """The texts that had a `${VAR}`, before it was filled in."""

    faults: tuple[Fault, ...] = ()
    """What is wrong with the text and its variables."""

    def fault(self, finding: Finding) -> Fault:
        """`finding` with its place in this file, and without anything that a variable held."""
        return self.fault_at(self._mark(finding.keys), finding)

    def fault_at(self, mark: Mark | None, finding: Finding) -> Fault:
        """`finding` at `mark`; None for the file as a whole."""
        return Fault(
            file=str(self.path),
            line=mark.line if mark else None,
            column=mark.column if mark else None,
            keys=finding.keys,
            code=finding.code,
            details=self._shown(finding),
            nearest=finding.nearest,
            allowed=finding.allowed,
            belongs=finding.belongs,
        )

    def new_faults(self, findings: Iterable[Finding], told: Iterable[Keys]) -> tuple[Fault, ...]:
        """Faults for those findings that are not about a value of which a fault was `told` already."""
        known = set(told)
        return tuple(self.fault(finding) for finding in findings if not is_below(finding.keys, known))

    def _mark(self, keys: Keys) -> Mark | None:
        """Where a value stands, or else the innermost block that it would stand in."""
        ways = (keys[:length] for length in range(len(keys), -1, -1))
        return next((self.marks[way] for way in ways if way in self.marks), None)

    def _shown(self, finding: Finding) -> Mapping[str, str]:
        below = (text for keys, text in self.as_written.items() if keys[: len(finding.keys)] == finding.keys)
        written = next(below, None)
        hidden = written is not None and "given" in finding.details
        return {**finding.details, "given": str(written)} if hidden else finding.details


def is_below(keys: Keys, places: Iterable[Keys]) -> bool:
    """Whether `keys` leads to, or to something within, one of `places`."""
    known = set(places)
    return any(keys[:length] in known for length in range(1, len(keys) + 1))


def read_yaml_file(path: Path, environment: Mapping[str, str]) -> YamlFile:
    """Read `path`. Never raises: what is wrong stands in `faults`."""
    try:
        with path.open("rb") as stream:
            body = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        reason = getattr(error, "strerror", None) or type(error).__name__
        file = YamlFile(path=path)
        return YamlFile(path=path, faults=(file.fault(Finding(code="file_unreadable", details={"reason": reason})),))
    document = read_yaml(body)
    filled = fill_in(document.value, environment)
    file = YamlFile(path=path, value=filled.value, marks=document.marks, as_written=filled.as_written)
    wrong_text = (
        file.fault_at(fault.mark, Finding(keys=fault.keys, code=fault.code, details=fault.details))
        for fault in document.faults
    )
    unfilled = (file.fault_at(document.marks.get(finding.keys), finding) for finding in filled.findings)
    return YamlFile(
        path=path,
        value=filled.value,
        marks=document.marks,
        as_written=filled.as_written,
        faults=(*wrong_text, *unfilled),
    )
