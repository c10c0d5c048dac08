"""The report: one self-contained HTML file."""

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
from bench.load.analysis import Figures, Run, different, doubts, problems, verdict
from bench.load.plots import svg
from bench.load.records import MAX_FAILURES
from wfs_proxy import __version__

__all__ = ["COLUMNS", "html_report"]

COLUMNS: Sequence[tuple[str, Callable[[Figures], str]]] = (
    ("phase", lambda one: one.phase.name),
    ("maps", lambda one: f"{one.phase.sessions:,}"),
    ("answers", lambda one: f"{one.answers:,}"),
    ("per second", lambda one: f"{one.per_second:,.0f}"),
    ("p50 ms", lambda one: _number(one.p50)),
    ("p95 ms", lambda one: _number(one.p95)),
    ("p99 ms", lambda one: _number(one.p99)),
    ("errors", lambda one: f"{one.errors}"),
    ("wrong", lambda one: f"{one.wrong}"),
    ("refused", lambda one: f"{one.refused}"),
    ("requests to vendors per 1,000 moves", lambda one: _number(one.upstream_per_1000)),
    ("hits", lambda one: _share(one.hits)),
    ("stale", lambda one: _share(one.stale)),
    ("memory MB", lambda one: _number(one.memory)),
)
"""Heading and text of each column in the table of phases."""

_MORE: Sequence[tuple[str, Callable[[Figures], str]]] = (
    ("phase", lambda one: one.phase.name),
    ("slowest ms", lambda one: _number(one.slowest)),
    ("longest wait after refusal", lambda one: f"{one.longest_wait:.1f} s"),
    ("304", lambda one: f"{one.not_modified:,}"),
    ("hits, by the proxy's metric", lambda one: _share(one.metric_hits)),
    ("requests to vendors", lambda one: f"{one.upstream:,}"),
    ("of these rejected", lambda one: f"{one.rejected:,}"),
    ("CPU, proxy", lambda one: f"{one.cpu['proxy']:.0f} %"),
    ("CPU, generator", lambda one: f"{one.cpu['generator']:.0f} %"),
    ("CPU, machine", lambda one: f"{one.cpu['machine']:.0f} %"),
    ("CPU, other programs", lambda one: f"{one.others:.0f} %"),
    ("lateness of the generator", lambda one: f"{1000 * one.lag:.0f} ms"),
    ("overloaded", lambda one: "yes" if one.strained else "no"),
)

_QUIET = 20.0
"""Percent of a processor that other programs may use on an idle machine."""

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


def html_report(run: Run, measured: Sequence[Figures]) -> str:
    """Return the document."""
    failed = any(problems(run, measured)) or any(doubts(run, measured))
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8"><title>wfs_proxy under load</title>',
            f"<style>{_STYLE}</style></head><body>",
            "<h1>wfs_proxy under load</h1>",
            f'<p class="verdict {"bad" if failed else "good"}">{escape(verdict(run, measured))}</p>',
            *(f"<p>{escape(sentence)}</p>" for sentence in _sentences(run, measured)),
            "<h2>Phases</h2>",
            _table(COLUMNS, measured),
            "<h2>Over time</h2>",
            svg(run),
            *_failures(run),
            "<h2>Events</h2>",
            _list(f"{event.second:.1f} s: {event.what}" for event in run.events),
            "<h2>Proxy, generator and machine</h2>",
            _table(_MORE, measured),
            _list(_machine(run)),
            "<h2>How it was measured</h2>",
            *(f"<p>{escape(paragraph)}</p>" for paragraph in _METHOD.split("\n\n")),
            "<h2>What the simulated users do</h2>",
            *_prose_and_table(sessions.__doc__ or ""),
            "</body></html>",
            "",
        )
    )


_METHOD = """\
Everything runs on one machine and on loopback. A process replays recorded vendors, the Signalen is the demo's, and the
proxy is `wfs-proxy serve` with the shipped layers and a cache folder. Data are fresh for a few seconds only, so that
they become stale during the outage. In the shipped layer files they are fresh for hours, which causes hundreds of times
fewer requests to vendors.

locust simulates the users, on one processor. Each answer is compared with the goldens of the recordings: it must have
exactly the ids in the box including its edges, each once, at the right locations, with the right counts, and with marks
in the form that the report form reads. A 304 must match the browser's copy.

During the outage the vendors answer 503 in the first half of the phase and do not answer in the second. In "restart"
the proxy gets SIGTERM and is started again at once. "restart-in-outage" does the same while the vendors refuse
requests, so that the proxy has only the data on its disk. In "kill" one of its processes gets SIGKILL. In these three
phases a client whose connection is refused or lost retries every quarter of a second for 15 seconds (`--patience`), as
a browser behind a load balancer would. That counts as refused, and the time until then is not in the percentiles. In
other phases it is an error. A 5xx is always an error.

Hits are answers that did not wait for a vendor (Cache-Status, RFC 9211). Memory is the proportional set size of all
processes of the proxy. Rate and times leave out the first fifth of a phase, in which sessions start or end. A generator
or a machine that uses over 90 % of its processors, or a generator whose event loop is over 50 ms late in most seconds,
is overloaded: it then adds to the times, and limits the rate."""


def _sentences(run: Run, measured: Sequence[Figures]) -> Iterator[str]:
    boxes = run.records.ending.boxes
    yield f"{boxes:,} boxes were requested, of which {different(run):.1%} differ from all others."
    strained = [one.phase.name for one in measured if one.strained]
    yield (
        f"The generator or the machine was overloaded in: {', '.join(strained)}. Times there are not only the proxy's."
        if strained
        else "Neither the generator nor the machine was overloaded."
    )
    if run.records.ending.cpu_warning:
        yield "locust warned that its process used over 90 % of a processor."
    others = max(one.others for one in measured)
    if others > _QUIET:
        yield f"Other programs used up to {others:.0f} % of a processor, so the machine was not idle."
    peak = "Peak rate, by wrk, which does not check answers"
    yield f"{peak}: {run.peak.sentence}." if run.peak else f"{peak}: {run.peak_missing}."


def _machine(run: Run) -> Iterator[str]:
    memory = psutil.virtual_memory().total / 1e9
    yield f"{time.strftime('%Y-%m-%d %H:%M', time.localtime(run.schedule.start))}, wfs_proxy {__version__}"
    yield f"{os.cpu_count()} processors ({_processor()}), {memory:.0f} GB of memory, {platform.system()}"
    yield f"CPython {platform.python_version()}"
    yield f"the proxy has {run.workers} workers"


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _failures(run: Run) -> Iterator[str]:
    if run.records.failures:
        yield f"<h2>Errors and wrong answers (the first {MAX_FAILURES} of each kind)</h2>"
        yield _list(f"{failure.second} s: {failure.kind}: {failure.what}" for failure in run.records.failures)


def _table(columns: Sequence[tuple[str, Callable[[Figures], str]]], measured: Sequence[Figures]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name, _ in columns)
    lines = ("".join(f"<td>{escape(text(one))}</td>" for _, text in columns) for one in measured)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _prose_and_table(text: str) -> Iterator[str]:
    """Yield paragraphs, and a table from Markdown with a heading and a line of dashes."""
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
    """Format three significant digits, and nan as a dash."""
    if math.isnan(value):
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.1%}"
