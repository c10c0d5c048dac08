"""Three machines that share a Redis, and what happens when one of them or the Redis is killed.

Each machine is a whole proxy in its own process with its own cache directory.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import needs
import pytest
import redis_server
import vendor
from a_signalen import LIGHT, READER, ASignalen
from redis_server import RedisServer
from running_proxy import served
from vendor import Answer, Seen
from waiting import PATIENCE, wait_until

from bench.ports import free_ports

LAYER = """\
title: Lampen
source:
  type: geojson
  url: ${VENDOR}
fetch: {fresh_for: %s, stale_for: 1d}
properties:
  id: nummer
  fields: {nummer: string}
"""
REPORTS = f"""\
reports:
  signalen: default
  categories: [{LIGHT}]
  match: {{fields: [nummer]}}
"""


class Vendor:
    """Answers with this many lamps once `answers` is set, and counts the requests."""

    def __init__(self, lamps: int = 3) -> None:
        self.lamps = lamps
        self.away = False
        self.answers = threading.Event()
        self.answers.set()
        self.asked = 0

    def __call__(self, _: Seen) -> Answer:
        self.asked += 1
        self.answers.wait(PATIENCE)
        if self.away:
            return Answer(status=503)
        features = [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [4.3 + i * 1e-6, 52.06]},
                "properties": {"nummer": f"{i:06d}"},
            }
            for i in range(self.lamps)
        ]
        body = json.dumps({"type": "FeatureCollection", "features": features}).encode()
        return Answer(body=body, media_type="application/geo+json")


class Replica:
    """One machine: `wfs-proxy serve` with its own folder."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        folder.mkdir()
        port = free_ports()
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "wfs_proxy", "serve", "--port", str(port)],
                cwd=needs.ROOT,
                env={**os.environ, **environment, "WFS_PROXY_CACHE_DIR": str(folder / "cache")},
                stdout=log,
                stderr=log,
            )
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE)

    @property
    def log(self) -> str:
        """The log so far."""
        return self._log.read_text()

    def get(self, path: str) -> httpx.Response | None:
        """Return an answer; None while the port does not listen yet."""
        try:
            return self._client.get(path)
        except httpx.ConnectError:
            assert self.process.poll() is None, self.log
            return None

    def count(self) -> int | None:
        """Return the number of lamps that it serves; None while it has no data."""
        response = self.get("/layers/lampen/features?limit=1")
        return response.json()["numberMatched"] if response is not None and response.status_code == 200 else None

    def tag(self) -> tuple[str, list[str]]:
        """Return the ETag and the ids that it serves."""
        response = self.get("/layers/lampen/features")
        return response.headers["etag"], [feature["id"] for feature in response.json()["features"]]

    def mark(self) -> str | None:
        """Return the mark of the first lamp; None while it has no data."""
        response = self.get("/layers/lampen/features")
        if response is None or response.status_code != 200:
            return None
        return response.json()["features"][0]["properties"].get("IS_GEMELD")

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self._client.close()


class Town:
    """The vendor, the Redis and the machines."""

    def __init__(self, folder: Path, redis: RedisServer, stack: ExitStack) -> None:
        self.vendor = Vendor()
        self.redis = redis
        self._folder = folder
        self._stack = stack
        self.layers = folder / "layers"
        self.layers.mkdir()
        (self.layers / "lampen.yaml").write_text(LAYER % "1h")
        self.environment = {
            "VENDOR": stack.enter_context(vendor.serving(self.vendor)).url,
            "WFS_PROXY_LAYERS": str(self.layers),
            "WFS_PROXY_REDIS_URL": redis.url,
        }
        stack.callback(self.vendor.answers.set)
        self._machines = 0

    def start(self) -> Replica:
        self._machines += 1
        replica = Replica(self._folder / f"machine-{self._machines}", self.environment)
        self._stack.callback(replica.end)
        return replica


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    folder = tmp_path / "redis"
    folder.mkdir()
    with redis_server.serving(folder) as redis, ExitStack() as stack:
        yield Town(tmp_path, redis, stack)


def all_serve(replicas: list[Replica], lamps: int) -> Callable[[], bool]:
    return lambda: all(replica.count() == lamps for replica in replicas)


def redis_has_all(redis: RedisServer) -> bool:
    """Whether it has the metadata and the whole snapshot, and no machine holds the lease."""
    whole = [key for key in redis.keys("snapshot") if redis.client.hexists(key, "manifest.json")]
    return bool(redis.keys("metadata") and whole) and not redis.keys("lock")


@pytest.mark.parametrize(("machines", "workers"), [(3, 1), (2, 2)])
def test_one_machine_fetches_and_all_serve_the_same(town: Town, machines: int, workers: int):
    town.environment["WFS_PROXY_WORKERS"] = str(workers)
    town.vendor.answers.clear()
    replicas = [town.start() for _ in range(machines)]
    wait_until(lambda: town.vendor.asked == 1)
    wait_until(lambda: all(replica.get("/healthz") is not None for replica in replicas))
    town.vendor.answers.set()

    wait_until(all_serve(replicas, 3))
    assert [replica.tag() for replica in replicas] == [replicas[0].tag()] * machines
    assert replicas[0].tag()[1] == ["lampen.000000", "lampen.000001", "lampen.000002"]
    assert town.vendor.asked == 1


def test_another_machine_fetches_when_the_one_that_fetches_is_killed(town: Town):
    town.vendor.answers.clear()
    fetcher = town.start()
    wait_until(lambda: town.vendor.asked == 1 and bool(town.redis.keys("lock")))
    others = [town.start(), town.start()]
    wait_until(lambda: all(replica.get("/healthz") is not None for replica in others))
    fetcher.process.kill()
    fetcher.process.wait()
    town.vendor.answers.set()

    wait_until(all_serve(others, 3))
    assert others[0].tag() == others[1].tag()
    assert town.vendor.asked == 2


def test_machines_serve_without_redis_and_share_again_when_it_is_back(town: Town):
    town.vendor.answers.clear()
    replicas = [town.start() for _ in range(3)]
    wait_until(lambda: town.vendor.asked == 1)
    wait_until(lambda: all(replica.get("/healthz") is not None for replica in replicas))
    town.redis.kill()
    town.vendor.answers.set()
    wait_until(all_serve(replicas, 3))
    wait_until(lambda: all("Redis cannot be reached" in replica.log for replica in replicas))
    assert replicas[0].get("/readyz").json()["cache"] == "Redis cannot be reached"

    town.redis.start()
    wait_until(lambda: redis_has_all(town.redis))
    asked = town.vendor.asked
    town.vendor.away = True
    fourth = town.start()
    wait_until(all_serve([fourth], 3))
    assert fourth.tag()[1] == replicas[0].tag()[1]
    assert town.vendor.asked == asked
    wait_until(lambda: all(replica.get("/readyz").json()["cache"] == "usable" for replica in replicas))
    for replica in replicas:
        assert (replica.log.count("WARNING"), replica.log.count("Traceback")) == (1, 0), replica.log


def test_a_redis_that_is_killed_while_a_snapshot_is_written_has_it_complete_later(town: Town):
    town.vendor.lamps = 60_000
    replicas = [town.start()]
    wait_until(lambda: bool(town.redis.keys("snapshot")), pause=0)
    town.redis.kill()
    town.redis.start()
    replicas += [town.start(), town.start()]

    wait_until(all_serve(replicas, 60_000))
    wait_until(lambda: redis_has_all(town.redis))
    town.vendor.away = True
    fourth = town.start()
    wait_until(all_serve([fourth], 60_000))
    assert len({replica.get("/layers/lampen/features").headers["etag"] for replica in [*replicas, fourth]}) == 1


def test_a_redis_that_returns_with_old_data_gets_the_newest(town: Town):
    (town.layers / "lampen.yaml").write_text(LAYER % "2s")
    replicas = [town.start() for _ in range(3)]
    wait_until(all_serve(replicas, 3))
    wait_until(lambda: redis_has_all(town.redis))
    town.redis.save()
    town.vendor.lamps = 4
    wait_until(all_serve(replicas, 4))
    town.vendor.away = True
    town.redis.kill()
    town.redis.start()

    fourth = town.start()
    wait_until(all_serve([fourth], 4))
    assert all_serve(replicas, 4)()


def test_one_machine_polls_signalen_and_all_serve_the_same_marks(town: Town):
    signalen = ASignalen()
    report = [
        {"id": "q", "label": "Lamp", "category_url": "", "answer": [{"id": "000000", "type": "Lamp", "label": "L"}]}
    ]
    layer = town.layers / "lampen.yaml"
    layer.write_text(layer.read_text() + REPORTS)
    with served(signalen, lifespan="off") as url:
        (town.layers / "signalen.yaml").write_text(
            f'instances: {{default: {{url: {url}, auth: {{type: bearer, token: "${{TOKEN}}"}}, poll: 1s}}}}'
        )
        town.environment["TOKEN"] = signalen.provider.mint(READER, lifetime=1e6)
        replicas = [town.start() for _ in range(3)]
        wait_until(lambda: [replica.mark() for replica in replicas] == ["0"] * 3)
        signalen.backend.create((4.3, 52.06), LIGHT, extra_properties=report)
        wait_until(lambda: [replica.mark() for replica in replicas] == ["1"] * 3)
        assert [replica.tag() for replica in replicas] == [replicas[0].tag()] * 3
        polls = [
            re.search(r'polls_total{.*outcome="good"} (\S+)', replica.get("/metrics").text) for replica in replicas
        ]
        assert sorted(float(each[1]) > 0 for each in polls) == [False, False, True]
