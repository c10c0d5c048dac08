"""The protocol of all sources: fetch a layer or an area of it, and report whether it is complete."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol, runtime_checkable

from wfs_proxy.bbox import BBox
from wfs_proxy.features import FeatureBatch, FetchReport, Validators

__all__ = ["ConditionalSource", "FeatureSource", "FetchedFeatures", "SampledSource", "fetch_if_changed", "latest"]


@dataclass(frozen=True, kw_only=True, eq=False)
class FetchedFeatures:
    """The objects of a layer or of an area of it, as the vendor returned them."""

    batch: FeatureBatch
    """Each object once; `type_names` has the feature type of each."""

    report: FetchReport
    """How they were fetched; `matched` counts what touches the area, if there is one."""


class FeatureSource(Protocol):
    """Where a layer's objects come from."""

    async def fetch(self, area: BBox | None = None, /) -> FetchedFeatures:
        """Return all objects, or those that touch an area or are within a metre of it.

        The result for an area may have other objects too. For an area without objects it is empty and complete.

        Raises:
            UpstreamError: the vendor did not return them.
            DecodeError: its answers cannot be read.
            ConfigurationError: a setting of the layer is impossible, or its file cannot be read.
        """
        ...


class SampledSource(FeatureSource, Protocol):
    """A source that can also return a few objects, with few requests."""

    async def sample(self, count: int, /) -> FetchedFeatures:
        """Return at most `count` objects of each feature type, or all where the source cannot return fewer.

        Raises:
            UpstreamError, DecodeError, ConfigurationError: as `fetch` does.
        """
        ...


@runtime_checkable
class ConditionalSource(Protocol):
    """A source that can find out with one small request that nothing has changed."""

    async def fetch_if_changed(self, area: BBox | None, known: Validators, /) -> FetchedFeatures | None:
        """Return what `fetch` returns; None if that is still the known document.

        Raises:
            UpstreamError, DecodeError, ConfigurationError: as `fetch` does.
        """
        ...


async def fetch_if_changed(
    source: FeatureSource, area: BBox | None, known: Validators | None
) -> FetchedFeatures | None:
    """Return what `source.fetch` returns; None if the source says that it is still the known document.

    Raises:
        UpstreamError, DecodeError, ConfigurationError: as `fetch` does.
    """
    if known is None or not isinstance(source, ConditionalSource):
        return await source.fetch(area)
    return await source.fetch_if_changed(area, known)


def latest(headers: Iterable[str | None]) -> datetime | None:
    """Return the latest of the Last-Modified headers (RFC 9110, section 8.8.2); invalid dates are ignored."""
    return max((when for when in map(_parsed, headers) if when is not None), default=None)


def _parsed(header: str | None) -> datetime | None:
    try:
        when = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
