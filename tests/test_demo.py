"""`wfs-proxy demo` as a user has it: started, looked at, ended with Ctrl-C."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import geojson
import httpx
import needs
import pytest

LAYERS = ["luminizer-masten", "moon-lichtmasten", "rioned-leidingen", "rioned-putten", "techview-lichtmasten"]


def two_free_ports() -> int:
    """The first of two ports in a row that nobody listens on."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first, suppress(OSError, OverflowError):
            port = first.getsockname()[1]
            with socket.create_server(("127.0.0.1", port + 1)):
                return port


def start(port: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "wfs_proxy", "demo", "--port", str(port)]
    return subprocess.Popen(command, cwd=needs.ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@contextmanager
def demo() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running demo and what it told at its start."""
    process = start(two_free_ports())
    try:
        told = "".join(iter_until(process, "Ctrl-C"))
        yield process, told
    finally:
        process.kill()
        process.communicate()


def iter_until(process: subprocess.Popen[str], last: str) -> Iterator[str]:
    for line in process.stdout:
        yield line
        if last in line:
            return
    pytest.fail(f"the demo ended early: {process.stderr.read()}")


def curl(told: str) -> str:
    """The address of the curl line that the demo prints."""
    return re.search(r"curl '(http://127\.0\.0\.1:\d+/\S+)'", told).group(1)


def test_demo_serves_the_layers_and_ends_with_ctrl_c():
    with demo() as (process, told):
        features = httpx.get(curl(told), timeout=60).json()["features"]
        assert len(features) > 500
        assert all(4.30 <= geometry["coordinates"][0] <= 4.32 for geometry in (f["geometry"] for f in features))
        base = curl(told).partition("/layers")[0]
        assert sorted(layer["id"] for layer in httpx.get(f"{base}/layers").json()["layers"]) == LAYERS
        for layer in LAYERS:
            answer = httpx.get(f"{base}/layers/{layer}/features", timeout=60)
            assert answer.json()["numberMatched"] >= 2000
            assert geojson.loads(answer.text).is_valid
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
        assert (process.returncode, output) == (0, "")
        assert "Traceback" not in errors


def test_demo_serves_the_vendors_beside_it():
    with demo() as (_, told):
        vendor = re.search(r"http://127\.0\.0\.1:\d+/rioned", told).group()
        assert "not recorded" in httpx.get(vendor, params={"service": "WFS", "request": "GetMap"}).text


@pytest.mark.parametrize("offset", [0, 1], ids=["the proxy's", "the vendors'"])
def test_demo_says_which_port_is_taken(offset):
    port = two_free_ports()
    with socket.create_server(("127.0.0.1", port + offset)):
        output, errors = start(port).communicate(timeout=60)
    assert output == ""
    assert f"port {port + offset} is taken" in errors
    assert "Traceback" not in errors
