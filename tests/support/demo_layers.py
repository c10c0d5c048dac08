"""The proxy with the layers of the demo, as a process, whose vendors are replayed from their recordings.

Unlike the demo it has no Signalen, so the answers do not change while a test compares them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from urllib.parse import urlsplit

import needs
from running_proxy import served

from bench import servers
from fixtures.shipped import WHO
from wfs_proxy.demo import recorded
from wfs_proxy.demo.compose import vendor_addresses
from wfs_proxy.recordings.replay import Replay, read_recordings

LAYERS = ("luminizer-masten", "moon-lichtmasten", "rioned-leidingen", "rioned-putten", "techview-lichtmasten")
"""The large layers, which are downloaded in every format: together they have every kind of property and of geometry."""

EVERY_LAYER = sorted(WHO)
"""What clients of the interfaces list and read."""


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Run it; yields its address."""
    recordings = read_recordings(needs.ROOT / "fixtures")
    with served(Replay(recordings), lifespan="off") as vendors:
        port = urlsplit(vendors).port
        assert port is not None
        environment = {
            **vendor_addresses(recordings, port),
            "WFS_PROXY_CACHE_DIR": "none",
            "WFS_PROXY_ACCESS_LOG": "false",
        }
        with servers.proxy(recorded.LAYERS, environment=environment) as server:
            yield server.address
