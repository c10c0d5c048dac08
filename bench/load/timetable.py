"""What happens when. The generator and the conductor each hold the same timetable and need not talk."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate

__all__ = ["KILL", "NAMES", "Phase", "Timetable", "planned"]

CALM, STORM, OUTAGE, RESTART, ALONE, KILL = NAMES = (
    "calm",
    "storm",
    "outage",
    "restart",
    "restart-in-outage",
    "kill",
)
"""`kill` ends one of several workers with SIGKILL; `restart-in-outage` must do with what is on the disk."""

_STORM = 10
_ENDED = (RESTART, ALONE, KILL)


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A part of the run."""

    name: str
    seconds: int
    sessions: int
    """Maps that are open at once."""

    @property
    def ends_processes(self) -> bool:
        """Whether a connection may be refused or lost in it: the client then tries again, as browsers do."""
        return self.name in _ENDED


@dataclass(frozen=True, kw_only=True)
class Timetable:
    """Phases one behind the other."""

    start: float
    """Seconds since 1970."""

    phases: tuple[Phase, ...]

    @property
    def seconds(self) -> int:
        """How long all of it takes."""
        return sum(phase.seconds for phase in self.phases)

    def spans(self) -> Iterator[tuple[Phase, int, int]]:
        """Each phase with the seconds after the start at which it begins and ends."""
        ends = accumulate(phase.seconds for phase in self.phases)
        yield from ((phase, end - phase.seconds, end) for phase, end in zip(self.phases, ends, strict=True))

    def at(self, now: float) -> Phase:
        """The phase at a time in seconds since 1970; the first one before the start, the last one after the end."""
        return next((phase for phase, _, end in self.spans() if now < self.start + end), self.phases[-1])

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Timetable:
        """What `to_json` wrote."""
        read = json.loads(text)
        return cls(start=read["start"], phases=tuple(Phase(**phase) for phase in read["phases"]))


def planned(names: Sequence[str], *, sessions: int, seconds: int) -> tuple[Phase, ...]:
    """The phases of these names; the storm has ten times the sessions."""
    return tuple(
        Phase(name=name, seconds=seconds, sessions=sessions * (_STORM if name == STORM else 1)) for name in names
    )
