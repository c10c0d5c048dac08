"""Whole fetches from a scripted OGC API: good and bad answers, with the messages that operators read."""

from __future__ import annotations

import asyncio
import json

import numpy as np
import pytest
import vendor
from scripted_ogcapi import CRS84, RD, ROOT, ScriptedOgcApi, json_answer, problem
from scripted_wfs import Thing, things
from vendor import Answer, Seen

from wfs_proxy.bbox import BBox
from wfs_proxy.config.layer import Layer
from wfs_proxy.errors import (
    MalformedDocument,
    NotFeatures,
    UpstreamException,
    UpstreamRefused,
    UpstreamUnreachable,
    WfsProxyError,
)
from wfs_proxy.geo.crs.transform import from_crs84
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.pipeline.transform import points_from_features
from wfs_proxy.sources.completeness import RequestBudget
from wfs_proxy.sources.open_source import open_source
from wfs_proxy.sources.protocol import FetchedFeatures

pytestmark = pytest.mark.anyio


async def no_sleep(_: float) -> None:
    return None


def layer(url: str, **source) -> Layer:
    return Layer(id="a", title="A", source={"type": "ogcapi", "url": url, "collections": ["lamp"], **source})


async def fetch(scenario: vendor.Scenario, path: str = "", **source) -> tuple[FetchedFeatures, list[Seen]]:
    with vendor.serving(scenario) as server:
        async with HttpClients(HttpPolicy(sleep=no_sleep, proxy_for=lambda _: None)) as http:
            opened = open_source(layer(server.url + path, **source), http, asyncio.to_thread)
            return await opened.fetch(), server.seen


async def error_of(scenario: vendor.Scenario, **source) -> WfsProxyError:
    with pytest.raises(WfsProxyError) as caught:
        await fetch(scenario, **source)
    return caught.value


def numbers(found: FetchedFeatures) -> list[int]:
    return sorted(int(value) for value in found.batch.columns["number"])


def items(seen: list[Seen]) -> list[Seen]:
    return [each for each in seen if each.path.endswith("/items")]


def places(found: FetchedFeatures, server: ScriptedOgcApi) -> list[float]:
    """How far each served point is from where the object is, in metres of RD."""
    points = points_from_features(found.batch, layer("http://v.example/"))
    wanted = {f"lamp.{each.number}": each.place for each in server.things}
    real = np.array([wanted[name] for name in points.ids])
    return np.hypot(*(from_crs84(points.lonlat, "EPSG:28992") - real).T).tolist()


# -- paging


@pytest.mark.parametrize("count", [0, 1, 9, 10, 37, 99, 100, 101, 250])
@pytest.mark.parametrize("cursors", [False, True], ids=["offsets", "cursors"])
async def test_collection_is_fetched_whole(count: int, cursors):
    api = ScriptedOgcApi(things(count), most=50, cursors=cursors)

    found, seen = await fetch(api)

    assert numbers(found) == list(range(count)) if count else len(found.batch) == 0
    assert found.report.complete, found.report.notes
    assert found.report.requests == len(seen)
    assert set(found.batch.type_names) <= {"lamp"}


async def test_large_collection_takes_one_request_per_page():
    found, seen = await fetch(ScriptedOgcApi(things(950), most=100))

    assert len(found.batch) == 950
    assert len(items(seen)) == 10
    assert len(seen) == 13  # landing page, collections, OpenAPI document


async def test_count_and_links_that_agree_need_no_second_look():
    found, seen = await fetch(ScriptedOgcApi(things(500), most=100))

    assert found.report.complete
    assert len(items(seen)) == 5


async def test_several_collections_become_one_layer():
    found, _ = await fetch(ScriptedOgcApi(things(12), collections=("lamp", "kast")), collections=["kast", "lamp"])

    assert list(found.batch.type_names) == ["kast"] * 12 + ["lamp"] * 12
    assert found.batch.type_index.tolist() == [0] * 12 + [1] * 12
    assert found.report.complete
    assert found.report.matched == 24


@pytest.mark.parametrize("counts", ["page", "absent", "too few"])
async def test_count_of_the_vendor_does_not_end_paging(counts):
    found, _ = await fetch(ScriptedOgcApi(things(120), most=50, counts=counts))

    assert numbers(found) == list(range(120))
    assert found.report.complete, found.report.notes


async def test_fewer_objects_than_the_vendor_counts_is_incomplete():
    found, _ = await fetch(ScriptedOgcApi(things(120), most=50, counts="too many"))

    assert len(found.batch) == 120
    assert not found.report.complete
    assert "lamp: incomplete, 120 of 127 objects" in found.report.notes


async def test_more_objects_than_requested_are_kept():
    api = ScriptedOgcApi(things(64))

    def generous(seen: Seen) -> Answer:
        seen.query.pop("limit", None)
        api.default_limit = 1_000
        return api(seen)

    found, _ = await fetch(generous, page_size=20)

    assert numbers(found) == list(range(64))
    assert found.report.complete


async def test_server_without_links_is_asked_by_offset():
    found, seen = await fetch(ScriptedOgcApi(things(120), most=50, links="absent"))

    assert numbers(found) == list(range(120))
    assert found.report.complete
    assert [each.query["offset"] for each in items(seen) if "offset" in each.query] == ["50", "100", "120"]


async def test_server_that_counts_its_page_and_links_nowhere_is_incomplete():
    """It returns 50 objects, counts 50, and has 120."""
    api = ScriptedOgcApi(things(120), most=50, links="absent", counts="page", offsets=False)

    found, _ = await fetch(api)

    assert len(found.batch) == 50
    assert not found.report.complete
    assert any(
        "links to no further page, and nothing confirms that these are all" in each for each in found.report.notes
    )


async def test_link_that_a_full_page_forgot_is_found():
    """A server that forgets the link to the third page (as MapServer does on a second page of a box)."""
    found, _ = await fetch(ScriptedOgcApi(things(500), most=100, links="last forgotten", counts="absent"))

    assert numbers(found) == list(range(500))
    assert found.report.complete


async def test_full_last_page_is_the_last_one_if_a_cursor_cannot_be_moved():
    found, seen = await fetch(ScriptedOgcApi(things(100), most=50, cursors=True))

    assert found.report.complete
    assert found.report.notes == ()
    assert len(items(seen)) == 3


async def test_page_that_is_repeated_ends_paging():
    found, seen = await fetch(ScriptedOgcApi(things(500), most=50, links="repeated", counts="absent"))

    assert len(found.batch) == 100
    assert not found.report.complete
    assert any("a page had no new object" in each for each in found.report.notes)
    assert len(items(seen)) < 8


async def test_link_to_the_page_itself_ends_paging():
    def circle(seen: Seen) -> Answer:
        answer = ScriptedOgcApi(things(30))(seen)
        if not seen.path.endswith("/items"):
            return answer
        document = json.loads(answer.body)
        document["links"] = [{"rel": "next", "href": "?" + "&".join(f"{k}={v}" for k, v in seen.query.items())}]
        return json_answer(document)

    found, seen = await fetch(circle)

    assert numbers(found) == list(range(30))
    assert found.report.complete  # as many as the vendor counts
    assert len(items(seen)) <= 2


async def test_endless_paging_ends(monkeypatch):
    monkeypatch.setattr(RequestBudget, "exhausted", property(lambda budget: budget.spent >= 20))
    found, seen = await fetch(ScriptedOgcApi(things(60), most=50, links="endless"))

    assert not found.report.complete
    assert any("too many requests" in each for each in found.report.notes)
    assert len(seen) <= 22


async def test_expired_page_starts_over_once():
    found, seen = await fetch(ScriptedOgcApi(things(120), most=50, cursors=True, expires=1))

    assert numbers(found) == list(range(120))
    assert found.report.complete
    assert any(
        "was refused, so the pages were requested from the first one again" in each for each in found.report.notes
    )
    assert any("this page has expired" in each for each in found.report.notes)
    assert len([each for each in items(seen) if "cursor" not in each.query]) == 2


async def test_page_that_is_refused_again_leaves_the_layer_incomplete():
    found, _ = await fetch(ScriptedOgcApi(things(120), most=50, cursors=True, expires=9))

    assert len(found.batch) == 50
    assert not found.report.complete
    assert any("the vendor refused a page (50 objects)" in each for each in found.report.notes)


async def test_error_inside_a_success_on_a_later_page_starts_over_too():
    api = ScriptedOgcApi(things(120), most=50)
    failed: list[str] = []

    def failing(seen: Seen) -> Answer:
        if "offset" in seen.query and not failed:
            failed.append(seen.path)
            return json_answer({"code": "ServerError", "description": "the database was restarted"})
        return api(seen)

    found, _ = await fetch(failing)

    assert numbers(found) == list(range(120))
    assert found.report.complete
    assert any("the database was restarted" in each for each in found.report.notes)


async def test_link_to_another_origin_is_an_error_that_names_the_setting():
    error = await error_of(ScriptedOgcApi(things(120), most=50, links="elsewhere"))

    assert isinstance(error, UpstreamRefused)
    assert "link to the next page leads to http://elsewhere.example:8080" in str(error)
    assert "`url`" in str(error)


async def test_links_with_the_inside_address_of_the_service_are_translated():
    """The service is behind a proxy, and calls itself by another name in all documents."""
    found, _ = await fetch(ScriptedOgcApi(things(120), most=50, public="http://inside.example:8080/geo"))

    assert numbers(found) == list(range(120))
    assert found.report.complete


async def test_relative_links_are_followed():
    found, _ = await fetch(ScriptedOgcApi(things(120), most=50, relative=True))

    assert numbers(found) == list(range(120))


async def test_parameters_that_a_link_lost_are_added_again():
    api = ScriptedOgcApi(things(120), most=50, links="forgetful", filters=frozenset({"parameters"}))

    found, seen = await fetch(api, where={"kind": ["mast"]})

    assert numbers(found) == list(range(1, 120, 2))
    assert all(each.query["crs"] == RD and each.query["kind"] == "mast" for each in items(seen))
    assert any("lose or change crs, kind, limit, so it is added again" in each for each in found.report.notes)
    assert max(places(found, api)) < 0.02


async def test_link_that_changes_the_crs_is_put_right():
    api = ScriptedOgcApi(things(120), most=50)

    def changing(seen: Seen) -> Answer:
        answer = api(seen)
        return Answer(
            body=answer.body.replace(b"EPSG%2F0%2F28992&offset", b"OGC%2F1.3%2FCRS84&offset"),
            media_type=answer.media_type,
            headers=answer.headers,
        )

    found, _ = await fetch(changing)

    assert max(places(found, api)) < 0.02
    assert any("lose or change crs" in each for each in found.report.notes)


# -- limit


@pytest.mark.parametrize(("openapi", "limit"), [("inline", 40), ("reference", 40), ("yaml", 40)])
async def test_limit_is_the_maximum_of_the_openapi_document(openapi, limit):
    _, seen = await fetch(ScriptedOgcApi(things(5), most=40, openapi=openapi))

    assert items(seen)[0].query["limit"] == str(limit)


@pytest.mark.parametrize("openapi", ["absent", "foreign", "huge", "broken"])
async def test_limit_has_a_default_without_a_usable_openapi_document(openapi):
    found, seen = await fetch(ScriptedOgcApi(things(120), most=40, openapi=openapi))

    assert items(seen)[0].query["limit"] == "1000"
    assert numbers(found) == list(range(120))


async def test_limit_that_is_refused_is_made_smaller():
    found, _ = await fetch(ScriptedOgcApi(things(250), most=100, openapi="absent", over_limit="refused"))

    assert numbers(found) == list(range(250))
    assert any(
        "refuses pages of 1000 objects, so pages of 100 objects are fetched" in each for each in found.report.notes
    )


async def test_page_size_of_the_layer_is_used():
    _, seen = await fetch(ScriptedOgcApi(things(90)), page_size=30)

    assert items(seen)[0].query["limit"] == "30"
    assert "api" not in {each.path.rpartition("/")[2] for each in seen}


# -- coordinates


async def test_rd_is_requested_where_it_is_offered():
    api = ScriptedOgcApi(things(40))

    found, seen = await fetch(api)

    assert {each.query["crs"] for each in items(seen)} == {RD}
    assert found.batch.srs_names == (RD,)
    assert max(places(found, api)) < 0.02


@pytest.mark.parametrize("systems", [(), (CRS84,), (CRS84, "http://www.opengis.net/def/crs/EPSG/0/3857")])
async def test_longitude_and_latitude_are_fetched_otherwise(systems):
    api = ScriptedOgcApi(things(40), systems=systems)

    found, seen = await fetch(api)

    assert not any("crs" in each.query for each in items(seen))
    assert max(places(found, api)) < 0.02


@pytest.mark.parametrize("serves", ["refused", "ignored", "unlabelled"])
async def test_places_are_right_whatever_the_server_does_with_crs(serves):
    api = ScriptedOgcApi(things(120), most=50, serves_systems=serves)

    found, _ = await fetch(api)

    assert len(found.batch) == 120
    assert max(places(found, api)) < 0.02
    given_up = any("offers" in each and "does not deliver it" in each for each in found.report.notes)
    assert given_up == (serves == "refused")


async def test_systems_of_the_whole_service_are_offered_by_reference():
    api = ScriptedOgcApi(things(5))

    def shared(seen: Seen) -> Answer:
        answer = api(seen)
        if not seen.path.endswith("/collections"):
            return answer
        document = json.loads(answer.body) | {"crs": [CRS84, RD]}
        document["collections"][0]["crs"] = ["#/crs"]
        return json_answer(document)

    found, _ = await fetch(shared)

    assert found.batch.srs_names == (RD,)


async def test_extent_of_the_collection_is_declared():
    found, _ = await fetch(ScriptedOgcApi(things(5)))

    assert found.batch.declared_extent == BBox(4.2, 52.0, 4.5, 52.2)


async def test_only_objects_in_the_extent_of_the_layer_are_requested():
    api = ScriptedOgcApi([*things(20), Thing(99, (200_000.0, 500_000.0))])

    found, seen = await fetch(api, extent=[4.2, 52.0, 4.5, 52.2])

    assert numbers(found) == list(range(20))
    assert all("bbox" in each.query for each in items(seen))
    assert found.report.complete


@pytest.mark.parametrize("boxes", ["refused", "swapped"])
async def test_all_objects_are_fetched_if_the_box_around_the_extent_does_not_work(boxes):
    found, _ = await fetch(ScriptedOgcApi(things(20), boxes=boxes), extent=[4.2, 52.0, 4.5, 52.2])

    assert numbers(found) == list(range(20))
    assert any("box around `extent`" in each for each in found.report.notes)


# -- where


async def test_one_value_is_a_query_parameter():
    api = ScriptedOgcApi(things(40), filters=frozenset({"parameters"}))

    found, seen = await fetch(api, where={"kind": ["mast"]})

    assert numbers(found) == list(range(1, 40, 2))
    assert items(seen)[0].query["kind"] == "mast"
    assert found.report.complete


async def test_several_values_are_a_filter():
    api = ScriptedOgcApi(things(40), filters=frozenset({"cql2"}))

    found, seen = await fetch(api, where={"kind": ["mast", "paal"], "number": [3, 5]})

    assert numbers(found) == [3, 5]
    assert items(seen)[0].query["filter"] == "(kind = 'mast' OR kind = 'paal') AND (number = 3 OR number = 5)"
    assert items(seen)[0].query["filter-lang"] == "cql2-text"


@pytest.mark.parametrize("filters", [set(), {"parameters", "refused"}, {"cql2", "refused"}, {"parameters", "nothing"}])
async def test_all_objects_are_fetched_where_a_filter_does_not_work(filters):
    found, _ = await fetch(ScriptedOgcApi(things(40), filters=frozenset(filters)), where={"kind": ["mast"]})

    assert numbers(found) == list(range(40))
    assert any("filtered here" in each for each in found.report.notes) == bool(filters)


# -- bad input


async def test_unknown_collection_names_the_nearest():
    api = ScriptedOgcApi(collections=("lantaarnpaal", "boom", "put"))
    error = await error_of(api, collections=["lantarenpaal"])

    assert isinstance(error, UpstreamRefused)
    assert "has no collection 'lantarenpaal'; the nearest: lantaarnpaal" in str(error)
    assert (error.unknown_type, error.nearest_types) == ("lantarenpaal", ("lantaarnpaal",))


async def test_collection_on_a_further_page_of_the_list_is_found():
    api = ScriptedOgcApi(things(5), collections=("boom", "lamp"))

    def paged(seen: Seen) -> Answer:
        answer = api(seen)
        if not seen.path.endswith("/collections"):
            return answer
        document = json.loads(answer.body)
        document["collections"] = document["collections"][:1]
        document["links"].append({"rel": "next", "href": f"{ROOT}/collections?page=2"})
        return json_answer(document)

    found, _ = await fetch(paged)

    assert len(found.batch) == 5


async def test_name_of_a_collection_may_differ_in_capitals_and_have_blanks():
    found, _ = await fetch(ScriptedOgcApi(things(5), collections=("Lamp post",)), collections=["lamp Post"])

    assert set(found.batch.type_names) == {"Lamp post"}


async def test_unreachable_service():
    with vendor.serving(ScriptedOgcApi()) as server:
        url = server.url
    async with HttpClients(HttpPolicy(sleep=no_sleep, proxy_for=lambda _: None)) as http:
        opened = open_source(layer(url), http, asyncio.to_thread)
        with pytest.raises(UpstreamUnreachable):
            await opened.fetch()


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_login_is_one_request(status: int):
    seen: list[Seen] = []

    def refusing(request: Seen) -> Answer:
        seen.append(request)
        return problem("no", status)

    error = await error_of(refusing)

    assert isinstance(error, UpstreamRefused)
    assert error.upstream_status == status
    assert len(seen) == 1


async def test_page_of_people_is_named():
    error = await error_of(ScriptedOgcApi(pages_for_people="always"))

    assert isinstance(error, NotFeatures)
    assert "A page for people" in str(error)
    assert "landing page of an OGC API" in str(error)


async def test_server_that_needs_f_gets_it():
    found, seen = await fetch(ScriptedOgcApi(things(30), most=20, pages_for_people="without f"))

    assert numbers(found) == list(range(30))
    assert all("json" in each.headers["accept"] for each in seen)


async def test_f_is_not_sent_without_need():
    _, seen = await fetch(ScriptedOgcApi(things(5)))

    assert not any("f" in each.query for each in seen)


async def test_truncated_list_of_collections_is_an_error():
    whole = json.dumps({"links": [], "collections": [{"id": "lamp"}]}).encode()
    truncated = Answer(body=whole[:-9], media_type="application/json")

    error = await error_of(ScriptedOgcApi(answers={"collections": truncated}))

    assert isinstance(error, MalformedDocument)


async def test_truncated_objects_are_an_error():
    page = Answer(body=b'{"type": "FeatureCollection", "features": [{"type": "Fea', media_type="application/geo+json")

    error = await error_of(ScriptedOgcApi(answers={"collections/lamp/items": page}))

    assert isinstance(error, MalformedDocument)


async def test_error_inside_a_success_has_the_words_of_the_vendor():
    report = json_answer({"code": "Quota", "description": "the quota for token=abcdef123456 is used up"})

    error = await error_of(ScriptedOgcApi(answers={"collections/lamp/items": report}))

    assert isinstance(error, UpstreamException)
    assert "the quota for" in str(error)
    assert "abcdef123456" not in str(error)


async def test_error_of_the_vendor_is_quoted():
    api = ScriptedOgcApi(answers={"collections/lamp/items": problem("the lamps have moved", 404)})
    seen: list[Seen] = []

    error = await error_of(lambda request: (seen.append(request), api(request))[1])

    assert len(items(seen)) == 1  # other parameters do not help
    assert isinstance(error, UpstreamException)
    assert "the lamps have moved" in str(error)
    assert error.upstream_status == 404


@pytest.mark.parametrize("ids", ["absent", "equal"])
async def test_no_object_is_lost_where_ids_are_missing_or_repeated(ids):
    found, _ = await fetch(ScriptedOgcApi(things(120), most=50, ids=ids))

    assert numbers(found) == list(range(120))
    assert found.report.complete


async def test_objects_without_a_readable_place_are_received_and_counted():
    api = ScriptedOgcApi([*things(20), Thing(20, None)])

    def foreign(seen: Seen) -> Answer:
        answer = api(seen)
        if not seen.path.endswith("/items"):
            return answer
        document = json.loads(answer.body)
        for feature in document["features"]:
            if feature["properties"]["number"] == 7:
                feature["geometry"] = {"type": "CircularString", "coordinates": [[1, 2]]}
        return json_answer(document, Content_Crs=answer.headers["Content-Crs"])

    found, _ = await fetch(foreign)
    points = points_from_features(found.batch, layer("http://v.example/"))

    assert len(found.batch) == 21
    assert found.report.complete
    assert len(points) == 19
    assert points.report.skipped == {"no geometry": 1, "unreadable geometry": 1}


async def test_attributes_may_change_from_page_to_page():
    api = ScriptedOgcApi(things(60), most=50)

    def changing(seen: Seen) -> Answer:
        return ScriptedOgcApi(api.things, most=50, attributes={"new": 1} if "offset" in seen.query else {})(seen)

    found, _ = await fetch(changing)

    assert [value for value in found.batch.columns["new"] if value is not None] == [1] * 10
    assert found.report.complete


async def test_deadline_holds_for_all_pages_together():
    api = ScriptedOgcApi(things(120), most=50)

    def slow(seen: Seen) -> Answer:
        return Answer(hang_before=True) if "offset" in seen.query else api(seen)

    error = await error_of(slow, deadline="1500ms", timeout="20s")

    assert isinstance(error, UpstreamUnreachable)
    assert not error.retryable
    assert "did not return all pages in 1.5 s" in str(error)
    assert "`deadline`" in str(error)


# -- the address in the layer file


@pytest.mark.parametrize(
    "path", ["", "/", "?f=html", "/collections", "/collections/lamp", "/collections/lamp/items?limit=3&f=json"]
)
async def test_address_that_somebody_looked_at_is_understood(path: str):
    found, seen = await fetch(ScriptedOgcApi(things(30)), path)

    assert len(found.batch) == 30
    assert not any("f" in each.query for each in seen)


async def test_key_in_the_address_belongs_to_every_request_and_to_no_message():
    api = ScriptedOgcApi(things(120), most=50)

    def keyed(seen: Seen) -> Answer:
        if seen.query.pop("apikey", None) != "s3cretkey9":
            return problem("no key s3cretkey9", 400)
        return api(seen)

    found, seen = await fetch(keyed, "?apikey=s3cretkey9")

    assert len(found.batch) == 120
    assert not any("s3cretkey9" in note for note in found.report.notes)
    assert len(seen) == found.report.requests


async def test_service_without_a_landing_page_is_read():
    found, _ = await fetch(ScriptedOgcApi(things(30), answers={"": Answer(status=404)}))

    assert len(found.batch) == 30
