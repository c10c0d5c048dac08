"""Refused logins in answers with status 200: ArcGIS writes {"error": {"code": 498, ...}} (REST API, "Error codes")."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from wfs_proxy.decode import json_report, parse_json
from wfs_proxy.errors import UpstreamException, UpstreamRefused, WfsProxyError
from wfs_proxy.features import Payload

__all__ = ["read_json_error", "read_refused_login"]

_ERROR = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"error"\s*:')
"""The beginning of an error object. Answers with objects are not parsed twice."""

_LOGIN_CODES = {"401": 401, "403": 403, "498": 498, "499": 499}


def read_refused_login(payload: Payload) -> UpstreamRefused | None:
    """Return the error for an answer that refuses the login, and None for any other answer."""
    if not _ERROR.match(payload.body):
        return None
    report = read_json_error(payload)
    if not isinstance(report, UpstreamException) or report.code not in _LOGIN_CODES:
        return None
    words = str(report).partition("an exception report: ")[2]
    host = urlsplit(payload.source).hostname or "the vendor"
    return UpstreamRefused(
        f"the vendor's server ({host}) answered {report.code} in place of the data: {words}; check the login in `auth`",
        upstream_status=_LOGIN_CODES[report.code],
    )


def read_json_error(payload: Payload) -> WfsProxyError | None:
    """Return the error that an answer reports in JSON; None if it reports none."""
    try:
        return json_report(parse_json(payload.body, payload.source).document, payload.source)
    except WfsProxyError:
        return None
