"""What is in Redis, and how it gets there and back.

    record:<key>            the record, as JSON
    snapshot:<key>:<name>   a hash: the parts of the snapshot one behind the other, cut into pieces and each compressed,
                            under "0", "1", ...; and the manifest, put there last
    lock:<key>              whoever has it fills (`lock.py`)
    changes                 a channel: the keys whose record was changed

A snapshot is one key, so that Redis forgets all of it or nothing. The manifest and the record are put there in one
step, and only when all pieces are there: half a snapshot is never seen, whoever died on the way.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from isal import isal_zlib
from redis.asyncio.client import PubSub

from wfs_proxy.cache.metadata import EntryMetadata
from wfs_proxy.cache.redis.connection import COMMAND_TIMEOUT, RedisConnection, redis_key
from wfs_proxy.errors import StorageError
from wfs_proxy.snapshot import MANIFEST, Manifest, Snapshot, parts_of, snapshot_of

__all__ = ["RedisStore", "RemoteState"]

PIECE = 4 << 20
"""Bytes of a piece before it is compressed."""

KEPT_FOR = 7 * 86_400
"""Seconds that Redis keeps what nobody confirms. A machine that has it still puts it there again."""

HALF_KEPT_FOR = 600
"""Seconds until pieces are forgotten whose manifest never came, or whose record names another snapshot by now:
whoever is reading them may go on."""

_NAME = re.compile("[0-9a-f]{1,64}")
"""A snapshot's name, which becomes that of a folder."""

PING_EVERY = 15.0
"""Seconds of silence after which the channel is asked whether it still works."""

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
"""Keys: record, snapshot if there is one. Arguments: record, seconds, channel or nothing, what to tell there, name of
the manifest, manifest or nothing, number of pieces. Gives 0 when the snapshot is not there whole."""


@dataclass(frozen=True, kw_only=True)
class RemoteState:
    """What Redis says about a key."""

    record: EntryMetadata | None
    whole: bool
    """Whether the snapshot that was asked about is there."""


class RedisStore:
    """The entries in Redis. Each method may raise StorageError: Redis cannot be used now."""

    def __init__(self, link: RedisConnection, *, offload: Callable[..., Awaitable[Any]]) -> None:
        self._link = link
        self._offload = offload
        self._put = link.commands.register_script(_PUT)
        self._channel = redis_key("changes")

    async def told(self, key: str, name: str | None) -> RemoteState:
        """The record of a key, and whether the snapshot `name` is there."""
        with self._link.asked():
            async with self._link.commands.pipeline(transaction=False) as asked:
                asked.get(redis_key("record", key))
                asked.hexists(_snapshot_key(key, name or ""), MANIFEST)
                content, whole = await asked.execute()
        record = None if content is None else EntryMetadata.decoded(content)
        if record is not None and not _NAME.fullmatch(record.version or "0"):
            record = None
        return RemoteState(record=record, whole=bool(whole))

    async def fetch(self, key: str, name: str) -> Snapshot | None:
        """The snapshot; None when it is not there whole.

        Raises:
            StorageError: it is damaged, and taken away for that; or Redis cannot be used now.
        """
        place = _snapshot_key(key, name)
        manifest = await self._piece(place, MANIFEST)
        if manifest is None:
            return None
        with self._link.asked():
            count = await self._link.commands.hlen(place) - 1
        pieces = [await self._piece(place, str(number)) for number in range(count)]
        try:
            snapshot: Snapshot = await self._offload(_assembled, manifest, pieces, name)
        except StorageError:
            with self._link.asked():
                await self._link.commands.unlink(place)
            raise
        return snapshot

    async def push(self, key: str, record: EntryMetadata, snapshot: Snapshot | None, *, tell: bool) -> bool:
        """Put a record there, and before it the snapshot that it names where that is not there yet.

        Args:
            key: of what.
            record: as on the machine's own shelf, with the name of the snapshot.
            snapshot: the one that the record names; None: it must be there already.
            tell: whether the other machines are to look at once.

        Returns:
            Whether the record is there; False when its snapshot is not, and was not given or got lost on the way.
        """
        before = await self.told(key, record.version)
        manifest, count = b"", 0
        if record.version is not None and not before.whole:
            if snapshot is None:
                return False
            manifest, count = await self._push_pieces(_snapshot_key(key, record.version), snapshot)
        keys = [redis_key("record", key)]
        if record.version is not None:
            keys.append(_snapshot_key(key, record.version))
        channel = self._channel if tell else ""
        with self._link.asked():
            put = await self._put(keys, [record.encoded(), KEPT_FOR, channel, key, MANIFEST, manifest, count])
            old = before.record.version if before.record is not None else None
            if put and old not in (None, record.version):
                await self._link.commands.expire(_snapshot_key(key, str(old)), HALF_KEPT_FOR)
        return bool(put)

    async def listen(self, began: Callable[[], None], heard: Callable[[str], None]) -> None:
        """Hear of changes until cancelled, or until Redis is gone.

        Args:
            began: called when changes are heard from now on; those before may have been missed.
            heard: called with the key of each change, whoever made it.

        Raises:
            StorageError: Redis is gone.
        """
        async with self._link.transfers.pubsub() as channel:
            with self._link.asked():
                await channel.subscribe(self._channel)
            while True:
                with self._link.asked():
                    message = await _next(channel)
                if message["type"] == "subscribe":
                    began()
                elif message["type"] == "message":
                    heard(message["data"].decode())

    async def _piece(self, place: str, field: str) -> bytes | None:
        with self._link.asked():
            piece: bytes | None = await self._link.transfers.hget(place, field)  # type: ignore[assignment]  # the client types bytes as text
            return piece

    async def _push_pieces(self, place: str, snapshot: Snapshot) -> tuple[bytes, int]:
        """Put the pieces there; the manifest and how many pieces there are."""
        *parts, (_, [manifest]) = await self._offload(parts_of, snapshot)
        pieces = _pieces(buffer for _, buffers in parts for buffer in buffers)
        count = 0
        while (piece := await self._offload(next, pieces, None)) is not None:
            with self._link.asked():
                async with self._link.transfers.pipeline(transaction=False) as asked:
                    asked.hset(place, str(count), piece)
                    asked.expire(place, HALF_KEPT_FOR)
                    await asked.execute()
            count += 1
        return bytes(manifest), count


async def _next(channel: PubSub) -> Mapping[str, Any]:
    """The next message, if need be the answer to a ping.

    Raises:
        TimeoutError: there was none.
    """
    message: Mapping[str, Any] | None = await channel.get_message(timeout=PING_EVERY)
    if message is None:
        await channel.ping()
        message = await channel.get_message(timeout=COMMAND_TIMEOUT)
    if message is None:
        raise TimeoutError
    return message


def _snapshot_key(key: str, name: str) -> str:
    return redis_key("snapshot", key, name)


def _pieces(buffers: Iterable[Any]) -> Iterator[bytes]:
    """Buffers one behind the other, in compressed pieces."""
    piece = bytearray()
    for buffer in buffers:
        rest = memoryview(buffer)
        while rest:
            room = PIECE - len(piece)
            piece += rest[:room]
            rest = rest[room:]
            if len(piece) == PIECE:
                yield isal_zlib.compress(piece, 1)
                piece.clear()
    if piece:
        yield isal_zlib.compress(piece, 1)


def _assembled(content: bytes, pieces: list[bytes | None], name: str) -> Snapshot:
    """The snapshot `name` out of its manifest and its pieces, which are used up.

    Raises:
        StorageError: they are damaged, or not all there.
    """
    manifest = Manifest.decoded(content, "the manifest in Redis")
    if manifest.version != name:
        raise StorageError("the manifest in Redis is of another snapshot")
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
    """A piece as it was before it was compressed.

    Raises:
        StorageError: it is damaged, or not there.
    """
    unpacker = zlib.decompressobj()
    try:
        unpacked: bytes = unpacker.decompress(piece or b"", PIECE + 1)
    except zlib.error as error:
        raise StorageError("a piece of the snapshot in Redis is damaged") from error
    if not 0 < len(unpacked) <= PIECE:
        raise StorageError("the snapshot in Redis is not whole")
    return unpacked
