"""The largest page and the parameters in an OpenAPI document."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wfs_proxy.features import Payload
from wfs_proxy.sources.ogcapi.openapi import items_parameters, read_openapi

LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 500}}


def document(path: str = "/collections/{collectionId}/items", **item: Any) -> dict[str, Any]:
    return {"openapi": "3.0.2", "paths": {path: item}}


def most(members: Any, collection: str = "lamp") -> int | None:
    return items_parameters(read_openapi(Payload(body=json.dumps(members).encode())), collection).most


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"maximum": 500}, 500),
        ({"maximum": 500.0}, 500),
        ({"maximum": 500, "exclusiveMaximum": True}, 499),
        ({"exclusiveMaximum": 501}, 500),
        ({"allOf": [{"maximum": 700}, {"maximum": 500}]}, 500),
        ({"$ref": "#/components/schemas/limit"}, 500),
        ({"maximum": True}, None),
        ({"maximum": "500"}, None),
        ({"maximum": 0}, None),
        ({"maximum": 2_147_483_647}, None),
        ({}, None),
        ("nonsense", None),
    ],
)
def test_maximum_of_limit(schema: Any, expected: int | None):
    members = document(get={"parameters": [{"name": "limit", "in": "query", "schema": schema}]})
    members["components"] = {"schemas": {"limit": {"maximum": 500}}}

    assert most(members) == expected


@pytest.mark.parametrize(
    "item",
    [
        {"get": {"parameters": [LIMIT]}},
        {"parameters": [LIMIT], "get": {}},
        {"parameters": [LIMIT]},
        {"get": {"parameters": [{"$ref": "#/components/parameters/limit~1a"}]}},
        {"get": {"parameters": [{"$ref": "#/components/parameters/twice"}]}},
        {"$ref": "#/components/pathItems/items"},
    ],
    ids=["operation", "path", "path only", "reference", "two references", "path by reference"],
)
def test_parameter_may_be_in_all_places(item: dict[str, Any]):
    members = document(**item)
    members["components"] = {
        "parameters": {"limit/a": LIMIT, "twice": {"$ref": "#/components/parameters/limit~1a"}},
        "pathItems": {"items": {"get": {"parameters": [LIMIT]}}},
    }

    assert most(members) == 500


def test_path_of_the_collection_comes_before_the_one_for_all():
    other = {"get": {"parameters": [{"name": "limit", "in": "query", "schema": {"maximum": 20}}]}}
    paths = {
        "/collections/{collectionId}/items": other,
        "/ogc/collections/lamp%20post/items": {"get": {"parameters": [LIMIT]}},
        "/collections/boom/items": other,
        "/collections/lamp post/items/{featureId}": other,
    }

    assert most({"paths": paths}, "lamp post") == 500
    assert most({"paths": paths}, "unknown") == 20


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b"{" * 10_000,
        b"<html>",
        b"[]",
        b'{"paths": []}',
        b'{"paths": {"/collections/a/items": 3, "5": null}}',
        b'{"paths": {"/collections/a/items": {"get": {"parameters": {"limit": 3}}}}}',
        b'{"paths": {"/collections/a/items": {"$ref": "#/paths/~1collections~1a~1items"}}}',
        b"a: &a [*a]\n",
        b"a: &a [x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c]\n",
    ],
)
def test_document_of_no_use_states_nothing(body: bytes):
    parameters = items_parameters(read_openapi(Payload(body=body)), "a")

    assert (parameters.most, parameters.names) == (None, frozenset())


def test_names_of_query_parameters():
    header = {"name": "X-Api-Key", "in": "header"}
    members = document(get={"parameters": [LIMIT, header, {"name": "kind", "in": "query"}]})

    found = items_parameters(read_openapi(Payload(body=json.dumps(members).encode())), "lamp")

    assert found.names == {"limit", "kind"}
