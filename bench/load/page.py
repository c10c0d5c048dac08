"""The report: one HTML file that needs nothing else."""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path

import psutil

from bench.load import sessions
from bench.load.analysis import Figures, Run, different, shortcomings, verdict
from bench.load.plots import drawn
from bench.load.records import MOST_FAULTS
from wfs_proxy import __version__

__all__ = ["COLUMNS", "page"]

COLUMNS: Sequence[tuple[str, Callable[[Figures], str]]] = (
    ("phase", lambda one: one.phase.name),
    ("maps", lambda one: f"{one.phase.sessions:,}"),
    ("answers", lambda one: f"{one.answers:,}"),
    ("a second", lambda one: f"{one.per_second:,.0f}"),
    ("p50 ms", lambda one: _number(one.p50)),
    ("p95 ms", lambda one: _number(one.p95)),
    ("p99 ms", lambda one: _number(one.p99)),
    ("errors", lambda one: f"{one.errors}"),
    ("wrong", lambda one: f"{one.wrong}"),
    ("refused", lambda one: f"{one.refused}"),
    ("to vendors for 1,000 moves", lambda one: _number(one.upstream_per_1000)),
    ("hits", lambda one: _share(one.hits)),
    ("stale", lambda one: _share(one.stale)),
    ("memory MB", lambda one: _number(one.memory)),
)
"""Head and text of each column of the table of phases."""

_MORE: Sequence[tuple[str, Callable[[Figures], str]]] = (
    ("phase", lambda one: one.phase.name),
    ("slowest ms", lambda one: _number(one.slowest)),
    ("refused ones waited at most", lambda one: f"{one.longest_wait:.1f} s"),
    ("304", lambda one: f"{one.not_modified:,}"),
    ("hits by the proxy's metric", lambda one: _share(one.metric_hits)),
    ("requests to vendors", lambda one: f"{one.upstream:,}"),
    ("turned away there", lambda one: f"{one.turned_away:,}"),
    ("CPU of the proxy", lambda one: f"{one.cpu['proxy']:.0f} %"),
    ("CPU of the generator", lambda one: f"{one.cpu['generator']:.0f} %"),
    ("CPU of the machine", lambda one: f"{one.cpu['machine']:.0f} %"),
    ("CPU of other programs", lambda one: f"{one.others:.0f} %"),
    ("the generator was late by", lambda one: f"{1000 * one.lag:.0f} ms"),
    ("at the limit", lambda one: "yes" if one.strained else "no"),
)

_QUIET = 20.0
"""Percent of a processor that an idle system may take."""

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1c2430; max-width: 1180px; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem }
.verdict { padding: .8rem 1rem; border-left: 6px solid; font-size: 1.05rem }
.good { background: #e9f5ec; border-color: #3b8a4e } .bad { background: #fbeaeb; border-color: #b3202a }
.table { overflow-x: auto } table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .6rem; border-bottom: 1px solid #d5dae1; text-align: right; vertical-align: bottom }
th:first-child, td:first-child { text-align: left; font-weight: 600; white-space: nowrap }
.prose th, .prose td { text-align: left } svg { width: 100%; height: auto }
"""


def page(run: Run, measured: Sequence[Figures]) -> str:
    """The whole document."""
    failed = any(True for _ in shortcomings(run, measured))
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8"><title>wfs_proxy under load</title>',
            f"<style>{_STYLE}</style></head><body>",
            "<h1>wfs_proxy under load</h1>",
            f'<p class="verdict {"bad" if failed else "good"}">{escape(verdict(run, measured))}</p>',
            *(f"<p>{escape(sentence)}</p>" for sentence in _sentences(run, measured)),
            "<h2>By phase</h2>",
            _table(COLUMNS, measured),
            "<h2>Over time</h2>",
            drawn(run),
            *_faults(run),
            "<h2>What happened when</h2>",
            _list(f"{event.second:.1f} s: {event.what}" for event in run.events),
            "<h2>Proxy, generator and machine</h2>",
            _table(_MORE, measured),
            _list(_machine(run)),
            "<h2>How it was measured</h2>",
            *(f"<p>{escape(paragraph)}</p>" for paragraph in _METHOD.split("\n\n")),
            "<h2>What the people do</h2>",
            *_prose_and_table(sessions.__doc__ or ""),
            "</body></html>",
            "",
        )
    )


_METHOD = """\
Everything is on one machine and on loopback. The vendors are recordings that a process serves, the Signalen is the
demonstration's, the proxy is `wfs-proxy serve` with the shipped layers and a cache folder, their data being fresh for
seconds only, so that they turn stale during the outage. The shipped layers are fresh for hours, which costs vendors
hundreds of times fewer requests than here.

locust plays the people, on one processor. Each answer is compared with the goldens of the recordings: exactly the ids
in the box with its edges, each once, at their places, the counts right, the marks in the form that the report form
reads. A 304 must be about what the browser has.

During the outage the vendors answer 503 in the first half and nothing in the second. In "restart" the proxy gets
SIGTERM and is started anew at once; in "restart-in-outage" too, while the vendors refuse, so that it must do with what
it kept on the disk; in "kill" one of its processes gets SIGKILL. In these phases a client whose connection is refused
or lost tries again every quarter of a second for fifteen seconds, as a browser behind a load balancer would; that is
counted as refused, and the time until then is not in the percentiles. Anywhere else it is an error. A 5xx is always an
error.

Hits are answers that waited for no vendor (Cache-Status, RFC 9211). Memory is the proportional set size of all the
proxy's processes. Rate and times leave out the first fifth of a phase, in which sessions begin or end. A generator or
a machine over 90 % of its processors, and a generator whose loop is over 50 ms late in most seconds, are at their
limit: times are then partly their own, and the rate is what could be asked for."""


def _sentences(run: Run, measured: Sequence[Figures]) -> Iterator[str]:
    boxes = run.records.ending.boxes
    yield f"{boxes:,} boxes were asked for, of which {different(run):.1%} differ from all others."
    strained = [one.phase.name for one in measured if one.strained]
    yield (
        f"Generator or machine were at their limit in: {', '.join(strained)}. Times there are not only the proxy's."
        if strained
        else "Neither generator nor machine were ever at their limit."
    )
    if run.records.ending.cpu_warning:
        yield "locust warned that its process took over 90 % of a processor."
    others = max(one.others for one in measured)
    if others > _QUIET:
        yield f"Other programs took up to {others:.0f} % of a processor meanwhile: this was no quiet machine."
    at_most = "The most that the proxy can do, by wrk, which compares nothing"
    yield f"{at_most}: {run.peak.sentence}." if run.peak else f"{at_most}: {run.peak_missing}."


def _machine(run: Run) -> Iterator[str]:
    memory = psutil.virtual_memory().total / 1e9
    yield f"{time.strftime('%Y-%m-%d %H:%M', time.localtime(run.timetable.start))}, wfs_proxy {__version__}"
    yield f"{os.cpu_count()} processors ({_processor()}), {memory:.0f} GB of memory, {platform.system()}"
    yield f"CPython {platform.python_version()}"
    yield f"workers of the proxy: {run.workers}"


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _faults(run: Run) -> Iterator[str]:
    if run.records.faults:
        yield f"<h2>What went wrong (the first {MOST_FAULTS} of each kind)</h2>"
        yield _list(f"{fault.second} s: {fault.kind}: {fault.what}" for fault in run.records.faults)


def _table(columns: Sequence[tuple[str, Callable[[Figures], str]]], measured: Sequence[Figures]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name, _ in columns)
    lines = ("".join(f"<td>{escape(text(one))}</td>" for _, text in columns) for one in measured)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _prose_and_table(text: str) -> Iterator[str]:
    """Paragraphs, and a table in Markdown with its head and a line of dashes."""
    for part in text.strip().split("\n\n"):
        if not part.startswith("|"):
            yield f"<p>{escape(part)}</p>"
            continue
        head, _, *lines = ([cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines())
        cells = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in line)}</tr>" for line in lines)
        yield f'<table class="prose"><tr>{"".join(f"<th>{escape(name)}</th>" for name in head)}</tr>{cells}</table>'


def _list(lines: Iterator[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _number(value: float) -> str:
    """Three figures that mean something; a dash for nothing."""
    if math.isnan(value):
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three figures


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.1%}"
