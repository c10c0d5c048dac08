"""What an inspection found: one typed report of a service and of its feature types.

The values are plain and immutable, so that a page can show them and a test can compare them. A report never contains a
value of a field that looks personal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from wfs_proxy.bbox import BBox
from wfs_proxy.config import Severity
from wfs_proxy.http import ConnectionFailure
from wfs_proxy.sources.wfs import Version, types_named
from wfs_proxy.values import FieldType

__all__ = [
    "CrsReport",
    "Diagnosis",
    "FieldReport",
    "FieldRole",
    "Finding",
    "FormatReport",
    "IdCandidate",
    "InspectionStep",
    "MarkCandidate",
    "MissingPart",
    "PagingReport",
    "Part",
    "ServiceReport",
    "SourceKind",
    "TypeReport",
    "TypeSummary",
    "speaking_name",
]

Part = Literal["service", "versions", "counts", "schema", "sample", "stability", "paging", "formats"]
"""The parts of an inspection, in their order."""

SourceKind = Literal["wfs", "ogcapi", "arcgis", "geojson", "file"]
"""The `type` of the source in a layer file."""

FieldRole = Literal["personal", "internal", "free_text", "mark", "nested", "empty"]
"""Why a field is not proposed as an output field."""


@dataclass(frozen=True, kw_only=True)
class InspectionStep:
    """Progress: which part is being inspected."""

    part: Part
    done: int
    """Steps that are finished."""

    total: int


@dataclass(frozen=True, kw_only=True)
class MissingPart:
    """A part that could not be inspected."""

    part: Part
    reason: str
    """The message of the error, in English, without credentials."""

    needs_login: bool = False
    """Whether it may work with other credentials."""

    of_recording: bool = False
    """Whether the vendor is a recording, which has no answer to this."""

    connection: ConnectionFailure | None = None
    """What was wrong with the connection; None if the vendor answered."""

    @property
    def details(self) -> Mapping[str, str]:
        """The details of its finding."""
        return {"reason": self.reason, **({} if self.connection is None else {"connection": self.connection})}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that an administrator should know. `texts.sentence` is its text."""

    code: str
    severity: Severity
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def needs_login(self) -> bool:
        """Whether the objects may come with credentials."""
        return self.code == "login_for_objects"


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """Why an address is not a usable service, and what to try. `texts.sentence` is its text."""

    code: str
    details: Mapping[str, str] = field(default_factory=dict)
    suggestions: tuple[str, ...] = ()
    """Addresses to try instead."""

    requests: int = 0

    @property
    def needs_login(self) -> bool:
        """Whether the same address may work with credentials."""
        return self.code in {"login_required", "login_refused", "login_page"}


def speaking_name(name: str, title: str) -> str:
    """Return the name of a type; its title where the name is only a number, or there is none."""
    return title if title and (name.isdecimal() or not name) else name


@dataclass(frozen=True, kw_only=True)
class TypeSummary:
    """One feature type, as the capabilities describe it."""

    name: str
    """As requests need it, such as the number of a layer; "" where the address itself is the layer."""

    title: str
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    crs: str | None = None
    other_crs: tuple[str, ...] = ()
    extent: BBox | None = None
    count: int | None = None
    """Objects, as the vendor counts them; None when it does not count, or was not asked."""

    @property
    def speaking_name(self) -> str:
        """The name; the title where the name is only a number, or there is none."""
        return speaking_name(self.name, self.title)


@dataclass(frozen=True, kw_only=True)
class ServiceReport:
    """A service and its feature types."""

    url: str
    """For a layer file: without the parameters of a request. It may contain a key, so show `shown_url`."""

    shown_url: str
    """The same without secrets."""

    kind: SourceKind
    title: str = ""
    provider: str = ""
    """The organisation that runs the service."""

    keywords: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    version: Version | None = None
    """The best version that works; None for a service without versions."""

    offered_versions: tuple[str, ...] = ()
    working_versions: tuple[Version, ...] = ()
    """Those in which the service sent capabilities, the best first."""

    output_formats: tuple[str, ...] = ()
    stated_cap: int | None = None
    """Most objects in one answer, as the service states."""

    types: tuple[TypeSummary, ...] = ()
    requested_type: str | None = None
    """The type that the pasted address asked for, if the service has it."""

    findings: tuple[Finding, ...] = ()
    missing: tuple[MissingPart, ...] = ()
    requests: int = 0

    def type_named(self, name: str) -> TypeSummary | None:
        """Return the only type that a name or a title can mean; None if there is none, or there are several."""
        types = {each.name: each for each in self.types}
        titled = [each.name for each in self.types if each.title and each.title.casefold() == name.casefold()]
        named = types_named(name, types) or titled
        return types[named[0]] if len(named) == 1 else None


@dataclass(frozen=True, kw_only=True)
class FieldReport:
    """One attribute of the objects in the sample."""

    name: str
    declared: str | None
    """The type in the schema, without its prefix; None without one."""

    type: FieldType
    """The type to serve it as."""

    filled: float
    """The share of objects that have a value, 0 to 1."""

    distinct: int
    """Different values in the sample."""

    examples: tuple[str, ...]
    """The most frequent values, at most three; empty for a field with a role other than "mark"."""

    role: FieldRole | None = None
    """Why it is not proposed as an output field; None for a field that is."""

    title: str = ""
    """What the vendor calls it for people; "" where that is its name, or not known."""


@dataclass(frozen=True, kw_only=True)
class IdCandidate:
    """An attribute that may identify objects."""

    name: str | None
    """None: the feature id of the source."""

    objects: int
    """In the sample; each has a value."""

    distinct: int
    """Different values."""

    stable: bool | None
    """Whether a second request gave the same objects the same values; None when that could not be seen."""

    examples: tuple[str, ...] = ()

    @property
    def unique(self) -> bool:
        """Whether every object in the sample has a value of its own."""
        return self.distinct == self.objects

    @property
    def usable(self) -> bool:
        """Whether nothing speaks against it."""
        return self.unique and self.stable is not False


@dataclass(frozen=True, kw_only=True)
class MarkCandidate:
    """A field that looks like the vendor's own mark: whether an object has been reported."""

    field: str
    reported: tuple[str, ...]
    """The values that mean "reported"."""

    others: tuple[str, ...]
    """The other values in the sample."""


@dataclass(frozen=True, kw_only=True)
class CrsReport:
    """Where the objects of the sample are, and why the coordinates were read so."""

    reading: str
    """One line per srsName, in English: "EPSG:28992 x,y: lies in the declared extent"; "" if the places are uncertain.
    """

    crs: str | None = None
    axis_order: str | None = None
    """"x,y" or "y,x", of the numbers as written."""

    bbox: BBox | None = None
    """Around the objects that can be placed, without the `far` ones."""

    far: int = 0
    """Objects that are far from all others: usually placeholders for an unknown place."""

    placed: int = 0
    """Objects that can be placed."""

    skipped: Mapping[str, int] = field(default_factory=dict)
    """Reason -> objects that cannot."""

    problem: str = ""
    """Why the places are uncertain, in English; "" if they are not."""


@dataclass(frozen=True, kw_only=True)
class FormatReport:
    """One output format that was tried."""

    name: str | None
    """None: the default of the version."""

    works: bool
    encoding: str = ""
    """What came: "GeoJSON", "GML 3.2"; "" if it does not work."""

    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class PagingReport:
    """How the vendor pages and caps."""

    behaviour: Literal["not_needed", "works", "repeats", "ignored", "refused", "unknown"]
    cap: int | None = None
    """Most objects in one answer, as seen: fewer were sent than requested although there are more. None: not seen."""

    stated_cap: int | None = None
    sort_by: str | None = None
    """The attribute with which paging works, if it does not work without."""


@dataclass(frozen=True, kw_only=True)
class TypeReport:
    """One feature type, as a sample of its objects shows it."""

    name: str
    title: str
    count: int | None
    """Objects, as the vendor counts them; None when it does not count."""

    sample: int
    """Objects that were looked at."""

    complete: bool
    """Whether the sample is the whole type."""

    at_least: int = 0
    """Objects that there are at least: `count`, or what was seen where the vendor does not count."""

    version: str | None = None
    output_format: str | None = None
    """The format of the sample; None: the default of the version."""

    encoding: str = ""
    declared_extent: BBox | None = None
    geometry_kinds: Mapping[str, int] = field(default_factory=dict)
    """"Point" -> objects."""

    without_geometry: int = 0
    crs: CrsReport | None = None
    formats: tuple[FormatReport, ...] = ()
    paging: PagingReport = PagingReport(behaviour="unknown")
    fields: tuple[FieldReport, ...] = ()
    ids: tuple[IdCandidate, ...] = ()
    """The best first."""

    marks: tuple[MarkCandidate, ...] = ()
    """The best first."""

    findings: tuple[Finding, ...] = ()
    missing: tuple[MissingPart, ...] = ()
    requests: int = 0

    @property
    def needs_login(self) -> bool:
        """Whether the service describes itself without credentials, but gives no objects."""
        return any(each.part == "sample" and each.needs_login for each in self.missing)

    @property
    def best_id(self) -> IdCandidate | None:
        """The candidate to propose; None when there is no usable one."""
        return next((each for each in self.ids if each.usable), None)
