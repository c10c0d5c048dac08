"""Esri JSON (ArcGIS REST API, "Feature object" and "FeatureSet object") to a `FeatureBatch`.

Also read: an array of features, a single feature, and the resource of one feature ({"feature": ...}).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.decode.encoding import count_unreadable_texts
from wfs_proxy.decode.esri_json.dates import date_fields, with_dates
from wfs_proxy.decode.esri_json.geometry import build_esri_geometries, is_esri_geometry
from wfs_proxy.decode.esri_json.spatial_reference import crs_name
from wfs_proxy.decode.json_ids import texts_of_ids
from wfs_proxy.decode.lenient_json import ParsedJson
from wfs_proxy.features import NO_FEATURE, Claims, Encoding, FeatureBatch

__all__ = ["is_esri_json", "read_esri_json"]

_ONLY_ESRI = frozenset({"objectIdFieldName", "displayFieldName", "geometryType", "spatialReference", "fieldAliases"})
"""Members of a feature set, which is Esri JSON without any feature too."""


def is_esri_json(document: Any) -> bool:
    """Whether a parsed document has features of Esri JSON, or is an empty feature set."""
    members = _members(document)
    first = next((member for member in members or () if isinstance(member, dict)), None)
    if first is not None:
        return _is_esri_feature(first)
    return members == [] and isinstance(document, dict) and not _ONLY_ESRI.isdisjoint(document)


def read_esri_json(parsed: ParsedJson) -> FeatureBatch:
    """Read one document for which `is_esri_json` holds.

    Dates become text (`with_dates`) where the document describes its fields. The id is the value of the field that
    `objectIdFieldName` or the type esriFieldTypeOID names.
    """
    document, replaced = parsed
    members = _members(document) or []
    features = [member for member in members if isinstance(member, dict) and _is_esri_feature(member)]
    collection: Mapping[str, Any] = document if isinstance(document, dict) else {}
    shapes = [feature.get("geometry") for feature in features]
    geometry, reasons = build_esri_geometries(shapes)
    srs_index, srs_names = _systems(shapes, collection)
    columns = with_dates(_columns(features), date_fields(collection.get("fields")))
    ids = _ids(columns, collection, len(features))
    others = len(members) - len(features)
    return FeatureBatch(
        ids=ids,
        type_names=np.full(len(features), "", dtype=object),
        geometry=geometry,
        geometry_errors=reasons,
        srs_index=srs_index,
        srs_names=srs_names,
        columns=columns,
        encoding=Encoding.ESRI_JSON,
        claims=Claims(exceeded_limit=collection.get("exceededTransferLimit") is True),
        left_out={NO_FEATURE: others} if others else {},
        unreadable_texts=count_unreadable_texts(ids, columns) if replaced else 0,
    )


def _members(document: Any) -> list[Any] | None:
    """Return what may be features; None if the document has no place for them."""
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        return None
    if isinstance(document.get("features"), list):
        members: list[Any] = document["features"]
        return members
    if isinstance(document.get("feature"), dict):
        return [document["feature"]]
    return [document] if _is_esri_feature(document) else None


def _is_esri_feature(member: Mapping[str, Any]) -> bool:
    return isinstance(member.get("attributes"), dict) or is_esri_geometry(member.get("geometry"))


def _systems(shapes: Sequence[Any], collection: Mapping[str, Any]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Return (N,) `srs_index` and `srs_names`: of the geometry itself, else of the document."""
    common = crs_name(collection.get("spatialReference"))
    names = [
        (crs_name(shape["spatialReference"]) or common)
        if isinstance(shape, dict) and "spatialReference" in shape
        else common
        for shape in shapes
    ]
    distinct = tuple(dict.fromkeys(name for name in names if name is not None))
    position = {name: index for index, name in enumerate(distinct)}
    return np.array([-1 if name is None else position[name] for name in names], dtype=np.int32), distinct


def _columns(features: Sequence[Mapping[str, Any]]) -> dict[str, NDArray[np.object_]]:
    """Return name -> (N,) values; None where a feature lacks the attribute."""
    rows = [feature.get("attributes") or {} for feature in features]
    rows = [row if isinstance(row, dict) else {} for row in rows]
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: np.fromiter((row.get(name) for row in rows), dtype=object, count=len(rows)) for name in names}


def _ids(columns: Mapping[str, NDArray[np.object_]], collection: Mapping[str, Any], count: int) -> NDArray[np.object_]:
    name = _id_name(columns, collection)
    if name is None:
        return np.full(count, None, dtype=object)
    return texts_of_ids(columns[name])


def _id_name(columns: Mapping[str, NDArray[np.object_]], collection: Mapping[str, Any]) -> str | None:
    """Return the column with the ids; servers do not always spell it as they announce it."""
    named = collection.get("objectIdFieldName")
    fields = collection.get("fields")
    described = [field for field in fields if isinstance(field, dict)] if isinstance(fields, list) else []
    of_type = (field.get("name") for field in described if field.get("type") == "esriFieldTypeOID")
    spelt = {name.lower(): name for name in columns}
    candidates = [str(name) for name in (named, *of_type) if name]
    return next((spelt[name.lower()] for name in candidates if name.lower() in spelt), None)
