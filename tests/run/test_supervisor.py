"""Several processes behind one port, for real."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
import vendor
from prometheus_client.parser import text_string_to_metric_families

from bench.ports import free_ports

LAMPS = b"""{"type": "FeatureCollection", "features": [
{"type": "Feature", "id": "1", "geometry": {"type": "Point", "coordinates": [4.3, 52.0]}, "properties": {}},
{"type": "Feature", "id": "2", "geometry": {"type": "Point", "coordinates": [4.4, 52.0]}, "properties": {}}]}"""

LAYER = """title: Masten
source: {{type: geojson, url: "{url}/masten.geojson"}}
"""

FEATURES = "/layers/masten/features?bbox=4.2,51.9,4.5,52.1"


@dataclass(kw_only=True)
class Running:
    process: subprocess.Popen[str]
    address: str
    layers: Path

    @property
    def workers(self) -> set[int]:
        children = psutil.Process(self.process.pid).children()
        return {child.pid for child in children if child.status() != psutil.STATUS_ZOMBIE}

    def ids(self) -> list[str]:
        """What one answer holds; each is a connection of its own, so any worker may have accepted it."""
        response = httpx.get(self.address + FEATURES, trust_env=False, timeout=30)
        assert response.status_code == 200, response.text
        return [feature["id"] for feature in response.json()["features"]]


@contextlib.contextmanager
def running(tmp_path: Path, url: str, **environment: str) -> Iterator[Running]:
    layers = tmp_path / "layers"
    layers.mkdir(exist_ok=True)
    (layers / "masten.yaml").write_text(LAYER.format(url=url))
    port = free_ports()
    process = subprocess.Popen(
        [sys.executable, "-m", "wfs_proxy", "serve", "--workers", "2", "--layers", layers, "--port", str(port)],
        env={**os.environ, "WFS_PROXY_CACHE_DIR": str(tmp_path / "cache"), **environment},
        stderr=subprocess.PIPE,
        text=True,
    )
    log: list[str] = []
    try:
        for line in process.stderr:
            log.append(line)
            if line.startswith("wfs-proxy ") and "http://" in line:
                break
        else:
            pytest.fail("it did not start: " + "".join(log))
        # what it says from now on is read when it has ended; it is little
        yield Running(process=process, address=f"http://127.0.0.1:{port}", layers=layers)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def lamps(_: object) -> vendor.Answer:
    return vendor.Answer(body=LAMPS, media_type="application/geo+json")


def test_one_worker_asks_the_vendor_and_all_serve(tmp_path: Path):
    with vendor.serving(lamps) as server, running(tmp_path, server.url) as proxy:
        assert len(proxy.workers) == 2
        answers = [proxy.ids() for _ in range(20)]
        assert {tuple(sorted(answer)) for answer in answers} == {("masten.1", "masten.2")}
        assert len(server.seen) == 1


def test_a_killed_worker_is_replaced_and_no_request_is_refused_meanwhile(tmp_path: Path):
    with vendor.serving(lamps) as server, running(tmp_path, server.url) as proxy:
        before = proxy.workers
        proxy.ids()
        victim = min(before)
        os.kill(victim, signal.SIGKILL)
        eventually(lambda: len(proxy.ids()) == 2 and victim not in proxy.workers and len(proxy.workers) == 2)
        assert proxy.workers & before == before - {victim}
        assert len(server.seen) == 1


def test_metrics_are_those_of_all_workers_whichever_is_asked(tmp_path: Path):
    with vendor.serving(lamps) as server, running(tmp_path, server.url) as proxy:
        for _ in range(20):
            proxy.ids()

        def counted() -> list[float]:
            text = httpx.get(f"{proxy.address}/metrics", trust_env=False).text
            (family,) = (
                each for each in text_string_to_metric_families(text) if each.name == "wfs_proxy_http_requests"
            )
            return [sample.value for sample in family.samples if sample.name.endswith("_total")]

        # each worker knows of the others at most five seconds later
        eventually(lambda: all(counted() == [20] for _ in range(10)))
        os.kill(min(proxy.workers), signal.SIGKILL)
        eventually(lambda: all(sum(counted()) <= 20 for _ in range(10)) and len(proxy.workers) == 2)
        assert len(list((tmp_path / "cache").glob("metrics-*"))) == 1


def test_hangup_makes_every_worker_read_the_files_again(tmp_path: Path):
    with vendor.serving(lamps) as server, running(tmp_path, server.url) as proxy:
        (proxy.layers / "palen.yaml").write_text(LAYER.format(url=server.url))
        proxy.process.send_signal(signal.SIGHUP)

        def known() -> bool:
            answers = [httpx.get(f"{proxy.address}/layers", trust_env=False).json() for _ in range(20)]
            return all(len(answer["layers"]) == 2 for answer in answers)

        eventually(known)


def test_a_request_under_way_is_answered_before_the_proxy_ends(tmp_path: Path):
    asked, answer = threading.Event(), threading.Event()

    def slow(_: object) -> vendor.Answer:
        asked.set()
        answer.wait(30)
        return lamps(None)

    with (
        vendor.serving(slow) as server,
        running(tmp_path, server.url) as proxy,
        concurrent.futures.ThreadPoolExecutor(10) as pool,
    ):
        under_way = [pool.submit(proxy.ids) for _ in range(10)]
        assert asked.wait(30)
        eventually(lambda: connections(proxy) >= 10)
        proxy.process.terminate()
        # no new connection is taken any more, and those that were go on
        eventually(lambda: refused(proxy))
        answer.set()
        assert [sorted(each.result(30)) for each in under_way] == [["masten.1", "masten.2"]] * 10
        assert proxy.process.wait(30) == 0


def connections(proxy: Running) -> int:
    """How many clients the workers have."""
    port = int(proxy.address.rpartition(":")[2])
    made = [each for pid in proxy.workers for each in psutil.Process(pid).net_connections("tcp")]
    return sum(each.status == psutil.CONN_ESTABLISHED and each.laddr.port == port for each in made)


def refused(proxy: Running) -> bool:
    try:
        httpx.get(f"{proxy.address}/healthz", trust_env=False, timeout=1)
    except httpx.TransportError:
        return True
    return False


def test_nobody_outlives_a_supervisor_that_is_killed(tmp_path: Path):
    with vendor.serving(lamps) as server, running(tmp_path, server.url) as proxy:
        family = psutil.Process(proxy.process.pid).children(recursive=True)
        assert len(family) >= 4, "two workers, each with the process that fetches for it"
        proxy.process.kill()
        _, alive = psutil.wait_procs(family, timeout=60)
        assert alive == []


def test_no_query_string_and_no_address_of_a_client_is_logged(tmp_path: Path):
    with vendor.serving(lamps) as server, running(tmp_path, server.url) as proxy:
        proxy.ids()
        proxy.process.terminate()
        _, log = proxy.process.communicate(timeout=60)
        assert "/layers/{layer_id}/features masten 200" in log
        assert "bbox" not in log
        assert "52.1" not in log
        assert "127.0.0.1:" not in log.partition("Uvicorn")[0]


def test_workers_without_a_place_to_meet_are_refused(tmp_path: Path):
    (tmp_path / "masten.yaml").write_text(LAYER.format(url="http://127.0.0.1:9"))
    done = subprocess.run(
        [sys.executable, "-m", "wfs_proxy", "serve", "--workers", "2", "--layers", tmp_path],
        env={**os.environ, "WFS_PROXY_CACHE_DIR": "none"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "set WFS_PROXY_CACHE_DIR" in done.stderr
    assert "Traceback" not in done.stderr


def test_faulty_layer_files_are_told_once_and_by_no_worker(tmp_path: Path):
    (tmp_path / "masten.yaml").write_text("title: Masten\nsource: {type: nonsense}\n")
    done = subprocess.run(
        [sys.executable, "-m", "wfs_proxy", "serve", "--workers", "2", "--layers", tmp_path],
        env={**os.environ, "WFS_PROXY_CACHE_DIR": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr.count("masten.yaml")) == (1, 1)
