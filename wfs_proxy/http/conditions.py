"""Conditional requests: a document that has not changed is not sent again (RFC 9110, sections 8.8 and 13)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx

from wfs_proxy import __version__
from wfs_proxy.features import Payload, Validators

__all__ = ["conditions_of", "is_not_modified", "validators_of"]

_IF_NONE_MATCH, _IF_MODIFIED_SINCE = "If-None-Match", "If-Modified-Since"

_ETAG = re.compile(r'(?:W/)?"[!#-~]*"')
"""An entity tag in ASCII (RFC 9110, section 8.8.3)."""

_LONGEST_ETAG = 500
"""Characters."""


def validators_of(payload: Payload) -> Validators | None:
    """Return what identifies a document; None if nothing reliable does.

    A weak entity tag is used too: it is compared weakly in any case (section 13.1.2). A date of modification is used if
    the server's own clock was past it: within the same second the document may have changed once more (section
    8.8.2.2). Dates of a server without a clock, and anything that is not a tag or a date, are not sent back.
    """
    etag = (payload.etag or "").strip()
    usable = _ETAG.fullmatch(etag) is not None and len(etag) <= _LONGEST_ETAG
    modified, sent = _date(payload.last_modified), _date(payload.date)
    dated = modified is not None and sent is not None and modified < sent
    if not usable and not dated:
        return None
    return Validators(
        etag=etag if usable else None, last_modified=payload.last_modified if dated else None, reader=__version__
    )


def conditions_of(known: Validators) -> Mapping[str, str]:
    """Return the header fields of a request for a document that is sent only if it is another version.

    There are none for a document that another version of this program read.
    """
    if known.reader != __version__:
        return {}
    fields = {_IF_NONE_MATCH: known.etag, _IF_MODIFIED_SINCE: known.last_modified}
    return {name: value for name, value in fields.items() if value is not None}


def is_not_modified(response: httpx.Response) -> bool:
    """Whether the response answers a condition with "not modified". Without a condition, 304 is an error."""
    conditional = _IF_NONE_MATCH in response.request.headers or _IF_MODIFIED_SINCE in response.request.headers
    return response.status_code == httpx.codes.NOT_MODIFIED and conditional


def _date(header: str | None) -> datetime | None:
    try:
        when = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return when if when.tzinfo is not None else None
