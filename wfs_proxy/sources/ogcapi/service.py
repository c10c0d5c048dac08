"""What a service offers for a layer: collections, the largest page, and what it can filter by.

OGC 17-069r4 (Part 1), sections 7.2 to 7.14; OGC 18-058r1 (Part 2), clause 6; OGC 19-079r2 (Part 3), clause 6. Servers
leave out what the standards require, so only the collections are required here. Links are followed where they lead to
the origin of the layer file; else the standard paths are used.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from wfs_proxy.config import OgcApiSource
from wfs_proxy.decode import link_to, links_to
from wfs_proxy.errors import DecodeError, UpstreamError, UpstreamUnreachable
from wfs_proxy.http import VendorClients, redacted
from wfs_proxy.offload import Offload
from wfs_proxy.sources.completeness import RequestBudget
from wfs_proxy.sources.ogcapi.address import ServiceAddress
from wfs_proxy.sources.ogcapi.collection import OgcCollection, declared_extent, offered_systems, preferred_crs
from wfs_proxy.sources.ogcapi.openapi import OPENAPI_LIMITS, items_parameters, read_openapi
from wfs_proxy.sources.ogcapi.service_documents import ServiceDocument, ServiceDocuments, error_is_final
from wfs_proxy.sources.ogcapi.where import classes_of, filter_support, queryables_of
from wfs_proxy.sources.unknown_type import UnknownFeatureType, most_similar

__all__ = ["SERVICE_JSON", "OgcApiService", "ServiceInspector", "landing_page_and_list", "read_collection"]

SERVICE_JSON = "application/json, application/geo+json;q=0.9, */*;q=0.1"
_OPENAPI = (
    "application/vnd.oai.openapi+json;version=3.0, application/json;q=0.9, application/vnd.oai.openapi;q=0.5, */*;q=0.1"
)
"""Media types for Accept: without them a server may show pages for people."""

_RELATION = "http://www.opengis.net/def/rel/ogc/1.0/"

_QUERYABLES = "queryables"


@dataclass(frozen=True, kw_only=True)
class OgcApiService:
    """What a layer needs of a service."""

    address: ServiceAddress

    collections: tuple[OgcCollection, ...]
    """Those of the layer, in its order."""


@dataclass(frozen=True, kw_only=True)
class ServiceInspector:
    """Asks a service what it offers for a layer."""

    source: OgcApiSource
    http: VendorClients
    offload: Offload
    budget: RequestBudget

    async def describe(self) -> OgcApiService:
        """Return what the service offers.

        Raises:
            UpstreamUnreachable: it does not answer.
            UpstreamRefused: it refuses the login, or lacks a collection of the layer.
            UpstreamException: it answers with an error.
            DecodeError: its documents cannot be read.
        """
        documents = ServiceDocuments(
            http=self.http.client(self.source, accept=SERVICE_JSON), offload=self.offload, budget=self.budget
        )
        address = ServiceAddress.of(self.source.url)
        landing, listed = await landing_page_and_list(documents, address)
        address = address.knowing(links_to(landing.members, "self"))
        address = address.knowing(links_to(listed.members, "self"), "collections")
        found = [await self._find(name, documents, listed, address) for name in self.source.collections]
        openapi = await self._openapi(landing, address)
        classes = await _conformance(documents, landing, address) if self.source.where else frozenset()
        collections = []
        for described in found:
            collection = read_collection(described, listed, address, openapi)
            queryables = await _queryables(documents, described, collection.id, address, classes)
            filters = filter_support(classes, queryables, collection.parameters.names)
            collections.append(replace(collection, filters=filters))
        return OgcApiService(address=address, collections=tuple(collections))

    async def _find(
        self, name: str, documents: ServiceDocuments, listed: ServiceDocument, address: ServiceAddress
    ) -> ServiceDocument:
        """Return a collection as the list has it, or as it describes itself if the list has further pages.

        Raises:
            UnknownFeatureType: the service lacks it.
        """
        written = listed.members.get("collections")
        objects = [each for each in written if isinstance(each, dict)] if isinstance(written, list) else []
        offered = {each["id"]: each for each in objects if isinstance(each.get("id"), str)}
        found = offered.get(name) or _only([offered[each] for each in offered if _plain(each) == _plain(name)])
        if found is not None:
            return ServiceDocument(url=listed.url, members=found)
        if link_to(listed.members, "next") is not None:
            with suppress(UpstreamError, DecodeError):
                return await documents.get((address.path("collections", name),), "id")
        raise _unknown(name, tuple(offered), redacted(self.source.url))

    async def _openapi(self, landing: ServiceDocument, address: ServiceAddress) -> Mapping[str, Any]:
        """Return the OpenAPI document; {} if it is missing, too large or of no use. It is worth only one attempt."""
        urls = landing.own_links(address, "service-desc")
        if not urls or (self.source.page_size is not None and not self.source.where):
            return {}
        self.budget.spent += 1
        client = self.http.client(self.source, accept=_OPENAPI, limits=OPENAPI_LIMITS)
        try:
            payload = await client.get(urls[0], patience=0.0)
        except (UpstreamError, DecodeError):
            return {}
        members: Mapping[str, Any] = await self.offload(read_openapi, payload)
        return members


async def landing_page_and_list(
    documents: ServiceDocuments, address: ServiceAddress
) -> tuple[ServiceDocument, ServiceDocument]:
    """Return the landing page and the list of collections; an empty page where only the list can be read.

    Raises:
        UpstreamError, DecodeError: the list cannot be read; the error of the landing page if it cannot be read either.
    """
    standard = address.path("collections")
    try:
        landing = await documents.get((address.landing_page,), "links", "collections", "conformsTo")
    except (UpstreamError, DecodeError) as error:
        if error_is_final(error) or isinstance(error, UpstreamUnreachable):
            raise
        with suppress(UpstreamError, DecodeError):
            return ServiceDocument(url=address.landing_page, members={}), await documents.get(
                (standard,), "collections"
            )
        raise
    if "collections" in landing.members:
        return landing, landing
    known = address.knowing(links_to(landing.members, "self"))
    linked = landing.own_links(known, "data", f"{_RELATION}data")
    return landing, await documents.get((*linked, standard), "collections")


def read_collection(
    described: ServiceDocument, listed: ServiceDocument, address: ServiceAddress, openapi: Mapping[str, Any]
) -> OgcCollection:
    """Return a collection: where its objects are, and in which coordinate reference system they should be requested.

    Args:
        described: its own document, or its part of the list.
        listed: the list of collections.
        address: of the service.
        openapi: the OpenAPI document; {} without one.
    """
    members = described.members
    name = str(members["id"])
    return OgcCollection(
        id=name,
        items=_items_url(described, address, name),
        crs=preferred_crs(offered_systems(members, listed.members)),
        extent=declared_extent(members),
        parameters=items_parameters(openapi, name),
    )


def _items_url(described: ServiceDocument, address: ServiceAddress, name: str) -> str:
    """Return the link to the objects, else the standard path. Other resources may have the same relation (3D tiles)."""
    for link in described.own_links(address, "items", f"{_RELATION}items"):
        if link.partition("?")[0].rstrip("/").endswith(("/items", "/items.json", "/items.geojson")):
            return link
    return address.path("collections", name, "items")


async def _conformance(
    documents: ServiceDocuments, landing: ServiceDocument, address: ServiceAddress
) -> frozenset[str]:
    """Return the conformance classes; none if the service does not tell them."""
    if "conformsTo" in landing.members:
        return classes_of(landing.members)
    urls = (*landing.own_links(address, "conformance", f"{_RELATION}conformance"), address.path("conformance"))
    try:
        return classes_of((await documents.get(urls, "conformsTo")).members)
    except (UpstreamError, DecodeError):
        return frozenset()


async def _queryables(
    documents: ServiceDocuments,
    described: ServiceDocument,
    name: str,
    address: ServiceAddress,
    classes: frozenset[str],
) -> Mapping[str, str]:
    """Return attribute -> type for what the service can filter by; empty if it does not tell."""
    if _QUERYABLES not in classes:
        return {}
    linked = described.own_links(address, f"{_RELATION}{_QUERYABLES}", f"[ogc-rel:{_QUERYABLES}]", _QUERYABLES)
    try:
        document = await documents.get((*linked, address.path("collections", name, _QUERYABLES)), "properties")
    except (UpstreamError, DecodeError):
        return {}
    return queryables_of(document.members)


def _only(found: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return found[0] if len(found) == 1 else None


def _plain(name: str) -> str:
    """Return a name in one spelling: composed accents (Unicode, annex 15), no capitals."""
    return unicodedata.normalize("NFC", name).casefold().strip()


def _unknown(name: str, offered: tuple[str, ...], service: str) -> UnknownFeatureType:
    nearest = most_similar(name, offered)
    hint = f"the nearest: {', '.join(nearest)}" if nearest else "it offers no collections at all"
    return UnknownFeatureType(f"{service} has no collection {name!r}; {hint}", name=name, nearest=nearest)
