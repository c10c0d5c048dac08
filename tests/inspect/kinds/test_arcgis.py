"""ArcGIS services, their layers, and the pages of the directory: servers that a test scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import inspecting
import pytest
import vendor
from scripted_arcgis import FIELDS, SERVICE, ScriptedArcgis, Thing, answer, error, things
from scripted_wfs import ScriptedWfs
from vendor import Answer, Seen

from bench import koop_server
from wfs_proxy.inspect.proposal import propose
from wfs_proxy.inspect.texts import sentence

HTML = b"<html><head><title>Folder: /</title></head><body><h2>ArcGIS REST Services Directory</h2></body></html>"
LOGIN = b'<html><form><input type="password"></form></html>'
MOST_REQUESTS = 16
"""Of an inspection of a service with one layer."""


def at(server: vendor.Server, path: str) -> str:
    return server.url.removesuffix("/wfs") + path


@pytest.mark.parametrize(
    "path",
    [
        SERVICE,
        f"{SERVICE}/",
        f"{SERVICE}?f=html",
        f"{SERVICE}/0",
        f"{SERVICE}/0?f=pjson",
        f"{SERVICE}/0/query",
        f"{SERVICE}/0/query?where=1%3D1&outFields=*&time=&having=&resultType=none&f=geojson",
        f"{SERVICE}/0/query?where=1%3D1&geometry=1%2C2%2C3%2C4&inSR=28992&resultRecordCount=5&f=html",
        f"{SERVICE}/0/1234",
        SERVICE.replace("FeatureServer", "featureserver"),
    ],
)
def test_any_address_of_a_service_finds_its_layers(path: str):
    served = ScriptedArcgis(layers={0: "Lichtmasten", 3: "Kasten"})

    def ignoring_case(seen: Seen) -> Answer:
        return served(replace(seen, path=seen.path.replace("featureserver", "FeatureServer")))

    with vendor.serving(ignoring_case) as server:
        service, report, _ = inspecting.inspected(at(server, path))

    assert service.kind == "arcgis"
    assert service.url.lower() == at(server, SERVICE).lower()
    assert [(each.name, each.title, each.count) for each in service.types] == [
        ("0", "Lichtmasten", 100),
        ("3", "Kasten", 100),
    ]
    assert service.requested_type == ("0" if "/0" in path else None)
    assert (report.count, report.sample, report.complete) == (100, 100, True)
    assert all("where=" not in seen.path for seen in server.seen)


def test_fields_have_types_titles_examples_and_roles():
    fields = [
        *FIELDS,
        {"name": "F1", "type": "esriFieldTypeString", "alias": "E-mail van de melder"},
        {"name": "CREATED_USER", "type": "esriFieldTypeString", "alias": "created_user"},
        {"name": "HOOGTE", "type": "esriFieldTypeDouble", "alias": "Hoogte in meter"},
        {"name": "GEMELD", "type": "esriFieldTypeString", "alias": "Gemeld"},
        {"name": "LEEG", "type": "esriFieldTypeString", "alias": "Leeg"},
    ]

    def attributes(thing: Thing) -> dict[str, Any]:
        number = thing.number or 0
        return {
            "OBJECTID": number,
            "NUMMER": f"{number:06d}",
            "KIND": thing.kind,
            "GEPLAATST": 1_259_794_800_000,
            "F1": "jan",
            "CREATED_USER": "pieter",
            "HOOGTE": 4.5 if thing.kind == 1 else None,
            "GEMELD": "ja" if number == 7 else "nee",
            "LEEG": None,
        }

    served = ScriptedArcgis(attributes=attributes, description={"fields": fields})
    with vendor.serving(served) as server:
        service, report, _ = inspecting.inspected(at(server, f"{SERVICE}/0"))
    found = {each.name: each for each in report.fields}

    assert {name: each.type for name, each in found.items()} == {
        "OBJECTID": "integer",
        "NUMMER": "string",
        "KIND": "string",
        "GEPLAATST": "datetime",
        "F1": "string",
        "CREATED_USER": "string",
        "HOOGTE": "number",
        "GEMELD": "string",
        "LEEG": "string",
    }
    assert (found["HOOGTE"].title, found["HOOGTE"].filled, found["HOOGTE"].declared) == (
        "Hoogte in meter",
        0.5,
        "double",
    )
    assert found["NUMMER"].title == ""
    assert set(found["KIND"].examples) == {"Mast", "Kast"}
    assert {name: each.role for name, each in found.items() if each.role} == {
        "F1": "personal",
        "CREATED_USER": "internal",
        "GEMELD": "mark",
        "LEEG": "empty",
    }
    assert not found["F1"].examples
    assert (report.best_id.name, report.best_id.stable) == ("NUMMER", True)
    assert [(each.field, each.reported) for each in report.marks] == [("GEMELD", ("ja",))]
    assert report.crs.reading.startswith("EPSG:28992")
    assert report.missing == ()
    assert service.requests + report.requests == len(server.seen) <= MOST_REQUESTS


@pytest.mark.parametrize(
    ("count", "changes", "expected"),
    [
        (57, {}, (57, 57, True, None)),
        (57, {"counts": "refused"}, (57, 57, True, None)),
        (57, {"counts": "zero"}, (57, 57, True, None)),
        (60, {"stated_cap": 50}, (60, 60, True, None)),
        (2_700, {}, (2_700, 1_000, False, 1_000)),
        (2_700, {"cap": 200}, (2_700, 200, False, 200)),
        (2_700, {"counts": "refused", "flag": "absent"}, (2_700, 2_700, True, None)),
        (2_700, {"pages": "stated refused"}, (2_700, 1_000, False, 1_000)),
    ],
)
def test_count_cap_and_completeness(count: int, changes: dict[str, Any], expected: tuple[object, ...]):
    with vendor.serving(ScriptedArcgis(things=things(count), **changes)) as server:
        service, report, _ = inspecting.inspected(at(server, SERVICE))

    assert (report.count, report.sample, report.complete, report.paging.cap) == expected
    assert service.requests + report.requests == len(server.seen) <= MOST_REQUESTS


def test_vendor_that_pages_without_end_is_asked_a_bounded_number_of_times():
    served = ScriptedArcgis(counts="refused", pages="endless", ids="refused", flag="absent", stated_cap=100)
    with vendor.serving(served) as server:
        service, report, _ = inspecting.inspected(at(server, SERVICE), max_requests=30)

    assert len(server.seen) == service.requests + report.requests <= 30
    assert (report.complete, report.sample > 0) == (False, True)


def test_draft_names_the_service_and_the_layer():
    with vendor.serving(ScriptedArcgis(layers={0: "Bomen", 4: "Lichtmasten Noord"})) as server:
        service, report, _ = inspecting.inspected(at(server, f"{SERVICE}/4/query?where=1=1&f=json"), "4")
    draft = propose(service, report)

    assert (draft.kind, draft.url, draft.type_names) == ("arcgis", at(server, SERVICE), ("4",))
    assert (draft.id, draft.title, draft.id_field) == ("lichtmasten-noord", "Lichtmasten Noord", "NUMMER")
    assert draft.extent is not None


def test_layer_can_be_named_by_its_title():
    with vendor.serving(ScriptedArcgis(layers={0: "Bomen", 4: "Lichtmasten"})) as server:
        service, _, _ = inspecting.inspected(at(server, SERVICE))

    assert service.type_named("lichtmasten").name == "4"
    assert service.type_named("4").name == "4"
    assert service.type_named("5") is None


def test_groups_and_rasters_are_no_layers_and_tables_are():
    listed = {
        "currentVersion": 11,
        "documentInfo": {"Title": "Openbare ruimte"},
        "copyrightText": "Gemeente Voorbeeld",
        "layers": [
            {"id": 0, "name": "Alles", "type": "Group Layer", "subLayerIds": [1]},
            {"id": 1, "name": "Masten", "type": "Feature Layer", "subLayerIds": None},
            {"id": 2, "name": "Luchtfoto", "type": "Raster Layer"},
            {"id": 3, "name": "Oud", "subLayerIds": [1]},
        ],
        "tables": [{"id": 9, "name": "Storingen"}],
    }
    served = ScriptedArcgis(layers={1: "Masten", 9: "Storingen"})
    with vendor.serving(lambda seen: answer(listed) if seen.path == SERVICE else served(seen)) as server:
        service, _, _ = inspecting.inspected(at(server, SERVICE))

    assert (service.title, service.provider) == ("Openbare ruimte", "Gemeente Voorbeeld")
    assert [each.title for each in service.types] == ["Masten", "Storingen"]


def test_layer_whose_service_is_closed_is_described_alone():
    served = ScriptedArcgis(layers={4: "Masten"})
    closed = error(403, "You do not have permissions to access this resource")
    with vendor.serving(lambda seen: closed if seen.path == SERVICE else served(seen)) as server:
        service, report, _ = inspecting.inspected(at(server, f"{SERVICE}/4"))

    assert [(each.name, each.title, each.count) for each in service.types] == [("4", "Masten", 100)]
    assert report.complete


def test_layer_at_an_address_without_a_number_is_a_service_with_one_layer():
    """A proxy in front of a layer, as some suppliers have."""
    served = ScriptedArcgis()

    def proxied(seen: Seen) -> Answer:
        if not seen.path.startswith("/geo/masten"):
            return Answer(status=404)
        return served(replace(seen, path=seen.path.replace("/geo/masten", f"{SERVICE}/0")))

    with vendor.serving(proxied) as server:
        service, report, _ = inspecting.inspected(at(server, "/geo/masten?f=json"))
    draft = propose(service, report)

    assert (service.kind, [each.name for each in service.types]) == ("arcgis", [""])
    assert (draft.url, draft.type_names, report.sample) == (at(server, "/geo/masten"), (), 100)


def directory(*services: str, folders: tuple[str, ...] = ()) -> Answer:
    listed = [dict(zip(("name", "type"), each.split(":"), strict=True)) for each in services]
    return answer({"currentVersion": 11.1, "folders": [*folders], "services": listed})


def in_directory(listed: Answer, served: ScriptedArcgis) -> Any:
    """A server that shows pages for people to everybody who does not ask for JSON."""

    def scenario(seen: Seen) -> Answer:
        if not seen.path.startswith("/arcgis/rest"):
            return Answer(status=404)
        if seen.query.get("f") != "json":
            return Answer(body=HTML, media_type="text/html")
        return listed if seen.path == "/arcgis/rest/services" else served(seen)

    return scenario


@pytest.mark.parametrize("path", ["/arcgis/rest/services", "/arcgis/rest/services/", "/arcgis/rest", "/arcgis"])
def test_directory_with_one_service_leads_to_it(path: str):
    listed = directory("Verlichting:FeatureServer", "Routes:GPServer")
    with vendor.serving(in_directory(listed, ScriptedArcgis())) as server:
        service, report, _ = inspecting.inspected(at(server, path))

    assert (service.url, report.sample) == (at(server, SERVICE), 100)


def test_directory_with_services_lists_them():
    listed = directory("Verlichting:FeatureServer", "Groen/Bomen:MapServer", "Kaart:ImageServer", folders=("Water",))
    with vendor.serving(in_directory(listed, ScriptedArcgis())) as server:
        found = inspecting.diagnosed(at(server, "/arcgis/rest/services?f=html"))

    assert found.code == "arcgis_directory"
    assert found.suggestions == tuple(
        at(server, f"/arcgis/rest/services/{each}")
        for each in ("Verlichting/FeatureServer", "Groen/Bomen/MapServer", "Water")
    )
    assert "lijst met diensten" in sentence(found, "nl")
    assert len(server.seen) == 1


def test_page_for_people_of_a_layer_is_no_obstacle():
    with vendor.serving(in_directory(directory(), ScriptedArcgis())) as server:
        service, report, _ = inspecting.inspected(at(server, f"{SERVICE}/0"))

    assert (service.requested_type, report.sample) == ("0", 100)


@pytest.mark.parametrize(
    ("answered", "code", "says"),
    [
        (error(499, "Token Required"), "login_required", "wachtwoord"),
        (error(400, "Service Verlichting/FeatureServer not started"), "exception", "not started"),
        (error(500, "Error: Cannot access the database"), "exception", "Cannot access the database"),
        (answer({"currentVersion": 11, "layers": [], "tables": []}), "arcgis", "FeatureServer"),
        (answer({"currentVersion": 11}), "arcgis", "FeatureServer"),
        (
            Answer(body=b'<html><form><input type="password"></form></html>', media_type="text/html"),
            "login_page",
            "inlog",
        ),
        (Answer(body=b'{"currentVersion": 11, "layers": ['), "unreadable", ""),
        (Answer(status=404), "not_found", "404"),
        (Answer(status=401), "login_required", "wachtwoord"),
        (Answer(status=503), "server_error", "503"),
    ],
)
def test_each_failure_of_a_service_says_what_it_is(answered: Answer, code: str, says: str):
    with vendor.serving(lambda _: answered) as server:
        found = inspecting.diagnosed(at(server, SERVICE))

    assert found.code == code
    assert says in sentence(found, "nl")
    assert found.requests <= MOST_REQUESTS


def test_wfs_of_a_map_server_is_found_where_its_own_interface_is_off():
    wfs = ScriptedWfs()

    def scenario(seen: Seen) -> Answer:
        return wfs(seen) if seen.path == "/arcgis/services/A/MapServer/WFSServer" else Answer(status=404)

    with vendor.serving(scenario) as server:
        service, report, _ = inspecting.inspected(at(server, "/arcgis/rest/services/A/MapServer/3"))

    assert (service.kind, report.sample) == ("wfs", 100)


def test_objects_that_need_a_login_are_said_to():
    served = ScriptedArcgis()
    with vendor.serving(
        lambda seen: error(499, "Token Required") if seen.path.endswith("/query") else served(seen)
    ) as server:
        _, report, _ = inspecting.inspected(at(server, SERVICE))

    assert report.needs_login
    assert report.findings[0].code == "login_for_objects"


def test_condition_in_the_address_is_said_to_be_dropped():
    with vendor.serving(ScriptedArcgis()) as server:
        service, _, _ = inspecting.inspected(at(server, f"{SERVICE}/0/query?where=KIND%3D1&f=json"))

    assert [each.code for each in service.findings] == ["filter_dropped"]


def test_token_in_the_address_is_kept_and_not_shown():
    with vendor.serving(ScriptedArcgis()) as server:
        service, _, _ = inspecting.inspected(at(server, f"{SERVICE}/0?token=s3cr3t-token&f=json"))

    assert service.url.endswith("?token=s3cr3t-token")
    assert "s3cr3t" not in service.shown_url
    assert all(seen.query.get("token") == "s3cr3t-token" for seen in server.seen)


def test_area_of_a_large_layer_is_what_the_vendor_computes():
    served = ScriptedArcgis(things=things(2_700))
    box = {"xmin": 4.60, "ymin": 51.50, "xmax": 4.90, "ymax": 51.70, "spatialReference": {"wkid": 4326}}

    def scenario(seen: Seen) -> Answer:
        return answer({"extent": box}) if "returnextentonly" in seen.query else served(seen)

    with vendor.serving(scenario) as server:
        service, report, _ = inspecting.inspected(at(server, SERVICE))
    west, south, east, north = propose(service, report).extent

    assert (west, south, east, north) == pytest.approx((4.58, 51.49, 4.92, 51.71), abs=0.011)


@pytest.mark.parametrize(
    "box", [None, {"xmin": "NaN"}, {"xmin": -20037508.0, "ymin": -30240971.0, "xmax": 20037508.0, "ymax": 30240971.0}]
)
def test_absurd_area_is_left_out(box: Any):
    served = ScriptedArcgis(things=things(2_700))
    with vendor.serving(
        lambda seen: (
            Answer(body=json.dumps({"extent": box}).encode()) if "returnextentonly" in seen.query else served(seen)
        )
    ) as server:
        service, report, _ = inspecting.inspected(at(server, SERVICE))

    assert propose(service, report).extent is None


@pytest.fixture(scope="module")
def koop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A feature service that is no double of ours."""
    if koop_server.modules() is None:
        pytest.skip("run `make koop` (it needs Debian's npm)")
    folder = tmp_path_factory.mktemp("koop")
    features = [
        {
            "type": "Feature",
            "id": number,
            "geometry": {"type": "Point", "coordinates": [4.7 + number / 10_000, 51.5]},
            "properties": {"nummer": f"{number:05}", "email": "iemand@example.org"},
        }
        for number in range(150)
    ]
    (folder / "masten.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with koop_server.serving(folder, ready="masten") as address:
        yield address


def test_koop_is_described(koop: str):
    service, report, _ = inspecting.inspected(f"{koop}/masten/FeatureServer/0/query?where=1=1&f=geojson")

    assert (service.kind, service.url) == ("arcgis", f"{koop}/masten/FeatureServer")
    assert [(each.name, each.count) for each in service.types] == [("0", 150)]
    assert (report.count, report.sample, report.complete, report.best_id.name) == (150, 150, True, "nummer")
    assert propose(service, report).extent is not None
    assert service.requests + report.requests <= MOST_REQUESTS
