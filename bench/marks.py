"""The cost of marking a layer of a million objects, and the marks' part of an answer.

Signals and objects are invented. Nine in ten signals name their object by its number, one in ten gives only a location.
Matching all signals is compared with decoding a tenth of the objects. An answer is measured in the app alone, without
sockets and HTTP, so the marks' part of it is larger than their part of a whole request. All times are processor time,
because nothing here waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from bench import objects, vendor
from bench.report import Row
from wfs_proxy.asgi import ASGIApp
from wfs_proxy.cache.entry import FetchedSnapshot
from wfs_proxy.cache.entry_cache import EntryCache
from wfs_proxy.cache.layer_cache import LayerCache
from wfs_proxy.cache.metadata import FetchSummary
from wfs_proxy.cache.plausibility import reason_to_quarantine
from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.config.layer import Layer
from wfs_proxy.decode.dispatch import decode
from wfs_proxy.features import Payload, PointBatch
from wfs_proxy.http.client import HttpClients
from wfs_proxy.marks.layer_target import LayerTarget, StateRules
from wfs_proxy.marks.mark_suffixes import unmarked_suffix
from wfs_proxy.marks.marks import LayerMarks, compute_marks
from wfs_proxy.marks.match_state import MatchState
from wfs_proxy.marks.reported_objects import AssetReference, ReportedObjects, Signal
from wfs_proxy.reports.catalogue_poller import CataloguePoller
from wfs_proxy.serve.feature_service import FeatureService
from wfs_proxy.serve.live_catalogue import LiveCatalogue
from wfs_proxy.serve.mark_updater import MarkUpdater
from wfs_proxy.serve.status_service import StatusService
from wfs_proxy.snapshot.names import hash_of_name
from wfs_proxy.snapshot.snapshot import Snapshot
from wfs_proxy.web.create_web import create_web

T = TypeVar("T")

OBJECTS = 1_000_000
REPORTS = 100_000
CHANGES = 100
ROUNDS = 5
REQUESTS = 1000

_NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
_BY_PLACE = 10
"""One signal in so many gives only a location."""


def rows(console: Console) -> Iterator[Row]:
    """Measure full matches, changes, memory and answers.

    Raises:
        MissingProgram: MapServer is not installed.
    """
    decoding = _seconds_to_decode(OBJECTS // 10)
    console.print(f"marks: {REPORTS:,} reports and {OBJECTS:,} objects")
    batch = objects.invented(OBJECTS)
    snapshot = Snapshot.build(batch, "masten", unmarked_suffix(_layer().reports, only_marks=False))
    target = LayerTarget(
        layer=_layer(), snapshot=snapshot, states=StateRules(open=frozenset({"m"}), words={"m": "gemeld"})
    )
    signals = {number: _signal(batch, number) for number in range(REPORTS)}
    yield _full_match(target, signals, decoding)
    yield _increment(target, signals, batch)
    yield _memory(target, batch)
    yield asyncio.run(_answer(snapshot, signals))


def _full_match(target: LayerTarget, signals: Mapping[int, Signal], decoding: float) -> Row:
    seconds = statistics.median(_timed(lambda: _marked(target, signals))[0] for _ in range(ROUNDS))
    what = f"{REPORTS:,} open reports matched with {OBJECTS:,} objects; against decoding a tenth of the objects"
    return Row(
        id="marks-full", what=what, value=seconds, unit="s", reference=decoding, ratio=seconds / decoding, goal="<= 1"
    )


def _increment(target: LayerTarget, signals: Mapping[int, Signal], batch: PointBatch) -> Row:
    state, marks = _marked(target, signals)
    changed = frozenset(range(CHANGES))
    # in odd rounds half of them are gone and half are about other objects; in even rounds all are as before
    other = {number: signal for number, signal in signals.items() if number not in changed}
    other.update((number, _signal(batch, number, step=41)) for number in range(CHANGES // 2))
    times = []
    for number in range(1, 4 * ROUNDS + 1):
        reported = _reported(other if number % 2 else signals, str(number), since=str(number - 1), changed=changed)
        seconds, marks = _timed(partial(_updated, state, reported, marks))
        times.append(seconds)
    value = statistics.median(times) * 1000
    return Row(
        id="marks-increment",
        what=f"{CHANGES} changed reports of {REPORTS:,}, up to the bytes of the answers",
        value=value,
        unit="ms",
        ratio=value,
        goal="<= 10",
    )


def _memory(target: LayerTarget, batch: PointBatch) -> Row:
    tracemalloc.start()
    try:
        signals = {number: _signal(batch, number) for number in range(REPORTS)}
        kept = _marked(target, signals)
        size = tracemalloc.get_traced_memory()[0] - kept[1].full.codes.nbytes - kept[1].vendor.codes.nbytes
    finally:
        tracemalloc.stop()
    return Row(id="marks-memory", what="memory per open report", value=size / REPORTS, unit="B")


async def _answer(snapshot: Snapshot, signals: Mapping[int, Signal]) -> Row:
    marked, plain = [], []
    async with _serving(snapshot, signals, _layer()) as with_marks, _serving(snapshot, signals, None) as without:
        # each of the two gets a box only once, so that no answer comes from the response cache
        for screens in _screens():
            plain.append(await _seconds_per_answer(without, screens))
            marked.append(await _seconds_per_answer(with_marks, screens))
    costs = [(one - other) / one for one, other in zip(marked, plain, strict=True)]
    cost = statistics.median(costs)
    return Row(
        id="marks-answer",
        what="an answer with about 100 features and marks; against without marks; ratio: the marks' part of the time",
        value=statistics.median(marked) * 1e6,
        unit="us",
        reference=statistics.median(plain) * 1e6,
        ratio=cost,
        goal="<= 0.05",
    )


def _seconds_to_decode(count: int) -> float:
    """Return the time to decode a quarter of them, times four: decoding time is linear in the number of objects."""
    with tempfile.TemporaryDirectory() as folder:
        data, document = Path(folder, "put.gpkg"), Path(folder, "put.gml")
        vendor.write_drains(max(count // 4, 1), data)
        with vendor.running(data) as address:
            vendor.ask(address, "GetFeature", document)
        payload = Payload(body=document.read_bytes(), wfs_version="2.0.0")
    return 4 * statistics.median(_timed(lambda: decode(payload))[0] for _ in range(ROUNDS))


def _layer(*, marks: bool = True) -> Layer:
    reports = {"signalen": "default", "categories": ["lamp"], "match": {"fields": ["nummer"]}}
    return Layer.model_validate(
        {
            "id": "masten",
            "title": "Invented lamps",
            "source": {"type": "wfs", "url": "http://127.0.0.1/wfs", "type_names": ["mast"]},
            "reports": reports if marks else None,
        }
    )


def _signal(batch: PointBatch, number: int, step: int = 37) -> Signal:
    row = number * step % OBJECTS
    longitude, latitude = batch.lonlat[row].tolist()
    id_hash = None if number % _BY_PLACE == 0 else hash_of_name(str(batch.columns["nummer"][row]))
    asset = AssetReference(id_hash=id_hash, place=(longitude, latitude), question_key="extra_straatverlichting_nummer")
    return Signal(
        id=number,
        state="m",
        category="lamp",
        created_at=_NOW - dt.timedelta(minutes=number),
        updated_at=_NOW - dt.timedelta(minutes=number),
        place=(longitude, latitude),
        assets=(asset,),
    )


def _reported(signals: Mapping[int, Signal], version: str, **changes: object) -> ReportedObjects:
    return ReportedObjects(signals=signals, as_of=_NOW.timestamp(), version=version, **changes)


def _marked(target: LayerTarget, signals: Mapping[int, Signal]) -> tuple[MatchState, LayerMarks]:
    state = MatchState([target])
    return state, _updated(state, _reported(signals, "0"), None)


def _updated(state: MatchState, reported: ReportedObjects, before: LayerMarks | None) -> LayerMarks:
    state.update(reported)
    return compute_marks(state, 0, _NOW.timestamp(), before)


def _screens() -> list[list[bytes]]:
    """Return the query strings of each round: different boxes with about a hundred objects each."""
    boxes = objects.screens(4 * ROUNDS * REQUESTS, OBJECTS)
    queries = [f"bbox={west!r},{south!r},{east!r},{north!r}".encode() for west, south, east, north in boxes]
    return [queries[start : start + REQUESTS] for start in range(0, len(queries), REQUESTS)]


@contextlib.asynccontextmanager
async def _serving(snapshot: Snapshot, signals: Mapping[int, Signal], layer: Layer | None) -> AsyncIterator[ASGIApp]:
    async def fetch(_: Layer, *_where: object) -> FetchedSnapshot:
        return FetchedSnapshot(snapshot=snapshot, summary=FetchSummary(count=len(snapshot)))

    clock = _NOW.timestamp
    catalogue = LiveCatalogue(Catalogue([layer or _layer(marks=False)]))
    entries = EntryCache(clock=clock, policy=reason_to_quarantine)
    marks = MarkUpdater(catalogue.current, entries, clock=clock, offload=asyncio.to_thread)
    cache = LayerCache(catalogue.current, fetch, entries, marks, clock=clock)
    polls = CataloguePoller(HttpClients(), marks.use_reported)
    app = create_web(
        FeatureService(catalogue, cache, marks, clock=clock),
        StatusService(catalogue, cache, entries, marks, polls, clock=clock),
        catalogue,
        running=contextlib.nullcontext,
        access_log=False,
    )
    await _seconds_per_answer(app, [b"bbox=0,0,1,1"])
    await marks.use_reported("default", _reported(signals, "0"))
    yield app
    await cache.close()
    await marks.close()


async def _seconds_per_answer(app: ASGIApp, queries: Sequence[bytes]) -> float:
    async def receive() -> dict[str, object]:
        return {"type": "http.request"}

    async def send(message: Mapping[str, object]) -> None:
        if message.get("status", 200) != 200:  # noqa: PLR2004 - HTTP's OK
            raise AssertionError(message)

    scope = {"type": "http", "method": "GET", "path": "/layers/masten/features", "headers": []}
    start = time.process_time()
    for query in queries:
        await app({**scope, "query_string": query}, receive, send)
    return (time.process_time() - start) / len(queries)


def _timed(function: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    result = function()
    return time.process_time() - start, result
