"""`wfs-proxy demo` as a user has it: started, looked at, ended with Ctrl-C."""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import geojson
import httpx
import needs
import pyogrio
import pytest

from bench.ports import free_ports
from fixtures.shipped import WHO
from wfs_proxy.config.catalogue import Catalogue, load_catalogue
from wfs_proxy.demo import recorded
from wfs_proxy.demo.compose import refuse_other_machines, run_demo, run_replay, vendor_addresses
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.recordings.replay import read_recordings

REAL_LAYER = "title: L\nsource: {type: wfs, url: 'https://vendor.example/wfs', type_names: [lamp]}\n"
REAL_SERVICES = {
    "MOON_WFS_URL": "https://vendor.example/wfs",
    "SIGNALEN_URL": "https://signalen.example",
    "WFS_PROXY_LAYERS": "layers",
    "WFS_PROXY_REDIS_URL": "redis://redis.example",
    "HTTP_PROXY": "http://proxy.example:3128",
}
pytestmark = pytest.mark.timeout(400)
LAYERS = sorted(WHO)


def start(port: int, folder: Path) -> subprocess.Popen[str]:
    """Start the demo in a folder whose files, and in an environment whose variables, name other machines."""
    (folder / "layers").mkdir(exist_ok=True)
    (folder / "layers" / "real.yaml").write_text(REAL_LAYER)
    command = [sys.executable, "-m", "wfs_proxy", "demo", "--port", str(port)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=folder, env={**os.environ, **REAL_SERVICES}, text=True, **pipes)


@contextmanager
def started(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the demo; yield the process and the text that it printed at its start."""
    process = start(free_ports(3), folder)
    try:
        yield process, "".join(until(process, "Ctrl-C"))
    finally:
        process.kill()
        process.communicate()


def until(process: subprocess.Popen[str], last: str) -> Iterator[str]:
    """Yield the lines of its output up to the one with these words."""
    for line in process.stdout:
        yield line
        if last in line:
            return
    pytest.fail(f"the demo ended early: {process.stderr.read()}")


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The text that the running demo printed."""
    with started(tmp_path_factory.mktemp("demo")) as (_, text):
        ready = f"{curl(text).partition('/layers')[0]}/readyz"
        eventually(lambda: httpx.get(ready, timeout=60).status_code == 200)
        yield text


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until a condition is true; the limit only ends a test that would wait for ever."""
    deadline = time.monotonic() + 200
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def curl(printed: str) -> str:
    """Return the URL in the curl command that the demo prints."""
    return re.search(r"curl '(http://127\.0\.0\.1:\d+/\S+)'", printed).group(1)


def test_demo_prints_a_curl_line_that_works(printed):
    answer = httpx.get(curl(printed), timeout=60)
    places = [feature["geometry"]["coordinates"] for feature in answer.json()["features"]]
    assert len(places) > 500
    assert all(4.30 <= longitude <= 4.32 and 52.06 <= latitude <= 52.08 for longitude, latitude in places)


def test_demo_serves_all_shipped_layers(printed):
    base = curl(printed).partition("/layers")[0]
    assert sorted(layer["id"] for layer in httpx.get(f"{base}/layers").json()["layers"]) == LAYERS
    for layer in LAYERS:
        answer = httpx.get(f"{base}/layers/{layer}/features", timeout=60)
        assert answer.json()["numberMatched"] >= 150
        assert geojson.loads(answer.text).is_valid


def test_gdal_and_qgis_can_follow_the_links_of_the_demo(printed):
    """Both programs read the links of OGC API Features literally, so these need a host."""
    base = curl(printed).partition("/layers")[0]
    landing = httpx.get(f"{base}/ogc/v1", headers={"Accept": "application/json"}).json()

    assert {urlsplit(link["href"]).netloc for link in landing["links"]} == {urlsplit(base).netloc}
    layers = pyogrio.list_layers(f"OAPIF:{base}/ogc/v1")[:, 0].tolist()
    assert sorted(layers) == LAYERS
    assert pyogrio.read_info(f"OAPIF:{base}/ogc/v1", layer="rioned-putten")["features"] > 2_000
    features = httpx.get(f"{base}/layers/rioned-putten/features?limit=1").json()
    (following,) = (link["href"] for link in features["links"] if link["rel"] == "next")
    assert following.startswith(base)


def test_demo_serves_the_vendors_too(printed):
    vendor = re.search(r"http://127\.0\.0\.1:\d+/rioned", printed).group()
    assert "not recorded" in httpx.get(vendor, params={"service": "WFS", "request": "GetMap"}).text


def after(words: str, printed: str) -> list[list[str]]:
    """Return the commands under a line with these words."""
    lines = printed.partition(words)[2].splitlines()[1:]
    taken = itertools.takewhile(lambda line: line.startswith("  "), lines)
    return [shlex.split(line) for line in taken]


def run(command: list[str]) -> str:
    """Return the output of a command that the demo printed."""
    program = needs.program(command[0], package=command[0])
    return subprocess.run([program, "-s", "-f", *command[1:]], check=True, capture_output=True, text=True).stdout


def etag_once(*, reported: bool, address: str) -> str:
    """Return the ETag of an object once it is reported, or once it no longer is."""
    expected = {"IS_GEMELD": str(int(reported)), "meldingstatus": int(reported)}
    eventually(lambda: expected.items() <= httpx.get(address, timeout=60).json()["properties"].items())
    return httpx.get(address, timeout=60).headers["etag"]


def test_demo_marks_what_is_reported_and_unmarks_what_is_closed(printed):
    (look, report), (close,) = after("Report this object", printed), after("Close the report", printed)
    address, around = look[1], curl(printed)
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


def test_demo_has_reports_in_every_layer_from_the_start(printed):
    base = curl(printed).partition("/layers")[0]
    eventually(lambda: all(httpx.get(f"{base}/layers/{layer}").json()["reported"]["as_of"] for layer in LAYERS))
    for layer in LAYERS:
        features = httpx.get(f"{base}/layers/{layer}/features", timeout=60).json()["features"]
        marked = [feature for feature in features if feature["properties"]["IS_GEMELD"] == "1"]
        assert 5 < len(marked) < len(features) / 9
        state = httpx.get(f"{base}/layers/{layer}").json()["reported"]
        assert (state["fault"], state["ambiguous"], state["void"]) == (None, 0, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_demo_ends_cleanly(number, tmp_path):
    with started(tmp_path) as (process, _):
        process.send_signal(number)
        output, errors = process.communicate(timeout=300)
    assert (process.returncode, output, errors) == (0, "", "")


def test_demo_ends_with_a_sentence_when_its_port_is_taken(tmp_path):
    port = free_ports(3)
    with socket.create_server(("127.0.0.1", port)):
        process = start(port, tmp_path)
        output, errors = process.communicate(timeout=300)
    assert (process.returncode, output) == (1, "")
    assert errors.startswith(f"wfs-proxy: port {port} is in use")
    assert "Traceback" not in errors


async def no_app(scope, receive, send):
    """An ASGI app that gets no requests."""


def test_demo_needs_the_vendors_port_too():
    port = free_ports(3)
    with socket.create_server(("127.0.0.1", port + 1)), pytest.raises(ConfigurationError, match=f"port {port + 1} is"):
        run_demo(port=port, layers=None, fixtures=None, environment={}, proxy=lambda _layers, _variables: no_app)


def test_demo_refuses_a_port_too_near_the_last():
    with pytest.raises(ConfigurationError, match="three consecutive ports"):
        run_demo(port=65534, layers=None, fixtures=None, environment={}, proxy=lambda _layers, _variables: no_app)


def test_replay_needs_recordings(tmp_path):
    with pytest.raises(ConfigurationError, match="holds no recording"):
        run_replay(port=8000, directory=tmp_path)


def test_demo_needs_recordings(tmp_path):
    with pytest.raises(ConfigurationError, match="holds no recording"):
        run_demo(port=8000, layers=None, fixtures=tmp_path, environment={}, proxy=lambda _layers, _variables: no_app)


def test_demo_plays_the_layers_and_recordings_of_other_folders(tmp_path):
    """Everything is built with these files; the port is taken, which ends the demo before it serves."""
    (tmp_path / "lamps.yaml").write_text("title: L\nsource: {type: wfs, url: '${MOON_WFS_URL}', type_names: [lamp]}\n")
    asked = []
    port = free_ports(3)
    with socket.create_server(("127.0.0.1", port)), pytest.raises(ConfigurationError, match=f"port {port} is"):
        run_demo(
            port=port,
            layers=tmp_path,
            fixtures=needs.ROOT / "fixtures" / "moon-lichtmasten",
            environment={"MOON_WFS_URL": "https://vendor.example"},
            proxy=lambda layers, variables: asked.append((layers, variables["MOON_WFS_URL"])) or no_app,
        )
    assert asked == [(tmp_path, f"http://127.0.0.1:{port + 1}/moon")]


HERE = "http://127.0.0.1:8001"
AWAY = "http://127.0.0.2.example"
ADDRESSES = {"layer": HERE, "layer's tokens": HERE, "instance": "http://localhost", "instance's tokens": "http://[::1]"}


def catalogue_with(folder: Path, addresses: dict[str, str], auth: str) -> Catalogue:
    """Write a layer and an instance with these addresses; `auth` is the block of the instance."""
    oauth2 = {"type": "oauth2", "token_url": addresses["layer's tokens"], "client_id": "c", "client_secret": "s"}
    source = {"type": "wfs", "url": addresses["layer"], "type_names": ["lamp"], "auth": oauth2}
    tokens = {"oauth2": "token_url", "oidc": "issuer"}[auth]
    login = {"type": auth, tokens: addresses["instance's tokens"], "client_id": "c", "client_secret": "s"}
    instances = {"default": {"url": addresses["instance"], "auth": login}}
    (folder / "lamps.yaml").write_text(json.dumps({"title": "L", "source": source}))
    (folder / "signalen.yaml").write_text(json.dumps({"instances": instances}))
    return load_catalogue(folder, {})


@pytest.mark.parametrize("auth", ["oauth2", "oidc"])
def test_demo_accepts_addresses_of_this_machine(tmp_path, auth):
    refuse_other_machines(catalogue_with(tmp_path, ADDRESSES, auth))


@pytest.mark.parametrize("auth", ["oauth2", "oidc"])
@pytest.mark.parametrize("of", ADDRESSES)
def test_demo_refuses_addresses_of_other_machines(tmp_path, of, auth):
    name = "lamps" if of.startswith("layer") else "signalen.yaml, default"
    with pytest.raises(ConfigurationError, match=rf"^{name}: .* not 127\.0\.0\.2\.example"):
        refuse_other_machines(catalogue_with(tmp_path, {**ADDRESSES, of: AWAY}, auth))


def test_demo_refuses_a_login_at_another_machine(tmp_path):
    login = {"type": "login", "url": AWAY, "fields": {"a": "b"}}
    source = {"type": "geojson", "url": HERE, "auth": login}
    (tmp_path / "lamps.yaml").write_text(json.dumps({"title": "L", "source": source}))
    with pytest.raises(ConfigurationError, match=r"^lamps: .* not 127\.0\.0\.2\.example"):
        refuse_other_machines(load_catalogue(tmp_path, {}))


def test_demo_does_not_start_with_the_address_of_another_machine(tmp_path):
    (tmp_path / "real.yaml").write_text(REAL_LAYER)
    with pytest.raises(ConfigurationError, match=r"^real: .* not vendor\.example"):
        run_demo(port=8000, layers=tmp_path, fixtures=None, environment={}, proxy=lambda _layers, _variables: no_app)


def test_demo_of_a_file_needs_no_address(tmp_path):
    (tmp_path / "lamps.yaml").write_text("title: L\nsource: {type: geojson, url: lamps.geojson}\n")
    refuse_other_machines(load_catalogue(tmp_path, {}))


def test_vendors_addresses_are_what_the_shipped_layer_files_ask_for():
    named = {name for path in recorded.LAYERS.glob("*.yaml") for name in re.findall(r"\$\{(\w+_URL)", path.read_text())}
    addresses = vendor_addresses(read_recordings(recorded.shipped_recordings()), 9001)
    assert {*addresses, "SIGNALEN_URL"} == named
    assert addresses["MOON_WFS_URL"] == "http://127.0.0.1:9001/moon"
