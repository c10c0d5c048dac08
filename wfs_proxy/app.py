"""Wires the program together: settings -> catalogue, clients, cache, services -> one ASGI app."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path

from wfs_proxy.asgi import ASGIApp
from wfs_proxy.cache import CacheBackend, DiskBackend, EntryCache, LayerCache, NullBackend, reason_to_quarantine
from wfs_proxy.cache.redis import RedisConnection, TieredBackend
from wfs_proxy.config import Catalogue, load_catalogue
from wfs_proxy.fetch import FetchProcess
from wfs_proxy.http import HttpClients
from wfs_proxy.reports import CataloguePoller
from wfs_proxy.serve import (
    FeatureService,
    LiveCatalogue,
    MarkUpdater,
    ProblemLog,
    Runtime,
    StatusService,
    log_catalogue,
    object_names,
    reports_area,
)
from wfs_proxy.settings import Settings
from wfs_proxy.web import create_web

__all__ = ["create_app"]


def create_app(settings: Settings, *, metrics_folder: Path | None = None) -> ASGIApp:
    """Return the whole proxy for these settings. Its lifespan starts and stops the background work.

    Without any layer it runs too, and is not ready until a reload finds one.

    Args:
        settings: from the environment.
        metrics_folder: where the workers of one port share their metrics; None: there is one process only. Of workers
            the supervisor logs what an administrator should know about the layer files at the start.

    Raises:
        ConfigurationError: the layer files have errors (all are named), or the URL of Redis is wrong.
    """
    catalogue = LiveCatalogue(load_catalogue(settings.layers, settings.environment, may_be_empty=True))
    if metrics_folder is None:
        log_catalogue(catalogue.current, settings.layers)
    http = HttpClients()
    redis = RedisConnection(settings.redis_url) if settings.redis_url is not None else None
    disk = _disk_backend(settings)
    fetch_process = FetchProcess(log_format=settings.log_format, log_level=settings.log_level)
    entries = EntryCache(
        clock=time.time, policy=reason_to_quarantine, backend=_backend(disk, redis), memory=settings.cells_in_memory
    )
    marks = MarkUpdater(catalogue.current, entries, clock=time.time, offload=asyncio.to_thread)
    cache = LayerCache(catalogue.current, fetch_process, entries, marks, clock=time.time)
    poller = CataloguePoller(
        http,
        marks.use_reported,
        boxes=partial(reports_area, catalogue, cache),
        names=partial(object_names, catalogue, cache),
        directory=settings.cache_dir,
        redis=redis,
    )
    status = StatusService(catalogue, cache, entries, marks, poller, clock=time.time, public_url=settings.public_url)
    runtime = Runtime(
        catalogue,
        partial(_reload, settings, catalogue),
        cache=cache,
        marks=marks,
        poller=poller,
        fetch_process=fetch_process,
        upkeep=[_problem_log(status, settings).run, *_upkeep(disk, cache, settings)],
        connections=[http] if redis is None else [http, redis],
    )
    return create_web(
        FeatureService(catalogue, cache, marks, clock=time.time, public_url=settings.public_url),
        status,
        catalogue,
        running=runtime.running,
        cors_origins=settings.cors_origins,
        access_log=settings.access_log,
        public_url=settings.public_url,
        map_tiles=settings.map_tiles,
        metrics_folder=metrics_folder,
        contact=settings.contact,
        spool_folder=None if settings.cache_dir is None else settings.cache_dir / "downloads",
    )


def _reload(settings: Settings, catalogue: LiveCatalogue) -> Catalogue:
    """Load the layer files again. A folder that had layers and has no files any more is an error: nothing changes."""
    loaded = load_catalogue(settings.layers, settings.environment, may_be_empty=not catalogue.current)
    log_catalogue(loaded, settings.layers)
    return loaded


def _disk_backend(settings: Settings) -> DiskBackend | None:
    if settings.cache_dir is None:
        return None
    return DiskBackend(settings.cache_dir / "layers", offload=asyncio.to_thread)


def _problem_log(status: StatusService, settings: Settings) -> ProblemLog:
    lock = None if settings.cache_dir is None else settings.cache_dir / "problems.lock"
    return ProblemLog(status.problems, lock=lock)


def _upkeep(
    disk: DiskBackend | None, cache: LayerCache, settings: Settings
) -> list[Callable[[], Coroutine[None, None, None]]]:
    return [] if disk is None else [partial(disk.keep_evicting, cache.folders, settings.cells_on_disk)]


def _backend(disk: DiskBackend | None, redis: RedisConnection | None) -> CacheBackend:
    """Return the disk where there is a folder for it, in front of Redis where there is one."""
    local: CacheBackend = NullBackend() if disk is None else disk
    return local if redis is None else TieredBackend(redis, local, offload=asyncio.to_thread)
