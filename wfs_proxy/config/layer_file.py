"""Read one file: returns the validated model and all problems.

    bytes -> values with positions -> ${VAR} replaced -> model -> rules
             yaml12                   placeholders       layer    layer_rules

Each step continues with the valid part of the result of the previous step, so that one misspelt key hides no other
problem. An address that waits for a variable is replaced by a stand-in, so that it hides none either.
"""

from __future__ import annotations

import copy
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from wfs_proxy.config.diagnostics import FileProblem
from wfs_proxy.config.layer import Layer
from wfs_proxy.config.layer_rules import broken_rules
from wfs_proxy.config.model_errors import problems_of, value_at
from wfs_proxy.config.signalen_file import SignalenFile
from wfs_proxy.config.unconfigured import Unconfigured, WaitingAddress, waiting_instances, waiting_source
from wfs_proxy.config.yaml12 import Keys
from wfs_proxy.config.yaml_file import YamlFile, is_below, read_yaml_file

__all__ = ["CheckedFile", "read_layer_file", "read_signalen_file"]

_Model = TypeVar("_Model", bound=BaseModel)

_FIELDS: Keys = ("properties", "fields")
_FOR_REQUESTS: frozenset[Keys] = frozenset({("source", "auth"), ("source", "tls")})
"""Blocks that only requests need."""

_STAND_INS: Mapping[Keys, object] = {
    ("id",): "stand-in",
    ("title",): "stand-in",
    ("source",): {"type": "wfs", "url": "http://stand-in.example", "type_names": ["stand-in"]},
}
"""Valid values for required keys that no rule is about, used while the given value is wrong."""


@dataclass(frozen=True, kw_only=True)
class CheckedFile(Generic[_Model]):
    """The result of reading one file."""

    file: YamlFile
    """The values of the file and their positions."""

    model: _Model | None
    """The validated content; None if the file has a problem or is not configured."""

    problems: tuple[FileProblem, ...]
    """All problems within this file; problems between files are found by the catalogue."""

    unconfigured: tuple[Unconfigured, ...] = ()
    """What is not configured: the layer, or instances, which are not in `model`. Empty if the file has a problem."""


def read_layer_file(path: Path, environment: Mapping[str, str]) -> CheckedFile[Layer]:
    """Read one layer file; its default id is the file name. Never raises; errors are in `problems`."""
    file = read_yaml_file(path, environment)
    if not file.marks:
        return CheckedFile(file=file, model=None, problems=file.problems)
    address = waiting_source(file)
    if address is None:
        model, problems = _checked_layer(file)
        return CheckedFile(file=file, model=None if problems else model, problems=problems)
    stand_in = address.with_stand_in(file)
    _, problems = _checked_layer(stand_in, address.waiting)
    unconfigured = () if problems else (_unconfigured_layer(file, stand_in, address),)
    return CheckedFile(file=file, model=None, problems=problems, unconfigured=unconfigured)


def read_signalen_file(path: Path, environment: Mapping[str, str]) -> CheckedFile[SignalenFile]:
    """Read `signalen.yaml`. Never raises; errors are in `problems`."""
    file = read_yaml_file(path, environment)
    if not file.marks:
        return CheckedFile(file=file, model=None, problems=file.problems)
    addresses = waiting_instances(file)
    stand_in = file
    for address in addresses.values():
        stand_in = address.with_stand_in(stand_in)
    waiting = frozenset[Keys]().union(*(address.waiting for address in addresses.values()))
    model, problems = _validated(stand_in, stand_in.value, SignalenFile, waiting)
    if problems:
        return CheckedFile(file=file, model=None, problems=problems)
    unconfigured = tuple(
        Unconfigured(what="signalen", name=name, file=str(path), missing=address.missing, problem=address.problem(file))
        for name, address in addresses.items()
    )
    configured = model if not addresses else _configured_instances(file, addresses)
    return CheckedFile(file=file, model=configured, problems=(), unconfigured=unconfigured)


def _checked_layer(
    file: YamlFile, waiting: frozenset[Keys] = frozenset()
) -> tuple[Layer | None, tuple[FileProblem, ...]]:
    """Return the layer and all problems of its file but those at paths that wait for a value."""
    value = {"id": file.path.stem, **file.value}
    model, problems = _validated(file, value, Layer, waiting)
    if "id" not in file.value:
        problems = tuple(map(_about_file_name, problems))
    draft, cut = (model, set[Keys]()) if model is not None else _draft(file, value)
    if draft is not None and not any(_FIELDS[: len(keys)] == keys for keys in cut):
        broken = (problem for problem in broken_rules(draft) if not any(is_below(keys, [problem.keys]) for keys in cut))
        problems += file.new_problems(broken, cut | waiting)
    return model, problems


def _unconfigured_layer(file: YamlFile, stand_in: YamlFile, address: WaitingAddress) -> Unconfigured:
    given = file.value.get("id")
    return Unconfigured(
        what="layer",
        name=given if isinstance(given, str) else file.path.stem,
        file=str(file.path),
        missing=address.missing,
        problem=address.problem(file),
        layer=_layer_without_requests(stand_in, address.waiting - {address.keys}),
    )


def _layer_without_requests(stand_in: YamlFile, waiting: frozenset[Keys]) -> Layer | None:
    """Return the layer without the blocks that wait; None if one of them is not only for requests."""
    if not {keys[:2] for keys in waiting} <= _FOR_REQUESTS:
        return None
    value = copy.deepcopy(dict(stand_in.value))
    for keys in waiting:
        _cut(value, keys[:2])
    model, problems = _checked_layer(replace(stand_in, value=value))
    return None if problems else model


def _configured_instances(file: YamlFile, waiting: Container[str]) -> SignalenFile | None:
    """Return the instances whose address is known; None if there is none. They have no problem."""
    instances = file.value["instances"]
    assert isinstance(instances, dict), "its keys are names of instances"
    known = {name: instance for name, instance in instances.items() if name not in waiting}
    if not known:
        return None
    return SignalenFile.model_validate({"instances": known}, context={"directory": file.path.parent})


def _validated(
    file: YamlFile, value: Mapping[str, object], model: type[_Model], waiting: frozenset[Keys]
) -> tuple[_Model | None, tuple[FileProblem, ...]]:
    try:
        return model.model_validate(value, context=_context(file)), file.problems
    except ValidationError as error:
        known = {problem.keys for problem in file.problems} | waiting
        return None, (*file.problems, *file.new_problems(problems_of(error, model, value), known))


def _context(file: YamlFile) -> Mapping[str, object]:
    """Return what validators need beside a value."""
    return {"directory": file.path.parent, "inserted": file.inserted}


def _about_file_name(problem: FileProblem) -> FileProblem:
    """A wrong id that the file does not contain is a wrong file name."""
    return replace(problem, code="layer_id_of_file") if problem.keys == ("id",) else problem


def _draft(file: YamlFile, value: Mapping[str, object]) -> tuple[Layer | None, set[Keys]]:
    """Build a layer without the wrong values, to apply the rules to the others; also return the paths left out."""
    draft = copy.deepcopy(dict(value))
    cut: set[Keys] = set()
    while True:
        try:
            return Layer.model_validate(draft, context=_context(file)), cut
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
