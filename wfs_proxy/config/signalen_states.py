"""The states of a signal in Signalen (Signalen/backend 2.50, `apps/signals/workflow.py`), and what they mean here."""

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
    """As in the API. Some codes contain spaces."""

    word: str
    """The word that the public may read. Signalen's own name of a state may be an internal step, so it is not used."""

    is_open: bool = True
    """Whether an object with a signal in this state counts as reported, unless a layer file says otherwise."""


def _states(*states: State) -> Mapping[str, State]:
    return MappingProxyType({state.code: state for state in states})


_BUSY = "in behandeling"
_CLOSED = "afgehandeld"

STATES = _states(
    State(code="m", word="gemeld"),
    State(code="i", word=_BUSY),
    State(code="b", word=_BUSY),
    # no transition leads to this state any more, but old signals may have it
    State(code="h", word=_BUSY),
    State(code="ingepland", word="ingepland"),
    # the steps of Sigmax City Control, GISIB and Straatnotes; a signal that could not be sent is still open
    State(code="ready to send", word=_BUSY),
    State(code="sent", word=_BUSY),
    State(code="send failed", word=_BUSY),
    State(code="done external", word=_CLOSED, is_open=False),
    State(code="o", word=_CLOSED, is_open=False),
    State(code="a", word=_CLOSED, is_open=False),
    State(code="s", word=_CLOSED, is_open=False),
    State(code="reopened", word="heropend"),
    # Signalen's public map treats this as closed, but the reporter says that the problem still exists
    State(code="reopen requested", word="heropend"),
    # probably fixed, but a handler has not confirmed it yet
    State(code="closure requested", word=_BUSY),
    # that the reporter was asked something is not for the public
    State(code="reaction requested", word=_BUSY),
    State(code="reaction received", word=_BUSY),
    State(code="forward to external", word=_BUSY),
)
"""All states, by code."""

DEFAULT_OPEN = frozenset(state.code for state in STATES.values() if state.is_open)
"""All states except o, a, s and "done external"."""


def open_states(setting: Literal["default"] | tuple[str, ...]) -> frozenset[str]:
    """Return the codes of the states that a layer's `reports.open_states` selects."""
    return DEFAULT_OPEN if setting == "default" else frozenset(setting)


def word_of(code: str) -> str | None:
    """Return the public word for a state; None for an unknown code."""
    state = STATES.get(code)
    return None if state is None else state.word
