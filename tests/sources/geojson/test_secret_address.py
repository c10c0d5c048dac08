"""A token in the path of a URL is nowhere but in the requests to the vendor.

The token has no form that gives it away, so it is recognised by where it comes from: a variable or a file.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
import vendor
from running_proxy import eventually, running
from vendor import Answer, Seen

from wfs_proxy.cli.commands import main
from wfs_proxy.config.catalogue import load_layer
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.recordings.record import record
from wfs_proxy.settings import Settings
from wfs_proxy.sources.open_source import open_source

pytestmark = pytest.mark.usefixtures("restored_logging")

TOKENS = ["klaproos-veld", "0123456789abcdef", "kort", "a%2Fb c+d", "zomer&winter"]
TOKEN = TOKENS[0]

LAYER = """\
title: Lichtmasten
source:
  type: geojson
  url: {address}/geojson/{token}?bbox={{west}},{{south}},{{east}},{{north}}
fetch: {{mode: cells}}
properties:
  id: LitewebObjectId
  fields: {{LitewebObjectId: string, MastNummer: string}}
"""

WHOLE = LAYER.replace("?bbox={{west}},{{south}},{{east}},{{north}}", "").replace("fetch: {{mode: cells}}\n", "")


def layer_file(folder: Path, address: str, *, text: str = WHOLE, token: str = TOKEN) -> Path:
    """Write a layer whose token is in a secret file."""
    folder.mkdir(exist_ok=True)
    (folder / "token").write_text(f"{token}\n")
    path = folder / "lichtmasten.yaml"
    path.write_text(text.format(address=address, token="${file:token}"))
    return path


def telling(seen: Seen, *, status: int = 400) -> Answer:
    """Refuse the request, and repeat it in all forms."""
    sent = f"{seen.path}?{'&'.join(f'{name}={value}' for name, value in seen.query.items())}"
    words = f"No access: https://www.liteweb.nl{sent} token {seen.path.rpartition('/')[2]}"
    return Answer(status=status, body=json.dumps({"error": {"message": words}}).encode())


def lamps(seen: Seen) -> Answer:
    lamp = {
        "type": "Feature",
        "properties": {"LitewebObjectId": 7, "MastNummer": "0034", "link": f"https://x.nl{seen.path}"},
        "geometry": {"type": "Point", "coordinates": [4.36, 52.01]},
    }
    body = json.dumps({"type": "FeatureCollection", "features": [lamp], "links": [{"href": seen.path}]}).encode()
    etag = '"' + seen.path.rpartition("/")[2].replace('"', "") + '-1"'
    return Answer(body=body, headers={"ETag": etag, "Last-Modified": "Wed, 01 Jan 2025 10:00:00 GMT"})


def run_command(monkeypatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["wfs-proxy", *arguments])
    with pytest.raises(SystemExit):
        main()


def everything_in(folder: Path) -> bytes:
    return b"\n".join(str(path).encode() + path.read_bytes() for path in folder.rglob("*") if path.is_file())


def spellings(token: str) -> list[bytes]:
    return [text.encode() for text in {token, quote(token), quote(token, safe=""), unquote(token)} if len(text) > 3]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("placeholder", ["${TOKEN}", "${file:token}", "${TOKEN:-leeg}"])
def test_errors_have_no_token_wherever_it_comes_from(tmp_path: Path, placeholder: str, token: str):
    sent = quote(token, safe="%+&")
    with vendor.serving(telling) as server:
        (tmp_path / "token").write_text(sent)
        path = tmp_path / "a.yaml"
        path.write_text(WHOLE.format(address=server.url, token=placeholder))
        layer = load_layer(path, {"TOKEN": sent})
        assert sent.encode() not in repr(layer).encode()

        async def fetch() -> None:
            async with HttpClients(HttpPolicy(proxy_for=lambda _: None)) as http:
                await open_source(layer, http, asyncio.to_thread).fetch()

        with pytest.raises(WfsProxyError) as caught:
            asyncio.run(fetch())

    assert server.seen[0].path.endswith(sent)
    assert "No access" in str(caught.value)
    for text in spellings(sent):
        assert text not in str(caught.value).encode()


def test_default_that_is_written_in_the_file_is_no_secret(tmp_path: Path):
    path = tmp_path / "a.yaml"
    path.write_text(WHOLE.format(address="http://127.0.0.1:9", token="${TOKEN:-openbaar}"))

    assert load_layer(path, {}).source.secrets == ()
    assert load_layer(path, {"TOKEN": TOKEN}).source.secrets == (TOKEN,)


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("${BASE}", ()),
        ("${BASE}/masten", ()),
        ("https://${HOST}/masten", ()),
        ("https://x.nl/${TOKEN}/masten", (TOKEN,)),
        ("https://x.nl/masten?sleutel=${TOKEN}", (TOKEN,)),
        ("${BASE}/${TOKEN}", (TOKEN,)),
        ("https://${DOMAIN}.nl/masten", ()),
        ("https://${HOST}:8443/${TOKEN}", (TOKEN,)),
        ("${FOLDER}/masten.geojson", ()),
    ],
)
def test_address_and_host_from_a_variable_are_no_secrets(tmp_path: Path, url: str, secrets: tuple):
    path = tmp_path / "a.yaml"
    path.write_text(f'title: T\nsource: {{type: geojson, url: "{url}"}}\n')
    env = {"BASE": "https://kaart.stad.nl/wfs", "HOST": "kaart.stad.nl", "DOMAIN": "kaart.stad", "TOKEN": TOKEN}
    env["FOLDER"] = str(tmp_path)

    assert load_layer(path, env).source.secrets == secrets


@pytest.mark.parametrize("text", [WHOLE, LAYER], ids=["whole", "cells"])
@pytest.mark.parametrize("scenario", [lamps, telling], ids=["lamps", "refused"])
def test_proxy_shows_and_stores_no_token(tmp_path: Path, text: str, scenario: vendor.Scenario, caplog, capfd):
    caplog.set_level(logging.DEBUG, "wfs_proxy")

    async def use(settings: Settings) -> str:
        async with running(settings) as client:
            paths = [
                "/layers",
                "/layers/lichtmasten",
                "/layers/lichtmasten/features?bbox=4.3599,52.0099,4.3601,52.0101",
            ]
            answers = []
            if text is WHOLE:

                async def tried() -> bool:
                    return (await client.get("/readyz")).json()["layers"]["lichtmasten"]["tried"]

                await eventually(tried)
            for path in [*paths, "/metrics", "/readyz", "/v1/openapi.json", "/wfs?request=GetCapabilities", *paths]:
                accepted = ("application/json", "text/html")
                answers += [(await client.get(path, headers={"Accept": each})).text for each in accepted]
            return "\n".join(answers)

    with vendor.serving(scenario) as server:
        layer_file(tmp_path / "layers", server.url, text=text)
        settings = Settings(layers=tmp_path / "layers", cache_dir=tmp_path / "cache")
        shown = asyncio.run(use(settings))

    assert server.seen
    assert "lichtmasten" in shown
    captured = capfd.readouterr()
    for text_shown in (
        shown,
        caplog.text,
        captured.out,
        captured.err,
        everything_in(tmp_path / "cache").decode("latin-1"),
    ):
        assert TOKEN not in text_shown


LOGIN = """\
title: Lichtmasten
source:
  type: geojson
  url: {address}/masten
  auth:
    type: login
    url: {address}/login/{token}
    fields: {{gebruiker: stad, wachtwoord: "{token}"}}
    send: {{parameter: kaartje}}
properties:
  id: LitewebObjectId
  fields: {{LitewebObjectId: string, MastNummer: string}}
"""
ISSUED = "kaartje-van-de-stad"


@pytest.mark.parametrize("scenario", [lamps, telling], ids=["lamps", "refused"])
def test_token_of_a_login_is_shown_and_stored_nowhere(tmp_path: Path, scenario: vendor.Scenario, caplog, capfd):
    caplog.set_level(logging.DEBUG, "wfs_proxy")

    def with_login(seen: Seen) -> Answer:
        return Answer(body=ISSUED.encode()) if seen.method == "POST" else scenario(seen)

    async def use(settings: Settings) -> str:
        async with running(settings) as client:

            async def tried() -> bool:
                return (await client.get("/readyz")).json()["layers"]["lichtmasten"]["tried"]

            await eventually(tried)
            paths = ("/layers/lichtmasten", "/layers/lichtmasten/features", "/metrics", "/readyz", "/layers")
            return "\n".join([(await client.get(path)).text for path in paths])

    with vendor.serving(with_login) as server:
        layer_file(tmp_path / "layers", server.url, text=LOGIN)
        shown = asyncio.run(use(Settings(layers=tmp_path / "layers", cache_dir=tmp_path / "cache")))

    assert [seen.query.get("kaartje") for seen in server.seen if seen.method == "GET"][:1] == [ISSUED]
    captured = capfd.readouterr()
    stored = everything_in(tmp_path / "cache").decode("latin-1")
    for seen_by_others in (shown, caplog.text, captured.out, captured.err, stored):
        assert ISSUED not in seen_by_others
        assert TOKEN not in seen_by_others


@pytest.mark.parametrize("arguments", [["check"], ["check", "--live"], ["check", "--live", "--json"]], ids=str)
@pytest.mark.parametrize("scenario", [lamps, telling], ids=["lamps", "refused"])
def test_check_shows_no_token(tmp_path: Path, capfd, monkeypatch, arguments: list[str], scenario: vendor.Scenario):
    with vendor.serving(scenario) as server:
        path = layer_file(tmp_path / "layers", server.url)
        run_command(monkeypatch, *arguments, str(path))

    captured = capfd.readouterr()
    assert "ichtmasten" in captured.out + captured.err
    assert TOKEN not in captured.out + captured.err


@pytest.mark.parametrize("text", [WHOLE, LAYER], ids=["whole", "cells"])
def test_recording_has_no_token(tmp_path: Path, text: str):
    with vendor.serving(lamps) as server:
        layer = load_layer(layer_file(tmp_path / "layers", server.url, text=text), {})
        summary = asyncio.run(record(layer, tmp_path / "recording"))

    assert summary.objects == 1
    assert TOKEN.encode() not in everything_in(tmp_path / "recording")
    assert b"REDACTED" in everything_in(tmp_path / "recording")


def test_init_shows_no_token(tmp_path: Path, capfd, monkeypatch):
    """`init` asks for a WFS; an address with a token in its path is answered by GeoJSON."""
    monkeypatch.chdir(tmp_path)
    with vendor.serving(lamps) as server:
        address = f"{server.url}/geojson/0123456789abcdef"
        run_command(monkeypatch, "init", address, "--output", str(tmp_path / "a.yaml"))

    captured = capfd.readouterr()
    assert captured.out + captured.err
    assert "0123456789abcdef" not in captured.out + captured.err
    assert "0123456789abcdef" not in (tmp_path / "a.yaml").read_text()
