"""Starts, reloads and stops the background work: fetching, polling and looking after the cache."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager, suppress
from typing import Any, Protocol

from wfs_proxy.cache import LayerCache
from wfs_proxy.config import Catalogue
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.serve.live_catalogue import LiveCatalogue
from wfs_proxy.serve.mark_updater import MarkUpdater

__all__ = ["PollerControl", "ProcessControl", "Runtime"]

LOG = logging.getLogger(__name__)


class ProcessControl(Protocol):
    """The process that fetches."""

    def start(self) -> object:
        """Start it."""
        ...

    async def close(self) -> None:
        """End it."""
        ...


class PollerControl(Protocol):
    """The polls of each Signalen."""

    def use(self, catalogue: Catalogue) -> None:
        """Poll for the layers of this catalogue from now on."""
        ...

    async def close(self) -> None:
        """Stop polling."""
        ...


class Runtime:
    """Owns start, reload and stop. For use on one event loop."""

    def __init__(  # noqa: PLR0913 - what it starts and stops, by name
        self,
        catalogue: LiveCatalogue,
        load: Callable[[], Catalogue],
        *,
        cache: LayerCache,
        marks: MarkUpdater,
        poller: PollerControl,
        fetch_process: ProcessControl,
        upkeep: Sequence[Callable[[], Coroutine[Any, Any, None]]] = (),
        connections: Sequence[AbstractAsyncContextManager[object]] = (),
    ) -> None:
        """Start nothing yet.

        Args:
            catalogue: is replaced by a reload.
            load: reads the layer files. It may raise ConfigurationError.
            cache: is kept fresh.
            marks: marks the layers of the current catalogue.
            poller: polls for the layers of the current catalogue.
            fetch_process: fetches for the cache.
            upkeep: further work that continues until the end.
            connections: are opened before everything else and closed after it.
        """
        self._catalogue = catalogue
        self._load = load
        self._cache = cache
        self._marks = marks
        self._poller = poller
        self._fetch_process = fetch_process
        self._upkeep = upkeep
        self._connections = connections

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work in the background while the context lasts: fetch every layer and poll every Signalen that one names.

        SIGHUP reloads the layer files.
        """
        async with AsyncExitStack() as stack:
            for connection in self._connections:
                await stack.enter_async_context(connection)
            stack.enter_context(_on_hangup(self.reload))
            self._fetch_process.start()
            self._cache.warm()
            self._poller.use(self._catalogue.current)
            tasks = [asyncio.create_task(work()) for work in (self._cache.run, *self._upkeep)]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)
                await self._poller.close()
                await self._cache.close()
                await self._marks.close()
                await self._fetch_process.close()

    def reload(self) -> None:
        """Read the layer files again and serve them; files with errors change only `LiveCatalogue.reload_error`.

        Data of layers whose file changed are dropped at once.
        """
        try:
            catalogue = self._load()
        except ConfigurationError as error:
            LOG.warning("The layer files have errors, so the previous layers stay in use: %s", error)
            self._catalogue.reload_error = str(error)
            return
        self._catalogue.current = catalogue
        self._catalogue.reload_error = None
        self._marks.use_catalogue(catalogue)
        self._cache.use_catalogue(catalogue)
        self._poller.use(catalogue)
        LOG.info("Layer files reloaded: %d layers", len(catalogue))


@contextmanager
def _on_hangup(action: Callable[[], None]) -> Iterator[None]:
    """Run an action at SIGHUP, and restore what SIGHUP did before: `nohup` has it ignored.

    Without effect outside the main thread and on systems without that signal.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGHUP"):
        yield
        return
    loop = asyncio.get_running_loop()
    before = signal.getsignal(signal.SIGHUP) or signal.SIG_DFL
    loop.add_signal_handler(signal.SIGHUP, action)
    try:
        yield
    finally:
        with suppress(ValueError):
            loop.remove_signal_handler(signal.SIGHUP)
            signal.signal(signal.SIGHUP, before)
