"""Reads a request that was sent as an XML document: the body of a POST.

Only the local names of elements and attributes count, as in filters: clients mix the namespaces of versions. The parser
is that for vendors' answers: no DTD, no entities, no network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree

from wfs_proxy.decode import name_of, open_markup, parse_whole
from wfs_proxy.errors import MalformedDocument, RequestTooLarge, UnsafeDocument, WfsRequestError
from wfs_proxy.faces.wfs.kvp_request import read_kvp_request
from wfs_proxy.faces.wfs.requests import FeatureTypeQuery, FilterText, GetFeature, WfsRequest
from wfs_proxy.features import Payload

__all__ = ["LARGEST_BODY", "is_xml", "no_request", "read_xml_request"]

Element = etree._Element  # noqa: SLF001 - lxml has no public name for the type

LARGEST_BODY = 256 * 1024
"""Bytes of a body: several times a filter of the greatest length."""

_MOST_QUERIES = 100


def read_xml_request(body: bytes) -> WfsRequest:
    """Read a request.

    Raises:
        RequestTooLarge: the body is too large.
        WfsRequestError: it is not a request of a supported operation, or an attribute is wrong.
    """
    if len(body) > LARGEST_BODY:
        raise RequestTooLarge(f"The body is larger than {LARGEST_BODY} bytes. Ask for less, or simplify the filter.")
    root = _parsed(body)
    attributes = _attributes(root)
    queries = tuple(_queries(root))
    stored = next((child for child in root.iterchildren("*") if name_of(child.tag) == "StoredQuery"), None)
    given = {
        **{name: value for name, value in attributes.items() if name in _ATTRIBUTES},
        "request": name_of(root.tag),
        **_texts(root),
        **(_stored_query(stored) if stored is not None else {}),
    }
    request = read_kvp_request(given)
    if not isinstance(request, GetFeature):
        return request
    if not queries and stored is None:
        raise WfsRequestError("GetFeature has no Query; add one.", code="MissingParameterValue", locator="Query")
    return request._replace(queries=queries or request.queries)


def is_xml(body: bytes) -> bool:
    """Whether a body is meant as XML, in whatever encoding: its first character is "<"."""
    return body.lstrip(_BEFORE_MARKUP).startswith(b"<")


_BEFORE_MARKUP = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
"""Byte order marks, white space, and the null bytes of wider characters."""


def no_request() -> WfsRequestError:
    """Return the error of a body that is no request."""
    return WfsRequestError(
        "The body is no request: it is not well-formed XML, or has a DOCTYPE or too many levels. It must be a document "
        "such as <GetFeature>, or parameters as application/x-www-form-urlencoded.",
        code="OperationParsingFailed",
    )


_ATTRIBUTES = frozenset(("service", "version", "outputformat", "resulttype", "count", "startindex"))


def _parsed(body: bytes) -> Element:
    try:
        return parse_whole(open_markup(Payload(body=body)))
    except (MalformedDocument, UnsafeDocument) as error:
        raise no_request() from error


def _attributes(element: Element) -> dict[str, str]:
    """Return local name in lower case -> value, of those that are not empty."""
    found = {name_of(str(name)).lower(): str(value).strip() for name, value in element.items()}
    renamed = {"count" if name == "maxfeatures" else name: value for name, value in found.items()}
    return {name: value for name, value in renamed.items() if value}


def _texts(root: Element) -> dict[str, str]:
    """Return the parameters that are elements."""
    lists = {
        "typenames": [_text(child) for child in root.iterchildren("*") if name_of(child.tag) == "TypeName"],
        "storedquery_id": [_text(child) for child in root.iterchildren("*") if name_of(child.tag) == "StoredQueryId"],
        "acceptversions": [_text(element) for element in root.iter("{*}Version")],
    }
    return {name: ",".join(values) for name, values in lists.items() if any(values)}


def _queries(root: Element) -> Iterator[FeatureTypeQuery]:
    elements = [child for child in root.iterchildren("*") if name_of(child.tag) == "Query"]
    if len(elements) > _MOST_QUERIES:
        raise WfsRequestError(
            f"GetFeature has more than {_MOST_QUERIES} queries.", code="InvalidParameterValue", locator="Query"
        )
    for element in elements:
        given = _attributes(element)
        names = given.get("typenames", given.get("typename", "")).replace(",", " ").split()
        queried: list[str | None] = [*names] or [None]
        for name in queried:
            yield _query(element, name, given.get("srsname"))


def _query(element: Element, type_name: str | None, srs_name: str | None) -> FeatureTypeQuery:
    children = list(element.iterchildren("*"))
    filters = [child for child in children if name_of(child.tag) == "Filter"]
    return FeatureTypeQuery(
        type_name=type_name,
        filter=FilterText(etree.tostring(filters[0], encoding="unicode", with_tail=False)) if filters else None,
        properties=tuple(_text(child) for child in children if name_of(child.tag) == "PropertyName" and _text(child)),
        sort_by=_sort_by(child for child in children if name_of(child.tag) == "SortBy"),
        srs_name=srs_name,
    )


def _sort_by(elements: Iterable[Element]) -> str | None:
    keys = [
        " ".join(_text(child) for child in key.iterchildren("*"))
        for element in elements
        for key in element.iterchildren("*")
        if name_of(key.tag) == "SortProperty"
    ]
    return ",".join(keys) or None


def _stored_query(element: Element) -> dict[str, str]:
    """Return the parameters of a stored query, as in a query string."""
    arguments = {
        _attributes(child).get("name", "").lower(): _text(child)
        for child in element.iterchildren("*")
        if name_of(child.tag) == "Parameter"
    }
    given = {name: value for name, value in arguments.items() if name and value}
    return {**given, "storedquery_id": _attributes(element).get("id", "")}


def _text(element: Element) -> str:
    return (element.text or "").strip()
