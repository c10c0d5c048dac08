"""The cache that several machines share: snapshots, metadata and leases in Redis or Valkey."""

from wfs_proxy.cache.redis.connection import RedisConnection, keys_of_all_versions, redis_key
from wfs_proxy.cache.redis.lock import BlockingLock
from wfs_proxy.cache.redis.tiered import TieredBackend

__all__ = [
    "BlockingLock",
    "RedisConnection",
    "TieredBackend",
    "keys_of_all_versions",
    "redis_key",
]
