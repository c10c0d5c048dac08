"""Inspections of vendors that a test controls."""

from __future__ import annotations

import asyncio
from typing import Any

from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.inspect.inspector import Inspector
from wfs_proxy.inspect.report import Diagnosis, InspectionStep, ServiceReport, TypeReport


async def no_sleep(_: float) -> None:
    """Wait for nothing between two attempts."""


def http_clients() -> HttpClients:
    """Return clients that repeat failed requests without a pause."""
    return HttpClients(HttpPolicy(sleep=no_sleep, proxy_for=lambda _: None))


def inspected(
    address: str, type_name: str = "", **options: Any
) -> tuple[ServiceReport, TypeReport, list[InspectionStep]]:
    """Return the report of a service, of one of its types (by default the first), and the progress."""
    steps: list[InspectionStep] = []

    async def inspect() -> tuple[ServiceReport, TypeReport, list[InspectionStep]]:
        async with http_clients() as http:
            inspector = Inspector(address, http, asyncio.to_thread, progress=steps.append, **options)
            service = await inspector.service()
            assert isinstance(service, ServiceReport), service
            report = await inspector.feature_type(service, type_name or service.types[0].name)
            return service, report, steps

    return asyncio.run(inspect())


def diagnosed(address: str, **options: Any) -> Diagnosis:
    """Return why an address is not a usable service."""

    async def inspect() -> ServiceReport | Diagnosis:
        async with http_clients() as http:
            return await Inspector(address, http, asyncio.to_thread, **options).service()

    found = asyncio.run(inspect())
    assert isinstance(found, Diagnosis), found
    return found
