"""Select the objects of a layer by their attributes, and project the attributes to the fields that are served.

Most attributes have few distinct values, so each distinct value is converted once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from graphlib import TopologicalSorter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.config import NAME_IN_TEMPLATE, FieldRule, Properties, template_names
from wfs_proxy.features import ColumnKind, FeatureBatch
from wfs_proxy.pipeline.identity import Identified
from wfs_proxy.values import CASTS, FieldType, JsonValue, comparable_text, is_absent, to_text

__all__ = [
    "OutputColumns",
    "absent_attributes",
    "comparable_of",
    "kinds_of_fields",
    "project_fields",
    "select",
    "with_unique_key",
]

_LOOSE_ENDS = " ,;:/|-"
"""Characters that join the parts of a template; removed from both ends where a part is missing."""
_FAILED: Final = object()
_SAMPLE = 1000
"""The first values of an attribute, which show whether values repeat: where they do not, a cache costs more than it
saves."""

_KINDS: Mapping[FieldType, ColumnKind] = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "date": "string",
    "datetime": "string",
}
"""Type of a field -> the kind of the values that its cast returns."""


@dataclass(frozen=True, kw_only=True, eq=False)
class OutputColumns:
    """The fields of a layer as columns, and what went wrong."""

    columns: Mapping[str, NDArray[np.object_]]
    """output field -> (N,) JSON values (str, int, float, bool, None), in the order of the layer."""

    failed_casts: Mapping[str, int]
    """output field -> values that became null: not castable, or not in `map` without a default."""

    absent_fields: tuple[str, ...]
    """Configured source attributes that no object has."""


def select(batch: FeatureBatch, where: Mapping[str, tuple[str, ...]]) -> NDArray[np.bool_]:
    """Return (N,) True for objects that have, for each attribute, one of its values, compared as `comparable_text`.

    Null never matches, nor does an attribute that no object has (see `absent_attributes`). A repeated attribute matches
    when one of its values does.
    """
    chosen = np.ones(len(batch), dtype=np.bool_)
    for name, texts in where.items():
        wanted = frozenset(texts)
        values = batch.columns.get(name)
        if values is None:
            return np.zeros(len(batch), dtype=np.bool_)
        chosen &= _mapped(partial(_is_wanted, wanted), values).astype(np.bool_)
    return chosen


def project_fields(batch: FeatureBatch, properties: Properties) -> OutputColumns:
    """Return the fields that a layer names, and nothing else.

    A value is mapped, cast, or replaced by the default when it is absent (null or blank) or not in the map. Templates
    join output fields as text; one without any of its parts is absent, one with some has loose ends cut off.

    Raises:
        ValueError: templates refer to each other in a cycle; the catalogue refuses such a layer file.
    """
    fields = properties.fields
    columns: dict[str, NDArray[np.object_]] = {}
    failed: dict[str, int] = {}
    needs = {name: fields.keys() & template_names(rule.template or "") for name, rule in fields.items()}
    for name in TopologicalSorter(needs).static_order():
        rule = fields[name]
        values = batch.column(rule.source or name) if rule.template is None else _rendered(rule, columns, batch)
        columns[name], failed[name] = _converted(values, rule)
    return OutputColumns(
        columns={name: columns[name] for name in fields},
        failed_casts={name: failed[name] for name in fields if failed[name]},
        absent_fields=absent_attributes(batch, _sources(properties)),
    )


def kinds_of_fields(properties: Properties) -> Mapping[str, ColumnKind]:
    """Return output field -> the kind of its values."""
    return {name: _KINDS[rule.type] for name, rule in properties.fields.items()}


def with_unique_key(
    columns: Mapping[str, NDArray[np.object_]], identified: Identified, properties: Properties
) -> Mapping[str, NDArray[np.object_]]:
    """Return the columns with an `id_field` that is different for every object, if its type is string.

    A form selects all objects with the same value together. So an object that shares its key with others, or has none,
    has its own id there.

    Args:
        columns: output field -> (M,) JSON values of the objects that are kept.
        identified: their ids.
        properties: of the layer.
    """
    name = properties.id_field
    if name is None or properties.fields[name].type != "string":
        return columns
    return {**columns, name: np.where(identified.generated, identified.ids, columns[name])}


def absent_attributes(batch: FeatureBatch, names: Iterable[str]) -> tuple[str, ...]:
    """Return the `names` that no object has, each once. An attribute that is null everywhere is not absent.

    In a batch without objects no attribute is absent.
    """
    return tuple(name for name in dict.fromkeys(names) if name not in batch.columns) if len(batch) else ()


def _sources(properties: Properties) -> list[str]:
    sources = [rule.source or name for name, rule in properties.fields.items() if rule.template is None]
    return [*([properties.id] if properties.id else []), *sources]


def _converted(values: NDArray[np.object_], rule: FieldRule) -> tuple[NDArray[np.object_], int]:
    """Return (N,) the values converted by the rule, and how many conversions failed."""
    converted = _mapped(_conversion(rule), values)
    failed = np.fromiter((value is _FAILED for value in converted), dtype=np.bool_, count=len(converted))
    converted[failed] = None
    return converted, int(failed.sum())


def _conversion(rule: FieldRule) -> Callable[[object], object]:
    """Return the function that converts a vendor's value; its result is `_FAILED` where that is impossible."""
    cast = CASTS[rule.type]
    default = None if rule.default is None else cast(rule.default)
    known = {text: None if ours is None else cast(ours) for text, ours in (rule.map or {}).items()}
    otherwise: object = _FAILED if default is None else default

    def convert(value: object) -> object:
        if known and value is not None and (text := comparable_of(value)) in known:
            return known[text]
        if is_absent(value):
            return default
        if rule.map is not None:
            return otherwise
        result = cast(value)
        return _FAILED if result is None else result

    return convert


def _is_wanted(wanted: frozenset[str], value: object) -> bool:
    if isinstance(value, list):
        return any(_is_wanted(wanted, item) for item in value)
    return value is not None and comparable_of(value) in wanted


def comparable_of(value: object) -> str:
    """Return the text with which the values of a layer file are compared."""
    return comparable_text(value) if isinstance(value, str | int | float) else to_text(value) or ""


def _rendered(rule: FieldRule, columns: Mapping[str, NDArray[np.object_]], batch: FeatureBatch) -> NDArray[np.object_]:
    """Return (N,) the text of the rule's template; None where none of its parts has a value."""
    pieces = NAME_IN_TEMPLATE.split(rule.template or "")  # text, name, text, name, ..., text
    parts = [columns[name] if name in columns else [None] * len(batch) for name in pieces[1::2]]
    rows = zip(*parts, strict=True) if parts else [()] * len(batch)
    return np.fromiter((_joined(pieces[::2], row) for row in rows), dtype=object, count=len(batch))


def _joined(texts: list[str], values: tuple[JsonValue, ...]) -> str | None:
    words = ["" if value is None else to_text(value) or "" for value in values]
    line = "".join(text + word for text, word in zip(texts, [*words, ""], strict=True))
    if all(words):
        return line
    return re.sub(r"\s+", " ", line).strip(_LOOSE_ENDS) if any(words) else None


class _ResultsByValue(dict[tuple[type, Any], object]):
    """The results of a function by type and value of its argument: 1, 1.0 and True are equal but differ in type."""

    def __init__(self, function: Callable[[object], object]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, key: tuple[type, Any]) -> object:
        result = self[key] = self._function(key[1])
        return result


def _mapped(function: Callable[[object], object], values: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return (N,) `function` of every value, called once per distinct value where values repeat."""
    sample = values[:_SAMPLE]
    with suppress(TypeError):  # lists and dicts are not hashable
        if len(set(sample)) <= len(sample) / 2:
            results = _ResultsByValue(function)
            return np.fromiter((results[value.__class__, value] for value in values), dtype=object, count=len(values))
    return np.fromiter(map(function, values), dtype=object, count=len(values))
