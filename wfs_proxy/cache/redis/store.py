"""The entries in Redis.

    metadata:<key>            the metadata, as JSON
    snapshot:<key>:<version>  a hash: the files of the snapshot concatenated, cut into pieces and each piece compressed,
                              in the fields "0", "1", ...; and the manifest, which is written last
    lock:<key>                held by the process that fetches (`lock.py`)
    changes                   a channel: the keys whose metadata have changed

A snapshot is a single key, so that Redis evicts all of it or nothing. The manifest and the metadata are written in one
step, and only when all pieces are there. So nobody sees half a snapshot, even if the writer dies halfway.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from isal import isal_zlib
from redis.asyncio.client import PubSub

from wfs_proxy.cache.metadata import EntryMetadata
from wfs_proxy.cache.redis.connection import COMMAND_TIMEOUT, RedisConnection, redis_key
from wfs_proxy.errors import StorageError
from wfs_proxy.offload import Offload
from wfs_proxy.snapshot import MANIFEST, Manifest, Snapshot, parts_of, snapshot_of

__all__ = ["RedisStore", "RemoteState"]

PIECE = 4 << 20
"""Bytes of a piece before it is compressed."""

KEPT_FOR = 7 * 86_400
"""Seconds until Redis forgets an entry that no fetch confirms. A machine that still has it writes it again."""

OBSOLETE_AFTER = 600
"""Seconds until Redis forgets pieces without a manifest, and a snapshot that was replaced; readers can finish until
then."""

_VERSION = re.compile("[0-9a-f]{1,64}")
"""A snapshot's version, which becomes the name of a folder."""

PING_EVERY = 15.0
"""Seconds without a message after which the channel is tested."""

_PUT = """
if KEYS[2] then
  if redis.call('hexists', KEYS[2], ARGV[5]) == 0 then
    if ARGV[6] == '' or redis.call('hlen', KEYS[2]) ~= tonumber(ARGV[7]) then return 0 end
    redis.call('hset', KEYS[2], ARGV[5], ARGV[6])
  end
  redis.call('expire', KEYS[2], ARGV[2])
end
redis.call('set', KEYS[1], ARGV[1], 'ex', ARGV[2])
if ARGV[3] ~= '' then redis.call('publish', ARGV[3], ARGV[4]) end
return 1
"""
"""Keys: metadata, and the snapshot if there is one. Arguments: metadata, seconds until they expire, channel or "",
message, field of the manifest, manifest or "", number of pieces. Returns 0 when the snapshot is incomplete."""


@dataclass(frozen=True, kw_only=True)
class RemoteState:
    """What Redis has for a key."""

    metadata: EntryMetadata | None
    has_snapshot: bool
    """Whether the snapshot that was asked for is there."""


class RedisStore:
    """Reads and writes entries. Each method may raise StorageError: Redis is unavailable."""

    def __init__(self, connection: RedisConnection, *, offload: Offload) -> None:
        self._connection = connection
        self._offload = offload
        self._put = connection.commands.register_script(_PUT)
        self._channel = redis_key("changes")

    async def read_metadata(self, key: str, version: str | None) -> RemoteState:
        """Return the metadata of a key, and whether it has this version of the snapshot."""
        with self._connection.exchange():
            async with self._connection.commands.pipeline(transaction=False) as pipeline:
                pipeline.get(redis_key("metadata", key))
                pipeline.hexists(_snapshot_key(key, version or ""), MANIFEST)
                content, has_snapshot = await pipeline.execute()
        metadata = None if content is None else EntryMetadata.decoded(content)
        if metadata is not None and not _VERSION.fullmatch(metadata.version or "0"):
            metadata = None
        return RemoteState(metadata=metadata, has_snapshot=bool(has_snapshot))

    async def read_snapshot(self, key: str, version: str) -> Snapshot | None:
        """Return the snapshot; None when it is not there or incomplete.

        Raises:
            StorageError: it is damaged, and has been removed; or Redis is unavailable.
        """
        snapshot_key = _snapshot_key(key, version)
        manifest = await self._piece(snapshot_key, MANIFEST)
        if manifest is None:
            return None
        with self._connection.exchange():
            count = await self._connection.commands.hlen(snapshot_key) - 1
        pieces = [await self._piece(snapshot_key, str(number)) for number in range(count)]
        try:
            snapshot: Snapshot = await self._offload(_assembled, manifest, pieces, version)
        except StorageError:
            with self._connection.exchange():
                await self._connection.commands.unlink(snapshot_key)
            raise
        return snapshot

    async def write(self, key: str, metadata: EntryMetadata, snapshot: Snapshot | None, *, notify: bool) -> bool:
        """Write the metadata, after the snapshot that they name if Redis does not have it.

        Args:
            key: which entry.
            metadata: as in the local backend, with the version of the snapshot.
            snapshot: the one that the metadata name; None when Redis should have it.
            notify: whether other machines should read the entry at once.

        Returns:
            Whether the metadata were written; False when Redis has no complete snapshot for them.
        """
        before = await self.read_metadata(key, metadata.version)
        manifest, count = b"", 0
        if metadata.version is not None and not before.has_snapshot:
            if snapshot is None:
                return False
            manifest, count = await self._write_pieces(_snapshot_key(key, metadata.version), snapshot)
        keys = [redis_key("metadata", key)]
        if metadata.version is not None:
            keys.append(_snapshot_key(key, metadata.version))
        channel = self._channel if notify else ""
        with self._connection.exchange():
            put = await self._put(keys, [metadata.encoded(), KEPT_FOR, channel, key, MANIFEST, manifest, count])
            old = before.metadata.version if before.metadata is not None else None
            if put and old not in (None, metadata.version):
                await self._connection.commands.expire(_snapshot_key(key, str(old)), OBSOLETE_AFTER)
        return bool(put)

    async def listen(self, on_start: Callable[[], None], on_change: Callable[[str], None]) -> None:
        """Listen for changes until cancelled, or until Redis becomes unavailable.

        Args:
            on_start: called when listening has started; earlier changes may have been missed.
            on_change: called with the key of each change, by this or another machine.

        Raises:
            StorageError: Redis is unavailable.
        """
        async with self._connection.transfers.pubsub() as channel:
            with self._connection.exchange():
                await channel.subscribe(self._channel)
            while True:
                with self._connection.exchange():
                    message = await _next(channel)
                if message["type"] == "subscribe":
                    on_start()
                elif message["type"] == "message":
                    on_change(message["data"].decode())

    async def _piece(self, snapshot_key: str, field: str) -> bytes | None:
        with self._connection.exchange():
            piece: bytes | None = await self._connection.transfers.hget(snapshot_key, field)  # type: ignore[assignment]  # the client types bytes as text
            return piece

    async def _write_pieces(self, snapshot_key: str, snapshot: Snapshot) -> tuple[bytes, int]:
        """Write the pieces, and return the manifest and the number of pieces."""
        *parts, (_, [manifest]) = await self._offload(parts_of, snapshot)
        pieces = _pieces(buffer for _, buffers in parts for buffer in buffers)
        count = 0
        while (piece := await self._offload(next, pieces, None)) is not None:
            with self._connection.exchange():
                async with self._connection.transfers.pipeline(transaction=False) as pipeline:
                    pipeline.hset(snapshot_key, str(count), piece)
                    pipeline.expire(snapshot_key, OBSOLETE_AFTER)
                    await pipeline.execute()
            count += 1
        return bytes(manifest), count


async def _next(channel: PubSub) -> Mapping[str, Any]:
    """Return the next message, after a long silence the answer to a ping.

    Raises:
        TimeoutError: there was no answer.
    """
    message: Mapping[str, Any] | None = await channel.get_message(timeout=PING_EVERY)
    if message is None:
        await channel.ping()
        message = await channel.get_message(timeout=COMMAND_TIMEOUT)
    if message is None:
        raise TimeoutError
    return message


def _snapshot_key(key: str, version: str) -> str:
    return redis_key("snapshot", key, version)


def _pieces(buffers: Iterable[Any]) -> Iterator[bytes]:
    """Concatenate buffers, cut the result into pieces and compress each."""
    piece = bytearray()
    for buffer in buffers:
        rest = memoryview(buffer)
        while rest:
            missing = PIECE - len(piece)
            piece += rest[:missing]
            rest = rest[missing:]
            if len(piece) == PIECE:
                yield isal_zlib.compress(piece, 1)
                piece.clear()
    if piece:
        yield isal_zlib.compress(piece, 1)


def _assembled(content: bytes, pieces: list[bytes | None], version: str) -> Snapshot:
    """Build the snapshot from its manifest and its pieces. The list is emptied, to save memory.

    Raises:
        StorageError: some are damaged or missing.
    """
    manifest = Manifest.decoded(content, "the manifest in Redis")
    if manifest.version != version:
        raise StorageError("the manifest in Redis belongs to another snapshot")
    pieces.reverse()
    parts: dict[str, bytes] = {}
    piece = memoryview(b"")
    for part, size in manifest.sizes.items():
        buffers, missing = [], size
        while missing > 0:
            if not piece:
                piece = memoryview(_unpacked(pieces.pop() if pieces else None))
            buffers.append(piece[:missing])
            missing -= len(buffers[-1])
            piece = piece[len(buffers[-1]) :]
        parts[part] = b"".join(buffers)
    return snapshot_of(manifest, parts, "the snapshot in Redis")


def _unpacked(piece: bytes | None) -> bytes:
    """Decompress a piece.

    Raises:
        StorageError: it is damaged or missing.
    """
    unpacker = zlib.decompressobj()
    try:
        unpacked: bytes = unpacker.decompress(piece or b"", PIECE + 1)
    except zlib.error as error:
        raise StorageError("a piece of the snapshot in Redis is damaged") from error
    if not 0 < len(unpacked) <= PIECE:
        raise StorageError("the snapshot in Redis is incomplete")
    return unpacked
