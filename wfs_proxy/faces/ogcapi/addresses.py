"""The addresses of OGC API Features, and links to them (RFC 8288; OGC 17-069r4, section 7.2)."""

from __future__ import annotations

from urllib.parse import quote

__all__ = [
    "API_PATH",
    "HTML",
    "JSON",
    "OPENAPI",
    "SCHEMA_JSON",
    "ApiAddresses",
    "ApiLink",
    "link",
    "links_of",
]

API_PATH = "/ogc/v1"
"""The path of the landing page. The version is that of the paths and parameters, not of the data."""

JSON = "application/json"
SCHEMA_JSON = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
HTML = "text/html"


ApiLink = dict[str, str]
"""A link as a member of a document: rel, type, title and href."""


class ApiAddresses:
    """All addresses, below the public address of the proxy."""

    def __init__(self, public_url: str) -> None:
        """Build addresses.

        Args:
            public_url: the public address without a slash at its end; "": addresses begin with the path. They are
                never built from the header field Host, which anybody can choose.
        """
        self.landing = f"{public_url}{API_PATH}"
        self.api = f"{self.landing}/api"
        self.conformance = f"{self.landing}/conformance"
        self.collections = f"{self.landing}/collections"

    def collection(self, layer_id: str) -> str:
        """Return the address of one collection: a layer."""
        return f"{self.collections}/{quote(layer_id, safe='')}"

    def queryables(self, layer_id: str) -> str:
        """Return the address of what a filter of the collection can use."""
        return f"{self.collection(layer_id)}/queryables"

    def schema(self, layer_id: str) -> str:
        """Return the address of the schema of the collection's objects."""
        return f"{self.collection(layer_id)}/schema"

    def items(self, layer_id: str) -> str:
        """Return the address of the objects of a collection."""
        return f"{self.collection(layer_id)}/items"

    def item(self, layer_id: str, feature_id: str) -> str:
        """Return the address of one object."""
        return f"{self.items(layer_id)}/{quote(feature_id, safe='')}"


def link(rel: str, media_type: str, title: str, href: str) -> ApiLink:
    """Return a link."""
    return {"rel": rel, "type": media_type, "title": title, "href": href}


def links_of(address: str, media_type: str, title: str, query: str = "") -> list[ApiLink]:
    """Return the links of a document to itself and to its page for people.

    Args:
        address: of the document.
        media_type: of the document.
        title: of the document.
        query: the query string that the document depends on, "" for none.
    """
    prefix = f"{address}?{query}&" if query else f"{address}?"
    return [
        link("self", media_type, "This document", f"{prefix}f=json"),
        link("alternate", HTML, f"{title}, for people", f"{prefix}f=html"),
    ]
