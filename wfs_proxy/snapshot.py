"""A layer's objects, indexed and already encoded: `PointBatch` -> `Snapshot`.

Everything that an answer needs is computed here, once, at fill time. An answer is then a range query on the index and a
join of slices of one blob of bytes. Rows are sorted by id, so "id order" is row order and a row number is a place to
go on from. Ids are kept as one blob with offsets too: no Python object per feature lives in a serving process.

A fragment is one GeoJSON Feature (RFC 7946, section 3.2) without its last two braces, the ends of `properties` and of
the feature: marks (`annotate`) are put behind it, and where a layer has none "}}," joins them.
"""

from __future__ import annotations

import bisect
import hashlib
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import orjson
from geoindex_rs import kdtree  # type: ignore[attr-defined]  # its stubs forget to say so
from numpy.typing import NDArray

from wfs_proxy.features import FillReport, PointBatch
from wfs_proxy.name_index import NameIndex

__all__ = ["FRAGMENT_END", "SEPARATOR", "Box", "Rows", "Snapshot"]

Box = tuple[float, float, float, float]
"""west, south, east, north in degrees, edges included."""

Rows = NDArray[np.uint32]
"""(M,) row numbers, ascending."""

FRAGMENT_END = b"}}"
"""What a fragment lacks to be a whole Feature."""

SEPARATOR = b",\n"
"""What stands between two features: each is a line of its own, so that people and their tools can compare answers."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Snapshot:
    """Immutable; two snapshots with the same `version` serve the same bytes."""

    layer_id: str

    version: str
    """BLAKE2b of all that is served, 24 hexadecimal digits. Marks have a version of their own."""

    lonlat: NDArray[np.float64]
    """(N, 2) longitude, latitude in degrees: the rounded numbers that stand in the fragments."""

    index: NDArray[np.uint8] | None
    """A flat k-d tree over `lonlat` (geoindex-rs); None when there is no object, which it refuses to index."""

    fragments: bytes
    """The encoded features, one behind the other, without separators."""

    offsets: NDArray[np.int64]
    """(N + 1,) fragment i is `fragments[offsets[i]:offsets[i + 1]]`."""

    ids: bytes
    """The ids without the layer's prefix, UTF-8, ascending, one behind the other."""

    id_offsets: NDArray[np.int64]
    """(N + 1,) id i is `ids[id_offsets[i]:id_offsets[i + 1]]`."""

    names: NameIndex | None
    """The ids, the GeoJSON ids and what else reports may call the objects; None when no reports are looked for."""

    vendor_texts: tuple[str, ...]
    """The distinct texts of the vendor's own mark or status."""

    vendor_codes: NDArray[np.int32] | None
    """(N,) position in `vendor_texts`; -1: none. None when the layer has no such attribute."""

    report: FillReport
    """What happened on the way here."""

    @classmethod
    def build(cls, batch: PointBatch, layer_id: str) -> Snapshot:
        """Sort, encode and index a batch. A GeoJSON id is "<layer>.<id>", always a string.

        Raises:
            ValueError: a coordinate is not finite; no map survives that (a bug in the fill path, not bad data).
        """
        if not np.isfinite(batch.lonlat).all():
            raise ValueError("a point without finite coordinates reached the snapshot")
        order = np.argsort(batch.ids, kind="stable")
        # adding 0.0 turns -0.0 into 0.0
        lonlat = np.ascontiguousarray(batch.lonlat[order].round(7) + 0.0)
        fragments, offsets = _blob(_encoded(batch, layer_id, order, lonlat))
        ids, id_offsets = _blob(text.encode() for text in batch.ids[order])
        vendor_texts, vendor_codes = _coded(batch.vendor, order)
        return cls(
            layer_id=layer_id,
            version=_digest(fragments, offsets.data, ids, id_offsets.data),
            lonlat=lonlat,
            index=_indexed(lonlat),
            fragments=fragments,
            offsets=offsets,
            ids=ids,
            id_offsets=id_offsets,
            names=_named(batch, layer_id, order),
            vendor_texts=vendor_texts,
            vendor_codes=vendor_codes,
            report=batch.report,
        )

    def __len__(self) -> int:
        return len(self.lonlat)

    def __repr__(self) -> str:
        return f"<Snapshot {self.layer_id} {self.version} rows={len(self)} bytes={len(self.fragments)}>"

    @property
    def bbox(self) -> Box | None:
        """The smallest box around all objects; None when there are none."""
        if not len(self):
            return None
        (west, south), (east, north) = self.lonlat.min(axis=0).tolist(), self.lonlat.max(axis=0).tolist()
        return west, south, east, north

    def rows_in(self, box: Box | None) -> Rows:
        """The rows whose point lies in the box or on its edge, ascending; all rows for None."""
        if box is None or self.index is None:
            return np.arange(len(self), dtype=np.uint32)
        # geoindex-rs gives them in the order of the tree
        return np.sort(np.asarray(kdtree.range(self.index, *box)))

    def nearest(self, rows: Rows, box: Box, count: int) -> Rows:
        """The `count` rows nearest the centre of the box, ascending; of equally near ones the first.

        Nearness is measured on a plane with longitude scaled by the cosine of the latitude: exact enough for a map.
        """
        if len(rows) <= count:
            return rows
        longitude, latitude = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        difference = self.lonlat[rows] - (longitude, latitude)
        difference[:, 0] *= math.cos(math.radians(latitude))
        distance = np.einsum("ij,ij->i", difference, difference)
        farthest = np.partition(distance, count - 1)[count - 1]
        nearer = rows[distance < farthest]
        on_the_edge = rows[distance == farthest][: count - len(nearer)]
        return np.sort(np.concatenate([nearer, on_the_edge]))

    def find(self, feature_id: str) -> int | None:
        """The row of an id, given with or without the layer's prefix; None when there is no such object."""
        for text in (feature_id.removeprefix(f"{self.layer_id}."), feature_id):
            key = text.encode()
            row = bisect.bisect_left(range(len(self)), key, key=self._id)
            if row < len(self) and self._id(row) == key:
                return row
        return None

    def encoded(self, rows: Rows) -> list[bytes]:
        """The fragments of these rows."""
        blob = self.fragments
        starts, ends = self.offsets[rows].tolist(), self.offsets[1:][rows].tolist()
        return [blob[start:end] for start, end in zip(starts, ends, strict=True)]

    def fragment(self, row: int) -> bytes:
        """The fragment of one row."""
        return self.fragments[self.offsets[row] : self.offsets[row + 1]]

    def _id(self, row: int) -> bytes:
        return self.ids[self.id_offsets[row] : self.id_offsets[row + 1]]


def _encoded(batch: PointBatch, layer_id: str, order: NDArray[np.intp], lonlat: NDArray[np.float64]) -> Iterator[bytes]:
    names = tuple(batch.columns)
    columns = [values[order].tolist() for values in batch.columns.values()]
    rows: Iterable[tuple[object, ...]] = zip(*columns, strict=True) if columns else repeat((), len(batch))
    for text, point, values in zip(batch.ids[order], lonlat.tolist(), rows, strict=True):
        yield _dumps(
            {
                "type": "Feature",
                "id": f"{layer_id}.{text}",
                "geometry": {"type": "Point", "coordinates": point},
                "properties": dict(zip(names, values, strict=True)),
            }
        )[: -len(FRAGMENT_END)]


def _dumps(feature: dict[str, object]) -> bytes:
    try:
        return orjson.dumps(feature)
    except orjson.JSONEncodeError:
        # orjson refuses integers over 64 bits; one such value must not cost the layer
        return json.dumps(feature, separators=(",", ":")).encode()


def _blob(parts: Iterable[bytes]) -> tuple[bytes, NDArray[np.int64]]:
    listed = list(parts)
    offsets = np.zeros(len(listed) + 1, dtype=np.int64)
    np.cumsum([len(part) for part in listed], out=offsets[1:])
    return b"".join(listed), offsets


def _named(batch: PointBatch, layer_id: str, order: NDArray[np.intp]) -> NameIndex | None:
    if batch.names is None:
        return None
    ids = batch.ids[order]
    # a vendor's number is often the id itself, and need not be there twice
    others = [
        [None if text == own else text for text, own in zip(texts[order], ids, strict=True)] for texts in batch.names
    ]
    return NameIndex.build([ids, [f"{layer_id}.{text}" for text in ids], *others])


def _coded(
    texts: NDArray[np.object_] | None, order: NDArray[np.intp]
) -> tuple[tuple[str, ...], NDArray[np.int32] | None]:
    if texts is None:
        return (), None
    position = {text: code for code, text in enumerate(sorted({text for text in texts if text is not None}))}
    codes = np.fromiter((position.get(text, -1) for text in texts[order]), dtype=np.int32, count=len(order))
    return tuple(position), codes


def _digest(*parts: bytes | memoryview) -> str:
    digest = hashlib.blake2b(digest_size=12)
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def _indexed(lonlat: NDArray[np.float64]) -> NDArray[np.uint8] | None:
    if not len(lonlat):
        return None
    builder = kdtree.KDTreeBuilder(len(lonlat))
    builder.add(lonlat)
    return np.frombuffer(memoryview(builder.finish()), dtype=np.uint8)
