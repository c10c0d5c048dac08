"""What the generator saw, second by second: written by its process as lines of JSON, read by the one that reports."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

__all__ = ["MOST_FAULTS", "Ending", "Fault", "Recorder", "Records", "Second", "read_records"]

MOST_FAULTS = 20
"""So many faults are told in full; all are counted."""


@dataclass(kw_only=True)
class Second:
    """What came in during one second."""

    second: int
    """After the start of the run."""

    sessions: int = 0
    """Maps that were open when it began."""

    moves: int = 0
    """Answers about a box."""

    selects: int = 0
    """Answers about one object."""

    not_modified: int = 0
    """Of these, 304."""

    fresh: int = 0
    """Answers out of fresh data: Cache-Status "hit" with a ttl that is not negative (RFC 9211)."""

    stale: int = 0
    """Answers out of stale data."""

    misses: int = 0
    """Answers that waited for the vendor."""

    errors: int = 0
    """No answer, or a status other than 200 and 304."""

    wrong: int = 0
    """Answers that differ from the truth."""

    refused: int = 0
    """Connections refused or lost while a process was ended on purpose; the client tried again."""

    received: int = 0
    """Bytes of bodies, decompressed."""

    lag: float = 0.0
    """Seconds that the generator's own loop was late at worst: a latency below that is its own."""

    latencies: list[int] = field(default_factory=list)
    """Microseconds from request to the end of the body, without what was refused before."""

    waits: list[float] = field(default_factory=list)
    """Seconds that those whose connection was refused waited for an answer in all."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """An error or a wrong answer."""

    second: int
    kind: str
    """ "error" or "wrong"."""

    what: str
    """With layer and box."""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What the generator knows at its end."""

    boxes: int
    """How many were asked for."""

    different: int
    """How many of them differ from all others."""

    cpu_warning: bool
    """Locust's own: its process took over 90 % of a processor."""


@dataclass(frozen=True, kw_only=True)
class Records:
    """A whole run."""

    seconds: tuple[Second, ...]
    faults: tuple[Fault, ...]
    ending: Ending


class Recorder:
    """Collects what happens and writes each second when it is over.

    Args:
        file: where the lines go.
        elapsed: seconds since the start of the run.
    """

    def __init__(self, file: TextIO, elapsed: Callable[[], float]) -> None:
        self._file = file
        self._elapsed = elapsed
        self._open: dict[int, Second] = {}
        self._boxes: set[str] = set()
        self._asked = 0
        self.sessions = 0
        """Maps that are open now."""
        self._told: defaultdict[str, int] = defaultdict(int)

    @property
    def now(self) -> Second:
        """The second that is running."""
        number = max(int(self._elapsed()), 0)
        if number not in self._open:
            self._open[number] = Second(second=number, sessions=self.sessions)
        return self._open[number]

    def box(self, path: str) -> None:
        """Count a box that is asked for."""
        self._asked += 1
        self._boxes.add(path)

    def fault(self, kind: str, what: str) -> None:
        """Count an error or a wrong answer, and tell the first of them."""
        now = self.now
        if kind == "wrong":
            now.wrong += 1
        else:
            now.errors += 1
        self._told[kind] += 1
        if self._told[kind] <= MOST_FAULTS:
            self._write("fault", asdict(Fault(second=now.second, kind=kind, what=what)))

    def flush(self) -> None:
        """Write the seconds that are over."""
        current = int(self._elapsed())
        for number in sorted(number for number in self._open if number < current):
            self._write("second", asdict(self._open.pop(number)))

    def end(self, *, cpu_warning: bool) -> None:
        """Write the rest."""
        for number in sorted(self._open):
            self._write("second", asdict(self._open.pop(number)))
        self._write("ending", asdict(Ending(boxes=self._asked, different=len(self._boxes), cpu_warning=cpu_warning)))
        self._file.flush()

    def _write(self, kind: str, record: dict[str, object]) -> None:
        self._file.write(json.dumps({kind: record}) + "\n")


def read_records(path: Path) -> Records:
    """What a `Recorder` wrote."""
    by_kind: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in path.read_text().splitlines():
        for kind, record in json.loads(line).items():
            by_kind[kind].append(record)
    return Records(
        seconds=tuple(Second(**record) for record in by_kind["second"]),
        faults=tuple(Fault(**record) for record in by_kind["fault"]),
        ending=Ending(**by_kind["ending"][0]),
    )
