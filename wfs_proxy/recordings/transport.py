"""An httpx transport that records every exchange, so that fetching a layer makes a recording.

The requests are those of production, so a recording has exactly the answers that a replay needs.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl, urlsplit

import httpx

from wfs_proxy.config import Auth, HttpSource, Layer, LoginAuth
from wfs_proxy.http import BodyLimits, BoundedBody, secrets_of, tokens_in_login
from wfs_proxy.recordings.exchanges import Exchange, RecordedRequest, Recording, canonical_query, query_text
from wfs_proxy.recordings.redaction import Redactor

__all__ = ["Recorder"]

_KEPT_HEADERS = ("content-type", "date", "last-modified", "etag", "location")
"""Headers of an answer that describe the decoded body. Not Set-Cookie, and not those about its encoded form."""


class Recorder:
    """Records the exchanges of all transports that it wraps. Credentials are removed when the recording is made."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[httpx.Request, httpx.Response, bytes]] = {}
        self._logins: list[bytes] = []

    def wrap(self, transport: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        """Return a transport that sends through the given one and records."""
        return _RecordingTransport(transport, self)

    def keep(self, request: httpx.Request, response: httpx.Response, raw: bytes) -> None:
        """Record one exchange; a repeated request, such as a retry, replaces the first.

        A POST is a login, since everything else is a GET: it is not recorded, but its tokens will be redacted.
        """
        body = _decoded(response, raw)
        if request.method == "POST":
            self._logins.append(body)
            return
        self._kept[str(request.url)] = (request, response, body)

    def recording(self, layer: Layer) -> Recording:
        """Return everything recorded so far of a layer behind an address, without credentials."""
        assert isinstance(layer.source, HttpSource)
        redactor = self._redactor(layer.source)
        parameter = _token_parameter(layer.source.auth)
        exchanges = [self._exchange(*kept, redactor, parameter) for kept in self._kept.values()]
        # a request that was repeated with another token
        exchanges = list({exchange.request: exchange for exchange in exchanges}.values())
        parts = urlsplit(layer.source.url)
        address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        return Recording(
            layer=layer.id,
            address=redactor.path(address, "the address"),
            exchanges=tuple(exchanges),
            redactions=redactor.redactions(),
        )

    def _redactor(self, source: HttpSource) -> Redactor:
        redactor = Redactor()
        for secret, what in secrets_of(source.auth).items():
            redactor.add(secret, what)
        for secret in source.secrets:
            redactor.add(secret, "value from a variable or a file, in the address")
        redactor.add_from_url(source.url)
        for request, _, _ in self._kept.values():
            redactor.add_from_url(str(request.url))
        for body in self._logins:
            for token in _tokens_in(body):
                redactor.add(token, "OAuth token")
            for token in tokens_in_login(body, source.auth):
                redactor.add(token, "token of the login")
        return redactor

    @staticmethod
    def _exchange(
        request: httpx.Request, response: httpx.Response, body: bytes, redactor: Redactor, parameter: str | None
    ) -> Exchange:
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        pairs = [pair for pair in canonical_query(query) if pair[0] != parameter]
        recorded = RecordedRequest(
            method=request.method,
            path=redactor.path(path, "requests"),
            query=query_text(redactor.query(pairs, "requests")),
        )
        headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        return Exchange(
            request=recorded,
            status=response.status_code,
            headers={name: redactor.text(value, "headers of answers") for name, value in headers.items()},
            body=redactor.body(body, "bodies of answers"),
        )


def _token_parameter(auth: Auth | None) -> str | None:
    """Return the query parameter that has the token of a login, in lower case; None if a header has it.

    As the headers of a request, it is not recorded: it does not decide which answer is replayed.
    """
    parameter = auth.send.parameter if isinstance(auth, LoginAuth) else None
    return None if parameter is None else parameter.lower()


def _decoded(response: httpx.Response, raw: bytes) -> bytes:
    """Return a body as the decoder gets it: credentials inside a compressed body could not be found."""
    body = BoundedBody(response.headers.get("Content-Encoding", ""), BodyLimits(), "the vendor")
    body.add(raw)
    return body.whole()


def _tokens_in(body: bytes) -> list[str]:
    try:
        document = json.loads(body)
    except ValueError:
        document = dict(parse_qsl(body.decode("utf-8", "replace")))
    values = document.items() if isinstance(document, dict) else ()
    return [value for name, value in values if name.endswith("_token") and isinstance(value, str)]


class _RecordingTransport(httpx.AsyncBaseTransport):
    def __init__(self, inner: httpx.AsyncBaseTransport, recorder: Recorder) -> None:
        self._inner = inner
        self._recorder = recorder

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Tee(response.stream, request, response, self._recorder)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Tee(httpx.AsyncByteStream):
    """Passes a body on chunk by chunk, and records a copy once it is complete: size limits and aborts still work."""

    def __init__(
        self, inner: httpx.AsyncByteStream, request: httpx.Request, response: httpx.Response, recorder: Recorder
    ) -> None:
        self._inner = inner
        self._request = request
        self._response = response
        self._recorder = recorder

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = []
        async for chunk in self._inner:
            chunks.append(chunk)
            yield chunk
        self._recorder.keep(self._request, self._response, b"".join(chunks))

    async def aclose(self) -> None:
        await self._inner.aclose()
