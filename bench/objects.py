"""Invented objects: as a point batch, as a vendor's document and as a layer; and map screens that show them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import orjson

from wfs_proxy.bbox import BBox
from wfs_proxy.features import PointBatch

__all__ = ["document", "invented", "paths", "screens", "write_layer"]

FEATURES = "/layers/masten/features"
"""The path at which the proxy serves the layer of `write_layer`."""

_SOUTH_WEST = (4.0, 52.0)
_SIDE = 0.35
"""Width and height in degrees of the square for a million objects: about as dense as a city's lamps and drains."""
_MILLION = 1_000_000
_ON_A_SCREEN = 100
_REPORTED = 50
"""The vendor marks one object in so many as reported."""

_LAYER = """title: Invented lamps
source: {{type: geojson, url: "{url}"}}
fetch: {{fresh_for: {fresh_for}}}
properties:
  id: objectid
  fields: {{nummer: string, soort: string, straat: string, bouwjaar: integer}}
reports: {{vendor: {{field: storing, values: [1]}}}}
"""


def invented(count: int) -> PointBatch:
    """Return `count` objects, always the same ones and of the same density."""
    random = np.random.default_rng(20_261_123)
    numbers = np.array([f"LM-{row}" for row in range(count)], dtype=object)
    return PointBatch(
        ids=np.array([f"{row:07d}" for row in range(count)], dtype=object),
        lonlat=(_SOUTH_WEST + random.random((count, 2)) * _side(count)).round(7),
        columns={"nummer": numbers, "soort": np.full(count, "lichtmast", dtype=object)},
        names=(numbers,),
    )


def screens(count: int, objects: int) -> list[BBox]:
    """Return `count` different boxes of one size, each with about a hundred of `objects` objects."""
    side = _side(min(_ON_A_SCREEN, objects))
    corners = _SOUTH_WEST + np.random.default_rng(7).random((count, 2)) * (_side(objects) - side)
    return [BBox(west, south, west + side, south + side) for west, south in corners.tolist()]


def document(count: int, *, built: int = 1950) -> bytes:
    """Return them as a vendor would: a FeatureCollection with six attributes.

    Args:
        count: the number of objects.
        built: the year of the oldest one; another year changes all of them.
    """
    lonlat = invented(count).lonlat.tolist()
    features = b",\n".join(
        orjson.dumps(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": point},
                "properties": {
                    "objectid": row,
                    "nummer": f"LM-{row}",
                    "soort": "lichtmast",
                    "straat": f"Straat {row % 900}",
                    "bouwjaar": built + row % 70,
                    "storing": int(row % _REPORTED == 0),
                },
            }
        )
        for row, point in enumerate(lonlat)
    )
    return b'{"type":"FeatureCollection","features":[' + features + b"]}"


def write_layer(folder: Path, url: str, *, fresh_for: str = "1d") -> Path:
    """Write the layer file for such a document, with two marks, into a new folder; return the folder.

    Args:
        folder: the folder of layer files to create.
        url: of the document: http(s) or the path of a file.
        fresh_for: how long the data are fresh.
    """
    folder.mkdir()
    (folder / "masten.yaml").write_text(_LAYER.format(url=url, fresh_for=fresh_for))
    return folder


def paths(boxes: Sequence[BBox]) -> list[str]:
    """Return the paths with which a map requests these boxes."""
    return [f"{FEATURES}?bbox={west!r},{south!r},{east!r},{north!r}" for west, south, east, north in boxes]


def _side(count: int) -> float:
    return float(_SIDE * (count / _MILLION) ** 0.5)
