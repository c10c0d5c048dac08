"""What objects of a collection have, as JSON Schema: their properties (Part 5), and what a filter can use (Part 3).

OGC 23-058, "Schemas", is a draft. Only what its version of 2025 and OGC 19-079r2, section 6, have in common is written.
"""

from __future__ import annotations

from collections.abc import Mapping

from wfs_proxy.config import Layer
from wfs_proxy.faces.ogcapi.addresses import ApiAddresses
from wfs_proxy.serve import schema_of

__all__ = ["GEOMETRY", "collection_schema", "fields_of_layer", "queryable_schemas", "queryables_schema"]

GEOMETRY = "geometry"
"""The name of the place of an object in filters."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

_TYPES: Mapping[str, Mapping[str, str]] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "geometry": {"format": "geometry-any"},
}

_ID_NAMES = ("id", "feature_id", "geojson_id")
"""Names for the identifier in a schema; the first that no property has."""


def fields_of_layer(layer: Layer) -> dict[str, dict[str, object]]:
    """Return name -> JSON Schema of each property that a filter can use, in the order in which they are served."""
    schemas: dict[str, dict[str, object]] = {
        name: {"title": name, **_TYPES[kind]} for name, kind in schema_of(layer).types.items()
    }
    for rule in layer.reports.mark if layer.reports is not None else ():
        schemas[rule.property]["enum"] = [rule.otherwise, rule.reported]
    return schemas


def queryable_schemas(layer: Layer) -> dict[str, dict[str, object]]:
    """Return name -> JSON Schema of everything that a filter can use: the properties and the place."""
    return {**fields_of_layer(layer), GEOMETRY: _geometry()}


def queryables_schema(layer: Layer, addresses: ApiAddresses) -> dict[str, object]:
    """Return the queryables of a collection (OGC 19-079r2, requirement /req/queryables/get-op-response)."""
    return {
        **_head(layer, addresses.queryables(layer.id)),
        "properties": queryable_schemas(layer),
        "additionalProperties": False,
    }


def collection_schema(layer: Layer, addresses: ApiAddresses) -> dict[str, object]:
    """Return the schema of the objects of a collection (OGC 23-058, requirement class "Schemas")."""
    fields = fields_of_layer(layer)
    name = next(each for each in _ID_NAMES if each not in fields)
    properties: dict[str, dict[str, object]] = {
        name: {"title": "Identifier", "type": "string", "readOnly": True, "x-ogc-role": "id"},
        **fields,
    }
    if layer.point.footprint:
        properties["footprint"] = {"title": "footprint", **_TYPES["geometry"]}
    return {**_head(layer, addresses.schema(layer.id)), "properties": {**properties, GEOMETRY: _geometry()}}


def _head(layer: Layer, address: str) -> dict[str, object]:
    return {"$schema": _DIALECT, "$id": address, "title": layer.title, "type": "object"}


def _geometry() -> dict[str, object]:
    return {"title": "Place", "format": "geometry-point", "x-ogc-role": "primary-geometry"}
