"""How much of a file may be in memory: a snapshot is made of all its objects together."""

from __future__ import annotations

from wfs_proxy.errors import UpstreamTooLarge

__all__ = ["MOST_BYTES", "MOST_OBJECTS", "too_large"]

MOST_OBJECTS = 2_000_000
"""In one fetch."""

MOST_BYTES = 512 << 20
"""Of geometries and of the values that the layer uses, in one fetch; in memory they are some three times as much."""


def too_large(name: str, count: int) -> UpstreamTooLarge:
    """Return the error for a file of which too much would be in memory after `count` objects."""
    return UpstreamTooLarge(
        f"{name} is too large to be read as a whole: after {count} objects a limit of {MOST_OBJECTS} objects or "
        f"{MOST_BYTES >> 20} MiB was reached. Write `mode: cells` in the layer's `fetch` for a GeoPackage, FlatGeobuf "
        "or Shapefile, or leave objects out of the file"
    )
