"""Find the features in a JSON document, and recognise the kind of a document without features."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wfs_proxy.errors import NotFeatures, UpstreamException

__all__ = ["find_members", "first_text", "is_feature", "is_geometry", "properties_of"]

_FEATURE_MEMBERS = frozenset({"geometry", "properties", "place"})
_GEOMETRY_MEMBERS = frozenset({"coordinates", "geometries"})
_NAME_KEYS = ("name", "key")
_UNNAMED = "the answer"


def find_members(document: Any, source: str) -> Sequence[Any]:
    """Return the members of a document, at least one of them a feature unless there are none.

    Args:
        document: the parsed JSON.
        source: where it comes from, for messages; "" if unknown.

    Raises:
        UpstreamException: the document reports an error.
        NotFeatures: it contains something else.
    """
    if isinstance(document, list):
        members = document
    elif not isinstance(document, dict):
        raise NotFeatures(f"{source or _UNNAMED} is JSON, but not features: {document!r:.200}")
    elif "features" in document:
        members = document["features"] or []
    elif document.get("type") == "Feature":
        members = [document]
    elif is_geometry(document):
        members = [{"type": "Feature", "geometry": document}]
    else:
        raise _other_document(document, source)
    if not isinstance(members, list) or (members and not any(map(is_feature, members))):
        raise _other_members(document, members, source)
    return members


def is_feature(member: Any) -> bool:
    """Whether a member is a feature: by its type or, where that is missing, by its own members.

    Features of Esri JSON have `attributes`, and are not GeoJSON.
    """
    if not isinstance(member, dict) or "attributes" in member:
        return False
    return member.get("type") == "Feature" or not _FEATURE_MEMBERS.isdisjoint(member)


def is_geometry(value: Any) -> bool:
    """Whether a value is a geometry object."""
    return isinstance(value, dict) and "type" in value and not _GEOMETRY_MEMBERS.isdisjoint(value)


def properties_of(feature: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the properties as a map; a list of {"name", "value"} or of small maps becomes one."""
    properties = feature.get("properties")
    if isinstance(properties, dict):
        return properties
    if not isinstance(properties, list):
        return {}
    merged: dict[str, Any] = {}
    for entry in properties:
        if isinstance(entry, dict):
            name = next((entry[key] for key in _NAME_KEYS if key in entry and "value" in entry), None)
            merged.update(entry if name is None else {str(name): entry["value"]})
    return merged


def _other_members(document: Any, members: Any, source: str) -> NotFeatures:
    """Return the error for a document whose members are not features."""
    first = members[0] if isinstance(members, list) else None
    if isinstance(first, dict) and "attributes" in first:
        return NotFeatures(
            f"{source or _UNNAMED} is Esri JSON: use `type: arcgis` in the layer's source, or ask for f=geojson"
        )
    return NotFeatures(f"{source or _UNNAMED} is JSON, but has no GeoJSON features: {document!r:.200}")


def _other_document(document: Mapping[str, Any], source: str) -> NotFeatures | UpstreamException:
    """Return the error for an object that is neither a feature nor a collection: an exception report, or unknown."""
    report = _error_report(document)
    text = first_text(report, ("text", "message", "description", "detail", "title"))
    if text is None:
        members = ", ".join(sorted(document)[:10]) or "none"
        return NotFeatures(f"{source or _UNNAMED} is JSON without features; its members are: {members}")
    code = report.get("code", report.get("status"))
    return UpstreamException(
        f"{source or 'the vendor'} answered with an exception report: {' '.join(text.split())}",
        code=None if code is None else str(code),
        locator=first_text(report, ("locator", "instance")),
    )


def _error_report(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part of a document that describes an error, empty if there is none.

    GeoServer: {"exceptions": [{"code", "locator", "text"}]}; ArcGIS: {"error": {"code", "message", "details"}};
    OGC API Features: {"code", "description"}; RFC 9457: {"type", "title", "status", "detail"}.
    """
    exceptions = document.get("exceptions")
    if isinstance(exceptions, list) and exceptions and isinstance(exceptions[0], dict):
        return exceptions[0]
    error = document.get("error")
    if isinstance(error, dict):
        return error
    if isinstance(error, str):
        return {"message": error, **{key: document[key] for key in ("code", "status") if key in document}}
    has_code = "code" in document or "status" in document
    return document if has_code else {}


def first_text(mapping: Mapping[str, Any], keys: Iterable[str]) -> str | None:
    """Return the value of the first of the keys that is text and not blank; None without any."""
    return next((value for key in keys if isinstance(value := mapping.get(key), str) and value.strip()), None)
