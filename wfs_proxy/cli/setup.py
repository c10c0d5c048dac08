"""`wfs-proxy setup`: serve the guided page on loopback until the person is done or presses Ctrl-C."""

from __future__ import annotations

import secrets
import signal
import sys
import threading
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wfs_proxy.cli.own_command import own_command
from wfs_proxy.run import LOOPBACK, listening, serve_socket
from wfs_proxy.setup import SetupOptions, create_setup

__all__ = ["SetupFlags", "run_setup"]

_TOKEN_BYTES = 24
"""192 random bits: nobody guesses the address of the page."""


@dataclass(frozen=True, kw_only=True)
class SetupFlags:
    """What the command was given."""

    folder: Path
    address: str
    port: int
    """0: a free one."""

    public_url: str
    tiles: str | None
    browser: bool
    """Whether to open the page in a browser."""

    environment: Mapping[str, str] = field(repr=False)


def run_setup(flags: SetupFlags, show: Callable[[str], None]) -> None:
    """Serve the page; `show` gets its address once it answers.

    Raises:
        ConfigurationError: the port is in use.
    """
    with listening(LOOPBACK, flags.port) as bound:
        port = bound.getsockname()[1]
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        url = f"http://{LOOPBACK}:{port}/{token}/"
        options = SetupOptions(
            folder=flags.folder,
            token=token,
            port=port,
            environment=flags.environment,
            tiles=flags.tiles,
            public_url=flags.public_url,
            address=flags.address,
            command=own_command(sys.argv[0]),
        )

        def started() -> None:
            show(url)
            if flags.browser:
                # some browsers end only when their window is closed
                threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()

        serve_socket(create_setup(options, lambda: signal.raise_signal(signal.SIGTERM)), bound, started)
