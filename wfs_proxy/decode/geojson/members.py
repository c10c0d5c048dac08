"""Find the features in a JSON document, and recognise the kind of a document without features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wfs_proxy.decode.json_reports import json_report
from wfs_proxy.errors import NotFeatures, UpstreamException

__all__ = ["find_members", "is_feature", "is_geometry", "properties_of"]

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
        raise _other_members(document, source)
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


def _other_members(document: Any, source: str) -> NotFeatures:
    """Return the error for a document whose members are not features."""
    return NotFeatures(f"{source or _UNNAMED} is JSON, but has no GeoJSON features: {document!r:.200}")


def _other_document(document: Mapping[str, Any], source: str) -> NotFeatures | UpstreamException:
    """Return the error for an object that is neither a feature nor a collection: an exception report, or unknown."""
    report = json_report(document, source)
    if report is not None:
        return report
    members = ", ".join(sorted(document)[:10]) or "none"
    return NotFeatures(f"{source or _UNNAMED} is JSON without features; its members are: {members}")
