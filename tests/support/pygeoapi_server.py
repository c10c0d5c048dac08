"""pygeoapi, an OGC API Features that others wrote, with GeoJSON files on loopback.

    with pygeoapi_server.running(directory, {"put": Served(path, storage_crs=RD)}) as url: ...

It runs in an environment of its own (`make pygeoapi`). pygeoapi's own command starts a second process for its debugger,
so its application is run without it.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import needs
from waiting import wait_until

from bench.ports import free_ports

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
RD = "http://www.opengis.net/def/crs/EPSG/0/28992"
MOST = 100
"""Objects per page."""

_RUN = """
import sys
from pygeoapi.flask_app import APP
from werkzeug.serving import run_simple
run_simple("127.0.0.1", int(sys.argv[1]), APP)
"""


@dataclass(frozen=True)
class Served:
    """A GeoJSON file."""

    path: Path
    storage_crs: str = CRS84
    """Of its coordinates."""


@contextmanager
def running(directory: Path, collections: Mapping[str, Served]) -> Iterator[str]:
    """Serve the files as collections, and yield the URL of the landing page."""
    python = needs.pygeoapi()
    port = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    configuration, openapi = directory / "pygeoapi.json", directory / "openapi.json"
    configuration.write_text(json.dumps(_configuration(url, port, collections)))
    environment = {**os.environ, "PYGEOAPI_CONFIG": str(configuration), "PYGEOAPI_OPENAPI": str(openapi)}
    generate = [python.with_name("pygeoapi"), "openapi", "generate", configuration, "-f", "json", "-of", openapi]
    subprocess.run(generate, env=environment, check=True, capture_output=True)
    log = (directory / "pygeoapi.log").open("wb")
    with log, subprocess.Popen([python, "-c", _RUN, str(port)], env=environment, stdout=log, stderr=log) as process:
        try:
            wait_until(lambda: _answers(url))
            yield url
        finally:
            process.kill()


def _answers(url: str) -> bool:
    try:
        with urlopen(url):
            return True
    except URLError:
        return False


def _configuration(url: str, port: int, collections: Mapping[str, Served]) -> dict[str, Any]:
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": url,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "language": "en-US",
            "limits": {"default_items": 10, "max_items": MOST},
            "map": {"url": "https://tiles.example/{z}/{x}/{y}.png", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": "Invented",
                "description": "Invented objects",
                "keywords": ["invented"],
                "terms_of_service": "none",
                "url": "https://v.example",
            },
            "license": {"name": "none", "url": "https://v.example"},
            "provider": {"name": "none", "url": "https://v.example"},
            "contact": {"name": "none"},
        },
        "resources": {name: _resource(name, served) for name, served in collections.items()},
    }


def _resource(name: str, served: Served) -> dict[str, Any]:
    return {
        "type": "collection",
        "title": name,
        "description": name,
        "keywords": [name],
        "links": [],
        "extents": {"spatial": {"bbox": [4.2, 52.0, 4.6, 52.3], "crs": CRS84}},
        "providers": [
            {
                "type": "feature",
                "name": "GeoJSON",
                "data": str(served.path),
                "id_field": "id",
                "crs": [CRS84, *([RD] if served.storage_crs == RD else [])],
                "storage_crs": served.storage_crs,
            }
        ],
    }
