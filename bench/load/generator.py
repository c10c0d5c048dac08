"""The simulated users, run by locust in a process of its own, because locust replaces the standard library's sockets.

    python -m bench.load.generator ADDRESS FIXTURES RECORDS PATIENCE <schedule

Prints `ready`, reads the schedule as one line of JSON, and follows it.
"""

from __future__ import annotations

import logging
import random
import sys
import time
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

import gevent
from locust import FastHttpUser, events, task
from locust.contrib.fasthttp import FastResponse
from locust.env import Environment
from locust.runners import LocalRunner

from bench.load.records import Recorder
from bench.load.schedule import Phase, Schedule
from bench.load.sessions import Move, Select, Step, steps
from bench.load.truth import Objects, error_in_collection, error_in_feature, read_truth

_RETRY = 0.25
"""Seconds between attempts while the proxy is restarted."""

_RAMP = 0.1
"""The part of a phase in which its sessions start."""

_LAG_STEP = 0.05
"""Seconds between two measurements of the event loop's lateness."""

_MAX_BODY = 160
"""Bytes of an error's body in the report."""

_SEED = 20_261_123


class Visitor(FastHttpUser):
    """One user after the other in one browser, with one persistent connection.

    If the server has closed the connection, a GET is sent again on a new one, as browsers do.
    """

    concurrency = 1
    connection_timeout = 10.0
    network_timeout = 30.0
    schedule: Schedule
    truth: Mapping[str, Objects]
    recorder: Recorder
    patience: float
    """Seconds that a client retries while the proxy is restarted, and that a session at its end waits for an answer."""

    started = 0

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        Visitor.started += 1
        self._steps = steps(self.truth, random.Random(_SEED + Visitor.started))
        self._pause = 0.0
        self._etag = ""

    def wait_time(self) -> float:
        """Return the seconds until the next step; locust calls this."""
        return self._pause

    @task
    def step(self) -> None:
        """Request a box or an object, and check the answer."""
        step = next(self._steps)
        self._pause = step.pause
        headers = {"Accept-Encoding": "gzip", "Accept": "*/*"}
        conditional = isinstance(step, Move) and step.again and self._etag != ""
        if conditional:
            headers["If-None-Match"] = self._etag
        if isinstance(step, Move):
            self.recorder.box(step.path)
        begin = time.monotonic()
        try:
            answer = self._ask(step, headers)
        except gevent.GreenletExit:
            # locust can also end a session just after its request was sent; that is not an error
            if time.monotonic() - begin >= self.patience:
                end = f"no answer within {self.patience:.0f} s of the session's end"
                self.recorder.failure("error", f"{step.path}: {end}")
            raise
        if answer is None:
            return
        self._count(step, answer)
        failure = self._failure(step, answer, conditional=conditional)
        if failure is not None:
            self.recorder.failure("wrong", f"{step.path}: {failure}")
        if isinstance(step, Move):
            self._etag = _field(answer, "etag")

    def _ask(self, step: Step, headers: Mapping[str, str]) -> FastResponse | None:
        """Return the answer; None after an error, which is recorded."""
        first, refused = time.monotonic(), False
        phase = self.schedule.at(time.time())
        while True:
            begin = time.perf_counter()
            answer = self.client.get(step.path, headers=dict(headers), name=type(step).__name__)
            seconds = time.perf_counter() - begin
            waited = time.monotonic() - first
            if answer.status_code != 0 or not phase.ends_processes or waited > self.patience:
                break
            refused = True
            self.recorder.now.refused += 1
            gevent.sleep(_RETRY)
        if answer.status_code not in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
            reason = answer.status_code or repr(getattr(answer, "error", None))
            body = (answer.content or b"")[:_MAX_BODY].decode(errors="replace")
            self.recorder.failure("error", f"{step.path}: {reason} after {waited:.1f} s {body}")
            return None
        now = self.recorder.now
        now.latencies.append(round(seconds * 1e6))
        if refused:
            now.waits.append(round(waited, 3))
        return answer

    def _count(self, step: Step, answer: FastResponse) -> None:
        now = self.recorder.now
        now.moves += isinstance(step, Move)
        now.selects += isinstance(step, Select)
        now.not_modified += answer.status_code == HTTPStatus.NOT_MODIFIED
        now.received += len(answer.content or b"")
        status = _field(answer, "cache-status")
        if "hit" not in status:
            now.misses += 1
        elif "ttl=-" in status:
            now.stale += 1
        else:
            now.fresh += 1

    def _failure(self, step: Step, answer: FastResponse, *, conditional: bool) -> str | None:
        if answer.status_code == HTTPStatus.NOT_MODIFIED:
            known = conditional and _field(answer, "etag") == self._etag and not answer.content
            return None if known else "304 for an answer that the browser does not have"
        if isinstance(step, Select):
            return error_in_feature(answer.content, step.objects, step.feature_id)
        return error_in_collection(answer.content, step.objects, step.objects.within(step.box))


def _field(answer: FastResponse, name: str) -> str:
    """Return a header field, or "" without it."""
    return str(answer.headers.get(name, "")) if answer.headers is not None else ""


def _follow(schedule: Schedule, runner: LocalRunner) -> None:
    before = 0
    for phase, begin, _ in schedule.spans():
        _sleep_until(schedule.start + begin)
        runner.start(phase.sessions, spawn_rate=_spawn_rate(phase, before))
        before = phase.sessions
    _sleep_until(schedule.start + schedule.seconds)


def _spawn_rate(phase: Phase, before: int) -> float:
    """Return the sessions that start, or end, per second."""
    return max(abs(phase.sessions - before) / (phase.seconds * _RAMP), 1.0)


def _write_down(recorder: Recorder, runner: LocalRunner) -> None:
    """Twice a second, count the sessions and write the records of past seconds."""
    while True:
        recorder.sessions = runner.user_count
        recorder.flush()
        gevent.sleep(0.5)


def _watch_lag(recorder: Recorder) -> None:
    while True:
        begin = time.perf_counter()
        gevent.sleep(_LAG_STEP)
        late = time.perf_counter() - begin - _LAG_STEP
        now = recorder.now
        now.lag = max(now.lag, round(late, 4))


def _sleep_until(moment: float) -> None:
    gevent.sleep(max(moment - time.time(), 0.0))


def main(address: str, fixtures: Path, records: Path, patience: float) -> None:
    """Follow one schedule."""
    # locust warns about fast spawning, which is intended, and about its processor use, which is in the report
    logging.getLogger("locust").setLevel(logging.ERROR)
    Visitor.host = address
    Visitor.patience = patience
    Visitor.truth = read_truth(fixtures)
    print("ready", flush=True)
    Visitor.schedule = schedule = Schedule.from_json(sys.stdin.readline())
    with records.open("w") as file:
        Visitor.recorder = recorder = Recorder(file, lambda: time.time() - schedule.start)
        environment = Environment(user_classes=[Visitor], events=events, stop_timeout=patience)
        runner = environment.create_local_runner()
        helpers = [gevent.spawn(_write_down, recorder, runner), gevent.spawn(_watch_lag, recorder)]
        _follow(schedule, runner)
        cpu_warning = runner.cpu_warning_emitted
        runner.quit()
        gevent.killall(helpers)
        recorder.end(cpu_warning=cpu_warning)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4]))
