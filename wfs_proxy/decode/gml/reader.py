"""GML and WFS feature collections -> FeatureBatch (WFS 1.0, 1.1, 2.0; GML 2, 3.1.1, 3.2).

The document grows in pieces; features are read and removed as soon as they are finished, and every few thousand of them
their positions become geometries in one go. What a document says about itself (counts, extents) is kept as a claim.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from wfs_proxy.decode.exception_reports import refuse_other_documents
from wfs_proxy.decode.gml.build import Collection, Shape, build
from wfs_proxy.decode.gml.columns import Columns
from wfs_proxy.decode.gml.geometry import NOISE, implied_geometry, is_geometry, names_geometry, read_geometry
from wfs_proxy.decode.gml.members import is_collection, take_features
from wfs_proxy.decode.gml.templates import FeatureTemplate, FeatureTemplates, FilledTemplate
from wfs_proxy.decode.gml.versions import dialect_of, version_of
from wfs_proxy.decode.safe_xml import Markup, grow, mended, name_of, open_markup, parse_whole
from wfs_proxy.errors import MalformedDocument, NotFeatures, UnsupportedGeometry
from wfs_proxy.features import Claims, Encoding, FeatureBatch, Payload

__all__ = ["read_gml"]

BATCH = 2_000
"""Features whose positions are converted together: enough to make numpy worth it, few enough to stay small."""

PROPERTY_ABSENT = "the chosen geometry property is absent"

_BOUNDS = "boundedBy"
_DIGITS = 18
"""A count with as many digits is no count; Python refuses to convert a few thousand of them."""


def read_gml(payload: Payload, *, geometry: str | None = None) -> FeatureBatch:
    """Read a GML document.

    Args:
        payload: the document.
        geometry: name of the geometry property to take, where a feature has several (for a nested one the path, "a|b").
            By default the last one directly in the feature, else the last nested one, as GDAL does.

    Raises:
        UpstreamException: the document is, or ends in, an exception report.
        NotFeatures: XML without features.
        UnsafeDocument: a DOCTYPE.
        MalformedDocument: truncated or not well-formed.
    """
    markup = open_markup(payload)
    try:
        return _read(markup, payload, geometry)
    except MalformedDocument:
        better = mended(markup)
        if better is None:
            raise
    return _read(better, payload, geometry)


def _read(markup: Markup, payload: Payload, geometry: str | None) -> FeatureBatch:
    refuse_other_documents(markup)
    table = _Table(geometry)
    if names_geometry(markup.root):
        root = parse_whole(markup)
        table.add_bare(root)
    else:
        root = _read_features(table, markup)
    return table.finish(root, payload)


def _read_features(table: _Table, markup: Markup) -> etree._Element:
    """Read all features of a document and return what is left of it: the root element without them."""
    for root, whole in grow(markup):
        for feature in take_features(root, whole=whole, source=markup.source):
            table.add(feature)
    if not len(table) and not is_collection(markup.root):
        if _identifier(root) is None:
            raise NotFeatures(
                f"{markup.source or 'the answer'} is XML with the root element {markup.root}, which is no collection "
                "of features: look whether the address is that of a WFS and asks for GetFeature"
            )
        table.add(root)
    return root


class _GeometryCandidate(NamedTuple):
    """A geometry of a feature, not read yet."""

    path: str
    element: etree._Element
    kind: str | None = None


class _Table:
    """The rows read so far."""

    def __init__(self, geometry: str | None) -> None:
        self._wanted = geometry.rpartition(":")[2] if geometry else None
        self._ids: list[str | None] = []
        self._type_names: list[str] = []
        self._srs: list[str | None] = []
        self._columns = Columns()
        self._stencils = FeatureTemplates()
        self._filled: defaultdict[FeatureTemplate, dict[int, tuple[str | None, ...]]] = defaultdict(dict)
        self._shapes: list[Shape | Collection | None] = []
        self._built: list[NDArray[np.object_]] = []
        self._faults: list[str | None] = []
        self._geometry_paths: set[str] = set()
        self._encoding: Encoding | None = None

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, feature: etree._Element) -> None:
        """Read one feature into the next row."""
        filled = self._stencils.fill(feature)
        if filled is None:
            self._add_read(feature)
        else:
            self._add_filled(filled)

    def _add_filled(self, filled: FilledTemplate) -> None:
        stencil = filled.stencil
        self._filled[stencil][len(self._ids)] = filled.texts
        self._ids.append(filled.identifier)
        self._type_names.append(stencil.type_name)
        try:
            self._add_shape(stencil.chain.shape(filled.ordinates), stencil.chain.srs)
        except UnsupportedGeometry as error:
            self._add_shape(None, None, str(error))

    def _add_read(self, feature: etree._Element) -> None:
        candidates: list[_GeometryCandidate] = []
        self._walk(len(self._ids), feature, "", candidates)
        identifier = _identifier(feature)
        self._ids.append(identifier)
        self._type_names.append(name_of(feature.tag))
        self._add_geometry(candidates)
        if len(candidates) == 1:
            self._stencils.learn(feature, candidates[0].element, identifier)

    def add_bare(self, geometry: etree._Element) -> None:
        """Read a geometry without a feature into the next row."""
        self._ids.append(_identifier(geometry))
        self._type_names.append("")
        self._add_geometry([_GeometryCandidate("", geometry)])

    def _walk(self, row: int, parent: etree._Element, prefix: str, candidates: list[_GeometryCandidate]) -> None:
        """Read the attributes inside an element and collect its geometries."""
        read = self._columns.read
        for child in parent:
            name = name_of(child.tag)
            if len(child) == 0:
                read(row, prefix + name, child)
            elif name != _BOUNDS:
                self._look_into(row, child, prefix + name, candidates)

    def _look_into(self, row: int, element: etree._Element, path: str, candidates: list[_GeometryCandidate]) -> None:
        first = element[0]
        if is_geometry(first):
            candidates += [_GeometryCandidate(path, each) for each in element if each is first or is_geometry(each)]
        elif is_geometry(element):
            candidates.append(_GeometryCandidate(path, element))
        elif (kind := implied_geometry(element)) is not None:
            candidates.append(_GeometryCandidate(path, element, kind))
        elif name_of(first.tag) not in NOISE:
            self._walk(row, element, f"{path}|", candidates)

    def _chosen(self, candidates: list[_GeometryCandidate]) -> _GeometryCandidate | None:
        if not candidates:
            return None
        self._geometry_paths.update([each.path for each in candidates])
        if self._wanted is None:
            direct = [each for each in candidates if "|" not in each.path]
            return (direct or candidates)[-1]
        named = [each for each in candidates if self._wanted in {each.path, each.path.rpartition("|")[2]}]
        if not named:
            raise UnsupportedGeometry(PROPERTY_ABSENT)
        return named[-1]

    def _add_geometry(self, candidates: list[_GeometryCandidate]) -> None:
        try:
            chosen = self._chosen(candidates)
            if chosen is None:
                self._add_shape(None, None)
                return
            self._encoding = self._encoding or dialect_of(chosen.element)
            shape, srs = read_geometry(chosen.element, chosen.kind)
            self._add_shape(shape, srs or inherited_srs(chosen.element))
        except UnsupportedGeometry as error:
            self._add_shape(None, None, str(error))

    def _add_shape(self, shape: Shape | Collection | None, srs: str | None, fault: str | None = None) -> None:
        self._shapes.append(shape)
        self._srs.append(srs)
        self._faults.append(fault)
        if len(self._shapes) >= BATCH:
            self._build()

    def _build(self) -> None:
        geometry, faults = build(self._shapes)
        first = len(self._faults) - len(self._shapes)
        for position, fault in faults.items():
            self._faults[first + position] = fault
        self._built.append(geometry)
        self._shapes = []
        self._fill_columns()

    def _fill_columns(self) -> None:
        for stencil, features in self._filled.items():
            rows, gaps = list(features), list(zip(*features.values(), strict=True))
            for gap, column in stencil.columns:
                self._columns.fill(rows, column, gaps[gap])
        self._filled.clear()

    def finish(self, root: etree._Element, payload: Payload) -> FeatureBatch:
        """Everything that was read, as a batch."""
        self._build()
        srs_names = tuple(dict.fromkeys(name for name in self._srs if name is not None))
        positions: dict[str | None, int] = {name: index for index, name in enumerate(srs_names)}
        rows = len(self._ids)
        encoding = self._encoding or dialect_of(root)
        return FeatureBatch(
            ids=_objects(self._ids),
            type_names=_objects(self._type_names),
            geometry=np.concatenate(self._built),
            faults=_objects(self._faults),
            srs_index=np.fromiter((positions.get(name, -1) for name in self._srs), dtype=np.int32, count=rows),
            srs_names=srs_names,
            columns=self._columns.finish(rows, without={*self._geometry_paths, _BOUNDS}),
            encoding=encoding,
            wfs_version=payload.wfs_version or version_of(root, encoding),
            claims=_claims(root),
        )


def inherited_srs(geometry: etree._Element) -> str | None:
    """The nearest srsName around a geometry that has none: on an ancestor, or on the extent of an ancestor."""
    for ancestor in geometry.iterancestors():
        own = ancestor.get("srsName")
        if own:
            return own
        for bounds in ancestor.iterchildren(f"{{*}}{_BOUNDS}"):
            told = next((element.get("srsName") for element in bounds.iter() if element.get("srsName")), None)
            if told:
                return told
    return None


def _identifier(element: etree._Element) -> str | None:
    """gml:id (GML 3), fid (GML 2) or a bare id, in this order."""
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
    """A number of features; None for "unknown" and for what no server can count."""
    return int(text) if text is not None and text.isdecimal() and len(text) < _DIGITS else None


def _objects(values: list[str | None] | list[str]) -> NDArray[np.object_]:
    return np.array(values, dtype=np.object_)
