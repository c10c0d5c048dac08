"""Read a YAML file: its values with placeholders replaced, their positions, and problems with their positions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wfs_proxy.config.diagnostics import FileProblem, Problem
from wfs_proxy.config.placeholders import Variable, fill_in, variables_in
from wfs_proxy.config.yaml12 import MAX_BYTES, Keys, Mark, read_yaml

__all__ = ["YamlFile", "is_below", "read_yaml_file"]


@dataclass(frozen=True, kw_only=True)
class YamlFile:
    """The content of one YAML file."""

    path: Path
    """The file."""

    value: Mapping[str, object] = field(default_factory=dict)
    """The mapping at the top level; empty if the file could not be read."""

    marks: Mapping[Keys, Mark] = field(default_factory=dict)
    """The position of each value; empty if the file could not be read."""

    as_written: Mapping[Keys, str] = field(default_factory=dict)
    """The original of each text that contains `${VAR}`."""

    valueless: Mapping[Keys, tuple[str, ...]] = field(default_factory=dict)
    """For each text that waits for variables: their names (`placeholders.py`)."""

    inserted: Mapping[Keys, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """What variables and files gave for the placeholders of each text."""

    problems: tuple[FileProblem, ...] = ()
    """The problems with the YAML and its variables."""

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables that the file uses, in their order, each where it occurs first."""
        found = (variable for keys, text in self.as_written.items() for variable in variables_in(text, keys))
        first: dict[str, Variable] = {}
        for variable in found:
            first.setdefault(variable.name, variable)
        return tuple(first.values())

    def located(self, problem: Problem) -> FileProblem:
        """Return `problem` with its position in this file, and without the content of variables."""
        return self.located_at(self._mark(problem.keys), problem)

    def located_at(self, mark: Mark | None, problem: Problem) -> FileProblem:
        """Return `problem` with the position `mark`; None for the file as a whole."""
        return FileProblem(
            file=str(self.path),
            line=mark.line if mark else None,
            column=mark.column if mark else None,
            keys=problem.keys,
            code=problem.code,
            details=self._shown(problem),
            nearest=problem.nearest,
            allowed=problem.allowed,
            belongs=problem.belongs,
        )

    def new_problems(self, problems: Iterable[Problem], known: Iterable[Keys]) -> tuple[FileProblem, ...]:
        """Locate those `problems` that are not at or below one of the paths in `known`."""
        reported = set(known)
        return tuple(self.located(problem) for problem in problems if not is_below(problem.keys, reported))

    def _mark(self, keys: Keys) -> Mark | None:
        """Return the position of a value, or of the innermost existing block on the path to it."""
        ways = (keys[:length] for length in range(len(keys), -1, -1))
        return next((self.marks[way] for way in ways if way in self.marks), None)

    def _shown(self, problem: Problem) -> Mapping[str, str]:
        below = (text for keys, text in self.as_written.items() if keys[: len(problem.keys)] == problem.keys)
        written = next(below, None)
        hidden = written is not None and "given" in problem.details
        return {**problem.details, "given": str(written)} if hidden else problem.details


def is_below(keys: Keys, places: Iterable[Keys]) -> bool:
    """Whether `keys` is one of `places` or below one of them."""
    known = set(places)
    return any(keys[:length] in known for length in range(1, len(keys) + 1))


def read_yaml_file(path: Path, environment: Mapping[str, str]) -> YamlFile:
    """Read `path`. Never raises; errors are in `problems`."""
    try:
        with path.open("rb") as stream:
            body = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        reason = getattr(error, "strerror", None) or type(error).__name__
        unreadable = Problem(code="file_unreadable", details={"reason": reason})
        return YamlFile(path=path, problems=(YamlFile(path=path).located(unreadable),))
    document = read_yaml(body)
    filled = fill_in(document.value, environment, path.parent)
    file = YamlFile(path=path, value=filled.value, marks=document.marks, as_written=filled.as_written)
    wrong_text = (
        file.located_at(problem.mark, Problem(keys=problem.keys, code=problem.code, details=problem.details))
        for problem in document.problems
    )
    unfilled = (file.located_at(document.marks.get(problem.keys), problem) for problem in filled.problems)
    return YamlFile(
        path=path,
        value=filled.value,
        marks=document.marks,
        as_written=filled.as_written,
        valueless=filled.valueless,
        inserted=filled.inserted,
        problems=(*wrong_text, *unfilled),
    )
