"""An ArcGIS feature service or map service, a layer of it, or a page of the directory of a server."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from wfs_proxy.config import ArcgisSource, Layer
from wfs_proxy.decode import DocumentKind, sniff
from wfs_proxy.errors import DecodeError, WfsProxyError
from wfs_proxy.features import Payload
from wfs_proxy.http import redacted
from wfs_proxy.inspect.addresses import PastedAddress
from wfs_proxy.inspect.diagnosis import diagnose_document, diagnose_error, is_arcgis
from wfs_proxy.inspect.kinds.counting import with_counts
from wfs_proxy.inspect.kinds.kind import Inquiry, InspectedType
from wfs_proxy.inspect.kinds.sampled_type import TypeKnowledge, inspect_sampled_type
from wfs_proxy.inspect.report import Diagnosis, Finding, ServiceReport, TypeSummary
from wfs_proxy.sources import RequestBudget
from wfs_proxy.sources.arcgis import (
    ArcgisFeatureSource,
    ArcgisLayer,
    CatalogueOfLayers,
    CatalogueOfServices,
    LayerClient,
    configured_url,
    description_url,
    directory_url,
    layer_number,
    layer_url,
    plain_url,
    read_catalogue,
    read_description,
    read_json_error,
    read_refused_login,
    service_url,
)

__all__ = ["ArcgisKind"]

_DIRECTORY_PAGE = re.compile(rb"ArcGIS REST (?:Services|Framework) Directory|>ArcGIS REST Services<", re.IGNORECASE)

_MOST_SUGGESTED = 20

_XML_TYPES = {
    **dict.fromkeys(["OID", "Integer", "SmallInteger", "BigInteger"], "integer"),
    **dict.fromkeys(["Single", "Double"], "double"),
    "Date": "dateTime",
    "DateOnly": "date",
}
"""Type of a field, without "esriFieldType" -> as XML Schema names it; all others are text."""


class ArcgisKind:
    """Services that describe themselves in Esri's JSON."""

    def suits(self, pasted: PastedAddress) -> bool:
        """Whether an address has the form of a service, of a layer, or of the directory."""
        return configured_url(pasted.base) is not None or directory_url(pasted.base) is not None

    def recognises(self, payload: Payload) -> bool:
        """Whether a document is a description in Esri's JSON, or a page of the directory."""
        if sniff(payload.body) is DocumentKind.HTML:
            return _DIRECTORY_PAGE.search(payload.body) is not None
        return is_arcgis(payload)

    async def find(self, inquiry: Inquiry, pasted: PastedAddress) -> ServiceReport | Diagnosis:
        """Return the layers of the service that an address belongs to; else why there are none."""
        url = configured_url(pasted.base) or directory_url(pasted.base) or plain_url(pasted.base)
        try:
            listed = await _catalogue(inquiry, service_url(url), pasted)
        except WfsProxyError as error:
            # some vendors give access to a layer, and not to its service
            layer = None if layer_number(url) is None else await _only_layer(inquiry, url)
            return layer or diagnose_error(error, pasted, with_login=inquiry.with_login)
        if isinstance(listed, Diagnosis):
            return listed
        if listed is None:
            return await _only_layer(inquiry, url) or _without_layers(pasted)
        if isinstance(listed, CatalogueOfServices):
            return await _service_of_directory(self, inquiry, pasted, url, listed)
        if not listed.layers:
            return _without_layers(pasted)
        return await _counted(inquiry, _service(service_url(url), listed, pasted, layer_number(url)))

    async def inspect(self, inquiry: Inquiry, service: ServiceReport, summary: TypeSummary) -> InspectedType:
        """Inspect a layer."""
        url = _url_of(service, summary)
        settings = ArcgisSource(type="arcgis", url=url)
        layer = Layer(id="sample", title="sample", source=settings)
        source = ArcgisFeatureSource(layer, settings, inquiry.clients, inquiry.offload)
        return await inspect_sampled_type(inquiry, summary, source, partial(_knowledge, inquiry, url, summary))


async def _catalogue(
    inquiry: Inquiry, url: str, pasted: PastedAddress
) -> CatalogueOfLayers | CatalogueOfServices | Diagnosis | None:
    """Return what a service or a directory lists; None for a layer, and a diagnosis for a document of something else.

    Raises:
        WfsProxyError: the vendor did not answer, or answered with an error.
    """
    payload = await _get_json(inquiry, url)
    try:
        listed: CatalogueOfLayers | CatalogueOfServices | None = await inquiry.offload(read_catalogue, payload)
    except DecodeError:
        diagnosis: Diagnosis = await inquiry.offload(diagnose_document, payload, pasted)
        return diagnosis
    return listed


async def _get_json(inquiry: Inquiry, url: str) -> Payload:
    address = description_url(url)
    return await inquiry.clients.to(url).get(address, read_json_error, read_refusal=read_refused_login)


async def _only_layer(inquiry: Inquiry, url: str) -> ServiceReport | None:
    """Return a layer as the only one of its service; None if it does not describe itself."""
    try:
        described = await inquiry.offload(read_description, await _get_json(inquiry, url))
    except WfsProxyError:
        return None
    if not isinstance(described, ArcgisLayer) or described.sub_layers:
        return None
    number = layer_number(url)
    name = "" if number is None else str(number)
    service = ServiceReport(
        url=url if number is None else service_url(url),
        shown_url=redacted(url if number is None else service_url(url)),
        kind="arcgis",
        title=described.name,
        types=(TypeSummary(name=name, title=described.name),),
        requested_type=name,
    )
    return await _counted(inquiry, service)


async def _service_of_directory(
    kind: ArcgisKind, inquiry: Inquiry, pasted: PastedAddress, url: str, listed: CatalogueOfServices
) -> ServiceReport | Diagnosis:
    """Return the only service of a directory; of several a person chooses one."""
    parts = urlsplit(url)
    root = re.sub(r"(/rest/services)/.*", r"\1", parts.path, flags=re.IGNORECASE)

    def at(path: str) -> str:
        return urlunsplit(parts._replace(path=f"{root}/{path}"))

    if len(listed.services) == 1 and not listed.folders:
        return await kind.find(inquiry, replace(pasted, url=at(listed.services[0]), base=at(listed.services[0])))
    found = [at(path) for path in (*listed.services, *listed.folders)]
    if not found:
        return _without_layers(pasted)
    return Diagnosis(
        code="arcgis_directory",
        details={"host": parts.hostname or "", "count": str(len(found))},
        suggestions=tuple(map(redacted, found[:_MOST_SUGGESTED])),
    )


def _without_layers(pasted: PastedAddress) -> Diagnosis:
    details = {"host": urlsplit(pasted.base).hostname or "", "address": redacted(pasted.base)}
    return Diagnosis(code="arcgis", details=details)


def _service(url: str, listed: CatalogueOfLayers, pasted: PastedAddress, number: int | None) -> ServiceReport:
    numbers = {each.number for each in listed.layers}
    return ServiceReport(
        url=url,
        shown_url=redacted(url),
        kind="arcgis",
        title=listed.title or _name_in(url),
        provider=listed.copyright,
        types=tuple(TypeSummary(name=str(each.number), title=each.name) for each in listed.layers),
        requested_type=str(number) if number in numbers else None,
        findings=(Finding(code="filter_dropped", severity="warning"),) if _has_condition(pasted.url) else (),
    )


def _has_condition(url: str) -> bool:
    """Whether an address is that of a query for some of the objects: 1=1 is the condition for all."""
    given = {name.lower(): value.replace(" ", "") for name, value in parse_qsl(urlsplit(url).query)}
    return given.get("where", "1=1") != "1=1" or "objectids" in given


def _name_in(url: str) -> str:
    """Return the name of a service, which is in its address before the kind of service."""
    return urlsplit(url).path.rstrip("/").rpartition("/")[0].rpartition("/")[2].replace("_", " ")


async def _counted(inquiry: Inquiry, service: ServiceReport) -> ServiceReport:
    urls = {each.name: _url_of(service, each) for each in service.types}
    return await with_counts(inquiry, service, lambda name: _client(inquiry, urls[name], ArcgisLayer()).count())


async def _knowledge(inquiry: Inquiry, url: str, summary: TypeSummary) -> TypeKnowledge:
    """Return what a layer says about itself.

    Raises:
        WfsProxyError: it does not describe itself.
    """
    described = await inquiry.offload(read_description, await _get_json(inquiry, url))
    if not isinstance(described, ArcgisLayer):
        return TypeKnowledge(count=summary.count)
    client = _client(inquiry, url, described)
    return TypeKnowledge(
        declared={name: _declared(kind) for name, kind in described.field_types.items() if _is_attribute(kind)},
        titles=described.titles,
        count=summary.count if summary.count is not None else await client.count(),
        extent=await client.extent(),
        stated_cap=described.max_record_count,
    )


def _client(inquiry: Inquiry, url: str, described: ArcgisLayer) -> LayerClient:
    return LayerClient(
        http=inquiry.clients.to(url),
        offload=inquiry.offload,
        budget=RequestBudget(),
        url=url,
        description=described,
        output_format="json",
        page_size=1,
        pages=False,
    )


def _url_of(service: ServiceReport, summary: TypeSummary) -> str:
    return layer_url(service.url, int(summary.name)) if summary.name else service.url


def _declared(kind: str) -> str:
    plain = kind.removeprefix("esriFieldType")
    return _XML_TYPES.get(plain, plain)


def _is_attribute(kind: str) -> bool:
    return kind not in {"esriFieldTypeGeometry", "esriFieldTypeBlob", "esriFieldTypeRaster"}
