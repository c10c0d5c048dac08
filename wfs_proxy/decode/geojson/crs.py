"""The names of coordinate reference systems in GeoJSON and JSON-FG."""

from __future__ import annotations

from typing import Any

from wfs_proxy.decode.json_reports import first_text

__all__ = ["innermost_crs_name"]


def innermost_crs_name(member: str, *objects: Any) -> str | None:
    """Return the name of the CRS that holds for the first of the objects; None if none of them gives one.

    Args:
        member: `crs` (GeoJSON 2008) or `coordRefSys` (JSON-FG).
        objects: a geometry, its feature, the feature's own geometry where that is another one, and the collection.
    """
    crs = next((value for each in objects if isinstance(each, dict) and (value := each.get(member)) is not None), None)
    return _name(crs)


def _name(crs: Any) -> str | None:
    """Return the name in a `crs` (GeoJSON 2008, section 3) or `coordRefSys` (JSON-FG 1.0, section 7.5) member.

    {"type": "name", "properties": {"name": ...}}, {"type": "link", "properties": {"href": ...}}, the older
    {"type": "EPSG", "properties": {"code": 28992}}, {"type": "Reference", "href": ...}, or the name itself; of a
    compound CRS (an array) the first.
    """
    if isinstance(crs, list):
        return _name(crs[0]) if crs else None
    if not isinstance(crs, dict):
        return None if crs is None else str(crs)
    inner = crs.get("properties")
    inner = inner if isinstance(inner, dict) else crs
    if "code" in inner:
        return f"{crs.get('type', 'EPSG')}:{inner['code']}"
    return first_text(inner, ("name", "href"))
