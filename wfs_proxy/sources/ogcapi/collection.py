"""One collection of a service: its identity, its coordinate reference systems and its extent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import UnknownCrs
from wfs_proxy.geo import AxisOrder, official_order, parse_srs_name, to_crs84
from wfs_proxy.sources.ogcapi.openapi import ItemsParameters
from wfs_proxy.sources.ogcapi.where import FilterSupport

__all__ = ["OgcCollection", "declared_extent", "offered_systems", "preferred_crs"]

_ALL_OF_THE_SERVICE = "#/crs"
"""Stands for the systems of the list of collections (OGC 18-058r1, section 6.2.1)."""

_BEST = "EPSG:28992"
"""Our transformation from RD is exact, and most servers' is not."""


@dataclass(frozen=True, kw_only=True)
class OgcCollection:
    """One collection of a service."""

    id: str

    items: str
    """The URL of its objects, with the parameters that belong to every request."""

    crs: str | None = None
    """The URI of the system to request; None: the default, CRS84."""

    extent: BBox | None = None
    """Where its objects are, as the service declares."""

    parameters: ItemsParameters = field(default_factory=ItemsParameters)
    filters: FilterSupport = field(default_factory=FilterSupport)


def preferred_crs(offered: tuple[str, ...]) -> str | None:
    """Return RD as the service writes it; None if it does not offer RD: then the default, CRS84, is best."""
    found: dict[int, str] = {}
    for name in offered:
        try:
            parsed = parse_srs_name(name)
        except UnknownCrs:
            continue
        if parsed.crs == _BEST:
            found.setdefault(parsed.axes, name)
    return found[min(found)] if found else None


def offered_systems(collection: Mapping[str, Any], service: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the URIs of the systems in which a collection can be requested.

    Args:
        collection: its JSON object.
        service: that of the list of collections, whose systems all collections may share.
    """
    own, shared = _texts(collection.get("crs")), _texts(service.get("crs"))
    return tuple(dict.fromkeys(name for each in own for name in (shared if each == _ALL_OF_THE_SERVICE else [each])))


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def declared_extent(collection: Mapping[str, Any]) -> BBox | None:
    """Return the first box of the spatial extent, which contains all others; None if it is missing or no box.

    It has four or six numbers (OGC 17-069r4, section 7.13.2), in CRS84 unless it names another system.
    """
    try:
        spatial = collection["extent"]["spatial"]
        numbers = [float(each) for each in spatial["bbox"][0]]
        half = len(numbers) // 2
        corners = np.array([numbers[:half][:2], numbers[half:][:2]])
        written = spatial.get("crs")
        if isinstance(written, str):
            crs = parse_srs_name(written).crs
            corners = to_crs84(corners[:, ::-1] if official_order(crs) is AxisOrder.YX else corners, crs)
        box = BBox(*corners[0].tolist(), *corners[1].tolist())
    except (AttributeError, KeyError, IndexError, TypeError, ValueError, UnknownCrs):
        return None
    return box if np.isfinite(box).all() and box.west <= box.east and box.south <= box.north else None
