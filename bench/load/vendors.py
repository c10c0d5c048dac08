"""The recorded vendors and a Signalen in a process of their own, counted, and away when told.

    python -m bench.load.vendors FIXTURES VENDORS_PORT SIGNALEN_PORT CONTROL_PORT

The control answers every request with `Told` as JSON; PUT /answering, /refusing or /hanging changes the vendors' mood.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from wfs_proxy.asgi import ASGIApp, Receive, Scope, Send
from wfs_proxy.demo.compose import vendor_addresses
from wfs_proxy.demo.stage import Stage
from wfs_proxy.recordings.replay import Replay, read_recordings
from wfs_proxy.run.server import LOOPBACK, serve_together

__all__ = ["Gate", "Mood", "Told"]

Mood = Literal["answering", "refusing", "hanging"]

_POLL = "5s"
"""How often the proxy asks for reports: marks move during even a short run."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the control tells."""

    vendors: int
    """Requests to vendors since the start."""

    turned_away: int
    """Of these, refused or left hanging."""

    signalen: int
    """Requests to Signalen since the start."""

    environment: dict[str, str]
    """What the shipped layer files ask for."""


class Gate:
    """An app that counts what comes in, and lets it in when its mood allows.

    It refuses with 503. What hangs is refused when the mood changes: a server that comes back knows nothing of it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._mood: Mood = "answering"
        self._changed = asyncio.Event()
        self.requests = 0
        self.turned_away = 0

    def become(self, mood: Mood) -> None:
        """Change the mood."""
        self._mood = mood
        self._changed.set()
        self._changed = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            self.requests += 1
            if self._mood != "answering":
                self.turned_away += 1
                await self._turn_away(send)
                return
        await self._app(scope, receive, send)

    async def _turn_away(self, send: Send) -> None:
        if self._mood == "hanging":
            await self._changed.wait()
        await _send(send, 503, b"")


class _Control:
    def __init__(self, vendors: Gate, signalen: Gate, environment: dict[str, str]) -> None:
        self._vendors = vendors
        self._signalen = signalen
        self._environment = environment

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        mood = scope["path"].removeprefix("/")
        if scope["method"] == "PUT" and mood in get_args(Mood):
            self._vendors.become(mood)
        told = Told(
            vendors=self._vendors.requests,
            turned_away=self._vendors.turned_away,
            signalen=self._signalen.requests,
            environment=self._environment,
        )
        await _send(send, 200, json.dumps(asdict(told)).encode())


async def _send(send: Send, status: int, body: bytes) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


def main(fixtures: Path, vendors: int, signalen: int, control: int) -> None:
    """Serve on these three ports until SIGTERM."""
    recordings = read_recordings(fixtures)
    stage = Stage(fixtures, time.time)
    environment = {
        **vendor_addresses(recordings, vendors),
        "SIGNALEN_URL": f"http://{LOOPBACK}:{signalen}",
        "SIGNALEN_TOKEN": stage.proxy_token,
        "SIGNALEN_POLL": _POLL,
    }
    gates = Gate(Replay(recordings)), Gate(stage)
    apps: dict[int, ASGIApp] = {vendors: gates[0], signalen: gates[1], control: _Control(*gates, environment)}
    serve_together(apps, lambda: None)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
