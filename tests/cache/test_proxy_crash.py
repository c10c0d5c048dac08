"""The real program, killed while it fetches and serves: afterwards it serves the same data, without the vendor."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import needs
import pytest
import vendor

from bench.ports import free_ports

LAYER = """\
title: Masten
source: {{type: geojson, url: "{url}"}}
fetch: {{fresh_for: 1s, stale_for: 1d}}
properties:
  id: nummer
  fields: {{nummer: string, ronde: integer}}
"""
FEWEST = 300


class Masts:
    """A vendor that has one more object at each request, with the request's number on all objects; 503 while `away`."""

    def __init__(self) -> None:
        self.asked = 0
        self.away = False
        self.away_after = 1_000

    def __call__(self, _: vendor.Seen) -> vendor.Answer:
        if self.away or self.asked == self.away_after:
            return vendor.Answer(status=503)
        self.asked += 1
        features = [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [4.3 + number * 1e-5, 52.0]},
                "properties": {"nummer": f"{number:05d}", "ronde": self.asked},
            }
            for number in range(FEWEST + self.asked)
        ]
        body = json.dumps({"type": "FeatureCollection", "features": features}).encode()
        return vendor.Answer(body=body, media_type="application/geo+json")


@contextmanager
def proxy(folder: Path) -> Iterator[str]:
    """Run the proxy, yield the URL of its features, and kill it at the end."""
    port = free_ports()
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "wfs_proxy", "serve", "--port", str(port), "--layers", folder / "layers"],
            env={"PYTHONPATH": str(needs.ROOT), "WFS_PROXY_CACHE_DIR": str(folder / "cache")},
            stderr=log,
        )
    try:
        yield f"http://127.0.0.1:{port}/layers/masten/features"
    finally:
        process.kill()
        process.wait()


def first_answer(url: str) -> httpx.Response:
    """Return the first answer after the start."""
    deadline = time.monotonic() + 90
    while True:
        try:
            return httpx.get(url, timeout=30)
        except httpx.ConnectError:
            assert time.monotonic() < deadline, "the proxy did not start"


def round_of(answer: httpx.Response) -> int:
    """Return the number of the fetch that is served; all objects must be from the same one."""
    assert answer.status_code == 200, answer.text
    features = answer.json()["features"]
    [number] = {feature["properties"]["ronde"] for feature in features}
    assert len(features) == FEWEST + number
    return number


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.fixture
def masts() -> Masts:
    return Masts()


@pytest.fixture
def folder(tmp_path: Path, masts: Masts) -> Iterator[Path]:
    with vendor.serving(masts) as server:
        (tmp_path / "layers").mkdir()
        (tmp_path / "layers" / "masten.yaml").write_text(LAYER.format(url=server.url))
        yield tmp_path


def test_the_first_answer_after_a_kill_is_the_last_one_before(folder, masts):
    masts.away_after = 1
    answers = []
    for _ in range(3):
        with proxy(folder) as url:
            answers.append(first_answer(url))
    assert round_of(answers[0]) == 1
    assert [answer.content for answer in answers] == [answers[0].content] * 3
    for header in ("ETag", "Last-Modified"):
        assert [answer.headers[header] for answer in answers] == [answers[0].headers[header]] * 3


def test_a_proxy_that_is_killed_while_it_fetches_serves_one_whole_fetch_after(folder, masts):
    served = 0
    for pause in (0.0, 0.003, 0.01, 0.03):
        masts.away = False
        with proxy(folder) as url:
            assert round_of(first_answer(url)) >= served
            served = round_of(httpx.get(url))
            asked = masts.asked
            until(lambda asked=asked: masts.asked > asked)
            time.sleep(pause)
        masts.away = True
        with proxy(folder) as url:
            found = round_of(first_answer(url))
        assert found >= served
        served = found


def test_only_the_owner_can_read_what_the_proxy_writes(folder):
    with proxy(folder) as url:
        round_of(first_answer(url))
    written = list((folder / "cache").rglob("*"))
    assert {path.stat().st_mode & 0o777 for path in written if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in written if path.is_file()} == {0o600}
