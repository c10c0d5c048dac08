"""The types of single values in a layer file: durations, distances, URLs, names, secrets.

Each validator rejects what would fail only later. It raises a `PydanticCustomError` whose type is a key of
`messages.TEXTS`. The error never contains the value, which may be a secret that `${VAR}` inserted.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, GetPydanticSchema, SecretStr, ValidationInfo
from pydantic_core import PydanticCustomError

from wfs_proxy.bbox import BBox
from wfs_proxy.config.messages import TEXTS
from wfs_proxy.config.signalen_states import STATES
from wfs_proxy.config.url_template import PLACEHOLDERS, fill_template
from wfs_proxy.values import comparable_text

__all__ = [
    "LAYER_ID",
    "NAME_IN_TEMPLATE",
    "CellZoom",
    "CharacterSet",
    "ComparableText",
    "ComparableTexts",
    "Count",
    "Delimiter",
    "Extent",
    "FewRequests",
    "HeaderName",
    "HeaderSecret",
    "HeaderText",
    "HttpAddress",
    "JsonScalar",
    "LayerId",
    "LayerNumbers",
    "LoginFields",
    "MarkValue",
    "Metres",
    "Name",
    "OldTypeNames",
    "PositiveSeconds",
    "Seconds",
    "StateCode",
    "TemplateOrPath",
    "TypeNames",
    "UrlPaths",
    "UserName",
    "ValueMap",
    "VendorPath",
    "filled",
    "template_names",
]

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*(ms|s|m|h|d|)\s*")
_DISTANCE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*m?\s*")
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A header name (RFC 9110, section 5.6.2)."""
LAYER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""The form of a layer's id."""
NAME_IN_TEMPLATE = re.compile(r"\{([^{}]+)\}")
"""The name of an output field in a template."""
_URL_PATH = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~!$&'()*+,;=:@-]+)+/?")
"""A path of segments without percent-encoding, empty segments, "." and ".." (RFC 3986, section 3.3)."""

_OWN_PATHS = re.compile(
    r"(?:/v1)?(?:/(?:layers|healthz|readyz|metrics|docs|openapi\.json|problems|icons|assets)(?:/.*)?|/wfs|/ogc/v1(?:/.*)?)"
    r"|/v1"
)
"""Paths that the proxy has itself, with or without the version of its API."""

_TEN_YEARS = 3650 * 86400.0


def refusal(code: str, **details: str) -> PydanticCustomError:
    """Return the error `code` with `details`."""
    return PydanticCustomError(code, TEXTS[code].en, details)


def _seconds(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise refusal("duration")
    if not isinstance(value, str):
        return value
    duration = _DURATION.fullmatch(value)
    if not duration or len(value) > 30:  # noqa: PLR2004 - longer than any duration; a float of it would be infinite
        raise refusal("duration")
    return float(duration[1]) * _UNITS[duration[2] or "s"]


def _metres(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise refusal("distance")
    if not isinstance(value, str):
        return value
    distance = _DISTANCE.fullmatch(value)
    if not distance:
        raise refusal("distance")
    return float(distance[1])


def _comparable(value: object) -> object:
    if not isinstance(value, str | int | float):
        raise refusal("comparable")
    return comparable_text(value)


def _comparables(value: object) -> object:
    if not isinstance(value, list | tuple) or not value:
        raise refusal("comparables")
    return value


def _no_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise refusal("int_type")
    return value


def _scalar(value: object) -> object:
    if not isinstance(value, str | int | float | None):
        raise refusal("scalar")
    return value


def _mark_value(value: object) -> object:
    if not isinstance(value, str | int):
        raise refusal("mark_value")
    return value


def _extent(value: object) -> object:
    if not isinstance(value, list | tuple) or len(value) != len(("west", "south", "east", "north")):
        raise refusal("extent")
    return value


def _plausible_extent(value: tuple[float, float, float, float]) -> BBox:
    west, south, east, north = value
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= 90 and -90 <= north <= 90):  # noqa: PLR2004 - degrees
        raise refusal("extent_degrees")
    if west >= east or south >= north:
        raise refusal("extent_corners")
    return BBox(west, south, east, north)


def _name(value: str) -> str:
    if not value.strip():
        raise refusal("blank")
    return value


def _type_name(value: str) -> str:
    # a request lists several with commas and groups them with parentheses (OGC 09-025r2, section 7.9.2.4); GeoServer
    # allows blanks and parentheses within a name
    if re.search(r"[,\t\r\n]|^\s*\(|:\S*\s.*:", value):
        raise refusal("type_name")
    return value.strip()


def _url_path(value: str) -> str:
    path = value.rstrip("/")
    if not _URL_PATH.fullmatch(value):
        raise refusal("url_path")
    if _OWN_PATHS.fullmatch(path):
        raise refusal("own_path")
    return path


def template_names(template: str) -> tuple[str, ...]:
    """Return the output fields in a template, in order: soort and nummer for "{soort} {nummer}"."""
    return tuple(NAME_IN_TEMPLATE.findall(template))


def _names(value: object) -> object:
    if not isinstance(value, list | tuple) or not value:
        raise refusal("names")
    return value


def _distinct(value: tuple[str, ...]) -> tuple[str, ...]:
    for position, name in enumerate(value):
        if name in value[:position]:
            raise refusal("twice", given=name)
    return value


def _numbers(value: object) -> object:
    if not isinstance(value, list | tuple) or not value:
        raise refusal("layer_numbers")
    return value


def _distinct_numbers(value: tuple[int, ...]) -> tuple[int, ...]:
    for position, number in enumerate(value):
        if number in value[:position]:
            raise refusal("twice", given=str(number))
    return value


def _layer_id(value: str) -> str:
    if not LAYER_ID.fullmatch(value):
        raise refusal("layer_id")
    return value


def _state(value: str) -> str:
    if value not in STATES:
        raise refusal("state", expected=", ".join(STATES))
    return value


def _http_address(value: str) -> str:
    if "{" in value:
        raise refusal("address_template")
    try:
        parts = urlsplit(value)
        host = (parts.hostname or "").encode("idna").decode()
        _ = parts.port  # reading it checks it
    except ValueError:
        raise refusal("address") from None
    if parts.scheme not in {"http", "https"}:
        raise refusal("address_scheme")
    if parts.username is not None or parts.password is not None:
        raise refusal("address_credentials")
    if not _HOST.fullmatch(host) or not value.isprintable() or " " in value:
        raise refusal("address")
    return value


def _resolved_path(value: str, info: ValidationInfo) -> str:
    base = (info.context or {}).get("directory")
    if not value.strip() or not value.isprintable():
        raise refusal("path")
    return value if base is None else str(Path(base, value).absolute())


def _template_or_path(value: str, info: ValidationInfo) -> str:
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", value):
        return _resolved_path(value, info)
    host, _, rest = value.partition("//")[2].partition("/")
    filled = fill_template(rest, dict.fromkeys(PLACEHOLDERS, "0"))
    if re.search(r"[{}]", host + filled):
        raise refusal("address_placeholder")
    _http_address(fill_template(value, dict.fromkeys(PLACEHOLDERS, "0")))
    return value


def _character_set(value: str) -> str:
    try:
        name = codecs.lookup(value.strip()).name
        "a".encode(name).decode(name)  # refuses codecs of other things than text, such as base64
    except (LookupError, UnicodeError, ValueError):  # ValueError: a zero byte in the name
        raise refusal("character_set") from None
    return name


def _delimiter(value: str) -> str:
    character = {"tab": "\t", "\\t": "\t"}.get(value.lower(), value)
    if len(character) != 1 or character.isalnum() or character in '"\r\n\0 .':
        raise refusal("delimiter")
    return character


def _header_name(value: str) -> str:
    if not _TOKEN.fullmatch(value):
        raise refusal("header_name")
    return value


def _header_secret(value: SecretStr) -> SecretStr:
    _header_text(value.get_secret_value())
    return value


def _header_text(value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise refusal("header_value")
    return value


def _user_name(value: str) -> str:
    if ":" in value or not value.isprintable():
        raise refusal("user_name")
    return value


def filled(value: object) -> object:
    """Reject an empty list or mapping.

    pydantic's own check counts the valid items only, so it would report a single wrong item twice.
    """
    if isinstance(value, list | tuple | Mapping) and not value:
        raise refusal("empty")
    return value


def _distinct_values(value: object) -> object:
    if isinstance(value, Mapping):
        seen: set[str] = set()
        for key in value:
            text = comparable_text(key) if isinstance(key, str | int | float) else ""
            if text in seen:
                raise refusal("twice", given=text)
            seen.add(text)
    return value


# limits come before validators, so that they become part of pydantic's core schema and of the JSON Schema

Seconds = Annotated[
    float,
    Field(ge=0, le=_TEN_YEARS, allow_inf_nan=False),
    BeforeValidator(_seconds, json_schema_input_type=str | float),
]
"""A duration in seconds; in the file a number with a unit."""

PositiveSeconds = Annotated[
    float, Field(gt=0, le=3600, allow_inf_nan=False), BeforeValidator(_seconds, json_schema_input_type=str | float)
]
"""A positive duration of at most an hour, in seconds; in the file a number with a unit."""

Metres = Annotated[
    float, Field(ge=0, le=1000, allow_inf_nan=False), BeforeValidator(_metres, json_schema_input_type=str | float)
]
"""A distance in metres."""

Count = Annotated[int, Field(ge=1, le=1_000_000), BeforeValidator(_no_boolean)]
"""A number of things, at least 1."""

FewRequests = Annotated[int, Field(ge=1, le=16), BeforeValidator(_no_boolean)]
"""A number of simultaneous requests that does not overload a vendor."""

CellZoom = Annotated[int, Field(ge=10, le=18), BeforeValidator(_no_boolean)]
"""A zoom level of WebMercatorQuad: from a province to a street (OGC 17-083r4, annex D)."""

Extent = Annotated[
    BBox,
    # read and described as four numbers, not as a NamedTuple: errors name the number by its position
    GetPydanticSchema(lambda _, handler: handler(tuple[float, float, float, float])),
    BeforeValidator(_extent),
    AfterValidator(_plausible_extent),
]
"""west, south, east, north in degrees."""

ComparableText = Annotated[str, BeforeValidator(_comparable, json_schema_input_type=str | float | bool)]
"""A text to compare with a value of the vendor."""

ComparableTexts = Annotated[tuple[ComparableText, ...], BeforeValidator(_comparables)]
"""At least one text to compare with a value of the vendor."""

JsonScalar = Annotated[str | int | float | bool | None, BeforeValidator(_scalar)]
"""A scalar value of a GeoJSON property."""

ValueMap = Annotated[Mapping[ComparableText, JsonScalar], BeforeValidator(_distinct_values), BeforeValidator(filled)]
"""Value of the vendor -> output value."""

MarkValue = Annotated[str | int | bool, BeforeValidator(_mark_value)]
"""A value that frontends compare strictly: "1" and 1 differ."""

Name = Annotated[str, Field(max_length=1000), AfterValidator(_name)]
"""A text that is not blank."""

TypeNames = Annotated[
    tuple[Annotated[Name, AfterValidator(_type_name)], ...], BeforeValidator(_names), AfterValidator(_distinct)
]
"""At least one feature type or collection, without duplicates."""

LayerNumbers = Annotated[
    tuple[Annotated[int, Field(ge=0, le=1_000_000), BeforeValidator(_no_boolean)], ...],
    BeforeValidator(_numbers),
    AfterValidator(_distinct_numbers),
]
"""At least one number of a layer, without duplicates."""

OldTypeNames = Annotated[tuple[Annotated[Name, AfterValidator(_type_name)], ...], AfterValidator(_distinct)]
"""Feature types, without duplicates."""

UrlPaths = Annotated[
    tuple[Annotated[str, Field(max_length=500), AfterValidator(_url_path)], ...], AfterValidator(_distinct)
]
"""Paths of URLs, without the slash at their end, that are not the proxy's own; without duplicates."""

LayerId = Annotated[str, AfterValidator(_layer_id)]
"""Part of a URL: letters, digits, `-`, `_` and `.`; the first is a letter or digit."""

StateCode = Annotated[str, AfterValidator(_state)]
"""The code of a state in Signalen."""

HttpAddress = Annotated[str, Field(max_length=4000), AfterValidator(_http_address)]
"""An http(s) URL without credentials."""

VendorPath = Annotated[str, Field(max_length=4000), AfterValidator(_resolved_path)]
"""The path of a file, relative to the layer file."""

TemplateOrPath = Annotated[str, Field(max_length=4000), AfterValidator(_template_or_path)]
"""An http(s) URL, which may have placeholders, or the path of a file, relative to the layer file."""

CharacterSet = Annotated[str, Field(max_length=100), AfterValidator(_character_set)]
"""The name of a character set, as Python spells it."""

Delimiter = Annotated[str, Field(max_length=10), AfterValidator(_delimiter)]
"""One character that is between two values of a table in text; in the file also `tab`."""

HeaderName = Annotated[str, AfterValidator(_header_name)]
"""The name of an HTTP header."""

HeaderSecret = Annotated[SecretStr, AfterValidator(_header_secret)]
"""A secret that is allowed in a header: printable ASCII."""

HeaderText = Annotated[str, Field(max_length=1000), AfterValidator(_header_text)]
"""A text that is allowed in a header: printable ASCII."""

LoginFields = Annotated[Mapping[Name, SecretStr], BeforeValidator(filled)]
"""Name -> value of the fields of a login, at least one."""

UserName = Annotated[str, AfterValidator(_user_name)]
"""A user name without a colon, which would end it (RFC 7617, section 2)."""
