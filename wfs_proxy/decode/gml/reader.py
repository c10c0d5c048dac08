"""GML documents and WFS feature collections to a `FeatureBatch` (WFS 1.0, 1.1, 2.0; GML 2, 3.1.1, 3.2).

The document is parsed in pieces. Features are read and removed as soon as they are finished, so memory is needed for
one piece of XML and for the rows. What the document says about itself (its counts) is kept as a claim.
"""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from wfs_proxy.decode.encoding import REPLACEMENT, count_unreadable_texts
from wfs_proxy.decode.exception_reports import refuse_other_documents
from wfs_proxy.decode.gml.feature_table import FeatureTable, identifier_of
from wfs_proxy.decode.gml.geometry import is_geometry_name
from wfs_proxy.decode.gml.members import is_collection, take_features
from wfs_proxy.decode.safe_xml import (
    Markup,
    open_markup,
    parse_growing,
    parse_whole,
    repair,
    without_long_texts,
)
from wfs_proxy.errors import MalformedDocument, NotFeatures, UnsafeDocument
from wfs_proxy.features import FeatureBatch, Payload

__all__ = ["read_gml"]


def read_gml(payload: Payload, *, geometry: str | None = None) -> FeatureBatch:
    """Read a GML document.

    Args:
        payload: the document.
        geometry: name of the geometry property to take, where a feature has several (for a nested one the path, "a|b").
            By default the last one directly in the feature, else the last nested one, as GDAL does.

    Raises:
        UpstreamException: the document is, or ends in, an exception report.
        NotFeatures: XML without features.
        UnsafeDocument: a DOCTYPE, or elements that are nested too deeply.
        MalformedDocument: truncated or not well-formed.
    """
    markup = open_markup(payload)
    try:
        return _read_or_repair(markup, payload, geometry)
    except UnsafeDocument:
        shortened = without_long_texts(markup)
        if shortened is None:
            raise
    return _counted(_read_or_repair(shortened, payload, geometry))


def _read_or_repair(markup: Markup, payload: Payload, geometry: str | None) -> FeatureBatch:
    try:
        return _read(markup, payload, geometry)
    except MalformedDocument:
        repaired = repair(markup)
        if repaired is None:
            raise
    return _counted(_read(repaired, payload, geometry))


def _read(markup: Markup, payload: Payload, geometry: str | None) -> FeatureBatch:
    refuse_other_documents(markup)
    table = FeatureTable(geometry)
    if is_geometry_name(markup.root):
        root = parse_whole(markup)
        table.add_bare(root)
    else:
        root = _read_features(table, markup)
    batch = table.finish(root, payload)
    # the search takes a twentieth of the time, and only a document that was converted may have U+FFFD of our own
    return _counted(batch) if markup.encoding is not None and REPLACEMENT.encode() in markup.body else batch


def _counted(batch: FeatureBatch) -> FeatureBatch:
    return replace(batch, unreadable_texts=count_unreadable_texts(batch.ids, batch.columns))


def _read_features(table: FeatureTable, markup: Markup) -> etree._Element:
    """Read all features of a document and return the rest of it: the root element without them."""
    for root, whole in parse_growing(markup):
        for feature in take_features(root, whole=whole, source=markup.source):
            table.add(feature)
            del feature
    if not len(table) and not is_collection(markup.root):
        if identifier_of(root) is None:
            raise NotFeatures(
                f"{markup.source or 'the answer'} is XML with the root element {markup.root}, which is not a "
                "collection of features: check that the URL is that of a WFS and asks for GetFeature"
            )
        table.add(root)
    return root
