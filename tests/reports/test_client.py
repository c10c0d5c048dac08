"""Requests to Signalen over a real connection."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
import vendor
from a_signalen import LIGHT, PLACE, ASignalen
from vendor import Answer, Seen

from wfs_proxy.config.signalen_file import SignalenInstance
from wfs_proxy.errors import ConfigurationError, MalformedDocument, UpstreamRefused, UpstreamUnreachable
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.reports.client import InvalidChoice, SignalenClient, moment

pytestmark = pytest.mark.anyio

EMPTY = json.dumps({"_links": {"next": {"href": "http://inside.invalid/?page=2"}}, "count": 0, "results": []}).encode()
JSON = "application/json"


async def no_sleep(_: float) -> None:
    return None


def clients() -> HttpClients:
    return HttpClients(HttpPolicy(sleep=no_sleep, clock=lambda: 0.0, proxy_for=lambda _: None))


def client_of(server: vendor.Server, http: HttpClients, **changes) -> SignalenClient:
    auth = {"type": "bearer", "token": "kaartje"}
    instance = SignalenInstance(**{"url": server.url.removesuffix("/wfs") + "/", "auth": auth, **changes})
    return SignalenClient(instance, http, asyncio.to_thread)


async def test_question_goes_to_the_list_with_a_ready_made_token():
    with vendor.serving(lambda _: Answer(body=EMPTY, media_type=JSON)) as server:
        async with clients() as http:
            page = await client_of(server, http).private_page([("status", "ready to send"), ("page_size", "5")])

    assert (page.rows, page.count) == (0, 0)
    (seen,) = server.seen
    assert seen.path == "/signals/v1/private/signals/"
    assert seen.query == {"status": "ready to send", "page_size": "5"}
    assert seen.headers["authorization"] == "Bearer kaartje"


@pytest.mark.parametrize("hours", [0, 1, 2, -5])
def test_moment_is_written_in_utc_with_a_z(hours: int):
    zone = timezone(timedelta(hours=hours))
    when = datetime(2026, 11, 23, 12, 0, 0, 5, tzinfo=zone)

    assert moment(when) == f"2026-11-23T{12 - hours:02}:00:00.000005Z"


async def test_page_says_when_it_was_sent_by_the_servers_clock():
    with vendor.serving(lambda _: Answer(body=EMPTY, media_type=JSON)) as server:
        async with clients() as http:
            page = await client_of(server, http).private_page([])

    assert abs(datetime.now(UTC) - page.answered_at) < timedelta(minutes=5)


async def test_moment_survives_the_way_to_signalen():
    signalen = ASignalen()
    signal = signalen.backend.create(PLACE, LIGHT)
    async with signalen.http() as http:
        client = SignalenClient(signalen.instance(), http, asyncio.to_thread)
        for offset, count in ((-1, 1), (0, 1), (1, 0)):
            bound = moment(signal.updated_at + timedelta(microseconds=offset))
            page = await client.private_page([("updated_after", bound)])
            assert page.rows == count


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (401, "Signalen .* 401 .*`email` claim"),
        (403, "Signalen .* 403 .*sia_read.*another issuer"),
        (404, "Signalen .* 404 .*without /signals/v1"),
        (500, "Signalen .* 500 .*login may be the cause"),
        (503, "Signalen .* 503 .*maintenance"),
    ],
)
async def test_refusal_says_what_to_fix_and_nothing_of_the_body(status: int, text: str):
    body = b'{"detail": "Jan Jansen, Dorpsstraat 1"}'
    with vendor.serving(lambda _: Answer(status=status, body=body, media_type=JSON)) as server:
        async with clients() as http:
            with pytest.raises(UpstreamRefused, match=text) as caught:
                await client_of(server, http).private_page([])

    assert "Jansen" not in str(caught.value)
    assert caught.value.upstream_status == status


async def test_refusal_by_the_identity_provider_is_not_reported_as_signalens():
    with vendor.serving(lambda _: Answer(status=401)) as server:
        auth = {"type": "oauth2", "token_url": server.url, "client_id": "a", "client_secret": "b"}
        async with clients() as http:
            with pytest.raises(UpstreamRefused, match=r"^the token endpoint of `auth` .* 401"):
                await client_of(server, http, auth=auth).private_page([])

    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_token_is_renewed_once_and_not_in_a_loop(status: int):
    def answer(seen: Seen) -> Answer:
        if seen.method == "POST":
            return Answer(body=b'{"access_token": "oud", "expires_in": 300}', media_type=JSON)
        return Answer(status=status)

    with vendor.serving(answer) as server:
        auth = {"type": "oauth2", "token_url": server.url, "client_id": "a", "client_secret": "b"}
        async with clients() as http:
            with pytest.raises(UpstreamRefused, match=str(status)):
                await client_of(server, http, auth=auth).private_page([])

    assert [seen.method for seen in server.seen] == ["POST", "GET", "POST", "GET"]


@pytest.mark.parametrize("field", ["category_slug", "status"])
async def test_unknown_choice_names_the_filter(field: str):
    body = json.dumps({field: ["Selecteer een geldige keuze. weg is geen beschikbare keuze."]}).encode()
    with vendor.serving(lambda _: Answer(status=400, body=body, media_type=JSON)) as server:
        async with clients() as http:
            with pytest.raises(InvalidChoice) as caught:
                await client_of(server, http).private_page([(field, "weg")])

    assert caught.value.fields == {field}
    assert len(server.seen) == 1


@pytest.mark.parametrize("body", [b'{"updated_after": ["Voer een geldige datum/tijd in."]}', b"<html>", b"[1]", b""])
async def test_other_400_is_a_refusal(body: bytes):
    with vendor.serving(lambda _: Answer(status=400, body=body, media_type=JSON)) as server:
        async with clients() as http:
            with pytest.raises(UpstreamRefused, match="400") as caught:
                await client_of(server, http).private_page([])

    assert not isinstance(caught.value, InvalidChoice)


@pytest.mark.parametrize("body", [b"<html>onderhoud</html>", b'{"detail": "x"}', b""], ids=["html", "no-list", "empty"])
async def test_answer_that_is_not_a_page_is_an_error(body: bytes):
    with vendor.serving(lambda _: Answer(body=body, media_type=JSON)) as server:
        async with clients() as http:
            with pytest.raises(MalformedDocument, match="Signalen"):
                await client_of(server, http).private_page([])


async def test_redirect_to_another_host_is_refused_so_the_token_stays():
    with vendor.serving(lambda _: Answer()) as other:
        away = Answer(status=302, headers={"Location": other.url})
        with vendor.serving(lambda _: away) as server:
            async with clients() as http:
                with pytest.raises(UpstreamRefused, match=r"redirects to .* `url` in signalen\.yaml") as caught:
                    await client_of(server, http).private_page([])

    assert "layer" not in str(caught.value)

    assert other.seen == []


async def test_server_that_hangs_is_an_error():
    with vendor.serving(lambda _: Answer(hang_before=True)) as server:
        async with clients() as http:
            with pytest.raises(UpstreamUnreachable, match="did not answer in time"):
                await client_of(server, http, timeout=0.2).private_page([])


async def test_missing_certificate_file_is_an_error_of_the_configuration():
    with vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            client = client_of(server, http, tls={"ca": "/nergens/ca.pem"})
            with pytest.raises(ConfigurationError, match=r"tls: ca.*ca\.pem"):
                await client.private_page([])
