"""What befalls the vendors and the proxy in each phase, at its time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.load.stage import Stage
from bench.load.timetable import ALONE, KILL, OUTAGE, RESTART, Phase, Timetable

__all__ = ["Event", "conduct"]


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that was done to the proxy or to the vendors."""

    second: float
    """After the start of the run."""

    what: str
    """A sentence's beginning: "the vendors refuse"."""


Note = Callable[[str], None]


def conduct(timetable: Timetable, stage: Stage, entered: Callable[[Phase], None]) -> list[Event]:
    """Go through the phases, each at its time; gives what happened.

    Raises:
        NotStarted: the proxy did not end or did not come back.
    """
    events: list[Event] = []

    def note(what: str) -> None:
        events.append(Event(second=time.time() - timetable.start, what=what))

    for phase, begin, end in timetable.spans():
        _sleep_until(timetable.start + begin)
        entered(phase)
        if phase.name in _HAPPENINGS:
            _HAPPENINGS[phase.name](stage, timetable.start + begin, phase.seconds, note)
        _sleep_until(timetable.start + end)
        if phase.name in (OUTAGE, ALONE):
            stage.become("answering")
            note("the vendors answer again")
    return events


_REPLACED_WITHIN = 20.0
"""Seconds that a killed process has to be replaced."""

_PAUSE = 0.1
_SEEN_WITHIN = 2.0
"""Seconds; a sample is taken each second."""


def _outage(stage: Stage, begin: float, seconds: int, note: Note) -> None:
    stage.become("refusing")
    note("the vendors refuse")
    _sleep_until(begin + seconds / 2)
    stage.become("hanging")
    note("the vendors hang")


def _restart(stage: Stage, begin: float, seconds: int, note: Note) -> None:
    _sleep_until(begin + seconds / 4)
    note("the proxy gets SIGTERM")
    away = stage.proxy.restart()
    note(f"the proxy answers again, {away:.1f} s after SIGTERM")


def _restart_alone(stage: Stage, begin: float, seconds: int, note: Note) -> None:
    stage.become("refusing")
    note("the vendors refuse")
    _restart(stage, begin, seconds, note)


def _kill(stage: Stage, begin: float, seconds: int, note: Note) -> None:
    _sleep_until(begin + seconds / 4)
    before = stage.proxy.kill_worker()
    note(f"one of {before} processes under the proxy gets SIGKILL")
    killed = time.time()
    while len(stage.proxy.workers()) < before and time.time() < killed + _REPLACED_WITHIN:
        time.sleep(_PAUSE)
    note(f"there are {len(stage.proxy.workers())} processes again, {time.time() - killed:.1f} s after SIGKILL")
    # however short the phase, the samples shall show it
    time.sleep(_SEEN_WITHIN)


_HAPPENINGS: dict[str, Callable[[Stage, float, int, Note], None]] = {
    OUTAGE: _outage,
    RESTART: _restart,
    ALONE: _restart_alone,
    KILL: _kill,
}


def _sleep_until(moment: float) -> None:
    time.sleep(max(moment - time.time(), 0.0))
