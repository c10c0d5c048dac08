"""The names of the objects of the layers that use a Signalen: only ids among them are shared between processes."""

from __future__ import annotations

from wfs_proxy.cache import LayerCache
from wfs_proxy.reports import LayerNames
from wfs_proxy.serve.live_catalogue import LiveCatalogue

__all__ = ["object_names"]


def object_names(catalogue: LiveCatalogue, cache: LayerCache, instance: str) -> list[LayerNames]:
    """Return the names that are known now, for each layer that uses an instance of Signalen and has data."""
    found = []
    for layer in catalogue.current.layers_of(instance):
        assert layer.reports is not None
        if layer.fetch.mode == "cells":
            found.append(LayerNames(reports=layer.reports, index=None))
            continue
        entry = cache.slots(layer)[0].entry
        if entry is not None and entry.snapshot.names is not None:
            found.append(LayerNames(reports=layer.reports, index=entry.snapshot.names))
    return found
