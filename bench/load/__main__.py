"""Run the load test, write the report, say what came of it.

Exit codes: 0 no client saw an error or a wrong object, 1 one did, 2 wrong use.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import report
from bench.load.analysis import Figures, Run, figures, rows, shortcomings, verdict
from bench.load.conductor import conduct
from bench.load.page import COLUMNS, page
from bench.load.peak import measured as measured_peak
from bench.load.records import read_records
from bench.load.sampling import sampled
from bench.load.stage import ROOT, NotStarted, Stage, staged
from bench.load.timetable import KILL, NAMES, Phase, Timetable, planned
from bench.load.truth import read_truth
from bench.missing import MissingProgram

RESULTS = ROOT / "bench" / "results"
FIXTURES = ROOT / "fixtures"

_FRESH_AT_MOST = 10
"""Seconds; a quarter of a phase when that is less, so that each outage lasts longer than data are fresh."""

_FAULTS_SHOWN = 5

_GENERATOR_ENDS_WITHIN = 60
"""Seconds after the last phase; locust waits for the answers under way."""


def main(arguments: Sequence[str]) -> int:
    """Measure, print, write."""
    options = _options(arguments)
    console = Console()
    names = options.phases or [name for name in NAMES if name != KILL or options.workers > 1]
    phases = planned(names, sessions=options.sessions, seconds=options.seconds)
    try:
        run = _run(phases, options.workers, options.seconds, console)
    except NotStarted as reason:
        console.print(f"load: {reason}")
        return 1
    measured = figures(run)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "load.html").write_text(page(run, measured))
    report.write(list(rows(run, measured)), options.output / "load.json")
    _show(run, measured, console)
    console.print(f"written to {options.output / 'load.html'}", soft_wrap=True)
    return 1 if any(True for _ in shortcomings(run, measured)) else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description="The proxy under load, and in trouble.")
    parser.add_argument(
        "--sessions", type=_positive, default=200, help="maps open at once; ten times that in the storm"
    )
    parser.add_argument("--seconds", type=_positive, default=60, help="how long each phase takes")
    parser.add_argument("--workers", type=_positive, default=2, help="processes that serve")
    parser.add_argument("--phases", type=_phases, help=f"some of {','.join(NAMES)}")
    parser.add_argument("--output", type=Path, default=RESULTS, help="the folder for the report")
    options = parser.parse_args(arguments)
    if KILL in (options.phases or ()) and options.workers == 1:
        parser.error(f"the phase {KILL} ends one of several workers: give --workers 2")
    return options


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _phases(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(NAMES):
        raise argparse.ArgumentTypeError(
            f"there is no phase {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}"
        )
    return names


def _run(phases: tuple[Phase, ...], workers: int, seconds: int, console: Console) -> Run:
    fresh_for = max(min(_FRESH_AT_MOST, seconds // 4), 1)
    console.print("load: starting recorded vendors, a Signalen and the proxy on loopback")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            staged(folder, fixtures=FIXTURES, workers=workers, fresh_for=fresh_for) as stage,
            _generator(stage, folder / "records") as generator,
        ):
            timetable = Timetable(start=time.time() + 0.5, phases=phases)
            _begin(generator, timetable)
            with sampled(stage, generator.pid, timetable.start) as samples:
                events = conduct(timetable, stage, lambda phase: console.print(_entered(phase)))
            generator.wait(_GENERATOR_ENDS_WITHIN)
            peak, missing = None, ""
            console.print("the most it can do: wrk")
            try:
                peak = measured_peak(stage.proxy.address, read_truth(FIXTURES), folder, seconds=seconds)
            except MissingProgram as reason:
                missing = str(reason)
            return Run(
                timetable=timetable,
                records=read_records(folder / "records"),
                samples=samples,
                events=events,
                workers=workers,
                peak=peak,
                peak_missing=missing,
            )


@contextmanager
def _generator(stage: Stage, records: Path) -> Iterator[subprocess.Popen[str]]:
    """The generator, ready to begin."""
    command = [sys.executable, "-m", "bench.load.generator", stage.proxy.address, str(FIXTURES), str(records)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as generator:
        try:
            if generator.stdout is None or generator.stdout.readline() != "ready\n":
                raise NotStarted("the generator did not start")
            yield generator
        finally:
            generator.kill()


def _begin(generator: subprocess.Popen[str], timetable: Timetable) -> None:
    if generator.stdin is not None:
        generator.stdin.write(f"{timetable.to_json()}\n")
        generator.stdin.flush()


def _entered(phase: Phase) -> str:
    return f"{phase.name}: {phase.sessions:,} open maps for {phase.seconds} s"


def _show(run: Run, measured: Sequence[Figures], console: Console) -> None:
    # a terminal is narrower than the page: a phase is a column here
    table = Table("", *(one.phase.name for one in measured))
    for name, text in COLUMNS[1:]:
        table.add_row(name, *(text(one) for one in measured))
    console.print(table)
    console.print(f"at most, by wrk: {run.peak.sentence if run.peak else run.peak_missing}", soft_wrap=True)
    for fault in run.records.faults[:_FAULTS_SHOWN]:
        console.print(f"{fault.second} s: {fault.kind}: {fault.what}", markup=False, soft_wrap=True)
    console.print(verdict(run, measured), soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
