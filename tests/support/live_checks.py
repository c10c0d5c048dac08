"""Comparisons of layer files with vendors and a Signalen that a test controls."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import vendor
from inspecting import http_clients

from wfs_proxy.cli.live.findings import LiveFinding
from wfs_proxy.cli.live.vendor_check import VendorCheck, check_vendor
from wfs_proxy.config.layer import Layer
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.sources.open_source import open_source

FIELDS = {"number": "string", "kind": "string"}
"""What the objects of a `ScriptedWfs` have."""


def lamps(url: str = "http://vendor.test/wfs", **changes: Any) -> Layer:
    """Return a layer of a `ScriptedWfs`. A mapping in `changes` replaces the keys of a block, others replace it."""
    document: dict[str, Any] = {
        "id": "lampen",
        "title": "Lampen",
        "source": {"type": "wfs", "url": url, "type_names": ["app:lamp"]},
        "properties": {"id": "number", "fields": FIELDS},
    }
    for name, value in changes.items():
        known = document.get(name)
        document[name] = {**known, **value} if isinstance(known, dict) and isinstance(value, dict) else value
    return Layer(**document)


def compared(scenario: vendor.Scenario, **changes: Any) -> tuple[VendorCheck, list[vendor.Seen]]:
    """Return what a vendor shows about `lamps`, and the requests."""
    with vendor.serving(scenario) as server:
        return run_check(lamps(server.url, **changes)), server.seen


def run_check(layer: Layer, http: Callable[[], HttpClients] = http_clients) -> VendorCheck:
    """Return what the vendor of a layer shows."""

    async def check() -> VendorCheck:
        async with http() as clients:
            return await check_vendor(layer, clients, asyncio.to_thread)

    return asyncio.run(check())


def run_fetch(layer: Layer) -> None:
    """Fetch a layer as `serve` does."""

    async def fetch() -> None:
        async with http_clients() as clients:
            await open_source(layer, clients, asyncio.to_thread).fetch()

    asyncio.run(fetch())


def clients_of(app: Any) -> HttpClients:
    """Return clients whose requests all go to an ASGI application in this process."""

    async def no_sleep(_: float) -> None:
        return None

    policy = HttpPolicy(sleep=no_sleep, proxy_for=lambda _: None)
    return HttpClients(policy, transport_wrapper=lambda _: httpx.ASGITransport(app))


def codes(findings: Any) -> list[tuple[str, str]]:
    """Return severity and code of each finding."""
    return [(each.severity, each.code) for each in findings]


def only(findings: Any, code: str) -> LiveFinding:
    """Return the one finding with a code."""
    (found,) = [each for each in findings if each.code == code]
    return found


def shown(value: Any) -> str:
    """Return everything in a value as one text, to look for what must not be in it."""
    return json.dumps(value, default=repr, ensure_ascii=False)
