"""From a layer to a snapshot, in a process of its own."""

from wfs_proxy.fetch.process import FetchProcess

__all__ = [
    "FetchProcess",
]
