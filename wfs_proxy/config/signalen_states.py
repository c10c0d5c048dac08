"""The states of a signal in Signalen, as data (Signalen/backend 2.50, `apps/signals/workflow.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

__all__ = ["DEFAULT_OPEN", "STATES", "State", "open_states", "word_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """One state."""

    code: str
    """As the API writes it; some have spaces."""

    display: str
    """What handlers read in Signalen; never published, for it may name an internal step."""

    word: str
    """What citizens may read."""

    settable: bool = True
    """Whether another system can set it through the API; the others are Signalen's own steps."""

    is_open: bool = True
    """Whether an object with a signal in this state counts as reported, unless a layer says otherwise."""


def _states(*states: State) -> Mapping[str, State]:
    return MappingProxyType({state.code: state for state in states})


_BUSY = "in behandeling"
_CLOSED = "afgehandeld"

STATES = _states(
    State(code="m", display="Gemeld", word="gemeld"),
    State(code="i", display="In afwachting van behandeling", word=_BUSY),
    State(code="b", display="In behandeling", word=_BUSY),
    # no transition leads to it, but old signals may have it
    State(code="h", display="On hold", word=_BUSY, settable=False),
    State(code="ingepland", display="Ingepland", word="ingepland"),
    # the three that Sigmax City Control, GISIB and Straatnotes go through; one that failed is still to be done
    State(code="ready to send", display="Extern: te verzenden", word=_BUSY),
    State(code="sent", display="Extern: verzonden", word=_BUSY, settable=False),
    State(code="send failed", display="Extern: mislukt", word=_BUSY, settable=False),
    State(code="done external", display="Extern: afgehandeld", word=_CLOSED, settable=False, is_open=False),
    State(code="o", display="Afgehandeld", word=_CLOSED, is_open=False),
    State(code="a", display="Geannuleerd", word=_CLOSED, is_open=False),
    State(code="s", display="Gesplitst", word=_CLOSED, settable=False, is_open=False),
    State(code="reopened", display="Heropend", word="heropend"),
    # the public map of Signalen calls it closed; the citizen who asked for it says that it is still broken
    State(code="reopen requested", display="Verzoek tot heropenen", word="heropend", settable=False),
    # probably mended, but a handler has still to look
    State(code="closure requested", display="Extern: verzoek tot afhandeling", word=_BUSY),
    # what is asked of the reporter is no business of others
    State(code="reaction requested", display="Reactie gevraagd", word=_BUSY),
    State(code="reaction received", display="Reactie ontvangen", word=_BUSY),
    State(code="forward to external", display="Doorgezet naar extern", word=_BUSY),
)
"""By code."""

DEFAULT_OPEN = frozenset(state.code for state in STATES.values() if state.is_open)
"""All but o, a, s and "done external"."""


def open_states(setting: Literal["default"] | tuple[str, ...]) -> frozenset[str]:
    """The codes that `reports.open_states` of a layer means."""
    return DEFAULT_OPEN if setting == "default" else frozenset(setting)


def word_of(code: str) -> str | None:
    """The public word for a state; None for a code that is not in the table."""
    state = STATES.get(code)
    return None if state is None else state.word
