"""The whole proxy in this process, as a server runs it; and a real server for any app."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Literal

import httpx
import uvicorn
from waiting import PATIENCE

from wfs_proxy.app import create_app
from wfs_proxy.asgi import ASGIApp
from wfs_proxy.settings import Settings


@contextlib.asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Run the app with its lifespan, and return a client of it."""
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
    async with asyncio.timeout(PATIENCE):
        while not await condition():  # noqa: ASYNC110 - the condition has no event
            await asyncio.sleep(0.01)


async def until_ready(client: httpx.AsyncClient) -> dict[str, Any]:
    """Wait until `/readyz` answers 200, and return that answer."""

    async def ready() -> bool:
        return (await client.get("/readyz")).status_code == 200

    await eventually(ready)
    readiness: dict[str, Any] = (await client.get("/readyz")).json()
    return readiness


@contextlib.contextmanager
def served(app: ASGIApp, *, lifespan: Literal["on", "off"] = "on") -> Iterator[str]:
    """Run an app in uvicorn in a thread, and return its URL."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan=lifespan))
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
