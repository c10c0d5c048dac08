"""A service and a type of it, from a pasted address: real servers, and vendors that misbehave."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import inspecting
import mapserver
import needs
import pytest
import trustme
import vendor
from scripted_wfs import ScriptedWfs, things
from vendor import Answer, Seen

from fixtures.servers import running
from wfs_proxy.config.auth import BasicAuth, Tls
from wfs_proxy.inspect import vendor_access
from wfs_proxy.inspect.texts import sentence
from wfs_proxy.inspect.vendor_access import MAX_REQUESTS

LAMPS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [4.3 + number / 1000, 52.05]},
            "properties": {"mastnummer": f"{number:05}", "email": "iemand@example.org"},
        }
        for number in range(40)
    ],
}
GEOJSON = Answer(body=json.dumps(LAMPS).encode(), media_type="application/json")


MOST_FOR_ONE_TYPE = 16
"""Requests, as docs/performance.md says."""

# real servers


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """MapServer and QGIS Server with the data of the demo."""
    needs.program("mapserv", package="cgi-mapserver")
    needs.program("qgis_mapserv.fcgi", package="qgis-server")
    with running(["moon", "techview"], tmp_path_factory.mktemp("servers")) as address:
        yield address


def test_mapserver_is_described(servers: str):
    service, report, _ = inspecting.inspected(f"{servers}/moon")

    assert (service.title, service.version) == ("Openbare verlichting Groningen (verzonnen)", "2.0.0")
    assert service.working_versions == ("2.0.0", "1.1.0", "1.0.0")
    assert [(each.name, each.title, each.count) for each in service.types] == [
        ("ms:LICHTMASTEN", "Lichtmasten en schakelkasten", 2094)
    ]
    assert (report.count, report.complete, report.encoding) == (2094, True, "GML 3.2")
    assert report.crs.reading.startswith("EPSG:28992 x,y: lies in")
    assert {each.name: each.type for each in report.fields}["OBJECTID"] == "integer"
    assert report.best_id.name == "MASTNUMMER"
    assert report.best_id.stable
    assert [(each.field, each.reported) for each in report.marks] == [("IS_GEMELD", ("1",))]
    assert all(each.works for each in report.formats)
    assert report.paging.behaviour == "works"
    assert report.missing == ()


def test_qgis_server_is_described(servers: str):
    service, report, _ = inspecting.inspected(f"{servers}/techview")

    assert (service.version, service.working_versions) == ("1.1.0", ("1.1.0", "1.0.0"))
    assert [each.title for each in service.types] == ["Lichtmasten Helmond (verzonnen)"]
    assert (report.output_format, report.encoding) == ("application/vnd.geo+json", "GeoJSON")
    assert {each.encoding for each in report.formats} == {"GeoJSON", "GML 2", "GML 3.1"}
    assert report.without_geometry == 7
    assert report.best_id.name == "objectnummer"
    assert {each.name: each.type for each in report.fields}["plaatsing"] == "date"
    assert [(each.field, each.reported) for each in report.marks] == [("gemeld", ("J",))]


@pytest.mark.parametrize(
    "query",
    [
        "?service=WFS&version=1.1.0&request=GetCapabilities",
        "?SERVICE=WFS&amp;REQUEST=GetFeature&amp;TYPENAME=LICHTMASTEN&amp;MAXFEATURES=1",
        "?service=WMS&version=1.3.0&request=GetMap&layers=LICHTMASTEN&crs=EPSG:28992&width=1&height=1&format=image/png",
        "?typeNames=LICHTMASTEN&srsName={srsName}&bbox={west},{south},{east},{north}",
    ],
)
def test_address_of_any_request_to_a_real_server_works(servers: str, query: str):
    service, _, _ = inspecting.inspected(f"{servers}/moon{query}")

    assert service.url == f"{servers}/moon"
    assert service.requested_type == ("ms:LICHTMASTEN" if "LICHTMASTEN" in query else None)


def test_fifty_thousand_objects_take_sixteen_requests_at_most(tmp_path: Path):
    """The number in docs/performance.md, counted by the report; retries are not."""
    with mapserver.running(tmp_path, objects=50_000, formats="geojson") as url:
        service, report, _ = inspecting.inspected(url)

    assert service.requests + report.requests <= MOST_FOR_ONE_TYPE
    assert (report.count, report.sample, report.complete) == (50_000, 2_500, False)
    assert report.paging.behaviour == "works"
    assert report.crs.bbox is not None
    assert [each.details for each in report.findings if each.code == "sampled"] == [
        {"sample": "2500", "total": "50000"}
    ]


def test_capped_count_of_mapserver_is_not_believed(tmp_path: Path):
    """MapServer counts no further than its cap, so that the sample seems to be the whole type."""
    with mapserver.running(tmp_path, objects=5_000, cap=1_000) as url:
        service, report, _ = inspecting.inspected(url)

    assert [each.count for each in service.types] == [1_000]
    assert (report.count, report.at_least, report.sample, report.complete) == (None, 1_500, 1_500, False)
    assert (report.paging.behaviour, report.paging.cap, report.paging.stated_cap) == ("works", 1_000, 1_000)
    assert "sampled_of_unknown" in {each.code for each in report.findings}


# vendors that a test scripts


def scripted(**options: object) -> Callable[[Seen], Answer]:
    return ScriptedWfs(**{"things": things(60), **options})


def test_number_of_requests_is_what_the_vendor_saw():
    with vendor.serving(scripted(types=tuple(f"app:t{n}" for n in range(100)))) as server:
        service, report, _ = inspecting.inspected(server.url)

    assert len(server.seen) == service.requests + report.requests
    assert len(server.seen) <= MOST_FOR_ONE_TYPE + 20
    assert [each.count for each in service.types[:21]] == [60] * 20 + [None]


def test_more_requests_than_allowed_are_never_made():
    with vendor.serving(scripted(types=tuple(f"app:t{n}" for n in range(100)))) as server:
        service, report, _ = inspecting.inspected(server.url, max_requests=10)

    assert len(server.seen) == 10
    assert [each.part for each in (*service.missing, *report.missing)] == ["counts", "schema", "sample"]
    assert MAX_REQUESTS == 60


def test_vendor_that_stops_half_way_gives_a_partial_report():
    """Every part that was finished is in the report, and every other one is named."""
    wfs = scripted(things=things(57), formats=("text/xml; subtype=gml/3.1.1",))
    answered = 0

    def stopping(seen: Seen) -> Answer:
        nonlocal answered
        answered += 1
        return wfs(seen) if answered <= 6 else Answer(break_within=True, body=b"<a>")

    with vendor.serving(stopping) as server:
        service, report, _ = inspecting.inspected(server.url)

    assert (service.missing, report.sample) == ((), 57)
    assert [field.name for field in report.fields] == ["number", "kind"]
    assert [each.part for each in report.missing] == ["stability", "formats"]
    assert {each.code for each in report.findings} >= {"missing_stability", "missing_formats"}
    assert len(server.seen) == 6 + 3


def test_vendor_that_stops_after_its_capabilities_gives_the_types():
    wfs = scripted()

    def stopping(seen: Seen) -> Answer:
        first = seen.query["request"] == "GetCapabilities" and "acceptversions" in seen.query
        return wfs(seen) if first else Answer(break_within=True, body=b"<a>")

    with vendor.serving(stopping) as server:
        service, report, _ = inspecting.inspected(server.url)

    assert [each.name for each in service.types] == ["app:lamp"]
    assert [each.code for each in service.findings] == ["missing_versions", "missing_counts"]
    assert [each.part for each in report.missing] == ["schema", "sample"]


@pytest.mark.parametrize(
    ("silent", "failure", "says"),
    [
        (Answer(hang_before=True), "no_answer", "vraag de leverancier. De leverancier antwoordde niet op tijd"),
        (
            Answer(hang_within=True, body=b"<a>" * 9),
            "stalled",
            "De objecten zijn niet opgehaald. Probeer het later opnieuw of vraag de leverancier. Het antwoord van",
        ),
        (Answer(break_within=True, body=b"<a>" * 9), "lost", "De verbinding met de leverancier viel weg voordat het"),
    ],
)
def test_vendor_that_breaks_off_is_said_in_the_readers_language(
    silent: Answer, failure: str, says: str, monkeypatch: pytest.MonkeyPatch
):
    """A request that took longer than a person waits is not repeated, and no other one follows."""
    monkeypatch.setattr(vendor_access, "TIMEOUT", 0.5)
    monkeypatch.setattr(vendor_access, "PATIENCE", 10.0 if failure == "lost" else 0.1)
    wfs = scripted()
    silenced = []

    def stopping(seen: Seen) -> Answer:
        if seen.query["request"] == "GetFeature" and seen.query.get("resulttype") != "hits":
            silenced.append(seen)
            return silent
        return wfs(seen)

    with vendor.serving(stopping) as server:
        _, report, _ = inspecting.inspected(server.url)

    assert [(each.part, each.connection) for each in report.missing] == [("sample", failure)]
    assert says in sentence(report.findings[0], "nl")
    assert len(silenced) == (3 if failure == "lost" else 1)


def test_types_that_wait_to_be_counted_do_not_each_wait_for_a_vendor_that_hangs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(vendor_access, "TIMEOUT", 0.5)
    monkeypatch.setattr(vendor_access, "PATIENCE", 0.1)
    wfs = scripted(types=tuple(f"app:t{n}" for n in range(9)))

    with vendor.serving(
        lambda seen: wfs(seen) if seen.query["request"] == "GetCapabilities" else Answer(hang_before=True)
    ) as server:
        service, _, _ = inspecting.inspected(server.url)

    assert len([each for each in server.seen if each.query["request"] == "GetFeature"]) == 2
    assert [each.code for each in service.findings] == ["missing_counts"]


def test_words_of_the_vendor_are_shown_without_credentials():
    """Vendors repeat the login, the address and the parameters that were sent."""
    wfs = scripted(formats=("application/json", "text/xml"))
    login = BasicAuth(type="basic", username="stad", password="zomer-2026!")
    words = vendor.exception_report(
        "Off until Monday: https://u:geheim1@h/x?key=geheim2, stad zomer-2026!, geheim-token"
    )

    def refusing(seen: Seen) -> Answer:
        return wfs(seen) if seen.query["request"] == "GetCapabilities" else words

    with vendor.serving(refusing) as server:
        service, report, _ = inspecting.inspected(f"{server.url}?apikey=geheim-token", auth=login)
    with vendor.serving(lambda _: words) as server:
        diagnosis = inspecting.diagnosed(f"{server.url}?apikey=geheim-token", auth=login)

    assert {each.part for each in report.missing} >= {"schema", "sample"}
    assert all("Off until Monday" in each.reason for each in report.missing)
    assert "Off until Monday" in diagnosis.details["reason"]
    shown = f"{service.findings}{report.missing}{report.findings}{report.formats}{report.crs}{diagnosis}"
    assert not [secret for secret in ("geheim1", "geheim2", "geheim-token", "zomer-2026!") if secret in shown]


def test_progress_names_each_part_once_and_in_order():
    with vendor.serving(scripted()) as server:
        _, _, steps = inspecting.inspected(server.url)

    assert [step.part for step in steps] == [
        "service", "versions", "counts", "schema", "sample", "stability", "paging", "formats"
    ]  # fmt: skip
    assert [step.done for step in steps] == list(range(8))
    assert {step.total for step in steps} == {8}


def test_type_without_places_or_objects_is_reported_as_such():
    with vendor.serving(scripted(things=[replace(each, place=None) for each in things(30)])) as server:
        _, without_places, _ = inspecting.inspected(server.url)
    with vendor.serving(scripted(things=[])) as server:
        _, empty, _ = inspecting.inspected(server.url)

    assert (without_places.findings[0].code, without_places.crs) == ("no_geometry", None)
    assert [each.code for each in empty.findings] == ["no_objects"]


@pytest.mark.parametrize("version", ["2.0.0", "1.1.0", "1.0.0"])
def test_each_version_can_be_inspected(version: str):
    with vendor.serving(scripted(versions=(version,))) as server:
        service, report, _ = inspecting.inspected(server.url)

    assert service.working_versions == (version,)
    assert (report.version, report.sample, report.complete) == (version, 60, True)
    assert report.best_id.name == "number"


def test_login_is_used_and_refused_without():
    wfs = scripted()

    def guarded(seen: Seen) -> Answer:
        return wfs(seen) if seen.headers.get("authorization") == "Basic amFuOmdlaGVpbQ==" else Answer(status=401)

    with vendor.serving(guarded) as server:
        without = inspecting.diagnosed(server.url)
        wrong = inspecting.diagnosed(server.url, auth=BasicAuth(type="basic", username="jan", password="fout"))
        service, report, _ = inspecting.inspected(
            server.url, auth=BasicAuth(type="basic", username="jan", password="geheim")
        )

    assert (without.code, without.needs_login) == ("login_required", True)
    assert (wrong.code, wrong.needs_login) == ("login_refused", True)
    assert (len(service.types), report.sample) == (1, 60)
    assert "geheim" not in repr((service, report))


# other forms of an address


def test_geojson_document_is_a_layer_too():
    with vendor.serving(lambda _: GEOJSON) as server:
        service, report, _ = inspecting.inspected(server.url.replace("/wfs", "/masten.geojson"))

    assert (service.kind, service.types[0].title) == ("geojson", "masten")
    assert (report.sample, report.count, report.complete, report.encoding) == (40, 40, True, "GeoJSON")
    assert report.best_id.name == "mastnummer"
    assert "example.org" not in repr(report)


def test_wms_address_leads_to_the_wfs_beside_it():
    wfs = scripted()
    with vendor.serving(
        lambda seen: wfs(seen) if seen.path == "/wfs" else Answer(body=b"<WMS_Capabilities version='1.3.0'/>")
    ) as server:
        service, _, _ = inspecting.inspected(server.url.replace("/wfs", "/wms?service=WMS&request=GetMap"))

    assert service.url == server.url


def test_map_parameter_is_kept_in_every_request():
    wfs = scripted()
    with vendor.serving(wfs) as server:
        service, report, _ = inspecting.inspected(f"{server.url}?map=/a/b.map&request=GetFeature&typename=app:lamp")

    assert {seen.query.get("map") for seen in server.seen} == {"/a/b.map"}
    assert service.url.endswith("?map=/a/b.map")
    assert report.sample == 60


def test_address_without_a_scheme_falls_back_to_http():
    with vendor.serving(scripted()) as server:
        service, _, _ = inspecting.inspected(server.url.removeprefix("http://"))

    assert service.url == server.url


def test_redirect_to_https_on_the_same_host_is_followed(tmp_path: Path):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with vendor.serving(scripted(), tls=context) as secure:
        to_https = Answer(status=301, headers={"Location": f"{secure.url}?service=WFS"})
        with vendor.serving(lambda _: to_https) as plain:
            service, report, _ = inspecting.inspected(plain.url, tls=Tls(ca=str(tmp_path / "ca.pem")))

    assert (service.url, report.sample) == (secure.url, 60)


def wants_objects(seen: Seen) -> bool:
    return seen.query["request"] == "GetFeature" and seen.query.get("resulttype") != "hits"


def test_login_for_the_objects_only_is_said():
    wfs = scripted()
    with vendor.serving(lambda seen: Answer(status=401) if wants_objects(seen) else wfs(seen)) as server:
        _, report, _ = inspecting.inspected(server.url)

    assert report.needs_login
    assert (report.findings[0].code, report.findings[0].severity) == ("login_for_objects", "error")


def test_credentials_are_never_sent_without_encryption_by_a_guess():
    with vendor.serving(scripted()) as server:
        found = inspecting.diagnosed(
            server.url.removeprefix("http://"), auth=BasicAuth(type="basic", username="a", password="b")
        )

    assert found.code == "no_tls"
    assert server.seen == []


HTML = "<html><head><title>Kaartportaal</title></head><body>{}</body></html>"


def page(body: str) -> Answer:
    return Answer(body=HTML.format(body).encode(), media_type="text/html")


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        (page("welkom"), "page", "webpagina voor mensen (Kaartportaal welkom)"),
        (page('<form><input type="password"></form>'), "login_page", "inlogpagina"),
        (Answer(body=b"<html><form><input type=password></form></html>"), "login_page", "mensen (localhost)"),
        (page('<a href="/geo/wfs?service=WFS">x</a>'), "page_with_links", "probeer een daarvan"),
        (Answer(body=b"<WMS_Capabilities version='1.3.0'/>"), "other_service", "Dit is een WMS"),
        (Answer(body=b"<c:Capabilities xmlns:c='http://www.opengis.net/wmts/1.0'/>"), "other_service", "een WMTS"),
        (Answer(body=b"<c:Capabilities xmlns:c='http://www.opengis.net/cat/csw/2.0.2'/>"), "other_service", "CSW"),
        (Answer(body=b'{"currentVersion": 10.9, "layers": []}'), "arcgis", "ArcGIS"),
        (Answer(body=b'{"links": [{"rel": "conformance", "href": "x"}]}'), "ogc_api", "OGC API Features"),
        (Answer(body=b'{"error": "nee"}'), "json", "geen GeoJSON"),
        (Answer(body=b""), "empty", "zonder inhoud"),
        (Answer(body=b"hallo"), "not_a_service", "begint met: hallo"),
        (Answer(body=b"<root/>"), "not_a_service", "<root>"),
        (Answer(status=404), "not_found", "(404)"),
        (Answer(status=403), "login_refused", "weigert de toegang"),
        (Answer(status=500), "server_error", "Er is een storing bij localhost (fout 500)"),
        (Answer(status=503), "server_error", "(fout 503)"),
        (Answer(status=405), "refused", "weigert de aanvraag"),
        (vendor.exception_report("No such service"), "exception", "No such service"),
        (Answer(body=b"<!DOCTYPE a [<!ENTITY b 'c'>]><WFS_Capabilities/>"), "unsafe", "zonder DOCTYPE"),
        (Answer(body=b"<WFS_Capabilities version='2.0.0'>"), "unreadable", "afgekapt"),
        (Answer(body=b"<WFS_Capabilities version='2.0.0'/>"), "no_types", "geen enkele laag"),
        (Answer(status=302, headers={"Location": "https://login.example/a"}), "redirected", "login.example"),
    ],
)
def test_each_failure_says_what_it_is_and_what_to_try(answer: Answer, code: str, says: str):
    with vendor.serving(lambda _: answer) as server:
        found = inspecting.diagnosed(server.url)

    assert found.code == code
    assert says in sentence(found, "nl")
    assert sentence(found, "en") != sentence(found, "nl")
    assert found.requests <= 12


def test_links_on_a_page_are_suggested_and_not_followed():
    with vendor.serving(lambda _: page('<a href="https://elders.example/wfs?service=WFS">x</a>')) as server:
        found = inspecting.diagnosed(server.url)

    assert found.suggestions == ("https://elders.example/wfs",)
    assert {seen.headers["host"].partition(":")[0] for seen in server.seen} == {"localhost"}


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("lichtmasten", "address"),
        ("http://localhost:9/wfs", "unreachable"),
        ("https://bestaat-niet.invalid/wfs", "unknown_host"),
    ],
)
def test_address_without_a_server(address: str, code: str):
    assert inspecting.diagnosed(address).code == code


def test_key_in_the_address_is_in_no_message():
    with vendor.serving(lambda _: Answer(status=404)) as server:
        found = inspecting.diagnosed(f"{server.url}?apikey=s3cr3t")

    assert server.seen[0].query["apikey"] == "s3cr3t"
    assert "s3cr3t" not in repr(found)
