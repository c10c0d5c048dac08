"""An httpx transport that remembers every exchange, so that a harvest leaves a recording behind.

What is asked is what the proxy asks in production, so a recording holds exactly what a replay needs.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl, urlsplit

import httpx

from wfs_proxy.config import HttpSource, Layer
from wfs_proxy.recordings.exchanges import Asked, Exchange, Recording, canonical_query, query_text
from wfs_proxy.recordings.redaction import Redactor, secrets_of

__all__ = ["Recorder"]

_KEPT_HEADERS = ("content-type", "date", "last-modified", "etag", "location")
"""Of an answer: those that say what the body is. Never Set-Cookie; lengths and codings describe another form of it."""


class Recorder:
    """Remembers the exchanges of all transports that it wraps, as they were; credentials leave when it is asked."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[httpx.Request, httpx.Response, bytes]] = {}
        self._tokens: list[str] = []

    def wrap(self, transport: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        """A transport that does the same and is remembered."""
        return _RecordingTransport(transport, self)

    def keep(self, request: httpx.Request, response: httpx.Response, raw: bytes) -> None:
        """Remember one exchange; the same request again replaces it, as a retry does.

        A POST is a login (everything else is asked by GET): it is not kept, but its tokens are to be redacted.
        """
        body = httpx.Response(response.status_code, headers=response.headers, content=raw).content
        if request.method == "POST":
            self._tokens += _tokens_in(body)
            return
        self._kept[str(request.url)] = (request, response, body)

    def recording(self, layer: Layer) -> Recording:
        """Everything remembered so far, without credentials."""
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
        redactor = Redactor(secrets_of(source))
        redactor.learn(source.url)
        for request, _, _ in self._kept.values():
            redactor.learn(str(request.url))
        for token in self._tokens:
            redactor.add(token, "OAuth token")
        return redactor

    @staticmethod
    def _exchange(request: httpx.Request, response: httpx.Response, body: bytes, redactor: Redactor) -> Exchange:
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        asked = Asked(
            method=request.method,
            path=redactor.path(path, "requests"),
            query=query_text(redactor.query(canonical_query(query), "requests")),
        )
        headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        return Exchange(
            asked=asked,
            status=response.status_code,
            headers={name: redactor.text(value, "headers of answers") for name, value in headers.items()},
            body=redactor.body(body, "bodies of answers"),
        )


def _tokens_in(body: bytes) -> list[str]:
    try:
        told = json.loads(body)
    except ValueError:
        told = dict(parse_qsl(body.decode("utf-8", "replace")))
    values = told.items() if isinstance(told, dict) else ()
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
    """Passes a body on as it comes, and hands over a copy once it came whole: limits and aborts keep working."""

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
