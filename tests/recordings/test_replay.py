"""Replay: the recorded answer to a recorded request, an exception report to any other."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from lxml import etree

from wfs_proxy.errors import ConfigurationError
from wfs_proxy.recordings.exchanges import Exchange, RecordedRequest, Recording, write_recording
from wfs_proxy.recordings.replay import Replay, read_recordings

CAPABILITIES = Exchange(
    request=RecordedRequest(method="GET", path="/wfs", query="request=GetCapabilities&service=WFS"),
    status=200,
    headers={"content-type": "text/xml; charset=UTF-8", "date": "Mon, 05 Jan 2026 10:00:00 GMT"},
    body=b'<WFS_Capabilities href="http://vendor.example/wfs?"/>',
)
TOKEN = Exchange(
    request=RecordedRequest(method="GET", path="/geojson/REDACTED", query="apikey=REDACTED&bbox=4,52,5,53"),
    status=200,
    headers={"content-type": "application/json"},
    body=b"{}",
)
REPLAY = Replay([Recording(layer="masten", address="http://vendor.example/wfs", exchanges=(CAPABILITIES, TOKEN))])


def get(path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(REPLAY)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8001") as client:
            return await client.get(path)

    return asyncio.run(ask())


@pytest.mark.parametrize(
    "path",
    ["/wfs?service=WFS&request=GetCapabilities", "/wfs?REQUEST=GetCapabilities&SERVICE=WFS"],
    ids=["as recorded", "other order and case"],
)
def test_replay_answers_what_was_recorded(path):
    answer = get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/xml; charset=UTF-8"


def test_replay_does_not_send_the_recorded_date():
    assert "date" not in get("/wfs?service=WFS&request=GetCapabilities").headers


def test_replay_replaces_the_address_of_the_vendor_with_its_own():
    """Links of the vendor, such as `next`, must lead to the replay."""
    assert get("/wfs?service=WFS&request=GetCapabilities").text == (
        '<WFS_Capabilities href="http://127.0.0.1:8001/wfs?"/>'
    )


def test_links_to_other_paths_of_the_vendor_lead_to_the_replay_too():
    """An OGC API links from each document to others."""
    request = RecordedRequest(method="GET", path="/api/collections", query="")
    link = b'{"href": "http://vendor.example/api/collections/paal/items?limit=2"}'
    exchange = Exchange(request=request, status=200, headers={}, body=link)
    replay = Replay([Recording(layer="palen", address="http://vendor.example/api", exchanges=(exchange,))])

    _, _, body = replay.answer(request, "http://127.0.0.1:9001")

    assert body == b'{"href": "http://127.0.0.1:9001/api/collections/paal/items?limit=2"}'


@pytest.mark.parametrize(
    "path",
    [
        "/geojson/REDACTED?bbox=4,52,5,53&apikey=REDACTED",
        "/geojson/0123456789abcdef?apikey=s3cr3t&bbox=4,52,5,53",
        "/geojson/0123456789abcdef?apikey=a%2Fb%26c&bbox=4,52,5,53",
    ],
    ids=["the placeholder", "a credential", "a credential with reserved characters"],
)
def test_redacted_part_of_a_request_matches_any_text(path):
    assert get(path).json() == {}


@pytest.mark.parametrize(
    "path",
    [
        "/wfs?service=wfs&request=GetCapabilities",
        "/wfs?service=WFS&request=GetCapabilities&version=2.0.0",
        "/wfs/?service=WFS&request=GetCapabilities",
        "/geojson/a/b?apikey=x&bbox=4,52,5,53",
        "/geojson/a?apikey=x&bbox=4,52,5,54",
    ],
    ids=["another value", "another parameter", "another path", "two parts for one", "another box"],
)
def test_replay_does_not_answer_a_similar_request(path):
    assert get(path).status_code == 404


@pytest.mark.parametrize(
    ("version", "root"),
    [
        ("1.0.0", "{http://www.opengis.net/ogc}ServiceExceptionReport"),
        ("1.1.0", "{http://www.opengis.net/ows}ExceptionReport"),
        ("2.0.0", "{http://www.opengis.net/ows/1.1}ExceptionReport"),
    ],
)
def test_exception_report_names_the_request_and_the_nearest_recorded_one(version, root):
    answer = get(f"/wfs?service=WFS&version={version}&request=GetFeature&typeName=a%3Cb")
    report = etree.fromstring(answer.content)
    text = " ".join(report.itertext())
    assert report.tag == root
    assert "not recorded: GET /wfs?request=GetFeature&service=WFS&typename=a%3Cb" in text
    assert "GET /wfs?request=GetCapabilities&service=WFS" in text


def test_exception_report_for_an_unknown_path_names_the_recorded_paths():
    assert "/geojson/REDACTED, /wfs" in get("/elsewhere").text


def test_recordings_are_found_in_a_folder_or_in_its_subfolders(tmp_path):
    recording = Recording(layer="masten", address="http://vendor.example/wfs", exchanges=(CAPABILITIES,))
    write_recording(recording, tmp_path / "masten")
    assert read_recordings(tmp_path) == [recording]
    assert read_recordings(tmp_path / "masten") == [recording]


def test_folder_without_recordings_is_an_error(tmp_path):
    with pytest.raises(ConfigurationError, match="holds no recording"):
        read_recordings(tmp_path)
