"""The phases of a run. The generator and the incidents follow the same schedule without further communication."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate

__all__ = ["KILL", "NAMES", "Phase", "Schedule", "plan"]

CALM, STORM, OUTAGE, RESTART, RESTART_IN_OUTAGE, KILL = NAMES = (
    "calm",
    "storm",
    "outage",
    "restart",
    "restart-in-outage",
    "kill",
)
"""`kill` ends one of several workers with SIGKILL; in `restart-in-outage` only the data on disk are available."""

_STORM = 10
_ENDING_PROCESSES = (RESTART, RESTART_IN_OUTAGE, KILL)


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A part of the run."""

    name: str
    seconds: int
    sessions: int
    """Number of open maps."""

    @property
    def ends_processes(self) -> bool:
        """Whether connections may be refused or lost, so that clients retry, as browsers do."""
        return self.name in _ENDING_PROCESSES


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """Consecutive phases."""

    start: float
    """Seconds since 1970."""

    phases: tuple[Phase, ...]

    @property
    def seconds(self) -> int:
        """The total duration."""
        return sum(phase.seconds for phase in self.phases)

    def spans(self) -> Iterator[tuple[Phase, int, int]]:
        """Yield each phase with its start and end in seconds after the start of the run."""
        ends = accumulate(phase.seconds for phase in self.phases)
        yield from ((phase, end - phase.seconds, end) for phase, end in zip(self.phases, ends, strict=True))

    def at(self, now: float) -> Phase:
        """Return the phase at a time in seconds since 1970; before the start the first, after the end the last one."""
        return next((phase for phase, _, end in self.spans() if now < self.start + end), self.phases[-1])

    def to_json(self) -> str:
        """Return one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Schedule:
        """Read the line of `to_json`."""
        read = json.loads(text)
        return cls(start=read["start"], phases=tuple(Phase(**phase) for phase in read["phases"]))


def plan(names: Sequence[str], *, sessions: int, seconds: int) -> tuple[Phase, ...]:
    """Return the named phases; the storm has ten times the sessions."""
    return tuple(
        Phase(name=name, seconds=seconds, sessions=sessions * (_STORM if name == STORM else 1)) for name in names
    )
