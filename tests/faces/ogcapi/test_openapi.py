from __future__ import annotations

import json
import re

import points

from wfs_proxy.faces.ogcapi.openapi import openapi_document

DOCUMENT = openapi_document([points.layer(), points.layer("a.b")], "https://proxy.example/ogc/v1", version="1.0.0")


def test_every_collection_has_its_paths():
    assert [path for path in DOCUMENT["paths"] if path.startswith("/collections/a.b")] == [
        "/collections/a.b",
        "/collections/a.b/queryables",
        "/collections/a.b/schema",
        "/collections/a.b/items",
        "/collections/a.b/items/{featureId}",
    ]


def test_all_references_exist():
    for reference in re.findall(r'"#/([^"]+)"', json.dumps(DOCUMENT)):
        target = DOCUMENT
        for name in reference.split("/"):
            target = target[name]


def test_operations_have_unique_names_and_an_answer_for_errors():
    operations = [path["get"] for path in DOCUMENT["paths"].values()]

    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all({"200", "400", "406"} <= operation["responses"].keys() for operation in operations)


def test_the_limit_has_its_maximum():
    assert DOCUMENT["components"]["parameters"]["limit"]["schema"]["maximum"] == 50_000
    assert {"$ref": "#/components/parameters/limit"} in DOCUMENT["paths"]["/collections/masten/items"]["get"][
        "parameters"
    ]
