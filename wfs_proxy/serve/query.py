"""Reads the query string of `/layers/{id}/features` into a `FeatureQuery`.

Harmless deviations are accepted: swapped corners, any spelling of WGS84, names in any case, unknown parameters.
Requests that would get a wrong answer are refused: another CRS, a filter that cannot be applied, text that is not a
number.

The box of `bbox=` is west, south, east, north, even where `srsName` names a CRS with another axis order
(`urn:ogc:def:crs:EPSG::4326`, latitude first in WFS 1.1.0 and 2.0.0): the URL templates of the frontends write it so
with every name. Other templates, such as those in Signalen's manual, write south, west, north, east with every name. So
the numbers decide and not the name: a box that misses the layer is read the other way if it is in the layer then
(`FeatureQuery.within`). `west=`, `south=`, `east=` and `north=` say which number is which and are never swapped.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, unquote_plus

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import BadRequest, Gone
from wfs_proxy.filters import Expression, FilterSchema, HasId, box_of, checked, read_cql2, read_fes, served_name, within

__all__ = [
    "DEFAULT_LIMIT",
    "MAXIMUM_LIMIT",
    "SELECTING",
    "Cursor",
    "ExplicitBox",
    "FeatureQuery",
    "PlacedRow",
    "SortKey",
    "parse_feature_query",
    "read_coordinate",
    "read_cursor",
    "read_limit",
]

DEFAULT_LIMIT = 5_000
"""Objects in an answer when the client sets no limit: many times more than a map can show at zoom 13."""

MAXIMUM_LIMIT = 50_000
"""A higher limit is lowered to this (OGC 17-069r4, requirement /req/core/fc-limit-response-1)."""

_SIDES = ("west", "south", "east", "north")
_FILTERS = ("filter", "cql_filter")
_FILTER_CRS = "filter-crs"
SELECTING = ("bbox", *_SIDES, "srsname", *_FILTERS, _FILTER_CRS)
"""The parameters that select objects."""

_KNOWN = frozenset((*SELECTING, "limit", "cursor"))
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_CURSOR = re.compile(r"([0-9A-Za-z]+)\.(\d{1,10})(?:\.(\d{1,10}))?", re.ASCII)
_PLAIN = re.compile(
    r"bbox=(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)(?:&srsName=EPSG:4326)?", re.ASCII
)
"""The form that the frontends send; `_general` reads all others."""

_WGS84 = re.compile(
    r"(?:urn:(?:x-)?ogc:def:crs:|https?://www\.opengis\.net/def/crs/)?(?:epsg[:/](?:[\d.]*[:/])?)?4326"
    r"|https?://www\.opengis\.net/gml/srs/epsg\.xml#4326"
    r"|(?:urn:(?:x-)?ogc:def:crs:|https?://www\.opengis\.net/def/crs/)?(?:ogc[:/](?:[\d.]*[:/])?)?crs:?84",
    re.IGNORECASE,
)
"""`geo.crs.parse_srs_name` is too slow here: for an unknown name it asks PROJ, which blocks the event loop for a third
of a second."""


class PlacedRow(NamedTuple):
    """An object by its place in the snapshots of a layer, which is the same as long as their version is."""

    part: int
    """Number of the snapshot: 0, or that of a cell among those that the query touches."""

    row: int


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """Where a page starts. With a version it is valid only while the layer has that of the previous page."""

    version: str | None
    """Of what decides about the order; None: the page starts at this number of objects in any version, as `startIndex`
    of WFS does."""

    offset: int = 0
    """Objects on all previous pages, in the order of the query; 0 with `after`."""

    after: PlacedRow | None = None
    """The last object of the previous page, for a query whose objects may change while the order stays."""

    def __str__(self) -> str:
        place = self.offset if self.after is None else f"{self.after.part}.{self.after.row}"
        return f"{self.version or ''}.{place}"


class SortKey(NamedTuple):
    """One property that the objects are sorted by. Nulls come last in both directions."""

    property: str
    descending: bool = False

    def __str__(self) -> str:
        return f"-{self.property}" if self.descending else self.property


class ExplicitBox(BBox):
    """A box of a request that names each side, so that the order of its numbers is no assumption."""

    __slots__ = ()


class FeatureQuery(NamedTuple):
    """A valid request for features."""

    box: BBox | None = None
    """west, south, east, north in degrees; None: the whole layer."""

    limit: int | None = None
    """1 to `MAXIMUM_LIMIT`; None when the client set none."""

    cursor: Cursor | None = None

    filter: Expression | None = None
    """Objects must match it in addition to the box."""

    properties: tuple[str, ...] | None = None
    """The served properties that are returned; None: all."""

    sort: tuple[SortKey, ...] = ()
    """The first key decides first. Objects that are equal in all keys are sorted by id."""

    @property
    def bounds(self) -> BBox | None:
        """A box that contains all objects that the query selects; None: they may be anywhere."""
        area = None if self.filter is None else box_of(self.filter)
        if self.box is None or area is None:
            return self.box or area
        # boxes without a common point select nothing, and any of both contains that
        return self.box.intersection(area) or self.box

    @property
    def names_properties(self) -> bool:
        """Whether `checked` has anything to check."""
        return self.filter is not None or self.properties is not None or bool(self.sort)

    @property
    def has_ids(self) -> bool:
        """Whether the query asks for objects by their ids only."""
        return isinstance(self.filter, HasId)

    @property
    def by_number(self) -> bool:
        """Whether the answer is a page of all objects in order, and not the objects around the centre of a box."""
        return self.box is None or self.limit is not None or self.cursor is not None or bool(self.sort)

    def __str__(self) -> str:
        """Return the canonical query string: the same for requests with the same meaning."""
        parts = []
        if self.box is not None:
            west, south, east, north = self.box
            parts.append(f"bbox={west!r},{south!r},{east!r},{north!r}")
        if self.limit is not None:
            parts.append(f"limit={self.limit}")
        if self.cursor is not None:
            parts.append(f"cursor={self.cursor}")
        if self.filter is not None:
            parts.append(f"filter={_percent_encoded(str(self.filter))}")
        if self.properties is not None:
            parts.append(f"properties={','.join(map(_quoted, self.properties))}")
        if self.sort:
            parts.append(f"sortby={','.join(map(_quoted, self.sort))}")
        return "&".join(parts)

    def checked(self, schema: FilterSchema) -> FeatureQuery:
        """Return the query with the names and types of a layer.

        Raises:
            BadRequest: a property is unknown, or a literal has the wrong type.
        """
        return self._replace(
            filter=None if self.filter is None else checked(self.filter, schema),
            properties=None if self.properties is None else _served_names(self.properties, schema),
            sort=tuple(key._replace(property=served_name(key.property, schema)) for key in self.sort),
        )

    def page_from(self, cursor: Cursor) -> FeatureQuery:
        """Return the query of the page that starts at `cursor`. It always has a limit, so that paging continues."""
        return self._replace(limit=self.limit or DEFAULT_LIMIT, cursor=cursor)

    def within(self, extent: BBox | None) -> tuple[FeatureQuery, bool]:
        """Return the query with latitude and longitude swapped in boxes that meet the layer's extent only then.

        Args:
            extent: around all objects of the layer; None where it is not known, so that nothing is swapped.

        Returns:
            The query, and whether a box was swapped.
        """
        box = self.box
        swapped = box is not None and extent is not None and _meets_swapped(box, extent)
        if box is not None and swapped:
            box = BBox(box.south, box.west, box.north, box.east)
        if self.filter is None:
            return (self._replace(box=box), True) if swapped else (self, False)
        expression, filter_swapped = within(self.filter, extent)
        return self._replace(box=box, filter=expression), swapped or filter_swapped

    def require_version(self, version: str) -> None:
        """Refuse a page link that belongs to another version of the layer.

        Raises:
            Gone: the layer was refreshed after the previous page, or its marks have changed and are in the order.
        """
        if self.cursor is not None and self.cursor.version not in (version, None):
            raise Gone(
                "The layer was refreshed after the previous page, or the objects are in the order of marks that have "
                "changed; start again at the first page."
            )


def _served_names(names: Iterable[str], schema: FilterSchema) -> tuple[str, ...]:
    return tuple(dict.fromkeys(served_name(name, schema) for name in names))


def _meets_swapped(box: BBox, extent: BBox) -> bool:
    """Whether a box meets an extent only with latitude and longitude swapped."""
    if isinstance(box, ExplicitBox) or box.meets(extent):
        return False
    return BBox(box.south, box.west, box.north, box.east).meets(extent)


def parse_feature_query(query_string: str) -> FeatureQuery:
    """Read the query string of a request for features.

    Args:
        query_string: as in the URL, percent-encoded, without the question mark.

    Raises:
        BadRequest: a parameter is wrong, given twice or not supported.
    """
    return _plain(query_string) or _general(query_string)


def _plain(query_string: str) -> FeatureQuery | None:
    """Return a query of the usual form in a third of the time that `_general` takes; None for any other form."""
    plain = _PLAIN.fullmatch(query_string)
    if plain is None:
        return None
    west, south, east, north = map(float, plain.groups())
    ordered = -180 < west < east < 180 and -90 < south < north < 90  # noqa: PLR2004 - degrees
    return FeatureQuery(box=BBox(west, south, east, north)) if ordered else None


def _general(query_string: str) -> FeatureQuery:
    given = _parameters(query_string)
    if "srsname" in given:
        _require_wgs84(given["srsname"])
    return FeatureQuery(
        box=_box(given),
        limit=read_limit(given.get("limit")),
        cursor=read_cursor(given.get("cursor")),
        filter=_filter(given),
    )


def _parameters(query_string: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in query_string.split("&"):
        name, _, value = part.partition("=")
        name = unquote_plus(name).lower()
        if name not in _KNOWN:
            continue
        if name in found:
            raise BadRequest(f"{name}= is given twice; give it once.")
        found[name] = unquote_plus(value).strip()
    return found


def _box(given: dict[str, str]) -> BBox | None:
    sides = [name for name in _SIDES if name in given]
    if "bbox" in given:
        if sides:
            raise BadRequest(f"bbox= and {sides[0]}= are both given; give bbox=, or west=, south=, east= and north=.")
        return _ordered(_bbox_numbers(given["bbox"]))
    if not sides:
        return None
    if len(sides) < len(_SIDES):
        missing = [f"{name}=" for name in _SIDES if name not in given]
        raise BadRequest(f"{sides[0]}= also needs {' and '.join(missing)}.")
    return ExplicitBox(*_ordered([_number(name, given[name]) for name in _SIDES]))


def _bbox_numbers(text: str) -> list[float]:
    parts = text.split(",")
    if len(parts) not in (4, 5):
        raise BadRequest(f"bbox={text} must contain four numbers in degrees: west,south,east,north.")
    if len(parts) == 5:  # noqa: PLR2004 - four numbers and the name of a CRS
        _require_wgs84(parts.pop())
    return [_number("bbox", part) for part in parts]


def _number(name: str, text: str) -> float:
    number = read_coordinate(text)
    if number is None:
        raise BadRequest(f"{name}= must contain numbers in degrees, got {text!r}.")
    return number


def read_coordinate(text: str) -> float | None:
    """Return a finite number of a box in a request; None if the text is none."""
    stripped = text.strip()
    number = float(stripped) if _NUMBER.fullmatch(stripped) else math.nan
    return number if math.isfinite(number) else None


def _ordered(numbers: list[float]) -> BBox:
    west, south, east, north = numbers
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:  # noqa: PLR2004 - degrees
        raise BadRequest(
            f"The box {west},{south},{east},{north} is outside longitude -180 to 180 and latitude -90 to 90: "
            "it must be west,south,east,north in degrees (EPSG:4326), not in metres."
        )
    return BBox(min(west, east), min(south, north), max(west, east), max(south, north))


def _require_wgs84(text: str) -> None:
    if not _WGS84.fullmatch(text.strip().strip("[]")):
        raise BadRequest(f"The coordinate reference system {text!r} is not supported; use EPSG:4326 or CRS84.")


def read_limit(text: str | None) -> int | None:
    """Return the value of `limit`, at most `MAXIMUM_LIMIT`; None for None.

    Raises:
        BadRequest: it is no whole number from 1.
    """
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and text.strip("0")):
        raise BadRequest(f"limit={text} must be a whole number from 1 to {MAXIMUM_LIMIT}.")
    # a number with more digits than the maximum is larger, and int() refuses very long ones
    digits = text.lstrip("0")
    return MAXIMUM_LIMIT if len(digits) > len(str(MAXIMUM_LIMIT)) else min(int(digits), MAXIMUM_LIMIT)


def _filter(given: dict[str, str]) -> Expression | None:
    """Return the filter: FES, as the classic frontend sends it, or CQL2 text, as page links have it."""
    texts = [given[name] for name in _FILTERS if given.get(name)]
    if len(texts) > 1:
        raise BadRequest(f"{'= and '.join(_FILTERS)}= are both given; give one of them.")
    if not texts:
        return None
    crs = given.get(_FILTER_CRS)
    if not texts[0].startswith("<"):
        return read_cql2(texts[0], filter_crs=crs)
    if crs:
        raise BadRequest(f"{_FILTER_CRS}= is for a filter in CQL2; in XML write srsName in the geometry.")
    return read_fes(texts[0])


_FEW_CHARACTERS = 50


def _percent_encoded(text: str) -> str:
    """Return what `quote` does, much faster for an area of thousands of vertices: it has few different characters."""
    characters = set(text)
    if len(characters) > _FEW_CHARACTERS:
        return quote(text)
    # the percent sign first, because it is in what replaces the others
    for character in sorted(characters, key=lambda character: character != "%"):
        text = text.replace(character, quote(character))
    return text


def _quoted(name: object) -> str:
    return quote(str(name), safe="")


def read_cursor(text: str | None) -> Cursor | None:
    """Return the value of `cursor`, as page links have it; None for None.

    Raises:
        BadRequest: it is not from a page link.
    """
    if text is None:
        return None
    found = _CURSOR.fullmatch(text)
    if found is None:
        raise BadRequest(f"cursor={text[:100]} is not from a link of this service; start again at the first page.")
    version, first, second = found.groups()
    if second is None:
        return Cursor(version=version, offset=int(first))
    return Cursor(version=version, after=PlacedRow(int(first), int(second)))
