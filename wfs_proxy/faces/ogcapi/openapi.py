"""The OpenAPI 3.0 document of the API (OGC 17-069r4, section 9).

Every collection has paths of its own, because each has its own queryables, which are parameters. Clients find the
largest `limit` there: GDAL and QGIS ask for pages of that size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from wfs_proxy.config import Layer
from wfs_proxy.faces.ogcapi.addresses import HTML, JSON, OPENAPI, SCHEMA_JSON
from wfs_proxy.faces.ogcapi.coordinate_systems import SYSTEMS
from wfs_proxy.faces.ogcapi.documents import DESCRIPTION, TITLE
from wfs_proxy.faces.ogcapi.items_request import CQL2_TEXT, DEFAULT_ITEMS, ITEMS, PRESENTATION, queryable_parameters
from wfs_proxy.faces.ogcapi.schemas import fields_of_layer
from wfs_proxy.serve import GEOJSON, MAXIMUM_LIMIT

__all__ = ["openapi_document"]

Json = dict[str, object]

_PROBLEM = "application/problem+json"


def openapi_document(
    layers: Iterable[Layer], landing: str, *, version: str, contact: Mapping[str, object] | None = None
) -> Json:
    """Return the document.

    Args:
        layers: the collections.
        landing: the address of the landing page.
        version: of the interface, as in the header field API-Version.
        contact: name, email and url of the organisation that answers questions; None where it is not set.
    """
    paths: Json = {
        "/": _path("landing", "Landing page", JSON, "Landing"),
        "/conformance": _path("conformance", "Conformance classes", JSON, "Conformance"),
        "/api": _path("api", "This document", OPENAPI, "Document"),
        "/collections": _path("collections", "All collections", JSON, "Collections"),
    }
    tags: list[Json] = [{"name": "API"}]
    for layer in layers:
        tags.append({"name": layer.id, "description": layer.title})
        paths |= _collection_paths(layer)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": TITLE,
            "description": DESCRIPTION,
            "version": version,
            **({"contact": contact} if contact else {}),
        },
        "servers": [{"url": landing}],
        "tags": tags,
        "paths": paths,
        "components": {
            "headers": _HEADERS,
            "parameters": _PARAMETERS,
            "schemas": _SCHEMAS,
            "responses": _RESPONSES,
        },
    }


def _collection_paths(layer: Layer) -> Json:
    path, name = f"/collections/{quote(layer.id, safe='')}", layer.id
    items = _path(
        f"items.{name}",
        f"Objects of {layer.title}",
        GEOJSON,
        "FeatureCollection",
        tag=name,
        parameters=[*_references(*ITEMS), *_queryables(layer)],
        errors=("400", "404", "406", "410", "503"),
        with_geometry=True,
    )
    item = _path(
        f"item.{name}",
        f"One object of {layer.title}",
        GEOJSON,
        "Feature",
        tag=name,
        parameters=_references("featureId", "crs"),
        errors=("400", "404", "406", "503"),
        with_geometry=True,
    )
    return {
        path: _path(f"collection.{name}", layer.title, JSON, "Collection", tag=name),
        f"{path}/queryables": _path(f"queryables.{name}", "What a filter can use", SCHEMA_JSON, "Document", tag=name),
        f"{path}/schema": _path(f"schema.{name}", "The properties of the objects", SCHEMA_JSON, "Document", tag=name),
        f"{path}/items": items,
        f"{path}/items/{{featureId}}": item,
    }


def _path(  # noqa: PLR0913 - what an operation has, by name
    operation_id: str,
    summary: str,
    media_type: str,
    schema: str,
    *,
    tag: str = "API",
    parameters: Iterable[Json] = (),
    errors: Iterable[str] = ("400", "406"),
    with_geometry: bool = False,
) -> Json:
    """Return a path with its only operation, which is GET."""
    content: Json = {
        media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}},
        HTML: {"schema": {"type": "string"}},
    }
    headers = ("API-Version", "Content-Crs") if with_geometry else ("API-Version",)
    answer: Json = {
        "description": summary,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": content,
    }
    return {
        "get": {
            "operationId": operation_id,
            "summary": summary,
            "tags": [tag],
            "parameters": [*parameters, *_references(*PRESENTATION)],
            "responses": {
                "200": answer,
                **{code: {"$ref": f"#/components/responses/{code}"} for code in errors},
            },
        }
    }


def _queryables(layer: Layer) -> list[Json]:
    """Return the properties as parameters (OGC 19-079r2, "Queryables as query parameters")."""
    schemas = fields_of_layer(layer)
    return [
        _parameter(name, f"Only objects whose {name} is this.", schemas[name]) for name in queryable_parameters(layer)
    ]


def _references(*names: str) -> list[Json]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _parameter(name: str, description: str, schema: Json) -> Json:
    return {
        "name": name,
        "in": "query",
        "description": description,
        "required": False,
        "schema": schema,
        "style": "form",
        "explode": False,
    }


_HEADERS: Json = {
    "API-Version": {"description": "The version of the interface.", "schema": {"type": "string"}},
    "Content-Crs": {
        "description": "The coordinate reference system of the coordinates, in angle brackets.",
        "schema": {"type": "string"},
    },
}

_CRS: Json = {
    "type": "string",
    "format": "uri",
    "enum": [system.uri for system in SYSTEMS],
    "default": SYSTEMS[0].uri,
}

_PARAMETERS: Json = {
    "f": _parameter(
        "f", "The format, instead of the header field Accept.", {"type": "string", "enum": ["json", "html"]}
    ),
    "lang": _parameter("lang", "The language of pages.", {"type": "string", "enum": ["nl", "en"]}),
    "limit": _parameter(
        "limit",
        "Objects on a page. A higher number is lowered to the maximum.",
        {"type": "integer", "minimum": 1, "maximum": MAXIMUM_LIMIT, "default": DEFAULT_ITEMS},
    ),
    "bbox": _parameter(
        "bbox",
        "Only objects in this box: its lower left and upper right corner, in the axis order of `bbox-crs`.",
        {
            "type": "array",
            "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
            "minItems": 4,
            "maxItems": 6,
            "items": {"type": "number"},
        },
    ),
    "bbox-crs": _parameter("bbox-crs", "The coordinate reference system of `bbox`.", _CRS),
    "crs": _parameter("crs", "The coordinate reference system of the answer.", _CRS),
    "datetime": _parameter(
        "datetime",
        "A time or an interval. No object has a time, so every valid value selects all objects.",
        {"type": "string"},
    ),
    "filter": _parameter(
        "filter",
        "Only objects that match this expression in CQL2 text, such as `soort = 'kolk' AND naam LIKE '02%'`.",
        {"type": "string"},
    ),
    "filter-lang": _parameter(
        "filter-lang", "The language of `filter`.", {"type": "string", "enum": [CQL2_TEXT], "default": CQL2_TEXT}
    ),
    "filter-crs": _parameter("filter-crs", "The coordinate reference system of the geometries in `filter`.", _CRS),
    "sortby": _parameter(
        "sortby",
        "Names of properties; with a minus before one, its highest value comes first.",
        {"type": "array", "items": {"type": "string"}},
    ),
    "cursor": _parameter("cursor", "Where a page starts; only from a link of the previous page.", {"type": "string"}),
    "featureId": {
        "name": "featureId",
        "in": "path",
        "description": "The identifier of the object.",
        "required": True,
        "schema": {"type": "string"},
    },
}


def _object(required: Iterable[str] = (), **properties: Json) -> Json:
    needed = list(required)
    return {"type": "object", "properties": properties, **({"required": needed} if needed else {})}


def _list_of(schema: str) -> Json:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{schema}"}}


_TEXT: Json = {"type": "string"}
_TEXTS: Json = {"type": "array", "items": _TEXT}

_SCHEMAS: Json = {
    "Document": {"type": "object"},
    "Link": _object(("href", "rel"), href=_TEXT, rel=_TEXT, type=_TEXT, title=_TEXT),
    "Landing": _object(("links",), title=_TEXT, description=_TEXT, links=_list_of("Link")),
    "Conformance": _object(("conformsTo",), conformsTo=_TEXTS, links=_list_of("Link")),
    "Collections": _object(
        ("links", "collections"), links=_list_of("Link"), crs=_TEXTS, collections=_list_of("Collection")
    ),
    "Collection": _object(
        ("id", "links"),
        id=_TEXT,
        title=_TEXT,
        description=_TEXT,
        attribution=_TEXT,
        extent={"type": "object"},
        itemType=_TEXT,
        crs=_TEXTS,
        storageCrs=_TEXT,
        links=_list_of("Link"),
    ),
    "Feature": _object(
        ("type", "geometry", "properties"),
        type={"type": "string", "enum": ["Feature"]},
        id=_TEXT,
        links=_list_of("Link"),
        geometry={"$ref": "#/components/schemas/Point"},
        properties={"type": "object"},
    ),
    "Point": _object(
        ("type", "coordinates"),
        type={"type": "string", "enum": ["Point"]},
        coordinates={"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number"}},
    ),
    "FeatureCollection": _object(
        ("type", "features"),
        type={"type": "string", "enum": ["FeatureCollection"]},
        numberMatched={"type": "integer", "minimum": 0},
        numberReturned={"type": "integer", "minimum": 0},
        links=_list_of("Link"),
        features=_list_of("Feature"),
    ),
    "Problem": _object(
        ("type", "title", "status", "detail"),
        type={"type": "string", "format": "uri-reference"},
        title=_TEXT,
        status={"type": "integer"},
        detail=_TEXT,
        layer={"type": "string", "nullable": True},
    ),
}


def _problem(description: str) -> Json:
    return {"description": description, "content": {_PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


_RESPONSES: Mapping[str, Json] = {
    "400": _problem("A parameter is wrong or unknown; the detail says which and why."),
    "404": _problem("There is no such collection or object; the detail names the nearest collection."),
    "406": _problem("There is no format that the client accepts."),
    "410": _problem("The page belongs to data that have been replaced: start again at the first page."),
    "503": _problem("The collection has no data yet, and none can be fetched now."),
}
