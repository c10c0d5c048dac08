"""The scripted vendor of the corpus (`failing/vendor/vendor.py`): one scenario per path, on a real socket.

with scenario_server.running(directory) as server:
layer = server.layer("hits137")     # from the corpus's layer file, at the server's port
...
server.requests("hits137")
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import needs
from waiting import wait_until

from wfs_proxy.config.catalogue import load_layer
from wfs_proxy.config.layer import Layer

_LAYER = """
id: {name}
title: {name}
source: {{type: wfs, url: "http://127.0.0.1:23200/{name}/wfs", type_names: ["app:mast"]}}
properties: {{id: nr, fields: {{nr: string, naam: string}}}}
"""


@dataclass(frozen=True)
class ScenarioServer:
    """The running server."""

    port: int
    directory: Path

    def layer(self, name: str) -> Layer:
        """Return the layer of a scenario: of the corpus, else the plainest."""
        recorded = needs.corpus() / "failing" / "vendor" / "layers" / f"{name}.yaml"
        text = recorded.read_text(encoding="utf-8") if recorded.exists() else _LAYER.format(name=name)
        path = self.directory / f"{name}.yaml"
        path.write_text(text.replace("127.0.0.1:23200", f"127.0.0.1:{self.port}"), encoding="utf-8")
        return load_layer(path, {})

    def requests(self, name: str) -> list[str]:
        """Return the queries that a scenario has received, in order."""
        log = (self.directory / "requests.log").read_text(encoding="utf-8").splitlines()
        return [query for scenario, query in map(json.loads, log) if scenario == name]


@contextmanager
def running(directory: Path) -> Iterator[ScenarioServer]:
    """Run the server on a free port until the block ends."""
    script = needs.corpus() / "failing" / "vendor" / "vendor.py"
    port = _free_port()
    process = subprocess.Popen([sys.executable, script, str(port)], cwd=directory)
    try:
        wait_until(lambda: _listens(port) or process.poll() is not None)
        assert process.poll() is None, "the scripted vendor has ended"
        yield ScenarioServer(port, directory)
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
