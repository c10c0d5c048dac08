"""The cache that several machines share: snapshots, metadata and leases in Redis or Valkey."""

from wfs_proxy.cache.redis.connection import RedisConnection, redis_key
from wfs_proxy.cache.redis.lock import BlockingLock
from wfs_proxy.cache.redis.tiered import TieredBackend

__all__ = [
    "BlockingLock",
    "RedisConnection",
    "TieredBackend",
    "redis_key",
]
