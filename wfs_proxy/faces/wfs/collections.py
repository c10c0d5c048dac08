"""Writes the answers to GetFeature: collections of features in each format, their number alone, or one feature."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

import numpy as np
import orjson

from wfs_proxy.faces.wfs.gml_features import GmlStyle, feature_elements
from wfs_proxy.faces.wfs.namespaces import VOCABULARIES, XSI, GmlVersion
from wfs_proxy.faces.wfs.offered_types import OfferedType, prefix_declarations
from wfs_proxy.faces.wfs.output_crs import OutputCrs
from wfs_proxy.faces.wfs.output_formats import GML_MEDIA_TYPES, JSON_MEDIA_TYPE
from wfs_proxy.faces.wfs.requests import GetFeature, query_string
from wfs_proxy.serve import SelectedFeatures, feature_collection
from wfs_proxy.snapshot import SEPARATOR

__all__ = [
    "GmlFeatureWriter",
    "GmlHitsWriter",
    "GmlMembersWriter",
    "GmlWriter",
    "JsonFeatureWriter",
    "JsonHitsWriter",
    "JsonMembersWriter",
    "JsonWriter",
    "PageLinks",
    "WrittenMembers",
    "gml_of_types",
    "json_of_types",
]


class PageLinks(NamedTuple):
    """Makes the URLs of other pages."""

    url: str
    """Of the path, without a query; relative if no absolute one is known."""

    request: GetFeature
    """The request of this page."""

    def following(self, selected: SelectedFeatures) -> str | None:
        """Return the URL of the next page; None on the last one and if there are no pages."""
        start, limit = selected.selection.next, selected.query.limit
        return None if start is None or limit is None else self._page(start, limit)

    def previous(self, selected: SelectedFeatures) -> str | None:
        """Return the URL of the page before; None on the first one."""
        cursor, limit = selected.query.cursor, selected.query.limit
        if cursor is None or cursor.offset == 0 or limit is None:
            return None
        start = max(0, cursor.offset - limit)
        return self._page(start, cursor.offset - start)

    def _page(self, start: int, count: int) -> str:
        page = self.request._replace(start_index=str(start), limit=str(count))
        return f"{self.url}?{query_string(page)}"


class JsonWriter:
    """Writes GeoJSON."""

    media_type = JSON_MEDIA_TYPE

    def __init__(self, links: PageLinks) -> None:
        self._links = links
        self.key = f"wfs json {links.url}"

    def write(self, selected: SelectedFeatures) -> bytes:
        """Return a FeatureCollection."""
        collection = feature_collection(selected.parts, selected.selection, next_href=self._links.following(selected))
        wanted = selected.query.properties
        return collection if wanted is None else _with_properties(collection, wanted)


def _with_properties(collection: bytes, wanted: Collection[str]) -> bytes:
    """Return a collection whose features have only these properties."""
    document = orjson.loads(collection)
    for feature in document["features"]:
        feature["properties"] = {name: value for name, value in feature["properties"].items() if name in wanted}
    return orjson.dumps(document)


_FEATURES = b'"features":['


class JsonHitsWriter:
    """Writes the number of features as an empty GeoJSON collection."""

    media_type = JSON_MEDIA_TYPE
    key = "wfs json hits"

    def write(self, selected: SelectedFeatures) -> bytes:
        """Return a FeatureCollection without features."""
        matched = selected.selection.matched
        return b'{"type":"FeatureCollection","numberMatched":%d,"numberReturned":0,"features":[]}' % matched


class JsonMembersWriter:
    """Writes the features of one type for a GeoJSON collection of several types."""

    media_type = JSON_MEDIA_TYPE
    key = "wfs json members"

    def write(self, selected: SelectedFeatures) -> bytes:
        """Return features with commas between them."""
        collection = feature_collection(selected.parts, selected.selection)
        wanted = selected.query.properties
        document = collection if wanted is None else _with_properties(collection, wanted)
        return document.partition(_FEATURES)[2].removesuffix(b"]}")


class JsonFeatureWriter:
    """Writes one feature as GeoJSON."""

    media_type = JSON_MEDIA_TYPE
    key = "wfs json feature"

    def write(self, selected: SelectedFeatures) -> bytes:
        """Return the first feature, and nothing if there is none."""
        return next(
            (selected.parts[number].feature(int(row)) for number, rows in selected.selection.runs for row in rows), b""
        )


class GmlWriter:
    """Writes a version of GML in the collection of the version of WFS that it belongs to."""

    def __init__(self, style: GmlStyle, links: PageLinks | None, namespace: str) -> None:
        """Write features of one type.

        Args:
            style: the type, the system of the coordinates and the version.
            links: to other pages; None: there are none.
            namespace: of our elements.
        """
        offered, crs, version = style
        self.media_type = GML_MEDIA_TYPES[version]
        self.key = f"wfs gml {version} {offered.name} {crs.srs_name} {namespace} {links.url if links else ''}"
        self._style = style
        self._version = version
        self._links = links
        self._namespace = namespace

    def write(self, selected: SelectedFeatures) -> bytes:
        """Return a FeatureCollection."""
        return b"".join([_DECLARATION, *self.collection(selected)])

    def collection(self, selected: SelectedFeatures) -> list[bytes]:
        """Return the pieces of a FeatureCollection without an XML declaration."""
        attributes = _counts(selected, self._version)
        if self._version == "2.0.0" and self._links is not None:
            for name, href in (("next", self._links.following), ("previous", self._links.previous)):
                url = href(selected)
                attributes += f" {name}={quoteattr(url)}" if url is not None else ""
        opening = _opening([self._style.offered], self._version, self._namespace, attributes)
        bounds = _bounds(selected, self._style.crs) if self._version == "1.0.0" else b""
        return [opening, bounds, *feature_elements(selected, self._style), _END]


class GmlMembersWriter(GmlWriter):
    """Writes the features of one type for a collection of several types.

    In WFS 2.0.0 each query has a collection of its own within the collection (OGC 09-025r2, section 11.3.4); before,
    all features are in one.
    """

    def __init__(self, style: GmlStyle, namespace: str) -> None:
        super().__init__(style, None, namespace)
        self.key += " members"

    def write(self, selected: SelectedFeatures) -> bytes:
        """Return the members of this type."""
        if self._version == "2.0.0":
            return b"".join([b"<wfs:member>", *self.collection(selected), b"</wfs:member>\n"])
        return b"".join(feature_elements(selected, self._style))


class GmlHitsWriter:
    """Writes the number of features as an empty collection."""

    def __init__(self, version: GmlVersion) -> None:
        self.media_type = GML_MEDIA_TYPES[version]
        self.key = f"wfs gml {version} hits"
        self._version = version

    def write(self, selected: SelectedFeatures) -> bytes:
        """Return a FeatureCollection without features."""
        matched, stamp = selected.selection.matched, _stamp(selected)
        attributes = {
            "1.0.0": f' numberOfFeatures="{matched}"',
            "1.1.0": f' numberOfFeatures="{matched}" timeStamp="{stamp}"',
            "2.0.0": f' numberMatched="{matched}" numberReturned="0" timeStamp="{stamp}"',
        }
        content = _UNKNOWN_BOUNDS if self._version == "1.0.0" else b""
        opening = _opening([], self._version, "", attributes[self._version])
        return b"".join([_DECLARATION, opening, content, _END])


class GmlFeatureWriter:
    """Writes one feature as the root of a document: the answer to GetFeatureById (OGC 09-025r2, section 7.9.3.6)."""

    def __init__(self, offered: OfferedType, crs: OutputCrs, namespace: str) -> None:
        self.media_type = GML_MEDIA_TYPES["2.0.0"]
        self.key = f"wfs gml feature {offered.name} {crs.srs_name} {namespace}"
        self._style = GmlStyle(offered, crs, "2.0.0")
        self._namespace = namespace

    def write(self, selected: SelectedFeatures) -> bytes:
        """Return the first feature, and nothing if there is none."""
        offered = self._style.offered
        member = b"".join(feature_elements(selected, self._style))
        feature = member.strip().removeprefix(b"<wfs:member>").removesuffix(b"</wfs:member>")
        start = f"<{offered.name}".encode()
        declarations = _declarations([offered], "2.0.0", self._namespace)
        return feature and _DECLARATION + start + declarations.encode() + feature.removeprefix(start)


_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_END = b"</wfs:FeatureCollection>\n"
_UNKNOWN_BOUNDS = b"<gml:boundedBy><gml:null>unknown</gml:null></gml:boundedBy>\n"


class WrittenMembers(NamedTuple):
    """The features of one type, for a collection of several types."""

    content: bytes
    matched: int
    returned: int
    modified_at: float


def gml_of_types(
    written: Sequence[WrittenMembers], types: Sequence[OfferedType], version: GmlVersion, namespace: str
) -> bytes:
    """Return a collection of several types; without `written` content it is their number alone."""
    matched, returned = sum(each.matched for each in written), sum(each.returned for each in written)
    stamp = _time(max(each.modified_at for each in written))
    attributes = {
        "1.0.0": "",
        "1.1.0": f' numberOfFeatures="{returned}" timeStamp="{stamp}"',
        "2.0.0": f' numberMatched="{matched}" numberReturned="{returned}" timeStamp="{stamp}"',
    }
    bounds = _UNKNOWN_BOUNDS if version == "1.0.0" else b""
    opening = _opening(types, version, namespace, attributes[version])
    return b"".join([_DECLARATION, opening, bounds, *(each.content for each in written), _END])


def json_of_types(written: Sequence[WrittenMembers]) -> bytes:
    """Return a GeoJSON collection of several types."""
    counts = sum(each.matched for each in written), sum(each.returned for each in written)
    features = SEPARATOR.join(each.content for each in written if each.content)
    return b'{"type":"FeatureCollection","numberMatched":%d,"numberReturned":%d,"features":[%b]}' % (*counts, features)


def _opening(types: Sequence[OfferedType], version: GmlVersion, namespace: str, attributes: str) -> bytes:
    vocabulary = VOCABULARIES[version]
    declarations = _declarations(types, version, namespace)
    location = f"{vocabulary.wfs} {vocabulary.wfs_schema}"
    return (
        f'<wfs:FeatureCollection xmlns:wfs="{vocabulary.wfs}"{declarations} xmlns:xsi="{XSI}"'
        f' xsi:schemaLocation="{location}"{attributes}>\n'
    ).encode()


def _declarations(types: Sequence[OfferedType], version: GmlVersion, namespace: str) -> str:
    return f' xmlns:gml="{VOCABULARIES[version].gml}"{prefix_declarations(types, namespace)}'


def _counts(selected: SelectedFeatures, version: GmlVersion) -> str:
    matched, returned = selected.selection.matched, selected.selection.returned
    match version:
        case "1.0.0":
            return ""
        case "1.1.0":
            return f' numberOfFeatures="{returned}" timeStamp="{_stamp(selected)}"'
    return f' numberMatched="{matched}" numberReturned="{returned}" timeStamp="{_stamp(selected)}"'


def _stamp(selected: SelectedFeatures) -> str:
    """Return when the objects were first seen: the time of the answer would make equal answers differ."""
    return _time(selected.modified_at)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _bounds(selected: SelectedFeatures, crs: OutputCrs) -> bytes:
    """Return the box around all features, which GML 2 requires (OGC 02-069, feature.xsd)."""
    places = [selected.parts[number].snapshot.lonlat[rows] for number, rows in selected.selection.runs]
    corners = b" ".join(crs.corners(np.concatenate(places), b",")) if places else b""
    if not corners:
        return _UNKNOWN_BOUNDS
    start = f'<gml:boundedBy><gml:Box srsName="{crs.srs_name}"><gml:coordinates>'.encode()
    return start + corners + b"</gml:coordinates></gml:Box></gml:boundedBy>\n"
