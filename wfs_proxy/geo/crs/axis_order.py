"""Where the objects are: which CRS and axis order the numbers of a batch really have.

Labels lie: real servers announce RD and send degrees, announce urn 4326 and send longitude first, announce UTM and
send northing first. So a label only nominates candidates, and the numbers of the batch as a whole decide, in this
order of evidence:

1. exactly one reading puts the objects in the extent that the layer file gives, or else in the extent that the source
   declares, or else in the Netherlands and Belgium; of objects that were asked for by area, the surroundings of that
   area come second;
2. only one reading is possible: longitude and latitude exist and lie in the area that the CRS is meant for;
3. the order that the label promises in this version and format.

An explicit `axis_order` of the layer leaves only readings with that order. Candidates beside the label itself are
degrees under a projected label, and RD under degrees or under no label; they need evidence of the first kind, so
outside the given extents they are only ever believed in the Netherlands and Belgium.

A reading fits when it places 95 % of the objects; the others are skipped and counted. Among fewer than twenty objects
one placeholder 0,0 counts against nobody, and where nothing fits at all, one odd object is forgiven: a single bad
object never costs a small layer.
When no reading fits, the batch is refused: no point is better than a wrong one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import ImplausiblePlace, PlaceError, UnknownCrs
from wfs_proxy.features import Encoding, FeatureBatch
from wfs_proxy.geo.crs.candidates import (
    ENOUGH,
    HOME_AREA,
    ROUGHNESS,
    Area,
    CrsCandidate,
    few,
    usable_extent,
)
from wfs_proxy.geo.crs.srs_name import (
    CRS84,
    RD_NEW,
    AxisOrder,
    SrsName,
    SrsNameForm,
    is_geographic,
    official_order,
    parse_srs_name,
)

__all__ = ["NO_GEOMETRY", "Reading", "Readings", "decide_readings", "oriented"]

NO_GEOMETRY = "no geometry"
NOT_NUMBERS = "coordinates are not numbers"
OUTSIDE = "outside the area"
UNKNOWN = "unknown CRS"
"""Reasons to skip an object."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How the numbers under one srsName are read."""

    label: str | None
    """The srsName as written, or what was asked for where none was written; None where there is neither."""

    crs: str
    """The CRS that the numbers are in, as `SrsName.crs` spells it."""

    order: AxisOrder
    """Of the numbers as written."""

    evidence: str
    """What decided: "lies in the layer's extent"."""

    def __str__(self) -> str:
        named = self.label is not None and _understood(self.label) == self.crs
        prefix = "" if named else f"{self.label or 'no srsName'} read as "
        return f"{prefix}{self.crs} {self.order.value}: {self.evidence}"


@dataclass(frozen=True, kw_only=True, eq=False)
class Readings:
    """How the numbers of a batch are read, and which of its objects have a place."""

    by_label: Mapping[int, Reading]
    """`FeatureBatch.srs_index` (-1 included) -> reading; without labels that no kept object has."""

    srs_index: NDArray[np.int32]
    """(N,) of the batch."""

    keep: NDArray[np.bool_]
    """(N,) True where the object has a place under its reading."""

    skipped: Mapping[str, int]
    """reason -> objects that are not kept."""

    def groups(self) -> Iterator[tuple[Reading, NDArray[np.intp]]]:
        """The kept rows by how they are read: (reading, positions (M,)), each kept row once.

        Labels that come to the same CRS and order are one group.
        """
        merged: dict[tuple[str, AxisOrder], list[int]] = {}
        for label, reading in self.by_label.items():
            merged.setdefault((reading.crs, reading.order), []).append(label)
        for labels in merged.values():
            yield self.by_label[labels[0]], np.flatnonzero(self.keep & np.isin(self.srs_index, labels))

    def describe(self) -> str:
        """One line a srsName, for `PipelineReport.reading`: "EPSG:28992 x,y: lies in the layer's extent"."""
        return "\n".join(dict.fromkeys(str(reading) for reading in self.by_label.values()))


def oriented(geometry: NDArray[np.object_], order: AxisOrder) -> NDArray[np.object_]:
    """Put easting or longitude first.

    Args:
        geometry: (N,) shapely geometries as written, None allowed.
        order: of the numbers as written.

    Returns:
        (N,) the geometries, with x to the east; the same array when nothing has to be turned.
    """
    if order is AxisOrder.XY:
        return geometry
    turned: NDArray[np.object_] = shapely.transform(geometry, lambda coordinates: coordinates[:, ::-1])
    return turned


def decide_readings(
    batch: FeatureBatch,
    *,
    srs_name: str | None = None,
    axis_order: Literal["auto", "xy", "yx"] = "auto",
    extent: BBox | None = None,
    near: BBox | None = None,
) -> Readings:
    """Decide by evidence how the coordinates of a batch are read; see the module's docstring for the rules.

    Args:
        batch: the whole layer, or an area of it: evidence is weighed over all objects under one srsName.
        srs_name: what the source was asked for; the label of geometries that have none, or one that nobody knows.
        axis_order: the layer's own word on the order as written; "auto" leaves it to the evidence.
        extent: where the layer's objects are.
        near: generously around the area that was asked for, in the same way. It speaks for a reading, never against an
            object: a long line is there too although its middle lies elsewhere. Such a batch may have no object at all
            in the layer's extent; they are skipped then, like others outside it.

    Raises:
        UnknownCrs: most of the objects have no label, nobody was asked for one and the numbers do not tell; or their
            label is unknown to PROJ.
        ImplausiblePlace: no reading puts 95 % of the objects where they can be.
    """
    positions, found = _positions(batch.geometry)
    judge = _Judge(
        layer_extent=Area("the layer's extent", extent, ROUGHNESS) if extent else None,
        surroundings=Area("the surroundings of the cell", near) if near else None,
        declared_extent=usable_extent(batch.declared_extent),
        orders=tuple(AxisOrder) if axis_order == "auto" else (AxisOrder[axis_order.upper()],),
        encoding=batch.encoding,
        wfs_version=batch.wfs_version,
    )
    keep = np.zeros(len(batch), dtype=bool)
    by_label: dict[int, Reading] = {}
    failures: list[tuple[int, PlaceError]] = []
    for label in np.unique(batch.srs_index[found]).tolist():
        rows = np.flatnonzero(found & (batch.srs_index == label))
        written = batch.srs_names[label] if label >= 0 else None
        try:
            by_label[label], keep[rows] = _read(_label(written, srs_name, batch.encoding), positions[rows], judge)
        except PlaceError as error:
            failures.append((len(rows), error))
    _raise_unless_few(failures, int(found.sum()))
    return Readings(
        by_label=by_label,
        srs_index=batch.srs_index,
        keep=keep,
        skipped=_reasons(batch, found, keep, failures),
    )


def _positions(geometry: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(N, 2) the middle of each geometry's bounds, as written; (N,) True where that is a pair of numbers."""
    bounds = shapely.bounds(geometry)
    with np.errstate(over="ignore"):
        positions = (bounds[:, :2] + bounds[:, 2:]) / 2
    found = np.isfinite(positions[:, 0]) & np.isfinite(positions[:, 1])
    return positions, found


def _raise_unless_few(failures: list[tuple[int, PlaceError]], total: int) -> None:
    """A label that cannot be read costs its own objects only, as long as they are few beside the others."""
    lost = sum(count for count, _ in failures)
    if lost and (lost == total or not few(lost, total)):
        raise max(failures, key=lambda failure: failure[0])[1]


def _reasons(
    batch: FeatureBatch,
    found: NDArray[np.bool_],
    keep: NDArray[np.bool_],
    failures: list[tuple[int, PlaceError]],
) -> Mapping[str, int]:
    empty = shapely.is_missing(batch.geometry) | shapely.is_empty(batch.geometry)
    unknown = sum(count for count, error in failures if isinstance(error, UnknownCrs))
    counts = Counter(
        {
            NO_GEOMETRY: int(empty.sum()),
            NOT_NUMBERS: int((~found & ~empty).sum()),
            UNKNOWN: unknown,
            OUTSIDE: int((found & ~keep).sum()) - unknown,
        }
    )
    return +counts


@dataclass(frozen=True)
class _Label:
    """What a group of geometries is said to be in."""

    text: str | None
    srs: SrsName | None


def _label(written: str | None, asked_for: str | None, encoding: Encoding) -> _Label:
    """The label that holds: as written; else what was asked for; else the format's own (RFC 7946, section 4).

    Raises:
        UnknownCrs: the label is unknown and nothing was asked for.
    """
    if written is not None:
        try:
            return _Label(written, parse_srs_name(written))
        except UnknownCrs:
            if asked_for is None:
                raise
    if asked_for is not None:
        return _Label(asked_for, parse_srs_name(asked_for))
    return _Label(None, parse_srs_name(CRS84) if encoding is Encoding.GEOJSON else None)


def _understood(label: str) -> str:
    return parse_srs_name(label).crs


@dataclass(frozen=True, kw_only=True)
class _Judge:
    """What is known beside the numbers themselves."""

    layer_extent: Area | None
    surroundings: Area | None
    declared_extent: Area | None
    orders: tuple[AxisOrder, ...]
    encoding: Encoding
    wfs_version: str | None

    @property
    def areas(self) -> tuple[Area, ...]:
        """In the order in which they are believed."""
        return tuple(area for area in (self.layer_extent, self.surroundings, self.declared_extent, HOME_AREA) if area)

    def boundary(self, reading: CrsCandidate, *, lenient: bool) -> NDArray[np.bool_]:
        """(M,) the objects that have a place under a reading that was chosen."""
        if self.layer_extent:
            return reading.inside(self.layer_extent)
        areas = [area for area in self.areas if area is not self.surroundings]
        fitting = [inside for area in areas if reading.fits(inside := reading.inside(area), lenient=lenient)]
        within: NDArray[np.bool_] = np.any(fitting, axis=0) if fitting else reading.possible
        return within if self.surroundings is None else within | reading.inside(self.surroundings)


def _read(label: _Label, positions: NDArray[np.float64], judge: _Judge) -> tuple[Reading, NDArray[np.bool_]]:
    """The reading of one group, and (M,) the objects that have a place under it."""
    candidates = [CrsCandidate(label.srs.crs, order, positions) for order in judge.orders] if label.srs else []
    others = [CrsCandidate(crs, order, positions) for crs in _other_systems(label.srs) for order in judge.orders]
    for lenient in (False, True):
        chosen, evidence = _choose(label, candidates, others, judge, lenient=lenient)
        if chosen:
            reading = Reading(label=label.text, crs=chosen.crs, order=chosen.order, evidence=evidence)
            return reading, judge.boundary(chosen, lenient=lenient)
    raise _refusal(label, [*candidates, *others], judge)


def _other_systems(srs: SrsName | None) -> tuple[str, ...]:
    """What servers send under a label that says something else."""
    if srs is None:
        return (CRS84, RD_NEW)
    return (RD_NEW,) if is_geographic(srs.crs) else (CRS84,)


def _choose(
    label: _Label, candidates: list[CrsCandidate], others: list[CrsCandidate], judge: _Judge, *, lenient: bool
) -> tuple[CrsCandidate | None, str]:
    """The reading that the evidence leaves, and what decided; None when nothing fits."""
    for area in judge.areas:
        fitting = [c for c in candidates if c.fits(c.inside(area), lenient=lenient)]
        fitting = fitting or [c for c in others if c.fits(c.inside(area), lenient=lenient)]
        if len(fitting) == 1:
            return fitting[0], f"lies in {area.name}"
        if not fitting and area is judge.layer_extent and judge.surroundings is None:
            return None, ""
        candidates = fitting or candidates
    possible = [c for c in candidates if c.fits(c.possible, lenient=lenient)]
    if len(judge.orders) == 1 and possible:
        return possible[0], "axis_order of the layer"
    if len(possible) == 1:
        return possible[0], "no other reading is possible"
    for candidate in possible:
        if candidate.order is _promised_order(label.srs, candidate.crs, judge):
            promise = "this srsName promises" if label.text else "is customary"
            return candidate, f"the order that {promise} in {judge.encoding.value}"
    return None, ""


def _promised_order(srs: SrsName | None, crs: str, judge: _Judge) -> AxisOrder:
    """The axis order that a label promises.

    GeoJSON: longitude or easting first (RFC 7946, section 3.1.1), but for JSON-FG's `place`, which follows the
    authority (OGC 21-045r1, section 7.6). GML: urn and URI follow the authority (OGC 07-092r3), `epsg.xml#` is x,y
    (OGC 02-069, GML 2), and the short form follows the authority in WFS 1.1 only: MapServer honours it there,
    GeoServer and deegree write x,y in 2.0.
    """
    official = official_order(crs)
    if official is AxisOrder.XY or srs is None:
        return AxisOrder.XY
    if srs.spelling in {SrsNameForm.URI, SrsNameForm.SAFE_CURIE}:
        return official
    if judge.encoding is Encoding.GEOJSON:
        return AxisOrder.XY
    if srs.spelling is SrsNameForm.URN:
        return official
    in_wfs_11 = judge.encoding is Encoding.GML31 and (judge.wfs_version or "").startswith("1.1")
    return official if in_wfs_11 and srs.spelling is SrsNameForm.SHORT else AxisOrder.XY


def _refusal(label: _Label, tried: list[CrsCandidate], judge: _Judge) -> PlaceError:
    first, second = tried[0].positions[0]
    numbers = f"{len(tried[0].positions)} objects, the first at {first:.10g} {second:.10g}"
    if label.srs is None and not judge.layer_extent:
        return UnknownCrs(
            f"no srsName is given, and the numbers are no degrees or RD in {HOME_AREA.name} ({numbers}): "
            "set `srs_name` in the layer's source"
        )
    where = judge.layer_extent.name if judge.layer_extent else "the area that the CRS is meant for"
    readings = ", ".join(str(candidate) for candidate in tried)
    return ImplausiblePlace(
        f"srsName {label.text!r}: no reading puts {ENOUGH:.0%} of the objects in {where} "
        f"({numbers}; tried {readings}); check `srs_name`, `axis_order` and `extent` of the layer's source"
    )
