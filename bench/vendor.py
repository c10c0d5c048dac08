"""A vendor for measurements: invented drains of a municipality, served by a real MapServer, with or without nginx."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pyogrio
import shapely
from pyproj import Transformer

from bench import servers
from bench.missing import program
from bench.ports import free_ports
from fixtures.fastcgi import Service, mapserver, processes, serving
from wfs_proxy.bbox import BBox
from wfs_proxy.run.server import LOOPBACK

__all__ = ["Vendor", "ask", "behind_nginx", "running", "screens", "write_drains"]

_SOUTH_WEST = (228_000.0, 576_000.0)
"""Metres in RD, near Groningen."""
_SIDE = 12_000.0
_METRES_A_DEGREE = 111_300.0
"""Of latitude, within half a percent."""
_ON_A_SCREEN = 100
_CORNERS = 12
_KINDS = np.array(["inspectieput", "kolk", "overstort", "gemaal"], dtype=object)


def write_drains(count: int, path: Path) -> None:
    """Write `count` twelve-cornered areas in RD, two to six metres wide, with seven attributes; always the same."""
    random = np.random.default_rng(20_261_123)
    number = np.arange(count)
    centre = _SOUTH_WEST + random.random((count, 2)) * _SIDE
    angle = np.linspace(0.0, 2 * np.pi, _CORNERS, endpoint=False)
    radius = 1 + 2 * random.random((count, _CORNERS))
    corners = centre[:, None] + radius[..., None] * np.column_stack([np.cos(angle), np.sin(angle)])
    columns = {
        "objectid": number,
        "nummer": np.array([f"{value:06d}" for value in number], dtype=object),
        "soort": _KINDS[number % len(_KINDS)],
        "materiaal": np.where(number % 2, "pvc", "beton").astype(object),
        "straat": np.array([f"Straat {value % 900}" for value in number], dtype=object),
        "bouwjaar": 1950 + number % 70,
        "storing": (number % 7 == 0).astype(np.int32),
    }
    pyogrio.raw.write(
        path,
        shapely.to_wkb(shapely.polygons(corners)),
        list(columns.values()),
        list(columns),
        geometry_type="Polygon",
        crs="EPSG:28992",
        layer="put",
        driver="GPKG",
    )


def screens(count: int, objects: int) -> list[BBox]:
    """Return `count` different boxes of a map on a screen, each with about a hundred of `objects` drains."""
    side = _SIDE * min(1.0, (_ON_A_SCREEN / objects) ** 0.5)
    centres = np.add(_SOUTH_WEST, side / 2) + np.random.default_rng(7).random((count, 2)) * (_SIDE - side)
    longitude, latitude = Transformer.from_crs("EPSG:28992", "EPSG:4326", always_xy=True).transform(*centres.T)
    height = side / 2 / _METRES_A_DEGREE
    width = height / np.cos(np.radians(latitude))
    boxes = np.column_stack([longitude - width, latitude - height, longitude + width, latitude + height])
    return [BBox(*box) for box in boxes.round(7).tolist()]


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """The addresses of the vendor."""

    address: str
    """MapServer behind nginx, without the path `/wfs`."""
    cached: str
    """The same behind nginx's cache, also without the path."""


@contextmanager
def behind_nginx(data: Path) -> Iterator[Vendor]:
    """Serve the file of `write_drains` as an operator would: nginx with MapServer over FastCGI, and a cache.

    Raises:
        MissingProgram: MapServer or nginx is not installed.
    """
    mapserv, nginx = program("mapserv", package="cgi-mapserver"), program("nginx", package="nginx-light")
    port = free_ports(2)
    cached = port + 1
    vendor = Vendor(address=f"http://{LOOPBACK}:{port}", cached=f"http://{LOOPBACK}:{cached}")
    service = mapserver(mapserv, _mapfile(data, f"{vendor.address}/wfs"))
    with tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder, "nginx.conf")
        values = {
            "FOLDER": folder,
            "PORT": str(port),
            "CACHED": str(cached),
            "SOCKET": f"{folder}/mapserver.sock",
            "PARAMETERS": " ".join(f"fastcgi_param {name} {value};" for name, value in service.environment.items()),
            # otherwise its workers cannot read this folder; only root can set it
            "USER": "user root;" if os.geteuid() == 0 else "",
        }
        configuration.write_text(_filled("nginx.conf", values))
        command = [nginx, "-p", folder, "-c", configuration, "-e", "stderr", "-g", "daemon off;"]
        ready = "/wfs?service=WFS&request=GetCapabilities"
        with (
            processes(service, Path(values["SOCKET"])),
            servers.running(command, vendor.address, ready=ready),
        ):
            yield vendor


@contextmanager
def running(data: Path) -> Iterator[str]:
    """Serve the file of `write_drains`; yields the address of the WFS.

    Raises:
        MissingProgram: MapServer is not installed.
    """
    mapserv = program("mapserv", package="cgi-mapserver")

    def services(address: str) -> dict[str, Service]:
        return {"/wfs": mapserver(mapserv, _mapfile(data, f"{address}/wfs"))}

    with serving(services) as address:
        yield f"{address}/wfs"


def ask(address: str, request: str, answer: Path) -> None:
    """Send a WFS 2.0.0 request, which is answered in GML 3.2, and save the body.

    Args:
        address: of the WFS.
        request: "GetFeature" for all objects, or "DescribeFeatureType".
        answer: the file for the body.
    """
    query = f"service=WFS&version=2.0.0&request={request}&typeNames=put"
    with urlopen(f"{address}?{query}") as body, answer.open("wb") as file:
        shutil.copyfileobj(body, file)


def _mapfile(data: Path, address: str) -> Path:
    mapfile = data.with_suffix(".map")
    mapfile.write_text(_filled("vendor.map", {"DATA": str(data), "ADDRESS": address}))
    return mapfile


def _filled(template: str, values: Mapping[str, str]) -> str:
    text = Path(__file__).with_name(template).read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text
