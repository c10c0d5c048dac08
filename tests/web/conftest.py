"""A real server in a thread, around services whose vendor and clock a test controls."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import httpx
import points
import pytest
from clocks import Clock
from running_proxy import served
from services import Services, new_services, reported

from wfs_proxy.cache.entry import FetchedSnapshot
from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.config.layer import Layer
from wfs_proxy.config.signalen_file import SignalenInstance
from wfs_proxy.web.create_web import create_web


@dataclass(kw_only=True)
class Proxy:
    """A running proxy, and what a test controls of it."""

    client: httpx.Client
    services: Services
    clock: Clock
    answers: dict[str, FetchedSnapshot | Exception]
    """Layer -> the result of the next fetch."""

    loop: list[asyncio.AbstractEventLoop]
    """The server's."""

    def get(self, path: str, **options: object) -> httpx.Response:
        return self.client.get(path, **options)

    def report(self, *ids: str) -> None:
        """Let a poll of the instance "default" find these objects in open signals about a "lamp"."""
        work = self.services.marks.use_reported("default", reported(self.clock, *ids))
        asyncio.run_coroutine_threadsafe(work, self.loop[0]).result(60)


Start = Callable[..., Proxy]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts proxies: `start({layer: the result of its fetch}, **options of create_web)`."""
    with contextlib.ExitStack() as running:

        def start_one(
            answers: dict[str, FetchedSnapshot | Exception] | None = None,
            layers: tuple[Layer, ...] = (points.layer(),),
            **options: object,
        ) -> Proxy:
            given = {"masten": points.fetched(points.grid(3))} if answers is None else answers
            return running.enter_context(_proxy(given, layers, **options))

        yield start_one


@pytest.fixture
def proxy(start: Start) -> Proxy:
    """A proxy with three objects in the layer "masten"."""
    return start()


@contextlib.contextmanager
def _proxy(
    answers: dict[str, FetchedSnapshot | Exception],
    layers: tuple[Layer, ...],
    *,
    instances: Mapping[str, SignalenInstance] | None = None,
    **options: object,
) -> Iterator[Proxy]:
    async def fetch(layer: Layer, *_: object) -> FetchedSnapshot:
        answer = answers[layer.id]
        if isinstance(answer, Exception):
            raise answer
        return answer

    clock = Clock()
    services = new_services(
        Catalogue(layers, instances=instances), fetch, clock=clock, public_url=options.get("public_url", "")
    )
    loop: list[asyncio.AbstractEventLoop] = []

    @contextlib.asynccontextmanager
    async def running():
        loop.append(asyncio.get_running_loop())
        yield
        await services.close()

    app = create_web(services.features, services.status, services.catalogue, running=running, **options)
    with served(app) as address, httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        yield Proxy(client=client, services=services, clock=clock, answers=answers, loop=loop)
