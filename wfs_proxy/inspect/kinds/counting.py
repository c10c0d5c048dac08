"""The counts of a service's types, for services that are asked for each of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from wfs_proxy.errors import WfsProxyError
from wfs_proxy.inspect.diagnosis import missing_part
from wfs_proxy.inspect.kinds.kind import MOST_COUNTED, Inquiry
from wfs_proxy.inspect.report import Finding, ServiceReport

__all__ = ["with_counts"]


async def with_counts(
    inquiry: Inquiry, service: ServiceReport, count: Callable[[str], Awaitable[int | None]]
) -> ServiceReport:
    """Return a service with the counts of its first types, and of the one that was asked for.

    Args:
        inquiry: of the service.
        service: without counts.
        count: asks for the count of the type with a name.
    """
    inquiry.report("counts")
    names = sorted((each.name for each in service.types), key=lambda name: name != service.requested_type)
    names = names[:MOST_COUNTED]
    found = dict(zip(names, await asyncio.gather(*(_counted(count(name)) for name in names)), strict=True))
    types = tuple(replace(each, count=found.get(each.name)) for each in service.types)
    stopped = inquiry.clients.to(service.url).stopped
    if stopped is None or None not in found.values():
        return replace(service, types=types)
    missing = missing_part("counts", stopped)
    finding = Finding(code="missing_counts", severity="warning", details=missing.details)
    return replace(service, types=types, missing=(missing,), findings=(*service.findings, finding))


async def _counted(counting: Awaitable[int | None]) -> int | None:
    try:
        return await counting
    except WfsProxyError:
        return None
