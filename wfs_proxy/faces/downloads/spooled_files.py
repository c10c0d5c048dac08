"""GeoPackage and FlatGeobuf: files that GDAL writes, in a process of its own, before they are sent.

    selected features -> batches -> `gdal/writer.py` -> a file in a temporary folder -> an open file without a name

A few files are made at the same time, and a few more requests wait for that; others are refused. A file has no name any
more when it is sent, so its space is free again as soon as it is closed, whatever happens to the request.
"""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from wfs_proxy.errors import BadRequest, FormatUnavailable, NotReady
from wfs_proxy.faces.downloads.object_columns import Batch, batches, ids_of, property_types, unused_name
from wfs_proxy.gdal import ColumnBatch, FileOrder, has_gdal
from wfs_proxy.offload import Offload
from wfs_proxy.serve import SelectedFeatures

__all__ = ["SPOOLED_FORMATS", "SpooledFiles", "SpooledFormat", "different", "require_installed"]

LOG = logging.getLogger(__name__)

MOST_OBJECTS = 1_000_000
"""In one file; it takes about a minute."""

MOST_BYTES = 2 << 30
"""Of one file."""

LONGEST = 300.0
"""Seconds that one file may take."""

AT_ONCE = 2
"""Files that a process makes at the same time."""

WAITING = 8
"""Requests that wait until another file is ready."""

_ROWS_AT_ONCE = 10_000
"""GDAL opens the file for each batch, so there are fewer batches than for text."""

_PREFIX = "download-"

_RETRY_AFTER = 30
"""Seconds."""


class SpooledFormat(NamedTuple):
    """A format that GDAL writes."""

    ending: str
    media_type: str
    driver: str
    title: str
    appends: bool
    """Whether objects can be added to a file, so that it is never in memory."""

    @property
    def key(self) -> str:
        """All that changes the content in addition to the data and the query."""
        return f"download {self.ending} "


SPOOLED_FORMATS = {
    "gpkg": SpooledFormat("gpkg", "application/geopackage+sqlite3", "GPKG", "GeoPackage", appends=True),
    "fgb": SpooledFormat("fgb", "application/flatgeobuf", "FlatGeobuf", "FlatGeobuf", appends=False),
}
"""Value of `f` -> the format. The media type of GeoPackage is that of OGC 12-128r18, requirement 3; FlatGeobuf has no
registered one, and this is what its authors use."""


class SpooledFiles:
    """Makes files. For use on one event loop."""

    def __init__(self, folder: Path | None, *, offload: Offload = asyncio.to_thread) -> None:
        """Make files in a folder.

        Args:
            folder: on a disk with space for `AT_ONCE` files; None: the system's folder for temporary files.
            offload: runs a function outside the event loop.
        """
        self._folder = folder
        self._offload = offload
        self._running = asyncio.Semaphore(AT_ONCE)
        self._asked = 0

    async def made(self, kind: SpooledFormat, selected: SelectedFeatures) -> tuple[BinaryIO, int]:
        """Return a file at its beginning, which the caller closes, and its length in bytes.

        Raises:
            BadRequest: there are more objects than a file may have.
            NotReady: too many files are being made, or this one could not be written or became too large.
        """
        count = selected.selection.matched
        if count > MOST_OBJECTS:
            raise BadRequest(
                f"f={kind.ending} can have {MOST_OBJECTS} objects, and these are {count}: give bbox= or filter=, "
                "or use f=geojson or f=csv, which have no limit."
            )
        if self._asked >= AT_ONCE + WAITING:
            raise NotReady("Too many files are being made; try again in a moment.", retry_after=_RETRY_AFTER)
        self._asked += 1
        try:
            async with self._running:
                file: BinaryIO = await self._offload(partial(_made, kind, selected, self._folder))
        except OSError as error:
            LOG.warning("The %s of the layer %s could not be written: %s", kind.title, selected.layer.id, error)
            raise NotReady(
                "The file could not be written; the proxy log says why. f=csv and f=geojson need no file.",
                retry_after=_RETRY_AFTER,
            ) from error
        finally:
            self._asked -= 1
        return file, os.fstat(file.fileno()).st_size


def require_installed(kind: SpooledFormat) -> None:
    """Refuse a format whose library is not installed.

    Raises:
        FormatUnavailable: the extra `files` is missing.
    """
    if not has_gdal():
        raise FormatUnavailable(
            f"{kind.title} is not available here: the operator can install it with "
            "pip install 'wfs-proxy[files]'. f=csv and f=geojson are always available."
        )


def _remove_leftovers(folder: Path) -> None:
    """Remove the folders of files whose process was killed while it made them."""
    for leftover in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if leftover.stat().st_mtime < time.time() - 2 * LONGEST:
                shutil.rmtree(leftover)


def _made(kind: SpooledFormat, selected: SelectedFeatures, folder: Path | None) -> BinaryIO:
    if folder is not None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_leftovers(folder)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=folder) as name:
        path = Path(name, f"{selected.layer.id}.{kind.ending}")
        order = _order(kind, selected, path)
        _write(order, selected)
        return path.open("rb")


def _order(kind: SpooledFormat, selected: SelectedFeatures, path: Path) -> FileOrder:
    layer = selected.layer
    types = property_types(layer)
    names = different((unused_name("id", tuple(types)), *types))
    return FileOrder(
        path=str(path),
        driver=kind.driver,
        appends=kind.appends,
        layer=layer.id,
        names=names,
        types=("string", *types.values()),
        options=_options(kind, layer.title, names),
        most_bytes=MOST_BYTES,
    )


def _options(kind: SpooledFormat, title: str, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    if kind.driver != "GPKG":
        return (("TITLE", title),)
    own = ("FID", unused_name("fid", names)), ("GEOMETRY_NAME", unused_name("geom", names))
    return (*own, ("IDENTIFIER", title))


def different(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names that differ in more than case, which SQLite ignores: naam, Naam_2."""
    given: list[str] = []
    for name in names:
        number, other = 1, name
        while other.lower() in {each.lower() for each in given}:
            number += 1
            other = f"{name}_{number}"
        given.append(other)
    return tuple(given)


def _write(order: FileOrder, selected: SelectedFeatures) -> None:
    command = [sys.executable, "-m", "wfs_proxy.gdal.writer"]
    with tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(  # noqa: S603 - it runs this package
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=stderr
        )
        with _killed_after(process, LONGEST):
            with suppress(BrokenPipeError):  # it ended early, and its status says so
                _feed(process, order, selected)
            status = process.wait()
        if status:
            stderr.seek(0)
            raise OSError(f"status {status}: {stderr.read().decode(errors='replace')}")


def _feed(process: subprocess.Popen[bytes], order: FileOrder, selected: SelectedFeatures) -> None:
    assert process.stdin is not None
    with process.stdin as pipe:
        pickle.dump(order, pipe)
        properties = tuple(property_types(selected.layer))
        for batch in batches(selected, _ROWS_AT_ONCE):
            pickle.dump(_columns(batch, properties), pipe)
        pickle.dump(None, pipe)


def _columns(batch: Batch, properties: Iterable[str]) -> ColumnBatch:
    part, rows = batch
    return ColumnBatch(
        lonlat=part.lonlat[rows],
        columns=[list(ids_of(batch)), *(part.column(name, rows).to_list() for name in properties)],
    )


@contextmanager
def _killed_after(process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    """Kill a process that does not end in time; its pipe then breaks."""
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        process.kill()  # does nothing if it has ended
        process.wait()
