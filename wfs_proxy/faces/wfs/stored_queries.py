"""The one stored query that every WFS 2.0.0 must have: GetFeatureById (OGC 09-025r2, section 7.9.3.6)."""

from __future__ import annotations

from collections.abc import Sequence

from wfs_proxy.errors import WfsRequestError
from wfs_proxy.faces.wfs.namespaces import VOCABULARIES, XSD
from wfs_proxy.faces.wfs.offered_types import OfferedType, prefix_declarations
from wfs_proxy.faces.wfs.requests import GetFeature

__all__ = ["STORED_QUERIES_MEDIA_TYPE", "described_stored_queries", "listed_stored_queries", "requested_id"]

STORED_QUERIES_MEDIA_TYPE = "application/xml"

_ID = "urn:ogc:def:query:OGC-WFS::GetFeatureById"
_SPELLINGS = frozenset((_ID.lower(), "http://www.opengis.net/def/query/ogc-wfs/0/getfeaturebyid", "getfeaturebyid"))
_TITLE = "Get a feature by its id"


def requested_id(request: GetFeature) -> str:
    """Return the id of the feature that a request with a stored query asks for.

    Raises:
        WfsRequestError: there is no such stored query, or its parameter is missing.
    """
    assert request.stored_query is not None
    require_known(request.stored_query)
    feature_id = request.arguments.get("id")
    if feature_id is None:
        raise WfsRequestError(f"{_ID} needs id=.", code="MissingParameterValue", locator="id")
    return feature_id


def require_known(stored_query: str) -> None:
    """Check that there is a stored query with this id.

    Raises:
        WfsRequestError: there is none.
    """
    if stored_query.lower() not in _SPELLINGS:
        raise WfsRequestError(
            f"There is no stored query {stored_query[:100]!r}; there is {_ID}.",
            code="InvalidParameterValue",
            locator="storedquery_id",
        )


def listed_stored_queries(types: Sequence[OfferedType], namespace: str) -> bytes:
    """Return the answer to ListStoredQueries."""
    returned = "".join(f"<wfs:ReturnFeatureType>{each.name}</wfs:ReturnFeatureType>" for each in types)
    content = f'<wfs:StoredQuery id="{_ID}"><wfs:Title>{_TITLE}</wfs:Title>{returned}</wfs:StoredQuery>'
    return _document("ListStoredQueriesResponse", content, types, namespace)


def described_stored_queries(ids: Sequence[str], types: Sequence[OfferedType], namespace: str) -> bytes:
    """Return the answer to DescribeStoredQueries.

    Raises:
        WfsRequestError: there is no stored query with one of these ids.
    """
    for stored_query in ids:
        require_known(stored_query)
    names = " ".join(each.name for each in types)
    content = (
        f'<wfs:StoredQueryDescription id="{_ID}"><wfs:Title>{_TITLE}</wfs:Title>'
        '<wfs:Parameter name="id" type="xsd:string"/>'
        f'<wfs:QueryExpressionText isPrivate="true" returnFeatureTypes="{names}"'
        ' language="urn:ogc:def:queryLanguage:OGC-WFS::WFS_QueryExpression"/>'
        "</wfs:StoredQueryDescription>"
    )
    return _document("DescribeStoredQueriesResponse", content, types, namespace)


def _document(element: str, content: str, types: Sequence[OfferedType], namespace: str) -> bytes:
    ours = prefix_declarations(types, namespace)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<wfs:{element} xmlns:wfs="{VOCABULARIES["2.0.0"].wfs}" xmlns:xsd="{XSD}"{ours}>{content}</wfs:{element}>\n'
    ).encode()
