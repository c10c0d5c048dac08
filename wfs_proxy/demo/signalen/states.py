"""Properties of the states that only Signalen itself needs: Dutch names, transitions, and several ideas of "closed".

The proxy needs none of this, so it is not in `config.signalen_states`, which has the codes. Source: Signalen/backend
2.50, `apps/signals/workflow.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from wfs_proxy.config import STATES, open_states

__all__ = [
    "APP_ONLY",
    "CLOSED",
    "DISPLAY",
    "ENDING",
    "HIDDEN_FROM_MAP",
    "HIDDEN_FROM_PUBLIC",
    "NEEDS_TARGET",
    "NEEDS_TEXT",
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
"""Code -> the name in the back office and in the API's `state_display`."""

APP_ONLY = frozenset({"sent", "send failed", "done external", "reopen requested"})
"""States that only Signalen itself sets; the API refuses them."""

CLOSED = frozenset({"o", "a", "s"})
"""States that the public page of one signal shows as closed."""

ENDING = frozenset({"o", "a"})
"""When a parent gets one of these states, its open children are cancelled."""

HIDDEN_FROM_PUBLIC = frozenset(STATES) - open_states("default") | {"reopen requested"}
"""States of signals that are not in the public geography."""

HIDDEN_FROM_MAP = HIDDEN_FROM_PUBLIC - {"s"}
"""States of signals that are not in the deprecated map signals."""

NEEDS_TARGET = "ready to send"
"""The state that a request can only set together with `target_api`."""

NEEDS_TEXT = frozenset({"o", "reopened"})
"""The states that a request can only set together with `text`."""

TARGETS = frozenset({"sigmax", "gisib", "straatnotes"})
"""The values of `target_api`."""

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
    """Whether a signal in the state `state` may get the state `following`."""
    return following in _FOLLOWING[state]
