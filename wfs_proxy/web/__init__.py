"""HTTP and nothing else: paths, header fields and status codes around what the service answers."""

from __future__ import annotations

from collections.abc import Iterable

from wfs_proxy.service import LayerService
from wfs_proxy.web.api import Lifespan, create_api
from wfs_proxy.web.asgi import ASGIApp
from wfs_proxy.web.cors import Cors
from wfs_proxy.web.features import FeatureEndpoint
from wfs_proxy.web.frame import Frame
from wfs_proxy.web.metrics import Metrics, PollStatuses
from wfs_proxy.web.observation import RequestObserver

__all__ = ["create_web"]


def create_web(  # noqa: PLR0913 - what HTTP needs of the rest, by name
    service: LayerService,
    *,
    lifespan: Lifespan,
    cors_origins: Iterable[str] = ("*",),
    access_log: bool = True,
    public_url: str = "",
    polls: PollStatuses = tuple,
) -> ASGIApp:
    """HTTP around a service: the feature endpoint outermost, the framework's app behind it.

    Args:
        service: answers.
        lifespan: what happens before the first request and after the last.
        cors_origins: the origins whose pages may read answers; "*" is any.
        access_log: whether each request gets a line in the log.
        public_url: the public address without a slash at its end, or "".
        polls: how the polls of each Signalen go.
    """
    metrics = Metrics(service, polls)
    cors = Cors(cors_origins)
    observe = RequestObserver(metrics, access_log=access_log)
    api = create_api(service, metrics, lifespan=lifespan, public_url=public_url)
    rest = Frame(api, cors=cors, observe=observe)
    return FeatureEndpoint(service, rest, cors=cors, observe=observe, metrics=metrics, public_url=public_url)
