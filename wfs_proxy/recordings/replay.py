"""Serves recordings again as the vendors that they were made of: by path and canonical query, nothing guessed.

A bare ASGI application. What was not recorded is answered with an exception report of the WFS version that was asked
for, which says what was asked and what there is.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.resources.abc import Traversable
from operator import attrgetter
from xml.sax.saxutils import escape

from wfs_proxy.asgi import Receive, Scope, Send
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.recordings.exchanges import (
    MANIFEST,
    Asked,
    Exchange,
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
    """The vendors of some recordings, on one address."""

    def __init__(self, recordings: Iterable[Recording]) -> None:
        self._answers: dict[Asked, tuple[Exchange, str]] = {}
        self._by_path: defaultdict[str, list[Asked]] = defaultdict(list)
        for recording in recordings:
            for exchange in recording.exchanges:
                self._answers[exchange.asked] = exchange, recording.address
                self._by_path[exchange.asked.path].append(exchange.asked)

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP is left alone."""
        if scope["type"] != "http":
            return
        asked = _asked(scope)
        status, headers, body = self.answer(asked, _own_address(scope))
        sent = {**headers, "content-length": str(len(body))}
        # the server below tells the date of today
        sent.pop("date", None)
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()]
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        await send({"type": "http.response.body", "body": body})

    def answer(self, asked: Asked, address: str) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body, the recorded service's address replaced by `address`, ours."""
        found = self._find(asked)
        if found is None:
            return 404, {"content-type": "text/xml; charset=UTF-8"}, self._report(asked)
        exchange, recorded_address = self._answers[found]
        body = exchange.body.replace(recorded_address.encode(), address.encode())
        return exchange.status, exchange.headers, body

    def _find(self, asked: Asked) -> Asked | None:
        if asked in self._answers:
            return asked
        return next((recorded for recorded in self._answers if recorded.answers(asked)), None)

    def _report(self, asked: Asked) -> bytes:
        version = dict(canonical_query(asked.query)).get("version", "")
        text = f"not recorded: {asked}. {self._offer(asked)}"
        report = _REPORTS.get(version, _REPORTS["2.0.0"]).format(text=escape(text))
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{report}\n'.encode()

    def _offer(self, asked: Asked) -> str:
        here = [str(recorded) for recorded in self._by_path.get(asked.path, ())]
        if not here:
            return f"Recorded paths: {', '.join(sorted(self._by_path))}"
        nearest = difflib.get_close_matches(str(asked), here, n=_NEAREST, cutoff=0.0)
        return f"Of {len(here)} recorded requests of this path these are the nearest: {' ; '.join(nearest)}"


def _asked(scope: Scope) -> Asked:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    return Asked(
        method=scope["method"],
        path=path.decode("latin-1"),
        query=query_text(canonical_query(scope["query_string"].decode("latin-1"))),
    )


def _own_address(scope: Scope) -> str:
    headers = dict(scope["headers"])
    host: str = headers.get(b"host", b"127.0.0.1").decode("latin-1")
    return f"{scope['scheme']}://{host}{scope['path']}"
