"""GeoJSON (RFC 7946 and its predecessor of 2008) and JSON-FG to a `FeatureBatch`, in all dialects that vendors send.

Beyond the RFC it reads: an array of features, a single feature or a single geometry; the `crs` member of 2008 at any
level, of which the innermost holds (whether it is true is decided elsewhere); JSON-FG's `place` where there is no
`geometry`; `properties` that are null or a list (PHP writes an empty map as `[]`); numeric ids; and JSON that breaks
the standard in common ways. Exception reports are refused by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.decode.encoding import count_unreadable_texts
from wfs_proxy.decode.geojson.crs import innermost_crs_name
from wfs_proxy.decode.geojson.geometry import build_geometries
from wfs_proxy.decode.geojson.links import link_to
from wfs_proxy.decode.geojson.members import find_members, is_feature, is_geometry, properties_of
from wfs_proxy.decode.json_ids import texts_of_ids
from wfs_proxy.decode.lenient_json import ParsedJson
from wfs_proxy.features import NO_FEATURE, UNREADABLE_GEOMETRY, Claims, Encoding, FeatureBatch, Payload

__all__ = ["read_geojson"]


def read_geojson(parsed: ParsedJson, payload: Payload, *, geometry: str | None = None) -> FeatureBatch:
    """Read one document.

    Args:
        parsed: the document.
        payload: the answer that it was parsed from, of any media type.
        geometry: the property that holds the geometry, where it is not the feature's own (GeoServer puts the second
            geometry of a type among the properties, as a GeoJSON object).

    Raises:
        UpstreamException: an exception report in JSON (GeoServer, ArcGIS, OGC API, RFC 9457).
        NotFeatures: JSON without features.
    """
    document, replaced = parsed
    members = find_members(document, payload.source)
    features = [member for member in members if is_feature(member)]
    collection: Mapping[str, Any] = document if isinstance(document, dict) else {}
    found = [_find_geometry(feature, collection, geometry) for feature in features]
    srs_names = tuple(dict.fromkeys(name for _, name in found if name is not None))
    position = {name: index for index, name in enumerate(srs_names)}
    geometries, unreadable = build_geometries([written for written, _ in found])
    others = len(members) - len(features)
    ids = texts_of_ids([feature.get("id") for feature in features])
    columns = _columns(features, geometry)
    return FeatureBatch(
        ids=ids,
        type_names=_objects([_type_name(feature, collection) for feature in features]),
        geometry=geometries,
        geometry_errors=_objects([UNREADABLE_GEOMETRY if failed else None for failed in unreadable]),
        srs_index=np.array([-1 if name is None else position[name] for _, name in found], dtype=np.int32),
        srs_names=srs_names,
        columns=columns,
        encoding=Encoding.GEOJSON,
        wfs_version=payload.wfs_version,
        claims=_claims(collection),
        left_out={NO_FEATURE: others} if others else {},
        unreadable_texts=count_unreadable_texts(ids, columns) if replaced else 0,
    )


def _find_geometry(
    feature: Mapping[str, Any], collection: Mapping[str, Any], name: str | None
) -> tuple[Any, str | None]:
    """Return the geometry object of a feature, and the name of its CRS as written (None: there is none).

    `place` (JSON-FG) is only used where `geometry` is null: `geometry` is in WGS 84 wherever a feature has both. A
    geometry among the properties that has no `crs` has that of the feature's own geometry, as in GML.
    """
    geometry = own = feature.get("geometry")
    if name is not None and is_geometry(named := properties_of(feature).get(name)):
        geometry = named
    if geometry is None and feature.get("place") is not None:
        place = feature["place"]
        return place, innermost_crs_name("coordRefSys", place, feature, collection)
    return geometry, innermost_crs_name("crs", geometry, feature, own, collection)


def _columns(features: Sequence[Mapping[str, Any]], geometry: str | None) -> dict[str, NDArray[np.object_]]:
    """Return name -> (N,) values; None where a feature lacks the property.

    Ids that are text are also the column `id`, as in GDAL, unless there is a property of that name.
    """
    rows = [properties_of(feature) for feature in features]
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: _objects([row.get(name) for row in rows]) for name in names if name != geometry}
    ids = [feature.get("id") for feature in features]
    if any(isinstance(value, str) for value in ids):
        columns.setdefault("id", _objects(ids))
    return columns


def _objects(values: Sequence[Any]) -> NDArray[np.object_]:
    """Return (N,) values of any type; numpy would take lists among them for a second axis."""
    return np.fromiter(values, dtype=object, count=len(values))


def _type_name(feature: Mapping[str, Any], collection: Mapping[str, Any]) -> str:
    """Return JSON-FG's `featureType`, or the `name` that MapServer and GDAL give the collection; "" without any."""
    for value in (feature.get("featureType"), collection.get("featureType"), collection.get("name")):
        if isinstance(value, str):
            return value
    return ""


def _claims(collection: Mapping[str, Any]) -> Claims:
    return Claims(
        matched=_count(collection, ("numberMatched", "totalFeatures")),
        returned=_count(collection, ("numberReturned",)),
        exceeded_limit=_has_exceeded_limit(collection),
        next_page=link_to(collection, "next"),
        this_page=link_to(collection, "self"),
    )


def _has_exceeded_limit(collection: Mapping[str, Any]) -> bool:
    """Whether ArcGIS says that there is more: in the collection itself, or in its `properties`."""
    properties = collection.get("properties")
    places = (collection, properties if isinstance(properties, dict) else {})
    return any(place.get("exceededTransferLimit") is True for place in places)


def _count(collection: Mapping[str, Any], names: Iterable[str]) -> int | None:
    """Return the first of the members that is a whole number; None without any ("unknown")."""
    for name in names:
        value = collection.get(name)
        if isinstance(value, str) and value.isdecimal():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None
