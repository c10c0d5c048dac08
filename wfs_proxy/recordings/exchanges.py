"""Recorded exchanges on disk: requests and their answers, one folder per recording.

    recording.json                       the layer, the address of the service, what was redacted
    exchanges/001-getcapabilities.json   request: method, path, canonical query; response: status, headers, body's file
    exchanges/001-getcapabilities.xml    the body, after transfer and content coding were undone

A query is canonical when its names are lower case and sorted: in WFS, names are case-insensitive and their order does
not matter (OGC 09-025r2, section 6.2.5.2). Values are not changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from operator import attrgetter
from pathlib import Path
from urllib.parse import parse_qsl, quote

from wfs_proxy.errors import ConfigurationError
from wfs_proxy.recordings.redaction import PLACEHOLDER

__all__ = [
    "MANIFEST",
    "Exchange",
    "RecordedRequest",
    "Recording",
    "canonical_query",
    "is_wfs",
    "query_text",
    "read_recording",
    "refuse_other_folder",
    "write_recording",
]

MANIFEST = "recording.json"
_FOLDER = "exchanges"


def canonical_query(query: str) -> list[tuple[str, str]]:
    """Return (name, value) pairs, decoded, sorted by the name in lower case; repeated names keep their order."""
    pairs = [(name.lower(), value) for name, value in parse_qsl(query, keep_blank_values=True)]
    return sorted(pairs, key=lambda pair: pair[0])


def query_text(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the query as text that can follow a "?"."""
    return "&".join(f"{quote(name)}={quote(value, safe='/:,;()')}" for name, value in pairs)


@dataclass(frozen=True, kw_only=True)
class RecordedRequest:
    """One request, without its headers: they may contain credentials, and do not decide which answer is replayed."""

    method: str
    path: str
    """As sent, percent-encoded."""
    query: str
    """Canonical, percent-encoded."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}?{self.query}" if self.query else f"{self.method} {self.path}"

    def matches(self, other: RecordedRequest) -> bool:
        """Whether `other` is this request; a redacted part matches any text."""
        same_path = _matches(self.path, other.path, "[^/]*")
        return self.method == other.method and same_path and _matches(self.query, other.query, "[^&]*")


def _matches(recorded: str, requested: str, anything: str) -> bool:
    return re.fullmatch(re.escape(recorded).replace(PLACEHOLDER, anything), requested) is not None


def is_wfs(request: RecordedRequest) -> bool:
    """Whether it is a request of a WFS."""
    return ("service", "wfs") in [(name, value.lower()) for name, value in canonical_query(request.query)]


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and its answer."""

    request: RecordedRequest
    status: int
    headers: Mapping[str, str]
    """Of the answer, and only those that describe the body."""
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Recording:
    """All exchanges of one layer, in the order of the requests."""

    layer: str
    address: str
    """The URL of the service, without query and credentials. Bodies repeat it."""
    exchanges: tuple[Exchange, ...]
    redactions: tuple[str, ...] = ()
    """Which credentials were removed, and where."""


def refuse_other_folder(directory: Path) -> None:
    """Return if writing a recording here would overwrite nothing but a recording.

    Raises:
        ConfigurationError: `directory` is a file, or a folder with something else.
    """
    if directory.exists() and not directory.is_dir():
        raise ConfigurationError(f"{directory} is a file: choose a folder")
    if directory.is_dir() and any(directory.iterdir()) and not (directory / MANIFEST).is_file():
        raise ConfigurationError(f"{directory} is not empty and not a recording: choose another folder")


def write_recording(recording: Recording, directory: Path) -> None:
    """Write the recording into `directory`. A recording that is there is replaced; its other files are kept.

    Raises:
        ConfigurationError: the folder contains something that is not a recording, or cannot be written.
    """
    refuse_other_folder(directory)
    try:
        _write(recording, directory)
    except OSError as error:
        raise ConfigurationError(f"{directory} cannot be written: {error.strerror or error}") from error


def _write(recording: Recording, directory: Path) -> None:
    folder = directory / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    about = {"layer": recording.layer, "address": recording.address, "redacted": list(recording.redactions)}
    _write_json(directory / MANIFEST, about)
    for number, exchange in enumerate(recording.exchanges, start=1):
        _write_exchange(exchange, folder, f"{number:03d}-{_kind(exchange.request)}")


def _write_exchange(exchange: Exchange, folder: Path, stem: str) -> None:
    body = f"{stem}.{'geojson' if exchange.body.lstrip()[:1] in (b'{', b'[') else 'xml'}"
    (folder / body).write_bytes(exchange.body)
    request = exchange.request
    _write_json(
        folder / f"{stem}.json",
        {
            "request": {"method": request.method, "path": request.path, "query": request.query},
            "response": {"status": exchange.status, "headers": dict(exchange.headers), "body": body},
        },
    )


def _kind(request: RecordedRequest) -> str:
    query = dict(canonical_query(request.query))
    kind = "hits" if query.get("resulttype", "").lower() == "hits" else query.get("request", "get").lower()
    return re.sub(r"[^a-z]", "", kind) or "get"


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_recording(directory: Traversable) -> Recording:
    """Read a recording that `write_recording` wrote.

    Raises:
        ConfigurationError: the folder has no recording, or a damaged one.
    """
    try:
        about = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
        return Recording(
            layer=about["layer"],
            address=about["address"],
            redactions=tuple(about["redacted"]),
            exchanges=tuple(_read_exchanges(directory / _FOLDER)),
        )
    except FileNotFoundError as error:
        raise ConfigurationError(f"{directory} holds no recording: {error.filename} is missing") from error
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(f"the recording in {directory} is damaged: {error}") from error


def _read_exchanges(folder: Traversable) -> Iterator[Exchange]:
    for path in sorted((path for path in folder.iterdir() if path.name.endswith(".json")), key=attrgetter("name")):
        about = json.loads(path.read_text(encoding="utf-8"))
        yield Exchange(
            request=RecordedRequest(**about["request"]),
            status=about["response"]["status"],
            headers=about["response"]["headers"],
            body=(folder / about["response"]["body"]).read_bytes(),
        )
