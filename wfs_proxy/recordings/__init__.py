"""Recordings of a vendor's answers: made, redacted and replayed."""

from wfs_proxy.recordings.exchanges import Recording
from wfs_proxy.recordings.record import record
from wfs_proxy.recordings.replay import Replay, read_recordings

__all__ = [
    "Recording",
    "Replay",
    "read_recordings",
    "record",
]
