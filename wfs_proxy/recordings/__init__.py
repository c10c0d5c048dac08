"""Recordings of a vendor's answers: made, redacted and replayed."""

from wfs_proxy.recordings.exchanges import Recording, is_wfs
from wfs_proxy.recordings.record import record
from wfs_proxy.recordings.replay import Replay, read_recordings

__all__ = [
    "Recording",
    "Replay",
    "is_wfs",
    "read_recordings",
    "record",
]
