"""Inspect one feature type by a sample of its objects, with few requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Literal, TypeVar

from wfs_proxy.config import WfsSource
from wfs_proxy.errors import DecodeError, UpstreamError, WfsProxyError
from wfs_proxy.features import FeatureBatch, concatenate
from wfs_proxy.inspect.diagnosis import missing_part, needs_login
from wfs_proxy.inspect.fields import FieldsOfSample, describe_fields, describe_ids
from wfs_proxy.inspect.findings import CELLS_FROM, findings_of
from wfs_proxy.inspect.kinds.kind import InspectedType
from wfs_proxy.inspect.owslib_reader import read_types_of_fields
from wfs_proxy.inspect.report import (
    FormatReport,
    IdCandidate,
    MissingPart,
    PagingReport,
    Part,
    ServiceReport,
    TypeReport,
    TypeSummary,
)
from wfs_proxy.inspect.sample import AGAIN, SAMPLE, crs_report, geometry_kinds
from wfs_proxy.inspect.vendor_access import VendorAccess
from wfs_proxy.offload import Offload
from wfs_proxy.sources import FeaturePage, RequestBudget, believable_count, looks_like_a_cap
from wfs_proxy.sources.wfs import (
    VERSIONS,
    FeatureType,
    FeatureTypeClient,
    Version,
    describe_url,
    geojson_format,
    read_report,
    with_labels,
)

__all__ = ["inspect_type"]

_NEXT_PAGE = 500
_FORMAT_SAMPLE = 20
_MOST_FORMATS = 4

_Behaviour = Literal["not_needed", "works", "repeats", "ignored", "refused", "unknown"]

_T = TypeVar("_T")

_SOURCE = WfsSource(type="wfs", url="http://localhost/", type_names=("sample",))


async def inspect_type(
    vendor: VendorAccess, service: ServiceReport, summary: TypeSummary, offload: Offload, report: Callable[[Part], None]
) -> InspectedType:
    """Inspect one type. A part that fails is missing in the report, and does not end the inspection."""
    inspection = _TypeInspection(vendor=vendor, service=service, summary=summary, offload=offload, report=report)
    found = await inspection.run()
    return InspectedType(report=found, sample=inspection.sample)


@dataclass(kw_only=True)
class _TypeInspection:
    """One inspection in progress."""

    vendor: VendorAccess
    service: ServiceReport
    summary: TypeSummary
    offload: Offload
    report: Callable[[Part], None]
    missing: list[MissingPart] = field(default_factory=list)
    sample: FeatureBatch | None = None

    async def run(self) -> TypeReport:
        before = self.vendor.requests
        self.report("schema")
        declared = await self._part("schema", self._schema()) or {}
        self.report("sample")
        sampled = await self._part("sample", self._sample())
        found = TypeReport(
            name=self.summary.name,
            title=self.summary.title,
            count=self.summary.count,
            sample=0,
            complete=False,
            declared_extent=self.summary.extent,
        )
        if sampled is not None:
            found = await self._of_sample(found, *sampled, declared)
        found = replace(found, missing=tuple(self.missing), requests=self.vendor.requests - before)
        return replace(found, findings=findings_of(found))

    async def _of_sample(
        self, found: TypeReport, client: FeatureTypeClient, page: FeaturePage, declared: Mapping[str, str]
    ) -> TypeReport:
        count = await self._count(client, page)
        self.report("stability")
        again = await self._part("stability", client.get_page(count=AGAIN)) if len(page) else None
        again_batch = None if again is None else again.batch
        described, ids = await self._fields(page.batch, again_batch, declared)
        self.report("paging")
        sort_by = next((each.name for each in ids if each.usable and each.name is not None), None)
        paging, following = await self._paging(client, page, count, sort_by)
        batch = page.batch
        if following is not None:
            batch = concatenate([batch, following.batch])
            described, ids = await self._fields(batch, again_batch, declared)
        count = believable_count(count, len(batch))
        complete = paging.behaviour == "not_needed" or (count is not None and len(batch) == count)
        at_least = count or await self._at_least(client, len(batch), complete=complete)
        self.report("formats")
        formats = await self._formats(client, page)
        placed = replace(with_labels(batch, client.feature_type, _SOURCE), declared_extent=self.summary.extent)
        self.sample = placed
        return replace(
            found,
            count=len(batch) if complete else count,
            at_least=at_least,
            sample=len(batch),
            complete=complete,
            version=client.version,
            output_format=client.output_format,
            encoding=batch.encoding.value,
            geometry_kinds=geometry_kinds(batch),
            without_geometry=sum(geometry is None for geometry in batch.geometry),
            crs=await self.offload(crs_report, placed),
            formats=formats,
            paging=paging,
            fields=described.fields,
            ids=ids,
            marks=described.marks,
        )

    async def _fields(
        self, batch: FeatureBatch, again: FeatureBatch | None, declared: Mapping[str, str]
    ) -> tuple[FieldsOfSample, tuple[IdCandidate, ...]]:
        described: FieldsOfSample = await self.offload(describe_fields, batch, declared)
        return described, await self.offload(describe_ids, batch, again, described.fields)

    async def _at_least(self, client: FeatureTypeClient, received: int, *, complete: bool) -> int:
        """Return how many objects there are at least, where the vendor does not count: whether there is a huge number.

        MapServer counts no further than its cap.
        """
        if complete or not received or client.version == "1.0.0":
            return received
        try:
            far = await client.get_page(count=1, start=CELLS_FROM)
        except WfsProxyError:
            return received
        return CELLS_FROM + 1 if len(far) == 1 else received

    async def _part(self, part: Part, work: Awaitable[_T]) -> _T | None:
        """Return the result of a part; None if it failed, which the report then says."""
        try:
            return await work
        except WfsProxyError as error:
            self.missing.append(missing_part(part, error))
            return None

    async def _schema(self) -> Mapping[str, str]:
        version = self.service.version or VERSIONS[0]
        payload = await self.vendor.get(describe_url(self.service.url, version, self.summary.name), read_report)
        types: Mapping[str, str] = await self.offload(read_types_of_fields, payload, self.summary.name)
        return types

    async def _sample(self) -> tuple[FeatureTypeClient, FeaturePage]:
        """Return the first page and the client that got it, with the best version and format that work.

        Raises:
            UpstreamError, DecodeError: none works; the first error.
        """
        first_error: WfsProxyError | None = None
        for client in self._variants():
            try:
                return client, await client.get_page(count=SAMPLE)
            except (UpstreamError, DecodeError) as error:
                first_error = first_error or error
                if self.vendor.stopped is not None or needs_login(error):
                    break
        assert first_error is not None
        raise first_error

    def _variants(self) -> Iterator[FeatureTypeClient]:
        versions = self.service.working_versions or VERSIONS[:1]
        formats = dict.fromkeys([geojson_format(self.service.output_formats), None])
        for version, output_format in product(versions, formats):
            yield self._client(version, output_format)

    def _client(self, version: Version, output_format: str | None) -> FeatureTypeClient:
        summary = self.summary
        feature_type = FeatureType(
            name=summary.name, crs=summary.crs, other_crs=summary.other_crs, extent=summary.extent
        )
        return FeatureTypeClient(
            http=self.vendor,
            offload=self.offload,
            budget=RequestBudget(),
            url=self.service.url,
            version=version,
            feature_type=feature_type,
            output_format=output_format,
        )

    async def _count(self, client: FeatureTypeClient, page: FeaturePage) -> int | None:
        known = believable_count(self.summary.count, len(page))
        known = known if known is not None else believable_count(page.batch.claims.matched, len(page))
        if known is not None or self.summary.count is not None:
            return known
        return believable_count(await client.count(), len(page))

    async def _paging(
        self, client: FeatureTypeClient, page: FeaturePage, count: int | None, sort_by: str | None
    ) -> tuple[PagingReport, FeaturePage | None]:
        """Request the page after the sample; also sorted, if it does not work without."""
        stated = self.service.stated_cap
        more = (count is not None and count > len(page)) or _may_be_cut(len(page), stated)
        report = PagingReport(behaviour="not_needed", stated_cap=stated)
        if not more or not len(page):
            return report, None
        behaviour, following = await self._next_page(client, page)
        if following is not None and not len(following) and (count is None or count == len(page)):
            return report, None
        report = replace(report, cap=len(page) if len(page) < SAMPLE else None)
        if behaviour in {"refused", "repeats"} and sort_by is not None and self.vendor.stopped is None:
            in_order = replace(client, sort_by=sort_by)
            try:
                first = await in_order.get_page(count=_NEXT_PAGE)
            except WfsProxyError:
                return replace(report, behaviour=behaviour), None
            sorted_behaviour, following = await self._next_page(in_order, first)
            if sorted_behaviour == "works":
                return replace(report, behaviour="works", sort_by=sort_by), None
        return replace(report, behaviour=behaviour), following if behaviour == "works" else None

    async def _next_page(self, client: FeatureTypeClient, page: FeaturePage) -> tuple[_Behaviour, FeaturePage | None]:
        try:
            following = await client.get_page(count=_NEXT_PAGE, start=len(page))
        except (UpstreamError, DecodeError) as error:
            if self.vendor.stopped is None:
                return "refused", None
            self.missing.append(missing_part("paging", error))
            return "unknown", None
        repeated = len(set(page.keys) & set(following.keys))
        if not len(following):
            return "ignored", following
        if repeated == len(following):
            return "ignored", None
        return ("repeats" if repeated else "works"), following

    async def _formats(self, client: FeatureTypeClient, page: FeaturePage) -> tuple[FormatReport, ...]:
        """Try the formats that the proxy could read: GeoJSON, the default, and others with GML or JSON in the name."""
        offered = self.service.output_formats
        wanted = dict.fromkeys([client.output_format, geojson_format(offered), None, *filter(_is_readable, offered)])
        reports = []
        for name in list(wanted)[:_MOST_FORMATS]:
            if name == client.output_format:
                reports.append(FormatReport(name=name, works=True, encoding=page.batch.encoding.value))
                continue
            report = await self._format(replace(client, output_format=name))
            if report is None:
                break
            reports.append(report)
        return tuple(reports)

    async def _format(self, client: FeatureTypeClient) -> FormatReport | None:
        """Return how one format works; None when the vendor stopped answering."""
        try:
            page = await client.get_page(count=_FORMAT_SAMPLE)
        except WfsProxyError as error:
            if self.vendor.stopped is not None:
                self.missing.append(missing_part("formats", error))
                return None
            return FormatReport(name=client.output_format, works=False, problem=str(error))
        return FormatReport(name=client.output_format, works=True, encoding=page.batch.encoding.value)


def _may_be_cut(received: int, stated_cap: int | None) -> bool:
    return received >= SAMPLE or looks_like_a_cap(received, stated_cap)


def _is_readable(output_format: str) -> bool:
    text = output_format.lower()
    others = ("javascript", "jsonp", "shape", "zip", "csv", "kml", "esri", "xls", "excel")
    return ("gml" in text or "json" in text) and not any(other in text for other in others)
