"""The recorded vendors and a Signalen in a process of their own, with counted requests and switchable outages.

    python -m bench.load.vendors FIXTURES VENDORS_PORT SIGNALEN_PORT CONTROL_PORT

The control port answers every request with `ControlStatus` as JSON. PUT /answering, /refusing or /hanging changes the
mode of the vendors.
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
from wfs_proxy.demo.demo_signalen import DemoSignalen
from wfs_proxy.recordings.replay import Replay, read_recordings
from wfs_proxy.run.server import LOOPBACK, serve_together

__all__ = ["ControlStatus", "Mode", "SwitchableApp"]

Mode = Literal["answering", "refusing", "hanging"]

_POLL = "5s"
"""The proxy's interval for reports: short, so that marks change even during a short run."""


@dataclass(frozen=True, kw_only=True)
class ControlStatus:
    """The answer of the control port."""

    vendors: int
    """Requests to vendors since the start."""

    rejected: int
    """Of these, refused or not answered."""

    signalen: int
    """Requests to Signalen since the start."""

    environment: dict[str, str]
    """The variables of the shipped layer files."""


class SwitchableApp:
    """An app that counts requests and can be switched to refuse them or not to answer.

    It refuses with 503. Requests that wait for an answer are refused when the mode changes, because a server that comes
    back does not know them.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._mode: Mode = "answering"
        self._changed = asyncio.Event()
        self.requests = 0
        self.rejected = 0

    def set_mode(self, mode: Mode) -> None:
        """Change the mode."""
        self._mode = mode
        self._changed.set()
        self._changed = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            self.requests += 1
            if self._mode != "answering":
                self.rejected += 1
                await self._reject(send)
                return
        await self._app(scope, receive, send)

    async def _reject(self, send: Send) -> None:
        if self._mode == "hanging":
            await self._changed.wait()
        await _send(send, 503, b"")


class _Control:
    def __init__(self, vendors: SwitchableApp, signalen: SwitchableApp, environment: dict[str, str]) -> None:
        self._vendors = vendors
        self._signalen = signalen
        self._environment = environment

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        mode = scope["path"].removeprefix("/")
        if scope["method"] == "PUT" and mode in get_args(Mode):
            self._vendors.set_mode(mode)
        status = ControlStatus(
            vendors=self._vendors.requests,
            rejected=self._vendors.rejected,
            signalen=self._signalen.requests,
            environment=self._environment,
        )
        await _send(send, 200, json.dumps(asdict(status)).encode())


async def _send(send: Send, status: int, body: bytes) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


def main(fixtures: Path, vendors: int, signalen: int, control: int) -> None:
    """Serve on these three ports until SIGTERM."""
    recordings = read_recordings(fixtures)
    demo = DemoSignalen(fixtures, time.time)
    environment = {
        **vendor_addresses(recordings, vendors),
        "SIGNALEN_URL": f"http://{LOOPBACK}:{signalen}",
        "SIGNALEN_TOKEN": demo.proxy_token,
        "SIGNALEN_POLL": _POLL,
    }
    apps = SwitchableApp(Replay(recordings)), SwitchableApp(demo)
    by_port: dict[int, ASGIApp] = {vendors: apps[0], signalen: apps[1], control: _Control(*apps, environment)}
    serve_together(by_port, lambda: None)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
