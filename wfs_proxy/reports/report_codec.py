"""The form in which reports are published to other processes: JSON with the fields of `Signal` and nothing else.

Until format 2 it had the texts of answers in place of their hashes.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import orjson

from wfs_proxy.marks import AssetReference, Place, ReportedObjects, Signal

__all__ = [
    "BEGINNING",
    "FORMAT",
    "decode_reports",
    "encode_reports",
    "encoded_head",
    "is_older_format",
    "signal_of",
    "signal_row",
]

FORMAT = 3
"""Goes up when the content changes its meaning. Another format is ignored, as if nothing were published."""

BEGINNING = 32
"""Bytes by which `is_older_format` recognises a format."""

_HEAD = re.compile(rb'\{"format":([0-9]{1,9}),')


def encode_reports(reported: ReportedObjects) -> bytes:
    """Return the published form. It does not contain the time of the poll."""
    signals = [signal_row(signal) for signal in reported.signals.values()]
    return encoded_head(reported) + b',"signals":' + orjson.dumps(signals) + b"}"


def encoded_head(reported: ReportedObjects) -> bytes:
    """Return the beginning of the published form, which contains the version of the reports."""
    return orjson.dumps({"format": FORMAT, "version": reported.version, "public_only": reported.public_only})[:-1]


def is_older_format(beginning: bytes) -> bool:
    """Whether something that begins like this was published in an older format."""
    head = _HEAD.match(beginning)
    return head is not None and int(head[1]) < FORMAT


def decode_reports(body: bytes) -> ReportedObjects | None:
    """Return what `encode_reports` wrote, with `as_of` 0; None for anything else."""
    try:
        document = orjson.loads(body)
        if document["format"] != FORMAT:
            return None
        signals = {row[0]: signal_of(row) for row in document["signals"]}
        return ReportedObjects(
            signals=signals, as_of=0.0, version=str(document["version"]), public_only=bool(document["public_only"])
        )
    except (ValueError, KeyError, TypeError, IndexError):
        return None


def signal_row(signal: Signal) -> list[Any]:
    """Return a signal as a list of JSON values."""
    assets = [[asset.id_hash, asset.place, asset.question_key] for asset in signal.assets]
    times = signal.created_at.isoformat(), signal.updated_at.isoformat()
    return [signal.id, signal.state, signal.category, *times, signal.place, assets]


def signal_of(row: list[Any]) -> Signal:
    """Return the signal of a `signal_row`.

    Raises:
        ValueError, TypeError, IndexError: the row is something else.
    """
    signal_id, state, category, created_at, updated_at, place, assets = row
    return Signal(
        id=int(signal_id),
        state=state,
        category=category,
        created_at=datetime.fromisoformat(created_at),
        updated_at=datetime.fromisoformat(updated_at),
        place=_place(place),
        assets=tuple(AssetReference(id_hash=name, place=_place(at), question_key=key) for name, at, key in assets),
    )


def _place(value: list[float] | None) -> Place | None:
    return None if value is None else (float(value[0]), float(value[1]))
