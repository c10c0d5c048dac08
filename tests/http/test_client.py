"""The client policy against a real server that misbehaves."""

from __future__ import annotations

import asyncio
import gzip
import socket
import time

import pytest
import vendor
from vendor import Answer

from wfs_proxy import __version__
from wfs_proxy.config.layer import WfsSource
from wfs_proxy.errors import (
    ConfigurationError,
    MalformedDocument,
    UpstreamException,
    UpstreamRefused,
    UpstreamTooLarge,
    UpstreamUnreachable,
)
from wfs_proxy.http.bodies import BodyLimits
from wfs_proxy.http.client import LONGEST_PAUSE, TRIES, HttpClients, HttpPolicy, environment_proxy

pytestmark = pytest.mark.anyio


class Sleeper:
    """Remembers how long it should have slept."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


def policy(**changes) -> HttpPolicy:
    return HttpPolicy(**{"sleep": Sleeper(), "jitter": lambda: 1.0, "proxy_for": lambda _: None, **changes})


def source(url: str, **changes) -> WfsSource:
    return WfsSource(type="wfs", url=url, type_names=("a",), **changes)


async def get(server: vendor.Server, http: HttpPolicy | None = None, path: str = "", **changes):
    async with HttpClients(http or policy()) as clients:
        return await clients.client(source(server.url, **changes)).get(server.url + path)


async def test_answer_comes_as_bytes_with_its_last_modified():
    answer = Answer(body=b"<a/>", headers={"Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT"})
    with vendor.serving(lambda _: answer) as server:
        payload = await get(server, path="?token=abc")

    assert payload.body == b"<a/>"
    assert payload.last_modified == "Sun, 06 Nov 1994 08:49:37 GMT"
    assert payload.source == f"{server.url}?token=***"


async def test_request_names_us_and_takes_gzip():
    with vendor.serving(lambda _: Answer(body=gzip.compress(b"<a/>"), headers={"Content-Encoding": "gzip"})) as server:
        payload = await get(server)

    assert payload.body == b"<a/>"
    assert server.seen[0].headers["user-agent"].startswith(f"wfs-proxy/{__version__}")
    assert server.seen[0].headers["accept-encoding"] == "gzip"


async def test_gzip_in_several_members_is_one_body():
    body = gzip.compress(b"<a>") + gzip.compress(b"</a>")
    with vendor.serving(lambda _: Answer(body=body, headers={"Content-Encoding": "gzip"})) as server:
        assert (await get(server)).body == b"<a></a>"


async def test_body_over_the_limit_is_refused():
    with (
        vendor.serving(lambda _: Answer(body=bytes(2_000))) as server,
        pytest.raises(UpstreamTooLarge, match="1,000 bytes"),
    ):
        await get(server, policy(limits=BodyLimits(sent=1_000)))


async def test_gzip_bomb_is_refused_unpacked_no_further_than_the_limit():
    with (
        vendor.serving(lambda _: vendor.bomb(50_000_000)) as server,
        pytest.raises(UpstreamTooLarge, match="when unpacked"),
    ):
        await get(server, policy(limits=BodyLimits(decompressed=1_000_000)))

    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Answer(body=b"plain", headers={"Content-Encoding": "gzip"}), "cannot be decompressed"),
        (Answer(body=b"x", headers={"Content-Encoding": "br"}), "'br', which was not asked for"),
    ],
    ids=["no-gzip-at-all", "another-coding"],
)
async def test_body_that_cannot_be_unpacked_is_malformed(answer: Answer, text: str):
    with vendor.serving(lambda _: answer) as server, pytest.raises(MalformedDocument, match=text):
        await get(server)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=bytes(1_000), break_within=True),
        Answer(body=gzip.compress(bytes(9_000))[:-8], headers={"Content-Encoding": "gzip"}),
    ],
    ids=["connection-broken", "gzip-cut"],
)
async def test_half_an_answer_is_asked_for_again_and_then_unreachable(answer: Answer):
    with vendor.serving(lambda _: answer) as server, pytest.raises(UpstreamUnreachable):
        await get(server)

    assert len(server.seen) == TRIES


@pytest.mark.parametrize(
    "answer", [Answer(hang_before=True), Answer(body=bytes(9), hang_within=True)], ids=["all", "half"]
)
async def test_silent_server_costs_no_more_than_the_timeout(answer: Answer):
    """A server that gave up by itself would have broken the connection."""
    with (
        vendor.serving(lambda _: answer) as server,
        pytest.raises(UpstreamUnreachable, match="localhost did not answer in time"),
    ):
        await get(server, timeout="200ms")

    assert len(server.seen) == TRIES


async def test_dripping_server_is_cut_off_by_the_total():
    """Each byte comes in time, the whole never would."""
    listener = socket.create_server(("127.0.0.1", 0))

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not writer.is_closing():
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.02)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(drip, sock=listener), HttpClients(policy()) as clients:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(UpstreamUnreachable, match="in time"):
            await clients.client(source(url, timeout="200ms")).get(url)


async def test_absent_server_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
    async with HttpClients(policy()) as clients:
        with pytest.raises(UpstreamUnreachable, match=r"no connection to 127\.0\.0\.1"):
            await clients.client(source(url)).get(url)


async def test_unknown_host_is_unreachable():
    url = "http://vendor.invalid/wfs"
    async with HttpClients(policy()) as clients:
        with pytest.raises(UpstreamUnreachable, match=r"no connection to vendor\.invalid"):
            await clients.client(source(url)).get(url)


def in_turn(*answers: Answer):
    """One answer after another; the last one for ever."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_fault_that_may_pass_is_tried_again(status: int):
    with vendor.serving(in_turn(Answer(status=status), Answer(body=b"<a/>"))) as server:
        assert (await get(server)).body == b"<a/>"

    assert len(server.seen) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 414, 501])
async def test_fault_that_stays_is_not_tried_again(status: int):
    with (
        vendor.serving(lambda _: Answer(status=status)) as server,
        pytest.raises(UpstreamRefused, match=str(status)) as refused,
    ):
        await get(server)

    assert refused.value.upstream_status == status
    assert len(server.seen) == 1


@pytest.mark.parametrize(("jitter", "slept"), [(1.0, [0.5, 1.0]), (0.0, [0.25, 0.5])])
async def test_pauses_double_and_are_jittered(jitter: float, slept: list[float]):
    sleeper = Sleeper()
    with vendor.serving(lambda _: Answer(status=500)) as server, pytest.raises(UpstreamRefused):
        await get(server, policy(sleep=sleeper, jitter=lambda: jitter))

    assert sleeper.slept == slept


@pytest.mark.parametrize(("asked", "slept"), [("3", 3.0), ("3600", LONGEST_PAUSE), ("later", 0.5)])
async def test_pause_that_the_vendor_asks_for_is_kept_within_reason(asked: str, slept: float):
    sleeper = Sleeper()
    with vendor.serving(in_turn(Answer(status=503, headers={"Retry-After": asked}), Answer())) as server:
        await get(server, policy(sleep=sleeper))

    assert sleeper.slept == [slept]


async def test_explained_error_is_told_instead_of_the_status_and_not_repeated():
    with vendor.serving(lambda _: Answer(status=500)) as server:
        async with HttpClients(policy()) as clients:
            with pytest.raises(UpstreamException, match="because"):
                await clients.client(source(server.url)).get(server.url, lambda _: UpstreamException("because"))

    assert len(server.seen) == 1


async def test_redirect_within_the_origin_is_followed():
    def scenario(seen: vendor.Seen) -> Answer:
        return Answer(body=b"<a/>") if seen.path == "/new" else Answer(status=302, headers={"Location": "/new"})

    with vendor.serving(scenario) as server:
        assert (await get(server)).body == b"<a/>"


async def test_redirect_to_another_origin_is_refused_and_its_host_gets_nothing():
    with (
        vendor.serving(lambda _: Answer()) as elsewhere,
        vendor.serving(lambda _: Answer(status=301, headers={"Location": elsewhere.url})) as server,
        pytest.raises(UpstreamRefused, match="write it as the layer's `url`"),
    ):
        await get(server, auth={"type": "header", "value": "secret"})

    assert elsewhere.seen == []


async def test_refusal_of_a_redirect_names_the_other_host_and_nothing_more():
    location = "https://login.example/melder/a.buur?return=%2Fsignals"
    with (
        vendor.serving(lambda _: Answer(status=302, headers={"Location": location})) as server,
        pytest.raises(UpstreamRefused, match=r"redirects to https://login\.example:443;") as refused,
    ):
        await get(server)

    assert "buur" not in str(refused.value)
    assert "return" not in str(refused.value)


@pytest.mark.parametrize("location", ["file:///etc/passwd", "//localhost:1/x", "http://[", "javascript:x"])
async def test_redirect_to_what_is_no_page_of_this_host_is_refused(location: str):
    with (
        vendor.serving(lambda _: Answer(status=302, headers={"Location": location})) as server,
        pytest.raises((UpstreamRefused, ConfigurationError)),
    ):
        await get(server)

    assert len(server.seen) == 1


async def test_redirects_in_circles_end():
    with (
        vendor.serving(lambda _: Answer(status=302, headers={"Location": "/wfs"})) as server,
        pytest.raises(UpstreamRefused, match="in circles"),
    ):
        await get(server)


async def test_host_gets_two_requests_at_once_from_all_its_layers():
    def slow(_: vendor.Seen) -> Answer:
        time.sleep(0.05)
        return Answer()

    with vendor.serving(slow) as server:
        async with HttpClients(policy()) as clients:
            layers = [clients.client(source(server.url, timeout=seconds)) for seconds in (5, 6, 7)]
            await asyncio.gather(*(client.get(server.url) for client in layers * 3))

    assert server.most_at_once == 2


async def test_most_careful_layer_decides_for_its_host():
    def slow(_: vendor.Seen) -> Answer:
        time.sleep(0.03)
        return Answer()

    with vendor.serving(slow) as server:
        async with HttpClients(policy()) as clients:
            layers = [clients.client(source(server.url, requests_at_once=n)) for n in (4, 1)]
            await asyncio.gather(*(client.get(server.url) for client in layers * 2))

    assert server.most_at_once == 1


async def test_breaker_spares_a_failing_host_until_a_probe_succeeds():
    now = [0.0]
    answers = [Answer(status=503)]
    with vendor.serving(lambda _: answers[0]) as server:
        async with HttpClients(policy(clock=lambda: now[0])) as clients:
            client = clients.client(source(server.url))
            for _ in range(2):
                with pytest.raises((UpstreamRefused, UpstreamUnreachable)):
                    await client.get(server.url)
            asked = len(server.seen)
            with pytest.raises(UpstreamUnreachable, match="circuit open after 5 consecutive failures"):
                await client.get(server.url)
            assert len(server.seen) == asked

            now[0] = 31.0
            answers[0] = Answer(body=b"<a/>")
            assert (await client.get(server.url)).body == b"<a/>"


async def test_exchanges_can_be_recorded_through_a_wrapper():
    wrapped = []
    with vendor.serving(lambda _: Answer(body=b"<a/>")) as server:
        async with HttpClients(policy(), transport_wrapper=lambda inner: wrapped.append(inner) or inner) as clients:
            await clients.client(source(server.url)).get(server.url)

    assert len(wrapped) == 1


async def test_header_with_a_line_break_is_the_operators_fault():
    with vendor.serving(lambda _: Answer()) as server, pytest.raises(ConfigurationError):
        await get(server, path="/\nx")


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://vendor.example/", "http://proxy.example:3128"),
        ("http://vendor.example/", None),
        ("https://intern.example/", None),
        ("https://localhost/", None),
        ("https://127.0.0.1:8443/", None),
    ],
)
def test_proxy_of_the_environment_is_respected(monkeypatch, url, proxy):
    for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "intern.example")

    assert environment_proxy(url) == proxy


async def test_request_goes_through_the_proxy():
    with vendor.serving(lambda _: Answer(body=b"<a/>")) as proxy:
        address = proxy.url.removesuffix("/wfs")
        async with HttpClients(policy(proxy_for=lambda _: address)) as clients:
            payload = await clients.client(source("http://vendor.invalid/wfs")).get("http://vendor.invalid/wfs?a=b")

    assert payload.body == b"<a/>"
    assert proxy.seen[0].headers["host"] == "vendor.invalid"
