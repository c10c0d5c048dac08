"""One answer of a vendor as objects, each with a key that identifies it in other answers."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from wfs_proxy.decode import decode
from wfs_proxy.features import FeatureBatch, Payload
from wfs_proxy.sources.native_box import NativeBox

__all__ = ["FeaturePage", "keyed_page", "read_page"]

_VOLATILE_ID = re.compile(r"(?:.*\.)?fid-+[0-9a-f_-]+", re.IGNORECASE)
"""GeoServer's feature ids for tables without a primary key: different in each answer."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FeaturePage:
    """The objects of one answer."""

    batch: FeatureBatch

    keys: tuple[bytes, ...]
    """(N,) equal for the same object in another answer, different within one answer."""

    last_modified: str | None = None
    """The header, as sent."""

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def bounds(self) -> NDArray[np.float64]:
        """(N, 4) as in `NativeBox`: low_1, low_2, high_1, high_2; NaN for objects without geometry."""
        bounds: NDArray[np.float64] = shapely.bounds(self.batch.geometry)
        return bounds.reshape(-1, 4)

    def touching(self, box: NativeBox) -> NDArray[np.bool_]:
        """Return (N,) whether the bounds of each object touch a box in the same coordinates; False without geometry."""
        bounds = self.bounds
        low, high = np.array(box[:2]), np.array(box[2:])
        return np.asarray((bounds[:, :2] <= high).all(axis=1) & (bounds[:, 2:] >= low).all(axis=1))

    def outermost(self, row: int) -> NDArray[np.float64]:
        """Return (M, 2) the vertices of an object that are extreme in the four directions, each once."""
        vertices: NDArray[np.float64] = shapely.get_coordinates(self.batch.geometry[row])
        outer = np.concatenate([vertices.argmin(axis=0), vertices.argmax(axis=0)])
        return np.unique(vertices[outer], axis=0)

    def take(self, rows: NDArray[np.bool_]) -> FeaturePage:
        """Return the objects that a mask (N,) selects."""
        keys = tuple(key for key, wanted in zip(self.keys, rows.tolist(), strict=True) if wanted)
        return FeaturePage(batch=self.batch.take(rows), keys=keys, last_modified=self.last_modified)


def read_page(payload: Payload, *, geometry: str | None = None, key: str | None = None) -> FeaturePage:
    """Decode an answer and give each object its key.

    Args:
        payload: the answer.
        geometry: the geometry property, if a type has several.
        key: the attribute that is the business key; it is used instead of the feature id.

    Raises:
        UpstreamException: the answer is an exception report.
        DecodeError: it cannot be read, or has no features.
    """
    return keyed_page(decode(payload, geometry=geometry), key=key, last_modified=payload.last_modified)


def keyed_page(batch: FeatureBatch, *, key: str | None = None, last_modified: str | None = None) -> FeaturePage:
    """Give each object of a decoded answer its key, as `read_page`."""
    return FeaturePage(batch=batch, keys=tuple(_keys(batch, key)), last_modified=last_modified)


def _keys(batch: FeatureBatch, key: str | None) -> Iterator[bytes]:
    """Yield a digest of id, geometry and attributes for each object.

    The digest includes the content, because ids are not always unique. An absent id (GWSW) or a volatile one is left
    out of it. Equal objects within one answer are different objects, so their digests are numbered.
    """
    business_keys = batch.columns.get(key) if key is not None else None
    ids = batch.ids if business_keys is None else business_keys
    geometries = shapely.to_wkb(batch.geometry)
    rows = zip(*(batch.columns[name] for name in sorted(batch.columns)), strict=True)
    attributes = rows if batch.columns else iter([()] * len(batch))
    seen: Counter[bytes] = Counter()
    for name, geometry, values in zip(ids, geometries, attributes, strict=True):
        digest = hashlib.blake2b(geometry or b"", digest_size=16)
        digest.update(repr((_stable_id(name), values)).encode("utf-8", "surrogatepass"))
        content = digest.digest()
        seen[content] += 1
        yield content + seen[content].to_bytes(4)


def _stable_id(name: object) -> object:
    return None if isinstance(name, str) and _VOLATILE_ID.fullmatch(name) else name
