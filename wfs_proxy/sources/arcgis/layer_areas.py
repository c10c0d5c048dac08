"""The objects of a layer in an area.

A box is sent in the CRS of the answers, so that no server has to transform it, else in WGS 84. Which of the two works
is seen at an object whose position is known: a box around an outermost vertex must return that object, and little else.
(A server that transforms WGS 84 to RD without a datum transformation searches a hundred metres off the box.) If none
works, the whole layer is fetched and kept for some minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.bbox import BBox
from wfs_proxy.config import ArcgisSource
from wfs_proxy.errors import DecodeError, UpstreamException, UpstreamIncomplete, UpstreamRefused
from wfs_proxy.geo import AxisOrder, Reading, parse_srs_name, to_crs84
from wfs_proxy.sources.arcgis.collect import LayerCollection, collect
from wfs_proxy.sources.arcgis.layer_client import AreaBox, LayerClient
from wfs_proxy.sources.async_ttl_cache import AsyncTtlCache, Clock
from wfs_proxy.sources.boxes import area_in_crs, smallest_object, surroundings
from wfs_proxy.sources.completeness import SMALLEST_CAP, RequestBudget
from wfs_proxy.sources.feature_page import FeaturePage
from wfs_proxy.sources.layer_parts import WHOLE_LASTS, WholePart, kept_whole
from wfs_proxy.sources.native_box import NativeBox
from wfs_proxy.sources.readings import first_reading

__all__ = ["SAMPLE", "LayerAreas", "layer_areas"]

SAMPLE = 1_000
"""Objects that are looked at before areas are requested."""

_WGS84 = "EPSG:4326"
_MOSTLY = 0.5
"""Share of an answer above which it counts as the content of a box."""


@dataclass(frozen=True, kw_only=True)
class _BoxSystem:
    """The CRS in which boxes are sent."""

    crs: str
    wkid: int

    def box(self, area: BBox) -> AreaBox | None:
        """Return an area with a margin of a metre; None where the CRS cannot represent it."""
        box = area_in_crs(area, self.crs, AxisOrder.XY)
        return None if box is None else AreaBox(box=box, wkid=self.wkid)


@dataclass(kw_only=True)
class LayerAreas:
    """Fetches a layer area by area."""

    client: LayerClient
    reading: Reading | None
    """CRS and axis order of the answers; None if no object in the sample shows them."""

    boxes: _BoxSystem | None
    """None if boxes do not work."""

    empty_page: FeaturePage
    """No objects, but every attribute."""

    whole_layer: AsyncTtlCache[WholePart]
    uncut_below: int = SMALLEST_CAP
    """An answer with fewer objects is not cut off: the vendor has returned this many before."""

    notes: list[str] = field(default_factory=list)

    async def collect(self, area: BBox, budget: RequestBudget) -> LayerCollection:
        """Return the objects that touch the area or are within a metre of it, and possibly a few others.

        Raises:
            UpstreamError, DecodeError: the vendor did not return them.
        """
        collection = LayerCollection(notes=[*self.notes], complete=True)
        collection.features.add(self.empty_page)
        client = replace(self.client, budget=budget)
        if self.boxes is None:
            await self._select(area, client, collection)
        elif (box := self.boxes.box(area)) is not None:
            await self._fetch(replace(client, area=box), area, collection)
        return collection

    async def _fetch(self, client: LayerClient, area: BBox, collection: LayerCollection) -> None:
        first = await client.first_page()
        if len(first) and not self._mostly_near(first, area):
            raise UpstreamIncomplete(
                f"{client.description.name or 'the layer'}: the vendor no longer returns the objects of the requested "
                "box; the next fetch tests again how it understands boxes"
            )
        if len(first) < self.uncut_below and not first.batch.claims.exceeded_limit:
            collection.add(first)
            collection.features.matched = len(first)
        else:
            await collect(client, first, collection)
        self.uncut_below = max(self.uncut_below, len(first))

    def _mostly_near(self, page: FeaturePage, area: BBox) -> bool:
        """Whether most objects are in or near an area: a box in another CRS has neighbouring objects too."""
        box = self._native(area)
        return box is None or bool(page.touching(surroundings(box)).mean() > _MOSTLY)

    async def _select(self, area: BBox, client: LayerClient, collection: LayerCollection) -> None:
        """Add the objects of the whole layer that touch the area, or all if the CRS of the answers is unknown."""
        whole = await self.whole_layer.get(partial(_collect_whole, client))
        box = self._native(area)
        whole.add_to(collection, None if box is None else whole.page.touching(box))

    def _native(self, area: BBox) -> NativeBox | None:
        return None if self.reading is None else area_in_crs(area, self.reading.crs, self.reading.order)


async def layer_areas(client: LayerClient, sample: FeaturePage, source: ArcgisSource, clock: Clock) -> LayerAreas:
    """Find out how to request areas of a layer.

    Args:
        client: for the layer, with the parameters that the vendor accepts.
        sample: some objects of the layer.
        source: the layer file's.
        clock: for the whole layer that is kept.

    Raises:
        UpstreamUnreachable: the vendor stopped answering.
    """
    reading = await client.offload(first_reading, sample.batch, source)
    found = LayerAreas(
        client=client,
        reading=reading,
        boxes=None,
        empty_page=sample.take(np.zeros(len(sample), dtype=bool)),
        whole_layer=AsyncTtlCache(ttl=WHOLE_LASTS, clock=clock),
        uncut_below=max(SMALLEST_CAP, len(sample)),
    )
    row = None if reading is None else smallest_object(sample.bounds)
    if row is not None:
        for system in _systems(reading):
            if await _understands(client, sample, row, reading, system):
                found.boxes = system
                return found
    if len(sample):
        found.notes.append(
            "the vendor does not understand a box correctly, so the whole layer is fetched for a cell; "
            "use `mode: snapshot`"
        )
    return found


async def _collect_whole(client: LayerClient) -> WholePart:
    collection = LayerCollection()
    await collect(client, await client.first_page(), collection)
    return await kept_whole(collection, client.offload)


def _systems(reading: Reading) -> Iterator[_BoxSystem]:
    """Yield the systems in which a box may be sent, the best first."""
    own = parse_srs_name(reading.crs)
    if own.code.isdecimal():
        yield _BoxSystem(crs=own.crs, wkid=int(own.code))
    if own.crs != _WGS84:
        yield _BoxSystem(crs=_WGS84, wkid=4326)


async def _understands(
    client: LayerClient, sample: FeaturePage, row: int, reading: Reading, system: _BoxSystem
) -> bool:
    """Whether small boxes around the outermost vertices of an object return this object, and mostly what is there."""
    for vertex in sample.outermost(row):
        area = _area_at(vertex, reading)
        box, native = system.box(area), area_in_crs(area, reading.crs, reading.order)
        if box is None or native is None:
            return False
        try:
            page = await replace(client, area=box).first_page()
        except (UpstreamException, UpstreamRefused, DecodeError):
            return False
        is_there = (page.bounds == sample.bounds[row]).all(axis=1).any()
        if not is_there or not page.touching(native).mean() > _MOSTLY:
            return False
    return True


def _area_at(vertex: NDArray[np.float64], reading: Reading) -> BBox:
    xy = vertex if reading.order is AxisOrder.XY else vertex[::-1]
    ((longitude, latitude),) = to_crs84(xy[None, :], reading.crs).tolist()
    return BBox(longitude, latitude, longitude, latitude)
