"""The feature endpoint in OpenAPI 3.1: it answers before the framework does, so the framework cannot describe it."""

from __future__ import annotations

from typing import Any

from wfs_proxy.serve import DEFAULT_LIMIT, GEOJSON, MAXIMUM_LIMIT
from wfs_proxy.web.problems import MEDIA_TYPE

__all__ = ["FEATURE_PATHS", "FEATURE_SCHEMAS", "problem_response"]


def _parameter(name: str, description: str, schema: dict[str, Any], *, place: str = "query") -> dict[str, Any]:
    required = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, "description": description, "schema": schema, **required}


def _number(name: str, limit: int) -> dict[str, Any]:
    return _parameter(name, "Instead of bbox.", {"type": "number", "minimum": -limit, "maximum": limit})


def problem_response(description: str) -> dict[str, Any]:
    """An answer that is a problem (a response object, section 4.8.17)."""
    return {"description": description, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _features(schema: str, description: str) -> dict[str, Any]:
    text = {"schema": {"type": "string"}}
    return {
        "description": description,
        "content": {GEOJSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
        "headers": {
            "ETag": {"description": "A strong validator, another one for each content coding.", **text},
            "Content-Encoding": {"description": "gzip, or absent; as Accept-Encoding asks.", **text},
            "Vary": {"description": "Accept-Encoding; Origin too where only some origins may read.", **text},
            "Last-Modified": {"description": "When this content was first seen.", **text},
            "Cache-Control": {"description": "How long it stays fresh.", **text},
            "Cache-Status": {"description": "RFC 9211; a negative ttl: the data are stale.", **text},
            "Features-Truncated": {"description": "Only where objects were left out: returned=, matched=.", **text},
        },
    }


_LAYER = _parameter("layer_id", "The layer.", {"type": "string"}, place="path")

_NOT_READY = {
    **problem_response("There are no data yet, and none can be fetched now."),
    "headers": {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
}

FEATURE_PATHS: dict[str, Any] = {
    "/layers/{layer_id}/features": {
        "get": {
            "summary": "The objects in a box, as points",
            "description": (
                "The box is west, south, east, north in degrees, whatever the name of the CRS beside it promises. "
                "Swapped corners are put right. Parameters that are not listed are ignored; `filter` is refused. "
                f"Without `limit` an answer of more than {DEFAULT_LIMIT} objects keeps those nearest the centre of the "
                "box and says so in `numberMatched` and `Features-Truncated`; with it, or without a box, objects come "
                "by id, and `links` leads to the next page."
            ),
            "operationId": "features",
            "tags": ["features"],
            "parameters": [
                _LAYER,
                _parameter(
                    "bbox",
                    "west,south,east,north; a fifth element may name EPSG:4326 or CRS84.",
                    {"type": "string", "example": "4.30,52.06,4.32,52.08"},
                ),
                _number("west", 180),
                _number("south", 90),
                _number("east", 180),
                _number("north", 90),
                _parameter("srsName", "EPSG:4326 or CRS84, in any spelling.", {"type": "string"}),
                _parameter(
                    "limit",
                    f"Objects on a page; more than {MAXIMUM_LIMIT} becomes {MAXIMUM_LIMIT}.",
                    {"type": "integer", "minimum": 1, "maximum": MAXIMUM_LIMIT},
                ),
                _parameter("cursor", "Where a page starts; only from a link of the page before.", {"type": "string"}),
            ],
            "responses": {
                "200": _features("FeatureCollection", "The objects; none is an empty list."),
                "304": {"description": "What the client has is still right."},
                "400": problem_response("A parameter cannot be answered."),
                "404": problem_response("There is no such layer; names the nearest."),
                "410": problem_response("The page belongs to data that were replaced."),
                "503": _NOT_READY,
            },
        }
    },
    "/layers/{layer_id}/features/{feature_id}": {
        "get": {
            "summary": "One object",
            "operationId": "feature",
            "tags": ["features"],
            "parameters": [
                _LAYER,
                _parameter(
                    "feature_id",
                    "The GeoJSON id, or what follows the layer's name in it. It may hold slashes.",
                    {"type": "string"},
                    place="path",
                ),
            ],
            "responses": {
                "200": _features("Feature", "The object."),
                "304": {"description": "What the client has is still right."},
                "404": problem_response("There is no such layer or object."),
                "503": _NOT_READY,
            },
        }
    },
}
"""Path items (OpenAPI 3.1.0, section 4.8.9)."""

FEATURE_SCHEMAS: dict[str, Any] = {
    "Feature": {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": "string", "examples": ["rioned-putten.034575"]},
            "geometry": {
                "type": "object",
                "required": ["type", "coordinates"],
                "properties": {
                    "type": {"const": "Point"},
                    "coordinates": {
                        "type": "array",
                        "description": "longitude, latitude",
                        "items": {"type": "number"},
                        "minItems": 2,
                        "maxItems": 2,
                    },
                },
            },
            "properties": {"type": "object"},
        },
    },
    "FeatureCollection": {
        "type": "object",
        "required": ["type", "features", "numberMatched", "numberReturned"],
        "properties": {
            "type": {"const": "FeatureCollection"},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/Feature"}},
            "numberMatched": {"type": "integer"},
            "numberReturned": {"type": "integer"},
            "links": {"type": "array", "items": {"type": "object"}},
        },
    },
    "Problem": {
        "type": "object",
        "description": "RFC 9457",
        "required": ["type", "title", "status", "detail", "layer"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "layer": {"type": ["string", "null"]},
        },
    },
}
"""Schemas that the path items refer to."""
