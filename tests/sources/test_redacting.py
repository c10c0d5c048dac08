"""What a vendor says reaches the operator, without the credentials that it repeats."""

from __future__ import annotations

import asyncio
import base64
import gzip

import pytest
import vendor
from vendor import Answer, Seen, exception_report

from wfs_proxy.config.layer import Layer
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.sources.open_source import open_source

pytestmark = pytest.mark.anyio

PASSWORD = "zomer-2026!"
API_KEY = "sleutel/van de stad"
TOKEN = "0123456789abcdef0123"


async def message_of(scenario: vendor.Scenario, *, path: str = "", query: str = "", **source) -> str:
    with vendor.serving(scenario) as server:
        url = f"{server.url}{path}{query}"
        layer = Layer(
            id="a", title="A", source={"type": "wfs", "url": url, "type_names": ["lamp"], **source}, properties={}
        )
        async with HttpClients(HttpPolicy(proxy_for=lambda _: None)) as http:
            with pytest.raises(WfsProxyError) as caught:
                await open_source(layer, http, asyncio.to_thread).fetch()
    return str(caught.value)


def echo(seen: Seen) -> Answer:
    login = seen.headers.get("authorization", "")
    sent = "&amp;".join(f"{name}={value}" for name, value in seen.query.items())
    plain = base64.b64decode(login.removeprefix("Basic ")).decode() if login.startswith("Basic ") else ""
    return exception_report(f"Layer unknown: http://vendor{seen.path}?{sent} as {login} ({plain})", status=400)


async def test_words_of_the_vendor_are_kept():
    message = await message_of(echo)

    assert "Layer unknown: http://vendor/wfs" in message
    assert "typenames=lamp" in message


async def test_password_is_removed_in_every_form():
    auth = {"type": "basic", "username": "stad", "password": PASSWORD}

    message = await message_of(echo, auth=auth)

    assert "Layer unknown" in message
    assert PASSWORD not in message
    assert base64.b64encode(f"stad:{PASSWORD}".encode()).decode() not in message


async def test_value_of_a_header_is_removed():
    auth = {"type": "header", "name": "Authorization", "value": "Geheim zesletters"}

    message = await message_of(echo, auth=auth)

    assert "Layer unknown" in message
    assert "zesletters" not in message


@pytest.mark.parametrize(
    ("path", "query", "secret"),
    [("", "?apikey=sleutel%2Fvan%20de%20stad", "sleutel"), (f"/{TOKEN}", "", TOKEN), ("", f"?map={TOKEN}", TOKEN)],
)
async def test_secret_of_the_url_is_removed(path: str, query: str, secret: str):
    message = await message_of(echo, path=path, query=query)

    assert "Layer unknown" in message
    assert secret not in message


async def test_words_in_an_answer_that_is_compressed_twice_are_redacted_too():
    def answer(seen: Seen) -> Answer:
        body = gzip.compress(gzip.compress(echo(seen).body))
        return Answer(body=body, status=400, headers={"Content-Encoding": "gzip"})

    message = await message_of(answer, query=f"?token={PASSWORD}")

    assert "Layer unknown" in message
    assert PASSWORD not in message


async def test_text_of_a_page_is_redacted_too():
    def answer(seen: Seen) -> Answer:
        return Answer(body=f"<html>No access with apikey={seen.query.get('apikey')}</html>".encode())

    message = await message_of(answer, query="?apikey=abc-def-ghi")

    assert "No access with apikey=***" in message


@pytest.mark.parametrize("send", [{}, {"parameter": "kaartje"}, {"header": "X-Kaart", "prefix": ""}], ids=str)
async def test_token_of_a_login_is_removed(send: dict):
    def refusing(seen: Seen) -> Answer:
        if seen.method == "POST":
            return Answer(body=b"tok-van-de-stad")
        words = f"Layer unknown for tok-van-de-stad of {PASSWORD}, {dict(seen.headers)} {dict(seen.query)}"
        return exception_report(words.replace("&", "").replace("<", ""), status=400)

    with vendor.serving(refusing) as login:
        auth = {"type": "login", "url": login.url, "fields": {"gebruiker": "stad", "w": PASSWORD}, "send": send}
        message = await message_of(refusing, auth=auth)

    assert "Layer unknown" in message
    assert "tok-van-de-stad" not in message
    assert PASSWORD not in message


async def test_token_of_oauth_is_removed():
    def issuing(_: Seen) -> Answer:
        return Answer(body=b'{"access_token": "tok-van-de-stad", "expires_in": 300}')

    def refusing(_: Seen) -> Answer:
        return exception_report("Layer unknown for tok-van-de-stad", status=400)

    with vendor.serving(issuing) as endpoint:
        auth = {"type": "oauth2", "token_url": endpoint.url, "client_id": "a", "client_secret": PASSWORD}
        message = await message_of(refusing, auth=auth)

    assert "Layer unknown for ***" in message


async def test_token_in_a_header_is_removed_without_the_word_before_it():
    auth = {"type": "header", "name": "Authorization", "value": "Bearer tok-van-de-stad"}

    message = await message_of(lambda _: exception_report("Layer unknown for tok-van-de-stad", status=400), auth=auth)

    assert "Layer unknown for ***" in message


async def test_sample_has_no_credentials_in_its_message_either():
    with vendor.serving(echo) as server:
        source = {"type": "wfs", "url": server.url, "type_names": ["lamp"]}
        auth = {"type": "basic", "username": "stad", "password": PASSWORD}
        layer = Layer(id="a", title="A", source={**source, "auth": auth}, properties={})
        async with HttpClients(HttpPolicy(proxy_for=lambda _: None)) as http:
            with pytest.raises(WfsProxyError) as caught:
                await open_source(layer, http, asyncio.to_thread).sample(5)

    assert "Layer unknown" in str(caught.value)
    assert PASSWORD not in str(caught.value)
