"""From records and samples to the figures of each phase, and whether all went well."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median

import numpy as np

from bench.load.conductor import Event
from bench.load.peak import Peak
from bench.load.records import Records, Second
from bench.load.sampling import Sample
from bench.load.timetable import KILL, OUTAGE, Phase, Timetable
from bench.report import Row

__all__ = ["Figures", "Run", "figures", "increases", "rows", "shortcomings", "verdict"]

SETTLING = 0.2
"""Part of a phase, at its begin, that rate and times leave out: sessions begin or end, and the phase before lingers."""

MOST_EQUAL = 0.05
"""Boxes that may equal another one; a cache of answers would help with no more."""

_ENOUGH_BOXES = 1000
"""With fewer it is chance how many are equal."""

_BUSY = 90.0
"""Percent of a processor: locust's own bound."""

_LATE = 0.05
"""Seconds: a generator whose loop is later than that measures itself."""

_STATES = ("fresh", "stale")
"""Of data that are served at once."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """All that is known about a run."""

    timetable: Timetable
    records: Records
    samples: Sequence[Sample]
    events: Sequence[Event]
    workers: int
    peak: Peak | None
    """None: not measured."""

    peak_missing: str = ""
    """Why it was not."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What one phase measured."""

    phase: Phase
    answers: int
    moves: int
    per_second: float
    """Answers, once the phase has settled."""

    p50: float
    """Milliseconds, like the next ones, once the phase has settled; nan without answers."""

    p95: float
    p99: float
    slowest: float
    errors: int
    wrong: int
    refused: int
    """Connections refused or lost while a process was ended on purpose."""

    longest_wait: float
    """Seconds until such a client had its answer."""

    not_modified: int
    upstream: int
    """Requests to vendors."""

    turned_away: int
    """Of these, refused or left hanging."""

    hits: float
    """Part of the answers that waited for no vendor, by Cache-Status."""

    stale: float
    """Part of the answers that came out of stale data."""

    metric_hits: float
    """As `hits`, by the proxy's own metric; nan when it told nothing."""

    memory: float
    """Megabytes, at most."""

    cpu: Mapping[str, float]
    """Mean percent of one processor, by program."""

    lag: float
    """Seconds that the generator's loop was late, in the median second."""

    @property
    def upstream_per_1000(self) -> float:
        """Requests to vendors for 1,000 moves of a map."""
        return 1000 * self.upstream / self.moves if self.moves else float("nan")

    @property
    def strained(self) -> bool:
        """Whether generator or machine were at their limit, so that times are not only the proxy's."""
        return max(self.cpu["generator"], self.cpu["machine"]) > _BUSY or self.lag > _LATE

    @property
    def others(self) -> float:
        """Percent of one processor that was taken by programs which are none of ours."""
        ours = self.cpu["proxy"] + self.cpu["generator"] + self.cpu["vendors"]
        return max(self.cpu["machine"] * (os.cpu_count() or 1) - ours, 0.0)


def figures(run: Run) -> list[Figures]:
    """Of each phase."""
    return [_figures(run, phase, begin, end) for phase, begin, end in run.timetable.spans()]


def _figures(run: Run, phase: Phase, begin: int, end: int) -> Figures:
    # what was asked for at the very end is answered after it
    last = end if end < run.timetable.seconds else float("inf")
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
        turned_away=round(_sum(increases(run.samples, lambda sample: sample.turned_away), begin, end)),
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
    """Second -> by how much a counter grew in it.

    A counter that falls was that of a process which ended: the new one started from nothing. What was not told counts
    in the second in which it is told again.
    """
    told = [(sample.second, value) for sample in samples if (value := counter(sample)) is not None]
    return {second: value - before if value >= before else value for (_, before), (second, value) in pairwise(told)}


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


def shortcomings(run: Run, measured: Sequence[Figures]) -> Iterator[str]:
    """Why the run is no success; nothing when it is one."""
    wrong, errors = sum(one.wrong for one in measured), sum(one.errors for one in measured)
    if wrong:
        yield f"{wrong} answers differed from what the layer holds"
    if errors:
        yield f"{errors} requests had no answer, or one that was an error"
    for one in measured:
        # where the proxy comes back late the answers come later too, or count as errors
        if one.answers == 0 and not one.phase.ends_processes:
            yield f"there was no answer at all in the phase {one.phase.name}"
        if one.phase.name == OUTAGE and one.turned_away == 0:
            yield "no request reached the vendors during their outage, so it proves nothing"
    if any(phase.name == KILL and _fewer(run.samples, begin) for phase, begin, _ in run.timetable.spans()):
        yield "the process that was killed was not replaced"
    if run.peak is not None and run.peak.bad:
        yield f"{run.peak.bad:,} of {run.peak.answers:,} answers to wrk were errors"
    equal = 1 - different(run)
    if equal >= MOST_EQUAL and run.records.ending.boxes >= _ENOUGH_BOXES:
        yield f"{equal:.1%} of the boxes equalled another one, so the load was not like that of people"


def _fewer(samples: Sequence[Sample], begin: int) -> bool:
    """Whether the proxy ends with fewer processes than it began a phase with."""
    counts = [sample.processes for sample in samples if begin <= sample.second]
    return bool(counts) and counts[-1] < counts[0]


def different(run: Run) -> float:
    """Part of the boxes that differ from all others."""
    return _part(run.records.ending.different, run.records.ending.boxes)


def verdict(run: Run, measured: Sequence[Figures]) -> str:
    """One sentence."""
    found = list(shortcomings(run, measured))
    if found:
        return f"FAILED: {'; '.join(found)}."
    answers, phases = sum(one.answers for one in measured), ", ".join(one.phase.name for one in measured)
    most = max(one.phase.sessions for one in measured)
    return (
        f"No client saw an error or a wrong object: {answers:,} answers to up to {most:,} open maps, each compared with"
        f" what the layer holds, through {phases}."
    )


def rows(run: Run, measured: Sequence[Figures]) -> Iterator[Row]:
    """The same figures, for comparison with other runs."""
    for one in measured:
        name = one.phase.name
        yield Row(id=f"load-{name}-p99", what=f"{name}: p99 of an answer", value=one.p99, unit="ms")
        yield Row(id=f"load-{name}-rate", what=f"{name}: answers", value=one.per_second, unit="/s")
        upstream = one.upstream_per_1000
        yield Row(id=f"load-{name}-upstream", what=f"{name}: to vendors, for 1,000 moves", value=upstream, unit="")
    for kind in ("errors", "wrong"):
        count = sum(getattr(one, kind) for one in measured)
        yield Row(id=f"load-{kind}", what=f"answers: {kind}", value=count, unit="", ratio=count, goal="<= 0")
    part = different(run)
    yield Row(id="load-boxes", what="boxes that differ", value=part, unit="", ratio=part, goal=">= 0.95")
    if run.peak is not None:
        yield Row(id="load-peak", what="answers at most, by wrk", value=run.peak.per_second, unit="/s")
