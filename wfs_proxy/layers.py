"""The model of a layer file: what one YAML file in `layers/` may say (the contract "a layer").

Everything is frozen, an unknown key is an error, and every block has defaults, so a file says only what is
particular to
its vendor. Reading files, filling in `${VAR}` and telling faults with file and line is `catalogue.py`'s work.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

__all__ = [
    "ArcgisSource",
    "Auth",
    "BasicAuth",
    "Fetch",
    "FieldRule",
    "GeoJsonSource",
    "HeaderAuth",
    "Layer",
    "MarkRule",
    "Match",
    "MutualTls",
    "OAuth2",
    "OgcApiSource",
    "PointRule",
    "Properties",
    "Reports",
    "Source",
    "Tls",
    "VendorMarks",
    "VendorState",
    "WfsSource",
]

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def _seconds(value: object) -> object:
    """Turn "20s", "5m", "1h", "7d" or a bare number of seconds into seconds."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    unit = text.lstrip("0123456789.")
    try:
        return float(text[: len(text) - len(unit)]) * _UNITS[unit.strip() or "s"]
    except (KeyError, ValueError):
        raise ValueError("a duration is a number and a unit: 500ms, 20s, 5m, 1h, 7d") from None


def _metres(value: object) -> object:
    """Turn "0.5m" or a bare number of metres into metres."""
    if not isinstance(value, str):
        return value
    try:
        return float(value.strip().removesuffix("m"))
    except ValueError:
        raise ValueError("a distance is a number of metres: 0.5m") from None


def _comparable(value: object) -> object:
    """Values in `where`, `map`, `values` and `states` compare as trimmed text: 1, "1" and 1.0 are the same."""
    return comparable_text(value) if isinstance(value, str | int | float) else value


def comparable_text(value: str | float) -> str:
    """The text that two values share when they mean the same: trimmed, True is "true", 1.0 is "1"."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


Seconds = Annotated[float, BeforeValidator(_seconds), Field(ge=0)]
"""A duration in seconds; in the file a number with a unit."""

Metres = Annotated[float, BeforeValidator(_metres), Field(ge=0)]
"""A distance in metres."""

ComparableText = Annotated[str, BeforeValidator(_comparable)]
"""Text to compare a vendor's value with."""

Degrees = tuple[float, float, float, float]
"""west, south, east, north in degrees."""


class Block(BaseModel):
    """One block of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class BasicAuth(Block):
    """HTTP Basic authentication (RFC 7617)."""

    type: Literal["basic"]
    username: str
    password: SecretStr


class HeaderAuth(Block):
    """A secret in a header, such as an API key."""

    type: Literal["header"]
    name: str = "X-Api-Key"
    value: SecretStr


class OAuth2(Block):
    """OAuth 2.0 client credentials (RFC 6749, section 4.4)."""

    type: Literal["oauth2"]
    token_url: str
    client_id: str
    client_secret: SecretStr
    scope: str | None = None


class MutualTls(Block):
    """A client certificate."""

    type: Literal["mtls"]
    certificate: str
    """Path of a PEM file."""
    key: str
    """Path of a PEM file."""


Auth = Annotated[BasicAuth | HeaderAuth | OAuth2 | MutualTls, Field(discriminator="type")]


class Tls(Block):
    """How the vendor's server proves who it is."""

    ca: str
    """Path of a PEM file with the private certificate authority."""


class HttpSource(Block):
    """What every source over HTTP has."""

    url: str
    auth: Auth | None = None
    tls: Tls | None = None
    timeout: Seconds = 20.0
    """For one request as a whole."""
    requests_at_once: Annotated[int, Field(ge=1, le=16)] = 2
    """Per host, shared by all layers of that host."""
    axis_order: Literal["auto", "xy", "yx"] = "auto"
    """Of the coordinates in answers; `auto` decides by evidence."""
    extent: Degrees | None = None
    """Where the objects are: west, south, east, north in degrees."""
    where: Mapping[str, tuple[ComparableText, ...]] = {}
    """Attribute -> values; an object passes when each attribute has one of its values."""


class WfsSource(HttpSource):
    """A Web Feature Service (OGC 02-058, 04-094, 09-025r2)."""

    type: Literal["wfs"]
    type_names: Annotated[tuple[str, ...], Field(min_length=1)]
    version: Literal["auto", "1.0.0", "1.1.0", "2.0.0"] = "auto"
    srs_name: str | None = None
    """The CRS to ask for; default the feature type's own."""
    bbox_order: Literal["auto", "xy", "yx"] = "auto"
    """Of the numbers in requests."""
    output_format: str = "auto"
    """`auto`: GeoJSON if offered, else GML; or the vendor's own string."""
    geometry: str | None = None
    """The geometry property, where a type has several."""
    page_size: Annotated[int, Field(ge=1)] | None = None
    """Objects a request; default: what the server takes, as far as it tells."""
    sort_by: str | None = None
    """A unique attribute that keeps pages apart."""


class OgcApiSource(HttpSource):
    """OGC API Features."""

    type: Literal["ogcapi"]
    collections: Annotated[tuple[str, ...], Field(min_length=1)]
    page_size: Annotated[int, Field(ge=1)] | None = None


class ArcgisSource(HttpSource):
    """An ArcGIS FeatureServer or MapServer layer."""

    type: Literal["arcgis"]
    page_size: Annotated[int, Field(ge=1)] | None = None


class GeoJsonSource(HttpSource):
    """A GeoJSON document: an http(s) address, or the path of a file beside the layer file."""

    type: Literal["geojson"]
    srs_name: str | None = None
    """The CRS of the coordinates where it is not WGS84."""


Source = Annotated[WfsSource | OgcApiSource | ArcgisSource | GeoJsonSource, Field(discriminator="type")]


class Fetch(Block):
    """When and how much is fetched."""

    mode: Literal["snapshot", "cells"] = "snapshot"
    cell_zoom: Annotated[int, Field(ge=10, le=18)] = 15
    fresh_for: Seconds = 3600.0
    stale_for: Seconds = 7 * 86400.0


class PointRule(Block):
    """How an area or a line becomes a point."""

    rule: Literal["inside", "centroid", "start", "middle"] = "inside"
    """`start` and `middle` are for lines; areas take `inside` then."""
    footprint: bool = False
    """Keep the area as a simplified GeoJSON geometry in the property `footprint`."""


class FieldRule(Block):
    """One output property. In the file also just its type: `nummer: string`."""

    source: Annotated[str | None, Field(alias="from")] = None
    """The vendor's attribute; default the output name itself."""
    type: Literal["string", "integer", "number", "boolean", "date", "datetime"] = "string"
    """Dates are in Europe/Amsterdam."""
    map: Mapping[ComparableText, str | int | float | bool | None] | None = None
    """Vendor's value -> ours, before the cast."""
    default: str | int | float | bool | None = None
    """For a value that is absent, null, or not in `map`."""
    template: str | None = None
    """Text with {other_output_field} in it, instead of a source attribute."""


class Properties(Block):
    """Which attributes leave the house, under which names."""

    id: str | None = None
    """The vendor's attribute that is the business key; default the source's feature id."""
    fields: Mapping[str, Annotated[FieldRule, BeforeValidator(lambda v: {"type": v} if isinstance(v, str) else v)]] = {}


class Match(Block):
    """How a report finds its object."""

    fields: tuple[str, ...] = ()
    within: Metres = 0.5
    place_only: bool = False


class VendorState(Block):
    """One status text of the vendor."""

    text: ComparableText
    state: str
    reported: bool | None = None
    """Default: whether `state` is one of the open states."""
    word: str | None = None


class VendorMarks(Block):
    """The vendor's own mark or status."""

    field: str
    values: tuple[ComparableText, ...] = ()
    states: tuple[VendorState, ...] = ()


class MarkRule(Block):
    """One property that tells whether an object is reported."""

    property: str
    reported: str | int | bool
    otherwise: str | int | bool


class Reports(Block):
    """Marks objects that are reported already."""

    signalen: str | None = None
    categories: tuple[str, ...] = ()
    question_keys: tuple[str, ...] = ()
    open_states: Literal["default"] | tuple[str, ...] = "default"
    match: Match = Match()
    vendor: VendorMarks | None = None
    mark: tuple[MarkRule, ...] = (
        MarkRule(property="IS_GEMELD", reported="1", otherwise="0"),
        MarkRule(property="meldingstatus", reported=1, otherwise=0),
    )
    word: str | None = None
    age: str | None = None


class Layer(Block):
    """One layer file."""

    id: str
    """The URL; defaults to the file's name."""
    title: str
    organisation: str = ""
    attribution: str = ""
    source: Source
    fetch: Fetch = Fetch()
    point: PointRule = PointRule()
    properties: Properties = Properties()
    reports: Reports | None = None
