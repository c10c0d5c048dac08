"""The client for every outgoing request.

    VendorClient.get: retries -> credentials -> redirects within the origin -> `Connection.exchange`

There is one `httpx.AsyncClient` per (origin, auth, tls), one concurrency limiter and one circuit breaker per origin.
Redirects to another origin are refused, so credentials never reach another host. No query and no body is logged.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urljoin

import httpx

from wfs_proxy import __version__
from wfs_proxy.config import Auth, SignalenAuth, Tls
from wfs_proxy.errors import ConfigurationError, UpstreamException, UpstreamRefused, WfsProxyError
from wfs_proxy.features import Payload, Validators
from wfs_proxy.http.auth import credentials_for, tls_context
from wfs_proxy.http.bodies import BodyLimits
from wfs_proxy.http.conditions import conditions_of, is_not_modified
from wfs_proxy.http.connection import Connection, Host
from wfs_proxy.http.credentials import SentCredentials, TokenRequest, with_headers
from wfs_proxy.http.httpx_errors import translated
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.http.retry import with_retries
from wfs_proxy.http.status_errors import ESRI_TOKEN_ERRORS, OF_VENDORS, SELF_EXPLANATORY, Wording, refused
from wfs_proxy.http.urls import Origin, origin_of, redacted, with_parameters

__all__ = ["USER_AGENT", "Endpoint", "HttpClients", "ReadError", "VendorClient"]

USER_AGENT = f"wfs-proxy/{__version__} (map layers for Signalen)"
"""Names the program, so that a vendor can find out who sends the requests (RFC 9110, section 10.1.5)."""

MAX_REDIRECTS = 3
"""In a row, all to the same origin: a slash added, a path moved."""

REFUSED_LOGINS = frozenset({httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN, *ESRI_TOKEN_ERRORS})
"""Statuses after which a new token may help."""

TOKEN_LIMITS = BodyLimits(sent=1 << 20, decompressed=1 << 20)
"""Bytes. An access token or a discovery document has a few thousand."""

ReadError = Callable[[Payload], WfsProxyError | None]
"""Reads a body: returns the error in it, or None. That of an HTTP error is better than the bare status."""

_Login = Auth | SignalenAuth | None

TransportWrapper = Callable[[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport]
"""Returns a transport that sends through the given one; used for recording."""


class Endpoint(Protocol):
    """The settings of a server, as a layer's source and a Signalen instance have them."""

    @property
    def url(self) -> str:
        """Its URL; only this URL's origin is contacted."""
        ...

    @property
    def auth(self) -> Auth | SignalenAuth | None:
        """Our credentials."""
        ...

    @property
    def tls(self) -> Tls | None:
        """The certificate authority of the server, if not a public one."""
        ...

    @property
    def timeout(self) -> float:
        """Seconds for one whole request."""
        ...

    @property
    def requests_at_once(self) -> int:
        """The most requests at the same time."""
        ...


_POLICY = HttpPolicy()

_NO_CONDITIONS: Mapping[str, str] = {}


class HttpClients:
    """All connections to vendors and Signalen; leaving `async with` closes them."""

    def __init__(self, policy: HttpPolicy = _POLICY, *, transport_wrapper: TransportWrapper | None = None) -> None:
        self._policy = policy
        self._transport_wrapper = transport_wrapper
        self._hosts: dict[Origin, Host] = {}
        self._connections: dict[tuple[Origin, _Login, Tls | None], Connection] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connections, self._connections = self._connections, {}
        for connection in connections.values():
            await connection.client.aclose()

    def client(
        self, endpoint: Endpoint, *, accept: str | None = None, limits: BodyLimits | None = None
    ) -> VendorClient:
        """Return a client for the origin of a layer's source or of a Signalen instance.

        Args:
            endpoint: its settings.
            accept: the Accept header of its requests, where a server has several formats at one address; any format
                without it.
            limits: the largest body that it reads; default: that of the policy.

        Raises:
            ConfigurationError: the URL is invalid, or a certificate file cannot be read.
        """
        connection = self._connection(endpoint.url, endpoint.auth, endpoint.tls, endpoint.timeout)
        connection.host.limiter.lower(endpoint.requests_at_once)
        policy = self._policy if limits is None else replace(self._policy, limits=limits)
        return VendorClient(origin_of(endpoint.url), connection, endpoint.timeout, policy, accept)

    def tokens(self, endpoint: Endpoint) -> tuple[str, ...]:
        """Return the tokens that were issued last for the `auth` of an endpoint, which may repeat them in messages."""
        same = (connection for (_, auth, _), connection in self._connections.items() if auth == endpoint.auth)
        return tuple(token for connection in same for token in connection.credentials.tokens)

    def _connection(self, url: str, auth: _Login, tls: Tls | None, seconds: float) -> Connection:
        key = (origin_of(url), auth, tls)
        if key not in self._connections:

            async def exchange(asked: TokenRequest) -> Payload:
                connection = self._connection(asked.url, None, tls, seconds)
                method = "GET" if asked.body is None else "POST"
                request = connection.client.build_request(method, asked.url, headers=asked.headers, content=asked.body)
                read = partial(_token_answer, asked)
                return await connection.exchange(request, read, seconds=seconds, limits=TOKEN_LIMITS)

            self._connections[key] = Connection(
                host=self._host(key[0]),
                client=self._open(url, auth, tls),
                credentials=credentials_for(auth, exchange, self._policy),
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
        # trust_env=False: httpx would also read credentials from ~/.netrc; `proxy_for` has read the proxy variables
        return httpx.AsyncClient(
            transport=transport,
            trust_env=False,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", "Accept": "*/*"},
        )


@dataclass(frozen=True, kw_only=True)
class _ErrorReaders:
    """What finds the error in an answer."""

    read_error: ReadError
    read_refusal: ReadError
    wording: Wording

    def error(self, response: httpx.Response, payload: Payload) -> WfsProxyError | None:
        """Return the error that an answer reports; None if it is what was requested, or a redirect."""
        if response.is_success:
            return self.read_refusal(payload)
        if response.has_redirect_location or payload.not_modified:
            return None
        described = self.read_error(payload) if response.status_code not in SELF_EXPLANATORY else None
        return described or refused(response, self.wording)


class VendorClient:
    """GET from one origin, with the policy of `HttpClients`."""

    def __init__(
        self, origin: Origin, connection: Connection, seconds: float, policy: HttpPolicy, accept: str | None = None
    ) -> None:
        self._origin = origin
        self._accept = {} if accept is None else {"Accept": accept}
        self._connection = connection
        self._seconds = seconds
        self._policy = policy

    async def get(
        self,
        url: str,
        read_error: ReadError = lambda _: None,
        wording: Wording = OF_VENDORS,
        *,
        read_refusal: ReadError = lambda _: None,
        patience: float = math.inf,
    ) -> Payload:
        """Return the body of a successful response, after retries. See `get_anew`."""
        return await self.get_anew(lambda: url, read_error, wording, read_refusal=read_refusal, patience=patience)

    async def get_anew(
        self,
        url: Callable[[], str],
        read_error: ReadError = lambda _: None,
        wording: Wording = OF_VENDORS,
        *,
        read_refusal: ReadError = lambda _: None,
        patience: float = math.inf,
    ) -> Payload:
        """Return the body of a successful response, after retries that may ask for something else.

        Args:
            url: called before each attempt; its result must have the origin of this client.
            read_error: finds a better error in the body of an error response.
            wording: how messages name the server.
            read_refusal: finds an error in the body of a successful response, because some services answer all
                requests with 200. A refused login there is treated as one with an HTTP status.
            patience: seconds after which no further attempt begins.

        Raises:
            UpstreamUnreachable: no response in time, or the circuit breaker is open.
            UpstreamRefused: an HTTP error, a redirect to another origin, a refused login.
            UpstreamTooLarge: the body exceeds a limit.
            MalformedDocument: the body cannot be decompressed.
            WfsProxyError: what `read_error` or `read_refusal` returned.
        """
        errors = _ErrorReaders(read_error=read_error, read_refusal=read_refusal, wording=wording)
        return await with_retries(lambda: self._authorised(url(), errors), self._policy, patience=patience)

    async def get_if_changed(
        self, url: str, known: Validators, read_error: ReadError = lambda _: None
    ) -> Payload | None:
        """Return the body of a successful response; None if the document is still the known one.

        Raises:
            UpstreamError, WfsProxyError: as `get_anew`.
        """
        errors = _ErrorReaders(read_error=read_error, read_refusal=lambda _: None, wording=OF_VENDORS)
        conditions = conditions_of(known)
        payload = await with_retries(lambda: self._authorised(url, errors, conditions), self._policy)
        return None if payload.not_modified else payload

    async def _authorised(
        self, url: str, errors: _ErrorReaders, conditions: Mapping[str, str] = _NO_CONDITIONS
    ) -> Payload:
        """Request once, and once more with new credentials if the first ones were refused and can be renewed.

        A token for another audience or issuer may be answered with 403 instead of 401, as Signalen does.
        """
        credentials = self._connection.credentials
        sent = await credentials.current()
        try:
            return await self._following_redirects(url, with_headers(sent, conditions), errors)
        except UpstreamRefused as error:
            if error.upstream_status not in REFUSED_LOGINS or not credentials.renewable_after(sent):
                raise
        renewed = with_headers(await credentials.current(), conditions)
        return await self._following_redirects(url, renewed, errors)

    async def _following_redirects(self, url: str, sent: SentCredentials, errors: _ErrorReaders) -> Payload:
        for _ in range(MAX_REDIRECTS + 1):
            response, payload = await self._exchange(url, sent, errors)
            if not response.has_redirect_location:
                return payload
            url = self._redirected(url, response.headers["Location"], errors.wording)
        raise UpstreamRefused(f"{self._origin[1]}: too many redirects")

    async def _exchange(self, url: str, sent: SentCredentials, errors: _ErrorReaders) -> tuple[httpx.Response, Payload]:
        def read(response: httpx.Response, body: bytes) -> tuple[httpx.Response, Payload]:
            payload = Payload(
                body=body,
                source=redacted(url),
                last_modified=response.headers.get("Last-Modified"),
                etag=response.headers.get("ETag"),
                not_modified=is_not_modified(response),
                charset=response.charset_encoding,
                date=response.headers.get("Date"),
                content_crs=response.headers.get("Content-Crs"),
            )
            error = errors.error(response, payload)
            if error is None:
                return response, payload
            if isinstance(error, UpstreamException) and not response.is_success:
                error.upstream_status = response.status_code
            raise error

        with translated(self._origin[1]):
            address = with_parameters(url, sent.parameters)
            headers = {**self._accept, **sent.headers}
            request = self._connection.client.build_request("GET", address, headers=headers)
        return await self._connection.exchange(request, read, seconds=self._seconds, limits=self._policy.limits)

    def _redirected(self, url: str, location: str, wording: Wording) -> str:
        try:
            target = urljoin(url, location)
            origin = origin_of(target)
        except (ValueError, ConfigurationError):
            raise UpstreamRefused(f"{self._origin[1]} redirects to an invalid address") from None
        if origin != self._origin:
            # neither path nor query: the address of a login page may contain a name
            scheme, host, port = origin
            elsewhere = f"{scheme}://{host}:{port}"
            raise UpstreamRefused(
                f"{self._origin[1]} redirects to {elsewhere}; if that is correct, use it in {wording.setting}"
            )
        return target


def _token_answer(asked: TokenRequest, response: httpx.Response, body: bytes) -> Payload:
    if not response.is_success:
        raise refused(response, asked.wording, asked.words(body))
    return Payload(body=body, date=response.headers.get("Date"))
