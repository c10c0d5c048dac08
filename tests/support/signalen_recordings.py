"""The recordings of a real Signalen (corpus/signalen), by the number at the beginning of their names."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import needs


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
