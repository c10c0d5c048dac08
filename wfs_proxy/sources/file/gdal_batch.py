"""What GDAL reads of a file, as a batch."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from wfs_proxy.decode import count_unreadable_texts
from wfs_proxy.errors import ConfigurationError, MalformedDocument, NotFeatures
from wfs_proxy.features import UNREADABLE_GEOMETRY, Encoding, FeatureBatch
from wfs_proxy.gdal import FileDescription, ReadFailure, RowBatch
from wfs_proxy.geo import srs_name_of
from wfs_proxy.sources.file.character_sets import decode_columns
from wfs_proxy.sources.file.data_file import DataFile
from wfs_proxy.sources.file.file_kind import FileKind
from wfs_proxy.sources.file.limits import MOST_BYTES, MOST_OBJECTS, too_large
from wfs_proxy.sources.file.unchosen_layer import UnchosenLayer

__all__ = ["UNSUPPORTED_GEOMETRY", "GdalObjects", "batch_of"]

UNSUPPORTED_GEOMETRY = "unsupported geometry"
"""A reason in the batch."""

_LAST_SIMPLE_TYPE = shapely.GeometryType.GEOMETRYCOLLECTION
"""Curves and surfaces have higher numbers; GDAL converts them, but not within collections."""

_LASTING_IDS = frozenset({FileKind.GEOPACKAGE})
"""The formats whose feature ids are a primary key. Elsewhere they are the number of the row."""


@dataclass(frozen=True, kw_only=True, eq=False)
class GdalObjects:
    """What a file holds."""

    batch: FeatureBatch
    description: FileDescription


def batch_of(
    answers: Iterator[FileDescription | ReadFailure | RowBatch],
    file: DataFile,
    *,
    wanted: Collection[str] | None,
    declared_set: str | None,
) -> GdalObjects:
    """Return the objects of a file.

    Args:
        answers: of the process that reads it.
        file: what they are of.
        wanted: the columns that were ordered; the others have their name and no values. None: all.
        declared_set: the character set that the file declares, for texts whose bytes were read.

    Raises:
        ConfigurationError: the layer is not in the file.
        NotFeatures: it has no layers.
        MalformedDocument: it cannot be read.
        UpstreamTooLarge: it has more than may be held in memory.
    """
    description = next(answers)
    if isinstance(description, ReadFailure):
        raise _error(description, file)
    assert isinstance(description, FileDescription)
    parts = list(_parts(answers, file))
    raw = any(part.raw_texts for part in parts)
    columns = {name: _joined(name, parts) for name in description.fields if wanted is None or name in wanted}
    if raw:
        columns = dict(decode_columns(columns, file.source.encoding, declared_set))
    count = sum(len(part.fids) for part in parts)
    ids = _ids(parts, count, file.kind)
    absent = np.full(count, None, dtype=object)
    every = {name: columns.get(name, absent) for name in description.fields}
    if description.fid_column and (wanted is None or description.fid_column in wanted):
        every.setdefault(description.fid_column, ids)
    geometry, errors = _geometry(parts)
    srs_name = file.source.srs_name or (None if description.crs is None else srs_name_of(description.crs))
    batch = FeatureBatch(
        ids=ids,
        type_names=np.full(count, description.layer, dtype=object),
        geometry=geometry,
        geometry_errors=errors,
        srs_index=np.full(count, -1 if srs_name is None else 0, dtype=np.int32),
        srs_names=() if srs_name is None else (srs_name,),
        columns=every,
        encoding=Encoding.FILE,
        unreadable_texts=count_unreadable_texts(ids, every) if raw else 0,
    )
    return GdalObjects(batch=batch, description=description)


def _parts(answers: Iterator[FileDescription | ReadFailure | RowBatch], file: DataFile) -> Iterator[RowBatch]:
    count = size = 0
    for answer in answers:
        if isinstance(answer, ReadFailure):
            raise _error(answer, file)
        assert isinstance(answer, RowBatch)
        count += len(answer.fids)
        size += _size(answer)
        if count > MOST_OBJECTS or size > MOST_BYTES:
            raise too_large(file.name, count)
        yield answer


def _size(part: RowBatch) -> int:
    """Return the bytes of the geometries and texts."""
    texts = [values for name, values in part.columns.items() if part.kinds[name] == "text"]
    return sum(len(value) for values in (part.geometry, *texts) for value in values if isinstance(value, bytes | str))


def _error(failure: ReadFailure, file: DataFile) -> ConfigurationError | NotFeatures | MalformedDocument:
    if failure.layers:
        listed = ", ".join(failure.layers)
        if file.source.layer is None:
            message = f"{file.name} has several layers ({listed}): name one of them in `layer`"
            return UnchosenLayer(message, failure.layers)
        return ConfigurationError(f"{file.name} has no layer {file.source.layer!r}; it has: {listed}")
    return MalformedDocument(f"{file.name} cannot be read as {file.kind.title}: {failure.reason}")


def _joined(name: str, parts: Sequence[RowBatch]) -> NDArray[np.object_]:
    """Return (N,) the JSON values of a column; integers and booleans of a column with nulls were floats."""
    if not parts:
        return np.empty(0, dtype=object)
    return np.concatenate([_values(part.columns[name], part.kinds[name]) for part in parts])


def _values(values: NDArray[Any], kind: str) -> NDArray[np.object_]:
    if values.dtype.kind != "f":
        listed = values.astype(object)
        return _lists(listed) if kind == "text" else listed
    null = ~np.isfinite(values)
    if kind == "integer":
        found = np.where(null, 0, values).astype(np.int64).astype(object)
    elif kind == "boolean":
        found = np.where(null, 0, values).astype(np.bool_).astype(object)
    else:
        found = values.astype(object)
    found[null] = None
    return found


def _lists(values: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return (N,) values in which arrays are lists and bytes are None: no layer serves them."""
    for row, value in enumerate(values):
        if isinstance(value, np.ndarray):
            values[row] = value.tolist()
        elif isinstance(value, bytes):
            values[row] = None
    return values


def _ids(parts: Sequence[RowBatch], count: int, kind: FileKind) -> NDArray[np.object_]:
    if kind not in _LASTING_IDS:
        return np.full(count, None, dtype=object)
    fids = (str(fid) for part in parts for fid in part.fids.tolist())
    return np.fromiter(fids, dtype=object, count=count)


def _geometry(parts: Sequence[RowBatch]) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Return (N,) 2D geometries, None where there is none or it is empty, and (N,) why one cannot be used."""
    encoded = np.concatenate([part.geometry for part in parts]) if parts else np.empty(0, dtype=object)
    geometry = np.asarray(shapely.from_wkb(encoded, on_invalid="ignore"), dtype=object)
    errors = np.full(len(geometry), None, dtype=object)
    given = np.fromiter((each is not None for each in encoded), dtype=np.bool_, count=len(encoded))
    errors[given & shapely.is_missing(geometry)] = UNREADABLE_GEOMETRY
    kinds = shapely.get_type_id(geometry)
    odd = kinds > _LAST_SIMPLE_TYPE
    for row in np.flatnonzero(kinds == _LAST_SIMPLE_TYPE).tolist():
        odd[row] = any(word in geometry[row].wkt for word in ("CIRCULAR", "CURVE", "SURFACE"))
    errors[odd] = UNSUPPORTED_GEOMETRY
    geometry[odd | shapely.is_empty(geometry)] = None
    return geometry, errors
