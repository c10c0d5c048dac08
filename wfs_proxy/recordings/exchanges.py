"""Recorded exchanges on disk: what was asked and what was answered, one folder a recording.

    recording.json                       the layer, the address that was asked, what was redacted
    exchanges/001-getcapabilities.json   request: method, path, canonical query; response: status, headers, body's file
    exchanges/001-getcapabilities.xml    the body, as it came after transfer and content coding were undone

A query is canonical when its names are lower case and sorted; WFS says that names are case-insensitive and their order
does not matter (OGC 09-025r2, section 6.2.5.2). Values are kept as they are.
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
    "Asked",
    "Exchange",
    "Recording",
    "canonical_query",
    "query_text",
    "read_recording",
    "refuse_other_folder",
    "write_recording",
]

MANIFEST = "recording.json"
_FOLDER = "exchanges"


def canonical_query(query: str) -> list[tuple[str, str]]:
    """Names in lower case and sorted, each with its value decoded; a repeated name keeps the order of its values."""
    pairs = [(name.lower(), value) for name, value in parse_qsl(query, keep_blank_values=True)]
    return sorted(pairs, key=lambda pair: pair[0])


def query_text(pairs: Iterable[tuple[str, str]]) -> str:
    """The query as text that can be pasted behind a "?"."""
    return "&".join(f"{quote(name)}={quote(value, safe='/:,;()')}" for name, value in pairs)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request, without its headers: those may hold credentials and never choose an answer."""

    method: str
    path: str
    """As it was sent, percent-encoded."""
    query: str
    """Canonical, percent-encoded."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}?{self.query}" if self.query else f"{self.method} {self.path}"

    def answers(self, other: Asked) -> bool:
        """Whether `other` asks for this; a redacted place stands for anything."""
        same_path = _stands_for(self.path, other.path, "[^/]*")
        return self.method == other.method and same_path and _stands_for(self.query, other.query, "[^&]*")


def _stands_for(recorded: str, asked: str, anything: str) -> bool:
    return re.fullmatch(re.escape(recorded).replace(PLACEHOLDER, anything), asked) is not None


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and its answer."""

    asked: Asked
    status: int
    headers: Mapping[str, str]
    """Of the answer; only those that describe the body."""
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Recording:
    """All exchanges of one layer, in the order in which they were asked."""

    layer: str
    address: str
    """The service's address, without query and credentials. Bodies echo it."""
    exchanges: tuple[Exchange, ...]
    redactions: tuple[str, ...] = ()
    """What was taken out and where."""


def refuse_other_folder(directory: Path) -> None:
    """Make sure that writing a recording here overwrites nothing but a recording.

    Raises:
        ConfigurationError: it would.
    """
    if directory.exists() and not directory.is_dir():
        raise ConfigurationError(f"{directory} is a file: choose a folder")
    if directory.is_dir() and any(directory.iterdir()) and not (directory / MANIFEST).is_file():
        raise ConfigurationError(f"{directory} is not empty and not a recording: choose another folder")


def write_recording(recording: Recording, directory: Path) -> None:
    """Write the recording into `directory`; another recording there is replaced, other files beside it stay.

    Raises:
        ConfigurationError: the folder holds something that is not a recording, or cannot be written.
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
        _write_exchange(exchange, folder, f"{number:03d}-{_what(exchange.asked)}")


def _write_exchange(exchange: Exchange, folder: Path, stem: str) -> None:
    body = f"{stem}.{'geojson' if exchange.body.lstrip()[:1] in (b'{', b'[') else 'xml'}"
    (folder / body).write_bytes(exchange.body)
    asked = exchange.asked
    _write_json(
        folder / f"{stem}.json",
        {
            "request": {"method": asked.method, "path": asked.path, "query": asked.query},
            "response": {"status": exchange.status, "headers": dict(exchange.headers), "body": body},
        },
    )


def _what(asked: Asked) -> str:
    query = dict(canonical_query(asked.query))
    kind = "hits" if query.get("resulttype", "").lower() == "hits" else query.get("request", "get").lower()
    return re.sub(r"[^a-z]", "", kind) or "get"


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_recording(directory: Traversable) -> Recording:
    """Read a recording that `write_recording` wrote.

    Raises:
        ConfigurationError: the folder holds no recording, or a damaged one.
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
        told = json.loads(path.read_text(encoding="utf-8"))
        yield Exchange(
            asked=Asked(**told["request"]),
            status=told["response"]["status"],
            headers=told["response"]["headers"],
            body=(folder / told["response"]["body"]).read_bytes(),
        )
