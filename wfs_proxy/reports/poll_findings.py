"""What the process that polls a Signalen shares with the others, so that all show the same: JSON.

It contains nothing of any signal. Anything that cannot be read, or has another format, is as if there were nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import orjson

__all__ = ["PollFindings", "decode_findings", "encode_findings"]

_FORMAT = [1]
"""Goes up when a member changes its meaning. No number by itself, which begins reports that a leader removes when they
are of an older version (`report_codec.is_older_format`)."""


@dataclass(frozen=True, kw_only=True)
class PollFindings:
    """The part of `PollStatus` that only the process that polls can know."""

    unknown: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    error: str | None = None
    reading: bool = False


def encode_findings(findings: PollFindings) -> bytes:
    """Return the form that `decode_findings` reads."""
    return orjson.dumps({"format": _FORMAT, **asdict(findings)})


def decode_findings(body: bytes) -> PollFindings | None:
    """Return what `encode_findings` wrote; None for anything else."""
    try:
        document = orjson.loads(body)
        if document["format"] != _FORMAT:
            return None
        return PollFindings(
            unknown=_texts(document["unknown"]),
            categories=_texts(document["categories"]),
            error=None if document["error"] is None else str(document["error"]),
            reading=bool(document["reading"]),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _texts(values: list[str]) -> tuple[str, ...]:
    return tuple(map(str, values))
