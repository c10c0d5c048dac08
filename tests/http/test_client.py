"""The client against a real server that misbehaves."""

from __future__ import annotations

import asyncio
import gzip
import socket
import time

import pytest
import vendor
from vendor import Answer

from wfs_proxy import __version__
from wfs_proxy.config.source import WfsSource
from wfs_proxy.errors import (
    ConfigurationError,
    MalformedDocument,
    UpstreamException,
    UpstreamRefused,
    UpstreamTooLarge,
    UpstreamUnreachable,
)
from wfs_proxy.http.bodies import BodyLimits
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.http.retry import ATTEMPTS

pytestmark = pytest.mark.anyio


async def no_sleep(_: float) -> None:
    return None


def policy(**changes) -> HttpPolicy:
    return HttpPolicy(**{"sleep": no_sleep, "proxy_for": lambda _: None, **changes})


def source(url: str, **changes) -> WfsSource:
    return WfsSource(type="wfs", url=url, type_names=("a",), **changes)


async def get(server: vendor.Server, http: HttpPolicy | None = None, path: str = "", **changes):
    async with HttpClients(http or policy()) as clients:
        return await clients.client(source(server.url, **changes)).get(server.url + path)


async def test_answer_has_its_bytes_its_date_and_a_redacted_address():
    answer = Answer(body=b"<a/>", headers={"Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT"})
    with vendor.serving(lambda _: answer) as server:
        payload = await get(server, path="?token=abc")

    assert payload.body == b"<a/>"
    assert payload.last_modified == "Sun, 06 Nov 1994 08:49:37 GMT"
    assert payload.source == f"{server.url}?token=***"


async def test_request_names_the_program_and_accepts_gzip():
    with vendor.serving(lambda _: Answer(body=gzip.compress(b"<a/>"), headers={"Content-Encoding": "gzip"})) as server:
        payload = await get(server)

    assert payload.body == b"<a/>"
    assert server.seen[0].headers["user-agent"].startswith(f"wfs-proxy/{__version__}")
    assert server.seen[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("media_type", "charset"),
    [
        ("text/xml", None),
        ("text/xml; charset=windows-1252", "windows-1252"),
        ('application/json;CHARSET="ISO-8859-15"; q=1', "iso-8859-15"),
        ("text/xml; subtype=gml/3.1.1; charset=utf-8", "utf-8"),
        ("text/xml; charset=", ""),
    ],
)
async def test_payload_has_the_charset_of_the_header(media_type: str, charset: str | None):
    with vendor.serving(lambda _: Answer(body=b"<a/>", media_type=media_type)) as server:
        assert (await get(server)).charset == charset


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


async def test_gzip_bomb_is_refused():
    with (
        vendor.serving(lambda _: vendor.bomb(50_000_000)) as server,
        pytest.raises(UpstreamTooLarge, match="after decompression"),
    ):
        await get(server, policy(limits=BodyLimits(decompressed=1_000_000)))

    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Answer(body=b"plain", headers={"Content-Encoding": "gzip"}), "cannot be decompressed"),
        (Answer(body=b"x", headers={"Content-Encoding": "br"}), "'br', which was not requested"),
    ],
    ids=["not-gzip", "another-coding"],
)
async def test_body_that_cannot_be_decompressed_is_malformed(answer: Answer, text: str):
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
async def test_truncated_answer_is_requested_again_and_then_unreachable(answer: Answer):
    with vendor.serving(lambda _: answer) as server, pytest.raises(UpstreamUnreachable):
        await get(server)

    assert len(server.seen) == ATTEMPTS


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer(hang_before=True), "localhost did not answer in time$"),
        (Answer(body=bytes(9), hang_within=True), "localhost did not answer in time: its answer began, but was not"),
    ],
    ids=["all", "half"],
)
async def test_silent_server_costs_no_more_than_the_timeout(answer: Answer, message: str):
    """The server itself gives up much later, and then the message would speak of a lost connection."""
    with (
        vendor.serving(lambda _: answer) as server,
        pytest.raises(UpstreamUnreachable, match=message),
    ):
        await get(server, timeout="500ms")

    assert len(server.seen) == ATTEMPTS


async def test_timeout_covers_the_whole_request():
    """Each byte arrives in time, but the body would never be complete."""
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
    """One answer after another; then the last one again and again."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


async def test_status_that_may_pass_is_retried():
    with vendor.serving(in_turn(Answer(status=503), Answer(body=b"<a/>"))) as server:
        assert (await get(server)).body == b"<a/>"

    assert len(server.seen) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 414, 501])
async def test_other_error_status_is_reported_after_one_attempt(status: int):
    with (
        vendor.serving(lambda _: Answer(status=status)) as server,
        pytest.raises(UpstreamRefused, match=str(status)) as refused,
    ):
        await get(server)

    assert refused.value.upstream_status == status
    assert len(server.seen) == 1


@pytest.mark.parametrize(("sent", "seconds"), [("3", 3.0), ("later", None), ("-1", None)])
async def test_retry_after_is_read_in_seconds(sent: str, seconds: float | None):
    answer = Answer(status=503, headers={"Retry-After": sent})
    with vendor.serving(lambda _: answer) as server, pytest.raises(UpstreamRefused) as refused:
        await get(server)

    assert refused.value.retry_after == seconds


async def test_error_read_from_the_body_replaces_the_status_and_is_not_retried():
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


async def test_redirect_to_another_origin_is_refused_and_not_requested():
    with (
        vendor.serving(lambda _: Answer()) as elsewhere,
        vendor.serving(lambda _: Answer(status=301, headers={"Location": elsewhere.url})) as server,
        pytest.raises(UpstreamRefused, match="if that is correct, use it in `url`"),
    ):
        await get(server, auth={"type": "header", "value": "secret"})

    assert elsewhere.seen == []


async def test_message_about_a_redirect_names_only_the_other_host():
    location = "https://login.example/melder/a.buur?return=%2Fsignals"
    with (
        vendor.serving(lambda _: Answer(status=302, headers={"Location": location})) as server,
        pytest.raises(UpstreamRefused, match=r"redirects to https://login\.example:443;") as refused,
    ):
        await get(server)

    assert "buur" not in str(refused.value)
    assert "return" not in str(refused.value)


@pytest.mark.parametrize("location", ["file:///etc/passwd", "//localhost:1/x", "http://[", "javascript:x"])
async def test_redirect_to_an_invalid_address_is_refused(location: str):
    with (
        vendor.serving(lambda _: Answer(status=302, headers={"Location": location})) as server,
        pytest.raises((UpstreamRefused, ConfigurationError)),
    ):
        await get(server)

    assert len(server.seen) == 1


async def test_endless_redirects_are_refused():
    with (
        vendor.serving(lambda _: Answer(status=302, headers={"Location": "/wfs"})) as server,
        pytest.raises(UpstreamRefused, match="too many redirects"),
    ):
        await get(server)


async def test_host_gets_at_most_two_requests_at_once_from_all_its_layers():
    def until_two_are_there(_: vendor.Seen) -> Answer:
        deadline = time.monotonic() + vendor.PATIENCE
        while server.most_at_once < 2 and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(0.02)  # in which a third could arrive
        return Answer()

    with vendor.serving(until_two_are_there) as server:
        async with HttpClients(policy()) as clients:
            layers = [clients.client(source(server.url, timeout=seconds)) for seconds in (35, 36, 37)]
            await asyncio.gather(*(client.get(server.url) for client in layers * 3))

    assert server.most_at_once == 2


async def test_lowest_limit_of_the_layers_applies_to_their_host():
    def slow(_: vendor.Seen) -> Answer:
        time.sleep(0.03)
        return Answer()

    with vendor.serving(slow) as server:
        async with HttpClients(policy()) as clients:
            layers = [clients.client(source(server.url, requests_at_once=n)) for n in (4, 1)]
            await asyncio.gather(*(client.get(server.url) for client in layers * 2))

    assert server.most_at_once == 1


async def test_failing_host_gets_no_requests_until_a_probe_succeeds():
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


async def test_address_with_a_line_break_is_a_configuration_error():
    with vendor.serving(lambda _: Answer()) as server, pytest.raises(ConfigurationError):
        await get(server, path="/\nx")


async def test_request_goes_through_the_proxy():
    with vendor.serving(lambda _: Answer(body=b"<a/>")) as proxy:
        address = proxy.url.removesuffix("/wfs")
        async with HttpClients(policy(proxy_for=lambda _: address)) as clients:
            payload = await clients.client(source("http://vendor.invalid/wfs")).get("http://vendor.invalid/wfs?a=b")

    assert payload.body == b"<a/>"
    assert proxy.seen[0].headers["host"] == "vendor.invalid"
