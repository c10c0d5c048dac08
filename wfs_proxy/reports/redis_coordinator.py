"""One poller among all machines: a lock in Redis elects it, and Redis tells the others what it found.

    reports:<name>    a hash: the published form, compressed; its version; the moment of the poll

On each machine the process that its own lock elects stands for the machine: it asks for the lock in Redis, and where
another machine polls it keeps a copy in the machine's file. While Redis is away everything is as on one machine.
"""

from __future__ import annotations

import zlib
from contextlib import suppress
from dataclasses import replace

from isal import isal_zlib

from wfs_proxy.cache.redis import BlockingLock, RedisConnection, redis_key
from wfs_proxy.errors import StorageError
from wfs_proxy.marks import ReportedObjects
from wfs_proxy.reports.file_coordinator import FileCoordinator
from wfs_proxy.reports.report_codec import FORMAT, decode_reports, encode_reports

__all__ = ["RedisCoordinator"]

GRACE = 30.0
"""Seconds that a poll may be late before another machine takes over."""

KEPT_FOR = 86_400
"""Seconds that Redis keeps what nobody publishes again."""


class RedisCoordinator:
    """What one poller publishes for all machines; with the methods of `FileCoordinator`, which it asks first."""

    def __init__(self, link: RedisConnection, local: FileCoordinator, name: str, *, period: float) -> None:
        """Prepare.

        Args:
            link: to the Redis.
            local: what the processes of this machine share.
            name: as for `local`; the configuration is part of it.
            period: seconds between two polls.
        """
        self._link = link
        self._local = local
        shared_name = f"{name}.v{FORMAT}"
        self._key = redis_key("reports", shared_name)
        self._lock = BlockingLock(link, shared_name, period + GRACE)
        self._for_machine = False
        self._known: ReportedObjects | None = None
        self._seen: tuple[object, object] | None = None

    def try_to_lead(self) -> bool:
        """Whether this process polls now, which is to be asked before every poll.

        Raises:
            OSError: the machine's directory cannot be used.
        """
        self._for_machine = self._local.try_to_lead()
        if not self._for_machine:
            return False
        try:
            return self._lock.take()
        except StorageError:
            return True

    def publish(self, reported: ReportedObjects) -> None:
        """Let the others see it.

        Raises:
            OSError: it cannot be written to the machine's directory.
        """
        with suppress(StorageError), self._link.asked():
            known = self._link.blocking.hget(self._key, "version") == reported.version.encode()
            with self._link.blocking.pipeline() as together:
                if not known:
                    together.hset(self._key, "body", isal_zlib.compress(encode_reports(reported), 1))
                    together.hset(self._key, "version", reported.version)
                together.hset(self._key, "as_of", repr(reported.as_of))
                together.expire(self._key, KEPT_FOR)
                together.execute()
        self._local.publish(reported)

    def read_new(self) -> ReportedObjects | None:
        """What was published since the last call; None when nothing was, or nothing readable.

        Raises:
            OSError: Redis has nothing to tell, and the machine's file is there and cannot be read.
        """
        try:
            told, news = self._told()
        except StorageError:
            told, news = False, None
        if not told:
            return self._local.read_new()
        if news is not None and self._for_machine:
            with suppress(OSError):
                self._local.publish(news)
        return news

    def close(self) -> None:
        """Leave polling to another process."""
        if self._for_machine:
            self._lock.free()
        self._local.close()

    def _told(self) -> tuple[bool, ReportedObjects | None]:
        """Whether Redis knows anything, and what of it is new.

        Raises:
            StorageError: Redis cannot be used now.
        """
        with self._link.asked():
            version, as_of = self._link.blocking.hmget(self._key, "version", "as_of")
            if version is None or as_of is None:
                return False, None
            if self._seen == (version, as_of):
                return True, None
            if self._known is None or self._known.version.encode() != version:
                self._known = _read(self._link.blocking.hget(self._key, "body"))
        self._seen = (version, as_of)
        if self._known is not None:
            self._known = replace(self._known, as_of=float(as_of))
        return self._known is not None, self._known


def _read(body: object) -> ReportedObjects | None:
    """What `publish` wrote; None for anything else."""
    try:
        return decode_reports(zlib.decompress(body)) if isinstance(body, bytes) else None
    except zlib.error:
        return None
