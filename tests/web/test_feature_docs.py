"""The OpenAPI document describes the feature endpoint, although the framework does not answer it."""

from __future__ import annotations

import pytest

from wfs_proxy.serve.query import SELECTING

FEATURES = "/layers/{layer_id}/features"
FEATURE = f"{FEATURES}/{{feature_id}}"


@pytest.fixture
def document(proxy) -> dict:
    return proxy.get("/openapi.json").json()


def parameters(document: dict, path: str) -> dict[str, dict]:
    return {given["name"]: given for given in document["paths"][path]["get"]["parameters"]}


def references(schema: object) -> list[str]:
    if isinstance(schema, dict):
        own = [schema["$ref"]] if "$ref" in schema else []
        return own + [found for value in schema.values() for found in references(value)]
    return [found for value in schema for found in references(value)] if isinstance(schema, list) else []


def test_the_document_names_every_path_and_resolves_every_reference(document):
    assert set(document["paths"]) == {
        "/layers",
        "/layers/{layer_id}",
        FEATURES,
        FEATURE,
        "/layers/{layer_id}/question",
        "/layers/{layer_id}/download",
        "/layers/{layer_id}/tiles",
        "/layers/{layer_id}/tiles/{z}/{x}/{y}",
        "/problems/{name}",
        "/",
    }
    for reference in references(document):
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"]


def test_every_parameter_is_described_with_its_bounds(document):
    given = parameters(document, FEATURES)
    assert {name.lower() for name in given} == {"layer_id", *SELECTING, "limit", "cursor"}
    assert all(parameter["description"] for parameter in given.values())
    assert [name for name, parameter in given.items() if parameter["required"]] == ["layer_id"]
    assert given["bbox"]["schema"]["examples"] == ["4.30,52.06,4.32,52.08"]
    bounds = {name: (each["schema"].get("minimum"), each["schema"].get("maximum")) for name, each in given.items()}
    assert bounds["west"] == bounds["east"] == (-180, 180)
    assert bounds["south"] == bounds["north"] == (-90, 90)
    assert bounds["limit"] == (1, 50_000)
    assert set(parameters(document, FEATURE)) == {"layer_id", "feature_id"}


@pytest.mark.parametrize(
    ("path", "schema", "errors"),
    [(FEATURES, "FeatureCollection", {"400", "404", "410", "503"}), (FEATURE, "Feature", {"400", "404", "503"})],
)
def test_answers_and_errors_are_described(document, path, schema, errors):
    responses = document["paths"][path]["get"]["responses"]
    assert set(responses) == {"200", "304", "default", *errors}
    assert responses["200"]["content"] == {
        "application/geo+json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    }
    assert set(responses["503"]["headers"]) == {"Retry-After"}
    for status in errors:
        members = responses[status]["content"]["application/problem+json"]["schema"]["properties"]
        assert set(members) == {"type", "title", "status", "detail", "layer"}


def test_every_header_field_of_an_answer_is_described(document, proxy):
    described = {name.lower() for name in document["paths"][FEATURES]["get"]["responses"]["200"]["headers"]}
    sent = set(proxy.get("/layers/masten/features").headers)
    general = {"content-type", "content-length", "date", "server"}
    general |= {"x-content-type-options", "x-frame-options", "content-security-policy"}
    about_origins = {"access-control-allow-origin", "access-control-expose-headers"}
    assert sent - general - about_origins == described - {"content-encoding", "features-truncated"}


def test_an_answer_has_the_members_that_are_described(document, proxy):
    answer = proxy.get("/layers/masten/features?limit=2").json()
    schemas = document["components"]["schemas"]
    assert set(answer) == set(schemas["FeatureCollection"]["properties"])
    assert set(answer["links"][0]) == set(schemas["NextPageLink"]["properties"])
    assert set(answer["features"][0]) == set(schemas["Feature"]["properties"])
