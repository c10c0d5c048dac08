"""Which columns of a table are the coordinates, by their usual names: x and y, "RD X", "X-coördinaat", lon and lat.

A pair is two columns whose names differ in the word for the axis only. Which pair holds the places is decided by the
values, and what the numbers mean by `geo`: a name is a label, and labels are often wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = ["CoordinatePair", "coordinate_pairs"]

_AXES = (
    ("x", "y", False),
    ("longitude", "latitude", True),
    ("lengtegraad", "breedtegraad", True),
    ("long", "lat", True),
    ("lon", "lat", True),
    ("lng", "lat", True),
    ("lengte", "breedte", True),
    ("easting", "northing", False),
)
"""The words for the first and the second axis, and whether they mean degrees."""

_RD, _DEGREES = r"rdnew|rd|epsg28992|28992", r"wgs84|wgs|etrs89|epsg4326|4326|epsg4258|4258|gps"
_OTHERS = r"coordinaten|coordinaat|coordinates|coordinate|coord|co|geo|geometry|geometrie|point|punt|pos|positie"
_AFFIX = rf"(?:{_RD}|{_DEGREES}|{_OTHERS}|locatie|location|loc|decimaal|decimal|graden|degrees|meter|in|m)*"


class CoordinatePair(NamedTuple):
    """Two columns whose names are those of coordinates."""

    x: str
    """The column with the easting or longitude."""

    y: str

    srs_name: str | None
    """The CRS that the names mention: EPSG:28992, OGC:CRS84; None: they mention none."""


def coordinate_pairs(names: Sequence[str]) -> list[CoordinatePair]:
    """Return the pairs among the names of columns: RD first, because our conversion of it is exact, then degrees."""
    pairs = dict.fromkeys(_pairs(names))
    return sorted(pairs, key=lambda pair: ("EPSG:28992", "OGC:CRS84", None).index(pair.srs_name))


def _pairs(names: Sequence[str]) -> Iterator[CoordinatePair]:
    plain = {_plain(name): name for name in reversed(names)}
    for text, name in plain.items():
        for first, second, degrees in _AXES:
            match = re.fullmatch(rf"({_AFFIX})({first})({_AFFIX})", text)
            other = plain.get(f"{match[1]}{second}{match[3]}") if match else None
            if match and other is not None:
                yield CoordinatePair(name, other, _srs_name(match[1] + match[3], degrees=degrees))
                break


def _srs_name(affixes: str, *, degrees: bool) -> str | None:
    if degrees or re.search(_DEGREES, affixes):
        return "OGC:CRS84"
    return "EPSG:28992" if re.search(_RD, affixes.replace("coord", "")) else None


def _plain(name: str) -> str:
    """Return a name in lower case without accents and without everything that is neither a letter nor a digit."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[^a-z0-9]", "", decomposed)
