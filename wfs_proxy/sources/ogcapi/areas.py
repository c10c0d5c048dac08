"""The objects of one collection in an area.

A box is in CRS84 unless a request says otherwise (OGC 17-069r4, section 7.15.3), so the only question is whether the
server applies it. That is tested once with a small box around a known object. If the object is not returned, the whole
collection is fetched and kept for some minutes, and the objects near the area are selected from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.bbox import BBox
from wfs_proxy.config import OgcApiSource
from wfs_proxy.errors import DecodeError, PlaceError, UpstreamException, UpstreamRefused
from wfs_proxy.features import FeatureBatch
from wfs_proxy.geo import AxisOrder, decide_readings, to_crs84
from wfs_proxy.sources.async_ttl_cache import AsyncTtlCache, Clock
from wfs_proxy.sources.boxes import smallest_object
from wfs_proxy.sources.completeness import RequestBudget
from wfs_proxy.sources.feature_page import FeaturePage
from wfs_proxy.sources.layer_parts import WHOLE_LASTS, ReceivedPart, WholePart, kept_whole
from wfs_proxy.sources.ogcapi.boxes import box_around
from wfs_proxy.sources.ogcapi.items_client import ItemsClient, ItemsPage
from wfs_proxy.sources.ogcapi.page_walk import collect_items

__all__ = ["CollectionAreas", "bounds_in_degrees", "collection_areas"]

_MARGIN = 1.0
"""Metres around an area: rounding, and the transformation of the server, must not lose an object."""

_PROBE = 2.0
"""Metres around a known position."""

_MOSTLY = 0.5
"""Share of an answer outside its box from which on the server does not apply boxes."""

_NO_BOXES = (
    "the vendor does not return a known object in a box around it, so the whole collection is fetched for a cell; "
    "use `mode: snapshot`"
)


@dataclass(frozen=True, kw_only=True, eq=False)
class _WholeCollection:
    """All objects of a collection, and where they are."""

    objects: WholePart
    bounds: NDArray[np.float64]
    """(N, 4) as `bounds_in_degrees` returns them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CollectionAreas:
    """How to fetch the objects of one collection in an area: by a box, or from the whole collection."""

    client: ItemsClient
    source: OgcApiSource
    boxes: bool
    """Whether the server applies boxes."""

    links: bool
    """Whether the server is known to link a page to a next one."""

    empty_page: FeaturePage
    """No objects, but every attribute: one that is absent from an area is a column all the same."""

    whole: AsyncTtlCache[_WholeCollection]
    notes: tuple[str, ...]

    async def collect(self, area: BBox, budget: RequestBudget) -> ReceivedPart:
        """Return the objects that touch the area or are within a metre of it, and possibly others.

        Raises:
            UpstreamError, DecodeError: the vendor did not return them.
        """
        around = box_around(area, _MARGIN)
        client = replace(self.client, budget=budget)
        if not self.boxes:
            return await self._select(around, client)
        boxed = replace(client, box=around)
        found = await collect_items(boxed, self._with_attributes(await boxed.get_page()), links=self.links)
        found.notes[:0] = self.notes
        return found

    def _with_attributes(self, page: ItemsPage) -> ItemsPage:
        columns = {
            name: page.features.batch.column(name)
            for name in (*page.features.batch.columns, *self.empty_page.batch.columns)
        }
        return replace(page, features=replace(page.features, batch=replace(page.features.batch, columns=columns)))

    async def _select(self, area: BBox, client: ItemsClient) -> ReceivedPart:
        """Return the objects of the whole collection that may touch the area."""
        whole = await self.whole.get(partial(self._fetch_whole, client))
        part = ReceivedPart(notes=[*self.notes, _NO_BOXES])
        whole.objects.add_to(part, ~_outside(whole.bounds, area))
        return part

    async def _fetch_whole(self, client: ItemsClient) -> _WholeCollection:
        found = await collect_items(client, await client.get_page(), links=self.links)
        objects = await kept_whole(found, client.offload)
        bounds: NDArray[np.float64] = await client.offload(bounds_in_degrees, objects.page.batch, self.source)
        return _WholeCollection(objects=objects, bounds=bounds)


async def collection_areas(
    client: ItemsClient, sample: ItemsPage, source: OgcApiSource, notes: list[str], clock: Clock
) -> CollectionAreas:
    """Find out how to request areas of a collection.

    Args:
        client: with the parameters that the server accepts, and no box.
        sample: the first page.
        source: the layer's.
        notes: on the parameters.
        clock: for the whole collection that is kept.

    Raises:
        UpstreamUnreachable: the vendor stopped answering.
    """
    bounds: NDArray[np.float64] = await client.offload(bounds_in_degrees, sample.features.batch, source)
    features = sample.features
    return CollectionAreas(
        client=client,
        source=source,
        boxes=await _applies_boxes(client, features, bounds, source),
        links=sample.next_link is not None,
        empty_page=features.take(np.zeros(len(features), dtype=bool)),
        whole=AsyncTtlCache(ttl=WHOLE_LASTS, clock=clock),
        notes=tuple(notes),
    )


async def _applies_boxes(
    client: ItemsClient, sample: FeaturePage, bounds: NDArray[np.float64], source: OgcApiSource
) -> bool:
    """Whether a box around the smallest known object returns it, and not the whole collection.

    True if no place is known: then there is nothing to test with.
    """
    row = smallest_object(bounds)
    if row is None:
        return True
    box = BBox(*bounds[row].tolist()).expanded(_PROBE)
    try:
        page = await replace(client, box=box).get_page()
    except (UpstreamException, UpstreamRefused, DecodeError):
        return False
    found: NDArray[np.float64] = await client.offload(bounds_in_degrees, page.features.batch, source)
    known = np.isfinite(found).all(axis=1)
    mostly_outside = known.any() and _outside(found[known], box.expanded(_PROBE)).mean() > _MOSTLY
    return sample.keys[row] in page.features.keys and not mostly_outside


def _outside(bounds: NDArray[np.float64], box: BBox) -> NDArray[np.bool_]:
    """Return (N,) which bounds (N, 4) in degrees are certainly outside a box; False for NaN."""
    west, south, east, north = bounds.T
    outside: NDArray[np.bool_] = (west > box.east) | (east < box.west) | (south > box.north) | (north < box.south)
    return outside


def bounds_in_degrees(batch: FeatureBatch, source: OgcApiSource) -> NDArray[np.float64]:
    """Return (N, 4) west, south, east, north of each object; NaN where its place is not known."""
    written = FeaturePage(batch=batch, keys=()).bounds
    result = np.full((len(batch), 4), np.nan)
    try:
        readings = decide_readings(batch, axis_order=source.axis_order, extent=source.extent)
    except PlaceError:
        return result
    for reading, rows in readings.groups():
        bounds = written[rows] if reading.order is AxisOrder.XY else written[rows][:, [1, 0, 3, 2]]
        corners = bounds[:, [0, 1, 0, 3, 2, 1, 2, 3]].reshape(-1, 2)
        lonlat = to_crs84(corners, reading.crs).reshape(-1, 4, 2)
        result[rows] = np.hstack([lonlat.min(axis=1), lonlat.max(axis=1)])
    return result
