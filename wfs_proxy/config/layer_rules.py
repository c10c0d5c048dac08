"""Rules between the values of a layer: names that must exist, and names that must not collide.

`scalars.py` checks single values. Rules yield problems instead of raising errors, so that all are reported together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, count
from pathlib import Path

from wfs_proxy.config.auth import Auth, LoginAuth
from wfs_proxy.config.diagnostics import Problem, Remark, path_of
from wfs_proxy.config.layer import FieldRule, Layer
from wfs_proxy.config.report_rules import Reports, VendorMarks
from wfs_proxy.config.scalars import NAME_IN_TEMPLATE, template_names
from wfs_proxy.config.similar_names import nearest
from wfs_proxy.config.source import ArcgisSource, FileSource, GeoJsonSource, HttpSource, WfsSource
from wfs_proxy.config.url_template import BOX
from wfs_proxy.config.yaml12 import Keys
from wfs_proxy.config.yaml_text import scalar
from wfs_proxy.errors import UnknownCrs
from wfs_proxy.gdal import has_gdal
from wfs_proxy.geo import SERVICE_AREA, parse_srs_name
from wfs_proxy.values import CASTS

__all__ = ["broken_rules", "file_warnings", "form_problems", "looks_swapped", "unused_blocks"]

_RESERVED = "created_at"
"""Signalen's WCAG frontend uses this property as the identity of an object, so it is never served."""

_OF_GDAL = (".gpkg", ".fgb", ".shp")
"""Endings of the files that GDAL reads. Of these it can read the part in a box."""

_FIELDS: Keys = ("properties", "fields")


def broken_rules(layer: Layer) -> Iterator[Problem]:
    """Yield a problem for each rule that `layer` breaks."""
    yield from _unknown_srs_name(layer)
    if isinstance(layer.source, HttpSource):
        yield from _unreadable_login(layer.source.auth)
    yield from _half_template(layer)
    yield from _impossible_cells(layer)
    yield from _half_a_place(layer)
    yield from _reserved_fields(layer)
    yield from _templates(layer.properties.fields)
    yield from _values_that_fit(layer.properties.fields)
    yield from _taken_names(layer)
    yield from _aliases(layer)
    if layer.reports is not None:
        yield from _match_fields(layer.reports, layer)
        yield from _vendor(layer.reports.vendor)
        yield from _marks_without_difference(layer.reports)


def unused_blocks(layer: Layer) -> tuple[Remark, ...]:
    """Return a remark for each key that is valid but has no effect in this version."""
    remarks = []
    if layer.fetch.mode != "cells" and "cell_zoom" in layer.fetch.model_fields_set:
        remarks.append(Remark(keys=("fetch", "cell_zoom"), code="idle_cell_zoom"))
    if isinstance(layer.source, GeoJsonSource) and _has_idle_page_size(layer.source):
        remarks.append(Remark(keys=("source", "page_size"), code="idle_page_size"))
    return tuple(remarks)


def _has_idle_page_size(source: GeoJsonSource) -> bool:
    return "page_size" in source.model_fields_set and "limit" not in source.placeholders


def file_warnings(layer: Layer) -> tuple[Problem, ...]:
    """Return what an administrator should change about a file that can be used."""
    return (*_swapped_extent(layer), *_unreadable_file(layer), *form_problems(layer))


def looks_swapped(extent: Sequence[float]) -> bool:
    """Whether the numbers of an extent are two longitudes and two latitudes of our area in another order."""
    return not _is_in_service_area(extent) and _is_in_service_area(_put_right(extent))


def _swapped_extent(layer: Layer) -> Iterator[Problem]:
    extent = layer.source.extent
    if extent is not None and looks_swapped(extent):
        line = "[" + ", ".join(f"{number:.10g}" for number in _put_right(extent)) + "]"
        yield Problem(keys=("source", "extent"), code="extent_swapped", details={"line": line})


def _unreadable_file(layer: Layer) -> Iterator[Problem]:
    """Find a file that cannot be read yet: the file may be put there, and the library be installed, while we run."""
    source = layer.source
    if not isinstance(source, FileSource):
        return
    path = Path(source.path)
    if not path.is_file():
        yield Problem(keys=("source", "path"), code="no_such_file", details={"given": path.name})
    elif path.suffix.lower() in _OF_GDAL and not has_gdal():
        yield Problem(keys=("source", "path"), code="no_gdal")


def _put_right(extent: Sequence[float]) -> tuple[float, float, float, float]:
    """Return west, south, east, north: in the Netherlands and Belgium every longitude is less than every latitude."""
    west, east, south, north = sorted(extent)
    return west, south, east, north


def _is_in_service_area(extent: Sequence[float]) -> bool:
    west, south, east, north = extent
    return SERVICE_AREA.contains(west, south) and SERVICE_AREA.contains(east, north)


def form_problems(layer: Layer) -> tuple[Problem, ...]:
    """Return why a form cannot use the layer as it is, which is no error: maps can."""
    key = layer.properties.id
    if key is None:
        return (Problem(keys=("properties",), code="no_key"),)
    if layer.properties.id_field is None:
        return (Problem(keys=_FIELDS, code="no_id_field", details={"key": key, "line": _line_for(key, layer)}),)
    return ()


def _line_for(key: str, layer: Layer) -> str:
    """Return the line of the block `fields` that shows a key under a name that is free."""
    taken = {_RESERVED, *layer.properties.fields, *(name for _, name in _added_names(layer))}
    names = chain((key, "sleutel"), map("sleutel_{}".format, count(2)))
    name = next(name for name in names if name not in taken and "${" not in name)  # no key may contain a placeholder
    return f"{scalar(name)}: string" if name == key else f"{name}: {{from: {scalar(key)}}}"


def _unknown_srs_name(layer: Layer) -> Iterator[Problem]:
    if (
        not isinstance(layer.source, WfsSource | ArcgisSource | GeoJsonSource | FileSource)
        or layer.source.srs_name is None
    ):
        return
    try:
        parse_srs_name(layer.source.srs_name)
    except UnknownCrs:
        yield Problem(keys=("source", "srs_name"), code="srs_name")


def _unreadable_login(auth: Auth | None) -> Iterator[Problem]:
    if not isinstance(auth, LoginAuth):
        return
    if auth.expires is not None and auth.token is None:
        yield Problem(keys=("source", "auth", "expires"), code="login_expires")
    in_header = auth.send.model_fields_set & {"header", "prefix"}
    if auth.send.parameter is not None and in_header:
        yield Problem(keys=("source", "auth", "send", "parameter"), code="login_send")


def _half_template(layer: Layer) -> Iterator[Problem]:
    if not isinstance(layer.source, GeoJsonSource):
        return
    names, keys = layer.source.placeholders, ("source", "url")
    missing = [f"{{{name}}}" for name in BOX if name not in names]
    if 0 < len(missing) < len(BOX):
        yield Problem(keys=keys, code="template_half", details={"missing": ", ".join(missing)})
    elif not missing and layer.fetch.mode != "cells":
        yield Problem(keys=keys, code="template_whole")
    if "limit" in names and "offset" not in names:
        yield Problem(keys=keys, code="template_limit")


def _impossible_cells(layer: Layer) -> Iterator[Problem]:
    if layer.fetch.mode != "cells":
        return
    if isinstance(layer.source, GeoJsonSource) and not layer.source.placeholders & set(BOX):
        yield Problem(keys=("fetch", "mode"), code="cells_document")
    if isinstance(layer.source, FileSource) and not layer.source.path.lower().endswith(_OF_GDAL):
        yield Problem(keys=("fetch", "mode"), code="cells_table")
    if layer.point.rule == "centroid":
        yield Problem(keys=("point", "rule"), code="cells_centroid")


def _half_a_place(layer: Layer) -> Iterator[Problem]:
    source = layer.source
    if isinstance(source, FileSource) and (source.x is None) != (source.y is None):
        yield Problem(keys=("source", "x" if source.y is None else "y"), code="only_x_or_y")


def _reserved_fields(layer: Layer) -> Iterator[Problem]:
    if _RESERVED in layer.properties.fields:
        yield Problem(keys=(*_FIELDS, _RESERVED), code="reserved")


def _templates(fields: Mapping[str, FieldRule]) -> Iterator[Problem]:
    for name, rule in fields.items():
        if rule.template is None:
            continue
        keys: Keys = (*_FIELDS, name, "template")
        if rule.source is not None:
            yield Problem(keys=keys, code="template_and_from")
        if re.search(r"[{}]", NAME_IN_TEMPLATE.sub("", rule.template)):
            yield Problem(keys=keys, code="template_syntax")
        unknown = [named for named in template_names(rule.template) if named not in fields]
        for named in unknown:
            meant = nearest(named, fields)
            yield Problem(keys=keys, code="template_unknown", details={"given": named}, nearest=meant)
        if name in _named_by_way_of(name, fields):
            yield Problem(keys=keys, code="template_cycle")


def _named_by_way_of(name: str, fields: Mapping[str, FieldRule]) -> set[str]:
    """Return all fields that the template of `name` uses, directly or through other templates."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        rule = fields.get(waiting.pop())
        named = set(template_names(rule.template)) if rule is not None and rule.template is not None else set()
        waiting.extend(named - found)
        found |= named
    return found


def _values_that_fit(fields: Mapping[str, FieldRule]) -> Iterator[Problem]:
    """Check that defaults and mapped values can be converted to the type of their field."""
    for name, rule in fields.items():
        if rule.default is not None and CASTS[rule.type](rule.default) is None:
            yield Problem(keys=(*_FIELDS, name, "default"), code="default_type", details={"type": rule.type})
        for key, value in (rule.map or {}).items():
            if value is not None and CASTS[rule.type](value) is None:
                yield Problem(keys=(*_FIELDS, name, "map", key), code="default_type", details={"type": rule.type})


def _taken_names(layer: Layer) -> Iterator[Problem]:
    taken = {name: f"properties.fields.{name}" for name in layer.properties.fields}
    for keys, name in _added_names(layer):
        if name == _RESERVED:
            yield Problem(keys=keys, code="reserved")
        elif name in taken:
            yield Problem(keys=keys, code="name_taken", details={"given": name, "other": taken[name]})
        taken.setdefault(name, path_of(keys))


def _aliases(layer: Layer) -> Iterator[Problem]:
    served = {*layer.properties.fields, *(name for _, name in _added_names(layer))}
    for alias, name in layer.wfs.properties.items():
        keys: Keys = ("wfs", "properties", alias)
        if alias in served and alias != name:
            yield Problem(keys=keys, code="alias_served", details={"given": alias})
        if name not in served:
            yield Problem(keys=keys, code="alias_unknown", details={"given": name}, nearest=nearest(name, served))


def _added_names(layer: Layer) -> Iterator[tuple[Keys, str]]:
    """Yield the served properties that are not fields, with the key that defines them."""
    if layer.point.footprint:
        yield ("point", "footprint"), "footprint"
    if layer.reports is None:
        return
    for row, rule in enumerate(layer.reports.mark):
        yield ("reports", "mark", row, "property"), rule.property
    if layer.reports.word is not None:
        yield ("reports", "word"), layer.reports.word
    if layer.reports.age is not None:
        yield ("reports", "age"), layer.reports.age


def _match_fields(reports: Reports, layer: Layer) -> Iterator[Problem]:
    known = {*layer.properties.fields, *([layer.properties.id] if layer.properties.id else [])}
    for row, name in enumerate(reports.match.fields):
        if name not in known:
            keys: Keys = ("reports", "match", "fields", row)
            yield Problem(
                keys=keys, code="match_unknown", details={"given": name}, nearest=nearest(name, sorted(known))
            )


def _vendor(vendor: VendorMarks | None) -> Iterator[Problem]:
    keys: Keys = ("reports", "vendor")
    if vendor is None:
        return
    if not vendor.values and not vendor.states:
        yield Problem(keys=keys, code="vendor_empty")
    texts = [state.text for state in vendor.states]
    for row, text in enumerate(texts):
        if text in texts[:row]:
            yield Problem(keys=(*keys, "states", row, "text"), code="twice", details={"given": text})


def _marks_without_difference(reports: Reports) -> Iterator[Problem]:
    for row, rule in enumerate(reports.mark):
        if type(rule.reported) is type(rule.otherwise) and rule.reported == rule.otherwise:
            yield Problem(keys=("reports", "mark", row), code="mark_same")
