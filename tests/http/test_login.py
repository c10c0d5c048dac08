"""A login whose answer is a token, against real servers."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
import vendor
from vendor import Answer, Seen

from wfs_proxy.config.source import WfsSource
from wfs_proxy.errors import UpstreamRefused, UpstreamUnreachable, WfsProxyError
from wfs_proxy.http.client import HttpClients, VendorClient
from wfs_proxy.http.policy import HttpPolicy

pytestmark = pytest.mark.anyio

PASSWORD = "zomer-2026!"
FIELDS = {"Username": "stad", "Password": PASSWORD, "ApiKey": "sleutel van de stad"}
NOW = 1_780_000_000.0
"""Thu, 28 May 2026 20:26:40 GMT."""


async def no_sleep(_: float) -> None:
    return None


def clients(clock: Callable[[], float] = lambda: 0.0) -> HttpClients:
    policy = HttpPolicy(sleep=no_sleep, clock=clock, wall_clock=lambda: NOW + clock(), proxy_for=lambda _: None)
    return HttpClients(policy)


class Issuer:
    """Issues token-1, token-2, ... in the answers that `answer` makes of them."""

    def __init__(self, answer: Callable[[str], Answer] | None = None) -> None:
        self.issued = 0
        self.answer = answer or (lambda token: Answer(body=token.encode(), media_type="text/html"))

    def __call__(self, _: Seen) -> Answer:
        self.issued += 1
        return self.answer(f"token-{self.issued}")


def in_json(date: str = "Thu, 28 May 2026 20:26:40 GMT", **members: object) -> Callable[[str], Answer]:
    return lambda token: Answer(body=json.dumps({"token": token, **members}).encode(), headers={"Date": date})


def client(http: HttpClients, server: vendor.Server, issuer: vendor.Server, **login: object) -> VendorClient:
    auth = {"type": "login", "url": issuer.url, "fields": FIELDS, **login}
    return http.client(WfsSource(type="wfs", url=server.url, type_names=("a",), auth=auth))


async def tokens_sent(issuer: Issuer, *times: float, **login: object) -> list[str]:
    """Return the number of the token that each of the requests at these times had."""
    now = [0.0]
    with vendor.serving(issuer) as login_server, vendor.serving(lambda _: Answer()) as server:
        async with clients(lambda: now[0]) as http:
            asking = client(http, server, login_server, **login)
            for now[0] in times:
                await asking.get(server.url)
    return [seen.headers["authorization"].removeprefix("Bearer token-") for seen in server.seen]


async def refusal_of(answer: Answer, **login: object) -> str:
    with vendor.serving(lambda _: answer) as login_server, vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            with pytest.raises(WfsProxyError) as caught:
                await client(http, server, login_server, **login).get(server.url)
    assert server.seen == []
    return str(caught.value)


# -- what is sent


async def test_login_in_json_gives_a_bearer_token():
    """GISIB answers with the bare token, as text/html (Amsterdam/signals-gisib-ams@02c0899)."""
    with vendor.serving(Issuer()) as login_server, vendor.serving(lambda _: Answer(body=b"<a/>")) as server:
        async with clients() as http:
            payload = await client(http, server, login_server).get(server.url)

    (asked,) = login_server.seen
    assert (asked.method, asked.headers["content-type"]) == ("POST", "application/json")
    assert json.loads(asked.body) == FIELDS
    assert server.seen[0].headers["authorization"] == "Bearer token-1"
    assert payload.body == b"<a/>"


async def test_login_in_a_form():
    with vendor.serving(Issuer()) as login_server, vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            await client(http, server, login_server, body="form").get(server.url)

    (asked,) = login_server.seen
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(asked.body.decode()) == {name: [value] for name, value in FIELDS.items()}


@pytest.mark.parametrize(
    ("send", "header", "expected"),
    [
        ({"header": "X-Token", "prefix": ""}, "x-token", "token-1"),
        ({"prefix": "Token "}, "authorization", "Token token-1"),
        ({"header": "X-Auth"}, "x-auth", "Bearer token-1"),
    ],
)
async def test_token_is_sent_in_the_header_of_the_layer_file(send: dict, header: str, expected: str):
    with vendor.serving(Issuer()) as login_server, vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            await client(http, server, login_server, send=send).get(server.url)

    assert server.seen[0].headers[header] == expected


@pytest.mark.parametrize("query", ["", "?f=json", "?token=oud&f=json", "?f=json&"])
async def test_token_is_sent_in_a_query_parameter_that_nobody_else_sees(query: str):
    with vendor.serving(Issuer()) as login_server, vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            asking = client(http, server, login_server, send={"parameter": "token"})
            payload = await asking.get(server.url + query)

    (seen,) = server.seen
    assert seen.query == {"token": "token-1", **({"f": "json"} if "f=json" in query else {})}
    assert "authorization" not in seen.headers
    assert "token-1" not in payload.source


async def test_parameter_with_the_token_follows_a_redirect():
    def moved(seen: Seen) -> Answer:
        return Answer() if seen.path.endswith("/") else Answer(status=302, headers={"Location": f"{seen.path}/"})

    with vendor.serving(Issuer()) as login_server, vendor.serving(moved) as server:
        async with clients() as http:
            await client(http, server, login_server, send={"parameter": "token"}).get(server.url)

    assert [seen.query for seen in server.seen] == [{"token": "token-1"}] * 2


async def test_credentials_are_sent_to_the_login_only():
    with vendor.serving(Issuer()) as login_server, vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            await client(http, server, login_server).get(server.url)

    assert PASSWORD not in repr(server.seen)
    assert "authorization" not in login_server.seen[0].headers


async def test_login_is_shared_by_concurrent_requests():
    with vendor.serving(Issuer()) as login_server, vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            asking = client(http, server, login_server)
            await asyncio.gather(*(asking.get(server.url) for _ in range(6)))

    assert len(login_server.seen) == 1
    assert {seen.headers["authorization"] for seen in server.seen} == {"Bearer token-1"}


async def test_login_may_be_at_the_address_of_the_source():
    def gisib(seen: Seen) -> Answer:
        if seen.method == "POST":
            return Answer(body=b"token-1")
        return Answer(status=200 if seen.headers["authorization"] == "Bearer token-1" else 401)

    with vendor.serving(gisib) as server:
        async with clients() as http:
            await client(http, server, server).get(server.url)

    assert [seen.method for seen in server.seen] == ["POST", "GET"]


# -- how long a token is used


async def test_token_is_used_for_five_minutes_unless_the_layer_file_says_otherwise():
    assert await tokens_sent(Issuer(), 0.0, 269.0, 271.0) == ["1", "1", "2"]
    assert await tokens_sent(Issuer(), 0.0, 3569.0, 3571.0, lifetime="1h") == ["1", "1", "2"]


@pytest.mark.parametrize(
    "expires",
    [3600, "3600", 3600.0, NOW + 3600, str(NOW + 3600), 1000 * (NOW + 3600), "2026-05-28T21:26:40Z",
     "2026-05-28T23:26:40+02:00", "2026-05-28T21:26:40"],
    ids=str,
)  # fmt: skip
async def test_token_is_renewed_before_the_expiry_in_the_answer(expires: object):
    issuer = Issuer(in_json(expires=expires))

    assert await tokens_sent(issuer, 0.0, 3569.0, 3571.0, token="token", expires="expires") == ["1", "1", "2"]


@pytest.mark.parametrize("expires", [None, "", "morgen", [], True, "NaN"], ids=str)
async def test_expiry_that_cannot_be_read_leaves_the_lifetime(expires: object):
    issuer = Issuer(in_json(expires=expires))
    login = {"token": "token", "expires": "expires", "lifetime": "10m"}

    assert await tokens_sent(issuer, 0.0, 569.0, 571.0, **login) == ["1", "1", "2"]


@pytest.mark.parametrize(("date", "ahead"), [("Fri, 29 May 2026 20:26:40 GMT", 86_400), ("morgen", 0)])
async def test_expiry_is_a_time_of_the_servers_clock(date: str, ahead: int):
    """If the machine's own clock counted, the token of a server a day ahead would seem to live for a day."""
    issuer = Issuer(in_json(date, expires=1000 * (NOW + ahead + 600)))

    assert await tokens_sent(issuer, 0.0, 569.0, 571.0, token="token", expires="expires") == ["1", "1", "2"]


async def test_token_that_has_expired_already_is_used_once():
    issuer = Issuer(in_json(expires=NOW - 5))

    assert await tokens_sent(issuer, 0.0, 1.0, token="token", expires="expires") == ["1", "2"]


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_token_is_renewed_once(status: int):
    def picky(seen: Seen) -> Answer:
        return Answer(status=200 if seen.headers["authorization"] == "Bearer token-2" else status)

    with vendor.serving(Issuer()) as login_server, vendor.serving(picky) as server:
        async with clients() as http:
            asking = client(http, server, login_server)
            await asking.get(server.url)
            await asking.get(server.url)

    assert [seen.headers["authorization"][-1] for seen in server.seen] == ["1", "2", "2"]


async def test_refused_token_is_renewed_once_for_concurrent_requests():
    def picky(seen: Seen) -> Answer:
        return Answer(status=401 if seen.headers["authorization"] == "Bearer token-1" else 200)

    with vendor.serving(Issuer()) as login_server, vendor.serving(picky) as server:
        async with clients() as http:
            asking = client(http, server, login_server)
            await asyncio.gather(*(asking.get(server.url) for _ in range(6)))

    assert len(login_server.seen) == 2


@pytest.mark.parametrize("status", [401, 403])
async def test_second_refused_token_ends_the_request(status: int):
    with vendor.serving(Issuer()) as login_server, vendor.serving(lambda _: Answer(status=status)) as server:
        async with clients() as http:
            with pytest.raises(UpstreamRefused, match=str(status)):
                await client(http, server, login_server).get(server.url)

    assert (len(login_server.seen), len(server.seen)) == (2, 2)


# -- where the token is in the answer


@pytest.mark.parametrize(
    ("body", "login"),
    [
        (b"token-1", {}),
        (b"  token-1\r\n", {}),
        (b"\xef\xbb\xbftoken-1", {}),
        (b'"token-1"', {}),
        (b'{"token": "token-1"}', {"token": "token"}),
        (b'{"data": {"access": {"jwt": "token-1"}}}', {"token": "data.access.jwt"}),
        (b'{"access.token": "token-1"}', {"token": "access.token"}),
        (b'[{"token": "token-1"}]', {"token": "0.token"}),
        (b'{"token": "token-1", "error": null, "message": "ok"}', {"token": "token"}),
    ],
)
async def test_token_is_found_in_the_answer(body: bytes, login: dict):
    issuer = Issuer(lambda _: Answer(body=body))

    assert await tokens_sent(issuer, 0.0, **login) == ["1"]


@pytest.mark.parametrize("body", [b"12e34", b"034575", b'{"token": 42}', b"1234567890123456789012"])
async def test_token_that_looks_like_a_number_stays_as_it_is(body: bytes):
    login = {"token": "token"} if body.startswith(b"{") else {}
    with vendor.serving(lambda _: Answer(body=body)) as issuer, vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            await client(http, server, issuer, **login).get(server.url)

    assert server.seen[0].headers["authorization"] == f"Bearer {'42' if login else body.decode()}"


@pytest.mark.parametrize(
    ("answer", "login", "text"),
    [
        (Answer(status=401), {}, r"the login of `auth` \(localhost\) answered 401 .* of its `fields` are wrong"),
        (Answer(status=403), {}, r"the login of `auth` .* answered 403 .*no access"),
        (Answer(status=404), {}, r"the login of `auth` .* answered 404 .*check its `url`"),
        (Answer(status=405), {}, r"the login of `auth` .* answered 405 .*POST"),
        (Answer(status=302, headers={"Location": "/elders"}), {}, r"the login of `auth` .* answered 302"),
        (Answer(body=b"<!DOCTYPE html><html><body>Inloggen</body></html>"), {}, "HTML page instead of a token"),
        (Answer(body=b"<html>Inloggen</html>"), {"token": "token"}, "HTML page instead of JSON"),
        (Answer(body=b""), {}, "answered without a token"),
        (Answer(body=b"null"), {}, "answered without a token"),
        (Answer(body=b""), {"token": "token"}, "without a JSON object"),
        (Answer(body=b'{"token": "x'), {"token": "token"}, "without a JSON object"),
        (Answer(body=b'{"expires": 1, "jwt": "x"}'), {}, "set `token` to the member that has it, of: expires, jwt"),
        (Answer(body=b'{"jwt": "x"}'), {"token": "token"}, "without a token at `token`; set .* of: jwt"),
        (Answer(body=b'{"token": null}'), {"token": "token"}, "without a token at `token`"),
        (Answer(body=b'{"token": {"a": 1}}'), {"token": "token"}, "without a token at `token`"),
        (Answer(body=b"Ongeldige inloggegevens"), {}, "something else than a token: 'Ongeldige inloggegevens'"),
        (Answer(body=b"a\r\nHost: evil"), {}, "something else than a token"),
        (Answer(body="tök".encode()), {}, "something else than a token"),
        (Answer(body=b"x" * 9000), {}, "something else than a token"),
        (
            Answer(
                body=b'{"error": {"code": 400, "message": "Unable to generate token.", '
                b'"details": ["Invalid username or password."]}}'
            ),
            {"token": "token"},
            "was refused: 'Unable to generate token. Invalid username or password.'",
        ),
        (
            Answer(status=400, body=b'{"Message": "Onbekende ApiKey"}'),
            {},
            "answered 400 .* it says: 'Onbekende ApiKey'",
        ),
        (Answer(status=401, body=b"Account geblokkeerd"), {}, "answered 401 .* it says: 'Account geblokkeerd'"),
    ],
)  # fmt: skip
async def test_login_without_a_token_is_an_error_that_names_auth(answer: Answer, login: dict, text: str):
    assert re.search(text, message := await refusal_of(answer, **login)), message
    assert "`auth`" in message


@pytest.mark.parametrize("status", [200, 400, 401, 500])
@pytest.mark.parametrize("login", [{}, {"token": "token"}])
async def test_refused_login_is_quoted_without_its_secrets(status: int, login: dict):
    words = f"No access for stad with {PASSWORD} and sleutel van de stad"
    for body in (words.encode(), json.dumps({"error": {"message": words}}).encode(), json.dumps(words).encode()):
        message = await refusal_of(Answer(status=status, body=body), **login)

        assert PASSWORD not in message
        assert "sleutel van de stad" not in message


async def test_login_that_cannot_be_reached_is_an_error():
    broken = Answer(break_within=True, body=b"x" * 100)
    with vendor.serving(lambda _: broken) as issuer, vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            with pytest.raises(UpstreamUnreachable):
                await client(http, server, issuer).get(server.url)

    assert server.seen == []


# -- a login that fails


async def test_refused_login_is_not_repeated_for_a_minute():
    """Vendors lock an account after a few wrong passwords; a layer in cells could send hundreds."""
    now, answers = [0.0], [Answer(status=401), Answer(body=b"token-2")]
    with vendor.serving(lambda _: answers.pop(0)) as issuer, vendor.serving(lambda _: Answer()) as server:
        async with clients(lambda: now[0]) as http:
            asking = client(http, server, issuer)
            for now[0] in (0.0, 1.0, 59.0):
                with pytest.raises(UpstreamRefused, match="answered 401"):
                    await asking.get(server.url)
            assert len(issuer.seen) == 1
            now[0] = 61.0
            await asking.get(server.url)

    assert len(issuer.seen) == 2


async def test_other_credentials_are_tried_at_once():
    def picky(seen: Seen) -> Answer:
        return Answer(body=b"token-1") if json.loads(seen.body)["Password"] == "goed" else Answer(status=401)

    with vendor.serving(picky) as issuer, vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            with pytest.raises(UpstreamRefused):
                await client(http, server, issuer).get(server.url)
            await client(http, server, issuer, fields={**FIELDS, "Password": "goed"}).get(server.url)

    assert len(server.seen) == 1


async def test_login_that_keeps_failing_is_left_alone():
    now, status = [0.0], 503

    def failing(_: Seen) -> Answer:
        return Answer(status=status, body=b"token-1")

    with vendor.serving(failing) as issuer, vendor.serving(lambda _: Answer()) as server:
        async with clients(lambda: now[0]) as http:
            asking = client(http, server, issuer)
            for _ in range(2):
                with pytest.raises(WfsProxyError, match="answered 503"):
                    await asking.get(server.url)
            asked = len(issuer.seen)
            with pytest.raises(UpstreamUnreachable, match=r"`auth`.*circuit open after 5 .* answered 503"):
                await asking.get(server.url)
            assert len(issuer.seen) == asked

            now[0], status = 31.0, 200
            await asking.get(server.url)

    assert len(server.seen) == 1
