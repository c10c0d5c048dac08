"""The data in a ZIP archive, unpacked within bounds: what the archive says of its sizes is not trusted."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path, PurePosixPath

from wfs_proxy.errors import MalformedDocument, NotFeatures, UpstreamTooLarge
from wfs_proxy.file_state import companions
from wfs_proxy.sources.file.unchosen_layer import UnchosenLayer
from wfs_proxy.sources.unreadable_file import unreadable

__all__ = ["MOST_UNPACKED", "unpack"]

MOST_UNPACKED = 2 << 30
"""Bytes of the unpacked files together."""

_MOST_MEMBERS = 10_000
_MOST_NAMED = 10
"""Files in a message."""

_PIECE = 1 << 20
"""Bytes that are unpacked at once."""

_DATA = (".gpkg", ".fgb", ".shp", ".csv", ".txt")
_UNREADABLE = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError)
"""What zipfile raises for a damaged, an encrypted, and an unusual archive (a RuntimeError of a subclass)."""


def unpack(path: Path, wanted: str | None, folder: Path) -> tuple[Path, str | None]:
    """Unpack the data of an archive, and return its file and the layer that is still to be chosen in it.

    Args:
        path: the archive.
        wanted: the name of one of its files, with or without folder and ending, or a layer of its only file; None: it
            has one file.
        folder: an empty folder. The files get names of our own, so an archive cannot choose where they are.

    Raises:
        ConfigurationError: the archive cannot be opened.
        UnchosenLayer: it has several files and none is chosen.
        NotFeatures: it has no data.
        MalformedDocument: it is damaged or encrypted.
        UpstreamTooLarge: it is larger than `MOST_UNPACKED` when unpacked, or has too many files.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            member, layer = _chosen(archive, path.name, wanted)
            return _unpacked(archive, member, folder), layer
    except _UNREADABLE as error:
        raise MalformedDocument(f"{path.name} cannot be unpacked, it is damaged or encrypted: {error}") from error
    except OSError as error:
        raise unreadable(path, error) from error


def _chosen(archive: zipfile.ZipFile, name: str, wanted: str | None) -> tuple[str, str | None]:
    members = archive.namelist()
    if len(members) > _MOST_MEMBERS:
        raise UpstreamTooLarge(f"{name} has {len(members)} files; at most {_MOST_MEMBERS} are allowed")
    if "[Content_Types].xml" in members:
        raise NotFeatures(f"{name} is a workbook or a text document: save the sheet as CSV")
    found = [member for member in members if _is_data(member)]
    if not found:
        raise NotFeatures(f"{name} has no GeoPackage, FlatGeobuf, Shapefile or CSV in it")
    meant = [member for member in found if wanted in _names_of(member)]
    if len(meant) == 1:
        return meant[0], None
    if len(found) == 1:
        return found[0], wanted
    listed = ", ".join(sorted(found)[:_MOST_NAMED])
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    message = f"{name} has several files ({listed}{more}): name one of them in `layer`"
    raise UnchosenLayer(message, tuple(sorted(found)))


def _is_data(member: str) -> bool:
    path = PurePosixPath(member)
    hidden = path.name.startswith(".") or "__MACOSX" in path.parts
    return path.suffix.lower() in _DATA and not hidden


def _names_of(member: str) -> tuple[str, ...]:
    path = PurePosixPath(member)
    return member, path.name, path.stem


def _unpacked(archive: zipfile.ZipFile, member: str, folder: Path) -> Path:
    """Unpack a member and those that belong to it."""
    data = folder / f"data{PurePosixPath(member).suffix.lower()}"
    same_case = {name.lower(): name for name in archive.namelist()}
    left = MOST_UNPACKED
    for target in companions(data):
        source = same_case.get(str(PurePosixPath(member).with_suffix(target.suffix)).lower())
        if source is not None:
            left -= _unpack_one(archive, source, target, left)
    return data


def _unpack_one(archive: zipfile.ZipFile, member: str, target: Path, most: int) -> int:
    written = 0
    with archive.open(member) as packed, target.open("wb") as file:
        while piece := packed.read(_PIECE):
            written += len(piece)
            if written > most:
                raise UpstreamTooLarge(f"{member} is larger than {MOST_UNPACKED >> 30} GiB when it is unpacked")
            file.write(piece)
    return written
