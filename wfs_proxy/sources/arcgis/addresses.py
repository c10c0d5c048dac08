"""The addresses of a service, of its layers, and of requests (ArcGIS REST API).

A service is at .../FeatureServer or .../MapServer, its layer 0 at .../FeatureServer/0, and queries at
.../FeatureServer/0/query. Requests are GET, so that a proxy can record and repeat them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit, urlunsplit

__all__ = [
    "Parameters",
    "configured_url",
    "description_url",
    "directory_url",
    "layer_number",
    "layer_url",
    "plain_url",
    "query_url",
    "service_url",
]

Parameters = Iterable[tuple[str, str | int | None]]
"""Name and value of each parameter of a query; None is not sent."""

_QUERY = re.compile(r"/+query/*$|/+$", re.IGNORECASE)
_NUMBER = re.compile(r"/([0-9]{1,9})$")

_SERVICE = re.compile(r"(?P<service>.*/(?:Feature|Map)Server(?:/[0-9]{1,9})?)(?:/.*)?", re.IGNORECASE)
_OTHER_SERVICE = re.compile(r"/(?:WFS|WMS|WMTS|WCS|KML)Server\b", re.IGNORECASE)
_DIRECTORY = re.compile(r".*/rest/services(?:/[^/]+)?", re.IGNORECASE)
_SERVER = re.compile(r"(?P<server>.*/arcgis)(?:/rest)?", re.IGNORECASE)

_OURS = frozenset(
    {"f", "where", "objectids", "outfields", "outsr", "insr", "geometry", "geometrytype", "spatialrel", "orderbyfields"}
    | {"resultoffset", "resultrecordcount", "returngeometry", "returnz", "returnm", "returncountonly", "returnidsonly"}
    | {"returntruecurves"}
)
"""Parameters that are set here. They are removed from a configured URL, which may be a copied query."""


_OF_PAGES = frozenset(
    {"bbox", "bboxsr", "callback", "datumtransformation", "dpi", "format", "imagesr", "mapscale", "size", "transparent"}
    | {"distance", "featureencoding", "fulltext", "gdbversion", "geometryprecision"}
    | {"groupbyfieldsforstatistics", "having", "historicmoment", "layerdefs", "layers", "maxallowableoffset"}
    | {"multipatchoption", "option", "outstatistics", "quantizationparameters", "rangevalues", "relationparam"}
    | {"resulttype", "returncentroid", "returndistinctvalues", "returnextentonly", "returnexceededlimitfeatures"}
    | {"returngeodetic", "sqlformat", "text", "time", "timereferenceunknownclient", "units"}
)
"""Further parameters of the pages for queries and for pictures."""


def configured_url(url: str) -> str | None:
    """Return the address of the service or layer that an address of one of its pages or requests belongs to.

    It is without the parameters of a query and without empty ones. None for an address of another form.
    """
    parts = _parts(url)
    found = _SERVICE.fullmatch(parts.path)
    if found is None or _OTHER_SERVICE.search(parts.path):
        return None
    return _with_filled_parameters(parts._replace(path=found["service"]))


def directory_url(url: str) -> str | None:
    """Return the address of the directory of services, or of a folder in it; None for an address of another form."""
    parts = _parts(url)
    server = _SERVER.fullmatch(parts.path)
    if server is not None:
        parts = parts._replace(path=f"{server['server']}/rest/services")
    return _with_filled_parameters(parts) if _DIRECTORY.fullmatch(parts.path) else None


def plain_url(url: str) -> str:
    """Return an address without `/query`, the parameters of a query and empty ones."""
    return _with_filled_parameters(_parts(url))


def layer_number(url: str) -> int | None:
    """Return the number of the layer in an address; None for the address of a service."""
    number = _NUMBER.search(_parts(url).path)
    return int(number[1]) if number else None


def layer_url(url: str, number: int | None) -> str:
    """Return the address of a layer of the service that an address belongs to; None: the address itself."""
    return _without_query(url) if number is None else _with_path(service_url(url), f"/{number}")


def service_url(url: str) -> str:
    """Return the address of the service, given that of the service or of one of its layers."""
    parts = _parts(url)
    return urlunsplit(parts._replace(path=_NUMBER.sub("", parts.path)))


def description_url(url: str) -> str:
    """Return the address of the description of a layer or a service."""
    return _with_parameters(url, [("f", "json")])


def query_url(layer: str, parameters: Parameters) -> str:
    """Return the address of a query of a layer."""
    return _with_parameters(_with_path(layer, "/query"), parameters)


def _parts(url: str) -> SplitResult:
    """Return the parts of an address, without `/query` at the end of its path and without its fragment."""
    parts = urlsplit(url.strip())
    return parts._replace(path=_QUERY.sub("", parts.path), fragment="")


def _with_filled_parameters(parts: SplitResult) -> str:
    kept = [(key, value) for key, value in parse_qsl(parts.query) if key.lower() not in _OURS | _OF_PAGES]
    return urlunsplit(parts._replace(query=urlencode(kept, quote_via=quote, safe=":,/*")))


def _without_query(url: str) -> str:
    return urlunsplit(_parts(url))


def _with_path(url: str, added: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path + added))


def _with_parameters(url: str, parameters: Parameters) -> str:
    parts = urlsplit(url)
    kept = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key.lower() not in _OURS]
    sent = [(key, str(value)) for key, value in parameters if value is not None]
    return urlunsplit(parts._replace(query=urlencode(kept + sent, quote_via=quote, safe=":,/*")))
