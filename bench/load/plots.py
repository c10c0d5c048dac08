"""The run over time, as one SVG for the report."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bench.load.analysis import Run, increases
from bench.load.records import Second
from bench.load.sampling import Sample

__all__ = ["svg"]

Floats = NDArray[np.float64]

_SHADES = ("#ffffff", "#eef2f7")
_BLUE, _ORANGE, _RED, _GREEN, _GREY = "#1f5fa8", "#d98212", "#b3202a", "#3b8a4e", "#5b6573"
_WINDOW = 10
"""Seconds over which requests to vendors are averaged, because a fetch is several requests at once."""


def svg(run: Run) -> str:
    """Return the plots, one below the other with a common time axis."""
    # text as text, not as paths: it is smaller and can be searched
    with mpl.rc_context({"svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9, "svg.hashsalt": "load"}):
        figure = Figure(figsize=(11, 2.0 * len(_PLOTS)), layout="constrained")
        grid: Sequence[Axes] = figure.subplots(len(_PLOTS), 1, sharex=True)
        for axes, (title, unit, plot) in zip(grid, _PLOTS, strict=True):
            axes.set_title(title, loc="left", fontweight="bold", fontsize=9)
            axes.set_ylabel(unit)
            _shade(axes, run)
            plot(axes, run)
            _frame(axes)
        _name_phases(grid[0], run)
        grid[-1].set_xlabel("seconds since the start; dashed: an event")
        grid[-1].set_xlim(0, run.schedule.seconds)
        page = io.StringIO()
        figure.savefig(page, format="svg", metadata={"Date": None})
    return page.getvalue()[page.getvalue().index("<svg") :]


def _sessions(axes: Axes, run: Run) -> None:
    times, sessions = _over_time(run, lambda second: second.sessions)
    axes.fill_between(times, sessions, color=_GREY, alpha=0.5, step="post", linewidth=0)
    # space for the names of the phases
    axes.set_ylim(0, 1.4 * max(phase.sessions for phase in run.schedule.phases))


def _throughput(axes: Axes, run: Run) -> None:
    times, answers = _over_time(run, lambda second: second.moves + second.selects)
    axes.plot(times, answers, color=_BLUE)
    axes.set_ylim(bottom=0)


def _latency(axes: Axes, run: Run) -> None:
    for percent, colour in ((50, _GREEN), (95, _ORANGE), (99, _RED)):
        axes.plot(*_over_time(run, _percentile(percent)), color=colour, label=f"p{percent}")
    axes.plot(
        *_over_time(run, lambda second: 1000 * second.lag),
        color=_GREY,
        linewidth=1.0,
        linestyle=":",
        label="lateness of the generator, maximum",
    )
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")


def _trouble(axes: Axes, run: Run) -> None:
    for name, colour, label in (
        ("refused", _GREY, "refused while a process was deliberately ended, then retried"),
        ("errors", _ORANGE, "errors"),
        ("wrong", _RED, "wrong objects"),
    ):
        times, counts = _over_time(run, attrgetter(name))
        axes.bar(times + 0.5, counts, width=1.0, color=colour, label=f"{label} ({int(np.nansum(counts))})")
    axes.set_ylim(bottom=0, top=max(axes.get_ylim()[1], 1.0))


def _upstream(axes: Axes, run: Run) -> None:
    asked = _dense(increases(run.samples, lambda sample: sample.vendors), run)
    _, moves = _over_time(run, lambda second: second.moves)
    window = np.ones(_WINDOW)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = 1000 * np.convolve(asked, window)[: len(asked)] / np.convolve(np.nan_to_num(moves), window)[: len(moves)]
    axes.plot(np.arange(len(rate)), rate, color=_BLUE)
    axes.set_ylim(bottom=0)


def _hits(axes: Axes, run: Run) -> None:
    times, fresh = _over_time(run, lambda second: second.fresh)
    _, stale = _over_time(run, lambda second: second.stale)
    _, misses = _over_time(run, lambda second: second.misses)
    total = fresh + stale + misses
    with np.errstate(invalid="ignore"):
        parts = [np.nan_to_num(100 * part / total) for part in (fresh, stale, misses)]
    labels = ("fresh", "stale", "waited for the vendor")
    axes.stackplot(times, parts, colors=(_GREEN, _ORANGE, _RED), alpha=0.75, labels=labels, step="post")
    axes.set_ylim(0, 100)


def _memory(axes: Axes, run: Run) -> None:
    axes.plot(*_sampled(run, lambda sample: sample.memory), color=_BLUE)
    axes.set_ylim(bottom=0)


def _processors(axes: Axes, run: Run) -> None:
    for name, colour in (("proxy", _BLUE), ("generator", _ORANGE), ("vendors", _GREEN)):
        axes.plot(*_sampled(run, _percent_of(name)), color=colour, label=name)
    axes.plot(
        *_sampled(run, _percent_of("machine")),
        color=_GREY,
        linewidth=1.0,
        linestyle=":",
        label="whole machine, percent of all processors",
    )
    axes.set_ylim(bottom=0)


_PLOTS: Sequence[tuple[str, str, Callable[[Axes, Run], None]]] = (
    ("Open maps", "sessions", _sessions),
    ("Throughput", "answers per second", _throughput),
    ("Time from request to end of answer", "ms", _latency),
    ("Errors", "per second", _trouble),
    (f"Requests to vendors per 1,000 moves of a map, over {_WINDOW} s", "requests", _upstream),
    ("State of the data", "% of answers", _hits),
    ("Memory of the proxy: PSS of all its processes", "MB", _memory),
    ("Processor time", "% of one processor", _processors),
)


def _shade(axes: Axes, run: Run) -> None:
    for index, (_, begin, end) in enumerate(run.schedule.spans()):
        axes.axvspan(begin, end, color=_SHADES[index % 2], zorder=0, linewidth=0)
    for event in run.events:
        axes.axvline(event.second, color=_GREY, linewidth=0.7, linestyle="--", zorder=1)


def _name_phases(axes: Axes, run: Run) -> None:
    for phase, begin, end in run.schedule.spans():
        axes.text(
            (begin + end) / 2,
            0.97,
            phase.name,
            transform=axes.get_xaxis_transform(),
            horizontalalignment="center",
            verticalalignment="top",
            fontweight="bold",
        )


def _frame(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#d5dae1", linewidth=0.5)
    if axes.get_legend_handles_labels()[1]:
        # next to the title
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 0.98), ncols=4, frameon=False, fontsize=8, borderpad=0)


def _over_time(run: Run, value: Callable[[Second], float]) -> tuple[Floats, Floats]:
    """Return seconds and values up to the end of the run; nan where nothing was recorded."""
    values = np.full(run.schedule.seconds, np.nan)
    for second in run.records.seconds:
        if second.second < len(values):
            values[second.second] = value(second)
    return np.arange(len(values), dtype=np.float64), values


def _sampled(run: Run, value: Callable[[Sample], float | None]) -> tuple[Floats, Floats]:
    known = {sample.second: value(sample) for sample in run.samples if sample.second >= 0}
    values = [np.nan if found is None else found for found in known.values()]
    return np.array(list(known), dtype=np.float64), np.array(values, dtype=np.float64)


def _dense(by_second: Mapping[int, float], run: Run) -> Floats:
    return np.array([by_second.get(second, 0.0) for second in range(run.schedule.seconds)], dtype=np.float64)


def _percentile(percent: int) -> Callable[[Second], float]:
    """Return a percentile in milliseconds."""
    return lambda second: float(np.percentile(second.latencies, percent)) / 1000 if second.latencies else np.nan


def _percent_of(name: str) -> Callable[[Sample], float]:
    return lambda sample: sample.cpu[name]
