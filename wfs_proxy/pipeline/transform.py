"""Transform the features of a vendor into the points that are served.

    FeatureBatch -> select -> CRS and axis order -> point -> CRS84 -> output columns -> twins -> identity -> PointBatch

`decode` makes a `FeatureBatch` of each page. From there on a layer is one batch, because the evidence for the axis
order, the ids and the separation of coincident points depend on all objects. Nothing here has a clock, a socket or a
setting, so all of it can run in another process.

Geometries are reduced to points before they are reprojected: "inside" means inside the area that the vendor drew, in
the vendor's own CRS, and a point has a tenth of the coordinates of an area.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.bbox import BBox
from wfs_proxy.config import ArcgisSource, FileSource, GeoJsonSource, Layer, PointRule, WfsSource
from wfs_proxy.features import EXCLUDED_BY_WHERE, MERGED, NO_GEOMETRY, FeatureBatch, PipelineReport, PointBatch
from wfs_proxy.geo import (
    Reading,
    Readings,
    decide_readings,
    footprints,
    in_degrees,
    is_geographic,
    oriented,
    to_crs84,
    to_points,
)
from wfs_proxy.pipeline.identity import Identified, identify, separate_coincident
from wfs_proxy.pipeline.nested_attributes import with_nested_attributes
from wfs_proxy.pipeline.object_rows import object_rows, with_twins_merged
from wfs_proxy.pipeline.observations import field_summaries, nearest_attributes, unused_values
from wfs_proxy.pipeline.output_columns import (
    absent_attributes,
    kinds_of_fields,
    project_fields,
    select,
    with_unique_key,
)

__all__ = ["FOOTPRINT", "points_from_features"]

FOOTPRINT = "footprint"
"""The property with the simplified area, where the layer has `footprint: true`."""

NO_PLACE = "no longitude and latitude"
"""A reason why an object is not served. It is also a metric label."""


def points_from_features(batch: FeatureBatch, layer: Layer, *, near: BBox | None = None) -> PointBatch:
    """Transform a layer, or an area of it, into the points that are served.

    No object is lost silently: every received object is served or counted in the report.

    Args:
        batch: the decoded features.
        layer: the layer file, which says what is served of them.
        near: a generous box around the area, where only an area was requested: few objects are little evidence of
            their axis order.

    Raises:
        PlaceError: the location of the objects is not certain; no point is better than a wrong one.
    """
    batch = with_nested_attributes(batch, layer)
    chosen = batch.take(select(batch, layer.source.where))
    readings = decide_readings(
        chosen,
        srs_name=_requested_crs(layer),
        axis_order=layer.source.axis_order,
        extent=layer.source.extent,
        near=near,
    )
    placed = _place(chosen, readings, layer.point)
    found = chosen.take(placed.rows)
    fields = project_fields(found, layer.properties)
    columns = {**fields.columns, **({FOOTPRINT: placed.footprints} if layer.point.footprint else {})}
    outlines = partial(_outlines, chosen, readings, placed)
    objects = with_twins_merged(object_rows(found, columns, placed.lonlat, layer), found, layer, outlines)
    identified = identify(objects.keys, objects.type_names, objects.lonlat, objects.columns)
    kept = objects.take(identified.rows)
    lonlat, moved = separate_coincident(identified.ids, kept.lonlat)
    equal = len(found) - len(objects) - int(objects.merged.sum())
    served = with_unique_key(kept.columns, identified, layer.properties)
    absent = tuple(dict.fromkeys((*_absent_outside_fields(batch, layer), *fields.absent_fields)))
    return PointBatch(
        ids=identified.ids,
        lonlat=lonlat,
        columns=served,
        kinds=kinds_of_fields(layer.properties),
        names=kept.names,
        shared_keys=None if kept.names is None else identified.shared_keys,
        merged=kept.merged if kept.merged.any() else None,
        vendor=None if objects.vendor is None else _merged_vendor(objects.vendor, identified),
        report=PipelineReport(
            received=len(batch) + sum(batch.left_out.values()),
            reading=readings.describe(),
            skipped=_skipped(batch, chosen, readings, placed, merged=int(objects.merged.sum())),
            failed_casts=fields.failed_casts,
            duplicates=identified.duplicates + equal,
            renamed=identified.renamed,
            set_apart=moved,
            unreadable_texts=batch.unreadable_texts,
            absent_fields=absent,
            nearest_attributes=nearest_attributes(batch, absent),
            unused_values=unused_values(batch, chosen, layer) if near is None else {},
            fields=field_summaries(served),
        ),
    )


def _requested_crs(layer: Layer) -> str | None:
    return (
        layer.source.srs_name
        if isinstance(layer.source, WfsSource | ArcgisSource | GeoJsonSource | FileSource)
        else None
    )


def _merged_vendor(vendor: NDArray[np.object_], identified: Identified) -> NDArray[np.object_]:
    """Return (M,) the vendor's text of each object that is kept. Of duplicates, a text on either counts.

    Of two different texts the alphabetically first is used, so that the order of the rows does not matter.
    """
    merged = vendor.copy()
    for row in np.flatnonzero(identified.survivor != np.arange(len(vendor))):
        survivor = identified.survivor[row]
        merged[survivor] = min((text for text in (merged[survivor], vendor[row]) if text is not None), default=None)
    return merged[identified.rows]


def _absent_outside_fields(batch: FeatureBatch, layer: Layer) -> tuple[str, ...]:
    vendor = layer.reports.vendor if layer.reports is not None else None
    return absent_attributes(batch, (*layer.source.where, *([vendor.field] if vendor is not None else [])))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Placed:
    """The points of a batch, without the objects that have none."""

    rows: NDArray[np.intp]
    """(M,) positions in the batch, ascending."""

    lonlat: NDArray[np.float64]
    """(M, 2) longitude, latitude in degrees, not rounded."""

    footprints: NDArray[np.object_]
    """(M,) GeoJSON geometry or None; all None unless the layer asks for them."""

    skipped: Mapping[str, int]
    """reason -> objects with a plausible location that have no point."""


def _place(batch: FeatureBatch, readings: Readings, rule: PointRule) -> _Placed:
    lonlat = np.full((len(batch), 2), np.nan)
    areas = np.full(len(batch), None, dtype=object)
    skipped: Counter[str] = Counter()
    for reading, rows in readings.groups():
        geometry = oriented(batch.geometry[rows], reading.order)
        lonlat[rows], lost = _points(geometry, reading, rule)
        skipped.update(lost)
        if rule.footprint:
            areas[rows] = footprints(
                geometry, partial(to_crs84, crs=reading.crs), geographic=is_geographic(reading.crs)
            )
    placed = np.flatnonzero(np.isfinite(lonlat).all(axis=1))
    return _Placed(rows=placed, lonlat=lonlat[placed], footprints=areas[placed], skipped=skipped)


def _outlines(batch: FeatureBatch, readings: Readings, placed: _Placed, rows: NDArray[np.intp]) -> NDArray[np.object_]:
    """Return (M,) the whole geometries, in longitude, latitude, of rows (M,) of the objects that have a point.

    Args:
        batch: the objects that the readings are of.
        readings: the CRS and axis order of each.
        placed: which of them have a point.
        rows: (M,) positions among those.
    """
    geometry = np.full(len(rows), None, dtype=object)
    for reading, members in readings.groups():
        same = np.isin(placed.rows[rows], members)
        written = oriented(batch.geometry[placed.rows[rows[same]]], reading.order)
        geometry[same] = in_degrees(written, partial(to_crs84, crs=reading.crs), placed.lonlat[rows[same]])
    return geometry


def _points(
    geometry: NDArray[np.object_], reading: Reading, rule: PointRule
) -> tuple[NDArray[np.float64], Mapping[str, int]]:
    """Return (N, 2) longitude, latitude, NaN where there is no point, and the reasons with their counts."""
    located = to_points(geometry, rule.rule, geographic=is_geographic(reading.crs))
    lonlat = np.full((len(geometry), 2), np.nan)
    lonlat[located.ok] = to_crs84(located.xy[located.ok], reading.crs)
    unplaced = int(np.count_nonzero(~np.isfinite(lonlat[located.ok]).all(axis=1)))
    return lonlat, +Counter({**located.skipped, NO_PLACE: unplaced})


def _skipped(
    batch: FeatureBatch, chosen: FeatureBatch, readings: Readings, placed: _Placed, *, merged: int
) -> Mapping[str, int]:
    unreadable = Counter(reason for reason in chosen.geometry_errors if reason is not None)
    counts = Counter(batch.left_out)
    counts[EXCLUDED_BY_WHERE] = len(batch) - len(chosen)
    counts.update(readings.skipped)
    counts[NO_GEOMETRY] -= unreadable.total()
    counts.update(unreadable)
    counts.update(placed.skipped)
    counts[MERGED] = merged
    return dict(+counts)
