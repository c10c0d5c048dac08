"""Invented objects: as a batch, as a vendor's document, as a layer of the proxy; and the screens that show them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import orjson

from wfs_proxy.bbox import BBox
from wfs_proxy.features import PointBatch

__all__ = ["document", "invented", "paths", "screens", "write_layer"]

FEATURES = "/layers/masten/features"
"""Where the proxy serves the layer of `write_layer`."""

_SOUTH_WEST = (4.0, 52.0)
_SIDE = 0.35
"""Degrees that a million objects take: about as dense as a city's lamps and drains."""
_MILLION = 1_000_000
_ON_A_SCREEN = 100
_REPORTED = 50
"""The vendor says of one in so many that it is reported."""

_LAYER = """title: Invented lamps
source: {{type: geojson, url: "{url}"}}
fetch: {{fresh_for: {fresh_for}}}
properties:
  id: objectid
  fields: {{nummer: string, soort: string, straat: string, bouwjaar: integer}}
reports: {{vendor: {{field: storing, values: [1]}}}}
"""


def invented(count: int) -> PointBatch:
    """So many objects, equally dense however many they are; always the same."""
    random = np.random.default_rng(20_261_123)
    numbers = np.array([f"LM-{row}" for row in range(count)], dtype=object)
    return PointBatch(
        ids=np.array([f"{row:07d}" for row in range(count)], dtype=object),
        lonlat=(_SOUTH_WEST + random.random((count, 2)) * _side(count)).round(7),
        columns={"nummer": numbers, "soort": np.full(count, "lichtmast", dtype=object)},
        names=(numbers,),
    )


def screens(count: int, objects: int) -> list[BBox]:
    """So many different boxes of one size, which show about a hundred of `objects` objects each."""
    side = _side(min(_ON_A_SCREEN, objects))
    corners = _SOUTH_WEST + np.random.default_rng(7).random((count, 2)) * (_side(objects) - side)
    return [BBox(west, south, west + side, south + side) for west, south in corners.tolist()]


def document(count: int, *, built: int = 1950) -> bytes:
    """What a vendor would send of them: a FeatureCollection with six attributes.

    Args:
        count: of objects.
        built: the year of the oldest one; another year makes all of them others.
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
    """Write the layer of such a document, with two marks; gives the folder of layer files, which is made.

    Args:
        folder: where to.
        url: of the document: http(s) or the path of a file.
        fresh_for: how long it is served without asking again.
    """
    folder.mkdir()
    (folder / "masten.yaml").write_text(_LAYER.format(url=url, fresh_for=fresh_for))
    return folder


def paths(boxes: Sequence[BBox]) -> list[str]:
    """Where a map asks the proxy for these boxes."""
    return [f"{FEATURES}?bbox={west!r},{south!r},{east!r},{north!r}" for west, south, east, north in boxes]


def _side(count: int) -> float:
    return float(_SIDE * (count / _MILLION) ** 0.5)
