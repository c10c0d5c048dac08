"""The area in which the reports of a Signalen matter: public geography is read for a box, not for a whole country."""

from __future__ import annotations

from wfs_proxy.bbox import BBox
from wfs_proxy.cache import LayerCache
from wfs_proxy.serve.live_catalogue import LiveCatalogue

__all__ = ["reports_area"]


def reports_area(catalogue: LiveCatalogue, cache: LayerCache, instance: str) -> BBox | None:
    """Return the box around the objects of all layers that use an instance of Signalen.

    Returns:
        west, south, east, north in degrees; None while the area of one of the layers is unknown.
    """
    boxes = []
    for layer in catalogue.current.layers_of(instance):
        entry = cache.slots(layer)[0].entry if layer.fetch.mode == "snapshot" else None
        box = entry.snapshot.bbox if entry is not None else layer.source.extent
        if box is None:
            return None
        boxes.append(box)
    return BBox.union(boxes)
