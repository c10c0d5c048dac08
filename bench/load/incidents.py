"""Incidents in each phase: outages of the vendors, restarts of the proxy, a killed worker."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.load.processes import Processes
from bench.load.schedule import KILL, OUTAGE, RESTART, RESTART_IN_OUTAGE, Phase, Schedule

__all__ = ["Event", "run_phases"]


@dataclass(frozen=True, kw_only=True)
class Event:
    """An action on the proxy or the vendors."""

    second: float
    """After the start of the run."""

    what: str
    """For the report, such as "the vendors refuse"."""


Note = Callable[[str], None]


def run_phases(schedule: Schedule, processes: Processes, on_phase: Callable[[Phase], None]) -> list[Event]:
    """Run the phases at their times; return what was done.

    Raises:
        NotStarted: the proxy did not end or did not answer again.
    """
    events: list[Event] = []

    def note(what: str) -> None:
        events.append(Event(second=time.time() - schedule.start, what=what))

    for phase, begin, end in schedule.spans():
        _sleep_until(schedule.start + begin)
        on_phase(phase)
        if phase.name in _INCIDENTS:
            _INCIDENTS[phase.name](processes, schedule.start + begin, phase.seconds, note)
        _sleep_until(schedule.start + end)
        if phase.name in (OUTAGE, RESTART_IN_OUTAGE):
            processes.set_mode("answering")
            note("the vendors answer again")
    return events


_REPLACED_WITHIN = 120.0
"""Seconds until a killed process must be replaced."""

_PAUSE = 0.1
_TWO_SAMPLES = 2.0
"""Seconds in which at least one sample is taken."""


def _outage(processes: Processes, begin: float, seconds: int, note: Note) -> None:
    processes.set_mode("refusing")
    note("the vendors refuse")
    _sleep_until(begin + seconds / 2)
    processes.set_mode("hanging")
    note("the vendors hang")


def _restart(processes: Processes, begin: float, seconds: int, note: Note) -> None:
    _sleep_until(begin + seconds / 4)
    note("the proxy gets SIGTERM")
    away = processes.proxy.restart()
    note(f"the proxy answers again, {away:.1f} s after SIGTERM")


def _restart_in_outage(processes: Processes, begin: float, seconds: int, note: Note) -> None:
    processes.set_mode("refusing")
    note("the vendors refuse")
    _restart(processes, begin, seconds, note)


def _kill(processes: Processes, begin: float, seconds: int, note: Note) -> None:
    _sleep_until(begin + seconds / 4)
    before = processes.proxy.kill_worker()
    note(f"one of the proxy's {before} child processes gets SIGKILL")
    killed = time.time()
    while len(processes.proxy.workers()) < before and time.time() < killed + _REPLACED_WITHIN:
        time.sleep(_PAUSE)
    note(f"{len(processes.proxy.workers())} child processes {time.time() - killed:.1f} s after SIGKILL")
    # the samples must show it, however short the phase is
    time.sleep(_TWO_SAMPLES)


_INCIDENTS: dict[str, Callable[[Processes, float, int, Note], None]] = {
    OUTAGE: _outage,
    RESTART: _restart,
    RESTART_IN_OUTAGE: _restart_in_outage,
    KILL: _kill,
}


def _sleep_until(moment: float) -> None:
    time.sleep(max(moment - time.time(), 0.0))
