"""What the endpoints for the objects of one layer have in common.

They are ASGI apps around the web framework's, because a route of the framework would take longer than the answer.
They pass every other path on.
"""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from typing import Generic, Protocol, TypeVar

from wfs_proxy.asgi import ASGIApp, Receive, Response, Scope, Send
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.serve import LiveCatalogue
from wfs_proxy.web.common_headers import CommonHeaders
from wfs_proxy.web.cors import Cors
from wfs_proxy.web.problems import error_problem, internal_error, method_not_allowed
from wfs_proxy.web.representations import fields_of
from wfs_proxy.web.request_observer import Observe

__all__ = ["LayerEndpoint"]

LOG = logging.getLogger(__name__)


class EndpointTarget(Protocol):
    """What a path names."""

    @property
    def layer_id(self) -> str: ...

    @property
    def route(self) -> str:
        """The path with its variable parts in braces."""


_T = TypeVar("_T", bound=EndpointTarget)


class LayerEndpoint(ABC, Generic[_T]):
    """Answers the requests whose path it knows, and passes all others on."""

    def __init__(
        self,
        rest: ASGIApp,
        *,
        catalogue: LiveCatalogue,
        common: CommonHeaders,
        observe: Observe,
        public_url: str = "",
    ) -> None:
        self._rest = rest
        self._catalogue = catalogue
        self._common = common
        self._observe = observe
        self._public_url = public_url

    @abstractmethod
    def _target(self, path: str) -> _T | None:
        """Return the target of a decoded path; None if the path is not the endpoint's."""

    @abstractmethod
    async def _answer(self, target: _T, scope: Scope, fields: dict[bytes, bytes]) -> Response | None:
        """Return the answer to GET; None where the rest makes it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        target = self._target(scope["path"]) if scope["type"] == "http" else None
        if target is None:
            await self._rest(scope, receive, send)
            return
        started = time.perf_counter()
        method = scope["method"]
        fields = fields_of(scope["headers"])
        response = await self._respond(method, target, scope, fields)
        if response is None:
            await self._rest(scope, receive, send)
            return
        common = self._common.headers(fields.get(b"origin"))
        await response.send(send, more_headers=common, with_body=method != "HEAD")
        known = target.layer_id if target.layer_id in self._catalogue.current else None
        self._observe(method, target.route, response.status, time.perf_counter() - started, layer=known)

    async def _respond(self, method: str, target: _T, scope: Scope, fields: dict[bytes, bytes]) -> Response | None:
        if method == "OPTIONS":
            return Cors.preflight()
        if method not in ("GET", "HEAD"):
            return method_not_allowed(method, layer=target.layer_id)
        try:
            return await self._answer(target, scope, fields)
        except WfsProxyError as error:
            return error_problem(error, layer=target.layer_id, public_url=self._public_url)
        except Exception:
            LOG.exception("Unexpected error while answering for the layer %r", target.layer_id)
            return internal_error(layer=target.layer_id)
