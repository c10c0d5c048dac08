"""Find the WFS that a pasted address means, and describe it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from wfs_proxy.errors import (
    DecodeError,
    UpstreamError,
    UpstreamException,
    UpstreamRefused,
    UpstreamUnreachable,
    WfsProxyError,
)
from wfs_proxy.features import Payload
from wfs_proxy.http import redacted
from wfs_proxy.inspect.addresses import PastedAddress, service_addresses
from wfs_proxy.inspect.diagnosis import diagnose_document, diagnose_error, missing_part
from wfs_proxy.inspect.kinds.kind import MOST_COUNTED
from wfs_proxy.inspect.owslib_reader import ServiceTexts, TypeTexts, read_service_texts
from wfs_proxy.inspect.report import Diagnosis, Finding, MissingPart, Part, ServiceReport, TypeSummary
from wfs_proxy.inspect.vendor_access import VendorAccess
from wfs_proxy.offload import Offload
from wfs_proxy.sources import RequestBudget
from wfs_proxy.sources.wfs import (
    VERSIONS,
    Capabilities,
    FeatureType,
    FeatureTypeClient,
    Version,
    capabilities_url,
    read_capabilities,
    read_report,
)

__all__ = ["FoundService", "describe_service", "find_service"]

Report = Callable[[Part], None]


@dataclass(frozen=True, kw_only=True)
class FoundService:
    """An address that answered with capabilities."""

    url: str
    payload: Payload
    capabilities: Capabilities


async def find_service(
    vendor: VendorAccess, pasted: PastedAddress, offload: Offload, *, with_login: bool
) -> FoundService | Diagnosis:
    """Return the first address that is a WFS; else what the pasted address is."""
    diagnosis: Diagnosis | None = None
    for url in service_addresses(pasted):
        found = await _capabilities_at(vendor, url, offload)
        if isinstance(found, FoundService):
            return found
        if diagnosis is None or url == pasted.base:
            diagnosis = await _diagnosis(found, pasted, offload, with_login=with_login)
        if isinstance(found, UpstreamUnreachable) or diagnosis.needs_login:
            return diagnosis
    assert diagnosis is not None
    return diagnosis


async def _capabilities_at(vendor: VendorAccess, url: str, offload: Offload) -> FoundService | WfsProxyError | Payload:
    """Return the capabilities at an address, in any version; else the error or the document that came instead."""
    failure: WfsProxyError | Payload | None = None
    versions: Sequence[Version | None] = (None, *VERSIONS)
    for version in versions:
        payload: Payload | None = None
        try:
            payload = await vendor.get(capabilities_url(url, version), read_report)
            capabilities: Capabilities = await offload(read_capabilities, payload)
        except UpstreamException as report:
            # it is a WFS that does not know this version, or ACCEPTVERSIONS; or it is no WFS at all
            failure = failure or report
            continue
        except (UpstreamError, DecodeError) as error:
            if not _is_bad_request(error):
                return payload if payload is not None else error
            failure = failure or error
            continue
        return FoundService(url=url, payload=payload, capabilities=capabilities)
    assert failure is not None
    return failure


def _is_bad_request(error: WfsProxyError) -> bool:
    """Whether the server refused the parameters; some know no ACCEPTVERSIONS."""
    return isinstance(error, UpstreamRefused) and error.upstream_status == HTTPStatus.BAD_REQUEST


async def _diagnosis(
    found: WfsProxyError | Payload, pasted: PastedAddress, offload: Offload, *, with_login: bool
) -> Diagnosis:
    if isinstance(found, WfsProxyError):
        return diagnose_error(found, pasted, with_login=with_login)
    diagnosis: Diagnosis = await offload(diagnose_document, found, pasted)
    return diagnosis


async def describe_service(
    vendor: VendorAccess, found: FoundService, pasted: PastedAddress, offload: Offload, report: Report
) -> ServiceReport | Diagnosis:
    """Return the report of a service: its types, versions and counts."""
    if not found.capabilities.types:
        details = {"address": redacted(found.url), "host": ""}
        return Diagnosis(code="no_types", details=details)
    missing: list[MissingPart] = []
    texts: ServiceTexts = await offload(read_service_texts, found.payload, found.capabilities.version)
    report("versions")
    working = await _working_versions(vendor, found, offload, missing)
    service = _service(found, texts, pasted, working)
    report("counts")
    counts = await _counts(vendor, service, found.capabilities, offload, missing)
    types = tuple(replace(each, count=counts.get(each.name)) for each in service.types)
    unfinished = [Finding(code=f"missing_{each.part}", severity="warning", details=each.details) for each in missing]
    return replace(service, types=types, missing=tuple(missing), findings=(*service.findings, *unfinished))


async def _working_versions(
    vendor: VendorAccess, found: FoundService, offload: Offload, missing: list[MissingPart]
) -> tuple[Version, ...]:
    """Return the versions in which the service sends capabilities, the best first."""
    working = {found.capabilities.version}
    for version in VERSIONS:
        if version in working:
            continue
        try:
            payload = await vendor.get(capabilities_url(found.url, version), read_report)
            offered: Capabilities = await offload(read_capabilities, payload)
        except (UpstreamError, DecodeError) as error:
            if vendor.stopped is not None:
                missing.append(missing_part("versions", error))
                break
            continue
        working.add(offered.version)
    return tuple(version for version in VERSIONS if version in working)


def _service(
    found: FoundService, texts: ServiceTexts, pasted: PastedAddress, working: tuple[Version, ...]
) -> ServiceReport:
    capabilities = found.capabilities
    findings = []
    if texts.problem:
        findings.append(Finding(code="texts_unreadable", severity="notice", details={"reason": texts.problem}))
    if pasted.dropped_filter:
        findings.append(Finding(code="filter_dropped", severity="warning"))
    service = ServiceReport(
        url=found.url,
        shown_url=redacted(found.url),
        kind="wfs",
        title=texts.title,
        provider=texts.provider,
        keywords=texts.keywords,
        operations=texts.operations,
        version=capabilities.version,
        offered_versions=capabilities.versions,
        working_versions=working,
        output_formats=capabilities.output_formats,
        stated_cap=capabilities.count_default,
        types=tuple(_summary(each, texts.types.get(each.name)) for each in capabilities.types.values()),
        findings=tuple(findings),
    )
    wanted = service.type_named(pasted.type_name) if pasted.type_name else None
    return replace(service, requested_type=wanted.name if wanted else None)


def _summary(feature_type: FeatureType, texts: TypeTexts | None) -> TypeSummary:
    texts = texts or TypeTexts()
    return TypeSummary(
        name=feature_type.name,
        title=texts.title,
        abstract=texts.abstract,
        keywords=texts.keywords,
        crs=feature_type.crs,
        other_crs=feature_type.other_crs,
        extent=feature_type.extent,
    )


async def _counts(
    vendor: VendorAccess,
    service: ServiceReport,
    capabilities: Capabilities,
    offload: Offload,
    missing: list[MissingPart],
) -> Mapping[str, int | None]:
    """Return the number of objects of the first types, and of the one that was asked for."""
    names = sorted(capabilities.types, key=lambda name: name != service.requested_type)[:MOST_COUNTED]
    clients = [
        FeatureTypeClient(
            http=vendor,
            offload=offload,
            budget=RequestBudget(),
            url=service.url,
            version=capabilities.version,
            feature_type=capabilities.types[name],
        )
        for name in names
    ]
    counts = await asyncio.gather(*(client.count() for client in clients))
    if vendor.stopped is not None and None in counts:
        missing.append(missing_part("counts", vendor.stopped))
    return dict(zip(names, counts, strict=True))
