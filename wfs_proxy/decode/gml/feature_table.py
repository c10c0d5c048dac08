"""The rows of a `FeatureBatch`, collected feature by feature.

A feature is read by a template if one fits, else element by element. Both ways only collect text: every few thousand
features the geometries and the columns of template texts are built together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from wfs_proxy.decode.gml.build import build_geometries
from wfs_proxy.decode.gml.columns import AttributeColumns
from wfs_proxy.decode.gml.geometry import EXTENTS, implied_geometry, is_geometry, is_readable, read_geometry
from wfs_proxy.decode.gml.parsed_geometry import ParsedCollection, ParsedGeometry
from wfs_proxy.decode.gml.surroundings import Surroundings, nearest
from wfs_proxy.decode.gml.templates import FeatureTemplate, FeatureTemplates, TemplateMatch
from wfs_proxy.decode.gml.versions import gml_version_of, is_written_by_fme, wfs_version_of
from wfs_proxy.decode.safe_xml import name_of
from wfs_proxy.errors import UnsupportedGeometry
from wfs_proxy.features import Claims, Encoding, FeatureBatch, Payload

__all__ = ["FeatureTable", "identifier_of"]

FEATURES_AT_ONCE = 2_000
"""Features whose geometries are built together: enough for numpy to pay off, few enough to need little memory."""

PROPERTY_ABSENT = "the chosen geometry property is absent"

_BOUNDS = "boundedBy"
_MOST_DIGITS = 17
"""Longer numbers are not counts of features, and Python refuses to convert text of a few thousand digits."""


class _GeometryCandidate(NamedTuple):
    """A geometry of a feature that has not been read yet."""

    path: str
    element: etree._Element
    kind: str | None = None


class FeatureTable:
    """The rows read so far."""

    def __init__(self, geometry: str | None) -> None:
        """Begin without rows.

        Args:
            geometry: name or path of the geometry property to take, see `read_gml`.
        """
        self._wanted = geometry.rpartition(":")[2] if geometry else None
        self._ids: list[str | None] = []
        self._type_names: list[str] = []
        self._srs: list[str | None] = []
        self._columns = AttributeColumns()
        self._templates = FeatureTemplates()
        self._matched: defaultdict[FeatureTemplate, dict[int, tuple[str | None, ...]]] = defaultdict(dict)
        self._parsed: list[ParsedGeometry | ParsedCollection | None] = []
        self._built: list[NDArray[np.object_]] = []
        self._errors: list[str | None] = []
        self._geometry_paths: set[str] = set()
        self._encoding: Encoding | None = None
        self._owner: etree._Element | None = None
        self._owner_dimension = 0
        """The srsDimension around the features of the collection `_owner`."""

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, feature: etree._Element) -> None:
        """Read one feature into the next row."""
        match = self._templates.match(feature)
        if match is None or (match.template.geometry.lacks_dimension and self._dimension_outside(feature)):
            self._add_in_full(feature)
        else:
            self._add_match(match)

    def _dimension_outside(self, feature: etree._Element) -> int:
        """Return the srsDimension that the collections around a feature say for it; 0 for none."""
        member = feature.getparent()
        owner = None if member is None else member.getparent()
        if owner is None:
            return 0
        if owner is not self._owner:
            self._owner, self._owner_dimension = owner, Surroundings(feature).dimension
        return self._owner_dimension

    def _add_match(self, match: TemplateMatch) -> None:
        template = match.template
        self._matched[template][len(self._ids)] = match.texts
        self._ids.append(match.identifier)
        self._type_names.append(template.type_name)
        try:
            self._add_parsed(template.geometry.parse(match.ordinates), template.geometry.srs)
        except UnsupportedGeometry as error:
            self._add_parsed(None, None, str(error))

    def _add_in_full(self, feature: etree._Element) -> None:
        candidates: list[_GeometryCandidate] = []
        self._read_children(len(self._ids), feature, "", candidates)
        identifier = identifier_of(feature)
        self._ids.append(identifier)
        self._type_names.append(name_of(feature.tag))
        self._add_geometry(candidates, feature)
        if len(candidates) == 1 and self._errors[-1] != PROPERTY_ABSENT:
            self._templates.add(feature, candidates[0].element, identifier)

    def add_bare(self, geometry: etree._Element) -> None:
        """Read a geometry without a feature into the next row."""
        self._ids.append(identifier_of(geometry))
        self._type_names.append("")
        self._add_geometry([_GeometryCandidate("", geometry)], geometry)

    def _read_children(
        self, row: int, parent: etree._Element, prefix: str, candidates: list[_GeometryCandidate]
    ) -> None:
        """Read the attributes inside an element and collect its geometries."""
        read = self._columns.read
        for child in parent:
            name = name_of(child.tag)
            if len(child) == 0:
                read(row, prefix + name, child)
            elif name != _BOUNDS:
                self._read_nested(row, child, prefix + name, candidates)

    def _read_nested(self, row: int, element: etree._Element, path: str, candidates: list[_GeometryCandidate]) -> None:
        """Read an element with children: it holds geometries, is one itself, or has attributes inside."""
        first = element[0]
        if is_geometry(first):
            candidates += [_GeometryCandidate(path, each) for each in element if each is first or is_geometry(each)]
        elif is_geometry(element):
            candidates.append(_GeometryCandidate(path, element))
        elif (kind := implied_geometry(element)) is not None:
            candidates.append(_GeometryCandidate(path, element, kind))
        elif name_of(first.tag) not in EXTENTS:
            self._read_children(row, element, f"{path}|", candidates)

    def _choose(self, candidates: list[_GeometryCandidate]) -> _GeometryCandidate | None:
        if not candidates:
            return None
        self._geometry_paths.update([each.path for each in candidates])
        if self._wanted is None:
            direct = [each for each in candidates if "|" not in each.path] or candidates
            readable = [each for each in direct if is_readable(each.element, each.kind)]
            return (readable or direct)[-1]
        named = [each for each in candidates if self._wanted in _names(each.path)]
        if not named:
            raise UnsupportedGeometry(PROPERTY_ABSENT)
        return named[-1]

    def _add_geometry(self, candidates: list[_GeometryCandidate], feature: etree._Element) -> None:
        try:
            chosen = self._choose(candidates)
            if chosen is None:
                self._add_parsed(None, None)
                return
            self._encoding = self._encoding or gml_version_of(chosen.element)
            parsed, srs = read_geometry(chosen.element, chosen.kind)
            self._add_parsed(parsed, srs or _inherited_srs(chosen, candidates, feature))
        except UnsupportedGeometry as error:
            self._add_parsed(None, None, str(error))

    def _add_parsed(
        self, parsed: ParsedGeometry | ParsedCollection | None, srs: str | None, error: str | None = None
    ) -> None:
        self._parsed.append(parsed)
        self._srs.append(srs)
        self._errors.append(error)
        if len(self._parsed) >= FEATURES_AT_ONCE:
            self._build()

    def _build(self) -> None:
        geometry, errors = build_geometries(self._parsed)
        first = len(self._errors) - len(self._parsed)
        for position, error in errors.items():
            self._errors[first + position] = error
        self._built.append(geometry)
        self._parsed = []
        self._move_texts_to_columns()

    def _move_texts_to_columns(self) -> None:
        for template, features in self._matched.items():
            rows, texts_by_gap = list(features), list(zip(*features.values(), strict=True))
            for gap, column in template.columns:
                self._columns.add_texts(rows, column, texts_by_gap[gap])
        self._matched.clear()

    def finish(self, root: etree._Element, payload: Payload) -> FeatureBatch:
        """Return all rows as a batch, with what the root element says about the document."""
        self._build()
        srs_names = tuple(dict.fromkeys(name for name in self._srs if name is not None))
        positions: dict[str | None, int] = {name: index for index, name in enumerate(srs_names)}
        rows = len(self._ids)
        encoding = self._encoding or gml_version_of(root)
        return FeatureBatch(
            ids=_objects(self._ids),
            type_names=_objects(self._type_names),
            geometry=np.concatenate(self._built),
            geometry_errors=_objects(self._errors),
            srs_index=np.fromiter((positions.get(name, -1) for name in self._srs), dtype=np.int32, count=rows),
            srs_names=srs_names,
            columns=self._columns.finish(rows, without={*self._geometry_paths, _BOUNDS}),
            encoding=encoding,
            wfs_version=payload.wfs_version or wfs_version_of(root, encoding),
            claims=_claims(root),
            authority_order=is_written_by_fme(root),
        )


def _names(path: str) -> set[str]:
    """Return what a layer file may call a property: its path or its name, which may have a colon of its own."""
    name = path.rpartition("|")[2]
    return {path, name, name.rpartition(":")[2]}


def _inherited_srs(
    chosen: _GeometryCandidate, candidates: list[_GeometryCandidate], feature: etree._Element
) -> str | None:
    """Return the srsName that holds for a geometry without its own; None if the document has none for it.

    The nearest one holds: of an element around the geometry or of the feature's `boundedBy` (OGC 07-036, sections 9.10
    and 10.1.3.2), else that of the feature's other geometries if all of them have the same one, else of the
    collections around the feature or of their `boundedBy`. The standard does not have the second: servers that write
    the extent of a collection in one CRS and the features in another (QGIS) show that a geometry beside it says more.
    """
    around = list(chosen.element.iterancestors())
    outside = around.index(feature) + 1 if feature in around else 0
    others = {srs for each in candidates if each is not chosen for srs in _srs_names_inside(each.element)}
    of_others = next(iter(others)) if len(others) == 1 else None
    return nearest(around[:outside], "srsName") or of_others or nearest(around[outside:], "srsName")


def _srs_names_inside(element: etree._Element) -> Iterator[str]:
    return (srs for each in element.iter() if (srs := each.get("srsName")))


def identifier_of(element: etree._Element) -> str | None:
    """Return the gml:id (GML 3), else the fid (GML 2), else a plain id; None without any."""
    found: dict[str, str] = {}
    for key, value in element.items():
        name = str(key)
        if name.endswith("}id"):
            return str(value)
        found[name] = str(value)
    return found.get("fid", found.get("id"))


def _claims(root: etree._Element) -> Claims:
    returned = _count(root.get("numberReturned"))
    return Claims(
        matched=_count(root.get("numberMatched")),
        returned=returned if returned is not None else _count(root.get("numberOfFeatures")),
    )


def _count(text: str | None) -> int | None:
    """Return a number of features; None for "unknown" and for numbers that are too large to be one."""
    return int(text) if text is not None and text.isdecimal() and len(text) <= _MOST_DIGITS else None


def _objects(values: list[str | None] | list[str]) -> NDArray[np.object_]:
    return np.array(values, dtype=np.object_)
