"""What a request says about the objects of an answer, where the answer does not: their type, and their CRS."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from wfs_proxy.features import Encoding, FeatureBatch
from wfs_proxy.sources.feature_page import FeaturePage

__all__ = ["with_crs", "with_own_crs", "with_type_name"]

_MAX_DEGREES = 180


def with_type_name(batch: FeatureBatch, name: str) -> FeatureBatch:
    """Return the batch with a type name for the objects without one: GeoJSON has none."""
    names = batch.type_names.copy()
    names[names == ""] = name
    return replace(batch, type_names=names)


def with_crs(batch: FeatureBatch, crs: str | None) -> FeatureBatch:
    """Return the batch with a CRS for the geometries without one; None if it is not known."""
    unlabelled = batch.srs_index < 0
    if crs is None or not unlabelled.any():
        return batch
    index = batch.srs_index.copy()
    index[unlabelled] = len(batch.srs_names)
    return replace(batch, srs_index=index, srs_names=(*batch.srs_names, crs))


def with_own_crs(batch: FeatureBatch, crs: str | None) -> FeatureBatch:
    """As `with_crs`, but GeoJSON without a label is in degrees, unless its numbers are too large for that.

    RFC 7946, section 4. Servers that ignore it write the CRS of the data and do not name it.
    """
    if batch.encoding is Encoding.GEOJSON and not _is_too_large(batch):
        return batch
    return with_crs(batch, crs)


def _is_too_large(batch: FeatureBatch) -> bool:
    bounds = FeaturePage(batch=batch, keys=()).bounds[batch.srs_index < 0]
    return bool(np.nanmax(np.abs(bounds), initial=0.0) > _MAX_DEGREES)
