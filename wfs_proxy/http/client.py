"""The client policy: how we behave towards a vendor's server, whatever we ask of it.

    get: tries -> credentials -> redirects within the origin -> `Connection.exchange`

One `httpx.AsyncClient` for each (origin, auth, tls), one gate and one breaker for each origin. Redirects stay within
the origin, so credentials do too. Only GET is repeated, and only after faults that may pass. Nothing here logs a query
or a body.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urljoin
from urllib.request import getproxies, proxy_bypass

import httpx

from wfs_proxy import __version__
from wfs_proxy.config import Auth, SignalenAuth, Tls
from wfs_proxy.errors import ConfigurationError, UpstreamError, UpstreamRefused, WfsProxyError
from wfs_proxy.features import Payload
from wfs_proxy.http.auth import credentials_for, tls_context
from wfs_proxy.http.bodies import BodyLimits
from wfs_proxy.http.connection import Connection, Host
from wfs_proxy.http.httpx_errors import translated
from wfs_proxy.http.urls import Origin, origin_of, redacted

__all__ = [
    "TRIES",
    "USER_AGENT",
    "Endpoint",
    "Explain",
    "HttpClients",
    "HttpPolicy",
    "VendorClient",
    "Wording",
    "environment_proxy",
]

_LOG = logging.getLogger(__name__)

USER_AGENT = f"wfs-proxy/{__version__} (map layers for Signalen)"
"""Names us, so that a vendor who sees too much of us knows whom to ask (RFC 9110, section 10.1.5)."""

TRIES = 3
"""Of one GET, the first included."""

FIRST_PAUSE = 0.5
"""Seconds before the second try; doubled for each further one, then a random part of it is taken off."""

LONGEST_PAUSE = 8.0
"""Seconds; also the most that a vendor's Retry-After is obeyed within one request."""

REDIRECTS = 3
"""In a row, all to the same origin: a slash added, a path moved."""

TOKEN_LIMITS = BodyLimits(sent=1 << 20, decompressed=1 << 20)
"""An access token is a few kilobytes."""

Explain = Callable[[Payload], WfsProxyError | None]
"""Reads the body of an HTTP error: a better fault than the bare status, or None."""

_Login = Auth | SignalenAuth | None

TransportWrapper = Callable[[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport]
"""Stands between us and the network, to record."""

_UNEXPLAINED = frozenset({401, 403, 407, 408, 425, 429, 502, 503, 504})
"""Statuses that say enough: about the login, or that another time is better."""


def environment_proxy(url: str) -> str | None:
    """The proxy that HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY name for an address; never for this machine."""
    scheme, host, _ = origin_of(url)
    proxies = getproxies()
    if _is_loopback(host) or proxy_bypass(host):
        return None
    return proxies.get(scheme) or proxies.get("all")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class Endpoint(Protocol):
    """What a layer's source and an instance of Signalen say about their server."""

    @property
    def url(self) -> str:
        """Its address; the origin of it is what we speak to."""
        ...

    @property
    def auth(self) -> Auth | SignalenAuth | None:
        """How we prove who we are."""
        ...

    @property
    def tls(self) -> Tls | None:
        """How it proves who it is."""
        ...

    @property
    def timeout(self) -> float:
        """Seconds for one request as a whole."""
        ...

    @property
    def requests_at_once(self) -> int:
        """How many it may be asked at the same time."""
        ...


@dataclass(frozen=True, kw_only=True)
class HttpPolicy:
    """What may differ between a service, a test and a recording."""

    limits: BodyLimits = field(default_factory=BodyLimits)
    proxy_for: Callable[[str], str | None] = environment_proxy
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random
    """A number from 0 to 1."""


_HINTS = {
    401: ": the login of `auth` is refused, or is missing",
    403: ": this login, or this machine's address, may not see it",
    404: ": is the path of `url` right?",
    407: ": the proxy on the way wants a login",
    414: ": the address became too long",
    429: ": it finds us too busy; a lower `requests_at_once` may help",
}


@dataclass(frozen=True, kw_only=True)
class Wording:
    """How a refusal is told."""

    who: str
    """Whose server it was."""

    hints: Mapping[int, str] = field(default_factory=lambda: _HINTS)
    """HTTP status -> what is behind it as a rule, after a colon."""


_OF_VENDORS = Wording(who="the vendor's server")
_OF_TOKEN_ENDPOINT = Wording(who="the token endpoint of `auth`")
_OF_ISSUER = Wording(who="the `issuer` of `auth`", hints={404: ": write it as `iss` stands in its tokens"})

_POLICY = HttpPolicy()


class HttpClients:
    """All connections to vendors; open for as long as the process serves. `transport_wrapper` is for recording."""

    def __init__(self, policy: HttpPolicy = _POLICY, *, transport_wrapper: TransportWrapper | None = None) -> None:
        self._policy = policy
        self._transport_wrapper = transport_wrapper
        self._hosts: dict[Origin, Host] = {}
        self._connections: dict[tuple[Origin, _Login, Tls | None], Connection] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        connections, self._connections = self._connections, {}
        for connection in connections.values():
            await connection.client.aclose()

    def client(self, source: Endpoint) -> VendorClient:
        """A client for the origin of a layer's source or of a Signalen.

        Raises:
            ConfigurationError: the address is not one, or a certificate file cannot be read.
        """
        connection = self._connection(source.url, source.auth, source.tls, source.timeout)
        connection.host.limiter.lower(source.requests_at_once)
        return VendorClient(origin_of(source.url), connection, source.timeout, self._policy)

    def _connection(self, url: str, auth: _Login, tls: Tls | None, seconds: float) -> Connection:
        key = (origin_of(url), auth, tls)
        if key not in self._connections:

            async def exchange(address: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
                connection = self._connection(address, None, tls, seconds)
                method = "GET" if body is None else "POST"
                request = connection.client.build_request(method, address, headers=headers, content=body)
                read = _discovery_answer if body is None else _token_answer
                return await connection.exchange(request, read, seconds=seconds, limits=TOKEN_LIMITS)

            self._connections[key] = Connection(
                host=self._host(key[0]),
                client=self._open(url, auth, tls),
                credentials=credentials_for(auth, exchange, self._policy.clock),
            )
        return self._connections[key]

    def _host(self, origin: Origin) -> Host:
        if origin not in self._hosts:
            self._hosts[origin] = Host.named(origin[1], self._policy.clock)
        return self._hosts[origin]

    def _open(self, url: str, auth: _Login, tls: Tls | None) -> httpx.AsyncClient:
        transport: httpx.AsyncBaseTransport = httpx.AsyncHTTPTransport(
            verify=tls_context(auth, tls), proxy=self._policy.proxy_for(url)
        )
        if self._transport_wrapper is not None:
            transport = self._transport_wrapper(transport)
        # trust_env: a netrc file or proxy must not reach a vendor behind our back; `proxy_for` has read the proxies
        return httpx.AsyncClient(
            transport=transport,
            trust_env=False,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", "Accept": "*/*"},
        )


class VendorClient:
    """GET from one origin, by the policy of `HttpClients`."""

    def __init__(self, origin: Origin, connection: Connection, seconds: float, policy: HttpPolicy) -> None:
        self._origin = origin
        self._connection = connection
        self._seconds = seconds
        self._policy = policy

    async def get(self, url: str, explain: Explain = lambda _: None, wording: Wording = _OF_VENDORS) -> Payload:
        """What the address answers, after retries, as bytes with its media type.

        Raises:
            UpstreamUnreachable: no answer in time, or the breaker is open.
            UpstreamRefused: an HTTP error, a redirect to another origin, a refused login.
            UpstreamTooLarge: the body passes a limit.
            MalformedDocument: the body cannot be decompressed.
            WfsProxyError: what `explain` makes of the body of an HTTP error.
        """
        for attempt in range(1, TRIES):
            try:
                return await self._authorised(url, explain, wording)
            except UpstreamError as fault:
                if not fault.retryable:
                    raise
                _LOG.info("try %d of %d failed: %s", attempt, TRIES, fault)
                await self._pause(attempt, fault)
        return await self._authorised(url, explain, wording)

    async def _authorised(self, url: str, explain: Explain, wording: Wording) -> Payload:
        """One try; a second one when the login was refused and there is another to offer."""
        headers = await self._connection.credentials.headers()
        try:
            return await self._try(url, headers, explain, wording)
        except UpstreamRefused as fault:
            unauthorised = fault.upstream_status == httpx.codes.UNAUTHORIZED
            if not unauthorised or not self._connection.credentials.rejected(headers):
                raise
        return await self._try(url, await self._connection.credentials.headers(), explain, wording)

    async def _try(self, url: str, headers: Mapping[str, str], explain: Explain, wording: Wording) -> Payload:
        for _ in range(REDIRECTS + 1):
            response, payload = await self._exchange(url, headers, explain, wording)
            if not response.has_redirect_location:
                return payload
            url = self._redirected(url, response.headers["Location"])
        raise UpstreamRefused(f"{self._origin[1]} redirects in circles")

    async def _exchange(
        self, url: str, headers: Mapping[str, str], explain: Explain, wording: Wording
    ) -> tuple[httpx.Response, Payload]:
        def read(response: httpx.Response, body: bytes) -> tuple[httpx.Response, Payload]:
            payload = Payload(
                body=body,
                source=redacted(url),
                last_modified=response.headers.get("Last-Modified"),
            )
            if response.is_success or response.has_redirect_location:
                return response, payload
            fault = explain(payload) if response.status_code not in _UNEXPLAINED else None
            raise fault or _refused(response, wording)

        with translated(self._origin[1]):
            request = self._connection.client.build_request("GET", url, headers=headers)
        return await self._connection.exchange(request, read, seconds=self._seconds, limits=self._policy.limits)

    async def _pause(self, attempt: int, fault: UpstreamError) -> None:
        """Exponential backoff with jitter between half and whole, or what the vendor asks for if that is longer."""
        backoff = min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE) * (0.5 + self._policy.jitter() / 2)
        asked = fault.retry_after if isinstance(fault, UpstreamRefused) else None
        await self._policy.sleep(max(backoff, min(asked or 0.0, LONGEST_PAUSE)))

    def _redirected(self, url: str, location: str) -> str:
        try:
            target = urljoin(url, location)
            origin = origin_of(target)
        except (ValueError, ConfigurationError):
            raise UpstreamRefused(f"{self._origin[1]} redirects to what is no address of a web page") from None
        if origin != self._origin:
            # no path and no query: a login page's address may tell whom it is for
            scheme, host, port = origin
            elsewhere = f"{scheme}://{host}:{port}"
            raise UpstreamRefused(
                f"{self._origin[1]} redirects to {elsewhere}; if that is right, write it as the layer's `url`"
            )
        return target


def _token_answer(response: httpx.Response, body: bytes) -> bytes:
    if not response.is_success:
        raise _refused(response, _OF_TOKEN_ENDPOINT)
    return body


def _discovery_answer(response: httpx.Response, body: bytes) -> bytes:
    if not response.is_success:
        raise _refused(response, _OF_ISSUER)
    return body


def _refused(response: httpx.Response, wording: Wording) -> UpstreamRefused:
    status = response.status_code
    hint = wording.hints.get(status, "")
    return UpstreamRefused(
        f"{wording.who} ({response.url.host}) answered {status} {response.reason_phrase}{hint}",
        upstream_status=status,
        retry_after=_seconds(response.headers.get("Retry-After", "")),
    )


def _seconds(retry_after: str) -> float | None:
    """Only the form in seconds (RFC 9110, section 10.2.3); a date needs a clock that agrees with the vendor's."""
    return float(retry_after) if retry_after.strip().isdigit() else None
