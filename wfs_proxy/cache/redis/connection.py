"""The connections to Redis or Valkey, and what happens when it fails.

Every exchange with Redis is inside `RedisConnection.exchange`. After a failure a circuit breaker keeps all of them away
for a few seconds: they raise at once, and the callers continue without Redis. The log says when that starts and ends.
Error messages of Redis and of its client may contain user names and addresses, so they never leave this module.
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

from wfs_proxy.cache import metadata
from wfs_proxy.errors import ConfigurationError, StorageError
from wfs_proxy.http import CircuitBreaker
from wfs_proxy.snapshot import file_format

__all__ = ["PAUSE", "RedisConnection", "keys_of_all_versions", "redis_key"]

LOG = logging.getLogger(__name__)

FORMAT = 1
"""Increased when a key or a value in Redis changes its meaning."""

_PROGRAM = "wfs-proxy"
_NAMESPACE = f"{_PROGRAM}:{FORMAT}.{metadata.FORMAT}.{file_format.FORMAT}"
"""The start of every key, so that data in another format are not found."""

CONNECT_TIMEOUT = 1.0
"""Seconds. A Redis that is farther away is of no use."""

COMMAND_TIMEOUT = 2.0
"""Seconds."""

TRANSFER_TIMEOUT = 15.0
"""Seconds for a piece of a snapshot: a few MiB over a slow network."""

PAUSE = 5.0
"""Seconds without another attempt after a failure."""

_REASONS: dict[type[Exception], str] = {
    exceptions.AuthenticationError: "rejects the login in WFS_PROXY_REDIS_URL",
    exceptions.AuthorizationError: "rejects the login in WFS_PROXY_REDIS_URL",
    exceptions.NoPermissionError: "does not give the user in WFS_PROXY_REDIS_URL the permissions that the proxy needs",
    exceptions.BusyLoadingError: "is still loading its data",
    exceptions.OutOfMemoryError: "is full",
    exceptions.ReadOnlyError: "is a read-only replica",
    exceptions.ResponseError: "rejects a command",
    exceptions.TimeoutError: "does not answer in time",
    TimeoutError: "does not answer in time",
    ssl.SSLError: "cannot be trusted: its certificate is invalid, or it does not use TLS",
    exceptions.ConnectionError: "cannot be reached",
    OSError: "cannot be reached",
    exceptions.RedisError: "does not work as expected",
    RuntimeError: "cannot be reached",  # raised by uvloop when the connection was closed
}
"""Exception class -> what to say about Redis; the first class in the exception's method resolution order counts."""


def redis_key(*names: str) -> str:
    """Return the name of a key in Redis."""
    return ":".join((_NAMESPACE, *names))


def keys_of_all_versions(*names: str) -> str:
    """Return the pattern for the keys that begin with these names, whatever version of this program wrote them."""
    return ":".join((_PROGRAM, "*", *names, "*"))


class RedisConnection:
    """One Redis, for an event loop (`commands`, `transfers`) and for threads (`blocking`).

    Connections are opened when they are needed; `async with` closes them.
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Open no connection yet.

        Args:
            url: redis://, rediss:// or unix://, with the parameters of redis-py's `from_url`.
            clock: returns seconds, for the pause after a failure.

        Raises:
            ConfigurationError: the URL is invalid.
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
            # the client's own message may contain the URL with its password
            raise ConfigurationError(
                "WFS_PROXY_REDIS_URL: not a valid Redis URL, or it has an unknown option"
            ) from error
        self._breaker = CircuitBreaker(
            clock,
            is_failure=lambda error: isinstance(error, StorageError),
            open_error=lambda _, last: StorageError(last),
            opens_after=1,
            open_for=PAUSE,
        )
        self.error: str | None = None
        """Why the last exchange failed; None when it succeeded."""

    @contextmanager
    def exchange(self) -> Iterator[None]:
        """Surround every exchange with Redis.

        Raises:
            StorageError: Redis is unavailable, or was a moment ago.
        """
        cancelled = _cancellations()
        try:
            with self._breaker.guard(), _translated():
                yield
        except StorageError as error:
            self._note(str(error))
            raise
        else:
            self._note(None)
        finally:
            # the client swallows a cancellation while it connects, and the task would go on
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

    def _note(self, error: str | None) -> None:
        if error is not None and self.error is None:
            LOG.warning("%s: machines run independently until Redis is reachable", error)
        if error is None and self.error is not None:
            LOG.info("Redis is available again")
        self.error = error


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (exceptions.RedisError, OSError, RuntimeError) as error:
        raise StorageError(f"Redis {_reason(error)}") from error


def _client(url: str, timeout: float) -> redis.asyncio.Redis:
    """Return a client without retries, so that a command is executed at most once."""
    return redis.asyncio.Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_TIMEOUT,
        socket_timeout=timeout,
        retry=AsyncRetry(NoBackoff(), 0),
        protocol=2,
    )


def _cancellations() -> int:
    """Return how often the current task was cancelled; 0 in a thread without tasks."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return 0
    return 0 if task is None else task.cancelling()


def _reason(error: Exception) -> str:
    cause = error.__cause__ or error.__context__
    kind = type(cause) if isinstance(cause, ssl.SSLError) else type(error)
    return next(_REASONS[base] for base in kind.__mro__ if base in _REASONS)
