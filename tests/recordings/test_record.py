"""Recordings: what is recorded, in which form, and without credentials."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path

import httpx
import pytest
import vendor

from wfs_proxy.config.layer import Layer
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.recordings.exchanges import (
    Exchange,
    RecordedRequest,
    Recording,
    canonical_query,
    query_text,
    read_recording,
    write_recording,
)
from wfs_proxy.recordings.record import record
from wfs_proxy.recordings.replay import Replay
from wfs_proxy.recordings.transport import Recorder

TOKEN = "0123456789abcdef"
UUID = "1f0e6d2c-8a7b-4c3d-9e8f-0a1b2c3d4e5f"
API_KEY = "k3y-of-the-city"
PASSWORD = "p4ss&word/1"


def layer(url: str, **source: object) -> Layer:
    return Layer.model_validate(
        {"id": "masten", "title": "Masten", "source": {"type": "wfs", "url": url, "type_names": ["mast"], **source}}
    )


def recorded(url: str, answer: httpx.Response, *requests: httpx.Request, **source: object) -> Recording:
    """Return the recording of these requests, all with the same answer."""
    recorder = Recorder()

    async def ask() -> None:
        transport = recorder.wrap(httpx.MockTransport(lambda _: _copy(answer)))
        async with httpx.AsyncClient(transport=transport) as client:
            for request in requests:
                (await client.send(request)).raise_for_status()

    asyncio.run(ask())
    return recorder.recording(layer(url, **source))


def _copy(answer: httpx.Response) -> httpx.Response:
    async def body():
        yield answer.extensions["raw"]

    return httpx.Response(answer.status_code, headers=answer.headers, content=body())


def answering(body: bytes, **headers: str) -> httpx.Response:
    return httpx.Response(200, headers=headers, extensions={"raw": body})


def everything_in(directory: Path) -> bytes:
    return b"\n".join(str(path).encode() + path.read_bytes() for path in directory.rglob("*") if path.is_file())


def test_canonical_query_ignores_only_the_case_and_order_of_names():
    pairs = canonical_query("REQUEST=GetFeature&typeName=ns:Mast&service=WFS")
    assert pairs == [("request", "GetFeature"), ("service", "WFS"), ("typename", "ns:Mast")]
    assert canonical_query("service=WFS&TYPENAME=ns%3AMast&Request=GetFeature") == pairs
    assert canonical_query("service=wfs&TYPENAME=ns:Mast&Request=GetFeature") != pairs


def test_query_text_can_be_read_again():
    pairs = [("bbox", "4.3,52.06,4.32,52.08"), ("filter", "<a b='1'>&amp; é + ?</a>"), ("empty", "")]
    assert canonical_query(query_text(pairs)) == sorted(pairs)


def test_recording_is_read_as_it_was_written(tmp_path):
    exchange = Exchange(
        request=RecordedRequest(method="GET", path="/wfs", query="request=GetCapabilities"),
        status=200,
        headers={"content-type": "text/xml"},
        body="<Straat>Curaçaostraat</Straat>\r\n".encode("latin-1"),
    )
    recording = Recording(layer="masten", address="http://vendor/wfs", exchanges=(exchange,), redactions=("one (1x)",))
    write_recording(recording, tmp_path)
    assert read_recording(tmp_path) == recording


def test_recording_replaces_a_recording_and_keeps_its_other_files(tmp_path):
    exchange = Exchange(request=RecordedRequest(method="GET", path="/", query=""), status=200, headers={}, body=b"<a/>")
    write_recording(Recording(layer="a", address="http://v", exchanges=(exchange, exchange)), tmp_path)
    (tmp_path / "SOURCE.md").write_text("whose it is")
    write_recording(Recording(layer="a", address="http://v", exchanges=(exchange,)), tmp_path)
    assert len(read_recording(tmp_path).exchanges) == 1
    assert (tmp_path / "SOURCE.md").read_text() == "whose it is"


def test_recording_is_not_written_into_a_folder_with_something_else(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ConfigurationError, match="not a recording"):
        write_recording(Recording(layer="a", address="http://v", exchanges=()), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_recording_below_a_file_is_refused(tmp_path):
    (tmp_path / "notes").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be written: "):
        write_recording(Recording(layer="a", address="http://v", exchanges=()), tmp_path / "notes" / "masten")


@pytest.mark.parametrize(
    ("manifest", "message"), [(None, "holds no recording"), ("{", "damaged"), ("{}", "damaged")], ids=str
)
def test_missing_or_damaged_recording_is_an_error_that_says_so(tmp_path, manifest, message):
    if manifest is not None:
        (tmp_path / "recording.json").write_text(manifest)
    with pytest.raises(ConfigurationError, match=message):
        read_recording(tmp_path)


def test_recorder_records_the_decompressed_body_and_passes_on_the_compressed_one():
    body = b'{"type": "FeatureCollection", "features": []}'
    answer = answering(gzip.compress(body), **{"Content-Encoding": "gzip", "Content-Type": "application/json"})
    recording = recorded("http://vendor/wfs", answer, httpx.Request("GET", "http://vendor/wfs?Request=GetFeature"))
    (exchange,) = recording.exchanges
    assert exchange.body == body
    assert exchange.headers == {"content-type": "application/json"}
    assert exchange.request == RecordedRequest(method="GET", path="/wfs", query="request=GetFeature")


def test_recorder_finds_credentials_in_a_body_that_is_compressed_twice():
    body = b'{"link": "http://vendor/wfs?apikey=%b"}' % API_KEY.encode()
    answer = answering(gzip.compress(gzip.compress(body)), **{"Content-Encoding": "gzip"})
    request = httpx.Request("GET", f"http://vendor/wfs?apikey={API_KEY}")

    (exchange,) = recorded("http://vendor/wfs", answer, request).exchanges

    assert exchange.body == b'{"link": "http://vendor/wfs?apikey=REDACTED"}'


def test_recording_keeps_the_charset_of_the_header(tmp_path):
    answer = answering("<a>€</a>".encode("cp1252"), **{"Content-Type": "text/xml; charset=windows-1252"})
    request = httpx.Request("GET", "http://vendor/wfs?request=GetFeature")
    write_recording(recorded("http://vendor/wfs", answer, request), tmp_path)

    replayed = Replay([read_recording(tmp_path)])
    status, headers, body = replayed.answer(
        RecordedRequest(method="GET", path="/wfs", query="request=GetFeature"), "http://vendor/wfs"
    )

    assert (status, headers["content-type"], body) == (200, "text/xml; charset=windows-1252", b"<a>\x80</a>")


def test_recorder_records_only_the_last_answer_of_a_repeated_request():
    request = httpx.Request("GET", "http://vendor/wfs?request=GetFeature")
    assert len(recorded("http://vendor/wfs", answering(b"<a/>"), request, request).exchanges) == 1


def test_recorder_does_not_record_a_body_that_was_not_read_to_its_end():
    recorder = Recorder()

    async def ask() -> None:
        async def body():
            yield b"<half"
            yield b"/>"

        transport = recorder.wrap(httpx.MockTransport(lambda _: httpx.Response(200, content=body())))
        async with httpx.AsyncClient(transport=transport) as client, client.stream("GET", "http://vendor/wfs") as got:
            async for _ in got.aiter_raw():
                break

    asyncio.run(ask())
    assert recorder.recording(layer("http://vendor/wfs")).exchanges == ()


SECRETS = {
    "a token in the path": (f"http://vendor/geojson/{TOKEN}", {}, TOKEN),
    "a UUID in the path": (f"http://vendor/{UUID}/wfs", {}, UUID),
    "a key in the query": (f"http://vendor/wfs?apikey={API_KEY}", {}, API_KEY),
    "a header": ("http://vendor/wfs", {"auth": {"type": "header", "value": API_KEY}}, API_KEY),
    "a basic password": (
        "http://vendor/wfs",
        {"auth": {"type": "basic", "username": "stad", "password": PASSWORD}},
        PASSWORD,
    ),
}


@pytest.mark.parametrize(("url", "source", "secret"), SECRETS.values(), ids=SECRETS)
def test_recorder_redacts_credentials_that_an_answer_repeats(tmp_path, url, source, secret):
    """Capabilities repeat the URL of the request, proxies repeat headers in their error pages."""
    echo = f"<a>{url}&amp;request=GetCapabilities {secret} {secret.replace('&', '&amp;')}</a>".encode()
    request = httpx.Request("GET", f"{url}{'&' if '?' in url else '?'}request=GetCapabilities")
    recording = recorded(url, answering(echo), request, **source)
    write_recording(recording, tmp_path)
    assert secret.encode() not in everything_in(tmp_path)
    assert b"REDACTED" in recording.exchanges[0].body
    assert recording.redactions
    assert not any(secret in line for line in recording.redactions)


def test_recorder_does_not_record_a_login_but_redacts_its_token(tmp_path):
    login = json.dumps({"access_token": API_KEY, "token_type": "Bearer", "expires_in": 60}).encode()
    recorder = Recorder()

    async def ask() -> None:
        answers = {"POST": login, "GET": b"<a>Bearer k3y-of-the-city is not welcome</a>"}
        transport = recorder.wrap(httpx.MockTransport(lambda request: _copy(answering(answers[request.method]))))
        async with httpx.AsyncClient(transport=transport) as client:
            await client.post("http://login/token")
            await client.get("http://vendor/wfs", headers={"Authorization": f"Bearer {API_KEY}"})

    asyncio.run(ask())
    write_recording(recorder.recording(layer("http://vendor/wfs")), tmp_path)
    assert API_KEY.encode() not in everything_in(tmp_path)
    assert [exchange.request.path for exchange in read_recording(tmp_path).exchanges] == ["/wfs"]


LOGINS = {
    "text": (b"tok-en/van de stad".replace(b" ", b"-"), {}),
    "JSON string": (b'"tok-en/van-de-stad"', {}),
    "member": (b'{"data": {"jwt": "tok-en/van-de-stad"}}', {"token": "data.jwt"}),
}
"""How a login answers with its token, and the keys of `auth` that say so."""


@pytest.mark.parametrize("send", [{}, {"parameter": "token"}, {"parameter": "kaartje"}], ids=str)
@pytest.mark.parametrize(("answer", "login"), LOGINS.values(), ids=LOGINS)
def test_recording_never_has_the_token_of_a_login(tmp_path, send, answer, login):
    """The vendor repeats the token, the password and the URL of the request in its features."""
    token = "tok-en/van-de-stad"

    def gisib(seen: vendor.Seen) -> vendor.Answer:
        if seen.method == "POST":
            return vendor.Answer(body=answer)
        words = f"{seen.headers.get('authorization')} {seen.query} {seen.path}?token={token} {PASSWORD}"
        feature = {"type": "Feature", "id": 1, "properties": {"woorden": words}, "geometry": None}
        return vendor.Answer(body=json.dumps({"type": "FeatureCollection", "features": [feature]}).encode())

    with vendor.serving(gisib) as server:
        auth = {"type": "login", "url": server.url, "fields": {"u": "stad", "p": PASSWORD}, "send": send, **login}
        source = {"type": "geojson", "url": f"{server.url}?a=1", "auth": auth}
        masten = Layer.model_validate({"id": "masten", "title": "Masten", "source": source})
        asyncio.run(record(masten, tmp_path))

    for secret in (token, PASSWORD, "tok-en\\/van-de-stad", "tok-en%2Fvan-de-stad"):
        assert secret.encode() not in everything_in(tmp_path)
    (exchange,) = read_recording(tmp_path).exchanges
    assert exchange.request == RecordedRequest(method="GET", path="/wfs", query="a=1")
    assert b"REDACTED" in exchange.body


def test_recorder_does_not_change_ordinary_words_and_ids_in_a_body():
    """A password of four letters may be part of a street name, which must not be changed."""
    body = b"<a>http://data.gwsw.nl/1.6/DenHaag/put/knp4301 kade 034575</a>"
    request = httpx.Request("GET", "http://vendor/wfs?request=GetFeature&count=1000")
    auth = {"auth": {"type": "basic", "username": "stad", "password": "kade"}}
    recording = recorded("http://vendor/wfs", answering(body), request, **auth)
    assert recording.exchanges[0].body == body
    assert recording.redactions == ()


def test_layer_from_a_file_cannot_be_recorded(tmp_path):
    (tmp_path / "masten.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    source = {"type": "geojson", "url": str(tmp_path / "masten.geojson")}
    from_file = Layer.model_validate({"id": "masten", "title": "Masten", "source": source})
    with pytest.raises(ConfigurationError, match="nothing to record"):
        asyncio.run(record(from_file, tmp_path / "recording"))
    assert not (tmp_path / "recording").exists()


def test_record_makes_no_request_when_the_folder_has_something_else(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with (
        vendor.serving(lambda _: vendor.exception_report("no")) as server,
        pytest.raises(ConfigurationError, match="not a recording"),
    ):
        asyncio.run(record(layer(server.url), tmp_path))

    assert server.seen == []
