"""The services of the proxy around a catalogue, a vendor and a clock that a test controls."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import geojson
from clocks import Clock

from wfs_proxy.cache.entry import FetchedSnapshot
from wfs_proxy.cache.entry_cache import EntryCache
from wfs_proxy.cache.layer_cache import COLD_WAIT, FetchSnapshot, LayerCache
from wfs_proxy.cache.plausibility import reason_to_quarantine
from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.config.layer import Layer
from wfs_proxy.config.signalen_file import SignalenInstance
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.marks.reported_objects import AssetReference, ReportedObjects, Signal
from wfs_proxy.reports.poll_status import PollStatus
from wfs_proxy.serve.feature_service import FeatureService
from wfs_proxy.serve.live_catalogue import LiveCatalogue
from wfs_proxy.serve.mark_updater import MarkUpdater
from wfs_proxy.serve.query import FeatureQuery
from wfs_proxy.serve.representation import Preconditions, Representation
from wfs_proxy.serve.runtime import Runtime
from wfs_proxy.serve.status_service import StatusService
from wfs_proxy.snapshot.names import hash_of_name

EVERYTHING = FeatureQuery()
NOTHING_KNOWN = Preconditions()

INSTANCE = SignalenInstance(url="http://127.0.0.1:9", poll="30s", marks_stale_for="1h")
REPORTS = {"signalen": "default", "categories": ["lamp"]}
"""The block of a layer whose reports are in the instance "default"."""


class ControlledVendor:
    """Fetches the data that a test chooses, once the test allows it, and counts the fetches."""

    def __init__(self, *answers: FetchedSnapshot | Exception) -> None:
        """Return these answers one after the other, and then always the last one."""
        self.answers = list(answers)
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, _: Layer, *_where: object) -> FetchedSnapshot:
        self.asked += 1
        await self.gate.wait()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class NoPolls:
    """Pollers that never poll; a test delivers reports by `MarkUpdater.use_reported`."""

    def __init__(self) -> None:
        self.used: list[Catalogue] = []
        self.state: PollStatus | None = None

    def use(self, catalogue: Catalogue) -> None:
        self.used.append(catalogue)

    def status(self, _: str) -> PollStatus | None:
        return self.state

    def statuses(self) -> tuple[PollStatus, ...]:
        return ()

    async def close(self) -> None:
        """Nothing to stop."""


class NoProcess:
    """Replaces the fetch process: the vendor of a test is called in this process."""

    def start(self) -> None:
        """Nothing to start."""

    async def close(self) -> None:
        """Nothing to end."""


@dataclass(kw_only=True)
class Services:
    """All services, connected as in `app.py`."""

    catalogue: LiveCatalogue
    entries: EntryCache
    cache: LayerCache
    marks: MarkUpdater
    polls: NoPolls
    features: FeatureService
    status: StatusService
    runtime: Runtime
    files: Catalogue | ConfigurationError
    """The layer files that a reload reads."""

    def reload(self, files: Catalogue | ConfigurationError) -> None:
        """Replace the content of the layer files, and reload them."""
        self.files = files
        self.runtime.reload()

    async def close(self) -> None:
        """Stop the work in progress."""
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


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    """Run a scenario on an event loop of its own."""
    asyncio.run(scenario())


async def ask(
    services: Services,
    query: FeatureQuery = EVERYTHING,
    known: Preconditions = NOTHING_KNOWN,
    *,
    layer: str = "masten",
) -> Representation:
    """Request features as a map does."""
    return await services.features.features(layer, query, known)


def ids_in(representation: Representation) -> list[str]:
    """Return the ids in an answer, which must be valid GeoJSON, without the layer's name."""
    collection = geojson.loads(representation.body)
    assert collection.is_valid, collection.errors()
    assert collection["numberReturned"] == len(collection["features"]) == representation.returned
    return [feature["id"].partition(".")[2] for feature in collection["features"]]


def marked_in(representation: Representation) -> list[str]:
    """Return the ids of the objects in an answer that are marked as reported."""
    features = geojson.loads(representation.body)["features"]
    return [feature["id"].partition(".")[2] for feature in features if feature["properties"]["IS_GEMELD"] == "1"]


def reported(clock: Clock, *ids: str) -> ReportedObjects:
    """Return the result of a poll in which open signals about a "lamp" name these objects."""
    now = dt.datetime.fromtimestamp(clock(), dt.UTC)
    signals = {
        number: Signal(
            id=number,
            state="m",
            category="lamp",
            created_at=now,
            updated_at=now,
            place=None,
            assets=(AssetReference(id_hash=hash_of_name(name), place=None, question_key="lamp"),),
        )
        for number, name in enumerate(ids)
    }
    return ReportedObjects(signals=signals, as_of=clock(), version=" ".join(ids))
