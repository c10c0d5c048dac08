"""The documents of OGC API Features: the landing page, the conformance declaration and the collections.

A collection is a layer. A layer without data is listed too, so that one broken vendor hides nothing; only its extent is
then unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from wfs_proxy.bbox import BBox
from wfs_proxy.config import Layer
from wfs_proxy.faces.ogcapi.addresses import (
    HTML,
    JSON,
    OPENAPI,
    SCHEMA_JSON,
    ApiAddresses,
    link,
    links_of,
)
from wfs_proxy.faces.ogcapi.conformance import CONFORMANCE_CLASSES
from wfs_proxy.faces.ogcapi.coordinate_systems import CRS84, SYSTEMS
from wfs_proxy.serve import GEOJSON

__all__ = ["QUERYABLES", "SCHEMA", "ApiDocuments", "Collected"]

TITLE = "wfs_proxy"
DESCRIPTION = "Objects of municipal asset vendors as points."

QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
SCHEMA = "http://www.opengis.net/def/rel/ogc/1.0/schema"
"""Relation types of OGC 19-079r2, section 6, and OGC 23-058."""


class Collected(NamedTuple):
    """A layer with the box around its objects."""

    layer: Layer
    bbox: BBox | None
    """None where it is not known."""


class ApiDocuments:
    """Makes the documents as values of JSON."""

    def __init__(self, public_url: str) -> None:
        """Make documents with links below the public address, which may be ""."""
        self.addresses = ApiAddresses(public_url)

    def landing(self) -> dict[str, object]:
        """Return the landing page (section 7.2)."""
        at = self.addresses
        links = [
            *links_of(at.landing, JSON, "This API"),
            link("service-desc", OPENAPI, "The API, as OpenAPI 3.0", f"{at.api}?f=json"),
            link("service-doc", HTML, "The API, for people", f"{at.api}?f=html"),
            link("conformance", JSON, "Conformance classes", at.conformance),
            link("data", JSON, "The collections", at.collections),
        ]
        return {"title": TITLE, "description": DESCRIPTION, "links": links}

    def conformance(self) -> dict[str, object]:
        """Return the conformance declaration (section 7.4)."""
        links = links_of(self.addresses.conformance, JSON, "Conformance classes")
        return {"conformsTo": list(CONFORMANCE_CLASSES), "links": links}

    def collections(self, collected: Iterable[Collected]) -> dict[str, object]:
        """Return all collections (section 7.13)."""
        return {
            "links": links_of(self.addresses.collections, JSON, "The collections"),
            "crs": [system.uri for system in SYSTEMS],
            "collections": [self.collection(each) for each in collected],
        }

    def collection(self, collected: Collected) -> dict[str, object]:
        """Return one collection (section 7.14), with the same content as in the list."""
        layer, box = collected
        at = self.addresses
        address, items = at.collection(layer.id), at.items(layer.id)
        # two vendors of one municipality have layers with one title, and clients list nothing else
        title = f"{layer.title} ({layer.organisation})" if layer.organisation else layer.title
        links = [
            *links_of(address, JSON, title),
            link("items", GEOJSON, "The objects", f"{items}?f=json"),
            link("items", HTML, "The objects, for people", f"{items}?f=html"),
            link(QUERYABLES, SCHEMA_JSON, "What a filter can use", at.queryables(layer.id)),
            link(SCHEMA, SCHEMA_JSON, "The properties of the objects", at.schema(layer.id)),
        ]
        extent = {} if box is None else {"extent": {"spatial": {"bbox": [list(box)], "crs": CRS84.uri}}}
        described = {"description": layer.organisation} if layer.organisation else {}
        attributed = {"attribution": layer.attribution} if layer.attribution else {}
        return {
            "id": layer.id,
            "title": title,
            **described,
            **attributed,
            **extent,
            "itemType": "feature",
            "crs": [system.uri for system in SYSTEMS],
            "storageCrs": CRS84.uri,
            "links": links,
        }
