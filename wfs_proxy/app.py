"""The composition root: settings -> catalogue, clients, store, service -> one ASGI app.

The app's lifespan owns what must be closed. At its start all layers are fetched in the background and every Signalen
that one of them names is polled; SIGHUP reads the layer files again.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path

from wfs_proxy.asgi import ASGIApp
from wfs_proxy.cache import CacheBackend, DiskBackend, EntryCache, NullBackend, reason_to_quarantine
from wfs_proxy.cache.redis import RedisConnection, TieredBackend
from wfs_proxy.config import load_catalogue
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.fetch import FetchProcess
from wfs_proxy.http import HttpClients
from wfs_proxy.reports import Box, CataloguePoller
from wfs_proxy.serve import LayerService
from wfs_proxy.settings import Settings
from wfs_proxy.web import Lifespan, create_web

__all__ = ["create_app"]

LOG = logging.getLogger(__name__)


def create_app(settings: Settings, *, metrics_folder: Path | None = None) -> ASGIApp:
    """The whole proxy for these settings.

    Args:
        settings: what the environment says.
        metrics_folder: where the workers of one port leave what they count; None: there is only this one.

    Raises:
        ConfigurationError: the layer files are faulty; with all faults. Or Redis has no such address.
    """
    http = HttpClients()
    redis = RedisConnection(settings.redis_url) if settings.redis_url is not None else None
    disk = _disk(settings)
    filling = FetchProcess(log_format=settings.log_format, log_level=settings.log_level)
    service = LayerService(
        load_catalogue(settings.layers, settings.environment),
        filling,
        EntryCache(
            clock=time.time, judge=reason_to_quarantine, shelf=_shelf(disk, redis), memory=settings.cells_in_memory
        ),
        clock=time.time,
        public_url=settings.public_url,
    )
    pollers = CataloguePoller(
        http, service.use_reported, boxes=partial(_box, service), directory=settings.cache_dir, redis=redis
    )
    service.poll_status = pollers.status
    return create_web(
        service,
        lifespan=_lifespan(service, pollers, filling, settings, http=http, redis=redis, disk=disk),
        cors_origins=settings.cors_origins,
        access_log=settings.access_log,
        public_url=settings.public_url,
        polls=pollers.statuses,
        metrics_folder=metrics_folder,
    )


def _disk(settings: Settings) -> DiskBackend | None:
    if settings.cache_dir is None:
        return None
    return DiskBackend(settings.cache_dir / "layers", offload=asyncio.to_thread)


def _shelf(disk: DiskBackend | None, redis: RedisConnection | None) -> CacheBackend:
    """The disk where there is a folder for it, and Redis behind it where there is one."""
    local: CacheBackend = NullBackend() if disk is None else disk
    return local if redis is None else TieredBackend(redis, local, offload=asyncio.to_thread)


def _lifespan(  # noqa: PLR0913 - what is begun and ended, by name
    service: LayerService,
    pollers: CataloguePoller,
    filling: FetchProcess,
    settings: Settings,
    *,
    http: HttpClients,
    redis: RedisConnection | None,
    disk: DiskBackend | None,
) -> Lifespan:
    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        async with http, redis or nullcontext():
            with _on_hangup(partial(reload_catalogue, service, pollers, settings)):
                filling.start()
                service.warm()
                pollers.use(service.catalogue)
                keeping = [asyncio.create_task(work) for work in _housekeeping(service, disk, settings)]
                try:
                    yield
                finally:
                    for task in keeping:
                        task.cancel()
                    await pollers.close()
                    await service.close()
                    await filling.close()

    return lifespan


def _housekeeping(
    service: LayerService, disk: DiskBackend | None, settings: Settings
) -> Iterator[Coroutine[None, None, None]]:
    """What goes on for as long as the app runs."""
    yield service.run()
    if disk is not None:
        yield disk.keep_tidy(service.places, settings.cells_on_disk)


def reload_catalogue(service: LayerService, pollers: CataloguePoller, settings: Settings) -> None:
    """Read the layer files again; a faulty set changes nothing but `catalogue_fault`."""
    try:
        catalogue = load_catalogue(settings.layers, settings.environment)
    except ConfigurationError as error:
        LOG.warning("The layer files are faulty, so the layers stay as they were: %s", error)
        service.keep_catalogue(str(error))
    else:
        service.use_catalogue(catalogue)
        pollers.use(catalogue)
        LOG.info("The layer files were read again: %d layers", len(catalogue))


def _box(service: LayerService, instance: str) -> Box | None:
    """Where the objects are whose reports are in an instance of Signalen; None while that is not known of all."""
    slots = service.slots()
    boxes = []
    for layer in service.catalogue.values():
        if layer.reports is None or layer.reports.signalen != instance:
            continue
        entry = slots[layer.id][0].entry if layer.fetch.mode == "snapshot" else None
        box = entry.snapshot.bbox if entry is not None else layer.source.extent
        if box is None:
            return None
        boxes.append(box)
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


@contextmanager
def _on_hangup(action: Callable[[], None]) -> Iterator[None]:
    """Run an action at SIGHUP, where signals can be had: in the main thread of a system that has this one."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGHUP"):
        yield
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, action)
    try:
        yield
    finally:
        with suppress(ValueError):
            loop.remove_signal_handler(signal.SIGHUP)
