"""Whether the cache backend can be read and written, layer by layer; each change is logged once."""

from __future__ import annotations

import logging
from typing import Literal

from wfs_proxy.cache.key import CacheKey
from wfs_proxy.errors import StorageError

__all__ = ["StorageStatus"]

LOG = logging.getLogger(__name__)

Operation = Literal["read", "write"]


class StorageStatus:
    """The last error of each operation on each layer."""

    def __init__(self) -> None:
        self._errors: dict[tuple[str, Operation], str] = {}

    @property
    def error(self) -> str | None:
        """One of the errors; None when there are none."""
        return next(iter(self._errors.values()), None)

    def is_readable(self, layer_id: str) -> bool:
        """Whether the last read succeeded."""
        return (layer_id, "read") not in self._errors

    def succeeded(self, key: CacheKey, operation: Operation) -> None:
        """Note that an operation succeeded."""
        if self._errors.pop((key.layer_id, operation), None) is not None:
            LOG.info("%s: cache storage is available again", key, extra={"layer": key.layer_id})

    def failed(self, key: CacheKey, operation: Operation, error: StorageError) -> None:
        """Note that an operation failed."""
        is_new = (key.layer_id, operation) not in self._errors
        self._errors[key.layer_id, operation] = str(error)
        if is_new:
            LOG.warning(
                "%s: cache storage unavailable, serving from memory: %s", key, error, extra={"layer": key.layer_id}
            )

    def drop(self, layer_id: str) -> None:
        """Forget a layer."""
        self._errors.pop((layer_id, "read"), None)
        self._errors.pop((layer_id, "write"), None)
