"""Convert pydantic's errors to problems: the code, the path of keys, and the names that are allowed.

The location of a pydantic error contains more than keys: the variant of each union (such as the `type` of a source),
and keys below a value that the file has in a short form. The annotations of the model tell keys from variants.
"""

from __future__ import annotations

import functools
import types
import typing
from collections import defaultdict
from collections.abc import Iterator, Mapping
from string import Formatter

from pydantic import BaseModel, Tag, ValidationError
from pydantic_core import ErrorDetails

from wfs_proxy.config.diagnostics import Problem
from wfs_proxy.config.layer import Layer
from wfs_proxy.config.messages import LAST_RESORT, TEXTS
from wfs_proxy.config.similar_names import nearest
from wfs_proxy.config.yaml12 import Keys

__all__ = ["problems_of", "value_at"]


def problems_of(error: ValidationError, model: type[BaseModel], value: object) -> tuple[Problem, ...]:
    """Return the problems in `error`, which validating `value` as `model` raised; one per path and code."""
    details = error.errors(include_url=False, include_input=False)
    found = {(problem.keys, problem.code): problem for problem in (_problem(item, model, value) for item in details)}
    return tuple(found.values())


def value_at(value: object, keys: Keys) -> object:
    """Return the value at the path `keys`; None if there is none."""
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return value


def _problem(error: ErrorDetails, model: type[BaseModel], value: object) -> Problem:
    keys, block = _located(error["loc"], model)
    code = error["type"]
    if code == "extra_forbidden":
        return _unknown_key(keys, block)
    keys = _in_file(keys, value) if code != "missing" else (*_in_file(keys[:-1], value), keys[-1])
    if code in {"literal_error", "union_tag_invalid", "state"}:
        return _unknown_word(keys, code, error.get("ctx", {}), value)
    return Problem(keys=keys, code=code, details=_details(code, error.get("ctx", {})))


def _details(code: str, context: Mapping[str, object]) -> dict[str, str]:
    """Return what the sentence needs from pydantic's context, without the value, which may be secret."""
    needed = {name for _, name, _, _ in Formatter().parse(TEXTS.get(code, LAST_RESORT).en)}
    shown = {name: f"{detail:g}" if isinstance(detail, float) else str(detail) for name, detail in context.items()}
    return {name: detail for name, detail in shown.items() if name in needed}


def _in_file(keys: Keys, value: object) -> Keys:
    """Cut `keys` to what the file contains: `nummer: strin` is short for `nummer: {type: strin}`."""
    for length, key in enumerate(keys):
        inner = value_at(value, keys[:length])
        if not isinstance(inner, dict | list) or (isinstance(inner, dict) and key not in inner):
            return keys[:length]
    return keys


def _unknown_key(keys: Keys, block: object) -> Problem:
    allowed = _names(block)
    belongs = _blocks_by_key().get(str(keys[-1]), ())
    return Problem(
        keys=keys,
        code="extra_forbidden",
        nearest=nearest(str(keys[-1]), allowed),
        allowed=allowed,
        belongs=belongs[0] if len(belongs) == 1 else None,
    )


def _unknown_word(keys: Keys, code: str, context: Mapping[str, object], value: object) -> Problem:
    expected = str(context.get("expected", context.get("expected_tags", "")))
    allowed = tuple(word.strip(" '") for word in expected.replace(" or ", ", ").split(","))
    if code == "union_tag_invalid":
        keys = (*keys, "type")
    return Problem(keys=keys, code=code, nearest=nearest(str(value_at(value, keys)), allowed), allowed=allowed)


def _located(location: tuple[str | int, ...], model: type[BaseModel]) -> tuple[Keys, object]:
    """Return the keys in a location, and the type of the block that contains the last one."""
    keys: list[str | int] = []
    kind: object = model
    block: object = model
    for part in location:
        if part == "[key]":
            break
        variants = _variants(kind)
        if part in variants:
            kind = variants[part]
            continue
        block = next(iter(variants.values()), None)
        kind = _below(block, part)
        keys.append(part)
    return tuple(keys), block


def _variants(kind: object) -> dict[object, object]:
    """Return the possible types of a value by their name in a location; the name is None if there is only one."""
    if typing.get_origin(kind) is typing.Annotated:
        return _variants(typing.get_args(kind)[0])
    if typing.get_origin(kind) not in {typing.Union, types.UnionType}:
        return {None: kind}
    members = [member for member in typing.get_args(kind) if member is not types.NoneType]
    return _variants(members[0]) if len(members) == 1 else {_tag(member): member for member in members}


def _tag(kind: object) -> object:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return typing.get_args(kind.model_fields["type"].annotation)[0]
    return next((item.tag for item in typing.get_args(kind)[1:] if isinstance(item, Tag)), kind)


def _below(kind: object, part: str | int) -> object:
    """Return the type of a key of a block, of the values of a mapping, or of the items of a list."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = {field.alias or name: field.annotation for name, field in kind.model_fields.items()}
        return fields.get(str(part))
    if typing.get_origin(kind) is typing.Annotated:
        return _below(typing.get_args(kind)[0], part)
    arguments = typing.get_args(kind)
    return arguments[0 if typing.get_origin(kind) is tuple else -1] if arguments else None


def _names(block: object) -> tuple[str, ...]:
    if not (isinstance(block, type) and issubclass(block, BaseModel)):
        return ()
    return tuple(field.alias or name for name, field in block.model_fields.items())


@functools.cache
def _blocks_by_key() -> Mapping[str, tuple[str, ...]]:
    """Return the blocks of a layer file that have each key, to suggest the right block for a misplaced key."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for path, block in _blocks(Layer, ""):
        for name in _names(block):
            found[name][path] = None
    return {name: tuple(path for path in paths if path) for name, paths in found.items() if "" not in paths}


def _blocks(kind: object, path: str) -> Iterator[tuple[str, type[BaseModel]]]:
    for variant in _variants(kind).values():
        if isinstance(variant, type) and issubclass(variant, BaseModel):
            yield path, variant
            for name, inner in variant.model_fields.items():
                yield from _blocks(inner.annotation, f"{path}.{inner.alias or name}".removeprefix("."))
        elif typing.get_origin(variant) in {tuple, Mapping, typing.get_origin(Mapping[str, str])}:
            yield from _blocks(_below(variant, 0), path)
