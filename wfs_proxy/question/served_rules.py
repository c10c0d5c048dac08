"""The rules for a question of Signalen that served objects decide: does each show, can it be chosen, is it marked?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wfs_proxy.config import Layer, MarkRule
from wfs_proxy.question.findings import QuestionFinding, error, likely_name, warning
from wfs_proxy.question.javascript import (
    UNDEFINED,
    chosen_entry,
    is_truthy,
    loosely_alike,
    property_of,
    strictly_equal,
)
from wfs_proxy.question.rules import SignalenForm, entries_of, templates_in
from wfs_proxy.question.signalen import BLOCKED, NOT_ON_MAP, RESERVED

__all__ = ["rules_of_marks", "rules_of_objects"]

Feature = Mapping[str, Any]
Entry = Mapping[str, Any]


def rules_of_objects(
    meta: Mapping[str, Any], features: Sequence[Feature], form: SignalenForm
) -> Iterator[QuestionFinding]:
    """Yield what is wrong between a question and objects.

    Args:
        meta: of the question.
        features: GeoJSON features, as the endpoint serves them.
        form: the form that shows them.
    """
    entries = entries_of(meta, "featureTypes")
    yield from _features(features, form)
    properties = [feature["properties"] for feature in features if isinstance(feature.get("properties"), Mapping)]
    for index, entry in enumerate(entries):
        if entry.get("typeValue") != NOT_ON_MAP:
            yield from _condition(entry, properties, f"meta.featureTypes[{index}]")
    if form == "signalen":
        yield from _type_values(entries)
    chosen = [chosen_entry(each, entries) for each in properties]
    if hidden := chosen.count(None):
        yield error("objects_hidden", "meta.featureTypes", count=str(hidden), total=str(len(properties)))
    for index, entry in enumerate(entries):
        shown = [each for each, choice in zip(properties, chosen, strict=True) if choice == index]
        yield from _identity(entry, shown, f"meta.featureTypes[{index}]")
        yield from _templates(entry, shown, f"meta.featureTypes[{index}]")
    yield from _unique_ids(entries, properties, chosen)
    if form == "signalen":
        yield from _statuses(entries_of(meta, "featureStatusTypes"), properties)


def rules_of_marks(
    meta: Mapping[str, Any], layer: Layer, samples: Sequence[Feature], form: SignalenForm
) -> Iterator[QuestionFinding]:
    """Yield what keeps reported objects from looking reported.

    Args:
        meta: of the question.
        layer: says which properties are marks.
        samples: objects of the layer, reported and not.
        form: the form that shows them.
    """
    if layer.reports is None:
        return
    marks = {rule.property: rule for rule in layer.reports.mark}
    entries = entries_of(meta, "featureTypes")
    of_marks = {
        index
        for index, entry in enumerate(entries)
        if (rule := marks.get(str(entry.get("typeField")))) is not None
        and strictly_equal(entry.get("typeValue", UNDEFINED), rule.reported)
    }
    first = layer.reports.mark[0]
    yield from _looks_reported(entries, first, samples)
    reported = [
        each["properties"] for each in samples if strictly_equal(each["properties"][first.property], first.reported)
    ]
    if all(chosen_entry(properties, entries) in of_marks for properties in reported):
        return
    if of_marks:
        yield error("reported_not_first", f"meta.featureTypes[{min(of_marks)}]")
    elif form == "wcag" or not _has_status(entries_of(meta, "featureStatusTypes"), reported):
        yield error("mark_not_shown", "meta.featureTypes", property=first.property, value=_json(first.reported))


def _looks_reported(entries: Sequence[Entry], mark: MarkRule, samples: Sequence[Feature]) -> Iterator[QuestionFinding]:
    """Yield the entries with a picture for reported objects that are chosen for others."""
    properties = [each["properties"] for each in samples]
    others = [each for each in properties if not strictly_equal(each[mark.property], mark.reported)]
    for index in sorted({choice for each in others if (choice := chosen_entry(each, entries)) is not None}):
        icon = entries[index].get("icon")
        if isinstance(icon, Mapping) and "reported" in str(icon.get("iconUrl")):
            details = {"property": mark.property, "value": _json(mark.reported)}
            yield error("looks_reported", f"meta.featureTypes[{index}].icon", **details)


def _features(features: Sequence[Feature], form: SignalenForm) -> Iterator[QuestionFinding]:
    where = "meta.endpoint"
    if any(not isinstance(feature.get("properties"), Mapping) for feature in features):
        yield error("feature_without_properties", where)
    shapeless = [feature for feature in features if not _is_point(feature.get("geometry"))]
    if shapeless:
        yield error("feature_not_point", where, count=str(len(shapeless)))
    if form == "wcag" and any("created_at" in (feature.get("properties") or {}) for feature in features):
        yield error("feature_created_at", where)
    if form == "signalen" and features and isinstance(features[0].get("id"), int | float):
        yield error("feature_number_id", where)


def _is_point(geometry: object) -> bool:
    if not isinstance(geometry, Mapping) or geometry.get("type") != "Point":
        return False
    coordinates = geometry.get("coordinates")
    numbers = [each for each in coordinates if isinstance(each, int | float)] if isinstance(coordinates, list) else []
    return len(numbers) >= len(("longitude", "latitude"))


def _condition(entry: Entry, properties: Sequence[Mapping[str, Any]], where: str) -> Iterator[QuestionFinding]:
    """Check that an entry's field is served, and its value with the same type."""
    if "typeField" not in entry or "typeValue" not in entry or not properties:
        return
    field, wanted = entry["typeField"], entry["typeValue"]
    values = [property_of(each, field) for each in properties]
    if all(value is UNDEFINED for value in values):
        yield error("type_field_not_served", f"{where}.typeField", field=str(field), hint=_hint(field, properties))
    elif not any(strictly_equal(value, wanted) for value in values):
        alike = next((value for value in values if loosely_alike(value, wanted)), UNDEFINED)
        if alike is not UNDEFINED:
            yield error("type_value_differs", f"{where}.typeValue", given=_json(wanted), served=_json(alike))


def _type_values(entries: Sequence[Entry]) -> Iterator[QuestionFinding]:
    """Check the values of `typeValue`, by which the first form also finds the picture in its list."""
    for index, entry in enumerate(entries):
        value, where = entry.get("typeValue", UNDEFINED), f"meta.featureTypes[{index}].typeValue"
        if value == BLOCKED:
            # as the first entry it is the mark of the layer, whose file says so
            yield from [warning("choice_blocked", where)] if index else []
        elif isinstance(value, str) and value in RESERVED - {NOT_ON_MAP}:
            yield error("type_value_reserved", where, given=_json(value))
        first = next((each for each in entries if strictly_equal(each.get("typeValue", UNDEFINED), value)), entry)
        if first.get("icon") != entry.get("icon"):
            yield warning("icon_shared", where, given=_json(value))


def _identity(entry: Entry, shown: Sequence[Mapping[str, Any]], where: str) -> Iterator[QuestionFinding]:
    field = entry.get("idField", UNDEFINED)
    empty = [each for each in shown if not is_truthy(property_of(each, field))]
    if not isinstance(field, str) or not empty:
        return
    if len(empty) == len(shown):
        yield error("id_field_not_served", f"{where}.idField", field=field, hint=_hint(field, shown))
    else:
        yield error("id_field_empty", f"{where}.idField", field=field, count=str(len(empty)))


def _unique_ids(
    entries: Sequence[Entry], properties: Sequence[Mapping[str, Any]], chosen: Sequence[int | None]
) -> Iterator[QuestionFinding]:
    ids = Counter(
        str(value)
        for each, choice in zip(properties, chosen, strict=True)
        if choice is not None and is_truthy(value := property_of(each, entries[choice].get("idField", UNDEFINED)))
    )
    shared = [value for value, count in ids.items() if count > 1]
    if shared:
        yield error("id_field_shared", "meta.featureTypes", count=str(len(shared)), example=shared[0][:100])


def _templates(entry: Entry, shown: Sequence[Mapping[str, Any]], where: str) -> Iterator[QuestionFinding]:
    for template in templates_in(entry.get("description")):
        name = template[2:-2].strip()
        empty = [each for each in shown if not is_truthy(property_of(each, name))]
        if empty and len(empty) == len(shown):
            code = "template_not_served"
            yield error(code, f"{where}.description", template=template, hint=_hint(name, shown))
        elif empty:
            yield warning("template_empty", f"{where}.description", template=template, count=str(len(empty)))


def _statuses(entries: Sequence[Entry], properties: Sequence[Mapping[str, Any]]) -> Iterator[QuestionFinding]:
    for index, entry in enumerate(entries):
        where = f"meta.featureStatusTypes[{index}]"
        field, wanted = entry.get("statusField"), entry.get("statusValues")
        values = [property_of(each, field) for each in properties]
        if not isinstance(field, str) or not isinstance(wanted, list) or not values:
            continue
        if all(value is UNDEFINED for value in values):
            yield error("type_field_not_served", f"{where}.statusField", field=field, hint=_hint(field, properties))
        for each in wanted:
            alike = next((value for value in values if loosely_alike(value, each)), UNDEFINED)
            if alike is not UNDEFINED and not any(strictly_equal(value, each) for value in values):
                yield error("type_value_differs", f"{where}.statusValues", given=_json(each), served=_json(alike))


def _has_status(entries: Sequence[Entry], reported: Sequence[Mapping[str, Any]]) -> bool:
    """Whether way B shows all of these objects as reported."""
    field = entries[0].get("statusField") if entries else None
    values = [value for entry in entries for value in entry.get("statusValues") or ()]
    return all(
        is_truthy(property_of(each, field)) and any(strictly_equal(property_of(each, field), value) for value in values)
        for each in reported
    )


def _hint(name: object, properties: Sequence[Mapping[str, Any]]) -> str:
    return likely_name(str(name), sorted({key for each in properties for key in each}))


def _json(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
