from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import until

from wfs_proxy.web import worker_metrics
from wfs_proxy.web.worker_metrics import WorkerMetrics

OWN = b"""\
# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{route="a"} 1.0
requests_total{route="b"} 2.0
# HELP age Age.
# TYPE age gauge
age 5.0
"""
OTHER = b"""\
# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{route="b"} 30.0
requests_total{route="c"} 40.0
# HELP age Age.
# TYPE age gauge
age 7.0
# HELP truncated_total Truncated.
# TYPE truncated_total counter
truncated_total 1.0
"""


def samples(metrics: WorkerMetrics) -> set[str]:
    lines = metrics.text().decode().splitlines()
    return {line for line in lines if not line.startswith("#")}


@pytest.fixture
def live_process():
    """The id of a process that lives until the end of the test."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process.pid
    process.communicate()


def test_counters_of_all_workers_are_summed_and_gauges_are_those_of_the_worker_itself(tmp_path: Path, live_process):
    (tmp_path / f"{live_process}.prom").write_bytes(OTHER)
    assert samples(WorkerMetrics(lambda: OWN, tmp_path)) == {
        'requests_total{route="a"} 1.0',
        'requests_total{route="b"} 32.0',
        'requests_total{route="c"} 40.0',
        "truncated_total 1.0",
        "age 5.0",
    }


def test_the_file_of_a_dead_worker_is_removed_and_does_not_count(tmp_path: Path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    file = tmp_path / f"{dead.pid}.prom"
    file.write_bytes(OTHER)
    assert 'requests_total{route="b"} 2.0' in samples(WorkerMetrics(lambda: OWN, tmp_path))
    assert not file.exists()


def test_a_worker_does_not_add_its_own_file(tmp_path: Path):
    metrics = WorkerMetrics(lambda: OWN, tmp_path)
    metrics.publish()
    assert [file.name for file in tmp_path.iterdir()] == [f"{os.getpid()}.prom"]
    assert 'requests_total{route="b"} 2.0' in samples(metrics)


def test_metrics_are_published_again_and_again_until_the_worker_ends(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(worker_metrics, "PUBLISHED_EVERY", 0.001)
    counts = iter(range(1_000_000))
    file = tmp_path / f"{os.getpid()}.prom"

    async def scenario() -> None:
        metrics = WorkerMetrics(lambda: b"requests_total %d\n" % next(counts), tmp_path)
        async with metrics.published():
            await until(lambda: file.exists() and file.read_bytes() > b"requests_total 0\n")
        assert not file.exists()

    asyncio.run(scenario())
