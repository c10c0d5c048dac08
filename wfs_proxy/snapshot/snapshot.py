"""A layer's objects, indexed and already encoded: `PointBatch` -> `Snapshot`.

Everything that an answer needs is computed here once, when the layer is fetched. An answer is then a range query on the
index and a join of slices of one blob of bytes. The ids are one blob too, so a serving process has no Python object per
feature.

Rows are in the order of the Morton curve (Z-order, 1966), which interleaves the bits of longitude and latitude. Points
that are near on the map are then near in memory and in the file: of a million objects, the hundred on a screen are in a
few memory pages, not in a hundred. Hilbert's curve would need a dozen slices instead of 18, for more code. Invariants:
neighbours in memory are neighbours on the map (`test_rows_that_are_near_on_the_map_are_near_in_memory`), and the order
of the batch does not matter (`test_version_is_equal_exactly_when_the_served_content_is`).

Pages of an answer are in the order of ids. So each row has a `rank`, its position in that order, and a page starts at a
rank.

A fragment is one GeoJSON Feature (RFC 7946, section 3.2) without its last two braces, the ends of `properties` and of
the feature. It is followed by the ending of unreported features of the layer, so that neighbouring unreported features
are one slice. A mark (`marks.mark_suffixes`) replaces that ending.
"""

from __future__ import annotations

import bisect
import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat
from typing import Any

import numpy as np
import orjson
from geoindex_rs import kdtree  # type: ignore[attr-defined]  # its stubs forget to say so
from numpy.typing import NDArray

from wfs_proxy.bbox import BBox
from wfs_proxy.features import PointBatch
from wfs_proxy.snapshot.blob import Blob
from wfs_proxy.snapshot.columns import Column, coded, columns_of
from wfs_proxy.snapshot.morton import interleaved
from wfs_proxy.snapshot.names import NameIndex
from wfs_proxy.snapshot.shared_keys import SharedKeys

__all__ = ["FRAGMENT_END", "SEPARATOR", "Blob", "Rows", "Snapshot"]

Rows = NDArray[np.uint32]
"""(M,) row numbers; those that are found are ascending, those of a page are in its order."""

FRAGMENT_END = b"}}"
"""The end of a Feature, which a fragment does not include."""

_OTHER_BYTES = 120
"""Bytes per object in addition to its fragment: location, index, id, offsets, ranks and names."""

SEPARATOR = b",\n"
"""The separator of two features: each is on a line of its own, so that line-based tools can compare answers."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Snapshot:
    """The objects of a layer, or of one cell of it. Immutable; equal versions mean equal content."""

    layer_id: str

    version: str
    """BLAKE2b of the served bytes and of the data that reports are matched with, 24 hexadecimal digits. Columns follow
    from the served bytes and from the types in the layer file, on which the place in the cache depends. Marks have a
    version of their own."""

    lonlat: NDArray[np.float64]
    """(N, 2) longitude, latitude in degrees: the rounded numbers in the fragments."""

    index: NDArray[np.uint8] | None
    """A flat k-d tree over `lonlat` (geoindex-rs); None when there is no object, which it refuses to index."""

    features: Blob
    """The encoded features, by row: each a fragment and `ending`."""

    ending: bytes
    """The ending of an unmarked feature: the properties that say so, "}}" and the separator."""

    ids: Blob
    """The ids without the layer's prefix, UTF-8, by rank: ascending."""

    by_rank: NDArray[np.uint32]
    """(N,) rank -> row."""

    ranks: NDArray[np.uint32]
    """(N,) row -> rank."""

    names: NameIndex | None
    """The ids, the GeoJSON ids and other names by which reports refer to objects; None when no reports are matched."""

    shared_keys: SharedKeys | None
    """The rows whose business key is not theirs alone; None when there are none, or no reports are matched."""

    vendor_texts: tuple[str, ...]
    """The distinct texts of the vendor's own mark or status."""

    vendor_codes: NDArray[np.int32] | None
    """(N,) position in `vendor_texts`; -1: none. None when the layer has no such attribute."""

    columns: Mapping[str, Column] = field(repr=False)
    """Served field -> its values by row, in the order of the layer; a footprint is only in the features."""

    @classmethod
    def build(cls, batch: PointBatch, layer_id: str, ending: bytes = FRAGMENT_END + SEPARATOR) -> Snapshot:
        """Sort, encode and index a batch. The GeoJSON id is "<layer>.<id>", always a string.

        Args:
            batch: the objects that are served.
            layer_id: the layer.
            ending: the ending of unreported features (`marks.unmarked`).

        Raises:
            ValueError: a coordinate is not finite; a bug in the pipeline, not bad data.
        """
        if not np.isfinite(batch.lonlat).all():
            raise ValueError("a point without finite coordinates reached the snapshot")
        # adding 0.0 turns -0.0 into 0.0
        lonlat = batch.lonlat.round(7) + 0.0
        by_id = np.argsort(batch.ids, kind="stable")
        order = by_id[np.argsort(_morton(lonlat[by_id]), kind="stable")]
        lonlat = np.ascontiguousarray(lonlat[order])
        ranks = np.empty(len(batch), dtype=np.uint32)
        ranks[by_id] = np.arange(len(batch), dtype=np.uint32)
        ranks = ranks[order]
        features = Blob.of(fragment + ending for fragment in _encoded(batch, layer_id, order, lonlat))
        ids = Blob.of(text.encode() for text in batch.ids[by_id])
        names = _named(batch, layer_id, order)
        vendor_texts, vendor_codes = ([], None) if batch.vendor is None else coded(batch.vendor[order])
        blobs = (features.content, features.offsets, ids.content, ids.offsets)
        shared = None if batch.shared_keys is None else SharedKeys.build(batch.shared_keys[order].tolist())
        indexes = [array for index in (names, shared) if index is not None for array in (index.hashes, index.rows)]
        matched = (indexes, vendor_texts, vendor_codes)
        return cls(
            layer_id=layer_id,
            version=_digest(blobs, *matched),
            lonlat=lonlat,
            index=_indexed(lonlat),
            features=features,
            ending=ending,
            ids=ids,
            by_rank=np.argsort(ranks).astype(np.uint32),
            ranks=ranks,
            names=names,
            shared_keys=shared,
            vendor_texts=tuple(vendor_texts),
            vendor_codes=vendor_codes,
            columns=columns_of(batch, order),
        )

    def __len__(self) -> int:
        return len(self.lonlat)

    def __repr__(self) -> str:
        return f"<Snapshot {self.layer_id} {self.version} rows={len(self)} bytes={len(self.features.content)}>"

    @property
    def memory(self) -> int:
        """About how many bytes of this process's own memory it uses; 0 when it is in a mapped file."""
        if not isinstance(self.features.data, bytes):
            return 0
        return len(self.features.data) + len(self) * _OTHER_BYTES + sum(each.memory for each in self.columns.values())

    @cached_property
    def bbox(self) -> BBox | None:
        """The smallest box around all objects; None when there are none."""
        return BBox.of_points(self.lonlat)

    def expected_in(self, box: BBox | None) -> float:
        """Return about how many objects are in a box, as if they were spread evenly; all for None."""
        if box is None or self.bbox is None:
            return len(self)
        shared = self.bbox.intersection(box)
        if shared is None:
            return 0.0
        west, south, east, north = self.bbox
        return (
            len(self)
            * ((shared.east - shared.west) / (east - west) if east > west else 1.0)
            * ((shared.north - shared.south) / (north - south) if north > south else 1.0)
        )

    def rows_in(self, box: BBox | None) -> Rows:
        """Return the rows whose point is in the box or on its edge, ascending; all rows for None."""
        if box is None or self.index is None:
            return np.arange(len(self), dtype=np.uint32)
        # geoindex-rs returns them in the order of the tree
        return np.sort(np.asarray(kdtree.range(self.index, *box)))

    def distances(self, rows: Rows, box: BBox) -> NDArray[np.float64]:
        """Return (M,) the squared distances of rows from the centre of a box, in degrees of latitude: for comparison.

        Longitude is scaled by the cosine of the latitude: exact enough for a map.
        """
        longitude, latitude = (box.west + box.east) / 2, (box.south + box.north) / 2
        difference = self.lonlat[rows] - (longitude, latitude)
        difference[:, 0] *= math.cos(math.radians(latitude))
        distance: NDArray[np.float64] = np.einsum("ij,ij->i", difference, difference)
        return distance

    def fragment(self, row: int) -> bytes:
        """Return the fragment of one row, without its ending."""
        return self.features[row].removesuffix(self.ending)

    def find(self, feature_id: str) -> int | None:
        """Return the row of an id, with or without the layer's prefix; None when there is no such object."""
        for text in (feature_id.removeprefix(f"{self.layer_id}."), feature_id):
            key = text.encode()
            rank = bisect.bisect_left(range(len(self)), key, key=self.ids.__getitem__)
            if rank < len(self) and self.ids[rank] == key:
                return int(self.by_rank[rank])
        return None


def _morton(lonlat: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Return (N,) the Morton number of each point, from its longitude and latitude."""
    degrees = np.clip((lonlat - _WORLD[0]) / (_WORLD[1] - _WORLD[0]), 0.0, 1.0)
    return interleaved((degrees * (2**32 - 1)).astype(np.uint64))


_WORLD = np.array([[-180.0, -90.0], [180.0, 90.0]])


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
        # orjson refuses integers over 64 bits; one such value must not fail the layer
        return json.dumps(feature, separators=(",", ":")).encode()


def _named(batch: PointBatch, layer_id: str, order: NDArray[np.intp]) -> NameIndex | None:
    if batch.names is None:
        return None
    ids = batch.ids[order]
    # a vendor's number is often the id itself, which is already in the index
    others = [
        [None if text == own else text for text, own in zip(texts[order], ids, strict=True)] for texts in batch.names
    ]
    shared = [] if batch.shared_keys is None else [batch.shared_keys[order]]
    return NameIndex.build([ids, [f"{layer_id}.{text}" for text in ids], *shared, *others])


def _digest(
    blobs: Iterable[NDArray[Any]],
    names: Iterable[NDArray[Any]],
    vendor_texts: Sequence[str],
    vendor_codes: NDArray[np.int32] | None,
) -> str:
    digest = hashlib.blake2b(digest_size=12)
    for part in (*blobs, *names, orjson.dumps(vendor_texts), b"" if vendor_codes is None else vendor_codes):
        digest.update(part if isinstance(part, bytes) else part.data)
    return digest.hexdigest()


def _indexed(lonlat: NDArray[np.float64]) -> NDArray[np.uint8] | None:
    if not len(lonlat):
        return None
    builder = kdtree.KDTreeBuilder(len(lonlat))
    builder.add(lonlat)
    return np.frombuffer(memoryview(builder.finish()), dtype=np.uint8)
