"""An httpx transport that records every exchange, so that fetching a layer makes a recording.

The requests are those of production, so a recording has exactly the answers that a replay needs.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl, urlsplit

import httpx

from wfs_proxy.config import HttpSource, Layer
from wfs_proxy.http import BodyLimits, BoundedBody
from wfs_proxy.recordings.exchanges import Exchange, RecordedRequest, Recording, canonical_query, query_text
from wfs_proxy.recordings.redaction import Redactor, secrets_of

__all__ = ["Recorder"]

_KEPT_HEADERS = ("content-type", "date", "last-modified", "etag", "location")
"""Headers of an answer that describe the decoded body. Not Set-Cookie, and not those about its encoded form."""


class Recorder:
    """Records the exchanges of all transports that it wraps. Credentials are removed when the recording is made."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[httpx.Request, httpx.Response, bytes]] = {}
        self._tokens: list[str] = []

    def wrap(self, transport: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        """Return a transport that sends through the given one and records."""
        return _RecordingTransport(transport, self)

    def keep(self, request: httpx.Request, response: httpx.Response, raw: bytes) -> None:
        """Record one exchange; a repeated request, such as a retry, replaces the first.

        A POST is a login, since everything else is a GET: it is not recorded, but its tokens will be redacted.
        """
        body = _decoded(response, raw)
        if request.method == "POST":
            self._tokens += _tokens_in(body)
            return
        self._kept[str(request.url)] = (request, response, body)

    def recording(self, layer: Layer) -> Recording:
        """Return everything recorded so far, without credentials."""
        redactor = self._redactor(layer.source)
        exchanges = [self._exchange(*kept, redactor) for kept in self._kept.values()]
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
        redactor.add_from_url(source.url)
        for request, _, _ in self._kept.values():
            redactor.add_from_url(str(request.url))
        for token in self._tokens:
            redactor.add(token, "OAuth token")
        return redactor

    @staticmethod
    def _exchange(request: httpx.Request, response: httpx.Response, body: bytes, redactor: Redactor) -> Exchange:
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        recorded = RecordedRequest(
            method=request.method,
            path=redactor.path(path, "requests"),
            query=query_text(redactor.query(canonical_query(query), "requests")),
        )
        headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        return Exchange(
            request=recorded,
            status=response.status_code,
            headers={name: redactor.text(value, "headers of answers") for name, value in headers.items()},
            body=redactor.body(body, "bodies of answers"),
        )


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
