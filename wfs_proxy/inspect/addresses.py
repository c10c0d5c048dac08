"""Addresses as people paste them, and the addresses of a service that they may mean. Pure.

People paste what they have: the URL of a request with all its parameters, a URL from a page's source with `&amp;`, a
template of a form with `{west}`, an address without `https://`, the WMS of the same server, or the start page of a map
server. The parameters of OGC requests are removed; all others stay, because `map=` chooses the map of a MapServer or
QGIS Server and keys give access.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

__all__ = ["PastedAddress", "links_to_services", "read_address", "service_addresses"]

_OF_WFS = """
service version acceptversions request typename typenames maxfeatures count startindex bbox filter srsname outputformat
resulttype sortby propertyname featureid resourceid namespace namespaces storedquery_id storedqueryid resolve
resolvedepth resolvetimeout valuereference handle cql_filter format_options aliases filter_language filter-language
exceptions updatesequence sections acceptformats language
"""
"""Parameters of OGC 02-058, 04-094 and 09-025r2, and of GeoServer."""

_OF_WMS = """
layers styles crs srs width height format transparent bgcolor time elevation sld sld_body query_layers info_format
feature_count i j x y tiled layer
"""
"""Parameters of OGC 06-042."""

_REQUEST_PARAMETERS = frozenset([*_OF_WFS.split(), *_OF_WMS.split()])

_TYPE_PARAMETERS = ("typenames", "typename", "layers", "layer")

_ARCGIS_REST = re.compile(
    r"(?P<root>.*?)/rest/services/(?P<path>.+?)/(?:Map|Feature)Server(?:/\d+)?(?:/query)?/?", re.IGNORECASE
)
_GEOSERVER_PAGE = re.compile(r"(?P<root>.*/geoserver)(?:/(?:web|index\.html|www)\b.*)?/?", re.IGNORECASE)
_WMS_IN_PATH = re.compile(r"(?<![A-Za-z])(?:wms|wmts)(?=server|/|$|_|-|\.)", re.IGNORECASE)
_LINK = re.compile(r"""(?:https?://|(?<=["'])/)[^\s"'<>]+""", re.IGNORECASE)
_SERVICE_IN_LINK = re.compile(r"service=wfs|/wfs\b|wfsserver|/ows\b", re.IGNORECASE)
_ADDRESS_IN_TEXT = re.compile(r"""https?://[^\s"'<>]+""", re.IGNORECASE)
_TYPE_OF_SOURCE = re.compile(r"typename='([^']+)'", re.IGNORECASE)
"""In the data source of a layer in QGIS: url='https://...' typename='app:lamp'."""

_MOST_LINKS = 5
_SEARCHED = 500_000
"""Characters of a page that are searched for links."""


@dataclass(frozen=True, kw_only=True)
class PastedAddress:
    """An address that somebody pasted."""

    url: str
    """Complete: with a scheme, and without what surrounded it."""

    base: str
    """Without the parameters of a request, without user and password."""

    guessed_scheme: bool
    """Whether `https://` was added."""

    type_name: str | None
    """The type or layer that it asks for."""

    dropped_filter: bool
    """Whether it has a filter, which a layer file writes as `where`."""

    username: str = ""
    password: str = ""
    """The credentials that were in the address; "" without."""


def read_address(text: str) -> PastedAddress | None:
    """Return what a pasted text means; None when it is not the address of a server."""
    cleaned = _without_surroundings(html.unescape("".join(text.splitlines())))
    guessed = not re.match(r"[a-z][a-z0-9+.-]*:(?!\d)", cleaned, re.IGNORECASE)
    url = f"https://{cleaned.lstrip('/')}" if guessed else cleaned
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host or not _is_host(host, guessed=guessed):
        return None
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    given = {name.lower(): value for name, value in pairs}
    netloc = parts.netloc.rpartition("@")[2]
    kept = [(name, value) for name, value in pairs if name.lower() not in _REQUEST_PARAMETERS and "{" not in value]
    query = urlencode(kept, quote_via=quote, safe=":,/")
    base = urlunsplit((parts.scheme.lower(), netloc, parts.path.replace(" ", "%20"), query, ""))
    of_source = _TYPE_OF_SOURCE.search(text)
    wanted = next((given[name] for name in _TYPE_PARAMETERS if given.get(name)), of_source[1] if of_source else None)
    return PastedAddress(
        url=urlunsplit((parts.scheme.lower(), netloc, parts.path, parts.query, "")),
        base=base,
        guessed_scheme=guessed,
        type_name=wanted.split(",")[0] if wanted and "{" not in wanted else None,
        dropped_filter=any(given.get(name) for name in ("filter", "cql_filter")),
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _without_surroundings(text: str) -> str:
    """Return the address in a text: between quotes or brackets, after "Adres:", or percent-encoded."""
    if "://" not in text and "%3a%2f%2f" in text.lower():
        text = unquote(text)
    found = _ADDRESS_IN_TEXT.search(text)
    if found and not re.match(r"[a-z][a-z0-9+.-]*://", text.strip(), re.IGNORECASE):
        text = found.group()
    return text.strip("<>\"'`()[] \t,;")


def _is_host(host: str, *, guessed: bool) -> bool:
    """Whether a host can exist; without a scheme it also has to look like one, or every word would be an address."""
    if not re.fullmatch(r"[^\s/\\{}|^`]+", host):
        return False
    return not guessed or "." in host or ":" in host or host == "localhost"


def service_addresses(pasted: PastedAddress) -> tuple[str, ...]:
    """Return the addresses at which the service may be, the most likely first, all on the same host."""
    return tuple(dict.fromkeys(_service_addresses(pasted.base)))


def _service_addresses(base: str) -> Iterator[str]:
    parts = urlsplit(base)

    def at(path: str) -> str:
        return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))

    arcgis = _ARCGIS_REST.fullmatch(parts.path)
    if arcgis:
        yield at(f"{arcgis['root']}/services/{arcgis['path']}/MapServer/WFSServer")
    wfs = _WMS_IN_PATH.sub(lambda found: "WFS" if found.group().isupper() else "wfs", parts.path)
    if wfs != parts.path:
        yield at(wfs)
    yield base
    geoserver = _GEOSERVER_PAGE.fullmatch(parts.path)
    if geoserver:
        yield at(f"{geoserver['root']}/ows")
    elif not parts.query and not re.search(r"wfs|ows|\.\w+$", parts.path, re.IGNORECASE):
        yield at(f"{parts.path.rstrip('/')}/wfs")


def links_to_services(page: str, base: str) -> tuple[str, ...]:
    """Return addresses on an HTML page that look like a WFS, without the parameters of requests."""
    parts = urlsplit(base)
    found: dict[str, None] = {}
    for link in _LINK.findall(page[:_SEARCHED]):
        if not _SERVICE_IN_LINK.search(link):
            continue
        address = read_address(link if "://" in link else f"{parts.scheme}://{parts.netloc}{link}")
        if address is not None and address.base != base:
            found[address.base] = None
    return tuple(found)[:_MOST_LINKS]
