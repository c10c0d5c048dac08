"""An OGC API Features: its landing page, its collections, or a page of objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from wfs_proxy.config import Layer, OgcApiSource
from wfs_proxy.decode import DocumentKind, links_to, sniff
from wfs_proxy.errors import DecodeError, WfsProxyError
from wfs_proxy.features import Payload
from wfs_proxy.http import redacted, sounds_secret
from wfs_proxy.inspect.addresses import PastedAddress
from wfs_proxy.inspect.diagnosis import diagnose_document, diagnose_error, is_ogc_api
from wfs_proxy.inspect.kinds.counting import with_counts
from wfs_proxy.inspect.kinds.kind import Inquiry, InspectedType
from wfs_proxy.inspect.kinds.sampled_type import TypeKnowledge, inspect_sampled_type
from wfs_proxy.inspect.report import Diagnosis, Finding, ServiceReport, TypeSummary
from wfs_proxy.sources import RequestBudget
from wfs_proxy.sources.ogcapi import (
    FEATURES_JSON,
    SERVICE_JSON,
    STANDARD_PARAMETERS,
    ItemsClient,
    OgcApiFeatureSource,
    ServiceAddress,
    ServiceDocument,
    ServiceDocuments,
    declared_extent,
    landing_page_and_list,
    open_items,
    read_collection,
)

__all__ = ["OgcApiKind"]

_PATH = re.compile(
    r"/collections(?:[/.].*)?$|/conformance/?$|/(?:ogc|ogcapi|oapif|wfs3|features)(?:/v\d[\w.]*)?/?$|/ogcapi/[\w/.-]*$",
    re.IGNORECASE,
)
_COLLECTION = re.compile(r"/collections/([^/]+)")
_ENDING = re.compile(r"\.(?:html?|json|geojson)$|/conformance/?$", re.IGNORECASE)
_RELATION = "http://www.opengis.net/def/rel/ogc/1.0/"
_ITEMS = ("items", f"{_RELATION}items")
_OTHER_DATA = re.compile(r"coverage|tilesets|3d-|/map\b|\bstyles\b")
"""Relations of a collection to data that are no objects."""

_SCHEMAS = (f"{_RELATION}schema", f"{_RELATION}queryables", "[ogc-rel:schema]", "[ogc-rel:queryables]", "queryables")


class OgcApiKind:
    """Services that describe themselves with collections in JSON."""

    def suits(self, pasted: PastedAddress) -> bool:
        """Whether an address has a form that such services have."""
        return _PATH.search(urlsplit(pasted.base).path) is not None

    def recognises(self, payload: Payload) -> bool:
        """Whether a document is a landing page; every page for people may be the one of a landing page in JSON."""
        return sniff(payload.body) is DocumentKind.HTML or is_ogc_api(payload)

    async def find(self, inquiry: Inquiry, pasted: PastedAddress) -> ServiceReport | Diagnosis:
        """Return the collections of the service that an address belongs to; else why there are none."""
        address = ServiceAddress.of(_service_address(pasted.url))
        documents = _documents(inquiry, address)
        try:
            landing, listed = await landing_page_and_list(documents, address)
        except DecodeError as error:
            return await _diagnosis(inquiry, address, pasted, error)
        except WfsProxyError as error:
            return diagnose_error(error, pasted, with_login=inquiry.with_login)
        address = address.knowing(links_to(landing.members, "self"))
        address = address.knowing(links_to(listed.members, "self"), "collections")
        offered = {str(each["id"]): each for each in _with_objects(listed.members.get("collections"))}
        wanted = _wanted(pasted)
        if wanted is not None and wanted not in offered:
            offered |= await _not_listed(documents, address, wanted)
        if not offered:
            details = {"address": redacted(address.landing_page), "host": urlsplit(pasted.base).hostname or ""}
            return Diagnosis(code="no_types", details=details)
        service = ServiceReport(
            url=address.landing_page,
            shown_url=redacted(address.landing_page),
            kind="ogcapi",
            title=_text(landing.members.get("title")),
            types=tuple(_summary(name, each) for name, each in offered.items()),
            requested_type=wanted if wanted in offered else None,
            findings=(Finding(code="filter_dropped", severity="warning"),) if _has_filter(pasted.url) else (),
        )
        items = {
            name: _items_client(inquiry, address, ServiceDocument(url=listed.url, members=each), listed)
            for name, each in offered.items()
        }
        return await with_counts(inquiry, service, lambda name: _count(items[name]))

    async def inspect(self, inquiry: Inquiry, service: ServiceReport, summary: TypeSummary) -> InspectedType:
        """Inspect a collection."""
        settings = OgcApiSource(type="ogcapi", url=service.url, collections=(summary.name,))
        layer = Layer(id="sample", title="sample", source=settings)
        source = OgcApiFeatureSource(layer, settings, inquiry.clients, inquiry.offload)
        return await inspect_sampled_type(inquiry, summary, source, partial(_knowledge, inquiry, service, summary))


def _service_address(url: str) -> str:
    """Return an address with a path that `ServiceAddress` understands, and only with parameters that give access."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if sounds_secret(name)]
    return urlunsplit((parts.scheme, parts.netloc, _ENDING.sub("", parts.path), urlencode(kept, quote_via=quote), ""))


def _wanted(pasted: PastedAddress) -> str | None:
    """Return the collection that an address names."""
    found = _COLLECTION.search(_ENDING.sub("", urlsplit(pasted.url).path))
    return None if found is None else unquote(found[1])


def _has_filter(url: str) -> bool:
    """Whether an address asks for some of the objects: by an attribute, a time or an expression."""
    named = {name.lower() for name, value in parse_qsl(urlsplit(url).query) if not sounds_secret(name)}
    asks_for_objects = "/items" in urlsplit(url).path
    return asks_for_objects and bool(named & {"filter", "datetime"} or named - STANDARD_PARAMETERS)


def _documents(inquiry: Inquiry, address: ServiceAddress) -> ServiceDocuments:
    client = inquiry.clients.to(address.url, accept=SERVICE_JSON)
    return ServiceDocuments(http=client, offload=inquiry.offload, budget=RequestBudget())


async def _diagnosis(
    inquiry: Inquiry, address: ServiceAddress, pasted: PastedAddress, error: WfsProxyError
) -> Diagnosis:
    """Return what is there in place of a landing page or of collections that can be read."""
    try:
        payload = await inquiry.clients.to(address.url, accept=SERVICE_JSON).get(address.landing_page)
    except WfsProxyError:
        return diagnose_error(error, pasted, with_login=inquiry.with_login)
    diagnosis: Diagnosis = await inquiry.offload(diagnose_document, payload, pasted)
    return diagnosis


def _with_objects(collections: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the collections that have objects, and not those of coverages, tiles or records only."""
    for each in collections if isinstance(collections, list) else ():
        if isinstance(each, dict) and isinstance(each.get("id"), str) and each.get("itemType", "feature") == "feature":
            links = each.get("links")
            written = [link for link in links if isinstance(link, dict)] if isinstance(links, list) else []
            # QGIS Server calls the relation "item"
            has_items = any("/items" in str(link.get("href")) or link.get("rel") in _ITEMS for link in written)
            if has_items or not any(_OTHER_DATA.search(str(link.get("rel"))) for link in written):
                yield each


async def _not_listed(
    documents: ServiceDocuments, address: ServiceAddress, name: str
) -> Mapping[str, Mapping[str, Any]]:
    """Return a collection that the list lacks, because it has further pages; nothing if there is none."""
    try:
        found = await documents.get((address.path("collections", name),), "id")
    except WfsProxyError:
        return {}
    return {name: found.members} if found.members.get("id") == name else {}


def _summary(name: str, members: Mapping[str, Any]) -> TypeSummary:
    words = members.get("keywords")
    return TypeSummary(
        name=name,
        title=_text(members.get("title")),
        abstract=_text(members.get("description")),
        keywords=tuple(each for each in words if isinstance(each, str)) if isinstance(words, list) else (),
        extent=declared_extent(members),
    )


def _items_client(
    inquiry: Inquiry, address: ServiceAddress, described: ServiceDocument, listed: ServiceDocument
) -> ItemsClient:
    return ItemsClient(
        http=inquiry.clients.to(address.url, accept=FEATURES_JSON),
        offload=inquiry.offload,
        budget=RequestBudget(),
        address=address,
        collection=read_collection(described, listed, address, {}),
        limit=1,
    )


async def _count(client: ItemsClient) -> int | None:
    """Return how many objects a collection has; None where the service does not count."""
    _, page, _ = await open_items(client)
    return page.features.batch.claims.matched


async def _knowledge(inquiry: Inquiry, service: ServiceReport, summary: TypeSummary) -> TypeKnowledge:
    """Return the fields of a collection; what else is known came with the list."""
    known = TypeKnowledge(count=summary.count, extent=summary.extent)
    address = ServiceAddress.of(service.url)
    documents = _documents(inquiry, address)
    try:
        described = await documents.get((address.path("collections", summary.name),), "id")
        address = address.knowing(links_to(described.members, "self"), "collections", summary.name)
        schemas = described.own_links(address, *_SCHEMAS)
        if not schemas:
            return known
        schema = await documents.get(schemas[:1], "properties")
    except DecodeError:
        return known
    properties = schema.members["properties"]
    written = {name: each for name, each in properties.items() if isinstance(each, dict) and _is_attribute(each)}
    return replace(
        known,
        declared={name: _declared(each) for name, each in written.items()},
        titles={name: _text(each.get("title")) for name, each in written.items()},
    )


def _is_attribute(schema: Mapping[str, Any]) -> bool:
    geometry = "geometry" in str(schema.get("format", "")) or "geojson.org" in str(schema.get("$ref", ""))
    return not geometry and schema.get("type") not in ("object", None)


def _declared(schema: Mapping[str, Any]) -> str:
    """Return the type of an attribute; "date" and "date-time" are formats of text."""
    kind = schema.get("type")
    named = next((each for each in kind if each != "null"), "string") if isinstance(kind, list) else str(kind)
    form = schema.get("format")
    return str(form) if named == "string" and form in {"date", "date-time"} else str(named)


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
