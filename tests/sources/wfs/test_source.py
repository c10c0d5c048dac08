"""Negotiation and whole fetches against a scripted vendor: bad answers, with the messages that operators read."""

from __future__ import annotations

import asyncio
import pickle
from dataclasses import replace

import pytest
import vendor
from scripted_wfs import ScriptedWfs, Thing, things
from vendor import Answer, exception_report

from wfs_proxy.config.layer import Layer
from wfs_proxy.errors import (
    MalformedDocument,
    NotFeatures,
    UnsafeDocument,
    UpstreamException,
    UpstreamRefused,
    UpstreamUnreachable,
    WfsProxyError,
)
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.sources.open_source import open_source
from wfs_proxy.sources.protocol import FetchedFeatures
from wfs_proxy.sources.unknown_type import UnknownFeatureType

pytestmark = pytest.mark.anyio


async def no_sleep(_: float) -> None:
    return None


def layer(url: str, properties: dict | None = None, **source) -> Layer:
    source = {"type": "wfs", "url": url, "type_names": ["app:lamp"], **source}
    return Layer(id="a", title="A", source=source, properties=properties or {})


async def fetch(
    scenario: vendor.Scenario, properties: dict | None = None, **source
) -> tuple[FetchedFeatures, list[vendor.Seen]]:
    with vendor.serving(scenario) as server:
        async with HttpClients(HttpPolicy(sleep=no_sleep, proxy_for=lambda _: None)) as http:
            opened = open_source(layer(server.url, properties, **source), http, asyncio.to_thread)
            return await opened.fetch(), server.seen


async def error_of(scenario: vendor.Scenario, **source) -> WfsProxyError:
    with pytest.raises(WfsProxyError) as caught:
        await fetch(scenario, **source)
    return caught.value


def numbers(found: FetchedFeatures) -> list[int]:
    return sorted(int(value) for value in found.batch.columns["number"])


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "2.0.0"])
async def test_layer_is_fetched_whole_in_the_configured_version(version: str):
    found, seen = await fetch(ScriptedWfs(things(37)), version=version)

    assert numbers(found) == list(range(37))
    assert found.report.complete
    assert {each.query["version"] for each in seen if each.query["request"] == "GetFeature"} == {version}
    assert found.report.requests == len(seen)


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        (("2.0.0", "1.1.0", "1.0.0"), "2.0.0"),
        (("1.1.0", "1.0.0"), "1.1.0"),
        (("1.0.0",), "1.0.0"),
    ],
)
async def test_best_common_version_is_used(versions, expected):
    found, _ = await fetch(ScriptedWfs(things(5), versions=versions))

    assert found.batch.wfs_version == expected


async def test_message_about_a_wrong_version_names_those_on_offer():
    error = await error_of(ScriptedWfs(versions=("1.1.0", "1.0.0")), version="2.0.0")

    assert isinstance(error, UpstreamRefused)
    assert "does not offer WFS 2.0.0, only 1.1.0, 1.0.0" in str(error)


async def test_message_about_a_wrong_type_name_names_the_nearest():
    error = await error_of(ScriptedWfs(types=("app:lamp", "app:bench")), type_names=["app:lanp"])

    assert isinstance(error, UpstreamRefused)
    assert "has no feature type 'app:lanp'; the nearest: app:lamp" in str(error)


async def test_type_name_without_its_prefix_is_found():
    found, seen = await fetch(ScriptedWfs(things(3)), type_names=["lamp"])

    assert len(found.batch) == 3
    assert {each.query["typenames"] for each in seen if "typenames" in each.query} == {"app:lamp"}


async def test_message_about_a_wrong_crs_names_those_on_offer():
    wfs = ScriptedWfs()

    def picky(seen: vendor.Seen) -> Answer:
        return exception_report("no such CRS", locator="srsname") if "srsname" in seen.query else wfs(seen)

    error = await error_of(picky, srs_name="EPSG:99999")

    assert isinstance(error, UpstreamException)
    assert "no such CRS" in str(error)
    assert "`srs_name` is EPSG:99999, the service offers EPSG:28992" in str(error)


async def test_message_about_a_wrong_output_format_names_those_on_offer():
    wfs = ScriptedWfs(formats=("GML2", "GML3"))

    def picky(seen: vendor.Seen) -> Answer:
        return exception_report("no such format") if "outputformat" in seen.query else wfs(seen)

    error = await error_of(picky, output_format="application/xlsx")

    assert "`output_format` is application/xlsx, the service offers GML2, GML3" in str(error)


HTML = Answer(body=b"<html><title>Aanmelden</title></html>", media_type="text/html")
BOMB = b'<!DOCTYPE a [<!ENTITY b "c">]><wfs:FeatureCollection>&b;</wfs:FeatureCollection>'


@pytest.mark.parametrize(
    ("answer", "kind", "text"),
    [
        (HTML, NotFeatures, "HTML page"),
        (Answer(body=b""), MalformedDocument, "empty"),
        (Answer(body=b"<wfs:FeatureCollection xmlns:wfs='w'><wfs:mem"), MalformedDocument, "truncated"),
        (Answer(body=BOMB), UnsafeDocument, "DOCTYPE"),
        (exception_report("database is away"), UpstreamException, "database is away"),
        (exception_report("database is away", status=500), UpstreamException, "database is away"),
        (Answer(status=500), (UpstreamRefused, UpstreamUnreachable), "answered 500"),
        (Answer(status=401), UpstreamRefused, "the login in `auth` is wrong or missing"),
        (Answer(status=404), UpstreamRefused, "check the path of `url`"),
        (Answer(body=b"x" * 99, break_within=True), UpstreamUnreachable, "lost before the answer was complete"),
    ],
    ids=["html", "nothing", "truncated", "entities", "report", "report-500", "500", "401", "404", "broken"],
)
async def test_message_says_what_the_vendor_answered(answer, kind, text):
    error = await error_of(lambda _: answer)

    assert isinstance(error, kind)
    assert text in str(error)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(HTML, NotFeatures), (Answer(body=BOMB), UnsafeDocument), (Answer(body=b"<a><b>"), MalformedDocument)],
    ids=["html", "entities", "truncated"],
)
async def test_answer_without_features_is_an_error_although_the_capabilities_are_fine(answer, kind):
    wfs = ScriptedWfs()

    error = await error_of(lambda seen: answer if seen.query["request"] == "GetFeature" else wfs(seen))

    assert isinstance(error, kind)


@pytest.mark.parametrize(
    "capabilities",
    [HTML, Answer(status=404), exception_report("GetCapabilities is switched off"), Answer(body=b"<WFS_Cap")],
    ids=["html", "404", "report", "truncated"],
)
@pytest.mark.parametrize("versions", [("2.0.0",), ("1.1.0",), ("1.0.0",)], ids=lambda versions: versions[0])
async def test_features_are_fetched_without_capabilities(capabilities: Answer, versions):
    found, _ = await fetch(ScriptedWfs(things(9), versions=versions, capabilities=capabilities))

    assert numbers(found) == list(range(9))
    assert any("the capabilities cannot be read" in note for note in found.report.notes)


async def test_refused_login_at_the_capabilities_is_final():
    wfs = ScriptedWfs(capabilities=Answer(status=403))

    assert "403" in str(await error_of(wfs))
    assert wfs.requests == 1


async def test_empty_layer_is_a_layer():
    found, _ = await fetch(ScriptedWfs([]))

    assert (len(found.batch), found.report.complete, found.report.matched) == (0, True, 0)


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
async def test_layer_without_a_single_geometry_is_fetched(version: str):
    found, _ = await fetch(ScriptedWfs([Thing(n, None) for n in range(7)]), version=version)

    assert numbers(found) == list(range(7))
    assert found.report.complete is (version == "2.0.0")


async def test_several_types_become_one_layer_with_type_names():
    found, _ = await fetch(ScriptedWfs(things(4), types=("app:lamp", "app:mast")), type_names=["app:lamp", "app:mast"])

    assert found.batch.type_names.tolist() == ["lamp"] * 4 + ["mast"] * 4
    assert found.batch.type_index.tolist() == [0] * 4 + [1] * 4
    assert found.report.matched == 8
    assert found.report.complete


async def test_extent_and_missing_srs_name_are_taken_from_the_capabilities():
    found, _ = await fetch(ScriptedWfs(things(4), labelled=False))

    assert [found.batch.srs_names[index] for index in found.batch.srs_index] == ["EPSG:28992"] * 4
    assert found.batch.declared_extent == (4.29, 52.03, 4.44, 52.13)


async def test_where_is_pushed_down():
    found, seen = await fetch(ScriptedWfs(things(20)), where={"kind": ["kast"]})

    assert set(found.batch.columns["kind"]) == {"kast"}
    assert len(found.batch) == 10
    assert any("Literal>kast<" in each.query.get("filter", "") for each in seen)


@pytest.mark.parametrize("filters", ["refused", "nothing"])
async def test_filter_that_does_not_work_is_left_out_with_a_note(filters):
    found, _ = await fetch(ScriptedWfs(things(20), filters=filters), where={"kind": ["kast"]})

    assert len(found.batch) == 20
    assert any("refuses it or finds nothing with it" in note for note in found.report.notes)


async def test_filter_too_long_for_an_address_is_not_sent():
    found, seen = await fetch(ScriptedWfs(things(9)), where={"kind": [f"kind {n}" for n in range(200)]})

    assert len(found.batch) == 9
    assert not any("filter" in each.query for each in seen)
    assert any("too long" in note for note in found.report.notes)


async def test_gml_is_fetched_when_the_promised_geojson_fails():
    wfs = ScriptedWfs(things(6), formats=("application/json",))

    def broken_json(seen: vendor.Seen) -> Answer:
        return exception_report("no driver") if "outputformat" in seen.query else wfs(seen)

    found, _ = await fetch(broken_json)

    assert len(found.batch) == 6
    assert any("so GML is fetched" in note for note in found.report.notes)


async def test_only_the_url_of_the_layer_file_is_requested():
    """URLs in capabilities and links to next pages are not used."""
    found, seen = await fetch(ScriptedWfs(things(3)))

    assert {each.path for each in seen} == {"/wfs"}
    assert found.report.complete


async def test_messages_have_no_secrets_of_the_url():
    wfs = replace(ScriptedWfs(), types=("b",))
    with vendor.serving(wfs) as server:
        async with HttpClients() as http:
            one = layer(f"{server.url}?token=geheim")
            with pytest.raises(UpstreamRefused) as caught:
                await open_source(one, http, asyncio.to_thread).fetch()

    assert "geheim" not in str(caught.value)


async def sampled(server: vendor.Server, *, after_fetch: bool, **source) -> tuple[FetchedFeatures, int]:
    """Return a sample, and how many requests it took."""
    async with HttpClients(HttpPolicy(sleep=no_sleep, proxy_for=lambda _: None)) as http:
        opened = open_source(layer(server.url, **source), http, asyncio.to_thread)
        if after_fetch:
            await opened.fetch()
        before = len(server.seen)
        return await opened.sample(7), len(server.seen) - before


@pytest.mark.parametrize("after_fetch", [True, False])
async def test_sample_has_some_objects_of_each_type(*, after_fetch: bool):
    types = ("app:lamp", "app:kast")
    with vendor.serving(ScriptedWfs(things(37), types=types)) as server:
        found, requests = await sampled(server, after_fetch=after_fetch, type_names=list(types))

    assert list(found.batch.type_names) == ["lamp"] * 7 + ["kast"] * 7
    assert found.batch.type_index is not None
    assert found.batch.declared_extent is not None
    assert requests == found.report.requests == (2 if after_fetch else 3)


async def test_sample_after_a_fetch_uses_what_worked():
    """The vendor refuses the filter of `where`; the sample does not try it again."""
    with vendor.serving(ScriptedWfs(things(37), filters="refused")) as server:
        found, requests = await sampled(server, after_fetch=True, where={"kind": ["mast"]})

    assert (len(found.batch), requests) == (7, 1)


async def test_unknown_type_can_be_sent_to_another_process():
    error = await error_of(ScriptedWfs(types=("app:lamp",)), type_names=["app:lanp"])
    copy = pickle.loads(pickle.dumps(error))

    assert isinstance(copy, UnknownFeatureType)
    assert (copy.unknown_type, copy.nearest_types, str(copy)) == ("app:lanp", ("app:lamp",), str(error))
