"""pydantic's errors -> what is wrong, where, and which names would have been possible.

pydantic's location also holds the kinds that it chose among (the `type` of a source, the variant of a union), and it
goes on below a value that the file gives in a short form. What is a key and what is a kind is told by the model.
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

from wfs_proxy.config.diagnostics import Problem, nearest
from wfs_proxy.config.layer import Layer
from wfs_proxy.config.messages import LAST_RESORT, TEXTS
from wfs_proxy.config.yaml12 import Keys

__all__ = ["problems_of", "value_at"]


def problems_of(error: ValidationError, model: type[BaseModel], value: object) -> tuple[Problem, ...]:
    """What `error`, raised for `value` as a `model`, has against it; one problem a place and kind."""
    details = error.errors(include_url=False, include_input=False)
    found = {(problem.keys, problem.code): problem for problem in (_problem(item, model, value) for item in details)}
    return tuple(found.values())


def value_at(value: object, keys: Keys) -> object:
    """The value at the end of `keys`; None when there is none."""
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
    """What the sentence needs of pydantic's context, which may also hold the value itself."""
    needed = {name for _, name, _, _ in Formatter().parse(TEXTS.get(code, LAST_RESORT).en)}
    told = {name: f"{detail:g}" if isinstance(detail, float) else str(detail) for name, detail in context.items()}
    return {name: detail for name, detail in told.items() if name in needed}


def _in_file(keys: Keys, value: object) -> Keys:
    """`keys` as far as the file has them: `nummer: strin` stands for `nummer: {type: strin}`."""
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
    """The keys in a location, and the kind of the block that the last one stands in."""
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
    """The kinds that a value may have, by what a location calls them; the key is None when there is only one."""
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
    """The kind of a block's key, a mapping's value or a list's item."""
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
    """Key -> the blocks of a layer file that have it, for keys that were put into the wrong block."""
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
