"""What the generator recorded per second: lines of JSON that its process writes and the reporting process reads."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

__all__ = ["MAX_FAILURES", "Ending", "Failure", "Recorder", "Records", "Second", "read_records"]

MAX_FAILURES = 20
"""The number of failures per kind that are recorded in full; all are counted."""


@dataclass(kw_only=True)
class Second:
    """The answers received in one second."""

    second: int
    """After the start of the run."""

    sessions: int = 0
    """Maps that were open at its start."""

    moves: int = 0
    """Answers to boxes."""

    selects: int = 0
    """Answers about single objects."""

    not_modified: int = 0
    """Answers with status 304."""

    fresh: int = 0
    """Answers from fresh data: Cache-Status "hit" with a ttl that is not negative (RFC 9211)."""

    stale: int = 0
    """Answers from stale data."""

    misses: int = 0
    """Answers that waited for a vendor."""

    errors: int = 0
    """Requests without an answer, or with a status other than 200 and 304."""

    wrong: int = 0
    """Answers that differ from the contents of the layer."""

    refused: int = 0
    """Connections refused or lost while a process was deliberately ended; the client retried."""

    received: int = 0
    """Bytes of bodies, decompressed."""

    lag: float = 0.0
    """Maximum lateness of the generator's event loop in seconds; shorter latencies are its own."""

    latencies: list[int] = field(default_factory=list)
    """Microseconds from request to the end of the body, without refused attempts."""

    waits: list[float] = field(default_factory=list)
    """Seconds until clients whose connection was refused got their answer."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An error or a wrong answer."""

    second: int
    kind: str
    """ "error" or "wrong"."""

    what: str
    """A description with the path of the request."""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What the generator records at its end."""

    boxes: int
    """Number of boxes requested."""

    different: int
    """Number of different boxes."""

    cpu_warning: bool
    """Locust warned that its process used over 90 % of a processor."""


@dataclass(frozen=True, kw_only=True)
class Records:
    """The records of a run."""

    seconds: tuple[Second, ...]
    failures: tuple[Failure, ...]
    ending: Ending


class Recorder:
    """Collects records and writes those of each second when it is over.

    Args:
        file: for the lines.
        elapsed: returns the seconds since the start of the run.
    """

    def __init__(self, file: TextIO, elapsed: Callable[[], float]) -> None:
        self._file = file
        self._elapsed = elapsed
        self._open: dict[int, Second] = {}
        self._boxes: set[str] = set()
        self._asked = 0
        self.sessions = 0
        """Number of open maps."""
        self._counts: defaultdict[str, int] = defaultdict(int)

    @property
    def now(self) -> Second:
        """The records of the current second."""
        number = max(int(self._elapsed()), 0)
        if number not in self._open:
            self._open[number] = Second(second=number, sessions=self.sessions)
        return self._open[number]

    def box(self, path: str) -> None:
        """Count a requested box."""
        self._asked += 1
        self._boxes.add(path)

    def failure(self, kind: str, what: str) -> None:
        """Count an error or a wrong answer, and write the first ones in full."""
        now = self.now
        if kind == "wrong":
            now.wrong += 1
        else:
            now.errors += 1
        self._counts[kind] += 1
        if self._counts[kind] <= MAX_FAILURES:
            self._write("failure", asdict(Failure(second=now.second, kind=kind, what=what)))

    def flush(self) -> None:
        """Write the records of past seconds."""
        current = int(self._elapsed())
        for number in sorted(number for number in self._open if number < current):
            self._write("second", asdict(self._open.pop(number)))

    def end(self, *, cpu_warning: bool) -> None:
        """Write everything that is left."""
        for number in sorted(self._open):
            self._write("second", asdict(self._open.pop(number)))
        self._write("ending", asdict(Ending(boxes=self._asked, different=len(self._boxes), cpu_warning=cpu_warning)))
        self._file.flush()

    def _write(self, kind: str, record: dict[str, object]) -> None:
        self._file.write(json.dumps({kind: record}) + "\n")


def read_records(path: Path) -> Records:
    """Read the file of a `Recorder`."""
    by_kind: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in path.read_text().splitlines():
        for kind, record in json.loads(line).items():
            by_kind[kind].append(record)
    return Records(
        seconds=tuple(Second(**record) for record in by_kind["second"]),
        failures=tuple(Failure(**record) for record in by_kind["failure"]),
        ending=Ending(**by_kind["ending"][0]),
    )
