"""A GeoJSON document as a source, at an http(s) URL or in a file.

One document is the whole layer: no further request could return more. If its `numberMatched` is larger than the number
of its features, the layer is incomplete (OGC 17-069r4, section 7.15.6; GeoServer and others write it too).
"""

from __future__ import annotations

from pathlib import Path

from wfs_proxy.bbox import BBox
from wfs_proxy.config import GeoJsonSource
from wfs_proxy.decode import decode
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.features import FeatureBatch, FetchReport, Payload
from wfs_proxy.http import HttpClients, VendorClient
from wfs_proxy.offload import Offload
from wfs_proxy.sources.protocol import FetchedFeatures, latest

__all__ = ["GeoJsonFeatureSource"]


class GeoJsonFeatureSource:
    """Fetches or reads the document of a `type: geojson` source."""

    def __init__(self, source: GeoJsonSource, http: HttpClients, offload: Offload) -> None:
        self._url = source.url
        self._client: VendorClient | None = http.client(source) if _is_url(source.url) else None
        self._offload = offload

    async def fetch(self, _area: BBox | None = None, /) -> FetchedFeatures:
        """Return the objects of the document, regardless of the area.

        Raises:
            UpstreamError: the document could not be fetched.
            DecodeError: it is not GeoJSON.
            ConfigurationError: the file cannot be read.
        """
        payload = await self._payload()
        batch: FeatureBatch = await self._offload(decode, payload)
        matched = batch.claims.matched
        complete = matched is None or matched <= len(batch)
        note = f"the document has {len(batch)} of the {matched} objects that it counts"
        report = FetchReport(
            complete=complete,
            matched=matched,
            requests=0 if self._client is None else 1,
            notes=() if complete else (note,),
            last_modified=latest([payload.last_modified]),
        )
        return FetchedFeatures(batch=batch, report=report)

    async def sample(self, _count: int, /) -> FetchedFeatures:
        """Return all objects of the document: there is no request for some of them. Raises as `fetch` does."""
        return await self.fetch()

    async def _payload(self) -> Payload:
        if self._client is not None:
            return await self._client.get(self._url)
        payload: Payload = await self._offload(_read_file, Path(self._url))
        return payload


def _is_url(url: str) -> bool:
    return url.lower().startswith(("http://", "https://"))


def _read_file(path: Path) -> Payload:
    try:
        return Payload(body=path.read_bytes(), source=path.name)
    except OSError as error:
        raise ConfigurationError(f"the file {path} cannot be read: {error.strerror}") from error
