"""The attributes of a sample: types, how often they are filled, values, roles, and which may identify objects. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType

from wfs_proxy.features import FeatureBatch
from wfs_proxy.inspect.report import FieldReport, FieldRole, IdCandidate, MarkCandidate
from wfs_proxy.inspect.roles import is_personal, mark_in, role_of, words_of
from wfs_proxy.values import CASTS, FieldType, is_absent, key_text, to_text

__all__ = ["FieldsOfSample", "describe_fields", "describe_ids", "is_stable", "printable"]

_EXAMPLES = 3
_LONGEST_EXAMPLE = 60
"""Characters."""

_DECLARED_TYPES: Mapping[str, FieldType] = {
    **dict.fromkeys(["int", "integer", "long", "short", "byte", "nonNegativeInteger", "positiveInteger"], "integer"),
    **dict.fromkeys(["double", "float", "decimal", "number"], "number"),
    "boolean": "boolean",
    "date": "date",
    **dict.fromkeys(["dateTime", "date-time"], "datetime"),
}
"""Types of XML Schema and of JSON Schema -> ours; all others are text."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}Z?|\d{2}-\d{2}-\d{4}")
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?")
_LEADING_ZERO = re.compile(r"[+-]?0\d")


def printable(text: str) -> str:
    """Return one line without control characters, which could end a comment or command a terminal."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


@dataclass(frozen=True, kw_only=True)
class FieldsOfSample:
    """The fields of a sample and the marks among them."""

    fields: tuple[FieldReport, ...]
    marks: tuple[MarkCandidate, ...]


def describe_fields(
    batch: FeatureBatch, declared: Mapping[str, str], titles: Mapping[str, str] = MappingProxyType({})
) -> FieldsOfSample:
    """Return a report of every attribute, in the order of the objects' attributes.

    Args:
        batch: the sample.
        declared: attribute -> type in the schema.
        titles: attribute -> what the vendor calls it for people.
    """
    own = [name for name in batch.columns if not _is_feature_id(batch, name)]
    names = [*own, *(name for name in declared if name not in own and not _is_technical(name))]
    found = [_describe(name, batch.column(name), declared.get(name), titles.get(name, "")) for name in names]
    marks = [mark for _, mark in found if mark is not None]
    # a name that says so is better evidence than a status
    marks.sort(key=lambda mark: "status" in words_of(mark.field))
    return FieldsOfSample(fields=tuple(field for field, _ in found), marks=tuple(marks))


def _is_feature_id(batch: FeatureBatch, name: str) -> bool:
    """Whether a column repeats the feature ids, as the GeoJSON reader makes one of them where objects have no `id`."""
    return name == "id" and all(
        key_text(value) == key_text(own) for value, own in zip(batch.column(name), batch.ids, strict=True)
    )


def _is_technical(name: str) -> bool:
    """Whether a name in a schema is one that GML gives to every feature."""
    return name in {"boundedBy", "name", "description", "location", "metaDataProperty"}


def _describe(
    name: str, values: Iterable[object], declared: str | None, title: str
) -> tuple[FieldReport, MarkCandidate | None]:
    listed = list(values)
    filled = [value for value in listed if not is_absent(value)]
    nested = any(isinstance(value, list | dict) for value in filled)
    texts = Counter(text for value in filled if (text := to_text(value)))
    role: FieldRole | None = "empty" if not texts else role_of(name, list(texts)) or role_of(title, ())
    mark = None
    if role is None and nested:
        role = "nested"
    if role is None:
        mark = mark_in(name, list(texts))
        role = "mark" if mark is not None else None
    shown = _most_common(texts) if role in {None, "mark"} else []
    report = FieldReport(
        name=name,
        declared=declared,
        type=_type_of(filled, declared),
        filled=len(filled) / len(listed) if listed else 0.0,
        distinct=len(texts),
        examples=tuple(map(_shortened, shown)),
        role=role,
        title="" if title.casefold() == name.casefold() else _shortened(title),
    )
    return report, mark


def _most_common(texts: Counter[str]) -> list[str]:
    """Return the most frequent values, none of which looks personal."""
    harmless = (text for text, _ in texts.most_common() if not is_personal(text))
    return list(islice(harmless, _EXAMPLES))


def _shortened(text: str) -> str:
    line = printable(text)
    return line if len(line) <= _LONGEST_EXAMPLE else f"{line[: _LONGEST_EXAMPLE - 3]}..."


def _type_of(filled: Sequence[object], declared: str | None) -> FieldType:
    """Return the type of a field: that of the schema or of JSON, if every value fits it; else text.

    Digits without a declared type stay text, and so do leading zeros: an id keeps its form.
    """
    wanted = _DECLARED_TYPES.get(declared or "") or _type_of_values(filled)
    if any(CASTS[wanted](value) is None for value in filled):
        return "string"
    zeros = wanted == "integer" and any(isinstance(value, str) and _LEADING_ZERO.match(value) for value in filled)
    return "string" if zeros else wanted


def _type_of_values(filled: Sequence[object]) -> FieldType:
    kinds = {type(value) for value in filled}
    if kinds == {str}:
        texts = [str(value).strip() for value in filled]
        if all(map(_DATE.fullmatch, texts)):
            return "date"
        return "datetime" if all(map(_DATETIME.fullmatch, texts)) else "string"
    if kinds == {bool}:
        return "boolean"
    if kinds == {int}:
        return "integer"
    return "number" if kinds and kinds <= {int, float} else "string"


_MOSTLY_DISTINCT = 0.9
"""Share of different values from which a field is worth showing as an id with duplicates."""

_NUMBER_OF_OBJECT = re.compile(r"nummer|(?:^|_)nr(?:_|$)|number|code|identificatie|lokaal_?id|kenmerk|sleutel|key|uri")
_ID = re.compile(r"(?:^|_)(?:id|guid|uuid|globalid|identifier)(?:_|$)|id$")
_ROW_NUMBER = re.compile(r"(?:^|_)(?:objectid|object_id|fid|gid|oid|ogc_fid|rowid|recno|mslink|pk)(?:_?\d+)?$")
_MEASURE = re.compile(
    r"^(?:[xyz]|lat|lon|lng|latitude|longitude|wkt|geom.*|shape.*|rd_?[xy]|[xy]_?(?:coord.*|rd))$|lengte|length|area|"
    r"oppervlak|hoogte|height|diameter|breedte|coordinat"
)


def describe_ids(
    batch: FeatureBatch, again: FeatureBatch | None, fields: Sequence[FieldReport]
) -> tuple[IdCandidate, ...]:
    """Return the attributes that may identify objects, the best first; the feature id of the source is one.

    Only candidates in which every object has a value are considered, and none that look personal or like a measure.

    Args:
        batch: the sample.
        again: the answer to a second request, which may have fewer objects; None without one.
        fields: of the sample.
    """
    if not len(batch):
        return ()
    named = [field.name for field in fields if _may_identify(field)]
    candidates = [
        IdCandidate(
            name=name,
            objects=len(batch),
            distinct=len(set(_values(batch, name))),
            stable=None if again is None else is_stable(batch, again, name),
            examples=tuple(map(_shortened, _most_common(Counter(_values(batch, name))))),
        )
        for name in [*named, None]
        if all(_values(batch, name))
    ]
    likely = [each for each in candidates if each.distinct >= _MOSTLY_DISTINCT * each.objects]
    return tuple(sorted(likely, key=lambda each: (not each.usable, not each.unique, _rank(each.name))))


def _may_identify(field: FieldReport) -> bool:
    measured = field.type in {"number", "boolean", "date", "datetime"} or _MEASURE.search(words_of(field.name))
    return field.role is None and field.filled == 1.0 and not measured


def _rank(name: str | None) -> int:
    """Return the place of a name: the number on the object, an id, the id of the source, a row number, anything."""
    if name is None:
        return 2
    words = words_of(name)
    if _ROW_NUMBER.search(words):
        return 3
    if _NUMBER_OF_OBJECT.search(words):
        return 0
    return 1 if _ID.search(words) else 4


def _values(batch: FeatureBatch, name: str | None) -> list[str]:
    return [key_text(value) for value in (batch.ids if name is None else batch.column(name))]


def is_stable(batch: FeatureBatch, again: FeatureBatch, name: str | None) -> bool | None:
    """Whether the objects of both answers have the same values; None when no object is in both.

    An object is recognised by its geometry, or without one by its other attributes, if no other object has the same.
    """
    before, after = _by_content(batch, name), _by_content(again, name)
    common = before.keys() & after.keys()
    return all(before[content] == after[content] for content in common) if common else None


def _by_content(batch: FeatureBatch, name: str | None) -> Mapping[object, str]:
    contents: list[object] = [None if geometry is None else geometry.wkb for geometry in batch.geometry]
    if all(content is None for content in contents):
        others = [column for column in batch.columns if column != name]
        contents = [repr([batch.columns[column][row] for column in others]) for row in range(len(batch))]
    counts = Counter(contents)
    values = _values(batch, name)
    return {
        content: value
        for content, value in zip(contents, values, strict=True)
        if content is not None and counts[content] == 1
    }
