"""`make load` compares every answer with the contents of the layers, reports differences, and ends by itself.

Speed itself is not tested.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path
from random import Random

import needs
import pytest
import shipped

from bench.load.__main__ import INCONCLUSIVE, main
from bench.load.analysis import Run, doubts, figures, increases, problems, verdict
from bench.load.html_report import html_report
from bench.load.peak import Peak
from bench.load.processes import Proxy, write_layers
from bench.load.records import MAX_FAILURES, Ending, Failure, Recorder, Records, Second, read_records
from bench.load.sampling import Sample
from bench.load.schedule import Phase, Schedule, plan
from bench.load.sessions import Move, Select, steps
from bench.load.truth import Objects, error_in_collection, error_in_feature, read_truth
from bench.load.vendors import SwitchableApp
from bench.ports import free_ports
from wfs_proxy.config.catalogue import load_catalogue
from wfs_proxy.demo.recorded import LAYERS


def feature(number: int, place: list[float], **properties: object) -> dict[str, object]:
    return {
        "type": "Feature",
        "id": f"masten.{number}",
        "geometry": {"type": "Point", "coordinates": place},
        "properties": {"IS_GEMELD": "0", "meldingstatus": 0, **properties},
    }


FEATURES = [feature(1, [5.0, 52.0]), feature(2, [5.001, 52.001]), feature(3, [5.002, 52.002])]
MASTEN = Objects("masten", FEATURES)


def collection(features: Iterable[dict[str, object]], **members: object) -> bytes:
    listed = list(features)
    counts = {"numberMatched": len(listed), "numberReturned": len(listed)}
    return json.dumps({"type": "FeatureCollection", **counts, "features": listed, **members}).encode()


def test_box_includes_its_edges():
    assert MASTEN.within((5.0, 52.0, 5.001, 52.001)) == ["masten.1", "masten.2"]
    assert MASTEN.within((5.0000001, 52.0, 5.001, 52.001)) == ["masten.2"]


def test_right_answers_have_no_error():
    reported = feature(2, [5.001, 52.001], IS_GEMELD="1", meldingstatus=1)

    assert error_in_collection(collection([FEATURES[0], reported]), MASTEN, ["masten.2", "masten.1"]) is None
    assert error_in_collection(collection([]), MASTEN, []) is None
    assert error_in_feature(json.dumps(reported).encode(), MASTEN, "masten.2") is None


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (collection(FEATURES[:1]), "1 missing (masten.2)"),
        (collection(FEATURES), "1 not in the box (masten.3)"),
        (collection([*FEATURES[:2], FEATURES[0]]), "1 objects are duplicated"),
        (collection(FEATURES[:2], numberMatched=3), "(3, 2) for 2 objects"),
        (collection([FEATURES[0], feature(2, [5.001, 52.0011])]), "masten.2 is at [5.001, 52.0011]"),
        (collection([FEATURES[0], feature(2, [5.001, 52.001], IS_GEMELD=1)]), "the marks (1, 0)"),
        (collection([FEATURES[0], feature(2, [5.001, 52.001], meldingstatus=1)]), "the marks ('0', 1)"),
        (collection([FEATURES[0], feature(2, [5.001, 52.001], meldingstatus=False)]), "the marks ('0', False)"),
        (collection(FEATURES[:2])[:-9], "not a FeatureCollection"),
        (b'{"features": null}', "not a FeatureCollection"),
    ],
    ids=["lost", "strange", "twice", "miscounted", "elsewhere", "number", "contradiction", "boolean", "cut", "null"],
)
def test_wrong_answer_is_reported(body: bytes, error: str):
    assert error in (error_in_collection(body, MASTEN, ["masten.1", "masten.2"]) or "")


def test_answer_about_another_object_is_reported():
    body = json.dumps(FEATURES[1]).encode()

    assert error_in_feature(body, MASTEN, "masten.1") == "masten.2 instead of masten.1"


def test_users_move_as_documented():
    truth = read_truth(needs.ROOT / "fixtures")
    walk = list(islice(steps(truth, Random(1)), 5000))
    moves = [step for step in walk if isinstance(step, Move)]
    heights = {round((move.box[3] - move.box[1]) * 111_320, 1) for move in moves}

    assert len({move.path for move in moves}) > 0.95 * len(moves)
    assert {step.objects.layer for step in walk} == set(truth)
    assert heights == {310 * 2.0**level for level in (1, 0, -1, -2)} | {400 * 2.0**level for level in (1, 0, -1, -2)}
    assert sum(bool(move.objects.within(move.box)) for move in moves) > 0.9 * len(moves)
    assert all(0 < step.pause <= 20 for step in walk)


def test_users_select_objects_in_view_and_reload_the_last_box():
    walk = list(islice(steps(read_truth(needs.ROOT / "fixtures"), Random(2)), 2000))
    pairs = list(pairwise(walk))
    chosen = [(before, step) for before, step in pairs if isinstance(step, Select)]
    repeated = [(before, step) for before, step in pairs if isinstance(step, Move) and step.again]

    assert chosen
    assert all(isinstance(move, Move) and step.feature_id in move.objects.within(move.box) for move, step in chosen)
    assert repeated
    assert all(isinstance(move, Move) and step.box == move.box for move, step in repeated)


def test_same_seed_gives_the_same_steps():
    truth = read_truth(needs.ROOT / "fixtures")

    first, second, other = ([step.path for step in islice(steps(truth, Random(seed)), 100)] for seed in (7, 7, 8))

    assert first == second
    assert first != other


def test_timetable_is_read_as_written():
    schedule = Schedule(start=100.0, phases=plan(["calm", "storm", "restart"], sessions=20, seconds=5))

    assert Schedule.from_json(schedule.to_json()) == schedule
    assert [(phase.name, phase.sessions, begin, end) for phase, begin, end in schedule.spans()] == [
        ("calm", 20, 0, 5),
        ("storm", 200, 5, 10),
        ("restart", 20, 10, 15),
    ]
    assert [schedule.at(now).name for now in (99, 104.9, 105, 200)] == ["calm", "calm", "storm", "restart"]
    assert [phase.ends_processes for phase in schedule.phases] == [False, False, True]


def test_records_are_read_as_written(tmp_path: Path):
    now = 0.0
    with (tmp_path / "records").open("w") as file:
        recorder = Recorder(file, lambda: now)
        recorder.box("/a")
        recorder.box("/a")
        recorder.sessions = 4
        recorder.now.moves += 2
        recorder.now.latencies.append(1500)
        now = 1.2
        recorder.failure("wrong", "/a: 1 missing")
        recorder.flush()
        recorder.end(cpu_warning=False)

    assert read_records(tmp_path / "records") == Records(
        seconds=(Second(second=0, sessions=4, moves=2, latencies=[1500]), Second(second=1, sessions=4, wrong=1)),
        failures=(Failure(second=1, kind="wrong", what="/a: 1 missing"),),
        ending=Ending(boxes=2, different=1, cpu_warning=False),
    )


def test_all_failures_are_counted_and_the_first_are_written():
    file = io.StringIO()
    recorder = Recorder(file, lambda: 0.0)
    for _ in range(60):
        recorder.failure("error", "503")

    assert recorder.now.errors == 60
    assert file.getvalue().count("503") == MAX_FAILURES


def sample(second: int, vendors: int | None, **given: object) -> Sample:
    defaults: dict[str, object] = {
        "memory": 100.0,
        "processes": 1,
        "cpu": {"proxy": 10.0, "generator": 20.0, "vendors": 1.0, "machine": 30.0},
        "rejected": vendors,
        "signalen": 0,
        "lookups": None,
    }
    return Sample(second=second, vendors=vendors, **(defaults | given))


def test_counter_that_decreases_belongs_to_a_new_process():
    samples = [sample(-1, 5), sample(0, 7), sample(1, None), sample(2, 10), sample(3, 4)]

    assert increases(samples, lambda one: one.vendors) == {0: 2, 2: 3, 3: 4}


def run_of(*seconds: Second, ending: Ending | None = None, peak: Peak | None = None) -> Run:
    phases = (Phase(name="calm", seconds=5, sessions=10), Phase(name="outage", seconds=5, sessions=10))
    return Run(
        schedule=Schedule(start=0.0, phases=phases),
        records=Records(
            seconds=seconds, failures=(), ending=ending or Ending(boxes=100, different=99, cpu_warning=False)
        ),
        samples=[sample(second, 10 * second) for second in range(-1, 10)],
        events=(),
        workers=1,
        peak=peak,
        peak_missing="wrk is not installed; install the package wrk",
    )


BEGIN = Second(second=0, moves=1, fresh=1, latencies=[99_000])
CALM = Second(second=1, moves=3, selects=1, fresh=3, misses=1, latencies=[1000, 2000, 3000, 4000])
OUTAGE = Second(second=6, moves=4, stale=4, latencies=[1000] * 4)
LATE = Second(second=11, moves=1, stale=1, latencies=[9000])


def test_phase_has_the_figures_of_its_seconds_and_times_once_it_has_settled():
    calm, outage = figures(run_of(BEGIN, CALM, OUTAGE, LATE))

    assert (calm.answers, calm.per_second, calm.hits, calm.stale) == (5, 1.0, 0.8, 0.0)
    assert (calm.p50, calm.slowest) == (2.5, 4.0)
    assert (calm.upstream, calm.upstream_per_1000) == (50, 12_500.0)
    assert not calm.strained
    assert (outage.answers, outage.stale, outage.slowest) == (5, 1.0, 9.0)


@pytest.mark.parametrize(
    ("run", "what"),
    [
        (run_of(CALM, OUTAGE, Second(second=0, wrong=2)), "2 answers differed"),
        (run_of(CALM, OUTAGE, Second(second=0, errors=1)), "1 requests had no answer"),
        (run_of(CALM, OUTAGE, peak=Peak(per_second=9, p50=1, p99=1, answers=20, bad=20)), "20 of 20 answers to wrk"),
    ],
    ids=["wrong", "error", "peak of errors"],
)
def test_run_with_problems_has_failed(run: Run, what: str):
    measured = figures(run)

    assert what in "; ".join(problems(run, measured))
    assert verdict(run, measured).startswith("FAILED: ")
    assert 'class="verdict bad"' in html_report(run, measured)


@pytest.mark.parametrize(
    ("run", "what"),
    [
        (run_of(CALM), "no answer came in the phase outage"),
        (
            run_of(CALM, OUTAGE, ending=Ending(boxes=1000, different=950, cpu_warning=False)),
            "5.0% of the boxes were equal to another",
        ),
        (
            replace(run_of(CALM, OUTAGE), samples=[sample(second, 0) for second in range(-1, 10)]),
            "no request reached the vendors during their outage",
        ),
    ],
    ids=["no answer", "equal boxes", "no outage"],
)
def test_run_that_proves_nothing_is_inconclusive(run: Run, what: str):
    measured = figures(run)

    assert list(problems(run, measured)) == []
    assert what in "; ".join(doubts(run, measured))
    assert verdict(run, measured).startswith("INCONCLUSIVE: ")
    assert 'class="verdict bad"' in html_report(run, measured)


@pytest.mark.parametrize(
    ("last", "problem"),
    [(3, []), (2, ["the process that was killed was not replaced"])],
    ids=["replaced", "missing"],
)
def test_killed_process_must_be_replaced(last: int, problem: list[str]):
    counts = (3, 3, 2, 2, last)
    run = replace(
        run_of(CALM),
        schedule=Schedule(start=0.0, phases=(Phase(name="kill", seconds=5, sessions=10),)),
        samples=[sample(second, 0, processes=count) for second, count in enumerate(counts)],
    )

    assert list(problems(run, figures(run))) == problem


FAMILY = """
import socket, subprocess, sys
serve = "import socket; s = socket.socket(fileno=0); kept = [s.accept() for _ in range(2)]; s.accept()"
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as bound:
    idle = subprocess.Popen(["sleep", "600"])
    serving = subprocess.Popen([sys.executable, "-c", serve], stdin=bound)
    print(f"a proxy on http://127.0.0.1:{sys.argv[1]}/layers", file=sys.stderr, flush=True)
    serving.wait()
    idle.wait()
"""


def test_kill_takes_the_process_that_serves(tmp_path: Path):
    port = free_ports()
    command = [sys.executable, "-c", FAMILY, str(port)]
    proxy = Proxy(command, os.environ, f"http://127.0.0.1:{port}", tmp_path / "log")
    try:
        _until(lambda: len(proxy.workers()) == 2)
        with socket.create_connection(("127.0.0.1", port)):
            # with equally many connections the order is that of the start, so the idle process is last only if
            # the other one has the connection
            _until(lambda: [process.name() for process in proxy.workers()][-1] == "sleep")
            assert proxy.kill_worker() == 2
            _until(lambda: len(proxy.workers()) == 1)
            assert proxy.workers()[0].name() == "sleep"
    finally:
        for child in proxy.workers():
            child.kill()
        proxy.end()


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_good_run_has_a_good_verdict():
    run = run_of(CALM, OUTAGE)
    measured = figures(run)

    assert verdict(run, measured).startswith(
        "No client saw an error or a wrong object: 8 answers to up to 10 open maps"
    )
    assert "wrk is not installed" in html_report(run, measured)


def test_layers_are_those_of_the_demo_and_become_stale_soon(tmp_path: Path):
    write_layers(tmp_path / "layers", fresh_for=3)

    demo, written = (load_catalogue(path, shipped.variables()) for path in (LAYERS, tmp_path / "layers"))

    assert list(written) == list(demo)
    for layer_id, layer in written.items():
        assert (layer.fetch.fresh_for, layer.fetch.stale_for) == (3.0, 3600.0)
        assert layer.model_copy(update={"fetch": demo[layer_id].fetch}) == demo[layer_id]


def test_requests_to_vendors_are_counted_and_rejected_by_mode():
    async def scenario() -> list[int]:
        statuses: list[int] = []

        async def send(message):
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        async def app(_scope, _receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": []})

        vendor = SwitchableApp(app)
        await vendor({"type": "http"}, None, send)
        vendor.set_mode("refusing")
        await vendor({"type": "http"}, None, send)
        vendor.set_mode("hanging")
        hanging = asyncio.create_task(vendor({"type": "http"}, None, send))
        await asyncio.sleep(0)
        assert statuses == [200, 503]
        vendor.set_mode("answering")
        await hanging
        await vendor({"type": "http"}, None, send)
        assert (vendor.requests, vendor.rejected) == (4, 2)
        return statuses

    assert asyncio.run(scenario()) == [200, 503, 503, 200]


@pytest.mark.parametrize(
    ("run", "code"),
    [(run_of(CALM, OUTAGE), 0), (run_of(CALM, OUTAGE, Second(second=0, wrong=1)), 1), (run_of(CALM), INCONCLUSIVE)],
    ids=["good", "failed", "inconclusive"],
)
def test_exit_code_is_that_of_the_verdict(run: Run, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bench.load.__main__._run", lambda *_: run)

    assert main(["--output", str(tmp_path)]) == code


@pytest.mark.timeout(900)
def test_short_run_writes_its_report_and_no_client_sees_anything_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """On a busy machine short phases can be inconclusive; then longer ones are tried."""
    for seconds in ("3", "10", "30"):
        code = main(["--sessions", "5", "--seconds", seconds, "--patience", "120", "--output", str(tmp_path)])
        output = capsys.readouterr().out
        if code != INCONCLUSIVE:
            break

    assert code == 0, output
    assert "No client saw an error or a wrong object" in output
    document = (tmp_path / "load.html").read_text()
    assert 'class="verdict good"' in document
    assert "<svg" in document
    rows = {row["id"]: row for row in json.loads((tmp_path / "load.json").read_text())}
    assert rows["load-wrong"]["reached"]
    assert rows["load-errors"]["reached"]
    assert rows["load-boxes"]["value"] > 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--phases", "calm,nonsense"], "unknown phase: nonsense"),
        (["--phases", "kill", "--workers", "1"], "use --workers 2"),
        (["--seconds", "0"], "invalid"),
    ],
    ids=["unknown phase", "kill the only process", "no time"],
)
def test_wrong_usage_is_reported(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err
