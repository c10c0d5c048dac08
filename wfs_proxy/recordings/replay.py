"""Replay recordings as the vendors they were made from. A bare ASGI application.

A request is answered if its method, path and canonical query were recorded. Any other request is answered with an
exception report of its WFS version that names the request and the nearest recorded ones.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.resources.abc import Traversable
from operator import attrgetter
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from wfs_proxy.asgi import Receive, Scope, Send
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.recordings.exchanges import (
    MANIFEST,
    Exchange,
    RecordedRequest,
    Recording,
    canonical_query,
    query_text,
    read_recording,
)

__all__ = ["Replay", "read_recordings"]

_NEAREST = 5
"""How many recorded requests an exception report names."""

_REPORTS = {
    "1.0.0": '<ServiceExceptionReport version="1.2.0" xmlns="http://www.opengis.net/ogc">'
    '<ServiceException code="NotRecorded">{text}</ServiceException></ServiceExceptionReport>',
    "1.1.0": '<ExceptionReport version="1.0.0" xmlns="http://www.opengis.net/ows">'
    '<Exception exceptionCode="NotRecorded"><ExceptionText>{text}</ExceptionText></Exception></ExceptionReport>',
    "2.0.0": '<ExceptionReport version="2.0.0" xmlns="http://www.opengis.net/ows/1.1">'
    '<Exception exceptionCode="NotRecorded"><ExceptionText>{text}</ExceptionText></Exception></ExceptionReport>',
}
"""WFS version -> exception report (OGC 02-058 section 7.7, 04-094 section 7.7, 09-025r2 section 7.5)."""


def read_recordings(directory: Traversable) -> list[Recording]:
    """Read the recordings in `directory`: the directory itself, or one in each of its folders.

    Raises:
        ConfigurationError: there is no recording, or one is damaged.
    """
    folders = sorted(directory.iterdir(), key=attrgetter("name")) if directory.is_dir() else []
    recordings = [folder for folder in (directory, *folders) if folder.joinpath(MANIFEST).is_file()]
    if not recordings:
        raise ConfigurationError(f"{directory} holds no recording (a folder with {MANIFEST})")
    return [read_recording(folder) for folder in recordings]


class Replay:
    """The vendors of some recordings, at one address."""

    def __init__(self, recordings: Iterable[Recording]) -> None:
        self._answers: dict[RecordedRequest, tuple[Exchange, str]] = {}
        self._by_path: defaultdict[str, list[RecordedRequest]] = defaultdict(list)
        for recording in recordings:
            for exchange in recording.exchanges:
                self._answers[exchange.request] = exchange, recording.address
                self._by_path[exchange.request.path].append(exchange.request)

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one HTTP request; other protocols are ignored."""
        if scope["type"] != "http":
            return
        request = _recorded_request(scope)
        status, headers, body = self.answer(request, _own_origin(scope))
        sent = {**headers, "content-length": str(len(body))}
        # the server adds the current date
        sent.pop("date", None)
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()]
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        await send({"type": "http.response.body", "body": body})

    def answer(self, request: RecordedRequest, origin: str) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and body; `origin` replaces that of the recorded service in the body."""
        found = self._find(request)
        if found is None:
            return 404, {"content-type": "text/xml; charset=UTF-8"}, self._report(request)
        exchange, recorded_address = self._answers[found]
        parts = urlsplit(recorded_address)
        body = exchange.body.replace(f"{parts.scheme}://{parts.netloc}/".encode(), f"{origin}/".encode())
        return exchange.status, exchange.headers, body

    def _find(self, request: RecordedRequest) -> RecordedRequest | None:
        if request in self._answers:
            return request
        return next((recorded for recorded in self._answers if recorded.matches(request)), None)

    def _report(self, request: RecordedRequest) -> bytes:
        version = dict(canonical_query(request.query)).get("version", "")
        text = f"not recorded: {request}. {self._nearest(request)}"
        report = _REPORTS.get(version, _REPORTS["2.0.0"]).format(text=escape(text))
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{report}\n'.encode()

    def _nearest(self, request: RecordedRequest) -> str:
        here = [str(recorded) for recorded in self._by_path.get(request.path, ())]
        if not here:
            return f"Recorded paths: {', '.join(sorted(self._by_path))}"
        nearest = difflib.get_close_matches(str(request), here, n=_NEAREST, cutoff=0.0)
        return f"The nearest of the {len(here)} recorded requests of this path: {' ; '.join(nearest)}"


def _recorded_request(scope: Scope) -> RecordedRequest:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    return RecordedRequest(
        method=scope["method"],
        path=path.decode("latin-1"),
        query=query_text(canonical_query(scope["query_string"].decode("latin-1"))),
    )


def _own_origin(scope: Scope) -> str:
    headers = dict(scope["headers"])
    host: str = headers.get(b"host", b"127.0.0.1").decode("latin-1")
    return f"{scope['scheme']}://{host}"
