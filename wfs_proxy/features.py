"""The values of the fetch path: `Payload` -> `FeatureBatch` -> `PointBatch`.

A `FeatureBatch` has the vendor's features: geometry in the vendor's CRS with the axes as written. A `PointBatch` has
one point per object in CRS84 (longitude, latitude). They are two types, so nothing can be reprojected twice.

Both are columnar: row `i` of every array is object `i`. They do not support `==`, because arrays do not; tests compare
the columns.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.bbox import BBox

__all__ = [
    "EXCLUDED_BY_WHERE",
    "MERGED",
    "NOT_NUMBERS",
    "NO_FEATURE",
    "NO_GEOMETRY",
    "OUTSIDE_THE_AREA",
    "PLACEHOLDER_COORDINATES",
    "UNKNOWN_CRS",
    "UNREADABLE_GEOMETRY",
    "Claims",
    "ColumnKind",
    "Encoding",
    "FeatureBatch",
    "FetchReport",
    "FieldSummary",
    "Payload",
    "PipelineReport",
    "PointBatch",
    "Validators",
    "concatenate",
]


EXCLUDED_BY_WHERE = "excluded by where"
MERGED = "merged: same key within 5 m"
NOT_NUMBERS = "coordinates are not numbers"
NO_FEATURE = "not a feature"
NO_GEOMETRY = "no geometry"
OUTSIDE_THE_AREA = "outside the area"
PLACEHOLDER_COORDINATES = "placeholder coordinates"
UNKNOWN_CRS = "unknown CRS"
UNREADABLE_GEOMETRY = "unreadable geometry"
"""The reasons in `skipped` that several modules use. They are also metric labels."""

ColumnKind = Literal["string", "integer", "number", "boolean"]
"""What the values of a served field are in JSON, apart from null. Dates and times are strings."""


class Encoding(enum.Enum):
    """The format of a document. Together with the srsName's spelling it implies an axis order."""

    GML2 = "GML 2"
    GML31 = "GML 3.1"
    GML32 = "GML 3.2"
    GEOJSON = "GeoJSON"
    ESRI_JSON = "Esri JSON"
    FILE = "files"
    """Not a document: a table with geometry or coordinates, x before y."""


@dataclass(frozen=True, kw_only=True)
class Validators:
    """What identifies one version of a document (RFC 9110, section 8.8), and who read it."""

    etag: str | None = None
    """The entity tag as sent, strong or weak; None if there is none."""

    last_modified: str | None = None
    """The Last-Modified header as sent; None if there is none, or if it does not identify a version."""

    reader: str = ""
    """The version of this program that read the document. Another version may read it differently."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Payload:
    """One upstream response."""

    body: bytes
    """The body, after transfer and content coding were decoded, also a content coding that the header did not name."""

    wfs_version: str | None = None
    """The requested WFS version ("1.0.0", "1.1.0", "2.0.0"); None outside WFS."""

    source: str = ""
    """The origin, for messages: a URL without credentials, or a file name."""

    last_modified: str | None = None
    """The Last-Modified header as sent; None without one."""

    etag: str | None = None
    """The ETag header as sent; None without one."""

    not_modified: bool = False
    """Whether the server answered that the document is the one that the request identifies; `body` is empty then."""

    charset: str | None = None
    """The charset of the Content-Type header as sent; None without one."""

    date: str | None = None
    """The Date header as sent: the time by the server's clock (RFC 9110, section 6.6.1); None without one."""

    content_crs: str | None = None
    """The Content-Crs header as sent: the CRS of the coordinates in the body, in angle brackets (OGC 18-058r1, section
    7.5); None without one."""


@dataclass(frozen=True, kw_only=True)
class Claims:
    """What a document states about itself: counts, and its links to itself and to the next page.

    They are claims: real servers state 0 and send features, or state 123 and send none.
    """

    matched: int | None = None
    """numberMatched (WFS 2.0, GeoJSON), totalFeatures (GeoServer); None when absent or "unknown"."""

    returned: int | None = None
    """numberReturned (WFS 2.0), numberOfFeatures (WFS 1.1)."""

    exceeded_limit: bool = False
    """Whether the document says that the service has more than it returns at once (ArcGIS: exceededTransferLimit)."""

    next_page: str | None = None
    """The link with the relation `next` in GeoJSON (OGC 17-069r4, section 7.15.7), as written; None without one."""

    this_page: str | None = None
    """The link with the relation `self`, as written; None without one."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FeatureBatch:
    """Decoded features of one or more documents, in the source's CRS, axes as written."""

    ids: NDArray[np.object_]
    """(N,) str: gml:id, fid or the GeoJSON id; None where there is none."""

    type_names: NDArray[np.object_]
    """(N,) str: the feature type's local name ("put_vlak"); "" for GeoJSON without one."""

    geometry: NDArray[np.object_]
    """(N,) shapely geometry, 2D, first and second ordinate AS WRITTEN (not necessarily x, y); None where the object has
    no geometry, or one that could not be read."""

    geometry_errors: NDArray[np.object_]
    """(N,) str: why the geometry could not be read, in short stable texts that become metric labels; None where it was
    read, and where the object has none."""

    srs_index: NDArray[np.int32]
    """(N,) position in `srs_names` of the innermost srsName that applies to the geometry; -1: there is none."""

    srs_names: tuple[str, ...]
    """The distinct srsNames, verbatim."""

    columns: Mapping[str, NDArray[np.object_]]
    """name -> (N,) values. GML: str, or None where the element is absent or xsi:nil; empty elements are "". A nested
    element has its own name too, or its path "a|b" where that is taken; repeated ones keep a list of str. GeoJSON: the
    JSON value. Geometry is not here."""

    encoding: Encoding
    """The format of the documents; all documents of one batch have the same."""

    wfs_version: str | None = None
    """The requested WFS version, or the one in the root element; None outside WFS."""

    declared_extent: BBox | None = None
    """The extent that the source declares, from capabilities; None when unknown."""

    claims: Claims = Claims()
    """The counts that the document states."""

    authority_order: bool = False
    """Whether the program that wrote the documents uses the authority's axis order under short srsNames too."""

    left_out: Mapping[str, int] = field(default_factory=dict)
    """reason -> members of the documents that are not features and have no row."""

    unreadable_texts: int = 0
    """Features of the documents with a character in a text that cannot be read; it is U+FFFD."""

    type_index: NDArray[np.int32] | None = None
    """(N,) position in the layer's `type_names` of the feature type that was requested. `type_names` cannot tell:
    GeoJSON often has no type, and two types of different namespaces may have the same local name. None where no type
    was requested, as in a recorded document."""

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def skipped(self) -> Mapping[str, int]:
        """Reason -> how many geometries and members could not be read."""
        return Counter(reason for reason in self.geometry_errors if reason is not None) + Counter(self.left_out)

    def column(self, name: str) -> NDArray[np.object_]:
        """Return (N,) the values of an attribute; all None where no object has it."""
        values = self.columns.get(name)
        return values if values is not None else np.full(len(self), None, dtype=object)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> FeatureBatch:
        """Return the rows that a mask (N,) or positions (M,) select, in that order."""
        return replace(
            self,
            ids=self.ids[rows],
            type_names=self.type_names[rows],
            geometry=self.geometry[rows],
            geometry_errors=self.geometry_errors[rows],
            srs_index=self.srs_index[rows],
            columns={name: values[rows] for name, values in self.columns.items()},
            type_index=None if self.type_index is None else self.type_index[rows],
        )


@dataclass(frozen=True, kw_only=True)
class FetchReport:
    """How the features of a layer, or of an area of it, were fetched."""

    complete: bool = True
    """Whether the vendor's answers give no reason to believe that it has more."""

    matched: int | None = None
    """How many features the vendor says there are, over all feature types; None when it does not say."""

    requests: int = 0
    """Requests made, without retries."""

    notes: tuple[str, ...] = ()
    """What an operator may want to know, one sentence each."""

    last_modified: datetime | None = None
    """The latest Last-Modified of the answers, or when the file was changed."""

    file_state: str | None = None
    """The state of the file that was read, as `file_state` returns it; None for other sources."""

    validators: Validators | None = None
    """What identifies the document, if all objects are in one and it has validators."""


@dataclass(frozen=True, kw_only=True)
class FieldSummary:
    """What one served field contains. The names of the attributes are JSON members of `/layers/{id}`."""

    filled: int = 0
    """Objects that have a value."""

    examples: tuple[str, ...] = ()
    """A few different values, as short texts."""


@dataclass(frozen=True, kw_only=True)
class PipelineReport:
    """The counts of one transformation, for `check`, `/layers/{id}` and the metrics.

    The names of the attributes are JSON members of `/layers/{id}`.
    """

    received: int = 0
    """Features in the documents."""

    reading: str = ""
    """CRS, axis order and their evidence, one line per srsName: "EPSG:28992 x,y: lies in the layer's extent"."""

    skipped: Mapping[str, int] = field(default_factory=dict)
    """reason -> objects that are not served, or geometries that could not be read."""

    failed_casts: Mapping[str, int] = field(default_factory=dict)
    """output field -> values that could not be cast and became null."""

    duplicates: int = 0
    """Objects that were received more than once, equal in everything that is served."""

    renamed: int = 0
    """Objects that got a suffix because another object has the same id."""

    set_apart: int = 0
    """Objects that were on the same point as another one and were moved by a few steps of 1e-7 degree."""

    unreadable_texts: int = 0
    """Received objects with a character in a text that cannot be read; it is served as U+FFFD."""

    absent_fields: tuple[str, ...] = ()
    """Configured source attributes that no object has, for instance because the vendor renamed a column."""

    nearest_attributes: Mapping[str, str] = field(default_factory=dict)
    """Absent attribute -> the most similar name that the objects do have, if there is one."""

    unused_values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """key of the layer file ("properties.fields.soort.map") -> its values that no object has. Not for cells, which hold
    too few objects to tell."""

    fields: Mapping[str, FieldSummary] = field(default_factory=dict)
    """served field -> what it contains. Nothing of attributes that are not served."""

    @classmethod
    def of_all(cls, reports: Sequence[PipelineReport]) -> PipelineReport:
        """Return one report on a layer in parts. Only what no part has is absent; parts without objects say nothing."""
        if len(reports) == 1:
            return reports[0]
        with_objects = [report for report in reports if report.received]
        absent = [set(report.absent_fields) for report in with_objects]
        names = dict.fromkeys(name for report in reports for name in report.fields)
        return cls(
            received=sum(report.received for report in reports),
            reading=next((report.reading for report in reports), ""),
            skipped=_total(report.skipped for report in reports),
            failed_casts=_total(report.failed_casts for report in reports),
            duplicates=sum(report.duplicates for report in reports),
            renamed=sum(report.renamed for report in reports),
            set_apart=sum(report.set_apart for report in reports),
            unreadable_texts=sum(report.unreadable_texts for report in reports),
            absent_fields=tuple(sorted(set.intersection(*absent))) if absent else (),
            nearest_attributes={name: near for report in reports for name, near in report.nearest_attributes.items()},
            fields={
                name: _joined([report.fields[name] for report in reports if name in report.fields]) for name in names
            },
        )


def _total(counts: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    total = Counter[str]()
    for each in counts:
        total.update(each)
    return dict(total)


def _joined(summaries: Sequence[FieldSummary]) -> FieldSummary:
    most = max(len(summary.examples) for summary in summaries)
    examples: dict[str, None] = {}
    for summary in summaries:
        if len(examples) >= most:
            break
        examples |= dict.fromkeys(summary.examples)
    return FieldSummary(filled=sum(summary.filled for summary in summaries), examples=tuple(examples)[:most])


@dataclass(frozen=True, kw_only=True, eq=False)
class PointBatch:
    """Objects as points in CRS84 (longitude, latitude in degrees), ready to be encoded."""

    ids: NDArray[np.object_]
    """(N,) str, unique: the business key, without the layer's prefix."""

    lonlat: NDArray[np.float64]
    """(N, 2) longitude, latitude in degrees, finite, rounded to 7 decimals, no two rows equal."""

    columns: Mapping[str, NDArray[np.object_]]
    """output field -> (N,) JSON values (str, int, float, bool, None; a dict for a footprint), in the order of the
    layer."""

    kinds: Mapping[str, ColumnKind] | None = None
    """output field -> its kind, also where no object has a value; a footprint has none. None: as the values are."""

    names: tuple[NDArray[np.object_], ...] | None = None
    """Each (N,) str, blank or None where there is none: further names by which a report may refer to the objects. Never
    served. None: the layer does not match reports."""

    shared_keys: NDArray[np.object_] | None = None
    """(N,) str: the business key where another object has it too, else None; a report may refer to all of them by it.
    Never served. None: the layer does not match reports."""

    merged: NDArray[np.int32] | None = None
    """(N,) how many further objects of the vendor are part of this one; None: none of any."""

    vendor: NDArray[np.object_] | None = None
    """(N,) the vendor's own mark or status as `comparable_text` where the layer file gives it a meaning, else None.
    Never served. None: the layer has no such attribute."""

    report: PipelineReport = PipelineReport()
    """The counts of the transformation."""

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def merged_count(self) -> int:
        """How many objects of the vendor are part of another one."""
        return 0 if self.merged is None else int(self.merged.sum())

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> PointBatch:
        """Return the rows that a mask (N,) or positions (M,) select, in that order; the report remains that of all."""
        return replace(
            self,
            ids=self.ids[rows],
            lonlat=self.lonlat[rows],
            columns={name: values[rows] for name, values in self.columns.items()},
            names=None if self.names is None else tuple(texts[rows] for texts in self.names),
            shared_keys=None if self.shared_keys is None else self.shared_keys[rows],
            merged=None if self.merged is None else self.merged[rows],
            vendor=None if self.vendor is None else self.vendor[rows],
        )


def concatenate(batches: list[FeatureBatch]) -> FeatureBatch:
    """Join the pages of one layer, rows in order. A column that a page lacks is None in its rows.

    The encoding, version, axis order and extent are those of the first page. Counts add up, except `claims`: the first
    page's.

    Raises:
        ValueError: there are no batches.
    """
    if not batches:
        raise ValueError("nothing to concatenate")
    first = batches[0]
    if len(batches) == 1:
        return first
    srs_names = tuple(dict.fromkeys(name for batch in batches for name in batch.srs_names))
    columns = dict.fromkeys(name for batch in batches for name in batch.columns)
    return FeatureBatch(
        ids=np.concatenate([batch.ids for batch in batches]),
        type_names=np.concatenate([batch.type_names for batch in batches]),
        geometry=np.concatenate([batch.geometry for batch in batches]),
        geometry_errors=np.concatenate([batch.geometry_errors for batch in batches]),
        srs_index=np.concatenate([_renumbered(batch, srs_names) for batch in batches]),
        srs_names=srs_names,
        columns={name: np.concatenate([batch.column(name) for batch in batches]) for name in columns},
        encoding=first.encoding,
        wfs_version=first.wfs_version,
        declared_extent=first.declared_extent,
        claims=first.claims,
        authority_order=first.authority_order,
        left_out=sum((Counter(batch.left_out) for batch in batches), Counter()),
        unreadable_texts=sum(batch.unreadable_texts for batch in batches),
        type_index=_type_indexes(batches),
    )


def _type_indexes(batches: list[FeatureBatch]) -> NDArray[np.int32] | None:
    indexes = [batch.type_index for batch in batches if batch.type_index is not None]
    return np.concatenate(indexes) if len(indexes) == len(batches) else None


def _renumbered(batch: FeatureBatch, srs_names: tuple[str, ...]) -> NDArray[np.int32]:
    # index -1 (no srsName) finds the appended -1
    positions = np.array([*(srs_names.index(name) for name in batch.srs_names), -1], dtype=np.int32)
    return positions[batch.srs_index]
