"""A real MapServer on loopback, with data and a cap that the test chooses.

    with mapserver.running(directory, objects=50_000, cap=1_000) as url: ...

The map has one type, `lamp`, in RD New: points with a number and a kind, or lines or areas of some hundred metres. The
objects have ids in GML and none in GeoJSON.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import needs
import numpy as np
import pyogrio
import shapely

from fixtures.fastcgi import Service, mapserver, serving

EXTENT = (80_000.0, 450_000.0, 90_000.0, 460_000.0)
"""Where the lamps are: easting and northing in metres, in and around Den Haag."""

_MAP = """MAP
  NAME "lamps"
  EXTENT {extent}
  PROJECTION "init=epsg:28992" END
  WEB METADATA
    "ows_enable_request" "*"
    "wfs_title" "Lamps"
    "wfs_onlineresource" "{address}"
    "wfs_srs" "EPSG:28992 EPSG:4326"
    "wfs_getfeature_formatlist" "{formats}"
    {cap}
  END END
  OUTPUTFORMAT
    NAME "geojson" DRIVER "OGR/GEOJSON" MIMETYPE "application/json; subtype=geojson"
    FORMATOPTION "STORAGE=stream" FORMATOPTION "FORM=simple"
  END
  LAYER
    NAME "lamp" TYPE {kind} STATUS ON TEMPLATE "x"
    CONNECTIONTYPE OGR CONNECTION "{data}" DATA "lamp"
    PROJECTION "init=epsg:28992" END
    METADATA
      "wfs_title" "lamp" "gml_include_items" "all" "gml_featureid" "number" "gml_types" "auto"
      "wfs_extent" "{extent}"
    END
  END
END
"""


Shape = Literal["point", "line", "polygon"]


def shapes(places: np.ndarray, shape: Shape) -> np.ndarray:
    """Return a geometry around each place (N, 2): a point, a line with a bend, or a star-shaped area."""
    if shape == "point":
        return shapely.points(places)
    random = np.random.default_rng(8)
    if shape == "line":
        return shapely.linestrings(places[:, None] + random.uniform(-200, 200, (len(places), 3, 2)))
    angles = np.linspace(0, 2 * np.pi, 10, endpoint=False)
    radii = np.where(np.arange(10) % 2, 40, random.uniform(60, 200, (len(places), 10)))
    corners = places[:, None] + radii[..., None] * np.column_stack([np.cos(angles), np.sin(angles)])
    return shapely.polygons(corners)


def write_lamps(path: Path, objects: int, shape: Shape = "point") -> None:
    """Write lamps at random places, the same ones every time."""
    places = np.random.default_rng(7).random((objects, 2)) * 10_000 + EXTENT[:2]
    numbers = np.arange(objects)
    pyogrio.raw.write(
        path,
        shapely.to_wkb(shapes(places, shape)),
        [numbers, np.array(["lamp", "mast", "paal"], dtype=object)[numbers % 3]],
        ["number", "kind"],
        geometry_type={"point": "Point", "line": "LineString", "polygon": "Polygon"}[shape],
        crs="EPSG:28992",
        driver="FlatGeobuf",
        layer="lamp",
    )


@contextmanager
def running(  # noqa: PLR0913 - each describes one property of the server
    directory: Path,
    *,
    objects: int,
    shape: Shape = "point",
    cap: int | None = None,
    formats: str = "",
    dropped: frozenset[str] = frozenset(),
) -> Iterator[str]:
    """Serve `objects` lamps, at most `cap` per answer, and yield the URL.

    Parameters in `dropped` (lower case) are not passed to MapServer; without them it does not page.
    """
    program = needs.program("mapserv", package="cgi-mapserver")
    data = directory / "lamp.fgb"
    write_lamps(data, objects, shape)
    mapfile = directory / "lamps.map"
    limit = f'"wfs_maxfeatures" "{cap}"' if cap else ""

    def services(address: str) -> dict[str, Service]:
        # MapServer leaves out what is outside the extent, even of a request without a box
        extent = "80000 450000 90000 460000" if shape == "point" else "79500 449500 90500 460500"
        text = _MAP.format(
            address=f"{address}/wfs", formats=formats, cap=limit, data=data, kind=shape.upper(), extent=extent
        )
        mapfile.write_text(text)
        return {"/wfs": mapserver(program, mapfile, dropped=dropped)}

    with serving(services) as address:
        yield f"{address}/wfs"
