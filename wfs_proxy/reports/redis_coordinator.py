"""Leader election and publication among several machines, by Redis.

    reports:<name>.v<format>    a hash: the published form, compressed; its version; the time of the poll; the leader's
                                progress and findings, compressed

On each machine the local leader (see `file_coordinator`) tries to get the lock in Redis. The one that gets it polls.
The others copy its reports to the file of their machine. While Redis is unavailable, the local leader of each machine
polls.
"""

from __future__ import annotations

import re
import zlib
from contextlib import suppress
from dataclasses import replace

from isal import isal_zlib

from wfs_proxy.cache.redis import BlockingLock, RedisConnection, keys_of_all_versions, redis_key
from wfs_proxy.errors import StorageError
from wfs_proxy.marks import ReportedObjects
from wfs_proxy.reports.file_coordinator import FileCoordinator, Kept
from wfs_proxy.reports.report_codec import FORMAT, decode_reports, encode_reports

__all__ = ["RedisCoordinator"]

GRACE = 30.0
"""Seconds by which a poll may be late before another machine takes over."""

KEPT_FOR = 86_400
"""Seconds after which Redis deletes reports that are not published again."""

_SCANNED_AT_ONCE = 1000
"""Keys that Redis looks at for one request."""

_VERSION = re.compile(rb"\.v([0-9]{1,9})$")


class RedisCoordinator:
    """Elects the leader among machines, and shares its reports. Has the methods of `FileCoordinator`."""

    def __init__(self, connection: RedisConnection, local: FileCoordinator, name: str, *, period: float) -> None:
        """Prepare.

        Args:
            connection: to Redis.
            local: the coordinator of this machine's processes.
            name: as for `local`.
            period: seconds between two polls.
        """
        self._connection = connection
        self._local = local
        shared_name = f"{name}.v{FORMAT}"
        self._key = redis_key("reports", shared_name)
        self._lock = BlockingLock(connection, shared_name, period + GRACE)
        self._leads_machine = False
        self._known: ReportedObjects | None = None
        self._seen: tuple[object, object] | None = None
        self._removed_older = False

    def try_to_lead(self) -> bool:
        """Whether this process is the leader now. Must be called before every poll, because it renews the lock.

        Raises:
            OSError: the machine's directory cannot be used.
        """
        self._leads_machine = self._local.try_to_lead()
        if not self._leads_machine:
            return False
        try:
            return self._lock.acquire()
        except StorageError:
            return True

    def publish(self, reported: ReportedObjects) -> None:
        """Publish what is reported.

        Raises:
            OSError: the machine's file cannot be written.
        """
        with suppress(StorageError), self._connection.exchange():
            known = self._connection.blocking.hget(self._key, "version") == reported.version.encode()
            with self._connection.blocking.pipeline() as transaction:
                if not known:
                    transaction.hset(self._key, "body", isal_zlib.compress(encode_reports(reported), 1))
                    transaction.hset(self._key, "version", reported.version)
                transaction.hset(self._key, "as_of", repr(reported.as_of))
                transaction.expire(self._key, KEPT_FOR)
                transaction.execute()
        self._local.publish(reported)
        self._remove_older_formats()

    def read_new(self) -> ReportedObjects | None:
        """Return what was published since the last call; None if nothing was, or if it is not readable.

        Raises:
            OSError: Redis has no reports, and the machine's file exists and cannot be read.
        """
        try:
            available, new = self._read_redis()
        except StorageError:
            available, new = False, None
        if not available:
            return self._local.read_new()
        if new is not None and self._leads_machine:
            with suppress(OSError):
                self._local.publish(new)
        return new

    def save(self, what: Kept, content: bytes) -> None:
        """Keep something for the next leader, perhaps on another machine, or for the processes of all machines.

        Raises:
            OSError: the machine's file cannot be written.
        """
        with suppress(StorageError), self._connection.exchange(), self._connection.blocking.pipeline() as transaction:
            transaction.hset(self._key, what, isal_zlib.compress(content, 1))
            transaction.expire(self._key, KEPT_FOR)
            transaction.execute()
        self._local.save(what, content)

    def read(self, what: Kept) -> bytes | None:
        """Return what a leader saved last; None if there is nothing readable.

        Raises:
            OSError: Redis has nothing, and the machine's file exists and cannot be read.
        """
        with suppress(StorageError), self._connection.exchange():
            saved = self._connection.blocking.hget(self._key, what)
            if saved is not None:
                return _decompressed(saved)
        return self._local.read(what)

    def close(self) -> None:
        """Stop being the leader, so that another process can take over."""
        if self._leads_machine:
            self._lock.release()
        self._local.close()

    def _remove_older_formats(self) -> None:
        """Remove what older versions published, because it contains texts that citizens typed.

        Tried once, because it looks at all keys. What remains, or is published later by a process of an older version,
        Redis deletes within `KEPT_FOR` seconds after that process ended.
        """
        if self._removed_older:
            return
        self._removed_older = True
        with suppress(StorageError), self._connection.exchange():
            for key in self._connection.blocking.scan_iter(keys_of_all_versions("reports"), count=_SCANNED_AT_ONCE):
                if (version := _VERSION.search(key)) is not None and int(version[1]) < FORMAT:
                    self._connection.blocking.delete(key)

    def _read_redis(self) -> tuple[bool, ReportedObjects | None]:
        """Return whether Redis has reports, and these if they are new.

        Raises:
            StorageError: Redis is not available.
        """
        with self._connection.exchange():
            version, as_of = self._connection.blocking.hmget(self._key, "version", "as_of")
            if version is None or as_of is None:
                return False, None
            if self._seen == (version, as_of):
                return True, None
            if self._known is None or self._known.version.encode() != version:
                self._known = _decoded(self._connection.blocking.hget(self._key, "body"))
        self._seen = (version, as_of)
        if self._known is not None:
            self._known = replace(self._known, as_of=float(as_of))
        return self._known is not None, self._known


def _decoded(body: object) -> ReportedObjects | None:
    """Return what `publish` wrote; None for anything else."""
    document = _decompressed(body)
    return None if document is None else decode_reports(document)


def _decompressed(body: object) -> bytes | None:
    try:
        return zlib.decompress(body) if isinstance(body, bytes) else None
    except zlib.error:
        return None
