"""People at the map, by locust, in a process of their own, as locust replaces the standard library's sockets.

    python -m bench.load.generator ADDRESS FIXTURES RECORDS <timetable

Says `ready` on stdout, waits for the timetable as one line of JSON, and keeps to it.
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
from bench.load.sessions import Look, Select, Step, steps
from bench.load.timetable import Phase, Timetable
from bench.load.truth import Objects, fault_in_collection, fault_in_feature, read_truth

_PATIENCE = 15.0
"""Seconds that somebody tries again while the proxy is restarted, and that a session which ends waits for its last
answer: about as long as one waits for a map."""

_RETRY = 0.25
"""Seconds between these tries."""

_RAMP = 0.1
"""Within this part of a phase all its sessions have begun."""

_LAG_STEP = 0.05
"""Seconds between two looks at how late the loop is."""

_TOLD = 160
"""Bytes of an error's body that go into the report."""

_SEED = 20_261_123


class Visitor(FastHttpUser):
    """One person after the other on one browser: one connection, which is kept.

    A GET on a kept connection that the server has closed meanwhile is sent again on a new one, as browsers do.
    """

    concurrency = 1
    connection_timeout = 10.0
    network_timeout = 30.0
    timetable: Timetable
    truth: Mapping[str, Objects]
    recorder: Recorder
    begun = 0

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        Visitor.begun += 1
        self._steps = steps(self.truth, random.Random(_SEED + Visitor.begun))
        self._pause = 0.0
        self._etag = ""

    def wait_time(self) -> float:
        """Seconds until the next step, as locust asks."""
        return self._pause

    @task
    def step(self) -> None:
        """One move of the map, or one object."""
        step = next(self._steps)
        self._pause = step.pause
        headers = {"Accept-Encoding": "gzip", "Accept": "*/*"}
        conditional = isinstance(step, Look) and step.again and self._etag != ""
        if conditional:
            headers["If-None-Match"] = self._etag
        if isinstance(step, Look):
            self.recorder.box(step.path)
        begin = time.monotonic()
        try:
            answer = self._ask(step, headers)
        except gevent.GreenletExit:
            # locust may also end a session between a pause and the request that it just began
            if time.monotonic() - begin >= _PATIENCE:
                self.recorder.fault("error", f"{step.path}: no answer within {_PATIENCE:.0f} s of the session's end")
            raise
        if answer is None:
            return
        self._count(step, answer)
        fault = self._fault(step, answer, conditional=conditional)
        if fault is not None:
            self.recorder.fault("wrong", f"{step.path}: {fault}")
        if isinstance(step, Look):
            self._etag = _field(answer, "etag")

    def _ask(self, step: Step, headers: Mapping[str, str]) -> FastResponse | None:
        """The answer; None when there was none or none that helps, which is then recorded."""
        first, refused = time.monotonic(), False
        phase = self.timetable.at(time.time())
        while True:
            begin = time.perf_counter()
            answer = self.client.get(step.path, headers=dict(headers), name=type(step).__name__)
            seconds = time.perf_counter() - begin
            waited = time.monotonic() - first
            if answer.status_code != 0 or not phase.ends_processes or waited > _PATIENCE:
                break
            refused = True
            self.recorder.now.refused += 1
            gevent.sleep(_RETRY)
        if answer.status_code not in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
            reason = answer.status_code or repr(getattr(answer, "error", None))
            told = (answer.content or b"")[:_TOLD].decode(errors="replace")
            self.recorder.fault("error", f"{step.path}: {reason} after {waited:.1f} s {told}")
            return None
        now = self.recorder.now
        now.latencies.append(round(seconds * 1e6))
        if refused:
            now.waits.append(round(waited, 3))
        return answer

    def _count(self, step: Step, answer: FastResponse) -> None:
        now = self.recorder.now
        now.moves += isinstance(step, Look)
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

    def _fault(self, step: Step, answer: FastResponse, *, conditional: bool) -> str | None:
        if answer.status_code == HTTPStatus.NOT_MODIFIED:
            known = conditional and _field(answer, "etag") == self._etag and not answer.content
            return None if known else "304 for something that the browser does not have"
        if isinstance(step, Select):
            return fault_in_feature(answer.content, step.objects, step.feature_id)
        return fault_in_collection(answer.content, step.objects, step.objects.within(step.box))


def _field(answer: FastResponse, name: str) -> str:
    """A header field; "" without it."""
    return str(answer.headers.get(name, "")) if answer.headers is not None else ""


def _keep_to(timetable: Timetable, runner: LocalRunner) -> None:
    before = 0
    for phase, begin, _ in timetable.spans():
        _sleep_until(timetable.start + begin)
        runner.start(phase.sessions, spawn_rate=_spawn_rate(phase, before))
        before = phase.sessions
    _sleep_until(timetable.start + timetable.seconds)


def _spawn_rate(phase: Phase, before: int) -> float:
    """Sessions a second that begin, or end when there are too many."""
    return max(abs(phase.sessions - before) / (phase.seconds * _RAMP), 1.0)


def _write_down(recorder: Recorder, runner: LocalRunner) -> None:
    """Every second: how many sessions there are, and what was recorded before."""
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


def main(address: str, fixtures: Path, records: Path) -> None:
    """Run one timetable."""
    # it warns of spawning fast, which a storm is, and of its processor, which the report tells
    logging.getLogger("locust").setLevel(logging.ERROR)
    Visitor.host = address
    Visitor.truth = read_truth(fixtures)
    print("ready", flush=True)
    Visitor.timetable = timetable = Timetable.from_json(sys.stdin.readline())
    with records.open("w") as file:
        Visitor.recorder = recorder = Recorder(file, lambda: time.time() - timetable.start)
        environment = Environment(user_classes=[Visitor], events=events, stop_timeout=_PATIENCE)
        runner = environment.create_local_runner()
        helpers = [gevent.spawn(_write_down, recorder, runner), gevent.spawn(_watch_lag, recorder)]
        _keep_to(timetable, runner)
        cpu_warning = runner.cpu_warning_emitted
        runner.quit()
        gevent.killall(helpers)
        recorder.end(cpu_warning=cpu_warning)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
