"""The endpoint that maps use: `/layers/{layer_id}/features` and `/layers/{layer_id}/features/{feature_id}`.

The paths are also under `/v1`. The endpoint is the outermost ASGI app, because a route of the web framework would take
longer than the answer itself. It passes every other path to the framework's app. `feature_docs.py` describes it in the
OpenAPI document.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from functools import lru_cache

from wfs_proxy.asgi import ASGIApp, Receive, Response, Scope, Send
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.serve import (
    GEOJSON,
    FeatureService,
    LiveCatalogue,
    Representation,
    parse_feature_query,
)
from wfs_proxy.web.api_version import unversioned
from wfs_proxy.web.common_headers import CommonHeaders
from wfs_proxy.web.cors import Cors
from wfs_proxy.web.metrics import Metrics
from wfs_proxy.web.negotiation import require_json_accepted
from wfs_proxy.web.problems import error_problem, internal_error, method_not_allowed
from wfs_proxy.web.representations import CRS84, accepted_codings, fields_of, preconditions, response_of
from wfs_proxy.web.request_observer import Observe

__all__ = ["FeatureEndpoint"]

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Target:
    """The layer or feature that a path names."""

    layer_id: str
    feature_id: str | None
    """None for the collection. It may contain slashes, percent-encoded in the URL or not."""

    versioned: bool = False
    """Whether the path has a version."""

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
        common: CommonHeaders,
        observe: Observe,
        metrics: Metrics,
        public_url: str = "",
    ) -> None:
        self._features = features
        self._rest = rest
        self._catalogue = catalogue
        self._common = common
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
        fields = fields_of(scope["headers"])
        response = await self._respond(method, target, scope, fields)
        common = self._common.headers(fields.get(b"origin"))
        await response.send(send, more_headers=common, with_body=method != "HEAD")
        known = target.layer_id if target.layer_id in self._catalogue.current else None
        self._observe(method, target.route, response.status, time.perf_counter() - started, layer=known)

    async def _respond(self, method: str, target: Target, scope: Scope, fields: dict[bytes, bytes]) -> Response:
        if method == "OPTIONS":
            return Cors.preflight()
        if method not in ("GET", "HEAD"):
            return method_not_allowed(method, layer=target.layer_id)
        try:
            if target.versioned:
                require_json_accepted(scope["path"], fields.get(b"accept", b"*/*").decode("latin-1"))
            representation = await self._representation(target, scope["query_string"], fields)
            return response_of(representation, GEOJSON, CRS84)
        except WfsProxyError as error:
            return error_problem(error, layer=target.layer_id, public_url=self._public_url)
        except Exception:
            LOG.exception("Unexpected error while answering for the layer %r", target.layer_id)
            return internal_error(layer=target.layer_id)

    async def _representation(self, target: Target, query: bytes, fields: dict[bytes, bytes]) -> Representation:
        known, codings = preconditions(fields), accepted_codings(fields)
        if target.feature_id is not None:
            return await self._features.feature(target.layer_id, target.feature_id, known, codings)
        feature_query = parse_feature_query(query.decode("latin-1"))
        representation = await self._features.features(target.layer_id, feature_query, known, codings)
        if representation.truncated:
            self._metrics.truncated.labels(target.layer_id).inc()
        if representation.swapped:
            self._metrics.swapped_boxes.labels(target.layer_id).inc()
        return representation


@lru_cache(maxsize=256)
def _target(path: str) -> Target | None:
    """Return the target of a decoded path; None if the path is not the endpoint's."""
    plain = unversioned(path)
    match plain.split("/", 4):
        case ["", "layers", layer_id, "features"]:
            return Target(layer_id=layer_id, feature_id=None, versioned=plain != path)
        case ["", "layers", layer_id, "features", feature_id]:
            return Target(layer_id=layer_id, feature_id=feature_id, versioned=plain != path)
    return None
