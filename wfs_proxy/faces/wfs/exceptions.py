"""Exception reports: an error in the words of each version of WFS (OGC 02-058 annex A.5, 05-008, 06-121r3)."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from wfs_proxy.decode import without_forbidden
from wfs_proxy.errors import BadRequest, NotFound, WfsProxyError, WfsRequestError
from wfs_proxy.faces.wfs.namespaces import VOCABULARIES, XSI
from wfs_proxy.faces.wfs.versions import WfsVersion

__all__ = ["EXCEPTION_MEDIA_TYPES", "exception_report"]

EXCEPTION_MEDIA_TYPES: dict[WfsVersion, str] = {
    "1.0.0": "application/vnd.ogc.se_xml",
    "1.1.0": "text/xml",
    "2.0.0": "application/xml",
}

_OWS_VERSIONS: dict[WfsVersion, str] = {"1.1.0": "1.0.0", "2.0.0": "1.1.0"}
"""Of the schema of the report."""

_REPORT_ATTRIBUTES: dict[WfsVersion, str] = {"1.1.0": 'version="1.0.0"', "2.0.0": 'version="2.0.0" xml:lang="en"'}


def exception_report(error: WfsProxyError, version: WfsVersion) -> bytes:
    """Return the report of an error.

    Args:
        error: its message becomes the text.
        version: of the request, or the latest if the request has none that can be read.
    """
    code, locator = _code(error)
    text = escape(without_forbidden(str(error)))
    place = f" locator={quoteattr(without_forbidden(locator))}" if locator is not None else ""
    if version == "1.0.0":
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<ServiceExceptionReport xmlns="{VOCABULARIES["1.0.0"].filter}" version="1.2.0">\n'
            f'<ServiceException code="{code}"{place}>{text}</ServiceException>\n'
            "</ServiceExceptionReport>\n"
        ).encode()
    ows = VOCABULARIES[version].ows
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<ExceptionReport xmlns="{ows}" {_REPORT_ATTRIBUTES[version]} xmlns:xsi="{XSI}"'
        f' xsi:schemaLocation="{ows} http://schemas.opengis.net/ows/{_OWS_VERSIONS[version]}/owsExceptionReport.xsd">\n'
        f'<Exception exceptionCode="{code}"{place}><ExceptionText>{text}</ExceptionText></Exception>\n'
        "</ExceptionReport>\n"
    ).encode()


def _code(error: WfsProxyError) -> tuple[str, str | None]:
    """Return the code of an error, and the parameter that is wrong."""
    match error:
        case WfsRequestError():
            return error.code, error.locator
        case BadRequest():
            return "InvalidParameterValue", None
        case NotFound():
            return "NotFound", None
    return "NoApplicableCode", None
