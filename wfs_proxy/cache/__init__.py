"""The cache of fetched layers in memory, on disk and in Redis: keeps them fresh, and fetches each part only once."""

from wfs_proxy.cache.atomic import replace_file
from wfs_proxy.cache.backend import CacheBackend, NullBackend
from wfs_proxy.cache.disk import DiskBackend
from wfs_proxy.cache.entry import CacheSlot, Entry, FetchedSnapshot, Freshness, Outcome, least_fresh
from wfs_proxy.cache.entry_cache import EntryCache
from wfs_proxy.cache.failure_pause import failure_pause
from wfs_proxy.cache.file_lock import try_lock, unlock
from wfs_proxy.cache.key import CacheKey
from wfs_proxy.cache.layer_cache import MOST_CELLS, LayerCache
from wfs_proxy.cache.metadata import Failure, FetchSummary, Quarantined
from wfs_proxy.cache.plausibility import reason_to_quarantine
from wfs_proxy.cache.snapshot_folder import MAPPED_FROM, open_snapshot, write_snapshot

__all__ = [
    "MAPPED_FROM",
    "MOST_CELLS",
    "CacheBackend",
    "CacheKey",
    "CacheSlot",
    "DiskBackend",
    "Entry",
    "EntryCache",
    "Failure",
    "FetchSummary",
    "FetchedSnapshot",
    "Freshness",
    "LayerCache",
    "NullBackend",
    "Outcome",
    "Quarantined",
    "failure_pause",
    "least_fresh",
    "open_snapshot",
    "reason_to_quarantine",
    "replace_file",
    "try_lock",
    "unlock",
    "write_snapshot",
]
