"""The recordings of a real Signalen (corpus/signalen), by the number at the beginning of their names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import needs

from wfs_proxy.snapshot.names import hash_of_name


@dataclass(frozen=True)
class Recording:
    """One request and its answer."""

    number: str
    name: str
    path: str
    status: int
    body: bytes
    document: Any


def _read(path: Path) -> Recording:
    exchange = json.loads(path.read_text())
    response = exchange["response"]
    document = response.get("body")
    body = response.get("body_text", "") if document is None else json.dumps(document)
    return Recording(path.name[:2], path.stem, exchange["request"]["path"], response["status"], body.encode(), document)


RECORDINGS = {
    recording.number: recording
    for recording in map(_read, sorted((needs.corpus() / "signalen").glob("[0-9][0-9]_*.json")))
}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
    elif isinstance(value, str | int):
        yield str(value)


TEXTS = {
    hash_of_name(text): text
    for recording in RECORDINGS.values()
    if isinstance(recording.document, dict)
    for row in recording.document.get("results") or ()
    for text in _texts(row.get("extra_properties"))
}
"""The hash of each text in a recorded answer -> the text, because only the hash of an id is kept."""
