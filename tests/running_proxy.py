"""The whole proxy in this process, as a server would run it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx

from wfs_proxy.app import create_app
from wfs_proxy.settings import Settings


@contextlib.asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The app with its lifespan, and a client of it."""
    app = create_app(settings)
    to_app, to_server = asyncio.Queue(), asyncio.Queue()
    lifespan = asyncio.create_task(app({"type": "lifespan", "state": {}}, to_app.get, to_server.put))
    await to_app.put({"type": "lifespan.startup"})
    assert (await to_server.get())["type"] == "lifespan.startup.complete"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://proxy") as client:
        yield client
    await to_app.put({"type": "lifespan.shutdown"})
    assert (await to_server.get())["type"] == "lifespan.shutdown.complete"
    await lifespan


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(30):
        while not await condition():  # noqa: ASYNC110 - seen from outside, as a client sees it
            await asyncio.sleep(0.01)


async def until_ready(client: httpx.AsyncClient) -> None:
    """Wait until every layer was tried."""

    async def ready() -> bool:
        return (await client.get("/readyz")).status_code == 200

    await eventually(ready)
