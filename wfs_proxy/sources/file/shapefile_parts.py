"""The files of a Shapefile: whether they belong together and are whole, and which character set they declare.

Programs write them one after the other, so a fetch may find a new .shp beside an old .dbf. Layout: ESRI Shapefile
Technical Description (1998); dBASE table file format, of which byte 29 is the "language driver".
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from wfs_proxy.errors import ConfigurationError, MalformedDocument, UpstreamIncomplete
from wfs_proxy.file_state import companions
from wfs_proxy.sources.unreadable_file import unreadable

__all__ = ["declared_character_set", "require_whole"]

_HEADER = 100
"""Bytes of the header of .shp and .shx."""

_INDEX_RECORD = 8
"""Bytes per shape in .shx."""

_DBF_HEADER = 32

_LANGUAGE_DRIVERS = {0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x57: "cp1252", 0x58: "cp1252", 0x59: "cp1252"}
"""Those of western Europe. 0x57 is "the code page of this computer", which ArcGIS writes."""


def require_whole(path: Path) -> None:
    """Refuse a Shapefile of which a part is missing, cut off, or not of the same moment.

    Raises:
        ConfigurationError: a part is missing.
        MalformedDocument: a part is shorter than its header says.
        UpstreamIncomplete: the parts have different numbers of objects.
    """
    shapes, table, index = companions(path)[:3]
    declared = 2 * int.from_bytes(_start(shapes)[24:28], "big")
    if shapes.stat().st_size < declared:
        raise MalformedDocument(f"{shapes.name} is cut off: it has {shapes.stat().st_size} of {declared} bytes")
    header = _start(table)
    rows = int.from_bytes(header[4:8], "little")
    size = int.from_bytes(header[8:10], "little") + rows * int.from_bytes(header[10:12], "little")
    if len(header) < _DBF_HEADER or table.stat().st_size < size:
        raise MalformedDocument(f"{table.name} is cut off: it has {table.stat().st_size} of {size} bytes")
    count = (2 * int.from_bytes(_start(index)[24:28], "big") - _HEADER) // _INDEX_RECORD
    if count != rows:
        raise UpstreamIncomplete(
            f"{index.name} has {count} objects and {table.name} has {rows}: these files are not of the same moment, or "
            "are being copied"
        )


def declared_character_set(path: Path) -> str | None:
    """Return the character set that the .cpg or the .dbf declares, as Python spells it; None if that is unknown."""
    table, _, _, page = companions(path)[1:]
    try:
        text = page.read_bytes()[:100].decode("ascii", "replace").strip()
    except OSError:
        return _LANGUAGE_DRIVERS.get(_start(table)[29])
    return _named(text)


def _named(text: str) -> str | None:
    """Return the codec of a text in a .cpg: "UTF-8", "1252", "ANSI 1252", "ISO 88591", "8859_15"."""
    short = re.sub(r"^(?:ansi|oem|windows|cp)[ _-]*(?=\d)", "", text.strip(), flags=re.IGNORECASE)
    latin = re.fullmatch(r"(?:iso[ _-]*)?8859[ _-]*(\d{1,2})", short, re.IGNORECASE)
    number = re.fullmatch(r"\d{3,4}", short)
    name = f"iso8859-{latin[1]}" if latin else f"cp{short}" if number else short
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return None


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEADER)
    except FileNotFoundError as error:
        raise ConfigurationError(f"the Shapefile has no {path.name}: put it beside the .shp") from error
    except OSError as error:
        raise unreadable(path, error) from error
