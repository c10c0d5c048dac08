"""A layer's objects, indexed and already encoded."""

from wfs_proxy.snapshot.checksummed import verified_content, with_checksum
from wfs_proxy.snapshot.columns import BooleanColumn, Column, NumberColumn, TextColumn, column_of
from wfs_proxy.snapshot.file_format import MANIFEST, Bytes, Manifest, parts_of, snapshot_of
from wfs_proxy.snapshot.morton import interleaved
from wfs_proxy.snapshot.names import NameIndex, hash_of_name
from wfs_proxy.snapshot.snapshot import FRAGMENT_END, SEPARATOR, Rows, Snapshot

__all__ = [
    "FRAGMENT_END",
    "MANIFEST",
    "SEPARATOR",
    "BooleanColumn",
    "Bytes",
    "Column",
    "Manifest",
    "NameIndex",
    "NumberColumn",
    "Rows",
    "Snapshot",
    "TextColumn",
    "column_of",
    "hash_of_name",
    "interleaved",
    "parts_of",
    "snapshot_of",
    "verified_content",
    "with_checksum",
]
