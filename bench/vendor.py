"""A vendor to measure with: an invented municipality's drains, answered by a real MapServer."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pyogrio
import shapely

from bench.missing import program
from fixtures.fastcgi import Service, mapserver, serving

__all__ = ["ask", "running", "write_drains"]

_SOUTH_WEST = (228_000.0, 576_000.0)
"""Metres in RD: around Groningen."""
_SIDE = 12_000.0
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


@contextmanager
def running(data: Path) -> Iterator[str]:
    """Serve what `write_drains` wrote; gives the address of the WFS.

    Raises:
        MissingProgram: there is no MapServer here.
    """
    mapserv = program("mapserv", package="cgi-mapserver")
    mapfile = data.with_suffix(".map")

    def services(address: str) -> dict[str, Service]:
        template = Path(__file__).with_name("vendor.map").read_text()
        mapfile.write_text(template.replace("@DATA@", str(data)).replace("@ADDRESS@", f"{address}/wfs"))
        return {"/wfs": mapserver(mapserv, mapfile)}

    with serving(services) as address:
        yield f"{address}/wfs"


def ask(address: str, request: str, answer: Path) -> None:
    """Ask over WFS 2.0.0, whose answers are GML 3.2, and keep the body.

    Args:
        address: of the WFS.
        request: "GetFeature" or "DescribeFeatureType", of all there is.
        answer: where the body goes.
    """
    query = f"service=WFS&version=2.0.0&request={request}&typeNames=put"
    with urlopen(f"{address}?{query}") as body, answer.open("wb") as kept:
        shutil.copyfileobj(body, kept)
