"""Say what an answer is that is not a WFS, and what to try. Pure: errors and bytes in, a `Diagnosis` out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from wfs_proxy.decode import DocumentKind, name_of, open_markup, page_text, parse_whole, sniff, to_ascii_markup
from wfs_proxy.errors import (
    ConfigurationError,
    UnsafeDocument,
    UpstreamException,
    UpstreamRefused,
    UpstreamTooLarge,
    UpstreamUnreachable,
    WfsProxyError,
)
from wfs_proxy.features import Payload
from wfs_proxy.http import ESRI_TOKEN_ERRORS, connection_failure, redacted, redirected_to
from wfs_proxy.inspect.addresses import PastedAddress, links_to_services
from wfs_proxy.inspect.report import Diagnosis, MissingPart, Part

__all__ = [
    "diagnose_document",
    "diagnose_error",
    "is_arcgis",
    "is_geojson",
    "is_ogc_api",
    "is_recording",
    "missing_part",
    "needs_login",
]

_LOGIN = re.compile(r"""type\s*=\s*["']?password|name\s*=\s*["']?(?:password|j_password|wachtwoord)""", re.IGNORECASE)
_OTHER_SERVICES = {
    "WMS_Capabilities": "WMS",
    "WMT_MS_Capabilities": "WMS",
    "Capabilities": "WMTS",
    "feed": "Atom",
    "service": "Atom",
    "rss": "RSS",
    "kml": "KML",
    "TileMapService": "TMS",
}
"""Root element -> what a person calls it. WMTS, CSW and WCS have the same root; the namespace decides."""

_REPORTED = "exception report: "
"""In the message of an `UpstreamException`, before the words of the vendor."""

_LOGIN_STATUSES = frozenset([HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, *ESRI_TOKEN_ERRORS])
_STATUSES = {
    401: "login_required",
    403: "login_refused",
    407: "proxy_login",
    404: "not_found",
    410: "not_found",
    498: "login_refused",
    499: "login_required",
}


def diagnose_error(error: WfsProxyError, pasted: PastedAddress, *, with_login: bool) -> Diagnosis:
    """Return what an error of the request means for somebody who pasted an address."""
    host = urlsplit(pasted.base).hostname or ""
    details = {"host": host, "address": redacted(pasted.base), "reason": str(error)}
    code = _code_of(error)
    if with_login and code == "login_required":
        code = "login_refused"
    if code == "recording":
        del details["reason"]  # the requests that were recorded, which help nobody here
    if other := redirected_to(error):
        details["other"] = other
    if code == "server_error" and isinstance(error, UpstreamRefused):
        details["status"] = str(error.upstream_status)
    if code == "exception":
        details["said"] = str(error).partition(_REPORTED)[2] or str(error)
    return Diagnosis(code=code, details=details)


_CODES: tuple[tuple[type[WfsProxyError], str], ...] = (
    (UpstreamException, "exception"),
    (UnsafeDocument, "unsafe"),
    (UpstreamTooLarge, "too_large"),
    (ConfigurationError, "address"),
)


def is_recording(error: WfsProxyError) -> bool:
    """Whether an answer comes from `wfs_proxy.recordings.Replay`, which answers recorded requests only."""
    return isinstance(error, UpstreamException) and error.code == "NotRecorded"


def needs_login(error: WfsProxyError) -> bool:
    """Whether a request may work with other credentials."""
    return isinstance(error, UpstreamRefused) and error.upstream_status in _LOGIN_STATUSES


def missing_part(part: Part, error: WfsProxyError) -> MissingPart:
    """Return a part of an inspection that failed."""
    return MissingPart(
        part=part,
        reason=str(error),
        needs_login=needs_login(error),
        of_recording=is_recording(error),
        connection=connection_failure(error) if isinstance(error, UpstreamUnreachable) else None,
    )


def _code_of(error: WfsProxyError) -> str:
    if is_recording(error):
        return "recording"
    if isinstance(error, UpstreamUnreachable):
        return connection_failure(error)
    if redirected_to(error):
        return "redirected"
    if isinstance(error, UpstreamRefused):
        status = error.upstream_status or 0
        return "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else _STATUSES.get(status, "refused")
    return next((code for kind, code in _CODES if isinstance(error, kind)), "unreadable")


def is_geojson(payload: Payload) -> bool:
    """Whether a document is GeoJSON with features, and not an error or a description in JSON."""
    document = _json(payload)
    return document.get("type") in {"FeatureCollection", "Feature"}


def is_arcgis(payload: Payload) -> bool:
    """Whether a document is a description in Esri's JSON: of a server, of a service or of a layer."""
    document = _json(payload)
    return "currentVersion" in document or "esriGeometry" in json.dumps(document)[:5000]


def is_ogc_api(payload: Payload) -> bool:
    """Whether a document is the landing page or the collections of an OGC API."""
    document = _json(payload)
    links = document.get("links")
    relations = [each.get("rel") for each in links if isinstance(each, dict)] if isinstance(links, list) else []
    return "conformsTo" in document or "collections" in document or bool({"conformance", "data"} & set(relations))


def diagnose_document(payload: Payload, pasted: PastedAddress) -> Diagnosis:
    """Return what a document is that is not the capabilities of a WFS."""
    details = {"host": urlsplit(pasted.base).hostname or "", "address": redacted(pasted.base)}
    try:
        body, _ = to_ascii_markup(payload.body)
    except UnicodeDecodeError:
        return Diagnosis(code="unreadable", details={**details, "reason": "not text"})
    kind = sniff(body)
    if kind is DocumentKind.HTML:
        return _page(body, pasted, details)
    if kind is DocumentKind.JSON:
        return _described(payload, details)
    if kind is DocumentKind.XML:
        return _xml(payload, details)
    code = "empty" if kind is DocumentKind.EMPTY else "not_a_service"
    return Diagnosis(code=code, details={**details, "text": page_text(body)})


def _page(body: bytes, pasted: PastedAddress, details: Mapping[str, str]) -> Diagnosis:
    text = body.decode("utf-8", "replace")
    # a page of pictures or a bare form has no text
    shown = {**details, "text": page_text(body) or details["host"]}
    if _LOGIN.search(text):
        return Diagnosis(code="login_page", details=shown)
    links = tuple(redacted(link) for link in links_to_services(text, pasted.base))
    return Diagnosis(code="page_with_links" if links else "page", details=shown, suggestions=links)


def _described(payload: Payload, details: Mapping[str, str]) -> Diagnosis:
    if not _is_json(payload):
        return Diagnosis(code="unreadable", details={**details, "reason": "JSON that is not well-formed"})
    if is_arcgis(payload):
        return Diagnosis(code="arcgis", details=details)
    if is_ogc_api(payload):
        return Diagnosis(code="ogc_api", details=details)
    return Diagnosis(code="json", details={**details, "text": page_text(payload.body)})


def _is_json(payload: Payload) -> bool:
    try:
        json.loads(payload.body)
    except (ValueError, RecursionError):
        return False
    return True


def _json(payload: Payload) -> Mapping[str, Any]:
    try:
        document = json.loads(payload.body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _xml(payload: Payload, details: Mapping[str, str]) -> Diagnosis:
    try:
        root = parse_whole(open_markup(payload))
    except WfsProxyError as error:
        return Diagnosis(code=_code_of(error), details={**details, "reason": str(error)})
    name, namespace = name_of(root.tag), str(root.tag).rpartition("}")[0]
    service = next((each for each in ("wmts", "wcs", "csw", "cat") if f"/{each}" in namespace), "")
    kind = {"cat": "CSW"}.get(service, service.upper()) or _OTHER_SERVICES.get(name, "")
    if name == "FeatureCollection":
        return Diagnosis(code="features_only", details=details)
    if kind:
        return Diagnosis(code="other_service", details={**details, "service": kind})
    return Diagnosis(code="not_a_service", details={**details, "text": f"<{name}>"})
