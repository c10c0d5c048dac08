"""The endpoint that maps use: `/layers/{layer_id}/features` and `/layers/{layer_id}/features/{feature_id}`.

It is the outermost ASGI app, because a route of the web framework would take longer than the answer itself. It passes
every other path to the framework's app. `feature_docs.py` describes it in the OpenAPI document.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formatdate, mktime_tz, parsedate_tz
from functools import lru_cache

from wfs_proxy.asgi import ASGIApp, Headers, Receive, Response, Scope, Send
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.serve import (
    GEOJSON,
    Codings,
    ContentCoding,
    FeatureService,
    LiveCatalogue,
    Preconditions,
    Representation,
    acceptable,
    parse_feature_query,
)
from wfs_proxy.web.cors import Cors
from wfs_proxy.web.metrics import Metrics
from wfs_proxy.web.problems import error_problem, internal_error, method_not_allowed
from wfs_proxy.web.request_observer import Observe

__all__ = ["FeatureEndpoint"]

LOG = logging.getLogger(__name__)

STALE_MAX_AGE = 10
"""max-age in seconds of stale objects or marks, because fresh ones may be available soon."""

LISTS = frozenset({b"accept-encoding", b"if-none-match"})
"""The header fields that we read and that may be lists."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """The layer or feature that a path names."""

    layer_id: str
    feature_id: str | None
    """None for the collection. It may contain slashes, percent-encoded in the URL or not."""

    @property
    def route(self) -> str:
        """Return the path with its variable parts in braces."""
        return "/layers/{layer_id}/features" if self.feature_id is None else "/layers/{layer_id}/features/{feature_id}"


class FeatureEndpoint:
    """Answers requests for features, and passes all others on."""

    def __init__(  # noqa: PLR0913 - its collaborators, by name
        self,
        features: FeatureService,
        rest: ASGIApp,
        *,
        catalogue: LiveCatalogue,
        cors: Cors,
        observe: Observe,
        metrics: Metrics,
        public_url: str = "",
    ) -> None:
        self._features = features
        self._rest = rest
        self._catalogue = catalogue
        self._cors = cors
        self._observe = observe
        self._metrics = metrics
        self._public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        target = _target(scope["path"]) if scope["type"] == "http" else None
        if target is None:
            await self._rest(scope, receive, send)
            return
        started = time.perf_counter()
        method = scope["method"]
        fields = _fields(scope["headers"])
        response = await self._respond(method, target, scope["query_string"], fields)
        cors = self._cors.headers(fields.get(b"origin"))
        await response.send(send, more_headers=cors, with_body=method != "HEAD")
        known = target.layer_id if target.layer_id in self._catalogue.current else None
        self._observe(method, target.route, response.status, time.perf_counter() - started, layer=known)

    async def _respond(self, method: str, target: Target, query: bytes, fields: dict[bytes, bytes]) -> Response:
        if method == "OPTIONS":
            return self._cors.preflight()
        if method not in ("GET", "HEAD"):
            return method_not_allowed(method, layer=target.layer_id)
        try:
            return _response(await self._representation(target, query, fields))
        except WfsProxyError as error:
            return error_problem(error, layer=target.layer_id, public_url=self._public_url)
        except Exception:
            LOG.exception("Unexpected error while answering for the layer %r", target.layer_id)
            return internal_error(layer=target.layer_id)

    async def _representation(self, target: Target, query: bytes, fields: dict[bytes, bytes]) -> Representation:
        preconditions, codings = _preconditions(fields), _codings(fields)
        if target.feature_id is not None:
            return await self._features.feature(target.layer_id, target.feature_id, preconditions, codings)
        feature_query = parse_feature_query(query.decode("latin-1"))
        representation = await self._features.features(target.layer_id, feature_query, preconditions, codings)
        if representation.truncated:
            self._metrics.truncated.labels(target.layer_id).inc()
        if representation.swapped:
            self._metrics.swapped_boxes.labels(target.layer_id).inc()
        return representation


@lru_cache(maxsize=256)
def _target(path: str) -> Target | None:
    """Return the target of a decoded path; None if the path is not the endpoint's."""
    match path.split("/", 4):
        case ["", "layers", layer_id, "features"]:
            return Target(layer_id=layer_id, feature_id=None)
        case ["", "layers", layer_id, "features", feature_id]:
            return Target(layer_id=layer_id, feature_id=feature_id)
    return None


def _fields(headers: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return name -> value; the parts of a list in several fields of one name are joined (RFC 9110, section 5.3)."""
    fields = dict(headers)
    if len(fields) < len(headers):
        for name in LISTS & fields.keys():
            fields[name] = b", ".join(value for other, value in headers if other == name)
    return fields


def _codings(fields: dict[bytes, bytes]) -> Codings:
    accepted = fields.get(b"accept-encoding")
    return acceptable(accepted.decode("latin-1") if accepted is not None else None)


def _preconditions(fields: dict[bytes, bytes]) -> Preconditions:
    etags, date = fields.get(b"if-none-match"), fields.get(b"if-modified-since")
    return Preconditions(
        if_none_match=etags.decode("latin-1") if etags is not None else None,
        if_modified_since=_seconds(date.decode("latin-1")) if date is not None else None,
    )


def _seconds(date: str) -> float | None:
    """Return an HTTP date in seconds since 1970; None if it is invalid and to be ignored (RFC 9110, section 13.1.3)."""
    try:
        parsed = parsedate_tz(date)
        return mktime_tz(parsed) if parsed else None
    except (ValueError, OverflowError):
        return None


def _response(representation: Representation) -> Response:
    ttl, age = math.floor(representation.ttl), _max_age(representation)
    headers = [
        (b"etag", representation.etag.encode()),
        *_freshness(int(representation.modified_at), age, ttl, representation.waited),
    ]
    if representation.not_modified:
        return Response(status=304, headers=headers)
    if representation.coding is not ContentCoding.IDENTITY:
        headers.append((b"content-encoding", representation.coding.value.encode()))
    headers.append((b"content-type", GEOJSON.encode()))
    headers.append((b"x-content-type-options", b"nosniff"))
    if representation.truncated:
        counts = f"returned={representation.returned}, matched={representation.matched}"
        headers.append((b"features-truncated", counts.encode()))
    return Response(status=200, headers=headers, body=representation.body)


def _max_age(representation: Representation) -> int:
    """Return whole seconds until objects or marks may change."""
    objects, marks = representation.ttl, representation.marks_ttl
    return _period(objects) if marks is None else min(_period(objects), _period(marks))


def _period(ttl: float) -> int:
    return int(ttl) if ttl > 0 else STALE_MAX_AGE


@lru_cache(maxsize=1024)
def _freshness(modified_at: int, max_age: int, ttl: int, waited: bool) -> Headers:  # noqa: FBT001 - a key of the cache
    """Return the header fields about freshness. They are cached, since all boxes of one second have the same.

    Cache-Status (RFC 9211) is "hit" for an answer from the cache, with a negative ttl when the data are stale, and
    "fwd=miss" when the request waited for the vendor.
    """
    source = b"fwd=miss; stored" if waited else b"hit"
    return (
        (b"last-modified", formatdate(modified_at, usegmt=True).encode()),
        (b"cache-control", b"public, max-age=%d" % max_age),
        (b"cache-status", b"wfs-proxy; %b; ttl=%d" % (source, ttl)),
    )
