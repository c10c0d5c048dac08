"""Fetching: from a layer to a snapshot, in a separate process."""

from wfs_proxy.fetch.process import FetchProcess

__all__ = [
    "FetchProcess",
]
