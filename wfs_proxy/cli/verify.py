"""`convert --verify`: a second opinion on the GeoJSON that the proxy writes, by the `geojson` package."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from geojson.base import GeoJSON

__all__ = ["problems_in"]


def problems_in(collection: bytes) -> Iterator[str]:
    """Yield a line for each geometry, footprints included, that is not valid GeoJSON (RFC 7946)."""
    document = json.loads(collection)
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        yield "not a FeatureCollection"
        return
    for number, feature in enumerate(document["features"]):
        geometries = {"geometry": feature["geometry"], "footprint": feature["properties"].get("footprint")}
        for name, geometry in geometries.items():
            problem = _problem(geometry) if isinstance(geometry, dict) or name == "geometry" else ""
            if problem:
                yield f"{feature.get('id', f'feature {number}')}: {name}: {problem}"


def _problem(geometry: Any) -> str:
    """What the package reports about a geometry; empty when it is valid."""
    try:
        errors = GeoJSON.to_instance(geometry, strict=True).errors()
    except (TypeError, ValueError) as error:
        return str(error)
    return "; ".join(_texts(errors))


def _texts(errors: Any) -> list[str]:
    """The package nests its messages like the coordinates that they are about."""
    if isinstance(errors, list | tuple):
        return [text for error in errors for text in _texts(error)]
    return [str(errors)] if errors else []
