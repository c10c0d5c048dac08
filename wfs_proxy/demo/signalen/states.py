"""The states of a signal: their codes and Dutch names, and which may follow which (Amsterdam/signals, workflow)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = [
    "APP_ONLY",
    "CLOSED",
    "DISPLAY",
    "ENDING",
    "HIDDEN_FROM_MAP",
    "HIDDEN_FROM_PUBLIC",
    "NEEDS_TARGET",
    "TARGETS",
    "may_follow",
]

DISPLAY: Mapping[str, str] = MappingProxyType(
    {
        "m": "Gemeld",
        "i": "In afwachting van behandeling",
        "b": "In behandeling",
        "h": "On hold",
        "ingepland": "Ingepland",
        "ready to send": "Extern: te verzenden",
        "o": "Afgehandeld",
        "a": "Geannuleerd",
        "reopened": "Heropend",
        "s": "Gesplitst",
        "closure requested": "Extern: verzoek tot afhandeling",
        "reaction requested": "Reactie gevraagd",
        "reaction received": "Reactie ontvangen",
        "forward to external": "Doorgezet naar extern",
        "sent": "Extern: verzonden",
        "send failed": "Extern: mislukt",
        "done external": "Extern: afgehandeld",
        "reopen requested": "Verzoek tot heropenen",
    }
)
"""Code -> what the back office shows."""

APP_ONLY = frozenset({"sent", "send failed", "done external", "reopen requested"})
"""States that the API does not set."""

CLOSED = frozenset({"o", "a", "s"})
"""What the public page of one signal calls closed."""

ENDING = frozenset({"o", "a"})
"""A parent in one of these cancels its open children."""

HIDDEN_FROM_PUBLIC = frozenset({"o", "done external", "a", "s", "reopen requested"})
"""Not in the public geography."""

HIDDEN_FROM_MAP = frozenset({"o", "done external", "a", "reopen requested"})
"""Not among the map signals: the third definition of closed."""

NEEDS_TARGET = "ready to send"
TARGETS = frozenset({"sigmax", "gisib", "straatnotes"})

_ANSWERING = frozenset({"m", "i", "b", "ingepland", "o", "a", "reaction requested", "ready to send"})
_FOLLOWING: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "m": _ANSWERING | {"forward to external"},
        "i": _ANSWERING | {"closure requested", "forward to external"},
        "b": _ANSWERING - {"i"} | {"closure requested", "forward to external"},
        "ingepland": _ANSWERING - {"i", "ready to send"} | {"closure requested", "forward to external"},
        "h": frozenset({"ingepland", "a"}),
        "ready to send": frozenset({"sent", "send failed", "a"}),
        "sent": frozenset({"done external", "o", "a"}),
        "send failed": frozenset({"m", "ready to send", "a"}),
        "done external": frozenset({"o", "a", "b"}),
        "o": frozenset({"reopened", "reopen requested"}),
        "a": frozenset({"a", "reopened", "b"}),
        "reopened": _ANSWERING - {"i", "ingepland"} | {"reopened", "forward to external"},
        "s": frozenset(),
        "closure requested": frozenset({"m", "closure requested", "i", "o", "a", "b", "forward to external"}),
        "reopen requested": frozenset({"o", "reopened", "a"}),
        "reaction requested": _ANSWERING | {"reaction received", "forward to external"},
        "reaction received": _ANSWERING,
        "forward to external": _ANSWERING | {"closure requested", "reaction received", "forward to external"},
    }
)


def may_follow(state: str, following: str) -> bool:
    """Whether a signal in `state` may come into `following`."""
    return following in _FOLLOWING[state]
