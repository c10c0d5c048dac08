"""The CRS and the axis order of the answers of a source."""

from __future__ import annotations

from wfs_proxy.config import ArcgisSource, FileSource, WfsSource
from wfs_proxy.errors import PlaceError
from wfs_proxy.features import FeatureBatch
from wfs_proxy.geo import Reading, decide_readings

__all__ = ["first_reading"]


def first_reading(batch: FeatureBatch, source: WfsSource | ArcgisSource | FileSource) -> Reading | None:
    """Return CRS and axis order of the first srsName of a batch; None when they cannot be determined.

    Args:
        batch: some objects of the source.
        source: the layer's; its `extent`, `srs_name` and `axis_order` count as evidence.
    """
    try:
        readings = decide_readings(batch, srs_name=source.srs_name, axis_order=source.axis_order, extent=source.extent)
    except PlaceError:
        return None
    return next(iter(readings.by_label.values()), None)
