"""What a layer says about itself (ArcGIS REST API, "Layer" of a feature service and of a map service).

Its `extent` is not read: it is often that of an old edit or of a mistyped object, and places are decided by evidence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wfs_proxy.decode import crs_name, date_fields
from wfs_proxy.features import Payload
from wfs_proxy.sources.arcgis.coded_values import CodedValues, read_coded_values
from wfs_proxy.sources.arcgis.documents import objects_in, read_members

__all__ = ["ArcgisLayer", "ArcgisService", "read_description"]

_ID_TYPE = "esriFieldTypeOID"

_RD_IN_TEXT = re.compile(r"rd_?new|amersfoort", re.IGNORECASE)
"""In the description of a coordinate system without a code: the national grid of the Netherlands."""

_RD, _WGS84 = 28992, 4326


@dataclass(frozen=True, kw_only=True)
class ArcgisLayer:
    """One layer; the defaults are for a layer whose description cannot be read."""

    name: str = ""
    object_id: str | None = None
    """The field with the object id."""

    max_record_count: int | None = None
    """The most objects in one answer, as stated."""

    pages: bool | None = None
    """Whether the layer supports resultOffset; None if it does not say."""

    sorts: bool = True
    """Whether it supports orderByFields."""

    formats: frozenset[str] | None = None
    """The formats of queries in lower case; None if it does not say."""

    crs: str | None = None
    """Its own CRS, as a srsName."""

    out_sr: int | None = None
    """The code to request: of its own CRS. RD or WGS 84 if that has no code; None if it does not say."""

    field_types: Mapping[str, str] = field(default_factory=dict)
    """Field -> its type, such as esriFieldTypeString."""

    titles: Mapping[str, str] = field(default_factory=dict)
    """Field -> its alias."""

    dates: tuple[str, ...] = ()
    """The fields with a time."""

    dates_in_local_time: bool = False
    """Whether the times are written as if local time were UTC."""

    coded: CodedValues = field(default_factory=CodedValues)
    sub_layers: Mapping[int, str] = field(default_factory=dict)
    """Of a group without objects of its own: number -> name."""


@dataclass(frozen=True, kw_only=True)
class ArcgisService:
    """A service with its layers and tables: number -> name."""

    layers: Mapping[int, str]


def read_description(payload: Payload) -> ArcgisLayer | ArcgisService:
    """Read the description of a layer or of a service.

    Raises:
        UpstreamException: an error object.
        MalformedDocument: it is no JSON.
        NotFeatures: it is JSON that describes neither.
    """
    document = read_members(payload)
    if "fields" not in document and isinstance(document.get("layers"), list):
        return ArcgisService(layers={**_numbered(document["layers"]), **_numbered(document.get("tables"))})
    return _layer(document)


def _layer(document: Mapping[str, Any]) -> ArcgisLayer:
    advanced = document.get("advancedQueryCapabilities")
    advanced = advanced if isinstance(advanced, dict) else {}
    fields = [each for each in objects_in(document.get("fields")) if "name" in each]
    types = {str(each["name"]): str(each.get("type")) for each in fields}
    reference = _reference(document)
    crs = crs_name(reference)
    formats = document.get("supportedQueryFormats")
    is_group = document.get("type") == "Group Layer"
    return ArcgisLayer(
        name=str(document.get("name") or ""),
        object_id=_object_id(document, types),
        max_record_count=_count(document.get("maxRecordCount")),
        pages=_flag(advanced.get("supportsPagination", document.get("supportsPagination"))),
        sorts=_flag(advanced.get("supportsOrderBy")) is not False,
        formats=frozenset(formats.lower().replace(" ", "").split(","))
        if isinstance(formats, str) and formats
        else None,
        crs=crs,
        out_sr=None if crs is None else _out_sr(crs, reference),
        field_types=types,
        titles={str(each["name"]): each["alias"] for each in fields if isinstance(each.get("alias"), str)},
        dates=date_fields(fields),
        dates_in_local_time=document.get("datesInUnknownTimezone") is True,
        coded=read_coded_values(document),
        sub_layers=_numbered(document.get("subLayers")) if is_group else {},
    )


def _object_id(document: Mapping[str, Any], types: Mapping[str, str]) -> str | None:
    """Return the field with the id, as the fields spell it where they do."""
    named = document.get("objectIdField")
    by_type = next((name for name, kind in types.items() if kind == _ID_TYPE), None)
    if not isinstance(named, str) or not named:
        return by_type
    return next((name for name in types if name.lower() == named.lower()), named)


def _reference(document: Mapping[str, Any]) -> Any:
    """Return the spatial reference: of the data, else of the extent, which is in that of the map."""
    extent = document.get("extent")
    candidates = (
        document.get("sourceSpatialReference"),
        document.get("spatialReference"),
        extent.get("spatialReference") if isinstance(extent, dict) else None,
    )
    return next((each for each in candidates if crs_name(each) is not None), None)


def _out_sr(crs: str, reference: Any) -> int:
    authority, _, code = crs.partition(":")
    if code.isdecimal() and authority in {"EPSG", "ESRI"}:
        return int(code)
    return _RD if _RD_IN_TEXT.search(str(reference)) else _WGS84


def _numbered(layers: Any) -> dict[int, str]:
    return {each["id"]: str(each.get("name") or "") for each in objects_in(layers) if isinstance(each.get("id"), int)}


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None
