"""Find the service that a pasted address means, of whatever kind it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wfs_proxy.decode import DocumentKind, sniff
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.features import Payload
from wfs_proxy.inspect.addresses import PastedAddress
from wfs_proxy.inspect.diagnosis import diagnose_document
from wfs_proxy.inspect.kinds.arcgis import ArcgisKind
from wfs_proxy.inspect.kinds.data_file import DataFileKind
from wfs_proxy.inspect.kinds.geojson import GeoJsonKind
from wfs_proxy.inspect.kinds.kind import Inquiry, ServiceKind
from wfs_proxy.inspect.kinds.ogcapi import OgcApiKind
from wfs_proxy.inspect.kinds.wfs import WfsKind
from wfs_proxy.inspect.report import Diagnosis, ServiceReport, SourceKind

__all__ = ["KINDS", "find_service"]

KINDS: Mapping[SourceKind, ServiceKind] = {
    "arcgis": ArcgisKind(),
    "ogcapi": OgcApiKind(),
    "wfs": WfsKind(),
    "geojson": GeoJsonKind(),
    "file": DataFileKind(),
}
"""The `type` of a source -> how such a service is inspected; those that an address can suggest first."""

_CERTAIN = frozenset({"arcgis", "arcgis_directory", "exception", "no_types", "ogc_api", "server_error"})
"""Diagnoses of a service that was recognised or is unwell, so that no other kind need be tried at its own address."""

_BETTER = frozenset({"other_service", "login_page", "page_with_links", "features_only"})
"""Diagnoses of a document that say more than an exception report with the vendor's words."""


async def find_service(inquiry: Inquiry, pasted: PastedAddress) -> ServiceReport | Diagnosis:
    """Return the service of the first kind that an address suggests, or that the document there suggests.

    Raises:
        ConfigurationError: the address is invalid.
    """
    tried = [kind for kind in KINDS.values() if kind.suits(pasted)]
    found: ServiceReport | Diagnosis | None = None
    for kind in tried:
        found = await kind.find(inquiry, pasted)
        if isinstance(found, ServiceReport) or _ends(found, inquiry, pasted, last=kind is tried[-1]):
            return found
    assert isinstance(found, Diagnosis)
    return await _by_document(inquiry, pasted, found, tried)


def _ends(found: Diagnosis, inquiry: Inquiry, pasted: PastedAddress, *, last: bool) -> bool:
    """Whether no other kind need be tried: after an answer that is certain, a refused login, or none at all."""
    stopped = inquiry.clients.to(pasted.base).stopped is not None
    return stopped or found.needs_login or (found.code in _CERTAIN and not last)


async def _by_document(
    inquiry: Inquiry, pasted: PastedAddress, diagnosis: Diagnosis, tried: Sequence[ServiceKind]
) -> ServiceReport | Diagnosis:
    """Request the address exactly as it was pasted; the document there may be of another kind of service."""
    try:
        payload = inquiry.documents[pasted.url] = await inquiry.clients.to(pasted.url).get(pasted.url)
    except WfsProxyError:
        return diagnosis
    for kind in KINDS.values():
        if kind not in tried and await inquiry.offload(kind.recognises, payload):
            found = await kind.find(inquiry, pasted)
            if isinstance(found, ServiceReport) or found.code in _CERTAIN or not _is_page(payload):
                return found
    other: Diagnosis = await inquiry.offload(diagnose_document, payload, pasted)
    return other if other.code in _BETTER or diagnosis.code == "not_found" else diagnosis


def _is_page(payload: Payload) -> bool:
    """Whether a document is a page for people, which shows less surely what is behind it."""
    return sniff(payload.body) is DocumentKind.HTML
