"""Records and samples to the figures of each phase, and the verdict on the run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median

import numpy as np

from bench.load.incidents import Event
from bench.load.peak import Peak
from bench.load.records import Records, Second
from bench.load.sampling import Sample
from bench.load.schedule import KILL, OUTAGE, Phase, Schedule
from bench.report import Row

__all__ = ["Figures", "Run", "doubts", "figures", "increases", "problems", "rows", "verdict"]

SETTLING = 0.2
"""The part at the start of each phase that rate and times leave out: sessions start or end, and the phase before still
has effects."""

MAX_EQUAL = 0.05
"""The part of the boxes that may be equal to another; with more, a cache of answers would help unrealistically."""

_ENOUGH_BOXES = 1000
"""With fewer boxes the number of equal ones is left to chance."""

_BUSY = 90.0
"""Percent of a processor; locust warns at the same value."""

_LATE = 0.05
"""Seconds; a generator whose event loop is later than this measures itself."""

_STATES = ("fresh", "stale")
"""States of data that are served without waiting for a vendor."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """Everything that was recorded in a run."""

    schedule: Schedule
    records: Records
    samples: Sequence[Sample]
    events: Sequence[Event]
    workers: int
    peak: Peak | None
    """None if it was not measured."""

    peak_missing: str = ""
    """The reason."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The results of one phase."""

    phase: Phase
    answers: int
    moves: int
    per_second: float
    """Answers per second, once the phase has settled."""

    p50: float
    """Milliseconds, like the next three, once the phase has settled; nan without answers."""

    p95: float
    p99: float
    slowest: float
    errors: int
    wrong: int
    refused: int
    """Connections refused or lost while a process was deliberately ended."""

    longest_wait: float
    """The longest time in seconds until such a client got its answer."""

    not_modified: int
    upstream: int
    """Requests to vendors."""

    rejected: int
    """Of these, refused or not answered."""

    hits: float
    """Part of the answers that did not wait for a vendor, by Cache-Status."""

    stale: float
    """Part of the answers from stale data."""

    metric_hits: float
    """As `hits`, by the proxy's own metric; nan without a value."""

    memory: float
    """Peak in megabytes."""

    cpu: Mapping[str, float]
    """Mean use per program, in percent of one processor."""

    lag: float
    """Median lateness of the generator's event loop, in seconds."""

    @property
    def upstream_per_1000(self) -> float:
        """Requests to vendors per 1,000 moves of a map."""
        return 1000 * self.upstream / self.moves if self.moves else float("nan")

    @property
    def strained(self) -> bool:
        """Whether the generator or the machine was overloaded, so that times are not only the proxy's."""
        return max(self.cpu["generator"], self.cpu["machine"]) > _BUSY or self.lag > _LATE

    @property
    def others(self) -> float:
        """Percent of one processor used by programs that are not part of the test."""
        ours = self.cpu["proxy"] + self.cpu["generator"] + self.cpu["vendors"]
        return max(self.cpu["machine"] * (os.cpu_count() or 1) - ours, 0.0)


def figures(run: Run) -> list[Figures]:
    """Return the figures of each phase."""
    return [_figures(run, phase, begin, end) for phase, begin, end in run.schedule.spans()]


def _figures(run: Run, phase: Phase, begin: int, end: int) -> Figures:
    # the last requests are answered after the end
    last = end if end < run.schedule.seconds else float("inf")
    seconds = [second for second in run.records.seconds if begin <= second.second < last]
    samples = [sample for sample in run.samples if begin <= sample.second < end]
    settles_at = begin + int(SETTLING * phase.seconds)
    settled = [second for second in seconds if second.second >= settles_at]
    latencies = np.array([latency for second in settled for latency in second.latencies]) / 1000
    p50, p95, p99, slowest = np.percentile(latencies, [50, 95, 99, 100]).tolist() if len(latencies) else [np.nan] * 4
    looked_up = {state: _sum(increases(run.samples, _lookups(state)), begin, end) for state in _ALL_STATES}
    answers = _answers(seconds)
    return Figures(
        phase=phase,
        answers=answers,
        moves=_total(seconds, "moves"),
        per_second=_answers([second for second in settled if second.second < end]) / (end - settles_at),
        p50=p50,
        p95=p95,
        p99=p99,
        slowest=slowest,
        errors=_total(seconds, "errors"),
        wrong=_total(seconds, "wrong"),
        refused=_total(seconds, "refused"),
        longest_wait=max((wait for second in seconds for wait in second.waits), default=0.0),
        not_modified=_total(seconds, "not_modified"),
        upstream=round(_sum(increases(run.samples, lambda sample: sample.vendors), begin, end)),
        rejected=round(_sum(increases(run.samples, lambda sample: sample.rejected), begin, end)),
        hits=_part(_total(seconds, "fresh") + _total(seconds, "stale"), answers),
        stale=_part(_total(seconds, "stale"), answers),
        metric_hits=_part(sum(looked_up[state] for state in _STATES), sum(looked_up.values())),
        memory=max((sample.memory for sample in samples if sample.memory is not None), default=float("nan")),
        cpu={name: fmean(sample.cpu[name] for sample in samples) if samples else 0.0 for name in _PROGRAMS},
        lag=median([second.lag for second in seconds] or [0.0]),
    )


_ALL_STATES = (*_STATES, "expired", "absent")
_PROGRAMS = ("proxy", "generator", "vendors", "machine")


def increases(samples: Sequence[Sample], counter: Callable[[Sample], float | None]) -> dict[int, float]:
    """Return the increase of a counter per second.

    A counter that decreases belongs to a new process and started from 0. Increases while the counter could not be read
    count in the second in which it is read again.
    """
    known = [(sample.second, value) for sample in samples if (value := counter(sample)) is not None]
    return {second: value - before if value >= before else value for (_, before), (second, value) in pairwise(known)}


def _lookups(state: str) -> Callable[[Sample], float | None]:
    return lambda sample: None if sample.lookups is None else sample.lookups.get(state, 0.0)


def _sum(by_second: Mapping[int, float], begin: int, end: int) -> float:
    return sum(value for second, value in by_second.items() if begin <= second < end)


def _answers(seconds: Sequence[Second]) -> int:
    return _total(seconds, "moves") + _total(seconds, "selects")


def _total(seconds: Sequence[Second], name: str) -> int:
    return sum(getattr(second, name) for second in seconds)


def _part(count: float, of: float) -> float:
    return count / of if of else float("nan")


def problems(run: Run, measured: Sequence[Figures]) -> Iterator[str]:
    """Yield what the proxy did wrong."""
    wrong, errors = sum(one.wrong for one in measured), sum(one.errors for one in measured)
    if wrong:
        yield f"{wrong} answers differed from what the layer holds"
    if errors:
        yield f"{errors} requests had no answer, or an error as answer"
    if any(phase.name == KILL and _fewer(run.samples, begin) for phase, begin, _ in run.schedule.spans()):
        yield "the process that was killed was not replaced"
    if run.peak is not None and run.peak.bad:
        yield f"{run.peak.bad:,} of {run.peak.answers:,} answers to wrk were errors"


def doubts(run: Run, measured: Sequence[Figures]) -> Iterator[str]:
    """Yield why the run proves nothing, as when it was too short for the machine."""
    for one in measured:
        # after a late restart the answers come later too, or count as errors
        if one.answers == 0 and not one.phase.ends_processes:
            yield f"no answer came in the phase {one.phase.name}"
        if one.phase.name == OUTAGE and one.rejected == 0:
            yield "no request reached the vendors during their outage"
    equal = 1 - different(run)
    if equal >= MAX_EQUAL and run.records.ending.boxes >= _ENOUGH_BOXES:
        yield f"{equal:.1%} of the boxes were equal to another, unlike those of real users"


def _fewer(samples: Sequence[Sample], begin: int) -> bool:
    """Whether the proxy has fewer processes at the end than at the start of a phase."""
    counts = [sample.processes for sample in samples if begin <= sample.second]
    return bool(counts) and counts[-1] < counts[0]


def different(run: Run) -> float:
    """Return the part of the boxes that differ from all others."""
    return _part(run.records.ending.different, run.records.ending.boxes)


def verdict(run: Run, measured: Sequence[Figures]) -> str:
    """Summarise the run in one sentence."""
    if wrong := list(problems(run, measured)):
        return f"FAILED: {'; '.join(wrong)}."
    if unproven := list(doubts(run, measured)):
        return f"INCONCLUSIVE: {'; '.join(unproven)}. Use longer phases (--seconds)."
    answers, phases = sum(one.answers for one in measured), ", ".join(one.phase.name for one in measured)
    most = max(one.phase.sessions for one in measured)
    return (
        f"No client saw an error or a wrong object: {answers:,} answers to up to {most:,} open maps, each compared with"
        f" the contents of the layer, in the phases {phases}."
    )


def rows(run: Run, measured: Sequence[Figures]) -> Iterator[Row]:
    """Yield the same figures as rows, to compare with other runs."""
    for one in measured:
        name = one.phase.name
        yield Row(id=f"load-{name}-p99", what=f"{name}: 99th percentile of an answer", value=one.p99, unit="ms")
        yield Row(id=f"load-{name}-rate", what=f"{name}: answers", value=one.per_second, unit="/s")
        upstream = one.upstream_per_1000
        what = f"{name}: requests to vendors per 1,000 moves"
        yield Row(id=f"load-{name}-upstream", what=what, value=upstream, unit="")
    for kind in ("errors", "wrong"):
        count = sum(getattr(one, kind) for one in measured)
        yield Row(id=f"load-{kind}", what=f"answers: {kind}", value=count, unit="", ratio=count, goal="<= 0")
    part = different(run)
    what = "part of the boxes that differ from all others"
    yield Row(id="load-boxes", what=what, value=part, unit="", ratio=part, goal=">= 0.95")
    if run.peak is not None:
        yield Row(id="load-peak", what="peak rate, by wrk", value=run.peak.per_second, unit="/s")
