"""Read one file: returns the validated model and all problems.

    bytes -> values with positions -> ${VAR} replaced -> model -> rules
             yaml12                   placeholders       layer    layer_rules

Each step continues with the valid part of the result of the previous step, so that one misspelt key hides no other
problem.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from wfs_proxy.config.diagnostics import FileProblem
from wfs_proxy.config.layer import Layer
from wfs_proxy.config.layer_rules import broken_rules
from wfs_proxy.config.model_errors import problems_of, value_at
from wfs_proxy.config.signalen_file import SignalenFile
from wfs_proxy.config.yaml12 import Keys
from wfs_proxy.config.yaml_file import YamlFile, is_below, read_yaml_file

__all__ = ["CheckedFile", "read_layer_file", "read_signalen_file"]

_Model = TypeVar("_Model", bound=BaseModel)

_FIELDS: Keys = ("properties", "fields")
_STAND_INS: Mapping[Keys, object] = {
    ("id",): "stand-in",
    ("title",): "stand-in",
    ("source",): {"type": "geojson", "url": "stand-in.geojson"},
}
"""Valid values for required keys that no rule is about, used while the given value is wrong."""


@dataclass(frozen=True, kw_only=True)
class CheckedFile(Generic[_Model]):
    """The result of reading one file."""

    file: YamlFile
    """The values of the file and their positions."""

    model: _Model | None
    """The validated content; None if the file has a problem."""

    problems: tuple[FileProblem, ...]
    """All problems within this file; problems between files are found by the catalogue."""


def read_layer_file(path: Path, environment: Mapping[str, str]) -> CheckedFile[Layer]:
    """Read one layer file; its default id is the file name. Never raises; errors are in `problems`."""
    file = read_yaml_file(path, environment)
    if not file.marks:
        return CheckedFile(file=file, model=None, problems=file.problems)
    value = {"id": path.stem, **file.value}
    model, problems = _validated(file, value, Layer)
    if "id" not in file.value:
        problems = tuple(map(_about_file_name, problems))
    draft, cut = (model, set[Keys]()) if model is not None else _draft(file, value)
    if draft is not None and not any(_FIELDS[: len(keys)] == keys for keys in cut):
        broken = (problem for problem in broken_rules(draft) if not any(is_below(keys, [problem.keys]) for keys in cut))
        problems += file.new_problems(broken, cut)
    return CheckedFile(file=file, model=None if problems else model, problems=problems)


def read_signalen_file(path: Path, environment: Mapping[str, str]) -> CheckedFile[SignalenFile]:
    """Read `signalen.yaml`. Never raises; errors are in `problems`."""
    file = read_yaml_file(path, environment)
    if not file.marks:
        return CheckedFile(file=file, model=None, problems=file.problems)
    model, problems = _validated(file, file.value, SignalenFile)
    return CheckedFile(file=file, model=None if problems else model, problems=problems)


def _validated(
    file: YamlFile, value: Mapping[str, object], model: type[_Model]
) -> tuple[_Model | None, tuple[FileProblem, ...]]:
    try:
        return model.model_validate(value, context={"directory": file.path.parent}), file.problems
    except ValidationError as error:
        known = {problem.keys for problem in file.problems}
        return None, (*file.problems, *file.new_problems(problems_of(error, model, value), known))


def _about_file_name(problem: FileProblem) -> FileProblem:
    """A wrong id that the file does not contain is a wrong file name."""
    return replace(problem, code="layer_id_of_file") if problem.keys == ("id",) else problem


def _draft(file: YamlFile, value: Mapping[str, object]) -> tuple[Layer | None, set[Keys]]:
    """Build a layer without the wrong values, to apply the rules to the others; also return the paths left out."""
    draft = copy.deepcopy(dict(value))
    cut: set[Keys] = set()
    while True:
        try:
            return Layer.model_validate(draft, context={"directory": file.path.parent}), cut
        except ValidationError as error:
            wrong = {_to_cut(problem.keys, draft) for problem in problems_of(error, Layer, draft)}
        if not wrong - cut:
            return None, cut
        for keys in wrong:
            _cut(draft, keys)
        cut |= wrong


def _to_cut(keys: Keys, draft: Mapping[str, object]) -> Keys:
    """Return the path to leave out because of a problem at `keys`: a whole list, so that other indexes stay valid."""
    if keys[:1] == ("source",) or keys in _STAND_INS:
        return keys[:1]
    parent = value_at(draft, keys[:-1])
    while keys and (isinstance(keys[-1], int) or not isinstance(parent, dict) or keys[-1] not in parent):
        keys = keys[:-1]
        parent = value_at(draft, keys[:-1])
    return keys


def _cut(draft: dict[str, Any], keys: Keys) -> None:
    parent = value_at(draft, keys[:-1])
    if not keys or not isinstance(parent, dict):
        return
    if keys in _STAND_INS:
        parent[keys[-1]] = _STAND_INS[keys]
    elif keys[:-1] == _FIELDS:
        parent[keys[-1]] = {}  # the field stays, so that templates may name it
    else:
        parent.pop(keys[-1], None)
