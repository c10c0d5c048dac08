"""The model of a layer file: what one YAML file in `layers/` may say (the contract "a layer").

Everything is frozen, an unknown key is an error, and every block has defaults, so a file says only what is particular
to its vendor. What one value may be stands in `scalars.py`, what values must be to each other in
`catalogue/layer_rules.py`; reading files and telling problems with file and line is the work of `catalogue`. The
docstrings of the attributes are the reference in `docs/layer-reference.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, SecretStr, Tag

from wfs_proxy.config.scalars import (
    AddressOrPath,
    CellZoom,
    ComparableText,
    ComparableTexts,
    Count,
    Extent,
    FewRequests,
    HeaderName,
    HeaderSecret,
    HttpAddress,
    JsonScalar,
    LayerId,
    MarkValue,
    Metres,
    Name,
    PositiveSeconds,
    Seconds,
    StateCode,
    TypeNames,
    UserName,
    ValueMap,
    VendorPath,
    filled,
)
from wfs_proxy.geo import PointPlacement
from wfs_proxy.values import FieldType

__all__ = [
    "ArcgisSource",
    "Auth",
    "BasicAuth",
    "BearerToken",
    "Fetch",
    "FieldRule",
    "GeoJsonSource",
    "HeaderAuth",
    "HttpSource",
    "Layer",
    "MarkRule",
    "Match",
    "MutualTls",
    "OAuth2",
    "OgcApiSource",
    "OidcClient",
    "PointRule",
    "Properties",
    "Reports",
    "SignalenAuth",
    "SignalenFile",
    "SignalenInstance",
    "Source",
    "Tls",
    "VendorMarks",
    "VendorState",
    "WfsSource",
]


class Block(BaseModel):
    """One block of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True)


class BasicAuth(Block):
    """HTTP Basic authentication (RFC 7617)."""

    type: Literal["basic"]
    """Which kind of authentication this is."""
    username: UserName
    """The user's name, without a colon."""
    password: SecretStr
    """The password; write it as `${VAR}`."""


class HeaderAuth(Block):
    """A secret in a header, such as an API key."""

    type: Literal["header"]
    """Which kind of authentication this is."""
    name: HeaderName = "X-Api-Key"
    """The header's name."""
    value: HeaderSecret
    """The header's value; write it as `${VAR}`."""


class OAuth2(Block):
    """OAuth 2.0 client credentials (RFC 6749, section 4.4)."""

    type: Literal["oauth2"]
    """Which kind of authentication this is."""
    token_url: HttpAddress
    """Where a token is asked for."""
    client_id: Name
    """Who we are."""
    client_secret: SecretStr
    """The client's secret; write it as `${VAR}`."""
    scope: Name | None = None
    """What the token is for; several scopes are separated by spaces."""


class MutualTls(Block):
    """A client certificate."""

    type: Literal["mtls"]
    """Which kind of authentication this is."""
    certificate: VendorPath
    """Path of a PEM file with the certificate; a relative path starts at the layer file."""
    key: VendorPath
    """Path of a PEM file with the private key; a relative path starts at the layer file."""


Auth = Annotated[BasicAuth | HeaderAuth | OAuth2 | MutualTls, Field(discriminator="type")]


class Tls(Block):
    """How the vendor's server proves who it is."""

    ca: VendorPath
    """Path of a PEM file with the private certificate authority; a relative path starts at the layer file."""


class HttpSource(Block):
    """What every source over HTTP has."""

    url: HttpAddress
    """The address of the service, http(s), without credentials (those belong in `auth`)."""
    auth: Auth | None = None
    """How we prove who we are."""
    tls: Tls | None = None
    """How the vendor's server proves who it is, where its certificate is not a public one."""
    timeout: PositiveSeconds = 20.0
    """For one request as a whole."""
    requests_at_once: FewRequests = 2
    """Per host, shared by all layers of that host."""
    axis_order: Literal["auto", "xy", "yx"] = "auto"
    """Of the coordinates in answers; `auto` decides by evidence."""
    extent: Extent | None = None
    """Where the objects are: west, south, east, north in degrees. Helps every `auto`."""
    where: Mapping[Name, ComparableTexts] = {}
    """Attribute -> values; an object passes when each attribute has one of its values. Values compare as trimmed text:
    1, "1" and 1.0 are the same."""


class WfsSource(HttpSource):
    """A Web Feature Service (OGC 02-058, 04-094, 09-025r2)."""

    type: Literal["wfs"]
    """Which kind of source this is."""
    type_names: TypeNames
    """The feature types; several become one layer."""
    version: Literal["auto", "1.0.0", "1.1.0", "2.0.0"] = "auto"
    """The version to speak; `auto`: the highest that the server offers."""
    srs_name: Name | None = None
    """The CRS to ask for; default the feature type's own."""
    bbox_order: Literal["auto", "xy", "yx"] = "auto"
    """Of the numbers in requests; `auto` probes once with a box around a known object."""
    output_format: Name = "auto"
    """`auto`: GeoJSON if offered, else GML; or the vendor's own string."""
    geometry: Name | None = None
    """The geometry property, where a type has several."""
    page_size: Count | None = None
    """Objects a request; default: what the server takes, as far as it tells."""
    sort_by: Name | None = None
    """A unique attribute that keeps pages apart."""


class OgcApiSource(HttpSource):
    """OGC API Features (OGC 17-069r4)."""

    type: Literal["ogcapi"]
    """Which kind of source this is."""
    collections: TypeNames
    """The collections; several become one layer."""
    page_size: Count | None = None
    """Objects a request; default: what the server takes."""


class ArcgisSource(HttpSource):
    """An ArcGIS FeatureServer or MapServer layer."""

    type: Literal["arcgis"]
    """Which kind of source this is."""
    page_size: Count | None = None
    """Objects a request; default: what the server takes."""


class GeoJsonSource(HttpSource):
    """A GeoJSON document (RFC 7946)."""

    type: Literal["geojson"]
    """Which kind of source this is."""
    url: AddressOrPath
    """An http(s) address, or the path of a file; a relative path starts at the layer file."""
    srs_name: Name | None = None
    """The CRS of the coordinates where it is not WGS84."""


Source = Annotated[WfsSource | OgcApiSource | ArcgisSource | GeoJsonSource, Field(discriminator="type")]


class Fetch(Block):
    """When and how much is fetched."""

    mode: Literal["snapshot", "cells"] = "snapshot"
    """`snapshot`: the whole layer at once; `cells`: squares of the map, when somebody looks at them, for layers that
    are too large to be whole. With cells the business key must be unique: nobody sees all objects at once."""
    cell_zoom: CellZoom = 15
    """The size of a cell: zoom level of the WebMercatorQuad grid; 15 is about 740 m in the Netherlands."""
    fresh_for: Seconds = 3600.0
    """How long what was fetched is served without asking again."""
    stale_for: Seconds = 7 * 86400.0
    """How much longer it is served while the vendor is away, and called stale."""


class PointRule(Block):
    """How an area or a line becomes a point."""

    rule: PointPlacement = "inside"
    """`start` and `middle` are for lines; areas take `inside` then."""
    footprint: bool = False
    """Keep the area as a simplified GeoJSON geometry in the property `footprint`."""


def _rule_of(value: object) -> object:
    return {"type": value} if isinstance(value, str) else value


class FieldRule(Block):
    """One output property. In the file also just its type: `nummer: string`."""

    source: Annotated[Name | None, Field(alias="from")] = None
    """The vendor's attribute; default the output name itself."""
    type: FieldType = "string"
    """What the value becomes; one that cannot is null and counted. Dates are in Europe/Amsterdam."""
    map: ValueMap | None = None
    """Vendor's value -> ours, before the cast. Values compare as trimmed text."""
    default: JsonScalar = None
    """For a value that is absent, null, or not in `map`."""
    template: Name | None = None
    """Text with {other_output_field} in it, instead of a source attribute."""


class Properties(Block):
    """Which attributes leave the house, under which names."""

    id: Name | None = None
    """The vendor's attribute that is the business key; default the source's feature id."""
    fields: Mapping[
        Name, Annotated[FieldRule, BeforeValidator(_rule_of, json_schema_input_type=FieldRule | FieldType)]
    ] = {}
    """Output name -> what it is. Nothing else of the vendor's attributes is served."""


class Match(Block):
    """How a report finds its object."""

    fields: tuple[Name, ...] = ()
    """Output fields, or the attribute of `properties.id`, that reporters' apps may have stored as the object's id."""
    within: Metres = 0.5
    """How far apart a report and an object may be that match by place."""
    place_only: bool = False
    """Match by place alone, for objects without a lasting id."""


class VendorState(Block):
    """One status text of the vendor."""

    text: ComparableText
    """The vendor's text."""
    state: StateCode
    """The code of the state in Signalen that it means."""
    reported: bool | None = None
    """Whether the object counts as reported; default: whether `state` is one of the open states."""
    word: Name | None = None
    """The public status word."""


class VendorMarks(Block):
    """The vendor's own mark (`values`) or status (`states`); at least one of the two."""

    field: Name
    """The vendor's attribute."""
    values: tuple[ComparableText, ...] = ()
    """Reported when the attribute is one of these."""
    states: tuple[VendorState, ...] = ()
    """What each status text means."""


class MarkRule(Block):
    """One property that tells whether an object is reported. Frontends compare strictly, so the types matter."""

    property: Name
    """The property's name."""
    reported: MarkValue
    """Its value for an object that is reported."""
    otherwise: MarkValue
    """Its value for any other object."""


def _kind_of_states(value: object) -> str:
    return "word" if isinstance(value, str) else "list"


OpenStates = Annotated[
    Annotated[Literal["default"], Tag("word")] | Annotated[tuple[StateCode, ...], BeforeValidator(filled), Tag("list")],
    Discriminator(_kind_of_states),
]


class Reports(Block):
    """Marks objects that are reported already."""

    signalen: Name | None = None
    """The instance in `signalen.yaml` whose reports count; without it only the vendor's own marks do."""
    categories: tuple[Name, ...] = ()
    """Slugs of the sub categories whose reports count."""
    question_keys: tuple[Name, ...] = ()
    """Keys of the questions whose answers name objects; empty: any."""
    open_states: OpenStates = "default"
    """The states in which a report is open; `default`: all but o, a, s and "done external"."""
    match: Match = Match()
    """How a report finds its object."""
    vendor: VendorMarks | None = None
    """The vendor's own mark or status, which also counts."""
    mark: tuple[MarkRule, ...] = (
        MarkRule(property="IS_GEMELD", reported="1", otherwise="0"),
        MarkRule(property="meldingstatus", reported=1, otherwise=0),
    )
    """The properties that tell it; the default serves both frontends of Signalen."""
    word: Name | None = None
    """Optional property with the public status word."""
    age: Name | None = None
    """Optional property that tells since when: vandaag, deze week, langer."""


class Layer(Block):
    """One layer file."""

    id: LayerId
    """The name in addresses: letters, digits, `-`, `_`, `.`. Default in a file: the file's name."""
    title: Name
    """The name for people."""
    organisation: str = ""
    """Whose objects they are."""
    attribution: str = ""
    """Whom the map must name."""
    source: Source
    """Where the objects come from."""
    fetch: Fetch = Fetch()
    """When and how much is fetched."""
    point: PointRule = PointRule()
    """How an area or a line becomes a point."""
    properties: Properties = Properties()
    """Which attributes leave the house, under which names."""
    reports: Reports | None = None
    """Marks objects that are reported already."""


class OidcClient(Block):
    """A machine user of an identity provider: client credentials, its address found by OpenID Connect Discovery 1.0."""

    type: Literal["oidc"]
    """Which kind of authentication this is."""
    issuer: HttpAddress
    """The issuer of tokens, as Signalen's `OIDC_OP_ISSUER` has it: with Keycloak `https://host/realms/name`."""
    client_id: Name
    """Who we are."""
    client_secret: SecretStr
    """The client's secret; write it as `${VAR}`."""
    scope: Name | None = None
    """What the token is for; several scopes are separated by spaces."""


class BearerToken(Block):
    """A ready-made access token. It is sent as it is, so somebody must renew it before it ends."""

    type: Literal["bearer"]
    """Which kind of authentication this is."""
    token: HeaderSecret
    """The token; write it as `${VAR}`."""


SignalenAuth = Annotated[OidcClient | BearerToken | OAuth2 | HeaderAuth, Field(discriminator="type")]


class SignalenInstance(Block):
    """One Signalen whose reports are read."""

    url: HttpAddress
    """The address of its API, without `/signals/v1`."""
    auth: SignalenAuth | None = None
    """How we prove who we are, as a user that may read all signals and sees no contact details. Without it only the
    public map of reports is read: place and category, half an hour late, and public categories only."""
    tls: Tls | None = None
    """How its server proves who it is, where its certificate is not a public one."""
    timeout: PositiveSeconds = 20.0
    """For one request as a whole."""
    page_size: Count = 100
    """Reports a request; Signalen takes about 12 ms and 2.4 kB for each."""
    poll: PositiveSeconds = 60.0
    """How often new and changed reports are asked for."""
    full_sync: Seconds = 3600.0
    """How often all open reports are asked for, so that what vanished is noticed."""
    marks_stale_for: Seconds = 86400.0
    """How long marks are served while Signalen is away."""

    @property
    def requests_at_once(self) -> int:
        """As a source of objects by default: one poll asks one thing at a time."""
        return 2


class SignalenFile(Block):
    """The file `signalen.yaml`: the Signalen instances by name."""

    instances: Annotated[Mapping[LayerId, SignalenInstance], BeforeValidator(filled)]
    """Name -> instance; `reports.signalen` of a layer names one."""
