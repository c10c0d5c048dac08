"""One answer of a vendor as objects, each with a key that finds it again in another answer."""

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
from wfs_proxy.sources.wfs.kvp import NativeBox

__all__ = ["FeaturePage", "read_page"]

_VOLATILE_ID = re.compile(r"(?:.*\.)?fid-+[0-9a-f_-]+", re.IGNORECASE)
"""GeoServer's invented feature ids for tables without a primary key: another one at each request."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FeaturePage:
    """The objects of one answer."""

    batch: FeatureBatch

    keys: tuple[bytes, ...]
    """(N,) equal for the same object in another answer, different within this one."""

    last_modified: str | None = None
    """The header."""

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def bounds(self) -> NDArray[np.float64]:
        """(N, 4) lowest first, lowest second, highest first, highest second ordinate; NaN without geometry."""
        bounds: NDArray[np.float64] = shapely.bounds(self.batch.geometry)
        return bounds.reshape(-1, 4)

    def touching(self, box: NativeBox) -> NDArray[np.bool_]:
        """(N,) whose bounds touch a box that is written as the objects are; never those without geometry."""
        bounds = self.bounds
        low, high = np.array(box[:2]), np.array(box[2:])
        return np.asarray((bounds[:, :2] <= high).all(axis=1) & (bounds[:, 2:] >= low).all(axis=1))

    def outermost(self, row: int) -> NDArray[np.float64]:
        """(M, 2) the vertices of an object that lie farthest out in the four directions, each once."""
        vertices: NDArray[np.float64] = shapely.get_coordinates(self.batch.geometry[row])
        outer = np.concatenate([vertices.argmin(axis=0), vertices.argmax(axis=0)])
        return np.unique(vertices[outer], axis=0)

    def take(self, rows: NDArray[np.bool_]) -> FeaturePage:
        """The objects that a mask (N,) selects."""
        keys = tuple(key for key, wanted in zip(self.keys, rows.tolist(), strict=True) if wanted)
        return FeaturePage(batch=self.batch.take(rows), keys=keys, last_modified=self.last_modified)


def read_page(payload: Payload, *, geometry: str | None = None, key: str | None = None) -> FeaturePage:
    """Decode an answer and give each object its key.

    Args:
        payload: the answer.
        geometry: the geometry property, where a type has several.
        key: the attribute that is the business key; it is trusted more than the feature id.

    Raises:
        UpstreamException: an exception report.
        DecodeError: no features.
    """
    batch = decode(payload, geometry=geometry)
    return FeaturePage(batch=batch, keys=tuple(_keys(batch, key)), last_modified=payload.last_modified)


def _keys(batch: FeatureBatch, key: str | None) -> Iterator[bytes]:
    """Digests of id, geometry and attributes.

    The content is part of it, since ids are not always unique, and is all of it where there is no id (GWSW) or none
    that lasts. Equal objects within one answer are told apart by their number: they are several.
    """
    trusted = batch.columns.get(key) if key is not None else None
    ids = batch.ids if trusted is None else trusted
    places = shapely.to_wkb(batch.geometry)
    rows = zip(*(batch.columns[name] for name in sorted(batch.columns)), strict=True)
    attributes = rows if batch.columns else iter([()] * len(batch))
    seen: Counter[bytes] = Counter()
    for name, place, values in zip(ids, places, attributes, strict=True):
        digest = hashlib.blake2b(place or b"", digest_size=16)
        digest.update(repr((_lasting(name), values)).encode("utf-8", "surrogatepass"))
        content = digest.digest()
        seen[content] += 1
        yield content + seen[content].to_bytes(4)


def _lasting(name: object) -> object:
    return None if isinstance(name, str) and _VOLATILE_ID.fullmatch(name) else name
