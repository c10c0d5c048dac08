"""The services of the proxy around a catalogue, a vendor and a clock that belong to a test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from wfs_proxy.cache.entry_cache import EntryCache
from wfs_proxy.cache.layer_cache import COLD_WAIT, FetchSnapshot, LayerCache
from wfs_proxy.cache.plausibility import reason_to_quarantine
from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.reports.poll_status import PollStatus
from wfs_proxy.serve.feature_service import FeatureService
from wfs_proxy.serve.live_catalogue import LiveCatalogue
from wfs_proxy.serve.mark_updater import MarkUpdater
from wfs_proxy.serve.runtime import Runtime
from wfs_proxy.serve.status_service import StatusService


class NoPolls:
    """Pollers that never ask; a test delivers reports by `MarkUpdater.use_reported`."""

    def __init__(self) -> None:
        self.used: list[Catalogue] = []

    def use(self, catalogue: Catalogue) -> None:
        self.used.append(catalogue)

    def status(self, _: str) -> PollStatus | None:
        return None

    def statuses(self) -> tuple[PollStatus, ...]:
        return ()

    async def close(self) -> None:
        """Nothing to stop."""


class NoProcess:
    """Instead of the process that fetches; the vendor of a test is called in this one."""

    def start(self) -> None:
        """Nothing to start."""

    async def close(self) -> None:
        """Nothing to end."""


@dataclass(kw_only=True)
class Services:
    """All of them, as `app.py` puts them together."""

    catalogue: LiveCatalogue
    entries: EntryCache
    cache: LayerCache
    marks: MarkUpdater
    polls: NoPolls
    features: FeatureService
    status: StatusService
    runtime: Runtime
    files: Catalogue | ConfigurationError
    """What a reload finds."""

    def reload(self, files: Catalogue | ConfigurationError) -> None:
        """Let the layer files say this, and reload them."""
        self.files = files
        self.runtime.reload()

    async def close(self) -> None:
        """Stop the work under way."""
        await self.cache.close()
        await self.marks.close()


def new_services(  # noqa: PLR0913 - what a test may decide
    catalogue: Catalogue,
    fetch: FetchSnapshot,
    entries: EntryCache | None = None,
    *,
    clock: Callable[[], float],
    offload: Callable[..., object] = asyncio.to_thread,
    public_url: str = "",
    cold_wait: float = COLD_WAIT,
) -> Services:
    """Put the services together; without `entries` they are held in memory only."""

    def load() -> Catalogue:
        if isinstance(services.files, ConfigurationError):
            raise services.files
        return services.files

    live = LiveCatalogue(catalogue)
    entries = entries or EntryCache(clock=clock, policy=reason_to_quarantine)
    marks = MarkUpdater(catalogue, entries, clock=clock, offload=offload)
    cache = LayerCache(catalogue, fetch, entries, marks, clock=clock, cold_wait=cold_wait)
    polls = NoPolls()
    services = Services(
        catalogue=live,
        entries=entries,
        cache=cache,
        marks=marks,
        polls=polls,
        features=FeatureService(live, cache, marks, clock=clock, offload=offload, public_url=public_url),
        status=StatusService(live, cache, entries, marks, polls, clock=clock, public_url=public_url),
        runtime=Runtime(live, load, cache=cache, marks=marks, poller=polls, fetch_process=NoProcess()),
        files=catalogue,
    )
    return services
