"""Run the load test, write the report and print a summary.

Exit codes: 0 no client saw an error or a wrong object; 1 one did, or the test could not run; 2 wrong usage; 3 the run
was too short to be conclusive.
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
from bench.load.analysis import Figures, Run, doubts, figures, problems, rows, verdict
from bench.load.html_report import COLUMNS, html_report
from bench.load.incidents import run_phases
from bench.load.peak import measured as measured_peak
from bench.load.processes import ROOT, NotStarted, Processes, started
from bench.load.records import read_records
from bench.load.sampling import sampled
from bench.load.schedule import KILL, NAMES, Phase, Schedule, plan
from bench.load.truth import read_truth
from bench.missing import MissingProgram

RESULTS = ROOT / "bench" / "results"
FIXTURES = ROOT / "fixtures"

INCONCLUSIVE = 3
"""Exit code."""

_MAX_FRESH_FOR = 10
"""Seconds; a quarter of a phase if that is less, so that data become stale during an outage."""

_FAILURES_SHOWN = 5

_GENERATOR_ENDS_WITHIN = 60
"""Seconds after the last phase, plus the clients' patience; locust waits for the answers in progress."""


def main(arguments: Sequence[str]) -> int:
    """Measure, write and print the results; return the exit code."""
    options = _options(arguments)
    console = Console()
    names = options.phases or [name for name in NAMES if name != KILL or options.workers > 1]
    phases = plan(names, sessions=options.sessions, seconds=options.seconds)
    try:
        run = _run(phases, options, console)
    except NotStarted as reason:
        console.print(f"load: {reason}")
        return 1
    measured = figures(run)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "load.html").write_text(html_report(run, measured))
    report.write(list(rows(run, measured)), options.output / "load.json")
    _show(run, measured, console)
    console.print(f"report: {options.output / 'load.html'}", soft_wrap=True)
    if any(problems(run, measured)):
        return 1
    return INCONCLUSIVE if any(doubts(run, measured)) else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    description = "Test the proxy under load, in outages and across restarts."
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=description)
    parser.add_argument("--sessions", type=_positive, default=200, help="open maps; ten times as many in the storm")
    parser.add_argument("--seconds", type=_positive, default=60, help="duration of each phase")
    parser.add_argument("--workers", type=_positive, default=2, help="number of worker processes")
    parser.add_argument("--patience", type=_positive, default=15, help="seconds a client retries during a restart")
    parser.add_argument("--phases", type=_phases, help=f"a comma-separated selection of {','.join(NAMES)}")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder for the report")
    options = parser.parse_args(arguments)
    if KILL in (options.phases or ()) and options.workers == 1:
        parser.error(f"the phase {KILL} kills one of several workers: use --workers 2")
    return options


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _phases(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(NAMES):
        raise argparse.ArgumentTypeError(f"unknown phase: {', '.join(sorted(unknown))}; choose from {', '.join(NAMES)}")
    return names


def _run(phases: tuple[Phase, ...], options: argparse.Namespace, console: Console) -> Run:
    seconds, workers, patience = options.seconds, options.workers, options.patience
    fresh_for = max(min(_MAX_FRESH_FOR, seconds // 4), 1)
    console.print("load: starting recorded vendors, a Signalen and the proxy on loopback")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            started(folder, fixtures=FIXTURES, workers=workers, fresh_for=fresh_for) as processes,
            _generator(processes, folder / "records", patience) as generator,
        ):
            schedule = Schedule(start=time.time() + 0.5, phases=phases)
            _begin(generator, schedule)
            with sampled(processes, generator.pid, schedule.start) as samples:
                events = run_phases(schedule, processes, lambda phase: console.print(_announced(phase)))
            generator.wait(patience + _GENERATOR_ENDS_WITHIN)
            peak, missing = None, ""
            console.print("load: measuring the peak rate with wrk")
            try:
                peak = measured_peak(processes.proxy.address, read_truth(FIXTURES), folder, seconds=seconds)
            except MissingProgram as reason:
                missing = str(reason)
            return Run(
                schedule=schedule,
                records=read_records(folder / "records"),
                samples=samples,
                events=events,
                workers=workers,
                peak=peak,
                peak_missing=missing,
            )


@contextmanager
def _generator(processes: Processes, records: Path, patience: int) -> Iterator[subprocess.Popen[str]]:
    """Start the generator and wait until it is ready."""
    arguments = [processes.proxy.address, str(FIXTURES), str(records), str(patience)]
    command = [sys.executable, "-m", "bench.load.generator", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as generator:
        try:
            if generator.stdout is None or generator.stdout.readline() != "ready\n":
                raise NotStarted("the generator did not start")
            yield generator
        finally:
            generator.kill()


def _begin(generator: subprocess.Popen[str], schedule: Schedule) -> None:
    if generator.stdin is not None:
        generator.stdin.write(f"{schedule.to_json()}\n")
        generator.stdin.flush()


def _announced(phase: Phase) -> str:
    return f"{phase.name}: {phase.sessions:,} open maps for {phase.seconds} s"


def _show(run: Run, measured: Sequence[Figures], console: Console) -> None:
    # a terminal is narrower than the page, so each phase is a column here
    table = Table("", *(one.phase.name for one in measured))
    for name, text in COLUMNS[1:]:
        table.add_row(name, *(text(one) for one in measured))
    console.print(table)
    console.print(f"peak rate, by wrk: {run.peak.sentence if run.peak else run.peak_missing}", soft_wrap=True)
    for failure in run.records.failures[:_FAILURES_SHOWN]:
        console.print(f"{failure.second} s: {failure.kind}: {failure.what}", markup=False, soft_wrap=True)
    console.print(verdict(run, measured), soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
