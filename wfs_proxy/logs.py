"""Log output: lines of text for people, or one JSON object per line for machines.

Client addresses and query strings are never logged, because together they show where a citizen is. For that reason
uvicorn's access log is off. The HTTP client's log is off because it contains the vendors' complete URLs.
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
"""Attributes of a record that JSON output adds to the message."""

SILENCED = ("httpx", "httpcore", "uvicorn.access")


class _JsonFormatter(logging.Formatter):
    """Writes each record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON."""
        members = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        members |= {name: value for name in EXTRAS if (value := getattr(record, name, None)) is not None}
        if record.exc_info:
            members["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(members).decode()


def configure_logging(form: Literal["text", "json"], level: str) -> None:
    """Log to standard error in this form, from this level on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter() if form == "json" else logging.Formatter(TEXT))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in SILENCED:
        logging.getLogger(name).setLevel(logging.WARNING)
