"""The source against invented ArcGIS servers, over sockets: what an administrator's layer gets from them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import vendor
from scripted_arcgis import FIELDS, SERVICE, ScriptedArcgis, Thing, answer, error, things
from vendor import Answer, Seen

from wfs_proxy.bbox import BBox
from wfs_proxy.config.layer import Layer
from wfs_proxy.errors import (
    DecodeError,
    MalformedDocument,
    NotFeatures,
    UpstreamException,
    UpstreamRefused,
    UpstreamUnreachable,
    WfsProxyError,
)
from wfs_proxy.features import Encoding
from wfs_proxy.geo.crs.srs_name import RD_NEW
from wfs_proxy.geo.crs.transform import to_crs84
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.pipeline.transform import points_from_features
from wfs_proxy.sources.arcgis import source as arcgis_source
from wfs_proxy.sources.open_source import open_source
from wfs_proxy.sources.protocol import FetchedFeatures

pytestmark = pytest.mark.anyio


async def no_sleep(_: float) -> None:
    return None


def layer_of(server: vendor.Server, path: str = f"{SERVICE}/0", **changes: object) -> Layer:
    address = server.url.removesuffix("/wfs") + path
    fields = {
        "nummer": {"from": "NUMMER"},
        "soort": {"from": "KIND"},
        "geplaatst": {"from": "GEPLAATST", "type": "date"},
    }
    return Layer(
        id="masten",
        title="Masten",
        source={"type": "arcgis", "url": address, **changes},
        properties={"id": "NUMMER", "fields": fields},
    )


async def fetch(
    scenario: Callable[[Seen], Answer], area: BBox | None = None, path: str = f"{SERVICE}/0", **changes: object
) -> FetchedFeatures:
    with vendor.serving(scenario) as server:
        async with HttpClients(HttpPolicy(sleep=no_sleep, proxy_for=lambda _: None)) as http:
            return await open_source(layer_of(server, path, **changes), http, asyncio.to_thread).fetch(area)


def numbers(fetched: FetchedFeatures) -> list[int]:
    return sorted(int(each) for each in fetched.batch.ids if each is not None)


def of(scenario: ScriptedArcgis) -> list[int]:
    return sorted(each.number for each in scenario.things if each.number is not None)


def places(fetched: FetchedFeatures) -> np.ndarray:
    return np.array([[each.x, each.y] for each in fetched.batch.geometry])


async def test_whole_layer_is_fetched_page_by_page_in_rd():
    scenario = ScriptedArcgis(things=things(95), stated_cap=20)

    fetched = await fetch(scenario)

    assert numbers(fetched) == of(scenario)
    assert (fetched.report.complete, fetched.report.matched, fetched.report.notes) == (True, 95, ())
    assert fetched.batch.srs_names == ("EPSG:28992",)
    assert np.allclose(places(fetched), [each.place for each in scenario.things], atol=0, rtol=0)
    assert fetched.report.requests == scenario.requests == 7  # description, count, five pages


async def test_values_become_readable():
    fetched = await fetch(ScriptedArcgis(things=[Thing(1, (110_000, 400_000), 1), Thing(2, (110_001, 400_000), 9)]))

    assert fetched.batch.columns["KIND"].tolist() == ["Mast", 9]
    assert fetched.batch.columns["GEPLAATST"].tolist() == ["2009-12-02T23:00:00Z"] * 2
    assert fetched.batch.type_names.tolist() == ["Lichtmasten"] * 2


async def test_objects_are_served_where_they_are():
    scenario = ScriptedArcgis(things=things(30))
    with vendor.serving(scenario) as server:
        async with HttpClients() as http:
            layer = layer_of(server)
            points = points_from_features((await open_source(layer, http, asyncio.to_thread).fetch()).batch, layer)

    expected = to_crs84(np.array([each.place for each in scenario.things]), RD_NEW)
    assert np.allclose(points.lonlat, expected, atol=1e-7)
    assert points.columns["soort"].tolist()[:2] == ["Mast", "Kast"]
    assert points.columns["geplaatst"][0] == "2009-12-03"
    assert points.ids[0] == "000007"


COMPLETE = {
    "one page": ScriptedArcgis(things=things(9)),
    "no objects": ScriptedArcgis(things=[]),
    "one full page": ScriptedArcgis(things=things(20), stated_cap=20),
    "lower cap than stated": ScriptedArcgis(things=things(50), cap=12),
    "lower cap and no flag": ScriptedArcgis(things=things(50), cap=12, flag="absent"),
    "flag without meaning": ScriptedArcgis(things=things(50), stated_cap=20, flag="always"),
    "no stated cap": ScriptedArcgis(things=things(50), stated_cap=None, cap=12),
    "paging ignored": ScriptedArcgis(things=things(50), stated_cap=12, pages="ignored"),
    "paging ignored, no flag, count of a page": ScriptedArcgis(
        things=things(50), stated_cap=12, pages="ignored", flag="absent", counts="capped"
    ),
    "later pages refused": ScriptedArcgis(things=things(50), stated_cap=12, pages="refused"),
    "paging not supported": ScriptedArcgis(things=things(50), stated_cap=12, pages="stated refused"),
    "paging not supported, silent": ScriptedArcgis(
        things=things(50), stated_cap=12, pages="stated refused", description={"advancedQueryCapabilities": None}
    ),
    "pages overlap": ScriptedArcgis(things=things(50), stated_cap=12, pages="overlapping"),
    "empty pages between": ScriptedArcgis(things=things(50), stated_cap=12, pages="hollow"),
    "count refused": ScriptedArcgis(things=things(50), stated_cap=12, counts="refused"),
    "count of a page": ScriptedArcgis(things=things(50), stated_cap=12, counts="capped"),
    "more than counted": ScriptedArcgis(things=things(50), stated_cap=12, counts="zero"),
    "fewer than counted": ScriptedArcgis(things=things(50), stated_cap=12, counts="more"),
    "ids and paging refused, count agrees": ScriptedArcgis(
        things=things(7), stated_cap=12, pages="ignored", ids="refused"
    ),
    "ranges refused": ScriptedArcgis(things=things(50), stated_cap=12, pages="ignored", ranges="refused"),
    "ids cannot be listed in the URL": ScriptedArcgis(
        things=things(50), stated_cap=12, pages="ignored", lists="refused"
    ),
    "no id field": ScriptedArcgis(
        things=things(50), stated_cap=12, description={"objectIdField": None, "fields": [*FIELDS[1:]]}
    ),
    "id field by its type": ScriptedArcgis(
        things=things(50), stated_cap=12, pages="ignored", description={"objectIdField": ""}
    ),
    "no description": ScriptedArcgis(things=things(50), described=error(400, "Invalid URL")),
    "description is a page": ScriptedArcgis(things=things(50), described=Answer(body=b"<html>Log in</html>")),
    "map service": ScriptedArcgis(
        things=things(50), formats="JSON, AMF", description={"objectIdField": None}, stated_cap=12
    ),
    "no ids": ScriptedArcgis(things=[replace(each, number=None) for each in things(50)], stated_cap=12),
    "ids repeated": ScriptedArcgis(things=[replace(each, number=3) for each in things(50)], stated_cap=12),
}


@pytest.mark.parametrize("scenario", COMPLETE.values(), ids=COMPLETE)
async def test_layer_is_complete(scenario):
    fetched = await fetch(scenario)

    assert len(fetched.batch) == len(scenario.things)
    assert numbers(fetched) == of(scenario)
    assert fetched.report.complete, fetched.report.notes
    assert fetched.report.requests < 40


INCOMPLETE = {
    "paging ignored, ids refused": ScriptedArcgis(things=things(50), stated_cap=12, pages="ignored", ids="refused"),
    "paging ignored, count and ids of a page": ScriptedArcgis(
        things=things(50), stated_cap=12, pages="ignored", ids="refused", counts="capped"
    ),
    "ids of a page": ScriptedArcgis(things=things(50), stated_cap=12, pages="ignored", ids="capped"),
    "no ids and no pages": ScriptedArcgis(
        things=[replace(each, number=None) for each in things(50)], stated_cap=12, pages="ignored"
    ),
    "ids without objects": ScriptedArcgis(
        things=things(50), stated_cap=12, pages="ignored", ranges="refused", lists="refused"
    ),
}


@pytest.mark.parametrize("scenario", [*INCOMPLETE.values()][:-1], ids=[*INCOMPLETE][:-1])
async def test_layer_that_may_be_cut_is_not_called_complete(scenario):
    fetched = await fetch(scenario)

    assert not fetched.report.complete
    assert any("incomplete" in note for note in fetched.report.notes)


async def test_vendor_that_refuses_every_part_ends_the_fetch():
    with pytest.raises(UpstreamException, match="'objectIds' parameter is invalid"):
        await fetch(INCOMPLETE["ids without objects"])


@pytest.mark.parametrize("ids", ["honest", "refused"])
async def test_endless_pages_end(ids):
    scenario = ScriptedArcgis(things=things(50), stated_cap=12, pages="endless", ids=ids)

    fetched = await fetch(scenario)

    assert not fetched.report.complete
    assert scenario.requests < 100
    assert any("many more pages than the count" in note for note in fetched.report.notes)


@pytest.mark.parametrize(
    ("where", "condition", "kinds"),
    [
        ({"KIND": ["Kast"]}, "KIND = 2", {"Kast"}),
        ({"KIND": ["Kast", "Mast"]}, "KIND IN (2,1)", {"Kast", "Mast"}),
        ({"NUMMER": ["'s-Gravenmoer"], "KIND": ["Kast"]}, "NUMMER = '''s-Gravenmoer' AND KIND = 2", {"Kast"}),
    ],
)
async def test_where_is_sent(where, condition, kinds):
    scenario = ScriptedArcgis(things=things(50))
    with vendor.serving(scenario) as server:
        async with HttpClients() as http:
            fetched = await open_source(layer_of(server, where=where), http, asyncio.to_thread).fetch()

    assert {seen.query["where"] for seen in server.seen if "where" in seen.query} == {condition}
    assert set(fetched.batch.columns["KIND"]) == kinds


@pytest.mark.parametrize("conditions", ["refused", "nothing"])
async def test_where_that_does_not_work_is_applied_here(conditions):
    scenario = ScriptedArcgis(things=things(50), conditions=conditions)

    fetched = await fetch(scenario, where={"KIND": ["Kast"]})

    assert (len(fetched.batch), fetched.report.complete) == (50, True)
    assert any("fetched and filtered here" in note for note in fetched.report.notes)


async def test_where_that_cannot_be_sent_is_noted():
    fetched = await fetch(ScriptedArcgis(), where={"GEPLAATST": ["2009-12-02T23:00:00Z"], "ONBEKEND": ["x"]})

    assert "`where` on GEPLAATST, ONBEKEND cannot be sent" in fetched.report.notes[0]


async def test_where_by_ranges_of_ids_keeps_the_condition():
    scenario = ScriptedArcgis(things=things(90), stated_cap=12, pages="ignored")

    fetched = await fetch(scenario, where={"KIND": ["Kast"]})

    assert (len(fetched.batch), fetched.report.complete) == (45, True)


# formats


@pytest.mark.parametrize(
    "broken",
    [
        error(400, "Output format not supported."),
        Answer(body=b"<html>504</html>", media_type="text/html"),
        Answer(body=b'{"features": [{"attrib'),
        Answer(status=500),
        Answer(hang_before=True),
        Answer(break_within=True, body=b'{"features": []}' * 100),
    ],
    ids=["refused", "page", "truncated", "status 500", "no answer", "broken off"],
)
@pytest.mark.parametrize("name", ["json", "geojson"])
async def test_other_format_is_used(broken, name, monkeypatch):
    monkeypatch.setattr(arcgis_source, "FORMATS", (name, "geojson" if name == "json" else "json"))
    scenario = ScriptedArcgis(things=things(30), broken={name: broken})

    fetched = await fetch(scenario, timeout=0.5)

    assert numbers(fetched) == of(scenario)
    assert fetched.batch.columns["KIND"].tolist()[0] == "Mast"
    assert fetched.batch.columns["GEPLAATST"].tolist()[0] == "2009-12-02T23:00:00Z"


@pytest.mark.parametrize(
    "broken", [error(500, "Error performing query operation"), Answer(hang_before=True)], ids=["refused", "no answer"]
)
async def test_whole_layer_is_in_one_format(broken):
    """A page in another format would have the same objects with other coordinates."""
    scenario = ScriptedArcgis(things=things(90), stated_cap=20)

    def failing(seen: Seen) -> Answer:
        later = int(seen.query.get("resultoffset", 20)) > 20 or "objectids" in seen.query
        by_id = "OBJECTID" in seen.query.get("where", "")
        return (
            broken if seen.query["f"] == "json" and "outfields" in seen.query and (later or by_id) else scenario(seen)
        )

    fetched = await fetch(failing, timeout=0.5)

    assert (numbers(fetched), fetched.report.complete) == (of(scenario), True)
    assert fetched.batch.encoding is Encoding.GEOJSON
    assert any("fetching in json failed on the way" in note for note in fetched.report.notes)


async def test_format_that_is_not_offered_is_not_requested(monkeypatch):
    monkeypatch.setattr(arcgis_source, "FORMATS", ("geojson", "json"))
    scenario = ScriptedArcgis(formats="JSON, AMF")
    with vendor.serving(scenario) as server:
        async with HttpClients() as http:
            await open_source(layer_of(server), http, asyncio.to_thread).fetch()

    assert "geojson" not in {seen.query["f"] for seen in server.seen}


async def test_geojson_is_requested_if_the_layer_file_says_so():
    fetched = await fetch(ScriptedArcgis(things=things(30)), output_format="geojson")

    assert fetched.batch.srs_names == ()
    assert numbers(fetched) == of(ScriptedArcgis(things=things(30)))
    assert np.allclose(places(fetched), to_crs84(np.array([each.place for each in things(30)]), RD_NEW))


# coordinate systems


async def test_unlabelled_coordinates_are_in_the_system_that_was_requested():
    fetched = await fetch(ScriptedArcgis(labelled=False))

    assert fetched.batch.srs_names == ("EPSG:28992",)


async def test_rd_is_requested_where_the_service_only_describes_it():
    scenario = ScriptedArcgis(wkid=None)
    with vendor.serving(scenario) as server:
        async with HttpClients() as http:
            await open_source(layer_of(server), http, asyncio.to_thread).fetch()

    assert {seen.query["outsr"] for seen in server.seen if "outsr" in seen.query} == {"28992"}


async def test_configured_system_is_requested():
    with vendor.serving(ScriptedArcgis()) as server:
        async with HttpClients() as http:
            await open_source(layer_of(server, srs_name="urn:ogc:def:crs:EPSG::3857"), http, asyncio.to_thread).fetch()

    assert {seen.query["outsr"] for seen in server.seen if "outsr" in seen.query} == {"3857"}


async def test_absurd_extent_is_no_evidence():
    fetched = await fetch(ScriptedArcgis())

    assert fetched.batch.declared_extent is None


# several layers, and wrong ones


async def test_several_layers_become_one():
    scenario = ScriptedArcgis(layers={0: "Masten", 2: "Kasten"}, things=things(30))

    fetched = await fetch(scenario, path=SERVICE, layers=[2, 0])

    assert (len(fetched.batch), fetched.report.complete, fetched.report.matched) == (60, True, 60)
    assert fetched.batch.type_names.tolist() == ["Kasten"] * 30 + ["Masten"] * 30
    assert fetched.batch.type_index.tolist() == [0] * 30 + [1] * 30


async def test_only_layer_of_a_service_is_taken():
    fetched = await fetch(ScriptedArcgis(layers={4: "Masten"}, things=things(30)), path=SERVICE)

    assert (len(fetched.batch), fetched.batch.type_names[0]) == (30, "Masten")


@pytest.mark.parametrize(
    ("path", "layers", "says"),
    [
        (SERVICE, None, r"is a service; set `layers` to those with the objects; it has 0 \(Masten\), 2 \(Kasten\)"),
        (f"{SERVICE}/5", None, r"has no layer 5; it has 0 \(Masten\), 2 \(Kasten\)"),
        (SERVICE, [0, 5], r"has no layer 5; it has 0 \(Masten\), 2 \(Kasten\)"),
    ],
)
async def test_wrong_layer_is_refused_with_those_that_exist(path, layers, says):
    scenario = ScriptedArcgis(layers={0: "Masten", 2: "Kasten"})

    with pytest.raises(UpstreamRefused, match=says) as refused:
        await fetch(scenario, path=path, layers=layers)

    assert refused.value.unknown_type
    assert refused.value.nearest_types == ("0 (Masten)", "2 (Kasten)")


async def test_group_of_layers_is_refused_with_its_layers():
    group = {"type": "Group Layer", "name": "Riolering", "subLayers": [{"id": 1, "name": "Put"}], "fields": []}

    with pytest.raises(UpstreamRefused, match=r"is a group of layers .* it has 1 \(Put\)"):
        await fetch(ScriptedArcgis(described=answer(group)))


# bad answers


@pytest.mark.parametrize(
    ("bad", "kind", "says"),
    [
        (Answer(body=b"<html><title>Log in</title></html>", media_type="text/html"), NotFeatures, "HTML page.*Log in"),
        (Answer(body=b'{"features": ['), MalformedDocument, "truncated"),
        (error(400, "Cannot perform query.", "Unable to perform"), UpstreamException, "Unable to perform"),
        (error(500, ""), UpstreamException, "it gives no reason"),
        (Answer(status=500, body=b'{"error": {"code": 500, "message": "Kapot"}}'), UpstreamException, "Kapot"),
        (Answer(status=404), UpstreamRefused, "404"),
        (Answer(status=401), UpstreamRefused, "401"),
        (Answer(body=b""), DecodeError, "empty"),
        (answer({"count": 3}), NotFeatures, "without features"),
    ],
)
async def test_bad_answer_is_an_error_that_says_what_it_is(bad, kind, says):
    with pytest.raises(kind, match=says):
        await fetch(lambda _: bad)


async def test_unreachable_vendor_is_an_error():
    with pytest.raises(UpstreamUnreachable):
        await fetch(lambda _: Answer(hang_before=True), timeout=0.3)


@pytest.mark.parametrize("late", [2, 4])
async def test_vendor_that_fails_on_the_way_does_not_lose_objects(late):
    """A page that fails once is requested again by its ids."""
    scenario = ScriptedArcgis(things=things(90), stated_cap=20)
    failed = []

    def failing(seen: Seen) -> Answer:
        if seen.query.get("resultoffset") == str(20 * late) and not failed:
            failed.append(seen)
            return error(500, "Error performing query operation")
        return scenario(seen)

    fetched = await fetch(failing)

    assert (len(failed), numbers(fetched), fetched.report.complete) == (1, of(scenario), True)


async def test_objects_without_and_with_a_foreign_geometry_are_kept():
    strange = [Thing(1, None), Thing(2, (110_000, 400_000))]
    scenario = ScriptedArcgis(things=strange, shapes={2: {"curvePaths": [[[0, 0], {"a": [[1, 1]]}]]}})

    fetched = await fetch(scenario)

    assert (len(fetched.batch), fetched.batch.skipped) == (2, {"geometry with curves": 1})


async def test_changed_schema_shows_in_the_columns():
    def renamed(thing: Thing) -> dict:
        return {"OBJECTID": thing.number, "MASTNR": "1"}

    fetched = await fetch(ScriptedArcgis(attributes=renamed))

    assert set(fetched.batch.columns) == {"OBJECTID", "MASTNR"}


async def test_vendor_that_repeats_a_secret_does_not_reveal_it():
    def repeating(seen: Seen) -> Answer:
        return error(400, f"no such key {seen.headers['x-esri-authorization']}")

    with pytest.raises(UpstreamException) as refused:
        await fetch(repeating, auth=HEADER)

    assert "geheim123" not in str(refused.value)
    assert "***" in str(refused.value)


# login

HEADER = {"type": "header", "name": "X-Esri-Authorization", "value": "Bearer geheim123"}


async def test_token_is_sent_in_a_header():
    fetched = await fetch(ScriptedArcgis(token="geheim123"), auth=HEADER)

    assert len(fetched.batch) == 100


@pytest.mark.parametrize(("auth", "code"), [(None, 499), ({**HEADER, "value": "Bearer x"}, 498)])
async def test_refused_login_is_said(auth, code):
    scenario = ScriptedArcgis(token="geheim123")

    with pytest.raises(UpstreamRefused, match=rf"localhost\) answered {code} in place of the data.*`auth`") as refused:
        await fetch(scenario, auth=auth)

    assert refused.value.upstream_status == code
    assert scenario.requests == 1


async def test_login_is_repeated_when_the_service_refuses_the_token():
    scenario = ScriptedArcgis(token="none yet")
    issued: list[bytes] = []

    def service(seen: Seen) -> Answer:
        if seen.path != "/tokens/generateToken":
            return scenario(seen)
        issued.append(seen.body)
        scenario.token = f"token-{len(issued)}-abcdef"
        return answer({"token": scenario.token, "expires": 4_102_444_800_000, "ssl": True})

    with vendor.serving(service) as server:
        auth = {
            "type": "login",
            "url": server.url.replace("/wfs", "/tokens/generateToken"),
            "body": "form",
            "fields": {"username": "jan", "password": "geheim", "client": "requestip", "f": "json"},
            "token": "token",
            "expires": "expires",
            "send": {"header": "X-Esri-Authorization", "prefix": "Bearer "},
        }
        async with HttpClients() as http:
            source = open_source(layer_of(server, auth=auth), http, asyncio.to_thread)
            first = await source.fetch()
            scenario.token = "expired"
            second = await source.fetch()

    assert (len(first.batch), len(second.batch), len(issued)) == (100, 100, 2)
    assert second.report.notes == ()


# areas

MIDDLE = BBox(
    *to_crs84(np.array([[112_000.0, 399_000.0]]), RD_NEW)[0], *to_crs84(np.array([[114_000.0, 401_000.0]]), RD_NEW)[0]
)


def within(scenario: ScriptedArcgis) -> list[int]:
    lonlat = to_crs84(np.array([each.place for each in scenario.things]), RD_NEW)
    west, south, east, north = MIDDLE
    inside = (lonlat >= (west, south)).all(axis=1) & (lonlat <= (east, north)).all(axis=1)
    return sorted(each.number for each, found in zip(scenario.things, inside, strict=True) if found)


@pytest.mark.parametrize("boxes", ["honest", "shifted", "degrees", "ignored", "refused"])
@pytest.mark.parametrize("cap", [1000, 12])
async def test_area_has_all_of_its_objects(boxes, cap):
    scenario = ScriptedArcgis(things=things(400), boxes=boxes, stated_cap=cap)

    fetched = await fetch(scenario, MIDDLE)

    assert len(within(scenario)) > 12
    assert set(within(scenario)) <= set(numbers(fetched))
    assert len(numbers(fetched)) < 60
    assert fetched.report.complete
    assert any("does not understand a box" in note for note in fetched.report.notes) is (
        boxes in {"ignored", "refused"}
    )


async def test_second_area_needs_one_request():
    scenario = ScriptedArcgis(things=things(400))
    with vendor.serving(scenario) as server:
        async with HttpClients() as http:
            source = open_source(layer_of(server), http, asyncio.to_thread)
            await source.fetch(MIDDLE)
            before = scenario.requests
            fetched = await source.fetch(MIDDLE)

    assert (scenario.requests - before, fetched.report.requests) == (1, 1)
    assert set(within(scenario)) <= set(numbers(fetched))


async def test_box_is_sent_in_the_system_of_the_answers():
    with vendor.serving(ScriptedArcgis(things=things(50))) as server:
        async with HttpClients() as http:
            await open_source(layer_of(server), http, asyncio.to_thread).fetch(MIDDLE)

    assert {seen.query["insr"] for seen in server.seen if "insr" in seen.query} == {"28992"}


async def test_area_without_objects_is_empty_and_complete():
    fetched = await fetch(ScriptedArcgis(), BBox(6.0, 53.0, 6.1, 53.1))

    assert (len(fetched.batch), fetched.report.complete) == (0, True)
    assert "NUMMER" in fetched.batch.columns


async def test_vendor_that_begins_to_ignore_boxes_is_noticed():
    scenario = ScriptedArcgis(things=things(400))
    with vendor.serving(scenario) as server:
        async with HttpClients() as http:
            source = open_source(layer_of(server), http, asyncio.to_thread)
            await source.fetch(MIDDLE)
            scenario.boxes = "ignored"
            with pytest.raises(WfsProxyError, match="no longer returns the objects of the requested box"):
                await source.fetch(MIDDLE)
            fetched = await source.fetch(MIDDLE)

    assert set(within(scenario)) <= set(numbers(fetched))


# samples


async def test_sample_is_small():
    scenario = ScriptedArcgis(things=things(400))
    with vendor.serving(scenario) as server:
        async with HttpClients() as http:
            source = open_source(layer_of(server), http, asyncio.to_thread)
            first = await source.sample(50)
            second = await source.sample(20)
            whole = await source.fetch()

    assert (len(first.batch), first.report.requests, first.report.complete) == (50, 2, False)
    assert (len(second.batch), second.report.requests) == (20, 1)
    assert len(whole.batch) == 400


async def test_address_may_be_a_copied_query():
    scenario = ScriptedArcgis(things=things(30))
    with vendor.serving(scenario) as server:
        async with HttpClients() as http:
            layer = layer_of(server, f"{SERVICE}/0/query?where=1%3D2&outFields=A&f=html&taal=nl")
            fetched = await open_source(layer, http, asyncio.to_thread).fetch()

    assert len(fetched.batch) == 30
    assert {seen.query["taal"] for seen in server.seen} == {"nl"}
