"""GeoJSON (RFC 7946 and its forerunner of 2008) and JSON-FG to a `FeatureBatch`, in all dialects that vendors speak.

Beyond the RFC are read: a bare array of features or one feature or geometry; the `crs` member of 2008 on any level,
the innermost wins, and its truth is not judged here; JSON-FG's `place` where there is no `geometry`; `properties` that
are null or a list (PHP writes its empty map as `[]`); numeric ids; NaN and Infinity; a byte order mark, UTF-16, and
Latin-1 that calls itself JSON. Exception reports and Esri's own JSON are refused as what they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from wfs_proxy.decode.geojson.geometry import build_geometries
from wfs_proxy.decode.sniff import ascii_compatible
from wfs_proxy.errors import MalformedDocument, NotFeatures, UpstreamException
from wfs_proxy.features import Claims, Encoding, FeatureBatch, Payload

__all__ = ["read_geojson"]

UNREADABLE_GEOMETRY = "unreadable geometry"
NO_FEATURE = "not a feature"
"""Reasons in `FeatureBatch.faults` and `left_out`."""

_HIGH, _LOW = rb"\\u[dD][89abAB][0-9a-fA-F]{2}", rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_HALF_PAIR = re.compile(rb"%b(?!%b)|(?<!%b)%b" % (_HIGH, _LOW, _HIGH, _LOW))
"""One half of an escaped surrogate pair (RFC 8259, section 8.2), as a column of fixed width leaves it."""
_FEATURE_MEMBERS = frozenset({"geometry", "properties", "place"})
_GEOMETRY_MEMBERS = frozenset({"coordinates", "geometries"})
_NAME_KEYS = ("name", "key")


def read_geojson(payload: Payload, *, geometry: str | None = None) -> FeatureBatch:
    """Read one document.

    Args:
        payload: the answer, of whatever media type.
        geometry: the property that holds the geometry, where it is not the feature's own (GeoServer keeps the second
            geometry of a type as a GeoJSON object among the properties).

    Raises:
        UpstreamException: an exception report in JSON (GeoServer, ArcGIS, OGC API, RFC 9457).
        NotFeatures: JSON without features; Esri JSON, with the advice to read it as `type: arcgis`.
        MalformedDocument: truncated, or not well-formed.
    """
    document = _parsed(payload)
    members = _members(document)
    features = [member for member in members if _is_feature(member)]
    head: Mapping[str, Any] = document if isinstance(document, dict) else {}
    places = [_place(feature, head, geometry) for feature in features]
    srs_names = tuple(dict.fromkeys(label for _, label in places if label is not None))
    position = {label: index for index, label in enumerate(srs_names)}
    geometries, unreadable = build_geometries([place for place, _ in places])
    strangers = len(members) - len(features)
    return FeatureBatch(
        ids=_objects([_id(feature.get("id")) for feature in features]),
        type_names=_objects([_type_name(feature, head) for feature in features]),
        geometry=geometries,
        faults=_objects([UNREADABLE_GEOMETRY if failed else None for failed in unreadable]),
        srs_index=np.array([-1 if label is None else position[label] for _, label in places], dtype=np.int32),
        srs_names=srs_names,
        columns=_columns(features, geometry),
        encoding=Encoding.GEOJSON,
        wfs_version=payload.wfs_version,
        claims=_claims(head),
        left_out={NO_FEATURE: strangers} if strangers else {},
    )


def _parsed(payload: Payload) -> Any:
    """The JSON value.

    Raises:
        MalformedDocument: none can be read.
    """
    try:
        body, _ = ascii_compatible(payload.body)
        return _loads(body)
    except UnicodeDecodeError as error:
        raise MalformedDocument(f"the answer is not text in the encoding that it begins in: {error}") from error
    except json.JSONDecodeError as error:
        raise MalformedDocument(f"the answer is truncated or not well-formed JSON: {error}") from error
    except RecursionError as error:
        raise MalformedDocument("the answer is JSON nested deeper than anything a vendor sends") from error


def _loads(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        # orjson keeps to RFC 8259; the standard library also reads NaN, line breaks within text, and any text that is
        # decoded for it
        whole = _HALF_PAIR.sub(rb"\\ufffd", body)
        text = _text(whole)
    return json.loads(whole.decode("utf-8") if text is None else text, strict=False)


def _text(body: bytes) -> str | None:
    """The text of bytes that are no UTF-8: then a database in Latin-1 was copied out. None for UTF-8."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("latin-1")
    return None


def _members(document: Any) -> Sequence[Any]:
    """What claims to be a feature.

    Raises:
        UpstreamException: the document reports an error.
        NotFeatures: it holds something else.
    """
    if isinstance(document, list):
        members = document
    elif not isinstance(document, dict):
        raise NotFeatures(f"the answer is JSON, but no features: {document!r:.200}")
    elif "features" in document:
        members = document["features"] or []
    elif document.get("type") == "Feature":
        members = [document]
    elif _is_geometry(document):
        members = [{"type": "Feature", "geometry": document}]
    else:
        raise _refusal(document)
    if not isinstance(members, list) or (members and not any(map(_is_feature, members))):
        raise _no_geojson(document, members)
    return members


def _is_feature(member: Any) -> bool:
    """A feature by its type or, where that was forgotten, by its members; Esri's have `attributes` instead."""
    if not isinstance(member, dict) or "attributes" in member:
        return False
    return member.get("type") == "Feature" or not _FEATURE_MEMBERS.isdisjoint(member)


def _is_geometry(value: Any) -> bool:
    return isinstance(value, dict) and "type" in value and not _GEOMETRY_MEMBERS.isdisjoint(value)


def _no_geojson(document: Any, members: Any) -> NotFeatures:
    first = members[0] if isinstance(members, list) else None
    if isinstance(first, dict) and "attributes" in first:
        return NotFeatures("the answer is Esri JSON: use `type: arcgis` in the layer's source, or ask for f=geojson")
    return NotFeatures(f"the answer is JSON, but no GeoJSON features: {document!r:.200}")


def _refusal(document: Mapping[str, Any]) -> NotFeatures | UpstreamException:
    """What a document without features is: a report of an error, or something else."""
    report = _report(document)
    text = _first_text(report, ("text", "message", "description", "detail", "title"))
    if text is None:
        return NotFeatures(
            f"the answer is JSON without features; it has {', '.join(sorted(document)[:10]) or 'nothing'}"
        )
    code = report.get("code", report.get("status"))
    return UpstreamException(
        " ".join(text.split()),
        code=None if code is None else str(code),
        locator=_first_text(report, ("locator", "instance")),
    )


def _report(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part of a document that describes an error, empty where there is none.

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
    tells = "code" in document or "status" in document
    return document if tells else {}


def _first_text(report: Mapping[str, Any], keys: Iterable[str]) -> str | None:
    return next((value for key in keys if isinstance(value := report.get(key), str) and value.strip()), None)


def _place(feature: Mapping[str, Any], head: Mapping[str, Any], geometry: str | None) -> tuple[Any, str | None]:
    """The geometry object of a feature, and the name of its CRS as written.

    `place` only stands in: `geometry` is in WGS 84 wherever JSON-FG has both.
    """
    found = feature.get("geometry")
    if geometry is not None and _is_geometry(named := _properties(feature).get(geometry)):
        found = named
    if found is None and feature.get("place") is not None:
        found = feature["place"]
        return found, _crs_name(_innermost("coordRefSys", found, feature, head))
    return found, _crs_name(_innermost("crs", found, feature, head))


def _innermost(member: str, *objects: Any) -> Any:
    return next((value for each in objects if isinstance(each, dict) and (value := each.get(member)) is not None), None)


def _crs_name(crs: Any) -> str | None:
    """The name in a `crs` (GeoJSON 2008, section 3) or `coordRefSys` (JSON-FG 1.0, section 7.5) member.

    {"type": "name", "properties": {"name": ...}}, {"type": "link", "properties": {"href": ...}}, the older
    {"type": "EPSG", "properties": {"code": 28992}}, {"type": "Reference", "href": ...}, or the name itself; of a
    compound CRS (an array) the first.
    """
    if isinstance(crs, list):
        return _crs_name(crs[0]) if crs else None
    if not isinstance(crs, dict):
        return None if crs is None else str(crs)
    inner = crs.get("properties")
    inner = inner if isinstance(inner, dict) else crs
    if "code" in inner:
        return f"{crs.get('type', 'EPSG')}:{inner['code']}"
    return _first_text(inner, ("name", "href"))


def _properties(feature: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties as a map; a list of {"name", "value"} or of small maps becomes one."""
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


def _columns(features: Sequence[Mapping[str, Any]], geometry: str | None) -> dict[str, NDArray[np.object_]]:
    """(N,) values by name; a property that a feature lacks is None.

    An id in words can be named as the attribute `id`, as in GDAL, unless there is a property of that name.
    """
    rows = [_properties(feature) for feature in features]
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: _objects([row.get(name) for row in rows]) for name in names if name != geometry}
    ids = [feature.get("id") for feature in features]
    if any(isinstance(value, str) for value in ids):
        columns.setdefault("id", _objects(ids))
    return columns


def _objects(values: Sequence[Any]) -> NDArray[np.object_]:
    """(N,) whatever the values are; lists among them stay lists."""
    return np.fromiter(values, dtype=object, count=len(values))


def _id(value: Any) -> str | None:
    """An id as text; a number without ".0"."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return None if value is None else str(value)


def _type_name(feature: Mapping[str, Any], head: Mapping[str, Any]) -> str:
    """What the feature is: JSON-FG's `featureType`, or the `name` that MapServer and GDAL give the collection."""
    for value in (feature.get("featureType"), head.get("featureType"), head.get("name")):
        if isinstance(value, str):
            return value
    return ""


def _claims(head: Mapping[str, Any]) -> Claims:
    return Claims(
        matched=_count(head, ("numberMatched", "totalFeatures")),
        returned=_count(head, ("numberReturned",)),
    )


def _count(head: Mapping[str, Any], names: Iterable[str]) -> int | None:
    """The first of the members that is a whole number; "unknown" is none."""
    for name in names:
        value = head.get(name)
        if isinstance(value, str) and value.isdecimal():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None
