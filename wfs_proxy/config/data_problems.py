"""What the objects of a vendor, and the categories of a Signalen, show about a layer file.

Names and values in the file that no object has are accepted silently by everything else: the map just has no values, no
marks or no objects. The rules about objects are functions of a layer and a report, so that the proxy and `check` say
the same. About categories `check --live` says more, because it reads all that Signalen has.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from wfs_proxy.bbox import BBox
from wfs_proxy.config.diagnostics import Problem
from wfs_proxy.config.layer import Layer
from wfs_proxy.config.layer_rules import looks_swapped
from wfs_proxy.config.left_out_reasons import reason_in_dutch
from wfs_proxy.config.similar_names import nearest
from wfs_proxy.config.yaml12 import Keys
from wfs_proxy.features import (
    EXCLUDED_BY_WHERE,
    MERGED,
    NO_GEOMETRY,
    OUTSIDE_THE_AREA,
    PLACEHOLDER_COORDINATES,
    UNKNOWN_CRS,
    FetchReport,
    PipelineReport,
)

__all__ = ["NOTICES", "category_problems", "data_problems", "extent_line", "type_problem", "without_moot"]

NOTICES = frozenset({"where_unused", "map_unused", "vendor_unused", "not_verified"})
"""Codes of what may be right: a value that no object has today may occur tomorrow."""

_FIELDS: Keys = ("properties", "fields")

_MOST_VALUES = 5
"""Values that a sentence names."""

_INTENDED = frozenset({EXCLUDED_BY_WHERE, MERGED})
"""Reasons to leave out an object that the layer file or the vendor asks for."""

_REASONS = {
    NO_GEOMETRY: "left_out_no_geometry",
    PLACEHOLDER_COORDINATES: "left_out_placeholder",
    OUTSIDE_THE_AREA: "left_out_outside",
    UNKNOWN_CRS: "left_out_crs",
}
"""Reason -> code of the sentence that explains it; the others share one."""


def data_problems(
    layer: Layer, pipeline: PipelineReport, fetch: FetchReport, *, count: int, box: BBox | None
) -> Iterator[Problem]:
    """Yield what a fetch shows that an administrator should change.

    Args:
        layer: from its file.
        pipeline: what happened between the vendor's document and the points.
        fetch: how the vendor was asked.
        count: objects that are served.
        box: around them; None without objects.
    """
    if not pipeline.received and not count:
        yield Problem(keys=("source",), code="no_objects")
        return
    yield from _absent(layer, pipeline)
    yield from _unused(layer, pipeline)
    yield from _failed_casts(layer, pipeline.failed_casts)
    yield from _left_out(pipeline.skipped)
    yield from _extent_missed(layer, box)
    if pipeline.renamed:
        yield _shared_key(layer, pipeline.renamed)
    if pipeline.unreadable_texts:
        yield _counted("unreadable_texts", ("source",), pipeline.unreadable_texts)
    if not fetch.complete:
        code = "incomplete_uncounted" if fetch.matched is None else "incomplete"
        yield Problem(keys=("source",), code=code, details={"count": str(count), "matched": str(fetch.matched)})


def type_problem(layer: Layer, unknown: str, offered: tuple[str, ...]) -> Problem:
    """Return the problem that the vendor's service does not have a type of the layer.

    Args:
        layer: from its file.
        unknown: the type in the file.
        offered: types that the service has, the most similar ones first; empty if it has none.
    """
    names, key = layer.source.requested_types, layer.source.types_key
    keys: Keys = ("source", key, names.index(unknown)) if unknown in names else ("source", key)
    near = nearest(unknown, offered)
    allowed = offered if near is None or len(offered) > 1 else ()
    return Problem(keys=keys, code="type_unknown", details={"given": unknown}, nearest=near, allowed=allowed)


def without_moot(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield the problems of a file and of its data, without the line for a property that would show an absent id.

    First the name of the attribute has to be right: the line would name the absent one.
    """
    found = tuple(problems)
    absent = any(each.code == "id_absent" for each in found)
    yield from (each for each in found if not (absent and each.code == "no_id_field"))


def category_problems(
    layer: Layer, unknown: Iterable[str], existing: Iterable[str], *, public_only: bool
) -> Iterator[Problem]:
    """Yield the categories of a layer that its Signalen does not know.

    Args:
        layer: from its file.
        unknown: categories that Signalen refused.
        existing: the slugs that it has; empty if they could not be read.
        public_only: whether only public categories were asked for.
    """
    configured = layer.reports.categories if layer.reports is not None else ()
    refused, slugs = set(unknown), tuple(existing)
    for row, slug in enumerate(configured):
        if slug not in refused:
            continue
        keys: Keys = ("reports", "categories", row)
        if slug in slugs and public_only:
            yield Problem(keys=keys, code="category_hidden", details={"given": slug})
        else:
            yield Problem(keys=keys, code="category_unknown", details={"given": slug}, nearest=nearest(slug, slugs))


def _absent(layer: Layer, report: PipelineReport) -> Iterator[Problem]:
    """Yield a problem for each key of the file with a name that no object has."""
    for keys, code, attribute in _attributes(layer):
        if attribute in report.absent_fields:
            near = report.nearest_attributes.get(attribute)
            yield Problem(keys=keys, code=code, details={"given": attribute}, nearest=near)


def _attributes(layer: Layer) -> Iterator[tuple[Keys, str, str]]:
    if layer.properties.id is not None:
        yield ("properties", "id"), "id_absent", layer.properties.id
    for name, rule in layer.properties.fields.items():
        if rule.template is None:
            yield (*_FIELDS, name), "field_absent", rule.source or name
    for name in layer.source.where:
        yield ("source", "where", name), "where_absent", name
    if layer.reports is not None and layer.reports.vendor is not None:
        yield ("reports", "vendor", "field"), "vendor_absent", layer.reports.vendor.field


def _unused(layer: Layer, report: PipelineReport) -> Iterator[Problem]:
    for name, texts in layer.source.where.items():
        unused = report.unused_values.get(f"source.where.{name}", ())
        code = "where_matches_none" if len(unused) == len(dict.fromkeys(texts)) else "where_unused"
        yield from _of_values(("source", "where", name), code, name, unused)
    for name, rule in layer.properties.fields.items():
        unused = report.unused_values.get(f"properties.fields.{name}.map", ())
        yield from _of_values((*_FIELDS, name, "map"), "map_unused", rule.source or name, unused)
    vendor = layer.reports.vendor if layer.reports is not None else None
    if vendor is not None:
        unused = report.unused_values.get("reports.vendor", ())
        yield from _of_values(("reports", "vendor"), "vendor_unused", vendor.field, unused)


def _of_values(keys: Keys, code: str, attribute: str, values: tuple[str, ...]) -> Iterator[Problem]:
    if values:
        named = ", ".join(f'"{value[:60]}"' for value in values[:_MOST_VALUES])
        more = ", …" if len(values) > _MOST_VALUES else ""
        yield Problem(keys=keys, code=code, details={"attribute": attribute, "values": named + more})


def _failed_casts(layer: Layer, failed: Mapping[str, int]) -> Iterator[Problem]:
    for name, count in failed.items():
        rule = layer.properties.fields.get(name)
        if rule is None or not count:
            continue
        code = "not_a_type" if rule.map is None else "not_in_map"
        yield Problem(keys=(*_FIELDS, name), code=code, details={"count": str(count), "field": name, "type": rule.type})


def _left_out(skipped: Mapping[str, int]) -> Iterator[Problem]:
    for reason, count in skipped.items():
        if count and reason not in _INTENDED:
            code = _REASONS.get(reason, "left_out")
            details = {"count": str(count), "reason": reason, "reason_nl": reason_in_dutch(reason)}
            yield Problem(keys=("source",), code=code, details=details)


def _extent_missed(layer: Layer, box: BBox | None) -> Iterator[Problem]:
    extent = layer.source.extent
    if extent is None or box is None or looks_swapped(extent):
        return
    if not BBox(*extent).meets(box):
        details = {"line": extent_line(box)}
        yield Problem(keys=("source", "extent"), code="extent_missed", details=details)


def extent_line(box: BBox) -> str:
    """Return a box as the value of `extent`, rounded outwards to a hundredth of a degree, about a kilometre."""
    low = [math.floor(side * 100) / 100 for side in box[:2]]
    high = [math.ceil(side * 100) / 100 for side in box[2:]]
    return "[" + ", ".join(f"{side:g}" for side in (*low, *high)) + "]"


def _shared_key(layer: Layer, count: int) -> Problem:
    """Return the problem that `count` objects have a key that another object has too."""
    field = layer.properties.id_field
    if field is None or layer.properties.fields[field].type == "string":
        return _counted("shared_key", ("properties", "id"), count)
    details = {"count": str(count), "field": field}
    return Problem(keys=(*_FIELDS, field), code="shared_key_of_number", details=details)


def _counted(code: str, keys: Keys, count: int) -> Problem:
    return Problem(keys=keys, code=code, details={"count": str(count)})
