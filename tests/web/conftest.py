"""A real server in a thread, around a service whose vendor and clock belong to the test."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import points
import pytest
import uvicorn
from clocks import Clock

from wfs_proxy.catalogue import Catalogue
from wfs_proxy.layers import Layer
from wfs_proxy.replacement import reason_to_hold_back
from wfs_proxy.service import LayerService
from wfs_proxy.store import Filled, LayerStore
from wfs_proxy.web import create_web


@dataclass(kw_only=True)
class Proxy:
    """A running proxy and what surrounds it."""

    client: httpx.Client
    service: LayerService
    clock: Clock
    answers: dict[str, Filled | Exception]
    """Layer -> what the vendor gives next."""

    def get(self, path: str, **options: object) -> httpx.Response:
        return self.client.get(path, **options)


Start = Callable[..., Proxy]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts proxies: `start({layer: what its vendor gives}, **options of create_web)`."""
    with contextlib.ExitStack() as running:

        def start_one(
            answers: dict[str, Filled | Exception] | None = None,
            layers: tuple[Layer, ...] = (points.layer(),),
            *,
            warm: bool = False,
            **options: object,
        ) -> Proxy:
            given = {"masten": points.filled(points.grid(3))} if answers is None else answers
            return running.enter_context(_proxy(given, layers, warm=warm, **options))

        yield start_one


@pytest.fixture
def proxy(start: Start) -> Proxy:
    """A proxy with three objects in the layer "masten"."""
    return start()


@contextlib.contextmanager
def _proxy(answers: dict, layers: tuple[Layer, ...], *, warm: bool, **options: object) -> Iterator[Proxy]:
    async def fill(layer: Layer) -> Filled:
        answer = answers[layer.id]
        if isinstance(answer, Exception):
            raise answer
        return answer

    clock = Clock()
    service = LayerService(
        Catalogue(layers),
        fill,
        LayerStore(clock=clock, judge=reason_to_hold_back),
        clock=clock,
        public_url=options.get("public_url", ""),
    )

    @contextlib.asynccontextmanager
    async def lifespan(_: object):
        if warm:
            service.warm()
        yield
        await service.close()

    app = create_web(service, lifespan=lifespan, **options)
    with _served(app) as address, httpx.Client(base_url=address, trust_env=False) as client:
        yield Proxy(client=client, service=service, clock=clock, answers=answers)


@contextlib.contextmanager
def _served(app: object) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            thread.join(0.01)
            assert thread.is_alive(), "the server did not start"
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
