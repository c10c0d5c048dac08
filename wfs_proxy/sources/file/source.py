"""The source of a `type: file` layer."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from wfs_proxy.bbox import BBox
from wfs_proxy.config import FileSource, Layer, used_attributes
from wfs_proxy.errors import ConfigurationError, MalformedDocument, UpstreamIncomplete
from wfs_proxy.features import FeatureBatch, FetchReport
from wfs_proxy.file_state import file_state
from wfs_proxy.gdal import ReadOrder
from wfs_proxy.geo import Reading
from wfs_proxy.offload import Offload
from wfs_proxy.sources.boxes import area_in_crs
from wfs_proxy.sources.file.archive import unpack
from wfs_proxy.sources.file.csv_batch import read_csv
from wfs_proxy.sources.file.data_file import DataFile
from wfs_proxy.sources.file.file_kind import FileKind, kind_of
from wfs_proxy.sources.file.gdal_batch import GdalObjects, batch_of
from wfs_proxy.sources.file.gdal_process import GdalProcess
from wfs_proxy.sources.file.shapefile_parts import declared_character_set, require_whole
from wfs_proxy.sources.native_box import NativeBox
from wfs_proxy.sources.protocol import FetchedFeatures
from wfs_proxy.sources.readings import first_reading
from wfs_proxy.sources.unreadable_file import unreadable
from wfs_proxy.values import PATH_SEPARATOR

__all__ = ["FileFeatureSource"]

SETTLED = 2.0
"""Seconds in which a file must not change before it is read. A copy that is under way writes more often."""

LONGEST_COPY = 60.0
"""Seconds after which waiting for a file ends; the fetch is repeated like every other that failed."""

_SAMPLE = 1000
"""Objects that show the CRS and the axis order of a file."""


@dataclass(frozen=True, kw_only=True)
class _Part:
    """Which part of a file is read."""

    wanted: Collection[str] | None
    box: NativeBox | None = None
    most: int | None = None


class FileFeatureSource:
    """Reads the file of a `type: file` source."""

    def __init__(self, layer: Layer, source: FileSource, offload: Offload, *, settled: float = SETTLED) -> None:
        """Read nothing yet.

        Args:
            layer: which attributes are used.
            source: its block `source`.
            offload: runs a function outside the event loop.
            settled: seconds in which a file must not change before it is read.
        """
        self._source = source
        self._path = Path(source.path)
        self._used = frozenset(name for used in used_attributes(layer) for name in _with_beginnings(used))
        self._offload = offload
        self._settled = settled

    async def fetch(self, area: BBox | None = None, /) -> FetchedFeatures:
        """Return the objects of the file, or those that touch an area or are within a metre of it.

        Raises:
            ConfigurationError: the file is not there or cannot be read, the layer or the columns are not in it, or a
                library is not installed.
            DecodeError: it is damaged, or of another kind.
            UpstreamIncomplete: it is being written.
            UpstreamTooLarge: it is larger than may be held in memory.
        """
        box = None if area is None else await self._box(area)
        return await self._read(_Part(wanted=self._used, box=box))

    async def sample(self, count: int, /) -> FetchedFeatures:
        """Return the first objects of the file, with all columns. Raises as `fetch` does."""
        return await self._read(_Part(wanted=None, most=count))

    async def _read(self, part: _Part) -> FetchedFeatures:
        state = await self._settled_state()
        batch, notes = await self._objects(part)
        if await self._offload(file_state, self._path) != state:
            raise UpstreamIncomplete(f"{self._path.name} was changed while it was read; it is read again")
        report = FetchReport(
            complete=not notes,
            notes=notes,
            last_modified=_modified(self._path),
            file_state=state,
        )
        return FetchedFeatures(batch=batch, report=report)

    async def _settled_state(self) -> str:
        """Return the state of the file once it does not change any more.

        A file that was not touched lately is not waited for. The clock of a file server may be wrong, so a time in the
        future proves nothing.
        """
        deadline = time.monotonic() + LONGEST_COPY
        state = await self._state()
        while True:
            age = time.time() - (await self._offload(_modified, self._path)).timestamp()
            if age >= self._settled:
                return state
            await asyncio.sleep(self._settled)
            again = await self._state()
            if again == state:
                return state
            if time.monotonic() > deadline:
                raise UpstreamIncomplete(f"{self._path.name} is still being written")
            state = again

    async def _state(self) -> str:
        state: str | None = await self._offload(file_state, self._path)
        if state is None:
            await self._offload(kind_of, self._path)  # raises, with the reason
            raise ConfigurationError(f"the file {self._path.name} cannot be read")
        return state

    async def _box(self, area: BBox) -> NativeBox | None:
        """Return an area in the numbers of the file; None if these are not known, so that nothing is left out."""
        sample, _ = await self._objects(_Part(wanted=(), most=_SAMPLE))
        reading: Reading | None = await self._offload(first_reading, sample, self._source)
        return None if reading is None else area_in_crs(area, reading.crs, reading.order)

    async def _objects(self, part: _Part) -> tuple[FeatureBatch, tuple[str, ...]]:
        """Return the objects, and why some may be missing."""
        running: list[GdalProcess] = []
        try:
            found: tuple[FeatureBatch, tuple[str, ...]] = await self._offload(self._read_part, part, running)
        except asyncio.CancelledError:
            for process in running:
                process.stop()
            raise
        return found

    def _read_part(self, part: _Part, running: list[GdalProcess]) -> tuple[FeatureBatch, tuple[str, ...]]:
        kind = kind_of(self._path)
        if kind is not FileKind.ARCHIVE:
            return _of_file(DataFile(self._path, kind, self._source), part, running)
        try:
            folder = tempfile.TemporaryDirectory(prefix="wfs-proxy-")
        except OSError as error:
            raise ConfigurationError(
                f"{self._path.name} cannot be unpacked, because no temporary folder can be written; set TMPDIR"
            ) from error
        with folder as name:
            data, layer = unpack(self._path, self._source.layer, Path(name))
            source = self._source.model_copy(update={"layer": layer})
            return _of_file(DataFile(data, kind_of(data), source), part, running)


def _of_file(file: DataFile, part: _Part, running: list[GdalProcess]) -> tuple[FeatureBatch, tuple[str, ...]]:
    if file.kind is FileKind.CSV:
        found = read_csv(file.path, file.source, part.wanted)
        batch = found.batch if part.most is None else found.batch.take(np.arange(min(len(found.batch), part.most)))
        return batch, ("the last line is cut off",) if found.cut_off else ()
    objects = _with_gdal(file, part, running)
    missing = _missing(objects, part)
    if missing and file.kind is FileKind.FLATGEOBUF:
        # GDAL stops without an error where the file ends; other formats may count rows that were deleted
        raise MalformedDocument(f"{file.name} is cut off: {missing[0]}")
    return objects.batch, missing


def _with_gdal(file: DataFile, part: _Part, running: list[GdalProcess]) -> GdalObjects:
    declared = None
    if file.kind is FileKind.SHAPEFILE:
        try:
            require_whole(file.path)
            declared = declared_character_set(file.path)
        except OSError as error:
            raise unreadable(file.path, error) from error
    order = ReadOrder(
        path=str(file.path),
        driver=file.kind.value,
        layer=file.source.layer,
        names=None if part.wanted is None else frozenset(part.wanted),
        box=None if part.box is None else (*part.box[:2], *part.box[2:]),
        most_rows=part.most,
        raw_texts=file.kind is FileKind.SHAPEFILE,
    )
    process = GdalProcess(order, file.name)
    running.append(process)
    with process.answers() as answers:
        return batch_of(answers, file, wanted=part.wanted, declared_set=declared)


def _with_beginnings(path: str) -> Iterator[str]:
    """Yield a, a.b and a.b.c for a.b.c, which may be a path or the name of a column."""
    names = path.split(PATH_SEPARATOR)
    yield from (PATH_SEPARATOR.join(names[:end]) for end in range(1, len(names) + 1))


def _missing(objects: GdalObjects, part: _Part) -> tuple[str, ...]:
    """Return why objects may be missing: fewer were read than the file counts."""
    count, read = objects.description.rows, len(objects.batch)
    if part.box is not None or part.most is not None or count is None or read >= count:
        return ()
    return (f"{read} of the {count} objects that the file counts could be read",)


def _modified(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise unreadable(path, error) from error
