"""Decide which CRS and axis order the coordinates of a batch have, by evidence.

Labels are often wrong: real servers announce RD and send degrees, announce urn 4326 and send longitude first, announce
UTM and send northing first. So a label only nominates candidates (its CRS with x,y and with y,x), and the coordinates
of the batch as a whole decide. The evidence, in this order:

1. exactly one candidate puts the objects in a known area: the extent in the layer file; else the surroundings of the
   cell, where only a cell was requested; else the extent that the source declares; else the Netherlands and Belgium;
2. only one candidate is possible: its objects are in the area that the CRS is defined for;
3. the order that the label promises in this WFS version and format.

An explicit `axis_order` of the layer leaves only candidates with that order. Two further systems are candidates:
degrees under a projected label, and RD under degrees or no label. They need evidence of the first kind, so without a
given extent they are only accepted in the Netherlands and Belgium. RD with y first and no label needs the layer's
`extent` or `axis_order`: the numbers of other national grids look like it (the Isle of Wight in the British one).

Placeholders (`placeholders`) are set aside and counted first, however many they are.

The 95 % rule (`evidence.REQUIRED_SHARE`): a candidate fits an area when 95 % of the objects are in it. The others are
skipped and counted. Where nothing fits, one misfit among fewer than twenty objects is forgiven, so that a single bad
object never costs a small layer. When no candidate fits, the batch is refused: no point is better than a wrong one.

Invariant: wherever in the Netherlands the objects are, in either axis order and under any label, the result is their
true location (`test_degrees_in_the_netherlands_are_found_whatever_the_label_says`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import ImplausiblePlace, PlaceError, UnknownCrs
from wfs_proxy.features import (
    NO_GEOMETRY,
    NOT_NUMBERS,
    OUTSIDE_THE_AREA,
    PLACEHOLDER_COORDINATES,
    UNKNOWN_CRS,
    Encoding,
    FeatureBatch,
)
from wfs_proxy.geo.crs.evidence import (
    EXTENT_MARGIN,
    REQUIRED_SHARE,
    SERVICE_AREA_EVIDENCE,
    CrsCandidate,
    EvidenceArea,
    is_tolerable,
    usable_extent,
)
from wfs_proxy.geo.crs.placeholders import at_origin_of_grid, at_zero
from wfs_proxy.geo.crs.srs_name import CRS84, RD_NEW, AxisOrder, SrsName, SrsNameForm, parse_srs_name
from wfs_proxy.geo.crs.transform import is_geographic, official_order

__all__ = ["Reading", "Readings", "decide_readings", "oriented"]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The CRS and axis order of the coordinates under one srsName."""

    label: str | None
    """The srsName as written, else the one that was requested; None where there is neither."""

    crs: str
    """The CRS of the coordinates, as `SrsName.crs` spells it. The label may be wrong."""

    order: AxisOrder
    """The axis order of the coordinates as written."""

    evidence: str
    """The deciding evidence: "lies in the layer's extent"."""

    def __str__(self) -> str:
        named = self.label is not None and _crs_of(self.label) == self.crs
        prefix = "" if named else f"{self.label or 'no srsName'} read as "
        return f"{prefix}{self.crs} {self.order.value}: {self.evidence}"


@dataclass(frozen=True, kw_only=True, eq=False)
class Readings:
    """The CRS and axis order of a batch, srsName by srsName, and which of its objects have a plausible location."""

    by_label: Mapping[int, Reading]
    """`FeatureBatch.srs_index` (-1 included) -> reading; labels that no kept object has are absent."""

    srs_index: NDArray[np.int32]
    """(N,) the batch's own."""

    keep: NDArray[np.bool_]
    """(N,) True where the object has a plausible location under its reading."""

    skipped: Mapping[str, int]
    """reason -> objects that are not kept."""

    def groups(self) -> Iterator[tuple[Reading, NDArray[np.intp]]]:
        """Yield (reading, row numbers (M,)), each kept row once.

        Labels with the same CRS and axis order are one group.
        """
        merged: dict[tuple[str, AxisOrder], list[int]] = {}
        for label, reading in self.by_label.items():
            merged.setdefault((reading.crs, reading.order), []).append(label)
        for labels in merged.values():
            yield self.by_label[labels[0]], np.flatnonzero(self.keep & np.isin(self.srs_index, labels))

    def describe(self) -> str:
        """Return one line per srsName, for `PipelineReport.reading`: "EPSG:28992 x,y: lies in the layer's extent"."""
        return "\n".join(dict.fromkeys(str(reading) for reading in self.by_label.values()))


def oriented(geometry: NDArray[np.object_], order: AxisOrder) -> NDArray[np.object_]:
    """Put easting or longitude first.

    Args:
        geometry: (N,) shapely geometries with the axes as written; None where there is none.
        order: the axis order as written.

    Returns:
        (N,) the geometries with x to the east; the same array when nothing has to be swapped.
    """
    if order is AxisOrder.XY:
        return geometry
    swapped: NDArray[np.object_] = shapely.transform(geometry, lambda coordinates: coordinates[:, ::-1])
    return swapped


def decide_readings(
    batch: FeatureBatch,
    *,
    srs_name: str | None = None,
    axis_order: Literal["auto", "xy", "yx"] = "auto",
    extent: BBox | None = None,
    near: BBox | None = None,
) -> Readings:
    """Decide the CRS and axis order of each srsName of a batch; the module's docstring has the rules.

    Args:
        batch: the whole layer, or an area of it: evidence is counted over all objects with the same srsName.
        srs_name: the CRS that was requested from the source. It is the label of geometries that have none, or an
            unknown one.
        axis_order: the axis order that the layer file prescribes; "auto" leaves it to the evidence.
        extent: where the layer's objects are, from the layer file.
        near: a generous box around the requested cell, where only a cell was requested. It counts for a candidate and
            never against an object: a long line touches the cell although its middle is elsewhere. Such a batch may
            have no object at all in the layer's extent; its objects are then skipped, not refused.

    Raises:
        UnknownCrs: most objects have no label, none was requested and the coordinates do not decide; or PROJ does not
            know their label.
        ImplausiblePlace: no candidate puts 95 % of the objects where they can be.
    """
    positions = _BatchPositions.of(batch.geometry)
    known = _Known(
        layer_extent=EvidenceArea("the layer's extent", extent, EXTENT_MARGIN) if extent else None,
        surroundings=EvidenceArea("the surroundings of the cell", near) if near else None,
        declared_extent=usable_extent(batch.declared_extent),
        orders=tuple(AxisOrder) if axis_order == "auto" else (AxisOrder[axis_order.upper()],),
        encoding=batch.encoding,
        wfs_version=batch.wfs_version,
        authority_order=batch.authority_order,
    )
    keep = np.zeros(len(batch), dtype=bool)
    by_label: dict[int, Reading] = {}
    failures: list[tuple[int, PlaceError]] = []
    for index in np.unique(batch.srs_index[positions.usable]).tolist():
        rows = np.flatnonzero(positions.usable & (batch.srs_index == index))
        try:
            label = _label(batch, index, srs_name)
            rows = positions.set_placeholders_aside(rows, _systems(label.srs))
            by_label[index], keep[rows] = _read(label, positions.middle[rows], known)
        except PlaceError as error:
            failures.append((len(rows), error))
    _raise_unless_tolerable(failures, int(positions.usable.sum()))
    return Readings(
        by_label=by_label,
        srs_index=batch.srs_index,
        keep=keep,
        skipped=_reasons(batch, positions, keep, failures),
    )


@dataclass(frozen=True, eq=False)
class _BatchPositions:
    """Where the geometries of a batch are, in the numbers as written."""

    bounds: NDArray[np.float64]
    """(N, 4)"""

    middle: NDArray[np.float64]
    """(N, 2) the middle of the bounds."""

    finite: NDArray[np.bool_]
    """(N,) whether the middle is."""

    placeholder: NDArray[np.bool_]
    """(N,) whether the position stands for "unknown"."""

    @classmethod
    def of(cls, geometry: NDArray[np.object_]) -> _BatchPositions:
        bounds = shapely.bounds(geometry)
        with np.errstate(over="ignore"):
            middle = (bounds[:, :2] + bounds[:, 2:]) / 2
        finite = np.isfinite(middle[:, 0]) & np.isfinite(middle[:, 1])
        return cls(bounds, middle, finite, at_zero(bounds))

    @property
    def usable(self) -> NDArray[np.bool_]:
        """(N,) whether a position is evidence."""
        return self.finite & ~self.placeholder

    def set_placeholders_aside(self, rows: NDArray[np.intp], systems: tuple[str, ...]) -> NDArray[np.intp]:
        """Mark those of the rows (M,) that are at the origin of a grid, and return the others."""
        self.placeholder[rows] = at_origin_of_grid(self.bounds[rows], systems)
        return rows[~self.placeholder[rows]]


def _raise_unless_tolerable(failures: list[tuple[int, PlaceError]], total: int) -> None:
    """Raise the error of the largest group that failed; a few failed objects among others are only skipped."""
    lost = sum(count for count, _ in failures)
    if lost and (lost == total or not is_tolerable(lost, total)):
        raise max(failures, key=lambda failure: failure[0])[1]


def _reasons(
    batch: FeatureBatch, positions: _BatchPositions, keep: NDArray[np.bool_], failures: list[tuple[int, PlaceError]]
) -> Mapping[str, int]:
    empty = shapely.is_missing(batch.geometry) | shapely.is_empty(batch.geometry)
    unknown = sum(count for count, error in failures if isinstance(error, UnknownCrs))
    counts = Counter(
        {
            NO_GEOMETRY: int(empty.sum()),
            NOT_NUMBERS: int((~positions.finite & ~empty).sum()),
            PLACEHOLDER_COORDINATES: int(positions.placeholder.sum()),
            UNKNOWN_CRS: unknown,
            OUTSIDE_THE_AREA: int((positions.usable & ~keep).sum()) - unknown,
        }
    )
    return +counts


@dataclass(frozen=True)
class _Label:
    """The srsName of a group of geometries."""

    text: str | None
    srs: SrsName | None


def _label(batch: FeatureBatch, index: int, requested: str | None) -> _Label:
    """Return the label as written, else the requested one, else what the document implies.

    Args:
        batch: the whole batch.
        index: the group's `FeatureBatch.srs_index`.
        requested: the srsName that was requested.

    Raises:
        UnknownCrs: the label is unknown and none was requested.
    """
    if index >= 0:
        written = batch.srs_names[index]
        try:
            return _Label(written, parse_srs_name(written))
        except UnknownCrs:
            if requested is None:
                raise
    return _implied_label(batch) if requested is None else _Label(requested, parse_srs_name(requested))


def _implied_label(batch: FeatureBatch) -> _Label:
    """Return the label of objects without one: CRS84 in GeoJSON (RFC 7946, section 4), in GML that of all others."""
    if batch.encoding is Encoding.GEOJSON:
        return _Label(None, parse_srs_name(CRS84))
    if len(batch.srs_names) == 1:
        with suppress(UnknownCrs):
            return _Label(batch.srs_names[0], parse_srs_name(batch.srs_names[0]))
    return _Label(None, None)


def _crs_of(label: str) -> str:
    return parse_srs_name(label).crs


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What is known of a batch apart from its coordinates."""

    layer_extent: EvidenceArea | None
    surroundings: EvidenceArea | None
    declared_extent: EvidenceArea | None
    orders: tuple[AxisOrder, ...]
    encoding: Encoding
    wfs_version: str | None
    authority_order: bool

    @property
    def areas(self) -> tuple[EvidenceArea, ...]:
        """The known areas, strongest evidence first."""
        return tuple(
            area for area in (self.layer_extent, self.surroundings, self.declared_extent, SERVICE_AREA_EVIDENCE) if area
        )

    def needs_confirmation(self, label: _Label, crs: str, order: AxisOrder) -> bool:
        """Whether only the layer file can say that the numbers are what they seem: RD with y first and no label."""
        seems = label.text is None and crs == RD_NEW and order is AxisOrder.YX
        return seems and self.layer_extent is None and len(self.orders) > 1

    def boundary(self, reading: CrsCandidate, *, lenient: bool) -> NDArray[np.bool_]:
        """Return (M,) the objects that have a plausible location under the chosen candidate.

        Evidence is about the group; here an object counts as plausible in any area that fits the group.
        """
        if self.layer_extent:
            return reading.inside(self.layer_extent)
        areas = [area for area in self.areas if area is not self.surroundings]
        fitting = [inside for area in areas if reading.fits(inside := reading.inside(area), lenient=lenient)]
        within: NDArray[np.bool_] = np.any(fitting, axis=0) if fitting else reading.possible
        return within if self.surroundings is None else within | reading.inside(self.surroundings)


def _read(label: _Label, positions: NDArray[np.float64], known: _Known) -> tuple[Reading, NDArray[np.bool_]]:
    """Return the reading of one group, and (M,) which of its objects have a plausible location."""
    candidates = [CrsCandidate(label.srs.crs, order, positions) for order in known.orders] if label.srs else []
    others = [
        CrsCandidate(crs, order, positions)
        for crs in _other_systems(label.srs)
        for order in known.orders
        if not known.needs_confirmation(label, crs, order)
    ]
    for lenient in (False, True):
        chosen, evidence = _choose(label, candidates, others, known, lenient=lenient)
        if chosen:
            reading = Reading(label=label.text, crs=chosen.crs, order=chosen.order, evidence=evidence)
            return reading, known.boundary(chosen, lenient=lenient)
    raise _refusal(label, [*candidates, *others], known)


def _other_systems(srs: SrsName | None) -> tuple[str, ...]:
    """Return the systems that servers send under a wrong label."""
    if srs is None:
        return (CRS84, RD_NEW)
    return (RD_NEW,) if is_geographic(srs.crs) else (CRS84,)


def _systems(srs: SrsName | None) -> tuple[str, ...]:
    """Return all systems in which the numbers under a label may be written."""
    return _other_systems(srs) if srs is None else (srs.crs, *_other_systems(srs))


def _choose(
    label: _Label, candidates: list[CrsCandidate], others: list[CrsCandidate], known: _Known, *, lenient: bool
) -> tuple[CrsCandidate | None, str]:
    """Return the candidate that the evidence favours, and the evidence; None when no candidate fits."""
    for area in known.areas:
        fitting = [c for c in candidates if c.fits(c.inside(area), lenient=lenient)]
        fitting = fitting or [c for c in others if c.fits(c.inside(area), lenient=lenient)]
        if len(fitting) == 1:
            return fitting[0], f"lies in {area.name}"
        if not fitting and area is known.layer_extent and known.surroundings is None:
            return None, ""
        candidates = fitting or candidates
    possible = [c for c in candidates if c.fits(c.possible, lenient=lenient)]
    if len(known.orders) == 1 and possible:
        return possible[0], "axis_order of the layer"
    if len(possible) == 1:
        return possible[0], "no other reading is possible"
    for candidate in possible:
        if candidate.order is _promised_order(label.srs, candidate.crs, known):
            promise = "this srsName promises" if label.text else "is customary"
            return candidate, f"the order that {promise} in {known.encoding.value}"
    return None, ""


def _promised_order(srs: SrsName | None, crs: str, known: _Known) -> AxisOrder:
    """Return the axis order that a label promises.

    Files: x before y, whatever the system (OGC 12-128r18, section 2.1.3, and the formats of Esri and FlatGeobuf).
    GeoJSON: longitude or easting first (RFC 7946, section 3.1.1), except JSON-FG's `place`, which follows the
    authority (OGC 21-045r1, section 7.6). Esri JSON names its ordinates x and y. GML: urn and URI follow the authority
    (OGC 07-092r3), `epsg.xml#` is x,y (OGC 02-069, GML 2). The short form follows the authority in WFS 1.1, where
    MapServer honours it, and in documents of FME; GeoServer and deegree write x,y in 2.0.
    """
    official = official_order(crs)
    if official is AxisOrder.XY or srs is None or known.encoding is Encoding.FILE:
        return AxisOrder.XY
    if srs.spelling in {SrsNameForm.URI, SrsNameForm.SAFE_CURIE}:
        return official
    if known.encoding in {Encoding.GEOJSON, Encoding.ESRI_JSON}:
        return AxisOrder.XY
    if srs.spelling is SrsNameForm.URN:
        return official
    in_wfs_11 = known.encoding is Encoding.GML31 and (known.wfs_version or "").startswith("1.1")
    honoured = srs.spelling is SrsNameForm.SHORT and (in_wfs_11 or known.authority_order)
    return official if honoured else AxisOrder.XY


def _refusal(label: _Label, tried: list[CrsCandidate], known: _Known) -> PlaceError:
    positions = tried[0].positions
    first, second = positions[0]
    numbers = f"{len(positions)} objects, the first at {first:.10g} {second:.10g}"
    if label.text is None and not known.layer_extent:
        return _unlabelled(CrsCandidate(RD_NEW, AxisOrder.YX, positions), numbers)
    where = known.layer_extent.name if known.layer_extent else "the area that the CRS is defined for"
    readings = ", ".join(str(candidate) for candidate in tried)
    return ImplausiblePlace(
        f"srsName {label.text!r}: no reading puts {REQUIRED_SHARE:.0%} of the objects in {where} "
        f"({numbers}; tried {readings}); check `srs_name`, `axis_order` and `extent` of the layer's source"
    )


def _unlabelled(rd_with_y_first: CrsCandidate, numbers: str) -> UnknownCrs:
    if rd_with_y_first.fits(rd_with_y_first.in_rd_range, lenient=True):
        return UnknownCrs(
            f"there is no srsName (in GeoJSON: no `crs`), and the coordinates fit {RD_NEW} only with y first, as those "
            f"of some other systems do ({numbers}): if they are RD, set `axis_order: yx` in the layer's source, or "
            "`extent` to the area where the objects are; if not, set `srs_name` to their system"
        )
    return UnknownCrs(
        "there is no srsName (in GeoJSON: no `crs`), and the coordinates are neither degrees nor RD in "
        f"{SERVICE_AREA_EVIDENCE.name} ({numbers}): set `srs_name` in the layer's source"
    )
