"""Compare a layer file with its vendor: fetch the layer as `serve` does, and once more a few of its objects.

The requests are those of one fetch, one more per feature type, and one for its schema if an attribute is absent. A
layer that is fetched in cells is never fetched whole: a sample is enough to compare names, types and places, but not
values and completeness.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

import numpy as np
import orjson

from wfs_proxy.bbox import BBox
from wfs_proxy.cli.live.data_findings import absent_attributes, data_findings, leading_zeros, possible_ids
from wfs_proxy.cli.live.findings import About, LiveFinding, finding, short
from wfs_proxy.cli.verify import problems_in
from wfs_proxy.config import FileSource, Layer, SourceBlock, Text, WfsSource, extent_line, looks_swapped
from wfs_proxy.errors import (
    ConfigurationError,
    DecodeError,
    PlaceError,
    UpstreamException,
    UpstreamRefused,
    UpstreamUnreachable,
    WfsProxyError,
)
from wfs_proxy.features import FeatureBatch
from wfs_proxy.http import HttpClients
from wfs_proxy.inspect import is_stable, needs_login, read_types_of_fields
from wfs_proxy.offload import Offload
from wfs_proxy.pages import message_in_dutch
from wfs_proxy.pipeline import points_from_features, with_nested_attributes
from wfs_proxy.serve import MarkedSnapshot, Selection, feature_collection, marks_of_vendor
from wfs_proxy.snapshot import Snapshot
from wfs_proxy.sources import FetchedFeatures, SampledSource, UnknownFeatureType, open_source
from wfs_proxy.sources.wfs import VERSIONS, describe_url, read_report

__all__ = ["VendorCheck", "check_vendor"]

AGAIN = 200
"""Objects of the second request. Another number than the first, so that no cache on the way answers it."""

SAMPLE = 1000
"""Objects of each type, of a layer that is fetched in cells."""

MOST_VALIDATED = 5000
"""Objects that are validated as GeoJSON, and with which questions are compared: the largest answer that a map gets."""


@dataclass(frozen=True, kw_only=True)
class VendorCheck:
    """What the vendor shows about a layer file."""

    findings: tuple[LiveFinding, ...]
    objects: int | None = None
    """Objects that would be served; None if the layer could not be fetched."""

    complete: bool | None = None
    """Whether these are all objects; None if that was not seen."""

    reading: str = ""
    """The CRS, the axis order and the evidence for them, in English."""

    notes: tuple[str, ...] = ()
    """What the fetch noted about the vendor, in English."""

    requests: int | None = None
    """Requests to the vendor, without retries; None if the layer could not be fetched."""

    features: tuple[Mapping[str, Any], ...] = ()
    """GeoJSON features as they are served, without the reports of Signalen; at most `MOST_VALIDATED`."""


async def check_vendor(layer: Layer, http: HttpClients, offload: Offload) -> VendorCheck:
    """Fetch a layer and compare it with its file. An error of the vendor is a finding."""
    in_cells = layer.fetch.mode == "cells"
    try:
        source = open_source(layer, http, offload)
        fetched = _with_all_attributes(await (source.sample(SAMPLE) if in_cells else source.fetch()), layer)
        schemas = await _schemas(layer, fetched.batch, http)
        try:
            found: VendorCheck = await offload(_compared, layer, fetched, schemas)
        except PlaceError as error:
            misplaced: LiveFinding = await offload(_misplaced, layer, fetched.batch, error)
            return VendorCheck(findings=(misplaced,))
        again = await _again(source, layer) if _may_change(layer, fetched.batch) else None
    except WfsProxyError as error:
        return VendorCheck(
            findings=(_uncertain(layer, error) if isinstance(error, PlaceError) else _of_error(layer, error),)
        )
    if again is None:
        return found
    changing: tuple[LiveFinding, ...] = await offload(_changing_ids, layer, fetched.batch, again.batch)
    requests = (found.requests or 0) + again.report.requests
    return replace(found, findings=(*found.findings, *changing), requests=requests)


async def _schemas(layer: Layer, batch: FeatureBatch, http: HttpClients) -> Sequence[Mapping[str, str] | None]:
    """Return the schema of each type if an attribute is absent, because servers leave out what is empty.

    None: it cannot be read.
    """
    source = layer.source
    if not isinstance(source, WfsSource) or not len(batch) or not absent_attributes(layer, batch):
        return ()
    schemas: list[Mapping[str, str] | None] = []
    for name in source.type_names:
        version = next((each for each in VERSIONS if each == batch.wfs_version), VERSIONS[0])
        try:
            payload = await http.client(source).get(describe_url(source.url, version, name), read_report)
            schemas.append(read_types_of_fields(payload, name))
        except WfsProxyError:
            schemas.append(None)
    return schemas


def _may_change(layer: Layer, batch: FeatureBatch) -> bool:
    """Whether a second request can show that ids change."""
    place_only = layer.reports is not None and layer.reports.match.place_only
    name = layer.properties.id
    return len(batch) > 0 and not place_only and (name is None or name in batch.columns)


def _with_all_attributes(fetched: FetchedFeatures, layer: Layer) -> FetchedFeatures:
    return replace(fetched, batch=with_nested_attributes(fetched.batch, layer))


async def _again(source: SampledSource, layer: Layer) -> FetchedFeatures | None:
    """Return a few objects once more; None if the vendor does not return them, which says nothing about the layer."""
    try:
        return _with_all_attributes(await source.sample(AGAIN), layer)
    except WfsProxyError:
        return None


def _compared(layer: Layer, fetched: FetchedFeatures, schemas: Sequence[Mapping[str, str] | None]) -> VendorCheck:
    """Compare the objects with the layer file.

    Raises:
        PlaceError: the locations of the objects could not be determined.
    """
    in_cells = layer.fetch.mode == "cells"
    points = points_from_features(fetched.batch, layer)
    snapshot = Snapshot.build(points, layer.id)
    if in_cells:
        # a sample shows neither that a value never occurs nor that objects are missing
        points = replace(points, report=replace(points.report, unused_values={}))
    fetch = replace(fetched.report, complete=True) if in_cells else fetched.report
    declared = frozenset(name for schema in schemas for name in schema or ())
    answer = _answer(layer, snapshot)
    return VendorCheck(
        findings=(
            *data_findings(layer, fetched.batch, points, fetch, declared),
            *leading_zeros(layer, fetched.batch),
            *_invalid_geojson(answer),
            *_verified_now(layer),
        ),
        objects=len(points),
        complete=None if in_cells else fetched.report.complete,
        reading=points.report.reading,
        notes=fetched.report.notes,
        requests=fetched.report.requests + len(schemas),
        features=tuple(orjson.loads(answer)["features"]),
    )


def _answer(layer: Layer, snapshot: Snapshot) -> bytes:
    """Return what the proxy answers to a map, before it has polled Signalen."""
    rows = np.sort(snapshot.by_rank[:MOST_VALIDATED])
    part = MarkedSnapshot(snapshot=snapshot, marks=marks_of_vendor(layer, snapshot))
    return feature_collection([part], Selection(runs=((0, rows),), matched=len(snapshot)))


def _invalid_geojson(answer: bytes) -> Iterator[LiveFinding]:
    problems = list(problems_in(answer))
    if problems:
        count = str(len(problems))
        yield finding("error", "invalid_geojson", "vendor", "point", count=count, example=problems[0][:200])


def _verified_now(layer: Layer) -> Iterator[LiveFinding]:
    if not layer.verified:
        yield finding("notice", "not_verified", "vendor", "verified", variant="verified_now")


def _misplaced(layer: Layer, batch: FeatureBatch, error: PlaceError) -> LiveFinding:
    """Return why the objects have no certain place: its extent, if without that their place is certain."""
    extent = layer.source.extent
    if extent is not None and not looks_swapped(extent):
        source = layer.source.model_copy(update={"extent": None})
        try:
            points = points_from_features(batch, layer.model_copy(update={"source": source}))
        except PlaceError:
            return _uncertain(layer, error)
        box = BBox.of_points(points.lonlat) if len(points) else None
        if box is not None:
            line = extent_line(box)
            return finding("error", "place_uncertain", "vendor", "source", variant="place_elsewhere", line=line)
    return _uncertain(layer, error)


def _uncertain(layer: Layer, error: PlaceError) -> LiveFinding:
    variant = "" if layer.source.extent is None else "place_uncertain_in_extent"
    reasons = {"reason": short(str(error)), "reason_nl": message_in_dutch(str(error)) or ""}
    found = finding("error", "place_uncertain", "vendor", "source", variant=variant, **reasons)
    return replace(found, reason=Text(found.reason.nl.strip(), found.reason.en))


def _changing_ids(layer: Layer, first: FeatureBatch, again: FeatureBatch) -> tuple[LiveFinding, ...]:
    if is_stable(first, again, layer.properties.id) is not False:
        return ()
    sample = first.take(np.arange(min(len(first), SAMPLE)))
    names = possible_ids(sample, layer.properties.id, again)
    code, nearest = ("id_changes", names[0]) if names else ("id_changes_always", None)
    return (finding("error", code, "vendor", "properties.id", nearest=nearest, names=", ".join(names)),)


_CODES: tuple[tuple[type[WfsProxyError], str, str], ...] = (
    (UpstreamUnreachable, "vendor_unreachable", "source.url"),
    (UpstreamRefused, "vendor_refused", "source"),
    (UpstreamException, "vendor_exception", "source"),
    (DecodeError, "vendor_unreadable", "source"),
    (ConfigurationError, "source_wrong", "source"),
)
"""Class of errors -> code, key of the layer file."""

_OTHER_REMEDIES = {"vendor_exception": "vendor_exception_other", "vendor_unreadable": "vendor_unreadable_other"}
"""Code -> the variant for sources that lack the keys of WFS."""

_REMEDIES_OF_FILES = {"vendor_unreadable": "vendor_unreadable_file"}
"""Code -> the variant for files."""


def _variants(source: SourceBlock) -> Mapping[str, str]:
    """Return code -> the variant of its text for a source."""
    if isinstance(source, FileSource):
        return _REMEDIES_OF_FILES
    return {} if isinstance(source, WfsSource) else _OTHER_REMEDIES


def _of_error(layer: Layer, error: WfsProxyError) -> LiveFinding:
    about: About = "vendor"
    if isinstance(error, UnknownFeatureType):
        nearest = error.nearest_types[0] if error.nearest_types else None
        key = layer.source.types_key
        details = {"given": error.unknown_type, "names": ", ".join(error.nearest_types) or "-", "key": key}
        return finding("error", "type_unknown", about, f"source.{key}", nearest=nearest, **details)
    if needs_login(error):
        return finding("error", "vendor_login", about, "source.auth", reason=short(str(error)))
    if isinstance(error, UpstreamRefused) and error.upstream_status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        # not the vendor but the network between, whose administrator can help
        return finding("error", "vendor_unreachable", about, "source.url", reason=short(str(error)))
    for kind, code, where in _CODES:
        if isinstance(error, kind):
            variant = _variants(layer.source).get(code, "")
            return finding("error", code, about, where, variant=variant, reason=short(str(error)))
    return finding("error", "vendor_failed", about, "source", reason=short(str(error)))
