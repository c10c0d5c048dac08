"""A real server in a thread, around a service whose vendor and clock belong to the test."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import httpx
import points
import pytest
from clocks import Clock
from running_proxy import served
from services import Services, new_services

from wfs_proxy.cache.entry import FetchedSnapshot
from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.config.layer import Layer, SignalenInstance
from wfs_proxy.marks.reported_objects import AssetReference, ReportedObjects, Signal
from wfs_proxy.web.create_web import create_web


@dataclass(kw_only=True)
class Proxy:
    """A running proxy and what surrounds it."""

    client: httpx.Client
    services: Services
    clock: Clock
    answers: dict[str, FetchedSnapshot | Exception]
    """Layer -> what the vendor gives next."""

    loop: list[asyncio.AbstractEventLoop]
    """The server's."""

    def get(self, path: str, **options: object) -> httpx.Response:
        return self.client.get(path, **options)

    def report(self, *ids: str) -> None:
        """Let the poll of the instance "default" find these objects reported, by open signals about a "lamp"."""
        then = dt.datetime.fromtimestamp(self.clock(), dt.UTC)
        facts = {"state": "m", "category": "lamp", "created_at": then, "updated_at": then, "place": None}
        signals = {
            number: Signal(id=number, assets=(AssetReference(id=name, place=None, question_key=""),), **facts)
            for number, name in enumerate(ids)
        }
        told = ReportedObjects(signals=signals, as_of=self.clock(), version=" ".join(ids))
        asyncio.run_coroutine_threadsafe(self.services.marks.use_reported("default", told), self.loop[0]).result(10)


Start = Callable[..., Proxy]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts proxies: `start({layer: what its vendor gives}, **options of create_web)`."""
    with contextlib.ExitStack() as running:

        def start_one(
            answers: dict[str, FetchedSnapshot | Exception] | None = None,
            layers: tuple[Layer, ...] = (points.layer(),),
            *,
            warm: bool = False,
            **options: object,
        ) -> Proxy:
            given = {"masten": points.fetched(points.grid(3))} if answers is None else answers
            return running.enter_context(_proxy(given, layers, warm=warm, **options))

        yield start_one


@pytest.fixture
def proxy(start: Start) -> Proxy:
    """A proxy with three objects in the layer "masten"."""
    return start()


@contextlib.contextmanager
def _proxy(
    answers: dict,
    layers: tuple[Layer, ...],
    *,
    warm: bool,
    instances: Mapping[str, SignalenInstance] | None = None,
    **options: object,
) -> Iterator[Proxy]:
    async def fill(layer: Layer, *_: object) -> FetchedSnapshot:
        answer = answers[layer.id]
        if isinstance(answer, Exception):
            raise answer
        return answer

    clock = Clock()
    services = new_services(
        Catalogue(layers, instances=instances), fill, clock=clock, public_url=options.get("public_url", "")
    )

    loop: list[asyncio.AbstractEventLoop] = []

    @contextlib.asynccontextmanager
    async def running():
        loop.append(asyncio.get_running_loop())
        if warm:
            services.cache.warm()
        yield
        await services.close()

    app = create_web(services.features, services.status, services.catalogue, running=running, **options)
    with served(app) as address, httpx.Client(base_url=address, trust_env=False) as client:
        yield Proxy(client=client, services=services, clock=clock, answers=answers, loop=loop)
