"""The endpoint that maps use: `/layers/{layer_id}/features` and `/layers/{layer_id}/features/{feature_id}`.

The paths are also under `/v1`. The endpoint is the outermost ASGI app. `feature_docs.py` describes it in the OpenAPI
document.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from wfs_proxy.asgi import ASGIApp, Response, Scope
from wfs_proxy.serve import GEOJSON, FeatureService, LiveCatalogue, Representation, parse_feature_query
from wfs_proxy.web.api_version import unversioned
from wfs_proxy.web.common_headers import CommonHeaders
from wfs_proxy.web.layer_endpoint import LayerEndpoint
from wfs_proxy.web.metrics import Metrics
from wfs_proxy.web.negotiation import require_json_accepted
from wfs_proxy.web.representations import CRS84, accepted_codings, preconditions, response_of
from wfs_proxy.web.request_observer import Observe

__all__ = ["FeatureEndpoint"]


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


class FeatureEndpoint(LayerEndpoint[Target]):
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
        super().__init__(rest, catalogue=catalogue, common=common, observe=observe, public_url=public_url)
        self._features = features
        self._metrics = metrics

    def _target(self, path: str) -> Target | None:
        return _target(path)

    async def _answer(self, target: Target, scope: Scope, fields: dict[bytes, bytes]) -> Response:
        if target.versioned:
            require_json_accepted(scope["path"], fields.get(b"accept", b"*/*").decode("latin-1"))
        representation = await self._representation(target, scope["query_string"], fields)
        return response_of(representation, GEOJSON, CRS84)

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
