"""How the program logs: lines of text for people, or one JSON object a line for machines.

No client address and no query string is ever logged: together they are a citizen's whereabouts. The server's own access
log is off for that reason, and the HTTP client's, which would write the vendors' addresses in full.
"""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Literal

import orjson

__all__ = ["configure_logging"]

TEXT = "%(asctime)s %(levelname)-7s %(message)s"

EXTRAS = ("layer", "route", "status", "milliseconds")
"""What a record may carry beside its message."""

TOO_TALKATIVE = ("httpx", "httpcore", "uvicorn.access")


class _JsonFormatter(logging.Formatter):
    """One JSON object a record."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        told = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        told |= {name: value for name in EXTRAS if (value := getattr(record, name, None)) is not None}
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(told).decode()


def configure_logging(form: Literal["text", "json"], level: str) -> None:
    """Send all logging to standard error, in this form, from this level on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter() if form == "json" else logging.Formatter(TEXT))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in TOO_TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
