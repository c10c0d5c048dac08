"""GetFeature requests for one feature type: the parameters that all of them share, and how one is sent."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from wfs_proxy.errors import UpstreamException, WfsProxyError
from wfs_proxy.features import Payload
from wfs_proxy.http import VendorRequests
from wfs_proxy.offload import Offload
from wfs_proxy.sources.completeness import RequestBudget
from wfs_proxy.sources.feature_page import FeaturePage, read_page
from wfs_proxy.sources.native_box import NativeBox
from wfs_proxy.sources.wfs.bbox_dialects import BoxDialect
from wfs_proxy.sources.wfs.capabilities import FeatureType, read_report
from wfs_proxy.sources.wfs.fes import BoxFilter, filter_document
from wfs_proxy.sources.wfs.kvp import FeatureRequest, Version, describe_url, feature_url
from wfs_proxy.sources.wfs.schema import read_geometry_property

__all__ = ["FeatureTypeClient"]


@dataclass(frozen=True, kw_only=True)
class FeatureTypeClient:
    """Requests the objects of one feature type from a vendor."""

    http: VendorRequests
    offload: Offload
    budget: RequestBudget
    url: str
    version: Version
    feature_type: FeatureType
    output_format: str | None = None
    srs_name: str | None = None
    sort_by: str | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The filter that the vendor applies, attribute -> values; empty: none."""

    geometry: str | None = None
    """The geometry property, if the layer file names it."""

    filtered_geometry: str = "geometry"
    """The geometry property for a box in a filter, if the layer file does not name it. Most servers use this default
    name or, like MapServer, ignore it."""

    key: str | None = None
    """The attribute that is the business key."""

    async def get_page(self, *, count: int | None = None, start: int | None = None) -> FeaturePage:
        """Return `count` objects from number `start` on, or all.

        Raises:
            UpstreamError: the vendor did not answer, or answered with an exception report.
            DecodeError: its answer cannot be read.
        """
        return await self._get_features(self._request(count=count, start=start))

    async def get_box(self, box: NativeBox, dialect: BoxDialect) -> FeaturePage:
        """Return the objects in a box, which is in the coordinates in which the dialect requests boxes.

        Raises:
            UpstreamError, DecodeError: as for a page.
        """
        return await self._get_features(self._in_box(self._request(), box, dialect))

    async def count(self, box: NativeBox | None = None, dialect: BoxDialect | None = None) -> int | None:
        """Return how many objects the vendor counts in the type or in a box; None when it does not count.

        The count is requested in GML: some servers answer `hits` in GeoJSON with all the objects. An answer with
        objects is a page, and its numbers are those of the page. In 2.0.0 only numberMatched is a count; 1.1.0 has
        numberOfFeatures for both (OGC 04-094, section 9.3).
        """
        if self.version == "1.0.0":
            return None
        request = replace(self._request(), hits=True, output_format=None, sort_by=None)
        if box is not None and dialect is not None:
            request = self._in_box(request, box, dialect)
        try:
            payload = await self._get(feature_url(self.url, request))
            page: FeaturePage = await self.offload(read_page, payload)
        except WfsProxyError:
            return None
        if len(page) or page.batch.left_out:
            return None
        claims = page.batch.claims
        return claims.returned if claims.matched is None and self.version == "1.1.0" else claims.matched

    async def with_geometry_property(self) -> FeatureTypeClient:
        """Return a client that knows the geometry property, read from the schema if a box must go into a filter."""
        if self.geometry is not None or not self.where:
            return self
        name: str | None = None
        try:
            name = await self._described_geometry(plural=False)
        except UpstreamException:
            if self.version == "2.0.0":
                with suppress(WfsProxyError):
                    name = await self._described_geometry(plural=True)
        except WfsProxyError:
            pass
        return replace(self, filtered_geometry=name or self.filtered_geometry)

    async def _described_geometry(self, *, plural: bool) -> str | None:
        name = self.feature_type.name
        payload = await self._get(describe_url(self.url, self.version, name, plural=plural))
        found: str | None = await self.offload(read_geometry_property, payload, name)
        return found

    def _request(self, *, count: int | None = None, start: int | None = None) -> FeatureRequest:
        return FeatureRequest(
            version=self.version,
            type_name=self.feature_type.name,
            output_format=self.output_format,
            srs_name=self.srs_name,
            sort_by=self.sort_by,
            count=count,
            start=start,
            filter=filter_document(self.where, self.version),
        )

    def _in_box(self, request: FeatureRequest, box: NativeBox, dialect: BoxDialect) -> FeatureRequest:
        """Add a box to a request. BBOX and FILTER exclude each other, so with `where` the box goes into the filter."""
        sent = dialect.sent(box)
        if not self.where:
            return replace(request, box=sent, box_crs=dialect.crs_name)
        geometry = self.geometry or self.filtered_geometry
        inside = BoxFilter(geometry=geometry, box=sent, crs=dialect.crs_name)
        return replace(request, filter=filter_document(self.where, self.version, inside))

    async def _get_features(self, request: FeatureRequest) -> FeaturePage:
        payload = await self._get(feature_url(self.url, request))
        page: FeaturePage = await self.offload(read_page, payload, geometry=self.geometry, key=self.key)
        return page

    async def _get(self, url: str) -> Payload:
        self.budget.spent += 1
        payload = await self.http.get(url, read_report)
        return replace(payload, wfs_version=self.version)
