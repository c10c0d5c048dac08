"""Three machines, each a whole proxy in a process of its own with a disk of its own, one Redis, and what kills them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
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
PATIENCE = 40.0
"""Seconds; a lock whose holder died ends after ten."""


class Vendor:
    """Answers when it is let, with as many lamps as it is told; and counts how often it was asked."""

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
    """One machine: `wfs-proxy serve` with a folder of its own."""

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
        """What it has logged."""
        return self._log.read_text()

    def get(self, path: str) -> httpx.Response | None:
        """Its answer; None while it does not listen yet."""
        try:
            return self._client.get(path)
        except httpx.ConnectError:
            assert self.process.poll() is None, self.log
            return None

    def count(self) -> int | None:
        """How many lamps it serves; None while it serves none."""
        response = self.get("/layers/lampen/features?limit=1")
        return response.json()["numberMatched"] if response is not None and response.status_code == 200 else None

    def tag(self) -> tuple[str, list[str]]:
        """The ETag and the ids that it serves."""
        response = self.get("/layers/lampen/features")
        return response.headers["etag"], [feature["id"] for feature in response.json()["features"]]

    def mark(self) -> str | None:
        """The mark of the first lamp."""
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


def eventually(condition: Callable[[], bool], *, pause: float = 0.02) -> None:
    """Wait until it holds."""
    last = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < last, "it never came to be"
        time.sleep(pause)


def all_serve(replicas: list[Replica], lamps: int) -> Callable[[], bool]:
    return lambda: all(replica.count() == lamps for replica in replicas)


def redis_has_all(redis: RedisServer) -> bool:
    """Whether it has the record and the whole of its snapshot, and nobody is at it."""
    whole = [key for key in redis.keys("snapshot") if redis.client.hexists(key, "manifest.json")]
    return bool(redis.keys("record") and whole) and not redis.keys("lock")


@pytest.mark.parametrize(("machines", "workers"), [(3, 1), (2, 2)])
def test_one_asks_the_vendor_and_all_serve_the_same(town: Town, machines: int, workers: int):
    town.environment["WFS_PROXY_WORKERS"] = str(workers)
    town.vendor.answers.clear()
    replicas = [town.start() for _ in range(machines)]
    eventually(lambda: town.vendor.asked == 1)
    eventually(lambda: all(replica.get("/healthz") is not None for replica in replicas))
    town.vendor.answers.set()

    eventually(all_serve(replicas, 3))
    assert [replica.tag() for replica in replicas] == [replicas[0].tag()] * machines
    assert replicas[0].tag()[1] == ["lampen.000000", "lampen.000001", "lampen.000002"]
    assert town.vendor.asked == 1


def test_machine_that_is_killed_while_it_fetches_is_replaced_by_one_other(town: Town):
    town.vendor.answers.clear()
    filler = town.start()
    eventually(lambda: town.vendor.asked == 1 and bool(town.redis.keys("lock")))
    others = [town.start(), town.start()]
    eventually(lambda: all(replica.get("/healthz") is not None for replica in others))
    filler.process.kill()
    filler.process.wait()
    town.vendor.answers.set()

    eventually(all_serve(others, 3))
    assert others[0].tag() == others[1].tag()
    assert town.vendor.asked == 2


def test_redis_killed_while_one_fetches_stops_nobody_and_gets_everything_back(town: Town):
    town.vendor.answers.clear()
    replicas = [town.start() for _ in range(3)]
    eventually(lambda: town.vendor.asked == 1)
    eventually(lambda: all(replica.get("/healthz") is not None for replica in replicas))
    town.redis.kill()
    town.vendor.answers.set()
    eventually(all_serve(replicas, 3))
    eventually(lambda: all("Redis cannot be reached" in replica.log for replica in replicas))
    assert replicas[0].get("/readyz").json()["cache"] == "Redis cannot be reached"

    town.redis.start()
    eventually(lambda: redis_has_all(town.redis))
    asked = town.vendor.asked
    town.vendor.away = True
    fourth = town.start()
    eventually(all_serve([fourth], 3))
    assert fourth.tag()[1] == replicas[0].tag()[1]
    assert town.vendor.asked == asked
    eventually(lambda: all(replica.get("/readyz").json()["cache"] == "usable" for replica in replicas))
    for replica in replicas:
        assert (replica.log.count("WARNING"), replica.log.count("Traceback")) == (1, 0), replica.log


def test_redis_killed_while_it_is_given_a_snapshot_gets_it_whole_later(town: Town):
    town.vendor.lamps = 60_000
    replicas = [town.start()]
    eventually(lambda: bool(town.redis.keys("snapshot")), pause=0)
    town.redis.kill()
    town.redis.start()
    replicas += [town.start(), town.start()]

    eventually(all_serve(replicas, 60_000))
    eventually(lambda: redis_has_all(town.redis))
    town.vendor.away = True
    fourth = town.start()
    eventually(all_serve([fourth], 60_000))
    assert len({replica.get("/layers/lampen/features").headers["etag"] for replica in [*replicas, fourth]}) == 1


def test_redis_that_comes_back_with_old_data_gets_the_newest(town: Town):
    (town.layers / "lampen.yaml").write_text(LAYER % "2s")
    replicas = [town.start() for _ in range(3)]
    eventually(all_serve(replicas, 3))
    eventually(lambda: redis_has_all(town.redis))
    town.redis.save()
    town.vendor.lamps = 4
    eventually(all_serve(replicas, 4))
    town.vendor.away = True
    town.redis.kill()
    town.redis.start()

    fourth = town.start()
    eventually(all_serve([fourth], 4))
    assert all_serve(replicas, 4)()


def test_one_polls_signalen_and_all_show_the_same_marks(town: Town):
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
        eventually(lambda: [replica.mark() for replica in replicas] == ["0"] * 3)
        signalen.backend.create((4.3, 52.06), LIGHT, extra_properties=report)
        eventually(lambda: [replica.mark() for replica in replicas] == ["1"] * 3)
        assert [replica.tag() for replica in replicas] == [replicas[0].tag()] * 3
        polls = [
            re.search(r'polls_total{.*outcome="good"} (\S+)', replica.get("/metrics").text) for replica in replicas
        ]
        assert sorted(float(each[1]) > 0 for each in polls) == [False, False, True]
