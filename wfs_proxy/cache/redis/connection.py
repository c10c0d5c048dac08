"""The one door to Redis or Valkey: short timeouts, faults in our own words, and rest after each.

Whoever asks Redis does it inside `asked`. After a fault Redis is left alone for a while, and everything goes on without
it at once: `asked` raises before anything is sent. The log tells when that begins and when it ends. No text of Redis or
of its client leaves this module, for either may hold a name or an address.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import redis
import redis.asyncio
from redis import exceptions
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from wfs_proxy.cache import metadata as record
from wfs_proxy.errors import ConfigurationError, StorageError
from wfs_proxy.snapshot import file_format as parts

__all__ = ["PAUSE", "RedisConnection", "redis_key"]

LOG = logging.getLogger(__name__)

FORMAT = 1
"""Goes up when a key or a value in Redis changes its meaning."""

_NAMESPACE = f"wfs-proxy:{FORMAT}.{record.FORMAT}.{parts.FORMAT}"
"""What every key begins with, so that what another version keeps is as good as none."""

CONNECT_TIMEOUT = 1.0
"""Seconds. Redis is near, or of no use."""

COMMAND_TIMEOUT = 2.0
"""Seconds."""

TRANSFER_TIMEOUT = 15.0
"""Seconds for a piece of a snapshot: a few MiB over a slow line."""

PAUSE = 5.0
"""Seconds without another attempt after a fault."""

_REASONS: dict[type[Exception], str] = {
    exceptions.AuthenticationError: "refuses the login of WFS_PROXY_REDIS_URL",
    exceptions.AuthorizationError: "refuses the login of WFS_PROXY_REDIS_URL",
    exceptions.NoPermissionError: "does not let the user of WFS_PROXY_REDIS_URL do what is needed",
    exceptions.BusyLoadingError: "is still loading its data",
    exceptions.OutOfMemoryError: "is full",
    exceptions.ReadOnlyError: "is a replica that cannot be written to",
    exceptions.ResponseError: "refuses a command",
    exceptions.TimeoutError: "does not answer in time",
    TimeoutError: "does not answer in time",
    ssl.SSLError: "cannot be trusted: its certificate is not the one expected, or it does not speak TLS",
    exceptions.ConnectionError: "cannot be reached",
    OSError: "cannot be reached",
    exceptions.RedisError: "does not work as expected",
    RuntimeError: "cannot be reached",  # uvloop, of a connection that was closed behind the client's back
}
"""Exception class -> what to tell; the most particular class of an exception's own line of descent decides."""


def redis_key(*names: str) -> str:
    """The key of something in Redis."""
    return ":".join((_NAMESPACE, *names))


class RedisConnection:
    """One Redis, for an event loop (`commands`, `transfers`) and for threads (`blocking`).

    Nothing is connected before it is needed; `async with` closes all connections at its end.
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Prepare.

        Args:
            url: redis://, rediss:// or unix://, with what redis-py's `from_url` understands behind it.
            clock: seconds, for the pause after a fault.

        Raises:
            ConfigurationError: that is no such address.
        """
        try:
            self.commands = _client(url, COMMAND_TIMEOUT)
            self.transfers = _client(url, TRANSFER_TIMEOUT)
            self.blocking = redis.Redis.from_url(
                url,
                socket_connect_timeout=CONNECT_TIMEOUT,
                socket_timeout=COMMAND_TIMEOUT,
                retry=Retry(NoBackoff(), 0),
                protocol=2,
            )
            pool = self.blocking.connection_pool
            pool.connection_class(**pool.connection_kwargs)
        except (ValueError, TypeError, exceptions.RedisError) as error:
            # the client's own text would show the address with its password
            raise ConfigurationError("WFS_PROXY_REDIS_URL: Redis has no such address or option") from error
        self._clock = clock
        self._not_before = 0.0
        self.fault: str | None = None
        """Why Redis could not be used the last time; None when it could."""

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Around every exchange with Redis.

        Raises:
            StorageError: Redis cannot be used now.
        """
        if self.fault is not None and self._clock() < self._not_before:
            raise StorageError(self.fault)
        cancelled = _cancellations()
        try:
            yield
        except (exceptions.RedisError, OSError, RuntimeError) as error:
            fault = f"Redis {_reason(error)}"
            self._gone(fault)
            raise StorageError(fault) from error
        else:
            self._back()
        finally:
            # the client swallows a cancellation that comes while it connects, and would go on for ever
            if _cancellations() > cancelled:
                raise asyncio.CancelledError

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.commands.aclose()
        await self.transfers.aclose()
        self.blocking.close()

    def _gone(self, fault: str) -> None:
        if self.fault is None:
            LOG.warning("%s: every machine goes on by itself until it is back", fault)
        self.fault = fault
        self._not_before = self._clock() + PAUSE

    def _back(self) -> None:
        if self.fault is not None:
            LOG.info("Redis is back")
        self.fault = None


def _client(url: str, timeout: float) -> redis.asyncio.Redis:
    """Without attempts of its own: a second SET of a lock would find the first one's and take it for another's."""
    return redis.asyncio.Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_TIMEOUT,
        socket_timeout=timeout,
        retry=AsyncRetry(NoBackoff(), 0),
        protocol=2,
    )


def _cancellations() -> int:
    """How often the task that runs was told to end; 0 in a thread without tasks."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return 0
    return 0 if task is None else task.cancelling()


def _reason(error: Exception) -> str:
    cause = error.__cause__ or error.__context__
    kind = type(cause) if isinstance(cause, ssl.SSLError) else type(error)
    return next(_REASONS[base] for base in kind.__mro__ if base in _REASONS)
