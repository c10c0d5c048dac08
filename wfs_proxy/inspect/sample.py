"""The sample of a type: how large it is, and what its objects show. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.bbox import BBox
from wfs_proxy.config import Layer, WfsSource
from wfs_proxy.errors import PlaceError
from wfs_proxy.features import FeatureBatch
from wfs_proxy.geo import decide_readings
from wfs_proxy.inspect.fields import describe_fields, describe_ids
from wfs_proxy.inspect.report import CrsReport, TypeReport
from wfs_proxy.pipeline import points_from_features

__all__ = ["AGAIN", "SAMPLE", "crs_report", "describe_sample", "geometry_kinds"]

SAMPLE = 2_000
"""Objects: one page as the proxy requests it, so that the sample also shows whether such a page works."""

AGAIN = 200
"""Objects of the second request. Another number than `SAMPLE`, so that no cache on the way answers it."""

_FAR = 10.0
_NEAREST_FAR = 0.1
"""Degrees."""

_REQUIRED_SHARE = 0.95

_LAYER = Layer(
    id="sample",
    title="sample",
    source=WfsSource(type="wfs", url="http://localhost/", type_names=("sample",)),
)
"""A layer without settings: where its points are is what the proxy would find out by itself."""


def describe_sample(
    found: TypeReport,
    batch: FeatureBatch,
    again: FeatureBatch | None = None,
    declared: Mapping[str, str] = MappingProxyType({}),
    titles: Mapping[str, str] = MappingProxyType({}),
) -> TypeReport:
    """Return a report with everything that the objects show.

    Args:
        found: what is known without them.
        batch: the sample.
        again: the answer to a second request; None without one.
        declared: attribute -> type in the schema.
        titles: attribute -> what the vendor calls it for people.
    """
    described = describe_fields(batch, declared, titles)
    return replace(
        found,
        sample=len(batch),
        encoding=batch.encoding.value,
        geometry_kinds=geometry_kinds(batch),
        without_geometry=sum(geometry is None for geometry in batch.geometry),
        crs=crs_report(batch),
        fields=described.fields,
        ids=describe_ids(batch, again, described.fields),
        marks=described.marks,
    )


def geometry_kinds(batch: FeatureBatch) -> Mapping[str, int]:
    """Return the kinds of geometry: "Point" -> objects."""
    kinds: dict[str, int] = {}
    for geometry in batch.geometry:
        if geometry is not None:
            kinds[geometry.geom_type] = kinds.get(geometry.geom_type, 0) + 1
    return kinds


def crs_report(batch: FeatureBatch) -> CrsReport | None:
    """Return where the objects are, as the fetch would decide it; None when none has a geometry."""
    if all(geometry is None for geometry in batch.geometry):
        return None
    try:
        readings = decide_readings(batch)
        points = points_from_features(batch, _LAYER)
    except PlaceError as error:
        return CrsReport(reading="", problem=str(error))
    reading = next((each for each, _ in readings.groups()), None)
    near = _near(points.lonlat)
    return CrsReport(
        reading=points.report.reading,
        crs=None if reading is None else reading.crs,
        axis_order=None if reading is None else reading.order.value,
        bbox=BBox.of_points(points.lonlat[near]),
        far=int((~near).sum()),
        placed=len(points),
        skipped=points.report.skipped,
    )


def _near(lonlat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return (N,) whether each point (N, 2) is near the others: True for all unless at most 5 % are far away.

    Far is ten times the distance between the quartiles, and at least a tenth of a degree, from the median.
    """
    quarter, median, three_quarters = np.percentile(lonlat, [25, 50, 75], axis=0) if len(lonlat) else np.zeros((3, 2))
    reach = np.maximum(_FAR * (three_quarters - quarter), _NEAREST_FAR)
    near: NDArray[np.bool_] = (np.abs(lonlat - median) <= reach).all(axis=1)
    return near if near.any() and near.mean() >= _REQUIRED_SHARE else np.ones(len(lonlat), dtype=bool)
