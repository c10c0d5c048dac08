"""XML answers without features: exception reports, capabilities, schemas.

Servers send exception reports with status 200 (MapServer, GeoServer) and as any media type, so they are recognised by
their root element. Formats: OGC 02-058 annex A (ServiceExceptionReport), OGC 05-008 and 06-121r3 section 8 (OWS
ExceptionReport).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn

from lxml import etree

from wfs_proxy.decode.safe_xml import Markup, parse_as_far_as_possible, parse_whole
from wfs_proxy.errors import MalformedDocument, NotFeatures, UpstreamException

__all__ = ["raise_report", "refuse_other_documents"]

_END_OF_REPORT = re.compile(rb"ExceptionReport\s*>\s*\Z")
"""A report with an end is not truncated; what is not well-formed are the vendor's words."""

_ASK_FOR_FEATURES = "check that the URL asks for request=GetFeature"


def refuse_other_documents(markup: Markup) -> None:
    """Return if the document may contain features, judged by its root element.

    Raises:
        UpstreamException: an exception report.
        NotFeatures: capabilities, a schema or another answer of a WFS that never contains features.
        MalformedDocument: an exception report that is truncated.
    """
    refuse = _REFUSALS.get(markup.root)
    if refuse is not None:
        refuse(markup)
    if markup.root.endswith("Capabilities"):
        _refuse_capabilities(markup)


def raise_report(report: etree._Element, source: str) -> NoReturn:
    """Raise the error of an ExceptionReport or ServiceExceptionReport element.

    Code and locator are those of the first exception; the message contains the texts of all.

    Raises:
        UpstreamException: always.
    """
    exceptions = list(report.iter("{*}Exception", "{*}ServiceException"))
    codes = [element.get("exceptionCode") or element.get("code") for element in exceptions]
    locators = [element.get("locator") for element in exceptions]
    texts = "; ".join(map(_text, exceptions)) or "no text"
    raise UpstreamException(
        f"{source or 'the vendor'} answered with an exception report: {texts}",
        code=codes[0] if codes else None,
        locator=locators[0] if locators else None,
    )


def _text(exception: etree._Element) -> str:
    text = " ".join(" ".join(str(part) for part in exception.itertext()).split())
    code = exception.get("exceptionCode") or exception.get("code")
    locator = exception.get("locator")
    details = ", ".join(f"{name} {value}" for name, value in (("code", code), ("locator", locator)) if value)
    return f"{text or 'no text'} ({details})" if details else text or "no text"


def _refuse_report(markup: Markup) -> None:
    try:
        report = parse_whole(markup)
    except MalformedDocument:
        if not _END_OF_REPORT.search(markup.body):
            raise
        report = parse_as_far_as_possible(markup)
    raise_report(report, markup.source)


def _refuse_capabilities(markup: Markup) -> None:
    raise NotFeatures(
        f"{markup.source or 'the answer'} is a capabilities document ({markup.root}), not features: {_ASK_FOR_FEATURES}"
    )


def _refuse_schema(markup: Markup) -> None:
    raise NotFeatures(
        f"{markup.source or 'the answer'} is an XML schema (the answer to DescribeFeatureType), not features: "
        f"{_ASK_FOR_FEATURES}"
    )


_REFUSALS: dict[str, Callable[[Markup], None]] = {
    "ExceptionReport": _refuse_report,
    "ServiceExceptionReport": _refuse_report,
    "schema": _refuse_schema,
}
"""Local name of the root element -> raises the error."""
