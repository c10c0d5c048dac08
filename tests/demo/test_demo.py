"""`wfs-proxy demo` as a user has it: started, looked at, ended with Ctrl-C."""

from __future__ import annotations

import itertools
import json
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import geojson
import httpx
import needs
import pytest

from bench.ports import free_ports
from wfs_proxy.demo.compose import run_demo, run_replay, vendor_addresses
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.recordings.replay import read_recordings

FIXTURES = needs.ROOT / "fixtures"
LAYERS = ["luminizer-masten", "moon-lichtmasten", "rioned-leidingen", "rioned-putten", "techview-lichtmasten"]


def start(port: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "wfs_proxy", "demo", "--port", str(port)]
    return subprocess.Popen(command, cwd=needs.ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@contextmanager
def started() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running demo and what it told at its start."""
    process = start(free_ports(3))
    try:
        yield process, "".join(until(process, "Ctrl-C"))
    finally:
        process.kill()
        process.communicate()


def until(process: subprocess.Popen[str], last: str) -> Iterator[str]:
    """The lines of its output up to the one with these words."""
    for line in process.stdout:
        yield line
        if last in line:
            return
    pytest.fail(f"the demo ended early: {process.stderr.read()}")


@pytest.fixture(scope="module")
def told() -> Iterator[str]:
    """What a demo told that is running now."""
    with started() as (_, text):
        yield text


def curl(told: str) -> str:
    """The address of the curl line that the demo prints."""
    return re.search(r"curl '(http://127\.0\.0\.1:\d+/\S+)'", told).group(1)


def test_demo_prints_a_curl_line_that_works(told):
    answer = httpx.get(curl(told), timeout=60)
    places = [feature["geometry"]["coordinates"] for feature in answer.json()["features"]]
    assert len(places) > 500
    assert all(4.30 <= longitude <= 4.32 and 52.06 <= latitude <= 52.08 for longitude, latitude in places)


def test_demo_serves_all_shipped_layers(told):
    base = curl(told).partition("/layers")[0]
    assert sorted(layer["id"] for layer in httpx.get(f"{base}/layers").json()["layers"]) == LAYERS
    for layer in LAYERS:
        answer = httpx.get(f"{base}/layers/{layer}/features", timeout=60)
        assert answer.json()["numberMatched"] >= 2000
        assert geojson.loads(answer.text).is_valid


def test_demo_serves_the_vendors_beside_it(told):
    vendor = re.search(r"http://127\.0\.0\.1:\d+/rioned", told).group()
    assert "not recorded" in httpx.get(vendor, params={"service": "WFS", "request": "GetMap"}).text


def after(words: str, told: str) -> list[list[str]]:
    """The command lines under a line with these words."""
    lines = told.partition(words)[2].splitlines()[1:]
    taken = itertools.takewhile(lambda line: line.startswith("  "), lines)
    return [shlex.split(line) for line in taken]


def run(command: list[str]) -> str:
    """What a command line of the demo answers."""
    program = needs.program(command[0], package=command[0])
    return subprocess.run([program, "-s", "-f", *command[1:]], check=True, capture_output=True, text=True).stdout


def etag_once(*, reported: bool, address: str) -> str:
    """The ETag of an object, from the moment that it is reported, or is no longer."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        answer = httpx.get(address, timeout=60)
        marks = {name: answer.json()["properties"][name] for name in ("IS_GEMELD", "meldingstatus")}
        if marks == ({"IS_GEMELD": "1", "meldingstatus": 1} if reported else {"IS_GEMELD": "0", "meldingstatus": 0}):
            return answer.headers["etag"]
        time.sleep(0.1)
    pytest.fail(f"{address} has {marks}")


def test_demo_marks_what_is_reported_and_unmarks_what_is_closed(told):
    (look, report), (close,) = after("Report this one", told), after("close the report", told)
    address, around = look[1], curl(told)
    free = etag_once(reported=False, address=address)
    all_free = httpx.get(around, timeout=60).headers["etag"]

    assert json.loads(run(report))["status"]["state"] == "OPEN"
    reported = etag_once(reported=True, address=address)
    all_reported = httpx.get(around, timeout=60).headers["etag"]

    assert json.loads(run(close))["status"]["state"] == "o"
    closed = etag_once(reported=False, address=address)
    all_closed = httpx.get(around, timeout=60).headers["etag"]

    assert reported not in {free, closed}
    assert all_reported not in {all_free, all_closed}


def test_demo_has_reports_in_every_layer_from_the_start(told):
    base = curl(told).partition("/layers")[0]
    for layer in LAYERS:
        features = httpx.get(f"{base}/layers/{layer}/features", timeout=60).json()["features"]
        marked = [feature for feature in features if feature["properties"]["IS_GEMELD"] == "1"]
        assert 20 < len(marked) < len(features) / 10
        state = httpx.get(f"{base}/layers/{layer}").json()["reported"]
        assert (state["fault"], state["ambiguous"], state["void"]) == (None, 0, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_demo_ends_cleanly(number):
    with started() as (process, _):
        process.send_signal(number)
        output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (0, "", "")


def test_demo_ends_with_a_sentence_when_its_port_is_taken():
    port = free_ports(3)
    with socket.create_server(("127.0.0.1", port)):
        process = start(port)
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (1, "")
    assert errors.startswith(f"wfs-proxy: port {port} is in use")
    assert "Traceback" not in errors


async def no_app(scope, receive, send):
    """An ASGI app that is never asked."""


def test_demo_needs_the_vendors_port_too():
    port = free_ports(3)
    with socket.create_server(("127.0.0.1", port + 1)), pytest.raises(ConfigurationError, match=f"port {port + 1} is"):
        run_demo(port=port, fixtures=FIXTURES, environment={}, proxy=lambda _: no_app)


def test_demo_refuses_a_port_without_room_behind_it():
    with pytest.raises(ConfigurationError, match="three ports in a row"):
        run_demo(port=65535, fixtures=FIXTURES, environment={}, proxy=lambda _: no_app)


@pytest.mark.parametrize("run", [run_replay, run_demo], ids=["replay", "demo"])
def test_without_recordings_there_is_nothing_to_serve(run, tmp_path):
    options = {"directory": tmp_path} if run is run_replay else {"fixtures": tmp_path, "environment": {}, "proxy": None}
    with pytest.raises(ConfigurationError, match="holds no recording"):
        run(port=8000, **options)


def test_vendors_addresses_are_what_the_shipped_layer_files_ask_for():
    named = {
        name
        for path in (needs.ROOT / "layers").glob("*.yaml")
        for name in re.findall(r"\$\{(\w+_URL)", path.read_text())
    }
    addresses = vendor_addresses(read_recordings(FIXTURES), 9001)
    assert {*addresses, "SIGNALEN_URL"} == named
    assert addresses["MOON_WFS_URL"] == "http://127.0.0.1:9001/moon"
