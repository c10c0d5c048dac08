"""OGC API Features: any address of a service, its collections, and one of them, of servers that a test scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import inspecting
import needs
import pygeoapi_server
import pytest
import vendor
from scripted_ogcapi import ScriptedOgcApi, json_answer, problem
from scripted_wfs import ScriptedWfs, things
from vendor import Answer, Seen

from fixtures import servers
from wfs_proxy.inspect.proposal import propose
from wfs_proxy.inspect.texts import sentence

MOST_REQUESTS = 20
"""Of an inspection of a service with two collections."""


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("", None),
        ("/", None),
        ("?f=html", None),
        ("/collections", None),
        ("/collections?f=html", None),
        ("/collections.html", None),
        ("/conformance", None),
        ("/collections/pole", "pole"),
        ("/collections/pole/items", "pole"),
        ("/collections/pole/items?limit=10&offset=20&f=html", "pole"),
        (
            "/collections/pole/items?bbox=4,52,5,53&crs=http%3A%2F%2Fwww.opengis.net%2Fdef%2Fcrs%2FEPSG%2F0%2F28992",
            "pole",
        ),
        ("/collections/pole/items.html", "pole"),
        ("/collections/pole/items/pole.1", "pole"),
        ("/collections/gone", None),
    ],
)
@pytest.mark.parametrize("pages_for_people", ["never", "without f"])
def test_any_address_of_a_service_finds_its_collections(path: str, wanted: str | None, pages_for_people: Any):
    served = ScriptedOgcApi(collections=("lamp", "pole"), things=things(57), pages_for_people=pages_for_people)
    with vendor.serving(served) as server:
        service, report, _ = inspecting.inspected(server.url + path)

    assert (service.kind, service.url) == ("ogcapi", server.url)
    assert [(each.name, each.count) for each in service.types] == [("lamp", 57), ("pole", 57)]
    assert service.requested_type == wanted
    assert (report.count, report.sample, report.complete) == (57, 57, True)


def test_collection_is_described():
    described = {
        "collections": [
            {
                "id": "lamp",
                "title": "Lichtmasten",
                "description": "Alle lampen",
                "extent": {"spatial": {"bbox": [[4.2, 52.0, 4.5, 52.2]]}},
                "links": [{"rel": "items", "href": "/wfs/collections/lamp/items"}],
            },
            {"id": "photo", "links": [{"rel": "coverage", "href": "x"}]},
            {"id": "notes", "itemType": "record", "links": [{"rel": "items", "href": "x"}]},
        ]
    }
    attributes = {"email": "iemand@example.org", "gemeld": "nee", "bewerker": "pieter"}
    served = ScriptedOgcApi(things=things(57), attributes=attributes, answers={"collections": json_answer(described)})
    with vendor.serving(served) as server:
        service, report, _ = inspecting.inspected(server.url)
    found = {each.name: each for each in report.fields}

    assert [(each.name, each.title, each.abstract) for each in service.types] == [
        ("lamp", "Lichtmasten", "Alle lampen")
    ]
    assert {name: each.role for name, each in found.items() if each.role} == {
        "email": "personal",
        "gemeld": "mark",
        "bewerker": "internal",
    }
    assert (report.best_id.name, report.best_id.stable) == ("number", True)
    assert report.crs.crs == "OGC:CRS84"
    assert report.missing == ()
    assert "example.org" not in repr((service, report))
    assert service.requests + report.requests == len(server.seen) <= MOST_REQUESTS


def test_schema_names_types_and_titles():
    collection = {
        "id": "lamp",
        "links": [
            {"rel": "items", "href": "/wfs/collections/lamp/items"},
            {"rel": "http://www.opengis.net/def/rel/ogc/1.0/schema", "href": "/wfs/collections/lamp/schema"},
        ],
    }
    schema = {
        "properties": {
            "number": {"type": "integer", "title": "Nummer van de mast"},
            "kind": {"type": ["string", "null"], "title": "kind"},
            "placed": {"type": "string", "format": "date", "title": "Geplaatst"},
            "geometry": {"format": "geometry-point", "x-ogc-role": "primary-geometry"},
        }
    }
    answers = {"collections/lamp": json_answer(collection), "collections/lamp/schema": json_answer(schema)}
    with vendor.serving(ScriptedOgcApi(answers=answers)) as server:
        _, report, _ = inspecting.inspected(server.url)

    assert [(each.name, each.declared, each.title) for each in report.fields] == [
        ("number", "integer", "Nummer van de mast"),
        ("kind", "string", ""),
        ("placed", "date", "Geplaatst"),
    ]


@pytest.mark.parametrize(
    ("count", "changes", "expected"),
    [
        (57, {}, (57, 57, True)),
        (57, {"counts": "absent"}, (57, 57, True)),
        (57, {"counts": "page"}, (57, 57, True)),
        (60, {"most": 20}, (60, 60, True)),
        (60, {"cursors": True}, (60, 60, True)),
        (2_700, {}, (2_700, 1_000, False)),
        (2_700, {"cursors": True}, (None, 1_000, False)),
        (2_700, {"over_limit": "refused", "most": 500}, (2_700, 500, False)),
        (2_700, {"over_limit": "refused", "most": 500, "openapi": "absent"}, (2_700, 100, False)),
    ],
)
def test_count_and_completeness(count: int, changes: dict[str, Any], expected: tuple[object, ...]):
    with vendor.serving(ScriptedOgcApi(things=things(count), **changes)) as server:
        service, report, _ = inspecting.inspected(server.url)

    assert (report.count, report.sample, report.complete) == expected
    assert service.requests + report.requests == len(server.seen) <= MOST_REQUESTS + 5


def test_pages_without_end_are_bounded():
    with vendor.serving(ScriptedOgcApi(links="endless", counts="absent")) as server:
        service, report, _ = inspecting.inspected(server.url, max_requests=30)

    assert len(server.seen) == service.requests + report.requests <= 30
    assert (report.complete, report.sample > 0) == (False, True)


def test_draft_names_the_landing_page_and_the_collection():
    with vendor.serving(ScriptedOgcApi(collections=("lamp", "pole"), things=things(57))) as server:
        service, report, _ = inspecting.inspected(f"{server.url}/collections/pole/items?limit=5", "pole")
    draft = propose(service, report)

    assert (draft.kind, draft.url, draft.type_names) == ("ogcapi", server.url, ("pole",))
    assert (draft.id, draft.id_field, draft.cells) == ("pole", "number", False)
    assert draft.extent is not None
    assert report.crs.crs == "EPSG:28992"


def test_collection_that_is_larger_than_the_sample_and_not_counted_is_fetched_in_cells():
    """PDOK counts nothing, and its collections can have millions of objects."""
    with vendor.serving(ScriptedOgcApi(things=things(2_700), cursors=True)) as server:
        service, report, _ = inspecting.inspected(server.url)
    draft = propose(service, report)

    assert draft.cells
    assert draft.extent is not None
    assert draft.page_size is None


def test_key_in_the_address_is_kept_and_not_shown():
    served = ScriptedOgcApi(things=things(57))

    def guarded(seen: Seen) -> Answer:
        if seen.query.get("apikey") != "s3cr3t-sleutel":
            return problem("no key", 401)
        return served(Seen(**{**vars(seen), "query": {k: v for k, v in seen.query.items() if k != "apikey"}}))

    with vendor.serving(guarded) as server:
        service, report, _ = inspecting.inspected(f"{server.url}/collections/lamp/items?apikey=s3cr3t-sleutel&limit=5")

    assert service.url.endswith("?apikey=s3cr3t-sleutel")
    assert "s3cr3t" not in service.shown_url
    assert (report.sample, service.findings) == (57, ())


@pytest.mark.parametrize("query", ["kind=mast", "filter=kind='mast'", "datetime=2024-01-01"])
def test_filter_in_the_address_is_said_to_be_dropped(query: str):
    with vendor.serving(ScriptedOgcApi(things=things(57))) as server:
        service, report, _ = inspecting.inspected(f"{server.url}/collections/lamp/items?{query}&limit=5")

    assert [each.code for each in service.findings] == ["filter_dropped"]
    assert (service.url, report.sample) == (server.url, 57)


def test_page_for_people_at_any_address_leads_to_its_service():
    served = ScriptedOgcApi(things=things(57))
    page = b'<html><a href="/wfs/collections">Data</a> <a href="/wfs/conformance">Conformance</a></html>'

    def scenario(seen: Seen) -> Answer:
        if "json" not in seen.headers.get("accept", "") and seen.query.get("f") != "json":
            return Answer(body=page, media_type="text/html")
        return served(seen)

    with vendor.serving(scenario) as server:
        service, report, _ = inspecting.inspected(server.url)

    assert (service.kind, report.sample) == ("ogcapi", 57)


def test_collection_beyond_the_first_page_of_the_list_is_found():
    listed = {"collections": [{"id": "lamp"}], "links": [{"rel": "next", "href": "?page=2"}]}
    served = ScriptedOgcApi(
        collections=("lamp", "pole"), things=things(57), answers={"collections": json_answer(listed)}
    )
    with vendor.serving(served) as server:
        service, _, _ = inspecting.inspected(f"{server.url}/collections/pole")

    assert [(each.name, each.count) for each in service.types] == [("lamp", 57), ("pole", 57)]
    assert service.requested_type == "pole"


@pytest.mark.parametrize(
    ("answered", "code", "says"),
    [
        (json_answer({"links": [{"rel": "data", "href": "/wfs/collections"}]}), "ogc_api", "OGC API"),
        (json_answer({"collections": [], "links": []}), "no_types", "geen enkele laag"),
        (problem("no", 401), "login_required", "wachtwoord"),
        (problem("no", 403), "login_refused", "weigert"),
        (Answer(status=404), "not_found", "404"),
        (Answer(status=500), "server_error", "500"),
        (Answer(body=b"<html><form><input type=password></form></html>"), "login_page", "inlog"),
        (Answer(body=b'{"collections": ['), "unreadable", ""),
    ],
)
def test_each_failure_of_a_service_says_what_it_is(answered: Answer, code: str, says: str):
    with vendor.serving(lambda _: answered) as server:
        found = inspecting.diagnosed(f"{server.url}/collections")

    assert found.code == code
    assert says in sentence(found, "nl")
    assert found.requests <= MOST_REQUESTS


def test_wfs_whose_address_looks_like_an_api_is_found():
    wfs = ScriptedWfs()
    with vendor.serving(lambda seen: wfs(seen) if "request" in seen.query else Answer(status=404)) as server:
        service, _, _ = inspecting.inspected(server.url.replace("/wfs", "/geo/ogc/v1"))

    assert service.kind == "wfs"


def test_plain_document_with_links_stays_geojson():
    document = {
        "type": "FeatureCollection",
        "links": [{"rel": "self", "href": "x"}],
        "features": [
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [4.3, 52.05]}, "properties": {"nr": 1}}
        ],
    }
    with vendor.serving(lambda _: Answer(body=json.dumps(document).encode())) as server:
        service, _, _ = inspecting.inspected(server.url.replace("/wfs", "/lampen.geojson"))

    assert service.kind == "geojson"


@pytest.fixture(scope="module")
def pygeoapi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An OGC API that is no double of ours."""
    folder = tmp_path_factory.mktemp("pygeoapi")
    features = [
        {
            "type": "Feature",
            "id": number,
            "geometry": {"type": "Point", "coordinates": [4.7 + number / 10_000, 51.5]},
            "properties": {"nummer": f"{number:05}", "email": "iemand@example.org"},
        }
        for number in range(150)
    ]
    (folder / "putten.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with pygeoapi_server.running(folder, {"putten": pygeoapi_server.Served(folder / "putten.geojson")}) as url:
        yield url


@pytest.mark.parametrize("path", ["", "?f=html", "/collections", "/collections/putten/items?f=html&limit=10"])
def test_pygeoapi_is_described(pygeoapi: str, path: str):
    service, report, _ = inspecting.inspected(f"{pygeoapi}{path}")

    assert (service.kind, service.url) == ("ogcapi", pygeoapi)
    assert [(each.name, each.count) for each in service.types] == [("putten", 150)]
    assert (report.count, report.sample, report.complete, report.best_id.name) == (150, 150, True, "nummer")
    assert propose(service, report).extent is not None
    assert service.requests + report.requests <= MOST_REQUESTS


def test_qgis_server_is_described(tmp_path: Path):
    needs.program("qgis_mapserv.fcgi", package="qgis-server")
    with servers.running(["techview"], tmp_path) as address:
        service, report, _ = inspecting.inspected(f"{address}/techview/wfs3/collections.html")

    assert (service.kind, service.url) == ("ogcapi", f"{address}/techview/wfs3")
    assert [(each.name, each.title) for each in service.types] == [("lichtmast", "Lichtmasten Helmond (verzonnen)")]
    assert service.types[0].count == report.count
    assert report.best_id.name == "objectnummer"
    assert service.requests + report.requests <= MOST_REQUESTS
