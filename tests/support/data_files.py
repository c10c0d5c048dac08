"""Files with lamps, written by GDAL, and what the source makes of a file."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely

from wfs_proxy.config.layer import Layer
from wfs_proxy.features import PointBatch
from wfs_proxy.pipeline.transform import points_from_features
from wfs_proxy.sources.file.source import FileFeatureSource
from wfs_proxy.sources.protocol import FetchedFeatures

NUMBERS = ("034575", "034576", "34577")
RD = ((155000.5, 463000.25), (155010.0, 463020.0), (155020.0, 463030.0))
"""Places of the lamps in RD."""

LONLAT = ((5.3872110, 52.1551751), (5.3873499, 52.1553526), (5.3874962, 52.1554425))
"""About the same in degrees."""


def write(
    path: Path,
    columns: Mapping[str, Sequence[Any]] | None = None,
    *,
    driver: str,
    places: Sequence[Sequence[float]] = RD,
    geometry: Sequence[shapely.Geometry | None] | None = None,
    **options: Any,
) -> Path:
    """Write a file with GDAL; by default the lamps with their number."""
    columns = {"nummer": NUMBERS} if columns is None else columns
    shapes = list(shapely.points(np.array(places))) if geometry is None else list(geometry)
    kinds = {each.geom_type for each in shapes if each is not None}
    settings = {
        "crs": "EPSG:28992",
        "geometry_type": kinds.pop() if len(kinds) == 1 else "Unknown",
        **options,
    }
    wkb = np.array([None if each is None else shapely.to_wkb(each) for each in shapes], dtype=object)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # about a file without CRS
        pyogrio.raw.write(
            path,
            wkb if settings["geometry_type"] is not None else None,
            [each if isinstance(each, np.ndarray) else np.array(each, dtype=object) for each in columns.values()],
            list(columns),
            driver=driver,
            **settings,
        )
    return path


def layer(path: Path, *, fields: Sequence[str] = ("nummer",), key: str | None = "nummer", **source: Any) -> Layer:
    return Layer.model_validate(
        {
            "id": "masten",
            "title": "Masten",
            "source": {"type": "file", "path": str(path), **source},
            "properties": {"id": key, "fields": dict.fromkeys(fields, "string")},
        }
    )


def source(path: Path, **settings: Any) -> FileFeatureSource:
    """The source of a layer of a file, which does not wait for the file to settle."""
    one = layer(path, **settings)
    return FileFeatureSource(one, one.source, asyncio.to_thread, settled=0.0)


def fetched(path: Path, **settings: Any) -> FetchedFeatures:
    return asyncio.run(source(path, **settings).fetch())


def served(path: Path, **settings: Any) -> PointBatch:
    """What is served of a file."""
    return points_from_features(fetched(path, **settings).batch, layer(path, **settings))
