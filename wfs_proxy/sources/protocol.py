"""What every source gives: the whole layer or an area of it, or the honest word that it is not whole."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

from wfs_proxy.bbox import BBox
from wfs_proxy.features import FeatureBatch, FetchReport

__all__ = ["FeatureSource", "FetchedFeatures", "Offload", "latest"]

Offload = Callable[..., Awaitable[Any]]
"""Runs a function with its arguments where it does not hold up the event loop; `asyncio.to_thread` is one."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FetchedFeatures:
    """All objects of a layer or of an area of it, as the vendor gave them."""

    batch: FeatureBatch
    """Each object once; `type_names` tells the feature type of each."""

    report: FetchReport
    """How they were fetched; `matched` counts what touches the area, if there is one."""


class FeatureSource(Protocol):
    """Where a layer's objects come from."""

    async def fetch(self, area: BBox | None = None, /) -> FetchedFeatures:
        """Fetch all of them, or all that touch an area (west, south, east, north in degrees) or come within a metre.

        Others may come along with those of an area. An area without objects is a whole harvest of none.

        Raises:
            UpstreamError: the vendor did not give them.
            DecodeError: what it gave cannot be read.
            ConfigurationError: the layer asks for what cannot be.
        """
        ...


def latest(headers: Iterable[str | None]) -> datetime | None:
    """The latest of the Last-Modified headers (RFC 9110, section 8.8.2); one that is no date tells nothing."""
    return max((when for when in map(_parsed, headers) if when is not None), default=None)


def _parsed(header: str | None) -> datetime | None:
    try:
        when = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
