"""Authentication against real servers: basic, headers, OAuth2 and TLS with client certificates."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
import vendor
from vendor import Answer, Seen

from wfs_proxy.config.signalen_file import SignalenInstance
from wfs_proxy.config.source import WfsSource
from wfs_proxy.errors import ConfigurationError, UpstreamRefused, UpstreamUnreachable
from wfs_proxy.features import Payload
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy

pytestmark = pytest.mark.anyio


async def no_sleep(_: float) -> None:
    return None


def clients(clock: Callable[[], float] = lambda: 0.0) -> HttpClients:
    return HttpClients(HttpPolicy(sleep=no_sleep, clock=clock, proxy_for=lambda _: None))


def source(url: str, **changes) -> WfsSource:
    return WfsSource(type="wfs", url=url, type_names=("a",), **changes)


async def test_basic_credentials_are_sent():
    with vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            auth = {"type": "basic", "username": "jan", "password": "één:twee"}
            await http.client(source(server.url, auth=auth)).get(server.url)

    name, secret = (
        base64.b64decode(server.seen[0].headers["authorization"].removeprefix("Basic ")).decode().split(":", 1)
    )
    assert (name, secret) == ("jan", "één:twee")


async def test_secret_header_is_sent():
    with vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            auth = {"type": "header", "name": "X-Api-Key", "value": "geheim"}
            await http.client(source(server.url, auth=auth)).get(server.url)

    assert server.seen[0].headers["x-api-key"] == "geheim"


async def test_credentials_of_one_layer_are_not_sent_for_another_of_the_same_host():
    with vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            secret = {"type": "header", "name": "X-Api-Key", "value": "geheim"}
            await http.client(source(server.url, auth=secret)).get(server.url)
            await http.client(source(server.url)).get(server.url)

    assert "x-api-key" not in server.seen[1].headers


class TokenEndpoint:
    """Issues token-1, token-2, ..."""

    def __init__(self, **answer: object) -> None:
        self.issued = 0
        self.answer = answer

    def __call__(self, _: Seen) -> Answer:
        self.issued += 1
        token = {"access_token": f"token-{self.issued}", "token_type": "Bearer", **self.answer}
        return Answer(body=json.dumps(token).encode(), media_type="application/json")


def oauth2(endpoint: vendor.Server) -> dict[str, str]:
    return {"type": "oauth2", "token_url": endpoint.url, "client_id": "ik & co", "client_secret": "s%", "scope": "read"}


async def test_token_is_fetched_once_for_all_requests():
    with vendor.serving(TokenEndpoint(expires_in=3600)) as endpoint, vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            client = http.client(source(server.url, auth=oauth2(endpoint)))
            await asyncio.gather(*(client.get(server.url) for _ in range(4)))

    assert {seen.headers["authorization"] for seen in server.seen} == {"Bearer token-1"}
    assert len(endpoint.seen) == 1
    asked = endpoint.seen[0]
    assert asked.method == "POST"
    assert asked.body == b"grant_type=client_credentials&scope=read"
    assert base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")) == b"ik+%26+co:s%25"


async def test_token_is_renewed_before_it_expires():
    now = [0.0]
    with vendor.serving(TokenEndpoint(expires_in=100)) as endpoint, vendor.serving(lambda _: Answer()) as server:
        async with clients(lambda: now[0]) as http:
            client = http.client(source(server.url, auth=oauth2(endpoint)))
            for now[0] in (0.0, 69.0, 71.0):
                await client.get(server.url)

    assert [seen.headers["authorization"][-1] for seen in server.seen] == ["1", "1", "2"]


async def test_token_without_a_lifetime_left_is_not_used_again():
    with vendor.serving(TokenEndpoint(expires_in=0)) as endpoint, vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            client = http.client(source(server.url, auth=oauth2(endpoint)))
            for _ in range(2):
                await client.get(server.url)

    assert [seen.headers["authorization"][-1] for seen in server.seen] == ["1", "2"]


@pytest.mark.parametrize("unknown", [{}, {"expires_in": None}, {"expires_in": ""}], ids=["absent", "null", "empty"])
async def test_token_of_unknown_lifetime_is_used_for_five_minutes(unknown: dict):
    now = [0.0]
    with vendor.serving(TokenEndpoint(**unknown)) as endpoint, vendor.serving(lambda _: Answer()) as server:
        async with clients(lambda: now[0]) as http:
            client = http.client(source(server.url, auth=oauth2(endpoint)))
            for now[0] in (0.0, 269.0, 271.0):
                await client.get(server.url)

    assert [seen.headers["authorization"][-1] for seen in server.seen] == ["1", "1", "2"]


@pytest.mark.parametrize("status", [401, 403, 498, 499])
async def test_refused_token_is_renewed_once(status: int):
    def picky(seen: Seen) -> Answer:
        return Answer(status=200 if seen.headers["authorization"] == "Bearer token-2" else status)

    with vendor.serving(TokenEndpoint(expires_in=3600)) as endpoint, vendor.serving(picky) as server:
        async with clients() as http:
            client = http.client(source(server.url, auth=oauth2(endpoint)))
            await client.get(server.url)
            await client.get(server.url)

    assert [seen.headers["authorization"][-1] for seen in server.seen] == ["1", "2", "2"]


async def test_token_that_is_refused_inside_a_successful_answer_is_renewed_once():
    def picky(seen: Seen) -> Answer:
        return Answer(body=b"objects" if seen.headers["authorization"] == "Bearer token-2" else b"invalid token")

    def read_refusal(payload: Payload) -> UpstreamRefused | None:
        return UpstreamRefused("refused", upstream_status=498) if payload.body == b"invalid token" else None

    with vendor.serving(TokenEndpoint(expires_in=3600)) as endpoint, vendor.serving(picky) as server:
        async with clients() as http:
            client = http.client(source(server.url, auth=oauth2(endpoint)))
            payloads = [await client.get(server.url, read_refusal=read_refusal) for _ in range(2)]

    assert [payload.body for payload in payloads] == [b"objects"] * 2
    assert [seen.headers["authorization"][-1] for seen in server.seen] == ["1", "2", "2"]


async def test_second_refusal_inside_a_successful_answer_ends_the_request():
    def read_refusal(_: Payload) -> UpstreamRefused:
        return UpstreamRefused("refused", upstream_status=499)

    with vendor.serving(TokenEndpoint()) as endpoint, vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            with pytest.raises(UpstreamRefused, match="refused"):
                await http.client(source(server.url, auth=oauth2(endpoint))).get(server.url, read_refusal=read_refusal)

    assert (len(endpoint.seen), len(server.seen)) == (2, 2)


async def test_refusal_inside_a_successful_answer_is_final_where_nothing_can_be_renewed():
    def read_refusal(_: Payload) -> UpstreamRefused:
        return UpstreamRefused("refused", upstream_status=499)

    with vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            with pytest.raises(UpstreamRefused, match="refused"):
                await http.client(source(server.url)).get(server.url, read_refusal=read_refusal)

    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_second_refused_token_ends_the_request(status: int):
    with vendor.serving(TokenEndpoint()) as endpoint, vendor.serving(lambda _: Answer(status=status)) as server:
        async with clients() as http:
            with pytest.raises(UpstreamRefused, match=str(status)):
                await http.client(source(server.url, auth=oauth2(endpoint))).get(server.url)

    assert (len(endpoint.seen), len(server.seen)) == (2, 2)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Answer(status=400, body=b'{"error": "invalid_client"}'), "the token endpoint of `auth` .* answered 400"),
        (Answer(body=b"<html>"), "without an access token"),
        (Answer(body=b"[]"), "without an access token"),
        (Answer(body=b'{"access_token": "a\\nb"}'), "an invalid access token"),
        (Answer(status=302, headers={"Location": "/x"}), "answered 302"),
    ],
    ids=["refused", "html", "list", "line-break", "redirect"],
)
async def test_endpoint_without_a_token_is_an_error_that_says_so(answer: Answer, text: str):
    with vendor.serving(lambda _: answer) as endpoint, vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            with pytest.raises(UpstreamRefused, match=text):
                await http.client(source(server.url, auth=oauth2(endpoint))).get(server.url)

    assert server.seen == []


class Issuer:
    """An identity provider whose discovery document points at its token endpoint."""

    def __init__(self, **changes: object) -> None:
        self.changes = changes
        self.server: vendor.Server | None = None

    def __call__(self, seen: Seen) -> Answer:
        if seen.method == "POST":
            return Answer(body=b'{"access_token": "kaartje", "expires_in": 300}', media_type="application/json")
        document = {"issuer": self.server.url, "token_endpoint": f"{self.server.url}/token", **self.changes}
        return Answer(body=json.dumps(document).encode(), media_type="application/json")


def instance(server: vendor.Server, issuer: str) -> SignalenInstance:
    auth = {"type": "oidc", "issuer": issuer, "client_id": "ik", "client_secret": "geheim", "scope": "openid email"}
    return SignalenInstance(url=server.url, auth=auth)


async def test_token_endpoint_of_the_issuer_is_discovered():
    issuer = Issuer()
    with vendor.serving(issuer) as issuer.server, vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            # a slash at the end of an issuer is as often forgotten as added
            await http.client(instance(server, issuer.server.url + "/")).get(server.url)
            await http.client(instance(server, issuer.server.url + "/")).get(server.url)

    discovery, token = issuer.server.seen
    assert (discovery.method, discovery.path) == ("GET", "/wfs/.well-known/openid-configuration")
    assert "authorization" not in discovery.headers
    assert (token.method, token.path) == ("POST", "/wfs/token")
    assert token.body == b"grant_type=client_credentials&scope=openid+email"
    assert [seen.headers["authorization"] for seen in server.seen] == ["Bearer kaartje"] * 2


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"issuer": "https://other.example"}, "the discovery document names a different issuer"),
        ({"issuer": None}, "the discovery document names a different issuer"),
        ({"token_endpoint": None}, "is not https, so no secret is sent to it"),
        ({"token_endpoint": ["x"]}, "names no token endpoint"),
        ({"token_endpoint": "/token"}, "is not https, so no secret is sent to it"),
        ({"token_endpoint": "ftp://localhost/token"}, "is not https, so no secret is sent to it"),
    ],
    ids=["another-issuer", "no-issuer", "no-endpoint", "list", "relative", "another-scheme"],
)
async def test_untrustworthy_issuer_gets_no_secret(changes: dict, text: str):
    issuer = Issuer(**changes)
    with vendor.serving(issuer) as issuer.server, vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            with pytest.raises(UpstreamRefused, match=text):
                await http.client(instance(server, issuer.server.url)).get(server.url)

    assert [seen.method for seen in issuer.server.seen] == ["GET"]
    assert server.seen == []


async def test_issuer_without_a_discovery_document_is_an_error_that_says_so():
    with vendor.serving(lambda _: Answer(status=404)) as issuer, vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            with pytest.raises(UpstreamRefused, match=r"the `issuer` of `auth` .* answered 404"):
                await http.client(instance(server, issuer.url)).get(server.url)

    assert server.seen == []


@pytest.mark.parametrize(
    ("of_discovery", "of_token"),
    [(200, 503), (503, 200), (200, 500)],
    ids=["token-503", "discovery-503", "token-500"],
)
async def test_identity_provider_that_keeps_failing_is_left_alone(of_discovery: int, of_token: int):
    """Its discovery document may be answered all the time: that is no sign that it issues tokens."""
    issuer, now = Issuer(), [0.0]

    def failing(seen: Seen) -> Answer:
        return replace(issuer(seen), status=of_token if seen.method == "POST" else of_discovery)

    with vendor.serving(failing) as issuer.server, vendor.serving(lambda _: Answer()) as server:
        async with clients(lambda: now[0]) as http:
            client = http.client(instance(server, issuer.server.url))
            for _ in range(2):
                with pytest.raises((UpstreamRefused, UpstreamUnreachable), match="answered 50"):
                    await client.get(server.url)
            asked = len(issuer.server.seen)
            with pytest.raises(UpstreamUnreachable, match=r"`auth`.*circuit open after 5 .* answered 50"):
                await client.get(server.url)
            assert len(issuer.server.seen) == asked

            now[0], of_discovery, of_token = 31.0, 200, 200
            await client.get(server.url)

    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_configured_token_is_sent_once(status: int):
    with vendor.serving(lambda _: Answer(status=status)) as server:
        async with clients() as http:
            ready = SignalenInstance(url=server.url, auth={"type": "bearer", "token": "kaartje"})
            with pytest.raises(UpstreamRefused, match=str(status)):
                await http.client(ready).get(server.url)

    assert [seen.headers["authorization"] for seen in server.seen] == ["Bearer kaartje"]


class Authority:
    """A private certificate authority for servers, and a second one for the certificates of their clients."""

    def __init__(self, directory: Path) -> None:
        self.ca, self.clients = trustme.CA(), trustme.CA()
        self.ca_file = directory / "ca.pem"
        self.ca.cert_pem.write_to_path(self.ca_file)

    def server(self, *, requires_certificate: bool, name: str = "localhost") -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.ca.issue_cert(name).configure_cert(context)
        if requires_certificate:
            context.verify_mode = ssl.CERT_REQUIRED
            self.clients.configure_trust(context)
        return context

    def client(self, directory: Path, ca: trustme.CA | None = None) -> dict[str, str]:
        issued = (ca or self.clients).issue_cert("municipality.example")
        certificate, key = directory / "client.pem", directory / "client.key"
        for position, blob in enumerate(issued.cert_chain_pems):
            blob.write_to_path(certificate, append=position > 0)
        issued.private_key_pem.write_to_path(key)
        return {"type": "mtls", "certificate": str(certificate), "key": str(key)}


async def test_client_certificate_is_sent_to_a_server_of_a_private_authority(tmp_path: Path):
    authority = Authority(tmp_path)
    tls = {"ca": str(authority.ca_file)}
    with vendor.serving(lambda _: Answer(body=b"<a/>"), authority.server(requires_certificate=True)) as server:
        async with clients() as http:
            client = http.client(source(server.url, tls=tls, auth=authority.client(tmp_path)))
            payload = await client.get(server.url)

    assert payload.body == b"<a/>"


async def test_missing_client_certificate_is_explained(tmp_path: Path):
    authority = Authority(tmp_path)
    tls = {"ca": str(authority.ca_file)}
    with vendor.serving(lambda _: Answer(), authority.server(requires_certificate=True)) as server:
        async with clients() as http:
            with pytest.raises(UpstreamUnreachable, match=r"requires (a|another) client certificate"):
                await http.client(source(server.url, tls=tls)).get(server.url)


async def test_client_certificate_of_an_unknown_authority_is_refused(tmp_path: Path):
    authority = Authority(tmp_path)
    auth = authority.client(tmp_path, trustme.CA())
    with vendor.serving(lambda _: Answer(), authority.server(requires_certificate=True)) as server:
        async with clients() as http:
            with pytest.raises(UpstreamUnreachable, match="client certificate"):
                await http.client(source(server.url, tls={"ca": str(authority.ca_file)}, auth=auth)).get(server.url)


async def test_unknown_authority_is_explained(tmp_path: Path):
    authority = Authority(tmp_path)
    with vendor.serving(lambda _: Answer(), authority.server(requires_certificate=False)) as server:
        async with clients() as http:
            with pytest.raises(UpstreamUnreachable, match=r"certificate authority is unknown; .* name it in `tls"):
                await http.client(source(server.url)).get(server.url)


async def test_certificate_for_another_host_is_explained(tmp_path: Path):
    authority = Authority(tmp_path)
    context = authority.server(requires_certificate=False, name="other.example")
    with vendor.serving(lambda _: Answer(), context) as server:
        async with clients() as http:
            with pytest.raises(UpstreamUnreachable, match="for another host name"):
                await http.client(source(server.url, tls={"ca": str(authority.ca_file)})).get(server.url)


async def test_http_server_at_an_https_url_is_explained():
    with vendor.serving(lambda _: Answer()) as server:
        async with clients() as http:
            url = server.url.replace("http:", "https:")
            with pytest.raises(UpstreamUnreachable, match="no TLS connection"):
                await http.client(source(url)).get(url)


@pytest.mark.parametrize("content", [None, "not PEM"], ids=["absent", "not-pem"])
async def test_unusable_certificate_file_is_a_configuration_error(tmp_path: Path, content: str | None):
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    async with clients() as http:
        with pytest.raises(ConfigurationError, match=r"tls: ca.*ca\.pem"):
            http.client(source("https://vendor.example/", tls={"ca": str(path)}))
