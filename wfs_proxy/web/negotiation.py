"""Chooses between HTML and JSON, and sends either with validators and in a coding that the client accepts."""

from __future__ import annotations

import re

from fastapi import Request, Response

from wfs_proxy.errors import NotAcceptable
from wfs_proxy.pages import weights
from wfs_proxy.serve import ContentCoding, Preconditions, acceptable, encoded, validators
from wfs_proxy.web.api_version import unversioned

__all__ = ["negotiated", "require_json_accepted", "wants_html"]

_HTML = ("text/html", "application/xhtml+xml")
_JSON = re.compile(r"application/(?:[\w.-]+\+)?json")
_JSON_RANGE = re.compile(r"\*/\*|application/(?:\*|json|(?:[\w.-]+\+)json)")
"""A media range that JSON is in."""

_NO_JSON = re.compile(r"/layers/[^/]+/(?:tiles/.*|download)")
"""Paths whose answers are not JSON."""


def wants_html(request: Request) -> bool:
    """Whether the client is a browser: it names HTML in Accept, and does not prefer JSON (RFC 9110, section 12.5.1).

    A client that accepts anything, such as curl, gets JSON. The paths with a version have no pages.
    """
    if unversioned(request.url.path) != request.url.path:
        return False
    accepted = weights(",".join(request.headers.getlist("accept")))
    html = max(accepted.get(name, 0.0) for name in _HTML)
    json = max((weight for name, weight in accepted.items() if _JSON.fullmatch(name)), default=0.0)
    return html > 0.0 and html >= json


def require_json_accepted(path: str, accept: str | None) -> None:
    """Refuse a request under `/v1` that excludes JSON (API Design Rules, /core/error-handling).

    The paths without a version ignore Accept, because maps have always been able to send anything. Tiles and
    downloads ignore it too.

    Raises:
        NotAcceptable: the field Accept allows no kind of JSON.
    """
    plain = unversioned(path)
    if accept is None or plain == path or _NO_JSON.fullmatch(plain):
        return
    if not any(weight > 0.0 and _JSON_RANGE.fullmatch(name) for name, weight in weights(accept).items()):
        raise NotAcceptable(
            f"The answer is JSON, and Accept: {accept[:200]} excludes it. Send Accept: application/json."
        )


def negotiated(  # noqa: PLR0913 - what an answer has, by name
    request: Request,
    body: bytes,
    media_type: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    compressed: bytes | None = None,
) -> Response:
    """Return an answer with an ETag, or 304 if the client has it (section 15.4.5); compressed where that is accepted.

    Args:
        request: its If-None-Match and Accept-Encoding count.
        body: not yet compressed.
        media_type: of the body.
        status: of an answer with a body.
        headers: further fields.
        compressed: the body in the coding gzip; None: it is compressed when it is sent.
    """
    codings = acceptable(request.headers.get("accept-encoding"))
    etags = validators(body, codings)
    fields = {"Cache-Control": "no-cache", **(headers or {})}
    current = Preconditions(if_none_match=request.headers.get("if-none-match")).current(etags, None)
    if current is not None and status == 200:  # noqa: PLR2004 - other answers are never cached
        return Response(status_code=304, headers={"ETag": current, **fields})
    ready = compressed if codings[0] is ContentCoding.GZIP else None
    coded, coding = encoded(body, codings) if ready is None else (ready, ContentCoding.GZIP)
    fields |= {"ETag": etags[codings.index(coding)], "Content-Type": media_type}
    if coded is not body:
        fields["Content-Encoding"] = coding.value
    return Response(coded, status_code=status, headers=fields)
