"""The WFS: `/wfs`, `/layers/{layer_id}/wfs` and the paths that layer files list.

It is an ASGI app around the web framework's, for the same reason as `layer_endpoint.py`.
"""

from __future__ import annotations

import logging
import time
from functools import lru_cache

from wfs_proxy.asgi import ASGIApp, Headers, Receive, Response, Scope, Send
from wfs_proxy.errors import NotReady, RequestTooLarge, WfsProxyError
from wfs_proxy.faces.wfs import (
    EXCEPTION_MEDIA_TYPES,
    JSON_MEDIA_TYPE,
    LARGEST_BODY,
    Offer,
    WfsAnswer,
    WfsCall,
    WfsFace,
    exception_report,
)
from wfs_proxy.pages import weights
from wfs_proxy.question import host_of, is_this_machine
from wfs_proxy.serve import ContentCoding, Preconditions, Representation, encoded, validators
from wfs_proxy.web.api_version import unversioned
from wfs_proxy.web.common_headers import CommonHeaders
from wfs_proxy.web.cors import Cors
from wfs_proxy.web.metrics import Metrics
from wfs_proxy.web.problems import error_problem, internal_error, method_not_allowed
from wfs_proxy.web.representations import (
    CRS84,
    VARIES_BY_ACCEPT,
    accepted_codings,
    fields_of,
    preconditions,
    response_of,
)
from wfs_proxy.web.request_observer import Observe

__all__ = ["WfsEndpoint"]

LOG = logging.getLogger(__name__)

_METHODS = b"GET, HEAD, POST, OPTIONS"

_ROUTE = "/wfs"
_ROUTE_OF_LAYER = "/layers/{layer_id}/wfs"

_JSON_TYPES = ("application/json", "application/geo+json")
_XML_TYPES = ("application/xml", "text/xml", "application/gml+xml")


class WfsEndpoint:
    """Answers WFS requests, and passes all others on."""

    def __init__(  # noqa: PLR0913 - its collaborators, by name
        self,
        face: WfsFace,
        rest: ASGIApp,
        *,
        common: CommonHeaders,
        observe: Observe,
        metrics: Metrics,
        public_url: str = "",
    ) -> None:
        self._face = face
        self._rest = rest
        self._common = common
        self._observe = observe
        self._metrics = metrics
        self._public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        offer = self._offer_at(scope["path"]) if scope["type"] == "http" else None
        if offer is None:
            await self._rest(scope, receive, send)
            return
        started = time.perf_counter()
        method, fields = scope["method"], fields_of(scope["headers"])
        response, layer_id = await self._respond(offer, scope, receive, fields)
        common = self._common.headers(fields.get(b"origin"))
        await response.send(send, more_headers=common, with_body=method != "HEAD")
        route = _ROUTE_OF_LAYER if offer.path.startswith("/layers/") else _ROUTE
        self._observe(method, route, response.status, time.perf_counter() - started, layer=layer_id)

    def _offer_at(self, path: str) -> Offer | None:
        """Return what a path offers; our own paths are also under the version of our interface."""
        found = self._face.offer_at(path)
        plain = unversioned(path)
        is_ours = plain.rstrip("/") == _ROUTE or plain.startswith("/layers/")
        return self._face.offer_at(plain) if found is None and is_ours else found

    async def _respond(
        self, offer: Offer, scope: Scope, receive: Receive, fields: dict[bytes, bytes]
    ) -> tuple[Response, str | None]:
        """Return the answer, and the layer that it is about if it is one."""
        method = scope["method"]
        if method == "OPTIONS":
            return Cors.preflight(_METHODS), None
        if method not in ("GET", "HEAD", "POST"):
            return method_not_allowed(method, allowed=_METHODS), None
        call = WfsCall(
            query=scope["query_string"].decode("latin-1"),
            accepts_json=_accepts_json(fields.get(b"accept")),
            url=self._url(scope, offer, fields),
            preconditions=preconditions(fields) if method != "POST" else Preconditions(),
            codings=accepted_codings(fields),
        )
        try:
            if method == "POST":
                call = call._replace(body=await _body(receive))
            answer = await self._face.answer(offer, call)
        except WfsProxyError as error:
            return self._error(error, call), None
        except Exception:
            LOG.exception("Unexpected error while answering a WFS request")
            return internal_error(), None
        return self._response(answer, call), answer.layer_id

    def _url(self, scope: Scope, offer: Offer, fields: dict[bytes, bytes]) -> str:
        """Return the absolute URL of a path; "" if it is not known.

        Some clients use no other address than that in the capabilities. Without a public URL they get the one that
        they have, if it is an address of the machine itself: any other Host field could be an attacker's.
        """
        if self._public_url:
            return self._public_url + offer.path
        host = fields.get(b"host", b"")
        known = len(host) <= _LONGEST_HOST
        address = _address_of_this_machine(scope.get("scheme", "http"), host) if known else ""
        return address + offer.path if address else ""

    def _response(self, answer: WfsAnswer, call: WfsCall) -> Response:
        content = answer.content
        if not isinstance(content, Representation):
            return _document(content, answer.media_type, call)
        if answer.layer_id is not None and content.truncated:
            self._metrics.truncated.labels(answer.layer_id).inc()
        if answer.layer_id is not None and content.swapped:
            self._metrics.swapped_boxes.labels(answer.layer_id).inc()
        crs = CRS84 if answer.media_type == JSON_MEDIA_TYPE else ()
        response = response_of(content, answer.media_type, crs)
        return response._replace(headers=[*response.headers, VARIES_BY_ACCEPT])

    def _error(self, error: WfsProxyError, call: WfsCall) -> Response:
        language = self._face.error_language(call)
        if language.json:
            problem = error_problem(error, layer=None, public_url=self._public_url)
            return problem._replace(headers=[*problem.headers, VARIES_BY_ACCEPT])
        headers = [
            (b"content-type", f"{EXCEPTION_MEDIA_TYPES[language.version]}; charset=utf-8".encode()),
            (b"cache-control", b"no-store"),
            VARIES_BY_ACCEPT,
        ]
        if isinstance(error, NotReady):
            headers.append((b"retry-after", b"%d" % error.retry_after))
        return Response(status=error.status, headers=headers, body=exception_report(error, language.version))


_MOST_DRAINED = 32 * 1024 * 1024
"""Bytes of a body that is too large."""

_LONGEST_HOST = 300
"""Bytes; a longer Host field names no machine."""


@lru_cache(maxsize=256)
def _address_of_this_machine(scheme: str, host: bytes) -> str:
    """Return the address that a Host field makes; "" if it is not one of the machine itself."""
    address = f"{scheme}://{host.decode('latin-1')}"
    return address if is_this_machine(host_of(address)) else ""


def _accepts_json(accept: bytes | None) -> bool:
    if accept is None or b"json" not in accept:
        return False
    weighted = weights(accept.decode("latin-1"))
    json = max(weighted.get(name, 0.0) for name in _JSON_TYPES)
    return json > max(weighted.get(name, 0.0) for name in _XML_TYPES)


async def _body(receive: Receive) -> bytes:
    """Return the body of a request.

    Raises:
        RequestTooLarge: it exceeds the limit. Up to `_MOST_DRAINED` bytes are read first, because many clients read no
            answer before they have sent everything.
    """
    body, size, more = bytearray(), 0, True
    while more and size <= _MOST_DRAINED:
        message = await receive()
        piece, more = message.get("body", b""), message.get("more_body", False)
        size += len(piece)
        if size <= LARGEST_BODY:
            body += piece
    if size > LARGEST_BODY:
        raise RequestTooLarge(f"The body is larger than {LARGEST_BODY} bytes. Ask for less.")
    return bytes(body)


def _document(body: bytes, media_type: str, call: WfsCall) -> Response:
    """Return a small document, or 304 if the client has it."""
    etags = validators(body, call.codings)
    headers: Headers = ((b"cache-control", b"no-cache"), VARIES_BY_ACCEPT)
    current = call.preconditions.current(etags, None)
    if current is not None:
        return Response(status=304, headers=((b"etag", current.encode()), *headers))
    coded, coding = encoded(body, call.codings)
    fields = [*headers, (b"etag", etags[call.codings.index(coding)].encode()), (b"content-type", media_type.encode())]
    if coding is not ContentCoding.IDENTITY:
        fields.append((b"content-encoding", coding.value.encode()))
    return Response(status=200, headers=fields, body=coded)
