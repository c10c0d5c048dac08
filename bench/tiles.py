"""Vector tiles, against mapbox-vector-tile encoding the same.

Both make a tile of the same 5,000 objects with three attributes and their ids. Ours finds them in a snapshot and
projects them. The other gets a list of them with points of shapely that are projected already. Both tiles are read
afterwards and must have the same objects. All times are processor time.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely
from rich.console import Console

from bench import objects
from bench.invalid import InvalidMeasurement
from bench.report import Row
from wfs_proxy.config.layer import Layer
from wfs_proxy.faces.tiles.tile_content import ALWAYS_OBJECTS, LayerIndexes
from wfs_proxy.faces.tiles.tile_drawing import VectorTile
from wfs_proxy.features import PointBatch
from wfs_proxy.geo.cells import Cell
from wfs_proxy.serve.feature_writer import LayerData
from wfs_proxy.serve.marked_snapshot import MarkedSnapshot
from wfs_proxy.snapshot.snapshot import Snapshot

OBJECTS = 5_000
MANY = 1_000_000
ROUNDS = 5

_TILE = Cell(ALWAYS_OBJECTS, 33_548, 21_586)
"""In The Hague."""

_RADIUS = 6_378_137.0
"""Of the sphere of EPSG:3857, in metres."""


def rows(console: Console) -> Iterator[Row]:
    """Measure a tile of objects, and tiles of clusters.

    Raises:
        InvalidMeasurement: the two tiles have other objects.
    """
    console.print(f"tiles: {OBJECTS:,} objects in one, and clusters of {MANY:,}")
    yield _objects()
    yield from _clusters()


def _objects() -> Row:
    batch = _batch()
    data, indexes = _data(batch), LayerIndexes()
    features = _features(batch, data)
    west, south, east, north = _TILE.box
    bounds = (*_projected(west, south), *_projected(east, north))
    ours: list[float] = []
    others: list[float] = []
    for _ in range(ROUNDS):
        seconds, tile = _timed(lambda: VectorTile("masten", _TILE, indexes).draw(data))
        ours.append(seconds)
        seconds, other = _timed(lambda: _of_library(features, bounds))
        others.append(seconds)
    _require_same(tile, other)
    value, reference = statistics.median(ours) * 1000, statistics.median(others) * 1000
    return Row(
        id="tile-objects",
        what=f"MVT tile of {OBJECTS:,} points; against mapbox-vector-tile encoding the same",
        value=value,
        unit="ms",
        reference=reference,
        ratio=reference / value,
        goal=">= 20",
    )


def _clusters() -> Iterator[Row]:
    data, indexes = _data(objects.invented(MANY)), LayerIndexes()
    seconds, _ = _timed(lambda: VectorTile("masten", _around(8), indexes).draw(data))
    yield Row(
        id="tile-first",
        what=f"the first tile of {MANY:,} objects, which sorts them all",
        value=seconds * 1000,
        unit="ms",
    )
    times = [
        _timed(lambda zoom=zoom: VectorTile("masten", _around(zoom), indexes).draw(data))[0]
        for zoom in (6, 8, 10)
        for _ in range(ROUNDS)
    ]
    yield Row(
        id="tile-clusters",
        what="each further tile of clusters of them",
        value=statistics.median(times) * 1000,
        unit="ms",
    )


def _around(zoom: int) -> Cell:
    """Return the tile in which the measured one is."""
    shift = _TILE.zoom - zoom
    return Cell(zoom, _TILE.x >> shift, _TILE.y >> shift)


def _batch() -> PointBatch:
    """Return the first invented objects, moved into the tile."""
    batch = objects.invented(OBJECTS)
    west, south, east, north = _TILE.box
    corner, far = batch.lonlat.min(axis=0), batch.lonlat.max(axis=0)
    parts = (batch.lonlat - corner) / (far - corner) * 0.98 + 0.01
    lonlat = (west, south) + parts * (east - west, north - south)
    streets = np.array([f"Straat {row % 90}" for row in range(OBJECTS)], dtype=object)
    return PointBatch(
        ids=batch.ids, lonlat=lonlat.round(7), columns={**batch.columns, "straat": streets}, names=batch.names
    )


def _data(batch: PointBatch) -> LayerData:
    layer = Layer.model_validate(
        {
            "id": "masten",
            "title": "Invented lamps",
            "source": {"type": "wfs", "url": "http://127.0.0.1/wfs", "type_names": ["mast"]},
        }
    )
    return LayerData(layer, [MarkedSnapshot(Snapshot.build(batch, "masten"))], "1")


def _features(batch: PointBatch, data: LayerData) -> list[dict[str, Any]]:
    """Return the objects as the reference wants them."""
    (part,) = data.parts
    columns = {name: values.tolist() for name, values in batch.columns.items()}
    return [
        {
            "geometry": shapely.Point(*_projected(*place)),
            "properties": {"id": f"{part.snapshot.layer_id}.{key}", **{name: columns[name][row] for name in columns}},
            "id": row,
        }
        for row, (key, place) in enumerate(zip(batch.ids.tolist(), batch.lonlat.tolist(), strict=True))
    ]


def _projected(longitude: float, latitude: float) -> tuple[float, float]:
    """Return a place in EPSG:3857."""
    return _RADIUS * np.radians(longitude), _RADIUS * np.arcsinh(np.tan(np.radians(latitude)))


def _of_library(features: list[dict[str, Any]], bounds: tuple[float, ...]) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it calls a function that shapely wants to remove
        return mapbox_vector_tile.encode(
            [{"name": "masten", "features": features}], default_options={"quantize_bounds": bounds}
        )


def _require_same(one: bytes, other: bytes) -> None:
    first, second = (
        {feature["properties"]["id"]: feature for feature in mapbox_vector_tile.decode(tile)["masten"]["features"]}
        for tile in (one, other)
    )
    for key, feature in first.items():
        same = second.get(key)
        distances = (
            zip(feature["geometry"]["coordinates"], same["geometry"]["coordinates"], strict=True) if same else ()
        )
        if same is None or feature["properties"] != same["properties"] or any(abs(a - b) > 1 for a, b in distances):
            raise InvalidMeasurement(f"the two tiles differ: {feature} and {same}")
    if len(first) != len(second):
        raise InvalidMeasurement(f"the tiles have {len(first)} and {len(second)} objects")


def _timed(function: Callable[[], bytes]) -> tuple[float, bytes]:
    start = time.process_time()
    result = function()
    return time.process_time() - start, result
