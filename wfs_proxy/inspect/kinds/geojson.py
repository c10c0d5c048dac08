"""A GeoJSON document, which is the whole layer."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from wfs_proxy.decode import decode
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.features import FeatureBatch, Payload
from wfs_proxy.http import looks_secret, redacted
from wfs_proxy.inspect.addresses import PastedAddress
from wfs_proxy.inspect.diagnosis import diagnose_error, is_geojson
from wfs_proxy.inspect.findings import findings_of
from wfs_proxy.inspect.kinds.kind import Inquiry, InspectedType
from wfs_proxy.inspect.report import Diagnosis, PagingReport, ServiceReport, TypeReport, TypeSummary
from wfs_proxy.inspect.sample import describe_sample

__all__ = ["GeoJsonKind"]


class GeoJsonKind:
    """A document at one address. Any address may have one, so the document decides."""

    def suits(self, pasted: PastedAddress) -> bool:
        """Whether an address looks like one of such a document."""
        del pasted
        return False

    def recognises(self, payload: Payload) -> bool:
        """Whether a document is GeoJSON with objects."""
        return is_geojson(payload)

    async def find(self, inquiry: Inquiry, pasted: PastedAddress) -> ServiceReport | Diagnosis:
        """Return the document as a service with one type; else why it cannot be read."""
        try:
            payload = await _document(inquiry, pasted.url)
            await inquiry.offload(decode, payload)
        except WfsProxyError as error:
            return diagnose_error(error, pasted, with_login=inquiry.with_login)
        return ServiceReport(
            url=pasted.url,
            shown_url=redacted(pasted.url),
            kind="geojson",
            types=(TypeSummary(name="", title=_title_of(pasted.base)),),
        )

    async def inspect(self, inquiry: Inquiry, service: ServiceReport, summary: TypeSummary) -> InspectedType:
        """Inspect the document.

        Raises:
            UpstreamError, DecodeError: it could not be fetched again.
        """
        inquiry.report("sample")
        payload = await _document(inquiry, service.url)
        batch: FeatureBatch = await inquiry.offload(decode, payload)
        report: TypeReport = await inquiry.offload(describe_document, batch, summary.title)
        return InspectedType(report=report, sample=batch)


async def _document(inquiry: Inquiry, url: str) -> Payload:
    """Return the document at a URL, requested once in an inspection."""
    if url not in inquiry.documents:
        inquiry.documents[url] = await inquiry.clients.to(url).get(url)
    return inquiry.documents[url]


def _title_of(base: str) -> str:
    """Return the name of the file in an address, without its ending. A token in the path (Liteweb) is no name."""
    parts = urlsplit(base)
    names = [part for part in parts.path.split("/") if part and not looks_secret(part)] or [parts.hostname or ""]
    return names[-1].removesuffix(".geojson").removesuffix(".json")


def describe_document(batch: FeatureBatch, title: str) -> TypeReport:
    """Return the report of a GeoJSON document."""
    matched = batch.claims.matched
    found = TypeReport(
        name="",
        title=title,
        count=len(batch) if matched is None else max(matched, len(batch)),
        at_least=len(batch),
        sample=len(batch),
        complete=matched is None or matched <= len(batch),
        paging=PagingReport(behaviour="not_needed"),
    )
    found = describe_sample(found, batch)
    return replace(found, findings=findings_of(found))
