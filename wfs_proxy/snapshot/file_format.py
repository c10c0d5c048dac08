"""The file format of a snapshot: one .npy file per array (NumPy Enhancement Proposal 1), and a manifest.

    manifest.json    format, layer, version, columns, and the size, type, shape and CRC-32 of each array
    lonlat.npy ...   plain arrays that numpy can read; nothing is ever unpickled

The parts are stored in a folder or in Redis. Checksums and shapes are verified before anything is used, because the
spatial index panics on wrong bytes.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import StorageError
from wfs_proxy.snapshot.blob import Blob
from wfs_proxy.snapshot.checksummed import verified_content, with_checksum
from wfs_proxy.snapshot.column_arrays import COLUMN_ARRAYS, ColumnEntry, entries_of, packed, unpacked
from wfs_proxy.snapshot.names import NameIndex
from wfs_proxy.snapshot.npy import ArrayType, StoredArray, content_of, description, header_of
from wfs_proxy.snapshot.shared_keys import SharedKeys
from wfs_proxy.snapshot.snapshot import Snapshot

__all__ = ["FORMAT", "MANIFEST", "Bytes", "Manifest", "parts_of", "snapshot_of"]

Bytes = bytes | NDArray[np.uint8]
"""The types that are written without a copy."""

FORMAT = 2
"""Incremented when a part changes its meaning. Another format is refused, and the layer is fetched again."""

MANIFEST = "manifest.json"

_TYPES: Mapping[str, ArrayType] = {
    "lonlat": ("<f8", 2),
    "index": ("|u1", 1),
    "features": ("|u1", 1),
    "offsets": ("<i8", 1),
    "ids": ("|u1", 1),
    "id_offsets": ("<i8", 1),
    "by_rank": ("<u4", 1),
    "ranks": ("<u4", 1),
    "name_hashes": ("<u8", 1),
    "name_rows": ("<u4", 1),
    "shared_key_hashes": ("<u8", 1),
    "shared_key_rows": ("<u4", 1),
    "vendor_codes": ("<i4", 1),
    **COLUMN_ARRAYS,
}
"""array -> its type."""

_OPTIONAL = {
    "index",
    "name_hashes",
    "name_rows",
    "shared_key_hashes",
    "shared_key_rows",
    "vendor_codes",
    *COLUMN_ARRAYS,
}


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The content of a manifest: the parts of a snapshot and their checksums."""

    layer: str
    version: str
    ending: bytes
    vendor_texts: tuple[str, ...]
    columns: tuple[ColumnEntry, ...]
    """In the order of the layer."""
    arrays: Mapping[str, Mapping[str, Any]]
    """Array -> its description: bytes, type, shape, crc32."""

    @property
    def sizes(self) -> dict[str, int]:
        """Name of each part except the manifest -> its size in bytes, in the order of `parts_of`."""
        return {f"{array}.npy": int(facts["bytes"]) for array, facts in self.arrays.items()}

    @classmethod
    def decoded(cls, content: bytes, where: str) -> Manifest:
        """Read a manifest. `where` names its location in messages.

        Raises:
            StorageError: it is damaged, of another format, or not a manifest; the message says which.
        """
        try:
            document = orjson.loads(verified_content(content) or b"")
            form = document["format"]
            if form != FORMAT:
                raise StorageError(f"{where} is of format {form}, and this version reads format {FORMAT}")
            arrays = document["arrays"]
            columns = tuple(map(ColumnEntry.decoded, document["columns"]))
            well_formed = isinstance(arrays, dict) and all(isinstance(facts["bytes"], int) for facts in arrays.values())
            well_formed = well_formed and len({column.name for column in columns}) == len(columns)
            well_formed = well_formed and isinstance(document["vendor_texts"], list)
            well_formed = well_formed and {"layer", "version", "ending"} <= document.keys()
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
            raise StorageError(f"{where} is not a manifest of a snapshot") from error
        if not well_formed:
            raise StorageError(f"{where} is not a manifest of a snapshot")
        if set(_TYPES) - _OPTIONAL - set(arrays) or set(arrays) - set(_TYPES):
            raise StorageError(f"{where} does not hold the arrays of a snapshot")
        return cls(
            layer=str(document["layer"]),
            version=str(document["version"]),
            ending=str(document["ending"]).encode(),
            vendor_texts=tuple(map(str, document["vendor_texts"])),
            columns=columns,
            arrays=arrays,
        )


def parts_of(snapshot: Snapshot) -> list[tuple[str, list[Bytes]]]:
    """Return the parts of a snapshot, each a name and its consecutive bytes; the manifest is the last."""
    arrays = {each: array for each, array in _arrays_of(snapshot).items() if array is not None}
    headers = {each: header_of(array) for each, array in arrays.items()}
    descriptions = {each: description(headers[each], array) for each, array in arrays.items()}
    manifest = with_checksum(
        orjson.dumps(
            {
                "format": FORMAT,
                "layer": snapshot.layer_id,
                "version": snapshot.version,
                "ending": snapshot.ending.decode(),
                "vendor_texts": snapshot.vendor_texts,
                "columns": entries_of(snapshot.columns),
                "arrays": descriptions,
            },
            option=orjson.OPT_INDENT_2,
        )
    )
    parts: list[tuple[str, list[Bytes]]] = [
        (f"{array}.npy", [headers[array], content_of(arrays[array])]) for array in arrays
    ]
    return [*parts, (MANIFEST, [manifest])]


def snapshot_of(manifest: Manifest, parts: Mapping[str, bytes | mmap.mmap], where: str) -> Snapshot:
    """Assemble a snapshot from its parts. `where` names their location in messages.

    Raises:
        StorageError: they are damaged, or do not belong together; the message says which.
    """
    files = {
        array: StoredArray.checked(parts[f"{array}.npy"], _TYPES[array], facts, f"{where}/{array}.npy")
        for array, facts in manifest.arrays.items()
    }
    snapshot = _assembled(files, manifest, where)
    _require_consistent(snapshot, where)
    return snapshot


def _arrays_of(snapshot: Snapshot) -> dict[str, NDArray[Any] | None]:
    names, shared = snapshot.names, snapshot.shared_keys
    return {
        "lonlat": snapshot.lonlat,
        "index": snapshot.index,
        "features": snapshot.features.content,
        "offsets": snapshot.features.offsets,
        "ids": snapshot.ids.content,
        "id_offsets": snapshot.ids.offsets,
        "by_rank": snapshot.by_rank,
        "ranks": snapshot.ranks,
        "name_hashes": None if names is None else names.hashes,
        "name_rows": None if names is None else names.rows,
        "shared_key_hashes": None if shared is None else shared.hashes,
        "shared_key_rows": None if shared is None else shared.rows,
        "vendor_codes": snapshot.vendor_codes,
        **packed(snapshot.columns),
    }


def _assembled(files: Mapping[str, StoredArray], manifest: Manifest, where: str) -> Snapshot:
    def array(name: str) -> NDArray[Any]:
        return files[name].array

    def blob(name: str, offsets: str) -> Blob:
        return Blob(data=files[name].data, start=files[name].start, offsets=array(offsets))

    return Snapshot(
        layer_id=manifest.layer,
        version=manifest.version,
        lonlat=array("lonlat"),
        index=array("index") if "index" in files else None,
        features=blob("features", "offsets"),
        ending=manifest.ending,
        ids=blob("ids", "id_offsets"),
        by_rank=array("by_rank"),
        ranks=array("ranks"),
        names=NameIndex(hashes=array("name_hashes"), rows=array("name_rows")) if "name_hashes" in files else None,
        shared_keys=SharedKeys(hashes=array("shared_key_hashes"), rows=array("shared_key_rows"))
        if "shared_key_hashes" in files
        else None,
        vendor_texts=manifest.vendor_texts,
        vendor_codes=array("vendor_codes") if "vendor_codes" in files else None,
        columns=unpacked(manifest.columns, files, len(array("lonlat")), where),
    )


def _require_consistent(snapshot: Snapshot, where: str) -> None:
    """Refuse arrays that do not belong together, although each agrees with its checksum."""
    for what, holds in _conditions(snapshot):
        if not holds:
            raise StorageError(f"{where}: {what}")


def _conditions(snapshot: Snapshot) -> Iterator[tuple[str, bool]]:
    count = len(snapshot)
    yield "lonlat is not (N, 2)", snapshot.lonlat.shape == (count, 2)
    for name, blob in (("features", snapshot.features), ("ids", snapshot.ids)):
        offsets = blob.offsets
        yield f"there are not as many {name} as objects", len(offsets) == count + 1
        ends_right = offsets[0] == 0 and blob.start + int(offsets[-1]) == len(blob.data)
        yield f"the offsets of {name} do not fit", ends_right and bool((np.diff(offsets) >= 0).all())
    for name, rows in (("by_rank", snapshot.by_rank), ("ranks", snapshot.ranks)):
        yield f"{name} is not an order of the rows", len(rows) == count and bool((rows < count).all())
    for name, index in (("names", snapshot.names), ("shared keys", snapshot.shared_keys)):
        if index is not None:
            fits = len(index.hashes) == len(index.rows) and bool((index.rows < count).all())
            yield f"the {name} do not fit", fits
    if snapshot.vendor_codes is not None:
        codes, texts = snapshot.vendor_codes, len(snapshot.vendor_texts)
        yield "the vendor's marks do not fit", len(codes) == count and bool(((codes >= -1) & (codes < texts)).all())
    yield "there is no index", (snapshot.index is None) == (count == 0)
    yield "the index is of other objects", count == 0 or _index_works(snapshot)


def _index_works(snapshot: Snapshot) -> bool:
    """Whether the index finds the first and the last object."""
    try:
        ends = [(row, snapshot.lonlat[row].tolist()) for row in (0, len(snapshot) - 1)]
        return all(row in snapshot.rows_in(BBox(*place, *place)) for row, place in ends)
    except BaseException as error:
        # on wrong bytes geoindex-rs panics: its exception is not an `Exception` and cannot be imported
        if type(error).__name__ != "PanicException":
            raise
        return False
