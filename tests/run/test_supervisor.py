"""Real processes that serve one port together."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
import vendor
from prometheus_client.parser import text_string_to_metric_families
from waiting import PATIENCE, wait_until

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

    def until_ready(self) -> None:
        """Wait until the layer has been fetched, so that no request waits for the vendor any more."""
        wait_until(lambda: self.get("/readyz").status_code == 200)

    def get(self, path: str) -> httpx.Response:
        """Return an answer of any worker."""
        return httpx.get(self.address + path, trust_env=False, timeout=PATIENCE)

    @property
    def workers(self) -> set[int]:
        children = psutil.Process(self.process.pid).children()
        return {child.pid for child in children if child.status() != psutil.STATUS_ZOMBIE}

    def ids(self) -> list[str]:
        """Return the ids in one answer. Each request has its own connection, so any worker may answer."""
        response = self.get(FEATURES)
        assert response.status_code == 200, response.text
        return [feature["id"] for feature in response.json()["features"]]


@contextlib.contextmanager
def starting(tmp_path: Path, url: str, *, port: int, **environment: str) -> Iterator[subprocess.Popen[str]]:
    layers = tmp_path / "layers"
    layers.mkdir(exist_ok=True)
    (layers / "masten.yaml").write_text(LAYER.format(url=url))
    process = subprocess.Popen(
        [sys.executable, "-m", "wfs_proxy", "serve", "--workers", "2", "--layers", layers, "--port", str(port)],
        env={**os.environ, "WFS_PROXY_CACHE_DIR": str(tmp_path / "cache"), **environment},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def until_announced(process: subprocess.Popen[str]) -> list[str]:
    """Wait until all workers answer; return the log up to then."""
    log: list[str] = []
    for line in process.stderr:
        log.append(line)
        if line.startswith("wfs-proxy ") and "http://" in line:
            return log
    pytest.fail("the proxy did not start: " + "".join(log))


@contextlib.contextmanager
def running(tmp_path: Path, url: str, **environment: str) -> Iterator[Running]:
    port = free_ports()
    with starting(tmp_path, url, port=port, **environment) as process:
        until_announced(process)
        # the rest of the log is read at the end; it is short enough for the pipe
        yield Running(process=process, address=f"http://127.0.0.1:{port}", layers=tmp_path / "layers")


def lamps(_: object) -> vendor.Answer:
    return vendor.Answer(body=LAMPS, media_type="application/geo+json")


def test_one_worker_fetches_and_all_serve(tmp_path: Path):
    with vendor.serving(lamps) as server, running(tmp_path, server.url) as proxy:
        assert len(proxy.workers) == 2
        proxy.until_ready()
        answers = [proxy.ids() for _ in range(20)]
        assert {tuple(sorted(answer)) for answer in answers} == {("masten.1", "masten.2")}
        assert len(server.seen) == 1


def test_a_killed_worker_is_replaced_while_the_other_serves(tmp_path: Path):
    with vendor.serving(lamps) as server, running(tmp_path, server.url) as proxy:
        before = proxy.workers
        proxy.until_ready()
        victim = min(before)
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: len(proxy.ids()) == 2 and victim not in proxy.workers and len(proxy.workers) == 2)
        assert proxy.workers & before == before - {victim}
        assert len(server.seen) == 1


def test_a_worker_killed_before_it_answered_is_replaced_too(tmp_path: Path):
    """As the kernel does when memory is short at the start."""
    with vendor.serving(lamps) as server, starting(tmp_path, server.url, port=free_ports()) as process:
        supervisor = psutil.Process(process.pid)
        wait_until(lambda: len(supervisor.children()) == 2)
        for worker in supervisor.children():
            worker.kill()
        log = until_announced(process)
        assert sum("A worker ended" in line for line in log) == 2
        assert len(supervisor.children()) == 2


def test_any_worker_answers_with_the_metrics_of_all(tmp_path: Path):
    with vendor.serving(lamps) as server, running(tmp_path, server.url) as proxy:
        proxy.until_ready()
        for _ in range(20):
            proxy.ids()

        def counted() -> list[float]:
            text = proxy.get("/metrics").text
            (family,) = (
                each for each in text_string_to_metric_families(text) if each.name == "wfs_proxy_http_requests"
            )
            return [sample.value for sample in family.samples if sample.name.endswith("_total")]

        # a worker knows the counts of the others after five seconds at most
        wait_until(lambda: all(counted() == [20] for _ in range(10)))
        os.kill(min(proxy.workers), signal.SIGKILL)
        wait_until(lambda: all(sum(counted()) <= 20 for _ in range(10)) and len(proxy.workers) == 2)
        assert len(list((tmp_path / "cache").glob("metrics-*"))) == 1


def test_a_hangup_signal_makes_every_worker_reload(tmp_path: Path):
    with vendor.serving(lamps) as server, running(tmp_path, server.url) as proxy:
        (proxy.layers / "palen.yaml").write_text(LAYER.format(url=server.url))
        proxy.process.send_signal(signal.SIGHUP)

        def known() -> bool:
            answers = [proxy.get("/layers").json() for _ in range(20)]
            return all(len(answer["layers"]) == 2 for answer in answers)

        wait_until(known)


def test_requests_in_progress_are_answered_before_the_proxy_ends(tmp_path: Path):
    asked, answer = threading.Event(), threading.Event()

    def slow(_: object) -> vendor.Answer:
        asked.set()
        answer.wait(PATIENCE)
        return lamps(None)

    with (
        vendor.serving(slow) as server,
        running(tmp_path, server.url) as proxy,
        concurrent.futures.ThreadPoolExecutor(10) as pool,
    ):
        in_progress = [pool.submit(proxy.ids) for _ in range(10)]
        assert asked.wait(PATIENCE)
        wait_until(lambda: connections(proxy) >= 10)
        proxy.process.terminate()
        # new connections are refused, and requests on the existing ones go on
        wait_until(lambda: refused(proxy))
        answer.set()
        assert [sorted(each.result(PATIENCE)) for each in in_progress] == [["masten.1", "masten.2"]] * 10
        assert proxy.process.wait(PATIENCE) == 0


def connections(proxy: Running) -> int:
    """Return the number of connections that the workers have accepted."""
    port = int(proxy.address.rpartition(":")[2])
    made = [each for pid in proxy.workers for each in psutil.Process(pid).net_connections("tcp")]
    return sum(each.status == psutil.CONN_ESTABLISHED and each.laddr.port == port for each in made)


def refused(proxy: Running) -> bool:
    try:
        httpx.get(f"{proxy.address}/healthz", trust_env=False, timeout=1)
    except httpx.TransportError:
        return True
    return False


def test_no_process_outlives_a_killed_supervisor(tmp_path: Path):
    with vendor.serving(lamps) as server, running(tmp_path, server.url) as proxy:
        family = psutil.Process(proxy.process.pid).children(recursive=True)
        assert len(family) >= 4, "two workers, each with its fetch process"
        proxy.process.kill()
        _, alive = psutil.wait_procs(family, timeout=PATIENCE)
        assert alive == []


def test_neither_query_strings_nor_client_addresses_are_logged(tmp_path: Path):
    with vendor.serving(lamps) as server, running(tmp_path, server.url) as proxy:
        proxy.until_ready()
        proxy.ids()
        proxy.process.terminate()
        _, log = proxy.process.communicate(timeout=PATIENCE)
        assert "/layers/{layer_id}/features masten 200" in log
        assert "bbox" not in log
        assert "52.1" not in log
        assert "127.0.0.1:" not in log.partition("Uvicorn")[0]


def test_more_than_one_worker_requires_a_cache_directory(tmp_path: Path):
    (tmp_path / "masten.yaml").write_text(LAYER.format(url="http://127.0.0.1:9"))
    done = subprocess.run(
        [sys.executable, "-m", "wfs_proxy", "serve", "--workers", "2", "--layers", tmp_path],
        env={**os.environ, "WFS_PROXY_CACHE_DIR": "none"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 1
    assert "more than one worker requires a shared cache directory: set WFS_PROXY_CACHE_DIR" in done.stderr
    assert "Traceback" not in done.stderr


def test_errors_in_layer_files_are_reported_once_and_by_no_worker(tmp_path: Path):
    (tmp_path / "masten.yaml").write_text("title: Masten\nsource: {type: nonsense}\n")
    done = subprocess.run(
        [sys.executable, "-m", "wfs_proxy", "serve", "--workers", "2", "--layers", tmp_path],
        env={**os.environ, "WFS_PROXY_CACHE_DIR": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr.count("masten.yaml")) == (1, 1)


def test_what_is_not_configured_is_logged_once_and_not_by_each_worker(tmp_path: Path):
    waiting = "title: Palen\nsource: {type: geojson, url: ${PALEN_URL}}\n"
    (tmp_path / "layers").mkdir()
    (tmp_path / "layers" / "palen.yaml").write_text(waiting)
    (tmp_path / "layers" / "oud.yaml.txt").write_text(waiting)
    with vendor.serving(lamps) as server, starting(tmp_path, server.url, port=free_ports()) as process:
        log = "".join(until_announced(process))
    assert log.count("palen.yaml (set PALEN_URL)") == 1
    assert log.count("oud.yaml.txt") == 1


def test_workers_without_a_layer_say_once_what_to_do_and_serve_one_that_comes(tmp_path: Path):
    with (
        vendor.serving(lamps) as server,
        starting(tmp_path, "${MASTEN_URL}", port=(port := free_ports())) as process,
    ):
        log = "".join(until_announced(process))
        proxy = Running(process=process, address=f"http://127.0.0.1:{port}", layers=tmp_path / "layers")
        assert proxy.get("/readyz").status_code == 503
        assert proxy.get("/layers").json() == {"layers": []}
        (proxy.layers / "masten.yaml").write_text(LAYER.format(url=server.url))
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: all(proxy.get("/readyz").status_code == 200 for _ in range(10)))
        assert sorted(proxy.ids()) == ["masten.1", "masten.2"]
    assert log.count("There is no layer to serve in the folder") == 1
    assert log.count("masten.yaml (set MASTEN_URL)") == 1
